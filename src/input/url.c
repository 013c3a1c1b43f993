/* url.c - what an url consists of, and how it is shown */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool csvr_is_url(const char *text, size_t length)
{
	static const char *const schemes[] = { "s3://", "http://", "https://" };
	/* Asked about every input there is. */
	if (length < 5 || memchr(text, ':', length < 6 ? length : 6) == NULL)
		return false;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (length >= strlen(schemes[i]) &&
		    strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

size_t csvr_url_path_length(const char *path, size_t length)
{
	if (!csvr_is_url(path, length) || csvr_is_s3(path))
		return length;
	size_t n = 0;
	while (n < length && path[n] != '?' && path[n] != '#')
		n++;
	return n;
}

/* Whether what stands before the first slash of an url has a colon that begins no port: a password, or
 * the beginning of one that goes on behind the slash. */
static bool has_colon(const char *host, size_t n, bool is_s3)
{
	const char *at = memchr(host, ':', n), *close = memchr(host, ']', n);
	if (host[0] == '[' && close != NULL && memchr(host, '@', (size_t)(close - host)) == NULL)
		at = memchr(close, ':', n - (size_t)(close - host)); /* behind the colons of IPv6 */
	if (at == NULL)
		return false;
	const size_t n_port = n - (size_t)(at + 1 - host);
	return is_s3 || strspn(at + 1, "0123456789") < n_port;
}

struct csvr_userinfo csvr_url_userinfo(const char *text, size_t length)
{
	struct csvr_userinfo login = { 0 };
	if (!csvr_is_url(text, length))
		return login;
	const bool is_s3 = csvr_is_s3(text);
	login.start = (size_t)(strstr(text, "://") - text) + 3;
	const char *host = text + login.start;
	const size_t n_host = strcspn(host, is_s3 ? "/" : "/?#");
	const char *from = host, *last = NULL;
	const bool is_split = has_colon(host, n_host, is_s3);
	for (; from < host + n_host || (is_split && *from != '\0'); from++)
		if (*from == '@')
			last = from;
	if (last != NULL)
		login.n_bytes = (size_t)(last + 1 - host);
	/* No bucket has a colon in its name: behind a login it is of a password, too. */
	const char *bucket = host + login.n_bytes;
	if (is_s3 && has_colon(bucket, strcspn(bucket, "/"), true))
		login.n_bytes = strlen(host);
	return login;
}

const char csvr_url_redaction[] = "***";

char *csvr_url_redacted(const char *url)
{
	const size_t length = strlen(url);
	const struct csvr_userinfo login = csvr_url_userinfo(url, length);
	/* At most each byte stands for a value, with the sign before it. */
	char *const shown = malloc(length * sizeof csvr_url_redaction + 1);
	if (shown == NULL)
		return NULL;
	memcpy(shown, url, login.start);
	const char *from = url + login.start + login.n_bytes;
	const bool has_query = csvr_url_path_length(url, length) < length;
	const size_t n_place = has_query ? strcspn(from, "?#") : strlen(from);
	memcpy(shown + login.start, from, n_place);
	size_t n = login.start + n_place;
	for (from += n_place; *from != '\0';) {
		const char sign = *from++;
		const size_t n_part = strcspn(from, sign == '#' ? "" : "&;#");
		const char *equals = memchr(from, '=', n_part);
		const size_t n_name = equals != NULL ? (size_t)(equals + 1 - from) : 0;
		shown[n++] = sign;
		memcpy(shown + n, from, n_name);
		n += n_name;
		if (n_part > n_name)
			n = (size_t)(stpcpy(shown + n, csvr_url_redaction) - shown);
		from += n_part;
	}
	shown[n] = '\0';
	return shown;
}
