/* s3.c - who asks, where, and how a request to S3 is signed
 *
 * Why not the signing that libcurl offers
 * - What it makes of queries, of unusual letters in keys, and of the header with the digest of the body
 *   has changed from version to version, and where it differs from the server the answer is a refusal.
 * - Here one encoder makes the url that is sent and the one that is signed, so they cannot differ.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/s3.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "input/inputs.h"
#include "input/remote/ini.h"
#include "input/remote/s3_internal.h"
#include "input/remote/untrusted.h"

/* ---- settings ---- */

enum { MAX_FILE_BYTES = 1 << 20 }; /* of a file of credentials: a thousand times what one has */

/* The text of a file with a NUL behind it; an empty one if there is none. NULL: no memory. */
static char *read_file(const char *path)
{
	enum { BLOCK_BYTES = 4096 };
	FILE *stream = path != NULL ? fopen(path, "r") : NULL;
	struct csvr_encoder text;
	size_t n = stream != NULL;
	csvr_encoder_init(&text);
	while (n > 0 && text.n_bytes < MAX_FILE_BYTES) {
		char bytes[BLOCK_BYTES];
		n = fread(bytes, 1, sizeof bytes, stream);
		csvr_encoder_put_bytes(&text, bytes, n);
	}
	if (stream != NULL)
		fclose(stream);
	csvr_encoder_put_bytes(&text, "", 1);
	if (text.is_out_of_memory)
		csvr_encoder_clear(&text);
	return (char *)text.bytes;
}

/* Where one of the two files is, to be freed; NULL: nobody can tell (or no memory, which is as much). */
static char *profile_path(const char *env, const char *name)
{
	const char *path_given = getenv(env), *home = getenv("HOME");
	char *path = NULL;
	if (path_given != NULL && path_given[0] != '\0')
		return strdup(path_given);
	if (home == NULL || asprintf(&path, "%s/.aws/%s", home, name) < 0)
		return NULL;
	return path;
}

/* The first of some variables that is set and not empty. */
static const char *first_env(const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *value = getenv(*names);
		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

static const char *env(const char *name)
{
	return first_env((const char *const[]){ name, NULL });
}

struct profile_files {
	char *credentials, *config; /* their texts */
	char *credentials_path, *config_path;
	const char *profile;
};

/* A copy of what a profile says, from the credentials first; NULL: nothing. */
static const char *profile_value(struct csvr_s3 *s3, const struct profile_files *files,
				 const char *key)
{
	size_t n = 0;
	const char *value = csvr_ini_find(files->credentials, NULL, files->profile, key, &n);
	if (value == NULL || n == 0)
		value = csvr_ini_find(files->config, "profile", files->profile, key, &n);
	return value != NULL && n > 0 ? csvr_arena_copy(&s3->arena, value, n) : NULL;
}

static const char *copy(struct csvr_s3 *s3, const char *text)
{
	return text != NULL ? csvr_arena_copy(&s3->arena, text, strlen(text)) : NULL;
}

static const char *setting(struct csvr_s3 *s3, const char *text, const struct profile_files *files,
			   const char *key)
{
	return text != NULL ? copy(s3, text) : profile_value(s3, files, key);
}

static bool is_true(const char *value)
{
	return value != NULL && strcasecmp(value, "false") != 0 && strcasecmp(value, "no") != 0 &&
	       strcmp(value, "0") != 0;
}

/* What a profile may tell instead of keys; other tools ask a server for keys then. */
static const char *const indirect_keys[] = { "role_arn",
					     "sso_session",
					     "sso_start_url",
					     "credential_process",
					     "web_identity_token_file",
					     "credential_source",
					     NULL };

static void set_missing_keys_error(struct csvr_s3 *s3, const struct profile_files *files)
{
	for (const char *const *key = indirect_keys; *key != NULL; key++) {
		if (profile_value(s3, files, *key) == NULL)
			continue;
		csvr_error_set(&s3->missing_keys, CSVR_INVALID_OPTION, 0,
			       "profile %s gets its keys by %s, which is not known here; set "
			       "AWS_ACCESS_KEY_ID and the like (aws configure export-credentials "
			       "--format env)",
			       files->profile, *key);
		return;
	}
	csvr_error_set(
		&s3->missing_keys, CSVR_INVALID_OPTION, 0,
		"no credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set, nor "
		"are keys of profile %s in %s; for public data set AWS_NO_SIGN_REQUEST=1",
		files->profile,
		files->credentials_path != NULL ? files->credentials_path : "~/.aws/credentials");
}

static enum csvr_status load_keys(struct csvr_s3 *s3, const struct profile_files *files,
				  struct csvr_error *error)
{
	const char *key_id = env("AWS_ACCESS_KEY_ID");
	const char *secret = env("AWS_SECRET_ACCESS_KEY");
	s3->is_unsigned = is_true(env("AWS_NO_SIGN_REQUEST"));
	if (s3->is_unsigned)
		return CSVR_OK;
	if ((key_id == NULL) != (secret == NULL))
		return csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"%s is set, but %s is not; set both, or none to use a profile",
			key_id != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
			key_id != NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
	if (key_id != NULL) {
		s3->key_id = copy(s3, key_id);
		s3->secret = copy(s3, secret);
		s3->token = copy(s3, env("AWS_SESSION_TOKEN"));
		return CSVR_OK;
	}
	s3->key_id = profile_value(s3, files, "aws_access_key_id");
	s3->secret = profile_value(s3, files, "aws_secret_access_key");
	s3->token = profile_value(s3, files, "aws_session_token");
	if (s3->key_id == NULL || s3->secret == NULL)
		set_missing_keys_error(s3, files);
	return CSVR_OK;
}

/* With nothing in it that could stand for anything else in an url. */
static bool is_endpoint(const char *text)
{
	if (strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0)
		return false;
	const char *host = strstr(text, "://") + 3;
	for (const char *at = host; *at != '\0'; at++)
		if (csvr_is_control(*at) || strchr("@?# ", *at) != NULL)
			return false;
	return host[0] != '\0' && host[0] != '/';
}

bool csvr_s3_is_region(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_")] == '\0';
}

static enum csvr_status load_endpoint(struct csvr_s3 *s3, const struct profile_files *files,
				      struct csvr_error *error)
{
	static const char *const regions[] = { "AWS_REGION", "AWS_DEFAULT_REGION", NULL };
	static const char *const endpoints[] = { "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", NULL };
	s3->region = setting(s3, first_env(regions), files, "region");
	s3->endpoint = setting(s3, first_env(endpoints), files, "endpoint_url");
	s3->ca_bundle = setting(s3, env("AWS_CA_BUNDLE"), files, "ca_bundle");
	if (s3->region == NULL)
		s3->region = copy(s3, "us-east-1");
	if (s3->region != NULL && !csvr_s3_is_region(s3->region))
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "region '%.60s': no region has such a name; set AWS_REGION",
				      s3->region);
	if (s3->endpoint == NULL)
		return CSVR_OK;
	if (!is_endpoint(s3->endpoint))
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "AWS_ENDPOINT_URL: it must be an address such as "
				      "https://host:port, without a password or a query");
	return CSVR_OK;
}

static enum csvr_status check_profile(const struct profile_files *files, struct csvr_error *error)
{
	const bool is_explicit = strcmp(files->profile, "default") != 0;
	if (!is_explicit || csvr_ini_has(files->credentials, NULL, files->profile) ||
	    csvr_ini_has(files->config, "profile", files->profile))
		return CSVR_OK;
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "AWS_PROFILE=%.60s: there is no such profile in %.60s or %.60s",
			      files->profile,
			      files->credentials_path != NULL ? files->credentials_path : "~/.aws",
			      files->config_path != NULL ? files->config_path : "~/.aws/config");
}

static enum csvr_status load_settings(struct csvr_s3 *s3, const struct profile_files *files,
				      struct csvr_error *error)
{
	enum csvr_status status = check_profile(files, error);
	if (status == CSVR_OK)
		status = load_keys(s3, files, error);
	if (status == CSVR_OK)
		status = load_endpoint(s3, files, error);
	return status == CSVR_OK && s3->region == NULL ? csvr_error_set_no_memory(error) : status;
}

enum csvr_status csvr_s3_new(struct csvr_s3 **s3, struct csvr_error *error)
{
	static const char *const profiles[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE", NULL };
	struct profile_files files = { .profile = first_env(profiles) };
	*s3 = calloc(1, sizeof **s3);
	if (*s3 == NULL)
		return csvr_error_set_no_memory(error);
	csvr_arena_init(&(*s3)->arena);
	if (files.profile == NULL)
		files.profile = "default";
	files.credentials_path = profile_path("AWS_SHARED_CREDENTIALS_FILE", "credentials");
	files.config_path = profile_path("AWS_CONFIG_FILE", "config");
	files.credentials = read_file(files.credentials_path);
	files.config = read_file(files.config_path);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (files.credentials == NULL || files.config == NULL)
		csvr_error_set_no_memory(error);
	else
		status = load_settings(*s3, &files, error);
	free(files.credentials);
	free(files.config);
	free(files.credentials_path);
	free(files.config_path);
	if (status != CSVR_OK) {
		csvr_s3_free(*s3);
		*s3 = NULL;
	}
	return status;
}

void csvr_s3_free(struct csvr_s3 *s3)
{
	if (s3 == NULL)
		return;
	csvr_arena_clear(&s3->arena);
	free(s3);
}

const char *csvr_s3_ca_bundle(const struct csvr_s3 *s3)
{
	return s3->ca_bundle;
}

/* ---- urls ---- */

void csvr_url_encode(struct csvr_encoder *out, const char *text, size_t n_bytes, bool keeps_slash)
{
	static const char unreserved[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < n_bytes; i++) {
		const unsigned char c = (unsigned char)text[i];
		const char escape[] = { '%', digits[c >> 4], digits[c & 15] };
		if ((c != '\0' && strchr(unreserved, c) != NULL) || (c == '/' && keeps_slash))
			csvr_encoder_put_bytes(out, &text[i], 1);
		else
			csvr_encoder_put_bytes(out, escape, sizeof escape);
	}
}

bool csvr_s3_split(const char *url, struct csvr_s3_uri *uri)
{
	if (!csvr_is_s3(url))
		return false;
	uri->bucket = url + 5;
	uri->n_bucket = strcspn(uri->bucket, "/");
	uri->key = uri->bucket + uri->n_bucket;
	uri->key += *uri->key == '/';
	return uri->n_bucket > 0;
}

static bool has_suffix(const char *text, size_t length, const char *end)
{
	const size_t n = strlen(end);
	return length >= n && strncasecmp(text + length - n, end, n) == 0;
}

/* Whether a bucket may stand before the name of the host. One with a dot fits no certificate. */
static bool is_dns_bucket(const char *bucket, size_t n)
{
	if (n < 3 || n > 63 || bucket[0] == '-' || bucket[n - 1] == '-')
		return false;
	return strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") >= n;
}

static void append_text(struct csvr_encoder *bytes, const char *text)
{
	csvr_encoder_put_bytes(bytes, text, strlen(text));
}

/* Makes host and path, both with a NUL behind, as they are sent and signed. */
static void build_url(const struct csvr_s3 *s3, const struct csvr_s3_uri *uri,
		      struct csvr_encoder *scheme, struct csvr_encoder *host,
		      struct csvr_encoder *path)
{
	char default_endpoint[128];
	const bool is_china = strncmp(s3->region, "cn-", 3) == 0;
	snprintf(default_endpoint, sizeof default_endpoint, "https://s3.%.60s.amazonaws.com%s",
		 s3->region, is_china ? ".cn" : "");
	const char *endpoint = s3->endpoint != NULL ? s3->endpoint : default_endpoint;
	const char *authority = strstr(endpoint, "://") + 3;
	size_t n_authority = strcspn(authority, "/"), n_base_path = strlen(authority + n_authority);
	const size_t n_domain = strcspn(authority, ":/");
	const bool is_virtual_hosted = (has_suffix(authority, n_domain, ".amazonaws.com") ||
					has_suffix(authority, n_domain, ".amazonaws.com.cn")) &&
				       is_dns_bucket(uri->bucket, uri->n_bucket);
	while (n_base_path > 0 && authority[n_authority + n_base_path - 1] == '/')
		n_base_path--;
	csvr_encoder_put_bytes(scheme, endpoint, (size_t)(authority - endpoint));
	csvr_encoder_put_bytes(scheme, "", 1);
	if (is_virtual_hosted) {
		csvr_encoder_put_bytes(host, uri->bucket, uri->n_bucket);
		append_text(host, ".");
	}
	csvr_encoder_put_bytes(host, authority, n_authority);
	csvr_encoder_put_bytes(host, "", 1);
	csvr_encoder_put_bytes(path, authority + n_authority, n_base_path);
	if (!is_virtual_hosted) {
		append_text(path, "/");
		csvr_url_encode(path, uri->bucket, uri->n_bucket, false);
	}
	append_text(path, "/");
	csvr_url_encode(path, uri->key, strlen(uri->key), true);
	csvr_encoder_put_bytes(path, "", 1);
}

/* ---- the signature ---- */

void csvr_hmac(const void *key, size_t n_key, const void *text, size_t n_text,
	       unsigned char mac[CSVR_SHA256_BYTES])
{
	unsigned char inner[64] = { 0 }, outer[64];
	struct csvr_sha256 sha256;
	if (n_key > sizeof inner) {
		csvr_sha256_init(&sha256);
		csvr_sha256_add(&sha256, key, n_key);
		csvr_sha256_finish(&sha256, inner);
	} else if (n_key > 0) {
		memcpy(inner, key, n_key);
	}
	for (size_t i = 0; i < sizeof inner; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	csvr_sha256_init(&sha256);
	csvr_sha256_add(&sha256, inner, sizeof inner);
	csvr_sha256_add(&sha256, text, n_text);
	csvr_sha256_finish(&sha256, mac);
	csvr_sha256_init(&sha256);
	csvr_sha256_add(&sha256, outer, sizeof outer);
	csvr_sha256_add(&sha256, mac, CSVR_SHA256_BYTES);
	csvr_sha256_finish(&sha256, mac);
}

static const char empty_sha256[] =
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct header_list {
	struct csvr_s3_request *request;
	size_t capacity;
	bool is_out_of_memory;
};

static void add_header(struct header_list *headers, const char *name, const char *value)
{
	struct csvr_s3_request *request = headers->request;
	char *line = NULL;
	char **lines = csvr_array_grow(request->headers, &headers->capacity, request->n_headers + 1,
				       sizeof *lines);
	if (lines != NULL)
		request->headers = lines;
	if (lines == NULL || asprintf(&line, "%s: %s", name, value) < 0) {
		headers->is_out_of_memory = true;
		return;
	}
	lines[request->n_headers++] = line;
}

/* Names of the headers that are signed, and "name:value" lines, in the order of the alphabet. */
struct signed_headers {
	struct csvr_encoder names, lines;
};

static void add_signed_header(struct signed_headers *signed_headers, const char *name,
			      const char *value)
{
	if (signed_headers->names.n_bytes > 0)
		append_text(&signed_headers->names, ";");
	append_text(&signed_headers->names, name);
	append_text(&signed_headers->lines, name);
	append_text(&signed_headers->lines, ":");
	append_text(&signed_headers->lines, value);
	append_text(&signed_headers->lines, "\n");
}

/* The digest of the whole request, in hexadecimal. */
static void hash_request(const char *path, const char *query,
			 const struct signed_headers *signed_headers, struct csvr_encoder *scratch,
			 char hex[CSVR_SHA256_TEXT_BYTES])
{
	unsigned char bytes[CSVR_SHA256_BYTES];
	struct csvr_sha256 sha256;
	append_text(scratch, "GET\n");
	append_text(scratch, path);
	append_text(scratch, "\n");
	append_text(scratch, query != NULL ? query : "");
	append_text(scratch, "\n");
	csvr_encoder_put_bytes(scratch, signed_headers->lines.bytes, signed_headers->lines.n_bytes);
	append_text(scratch, "\n");
	csvr_encoder_put_bytes(scratch, signed_headers->names.bytes, signed_headers->names.n_bytes);
	append_text(scratch, "\n");
	append_text(scratch, empty_sha256);
	csvr_sha256_init(&sha256);
	csvr_sha256_add(&sha256, scratch->bytes, scratch->n_bytes);
	csvr_sha256_finish(&sha256, bytes);
	csvr_sha256_text(bytes, hex);
}

/* `date` is YYYYMMDD and then Thhmmssz. */
static void compute_signature(const struct csvr_s3 *s3, const char *date, const char *scope,
			      const char request[CSVR_SHA256_TEXT_BYTES],
			      struct csvr_encoder *scratch, char hex[CSVR_SHA256_TEXT_BYTES])
{
	unsigned char key[CSVR_SHA256_BYTES];
	scratch->n_bytes = 0;
	append_text(scratch, "AWS4");
	append_text(scratch, s3->secret);
	csvr_hmac(scratch->bytes, scratch->n_bytes, date, 8, key);
	csvr_hmac(key, sizeof key, s3->region, strlen(s3->region), key);
	csvr_hmac(key, sizeof key, "s3", 2, key);
	csvr_hmac(key, sizeof key, "aws4_request", 12, key);
	scratch->n_bytes = 0;
	append_text(scratch, "AWS4-HMAC-SHA256\n");
	append_text(scratch, date);
	append_text(scratch, "\n");
	append_text(scratch, scope);
	append_text(scratch, "\n");
	append_text(scratch, request);
	csvr_hmac(key, sizeof key, scratch->bytes, scratch->n_bytes, key);
	csvr_sha256_text(key, hex);
}

/* Adds the headers of a signature. */
static void add_signature(const struct csvr_s3 *s3, const char *host, const char *path,
			  const char *query, const char *range, int64_t now_s,
			  struct header_list *headers)
{
	struct signed_headers signed_headers;
	struct csvr_encoder scratch;
	char date[32], scope[128], request[CSVR_SHA256_TEXT_BYTES],
		signature[CSVR_SHA256_TEXT_BYTES];
	char *authorization = NULL;
	struct tm utc;
	const time_t now = (time_t)now_s;
	csvr_encoder_init(&signed_headers.names);
	csvr_encoder_init(&signed_headers.lines);
	csvr_encoder_init(&scratch);
	gmtime_r(&now, &utc);
	strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", &utc);
	snprintf(scope, sizeof scope, "%.8s/%.60s/s3/aws4_request", date, s3->region);
	add_signed_header(&signed_headers, "host", host);
	if (range[0] != '\0')
		add_signed_header(&signed_headers, "range", range);
	add_signed_header(&signed_headers, "x-amz-content-sha256", empty_sha256);
	add_signed_header(&signed_headers, "x-amz-date", date);
	if (s3->token != NULL)
		add_signed_header(&signed_headers, "x-amz-security-token", s3->token);
	hash_request(path, query, &signed_headers, &scratch, request);
	compute_signature(s3, date, scope, request, &scratch, signature);
	csvr_encoder_put_bytes(&signed_headers.names, "", 1);
	const bool ok = !signed_headers.names.is_out_of_memory &&
			!signed_headers.lines.is_out_of_memory && !scratch.is_out_of_memory &&
			asprintf(&authorization,
				 "AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,"
				 "Signature=%s",
				 s3->key_id, scope, (const char *)signed_headers.names.bytes,
				 signature) >= 0;
	headers->is_out_of_memory |= !ok;
	add_header(headers, "x-amz-content-sha256", empty_sha256);
	add_header(headers, "x-amz-date", date);
	if (s3->token != NULL)
		add_header(headers, "x-amz-security-token", s3->token);
	if (ok)
		add_header(headers, "Authorization", authorization);
	if (ok)
		free(authorization);
	csvr_encoder_clear(&signed_headers.names);
	csvr_encoder_clear(&signed_headers.lines);
	csvr_encoder_clear(&scratch);
}

/* ---- one attempt ---- */

static void build_request(const struct csvr_s3 *s3, const struct csvr_s3_uri *uri,
			  const char *query, const char *range, const char *etag, int64_t now_s,
			  struct header_list *headers)
{
	struct csvr_encoder scheme, host, path;
	csvr_encoder_init(&scheme);
	csvr_encoder_init(&host);
	csvr_encoder_init(&path);
	build_url(s3, uri, &scheme, &host, &path);
	if (scheme.is_out_of_memory || host.is_out_of_memory || path.is_out_of_memory) {
		headers->is_out_of_memory = true;
	} else {
		const char *host_text = (const char *)host.bytes,
			   *path_text = (const char *)path.bytes;
		if (asprintf(&headers->request->url, "%s%s%s%s%s", (const char *)scheme.bytes,
			     host_text, path_text, query != NULL ? "?" : "",
			     query != NULL ? query : "") < 0) {
			headers->request->url = NULL;
			headers->is_out_of_memory = true;
		}
		add_header(headers, "Host", host_text);
		if (range[0] != '\0')
			add_header(headers, "Range", range);
		if (etag[0] != '\0' && strncmp(etag, "W/", 2) != 0)
			add_header(headers, "If-Match", etag);
		if (!s3->is_unsigned)
			add_signature(s3, host_text, path_text, query, range, now_s, headers);
	}
	csvr_encoder_clear(&scheme);
	csvr_encoder_clear(&host);
	csvr_encoder_clear(&path);
}

enum csvr_status csvr_s3_sign_request(const struct csvr_s3 *s3, const char *url, const char *query,
				      uint64_t begin, uint64_t n_bytes, const char *etag,
				      int64_t now_s, struct csvr_s3_request *request,
				      struct csvr_error *error)
{
	struct csvr_s3_uri uri;
	char range[64] = "";
	*request = (struct csvr_s3_request){ 0 };
	struct header_list headers = { .request = request };
	if (!csvr_s3_split(url, &uri))
		return csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"names no bucket; write s3://BUCKET/KEY or s3://BUCKET/PREFIX/");
	/* A listing is of the bucket, whatever the url goes on with. */
	if (query != NULL)
		uri.key = "";
	if (!s3->is_unsigned && (s3->key_id == NULL || s3->secret == NULL)) {
		if (error != NULL)
			*error = s3->missing_keys;
		return s3->missing_keys.status;
	}
	if (n_bytes > 0)
		snprintf(range, sizeof range, "bytes=%" PRIu64 "-%" PRIu64, begin,
			 begin + n_bytes - 1);
	build_request(s3, &uri, query, range, etag, now_s, &headers);
	if (!headers.is_out_of_memory)
		return CSVR_OK;
	csvr_s3_request_clear(request);
	return csvr_error_set_no_memory(error);
}

void csvr_s3_request_clear(struct csvr_s3_request *request)
{
	for (size_t i = 0; i < request->n_headers; i++)
		free(request->headers[i]);
	free(request->headers);
	free(request->url);
	*request = (struct csvr_s3_request){ 0 };
}
