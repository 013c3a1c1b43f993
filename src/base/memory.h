/* memory.h - arrays that grow with overflow checks, and an arena for strings
 *
 * Errors  NULL: out of memory; existing contents are intact
 * Threads  an arena belongs to one thread at a time
 */
#ifndef CSVR_BASE_MEMORY_H
#define CSVR_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Ensures room for `needed` items of `item_bytes` in `array`; a growing array at least doubles. `*capacity`
 * is in items. Returns the array, which may have moved; NULL: the old array is unchanged. */
void *csvr_array_grow(void *array, size_t *capacity, size_t needed, size_t item_bytes);

/* Memory that starts at a cache line, in large pages if it is large, whose pages are moved rather than copied when it grows.
 *
 * csvr_lines_grow makes `lines`, of `old_bytes`, larger; NULL, of 0 bytes: allocates it. What is added is zero. Returns the memory,
 * which may have moved; NULL: it is unchanged. Free it with csvr_lines_free, which accepts NULL. */
void *csvr_lines_grow(void *lines, size_t old_bytes, size_t new_bytes);
void csvr_lines_free(void *lines, size_t n_bytes);

/* Strings packed into blocks, which are freed together. Strings never move. */
struct csvr_arena {
	struct csvr_arena_block *last;
};

/* Starts empty. */
void csvr_arena_init(struct csvr_arena *arena);

/* Frees all strings; the arena is then empty, as after csvr_arena_init. */
void csvr_arena_clear(struct csvr_arena *arena);

/* A copy of `length` bytes, with a NUL appended. */
char *csvr_arena_copy(struct csvr_arena *arena, const char *text, size_t length);

/* The concatenation of two strings. */
char *csvr_arena_join(struct csvr_arena *arena, const char *first, const char *second);

#endif
