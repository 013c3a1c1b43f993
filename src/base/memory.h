/* memory.h - growth that checks for overflow, and an arena for strings that live together
 *
 * Errors  NULL or false: out of memory, and what was there is intact
 * Threads  an arena belongs to one thread at a time
 */
#ifndef CSVR_BASE_MEMORY_H
#define CSVR_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Makes room for `needed` items of `item_bytes` in `array`, at least doubling it; `*capacity` is in
 * items. Returns the array, perhaps moved, or NULL with the old one untouched. */
void *csvr_array_grow(void *array, size_t *capacity, size_t needed, size_t item_bytes);

/* Strings packed into blocks, freed all at once; they never move. */
struct csvr_arena {
	struct csvr_arena_block *last;
};

void csvr_arena_init(struct csvr_arena *arena);
void csvr_arena_clear(struct csvr_arena *arena);

/* A copy of `length` bytes with a NUL behind them. */
char *csvr_arena_copy(struct csvr_arena *arena, const char *text, size_t length);

/* The second text behind the first, as one. */
char *csvr_arena_join(struct csvr_arena *arena, const char *first, const char *second);

#endif
