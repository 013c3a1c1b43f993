/* summary.c - fuzz target: decoding, merging and encoding of summaries
 *
 * Laws  any bytes are rejected, or decoded to a summary that is encoded to the same bytes; once sorted,
 *       its bytes are decoded and encoded unchanged; two summaries merge to the same in both orders, and
 *       the result is decoded again
 * Input a character, '0' plus the sum of 1 (columns by position), 2 (statistics of files are kept), 4 (paths
 *       are in another order than inputs), 8 (columns are correlated), 16 (all files are one table) and 32 (rows are
 *       grouped by two keys); then two summaries in the notation of notation.h, separated by a slash
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "fuzz.h"
#include "law.h"
#include "notation.h"
#include "state/summary_codec.h"

/* Two items of --select, --correlation or --group-by, and five null values. */
enum { N_INPUTS = 8, N_SELECTED = 7, N_KEYS = 2 };

/* The inputs of the first summary and of the second, which do not overlap. */
static const uint32_t inputs[2][N_INPUTS] = { { 0, 1, 2, 3, 4, 5, 6, 7 },
					      { 8, 9, 10, 11, 12, 13, 14, 15 } };
static const uint32_t reversed[2 * N_INPUTS] = { 15, 14, 13, 12, 11, 10, 9, 8,
						 7,  6,  5,  4,  3,  2,  1, 0 };

static const uint32_t *numbers_of(size_t which)
{
	/* Numbers start at 0 in each summary. */
	static const uint32_t second[2 * N_INPUTS] = { 0, 0, 0, 0, 0, 0, 0, 0,
						       0, 1, 2, 3, 4, 5, 6, 7 };
	return which == 0 ? NULL : second;
}

/* NULL: rejected. `*rest` is the end of the decoded bytes. */
static struct csvr_summary *decode(const struct csvr_encoder *bytes,
				   const struct csvr_summary_config *config, const uint32_t *input,
				   size_t n_inputs, const unsigned char **rest)
{
	static const unsigned char nothing[1];
	const unsigned char *at = bytes->bytes != NULL ? bytes->bytes : nothing;
	struct csvr_decoder decoder = { at, at + bytes->n_bytes, false };
	struct csvr_summary *summary;
	const enum csvr_status status = csvr_summary_decode(&decoder, config, input, n_inputs,
							    &summary);
	LAW(status == CSVR_OK || status == CSVR_INVALID_FILE, "status %d", (int)status);
	LAW((status == CSVR_OK) == (summary != NULL), "status %d", (int)status);
	LAW(status == CSVR_OK || decoder.is_bad, "rejected, but the decoder has not failed");
	*rest = decoder.at;
	return summary;
}

static struct csvr_encoder encode(struct csvr_summary *summary, const uint32_t *number)
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

static uint64_t all_counts(const struct csvr_totals *totals)
{
	uint64_t bits = totals->n_rows | totals->size_bytes | totals->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++)
		bits |= totals->issues[i].n;
	return bits;
}

/* Whether some count is so large that sums of a few may overflow. */
static bool is_huge(const struct csvr_summary *summary)
{
	uint64_t bits = all_counts(&summary->headerless);
	for (size_t t = 0; t < summary->n_tables; t++) {
		const struct csvr_data_table *table = &summary->tables[t];
		bits |= all_counts(&table->totals);
		for (size_t i = 0; i < table->n_columns; i++)
			bits |= table->columns[i].n_rows | table->columns[i].n_files;
	}
	return bits >> 60 != 0;
}

static void check_round_trip(const struct csvr_encoder *bytes,
			     const struct csvr_summary_config *config, size_t n_inputs)
{
	const unsigned char *rest;
	struct csvr_summary *again = decode(bytes, config, NULL, n_inputs, &rest);
	LAW(again != NULL, "encoded bytes are rejected");
	LAW(rest == bytes->bytes + bytes->n_bytes, "encoded bytes are not decoded to the end");
	finish(again);
	struct csvr_encoder twice = encode(again, NULL);
	expect_same(bytes, &twice, "written again");
	csvr_encoder_clear(&twice);
	csvr_summary_free(again);
}

static void check_one(const struct csvr_encoder *bytes, const struct csvr_summary_config *config,
		      size_t which)
{
	const unsigned char *rest;
	struct csvr_summary *summary = decode(bytes, config, inputs[which], N_INPUTS, &rest);
	if (summary == NULL)
		return;
	/* The round trip loses statistics of files unless they are kept, and tables if they are joined. */
	if (config->keeps_file_stats && config->tables == CSVR_TABLES_SIMILAR &&
	    summary->n_files > 0) {
		struct csvr_encoder same = encode(summary, numbers_of(which));
		const struct csvr_encoder read = { .bytes = bytes->bytes,
						   .n_bytes = (size_t)(rest - bytes->bytes) };
		expect_same(&read, &same, "as it was read");
		csvr_encoder_clear(&same);
	}
	finish(summary);
	struct csvr_encoder ordered = encode(summary, NULL);
	check_round_trip(&ordered, config, 2 * N_INPUTS);
	csvr_encoder_clear(&ordered);
	csvr_summary_free(summary);
}

/* Merges both into a new summary, `first` first; NULL: one of them is rejected. */
static struct csvr_summary *merge(const struct csvr_encoder bytes[2],
				  const struct csvr_summary_config *config, size_t first)
{
	struct csvr_summary *merged;
	LAW(csvr_summary_new(config, &merged) == CSVR_OK, "out of memory");
	for (size_t i = 0; i < 2; i++) {
		const size_t which = i ^ first;
		const unsigned char *rest;
		struct csvr_summary *one = decode(&bytes[which], config, inputs[which], N_INPUTS,
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
	struct csvr_encoder a = encode(one, NULL), b = encode(other, NULL);
	expect_same(&a, &b, "in the other order");
	check_round_trip(&a, config, 2 * N_INPUTS);
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
	const struct csvr_summary_config config = {
		.by_position = (flags & 1) != 0,
		.tables = (flags & 16) != 0 ? CSVR_TABLES_ONE : CSVR_TABLES_SIMILAR,
		.keeps_file_stats = (flags & 2) != 0,
		.n_selected = N_SELECTED,
		.has_pairs = (flags & 8) != 0,
		.groups = { .n_keys = (flags & 32) != 0 ? N_KEYS : 0,
			    .max_groups = CSVR_DEFAULT_MAX_GROUPS },
		.path_ranks = (flags & 4) != 0 ? reversed : NULL
	};
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
