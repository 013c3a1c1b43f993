/* header_codec.c - the headers of a summary, as sets of names, to bytes and back
 *
 * Names are in the order of their bytes, and headers in the order of their tables and names, so that
 * equal summaries have equal bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "state/codec_internal.h"

/* ---- encode ---- */

struct numbered_name {
	struct csvr_name name;
	uint32_t index;
};

static int by_name(const void *a, const void *b)
{
	return csvr_name_compare(&((const struct numbered_name *)a)->name,
				 &((const struct numbered_name *)b)->name);
}

/* A header whose names have the numbers of the bytes. */
struct numbered_header {
	const uint32_t *names;
	uint32_t n_names, table;
};

static int by_table_and_names(const void *a, const void *b)
{
	const struct numbered_header *left = a, *right = b;
	if (left->table != right->table)
		return left->table < right->table ? -1 : 1;
	for (uint32_t i = 0; i < left->n_names && i < right->n_names; i++)
		if (left->names[i] != right->names[i])
			return left->names[i] < right->names[i] ? -1 : 1;
	return (left->n_names > right->n_names) - (left->n_names < right->n_names);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

/* Encodes the names that headers have, in order; number[i] becomes the place of name i. False: no memory. */
static bool encode_names(struct csvr_encoder *encoder, const struct csvr_summary *summary,
			 uint32_t *number)
{
	struct numbered_name *names = malloc((summary->n_names + 1) * sizeof *names);
	if (names == NULL)
		return false;
	/* Others are only folded ones. */
	memset(number, 0, summary->n_names * sizeof *number);
	for (size_t i = 0; i < summary->n_header_names; i++)
		number[summary->header_names[i]] = 1;
	size_t n = 0;
	for (size_t i = 0; i < summary->n_names; i++)
		if (number[i] == 1)
			names[n++] = (struct numbered_name){ summary->names[i].name, (uint32_t)i };
	if (n > 1)
		qsort(names, n, sizeof *names, by_name);
	csvr_encoder_put_varint(encoder, n);
	for (size_t i = 0; i < n; i++) {
		csvr_encoder_put_text(encoder, names[i].name.text, names[i].name.n_bytes);
		number[names[i].index] = (uint32_t)i;
	}
	free(names);
	return true;
}

/* Each name is encoded as the number of names between it and the one before. */
static void encode_sets(struct csvr_encoder *encoder, const struct numbered_header *headers,
			size_t n_headers)
{
	csvr_encoder_put_varint(encoder, n_headers);
	for (size_t h = 0; h < n_headers; h++) {
		csvr_encoder_put_varint(encoder, headers[h].table);
		csvr_encoder_put_varint(encoder, headers[h].n_names);
		uint32_t next = 0;
		for (uint32_t i = 0; i < headers[h].n_names; i++) {
			csvr_encoder_put_varint(encoder, headers[h].names[i] - next);
			next = headers[h].names[i] + 1;
		}
	}
}

void csvr_headers_encode(struct csvr_summary_encoder *out, const struct csvr_summary *summary)
{
	if (summary->is_one_table)
		return;
	uint32_t *number = malloc((summary->n_names + 1) * sizeof *number);
	uint32_t *names = malloc((summary->n_header_names + 1) * sizeof *names);
	struct numbered_header *headers = malloc((summary->n_headers + 1) * sizeof *headers);
	if (number == NULL || names == NULL || headers == NULL ||
	    !encode_names(out->encoder, summary, number)) {
		out->encoder->is_out_of_memory = true;
		goto done;
	}
	for (size_t h = 0; h < summary->n_headers; h++) {
		const struct csvr_header_set *header = &summary->headers[h];
		uint32_t *numbered = names + header->first;
		for (uint32_t i = 0; i < header->n_names; i++)
			numbered[i] = number[summary->header_names[header->first + i]];
		qsort(numbered, header->n_names, sizeof *numbered, by_number);
		headers[h] = (struct numbered_header){ numbered, header->n_names, header->table };
	}
	if (summary->n_headers > 1)
		qsort(headers, summary->n_headers, sizeof *headers, by_table_and_names);
	encode_sets(out->encoder, headers, summary->n_headers);
done:
	free(number);
	free(names);
	free(headers);
}

/* ---- decode ---- */

static bool decode_names(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	size_t n_names;
	summary->names = csvr_decode_items(in, &n_names, 1, sizeof *summary->names);
	summary->names_capacity = n_names;
	for (size_t i = 0; i < n_names; i++) {
		struct csvr_name *name = &summary->names[i].name;
		name->text = csvr_decode_text(in, &summary->strings, &name->n_bytes);
		if (!csvr_decode_ok(in))
			return false;
		if (i > 0 && csvr_name_compare(name, &summary->names[i - 1].name) <= 0)
			return csvr_decode_fail(in);
		summary->n_names = i + 1;
	}
	return csvr_decode_ok(in);
}

/* Whether a header follows the one before it, in the order of tables and names. */
static bool is_in_order(const struct csvr_summary *summary, const uint32_t *names, size_t n_names,
			uint32_t table)
{
	if (summary->n_headers == 0)
		return table == 0;
	const struct csvr_header_set *last = &summary->headers[summary->n_headers - 1];
	if (table != last->table)
		return table == last->table + 1;
	const struct numbered_header a = { summary->header_names + last->first, last->n_names, 0 };
	const struct numbered_header b = { names, (uint32_t)n_names, 0 };
	return by_table_and_names(&a, &b) < 0;
}

/* `names` has room for all names of the summary. */
static bool decode_header(struct csvr_summary_decoder *in, uint32_t *names, bool *are_used)
{
	struct csvr_summary *summary = in->summary;
	const uint32_t table = (uint32_t)csvr_decoder_varint_max(in->decoder, UINT32_MAX);
	const size_t n_names = csvr_decoder_count(in->decoder, 1);
	if (!csvr_decode_ok(in) || table >= summary->n_tables || n_names == 0 ||
	    n_names > summary->n_names)
		return csvr_decode_fail(in);
	uint64_t next = 0;
	for (size_t i = 0; i < n_names; i++) {
		next += csvr_decoder_varint_max(in->decoder, UINT32_MAX);
		if (next >= summary->n_names)
			return csvr_decode_fail(in);
		are_used[next] = true;
		names[i] = (uint32_t)next++;
	}
	if (!csvr_decode_ok(in) || !is_in_order(summary, names, n_names, table))
		return csvr_decode_fail(in);
	const enum csvr_status status = csvr_summary_restore_header(summary, names, n_names, table);
	return status == CSVR_INVALID_FILE ? csvr_decode_fail(in) : csvr_decode_check(in, status);
}

/* Each table must have a header, and each name be in one. */
static bool decode_headers(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	uint32_t *names = malloc((summary->n_names + 1) * sizeof *names);
	bool *are_used = calloc(summary->n_names + 1, sizeof *are_used);
	bool ok = names != NULL && are_used != NULL;
	if (!ok)
		csvr_decode_no_memory(in);
	const size_t n_headers = ok ? csvr_decoder_count(in->decoder, 3) : 0;
	for (size_t h = 0; h < n_headers && ok; h++)
		ok = decode_header(in, names, are_used);
	const size_t n_tables = summary->n_headers > 0
					? summary->headers[summary->n_headers - 1].table + (size_t)1
					: 0;
	if (ok && n_tables != summary->n_tables)
		ok = csvr_decode_fail(in);
	for (size_t i = 0; i < summary->n_names && ok; i++)
		ok = are_used[i];
	if (!ok && csvr_decode_ok(in))
		csvr_decode_fail(in);
	free(names);
	free(are_used);
	return ok && csvr_decode_ok(in);
}

struct name_search {
	const struct csvr_header_name *names;
	struct csvr_name name;
};

static bool is_before(const void *context, size_t index)
{
	const struct name_search *search = context;
	return csvr_name_compare(&search->names[index].name, &search->name) < 0;
}

/* Marks the names of columns. Each column must have one. */
static bool mark_names(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	for (size_t t = 0; t < summary->n_tables; t++) {
		for (size_t i = 0; i < summary->tables[t].n_columns; i++) {
			const struct csvr_summary_column *column = &summary->tables[t].columns[i];
			const struct name_search search = { summary->names,
							    { column->name, column->name_bytes } };
			const size_t n = csvr_lower_bound(summary->n_names, is_before, &search);
			if (n == summary->n_names ||
			    csvr_name_compare(&summary->names[n].name, &search.name) != 0)
				return csvr_decode_fail(in);
			summary->n_names_with_columns += !summary->names[n].has_column;
			summary->names[n].has_column = true;
		}
	}
	return true;
}

bool csvr_headers_decode(struct csvr_summary_decoder *in)
{
	return in->summary->is_one_table ||
	       (decode_names(in) && decode_headers(in) && mark_names(in) &&
		csvr_decode_check(in, csvr_summary_fold_names(in->summary)));
}
