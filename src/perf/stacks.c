/* stacks.c - folded stacks */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "perf/stacks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perf/symbols.h"

/* ---- lines ---- */

void csvr_stacks_init(struct csvr_stacks *stacks)
{
	*stacks = (struct csvr_stacks){ 0 };
	csvr_arena_init(&stacks->strings);
}

void csvr_stacks_clear(struct csvr_stacks *stacks)
{
	free(stacks->items);
	csvr_arena_clear(&stacks->strings);
}

enum csvr_status csvr_stacks_add(struct csvr_stacks *stacks, const char *text, size_t n_bytes,
				 uint64_t n_samples)
{
	struct csvr_stack *items = csvr_array_grow(stacks->items, &stacks->capacity,
						   stacks->n_items + 1, sizeof *items);
	if (items == NULL)
		return CSVR_NO_MEMORY;
	stacks->items = items;
	const char *copy = csvr_arena_copy(&stacks->strings, text, n_bytes);
	if (copy == NULL)
		return CSVR_NO_MEMORY;
	items[stacks->n_items++] = (struct csvr_stack){ copy, n_samples };
	return CSVR_OK;
}

static int compare(const void *left, const void *right)
{
	const char *a = ((const struct csvr_stack *)left)->text;
	const char *b = ((const struct csvr_stack *)right)->text;
	const int order = strverscmp(a, b);
	return order != 0 ? order : strcmp(a, b);
}

void csvr_stacks_sort(struct csvr_stacks *stacks)
{
	struct csvr_stack *items = stacks->items;
	size_t n = 0;
	if (stacks->n_items > 1)
		qsort(items, stacks->n_items, sizeof *items, compare);
	for (size_t i = 0; i < stacks->n_items; i++) {
		if (n > 0 && strcmp(items[n - 1].text, items[i].text) == 0)
			items[n - 1].n_samples += items[i].n_samples;
		else
			items[n++] = items[i];
	}
	stacks->n_items = n;
}

/* ---- frames ---- */

bool csvr_folding_push(struct csvr_folding *folding, const char *name)
{
	const size_t length = strlen(name);
	if (folding->n_bytes > 0 && name[0] == '[' &&
	    strcmp(folding->text + folding->last, name) == 0)
		return true;
	char *text = csvr_array_grow(folding->text, &folding->capacity,
				     folding->n_bytes + length + 2, 1);
	if (text == NULL)
		return false;
	folding->text = text;
	if (folding->n_bytes > 0)
		text[folding->n_bytes++] = ';';
	folding->last = folding->n_bytes;
	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)name[i];
		const bool is_visible = byte >= ' ' && byte != 127;
		text[folding->n_bytes++] = byte == ';' ? ':' : is_visible ? name[i] : '?';
	}
	text[folding->n_bytes] = '\0';
	return true;
}

/* Frames are return addresses, except the innermost; the byte before one is in the call. */
static uintptr_t address_of(const struct csvr_samples *samples, const struct csvr_sample *sample,
			    size_t frame)
{
	return samples->frames[sample->first + frame] - (frame > 0);
}

/* The number of frames up to main, from the innermost; all of them if main is not among them. */
static size_t count_to_main(struct csvr_symbols *symbols, const struct csvr_samples *samples,
			    const struct csvr_sample *sample)
{
	for (size_t i = sample->n_frames; i > 0; i--) {
		const char *const *names;
		const size_t n = csvr_symbols_at(symbols, address_of(samples, sample, i - 1),
						 &names);
		if (n > 0 && strcmp(names[n - 1], "main") == 0)
			return i;
	}
	return sample->n_frames;
}

static enum csvr_status fold_sample(struct csvr_stacks *stacks, struct csvr_folding *folding,
				    struct csvr_symbols *symbols,
				    const struct csvr_profile_thread *thread,
				    const struct csvr_sample *sample)
{
	char root[64];
	snprintf(root, sizeof root, "thread %d%s", thread->number + 1,
		 thread->number == 0 ? " (main)" : "");
	folding->n_bytes = 0;
	bool is_folded = csvr_folding_push(folding, root);
	size_t i = count_to_main(symbols, &thread->samples, sample);
	for (; i > 0 && is_folded; i--) {
		const char *const *names;
		size_t n = csvr_symbols_at(symbols, address_of(&thread->samples, sample, i - 1),
					   &names);
		for (; n > 0 && is_folded; n--)
			is_folded = csvr_folding_push(folding, names[n - 1]);
	}
	return is_folded ? csvr_stacks_add(stacks, folding->text, folding->n_bytes, sample->weight)
			 : CSVR_NO_MEMORY;
}

enum csvr_status csvr_stacks_fold(struct csvr_stacks *stacks, const struct csvr_profile *profile)
{
	struct csvr_symbols *symbols = csvr_symbols_new();
	struct csvr_folding folding = { 0 };
	enum csvr_status status = symbols != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	const struct csvr_profile_thread *thread = csvr_profile_threads(profile);
	for (; thread != NULL && status == CSVR_OK; thread = thread->next)
		for (size_t i = 0; i < thread->samples.n_slots && status == CSVR_OK; i++)
			if (thread->samples.slots[i].weight > 0)
				status = fold_sample(stacks, &folding, symbols, thread,
						     &thread->samples.slots[i]);
	free(folding.text);
	csvr_symbols_free(symbols);
	csvr_stacks_sort(stacks);
	return status;
}

struct csvr_profile_losses csvr_profile_losses(const struct csvr_profile *profile)
{
	struct csvr_profile_losses losses = { csvr_profile_n_not_sampled(profile), 0 };
	const struct csvr_profile_thread *thread = csvr_profile_threads(profile);
	for (; thread != NULL; thread = thread->next)
		losses.n_lost += thread->samples.n_lost;
	return losses;
}
