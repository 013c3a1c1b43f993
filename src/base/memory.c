/* memory.c - arrays that grow with overflow checks, and an arena for strings */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

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

/* ---- lines ---- */

enum { LINE_BYTES = 64, LARGE_PAGE_BYTES = 2 << 20 };

/* Lines of so many bytes are a mapping of their own. */
enum { MAPPED_BYTES = 2 * LARGE_PAGE_BYTES };

static size_t round_up(size_t n_bytes, size_t unit)
{
	return (n_bytes + unit - 1) / unit * unit;
}

/* Maps addresses that start at a large page. NULL: no memory. */
static void *map_pages(size_t n_bytes, int protection)
{
	unsigned char *pages = mmap(NULL, n_bytes + LARGE_PAGE_BYTES, protection,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return NULL;
	const size_t n_before = (LARGE_PAGE_BYTES - (uintptr_t)pages % LARGE_PAGE_BYTES) %
				LARGE_PAGE_BYTES;
	if (n_before > 0)
		(void)munmap(pages, n_before);
	(void)munmap(pages + n_before + n_bytes, LARGE_PAGE_BYTES - n_before);
	return pages + n_before;
}

static void *new_lines(size_t n_bytes)
{
	if (n_bytes < MAPPED_BYTES) {
		void *lines = aligned_alloc(LINE_BYTES, round_up(n_bytes, LINE_BYTES));
		if (lines != NULL)
			memset(lines, 0, n_bytes);
		return lines;
	}
	const size_t n_mapped = round_up(n_bytes, LARGE_PAGE_BYTES);
	void *lines = map_pages(n_mapped, PROT_READ | PROT_WRITE);
#ifdef MADV_HUGEPAGE
	if (lines != NULL)
		(void)madvise(lines, n_mapped, MADV_HUGEPAGE); /* a hint */
#endif
	return lines;
}

/* Moves a mapping to larger addresses. NULL: it is unchanged. */
static void *move_pages(void *lines, size_t old_bytes, size_t new_bytes)
{
#ifdef MREMAP_FIXED
	const size_t n_mapped = round_up(new_bytes, LARGE_PAGE_BYTES);
	void *place = map_pages(n_mapped, PROT_NONE);
	if (place == NULL)
		return NULL;
	void *moved = mremap(lines, round_up(old_bytes, LARGE_PAGE_BYTES), n_mapped,
			     MREMAP_MAYMOVE | MREMAP_FIXED, place);
	if (moved != MAP_FAILED)
		return moved;
	(void)munmap(place, n_mapped);
#else
	(void)lines;
	(void)old_bytes;
	(void)new_bytes;
#endif
	return NULL;
}

void *csvr_lines_grow(void *lines, size_t old_bytes, size_t new_bytes)
{
	if (new_bytes > SIZE_MAX / 2)
		return NULL;
	if (lines != NULL && old_bytes >= MAPPED_BYTES) {
		if (round_up(old_bytes, LARGE_PAGE_BYTES) == round_up(new_bytes, LARGE_PAGE_BYTES))
			return lines;
		void *moved = move_pages(lines, old_bytes, new_bytes);
		if (moved != NULL)
			return moved;
	}
	void *grown = new_lines(new_bytes);
	if (grown == NULL || lines == NULL)
		return grown;
	memcpy(grown, lines, old_bytes);
	csvr_lines_free(lines, old_bytes);
	return grown;
}

void csvr_lines_free(void *lines, size_t n_bytes)
{
	if (lines != NULL && n_bytes >= MAPPED_BYTES)
		(void)munmap(lines, round_up(n_bytes, LARGE_PAGE_BYTES));
	else
		free(lines);
}

/* ---- strings ---- */

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
