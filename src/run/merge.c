/* merge.c - saved states into a run */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "run/merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

/* Bytes of states that are kept between the two looks at them; others are read twice. */
enum { MOST_HELD_BYTES = 64 << 20 };

/* Puts the path in front of the message. */
static enum csvr_status about(const char *path, enum csvr_status status, struct csvr_error *error)
{
	if (status == CSVR_OK || status == CSVR_NO_MEMORY)
		return status;
	char message[CSVR_MESSAGE_BYTES];
	memcpy(message, error->message, sizeof message);
	return csvr_fail(error, status, 0, "%s: %s", path, message);
}

/* ---- opening ---- */

/* Whether the run reads anything but states. */
static bool has_own(const struct csvr_inputs *inputs)
{
	return inputs->n_states < inputs->n_items;
}

static bool has_default_reading(const struct csvr_settings *settings)
{
	struct csvr_settings defaults;
	csvr_settings_init(&defaults);
	const struct csvr_reading *a = &settings->reading, *b = &defaults.reading;
	return a->delimiter == b->delimiter && a->quote == b->quote && a->comment == b->comment &&
	       a->header == b->header && a->by_position == b->by_position &&
	       a->null_values.word == b->null_values.word && a->select.n_words == 0;
}

/* A checkpoint names its share, but does not hold all of it: only who takes what there is may have it. */
static enum csvr_status check_is_over(const struct csvr_saved *saved,
				      const struct csvr_settings *settings,
				      struct csvr_error *error)
{
	if (!csvr_saved_is_checkpoint(saved) || settings->is_partial)
		return CSVR_OK;
	return csvr_fail(
		error, CSVR_MISFIT, 0,
		"is the checkpoint of a run that is not over; let that go on to its end, or "
		"give --partial for a report of what there is");
}

static enum csvr_status open_one(struct csvr_states *states, size_t index,
				 struct csvr_settings *settings, struct csvr_inputs *inputs,
				 bool *may_adopt, size_t *n_held, struct csvr_error *error)
{
	struct csvr_saved *saved = &states->items[index];
	enum csvr_status status = csvr_saved_open(saved, states->paths[index], error);
	if (status == CSVR_OK)
		status = check_is_over(saved, settings, error);
	if (status == CSVR_OK && *may_adopt)
		status = csvr_saved_adopt(saved, settings, inputs, error);
	*may_adopt &= status != CSVR_OK;
	if (status == CSVR_OK)
		status = csvr_saved_agree(saved, settings, error);
	if (status == CSVR_OK)
		status = csvr_saved_inputs(saved, inputs, error);
	*n_held += saved->file.n_bytes;
	if (*n_held > MOST_HELD_BYTES) {
		*n_held -= saved->file.n_bytes;
		csvr_saved_drop(saved);
	}
	return about(states->paths[index], status, error);
}

/* A state that cannot be used is left out and named, as any bad file, where the user asked for what
 * there is. */
static bool is_left_out(const struct csvr_settings *settings, enum csvr_status status)
{
	return settings->is_partial && (status == CSVR_BAD_FILE || status == CSVR_SYSTEM);
}

enum csvr_status csvr_states_open(struct csvr_states *states, struct csvr_settings *settings,
				  struct csvr_inputs *inputs, struct csvr_error *error)
{
	*states = (struct csvr_states){ 0 };
	const size_t n_states = inputs->n_states, n_before = inputs->n_items;
	if (n_states == 0)
		return CSVR_OK;
	if (settings->share.count > 1 && !has_own(inputs))
		return csvr_fail(error, CSVR_BAD_OPTION, 0,
				 "--shard=%" PRIu32 "/%" PRIu32
				 ": there are only saved states, and "
				 "every share would hold them whole; leave --shard away",
				 settings->share.index, settings->share.count);
	bool may_adopt = !has_own(inputs) && has_default_reading(settings);
	size_t n_held = 0;
	states->items = calloc(n_states, sizeof *states->items);
	states->paths = calloc(n_states, sizeof(char *));
	if (states->items == NULL || states->paths == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = csvr_listings_begin(inputs, csvr_plan_piece_bytes(settings),
						      settings->share.index, settings->share.count);
	for (size_t i = 0; i < n_before && status == CSVR_OK; i++) {
		if (inputs->items[i].kind != CSVR_STATE)
			continue;
		const size_t index = states->n_items;
		states->paths[index] = strdup(csvr_inputs_path(inputs, i));
		if (states->paths[index] == NULL)
			return CSVR_NO_MEMORY;
		states->n_items++;
		status = open_one(states, index, settings, inputs, &may_adopt, &n_held, error);
		if (is_left_out(settings, status)) {
			/* It stays, as a file like others, and whoever reads it will say that it is bad. */
			inputs->items[i].kind = CSVR_REGULAR;
			status = CSVR_OK;
			csvr_saved_clear(&states->items[index]);
			states->items[index].n_summaries = 0;
		}
	}
	if (status == CSVR_OK)
		status = csvr_listings_arrange(inputs, &states->new_index);
	return status;
}

void csvr_states_clear(struct csvr_states *states)
{
	for (size_t i = 0; i < states->n_items; i++) {
		csvr_saved_clear(&states->items[i]);
		free(states->paths[i]);
	}
	free(states->items);
	free(states->paths);
	free(states->new_index);
	*states = (struct csvr_states){ 0 };
}

/* ---- taking in ---- */

enum csvr_status csvr_states_take(struct csvr_states *states,
				  const struct csvr_summary_rules *rules, struct csvr_found *found,
				  struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < states->n_items && status == CSVR_OK; i++) {
		struct csvr_saved *saved = &states->items[i];
		for (size_t s = 0; s < saved->n_summaries && status == CSVR_OK; s++) {
			struct csvr_summary *summary;
			status = csvr_saved_summary(saved, rules, states->new_index + saved->base,
						    &summary, error);
			if (status == CSVR_OK)
				status = csvr_found_take_named(found, summary, error);
			csvr_summary_free(summary);
		}
		status = about(states->paths[i], status, error);
		csvr_saved_clear(saved);
	}
	return status;
}

/* ---- completeness ---- */

static const char *state_of(const struct csvr_listing *listing)
{
	return listing->n_found > 0 && listing->found[0].from != NULL ? listing->found[0].from
								      : "this run";
}

/* Two lists of which shares are missing may be one that changed in between. */
static enum csvr_status mixed(const struct csvr_listing *a, const struct csvr_listing *b,
			      struct csvr_error *error)
{
	if (a->n_shares != b->n_shares)
		return csvr_fail(error, CSVR_MISFIT, 0,
				 "%s is a share of %" PRIu32 ", %s one of %" PRIu32 ": they do not "
				 "belong together; make all with the same --shard=I/N",
				 state_of(a), a->n_shares, state_of(b), b->n_shares);
	if (a->piece_bytes != b->piece_bytes)
		return csvr_fail(error, CSVR_MISFIT, 0,
				 "%s is of big files in pieces of %" PRIu64
				 " bytes, %s in pieces of "
				 "%" PRIu64 ": they do not belong together; make all with the same "
				 "--chunk",
				 state_of(a), a->piece_bytes, state_of(b), b->piece_bytes);
	const bool is_newer = b->newest_ns >= a->newest_ns;
	return csvr_fail(error, CSVR_MISFIT, 0,
			 "the inputs changed between the runs: %s is a share of %" PRIu64
			 " inputs, %s of %" PRIu64 " (newest: %s); make all shares again",
			 state_of(a), a->n_inputs, state_of(b), b->n_inputs,
			 is_newer ? b->newest : a->newest);
}

/* An input that may be meant to be the state of a missing share; NULL: there is none. */
static const char *find_unreadable(const struct csvr_inputs *inputs)
{
	for (size_t i = 0; i < inputs->n_items; i++)
		if (inputs->items[i].kind == CSVR_FAILED)
			return csvr_inputs_path(inputs, i);
	return NULL;
}

/* An input that stands in two lists of which both lack shares: one list that changed in between. */
static enum csvr_status check_twice(const struct csvr_inputs *inputs, struct csvr_error *error)
{
	const struct csvr_listings *listings = inputs->listings;
	for (size_t i = 1; listings != NULL && i < inputs->n_items; i++) {
		const uint32_t a = listings->origins[i - 1].listing,
			       b = listings->origins[i].listing;
		if (a != b && csvr_listing_n_missing(&listings->items[a]) > 0 &&
		    csvr_listing_n_missing(&listings->items[b]) > 0 &&
		    csvr_inputs_compare(inputs, (uint32_t)(i - 1), (uint32_t)i) == 0)
			return mixed(&listings->items[a], &listings->items[b], error);
	}
	return CSVR_OK;
}

enum csvr_status csvr_states_check(const struct csvr_inputs *inputs, bool is_partial,
				   struct csvr_error *error)
{
	const struct csvr_listings *listings = inputs->listings;
	const struct csvr_listing *missing = NULL;
	if (is_partial)
		return check_twice(inputs, error);
	for (size_t i = 0; listings != NULL && i < listings->n_items; i++) {
		const struct csvr_listing *listing = &listings->items[i];
		if (csvr_listing_n_missing(listing) == 0)
			continue;
		if (missing != NULL)
			return mixed(missing, listing, error);
		missing = listing;
	}
	if (missing == NULL)
		return CSVR_OK;
	char shares[CSVR_SHARES_BYTES];
	csvr_listing_missing(missing, shares);
	const bool is_one = csvr_listing_n_missing(missing) == 1;
	const char *unreadable = find_unreadable(inputs);
	return csvr_fail(error, CSVR_MISFIT, 0,
			 "%s %s of %" PRIu32 " %s missing (%s %s); give the rest too, or --partial "
			 "for a report of what there is",
			 is_one ? "share" : "shares", shares, missing->n_shares,
			 is_one ? "is" : "are", unreadable != NULL ? "cannot be read:" : "there is",
			 unreadable != NULL ? unreadable : state_of(missing));
}

/* ---- going on ---- */

/* A file that failed may be whole now: it is read again, unless it came out of a saved state. */
static void forget_failures(struct csvr_summary *summary, const struct csvr_inputs *inputs)
{
	size_t n = 0;
	for (size_t i = 0; i < summary->n_files; i++)
		if (summary->files[i].kind != CSVR_FILE_BAD ||
		    inputs->items[summary->files[i].input].is_known) {
			if (summary->tables != NULL)
				summary->tables[n] = summary->tables[i];
			summary->files[n++] = summary->files[i];
		}
	summary->n_files = n;
	n = 0;
	for (size_t i = 0; i < summary->n_failures; i++)
		if (inputs->items[summary->failures[i].input].is_known)
			summary->failures[n++] = summary->failures[i];
	summary->n_failures = n;
}

/* The same for pieces of a big one that could not be read, or that failed as far as it was read. */
static void forget_bad_pieces(struct csvr_unfinished *unfinished)
{
	size_t n = 0;
	for (size_t i = 0; i < unfinished->n_stretches; i++) {
		struct csvr_stretch *stretch = unfinished->stretches[i];
		const enum csvr_status status = stretch->piece.status;
		if (status == CSVR_SYSTEM || status == CSVR_CHANGED ||
		    (stretch->first == 0 && status != CSVR_OK))
			csvr_stretch_free(stretch);
		else
			unfinished->stretches[n++] = stretch;
	}
	unfinished->n_stretches = n;
}

/* Bytes of files that are there in part. */
static uint64_t unfinished_bytes(const struct csvr_summary *summary,
				 const struct csvr_inputs *inputs)
{
	uint64_t n_bytes = 0;
	for (size_t i = 0; i < summary->n_unfinished; i++) {
		const struct csvr_unfinished *unfinished = &summary->unfinished[i];
		const uint64_t size_bytes = csvr_input_bytes(inputs,
							     &inputs->items[unfinished->input]);
		for (size_t j = 0; j < unfinished->n_stretches; j++) {
			const struct csvr_stretch *stretch = unfinished->stretches[j];
			const uint64_t begin = stretch->first * unfinished->piece_bytes;
			const uint64_t end = (stretch->last + UINT64_C(1)) *
					     unfinished->piece_bytes;
			const uint64_t limit = end < size_bytes ? end : size_bytes;
			n_bytes += limit > begin ? limit - begin : 0;
		}
	}
	return n_bytes;
}

static enum csvr_status take_current(struct csvr_summary *summary, const struct csvr_inputs *inputs,
				     struct csvr_found *found, struct csvr_resumed *resumed,
				     struct csvr_error *error)
{
	for (size_t i = summary->n_unfinished; i-- > 0;) {
		if (summary->unfinished[i].input != UINT32_MAX)
			continue;
		struct csvr_unfinished gone = csvr_summary_take_unfinished(summary, i);
		csvr_unfinished_clear(&gone);
	}
	if (summary->has_gone)
		return CSVR_OK; /* one of its files changed: all that it sums up is read again */
	forget_failures(summary, inputs);
	for (size_t i = 0; i < summary->n_unfinished; i++)
		if (!inputs->items[summary->unfinished[i].input].is_known)
			forget_bad_pieces(&summary->unfinished[i]);
	resumed->size_bytes += summary->size_bytes + unfinished_bytes(summary, inputs);
	enum csvr_status status = csvr_found_take(found, summary, error);
	return status == CSVR_OK ? csvr_found_part(found) : status;
}

enum csvr_status csvr_states_resume(const char *path, const struct csvr_settings *settings,
				    struct csvr_inputs *inputs,
				    const struct csvr_summary_rules *rules,
				    struct csvr_found *found, struct csvr_resumed *resumed,
				    struct csvr_error *error)
{
	struct csvr_saved saved;
	*resumed = (struct csvr_resumed){ 0 };
	if (path == NULL || access(path, F_OK) != 0)
		return CSVR_OK;
	enum csvr_status status = csvr_saved_open(&saved, path, error);
	uint32_t *index = NULL;
	/* The run that goes on from it would remove it in the end. */
	if (status == CSVR_OK && !csvr_saved_is_checkpoint(&saved))
		status = csvr_fail(
			error, CSVR_BAD_OPTION, 0,
			"is a saved state and no checkpoint, which the run would remove in "
			"the end; name another file");
	if (status == CSVR_OK)
		status = csvr_saved_agree(&saved, settings, error);
	if (status == CSVR_OK) {
		index = malloc((saved.n_inputs + 1) * sizeof *index);
		status = index == NULL ? CSVR_NO_MEMORY
				       : csvr_saved_find(&saved, inputs, index, error);
	}
	resumed->is_there = status == CSVR_OK;
	resumed->n_inputs = status == CSVR_OK ? saved.n_inputs : 0;
	for (size_t i = 0; i < saved.n_inputs && status == CSVR_OK; i++)
		resumed->n_changed += index[i] == UINT32_MAX;
	for (size_t s = 0; s < saved.n_summaries && status == CSVR_OK; s++) {
		struct csvr_summary *summary;
		status = csvr_saved_summary(&saved, rules, index, &summary, error);
		if (status == CSVR_OK)
			status = take_current(summary, inputs, found, resumed, error);
		csvr_summary_free(summary);
	}
	if (status == CSVR_OK)
		status = csvr_found_resumed(found);
	free(index);
	csvr_saved_clear(&saved);
	return about(path, status, error);
}
