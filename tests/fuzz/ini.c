/* ini.c - fuzz target: profiles of the AWS tools, and the requests that they configure
 *
 * Laws  ini.c finds the same values as a slow parser written from the rules of input/remote/ini.h. Settings of
 *       any bytes are an error with a message, or give requests: their headers have no line breaks, their
 *       URLs no blanks, and neither contains the secret key.
 * Input a line with a section, one with a key, one with the URL of an object; the rest is the file
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <ctype.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/serialize.h"
#include "fuzz.h"
#include "input/remote/ini.h"
#include "input/remote/s3_sign.h"
#include "law.h"

/* ---- the slow parser ---- */

enum { MAX_TEXT = 4096 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A copy without blanks around it; free it. */
static char *trimmed(const char *text, size_t n)
{
	while (n > 0 && is_blank(text[0]))
		text++, n--;
	while (n > 0 && is_blank(text[n - 1]))
		n--;
	return strndup(text, n);
}

/* The name between the brackets of a title, without its kind and its quotes. */
static char *name_of(const char *line, const char *kind)
{
	const char *close = strchr(line, ']');
	if (close == NULL)
		return NULL;
	char *title = trimmed(line + 1, (size_t)(close - line - 1));
	const size_t n_kind = kind != NULL ? strlen(kind) : 0;
	if (kind != NULL && strncmp(title, kind, n_kind) == 0 && is_blank(title[n_kind])) {
		char *rest = trimmed(title + n_kind, strlen(title + n_kind));
		free(title);
		title = rest;
	}
	const size_t n = strlen(title);
	if (n >= 2 && (title[0] == '"' || title[0] == '\'') && title[n - 1] == title[0]) {
		memmove(title, title + 1, n - 2);
		title[n - 2] = '\0';
	}
	return title;
}

/* Without a comment, which starts at the start of the value or after a blank. */
static char *value_of(const char *text)
{
	size_t n = strlen(text);
	for (size_t i = n; i-- > 0;)
		if ((text[i] == '#' || text[i] == ';') && (i == 0 || is_blank(text[i - 1])))
			n = i;
	return trimmed(text, n);
}

/* The last value of the key in the section, or NULL; free it. `*has_section`: the section exists. */
static char *find_slowly(const char *text, const char *kind, const char *section, const char *key,
			 bool *has_section)
{
	char *copy = strdup(text), *found = NULL, *rest = copy;
	bool is_in_section = false;
	*has_section = false;
	if (strncmp(rest, "\xef\xbb\xbf", 3) == 0)
		rest += 3;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		char *equals = strchr(line, '=');
		if (is_blank(line[0]) || line[0] == '#' || line[0] == ';')
			continue;
		if (line[0] == '[') {
			char *name = name_of(line, kind);
			is_in_section = name != NULL && strcmp(name, section) == 0;
			*has_section |= is_in_section;
			free(name);
		} else if (is_in_section && equals != NULL) {
			char *name = trimmed(line, (size_t)(equals - line));
			if (strcasecmp(name, key) == 0) {
				free(found);
				found = value_of(equals + 1);
			}
			free(name);
		}
	}
	free(copy);
	return found;
}

static void check_file(const char *text, const char *section, const char *key)
{
	static const char *const kinds[] = { NULL, "profile" };
	for (size_t i = 0; i < 2; i++) {
		size_t n = 0;
		bool has_section;
		char *expected = find_slowly(text, kinds[i], section, key, &has_section);
		const char *value = csvr_ini_find(text, kinds[i], section, key, &n);
		LAW((value == NULL) == (expected == NULL), "[%s] %s: '%s' is expected", section,
		    key, expected != NULL ? expected : "nothing");
		if (value != NULL)
			LAW(n == strlen(expected) && memcmp(value, expected, n) == 0,
			    "[%s] %s: '%s' is expected, not '%.*s'", section, key, expected, (int)n,
			    value);
		LAW(csvr_ini_has(text, kinds[i], section) == has_section, "[%s]", section);
		free(expected);
	}
}

/* ---- requests ---- */

/* Writes the settings to an anonymous file, and sets the variables to its path. */
static void set_file(const char *text)
{
	static int fd = -1;
	if (fd < 0) {
		static const char *const others[] = {
			"AWS_ACCESS_KEY_ID",  "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
			"AWS_REGION",         "AWS_DEFAULT_REGION",    "AWS_ENDPOINT_URL_S3",
			"AWS_ENDPOINT_URL",   "AWS_CA_BUNDLE",         "AWS_NO_SIGN_REQUEST",
			"AWS_DEFAULT_PROFILE"
		};
		for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
			unsetenv(others[i]);
		char path[32];
		fd = memfd_create("config", MFD_CLOEXEC);
		LAW(fd >= 0, "no file");
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
		setenv("AWS_CONFIG_FILE", path, 1);
	}
	LAW(ftruncate(fd, 0) == 0, "cannot truncate the file");
	LAW(pwrite(fd, text, strlen(text), 0) == (ssize_t)strlen(text), "cannot write the file");
}

/* Whether a text contains the secret, if the secret is too long to occur by chance. */
static bool has_text(const char *text, const char *secret)
{
	return secret != NULL && strncmp(secret, "SECRET", 6) == 0 && strlen(secret) > 11 &&
	       strstr(text, secret) != NULL;
}

/* Whether the secret occurs once in the settings: a region may have the same name. */
static bool is_once(const char *text, const char *secret)
{
	const char *first = secret != NULL ? strstr(text, secret) : NULL;
	return first != NULL && strstr(first + 1, secret) == NULL;
}

static void check_request(const struct csvr_s3_request *request, const char *secret)
{
	LAW(request->url != NULL, "no URL");
	for (const char *at = request->url; *at != '\0'; at++)
		LAW((unsigned char)*at > ' ' && *at != 0x7f, "%s", request->url);
	for (size_t i = 0; i < request->n_headers; i++) {
		LAW(strchr(request->headers[i], '\n') == NULL, "%s", request->headers[i]);
		LAW(!has_text(request->headers[i], secret), "%s", request->headers[i]);
	}
}

static void check_requests(const char *text, const char *profile, const char *url)
{
	struct csvr_s3 *s3;
	struct csvr_error error = { 0 };
	bool has_section;
	set_file(text);
	if (profile[0] != '\0')
		setenv("AWS_PROFILE", profile, 1);
	else
		unsetenv("AWS_PROFILE");
	char *secret = find_slowly(text, "profile", profile[0] != '\0' ? profile : "default",
				   "aws_secret_access_key", &has_section);
	if (!is_once(text, secret) || (secret != NULL && strstr(profile, secret) != NULL)) {
		free(secret);
		secret = NULL;
	}
	enum csvr_status status = csvr_s3_new(&s3, &error);
	LAW(status == CSVR_OK || status == CSVR_INVALID_OPTION, "status %d", (int)status);
	LAW((status == CSVR_OK) == (s3 != NULL), "status %d", (int)status);
	if (status == CSVR_OK) {
		struct csvr_s3_request request;
		status = csvr_s3_sign_request(s3, url, NULL, 5, 10, "\"etag\"", 1767270896,
					      &request, &error);
		if (status == CSVR_OK)
			check_request(&request, secret);
		csvr_s3_request_clear(&request);
		csvr_s3_free(s3);
	}
	LAW(status == CSVR_OK || error.message[0] != '\0', "no message");
	LAW(status == CSVR_OK || !has_text(error.message, secret), "%s", error.message);
	free(secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[MAX_TEXT + 1], *rest = text;
	if (size > MAX_TEXT)
		return 0;
	for (size_t i = 0; i < size; i++)
		text[i] = data[i] != '\0' ? (char)data[i] : ' ';
	text[size] = '\0';
	const char *section = strsep(&rest, "\n"), *key = strsep(&rest, "\n");
	const char *url = strsep(&rest, "\n");
	if (rest == NULL)
		return 0;
	check_file(rest, section, key);
	check_requests(rest, section, url);
	return 0;
}
