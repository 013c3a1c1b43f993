/* filter.c - which names a walk includes, by suffix and by glob */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/filter.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "input/codec/detect.h"

/* ---- globs ---- */

/* Replaces slashes by NULs and drops empty components and `.`; returns the number of components. */
static size_t split_path(char *text)
{
	size_t n_components = 0;
	char *out = text;
	for (const char *in = text; *in != '\0';) {
		size_t length = strcspn(in, "/");
		const char *next = in + length + (in[length] == '/');
		if (length > 0 && !(length == 1 && *in == '.')) {
			memmove(out, in, length);
			out += length;
			*out++ =
				'\0'; /* over a slash that was already read, or over the final NUL */
			n_components++;
		}
		in = next;
	}
	return n_components;
}

static void globs_clear(struct csvr_globs *globs)
{
	for (size_t i = 0; i < globs->n_globs; i++)
		free(globs->glob[i].components);
	free(globs->glob);
	*globs = (struct csvr_globs){ 0 };
}

static enum csvr_status globs_init(struct csvr_globs *globs, const struct csvr_string_list *words)
{
	*globs = (struct csvr_globs){ 0 };
	if (words->n_words == 0)
		return CSVR_OK;
	globs->glob = calloc(words->n_words, sizeof *globs->glob);
	if (globs->glob == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < words->n_words; i++) {
		const char *word = words->word[i];
		const char *slash = strchr(word, '/');
		struct csvr_glob *glob = &globs->glob[globs->n_globs];
		glob->is_path = slash != NULL && slash[1] != '\0';
		glob->only_directories = slash != NULL && word[strlen(word) - 1] == '/';
		glob->components = strdup(word);
		if (glob->components == NULL) {
			globs_clear(globs);
			return CSVR_NO_MEMORY;
		}
		glob->n_components = split_path(glob->components);
		globs->n_globs++;
	}
	return CSVR_OK;
}

static const char *next_component(const char *component)
{
	return component + strlen(component) + 1;
}

/* The components between two `**` are matched as early as possible, which leaves the most for
 * the rest. So only the last `**` ever has to match one component more, and nothing is tried
 * twice. */
static bool components_match(const char *glob, size_t n_glob, const char *path, size_t n_path)
{
	const char *rest = NULL,
		   *from = NULL; /* the glob after the last `**`, and where its match starts */
	size_t n_rest = 0, n_from = 0;
	while (n_glob > 0 || n_path > 0) {
		if (n_glob > 0 && strcmp(glob, "**") == 0) {
			if (n_glob == 1)
				return n_path >
				       0; /* `dir/` and `**` match everything below a directory, but not itself */
			glob = rest = next_component(glob);
			n_rest = --n_glob;
			from = path;
			n_from = n_path;
		} else if (n_glob > 0 && n_path > 0 && fnmatch(glob, path, 0) == 0) {
			glob = next_component(glob);
			n_glob--;
			path = next_component(path);
			n_path--;
		} else if (rest != NULL && n_from > 0) {
			glob = rest;
			n_glob = n_rest;
			path = from = next_component(from);
			n_path = --n_from;
		} else {
			return false;
		}
	}
	return true;
}

/* ---- the filter ---- */

enum csvr_status csvr_filter_init(struct csvr_filter *filter,
				  const struct csvr_walk_options *options)
{
	*filter = (struct csvr_filter){ 0 };
	enum csvr_status status = globs_init(&filter->include, &options->include);
	return status == CSVR_OK ? globs_init(&filter->exclude, &options->exclude) : status;
}

void csvr_filter_clear(struct csvr_filter *filter)
{
	globs_clear(&filter->include);
	globs_clear(&filter->exclude);
	free(filter->split_below);
	filter->split_below = NULL;
}

/* Whether any of the globs matches. */
static enum csvr_status globs_match(struct csvr_filter *filter, const struct csvr_globs *globs,
				    const char *below, bool is_directory, bool *matches)
{
	const char *slash = strrchr(below, '/');
	const char *name = slash != NULL ? slash + 1 : below;
	size_t n_path = 0; /* 0: not yet split */
	*matches = false;
	for (size_t i = 0; i < globs->n_globs && !*matches; i++) {
		const struct csvr_glob *glob = &globs->glob[i];
		if (glob->n_components == 0 || (glob->only_directories && !is_directory))
			continue;
		if (!glob->is_path) {
			*matches = fnmatch(glob->components, name, 0) == 0;
			continue;
		}
		if (n_path == 0) {
			size_t n_bytes = strlen(below) + 1;
			char *split_below = csvr_array_grow(filter->split_below,
							    &filter->split_below_capacity, n_bytes,
							    1);
			if (split_below == NULL)
				return CSVR_NO_MEMORY;
			filter->split_below = split_below;
			memcpy(split_below, below, n_bytes);
			n_path = split_path(split_below);
		}
		*matches = components_match(glob->components, glob->n_components,
					    filter->split_below, n_path);
	}
	return CSVR_OK;
}

enum csvr_status csvr_filter_excludes(struct csvr_filter *filter, const char *below,
				      bool is_directory, bool *excludes)
{
	return globs_match(filter, &filter->exclude, below, is_directory, excludes);
}

enum csvr_status csvr_filter_includes(struct csvr_filter *filter, const char *below, bool *includes)
{
	if (filter->include.n_globs > 0)
		return globs_match(filter, &filter->include, below, false, includes);
	*includes = csvr_is_csv_name(below, strlen(below));
	return CSVR_OK;
}

bool csvr_is_compressed_name(const char *name, size_t length)
{
	return csvr_compression_from_suffix(name, &length) != CSVR_UNCOMPRESSED;
}

bool csvr_is_csv_name(const char *name, size_t length)
{
	const enum csvr_compression compression = csvr_compression_from_suffix(name, &length);
	if (compression != CSVR_UNCOMPRESSED && !csvr_compression_is_built(compression))
		return false;
	return length > 4 && (strncasecmp(name + length - 4, ".csv", 4) == 0 ||
			      strncasecmp(name + length - 4, ".tsv", 4) == 0);
}
