/* lookalikes.c - how many cells of a column look like numbers in another notation, or like missing values */
#include "stats/lookalikes.h"

#include <stdlib.h>
#include <string.h>

#include "stats/column_type.h"

struct csvr_lookalikes *csvr_column_lookalikes(struct csvr_column *column)
{
	if (column->lookalikes == NULL)
		column->lookalikes = calloc(1, sizeof *column->lookalikes);
	return column->lookalikes;
}

static void set_unit(char to[CSVR_UNIT_BYTES], const char *unit)
{
	memset(to, 0, CSVR_UNIT_BYTES);
	memcpy(to, unit, strlen(unit));
}

void csvr_lookalikes_add_unit(struct csvr_lookalikes *lookalikes, const char *unit)
{
	if (unit[0] == '\0')
		return;
	if (lookalikes->first_unit[0] == '\0' || strcmp(unit, lookalikes->first_unit) < 0)
		set_unit(lookalikes->first_unit, unit);
	if (strcmp(unit, lookalikes->last_unit) > 0)
		set_unit(lookalikes->last_unit, unit);
}

bool csvr_column_has_different_units(const struct csvr_column *column)
{
	return column->lookalikes != NULL &&
	       strcmp(column->lookalikes->first_unit, column->lookalikes->last_unit) != 0;
}

static bool is_reported(const struct csvr_lookalike_groups *groups, enum csvr_lookalike kind)
{
	return groups->kinds[kind] != 0;
}

/* Reports the cells of `kind` with those of `of`, if there are both. */
static void unite(struct csvr_lookalike_groups *groups, enum csvr_lookalike kind,
		  enum csvr_lookalike of)
{
	if (!is_reported(groups, kind) || !is_reported(groups, of))
		return;
	groups->kinds[of] |= groups->kinds[kind];
	groups->kinds[kind] = 0;
}

/* Kinds that one option reads become one. A cell of two meanings has that of the others, if they agree. */
static void unite_kinds(struct csvr_lookalike_groups *groups)
{
	const bool has_comma = is_reported(groups, CSVR_LOOKALIKE_DECIMAL_COMMA);
	const bool has_point = is_reported(groups, CSVR_LOOKALIKE_DECIMAL_POINT);
	if (!is_reported(groups, CSVR_LOOKALIKE_COMMA_GROUPS)) {
		unite(groups, CSVR_LOOKALIKE_COMMA_OR_GROUP, CSVR_LOOKALIKE_DECIMAL_COMMA);
		unite(groups, CSVR_LOOKALIKE_COMMA_OR_GROUP, CSVR_LOOKALIKE_POINT_GROUPS_COMMA);
		unite(groups, CSVR_LOOKALIKE_COMMA_OR_GROUP, CSVR_LOOKALIKE_SPACE_GROUPS_COMMA);
	} else if (!has_comma) {
		unite(groups, CSVR_LOOKALIKE_COMMA_OR_GROUP, CSVR_LOOKALIKE_COMMA_GROUPS);
	}
	if (!is_reported(groups, CSVR_LOOKALIKE_POINT_GROUPS))
		unite(groups, CSVR_LOOKALIKE_POINT_OR_GROUP, CSVR_LOOKALIKE_DECIMAL_POINT);
	else if (!has_point)
		unite(groups, CSVR_LOOKALIKE_POINT_OR_GROUP, CSVR_LOOKALIKE_POINT_GROUPS);
	unite(groups, CSVR_LOOKALIKE_POINT_GROUPS, CSVR_LOOKALIKE_POINT_GROUPS_COMMA);
	unite(groups, CSVR_LOOKALIKE_DECIMAL_COMMA, CSVR_LOOKALIKE_POINT_GROUPS_COMMA);
	unite(groups, CSVR_LOOKALIKE_SPACE_GROUPS, CSVR_LOOKALIKE_SPACE_GROUPS_COMMA);
	unite(groups, CSVR_LOOKALIKE_DECIMAL_COMMA, CSVR_LOOKALIKE_SPACE_GROUPS_COMMA);
}

/* Whether a text has letters of ASCII alone, each in the case that `word` has there. */
static bool is_word_like(const unsigned char *text, size_t n_bytes, const unsigned char *word)
{
	for (size_t i = 0; i < n_bytes; i++)
		if ((text[i] | 0x20) < 'a' || (text[i] | 0x20) > 'z' || text[i] >= 0x80 ||
		    ((text[i] ^ word[i]) & 0x20) != 0)
			return false;
	return true;
}

/* Whether a null word has the length and the case of the texts of the column, so that it may be one of them: NA among
 * the codes of countries. */
static bool resembles_texts(const struct csvr_column *column)
{
	const struct csvr_first_cell *word = &column->lookalikes->first[CSVR_LOOKALIKE_NULL_WORD];
	const struct csvr_text_stats *texts = column->texts;
	return texts != NULL && texts->n > 0 && texts->min_length == word->n_bytes &&
	       texts->max_length == word->n_bytes && texts->first.n_bytes == word->n_bytes &&
	       texts->last.n_bytes == word->n_bytes &&
	       is_word_like(texts->first.bytes, word->n_bytes, word->bytes) &&
	       is_word_like(texts->last.bytes, word->n_bytes, word->bytes);
}

/* The shares of a column of text, in cells. */
struct shares {
	uint64_t n_numbers; /* numbers, and texts that look so without a unit */
	uint64_t n_units, n_missing; /* texts with a unit; texts that look missing */
	uint64_t n_plain; /* texts that look like nothing of the kind, and booleans */
	uint64_t n_cells; /* all but those that are missing or look so */
};

static struct shares count_shares(const struct csvr_column *column)
{
	const uint64_t *n = column->lookalikes->n;
	struct shares shares = { .n_numbers = column->cells[CSVR_CELL_NUMBER],
				 .n_units = n[CSVR_LOOKALIKE_UNIT],
				 .n_missing = n[CSVR_LOOKALIKE_NULL] };
	uint64_t n_texts = 0;
	for (int kind = 0; kind < CSVR_LOOKALIKE_UNIT; kind++)
		n_texts += n[kind];
	shares.n_numbers += n_texts;
	shares.n_plain = column->cells[CSVR_CELL_TEXT] - n_texts - shares.n_units -
			 shares.n_missing + column->cells[CSVR_CELL_BOOLEAN];
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (class != CSVR_CELL_MISSING)
			shares.n_cells += column->cells[class];
	shares.n_cells -= shares.n_missing;
	return shares;
}

/* Leaves out the kinds that are no sign of a loss in a column of text. */
static void leave_out_few(const struct csvr_column *column, struct csvr_lookalike_groups *groups)
{
	const struct shares shares = count_shares(column);
	const uint64_t n_with_units = shares.n_numbers + shares.n_units;
	const bool has_units = n_with_units >= shares.n_cells - shares.n_cells / 10;
	const bool has_numbers = has_units ||
				 shares.n_numbers >= shares.n_cells - shares.n_cells / 2;
	for (int kind = 0; kind < CSVR_LOOKALIKE_UNIT && !has_numbers; kind++)
		groups->kinds[kind] = 0;
	if (!has_units)
		groups->kinds[CSVR_LOOKALIKE_UNIT] = 0;
	if (shares.n_plain > 0)
		groups->kinds[CSVR_LOOKALIKE_NULL] = 0;
	if (groups->kinds[CSVR_LOOKALIKE_NULL_WORD] != 0 && !resembles_texts(column))
		groups->kinds[CSVR_LOOKALIKE_NULL_WORD] = 0;
}

void csvr_column_group_lookalikes(const struct csvr_column *column,
				  struct csvr_lookalike_groups *groups)
{
	*groups = (struct csvr_lookalike_groups){ { 0 } };
	if (column->lookalikes == NULL)
		return;
	for (int kind = 0; kind < CSVR_N_LOOKALIKES; kind++)
		groups->kinds[kind] = column->lookalikes->n[kind] > 0 ? 1U << kind : 0;
	if (csvr_column_type(column) == CSVR_TYPE_TEXT)
		leave_out_few(column, groups);
	else
		groups->kinds[CSVR_LOOKALIKE_NULL_WORD] = 0;
	groups->kinds[CSVR_LOOKALIKE_AFFIXED] = 0;
	unite_kinds(groups);
}
