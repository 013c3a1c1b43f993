/* other_names.h - the files that a walk does not read because of their names
 *
 * - They are counted by suffix, so that a message can show what else is in a directory.
 * - Those with another suffix after .csv or .tsv, such as a.csv.1, a.csv.bak and a.csv.zip, are probably files of
 *   which the user expects that they are read. They are counted over all walks.
 *
 * Shape    bounded by CSVR_MOST_SUFFIXES suffixes; a pure function of the set of paths, whose order does not matter
 * Errors   CSVR_NO_MEMORY
 * Threads  one
 */
#ifndef CSVR_INPUT_OTHER_NAMES_H
#define CSVR_INPUT_OTHER_NAMES_H

#include <stdio.h>

#include "csvreport.h"

enum {
	CSVR_SUFFIX_BYTES = 16, /* with the NUL */
	CSVR_MOST_SUFFIXES = 64
};

struct csvr_suffix_count {
	/* As in a glob: `.txt`, or `.csv.[0-9]*` for all numbers. Empty: no suffix. */
	char suffix[CSVR_SUFFIX_BYTES];
	uint64_t n;
};

struct csvr_other_names {
	/* Of the last walk. The suffixes are the first of all in byte order, sorted: one that has to make room for
	 * an earlier one never comes back, so its files belong to no count in any order. */
	uint64_t n_files;
	struct csvr_suffix_count suffixes[CSVR_MOST_SUFFIXES];
	size_t n_suffixes;

	/* Of all walks: files that are probably CSV, and the first path in byte order; NULL: none. */
	uint64_t n_probable;
	char *first_probable;
	size_t first_probable_capacity;
};

/* Starts the counts of another walk. */
void csvr_other_names_start_walk(struct csvr_other_names *names);

/* Counts a file that the walk does not read; `length` excludes the NUL. */
enum csvr_status csvr_other_names_add(struct csvr_other_names *names, const char *path,
				      size_t length);

void csvr_other_names_clear(struct csvr_other_names *names);

/* The suffix that most of these files of the last walk have, the first in byte order of several; "": none has one. */
const char *csvr_other_names_most_frequent(const struct csvr_other_names *names);

/* Writes "4 files of other names not read (.txt 2, .dat 1, .md 1)", about the last walk, which has such files. */
void csvr_other_names_write(const struct csvr_other_names *names, FILE *stream);

#endif
