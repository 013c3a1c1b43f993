/* s3_config.c - credentials, region and endpoint of S3, from the environment and from profiles */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/s3_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "input/remote/ini.h"
#include "input/remote/s3_internal.h"
#include "input/remote/untrusted.h"

/* Of credentials or config: a thousand times their usual size. */
enum { MAX_FILE_BYTES = 1 << 20 };

/* The content of a file and a NUL; empty if it cannot be opened. NULL: no memory. */
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

/* The path of one of the two files; free it. NULL: HOME is not set, or no memory. */
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

/* The value of the first environment variable of a NULL-terminated list that is set and not empty;
 * NULL: none. */
static const char *first_env(const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *value = getenv(*names);
		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

/* The value of an environment variable; NULL: not set, or empty. */
static const char *env(const char *name)
{
	return first_env((const char *const[]){ name, NULL });
}

struct profile_files {
	char *credentials, *config; /* contents */
	char *credentials_path, *config_path;
	const char *profile;
};

/* A copy of the profile's value, from credentials, else from config. NULL: not set. */
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

/* Settings with which other tools request temporary keys from a server. */
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
			       "profile %s gets its keys by %s, which is not supported; set "
			       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (aws configure "
			       "export-credentials --format env)",
			       files->profile, *key);
		return;
	}
	csvr_error_set(
		&s3->missing_keys, CSVR_INVALID_OPTION, 0,
		"no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and profile %s "
		"has no keys in %s; for public data set AWS_NO_SIGN_REQUEST=1",
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
			"%s is set, but %s is not; set both, or neither to use a profile",
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

/* Whether it is scheme, host, port and path only, without user, query or fragment. */
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
				      "invalid region '%.60s'; set AWS_REGION", s3->region);
	if (s3->endpoint == NULL)
		return CSVR_OK;
	if (!is_endpoint(s3->endpoint))
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "AWS_ENDPOINT_URL: invalid value; expected a URL such as "
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
			      "AWS_PROFILE=%.60s: no such profile in %.60s or %.60s",
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
