/* ini.h - the files credentials and config of the tools for S3
 *
 * Shape    [section], then lines `key = value`. Comments begin with # or ; at the beginning of a line or
 *          behind a space. A line that begins with a space belongs to a value of several lines, which
 *          nothing here asks for, and is skipped. Of equal keys the last counts.
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_INI_H
#define CSVR_INPUT_REMOTE_INI_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there is a section: "name", or with a `kind` also "kind name"; spaces between and quotes around
 * the name do not matter. */
bool csvr_ini_has(const char *text, const char *kind, const char *section);

/* The value of `key`, in upper or lower case, in a section; NULL: there is none. It is `*n_bytes` of
 * `text`, without spaces around; it may be empty. */
const char *csvr_ini_find(const char *text, const char *kind, const char *section, const char *key,
			  size_t *n_bytes);

#endif
