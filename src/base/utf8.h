/* utf8.h - characters of UTF-8, and text of Windows-1252 converted to it
 *
 * Shape    well-formed as in Unicode: no overlong forms, no surrogates, nothing above U+10FFFF
 * Errors   none: bytes that are not well-formed are a result
 * Threads  pure
 * Source   Windows-1252: the index of the WHATWG Encoding Standard, which has a character for each of the 256 bytes
 */
#ifndef CSVR_BASE_UTF8_H
#define CSVR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the well-formed sequence at `at`, of `n_bytes` (at least 1), and its code point. 0: there is none,
 * and `*code` is the byte. */
size_t csvr_utf8_decode(const unsigned char *at, size_t n_bytes, uint32_t *code);

/* Writes a code point, which is not a surrogate; returns the number of bytes, at most CSVR_UTF8_BYTES. */
enum { CSVR_UTF8_BYTES = 4 };
size_t csvr_utf8_encode(uint32_t code, unsigned char *out);

bool csvr_is_utf8(const unsigned char *text, size_t n_bytes);

/* Converts `n_bytes` of Windows-1252; returns the number of bytes written, at most CSVR_1252_FACTOR for each. */
enum { CSVR_1252_FACTOR = 3 };
size_t csvr_utf8_from_1252(const unsigned char *text, size_t n_bytes, unsigned char *out);

#endif
