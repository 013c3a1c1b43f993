/* dialect.c - detects how a file is written, from its first bytes alone */
#include "parse/dialect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/utf8.h"

/* ---- encoding ---- */

/* Signatures of files that are not CSV text. If one is a prefix of another, the longer one comes
 * first. */
static const struct {
	const char *bytes;
	size_t n_bytes;
	const char *description;
} signatures[] = {
	{ "\xff\xfe\0\0", 4,
	  "UTF-32 text; convert it with: iconv -f UTF-32 -t UTF-8 FILE >NEWFILE" },
	{ "\0\0\xfe\xff", 4,
	  "UTF-32 text; convert it with: iconv -f UTF-32 -t UTF-8 FILE >NEWFILE" },
	{ "\x1f\x8b", 2, "gzip data, not text; decompress it with: gzip -dc FILE >NEWFILE" },
	{ "\x28\xb5\x2f\xfd", 4,
	  "zstd data, not text; decompress it with: zstd -dc FILE >NEWFILE" },
	{ "\xfd"
	  "7zXZ\0",
	  6, "xz data, not text; decompress it with: xz -dc FILE >NEWFILE" },
	{ "PK\3\4", 4, "a zip archive or spreadsheet, not text; export it as CSV" },
	{ "\x89HDF\r\n\x1a\n", 8, "an HDF5 file, not text; export it as CSV" },
};

/* Formats whose signature could be text: also require a following byte that could not. */
static const char *binary_format(const unsigned char *prefix, size_t n_bytes)
{
	if (n_bytes >= 10 && memcmp(prefix, "BZh", 3) == 0 && memcmp(prefix + 4, "1AY&SY", 6) == 0)
		return "bzip2 data, not text; decompress it with: bzip2 -dc FILE >NEWFILE";
	if (n_bytes >= 5 && memcmp(prefix, "PAR1", 4) == 0 && prefix[4] < ' ' &&
	    memchr("\t\n\r", prefix[4], 3) == NULL)
		return "a Parquet file, not text; export it as CSV";
	return NULL;
}

/* UTF-16 without a byte order mark: of each two bytes, those of one place are often NUL, those of the other never. CSV
 * text contains no NUL, and damaged files have runs of them. In a short text half of the bytes must be, as in ASCII;
 * in a longer one, the delimiters, digits and line ends of any language are an eighth. */
static const char *unmarked_utf16(const unsigned char *prefix, size_t n_bytes)
{
	enum { SAMPLE_BYTES = 256, SHORT_BYTES = 64, MIN_BYTES = 8, LEAST_SHARE = 8 };
	const size_t n = n_bytes < SAMPLE_BYTES ? n_bytes & ~(size_t)1 : SAMPLE_BYTES;
	if (n < MIN_BYTES || memchr(prefix, 0, n) == NULL)
		return NULL; /* true of nearly all files */
	size_t n_nul[2] = { 0, 0 };
	for (size_t i = 0; i < n; i++)
		n_nul[i & 1] += prefix[i] == 0;
	const size_t least = n < SHORT_BYTES ? n / 2 : n / LEAST_SHARE;
	if (n_nul[0] == 0 && n_nul[1] >= least)
		return "UTF-16 text without a byte order mark; read it with --encoding=utf-16le";
	if (n_nul[1] == 0 && n_nul[0] >= least)
		return "UTF-16 text without a byte order mark; read it with --encoding=utf-16be";
	return NULL;
}

enum csvr_status csvr_dialect_detect_encoding(const unsigned char *prefix, size_t n_bytes,
					      size_t *bom_bytes, struct csvr_error *error)
{
	*bom_bytes = 0;
	for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
		if (n_bytes >= signatures[i].n_bytes &&
		    memcmp(prefix, signatures[i].bytes, signatures[i].n_bytes) == 0)
			return csvr_error_set(error, CSVR_INVALID_FILE, 0, "this is %s",
					      signatures[i].description);
	const char *description = binary_format(prefix, n_bytes);
	if (description == NULL)
		description = unmarked_utf16(prefix, n_bytes);
	if (description != NULL)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0, "this is %s", description);
	if (n_bytes >= 3 && memcmp(prefix, "\xef\xbb\xbf", 3) == 0)
		*bom_bytes = 3;
	return CSVR_OK;
}

/* ---- delimiter ---- */

static const unsigned char candidates[] = { ',', ';', '\t', '|' };
enum { N_CANDIDATES = sizeof candidates };

static bool is_candidate(unsigned char c)
{
	return memchr(candidates, c, N_CANDIDATES) != NULL;
}

size_t csvr_first_record_offset(const unsigned char *prefix, size_t n_bytes, int newline,
				int comment)
{
	size_t at = 0;
	while (at < n_bytes) {
		if (prefix[at] == newline) {
			at++;
		} else if (prefix[at] == '\r') {
			/* All before the line end belong to it. */
			size_t end = at;
			while (end < n_bytes && prefix[end] == '\r')
				end++;
			if (end == n_bytes || prefix[end] != newline)
				break;
			at = end + 1;
		} else if (prefix[at] == comment) {
			const unsigned char *end = memchr(prefix + at, newline, n_bytes - at);
			at = end == NULL ? n_bytes : (size_t)(end - prefix) + 1;
		} else {
			break;
		}
	}
	return at;
}

static unsigned char most_frequent_delimiter(const unsigned char *p, const unsigned char *end,
					     int newline, int quote)
{
	size_t count[N_CANDIDATES] = { 0 };
	bool at_field_start = true, in_quotes = false;
	for (; p < end; p++) {
		if (in_quotes) {
			if (*p != quote)
				continue;
			if (p + 1 < end && p[1] == quote)
				p++;
			else
				in_quotes = false;
		} else if (*p == quote && at_field_start) {
			in_quotes = true;
		} else if (*p == newline) {
			break;
		} else {
			at_field_start = is_candidate(*p) || (at_field_start && *p == ' ');
			for (size_t i = 0; i < N_CANDIDATES; i++)
				count[i] += *p == candidates[i];
			continue;
		}
		at_field_start = false;
	}
	size_t best = 0;
	for (size_t i = 1; i < N_CANDIDATES; i++)
		if (count[i] > count[best])
			best = i;
	return candidates[best];
}

static bool has_suffix(const char *path, size_t length, const char *ending)
{
	const size_t n = strlen(ending);
	/* The last byte distinguishes nearly all names, and every input is tested. */
	return length >= n && (path[length - 1] | 0x20) == (ending[n - 1] | 0x20) &&
	       strncasecmp(path + length - n, ending, n) == 0;
}

bool csvr_is_tsv(const char *path, size_t length)
{
	/* The name of a compressed file has the suffix of its contents before these. */
	static const char *const suffixes[] = { ".gz", ".bgz", ".zst", ".bz2", ".xz" };
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
		if (has_suffix(path, length, suffixes[i])) {
			length -= strlen(suffixes[i]);
			break;
		}
	return has_suffix(path, length, ".tsv");
}

unsigned char csvr_dialect_detect_delimiter(const struct csvr_parse_options *options, bool is_tsv,
					    const unsigned char *prefix, size_t n_bytes,
					    int newline)
{
	if (options->delimiter != CSVR_AUTO)
		return (unsigned char)options->delimiter;
	if (is_tsv)
		return '\t';
	return most_frequent_delimiter(prefix + csvr_first_record_offset(prefix, n_bytes, newline,
									 options->comment),
				       prefix + n_bytes, newline, options->quote);
}

/* ---- a delimiter that was given ---- */

static bool occurs(const struct csvr_dialect *dialect, const unsigned char *prefix, size_t n_bytes)
{
	const char *delimiter = dialect->long_delimiter;
	if (memchr(prefix, dialect->delimiter, n_bytes) != NULL)
		return true;
	if (delimiter == NULL)
		return false;
	if (strcmp(delimiter, CSVR_RUNS_OF_BLANKS) == 0)
		return memchr(prefix, ' ', n_bytes) != NULL ||
		       memchr(prefix, '\t', n_bytes) != NULL;
	const size_t n = strlen(delimiter);
	const unsigned char *end = prefix + n_bytes;
	while ((prefix = memchr(prefix, delimiter[0], (size_t)(end - prefix))) != NULL &&
	       (size_t)(end - prefix) >= n && memcmp(prefix, delimiter, n) != 0)
		prefix++;
	return prefix != NULL && (size_t)(end - prefix) >= n;
}

/* The position after a quoted field, whose opening quote is at prefix[at]. */
static size_t after_quotes(const struct csvr_dialect *dialect, const unsigned char *prefix,
			   size_t at, size_t n_bytes)
{
	for (at++; at < n_bytes; at++) {
		if (prefix[at] != dialect->quote && prefix[at] != dialect->escape)
			continue;
		if (prefix[at] == dialect->quote &&
		    (at + 1 == n_bytes || prefix[at + 1] != dialect->quote))
			return at + 1;
		at++;
	}
	return n_bytes;
}

/* The number of fields of the record at prefix[*at], and moves `*at` to the next one; 0: it does not end. */
static size_t count_fields(const struct csvr_dialect *dialect, const unsigned char *prefix,
			   size_t *at, size_t n_bytes)
{
	size_t n_fields = 1;
	bool at_field_start = true;
	while (*at < n_bytes && prefix[*at] != dialect->newline) {
		const unsigned char byte = prefix[*at];
		if (at_field_start && byte == dialect->quote) {
			*at = after_quotes(dialect, prefix, *at, n_bytes);
			at_field_start = false;
			continue;
		}
		const bool ends_field = byte == dialect->delimiter;
		n_fields += ends_field;
		at_field_start = ends_field || (at_field_start && csvr_is_blank(byte));
		++*at;
	}
	if (*at >= n_bytes)
		return 0;
	++*at;
	return n_fields;
}

/* The number of fields of all records; 0 if it differs, or if there is only one record. */
static size_t count_even_fields(const struct csvr_dialect *dialect, const unsigned char *prefix,
				size_t n_bytes, bool is_whole)
{
	size_t n_records = 0, n_common = 0, at = 0;
	for (;;) {
		at += csvr_first_record_offset(prefix + at, n_bytes - at, dialect->newline,
					       dialect->comment);
		const size_t start = at, n_fields = count_fields(dialect, prefix, &at, n_bytes);
		/* The prefix may end within a record. */
		if (n_fields == 0 && (!is_whole || start == n_bytes))
			break;
		if (n_fields == 0)
			return 0;
		if (n_records++ > 0 && n_fields != n_common)
			return 0;
		n_common = n_fields;
	}
	return n_records > 1 ? n_common : 0;
}

int csvr_dialect_find_other_delimiter(const struct csvr_dialect *dialect,
				      const unsigned char *prefix, size_t n_bytes, bool is_whole)
{
	if (occurs(dialect, prefix, n_bytes))
		return -1;
	int best = -1;
	size_t most_fields = 1;
	for (int i = 0; i < N_CANDIDATES; i++) {
		struct csvr_dialect other = *dialect;
		other.delimiter = candidates[i];
		other.long_delimiter = NULL;
		const size_t n_fields = count_even_fields(&other, prefix, n_bytes, is_whole);
		if (n_fields > most_fields) {
			most_fields = n_fields;
			best = i;
		}
	}
	return best;
}

/* ---- fields and names ---- */

static bool are_blanks(const unsigned char *start, const unsigned char *end)
{
	while (start < end && csvr_is_blank(*start))
		start++;
	return start == end;
}

/* Copies [start, end), which follows an opening quote, without its quotes. Returns the end of the copy. Inline, as most
 * dialects have no escape. */
static inline __attribute__((always_inline)) unsigned char *copy_unquoted(
	const unsigned char *start, const unsigned char *end, int quote, int escape,
	unsigned char *out)
{
	bool in_quotes = true;
	for (const unsigned char *p = start; p < end; p++) {
		if (in_quotes && *p == quote) {
			if (p + 1 == end || p[1] != quote) {
				in_quotes = false;
				continue;
			}
			p++;
		} else if (in_quotes && *p == escape && p + 1 < end &&
			   (p[1] == quote || p[1] == escape)) {
			p++;
		}
		*out++ = *p;
	}
	return out;
}

struct csvr_slice csvr_field_text(const unsigned char *start, const unsigned char *end,
				  const struct csvr_dialect *dialect, unsigned char *scratch)
{
	const int quote = dialect->quote;
	while (start < end && csvr_is_blank(*start) && *start != quote)
		start++;
	if (start < end && *start == quote) {
		start++;
		const unsigned char *close = memchr(start, quote, (size_t)(end - start));
		const bool has_escapes = dialect->escape != CSVR_NONE &&
					 memchr(start, dialect->escape, (size_t)(end - start)) !=
						 NULL;
		if (close != NULL && !has_escapes && are_blanks(close + 1, end)) {
			end = close;
		} else if (close != NULL) {
			/* Doubled quotes, or text after the closing one. */
			end = dialect->escape == CSVR_NONE
				      ? copy_unquoted(start, end, quote, CSVR_NONE, scratch)
				      : copy_unquoted(start, end, quote, dialect->escape, scratch);
			start = scratch;
		}
	}
	csvr_trim(&start, &end);
	return (struct csvr_slice){ start, (size_t)(end - start) };
}

bool csvr_is_1252(enum csvr_encoding encoding, const unsigned char *text, size_t n_bytes)
{
	if (encoding == CSVR_ENCODING_AUTO)
		return !csvr_is_utf8(text, n_bytes);
	for (size_t i = 0; i < n_bytes && encoding == CSVR_ENCODING_1252; i++)
		if (text[i] >= 0x80)
			return true;
	return false;
}

/* A hash set of texts; exists only while a header is parsed. */
struct name_set {
	const struct csvr_slice **slot;
	size_t n_slots; /* a power of two, more than twice the number of texts */
};

static const struct csvr_slice **find_slot(const struct name_set *set,
					   const struct csvr_slice *text)
{
	size_t i = (size_t)csvr_hash(text->start, text->n_bytes) & (set->n_slots - 1);
	while (set->slot[i] != NULL &&
	       (set->slot[i]->n_bytes != text->n_bytes ||
		memcmp(set->slot[i]->start, text->start, text->n_bytes) != 0))
		i = (i + 1) & (set->n_slots - 1);
	return &set->slot[i];
}

static enum csvr_status set_name(struct csvr_slice *name, struct csvr_arena *strings,
				 const char *text, size_t n_bytes)
{
	char *copy = csvr_arena_copy(strings, text, n_bytes);
	if (copy == NULL)
		return CSVR_NO_MEMORY;
	name->start = (const unsigned char *)copy;
	name->n_bytes = n_bytes;
	return CSVR_OK;
}

/* Renames a duplicate to the smallest of a.2, a.3, ... that no column has. `*next` is the first
 * number to try; without it, a header with the same name thousands of times would take quadratic
 * time. */
static enum csvr_status number_duplicate(struct csvr_slice *name, const struct name_set *used_names,
					 struct csvr_arena *strings, unsigned long *next)
{
	enum { SUFFIX_BYTES = 24 };
	char *text = malloc(name->n_bytes + SUFFIX_BYTES);
	if (text == NULL)
		return CSVR_NO_MEMORY;
	memcpy(text, name->start, name->n_bytes);
	struct csvr_slice candidate = { (const unsigned char *)text, 0 };
	do {
		int n = snprintf(text + name->n_bytes, SUFFIX_BYTES, ".%lu", (*next)++);
		candidate.n_bytes = name->n_bytes + (size_t)n;
	} while (*find_slot(used_names, &candidate) != NULL);
	enum csvr_status status = set_name(name, strings, text, candidate.n_bytes);
	free(text);
	return status;
}

enum csvr_status csvr_header_make_names(struct csvr_slice *names, size_t n_names,
					struct csvr_arena *strings)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	struct name_set used_names = { NULL, 16 };
	unsigned long *next = NULL; /* by index of the first column of a name */
	bool *is_duplicate = NULL;
	while (used_names.n_slots < 4 * n_names)
		used_names.n_slots *= 2;
	used_names.slot = calloc(used_names.n_slots, sizeof(const struct csvr_slice *));
	next = malloc((n_names + 1) * sizeof *next);
	is_duplicate = calloc(n_names + 1, sizeof *is_duplicate);
	if (used_names.slot == NULL || next == NULL || is_duplicate == NULL)
		goto done;

	/* Add names as written first, so that a column called a.2 keeps its name. */
	for (size_t i = 0; i < n_names; i++) {
		next[i] = 2;
		if (names[i].n_bytes == 0) {
			char text[32];
			int n = snprintf(text, sizeof text, "column_%zu", i + 1);
			status = set_name(&names[i], strings, text, (size_t)n);
			if (status != CSVR_OK)
				goto done;
		}
		const struct csvr_slice **slot = find_slot(&used_names, &names[i]);
		is_duplicate[i] = *slot != NULL;
		if (*slot == NULL)
			*slot = &names[i];
	}
	for (size_t i = 0; i < n_names; i++) {
		if (!is_duplicate[i])
			continue;
		const struct csvr_slice *first = *find_slot(&used_names, &names[i]);
		status = number_duplicate(&names[i], &used_names, strings, &next[first - names]);
		if (status != CSVR_OK)
			goto done;
		*find_slot(&used_names, &names[i]) = &names[i];
	}
	status = CSVR_OK;
done:
	free(used_names.slot);
	free(next);
	free(is_duplicate);
	return status;
}
