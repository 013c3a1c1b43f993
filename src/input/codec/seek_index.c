/* seek_index.c - random access to compressed files
 *
 * Only headers are read: one page of each BGZF block of some 20 kB, and the first bytes of each block of
 * a zstd frame.
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
#include "base/search.h"
#include "base/serialize.h"

/* ---- bytes ---- */

struct scan {
	csvr_fetch_fn fetch;
	void *context;
	uint64_t size_bytes;
	struct csvr_error *error;
	struct csvr_seek_index *index;
	size_t capacity;
	uint64_t step; /* points closer than this are dropped */
};

/* `*is_present` is false if the input ends within these bytes, which is no error. */
static enum csvr_status read_at(const struct scan *scan, uint64_t offset, unsigned char *bytes,
				size_t n_bytes, bool *is_present)
{
	size_t n = 0, n_read = 1;
	enum csvr_status status = CSVR_OK;
	*is_present = offset <= scan->size_bytes && scan->size_bytes - offset >= n_bytes;
	while (*is_present && n < n_bytes && n_read > 0 && status == CSVR_OK) {
		status = scan->fetch(scan->context, offset + n, bytes + n, n_bytes - n, &n_read,
				     scan->error);
		n += n_read;
	}
	*is_present = *is_present && n == n_bytes;
	return status;
}

/* ---- points ---- */

/* With points 1 MiB apart, a point costs 16 bytes of memory and each chunk decompresses half a
 * MiB in vain. Closer points are kept only while they are few. The number of points is limited
 * too: MAX_POINTS would need a TiB of decompressed bytes, which a corrupt file may claim. */
enum { MANY_POINTS = 256, MAX_POINTS = 1 << 20, MAX_STEP_BYTES = 1 << 20 };

static void thin_out(struct scan *scan)
{
	struct csvr_seek_index *index = scan->index;
	scan->step = scan->step > 0 ? scan->step * 2 : index->points[1].decompressed;
	size_t n = 1;
	for (size_t i = 1; i < index->n_points; i++)
		if (index->points[i].decompressed - index->points[n - 1].decompressed >= scan->step)
			index->points[n++] = index->points[i];
	index->n_points = n;
}

/* Adds a member of `decompressed_bytes` at offset `compressed`. False: no memory. */
static bool add_member(struct scan *scan, uint64_t compressed, uint64_t decompressed_bytes)
{
	struct csvr_seek_index *index = scan->index;
	const size_t n = index->n_points;
	if (decompressed_bytes > index->max_member_bytes)
		index->max_member_bytes = decompressed_bytes;
	const uint64_t decompressed = index->decompressed_bytes;
	index->decompressed_bytes += decompressed_bytes;
	if (decompressed_bytes == 0 ||
	    (n > 0 && decompressed - index->points[n - 1].decompressed < scan->step))
		return true;
	struct csvr_seek_point *points = csvr_array_grow(index->points, &scan->capacity, n + 1,
							 sizeof *points);
	if (points == NULL)
		return false;
	index->points = points;
	points[index->n_points++] = (struct csvr_seek_point){ decompressed, compressed };
	while (index->n_points >= MANY_POINTS &&
	       (scan->step < MAX_STEP_BYTES || index->n_points >= MAX_POINTS))
		thin_out(scan);
	return true;
}

/* ---- members ---- */

/* The member at an offset. */
struct member {
	bool is_present; /* it exists and states its lengths */
	uint64_t compressed_bytes, decompressed_bytes;
};

/* A gzip member whose extra field contains BC, the length of the member (SAM/BAM specification). */
static enum csvr_status bgzf_member(const struct scan *scan, uint64_t offset, struct member *member)
{
	enum { HEADER_BYTES = 18, LENGTH_BYTES = 4, LEAST_BYTES = HEADER_BYTES + 8 };
	static const unsigned char start[] = { 0x1f, 0x8b, 8, 4 };
	static const unsigned char extra[] = { 6, 0, 'B', 'C', 2, 0 };
	unsigned char header[HEADER_BYTES], length[LENGTH_BYTES];
	enum csvr_status status = read_at(scan, offset, header, sizeof header, &member->is_present);
	if (status != CSVR_OK || !member->is_present)
		return status;
	member->compressed_bytes = csvr_decode_little_endian(header + 16, 2) + 1;
	member->is_present = memcmp(header, start, sizeof start) == 0 &&
			     memcmp(header + 10, extra, sizeof extra) == 0 &&
			     member->compressed_bytes >= LEAST_BYTES;
	if (!member->is_present)
		return CSVR_OK;
	status = read_at(scan, offset + member->compressed_bytes - LENGTH_BYTES, length,
			 sizeof length, &member->is_present);
	member->decompressed_bytes = csvr_decode_little_endian(length, LENGTH_BYTES);
	member->is_present = member->is_present && member->decompressed_bytes <= 65536;
	return status;
}

/* Adds the sizes of the blocks of a zstd frame to `*at`. A long first frame is taken to be the
 * only one, as the zstd command writes it, lest the whole file be read in vain. */
static enum csvr_status zstd_blocks(const struct scan *scan, uint64_t *at, bool *is_present)
{
	enum { HEADER_BYTES = 3, REPEATED = 1, RESERVED = 3, LONG_FRAME_BYTES = 8 << 20 };
	unsigned char header[HEADER_BYTES];
	const bool is_first = scan->index->decompressed_bytes == 0;
	bool is_last = false;
	while (!is_last) {
		*is_present = !is_first || *at <= LONG_FRAME_BYTES;
		if (!*is_present)
			return CSVR_OK;
		enum csvr_status status = read_at(scan, *at, header, sizeof header, is_present);
		if (status != CSVR_OK || !*is_present)
			return status;
		const uint64_t block = csvr_decode_little_endian(header, HEADER_BYTES);
		const unsigned type = (unsigned)(block >> 1) & 3;
		*is_present = type != RESERVED;
		if (!*is_present)
			return CSVR_OK;
		is_last = (block & 1) != 0;
		*at += HEADER_BYTES + (type == REPEATED ? 1 : block >> 3);
	}
	return CSVR_OK;
}

/* A frame that states the size of its content, or a skippable frame (RFC 8878, 3.1). */
static enum csvr_status zstd_member(const struct scan *scan, uint64_t offset, struct member *member)
{
	enum { LEAST_BYTES = 8, MAX_HEADER_BYTES = 18, CHECKSUM_BYTES = 4 };
	static const uint8_t id_bytes[] = { 0, 1, 2, 4 }, size_bytes[] = { 0, 2, 4, 8 };
	unsigned char header[MAX_HEADER_BYTES] = { 0 };
	const uint64_t left = scan->size_bytes - offset;
	const size_t n_header = left < MAX_HEADER_BYTES ? (size_t)left : MAX_HEADER_BYTES;
	member->is_present = n_header >= LEAST_BYTES;
	if (!member->is_present)
		return CSVR_OK;
	enum csvr_status status = read_at(scan, offset, header, n_header, &member->is_present);
	if (status != CSVR_OK || !member->is_present)
		return status;
	const uint64_t magic = csvr_decode_little_endian(header, 4);
	member->decompressed_bytes = 0;
	member->compressed_bytes = LEAST_BYTES + csvr_decode_little_endian(header + 4, 4);
	if ((magic & 0xfffffff0) == 0x184d2a50)
		return CSVR_OK;
	const unsigned descriptor = header[4];
	const bool is_single = (descriptor & 0x20) != 0;
	const size_t n_id = id_bytes[descriptor & 3];
	const size_t n_size = descriptor >> 6 == 0 && is_single ? 1 : size_bytes[descriptor >> 6];
	const size_t size_at = 5 + (size_t)!is_single + n_id;
	member->is_present = magic == 0xfd2fb528 && n_size > 0;
	if (!member->is_present)
		return CSVR_OK;
	member->decompressed_bytes = csvr_decode_little_endian(header + size_at, n_size) +
				     (n_size == 2 ? 256 : 0);
	uint64_t at = offset + size_at + n_size;
	status = zstd_blocks(scan, &at, &member->is_present);
	member->compressed_bytes = at - offset + ((descriptor & 4) != 0 ? CHECKSUM_BYTES : 0);
	return status;
}

/* ---- one index ---- */

typedef enum csvr_status (*member_fn)(const struct scan *scan, uint64_t offset,
				      struct member *member);

/* Adds all members; the input is seekable if each states its lengths and there are several. */
static enum csvr_status scan_members(struct scan *scan, member_fn next, bool *is_seekable)
{
	size_t n_members = 0;
	uint64_t at = 0;
	*is_seekable = false;
	while (at < scan->size_bytes) {
		struct member member;
		enum csvr_status status = next(scan, at, &member);
		if (status != CSVR_OK)
			return status;
		/* Sizes near the limits are rejected, so sums of sizes cannot overflow. */
		if (!member.is_present || member.compressed_bytes > scan->size_bytes - at ||
		    member.decompressed_bytes > UINT64_MAX / 4 - scan->index->decompressed_bytes)
			return CSVR_OK;
		if (!add_member(scan, at, member.decompressed_bytes))
			return csvr_error_set_no_memory(scan->error);
		at += member.compressed_bytes;
		n_members += member.decompressed_bytes > 0;
	}
	*is_seekable = n_members > 1;
	return CSVR_OK;
}

enum csvr_status csvr_seek_index_new(csvr_fetch_fn fetch, void *context, uint64_t size_bytes,
				     struct csvr_seek_index **index, struct csvr_error *error)
{
	struct csvr_seek_index *built = *index = NULL;
	struct scan scan = { fetch, context, size_bytes, error, NULL, 0, 0 };
	unsigned char bytes[CSVR_SIGNATURE_BYTES];
	bool is_present, is_seekable = false;
	enum csvr_status status = read_at(&scan, 0, bytes, sizeof bytes, &is_present);
	if (status != CSVR_OK || !is_present)
		return status;
	const enum csvr_compression compression = csvr_compression_detect(bytes, sizeof bytes);
	if (compression != CSVR_GZIP && compression != CSVR_ZSTD)
		return CSVR_OK;
	built = scan.index = calloc(1, sizeof *built);
	if (built == NULL)
		return csvr_error_set_no_memory(error);
	built->compression = compression;
	status = scan_members(&scan, compression == CSVR_GZIP ? bgzf_member : zstd_member,
			      &is_seekable);
	if (status != CSVR_OK || !is_seekable) {
		csvr_seek_index_free(built);
		return status;
	}
	*index = built;
	return CSVR_OK;
}

void csvr_seek_index_free(struct csvr_seek_index *index)
{
	if (index != NULL)
		free(index->points);
	free(index);
}

struct search {
	const struct csvr_seek_point *points;
	uint64_t offset;
};

static bool is_decompressed_before(const void *context, size_t i)
{
	const struct search *search = context;
	return search->points[i].decompressed <= search->offset;
}

static bool is_compressed_before(const void *context, size_t i)
{
	const struct search *search = context;
	return search->points[i].compressed <= search->offset;
}

struct csvr_seek_point csvr_seek_point(const struct csvr_seek_index *index, uint64_t offset)
{
	const struct search search = { index->points, offset };
	/* The first point is at offset 0, so at least one is not after `offset`. */
	const size_t next = csvr_lower_bound(index->n_points, is_decompressed_before, &search);
	return index->points[next - 1];
}

bool csvr_seek_index_matches(const struct csvr_seek_index *index, uint64_t compressed,
			     uint64_t decompressed)
{
	const struct search search = { index->points, compressed };
	const size_t next = csvr_lower_bound(index->n_points, is_compressed_before, &search);
	if (next == 0) /* only empty members precede the first point */
		return decompressed == 0;
	const struct csvr_seek_point *point = &index->points[next - 1];
	if (point->compressed == compressed)
		return point->decompressed == decompressed;
	return point->decompressed < decompressed &&
	       decompressed <=
		       (next < index->n_points ? point[1].decompressed : index->decompressed_bytes);
}

/* ---- indexes by input ---- */

struct slot {
	struct csvr_seek_index *index;
	uint32_t name;
	bool is_used;
};

struct csvr_seek_indexes {
	pthread_mutex_t lock; /* protects the slots; an index never changes */
	struct slot *slots; /* a power of two of them, at most half of them used */
	size_t n_slots, n_used;
};

enum csvr_status csvr_seek_indexes_new(struct csvr_seek_indexes **indexes)
{
	*indexes = calloc(1, sizeof **indexes);
	if (*indexes == NULL)
		return CSVR_NO_MEMORY;
	if (pthread_mutex_init(&(*indexes)->lock, NULL) == 0)
		return CSVR_OK;
	free(*indexes);
	*indexes = NULL;
	return CSVR_NO_MEMORY;
}

void csvr_seek_indexes_free(struct csvr_seek_indexes *indexes)
{
	if (indexes == NULL)
		return;
	for (size_t i = 0; i < indexes->n_slots; i++)
		csvr_seek_index_free(indexes->slots[i].index);
	free(indexes->slots);
	pthread_mutex_destroy(&indexes->lock);
	free(indexes);
}

/* The slot of `name`, or the empty slot where it belongs. */
static struct slot *slot_of(struct slot *slots, size_t n_slots, uint32_t name)
{
	size_t i = (name * UINT32_C(2654435769)) & (n_slots - 1);
	while (slots[i].is_used && slots[i].name != name)
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

static bool reserve_slot(struct csvr_seek_indexes *indexes)
{
	enum { FIRST_SLOTS = 64 };
	if (2 * (indexes->n_used + 1) <= indexes->n_slots)
		return true;
	const size_t n_slots = indexes->n_slots > 0 ? 2 * indexes->n_slots : FIRST_SLOTS;
	struct slot *slots = calloc(n_slots, sizeof *slots);
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < indexes->n_slots; i++)
		if (indexes->slots[i].is_used)
			*slot_of(slots, n_slots, indexes->slots[i].name) = indexes->slots[i];
	free(indexes->slots);
	indexes->slots = slots;
	indexes->n_slots = n_slots;
	return true;
}

bool csvr_seek_indexes_get(struct csvr_seek_indexes *indexes, uint32_t name,
			   const struct csvr_seek_index **index)
{
	bool is_known = false;
	*index = NULL;
	pthread_mutex_lock(&indexes->lock);
	if (indexes->n_slots > 0) {
		const struct slot *slot = slot_of(indexes->slots, indexes->n_slots, name);
		is_known = slot->is_used;
		*index = slot->index;
	}
	pthread_mutex_unlock(&indexes->lock);
	return is_known;
}

enum csvr_status csvr_seek_indexes_put(struct csvr_seek_indexes *indexes, uint32_t name,
				       struct csvr_seek_index *index,
				       const struct csvr_seek_index **kept)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	pthread_mutex_lock(&indexes->lock);
	if (reserve_slot(indexes)) {
		struct slot *slot = slot_of(indexes->slots, indexes->n_slots, name);
		if (!slot->is_used) {
			*slot = (struct slot){ index, name, true };
			indexes->n_used++;
			index = NULL;
		}
		*kept = slot->index;
		status = CSVR_OK;
	}
	pthread_mutex_unlock(&indexes->lock);
	csvr_seek_index_free(index);
	return status;
}
