/* notation.h - the bytes of a saved state written as text
 *
 * Seeds are text, so that a fuzzer changes fields instead of bytes inside numbers:
 *
 *	17		a whole number, of up to 256 bits
 *	+5 -5		a signed one, of up to 127 bits
 *	=1.5		a double
 *	"a\x0a"		a text: its length and its bytes
 *	:0a0bff		bytes as they are
 *	; to the end of the line is a comment
 *	/		ends the state; another one follows
 *
 * Other characters are separators. tests/fuzz/state_text.py converts a state to this notation.
 *
 * Source   doc/state-format.md
 */
#ifndef CSVR_TESTS_FUZZ_NOTATION_H
#define CSVR_TESTS_FUZZ_NOTATION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/serialize.h"

struct fuzz_text {
	const uint8_t *at, *end;
};

static inline bool fuzz_is_digit(const struct fuzz_text *text)
{
	return text->at < text->end && *text->at >= '0' && *text->at <= '9';
}

/* Parses a hexadecimal digit; -1 if there is none. */
static inline int fuzz_hex(struct fuzz_text *text)
{
	const int c = text->at < text->end ? *text->at | 0x20 : 0;
	const int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
	text->at += value >= 0;
	return value;
}

/* Parses a number modulo 2^256, lowest word first. */
static inline void fuzz_number(struct fuzz_text *text, uint64_t word[4])
{
	memset(word, 0, 4 * sizeof *word);
	for (; fuzz_is_digit(text); text->at++) {
		unsigned __int128 carry = (unsigned)(*text->at - '0');
		for (size_t i = 0; i < 4; i++) {
			carry += (unsigned __int128)word[i] * 10;
			word[i] = (uint64_t)carry;
			carry >>= 64;
		}
	}
}

/* Encodes 7 bits per byte; a separate implementation, so that the code under test does not encode its own
 * input. */
static inline void fuzz_put_number(struct csvr_encoder *out, uint64_t word[4])
{
	for (bool is_more = true; is_more;) {
		unsigned char group = (unsigned char)(word[0] & 0x7f);
		for (size_t i = 0; i < 4; i++)
			word[i] = word[i] >> 7 | (i < 3 ? word[i + 1] << 57 : 0);
		is_more = (word[0] | word[1] | word[2] | word[3]) != 0;
		group = (unsigned char)(group | (is_more ? 0x80 : 0));
		csvr_encoder_put_bytes(out, &group, 1);
	}
}

static inline void fuzz_put_signed(struct csvr_encoder *out, struct fuzz_text *text,
				   bool is_negative)
{
	uint64_t word[4];
	fuzz_number(text, word);
	unsigned __int128 value = (unsigned __int128)word[1] << 64 | word[0];
	value = is_negative && value > 0 ? (value - 1) << 1 | 1 : value << 1;
	word[0] = (uint64_t)value;
	word[1] = (uint64_t)(value >> 64);
	word[2] = word[3] = 0;
	fuzz_put_number(out, word);
}

static inline void fuzz_put_double(struct csvr_encoder *out, struct fuzz_text *text)
{
	char digits[64];
	size_t n = 0;
	while (text->at<text->end && * text->at> ' ' && n + 1 < sizeof digits)
		digits[n++] = (char)*text->at++;
	digits[n] = '\0';
	const double value = strtod(digits, NULL);
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	for (int i = 0; i < 8; i++)
		csvr_encoder_put_bytes(out, &(unsigned char){ (unsigned char)(bits >> 8 * i) }, 1);
}

/* `text` starts after the quote. */
static inline void fuzz_put_text(struct csvr_encoder *out, struct fuzz_text *text)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	while (text->at < text->end && *text->at != '"') {
		unsigned char c = *text->at++;
		if (c == '\\' && text->at < text->end) {
			c = *text->at++;
			if (c == 'x') {
				const int high = fuzz_hex(text), low = fuzz_hex(text);
				c = (unsigned char)((high < 0 ? 0 : high) * 16 +
						    (low < 0 ? 0 : low));
			}
		}
		csvr_encoder_put_bytes(&bytes, &c, 1);
	}
	text->at += text->at < text->end;
	fuzz_put_number(out, (uint64_t[4]){ bytes.n_bytes });
	csvr_encoder_put_bytes(out, bytes.bytes, bytes.n_bytes);
	csvr_encoder_clear(&bytes);
}

/* Appends the bytes of the notation up to a slash and skips the slash; false at the end of the text. */
static inline bool fuzz_note(struct fuzz_text *text, struct csvr_encoder *out)
{
	const bool has_text = text->at < text->end;
	while (text->at < text->end) {
		const uint8_t c = *text->at;
		if (fuzz_is_digit(text)) {
			uint64_t word[4];
			fuzz_number(text, word);
			fuzz_put_number(out, word);
			continue;
		}
		text->at++;
		if (c == '/')
			break;
		if (c == '+' || c == '-')
			fuzz_put_signed(out, text, c == '-');
		else if (c == '=')
			fuzz_put_double(out, text);
		else if (c == '"')
			fuzz_put_text(out, text);
		else if (c == ';')
			while (text->at < text->end && *text->at != '\n')
				text->at++;
		else if (c == ':')
			for (int high, low;
			     (high = fuzz_hex(text)) >= 0 && (low = fuzz_hex(text)) >= 0;)
				csvr_encoder_put_bytes(out,
						       &(unsigned char){
							       (unsigned char)(high * 16 + low) },
						       1);
	}
	return has_text;
}

#endif
