/* memory.c - arrays that grow with overflow checks, and an arena for strings */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *csvr_array_grow(void *array, size_t *capacity, size_t needed, size_t item_bytes)
{
	if (needed <= *capacity && array != NULL)
		return array;
	size_t wanted = *capacity > SIZE_MAX / 2 ? needed : *capacity * 2;
	if (wanted < needed)
		wanted = needed;
	if (wanted < 8)
		wanted = 8;
	if (wanted > SIZE_MAX / item_bytes)
		return NULL;
	void *grown = realloc(array, wanted * item_bytes);
	if (grown != NULL)
		*capacity = wanted;
	return grown;
}

void *csvr_alloc_lines(size_t n_bytes)
{
	enum { LINE_BYTES = 64, LARGE_PAGE_BYTES = 2 << 20 };
	const size_t unit = n_bytes >= 2 * LARGE_PAGE_BYTES ? LARGE_PAGE_BYTES : LINE_BYTES;
	if (n_bytes > SIZE_MAX - unit)
		return NULL;
	void *memory = aligned_alloc(unit, (n_bytes + unit - 1) / unit * unit);
#ifdef MADV_HUGEPAGE
	if (memory != NULL && unit == LARGE_PAGE_BYTES)
		(void)madvise(memory, n_bytes, MADV_HUGEPAGE); /* a hint */
#endif
	return memory;
}

/* 64 KiB contain the paths of about a thousand files; a longer string gets its own block. The first
 * blocks are smaller, since there may be many small arenas. */
enum { FIRST_BLOCK_BYTES = 1024 - 64, ARENA_BLOCK_BYTES = 64 * 1024 - 64 };

struct csvr_arena_block {
	struct csvr_arena_block *previous;
	size_t used;
	size_t size;
	char bytes[];
};

void csvr_arena_init(struct csvr_arena *arena)
{
	arena->last = NULL;
}

void csvr_arena_clear(struct csvr_arena *arena)
{
	while (arena->last != NULL) {
		struct csvr_arena_block *block = arena->last;
		arena->last = block->previous;
		free(block);
	}
}

/* Allocates `length` bytes and the NUL after them. */
static char *arena_allocate(struct csvr_arena *arena, size_t length)
{
	if (length > SIZE_MAX / 2)
		return NULL;
	struct csvr_arena_block *block = arena->last;
	if (block == NULL || block->size - block->used < length + 1) {
		size_t size = block == NULL                         ? FIRST_BLOCK_BYTES
			      : block->size < ARENA_BLOCK_BYTES / 2 ? block->size * 2
								    : ARENA_BLOCK_BYTES;
		if (size < length + 1)
			size = length + 1;
		block = malloc(sizeof *block + size);
		if (block == NULL)
			return NULL;
		block->previous = arena->last;
		block->used = 0;
		block->size = size;
		arena->last = block;
	}
	char *text = block->bytes + block->used;
	text[length] = '\0';
	block->used += length + 1;
	return text;
}

char *csvr_arena_copy(struct csvr_arena *arena, const char *text, size_t length)
{
	char *copy = arena_allocate(arena, length);
	if (copy != NULL && length > 0)
		memcpy(copy, text, length);
	return copy;
}

char *csvr_arena_join(struct csvr_arena *arena, const char *first, const char *second)
{
	size_t n_first = strlen(first), n_second = strlen(second);
	char *text = arena_allocate(arena, n_first + n_second);
	if (text == NULL)
		return NULL;
	memcpy(text, first, n_first);
	memcpy(text + n_first, second, n_second);
	return text;
}
