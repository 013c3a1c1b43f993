/* refine.c - the ranges that a further pass over the inputs collects */
#include "stats/refine.h"

#include <stdlib.h>
#include <string.h>

#include "base/serialize.h"
#include "stats/refine_internal.h"

/* ---- columns ---- */

enum csvr_status csvr_wanted_columns_init(struct csvr_wanted_columns *columns, size_t n_columns)
{
	columns->n_items = 0;
	columns->items = calloc(n_columns + 1, sizeof *columns->items);
	return columns->items != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

void csvr_wanted_columns_clear(struct csvr_wanted_columns *columns)
{
	for (size_t i = 0; i < columns->n_items; i++)
		csvr_range_list_clear(&columns->items[i].list);
	free(columns->items);
	*columns = (struct csvr_wanted_columns){ .items = NULL };
}

static int compare_columns(const void *a, const void *b)
{
	const struct csvr_wanted_column *left = a, *right = b;
	if (left->table != right->table)
		return left->table < right->table ? -1 : 1;
	return csvr_name_compare(&(struct csvr_name){ left->name, left->name_bytes },
				 &(struct csvr_name){ right->name, right->name_bytes });
}

void csvr_wanted_columns_sort(struct csvr_wanted_columns *columns)
{
	qsort(columns->items, columns->n_items, sizeof *columns->items, compare_columns);
}

const struct csvr_wanted_column *csvr_wanted_columns_find(const struct csvr_wanted_columns *columns,
							  uint32_t table,
							  const struct csvr_name *name)
{
	const struct csvr_wanted_column wanted = { .name = name->text,
						   .name_bytes = name->n_bytes,
						   .table = table };
	return bsearch(&wanted, columns->items, columns->n_items, sizeof wanted, compare_columns);
}

/* ---- headers ---- */

static int by_name(const void *a, const void *b)
{
	return csvr_name_compare(a, b);
}

static int by_digest(const void *a, const void *b)
{
	const struct csvr_wanted_header *left = a, *right = b;
	return memcmp(left->digest, right->digest, sizeof left->digest);
}

/* The digest of a set of names, which are sorted in place. */
static void digest_names(struct csvr_name *names, size_t n_names,
			 unsigned char digest[CSVR_SHA256_BYTES])
{
	struct csvr_sha256 sha256;
	csvr_sha256_init(&sha256);
	if (n_names > 1)
		qsort(names, n_names, sizeof *names, by_name);
	for (size_t i = 0; i < n_names; i++) {
		unsigned char length[8];
		if (i > 0 && csvr_name_compare(&names[i - 1], &names[i]) == 0)
			continue;
		csvr_store8(length, names[i].n_bytes);
		csvr_sha256_add(&sha256, length, sizeof length);
		csvr_sha256_add(&sha256, (const unsigned char *)names[i].text, names[i].n_bytes);
	}
	csvr_sha256_finish(&sha256, digest);
}

enum csvr_status csvr_refinement_set_headers(struct csvr_refinement *refinement,
					     const struct csvr_summary *summary)
{
	if (summary->is_one_table)
		return CSVR_OK;
	refinement->headers = calloc(summary->n_headers + 1, sizeof *refinement->headers);
	struct csvr_name *names = malloc((summary->n_names + 1) * sizeof *names);
	if (refinement->headers == NULL || names == NULL) {
		free(names);
		return CSVR_NO_MEMORY;
	}
	for (size_t h = 0; h < summary->n_headers; h++) {
		const struct csvr_header_set *header = &summary->headers[h];
		const uint32_t *indices = summary->header_names + header->first;
		for (size_t i = 0; i < header->n_names; i++)
			names[i] = summary->names[indices[i]].name;
		digest_names(names, header->n_names, refinement->headers[h].digest);
		refinement->headers[h].table = header->table;
	}
	refinement->n_headers = summary->n_headers;
	free(names);
	qsort(refinement->headers, refinement->n_headers, sizeof *refinement->headers, by_digest);
	return CSVR_OK;
}

uint32_t csvr_refinement_find_table(const struct csvr_refinement *refinement,
				    struct csvr_name *names, size_t n_names)
{
	struct csvr_wanted_header wanted;
	if (refinement->headers == NULL)
		return 0;
	digest_names(names, n_names, wanted.digest);
	const struct csvr_wanted_header *header = bsearch(&wanted, refinement->headers,
							  refinement->n_headers, sizeof wanted,
							  by_digest);
	return header != NULL ? header->table : CSVR_NO_INDEX;
}

/* ---- refinements ---- */

void csvr_refinement_free(struct csvr_refinement *refinement)
{
	if (refinement == NULL)
		return;
	csvr_wanted_columns_clear(&refinement->columns);
	for (size_t i = 0; i < refinement->n_files; i++)
		csvr_wanted_columns_clear(&refinement->files[i].columns);
	free(refinement->files);
	free(refinement->headers);
	csvr_arena_clear(&refinement->strings);
	free(refinement);
}

bool csvr_refinement_is_by_file(const struct csvr_refinement *refinement)
{
	return refinement != NULL && refinement->n_files > 0;
}

static int compare_files(const void *a, const void *b)
{
	const uint32_t left = ((const struct csvr_wanted_file *)a)->input;
	const uint32_t right = ((const struct csvr_wanted_file *)b)->input;
	return (left > right) - (left < right);
}

static const struct csvr_wanted_file *find_file(const struct csvr_refinement *refinement,
						uint32_t input)
{
	const struct csvr_wanted_file wanted = { .input = input };
	return bsearch(&wanted, refinement->files, refinement->n_files, sizeof wanted,
		       compare_files);
}

bool csvr_refinement_skips(const struct csvr_refinement *refinement, uint32_t input)
{
	return csvr_refinement_is_by_file(refinement) && find_file(refinement, input) == NULL;
}

const struct csvr_range_list *csvr_refinement_find(const struct csvr_refinement *refinement,
						   uint32_t input, uint32_t table,
						   const struct csvr_name *name, size_t position)
{
	const struct csvr_wanted_columns *columns = &refinement->columns;
	if (csvr_refinement_is_by_file(refinement)) {
		const struct csvr_wanted_file *file = find_file(refinement, input);
		if (file == NULL)
			return NULL;
		columns = &file->columns;
		table = 0;
	}
	char text[CSVR_COLUMN_KEY_BYTES];
	const struct csvr_name key = csvr_summary_column_key(refinement->by_position, name,
							     position, text);
	const struct csvr_wanted_column *column = csvr_wanted_columns_find(columns, table, &key);
	return column != NULL ? &column->list : NULL;
}
