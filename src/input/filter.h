/* filter.h - which names a walk takes, by their ends and by globs
 *
 * - Names that end in .csv or .tsv, in upper or lower case, or in these and the ending of a format
 *   that this build can decompress, as .csv.gz; or, with include globs, those that one of
 *   them matches.
 * - A glob without a slash is matched with the name, one with a slash with the path below the
 *   directory that was named, chunk by chunk: `*` stays within a chunk, a chunk `**` stands for any
 *   number of them. A slash in front only says that it is such a path; one behind, that
 *   only directories are meant.
 * - Exclude globs win; a directory that one matches is not entered.
 *
 * Shape    paths are those below the directory that was named: `sub/a.csv`
 * Errors   CSVR_NO_MEMORY
 * Threads  a filter belongs to one thread
 */
#ifndef CSVR_INPUT_FILTER_H
#define CSVR_INPUT_FILTER_H

#include "csvreport.h"

/* The chunks between slashes, each with a NUL behind it. */
struct csvr_glob {
	char *chunks;
	size_t n_chunks;
	bool is_path; /* matched with the path below the walked directory, not with the name */
	bool only_directories;
};

struct csvr_globs {
	struct csvr_glob *glob;
	size_t n_globs;
};

struct csvr_filter {
	struct csvr_globs include, exclude;
	char *split; /* the path at hand, in chunks */
	size_t split_capacity;
};

/* Clear it whatever is returned. */
enum csvr_status csvr_filter_init(struct csvr_filter *filter,
				  const struct csvr_walk_options *rules);
void csvr_filter_clear(struct csvr_filter *filter);

/* Whether a file, or a directory, is not to be looked at. */
enum csvr_status csvr_filter_excludes(struct csvr_filter *filter, const char *below,
				      bool is_directory, bool *excludes);

/* Whether a file that is not excluded is taken. */
enum csvr_status csvr_filter_includes(struct csvr_filter *filter, const char *below, bool *takes);

/* Whether a name ends as those of CSV files do that this build can read. */
bool csvr_is_csv_name(const char *name, size_t length);

/* Whether a name ends as those of compressed files do. */
bool csvr_is_compressed_name(const char *name, size_t length);

#endif
