/* seek_index.c - compressed files that can be read at any offset of their text, and how
 *
 * Members are hopped over from header to header: of a BGZF block of some 20 kB one page is read, of a
 * zstd frame the first bytes of each block.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/seek_index.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/serialize.h"

/* ---- bytes ---- */

struct walk {
	csvr_fetch_fn fetch;
	void *context;
	uint64_t size_bytes;
	struct csvr_error *error;
	struct csvr_seek_index *table;
	size_t capacity;
	uint64_t step; /* points closer than this are left out */
};

/* False: it ends before that, which is no error. */
static enum csvr_status read_at(const struct walk *walk, uint64_t offset, unsigned char *bytes,
				size_t n_bytes, bool *is_there)
{
	size_t n = 0, n_read = 1;
	enum csvr_status status = CSVR_OK;
	*is_there = offset <= walk->size_bytes && walk->size_bytes - offset >= n_bytes;
	while (*is_there && n < n_bytes && n_read > 0 && status == CSVR_OK) {
		status = walk->fetch(walk->context, offset + n, bytes + n, n_bytes - n, &n_read,
				     walk->error);
		n += n_read;
	}
	*is_there = *is_there && n == n_bytes;
	return status;
}

/* ---- points ---- */

/* A MiB apart they cost 16 bytes for each, and half a MiB is decoded in vain for each chunk; closer
 * ones are kept only while they are few. More than a TiB of text has, or a file that lies says it has,
 * are kept no more either. */
enum { FEW_POINTS = 256, MOST_POINTS = 1 << 20, FAR_APART = 1 << 20 };

static void thin_out(struct walk *walk)
{
	struct csvr_seek_index *table = walk->table;
	walk->step = walk->step > 0 ? walk->step * 2 : table->points[1].text;
	size_t n = 1;
	for (size_t i = 1; i < table->n_points; i++)
		if (table->points[i].text - table->points[n - 1].text >= walk->step)
			table->points[n++] = table->points[i];
	table->n_points = n;
}

/* A member of `text_bytes` begins at `raw`. False: no memory. */
static bool add_member(struct walk *walk, uint64_t raw, uint64_t text_bytes)
{
	struct csvr_seek_index *table = walk->table;
	const size_t n = table->n_points;
	if (text_bytes > table->most_bytes)
		table->most_bytes = text_bytes;
	const uint64_t text = table->text_bytes;
	table->text_bytes += text_bytes;
	if (text_bytes == 0 || (n > 0 && text - table->points[n - 1].text < walk->step))
		return true;
	struct csvr_seek_point *points = csvr_array_grow(table->points, &walk->capacity, n + 1,
							 sizeof *points);
	if (points == NULL)
		return false;
	table->points = points;
	points[table->n_points++] = (struct csvr_seek_point){ text, raw };
	while (table->n_points >= FEW_POINTS &&
	       (walk->step < FAR_APART || table->n_points >= MOST_POINTS))
		thin_out(walk);
	return true;
}

/* ---- members ---- */

/* What stands at an offset. */
struct member {
	bool is_there; /* and tells its lengths */
	uint64_t raw_bytes, text_bytes;
};

/* A gzip member whose extra field holds BC, the length of the member, as the BAM specification has it. */
static enum csvr_status bgzf_member(const struct walk *walk, uint64_t offset, struct member *member)
{
	enum { HEADER_BYTES = 18, LENGTH_BYTES = 4, LEAST_BYTES = HEADER_BYTES + 8 };
	static const unsigned char start[] = { 0x1f, 0x8b, 8, 4 };
	static const unsigned char extra[] = { 6, 0, 'B', 'C', 2, 0 };
	unsigned char header[HEADER_BYTES], length[LENGTH_BYTES];
	enum csvr_status status = read_at(walk, offset, header, sizeof header, &member->is_there);
	if (status != CSVR_OK || !member->is_there)
		return status;
	member->raw_bytes = csvr_decode_little_endian(header + 16, 2) + 1;
	member->is_there = memcmp(header, start, sizeof start) == 0 &&
			   memcmp(header + 10, extra, sizeof extra) == 0 &&
			   member->raw_bytes >= LEAST_BYTES;
	if (!member->is_there)
		return CSVR_OK;
	status = read_at(walk, offset + member->raw_bytes - LENGTH_BYTES, length, sizeof length,
			 &member->is_there);
	member->text_bytes = csvr_decode_little_endian(length, LENGTH_BYTES);
	member->is_there = member->is_there && member->text_bytes <= 65536;
	return status;
}

/* Adds up the blocks of a zstd frame from `*at` on. A first one that goes on and on is taken for the only
 * one, as zstd writes it: the whole file would be gone through for nothing. */
static enum csvr_status zstd_blocks(const struct walk *walk, uint64_t *at, bool *is_there)
{
	enum { HEADER_BYTES = 3, REPEATED = 1, RESERVED = 3, LONG_FRAME_BYTES = 8 << 20 };
	unsigned char header[HEADER_BYTES];
	const bool is_first = walk->table->text_bytes == 0;
	bool is_last = false;
	while (!is_last) {
		*is_there = !is_first || *at <= LONG_FRAME_BYTES;
		if (!*is_there)
			return CSVR_OK;
		enum csvr_status status = read_at(walk, *at, header, sizeof header, is_there);
		if (status != CSVR_OK || !*is_there)
			return status;
		const uint64_t block = csvr_decode_little_endian(header, HEADER_BYTES);
		const unsigned type = (unsigned)(block >> 1) & 3;
		*is_there = type != RESERVED;
		if (!*is_there)
			return CSVR_OK;
		is_last = (block & 1) != 0;
		*at += HEADER_BYTES + (type == REPEATED ? 1 : block >> 3);
	}
	return CSVR_OK;
}

/* A frame that tells the size of its content, or one to be skipped (RFC 8878, 3.1). */
static enum csvr_status zstd_member(const struct walk *walk, uint64_t offset, struct member *member)
{
	enum { LEAST_BYTES = 8, MOST_HEADER = 18, CHECKSUM_BYTES = 4 };
	static const uint8_t id_bytes[] = { 0, 1, 2, 4 }, size_bytes[] = { 0, 2, 4, 8 };
	unsigned char header[MOST_HEADER] = { 0 };
	const uint64_t left = walk->size_bytes - offset;
	const size_t n_header = left < MOST_HEADER ? (size_t)left : MOST_HEADER;
	member->is_there = n_header >= LEAST_BYTES;
	if (!member->is_there)
		return CSVR_OK;
	enum csvr_status status = read_at(walk, offset, header, n_header, &member->is_there);
	if (status != CSVR_OK || !member->is_there)
		return status;
	const uint64_t magic = csvr_decode_little_endian(header, 4);
	member->text_bytes = 0;
	member->raw_bytes = LEAST_BYTES + csvr_decode_little_endian(header + 4, 4);
	if ((magic & 0xfffffff0) == 0x184d2a50)
		return CSVR_OK;
	const unsigned descriptor = header[4];
	const bool is_single = (descriptor & 0x20) != 0;
	const size_t n_id = id_bytes[descriptor & 3];
	const size_t n_size = descriptor >> 6 == 0 && is_single ? 1 : size_bytes[descriptor >> 6];
	const size_t size_at = 5 + (size_t)!is_single + n_id;
	member->is_there = magic == 0xfd2fb528 && n_size > 0;
	if (!member->is_there)
		return CSVR_OK;
	member->text_bytes = csvr_decode_little_endian(header + size_at, n_size) +
			     (n_size == 2 ? 256 : 0);
	uint64_t at = offset + size_at + n_size;
	status = zstd_blocks(walk, &at, &member->is_there);
	member->raw_bytes = at - offset + ((descriptor & 4) != 0 ? CHECKSUM_BYTES : 0);
	return status;
}

/* ---- the table ---- */

typedef enum csvr_status (*member_fn)(const struct walk *walk, uint64_t offset,
				      struct member *member);

/* Whether all members from the first to the very end tell their lengths, and there are several. */
static enum csvr_status walk_members(struct walk *walk, member_fn next, bool *is_seekable)
{
	size_t n_members = 0;
	uint64_t at = 0;
	*is_seekable = false;
	while (at < walk->size_bytes) {
		struct member member;
		enum csvr_status status = next(walk, at, &member);
		if (status != CSVR_OK)
			return status;
		/* No size near the limits, so that sums of them are right. */
		if (!member.is_there || member.raw_bytes > walk->size_bytes - at ||
		    member.text_bytes > UINT64_MAX / 4 - walk->table->text_bytes)
			return CSVR_OK;
		if (!add_member(walk, at, member.text_bytes))
			return csvr_error_set_no_memory(walk->error);
		at += member.raw_bytes;
		n_members += member.text_bytes > 0;
	}
	*is_seekable = n_members > 1;
	return CSVR_OK;
}

enum csvr_status csvr_seek_index_new(csvr_fetch_fn fetch, void *context, uint64_t size_bytes,
				     struct csvr_seek_index **table, struct csvr_error *error)
{
	struct csvr_seek_index *made = *table = NULL;
	struct walk walk = { fetch, context, size_bytes, error, NULL, 0, 0 };
	unsigned char start[CSVR_SIGNATURE_BYTES];
	bool is_there, is_seekable = false;
	enum csvr_status status = read_at(&walk, 0, start, sizeof start, &is_there);
	if (status != CSVR_OK || !is_there)
		return status;
	const enum csvr_compression coding = csvr_compression_detect(start, sizeof start);
	if (coding != CSVR_GZIP && coding != CSVR_ZSTD)
		return CSVR_OK;
	made = walk.table = calloc(1, sizeof *made);
	if (made == NULL)
		return csvr_error_set_no_memory(error);
	made->coding = coding;
	status = walk_members(&walk, coding == CSVR_GZIP ? bgzf_member : zstd_member, &is_seekable);
	if (status != CSVR_OK || !is_seekable) {
		csvr_seek_index_free(made);
		return status;
	}
	*table = made;
	return CSVR_OK;
}

void csvr_seek_index_free(struct csvr_seek_index *table)
{
	if (table != NULL)
		free(table->points);
	free(table);
}

struct csvr_seek_point csvr_seek_point(const struct csvr_seek_index *table, uint64_t offset)
{
	/* points[first].text <= offset < points[behind].text */
	size_t first = 0, behind = table->n_points;
	while (behind - first > 1) {
		const size_t middle = first + (behind - first) / 2;
		if (table->points[middle].text <= offset)
			first = middle;
		else
			behind = middle;
	}
	return table->points[first];
}

bool csvr_seek_index_matches(const struct csvr_seek_index *table, uint64_t raw, uint64_t text)
{
	/* points[first].raw <= raw < points[behind].raw; empty members may stand before the first. */
	size_t first = 0, behind = table->n_points;
	if (raw < table->points[0].raw)
		return text == 0;
	while (behind - first > 1) {
		const size_t middle = first + (behind - first) / 2;
		if (table->points[middle].raw <= raw)
			first = middle;
		else
			behind = middle;
	}
	const struct csvr_seek_point *point = &table->points[first];
	if (point->raw == raw)
		return point->text == text;
	return point->text < text &&
	       text <= (behind < table->n_points ? point[1].text : table->text_bytes);
}

/* ---- tables by input ---- */

struct slot {
	struct csvr_seek_index *table;
	uint32_t name;
	bool is_used;
};

struct csvr_seek_indexes {
	pthread_mutex_t lock; /* of all below; tables themselves do not change */
	struct slot *slots; /* a power of two of them, at most half of them used */
	size_t n_slots, n_used;
};

enum csvr_status csvr_seek_indexes_new(struct csvr_seek_indexes **seeks)
{
	*seeks = calloc(1, sizeof **seeks);
	if (*seeks == NULL)
		return CSVR_NO_MEMORY;
	if (pthread_mutex_init(&(*seeks)->lock, NULL) == 0)
		return CSVR_OK;
	free(*seeks);
	*seeks = NULL;
	return CSVR_NO_MEMORY;
}

void csvr_seek_indexes_free(struct csvr_seek_indexes *seeks)
{
	if (seeks == NULL)
		return;
	for (size_t i = 0; i < seeks->n_slots; i++)
		csvr_seek_index_free(seeks->slots[i].table);
	free(seeks->slots);
	pthread_mutex_destroy(&seeks->lock);
	free(seeks);
}

/* That of `name`, or the empty one for it. */
static struct slot *slot_of(struct slot *slots, size_t n_slots, uint32_t name)
{
	size_t i = (name * UINT32_C(2654435769)) & (n_slots - 1);
	while (slots[i].is_used && slots[i].name != name)
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

static bool make_room(struct csvr_seek_indexes *seeks)
{
	enum { FIRST_SLOTS = 64 };
	if (2 * (seeks->n_used + 1) <= seeks->n_slots)
		return true;
	const size_t n_slots = seeks->n_slots > 0 ? 2 * seeks->n_slots : FIRST_SLOTS;
	struct slot *slots = calloc(n_slots, sizeof *slots);
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < seeks->n_slots; i++)
		if (seeks->slots[i].is_used)
			*slot_of(slots, n_slots, seeks->slots[i].name) = seeks->slots[i];
	free(seeks->slots);
	seeks->slots = slots;
	seeks->n_slots = n_slots;
	return true;
}

bool csvr_seek_indexes_get(struct csvr_seek_indexes *seeks, uint32_t name,
			   const struct csvr_seek_index **table)
{
	bool is_preloaded = false;
	*table = NULL;
	pthread_mutex_lock(&seeks->lock);
	if (seeks->n_slots > 0) {
		const struct slot *slot = slot_of(seeks->slots, seeks->n_slots, name);
		is_preloaded = slot->is_used;
		*table = slot->table;
	}
	pthread_mutex_unlock(&seeks->lock);
	return is_preloaded;
}

enum csvr_status csvr_seek_indexes_put(struct csvr_seek_indexes *seeks, uint32_t name,
				       struct csvr_seek_index *table,
				       const struct csvr_seek_index **counts)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	pthread_mutex_lock(&seeks->lock);
	if (make_room(seeks)) {
		struct slot *slot = slot_of(seeks->slots, seeks->n_slots, name);
		if (!slot->is_used) {
			*slot = (struct slot){ table, name, true };
			seeks->n_used++;
			table = NULL;
		}
		*counts = slot->table;
		status = CSVR_OK;
	}
	pthread_mutex_unlock(&seeks->lock);
	csvr_seek_index_free(table);
	return status;
}
