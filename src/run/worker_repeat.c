/* worker_repeat.c - records that are no rows: repeated headers, byte order marks inside a file, totals at its end */
#include "parse/footer.h"
#include "run/worker_internal.h"

/* ---- repeated headers ---- */

/* The number of fields of the record at field `first`; 0: it does not end before field `last`. */
static size_t count_fields(const struct csvr_worker *w, size_t first, size_t last)
{
	size_t i = first;
	while (i < last && !csvr_worker_is_line_end(w, i))
		i++;
	return i < last ? i + 1 - first : 0;
}

static size_t record_start(const struct csvr_worker *w, size_t first)
{
	return (uint32_t)(w->fields.ends[(ptrdiff_t)first - 1] + 1);
}

/* Compares the record of `n_fields` from field `first` on. */
static enum csvr_header_match match_record(const struct csvr_worker *w, size_t first,
					   size_t n_fields)
{
	/* Whether a longer record is whole depends on the blocks that are read. */
	if (!w->may_repeat_header ||
	    w->fields.ends[first + n_fields - 1] - record_start(w, first) > w->long_record_bytes)
		return CSVR_MATCH_NONE;
	return csvr_header_repeat_compare(&w->header.repeat, &w->dialect, &w->fields, first,
					  n_fields, w->scratch);
}

enum csvr_status csvr_worker_match_header(struct csvr_worker *w, size_t first, size_t last,
					  enum csvr_header_match *match)
{
	const size_t start = record_start(w, first);
	*match = CSVR_MATCH_NONE;
	if (!csvr_may_be_header(w->header.repeat.first_bytes, w->text + start))
		return CSVR_OK;
	const size_t n_fields = count_fields(w, first, last);
	if (n_fields > 0)
		*match = match_record(w, first, n_fields);
	if (*match != CSVR_MATCH_PERMUTED)
		return CSVR_OK;
	return csvr_error_set(
		&w->chunk->error, CSVR_INVALID_FILE, csvr_worker_line_of(w, start),
		"the header again, with its columns in another order; divide the file "
		"before this line");
}

/* ---- breaks of runs ---- */

bool csvr_worker_has_bom(const struct csvr_worker *w, size_t start)
{
	const unsigned char *bom = w->text + start;
	const int delimiter =
		w->config->parse_options->delimiter; /* none that is detected is in it */
	return csvr_is_bom(bom) && w->dialect.quote != bom[0] && w->dialect.comment != bom[0] &&
	       delimiter != bom[0] && delimiter != bom[1] && delimiter != bom[2];
}

/* Whether the record has only delimiters: it is counted field by field. */
static bool is_empty(const struct csvr_worker *w, size_t first, size_t n_fields)
{
	size_t start, last_start;
	csvr_worker_field_bytes(w, first, &start);
	const size_t n_last = csvr_worker_field_bytes(w, first + n_fields - 1, &last_start);
	return n_fields > 1 && n_last == 0 && last_start - start == n_fields - 1;
}

/* Whether a record that csvr_may_be_header lets through ends the run. */
static bool is_break(const struct csvr_worker *w, const struct csvr_record_run *run, size_t record)
{
	const size_t first = (size_t)(run->ends - w->fields.ends) + record * run->stride;
	return csvr_worker_has_bom(w, record_start(w, first)) || is_empty(w, first, run->stride) ||
	       match_record(w, first, run->stride) != CSVR_MATCH_NONE;
}

size_t csvr_worker_find_break(const struct csvr_worker *w, const struct csvr_record_run *run,
			      size_t first_record, size_t last_record)
{
	/* Locals, which are not read again after each record. */
	const uint64_t *first_bytes = w->header.repeat.first_bytes;
	const unsigned char *text = w->text;
	const size_t stride = run->stride;
	const uint32_t *end = run->ends + first_record * stride - 1;
	for (size_t i = first_record; i < last_record; i++, end += stride)
		if (csvr_may_be_header(first_bytes, text + (uint32_t)(*end + 1)) &&
		    is_break(w, run, i))
			return i;
	return last_record;
}

size_t csvr_worker_find_rejected_break(const struct csvr_worker *w,
				       const struct csvr_record_run *run, size_t first_record,
				       size_t n_rejects)
{
	const uint64_t *first_bytes = w->header.repeat.first_bytes;
	const unsigned char *text = w->text;
	const size_t stride = run->stride;
	const uint32_t *ends = run->ends + first_record * stride - 1;
	for (size_t i = 0; i < n_rejects; i++) {
		const size_t record = w->rejects[i];
		if (csvr_may_be_header(first_bytes, text + (uint32_t)(ends[record * stride] + 1)) &&
		    is_break(w, run, first_record + record))
			return record;
	}
	return SIZE_MAX;
}

/* ---- byte order marks ---- */

void csvr_worker_skip_bom(struct csvr_worker *w)
{
	while (w->record.n_fields == 0 && w->window_end - w->window_start >= CSVR_BOM_BYTES &&
	       csvr_worker_has_bom(w, w->window_start))
		w->window_start += CSVR_BOM_BYTES;
}

bool csvr_worker_find_start(const struct csvr_worker *w, size_t *start)
{
	const size_t before = *start;
	while (csvr_worker_has_bom(w, *start))
		*start += CSVR_BOM_BYTES;
	const unsigned char next = w->text[*start];
	return *start == before ||
	       (next != w->dialect.quote && next != w->dialect.comment && !csvr_is_blank(next));
}

bool csvr_worker_drop_bom(struct csvr_worker *w, size_t first)
{
	const size_t before = record_start(w, first);
	size_t start = before;
	if (!csvr_worker_find_start(w, &start))
		return false;
	/* The record now starts after it. */
	if (start != before)
		w->fields.ends[(ptrdiff_t)first - 1] = (uint32_t)(start - 1);
	return true;
}

/* ---- totals ---- */

bool csvr_worker_is_total(const struct csvr_worker *w, struct csvr_slice field)
{
	if (field.n_bytes == 0 || field.n_bytes > CSVR_MAX_CELL_BYTES)
		return false;
	struct csvr_slice text;
	if (!csvr_worker_find_plain_text(w, field, &text))
		text = csvr_field_text(field.start, field.start + field.n_bytes, &w->dialect,
				       w->scratch);
	return csvr_is_footer(&text);
}
