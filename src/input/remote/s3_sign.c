/* s3_sign.c - GET requests to S3, signed with AWS Signature Version 4
 *
 * Why not libcurl's own signing (CURLOPT_AWS_SIGV4)
 * - How it encodes queries and unusual characters in keys, and whether it sends the digest of the body,
 *   differs between versions; a server rejects a signature that differs from its own.
 * - Here one encoder builds the URL that is sent and the one that is signed, so they cannot differ.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/s3_sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "input/inputs.h"
#include "input/remote/s3_internal.h"

/* ---- URLs ---- */

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

/* Whether a bucket may be part of the host name. A wildcard certificate does not match one with a dot. */
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

/* Builds scheme, host and path, each with a NUL, as they are sent and signed. */
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

/* ---- signature ---- */

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

/* The names of the signed headers, and their "name:value" lines, in alphabetical order. */
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

/* The digest of the canonical request, in hexadecimal. */
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

/* `date` is YYYYMMDDThhmmssZ. */
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

/* Adds the signature and the other headers that it requires. */
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

/* ---- request ---- */

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
	/* A listing addresses the bucket; the key of the URL is a parameter of the query. */
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
