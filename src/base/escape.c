/* escape.c - names as text, escaped for an output format */
#include "base/escape.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

static const char ellipsis[] = "\xE2\x80\xA6";

/* ---- characters ---- */

struct range {
	uint32_t first, last;
};

/* Escaped: control characters, characters that reorder text (bidi), invisible characters. The zero-width
 * joiner and non-joiner are kept, since scripts and emoji need them. */
static const struct range unsafe[] = {
	{ 0x00, 0x1F },     { 0x7F, 0x9F },     { 0xAD, 0xAD },     { 0x61C, 0x61C },
	{ 0x180E, 0x180E }, { 0x200B, 0x200B }, { 0x200E, 0x200F }, { 0x2028, 0x202E },
	{ 0x2060, 0x206F }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB }, { 0xE0000, 0xE007F },
};

/* Combining marks of the scripts that are common in headers. If one is missing here, a line of a table is
 * misaligned. */
static const struct range zero_width[] = {
	{ 0x300, 0x36F },   { 0x483, 0x489 },   { 0x591, 0x5BD },     { 0x5BF, 0x5BF },
	{ 0x5C1, 0x5C2 },   { 0x5C4, 0x5C5 },   { 0x5C7, 0x5C7 },     { 0x610, 0x61A },
	{ 0x64B, 0x65F },   { 0x670, 0x670 },   { 0x6D6, 0x6DC },     { 0x6DF, 0x6E4 },
	{ 0x6E7, 0x6E8 },   { 0x6EA, 0x6ED },   { 0x8D3, 0x8E1 },     { 0x8E3, 0x902 },
	{ 0x93A, 0x93A },   { 0x93C, 0x93C },   { 0x941, 0x948 },     { 0x94D, 0x94D },
	{ 0x951, 0x957 },   { 0x962, 0x963 },   { 0xE31, 0xE31 },     { 0xE34, 0xE3A },
	{ 0xE47, 0xE4E },   { 0x1160, 0x11FF }, { 0x1AB0, 0x1AFF },   { 0x1DC0, 0x1DFF },
	{ 0x200C, 0x200D }, { 0x20D0, 0x20F0 }, { 0x302A, 0x302D },   { 0x3099, 0x309A },
	{ 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F }, { 0xE0100, 0xE01EF },
};

/* East Asian Wide and Fullwidth, and emoji shown as pictures (Unicode, EastAsianWidth.txt), with
 * neighbouring ranges joined where the code points between them are unassigned. */
static const struct range double_width[] = {
	{ 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x2329, 0x232A },   { 0x23E9, 0x23EC },
	{ 0x23F0, 0x23F0 },   { 0x23F3, 0x23F3 },   { 0x25FD, 0x25FE },   { 0x2614, 0x2615 },
	{ 0x2648, 0x2653 },   { 0x267F, 0x267F },   { 0x2693, 0x2693 },   { 0x26A1, 0x26A1 },
	{ 0x26AA, 0x26AB },   { 0x26BD, 0x26BE },   { 0x26C4, 0x26C5 },   { 0x26CE, 0x26CE },
	{ 0x26D4, 0x26D4 },   { 0x26EA, 0x26EA },   { 0x26F2, 0x26F3 },   { 0x26F5, 0x26F5 },
	{ 0x26FA, 0x26FA },   { 0x26FD, 0x26FD },   { 0x2705, 0x2705 },   { 0x270A, 0x270B },
	{ 0x2728, 0x2728 },   { 0x274C, 0x274C },   { 0x274E, 0x274E },   { 0x2753, 0x2755 },
	{ 0x2757, 0x2757 },   { 0x2795, 0x2797 },   { 0x27B0, 0x27B0 },   { 0x27BF, 0x27BF },
	{ 0x2B1B, 0x2B1C },   { 0x2B50, 0x2B50 },   { 0x2B55, 0x2B55 },   { 0x2E80, 0x303E },
	{ 0x3041, 0x3247 },   { 0x3250, 0x4DBF },   { 0x4E00, 0xA4CF },   { 0xA960, 0xA97C },
	{ 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE10, 0xFE19 },   { 0xFE30, 0xFE6F },
	{ 0xFF01, 0xFF60 },   { 0xFFE0, 0xFFE6 },   { 0x16FE0, 0x18CD5 }, { 0x1B000, 0x1B2FB },
	{ 0x1F004, 0x1F004 }, { 0x1F0CF, 0x1F0CF }, { 0x1F18E, 0x1F18E }, { 0x1F191, 0x1F19A },
	{ 0x1F200, 0x1F265 }, { 0x1F300, 0x1F320 }, { 0x1F32D, 0x1F335 }, { 0x1F337, 0x1F37C },
	{ 0x1F37E, 0x1F393 }, { 0x1F3A0, 0x1F3CA }, { 0x1F3CF, 0x1F3D3 }, { 0x1F3E0, 0x1F3F0 },
	{ 0x1F3F4, 0x1F3F4 }, { 0x1F3F8, 0x1F43E }, { 0x1F440, 0x1F440 }, { 0x1F442, 0x1F4FC },
	{ 0x1F4FF, 0x1F53D }, { 0x1F54B, 0x1F567 }, { 0x1F57A, 0x1F57A }, { 0x1F595, 0x1F596 },
	{ 0x1F5A4, 0x1F5A4 }, { 0x1F5FB, 0x1F64F }, { 0x1F680, 0x1F6C5 }, { 0x1F6CC, 0x1F6CC },
	{ 0x1F6D0, 0x1F6DF }, { 0x1F6EB, 0x1F6EC }, { 0x1F6F4, 0x1F6FC }, { 0x1F7E0, 0x1F7F0 },
	{ 0x1F90C, 0x1F93A }, { 0x1F93C, 0x1F945 }, { 0x1F947, 0x1F9FF }, { 0x1FA70, 0x1FAFF },
	{ 0x20000, 0x3FFFD },
};

static bool is_within(uint32_t code, const struct range *ranges, size_t n_ranges)
{
	size_t low = 0;
	while (n_ranges > 0) { /* the range, if any, is among low .. low + n_ranges - 1 */
		const size_t half = n_ranges / 2;
		const struct range *range = &ranges[low + half];
		if (code > range->last) {
			low += half + 1;
			n_ranges -= half + 1;
		} else if (code < range->first) {
			n_ranges = half;
		} else {
			return true;
		}
	}
	return false;
}

#define IS_WITHIN(code, ranges) is_within(code, ranges, sizeof(ranges) / sizeof(ranges)[0])

const char *csvr_escape_next(const char *at, const char *end, struct csvr_escaped_char *escaped)
{
	const size_t n = csvr_utf8_decode((const unsigned char *)at, (size_t)(end - at),
					  &escaped->code);
	escaped->is_valid = n > 0;
	escaped->is_safe = escaped->is_valid && !IS_WITHIN(escaped->code, unsafe);
	if (escaped->is_safe) {
		memcpy(escaped->text, at, n);
		escaped->n_bytes = (uint8_t)n;
		escaped->width = escaped->code < 0x300                    ? 1
				 : IS_WITHIN(escaped->code, zero_width)   ? 0
				 : IS_WITHIN(escaped->code, double_width) ? 2
									  : 1;
		return at + n;
	}
	const char *form = !escaped->is_valid || escaped->code < 0x80 ? "\\x%02X" : "\\u{%04X}";
	escaped->n_bytes = (uint8_t)snprintf(escaped->text, sizeof escaped->text, form,
					     (unsigned)escaped->code);
	escaped->width = escaped->n_bytes;
	return at + (n > 0 ? n : 1);
}

size_t csvr_escape_width(const char *name, size_t n_bytes)
{
	size_t width = 0;
	struct csvr_escaped_char escaped;
	for (const char *at = name, *end = name + n_bytes; at < end;) {
		at = csvr_escape_next(at, end, &escaped);
		width += escaped.width;
	}
	return width;
}

/* The end of the longest head of a name that fits into `room`, and its width. */
static const char *find_head(const char *at, const char *end, size_t room, size_t *width)
{
	struct csvr_escaped_char escaped;
	*width = 0;
	while (at < end) {
		const char *next = csvr_escape_next(at, end, &escaped);
		if (escaped.width > room - *width)
			break;
		*width += escaped.width;
		at = next;
	}
	return at;
}

/* The start of the longest tail of a name that fits into `room`; `*width` is the width of the name, then
 * that of the tail. */
static const char *find_tail(const char *at, const char *end, size_t room, size_t *width)
{
	struct csvr_escaped_char escaped;
	while (at < end) {
		const char *next = csvr_escape_next(at, end, &escaped);
		/* A character without width belongs to the one before it, which is cut off. */
		if (*width <= room && escaped.width > 0)
			break;
		*width -= escaped.width;
		at = next;
	}
	return at;
}

struct csvr_cut csvr_escape_cut(const char *name, size_t n_bytes, size_t max_width,
				size_t tail_width)
{
	const char *end = name + n_bytes;
	size_t tail = csvr_escape_width(name, n_bytes), head;
	if (tail <= max_width)
		return (struct csvr_cut){ .head_bytes = n_bytes, .width = tail };
	const char *head_end = find_head(name, end, max_width - 1 - tail_width, &head);
	const char *tail_start = find_tail(name, end, tail_width, &tail);
	return (struct csvr_cut){ .head_bytes = (size_t)(head_end - name),
				  .tail_bytes = (size_t)(end - tail_start),
				  .width = head + 1 + tail };
}

static void write_escaped(FILE *stream, const char *at, const char *end)
{
	struct csvr_escaped_char escaped;
	while (at < end) {
		at = csvr_escape_next(at, end, &escaped);
		fwrite(escaped.text, 1, escaped.n_bytes, stream);
	}
}

void csvr_escape_write_cut(FILE *stream, const char *name, size_t n_bytes,
			   const struct csvr_cut *cut)
{
	const char *end = name + n_bytes;
	write_escaped(stream, name, name + cut->head_bytes);
	if (cut->head_bytes == n_bytes)
		return;
	fputs(ellipsis, stream);
	write_escaped(stream, end - cut->tail_bytes, end);
}

void csvr_escape_shortened(FILE *stream, const char *name, size_t n_bytes, size_t max_width)
{
	struct csvr_cut cut = { .head_bytes = n_bytes };
	if (max_width > 0)
		cut = csvr_escape_cut(name, n_bytes, max_width, (max_width - 1) / 2);
	csvr_escape_write_cut(stream, name, n_bytes, &cut);
}

size_t csvr_escape_head(const char *text, size_t n_bytes, size_t max_width, char *head,
			size_t capacity)
{
	size_t width = 0, n = 0;
	size_t cut_width = 0, n_cut = 0; /* as much as leaves room for the ellipsis */
	struct csvr_escaped_char escaped;
	for (const char *at = text, *end = text + n_bytes; at < end;) {
		at = csvr_escape_next(at, end, &escaped);
		if (escaped.width > max_width - width || escaped.n_bytes >= capacity - n) {
			memcpy(head + n_cut, ellipsis, sizeof ellipsis);
			return cut_width + 1;
		}
		memcpy(head + n, escaped.text, escaped.n_bytes);
		n += escaped.n_bytes;
		width += escaped.width;
		if (width < max_width && n + sizeof ellipsis <= capacity) {
			n_cut = n;
			cut_width = width;
		}
	}
	head[n] = '\0';
	return width;
}

const char *csvr_display_path(const char *path)
{
	if (path[0] == '\0')
		return "''";
	return strcmp(path, "-") == 0 ? "(standard input)" : path;
}

/* ---- formats ---- */

void csvr_escape_plain(FILE *stream, const char *name, size_t n_bytes)
{
	csvr_escape_shortened(stream, name, n_bytes, 0);
}

static bool needs_quotes(const char *name, size_t n_bytes)
{
	if (n_bytes > 0 && (name[0] == ' ' || name[n_bytes - 1] == ' '))
		return true;
	for (size_t i = 0; i < n_bytes; i++)
		if (name[i] == ',' || name[i] == '"' || name[i] == '\n' || name[i] == '\r')
			return true;
	return false;
}

void csvr_escape_csv(FILE *stream, const char *name, size_t n_bytes)
{
	if (!needs_quotes(name, n_bytes)) {
		fwrite(name, 1, n_bytes, stream);
		return;
	}
	putc('"', stream);
	for (size_t i = 0; i < n_bytes; i++) {
		if (name[i] == '"')
			putc('"', stream);
		putc(name[i], stream);
	}
	putc('"', stream);
}

void csvr_escape_csv_terminal(FILE *stream, const char *name, size_t n_bytes)
{
	const bool is_quoted = needs_quotes(name, n_bytes);
	struct csvr_escaped_char escaped;
	if (is_quoted)
		putc('"', stream);
	for (const char *at = name, *end = name + n_bytes; at < end;) {
		at = csvr_escape_next(at, end, &escaped);
		if (escaped.is_safe && escaped.code == '"')
			putc('"', stream);
		fwrite(escaped.text, 1, escaped.n_bytes, stream);
	}
	if (is_quoted)
		putc('"', stream);
}

void csvr_escape_tsv(FILE *stream, const char *name, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++) {
		switch (name[i]) {
		case '\t':
			fputs("\\t", stream);
			break;
		case '\n':
			fputs("\\n", stream);
			break;
		case '\r':
			fputs("\\r", stream);
			break;
		case '\\':
			fputs("\\\\", stream);
			break;
		default:
			putc(name[i], stream);
		}
	}
}

static void write_json_code(FILE *stream, uint32_t code)
{
	static const char named[] = "\bb\ff\nn\rr\tt";
	for (const char *pair = named; *pair != '\0'; pair += 2) {
		if (code == (unsigned char)pair[0]) {
			fprintf(stream, "\\%c", pair[1]);
			return;
		}
	}
	if (code > 0xFFFF) /* JSON has only UTF-16 escapes: a surrogate pair */
		fprintf(stream, "\\u%04x\\u%04x", (unsigned)(0xD7C0 + (code >> 10)),
			(unsigned)(0xDC00 + (code & 0x3FF)));
	else
		fprintf(stream, "\\u%04x", (unsigned)code);
}

void csvr_escape_json(FILE *stream, const char *name, size_t n_bytes)
{
	struct csvr_escaped_char escaped;
	for (const char *at = name, *end = name + n_bytes; at < end;) {
		at = csvr_escape_next(at, end, &escaped);
		if (!escaped.is_valid)
			fputs("\xEF\xBF\xBD", stream);
		else if (!escaped.is_safe)
			write_json_code(stream, escaped.code);
		else {
			if (escaped.code == '"' || escaped.code == '\\')
				putc('\\', stream);
			fwrite(escaped.text, 1, escaped.n_bytes, stream);
		}
	}
}

static bool is_word_byte(unsigned char byte)
{
	return byte >= 0x80 || (byte >= '0' && byte <= '9') ||
	       ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

void csvr_escape_markdown(FILE *stream, const char *name, size_t n_bytes)
{
	struct csvr_escaped_char escaped;
	for (const char *at = name, *end = name + n_bytes; at < end;) {
		const char *here = at;
		at = csvr_escape_next(at, end, &escaped);
		if (!escaped.is_safe)
			putc('\\', stream); /* escapes the backslash of the escape */
		else if (escaped.code < 0x80 && strchr("\\`*<>[]|~&#", (int)escaped.code) != NULL)
			putc('\\', stream);
		else if (escaped.code == '_' &&
			 (here == name || at == end || !is_word_byte((unsigned char)here[-1]) ||
			  !is_word_byte((unsigned char)*at)))
			putc('\\', stream); /* inside a word it has no meaning */
		fwrite(escaped.text, 1, escaped.n_bytes, stream);
	}
}

/* A safe character as text or in an attribute. */
static void write_xml_char(const struct csvr_escaped_char *escaped, FILE *stream)
{
	if (escaped->code == '&')
		fputs("&amp;", stream);
	else if (escaped->code == '<')
		fputs("&lt;", stream);
	else if (escaped->code == '>')
		fputs("&gt;", stream);
	else if (escaped->code == '"')
		fputs("&quot;", stream);
	else
		fwrite(escaped->text, 1, escaped->n_bytes, stream);
}

/* Unsafe characters are replaced: XML 1.0 forbids most of them, and names of functions have none. */
void csvr_escape_xml(FILE *stream, const char *name, size_t n_bytes)
{
	struct csvr_escaped_char escaped;
	for (const char *at = name, *end = name + n_bytes; at < end;) {
		at = csvr_escape_next(at, end, &escaped);
		if (escaped.is_safe)
			write_xml_char(&escaped, stream);
		else
			fputs("\xEF\xBF\xBD", stream);
	}
}

/* The escapes of unsafe characters, such as \x00, need no escaping themselves. */
void csvr_escape_html(FILE *stream, const char *name, size_t n_bytes)
{
	struct csvr_escaped_char escaped;
	for (const char *at = name, *end = name + n_bytes; at < end;) {
		at = csvr_escape_next(at, end, &escaped);
		if (escaped.is_safe)
			write_xml_char(&escaped, stream);
		else
			fwrite(escaped.text, 1, escaped.n_bytes, stream);
	}
}
