/* worker_rows.c - the hashes of rows, for --stats=duplicates */
#include "run/worker_internal.h"

enum csvr_status csvr_worker_add_rows(struct csvr_worker *w, const struct csvr_record_run *run,
				      size_t first_record, size_t last_record)
{
	uint64_t hashes[CSVR_MAX_BATCH];
	const uint32_t *end = run->ends + first_record * run->stride - 1;
	const size_t n_rows = last_record - first_record;
	for (size_t i = 0; i < n_rows; i++, end += run->stride) {
		const size_t start = (uint32_t)(*end + 1);
		hashes[i] = csvr_row_hash_of(w->text + start, end[run->n_fields] - start);
	}
	return csvr_rows_add(w->rows, w->config->batch_kernels, hashes, n_rows);
}

enum csvr_status csvr_worker_finish_row(struct csvr_worker *w)
{
	const uint64_t hash = csvr_row_hash_finish(&w->row_hash);
	return csvr_rows_add(w->rows, w->config->batch_kernels, &hash, 1);
}
