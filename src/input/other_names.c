/* other_names.c - the files that a walk does not read because of their names */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/other_names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number_format.h"

enum { MOST_SHOWN = 8 };

/* ---- suffixes ---- */

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_csv_suffix(const char *dot)
{
	return (dot[1] == 'c' || dot[1] == 'C' || dot[1] == 't' || dot[1] == 'T') &&
	       (dot[2] == 's' || dot[2] == 'S') && (dot[3] == 'v' || dot[3] == 'V');
}

/* Whether a word after .csv is that of a copy, an older version, a part, or a compressed file: an empty word, a number, or
 * one of a list, which may end in a number. Other words, such as those of checksums and indexes, are files about a
 * CSV file. */
static bool is_word_of_copy(const char *word, size_t length)
{
	static const char *const words[] = { "",     "7z",     "backup", "bak",  "br",   "bz",
					     "bz2",  "copy",   "dat",    "enc",  "gpg",  "gz",
					     "gzip", "lz4",    "lzma",   "lzo",  "new",  "old",
					     "orig", "part",   "pgp",    "prev", "rar",  "save",
					     "sav",  "snappy", "sz",     "tar",  "text", "tgz",
					     "txt",  "xz",     "z",      "zip",  "zst",  "zstd" };
	static const char digits[] = "0123456789";
	size_t n_stem = length;
	while (n_stem > 0 && strchr(digits, word[n_stem - 1]) != NULL)
		n_stem--;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const size_t n = strlen(words[i]);
		if ((n == length || n == n_stem) && strncasecmp(word, words[i], n) == 0)
			return true;
	}
	return false;
}

/* Whether what follows .csv in a name is the rest of a name of a CSV file: words of copies. */
static bool is_rest_of_copy(const char *rest)
{
	if (*rest == '\0' || is_letter_or_digit(*rest))
		return *rest == '\0';
	while (*rest != '\0') {
		size_t length = 0;
		while (is_letter_or_digit(rest[length]))
			length++;
		if (!is_word_of_copy(rest, length))
			return false;
		rest += length;
		if (*rest != '\0' && strchr("._-~ ()", *rest) == NULL)
			return false;
		rest += *rest != '\0';
	}
	return true;
}

/* Where .csv or .tsv begins in the name of a file that is probably CSV; NULL: it is probably not. */
static const char *find_csv(const char *name)
{
	for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
		if (dot > name && is_csv_suffix(dot) && is_rest_of_copy(dot + 4))
			return dot;
	return NULL;
}

/* Whether a suffix, from its dot, can be a part of a glob as it is, and is short enough. A longer one is
 * part of a name such as "v1.final result". */
static bool is_plain_suffix(const char *suffix)
{
	size_t n = 1;
	while (is_letter_or_digit(suffix[n]) ||
	       (suffix[n] != '\0' && strchr("._-~", suffix[n]) != NULL))
		n++;
	return suffix[n] == '\0' && n > 1 && n < CSVR_SUFFIX_BYTES;
}

/* Writes the suffix of a name as in a glob; with `csv`, from there. Numbers at its end are one suffix. */
static void find_suffix(const char *name, const char *csv, char suffix[CSVR_SUFFIX_BYTES])
{
	static const char any_number[] = "[0-9]*";
	const char *last = strrchr(name, '.');
	const char *from = csv != NULL && is_plain_suffix(csv) ? csv : last;
	suffix[0] = '\0';
	if (last == NULL || last == name || !is_plain_suffix(from))
		return;
	size_t n = strlen(from), n_kept = (size_t)(last - from) + 1;
	if (strspn(last + 1, "0123456789") == n - n_kept &&
	    n_kept + sizeof any_number <= CSVR_SUFFIX_BYTES) {
		memcpy(suffix, from, n_kept);
		memcpy(suffix + n_kept, any_number, sizeof any_number);
	} else {
		memcpy(suffix, from, n + 1);
	}
}

/* Counts a file with this suffix, unless the suffixes are full and all come before it. */
static void count_suffix(struct csvr_other_names *names, const char *suffix)
{
	struct csvr_suffix_count *counts = names->suffixes;
	size_t first = 0, end = names->n_suffixes;
	while (first < end) {
		const size_t middle = (first + end) / 2;
		const int order = strcmp(suffix, counts[middle].suffix);
		if (order == 0) {
			counts[middle].n++;
			return;
		}
		if (order < 0)
			end = middle;
		else
			first = middle + 1;
	}
	if (first == CSVR_MOST_SUFFIXES)
		return;
	names->n_suffixes += names->n_suffixes < CSVR_MOST_SUFFIXES;
	memmove(counts + first + 1, counts + first,
		(names->n_suffixes - first - 1) * sizeof *counts);
	counts[first].n = 1;
	memcpy(counts[first].suffix, suffix, strlen(suffix) + 1);
}

/* ---- files ---- */

static enum csvr_status count_probable(struct csvr_other_names *names, const char *path,
				       size_t length)
{
	names->n_probable++;
	if (names->first_probable != NULL && strcmp(names->first_probable, path) <= 0)
		return CSVR_OK;
	char *first = csvr_array_grow(names->first_probable, &names->first_probable_capacity,
				      length + 1, 1);
	if (first == NULL)
		return CSVR_NO_MEMORY;
	names->first_probable = first;
	memcpy(first, path, length + 1);
	return CSVR_OK;
}

void csvr_other_names_start_walk(struct csvr_other_names *names)
{
	names->n_files = 0;
	names->n_suffixes = 0;
}

enum csvr_status csvr_other_names_add(struct csvr_other_names *names, const char *path,
				      size_t length)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	const char *csv = find_csv(name);
	char suffix[CSVR_SUFFIX_BYTES];
	find_suffix(name, csv, suffix);
	names->n_files++;
	count_suffix(names, suffix);
	return csv != NULL ? count_probable(names, path, length) : CSVR_OK;
}

void csvr_other_names_clear(struct csvr_other_names *names)
{
	free(names->first_probable);
	*names = (struct csvr_other_names){ 0 };
}

/* ---- the message ---- */

/* The next most frequent suffix after `previous` (NULL: the most frequent), the first in byte order of several;
 * NULL: there is no other. */
static const struct csvr_suffix_count *next_frequent(const struct csvr_other_names *names,
						     const struct csvr_suffix_count *previous)
{
	const struct csvr_suffix_count *next = NULL;
	for (size_t i = 0; i < names->n_suffixes; i++) {
		const struct csvr_suffix_count *count = &names->suffixes[i];
		const bool is_left = previous == NULL || count->n < previous->n ||
				     (count->n == previous->n && count > previous);
		if (count->suffix[0] != '\0' && is_left && (next == NULL || count->n > next->n))
			next = count;
	}
	return next;
}

static void write_count(const char *separator, const char *suffix, uint64_t n, FILE *stream)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(n, count);
	fprintf(stream, "%s%s %s", separator, suffix, count);
}

const char *csvr_other_names_most_frequent(const struct csvr_other_names *names)
{
	const struct csvr_suffix_count *most = next_frequent(names, NULL);
	return most != NULL ? most->suffix : "";
}

void csvr_other_names_write(const struct csvr_other_names *names, FILE *stream)
{
	const struct csvr_suffix_count *shown = next_frequent(names, NULL);
	const bool has_without = names->n_suffixes > 0 && names->suffixes[0].suffix[0] == '\0';
	const uint64_t n_without = has_without ? names->suffixes[0].n : 0;
	const char *separator = " (";
	uint64_t n_others = names->n_files - n_without;
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(names->n_files, count);
	fprintf(stream, "%s %s not read", count,
		names->n_files == 1 ? "file of another name" : "files of other names");
	for (int i = 0; i < MOST_SHOWN && shown != NULL; i++) {
		write_count(separator, shown->suffix, shown->n, stream);
		separator = ", ";
		n_others -= shown->n;
		shown = next_frequent(names, shown);
	}
	if (n_others > 0) {
		write_count(separator, "others", n_others, stream);
		separator = ", ";
	}
	if (n_without > 0)
		write_count(separator, "no suffix", n_without, stream);
	putc(')', stream);
}
