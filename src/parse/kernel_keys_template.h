/* kernel_keys_template.h - read_keys, in the vocabulary of a simd_*.h included before
 *
 * In passes, as in kernel_convert_template.h: plain loads first find the keys and load the words that end where they end;
 * lanes then clear the bytes before the keys, and hash. Most keys are as written in the cell, which its first and its last
 * byte show.
 */

enum { SHORT_KEY_BYTES = 8 };

_Static_assert(CSVR_KEY_BLOCK_BYTES - 1 <= CSVR_KEY_WORD_BYTES + CSVR_TEXT_MARGIN,
	       "a block is readable");
#define EIGHT_BYTES(byte) byte, byte, byte, byte, byte, byte, byte, byte

/* What is known about the keys of a batch. */
struct key_facts {
	uint32_t lengths; /* of all keys, or-ed */
	bool has_quoted; /* some had quotes around them, and may have others inside */
};

/* By byte: whether a cell that starts or ends with it needs a closer look, and whether the caller wants to know. */
enum { KEY_IS_MARKED = 1, KEY_IS_ODD = 2 };

/* Whether a cell is a short text in quotes, without blanks at its ends. It may have quotes and escapes inside. */
static inline bool is_quoted_key(const unsigned char *start, uint32_t n_bytes, int quote,
				 uint32_t most_bytes, const uint8_t *marks)
{
	return n_bytes > 2 && *start == quote && start[n_bytes - 1] == quote &&
	       ((marks[start[1]] | marks[start[n_bytes - 2]]) & KEY_IS_ODD) == 0 &&
	       n_bytes - 2 <= CSVR_KEY_WORD_BYTES && n_bytes - 2 < most_bytes;
}

static void mark_bytes(const struct csvr_dialect *dialect, const bool *is_marked,
		       uint8_t marks[UCHAR_MAX + 1])
{
	_Static_assert((uint8_t) true == KEY_IS_MARKED && sizeof *is_marked == sizeof *marks,
		       "marks start as copies");
	memcpy(marks, is_marked, UCHAR_MAX + 1);
	marks[' '] |= KEY_IS_ODD;
	marks['\t'] |= KEY_IS_ODD;
	marks['\r'] |= KEY_IS_ODD;
	if (dialect->quote != CSVR_NONE)
		marks[dialect->quote] |= KEY_IS_ODD;
}

static inline __attribute__((always_inline)) void load_key(struct csvr_key_batch *keys, size_t i,
							   const unsigned char *stop, bool is_long)
{
	keys->low[i] = (int64_t)csvr_load8(stop - 8);
	if (is_long) {
		keys->high[i] = (int64_t)csvr_load8(stop - 16);
		keys->top[i] = (int64_t)csvr_load8(stop - 24);
	}
}

/* Sets start and length of each key, and its last eight bytes, or if `are_long` all its words. `is_quick`: the caller looks
 * for quotes and escapes inside short texts in quotes. */
static inline __attribute__((always_inline)) struct key_facts find_keys(
	const struct csvr_column_slice *cells, const struct csvr_dialect *dialect,
	uint32_t most_bytes, bool is_quick, bool are_long, struct csvr_key_batch *keys)
{
	const unsigned char *text = cells->text;
	const uint32_t *end = cells->ends;
	const size_t n_cells = cells->n_cells, stride = cells->stride;
	struct key_facts facts = { 0, false };
	uint8_t marks[UCHAR_MAX + 1], all_marks = 0;
	mark_bytes(dialect, keys->is_marked, marks);
	keys->n_rejects = 0;
	for (size_t i = 0; i < n_cells; i++, end += stride) {
		const uint32_t before = end[-1] + 1;
		const unsigned char *start = text + before;
		uint32_t n_bytes = *end - before;
		const uint8_t mark = marks[*start];
		all_marks |= mark;
		if (__builtin_expect(((mark | marks[text[(ptrdiff_t)*end - 1]]) & KEY_IS_ODD) |
					     (n_bytes >= most_bytes),
				     0)) {
			if (is_quick &&
			    is_quoted_key(start, n_bytes, dialect->quote, most_bytes, marks)) {
				start++;
				n_bytes -= 2;
				facts.has_quoted = true;
			} else {
				/* Copies, so that the others may stay in registers. */
				const unsigned char *key = start;
				uint32_t n_key = n_bytes;
				if (!csvr_find_key(cells, end, dialect, most_bytes, &key, &n_key)) {
					n_key = 0;
					keys->rejects[keys->n_rejects++] = (uint8_t)i;
				}
				start = key;
				n_bytes = n_key;
			}
		}
		keys->start[i] = start;
		keys->n_bytes[i] = n_bytes;
		load_key(keys, i, start + n_bytes, are_long);
		facts.lengths |= n_bytes;
	}
	for (size_t i = n_cells; i % LANES != 0; i++)
		keys->n_bytes[i] = 0;
	keys->has_marked = (all_marks & KEY_IS_MARKED) != 0;
	return facts;
}

static void load_more(struct csvr_key_batch *keys, size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++)
		load_key(keys, i, keys->start[i] + keys->n_bytes[i], true);
}

/* Whether some of the first cells are longer than short keys: then others will be, too. */
static bool are_probably_long(const struct csvr_column_slice *cells)
{
	const uint32_t *end = cells->ends;
	bool are_long = false;
	for (size_t i = 0; i < cells->n_cells && i < LANES; i++, end += cells->stride)
		are_long |= *end - (uint32_t)(end[-1] + 1) > SHORT_KEY_BYTES;
	return are_long;
}

/* The word of which all but the last n_bits bits, at least 0, are cleared. */
static inline lanes last_bits(lanes word, lanes n_bits)
{
	const lanes shift = maximum(same(0), subtract(same(64), n_bits));
	return bit_and(word, shift_left_each(same(~UINT64_C(0)), shift));
}

/* The sum of the products of the words of the block at `text`, of which the first n_bytes bytes are of the key, with seed->front. */
static inline uint64_t sum_of_block(const struct csvr_key_seed *seed, const unsigned char *text,
				    size_t n_bytes)
{
	static const unsigned char ones_and_zeros[2 * CSVR_KEY_BLOCK_BYTES] = {
		EIGHT_BYTES(0xff), EIGHT_BYTES(0xff), EIGHT_BYTES(0xff), EIGHT_BYTES(0xff),
		EIGHT_BYTES(0xff), EIGHT_BYTES(0xff), EIGHT_BYTES(0xff), EIGHT_BYTES(0xff),
	};
	const unsigned char *mask = ones_and_zeros + CSVR_KEY_BLOCK_BYTES -
				    (n_bytes < CSVR_KEY_BLOCK_BYTES ? n_bytes
								    : CSVR_KEY_BLOCK_BYTES);
	lanes sum = same(0);
	for (size_t i = 0; i < CSVR_KEY_BLOCK_WORDS; i += LANES) {
		const lanes words = bit_and(load_bytes(text + 8 * i), load_bytes(mask + 8 * i));
		sum = add(sum, multiply(words, load((const int64_t *)seed->front + i)));
	}
	return sum_of_lanes(sum);
}

/* csvr_key_hash_front, which defines it. A block may include bytes after the key. */
static inline uint64_t hash_front(const struct csvr_key_seed *seed, const unsigned char *key,
				  size_t n_bytes, uint64_t hash)
{
	const size_t n_front = n_bytes - CSVR_KEY_WORD_BYTES;
	for (size_t at = 0; at < n_front; at += CSVR_KEY_BLOCK_BYTES)
		hash = (hash ^ hash >> 32) * seed->rest +
		       sum_of_block(seed, key + at, n_front - at);
	return hash;
}

/* Sets the words and the hashes of keys, and the indices of those that are longer than their words, whose hashes are those of the
 * words. Returns how many these are. They are listed, since the lengths of keys cannot be predicted. */
static inline __attribute__((always_inline)) size_t hash_keys(struct csvr_key_batch *keys,
							      size_t n_keys,
							      const struct csvr_key_seed *seed,
							      bool are_short, int64_t *long_keys)
{
	static const int64_t from_0[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	const lanes by_low = same(seed->low), by_high = same(seed->high), by_top = same(seed->top),
		    by_rest = same(seed->rest);
	lanes index = load(from_0);
	size_t n_long = 0;
	for (size_t i = 0; i < n_keys; i += LANES) {
		const lanes n_bytes = load_halves(keys->n_bytes + i);
		const lanes n_bits = shift_left(n_bytes, 3);
		const lanes low = last_bits(load(keys->low + i), n_bits);
		lanes high = same(0), top = same(0), hash = add(multiply(low, by_low), n_bytes);
		if (!are_short) {
			const lanes none = same(0);
			high = last_bits(load(keys->high + i),
					 maximum(none, subtract(n_bits, same(64))));
			top = last_bits(load(keys->top + i),
					maximum(none, subtract(n_bits, same(128))));
			hash = add(hash, add(multiply(high, by_high), multiply(top, by_top)));
			const unsigned are_long = which_greater(n_bytes, same(CSVR_KEY_WORD_BYTES));
			store_some(long_keys + n_long, index, are_long);
			n_long += (size_t)__builtin_popcount(are_long);
			index = add(index, same(LANES));
		}
		hash = multiply(bit_xor(hash, shift_right(hash, 32)), by_rest);
		store(keys->low + i, low);
		store(keys->high + i, high);
		store(keys->top + i, top);
		store(keys->hash + i, bit_xor(hash, shift_right(hash, 29)));
	}
	return n_long;
}

/* Sets the hash of a key that is longer than its words. */
static inline void hash_long_key(struct csvr_key_batch *keys, size_t i,
				 const struct csvr_key_seed *seed)
{
	const uint64_t of_words = (uint64_t)keys->low[i] * seed->low +
				  (uint64_t)keys->high[i] * seed->high +
				  (uint64_t)keys->top[i] * seed->top + keys->n_bytes[i];
	const uint64_t hash = hash_front(seed, keys->start[i], keys->n_bytes[i], of_words);
	keys->hash[i] = (int64_t)csvr_key_hash_finish(seed, hash);
}

/* Whether the words of some key have the quote or the escape. */
static bool have_specials(const struct csvr_key_batch *keys, size_t n_keys,
			  const struct csvr_dialect *dialect)
{
	const lanes quotes = same((unsigned char)dialect->quote * ONES);
	const lanes escapes = dialect->escape == CSVR_NONE
				      ? quotes
				      : same((unsigned char)dialect->escape * ONES);
	uint64_t found = 0;
	for (size_t i = 0; i < n_keys; i += LANES) {
		const lanes low = load(keys->low + i), high = load(keys->high + i),
			    top = load(keys->top + i);
		found |= match_bytes(low, quotes) | match_bytes(high, quotes) |
			 match_bytes(top, quotes);
		found |= match_bytes(low, escapes) | match_bytes(high, escapes) |
			 match_bytes(top, escapes);
	}
	return found != 0;
}

static void read_keys(const struct csvr_column_slice *cells, const struct csvr_dialect *dialect,
		      const struct csvr_key_seed *seed, uint32_t most_bytes,
		      struct csvr_key_batch *keys)
{
	/* A quote that is a blank is left to csvr_find_key. */
	for (bool is_quick = !csvr_is_blank((unsigned char)dialect->quote);; is_quick = false) {
		const bool are_long = are_probably_long(cells);
		const struct key_facts facts =
			are_long ? find_keys(cells, dialect, most_bytes, is_quick, true, keys)
				 : find_keys(cells, dialect, most_bytes, is_quick, false, keys);
		int64_t long_keys[CSVR_KEY_BATCH + LANES];
		size_t n_long = 0;
		if (facts.lengths <= SHORT_KEY_BYTES) {
			hash_keys(keys, cells->n_cells, seed, true, long_keys);
		} else {
			if (!are_long)
				load_more(keys, cells->n_cells);
			n_long = hash_keys(keys, cells->n_cells, seed, false, long_keys);
		}
		for (size_t k = 0; k < n_long; k++)
			hash_long_key(keys, (size_t)long_keys[k], seed);
		if (!facts.has_quoted || !have_specials(keys, cells->n_cells, dialect))
			break;
	}
}
