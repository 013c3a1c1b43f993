/* run.c - the only place that knows about threads: units of work to one summary
 *
 * One `omp parallel for` takes the units; each thread fills a summary of its own, and merges it into
 * the whole when it has nothing left to take. Merging never rounds and its order does not matter,
 * so neither does the schedule.
 *
 * A big file is cut by size alone. Its pieces meet in a chain: where one piece ended, the next must
 * have begun; one that guessed wrong is read again from the right place. Only when all pieces are in
 * does the file count, so that a file that fails is left out whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "csvreport.h"
#include "input/discover.h"
#include "parse/kernel.h"
#include "run/plan.h"
#include "run/threads.h"
#include "run/timing.h"
#include "run/worker.h"
#include "stats/summary.h"

/* 256 KiB of text and its field ends fit the L2 cache of any CPU of the last ten years (at least
 * 256 KiB, mostly 1 MiB and more) or nearly so. With 2 MiB of it, 128, 256 and 512 KiB made no
 * difference: 153, 153 and 154 ms for one file of 350 MB. */
enum { BLOCK_BYTES = 256 * 1024 };

/* Neighbouring pieces of one file, first to last, read as if they were one. */
struct stretch {
	struct csvr_piece piece;
	uint32_t first, last;
};

/* Pieces of one file on their way into one table. */
struct chain {
	/* Stretches whose turn has not come, each under its first and its last piece; put in and taken
	 * out under the lock. */
	struct stretch **from, **upto;
	uint32_t n_pieces;
	uint64_t chunk_bytes; /* all pieces but the last are as long */
	uint32_t next; /* the piece whose turn it is; changed under the lock by who holds the chain */
	bool is_held; /* some thread is taking stretches in; changed under the lock */
	/* All below belongs to the thread that holds the chain. */
	bool has_failed;
	bool has_columns;
	struct csvr_error error;
	struct csvr_known known; /* where the next record begins, and the line ends */
	struct csvr_table table;
};

/* What all threads share; only `chains`, `done_*` and `status` are written while they run. */
struct shared {
	const struct csvr_settings *settings;
	const struct csvr_inputs *inputs;
	const struct csvr_plan *plan;
	const struct csvr_job *job;
	struct csvr_watch *watch;
	struct csvr_timing *timing; /* NULL: not timed; each thread writes the record of its number */
	struct chain **chains; /* by input; NULL for inputs of one piece. Locked: csvr_chain */
	struct csvr_summary *summary; /* of all; locked: csvr_reduce */
	bool *matched; /* items of --select; locked: csvr_reduce */
	uint64_t done_bytes; /* atomic */
	uint64_t done_inputs; /* atomic */
	int status; /* atomic: the first error that ends the run */
};

/* What belongs to one thread. */
struct local {
	struct shared *shared;
	struct csvr_worker *worker;
	struct csvr_summary *summary;
	struct csvr_piece piece; /* for inputs of one piece */
	uint64_t head_number; /* for which `header` holds */
	uint32_t header; /* index in summary->headers */
	bool has_header;
	struct csvr_name *names;
	size_t names_capacity;
	struct csvr_span span;
	const struct csvr_unit *last_unit; /* NULL: none yet, or not timed */
	uint64_t last_begin_ns;
	size_t n_units;
};

static const struct csvr_known nothing_known = { 0, 0 };

/* ---- one input into the thread's summary ---- */

/* The index of the header of the input read last. */
static enum csvr_status find_header(struct local *local, uint32_t input)
{
	uint64_t number;
	const struct csvr_head *head = csvr_worker_head(local->worker, &number);
	if (local->has_header && local->head_number == number)
		return CSVR_OK;
	struct csvr_name *names = csvr_grow(local->names, &local->names_capacity, head->n_columns,
					    sizeof *names);
	if (names == NULL)
		return CSVR_NO_MEMORY;
	local->names = names;
	for (size_t i = 0; i < head->n_columns; i++)
		names[i] = head->is_selected[i] ?
				   (struct csvr_name){ (const char *)head->names[i].start,
						       head->names[i].n_bytes } :
				   (struct csvr_name){ NULL, 0 };
	enum csvr_status status = csvr_summary_header(local->summary, names, head->n_columns,
						      input, &local->header);
	local->has_header = status == CSVR_OK;
	local->head_number = number;
	return status;
}

/* A copy of a finished table, for --per-file. NULL: no memory. */
static struct csvr_table *copy_table(const struct csvr_table *table)
{
	struct csvr_table *copy = calloc(1, sizeof *copy);
	if (copy == NULL)
		return NULL;
	if (csvr_table_reset(copy, table->n_columns) == CSVR_OK &&
	    csvr_table_merge(copy, table, 0) == CSVR_OK) {
		copy->size_bytes = table->size_bytes;
		return copy;
	}
	csvr_table_clear(copy);
	free(copy);
	return NULL;
}

static enum csvr_status add_failure(struct local *local, uint32_t input,
				    const struct csvr_error *error)
{
	return csvr_summary_add_failure(local->summary, input,
					csvr_inputs_rank_of(local->shared->inputs, input), error);
}

static enum csvr_status add_table(struct local *local, uint32_t input, struct csvr_table *table,
				  uint64_t size_bytes)
{
	struct csvr_file file = {
		.input = input,
		.rank = csvr_inputs_rank_of(local->shared->inputs, input),
		.kind = CSVR_FILE_READ,
	};
	table->size_bytes = size_bytes;
	csvr_table_finish(table);
	if (table->n_rows == 0)
		file.kind = table->n_columns > 0 ? CSVR_FILE_HEADER_ONLY : CSVR_FILE_EMPTY;
	uint64_t ignored;
	if (file.kind == CSVR_FILE_HEADER_ONLY &&
	    csvr_worker_head(local->worker, &ignored)->has_bare_cr) {
		struct csvr_error error;
		csvr_fail(&error, CSVR_BAD_FILE, 1,
			  "lines end in CR, but for an LF somewhere, so this is one line; convert it "
			  "with: tr '\\r' '\\n'");
		return add_failure(local, input, &error);
	}
	if (file.kind == CSVR_FILE_READ) {
		enum csvr_status status = find_header(local, input);
		if (status != CSVR_OK)
			return status;
		file.header = local->header;
	}
	if (local->shared->settings->report.per_file) {
		file.table = copy_table(table);
		if (file.table == NULL)
			return CSVR_NO_MEMORY;
	}
	return csvr_summary_add_file(local->summary, &file, table);
}

static enum csvr_status read_whole(struct local *local, uint32_t index)
{
	const struct csvr_input *input = &local->shared->inputs->items[index];
	struct csvr_piece *piece = &local->piece;
	csvr_worker_read(local->worker, input, 0, UINT64_MAX, nothing_known, piece);
	if (piece->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (piece->status != CSVR_OK)
		return add_failure(local, index, &piece->error);
	return add_table(local, index, &piece->table, piece->size_bytes);
}

/* ---- the pieces of a big one ---- */

static void stretch_free(struct stretch *stretch)
{
	if (stretch == NULL)
		return;
	csvr_piece_clear(&stretch->piece);
	free(stretch);
}

static void chain_free(struct chain *chain)
{
	if (chain == NULL)
		return;
	for (uint32_t i = 0; chain->from != NULL && i < chain->n_pieces; i++)
		stretch_free(chain->from[i]);
	free(chain->from);
	free(chain->upto);
	csvr_table_clear(&chain->table);
	free(chain);
}

/* Made before the threads start, so that none has to make it. */
static struct chain *chain_new(const struct csvr_unit *unit)
{
	struct chain *chain = calloc(1, sizeof *chain);
	if (chain == NULL)
		return NULL;
	chain->n_pieces = unit->n_pieces;
	chain->chunk_bytes = unit->piece > 0 ? unit->begin / unit->piece : unit->end;
	csvr_table_init(&chain->table);
	chain->from = calloc(unit->n_pieces, sizeof(struct stretch *));
	chain->upto = calloc(unit->n_pieces, sizeof(struct stretch *));
	if (chain->from == NULL || chain->upto == NULL) {
		chain_free(chain);
		return NULL;
	}
	return chain;
}

static void put_in(struct chain *chain, struct stretch *stretch)
{
	chain->from[stretch->first] = chain->upto[stretch->last] = stretch;
}

static struct stretch *take_out(struct chain *chain, struct stretch *stretch)
{
	if (stretch != NULL)
		chain->from[stretch->first] = chain->upto[stretch->last] = NULL;
	return stretch;
}

/* Whether `right` begins where `left` ended, as far as both know. */
static bool fit_together(const struct stretch *left, const struct stretch *right)
{
	return left != NULL && right != NULL && left->piece.status == CSVR_OK &&
	       right->piece.status == CSVR_OK && left->piece.start != UINT64_MAX &&
	       left->piece.next == right->piece.start;
}

/* Puts a stretch into its chain, together with the neighbours that wait there and fit: so no more of
 * them wait than there are threads, however far these run ahead. Says whether the chain is now this
 * thread's to hold. Takes `stretch` over. */
static enum csvr_status wait_in_chain(struct chain *chain, struct stretch *stretch, bool *is_mine)
{
	enum csvr_status status = CSVR_OK;
	*is_mine = false;
	while (status == CSVR_OK && stretch != NULL) {
		struct stretch *left = NULL, *right = NULL;
#pragma omp critical(csvr_chain)
		{
			if (stretch->first > chain->next)
				left = chain->upto[stretch->first - 1];
			if (stretch->first > chain->next && stretch->last + 1 < chain->n_pieces)
				right = chain->from[stretch->last + 1];
			left = fit_together(left, stretch) ? take_out(chain, left) : NULL;
			right = left == NULL && fit_together(stretch, right) ?
					take_out(chain, right) :
					NULL;
			if (left == NULL && right == NULL) {
				put_in(chain, stretch);
				stretch = NULL;
				*is_mine = !chain->is_held;
				chain->is_held = true;
			}
		}
		if (stretch == NULL)
			break;
		struct stretch *into = left != NULL ? left : stretch;
		struct stretch *from = left != NULL ? stretch : right;
		status = csvr_table_merge(&into->piece.table, &from->piece.table,
					  into->piece.table.n_lines);
		into->piece.next = from->piece.next;
		into->last = from->last;
		stretch_free(from);
		stretch = into;
	}
	stretch_free(stretch);
	return status;
}

static enum csvr_status fail_chain(struct chain *chain, const struct csvr_piece *piece)
{
	chain->has_failed = true;
	chain->error = piece->error;
	if (chain->error.line > 0)
		chain->error.line += chain->table.n_lines;
	return CSVR_OK;
}

/* Takes in the stretch whose turn it is; reads it again if it began at the wrong place. */
static enum csvr_status take_in(struct local *local, struct chain *chain, uint32_t input,
				struct stretch *stretch)
{
	struct csvr_piece *piece = &stretch->piece;
	uint64_t begin = stretch->first * chain->chunk_bytes;
	uint64_t end = stretch->last + 1 == chain->n_pieces ?
			       UINT64_MAX :
			       (stretch->last + 1) * chain->chunk_bytes;
	if (piece->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (chain->has_failed)
		return CSVR_OK;
	if (piece->status == CSVR_SYSTEM || piece->status == CSVR_CHANGED)
		return fail_chain(chain, piece);
	if (chain->known.start >= end ||
	    (begin > 0 && chain->known.start >= local->shared->inputs->items[input].size_bytes))
		return CSVR_OK; /* a record from further up goes on behind this stretch */
	bool is_believable = piece->status == CSVR_OK || piece->status == CSVR_BAD_FILE;
	if (!is_believable || (begin > 0 && piece->start != chain->known.start))
		csvr_worker_read(local->worker, &local->shared->inputs->items[input], begin, end,
				 chain->known, piece);
	if (piece->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (piece->status != CSVR_OK)
		return fail_chain(chain, piece);
	chain->known.start = piece->next;
	chain->known.newline = piece->newline;
	if (!chain->has_columns) {
		/* The first table is as good as an empty one to add it to. */
		chain->has_columns = true;
		struct csvr_table empty = chain->table;
		chain->table = piece->table;
		piece->table = empty;
		return CSVR_OK;
	}
	return csvr_table_merge(&chain->table, &piece->table, chain->table.n_lines);
}

static enum csvr_status finish_chain(struct local *local, struct chain *chain, uint32_t input)
{
	if (chain->has_failed)
		return add_failure(local, input, &chain->error);
	return add_table(local, input, &chain->table,
			 local->shared->inputs->items[input].size_bytes);
}

/* Takes in all stretches whose turn has come. The caller holds the chain, and gives it up here. */
static enum csvr_status advance_chain(struct local *local, struct chain *chain, uint32_t input)
{
	for (;;) {
		struct stretch *turn = NULL;
#pragma omp critical(csvr_chain)
		{
			if (chain->next < chain->n_pieces)
				turn = take_out(chain, chain->from[chain->next]);
			if (turn == NULL)
				chain->is_held = false;
		}
		if (turn == NULL)
			return CSVR_OK;
		enum csvr_status status = take_in(local, chain, input, turn);
		bool is_last = turn->last + 1 == chain->n_pieces;
		if (status == CSVR_OK && is_last)
			status = finish_chain(local, chain, input);
#pragma omp critical(csvr_chain)
		chain->next = turn->last + 1;
		stretch_free(turn);
		if (status != CSVR_OK)
			return status; /* the run ends: nobody needs the chain any more */
	}
}

static enum csvr_status read_piece(struct local *local, const struct csvr_unit *unit)
{
	struct chain *chain = local->shared->chains[unit->first_input];
	struct stretch *stretch = malloc(sizeof *stretch);
	if (stretch == NULL)
		return CSVR_NO_MEMORY;
	csvr_piece_init(&stretch->piece);
	stretch->first = stretch->last = unit->piece;
	csvr_worker_read(local->worker, &local->shared->inputs->items[unit->first_input],
			 unit->begin, unit->end, nothing_known, &stretch->piece);
	bool is_mine;
	enum csvr_status status = wait_in_chain(chain, stretch, &is_mine);
	return status == CSVR_OK && is_mine ? advance_chain(local, chain, unit->first_input) :
					      status;
}

/* ---- one unit ---- */

static enum csvr_status read_unit(struct local *local, const struct csvr_unit *unit)
{
	if (unit->n_pieces > 1)
		return read_piece(local, unit);
	enum csvr_status status = CSVR_OK;
	for (uint32_t i = 0; i < unit->n_inputs && status == CSVR_OK; i++)
		status = read_whole(local, unit->first_input + i);
	return status;
}

/* Tells the watch, from the first thread, what all threads have done. */
static void report_progress(struct shared *shared, uint64_t n_bytes, uint64_t n_inputs)
{
	uint64_t done_bytes = __atomic_add_fetch(&shared->done_bytes, n_bytes, __ATOMIC_RELAXED);
	uint64_t done_inputs =
		__atomic_add_fetch(&shared->done_inputs, n_inputs, __ATOMIC_RELAXED);
	if (shared->watch == NULL || shared->watch->progress == NULL || csvr_threads_number() != 0)
		return;
	shared->watch->progress(shared->watch->context, done_bytes, shared->plan->size_bytes,
				done_inputs, shared->inputs->n_items);
}

static void advance(void *context, uint64_t n_bytes)
{
	report_progress(context, n_bytes, 0);
}

static uint64_t finished_inputs(const struct csvr_unit *unit)
{
	return unit->n_pieces == 1 ? unit->n_inputs : unit->piece + 1 == unit->n_pieces;
}

/* ---- threads ---- */

static void give_up(struct shared *shared, enum csvr_status status)
{
	int none = CSVR_OK;
	if (status != CSVR_OK)
		__atomic_compare_exchange_n(&shared->status, &none, (int)status, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static bool is_given_up(struct shared *shared)
{
	return __atomic_load_n(&shared->status, __ATOMIC_RELAXED) != CSVR_OK;
}

static enum csvr_status local_init(struct local *local, struct shared *shared)
{
	memset(local, 0, sizeof *local);
	local->shared = shared;
	if (shared->timing != NULL)
		csvr_span_begin(&local->span);
	csvr_piece_init(&local->piece);
	enum csvr_status status =
		csvr_summary_new(shared->settings->reading.by_position, &local->summary);
	return status == CSVR_OK ? csvr_worker_new(shared->job, &local->worker) : status;
}

static void local_clear(struct local *local)
{
	csvr_piece_clear(&local->piece);
	csvr_summary_free(local->summary);
	csvr_worker_free(local->worker);
	free(local->names);
}

static void take_unit(struct local *local, const struct csvr_unit *unit)
{
	struct shared *shared = local->shared;
	if (shared->timing != NULL) {
		local->last_unit = unit;
		local->last_begin_ns = csvr_clock_wall_ns();
		local->n_units++;
	}
	give_up(shared, read_unit(local, unit));
	report_progress(shared, 0, finished_inputs(unit));
}

/* Where this thread's time went. The last it does: from here on it only waits for the others. */
static void note_time(struct local *local)
{
	const struct shared *shared = local->shared;
	if (shared->timing == NULL || local->worker == NULL)
		return;
	const struct csvr_reading_time reading = csvr_worker_reading_time(local->worker);
	struct csvr_thread_time time = { .n_units = local->n_units,
					 .read_ns = reading.read_ns,
					 .n_bytes = reading.n_bytes,
					 .slow_ns = reading.slow_ns,
					 .slow_input = SIZE_MAX,
					 .last_input = SIZE_MAX };
	if (reading.slow_input != NULL) {
		time.slow_input = (size_t)(reading.slow_input - shared->inputs->items);
		time.is_slow_stream = reading.slow_input->kind == CSVR_STREAM;
	}
	const struct csvr_unit *unit = local->last_unit;
	if (unit != NULL) {
		time.last_ns = csvr_clock_wall_ns() - local->last_begin_ns;
		time.last_input = unit->first_input;
		time.n_last_inputs = unit->n_inputs;
		time.is_last_piece = unit->n_pieces > 1;
		time.is_last_stream =
			shared->inputs->items[unit->first_input].kind == CSVR_STREAM;
	}
	csvr_span_end(&local->span);
	time.span = local->span;
	shared->timing->threads[csvr_threads_number()] = time;
	if (csvr_threads_number() == 0)
		shared->timing->n_threads = csvr_threads_team();
}

/* Under the lock csvr_reduce. */
static enum csvr_status reduce(struct local *local)
{
	struct shared *shared = local->shared;
	uint64_t number;
	const struct csvr_head *head = csvr_worker_head(local->worker, &number);
	for (size_t i = 0; i < shared->settings->reading.select.n_words; i++)
		shared->matched[i] |= head->matched != NULL && head->matched[i];
	return csvr_summary_merge(shared->summary, local->summary);
}

static struct csvr_profile *profile_of(const struct csvr_watch *watch)
{
	return watch != NULL ? watch->profile : NULL;
}

static void probe_inputs(struct csvr_inputs *inputs, int n_threads, struct csvr_profile *profile)
{
	/* Some hundred names a turn: asking takes a microsecond here, a millisecond on a busy file
	 * server. Few names are not worth waking threads. */
	enum { NAMES_A_TURN = 256 };
	(void)n_threads; /* without OpenMP */
	size_t n = inputs->n_items;
#pragma omp parallel default(none) shared(inputs, n, profile) num_threads(n_threads) \
	if (n > NAMES_A_TURN)
	{
		struct csvr_sampled *sampled = csvr_profile_enter(profile, csvr_threads_number());
		struct csvr_folder folder;
		csvr_folder_init(&folder);
#pragma omp for schedule(dynamic, NAMES_A_TURN) nowait
		for (size_t i = 0; i < n; i++)
			csvr_input_probe(inputs, &inputs->items[i], &folder);
		csvr_folder_clear(&folder);
		csvr_profile_leave(sampled);
	}
}

static void work(struct shared *shared, int n_threads)
{
	const struct csvr_plan *plan = shared->plan;
	(void)n_threads; /* without OpenMP */
	struct csvr_profile *profile = profile_of(shared->watch);
#pragma omp parallel default(none) shared(shared, plan, profile, n_threads) num_threads(n_threads)
	{
		csvr_threads_spread(n_threads);
		struct csvr_sampled *sampled = csvr_profile_enter(profile, csvr_threads_number());
		struct local local;
		give_up(shared, local_init(&local, shared));
#pragma omp for schedule(runtime) nowait
		for (size_t i = 0; i < plan->n_units; i++)
			if (!is_given_up(shared))
				take_unit(&local, &plan->units[i]);
		if (!is_given_up(shared)) {
#pragma omp critical(csvr_reduce)
			give_up(shared, reduce(&local));
		}
		note_time(&local);
		local_clear(&local);
		csvr_profile_leave(sampled);
	}
}

/* ---- the run ---- */

static enum csvr_status make_chains(struct shared *shared)
{
	shared->chains = calloc(shared->inputs->n_items + 1, sizeof(struct chain *));
	if (shared->chains == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < shared->plan->n_units; i++) {
		const struct csvr_unit *unit = &shared->plan->units[i];
		struct chain **chain = &shared->chains[unit->first_input];
		if (unit->n_pieces == 1 || *chain != NULL)
			continue;
		*chain = chain_new(unit);
		if (*chain == NULL)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

/* Items of --select that no header answered to. */
static enum csvr_status note_unselected(struct shared *shared)
{
	const struct csvr_words *items = &shared->settings->reading.select;
	struct csvr_summary *summary = shared->summary;
	summary->unselected = calloc(items->n_words + 1, sizeof *summary->unselected);
	if (summary->unselected == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < items->n_words; i++)
		if (!shared->matched[i])
			summary->unselected[summary->n_unselected++] = items->word[i];
	return CSVR_OK;
}

static enum csvr_status run_plan(struct shared *shared, int n_threads)
{
	enum csvr_status status = make_chains(shared);
	shared->matched = calloc(shared->settings->reading.select.n_words + 1, sizeof(bool));
	if (shared->matched == NULL)
		status = CSVR_NO_MEMORY;
	if (status == CSVR_OK)
		status = csvr_summary_new(shared->settings->reading.by_position, &shared->summary);
	if (status == CSVR_OK)
		status = csvr_timing_work(shared->timing, n_threads);
	if (status == CSVR_OK) {
		work(shared, n_threads);
		csvr_timing_worked(shared->timing);
		status = (enum csvr_status)shared->status;
	}
	if (status == CSVR_OK)
		status = csvr_summary_finish(shared->summary);
	if (status == CSVR_OK)
		status = note_unselected(shared);
	if (shared->chains != NULL)
		for (size_t i = 0; i < shared->inputs->n_items; i++)
			chain_free(shared->chains[i]);
	free(shared->chains);
	free(shared->matched);
	return status;
}

static void tell(struct csvr_watch *watch, int n_threads, const char *threads_from,
		 const struct csvr_job *job, const struct csvr_plan *plan, size_t n_inputs)
{
	if (watch == NULL)
		return;
	watch->info = (struct csvr_run_info){ n_threads,     threads_from, job->kernel->name,
					      plan->n_units, n_inputs,     plan->size_bytes };
}

enum csvr_status csvr_run(const struct csvr_settings *settings, struct csvr_inputs *inputs,
			  struct csvr_watch *watch, struct csvr_summary **summary,
			  struct csvr_error *error)
{
	*summary = NULL;
	struct csvr_job job = { .inputs = inputs,
				.reading = &settings->reading,
				.kernel = csvr_kernel_choose(settings->effort.kernel),
				.block_bytes = settings->effort.block_bytes > 0 ?
						       settings->effort.block_bytes :
						       BLOCK_BYTES,
				.has_fixed_blocks = settings->effort.block_bytes > 0 };
	if (job.kernel == NULL)
		return csvr_fail(error, CSVR_BAD_OPTION, 0,
				 "no kernel '%s' that this CPU can run; --version names them",
				 settings->effort.kernel);

	struct csvr_plan plan = { 0 };
	struct shared shared = { .settings = settings, .inputs = inputs, .plan = &plan,
				 .job = &job,          .watch = watch,
				 .timing = watch != NULL ? watch->timing : NULL };
	job.is_timed = shared.timing != NULL;
	if (watch != NULL && watch->progress != NULL) {
		job.advance = advance;
		job.context = &shared;
	}
	const char *threads_from;
	int n_threads = csvr_threads_granted(settings->effort.n_threads, SIZE_MAX, &threads_from);
	probe_inputs(inputs, n_threads, profile_of(watch));
	job.totals = csvr_totals_for(job.kernel->name);
	enum csvr_status status = csvr_nulls_init(&job.nulls, settings->reading.null_values);
	if (status == CSVR_OK)
		status = csvr_inputs_rank(inputs);
	if (status == CSVR_OK)
		status = csvr_plan_build(&plan, inputs, settings->effort.chunk_bytes);
	if (status == CSVR_OK) {
		/* No more threads than there is work for. */
		if ((size_t)n_threads > plan.n_units)
			n_threads = plan.n_units > 0 ? (int)plan.n_units : 1;
		tell(watch, n_threads, threads_from, &job, &plan, inputs->n_items);
		csvr_threads_set_schedule();
		status = run_plan(&shared, n_threads);
	}
	csvr_plan_clear(&plan);
	csvr_nulls_clear(&job.nulls);
	if (status == CSVR_OK) {
		*summary = shared.summary;
		return CSVR_OK;
	}
	csvr_summary_free(shared.summary);
	return status == CSVR_NO_MEMORY ? csvr_fail_memory(error) : status;
}

/* ---- settings and failures ---- */

static const char *const default_nulls[] = { "NA", "N/A", "NULL", "null", "None" };

void csvr_settings_init(struct csvr_settings *settings)
{
	*settings = (struct csvr_settings){
		.walk = { .max_depth = -1 },
		.reading = { .delimiter = CSVR_AUTO,
			     .quote = '"',
			     .comment = CSVR_NONE,
			     .null_values = { default_nulls,
					      sizeof default_nulls / sizeof default_nulls[0] } },
		.report = { .round_digits = -1, .width = 80 },
	};
}

const char *csvr_summary_failure(const struct csvr_summary *summary,
				 const struct csvr_inputs *inputs, size_t index,
				 struct csvr_error *error)
{
	const struct csvr_failure *failure = &summary->failures[index];
	csvr_fail(error, CSVR_BAD_FILE, failure->line, "%s", failure->message);
	return csvr_inputs_path(inputs, failure->input);
}
