/* filter.h - which names a walk includes, by suffix and by glob
 *
 * - Names with the suffix .csv or .tsv, in upper or lower case, also followed by the suffix of a
 *   compression format that this build supports, as .csv.gz. With include globs, the names that one of
 *   them matches instead.
 * - A glob without a slash is matched against the name. A glob with a slash is matched against the path
 *   below the root of the walk, component by component: `*` stays within a component, and a component
 *   `**` matches any number of them. A leading slash only makes it such a glob; a trailing slash limits
 *   it to directories.
 * - Exclude globs take precedence; a directory that one matches is not entered.
 *
 * Shape    paths are relative to the root of the walk: `sub/a.csv`
 * Errors   CSVR_NO_MEMORY
 * Threads  a filter belongs to one thread
 */
#ifndef CSVR_INPUT_FILTER_H
#define CSVR_INPUT_FILTER_H

#include "csvreport.h"

/* The components of a path, each with a NUL. */
struct csvr_glob {
	char *components;
	size_t n_components;
	bool is_path; /* matched against the path below the root, not against the name */
	bool only_directories;
};

struct csvr_globs {
	struct csvr_glob *glob;
	size_t n_globs;
};

struct csvr_filter {
	struct csvr_globs include, exclude;
	char *split_below; /* the current path, in components */
	size_t split_below_capacity;
};

/* Call csvr_filter_clear even if it fails. */
enum csvr_status csvr_filter_init(struct csvr_filter *filter,
				  const struct csvr_walk_options *options);
void csvr_filter_clear(struct csvr_filter *filter);

/* Whether a file or a directory is excluded. */
enum csvr_status csvr_filter_excludes(struct csvr_filter *filter, const char *below,
				      bool is_directory, bool *excludes);

/* Whether a file that is not excluded is included. */
enum csvr_status csvr_filter_includes(struct csvr_filter *filter, const char *below,
				      bool *includes);

/* Whether a name has the suffix of a CSV file that this build can read. */
bool csvr_is_csv_name(const char *name, size_t length);

/* Whether a name has the suffix of a compressed file. */
bool csvr_is_compressed_name(const char *name, size_t length);

#endif
