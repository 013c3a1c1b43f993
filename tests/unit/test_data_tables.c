/* test_data_tables.c - the tables of a summary: which files form one, in any order of adding and merging */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "state/summary_codec.h"

enum { N_FILES = 12, MOST_NAMES = 5, N_PARTS = 4 };

/* A header is a text of different letters, each of which is the name of a column. */
struct file {
	char names[MOST_NAMES + 1];
	uint64_t n_rows; /* 0: only a header */
};

static void add(struct csvr_summary *summary, uint32_t input, const struct file *file)
{
	const size_t n_names = strlen(file->names);
	struct csvr_name names[MOST_NAMES];
	bool are_selected[MOST_NAMES];
	struct csvr_file_stats stats;
	csvr_file_stats_init(&stats);
	ck_assert_int_eq(csvr_file_stats_reset(&stats, n_names), CSVR_OK);
	stats.n_rows = file->n_rows;
	stats.size_bytes = 10 + input;
	for (size_t i = 0; i < n_names; i++) {
		names[i] = (struct csvr_name){ &file->names[i], 1 };
		are_selected[i] = true;
		stats.columns[i].cells[CSVR_CELL_MISSING] = file->n_rows;
	}
	struct csvr_file entry = { .input = input,
				   .kind = file->n_rows > 0 ? CSVR_FILE_READ
							    : CSVR_FILE_HEADER_ONLY };
	const struct csvr_header_columns columns = { names, are_selected, n_names };
	ck_assert_int_eq(csvr_summary_intern_layout(summary, &columns, &entry), CSVR_OK);
	ck_assert_int_eq(csvr_summary_add_file(summary, &entry, &stats), CSVR_OK);
	csvr_file_stats_clear(&stats);
}

/* ---- what is expected ---- */

static bool has(const char *names, char name, bool folds)
{
	for (; *names != '\0'; names++)
		if (*names == name || (folds && tolower(*names) == tolower(name)))
			return true;
	return false;
}

/* How many names of `a` are also in `b`; `a` is left out of itself where a name occurs before in another case. */
static unsigned count_common(const char *a, const char *b, bool folds)
{
	unsigned n = 0;
	for (size_t i = 0; a[i] != '\0'; i++) {
		bool is_repeated = false;
		for (size_t j = 0; j < i; j++)
			is_repeated |= folds && tolower(a[i]) == tolower(a[j]);
		n += !is_repeated && has(b, a[i], folds);
	}
	return n;
}

static bool belong_together(const char *a, const char *b, enum csvr_tables tables)
{
	const bool folds = tables == CSVR_TABLES_SIMILAR;
	const unsigned n_a = count_common(a, a, folds), n_b = count_common(b, b, folds);
	const unsigned n_common = count_common(a, b, folds);
	if (tables == CSVR_TABLES_HEADER)
		return n_common == n_a && n_common == n_b;
	return tables == CSVR_TABLES_ONE || 3 * n_common >= n_a + n_b;
}

/* Sets group[i] to the first file of the table of file i. */
static void group_files(const struct file *files, enum csvr_tables tables, size_t *group)
{
	for (size_t i = 0; i < N_FILES; i++)
		group[i] = i;
	for (size_t round = 0; round < N_FILES; round++)
		for (size_t i = 0; i < N_FILES; i++)
			for (size_t j = 0; j < N_FILES; j++)
				if (belong_together(files[i].names, files[j].names, tables) &&
				    group[j] < group[i])
					group[i] = group[j];
}

static void assert_tables(const struct csvr_summary *summary, const struct file *files,
			  enum csvr_tables tables)
{
	size_t group[N_FILES], n_groups = 0;
	group_files(files, tables, group);
	for (size_t i = 0; i < N_FILES; i++)
		n_groups += group[i] == i;
	ck_assert_uint_eq(summary->n_tables, n_groups);
	ck_assert_uint_eq(summary->n_files, N_FILES);
	for (size_t i = 0; i < N_FILES; i++)
		for (size_t j = 0; j < N_FILES; j++)
			ck_assert_int_eq(group[i] == group[j],
					 csvr_summary_table_of(summary, &summary->files[i]) ==
						 csvr_summary_table_of(summary,
								       &summary->files[j]));
	for (size_t t = 1; t < summary->n_tables; t++) {
		const struct csvr_data_table *before = &summary->tables[t - 1];
		const struct csvr_data_table *table = &summary->tables[t];
		ck_assert(before->n_files > 0 || table->n_files == 0);
		if ((before->n_files > 0) == (table->n_files > 0))
			ck_assert_uint_lt(before->first_input, table->first_input);
	}
}

/* ---- random files, in random order ---- */

static void make_files(struct file *files)
{
	const unsigned n_letters = 4 + below(12);
	for (size_t i = 0; i < N_FILES; i++) {
		size_t n = 0;
		const unsigned n_names = 1 + below(MOST_NAMES);
		for (unsigned k = 0; k < n_names; k++) {
			const char letter = (char)((below(6) == 0 ? 'A' : 'a') +
						   (int)below(n_letters));
			files[i].names[n] = '\0';
			if (!has(files[i].names, letter, false))
				files[i].names[n++] = letter;
		}
		files[i].names[n] = '\0';
		files[i].n_rows = below(4) == 0 ? 0 : 1 + below(3);
	}
}

static struct csvr_encoder encode(struct csvr_summary *summary)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	ck_assert_int_eq(csvr_summary_finish(summary), CSVR_OK);
	csvr_summary_encode(&bytes, summary, NULL);
	ck_assert(!bytes.is_out_of_memory);
	return bytes;
}

/* The summary, written and read; frees it. */
static struct csvr_summary *reload(struct csvr_summary *summary)
{
	const struct csvr_summary_config config = summary->config;
	struct csvr_encoder bytes = encode(summary);
	struct csvr_decoder decoder = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
	struct csvr_summary *again;
	ck_assert_int_eq(csvr_summary_decode(&decoder, &config, NULL, N_FILES, &again), CSVR_OK);
	ck_assert_ptr_eq(decoder.at, decoder.end);
	csvr_encoder_clear(&bytes);
	csvr_summary_free(summary);
	return again;
}

/* Adds the files in random order to several summaries, some of which are finished or saved in between, and merges them
 * in random order. */
static struct csvr_summary *sum_up(const struct file *files,
				   const struct csvr_summary_config *config)
{
	struct csvr_summary *parts[N_PARTS];
	uint32_t order[N_FILES];
	for (size_t i = 0; i < N_PARTS; i++)
		ck_assert_int_eq(csvr_summary_new(config, &parts[i]), CSVR_OK);
	for (uint32_t i = 0; i < N_FILES; i++) {
		const size_t place = below(i + 1);
		order[i] = order[place];
		order[place] = i;
	}
	for (size_t i = 0; i < N_FILES; i++)
		add(parts[below(N_PARTS)], order[i], &files[order[i]]);
	for (size_t n_parts = N_PARTS; n_parts > 1; n_parts--) {
		const size_t into = below(n_parts - 1);
		struct csvr_summary *from = parts[n_parts - 1];
		if (below(3) == 0)
			ck_assert_int_eq(csvr_summary_finish(parts[into]), CSVR_OK);
		if (below(3) == 0)
			from = reload(from);
		ck_assert_int_eq(csvr_summary_merge(parts[into], from), CSVR_OK);
		csvr_summary_free(from);
	}
	return parts[0];
}

START_TEST(files_form_the_same_tables_in_any_order_of_adding_and_merging)
{
	const struct csvr_summary_config config = { .tables = (enum csvr_tables)_i };
	for (int round = 0; round < 300; round++) {
		struct file files[N_FILES];
		make_files(files);
		struct csvr_summary *all;
		ck_assert_int_eq(csvr_summary_new(&config, &all), CSVR_OK);
		for (uint32_t i = 0; i < N_FILES; i++)
			add(all, i, &files[i]);
		struct csvr_encoder expected = encode(all);
		assert_tables(all, files, config.tables);
		csvr_summary_free(all);
		for (int i = 0; i < 4; i++) {
			struct csvr_summary *merged = sum_up(files, &config);
			if (i % 2 == 1)
				merged = reload(merged);
			struct csvr_encoder bytes = encode(merged);
			ck_assert_uint_eq(bytes.n_bytes, expected.n_bytes);
			ck_assert_mem_eq(bytes.bytes, expected.bytes, bytes.n_bytes);
			csvr_encoder_clear(&bytes);
			csvr_summary_free(merged);
		}
		csvr_encoder_clear(&expected);
	}
}
END_TEST

START_TEST(saved_tables_can_be_joined)
{
	struct csvr_summary_config config = { .tables = CSVR_TABLES_HEADER };
	for (int round = 0; round < 100; round++) {
		struct file files[N_FILES];
		make_files(files);
		struct csvr_summary *saved = sum_up(files, &config);
		struct csvr_encoder bytes = encode(saved);
		csvr_summary_free(saved);
		for (int how = CSVR_TABLES_SIMILAR; how <= CSVR_TABLES_ONE; how++) {
			const struct csvr_summary_config other = { .tables =
									   (enum csvr_tables)how };
			struct csvr_decoder decoder = { bytes.bytes, bytes.bytes + bytes.n_bytes,
							false };
			struct csvr_summary *decoded, *merged;
			ck_assert_int_eq(csvr_summary_decode(&decoder, &other, NULL, N_FILES,
							     &decoded),
					 CSVR_OK);
			ck_assert_int_eq(csvr_summary_new(&other, &merged), CSVR_OK);
			ck_assert_int_eq(csvr_summary_merge(merged, decoded), CSVR_OK);
			ck_assert_int_eq(csvr_summary_finish(merged), CSVR_OK);
			assert_tables(merged, files, other.tables);
			csvr_summary_free(decoded);
			csvr_summary_free(merged);
		}
		csvr_encoder_clear(&bytes);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tables = tcase_create("tables");
	tcase_add_loop_test(tables, files_form_the_same_tables_in_any_order_of_adding_and_merging,
			    CSVR_TABLES_SIMILAR, CSVR_TABLES_HEADER + 1);
	tcase_add_test(tables, saved_tables_can_be_joined);
	suite_add_tcase(suite, tables);
}

int main(void)
{
	return check_main("data_tables", add_cases);
}
