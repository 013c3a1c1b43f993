/* found.c - what the threads of a run have found so far */
#include "run/found.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "run/saved.h"

/* With so many a file that changed between two runs costs about a sixteenth of the work. */
enum { MOST_SUMMARIES = 16 };

struct stretch_place {
	uint32_t input, first, last;
};

struct csvr_found {
	struct csvr_summary_rules rules;
	/* Held for reading by threads that change chains, for writing by one that saves. */
	pthread_rwlock_t still;
	pthread_mutex_t lock; /* of the summaries, among the former */
	struct csvr_summary *summaries[MOST_SUMMARIES]; /* the last is added to */
	size_t n_summaries;
	struct csvr_chain **chains; /* by input */
	size_t n_chains, chains_capacity;
	unsigned char *is_done; /* bit per input; NULL: none came out of saved states */
	size_t n_done_bytes;
	/* The same for the checkpoint alone, and its pieces of unfinished files. */
	unsigned char *is_resumed;
	size_t n_resumed_bytes;
	struct stretch_place *resumed_stretches;
	size_t n_resumed_stretches, resumed_stretches_capacity;
};

enum csvr_status csvr_found_new(const struct csvr_summary_rules *rules, struct csvr_found **found)
{
	pthread_rwlockattr_t attributes;
	*found = calloc(1, sizeof **found);
	if (*found == NULL)
		return CSVR_NO_MEMORY;
	(*found)->rules = *rules;
	pthread_rwlockattr_init(&attributes);
#ifdef __GLIBC__
	/* Else a saving might wait for ever while threads come and go. */
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
	pthread_rwlock_init(&(*found)->still, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	pthread_mutex_init(&(*found)->lock, NULL);
	enum csvr_status status = csvr_summary_new(rules, &(*found)->summaries[0]);
	if (status == CSVR_OK) {
		(*found)->n_summaries = 1;
		return CSVR_OK;
	}
	csvr_found_free(*found);
	*found = NULL;
	return status;
}

void csvr_found_free(struct csvr_found *found)
{
	if (found == NULL)
		return;
	for (size_t i = 0; i < found->n_summaries; i++)
		csvr_summary_free(found->summaries[i]);
	for (size_t i = 0; i < found->n_chains; i++)
		csvr_chain_free(found->chains[i]);
	free(found->chains);
	free(found->is_done);
	free(found->is_resumed);
	free(found->resumed_stretches);
	pthread_rwlock_destroy(&found->still);
	pthread_mutex_destroy(&found->lock);
	free(found);
}

static struct csvr_summary *last_summary(const struct csvr_found *found)
{
	return found->summaries[found->n_summaries - 1];
}

/* ---- chains ---- */

/* Where the chain of `input` stands or would stand. */
static size_t place_of(const struct csvr_found *found, uint32_t input)
{
	size_t low = 0, high = found->n_chains;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (csvr_chain_input(found->chains[middle]) < input)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct csvr_chain *csvr_found_chain(const struct csvr_found *found, uint32_t input)
{
	const size_t i = place_of(found, input);
	return i < found->n_chains && csvr_chain_input(found->chains[i]) == input ? found->chains[i]
										  : NULL;
}

/* NULL: no memory. */
static struct csvr_chain *chain_of(struct csvr_found *found, uint32_t input, uint32_t n_pieces,
				   uint64_t piece_bytes)
{
	struct csvr_chain *chain = csvr_found_chain(found, input);
	if (chain != NULL)
		return chain;
	struct csvr_chain **chains = csvr_grow(found->chains, &found->chains_capacity,
					       found->n_chains + 1, sizeof(struct csvr_chain *));
	if (chains == NULL)
		return NULL;
	found->chains = chains;
	chain = csvr_chain_new(input, n_pieces, piece_bytes);
	if (chain == NULL)
		return NULL;
	const size_t i = place_of(found, input);
	memmove(chains + i + 1, chains + i, (found->n_chains++ - i) * sizeof(struct csvr_chain *));
	chains[i] = chain;
	return chain;
}

enum csvr_status csvr_found_expect(struct csvr_found *found, const struct csvr_plan *plan)
{
	for (size_t i = 0; i < plan->n_units; i++) {
		const struct csvr_unit *unit = &plan->units[i];
		if (unit->n_pieces == 1)
			continue;
		const uint64_t piece_bytes = unit->piece > 0 ? unit->begin / unit->piece
							     : unit->end;
		if (chain_of(found, unit->first_input, unit->n_pieces, piece_bytes) == NULL)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

/* ---- what was found before ---- */

static enum csvr_status note_done(struct csvr_found *found, uint32_t input)
{
	const size_t n_bytes = input / 8 + (size_t)1;
	if (n_bytes > found->n_done_bytes) {
		size_t capacity = found->n_done_bytes;
		unsigned char *grown = csvr_grow(found->is_done, &capacity, n_bytes, 1);
		if (grown == NULL)
			return CSVR_NO_MEMORY;
		memset(grown + found->n_done_bytes, 0, capacity - found->n_done_bytes);
		found->is_done = grown;
		found->n_done_bytes = capacity;
	}
	found->is_done[input / 8] |= (unsigned char)(1u << input % 8);
	return CSVR_OK;
}

static bool has_bit(const unsigned char *bits, size_t n_bytes, uint32_t index)
{
	return index / 8 < n_bytes && (bits[index / 8] >> index % 8 & 1) != 0;
}

static bool is_done(const struct csvr_found *found, uint32_t input)
{
	return has_bit(found->is_done, found->n_done_bytes, input);
}

static enum csvr_status twice(struct csvr_error *error)
{
	return csvr_fail(error, CSVR_BAD_FILE, 0,
			 "is a saved state with something in it that another one holds too; give "
			 "only states that do not overlap");
}

static enum csvr_status take_unfinished(struct csvr_found *found,
					struct csvr_unfinished *unfinished,
					struct csvr_error *error)
{
	const struct csvr_heading *heading = &unfinished->heading;
	struct csvr_chain *chain = chain_of(found, unfinished->input, unfinished->n_pieces,
					    unfinished->piece_bytes);
	if (chain == NULL)
		return CSVR_NO_MEMORY;
	if (!csvr_chain_is_cut(chain, unfinished->n_pieces, unfinished->piece_bytes))
		return csvr_fail(
			error, CSVR_BAD_FILE, 0,
			"is a saved state whose big files were cut in another way; make it "
			"again");
	enum csvr_status status = csvr_chain_head(chain, heading->names, heading->n_names,
						  heading->has_bare_cr);
	for (size_t i = 0; i < unfinished->n_stretches && status == CSVR_OK; i++) {
		struct csvr_stretch *stretch = unfinished->stretches[i];
		if (is_done(found, unfinished->input) ||
		    csvr_chain_has(chain, stretch->first, stretch->last))
			return twice(error);
		unfinished->stretches[i] = NULL;
		status = csvr_chain_wait(chain, stretch);
	}
	return status;
}

enum csvr_status csvr_found_take(struct csvr_found *found, struct csvr_summary *summary,
				 struct csvr_error *error)
{
	for (size_t i = 0; i < summary->n_files; i++) {
		const uint32_t input = summary->files[i].input;
		const struct csvr_chain *chain = csvr_found_chain(found, input);
		if (is_done(found, input) ||
		    (chain != NULL && csvr_chain_has(chain, 0, UINT32_MAX)))
			return twice(error);
		if (note_done(found, input) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < summary->n_unfinished && status == CSVR_OK; i++)
		status = take_unfinished(found, &summary->unfinished[i], error);
	for (size_t i = 0; i < summary->n_unfinished; i++)
		csvr_unfinished_clear(&summary->unfinished[i]);
	summary->n_unfinished = 0;
	return status == CSVR_OK ? csvr_summary_merge(last_summary(found), summary) : status;
}

/* ---- what the checkpoint and the inputs both hold ---- */

static bool is_resumed(const struct csvr_found *found, uint32_t input)
{
	return has_bit(found->is_resumed, found->n_resumed_bytes, input);
}

static bool is_stretch_resumed(const struct csvr_found *found, uint32_t input,
			       const struct csvr_stretch *stretch)
{
	bool is_in = is_resumed(found, input);
	for (size_t i = 0; i < found->n_resumed_stretches && !is_in; i++) {
		const struct stretch_place *place = &found->resumed_stretches[i];
		is_in = place->input == input && place->first <= stretch->first &&
			place->last >= stretch->last;
	}
	return is_in;
}

static enum csvr_status note_resumed(struct csvr_found *found,
				     const struct csvr_unfinished *unfinished)
{
	struct stretch_place *places =
		csvr_grow(found->resumed_stretches, &found->resumed_stretches_capacity,
			  found->n_resumed_stretches + unfinished->n_stretches, sizeof *places);
	if (places == NULL)
		return CSVR_NO_MEMORY;
	found->resumed_stretches = places;
	for (size_t i = 0; i < unfinished->n_stretches; i++)
		places[found->n_resumed_stretches++] =
			(struct stretch_place){ unfinished->input, unfinished->stretches[i]->first,
						unfinished->stretches[i]->last };
	return CSVR_OK;
}

enum csvr_status csvr_found_resumed(struct csvr_found *found)
{
	found->is_resumed = malloc(found->n_done_bytes + 1);
	if (found->is_resumed == NULL)
		return CSVR_NO_MEMORY;
	found->n_resumed_bytes = found->n_done_bytes;
	if (found->n_done_bytes > 0)
		memcpy(found->is_resumed, found->is_done, found->n_done_bytes);
	for (size_t i = 0; i < found->n_chains; i++) {
		struct csvr_unfinished lent;
		enum csvr_status status = csvr_chain_lend(found->chains[i], &lent);
		if (status == CSVR_OK)
			status = note_resumed(found, &lent);
		csvr_chain_unlend(&lent);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

enum csvr_status csvr_found_take_named(struct csvr_found *found, struct csvr_summary *summary,
				       struct csvr_error *error)
{
	for (size_t i = 0; i < summary->n_unfinished; i++) {
		struct csvr_unfinished *unfinished = &summary->unfinished[i];
		size_t n = 0;
		for (size_t j = 0; j < unfinished->n_stretches; j++) {
			if (is_stretch_resumed(found, unfinished->input, unfinished->stretches[j]))
				csvr_stretch_free(unfinished->stretches[j]);
			else
				unfinished->stretches[n++] = unfinished->stretches[j];
		}
		unfinished->n_stretches = n;
	}
	size_t n_resumed = 0;
	for (size_t i = 0; i < summary->n_files; i++)
		n_resumed += is_resumed(found, summary->files[i].input);
	if (n_resumed == 0)
		return csvr_found_take(found, summary, error);
	if (n_resumed < summary->n_files)
		return csvr_fail(
			error, CSVR_BAD_FILE, 0,
			"is a saved state of which the checkpoint holds a part; remove the "
			"checkpoint");
	struct csvr_summary *rest; /* what is left of it */
	enum csvr_status status = csvr_summary_new(&found->rules, &rest);
	while (status == CSVR_OK && summary->n_unfinished > 0) {
		struct csvr_unfinished unfinished =
			csvr_summary_take_unfinished(summary, summary->n_unfinished - 1);
		status = csvr_summary_add_unfinished(rest, &unfinished);
		csvr_unfinished_clear(&unfinished);
	}
	if (status == CSVR_OK)
		status = csvr_found_take(found, rest, error);
	csvr_summary_free(rest);
	return status;
}

bool csvr_found_has(void *context, uint32_t input, uint32_t piece, uint32_t n_pieces)
{
	const struct csvr_found *found = context;
	if (is_done(found, input))
		return true;
	const struct csvr_chain *chain = n_pieces > 1 ? csvr_found_chain(found, input) : NULL;
	return chain != NULL && csvr_chain_has(chain, piece, piece);
}

/* ---- while threads run ---- */

void csvr_found_enter(struct csvr_found *found)
{
	pthread_rwlock_rdlock(&found->still);
}

void csvr_found_leave(struct csvr_found *found)
{
	pthread_rwlock_unlock(&found->still);
}

enum csvr_status csvr_found_add(struct csvr_found *found, struct csvr_summary *summary)
{
	csvr_found_enter(found);
	pthread_mutex_lock(&found->lock);
	enum csvr_status status = csvr_summary_merge(last_summary(found), summary);
	pthread_mutex_unlock(&found->lock);
	csvr_found_leave(found);
	return status;
}

/* ---- saving ---- */

/* Where there are enough of them the two neighbours with the fewest bytes become one. */
enum csvr_status csvr_found_part(struct csvr_found *found)
{
	struct csvr_summary **summaries = found->summaries;
	if (last_summary(found)->n_files == 0)
		return CSVR_OK;
	if (found->n_summaries == MOST_SUMMARIES) {
		size_t least = 0;
		uint64_t least_bytes = UINT64_MAX;
		for (size_t i = 0; i + 1 < found->n_summaries; i++) {
			const uint64_t bytes = summaries[i]->size_bytes +
					       summaries[i + 1]->size_bytes;
			if (bytes < least_bytes) {
				least_bytes = bytes;
				least = i;
			}
		}
		enum csvr_status status = csvr_summary_merge(summaries[least],
							     summaries[least + 1]);
		if (status != CSVR_OK)
			return status;
		csvr_summary_free(summaries[least + 1]);
		found->n_summaries--;
		memmove(summaries + least + 1, summaries + least + 2,
			(found->n_summaries - least - 1) * sizeof(struct csvr_summary *));
	}
	enum csvr_status status = csvr_summary_new(&found->rules, &summaries[found->n_summaries]);
	found->n_summaries += status == CSVR_OK;
	return status;
}

/* A summary of nothing but the unfinished files, whose stretches stay the chains'. */
static enum csvr_status lend_chains(struct csvr_found *found, struct csvr_summary *lent)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < found->n_chains && status == CSVR_OK; i++) {
		struct csvr_unfinished unfinished;
		status = csvr_chain_lend(found->chains[i], &unfinished);
		if (status == CSVR_OK && unfinished.n_stretches > 0)
			status = csvr_summary_add_unfinished(lent, &unfinished);
		csvr_chain_unlend(&unfinished);
	}
	return status;
}

static void unlend_chains(struct csvr_summary *lent)
{
	for (size_t i = 0; i < lent->n_unfinished; i++)
		csvr_chain_unlend(&lent->unfinished[i]);
	lent->n_unfinished = 0;
}

static enum csvr_status put_all(struct csvr_found *found, const struct csvr_settings *settings,
				const struct csvr_inputs *inputs, const struct csvr_run_record *run,
				struct csvr_bytes *bytes)
{
	const struct csvr_summary *summaries[MOST_SUMMARIES + 1];
	struct csvr_summary *lent;
	enum csvr_status status = csvr_summary_new(&found->rules, &lent);
	if (status != CSVR_OK)
		return status;
	status = csvr_summary_add_run(lent, run);
	if (status == CSVR_OK)
		status = lend_chains(found, lent);
	for (size_t i = 0; i < found->n_summaries && status == CSVR_OK; i++) {
		summaries[i] = found->summaries[i];
		status = csvr_summary_finish(found->summaries[i]);
	}
	if (status == CSVR_OK)
		status = csvr_summary_finish(lent);
	summaries[found->n_summaries] = lent;
	if (status == CSVR_OK)
		status = csvr_saved_put(bytes, settings, inputs, summaries, found->n_summaries + 1);
	unlend_chains(lent);
	csvr_summary_free(lent);
	return status == CSVR_OK ? csvr_found_part(found) : status;
}

enum csvr_status csvr_found_save(struct csvr_found *found, const struct csvr_settings *settings,
				 const struct csvr_inputs *inputs,
				 const struct csvr_run_record *run, struct csvr_bytes *bytes)
{
	pthread_rwlock_wrlock(&found->still);
	enum csvr_status status = put_all(found, settings, inputs, run, bytes);
	pthread_rwlock_unlock(&found->still);
	return status;
}

/* ---- the end ---- */

enum csvr_status csvr_found_settle(struct csvr_found *found, csvr_settle_fn settle, void *context)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < found->n_chains && status == CSVR_OK; i++)
		if (!csvr_chain_is_complete(found->chains[i]) &&
		    csvr_chain_has(found->chains[i], 0, UINT32_MAX))
			status = settle(context, found->chains[i]);
	return status;
}

enum csvr_status csvr_found_end(struct csvr_found *found, struct csvr_summary **summary)
{
	enum csvr_status status = CSVR_OK;
	*summary = found->summaries[0];
	for (size_t i = 1; i < found->n_summaries; i++) {
		if (status == CSVR_OK)
			status = csvr_summary_merge(*summary, found->summaries[i]);
		csvr_summary_free(found->summaries[i]);
	}
	found->n_summaries = 0;
	for (size_t i = 0; i < found->n_chains && status == CSVR_OK; i++) {
		struct csvr_unfinished unfinished;
		status = csvr_chain_leave(found->chains[i], &unfinished);
		if (status == CSVR_OK && unfinished.n_stretches > 0)
			status = csvr_summary_add_unfinished(*summary, &unfinished);
		csvr_unfinished_clear(&unfinished);
	}
	if (status == CSVR_OK)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return status;
}
