/* utf8.c - characters of UTF-8, and text of Windows-1252 converted to it */
#include "base/utf8.h"

size_t csvr_utf8_decode(const unsigned char *at, size_t n_bytes, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char lead = at[0];
	*code = lead;
	if (lead < 0x80)
		return 1;
	const size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
	if (n == 0 || lead > 0xF4 || n > n_bytes)
		return 0;
	uint32_t value = lead & (0x7FU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3F);
	}
	if (value < smallest[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*code = value;
	return n;
}

size_t csvr_utf8_encode(uint32_t code, unsigned char *out)
{
	if (code < 0x80) {
		out[0] = (unsigned char)code;
		return 1;
	}
	const size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	for (size_t i = n - 1; i > 0; i--, code >>= 6)
		out[i] = (unsigned char)(0x80 | (code & 0x3F));
	out[0] = (unsigned char)(leads[n] | code);
	return n;
}

bool csvr_is_utf8(const unsigned char *text, size_t n_bytes)
{
	uint32_t ignored;
	for (size_t i = 0, n; i < n_bytes; i += n) {
		n = csvr_utf8_decode(text + i, n_bytes - i, &ignored);
		if (n == 0)
			return false;
	}
	return true;
}

/* ---- Windows-1252 ---- */

/* The characters of bytes 0x80 to 0x9F. All other bytes, and the five that Windows leaves undefined, have the code
 * point of the same number. */
static const uint16_t high_controls[] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

size_t csvr_utf8_from_1252(const unsigned char *text, size_t n_bytes, unsigned char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < n_bytes; i++) {
		const unsigned char byte = text[i];
		const bool is_control = byte >= 0x80 && byte < 0xA0;
		n += csvr_utf8_encode(is_control ? high_controls[byte - 0x80] : byte, out + n);
	}
	return n;
}
