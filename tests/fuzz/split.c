/* split.c - fuzz target: a file that is cut into pieces gives what it gives whole
 *
 * Checks  pieces of any size, read in any order by two workers with other kernels and blocks, each from
 *         where it takes the first record to begin, and put together: status, line and words of what is
 *         wrong, names, rows, oddities, and every figure of every column to the last bit
 * Input   seven option bytes: delimiter and quote, comment and header, kernels, block size of each of two
 *         workers, size of the pieces, their order; then the file
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "input.h"
#include "run/chain.h"
#include "run/worker.h"
#include "stats/table.h"

enum { MOST_PIECES = 40 };

struct options {
	struct csvr_settings settings;
	const struct csvr_kernel *kernels[2];
	size_t block_bytes[2];
	size_t piece_bytes;
	unsigned order;
};

static const struct csvr_kernel *take_kernel(unsigned index)
{
	size_t n = 0;
	while (csvr_kernel_at(n) != NULL)
		n++;
	const struct csvr_kernel *kernel = csvr_kernel_at(index % n);
	return kernel->is_usable() ? kernel : &csvr_kernel_scalar;
}

static struct options take_options(struct tape *tape)
{
	static const size_t blocks[] = { 1, 2, 5, 17, 64, 100, 1000, 10000 };
	static const int delimiters[] = { CSVR_AUTO, ',', ';', '\t' };
	static const int quotes[] = { '"', '"', '\'', CSVR_NONE };
	struct options o;
	csvr_settings_init(&o.settings);
	unsigned byte = take_byte(tape);
	o.settings.reading.delimiter = delimiters[byte % 4];
	o.settings.reading.quote = quotes[(byte >> 2) % 4];
	byte = take_byte(tape);
	o.settings.reading.comment = byte % 2 == 0 ? CSVR_NONE : '#';
	o.settings.reading.header = (enum csvr_header)((byte >> 1) % 3);
	byte = take_byte(tape);
	o.kernels[0] = take_kernel(byte % 16);
	o.kernels[1] = take_kernel(byte / 16);
	byte = take_byte(tape);
	o.block_bytes[0] = blocks[byte % 8];
	o.block_bytes[1] = blocks[(byte / 8) % 8];
	o.piece_bytes = 1 + take_byte(tape);
	byte = take_byte(tape);
	o.piece_bytes += 256 * (size_t)(byte % 16);
	o.order = take_byte(tape);
	return o;
}

/* ---- the file ---- */

static struct csvr_inputs *make_input(const struct options *o, const struct tape *tape)
{
	struct csvr_inputs *inputs;
	struct csvr_folder folder;
	char path[PATH_BYTES];
	fill_file(0, tape->at, tape->left, path);
	if (csvr_inputs_new(&inputs) != CSVR_OK ||
	    csvr_inputs_add(inputs, path, &o->settings.walk) != CSVR_OK ||
	    csvr_inputs_rank(inputs) != CSVR_OK)
		need(NULL);
	csvr_folder_init(&folder);
	csvr_input_probe(inputs, &inputs->items[0], &folder);
	csvr_folder_clear(&folder);
	return inputs;
}

/* ---- whole, and in pieces ---- */

struct workers {
	struct csvr_job jobs[2];
	struct csvr_worker *workers[2];
};

static void begin_workers(struct workers *w, const struct options *o,
			  const struct csvr_inputs *inputs)
{
	for (int i = 0; i < 2; i++) {
		w->jobs[i] = (struct csvr_job){
			.inputs = inputs,
			.reading = &o->settings.reading,
			.kernel = o->kernels[i],
			.totals = csvr_totals_for(o->kernels[i]->name),
			.block_bytes = o->block_bytes[i],
			.has_fixed_blocks = true,
		};
		if (csvr_nulls_init(&w->jobs[i].nulls, o->settings.reading.null_values) !=
			    CSVR_OK ||
		    csvr_worker_new(&w->jobs[i], &w->workers[i]) != CSVR_OK)
			need(NULL);
	}
}

static void end_workers(struct workers *w)
{
	for (int i = 0; i < 2; i++) {
		csvr_worker_free(w->workers[i]);
		csvr_nulls_clear(&w->jobs[i].nulls);
	}
}

static void reread(void *context, const struct csvr_input *input, uint64_t begin, uint64_t end,
		   struct csvr_known known, struct csvr_piece *piece)
{
	csvr_worker_read(context, input, begin, end, known, piece);
}

/* Hands the chain what it has to know of the head, as soon as a piece does. */
static void tell_head(struct csvr_chain *chain, const struct csvr_worker *worker,
		      const struct csvr_piece *piece)
{
	uint64_t ignored;
	const struct csvr_head *head = csvr_worker_head(worker, &ignored);
	if (piece->status != CSVR_OK || piece->table.n_columns == 0 ||
	    !csvr_chain_wants_head(chain))
		return;
	struct csvr_name *names = need(calloc(head->n_columns + 1, sizeof *names));
	for (size_t i = 0; i < head->n_columns; i++)
		names[i] = (struct csvr_name){ (const char *)head->names[i].start,
					       head->names[i].n_bytes };
	if (csvr_chain_head(chain, names, head->n_columns, head->has_bare_cr) != CSVR_OK)
		need(NULL);
	free(names);
}

static bool read_piece(struct csvr_chain *chain, struct csvr_worker *worker,
		       const struct csvr_input *input, uint32_t index, uint64_t begin, uint64_t end)
{
	static const struct csvr_known nothing = { 0, 0 };
	struct csvr_stretch *stretch = need(csvr_stretch_new(index, index));
	bool is_mine, is_complete = false;
	csvr_worker_read(worker, input, begin, end, nothing, &stretch->piece);
	tell_head(chain, worker, &stretch->piece);
	if (csvr_chain_put(chain, stretch, &is_mine) != CSVR_OK)
		need(NULL);
	if (is_mine && csvr_chain_advance(chain, reread, worker, input, &is_complete) != CSVR_OK)
		need(NULL);
	return is_complete;
}

/* Steps that meet every piece once: any step that has no divisor in common with their number. */
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

static struct csvr_chain *read_pieces(const struct options *o, struct workers *w,
				      const struct csvr_input *input, size_t n_bytes)
{
	size_t piece_bytes = o->piece_bytes;
	if (piece_bytes < n_bytes / MOST_PIECES)
		piece_bytes = n_bytes / MOST_PIECES;
	const uint32_t n = n_bytes == 0 ? 1 : (uint32_t)((n_bytes - 1) / piece_bytes + 1);
	const uint32_t step = step_of(o->order, n);
	struct csvr_chain *chain = need(csvr_chain_new(0, n, piece_bytes));
	for (uint32_t i = 0; i < n; i++) {
		/* 64 bits: the product of two numbers of pieces. */
		const uint32_t index = (uint32_t)(((uint64_t)i * step + o->order) % n);
		const uint64_t begin = (uint64_t)index * piece_bytes;
		const uint64_t end = index + 1 == n ? UINT64_MAX : begin + piece_bytes;
		if (read_piece(chain, w->workers[i % 2], input, index, begin, end) != (i + 1 == n))
			wrong("piece %u of %u: the chain is complete too early, or not at all",
			      i + 1, n);
	}
	return chain;
}

/* ---- comparison ---- */

static void compare_count(const char *what, size_t index, uint64_t whole, uint64_t pieces)
{
	if (whole != pieces)
		wrong("%s (%zu): %llu whole, %llu in pieces", what, index,
		      (unsigned long long)whole, (unsigned long long)pieces);
}

static void compare_columns(size_t index, const struct csvr_column *whole,
			    const struct csvr_column *pieces)
{
	compare_count("first invalid line", index, whole->invalid_line, pieces->invalid_line);
	for (int i = 0; i < CSVR_N_STATISTICS; i++) {
		struct csvr_figure a = csvr_column_figure(whole, (enum csvr_statistic)i, 1);
		struct csvr_figure b = csvr_column_figure(pieces, (enum csvr_statistic)i, 1);
		if (a.kind != b.kind || a.whole != b.whole ||
		    memcmp(&a.real, &b.real, sizeof a.real) != 0)
			wrong("statistic %d of column %zu: %llu %.17g whole, %llu %.17g in pieces",
			      i, index, (unsigned long long)a.whole, a.real,
			      (unsigned long long)b.whole, b.real);
	}
}

static void compare_tables(struct csvr_table *whole, struct csvr_table *pieces)
{
	csvr_table_finish(whole);
	csvr_table_finish(pieces);
	compare_count("columns", 0, whole->n_columns, pieces->n_columns);
	compare_count("rows", 0, whole->n_rows, pieces->n_rows);
	compare_count("extra fields", 0, whole->n_extra_fields, pieces->n_extra_fields);
	compare_count("lines", 0, whole->n_lines, pieces->n_lines);
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		compare_count("oddities", i, whole->odd[i].n, pieces->odd[i].n);
		compare_count("first line of oddities", i, whole->odd[i].first_line,
			      pieces->odd[i].first_line);
	}
	for (size_t i = 0; i < whole->n_columns; i++)
		compare_columns(i, &whole->columns[i], &pieces->columns[i]);
}

static void compare_heads(const struct csvr_head *whole, const struct csvr_heading *pieces)
{
	compare_count("names", 0, whole->n_columns, pieces->n_names);
	compare_count("lone CR in the head", 0, whole->has_bare_cr, pieces->has_bare_cr);
	for (size_t i = 0; i < whole->n_columns; i++)
		if (whole->names[i].n_bytes != pieces->names[i].n_bytes ||
		    memcmp(whole->names[i].start, pieces->names[i].text, whole->names[i].n_bytes) !=
			    0)
			wrong("name of column %zu: '%.*s' whole, '%.*s' in pieces", i,
			      (int)whole->names[i].n_bytes, (const char *)whole->names[i].start,
			      (int)pieces->names[i].n_bytes, pieces->names[i].text);
}

static void compare(const struct csvr_worker *worker, struct csvr_piece *whole,
		    struct csvr_chain *chain)
{
	struct csvr_piece *pieces = csvr_chain_result(chain);
	uint64_t ignored;
	compare_count("status", 0, whole->status, pieces->status);
	if (whole->status == CSVR_OK) {
		compare_tables(&whole->table, &pieces->table);
		if (whole->table.n_columns > 0)
			compare_heads(csvr_worker_head(worker, &ignored),
				      csvr_chain_heading(chain));
		return;
	}
	compare_count("line of the error", 0, whole->error.line, pieces->error.line);
	if (strcmp(whole->error.message, pieces->error.message) != 0)
		wrong("'%s' whole, '%s' in pieces", whole->error.message, pieces->error.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct csvr_known nothing = { 0, 0 };
	struct tape tape = { data, size };
	const struct options o = take_options(&tape);
	if (is_other_data(tape.at, tape.left))
		return 0;
	struct csvr_inputs *inputs = make_input(&o, &tape);
	const struct csvr_input *input = &inputs->items[0];
	struct workers w;
	struct csvr_piece whole;
	csvr_piece_init(&whole);
	begin_workers(&w, &o, inputs);
	struct csvr_chain *chain = read_pieces(&o, &w, input, tape.left);
	csvr_worker_read(w.workers[0], input, 0, UINT64_MAX, nothing, &whole);
	compare(w.workers[0], &whole, chain);
	csvr_chain_free(chain);
	csvr_piece_clear(&whole);
	end_workers(&w);
	csvr_inputs_free(inputs);
	return 0;
}
