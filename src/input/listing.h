/* listing.h - lists that runs made of their inputs, and how inputs of several lists stand together
 *
 * A saved state says which list its inputs are from, and which shares of that list it holds. So when
 * states meet it is known whether they belong together, and what is missing.
 *
 * Shape    a set: the same lists and inputs stand in the same order, however they came together.
 *          Lists that are ordered by path, as that of a walk is, are one when they meet: all their
 *          inputs by path. Any other keeps its order, and follows them.
 * Errors   CSVR_NO_MEMORY
 * Threads  one
 */
#ifndef CSVR_INPUT_LISTING_H
#define CSVR_INPUT_LISTING_H

#include "base/digest.h"
#include "base/memory.h"
#include "input/discover.h"

/* A share that is there, and the state that brought it. */
struct csvr_share_found {
	uint32_t index; /* from 1 */
	const char *from; /* NULL: this run itself */
};

struct csvr_listing {
	/* of paths, sizes, times, in order, and of piece_bytes */
	unsigned char digest[CSVR_DIGEST_BYTES];
	uint64_t n_inputs;
	uint64_t size_bytes;
	uint64_t piece_bytes; /* how big files were cut */
	const char *first; /* path of the first input, "" if there is none */
	const char *newest; /* path of the input modified last */
	int64_t newest_ns;
	bool is_by_path;
	uint32_t n_shares; /* 1: it was not cut into shares */
	struct csvr_share_found *found; /* by index */
	size_t n_found, found_capacity;
};

/* Where an input stands. */
struct csvr_origin {
	uint32_t listing;
	uint32_t number; /* in its list */
};

struct csvr_listings {
	struct csvr_listing *items;
	size_t n_items, capacity;
	struct csvr_origin *origins; /* of each input */
	size_t n_origins, origins_capacity;
	struct csvr_arena strings;
	/* Words of options that came with a state, kept as long as the inputs are. */
	const char **null_values, **select;
	struct csvr_arena words;
};

/* NULL is fine. */
void csvr_listings_free(struct csvr_listings *listings);

/* Makes inputs->listings, with the list of this run as its first: all inputs that are there, of which
 * this run has share `index` of `count`. They must have been probed. Nothing is done where they have
 * been made before. */
enum csvr_status csvr_listings_begin(struct csvr_inputs *inputs, uint64_t piece_bytes,
				     uint32_t index, uint32_t count);

/* Notes a list that a state names, unless it is known; `*number` is its number. Shares are not taken
 * over. Strings are copied. */
enum csvr_status csvr_listings_add(struct csvr_inputs *inputs, const struct csvr_listing *listing,
				   uint32_t *number);

/* The number of that list, UINT32_MAX if it is not there. */
uint32_t csvr_listings_find(const struct csvr_listings *listings,
			    const struct csvr_listing *listing);

/* Notes that share `index` is there. `*twice` is what had brought it before, if it had been there:
 * a share is counted once; else NULL. */
enum csvr_status csvr_listing_add_share(struct csvr_listing *listing, uint32_t index,
					const char *from, const struct csvr_share_found **twice);

/* How many shares are missing, and which, as text: "2, 5, 6"; the first few if they are many. */
uint32_t csvr_listing_n_missing(const struct csvr_listing *listing);
enum { CSVR_SHARES_BYTES = 128 };
void csvr_listing_missing(const struct csvr_listing *listing, char text[CSVR_SHARES_BYTES]);

/* Notes where the input that was appended last stands. */
enum csvr_status csvr_listings_place(struct csvr_inputs *inputs, uint32_t listing, uint32_t number);

/* Takes over the words of options. */
void csvr_listings_keep(struct csvr_inputs *inputs, const char **null_values, const char **select,
			struct csvr_arena *strings);

/* Puts lists and inputs in order, and leaves out the inputs that stand for states and the list of this
 * run if it has no others; `*new_index` (to be freed) gives for each input that was there its new
 * index, UINT32_MAX for those that are gone. */
enum csvr_status csvr_listings_arrange(struct csvr_inputs *inputs, uint32_t **new_index);

#endif
