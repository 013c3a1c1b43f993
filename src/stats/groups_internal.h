/* groups_internal.h - the memory of groups, which groups*.c share
 *
 * Shape    groups.c adds, groups_values.c has the sums of one column, groups_merge.c merges, groups_order.c sorts,
 *          groups_column.c reads. Arrays by group have `capacity` entries, and those of groups that do not exist yet are as
 *          those of groups without rows, so that a new group costs nothing more.
 * Errors   CSVR_NO_MEMORY
 * Threads  those of the groups
 */
#ifndef CSVR_STATS_GROUPS_INTERNAL_H
#define CSVR_STATS_GROUPS_INTERNAL_H

#include "stats/group_sums.h"
#include "stats/groups.h"

/* Where the words of csvr_group_sums are emptied to before they overflow, and where large values are added. */
struct csvr_wide_group_sums {
	__int128 sum;
	uint64_t squares[3]; /* little-endian */
};

/* Values of one quantity and scale. Those of other scales have sums of their own, so that no value is ever rescaled. */
struct csvr_group_values {
	struct csvr_group_sums *sums; /* by group */
	struct csvr_wide_group_sums *wide; /* by group; NULL: none yet */
	size_t sums_capacity, wide_capacity;
	/* Each word `squares` is at most this, and the magnitude of each word `sum`, too. */
	uint64_t budget;
	uint8_t scale;
	uint8_t quantity;
};

enum { CSVR_MAX_GROUP_SCALES = 19 };

struct csvr_group_column {
	struct csvr_group_values *values; /* as needed */
	size_t n_values, values_capacity;
	/* By class and group; NULL: there is no such cell. Numbers are counted where their sums are. */
	uint64_t *cells[CSVR_N_CELL_CLASSES];
	/* By group: numbers that do not fit into sums, texts, and what is collected; NULL, both: there is none. */
	struct csvr_column **details;
};

/* The name of a key. */
struct csvr_key_title {
	char *text;
	size_t n_bytes, capacity;
	bool is_present; /* in some file */
	bool differs; /* between files */
};

struct csvr_groups {
	struct csvr_group_config config;
	struct csvr_group_keys *keys; /* by key */
	struct csvr_number_pairs *pairs; /* of keys 0 and 1, of these pairs and key 2, ... */
	struct csvr_key_title titles[CSVR_MAX_GROUP_KEYS];
	uint64_t n_files_without[CSVR_MAX_GROUP_KEYS], n_rows_without[CSVR_MAX_GROUP_KEYS];
	size_t n_groups, capacity; /* of arrays by group */
	uint64_t *n_rows; /* by group; there may be groups without rows */
	size_t rows_capacity;
	struct csvr_group_column *columns;
	bool *are_keys; /* by column */
	size_t n_columns, columns_capacity;
	bool has_too_many;
	struct csvr_collected
		*nothing; /* what a column without values has collected, after csvr_groups_sort */
	uint32_t *order; /* of the groups with rows, after csvr_groups_sort */
	size_t n_ordered;
};

/* ---- groups.c ---- */

/* Makes room for as many groups as the keys have. */
enum csvr_status csvr_groups_reserve(struct csvr_groups *groups);

/* Makes room for columns; new ones are empty. */
enum csvr_status csvr_groups_reserve_columns(struct csvr_groups *groups, size_t n_columns);

/* Adds a name that files give a key. */
enum csvr_status csvr_key_title_add(struct csvr_key_title *title, const char *text, size_t n_bytes);

/* Whether more groups have rows than permitted. */
bool csvr_groups_exceed(const struct csvr_groups *groups);

void csvr_group_column_clear(struct csvr_group_column *column, size_t n_groups);

/* The numbers of the keys of a group. */
void csvr_groups_numbers(const struct csvr_groups *groups, size_t id,
			 uint32_t numbers[CSVR_MAX_GROUP_KEYS]);

/* How many groups the keys have, with rows or without. */
static inline size_t csvr_groups_n_ids(const struct csvr_groups *groups)
{
	const size_t n_keys = groups->config.n_keys;
	if (n_keys > 1)
		return groups->pairs[n_keys - 2].n_pairs;
	/* The missing key exists, even before any other is looked up. */
	return groups->keys[0].n_keys > 0 ? groups->keys[0].n_keys : CSVR_MISSING_KEY + 1;
}

/* The detail of a group, which is created if there is none; NULL: no memory. */
struct csvr_column *csvr_group_detail(const struct csvr_groups *groups,
				      struct csvr_group_column *column, size_t id);

/* The counts of a class by group; NULL: no memory. */
uint64_t *csvr_group_cells(const struct csvr_groups *groups, struct csvr_group_column *column,
			   enum csvr_cell_class class);

/* ---- groups_values.c ---- */

/* The sums of a quantity and scale, which are created if there are none; NULL: no memory. */
struct csvr_group_values *csvr_group_values_get(struct csvr_group_column *column, size_t capacity,
						enum csvr_quantity quantity, unsigned scale);

/* Changes the number of groups that arrays have room for. */
enum csvr_status csvr_group_values_grow(struct csvr_group_values *values, size_t capacity);
void csvr_group_values_reset(struct csvr_group_values *values, size_t n_groups);
void csvr_group_values_clear(struct csvr_group_values *values);

/* Adds the values of a batch to the groups ids[i]; there are `n_groups`, and room for `capacity`. */
enum csvr_status csvr_group_values_add(struct csvr_group_values *values, size_t n_groups,
				       size_t capacity, const struct csvr_batch *batch,
				       const uint32_t *ids);
enum csvr_status csvr_group_values_add_one(struct csvr_group_values *values, size_t n_groups,
					   size_t capacity, int64_t value, uint32_t id);

/* Sets the sums of a group that has none. The words of `sums` are 0, and all is in the wide ones. */
enum csvr_status csvr_group_values_restore(struct csvr_group_values *values, size_t n_groups,
					   size_t capacity, uint32_t id,
					   const struct csvr_group_sums *sums,
					   const struct csvr_wide_group_sums *wide);

/* Adds the values of group i of `from` to group new_id[i]. */
enum csvr_status csvr_group_values_merge(struct csvr_group_values *into, size_t n_groups,
					 size_t capacity, struct csvr_group_values *from,
					 size_t n_from, const uint32_t *new_id);

#endif
