/* ini.h - parses the files credentials and config of the AWS tools
 *
 * Shape    [section], then lines `key = value`. Comments start with # or ; at the start of a line or after
 *          a space. A line that starts with a space continues a value of several lines, which no
 *          setting used here has, so it is skipped. The last of equal keys wins.
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_INI_H
#define CSVR_INPUT_REMOTE_INI_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a section [name] exists, or, with a `kind`, a section [kind name]. Spaces between them and quotes
 * around the name are ignored. */
bool csvr_ini_has(const char *text, const char *kind, const char *section);

/* The value of `key` (ignoring case) in a section. NULL: not set. The value is `*n_bytes` of `text`,
 * without spaces around it; it may be empty. */
const char *csvr_ini_find(const char *text, const char *kind, const char *section, const char *key,
			  size_t *n_bytes);

#endif
