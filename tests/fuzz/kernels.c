/* kernels.c - fuzz target: every kernel this CPU supports against the scalar one, bit for bit
 *
 * Checks  the fields that `scan` finds, the values and rejects of `convert`, the keys of `read_keys`, and the
 *         sums of these values. All buffers passed to a kernel have exactly the documented size, a drawn
 *         alignment, and different bytes around the text for each kernel.
 * Input   nine option bytes: delimiter, line end, quote, comment, alignment, first byte to scan,
 *         stride, scale, filling of the margins; then the text
 */
#include "fuzz.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "parse/kernel.h"
#include "stats/batch_kernels.h"

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define HAVE_ASAN
#endif
#endif
#if defined HAVE_ASAN || defined __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, n_bytes) ((void)(start), (void)(n_bytes))
#define ASAN_UNPOISON_MEMORY_REGION(start, n_bytes) ((void)(start), (void)(n_bytes))
#endif

enum { ALIGNMENT = 64 };

struct options {
	struct csvr_dialect dialect;
	unsigned shift; /* of the text from a multiple of ALIGNMENT */
	size_t from;
	unsigned first; /* the field with the first cell */
	unsigned stride;
	bool ends_line, starts_record;
	unsigned scale;
	int quote; /* of the cells; may differ from that of `scan` */
	int escape; /* of keys */
	uint32_t most_bytes; /* of a key */
	unsigned char filling;
};

static struct options draw_options(struct tape *tape)
{
	/* Delimiter, quote, comment and line end differ from each other, so no two lists share a
	 * byte. */
	static const unsigned char delimiters[] = ",;\t| :-10e/*\0\377";
	static const int newlines[] = { '\n', '\n', '\n', '\r', '~', '5' };
	static const int quotes[] = { '"', '"', '\'', CSVR_NONE, '.', '3', '`', 128 };
	static const int comments[] = { CSVR_NONE, CSVR_NONE, CSVR_NONE, '#', '%', '2' };
	struct options o = { .dialect = { .delimiter = delimiters[draw_below(tape, 14)],
					  .escape = CSVR_NONE } };
	o.dialect.newline = (unsigned char)newlines[draw_below(tape, 6)];
	unsigned quote = draw_byte(tape);
	o.dialect.quote = quotes[quote % 8];
	o.quote = quote & 0x40 ? o.dialect.quote : CSVR_NONE;
	o.dialect.comment = comments[draw_below(tape, 6)];
	o.shift = draw_below(tape, ALIGNMENT);
	o.from = draw_byte(tape);
	unsigned stride = draw_byte(tape);
	o.stride = 1 + stride % 4;
	o.first = (stride >> 2) % o.stride;
	o.ends_line = (stride & 0x20) != 0;
	o.starts_record = (stride & 0x40) != 0;
	o.escape = quote & 0x20 ? '\\' : CSVR_NONE;
	o.scale = draw_below(tape, CSVR_MAX_SCALE + 1);
	o.most_bytes = stride & 0x80 ? 1 + 2 * o.scale : UINT32_MAX;
	o.filling = (unsigned char)draw_byte(tape);
	return o;
}

/* The text with its margins, without readable bytes around them. */
struct buffer {
	void *memory;
	size_t n_bytes;
	unsigned shift;
	unsigned char *text;
};

static struct buffer new_buffer(const struct options *o, const struct tape *text,
				unsigned char filling)
{
	struct buffer buffer = { NULL, o->shift + text->left + 2 * (size_t)CSVR_TEXT_MARGIN,
				 o->shift, NULL };
	if (posix_memalign(&buffer.memory, ALIGNMENT, buffer.n_bytes) != 0)
		need(NULL);
	memset(buffer.memory, filling, buffer.n_bytes);
	buffer.text = (unsigned char *)buffer.memory + o->shift + CSVR_TEXT_MARGIN;
	if (text->left > 0)
		memcpy(buffer.text, text->at, text->left);
	/* The sanitizer tracks eight bytes at a time: of the last bytes before the text it sees
	 * only those in a group of their own. */
	ASAN_POISON_MEMORY_REGION(buffer.memory, buffer.shift);
	return buffer;
}

static void free_buffer(struct buffer *buffer)
{
	ASAN_UNPOISON_MEMORY_REGION(buffer->memory, buffer->shift);
	free(buffer->memory);
}

/* The results of one kernel. */
struct result {
	uint32_t *ends_memory;
	struct csvr_fields fields;
	int64_t *values;
	uint8_t *rejects;
	size_t n_cells, n_values;
	struct csvr_key_batch keys;
	size_t key_offsets[CSVR_MAX_CELLS];
	struct csvr_batch_sums sums;
	bool has_powers;
	struct csvr_batch_powers powers;
};

static void scan(const struct csvr_kernel *kernel, const struct options *o, unsigned char *text,
		 size_t from, size_t to, struct result *r)
{
	r->ends_memory = need(malloc((1 + to - from + CSVR_ENDS_MARGIN) * sizeof(uint32_t)));
	r->ends_memory[0] = (uint32_t)(from - 1);
	r->fields = (struct csvr_fields){ .text = text,
					  .ends = r->ends_memory + 1,
					  .starts_record = o->starts_record };
	kernel->scan(&o->dialect, from, to, &r->fields);
}

static struct csvr_column_slice cells_of(const struct options *o, const unsigned char *text,
					 const struct result *r)
{
	const size_t n_fields = r->fields.n_fields;
	size_t n_cells = n_fields > o->first ? 1 + (n_fields - 1 - o->first) / o->stride : 0;
	if (n_cells > CSVR_MAX_CELLS)
		n_cells = CSVR_MAX_CELLS;
	return (struct csvr_column_slice){ text,         r->fields.ends + o->first,
					   o->stride,    n_cells,
					   o->ends_line, '.' };
}

static void convert(const struct csvr_kernel *kernel, const struct options *o,
		    const unsigned char *text, struct result *r)
{
	const struct csvr_column_slice cells = cells_of(o, text, r);
	r->n_cells = cells.n_cells;
	r->values = need(malloc((r->n_cells + CSVR_VALUES_MARGIN) * sizeof(int64_t)));
	r->rejects = need(malloc(r->n_cells + 1));
	r->n_values = kernel->convert(&cells, o->scale, o->quote, r->values, r->rejects);
}

static void read_keys(const struct csvr_kernel *kernel, const struct options *o,
		      const unsigned char *text, struct result *r)
{
	const struct csvr_key_seed seed = {
		0x9e3779b97f4a7c15,
		0xbf58476d1ce4e5b9,
		0x94d049bb133111eb,
		0xd6e8feb86659fd93,
		{ 0x165667b19e3779f9, 0xc2b2ae3d27d4eb4f, 0xa0761d6478bd642f, 0xe7037ed1a0b428db,
		  0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f, 0xeb44accab455d165 }
	};
	const struct csvr_dialect dialect = { .quote = o->quote, .escape = o->escape };
	const struct csvr_column_slice cells = cells_of(o, text, r);
	static const bool is_marked[UCHAR_MAX + 1] = { ['a'] = true, [','] = true, [0xef] = true };
	r->keys.is_marked = is_marked;
	kernel->read_keys(&cells, &dialect, &seed, o->most_bytes, &r->keys);
	/* Each kernel has a buffer of its own. */
	for (size_t i = 0; i < cells.n_cells; i++)
		r->key_offsets[i] = (size_t)(r->keys.start[i] - text);
}

/* Sums the values from a buffer that ends right after the last. */
static void add_up(const struct csvr_kernel *kernel, struct result *r)
{
	if (r->n_values == 0)
		return;
	int64_t *values = need(malloc(r->n_values * sizeof(int64_t)));
	memcpy(values, r->values, r->n_values * sizeof(int64_t));
	const struct csvr_batch_kernels *batch_kernels = csvr_batch_kernels_for(kernel->name);
	batch_kernels->sum(values, r->n_values, &r->sums);
	r->has_powers = batch_kernels->sum_powers(values, r->n_values, &r->powers);
	free(values);
}

static struct result run(const struct csvr_kernel *kernel, const struct options *o,
			 const struct tape *text, unsigned char filling)
{
	struct result r = { 0 };
	struct buffer buffer = new_buffer(o, text, filling);
	size_t from = o->from < text->left ? o->from : text->left;
	scan(kernel, o, buffer.text, from, text->left, &r);
	convert(kernel, o, buffer.text, &r);
	read_keys(kernel, o, buffer.text, &r);
	add_up(kernel, &r);
	free_buffer(&buffer);
	return r;
}

static void clear(struct result *r)
{
	free(r->ends_memory);
	free(r->values);
	free(r->rejects);
}

static void compare_scans(const char *name, const struct csvr_fields *expected,
			  const struct csvr_fields *found)
{
	if (found->n_fields != expected->n_fields || found->n_records != expected->n_records ||
	    found->hides_lines != expected->hides_lines ||
	    found->continues_after_quote != expected->continues_after_quote)
		wrong("%s: %zu fields, %zu records, hidden lines %d expected; %zu, %zu, %d found",
		      name, expected->n_fields, expected->n_records, expected->hides_lines,
		      found->n_fields, found->n_records, found->hides_lines);
	for (size_t i = 0; i < found->n_fields; i++)
		if (found->ends[i] != expected->ends[i])
			wrong("%s: field %zu ends at %u, expected %u", name, i, found->ends[i],
			      expected->ends[i]);
}

static void compare_cells(const char *name, const struct result *expected,
			  const struct result *found)
{
	if (found->n_values != expected->n_values)
		wrong("%s: %zu values of %zu cells expected, %zu found", name, expected->n_values,
		      expected->n_cells, found->n_values);
	for (size_t i = 0; i < found->n_values; i++)
		if (found->values[i] != expected->values[i])
			wrong("%s: value %zu: %lld expected, %lld found", name, i,
			      (long long)expected->values[i], (long long)found->values[i]);
	for (size_t i = 0; i < found->n_cells - found->n_values; i++)
		if (found->rejects[i] != expected->rejects[i])
			wrong("%s: reject %zu: cell %u expected, %u found", name, i,
			      expected->rejects[i], found->rejects[i]);
}

static void compare_keys(const char *name, const struct result *expected,
			 const struct result *found)
{
	const struct csvr_key_batch *a = &expected->keys, *b = &found->keys;
	if (a->n_rejects != b->n_rejects || memcmp(a->rejects, b->rejects, a->n_rejects) != 0)
		wrong("%s: rejects %zu keys, or others than the %zu expected", name, b->n_rejects,
		      a->n_rejects);
	if (a->has_marked != b->has_marked)
		wrong("%s: %s marked byte found", name, b->has_marked ? "a" : "no");
	for (size_t i = 0; i < expected->n_cells; i++)
		if (expected->key_offsets[i] != found->key_offsets[i] ||
		    a->n_bytes[i] != b->n_bytes[i] || a->low[i] != b->low[i] ||
		    a->high[i] != b->high[i] || a->top[i] != b->top[i] || a->hash[i] != b->hash[i])
			wrong("%s: key %zu of %u bytes at %zu expected, %u bytes at %zu found",
			      name, i, a->n_bytes[i], expected->key_offsets[i], b->n_bytes[i],
			      found->key_offsets[i]);
}

static void compare_sums(const char *name, const struct csvr_batch_sums *expected,
			 const struct csvr_batch_sums *found)
{
	if (found->n_values != expected->n_values || found->min != expected->min ||
	    found->max != expected->max || found->sum != expected->sum ||
	    found->squares != expected->squares)
		wrong("%s: other sums of %zu values: from %lld to %lld expected, %lld to %lld found",
		      name, expected->n_values, (long long)expected->min, (long long)expected->max,
		      (long long)found->min, (long long)found->max);
}

/* The scalar function accepts larger values than the others, but all accept those below 2^27. */
static void compare_powers(const char *name, const struct result *expected,
			   const struct result *found)
{
	const int64_t limit = INT64_C(1) << 27;
	const bool is_small = expected->n_values > 0 && expected->sums.max < limit &&
			      expected->sums.min > -limit;
	if ((found->has_powers && !expected->has_powers) || (is_small && !found->has_powers))
		wrong("%s: sums of powers of %zu values: another limit", name, expected->n_values);
	if (found->has_powers && (found->powers.cubes != expected->powers.cubes ||
				  found->powers.fourths != expected->powers.fourths))
		wrong("%s: other sums of powers of %zu values", name, expected->n_values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape tape = { data, size };
	const struct options o = draw_options(&tape);
	struct result expected = run(&csvr_kernel_scalar, &o, &tape, 0);
	const struct csvr_kernel *kernel;
	for (size_t i = 0; (kernel = csvr_kernel_at(i)) != NULL; i++) {
		if (!kernel->is_usable())
			continue;
		struct result found = run(kernel, &o, &tape, o.filling);
		compare_scans(kernel->name, &expected.fields, &found.fields);
		compare_cells(kernel->name, &expected, &found);
		compare_keys(kernel->name, &expected, &found);
		compare_sums(kernel->name, &expected.sums, &found.sums);
		compare_powers(kernel->name, &expected, &found);
		clear(&found);
	}
	clear(&expected);
	return 0;
}
