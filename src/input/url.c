/* url.c - the parts of a URL, and the form of it that may be displayed
 *
 * Source   RFC 3986
 */
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
	/* Called for every input, so most paths are rejected quickly. */
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

/* Whether the text before the first slash of a URL contains a colon that does not start a port.
 * Then it contains a password, or the start of one that continues after the slash. */
static bool has_colon(const char *host, size_t n, bool is_s3)
{
	const char *colon = memchr(host, ':', n), *bracket = memchr(host, ']', n);
	if (host[0] == '[' && bracket != NULL &&
	    memchr(host, '@', (size_t)(bracket - host)) == NULL)
		colon = memchr(bracket, ':',
			       n - (size_t)(bracket - host)); /* after the colons of IPv6 */
	if (colon == NULL)
		return false;
	const size_t n_port = n - (size_t)(colon + 1 - host);
	return is_s3 || strspn(colon + 1, "0123456789") < n_port;
}

struct csvr_userinfo csvr_url_userinfo(const char *text, size_t length)
{
	struct csvr_userinfo userinfo = { 0 };
	if (!csvr_is_url(text, length))
		return userinfo;
	const bool is_s3 = csvr_is_s3(text);
	userinfo.start = (size_t)(strstr(text, "://") - text) + 3;
	const char *host = text + userinfo.start;
	const size_t n_host = strcspn(host, is_s3 ? "/" : "/?#");
	const char *from = host, *last = NULL;
	const bool is_split = has_colon(host, n_host, is_s3);
	for (; from < host + n_host || (is_split && *from != '\0'); from++)
		if (*from == '@')
			last = from;
	if (last != NULL)
		userinfo.n_bytes = (size_t)(last + 1 - host);
	/* Bucket names contain no colon, so one after the userinfo is part of a password too. */
	const char *bucket = host + userinfo.n_bytes;
	if (is_s3 && has_colon(bucket, strcspn(bucket, "/"), true))
		userinfo.n_bytes = strlen(host);
	return userinfo;
}

const char csvr_url_redaction[] = "***";

char *csvr_url_redacted(const char *url)
{
	const size_t length = strlen(url);
	const struct csvr_userinfo userinfo = csvr_url_userinfo(url, length);
	/* In the worst case every byte is a separator with a redacted value. */
	char *const redacted = malloc(length * sizeof csvr_url_redaction + 1);
	if (redacted == NULL)
		return NULL;
	memcpy(redacted, url, userinfo.start);
	const char *from = url + userinfo.start + userinfo.n_bytes;
	const bool has_query = csvr_url_path_length(url, length) < length;
	const size_t n_path = has_query ? strcspn(from, "?#") : strlen(from);
	memcpy(redacted + userinfo.start, from, n_path);
	size_t n = userinfo.start + n_path;
	for (from += n_path; *from != '\0';) {
		const char separator = *from++;
		const size_t n_parameter = strcspn(from, separator == '#' ? "" : "&;#");
		const char *equals = memchr(from, '=', n_parameter);
		const size_t n_name = equals != NULL ? (size_t)(equals + 1 - from) : 0;
		redacted[n++] = separator;
		memcpy(redacted + n, from, n_name);
		n += n_name;
		if (n_parameter > n_name)
			n = (size_t)(stpcpy(redacted + n, csvr_url_redaction) - redacted);
		from += n_parameter;
	}
	redacted[n] = '\0';
	return redacted;
}
