/* summary.c - fuzz target: what was found, from bytes and to bytes
 *
 * Laws  any bytes are refused, or read into a summary that gives the same bytes again; put in order it
 *       gives bytes that are read, and written, as they are; two of them merge to the same whichever is
 *       first, and that is read again.
 * Input a digit: 1 columns by position, 2 tables are kept, 4 paths are in another order than inputs;
 *       then two summaries in the notation of notation.h, with a slash between
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "fuzz.h"
#include "law.h"
#include "notation.h"
#include "state/summary_codec.h"

enum { N_INPUTS = 8, N_SELECTED = 2 };

/* Indices of the inputs of the first and of the second, which do not overlap. */
static const uint32_t inputs[2][N_INPUTS] = { { 0, 1, 2, 3, 4, 5, 6, 7 },
					      { 8, 9, 10, 11, 12, 13, 14, 15 } };
static const uint32_t reversed[2 * N_INPUTS] = { 15, 14, 13, 12, 11, 10, 9, 8,
						 7,  6,  5,  4,  3,  2,  1, 0 };

static const uint32_t *numbers_of(size_t which)
{
	/* Numbers begin at 0 for each: the second subtracts what it began with. */
	static const uint32_t second[2 * N_INPUTS] = { 0, 0, 0, 0, 0, 0, 0, 0,
						       0, 1, 2, 3, 4, 5, 6, 7 };
	return which == 0 ? NULL : second;
}

/* NULL: refused. `*rest`: what was not read. */
static struct csvr_summary *get(const struct csvr_encoder *bytes,
				const struct csvr_summary_config *config, const uint32_t *input,
				size_t n_inputs, const unsigned char **rest)
{
	static const unsigned char nothing[1];
	const unsigned char *at = bytes->bytes != NULL ? bytes->bytes : nothing;
	struct csvr_decoder reader = { at, at + bytes->n_bytes, false };
	struct csvr_summary *summary;
	const enum csvr_status status = csvr_summary_decode(&reader, config, input, n_inputs,
							    &summary);
	LAW(status == CSVR_OK || status == CSVR_INVALID_FILE, "status %d", (int)status);
	LAW((status == CSVR_OK) == (summary != NULL), "status %d", (int)status);
	LAW(status == CSVR_OK || reader.is_bad, "refused, and the reader does not say so");
	*rest = reader.at;
	return summary;
}

static struct csvr_encoder put(struct csvr_summary *summary, const uint32_t *number)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	csvr_summary_encode(&bytes, summary, number);
	LAW(!bytes.is_out_of_memory, "out of memory");
	return bytes;
}

static void finish(struct csvr_summary *summary)
{
	LAW(csvr_summary_finish(summary) == CSVR_OK, "out of memory");
}

static void expect_same(const struct csvr_encoder *a, const struct csvr_encoder *b,
			const char *what)
{
	LAW(a->n_bytes == b->n_bytes &&
		    (a->n_bytes == 0 || memcmp(a->bytes, b->bytes, a->n_bytes) == 0),
	    "%s: %zu bytes, %zu bytes", what, a->n_bytes, b->n_bytes);
}

/* Whether some count is so large that sums of a few of them may not be right any more. */
static bool is_huge(const struct csvr_summary *summary)
{
	uint64_t most = summary->n_rows | summary->size_bytes | summary->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++)
		most |= summary->issues[i].n;
	for (size_t i = 0; i < summary->n_columns; i++)
		most |= summary->columns[i].n_rows | summary->columns[i].n_files;
	return most >> 60 != 0;
}

static void check_again(const struct csvr_encoder *bytes, const struct csvr_summary_config *config,
			size_t n_inputs)
{
	const unsigned char *rest;
	struct csvr_summary *again = get(bytes, config, NULL, n_inputs, &rest);
	LAW(again != NULL, "what was written is refused");
	LAW(rest == bytes->bytes + bytes->n_bytes, "what was written is not read to its end");
	finish(again);
	struct csvr_encoder twice = put(again, NULL);
	expect_same(bytes, &twice, "written again");
	csvr_encoder_clear(&twice);
	csvr_summary_free(again);
}

static void check_one(const struct csvr_encoder *bytes, const struct csvr_summary_config *config,
		      size_t which)
{
	const unsigned char *rest;
	struct csvr_summary *summary = get(bytes, config, inputs[which], N_INPUTS, &rest);
	if (summary == NULL)
		return;
	/* Where tables are not kept they are dropped. */
	if (config->keeps_file_stats && summary->n_files > 0) {
		struct csvr_encoder same = put(summary, numbers_of(which));
		const struct csvr_encoder read = { .bytes = bytes->bytes,
						   .n_bytes = (size_t)(rest - bytes->bytes) };
		expect_same(&read, &same, "as it was read");
		csvr_encoder_clear(&same);
	}
	finish(summary);
	struct csvr_encoder ordered = put(summary, NULL);
	check_again(&ordered, config, 2 * N_INPUTS);
	csvr_encoder_clear(&ordered);
	csvr_summary_free(summary);
}

/* Both into a new one, `first` first; NULL: one of them is refused. */
static struct csvr_summary *merge(const struct csvr_encoder bytes[2],
				  const struct csvr_summary_config *config, size_t first)
{
	struct csvr_summary *merged;
	LAW(csvr_summary_new(config, &merged) == CSVR_OK, "out of memory");
	for (size_t i = 0; i < 2; i++) {
		const size_t which = i ^ first;
		const unsigned char *rest;
		struct csvr_summary *one = get(&bytes[which], config, inputs[which], N_INPUTS,
					       &rest);
		if (one == NULL || is_huge(one)) {
			csvr_summary_free(one);
			csvr_summary_free(merged);
			return NULL;
		}
		LAW(csvr_summary_merge(merged, one) == CSVR_OK, "out of memory");
		csvr_summary_free(one);
	}
	finish(merged);
	return merged;
}

static void check_both(const struct csvr_encoder bytes[2], const struct csvr_summary_config *config)
{
	struct csvr_summary *one = merge(bytes, config, 0), *other = merge(bytes, config, 1);
	LAW((one == NULL) == (other == NULL), "they merge in one order only");
	if (one == NULL)
		return;
	struct csvr_encoder a = put(one, NULL), b = put(other, NULL);
	expect_same(&a, &b, "in the other order");
	check_again(&a, config, 2 * N_INPUTS);
	csvr_encoder_clear(&a);
	csvr_encoder_clear(&b);
	csvr_summary_free(one);
	csvr_summary_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const unsigned flags = data[0] - '0';
	const struct csvr_summary_config config = { .by_position = (flags & 1) != 0,
						    .keeps_file_stats = (flags & 2) != 0,
						    .n_selected = N_SELECTED,
						    .ranks = (flags & 4) != 0 ? reversed : NULL };
	struct fuzz_text text = { data + 1, data + size };
	struct csvr_encoder bytes[2];
	for (size_t i = 0; i < 2; i++) {
		csvr_encoder_init(&bytes[i]);
		(void)fuzz_note(&text, &bytes[i]);
		check_one(&bytes[i], &config, i);
	}
	check_both(bytes, &config);
	csvr_encoder_clear(&bytes[0]);
	csvr_encoder_clear(&bytes[1]);
	return 0;
}
