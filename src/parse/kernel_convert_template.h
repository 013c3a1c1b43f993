/* kernel_convert_template.h - convert, in the vocabulary of a simd_*.h included before
 *
 * The cells of LANES rows are loaded as the 8 to 24 bytes that end where they end, so their digits are
 * right-aligned whatever their number; sign and point are removed by arithmetic, all digits are checked
 * together, and three multiplications make integers of them. A cell that does not fit is left to the
 * scalar functions, which define the result.
 *
 * In two passes, since loading from many addresses and computing in lanes need different code: plain
 * loads first stage the cells of a batch side by side, then lanes process the stage. Gather
 * instructions in place of the first pass took 1.2 times as long on a CPU of 2023, and take far longer
 * where microcode slows them down.
 *
 * Source  digits by multiply-and-add of neighbours: Mula, "SIMD conversion of decimal numbers"
 */

enum { ALL_LANES = (1 << LANES) - 1 };

/* Digits after the point of a cell of eight bytes, at most. */
enum { MAX_GUESSED_SCALE = 7 };

#define ZEROS UINT64_C(0x3030303030303030)
#define ONES UINT64_C(0x0101010101010101)

/* The cells of a batch. A pair locates a cell: the position before it in the low half, the one
 * after it in the high half, like two neighbouring ends. `low` has the eight bytes that end
 * where the cell ends, `high` the eight before those, `top` the eight before these. */
struct stage {
	int64_t pair[CSVR_MAX_CELLS + LANES];
	int64_t low[CSVR_MAX_CELLS + LANES], high[CSVR_MAX_CELLS + LANES];
	int64_t top[CSVR_MAX_CELLS + LANES];
	bool has_more; /* high and top are loaded */
};

static inline uint64_t load_pair(const uint32_t *end)
{
	return csvr_load8((const unsigned char *)(end - 1));
}

/* These return the pair without the '\r' of a line end, the quotes or the blanks around the
 * cell. */
static inline uint64_t without_cr(const unsigned char *text, uint64_t pair)
{
	uint32_t stop = (uint32_t)(pair >> 32), start = (uint32_t)pair + 1;
	return pair - ((uint64_t)(stop != start && text[stop - 1] == '\r') << 32);
}

static inline uint64_t without_quotes(const unsigned char *text, uint64_t pair, int quote)
{
	uint32_t stop = (uint32_t)(pair >> 32), start = (uint32_t)pair + 1;
	if (stop - start >= 2 && text[start] == quote && text[stop - 1] == quote)
		return (uint64_t)(stop - 1) << 32 | start;
	return pair;
}

static inline uint64_t without_blanks(const unsigned char *text, uint64_t pair)
{
	uint32_t stop = (uint32_t)(pair >> 32), start = (uint32_t)pair + 1;
	while (start < stop && csvr_is_blank(text[start]))
		start++;
	while (start < stop && csvr_is_blank(text[stop - 1]))
		stop--;
	return (uint64_t)stop << 32 | (start - 1);
}

/* The pair without blanks, quotes, and blanks inside these. Few cells have blanks before quotes. */
static inline uint64_t without_quotes_and_blanks(const unsigned char *text, uint64_t pair,
						 int quote)
{
	uint64_t inner = without_quotes(text, pair, quote);
	if (inner != pair)
		return without_blanks(text, inner);
	const uint64_t trimmed = without_blanks(text, pair);
	if (text[(uint32_t)trimmed + 1] != quote)
		return trimmed;
	inner = without_quotes(text, trimmed, quote);
	return inner == trimmed ? trimmed : without_blanks(text, inner);
}

static inline __attribute__((always_inline)) void stage_cell(struct stage *stage, size_t i,
							     const unsigned char *text,
							     uint64_t pair)
{
	stage->pair[i] = (int64_t)pair;
	stage->low[i] = (int64_t)csvr_load8(text + (pair >> 32) - 8);
}

static inline __attribute__((always_inline)) void fill_plain(struct stage *stage,
							     const struct csvr_column_slice *cells)
{
	const unsigned char *text = cells->text;
	const uint32_t *end = cells->ends;
	size_t n_cells = cells->n_cells, stride = cells->stride, i = 0;
	/* Four at a time, which compilers do not do by themselves: 20% less time. */
	for (; i + 4 <= n_cells; i += 4, end += 4 * stride) {
		stage_cell(stage, i, text, load_pair(end));
		stage_cell(stage, i + 1, text, load_pair(end + stride));
		stage_cell(stage, i + 2, text, load_pair(end + 2 * stride));
		stage_cell(stage, i + 3, text, load_pair(end + 3 * stride));
	}
	for (; i < n_cells; i++, end += stride)
		stage_cell(stage, i, text, load_pair(end));
}

static void fill_stripped(struct stage *stage, const struct csvr_column_slice *cells, int quote)
{
	const unsigned char *text = cells->text;
	const uint32_t *end = cells->ends;
	for (size_t i = 0; i < cells->n_cells; i++, end += cells->stride) {
		uint64_t pair = load_pair(end);
		if (cells->ends_line)
			pair = without_cr(text, pair);
		stage_cell(stage, i, text, without_quotes_and_blanks(text, pair, quote));
	}
}

static void fill_stage(struct stage *stage, const struct csvr_column_slice *cells, bool is_stripped,
		       int quote)
{
	size_t n_cells = cells->n_cells;
	if (is_stripped)
		fill_stripped(stage, cells, quote);
	else
		fill_plain(stage, cells);
	/* Lanes after the last cell are ignored, but must hold something: the last cell again,
	 * so that they do not defeat the guess. */
	for (size_t i = n_cells; i % LANES != 0; i++) {
		stage->pair[i] = stage->pair[n_cells - 1];
		stage->low[i] = stage->low[n_cells - 1];
	}
	stage->has_more = false;
}

/* Called only if some cell is longer than eight bytes. */
static void fill_more(struct stage *stage, const unsigned char *text, size_t n_cells)
{
	for (size_t i = 0; i < n_cells; i++) {
		const unsigned char *stop = text + ((uint64_t)stage->pair[i] >> 32);
		stage->high[i] = (int64_t)csvr_load8(stop - 16);
		stage->top[i] = (int64_t)csvr_load8(stop - 24);
	}
	for (size_t i = n_cells; i % LANES != 0; i++) {
		stage->high[i] = stage->high[n_cells - 1];
		stage->top[i] = stage->top[n_cells - 1];
	}
	stage->has_more = true;
}

/* Constants of the loops below, hidden from the optimiser: it would recompute each on every
 * iteration, on the very port that limits the loops. */
struct constants {
	lanes zero_bytes, nines, tens, hundreds, ten_thousands, all;
	lanes points; /* the decimal mark minus '0' */
	uint64_t marks; /* the decimal mark in all bytes */
	lanes above, below; /* the bytes of a lane on either side of the guessed point */
	lanes longest_shift; /* of a cell with one digit, and the guessed point if any */
	uint64_t guess; /* bit i: byte i of all lanes is expected to be a point */
	lanes guess_mask; /* the same for one lane, by bytes */
	unsigned scale;
};

static struct constants make_constants(unsigned scale, unsigned char point)
{
	const uint64_t lane_bytes = LANES == 8 ? ONES : (UINT64_C(1) << 8 * (LANES & 7)) - 1;
	struct constants c = {
		.zero_bytes = opaque(same(ZEROS)),
		.nines = opaque(same(9 * ONES)),
		.tens = opaque(same(UINT64_C(0x010a010a010a010a))),
		.hundreds = opaque(same(UINT64_C(0x0001006400010064))),
		.ten_thousands = opaque(same(10000)),
		.all = opaque(same(~UINT64_C(0))),
		.points = opaque(same((uint8_t)(point - '0') * ONES)),
		.marks = point * ONES,
		.above = opaque(same(~UINT64_C(0))),
		.below = opaque(same(0)),
		.longest_shift = opaque(same(64 - 8)),
		.guess = 0,
		.guess_mask = opaque(same(0)),
		.scale = scale,
	};
	if (scale > 0 && scale <= MAX_GUESSED_SCALE) {
		uint64_t below = (UINT64_C(1) << 8 * (7 - scale)) - 1;
		c.above = opaque(same(~(below << 8 | 0xff)));
		c.below = opaque(same(below));
		c.longest_shift = opaque(same(64 - 16));
		c.guess = (ONES & lane_bytes) << (7 - scale);
		c.guess_mask = opaque(same(UINT64_C(0xff) << 8 * (7 - scale)));
	} else if (scale > 0) {
		/* No cell of eight bytes has that many digits after a point: no cell matches the
		 * guess. */
		c.longest_shift = opaque(same(0));
		c.guess = 1;
		c.guess_mask = opaque(same(1));
	}
	return c;
}

/* The shift of a cell of n bytes is 64 - 8 n: that many low bits of its eight bytes belong to
 * its predecessors. The halves of a pair differ by n + 1. */
static inline lanes shift_of(lanes pair)
{
	return subtract(same(72), shift_left(halves_difference(pair), 3));
}

/* The value of eight digits per lane, one per byte, first digit in the lowest byte. */
static inline lanes value_of_digits(lanes digits, const struct constants *c)
{
	lanes fours = pair_words(pair_bytes(digits, c->tens), c->hundreds);
	return add(multiply_halves(fours, c->ten_thousands), shift_right(fours, 32));
}

/* Like value_of_digits for bytes '0' to '9'. Bit i of `*are_digits` is set if all bytes of lane
 * i are digits. */
static inline lanes eight_digits(lanes text, const struct constants *c, unsigned *are_digits)
{
	lanes digits = subtract_bytes(text, c->zero_bytes);
	*are_digits = which_equal(maximum_bytes(digits, c->nines), c->nines);
	return value_of_digits(digits, c);
}

/* ---- cells that match the guess: no sign, at most eight bytes, the point where expected ---- */

/* False if some cell does not match the guess; `*value` is then undefined. */
static inline bool read_guessed(lanes low, lanes shift, const struct constants *c, lanes *value)
{
	/* Negative shifts, of longer cells, are large as unsigned numbers. */
	if (any_above(shift, c->longest_shift))
		return false;
	lanes digits = bit_and(subtract_bytes(low, c->zero_bytes), shift_left_each(c->all, shift));
	if (match_bytes(digits, c->points) != c->guess)
		return false;
	/* The bytes below the point move up by one, over it. */
	digits = bit_or(bit_and(digits, c->above), shift_left(bit_and(digits, c->below), 8));
	if (any_byte_above(digits, c->nines))
		return false;
	*value = value_of_digits(digits, c);
	return true;
}

/* ---- the same with a minus before some of them ---- */

/* The first byte of cells of at most nine bytes. */
static inline lanes first_bytes(lanes low, lanes high, lanes shift)
{
	const lanes in_low = shift_right_each(low, maximum(shift, same(0)));
	return choose(equal(shift, same((uint64_t)-8)), shift_right(high, 56),
		      bit_and(in_low, same(0xff)));
}

/* As read_guessed, of which it is the part that is left without the minus. */
static inline bool read_signed(struct stage *stage, size_t i, const struct csvr_column_slice *cells,
			       const struct constants *c, lanes *value)
{
	const lanes low = load(stage->low + i), shift = shift_of(load(stage->pair + i));
	lanes high = same(0);
	if (which_greater(same(0), shift) != 0) {
		if (!stage->has_more)
			fill_more(stage, cells->text, cells->n_cells);
		high = load(stage->high + i);
	}
	const lanes is_negative = equal(first_bytes(low, high, shift), same('-'));
	if (!read_guessed(low, add(shift, bit_and(is_negative, same(8))), c, value))
		return false;
	*value = subtract(bit_xor(*value, is_negative), is_negative);
	return true;
}

/* ---- cells of which some match the guess, and the others are certain to be rejected ---- */

/* The lanes whose cells are certain to be rejected: one of their last eight bytes is neither a digit nor a point, and
 * is not the first of several, which may be a sign. For an empty cell this looks at the byte before it, but empty
 * cells are rejected in any case. `digits` are the bytes minus '0'. */
static inline unsigned which_rejected(lanes digits, lanes shift, const struct constants *c)
{
	const lanes after_first = minimum(maximum(add(shift, same(8)), same(0)), same(56));
	const lanes odd = bit_or(equal_bytes(maximum_bytes(digits, c->nines), c->nines),
				 equal_bytes(digits, c->points));
	const lanes ours = shift_left_each(c->all, after_first);
	return ALL_LANES & ~which_equal(bit_or(odd, bit_xor(ours, c->all)), c->all);
}

/* False if a cell neither matches the guess nor is certain to be rejected; else `*good` is set to those that
 * match, and `*value` in their lanes. */
static __attribute__((noinline)) bool read_matching(lanes low, lanes shift,
						    const struct constants *c, lanes *value,
						    unsigned *good)
{
	const lanes bytes = subtract_bytes(low, c->zero_bytes);
	const unsigned fits = which_greater(add(c->longest_shift, same(1)), shift) &
			      which_greater(shift, c->all);
	/* Shifts of longer cells are negative. */
	const lanes own = shift_left_each(c->all, maximum(shift, same(0)));
	lanes digits = bit_and(bytes, own);
	const unsigned has_point = which_equal(equal_bytes(digits, c->points), c->guess_mask);
	digits = bit_or(bit_and(digits, c->above), shift_left(bit_and(digits, c->below), 8));
	*good = fits & has_point & which_equal(maximum_bytes(digits, c->nines), c->nines);
	*value = value_of_digits(digits, c);
	return (*good | which_rejected(bytes, shift, c)) == ALL_LANES;
}

/* ---- any cells ---- */

/* A mask of the bytes of `text` above the lowest point of each lane; zero in lanes without a
 * point. `*below` masks the bytes below the point; it is all ones in lanes without one. */
static inline lanes above_point(lanes text, const struct constants *c, lanes *below,
				lanes *has_point)
{
	const lanes zero = same(0);
	lanes points = equal_bytes(text, same(c->marks));
	lanes lowest = bit_and(points, subtract(zero, points)); /* its lowest bit: at most 56 */
	*below = subtract(lowest, same(1));
	*has_point = greater(lowest, zero);
	return subtract(zero, shift_left(lowest, 8));
}

/* `text` without the byte between `above` and `below`: bytes below it move up, `filler` comes
 * in. */
static inline lanes close_gap(lanes text, lanes above, lanes below, lanes filler)
{
	return bit_or(bit_or(bit_and(text, above), shift_left(bit_and(text, below), 8)), filler);
}

static inline lanes count_bytes(lanes mask)
{
	return sum_bytes(bit_and(mask, same(ONES)));
}

/* `text` in the bits from `shift` on, '0' bytes below them. */
static inline lanes fill_below(lanes text, lanes shift)
{
	return choose(shift_left_each(same(~UINT64_C(0)), shift), text, same(ZEROS));
}

/* Numbers as parsed, before they are brought to one scale. */
struct lane_numbers {
	lanes magnitude, n_decimals;
	lanes is_negative; /* all ones, or zero */
	unsigned good;
};

/* True where a cell has more bytes than a sign and a point: n > n_others, expressed in shifts. */
static inline unsigned have_digits(lanes shift, lanes n_others)
{
	return which_greater(subtract(same(64), shift_left(n_others, 3)), shift);
}

/* Replaces a sign in the first byte of each lane of `text` by '0', sets `*is_negative` in lanes
 * where it was '-', and returns the lanes that had a sign. Only lanes in `these` are changed. */
static inline lanes extract_sign(lanes *text, lanes shift, lanes these, lanes *is_negative)
{
	lanes first = bit_and(shift_right_each(*text, shift), same(0xff));
	lanes minus = bit_and(equal(first, same('-')), these),
	      plus = bit_and(equal(first, same('+')), these);
	lanes change = bit_or(bit_and(minus, same('-' ^ '0')), bit_and(plus, same('+' ^ '0')));
	*text = bit_xor(*text, shift_left_each(change, shift));
	*is_negative = bit_or(*is_negative, minus);
	return bit_or(minus, plus);
}

/* Parses cells of at most eight bytes. */
static inline struct lane_numbers read_short(lanes low, lanes shift, const struct constants *c)
{
	struct lane_numbers n = { .is_negative = same(0) };
	lanes text = fill_below(low, shift), below, has_point;
	lanes signs = extract_sign(&text, shift, same(~UINT64_C(0)), &n.is_negative);
	lanes above = above_point(text, c, &below, &has_point);
	text = choose(has_point, close_gap(text, above, below, same('0')), text);
	n.n_decimals = count_bytes(above);
	n.magnitude = eight_digits(text, c, &n.good);
	n.good &= have_digits(shift, subtract(same(0), add(signs, has_point)));
	return n;
}

/* Parses cells of at most 24 bytes, or at most 16 if `is_wide` is false. */
static inline __attribute__((always_inline)) struct lane_numbers read_long(
	lanes low, lanes high, lanes top, lanes shift, const struct constants *c, bool is_wide)
{
	const lanes zero = same(0), eight = same(8), all = same(~UINT64_C(0));
	/* Longer cells: treat as empty, hence without digits. */
	shift = choose(greater(same((uint64_t)(64 - 8 * CSVR_MAX_CONVERT_BYTES)), shift), same(64),
		       shift);
	/* The shift of each word, from 0 (all of it) to 64 (none): shifts by 64 give 0. */
	lanes high_shift = add(shift, same(64)), top_shift = add(shift, same(128));
	lanes beyond_low = greater(zero, shift), beyond_high = greater(zero, high_shift);
	lanes ends_in_low = bit_xor(beyond_low, all);
	lanes low_shift = bit_and(shift, ends_in_low);
	high_shift = choose(ends_in_low, same(64), bit_and(high_shift, bit_xor(beyond_high, all)));
	low = fill_below(low, low_shift);
	high = fill_below(high, high_shift);
	struct lane_numbers n = { .is_negative = zero };
	lanes signs = extract_sign(&low, low_shift, ends_in_low, &n.is_negative);
	signs = bit_or(signs, extract_sign(&high, high_shift,
					   bit_and(beyond_low, bit_xor(beyond_high, all)),
					   &n.is_negative));
	if (is_wide) {
		top_shift = choose(beyond_high, top_shift, same(64));
		top = fill_below(top, top_shift);
		signs = bit_or(signs, extract_sign(&top, top_shift, beyond_high, &n.is_negative));
	} else {
		top = c->zero_bytes;
	}

	/* The bytes before the point move up by one, across the words. */
	const lanes filler = same('0');
	lanes low_below, in_low, low_above = above_point(low, c, &low_below, &in_low);
	lanes high_below, in_high, high_above = above_point(high, c, &high_below, &in_high);
	in_high = bit_and(in_high, bit_xor(in_low, all));
	lanes in_top = zero, top_below = zero, top_above = zero;
	if (is_wide) {
		top_above = above_point(top, c, &top_below, &in_top);
		in_top = bit_and(in_top, bit_xor(bit_or(in_low, in_high), all));
	}
	lanes from_high = shift_right(high, 56), from_top = shift_right(top, 56);
	lanes high_moved = bit_or(shift_left(high, 8), from_top);
	lanes top_moved = bit_or(shift_left(top, 8), filler);
	low = choose(in_low, close_gap(low, low_above, low_below, from_high), low);
	high = choose(in_low, high_moved,
		      choose(in_high, close_gap(high, high_above, high_below, from_top), high));
	n.n_decimals = choose(in_low, count_bytes(low_above),
			      bit_and(in_high, add(eight, count_bytes(high_above))));
	if (is_wide) {
		top = choose(bit_or(in_low, in_high), top_moved,
			     choose(in_top, close_gap(top, top_above, top_below, filler), top));
		n.n_decimals = choose(in_top, add(same(16), count_bytes(top_above)), n.n_decimals);
	}

	unsigned high_good;
	lanes high_part = eight_digits(high, c, &high_good);
	n.magnitude = add(multiply_halves(high_part, same(100000000)),
			  eight_digits(low, c, &n.good));
	n.good &= high_good;
	if (is_wide) {
		/* Reject 10^18 and more. */
		unsigned top_good;
		lanes top_part = eight_digits(top, c, &top_good);
		n.magnitude = add(n.magnitude, multiply(top_part, same(10000000000000000)));
		n.good &= top_good & which_greater(same(100), top_part);
	}
	n.good &= have_digits(shift,
			      subtract(zero, add(signs, bit_or(bit_or(in_low, in_high), in_top))));
	return n;
}

/* Brings numbers to one scale; those that do not fit are no longer good. */
static inline void bring_to_scale(struct lane_numbers *n, unsigned scale)
{
	lanes missing = subtract(same(scale), n->n_decimals);
	lanes fits = greater(missing, same(~UINT64_C(0)));
	missing = bit_and(missing, fits);
	if (!any_above(missing, same(1))) {
		/* As below, for most columns whose scale varies. */
		const lanes is_one = greater(missing, same(0));
		const lanes tenfold = add(shift_left(n->magnitude, 3), shift_left(n->magnitude, 1));
		const lanes least = choose(is_one, same(100000000000000000),
					   same(1000000000000000000));
		n->good &= bits(fits) & which_greater(least, n->magnitude);
		n->magnitude = choose(is_one, tenfold, n->magnitude);
		return;
	}
	/* magnitude * 10^missing < 10^18, exactly if magnitude < 10^(18 - missing) */
	lanes limit = gather_table(csvr_power_of_ten, subtract(same(CSVR_MAX_SCALE), missing));
	n->good &= bits(fits) & which_greater(limit, n->magnitude);
	n->magnitude = multiply(n->magnitude, gather_table(csvr_power_of_ten, missing));
}

/* Parses LANES cells of any kind into `*value`; returns which of them are good. */
static __attribute__((noinline)) unsigned read_any(struct stage *stage, size_t i,
						   const struct csvr_column_slice *cells,
						   const struct constants *c, lanes *value)
{
	lanes shift = shift_of(load(stage->pair + i)), low = load(stage->low + i);
	struct lane_numbers n;
	if (which_greater(same(0), shift) == 0) {
		n = read_short(low, shift, c);
	} else {
		if (!stage->has_more)
			fill_more(stage, cells->text, cells->n_cells);
		lanes high = load(stage->high + i), top = load(stage->top + i);
		bool is_wide = which_greater(same((uint64_t)-64), shift) != 0;
		n = is_wide ? read_long(low, high, top, shift, c, true)
			    : read_long(low, high, top, shift, c, false);
	}
	if (which_equal(n.n_decimals, same(c->scale)) != ALL_LANES)
		bring_to_scale(&n, c->scale);
	*value = subtract(bit_xor(n.magnitude, n.is_negative), n.is_negative);
	return n.good;
}

/* True if fill_stripped would remove something from the cell of `pair`. */
static bool may_be_stripped(const struct csvr_column_slice *cells, uint64_t pair, int quote)
{
	uint32_t stop = (uint32_t)(pair >> 32), start = (uint32_t)pair + 1;
	if (start == stop)
		return false;
	unsigned char first = cells->text[start], last = cells->text[stop - 1];
	return last == quote || csvr_is_blank(first) || csvr_is_blank(last) ||
	       (cells->ends_line && last == '\r');
}

/* Sets `*rejected_strippable` if a rejected cell might convert after fill_stripped. */
static size_t convert_stage(struct stage *stage, const struct csvr_column_slice *cells,
			    unsigned scale, int quote, int64_t *values, uint8_t *rejects,
			    bool *rejected_strippable)
{
	const struct constants c = make_constants(scale, cells->point);
	size_t n_cells = cells->n_cells, n_values = 0, n_rejects = 0;
	/* Consecutive wrong guesses: after two of them guessing stops for the rest of the stage. */
	unsigned n_wrong_guesses = 0;
	const bool may_be_signed = scale <= MAX_GUESSED_SCALE;
	bool is_signed = false; /* some cell had a minus, and others may */
	*rejected_strippable = false;
	for (size_t i = 0; i < n_cells; i += LANES) {
		unsigned ours = n_cells - i < LANES ? (1u << (n_cells - i)) - 1 : ALL_LANES;
		lanes value;
		unsigned good = ALL_LANES;
		const lanes low = load(stage->low + i), shift = shift_of(load(stage->pair + i));
		if (is_signed ? read_signed(stage, i, cells, &c, &value)
			      : n_wrong_guesses < 2 &&
					(read_guessed(low, shift, &c, &value) ||
					 read_matching(low, shift, &c, &value, &good))) {
			n_wrong_guesses = 0;
		} else if (may_be_signed && !is_signed && n_wrong_guesses < 2 &&
			   read_signed(stage, i, cells, &c, &value)) {
			is_signed = true;
			good = ALL_LANES;
			n_wrong_guesses = 0;
		} else {
			n_wrong_guesses++;
			is_signed = false;
			good = read_any(stage, i, cells, &c, &value);
		}
		good &= ours;
		if (good == ALL_LANES) {
			store(values + n_values, value);
			n_values += LANES;
			continue;
		}
		store_some(values + n_values, value, good);
		n_values += (size_t)__builtin_popcount(good);
		for (unsigned bad = ~good & ours; bad != 0; bad &= bad - 1) {
			size_t cell = i + (size_t)__builtin_ctz(bad);
			rejects[n_rejects++] = (uint8_t)cell;
			if (!*rejected_strippable)
				*rejected_strippable =
					may_be_stripped(cells, (uint64_t)stage->pair[cell], quote);
		}
	}
	return n_values;
}

static size_t convert(const struct csvr_column_slice *cells, unsigned scale, int quote,
		      int64_t *values, uint8_t *rejects)
{
	struct stage stage;
	if (cells->n_cells == 0)
		return 0;
	if (csvr_quote_may_be_in_number(quote, cells->point))
		return csvr_convert_cells(cells, scale, quote, values, rejects);
	/* Usually all cells of a column are quoted or padded, or none is, and all lines end in
	 * "\r\n", or none does: the first cell decides, and rejects correct a wrong decision. */
	bool is_stripped = may_be_stripped(cells, load_pair(cells->ends), quote);
	for (;;) {
		fill_stage(&stage, cells, is_stripped, quote);
		bool rejected_strippable;
		size_t n_values = convert_stage(&stage, cells, scale, quote, values, rejects,
						&rejected_strippable);
		if (!rejected_strippable || is_stripped)
			return n_values;
		is_stripped = true;
	}
}
