/* order.c - whether the values of a column ascend in each file, and the aggregate of that name */
#include "stats/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/column.h"

static const int64_t part_limit = INT64_C(1000000000000000000); /* 10^18 */

/* 10^36. Ten times it is below 2^127. */
static __int128 units_limit(void)
{
	return (__int128)part_limit * part_limit;
}

static __int128 magnitude(__int128 units)
{
	return units < 0 ? -units : units;
}

/* ---- values ---- */

static int sign_of(__int128 units)
{
	return (units > 0) - (units < 0);
}

static int compare_values(struct csvr_order_value a, struct csvr_order_value b)
{
	const int sign = sign_of(a.units);
	if (a.exponent == b.exponent)
		return (a.units > b.units) - (a.units < b.units);
	if (sign != sign_of(b.units) || sign == 0)
		return sign - sign_of(b.units);
	/* From the limit on, it is greater than the other in any case. */
	for (; a.exponent > b.exponent && magnitude(a.units) < units_limit(); a.exponent--)
		a.units *= 10;
	for (; b.exponent > a.exponent && magnitude(b.units) < units_limit(); b.exponent--)
		b.units *= 10;
	return (a.units > b.units) - (a.units < b.units);
}

/* The one form of a value: not a multiple of ten; 0 has the exponent 0. */
static struct csvr_order_value canonical(struct csvr_order_value value)
{
	for (; value.units != 0 && value.units % 10 == 0; value.exponent++)
		value.units /= 10;
	if (value.units == 0)
		value.exponent = 0;
	return value;
}

/* False: the number has more than 36 significant digits. */
static bool set_value(struct csvr_order_value *value, const struct csvr_number *number)
{
	const uint64_t *part = number->part;
	size_t n = number->n_parts;
	int exponent = number->exponent;
	while (n > 1 && part[n - 1] == 0)
		n--;
	for (; n > 1 && *part == 0; part++, n--)
		exponent += 18;
	if (n > 3)
		return false;
	uint64_t low = *part;
	__int128 units = n == 1 ? 0 : part[1];
	if (n == 3)
		units += (__int128)part[2] * part_limit;
	int64_t unit = part_limit;
	/* Of three parts, the lowest must end in as many zeros as the highest has digits. */
	for (; n == 3 && low % 10 == 0; exponent++) {
		low /= 10;
		unit /= 10;
	}
	if (units >= units_limit() / unit)
		return false;
	units = units * unit + low;
	*value = (struct csvr_order_value){ number->is_negative ? -units : units, exponent };
	return true;
}

/* ---- ranges ---- */

static void drop_ranges(struct csvr_order *order)
{
	if (order->ranges != NULL)
		free(order->ranges);
	order->ranges = NULL;
	order->n_ranges = order->capacity = 0;
	order->has_range = false;
	order->are_dropped = true;
}

static void give_up(struct csvr_order *order)
{
	drop_ranges(order);
	order->has_values = true;
	order->kind = CSVR_ORDER_UNKNOWN;
}

static uint32_t max_ranges(const struct csvr_order *order)
{
	return order->max_ranges != 0 ? order->max_ranges : CSVR_ORDER_RANGES;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct csvr_order_range *left = a, *right = b;
	return compare_values(left->first, right->first);
}

static bool are_disjoint(const struct csvr_order_range *ranges, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (compare_values(ranges[i - 1].last, ranges[i].first) >= 0)
			return false;
	return true;
}

/* Sorts the ranges of a list, which does not change the value of the state; false: some overlap. */
static bool sort_ranges(const struct csvr_order *order)
{
	if (are_disjoint(order->ranges, order->n_ranges))
		return true;
	qsort(order->ranges, order->n_ranges, sizeof *order->ranges, compare_ranges);
	return are_disjoint(order->ranges, order->n_ranges);
}

/* Adds a range to the list, unless they are dropped; drops all if there are too many, or some overlap. */
static enum csvr_status add_range(struct csvr_order *order, const struct csvr_order_range *range)
{
	if (order->are_dropped)
		return CSVR_OK;
	/* Where the list grows, it is also sorted, so that a column whose ranges overlap costs little memory. */
	if (order->n_ranges == max_ranges(order) ||
	    (order->n_ranges == order->capacity && !sort_ranges(order))) {
		drop_ranges(order);
		return CSVR_OK;
	}
	size_t capacity = order->capacity;
	struct csvr_order_range *ranges = csvr_array_grow(order->ranges, &capacity,
							  order->n_ranges + (size_t)1,
							  sizeof *ranges);
	if (ranges == NULL)
		return CSVR_NO_MEMORY;
	order->ranges = ranges;
	order->capacity = (uint32_t)capacity;
	ranges[order->n_ranges++] = *range;
	return CSVR_OK;
}

bool csvr_order_proves_distinct(const struct csvr_order *order,
				const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	return order != NULL && order->has_values && order->kind == CSVR_ORDER_STRICT &&
	       !order->are_dropped && cells[CSVR_CELL_TEXT] == 0 && cells[CSVR_CELL_BOOLEAN] == 0 &&
	       sort_ranges(order);
}

/* ---- adding ---- */

/* The kind of two values of which `b` follows `a`. */
static enum csvr_order_kind kind_of_pair(struct csvr_order_value a, struct csvr_order_value b)
{
	const int order = compare_values(a, b);
	return order < 0    ? CSVR_ORDER_STRICT
	       : order == 0 ? CSVR_ORDER_ASCENDING
			    : CSVR_ORDER_UNKNOWN;
}

/* Adds values of that kind that follow. */
static void follow(struct csvr_order *order, enum csvr_quantity quantity, enum csvr_order_kind kind,
		   const struct csvr_order_range *range)
{
	if (csvr_order_is_unknown(order))
		return;
	if (!order->has_values) {
		order->has_values = order->has_range = true;
		order->quantity = quantity;
		order->kind = CSVR_ORDER_STRICT;
		order->range.first = range->first;
	} else {
		/* That of several files has no last value. A forged state may be one where it should not. */
		const enum csvr_order_kind between = order->quantity == quantity && order->has_range
							     ? kind_of_pair(order->range.last,
									    range->first)
							     : CSVR_ORDER_UNKNOWN;
		kind = between < kind ? between : kind;
	}
	order->range.last = range->last;
	order->kind = kind < order->kind ? kind : order->kind;
	if (order->kind == CSVR_ORDER_UNKNOWN)
		give_up(order);
}

void csvr_order_add_batch(struct csvr_order *order, const struct csvr_batch *batch)
{
	if (csvr_order_is_unknown(order))
		return;
	const int exponent = -(int)batch->scale;
	const struct csvr_order_range range = { { batch->values[0], exponent },
						{ batch->values[batch->n_values - 1], exponent } };
	follow(order, batch->quantity,
	       (enum csvr_order_kind)batch->kernels->order(batch->values, batch->n_values), &range);
}

void csvr_order_add_number(struct csvr_order *order, const struct csvr_number *number)
{
	struct csvr_order_value value;
	if (!set_value(&value, number)) {
		give_up(order);
		return;
	}
	const struct csvr_order_range range = { value, value };
	follow(order, number->quantity, CSVR_ORDER_STRICT, &range);
}

/* ---- merging ---- */

static enum csvr_status append(void *into, const void *from)
{
	struct csvr_order *order = into;
	const struct csvr_order *next = from;
	if (!next->has_values)
		return CSVR_OK;
	if (next->has_range)
		follow(order, next->quantity, next->kind, &next->range);
	else
		give_up(order);
	return CSVR_OK;
}

static enum csvr_status merge(void *into, const void *from)
{
	struct csvr_order *order = into;
	const struct csvr_order *other = from;
	if (!other->has_values || csvr_order_is_unknown(order))
		return CSVR_OK;
	if (csvr_order_is_unknown(other) ||
	    (order->has_values && order->quantity != other->quantity)) {
		give_up(order);
		return CSVR_OK;
	}
	if (!order->has_values || other->kind < order->kind)
		order->kind = other->kind;
	order->quantity = other->quantity;
	order->has_values = true;
	if (order->kind != CSVR_ORDER_STRICT || other->are_dropped) {
		drop_ranges(order);
		return CSVR_OK;
	}
	enum csvr_status status = CSVR_OK;
	if (order->has_range)
		status = add_range(order, &order->range);
	order->has_range = false;
	if (other->has_range && status == CSVR_OK)
		status = add_range(order, &other->range);
	for (uint32_t i = 0; i < other->n_ranges && status == CSVR_OK; i++)
		status = add_range(order, &other->ranges[i]);
	return status;
}

static void limit(void *state, size_t n_columns)
{
	struct csvr_order *order = state;
	if (n_columns <= CSVR_ORDER_ALL_RANGES / CSVR_ORDER_RANGES)
		return;
	size_t most = CSVR_ORDER_ALL_RANGES / n_columns;
	most = most < CSVR_ORDER_LEAST_RANGES ? CSVR_ORDER_LEAST_RANGES : most;
	if (most < max_ranges(order))
		order->max_ranges = (uint32_t)most;
	if (order->n_ranges > max_ranges(order))
		drop_ranges(order);
}

/* The order of a file need not be found if the merged one is unknown in any case. */
static void inherit(void *state, const void *merged)
{
	if (csvr_order_is_unknown(merged))
		give_up(state);
}

static void clear(void *state)
{
	drop_ranges(state);
}

/* Small files are many: of one, no ranges are in memory. */
static void reset(void *state)
{
	struct csvr_order *order = state;
	if (order->ranges != NULL)
		drop_ranges(order);
	order->has_values = order->has_range = order->are_dropped = false;
	order->max_ranges = 0;
}

/* ---- states ---- */

enum { MIN_EXPONENT = -1100, MAX_EXPONENT = 330 };

typedef unsigned __int128 u128;

static void encode_value(struct csvr_order_value value, struct csvr_encoder *encoder)
{
	value = canonical(value);
	const u128 folded = (u128)value.units << 1 ^ (value.units < 0 ? ~(u128)0 : 0);
	csvr_encoder_put_zigzag(encoder, value.exponent);
	csvr_encoder_put_varint_wide(encoder,
				     (uint64_t[]){ (uint64_t)folded, (uint64_t)(folded >> 64) }, 2);
}

static bool decode_value(struct csvr_order_value *value, struct csvr_decoder *decoder)
{
	uint64_t word[2];
	const int64_t exponent = csvr_decoder_zigzag(decoder);
	csvr_decoder_varint_wide(decoder, word, 2);
	const u128 folded = (u128)word[1] << 64 | word[0];
	const bool is_negative = (folded & 1) != 0;
	if ((folded >> 1) + is_negative >= (u128)units_limit() || exponent < MIN_EXPONENT ||
	    exponent > MAX_EXPONENT)
		return false;
	const __int128 units = (__int128)(folded >> 1);
	*value = (struct csvr_order_value){ is_negative ? -units - 1 : units, (int)exponent };
	const struct csvr_order_value same = canonical(*value);
	return same.units == value->units && same.exponent == value->exponent;
}

static void encode(const void *state, struct csvr_encoder *encoder)
{
	const struct csvr_order *order = state;
	csvr_encoder_put_varint(encoder, order->has_values ? 1 + (uint64_t)order->kind : 0);
	if (!csvr_order_is_ascending(order))
		return;
	const struct csvr_order_range *ranges = order->has_range ? &order->range : order->ranges;
	size_t n = order->has_range ? 1 : order->n_ranges;
	if (!sort_ranges(order))
		n = 0;
	csvr_encoder_put_varint(encoder, n);
	for (size_t i = 0; i < n; i++) {
		encode_value(ranges[i].first, encoder);
		encode_value(ranges[i].last, encoder);
	}
}

/* The quantity of the cells that have one; false: they have none, or several. */
static bool find_quantity(struct csvr_order *order, const uint64_t cells[CSVR_N_CELL_CLASSES],
			  uint64_t *n_cells)
{
	int n_quantities = 0;
	*n_cells = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		const enum csvr_quantity quantity = csvr_quantity_of((enum csvr_cell_class) class);
		if (cells[class] == 0 || quantity == CSVR_N_QUANTITIES)
			continue;
		n_quantities += *n_cells == 0 || quantity != order->quantity;
		order->quantity = quantity;
		*n_cells += cells[class];
	}
	return n_quantities == 1;
}

/* Reads a range, which has at most `*n_left` values, and lowers that by the number it has at least. */
static bool decode_range(struct csvr_order_range *range, enum csvr_order_kind kind,
			 struct csvr_decoder *decoder, uint64_t *n_left)
{
	if (!decode_value(&range->first, decoder) || !decode_value(&range->last, decoder))
		return false;
	const int order = compare_values(range->first, range->last);
	const uint64_t n_least = order == 0 && kind == CSVR_ORDER_STRICT ? 1 : 2;
	if (order > 0 || *n_left < n_least)
		return false;
	*n_left -= n_least;
	return true;
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct csvr_order *order = state;
	uint64_t n_cells;
	const bool has_one_quantity = find_quantity(order, cells, &n_cells);
	const uint64_t code = csvr_decoder_varint_max(decoder, 1 + CSVR_ORDER_STRICT);
	order->has_values = code != 0;
	order->kind = code != 0 ? (enum csvr_order_kind)(code - 1) : CSVR_ORDER_UNKNOWN;
	order->are_dropped = csvr_order_is_unknown(order);
	if (decoder->is_bad || order->has_values != (n_cells > 0))
		return CSVR_INVALID_FILE;
	if (!csvr_order_is_ascending(order))
		return CSVR_OK;
	const size_t n = csvr_decoder_count(decoder, 4);
	if (!has_one_quantity || n > CSVR_ORDER_RANGES ||
	    (order->kind == CSVR_ORDER_ASCENDING && (n > 1 || n_cells < 2)))
		return CSVR_INVALID_FILE;
	struct csvr_order_range range;
	for (size_t i = 0; i < n; i++) {
		if (!decode_range(&range, order->kind, decoder, &n_cells))
			return CSVR_INVALID_FILE;
		if (i == 0)
			order->range = range;
		if (n > 1 && add_range(order, &range) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	order->has_range = n == 1;
	order->are_dropped = n == 0;
	/* Those that overlap may have been dropped. */
	return order->n_ranges == (n > 1 ? n : 0) && are_disjoint(order->ranges, order->n_ranges)
		       ? CSVR_OK
		       : CSVR_INVALID_FILE;
}

const struct csvr_aggregate csvr_order_aggregate = { .name = "order",
						     .version = 1,
						     .state_bytes = sizeof(struct csvr_order),
						     .append = append,
						     .merge = merge,
						     .encode = encode,
						     .decode = decode,
						     .limit = limit,
						     .inherit = inherit,
						     .clear = clear,
						     .reset = reset };
