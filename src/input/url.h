/* url.h - what an url consists of, and how it is shown */
#ifndef CSVR_INPUT_URL_H
#define CSVR_INPUT_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* Whether it is an url (s3://, http://, https://), and not a path. */
bool csvr_is_url(const char *text, size_t length);

/* Whether an url is one of S3, and not of http. */
static inline bool csvr_is_s3(const char *url)
{
	return strncasecmp(url, "s3://", 5) == 0;
}

/* Where in an url user and password stand, with the @ behind them (or to its end, where a password has
 * no end); n_bytes 0: none do. */
struct csvr_userinfo {
	size_t start, n_bytes;
};
struct csvr_userinfo csvr_url_userinfo(const char *text, size_t length);

/* An url as it may be shown and saved, to be freed: without user and password, and with csvr_url_redaction
 * for each value in its query, which may be a signature or a token. Anything else stays as it is.
 * NULL: no memory. */
char *csvr_url_redacted(const char *url);
extern const char csvr_url_redaction[];

/* Of an url: up to its query and fragment, which name no file. Keys in S3 may have any bytes. */
size_t csvr_url_path_length(const char *path, size_t length);

#endif
