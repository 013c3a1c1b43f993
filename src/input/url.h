/* url.h - the parts of a URL, and the form of it that may be displayed
 *
 * Shape    URLs are s3://, http:// and https:// (RFC 3986); anything else is a path
 * Errors   none but NULL for no memory
 * Threads  pure
 */
#ifndef CSVR_INPUT_URL_H
#define CSVR_INPUT_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* Whether `text` is a URL. */
bool csvr_is_url(const char *text, size_t length);

/* Whether a URL is an s3:// one. */
static inline bool csvr_is_s3(const char *url)
{
	return strncasecmp(url, "s3://", 5) == 0;
}

/* The userinfo (user and password) of a URL, with its "@"; if a password has no end it extends
 * to the end of the URL. n_bytes 0: none. */
struct csvr_userinfo {
	size_t start, n_bytes;
};
struct csvr_userinfo csvr_url_userinfo(const char *text, size_t length);

/* A copy of the URL that may be displayed and saved, to be freed: without userinfo, and with
 * csvr_url_redaction in place of each query value, which may be a signature or a token. Text
 * that is not a URL is copied unchanged. NULL: no memory. */
char *csvr_url_redacted(const char *url);
extern const char csvr_url_redaction[];

/* Length of a URL without query and fragment. S3 keys may contain any character, so for them and
 * for paths it is `length`. */
size_t csvr_url_path_length(const char *path, size_t length);

#endif
