/* stat_distinct.c - how many distinct values a column has
 *
 * Numbers, dates and times are equal if their values are, texts and booleans if their bytes are, without
 * quotes and surrounding blanks. A number, a date, a time and a text are never equal. Fields that are too long to be read count as one text, the empty
 * one, which no other cell is. nan, infinite and missing cells do not count.
 *
 * Who knows the hash can write a file whose estimate is wrong. Exact counts cannot be made wrong.
 */
#include "stats/sample.h"
#include "stats/statistics.h"

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	return csvr_sample_add_batch(state, batch);
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	return csvr_sample_add_number(state, number);
}

static enum csvr_status add_texts(void *state, const struct csvr_text *texts, size_t n_texts)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n_texts && status == CSVR_OK; i++)
		status = csvr_sample_add_text(state, texts[i].bytes, texts[i].n_bytes);
	return status;
}

static enum csvr_status merge(void *into, const void *from)
{
	return csvr_sample_merge(into, from);
}

static void encode(const void *state, struct csvr_encoder *encoder)
{
	csvr_sample_encode(state, encoder);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	return csvr_sample_decode(state, decoder, cells);
}

/* The memory of reports of thousands of columns stays bounded: 192 KiB, 48 KiB or 12 KiB per column and
 * thread, and the texts. */
static void limit(void *state, size_t n_columns)
{
	csvr_sample_limit(state, n_columns <= 256    ? CSVR_SAMPLE_VALUES
				 : n_columns <= 1024 ? CSVR_SAMPLE_VALUES / 4
						     : CSVR_SAMPLE_VALUES / 16);
}

static void clear(void *state)
{
	csvr_sample_clear(state);
}

static void reset(void *state)
{
	csvr_sample_reset(state);
}

const struct csvr_aggregate csvr_sample_aggregate = { .name = "sample",
						      .version = 1,
						      .state_bytes = sizeof(struct csvr_sample),
						      .takes_every_quantity = true,
						      .wants_doubles = true,
						      .add_batch = add_batch,
						      .add_number = add_number,
						      .add_texts = add_texts,
						      .merge = merge,
						      .encode = encode,
						      .decode = decode,
						      .limit = limit,
						      .clear = clear,
						      .reset = reset };

/* The cells that have values. */
static uint64_t n_values(const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	return cells[CSVR_CELL_NUMBER] + cells[CSVR_CELL_DATE] + cells[CSVR_CELL_DATETIME] +
	       cells[CSVR_CELL_TIME] + cells[CSVR_CELL_BOOLEAN] + cells[CSVR_CELL_TEXT];
}

static struct csvr_value value(const struct csvr_subject *subject)
{
	struct csvr_value distinct = { .kind = CSVR_VALUE_COUNT };
	distinct.count = csvr_sample_distinct(subject->state, n_values(subject->column->cells),
					      &distinct.is_approximate);
	return distinct;
}

const struct csvr_statistic csvr_stat_distinct = {
	.name = "distinct",
	.definition =
		"distinct values of the numbers and of the texts of invalid cells; exact up to "
		"4,096, else an estimate with a standard error of 1.6% (in reports of more than "
		"256 columns 1,024 and 3.1%, of more than 1,024 columns 256 and 6.3%)",
	.is_cell_count = true,
	.needs = &csvr_sample_aggregate,
	.value = value
};
