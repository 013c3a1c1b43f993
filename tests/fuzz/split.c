/* split.c - fuzz target: a file split into chunks gives the same result as read whole
 *
 * Checks  chunks of any size, read in any order by two workers with different kernels and block
 *         sizes, one or several adjacent ones at a time, each time from where the worker guesses
 *         its first record, then merged: status, line and message of the error, names, rows, row
 *         issues, and every statistic of every column and the sums of every pair of columns to the
 *         last bit
 * Input   seven option bytes: delimiter and quote, comment and header, kernels, block size of
 *         each of two workers, size of the chunks, their order, whether records must be whole and are filtered; then the file
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "../unit/column_value.h"
#include "input.h"
#include "input/codec/text_decoder.h"
#include "run/reassembly.h"
#include "run/worker.h"
#include "stats/statistics.h"
#include "stats/file_stats.h"

enum { MOST_CHUNKS = 40 };

struct options {
	struct csvr_settings settings;
	const struct csvr_kernel *kernels[2];
	size_t block_bytes[2];
	size_t chunk_bytes;
	unsigned order;
	unsigned most_joined; /* chunks that are read together */
};

static const struct csvr_kernel *draw_kernel(unsigned index)
{
	size_t n = 0;
	while (csvr_kernel_at(n) != NULL)
		n++;
	const struct csvr_kernel *kernel = csvr_kernel_at(index % n);
	return kernel->is_usable() ? kernel : &csvr_kernel_scalar;
}

static struct options draw_options(struct tape *tape)
{
	static const size_t blocks[] = { 1, 2, 5, 17, 64, 100, 1000, 10000 };
	static const int delimiters[] = { CSVR_AUTO, ',', ';', '\t' };
	static const char *const conditions[] = { "1>=0", "2!=1" };
	static const int quotes[] = { '"', '"', '\'', CSVR_NONE };
	struct options o;
	csvr_settings_init(&o.settings);
	o.settings.parse.correlates = true;
	unsigned byte = draw_byte(tape);
	o.settings.parse.delimiter = delimiters[byte % 4];
	o.settings.parse.quote = quotes[(byte >> 2) % 4];
	byte = draw_byte(tape);
	o.settings.parse.comment = byte % 2 == 0 ? CSVR_NONE : '#';
	o.settings.parse.header = (enum csvr_header_mode)((byte >> 1) % 3);
	byte = draw_byte(tape);
	o.kernels[0] = draw_kernel(byte % 16);
	o.kernels[1] = draw_kernel(byte / 16);
	byte = draw_byte(tape);
	o.block_bytes[0] = blocks[byte % 8];
	o.block_bytes[1] = blocks[(byte / 8) % 8];
	o.chunk_bytes = 1 + draw_byte(tape);
	byte = draw_byte(tape);
	o.chunk_bytes += 256 * (size_t)(byte % 16);
	const unsigned joined = byte / 16 ^ 3;
	o.most_joined = 1 + joined * joined / 4;
	o.order = draw_byte(tape);
	if (o.order >= 192)
		o.settings.parse.where = (struct csvr_string_list){ conditions, 1 + o.order % 2 };
	return o;
}

/* ---- the file ---- */

static struct csvr_inputs *make_input(const struct options *o, const struct tape *tape)
{
	struct csvr_inputs *inputs;
	struct csvr_dir_cache dir_cache;
	char path[PATH_BYTES];
	fill_file(0, tape->at, tape->left, path);
	if (csvr_inputs_new(&inputs) != CSVR_OK ||
	    csvr_inputs_add(inputs, path, &o->settings.walk) != CSVR_OK ||
	    csvr_inputs_rank_paths(inputs) != CSVR_OK)
		need(NULL);
	csvr_dir_cache_init(&dir_cache);
	csvr_input_probe(inputs, &inputs->items[0], &dir_cache);
	csvr_dir_cache_clear(&dir_cache);
	return inputs;
}

/* ---- whole, and in chunks ---- */

struct workers {
	struct csvr_worker_config configs[2];
	struct csvr_worker *workers[2];
};

static void start_workers(struct workers *w, const struct options *o,
			  const struct csvr_inputs *inputs)
{
	static const char *const duplicates = "duplicates";
	const struct csvr_statistic_options statistics = { .names = { &duplicates, 1 } };
	for (int i = 0; i < 2; i++) {
		w->configs[i] = (struct csvr_worker_config){
			.inputs = inputs,
			.parse_options = &o->settings.parse,
			.kernel = o->kernels[i],
			.batch_kernels = csvr_batch_kernels_for(o->kernels[i]->name),
			.block_bytes = o->block_bytes[i],
			.has_fixed_blocks = true,
			.needs_whole_records = o->order >= 128,
			.collection = csvr_collection_of(&statistics),
		};
		if (csvr_cell_rules_init(&w->configs[i].rules[0], &o->settings.parse, '.', NULL) !=
			    CSVR_OK ||
		    csvr_worker_new(&w->configs[i], &w->workers[i]) != CSVR_OK)
			need(NULL);
	}
}

static void end_workers(struct workers *w)
{
	for (int i = 0; i < 2; i++) {
		csvr_worker_free(w->workers[i]);
		csvr_cell_rules_clear(&w->configs[i].rules[0]);
	}
}

static void reread(void *context, const struct csvr_input *input, uint64_t begin, uint64_t end,
		   uint64_t start, struct csvr_chunk_stats *chunk)
{
	csvr_worker_read(context, input, begin, end, start, chunk);
}

/* Gives the reassembly its schema as soon as a chunk has parsed the header. */
static void set_schema(struct csvr_reassembly *reassembly, const struct csvr_worker *worker,
		       const struct csvr_chunk_stats *chunk)
{
	uint64_t ignored;
	const struct csvr_header *header = csvr_worker_header(worker, &ignored);
	if (chunk->status != CSVR_OK || chunk->stats.n_columns == 0 ||
	    !csvr_reassembly_needs_schema(reassembly))
		return;
	struct csvr_name *names = need(calloc(header->n_columns + 1, sizeof *names));
	for (size_t i = 0; i < header->n_columns; i++)
		names[i] = (struct csvr_name){ (const char *)header->names[i].start,
					       header->names[i].n_bytes };
	const struct csvr_header_columns columns = { names, header->is_selected,
						     header->n_columns };
	if (csvr_reassembly_set_schema(reassembly, &columns) != CSVR_OK)
		need(NULL);
	free(names);
}

/* The chunks of the file, and those that have been given to a worker. */
struct chunks {
	uint64_t chunk_bytes;
	uint32_t n, n_taken;
	uint32_t last; /* of the segment that is read */
	unsigned n_more; /* that may be added to it */
	bool is_taken[2 * MOST_CHUNKS]; /* sizes of chunks are rounded down */
};

static uint64_t take(struct chunks *chunks, uint32_t index)
{
	chunks->is_taken[index] = true;
	chunks->n_taken++;
	chunks->last = index;
	return index + 1 == chunks->n ? UINT64_MAX : (index + 1) * chunks->chunk_bytes;
}

static bool take_next(void *context, uint64_t *end)
{
	struct chunks *chunks = context;
	const uint32_t next = chunks->last + 1;
	if (chunks->n_more == 0 || next == chunks->n || chunks->is_taken[next])
		return false;
	chunks->n_more--;
	*end = take(chunks, next);
	return true;
}

static bool read_chunk(struct csvr_reassembly *reassembly, struct csvr_worker *worker,
		       const struct csvr_input *input, uint32_t index, struct chunks *chunks)
{
	const struct csvr_extension extension = { take_next, chunks };
	struct csvr_segment *segment = need(csvr_segment_new(index, index));
	bool is_owned, is_complete = false;
	csvr_worker_read_extended(worker, input, index * chunks->chunk_bytes, take(chunks, index),
				  &extension, &segment->chunk);
	segment->last = chunks->last;
	set_schema(reassembly, worker, &segment->chunk);
	if (csvr_reassembly_add(reassembly, segment, &is_owned) != CSVR_OK)
		need(NULL);
	if (is_owned &&
	    csvr_reassembly_merge_ready(reassembly, reread, worker, input, &is_complete) != CSVR_OK)
		need(NULL);
	return is_complete;
}

/* A step that visits every chunk once: coprime to their number. */
static uint32_t step_of(unsigned order, uint32_t n)
{
	uint32_t step = order % n + 1;
	for (;; step++) {
		uint32_t a = step, b = n;
		while (b != 0) {
			const uint32_t rest = a % b;
			a = b;
			b = rest;
		}
		if (a == 1)
			return step;
	}
}

static struct csvr_reassembly *read_chunks(const struct options *o, struct workers *w,
					   const struct csvr_input *input, size_t n_bytes)
{
	size_t chunk_bytes = o->chunk_bytes;
	if (chunk_bytes < n_bytes / MOST_CHUNKS)
		chunk_bytes = n_bytes / MOST_CHUNKS;
	const uint32_t n = n_bytes == 0 ? 1 : (uint32_t)((n_bytes - 1) / chunk_bytes + 1);
	const uint32_t step = step_of(o->order, n);
	struct csvr_reassembly *reassembly = need(csvr_reassembly_new(0, n, chunk_bytes));
	struct chunks chunks = { .chunk_bytes = chunk_bytes, .n = n };
	for (uint32_t i = 0; i < n; i++) {
		/* 64 bits: a product of two chunk numbers. */
		const uint32_t index = (uint32_t)(((uint64_t)i * step + o->order) % n);
		if (chunks.is_taken[index])
			continue;
		chunks.n_more = o->most_joined - 1;
		if (read_chunk(reassembly, w->workers[i % 2], input, index, &chunks) !=
		    (chunks.n_taken == n))
			wrong("after %u of %u chunks the reassembly is complete too early, or not",
			      chunks.n_taken, n);
	}
	return reassembly;
}

/* ---- comparison ---- */

static void compare_count(const char *what, size_t index, uint64_t whole, uint64_t chunks)
{
	if (whole != chunks)
		wrong("%s (%zu): %llu whole, %llu in chunks", what, index,
		      (unsigned long long)whole, (unsigned long long)chunks);
}

static void compare_columns(size_t index, const struct csvr_column *whole,
			    const struct csvr_column *chunks)
{
	for (size_t kind = 0; kind < CSVR_N_KINDS; kind++) {
		const struct csvr_first_cell *a = &whole->first[kind], *b = &chunks->first[kind];
		compare_count("first line of a kind", index, a->line, b->line);
		if (a->line == 0)
			continue;
		compare_count("bytes of a first cell", index, a->n_bytes, b->n_bytes);
		compare_count("a first cell is cut", index, a->is_cut, b->is_cut);
		if (memcmp(a->bytes, b->bytes, a->n_bytes) != 0)
			wrong("'%.*s' whole, '%.*s' in chunks", (int)a->n_bytes,
			      (const char *)a->bytes, (int)b->n_bytes, (const char *)b->bytes);
	}
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		struct csvr_value a = column_value(whole, csvr_statistics[i], 1);
		struct csvr_value b = column_value(chunks, csvr_statistics[i], 1);
		if (a.kind != b.kind || a.count != b.count || a.word != b.word ||
		    memcmp(&a.real, &b.real, sizeof a.real) != 0 || strcmp(a.text, b.text) != 0)
			wrong("%s of column %zu: %llu %.17g %s whole, %llu %.17g %s in chunks",
			      csvr_statistics[i]->name, index, (unsigned long long)a.count, a.real,
			      a.text, (unsigned long long)b.count, b.real, b.text);
	}
}

static void compare_pairs(const struct csvr_pairs *whole, const struct csvr_pairs *chunks)
{
	compare_count("correlated columns", 0, whole->n_columns, chunks->n_columns);
	for (size_t i = 0; i < csvr_pairs_count(whole); i++) {
		struct csvr_encoder a, b;
		csvr_encoder_init(&a);
		csvr_encoder_init(&b);
		csvr_pair_encode(&whole->pairs[i], &a);
		csvr_pair_encode(&chunks->pairs[i], &b);
		if (a.n_bytes != b.n_bytes || memcmp(a.bytes, b.bytes, a.n_bytes) != 0)
			wrong("the sums of pair %zu differ", i);
		csvr_encoder_clear(&a);
		csvr_encoder_clear(&b);
	}
}

static void compare_rows(const struct csvr_rows *whole, const struct csvr_rows *chunks)
{
	struct csvr_encoder a, b;
	csvr_encoder_init(&a);
	csvr_encoder_init(&b);
	csvr_rows_encode(whole, &a);
	csvr_rows_encode(chunks, &b);
	if (a.n_bytes != b.n_bytes || memcmp(a.bytes, b.bytes, a.n_bytes) != 0)
		wrong("the hashes of rows differ");
	csvr_encoder_clear(&a);
	csvr_encoder_clear(&b);
}

static void compare_tables(struct csvr_file_stats *whole, struct csvr_file_stats *chunks)
{
	csvr_file_stats_finish(whole);
	csvr_file_stats_finish(chunks);
	compare_count("columns", 0, whole->n_columns, chunks->n_columns);
	compare_count("rows", 0, whole->n_rows, chunks->n_rows);
	compare_count("filtered", 0, whole->n_filtered, chunks->n_filtered);
	compare_count("extra fields", 0, whole->n_extra_fields, chunks->n_extra_fields);
	compare_count("lines", 0, whole->n_lines, chunks->n_lines);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		compare_count("row issues", i, whole->issues[i].n, chunks->issues[i].n);
		compare_count("first line of row issues", i, whole->issues[i].first_line,
			      chunks->issues[i].first_line);
	}
	for (size_t i = 0; i < whole->n_columns; i++)
		compare_columns(i, &whole->columns[i], &chunks->columns[i]);
	compare_pairs(&whole->pairs, &chunks->pairs);
	compare_rows(&whole->rows, &chunks->rows);
}

static void compare_headers(const struct csvr_header *whole, const struct csvr_schema *chunks)
{
	compare_count("names", 0, whole->n_columns, chunks->n_names);
	for (size_t i = 0; i < whole->n_columns; i++)
		if (whole->names[i].n_bytes != chunks->names[i].n_bytes ||
		    memcmp(whole->names[i].start, chunks->names[i].text, whole->names[i].n_bytes) !=
			    0)
			wrong("name of column %zu: '%.*s' whole, '%.*s' in chunks", i,
			      (int)whole->names[i].n_bytes, (const char *)whole->names[i].start,
			      (int)chunks->names[i].n_bytes, chunks->names[i].text);
}

static void compare(const struct csvr_worker *worker, struct csvr_chunk_stats *whole,
		    struct csvr_reassembly *reassembly)
{
	struct csvr_chunk_stats *chunks = csvr_reassembly_result(reassembly);
	uint64_t ignored;
	compare_count("status", 0, whole->status, chunks->status);
	if (whole->status == CSVR_OK) {
		compare_tables(&whole->stats, &chunks->stats);
		if (whole->stats.n_columns > 0)
			compare_headers(csvr_worker_header(worker, &ignored),
					csvr_reassembly_schema(reassembly));
		return;
	}
	compare_count("line of the error", 0, whole->error.line, chunks->error.line);
	if (strcmp(whole->error.message, chunks->error.message) != 0)
		wrong("'%s' whole, '%s' in chunks", whole->error.message, chunks->error.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t nothing = 0;
	struct tape tape = { data, size };
	const struct options o = draw_options(&tape);
	/* Those are not split. */
	if (is_other_data(tape.at, tape.left) || csvr_is_decoded(tape.at, tape.left))
		return 0;
	struct csvr_inputs *inputs = make_input(&o, &tape);
	const struct csvr_input *input = &inputs->items[0];
	struct workers w;
	struct csvr_chunk_stats whole;
	csvr_chunk_stats_init(&whole);
	start_workers(&w, &o, inputs);
	struct csvr_reassembly *reassembly = read_chunks(&o, &w, input, tape.left);
	csvr_worker_read(w.workers[0], input, 0, UINT64_MAX, nothing, &whole);
	compare(w.workers[0], &whole, reassembly);
	csvr_reassembly_free(reassembly);
	csvr_chunk_stats_clear(&whole);
	end_workers(&w);
	csvr_inputs_free(inputs);
	return 0;
}
