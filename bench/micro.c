/* micro.c - the hot loops alone, on text that fits into the second-level cache
 *
 * Usage   micro            Markdown tables: each kernel that this CPU supports, on several kinds of cells, and of keys of
 *                          groups
 *         micro --kernels  the names of the kernels that this CPU supports, best first
 * What    scan: a block of text to the ends of its fields; convert: the cells of one column to
 *         integers; sums: sum, sum of squares, minimum and maximum of these integers; read: one column of cells
 *         to words and hashes, as --group-by does; add: integers to the sums of their groups
 * Units   GB/s are bytes of text by time; cycles are counted by the CPU for this process
 *         (perf_event_open) or, if that is not permitted, ticks of the time stamp counter, which
 *         has a fixed rate; the heading says which. The best of several runs counts: a loop is
 *         slower only if it is disturbed.
 *
 * For cells that a kernel leaves to the slow path (rejects), only the rejection is measured, not the slow
 * path.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined __linux__
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#endif
#if defined __x86_64__
#include <x86intrin.h>
#endif

#include "parse/kernel.h"
#include "stats/batch_kernels.h"

enum {
	TEXT_BYTES =
		256 << 10, /* with the field ends about half of a second-level cache of 1 MiB */
	N_COLUMNS = 5,
	N_KEYS = 413, /* as in the One Billion Row Challenge */
	MOST_KEY_BYTES = 104,
	N_RUNS = 9,
	RUN_NS = 10 * 1000 * 1000
};

/* ---- random cells ---- */

static uint32_t random_below(uint64_t *state, uint32_t n)
{
	/* Knuth's linear congruential generator; its upper half is good enough for cells. */
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(((*state >> 32) * n) >> 32);
}

static int write_integer(char *cell, uint64_t *state)
{
	return sprintf(cell, "%" PRIu32, random_below(state, 100000));
}

static int write_price(char *cell, uint64_t *state)
{
	uint32_t cents = random_below(state, 100000);

	return sprintf(cell, "%" PRIu32 ".%02" PRIu32, cents / 100, cents % 100);
}

static int write_decimal(char *cell, uint64_t *state)
{
	uint32_t whole = random_below(state, 10000), rest = random_below(state, 1000000);

	return sprintf(cell, "%" PRIu32 ".%06" PRIu32, whole, rest);
}

static int write_signed(char *cell, uint64_t *state)
{
	uint32_t n_signs = random_below(state, 2);

	cell[0] = '-';
	return (int)n_signs + write_price(cell + n_signs, state);
}

static int write_scales(char *cell, uint64_t *state)
{
	uint32_t tenths = random_below(state, 10000);

	if (random_below(state, 2) != 0)
		return write_price(cell, state);
	return sprintf(cell, "%" PRIu32 ".%" PRIu32, tenths / 10, tenths % 10);
}

static int write_missing(char *cell, uint64_t *state)
{
	return random_below(state, 10) == 0 ? 0 : write_price(cell, state);
}

static int write_quoted(char *cell, uint64_t *state)
{
	uint32_t cents = random_below(state, 100000);

	return sprintf(cell, "\"%" PRIu32 ".%02" PRIu32 "\"", cents / 100, cents % 100);
}

static int write_float(char *cell, uint64_t *state)
{
	return sprintf(cell, "0.%08" PRIu32 "%09" PRIu32, random_below(state, 100000000),
		       random_below(state, 1000000000));
}

static int write_word(char *cell, uint64_t *state)
{
	return sprintf(cell, "%.*s", 3 + (int)random_below(state, 6), "abcdefghi");
}

/* ---- kinds of keys ---- */

/* The letters of one of N_KEYS keys of `least` to `most` bytes: the same whenever it is drawn. */
static int write_letters(char *cell, uint64_t *state, uint32_t least, uint32_t most)
{
	uint64_t key = random_below(state, N_KEYS) + 1;
	for (int i = 0; i < 4; i++)
		random_below(&key, 1);
	const uint32_t n_bytes = least + random_below(&key, most - least + 1);

	for (uint32_t i = 0; i < n_bytes; i++)
		cell[i] = (char)('a' + random_below(&key, 26));
	return (int)n_bytes;
}

static int write_code(char *cell, uint64_t *state)
{
	return write_letters(cell, state, 2, 2);
}

static int write_date(char *cell, uint64_t *state)
{
	const uint32_t day = random_below(state, N_KEYS);

	return sprintf(cell, "20%02" PRIu32 "-%02" PRIu32 "-%02" PRIu32, day / 300,
		       day / 25 % 12 + 1, day % 25 + 1);
}

static int write_name(char *cell, uint64_t *state)
{
	return write_letters(cell, state, 3, 18);
}

static int write_quoted_name(char *cell, uint64_t *state)
{
	const int n_bytes = write_name(cell + 1, state);

	cell[0] = cell[n_bytes + 1] = '"';
	return n_bytes + 2;
}

static int write_long_name(char *cell, uint64_t *state)
{
	return write_letters(cell, state, 4, 100);
}

static const struct key_kind {
	const char *name;
	uint32_t most_bytes;
	int (*write)(char *cell, uint64_t *state);
} key_kinds[] = {
	{ "two letters", UINT32_MAX, write_code },
	{ "dates", UINT32_MAX, write_date },
	{ "months: 7 bytes of dates", 7, write_date },
	{ "names of 3 to 18 bytes", UINT32_MAX, write_name },
	{ "the same in quotes", UINT32_MAX, write_quoted_name },
	{ "names of 4 to 100 bytes", UINT32_MAX, write_long_name },
};
enum { N_KEY_KINDS = sizeof key_kinds / sizeof key_kinds[0] };

/* ---- kinds of cells ---- */

static const struct kind {
	const char *name;
	unsigned scale;
	int (*write)(char *cell, uint64_t *state);
} kinds[] = {
	{ "integers below 100,000", 0, write_integer },
	{ "prices: 123.45", 2, write_price },
	{ "prices, half negative", 2, write_signed },
	{ "one or two digits after the point", 2, write_scales },
	{ "prices, every tenth cell empty", 2, write_missing },
	{ "prices in quotes", 2, write_quoted },
	{ "decimals: 1234.567890", 6, write_decimal },
	{ "17 digits", 17, write_float },
	{ "words (all left to the slow path)", 0, write_word },
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* ---- time ---- */

struct meter {
	int perf; /* file descriptor of the cycle counter, or -1 */
};

static void meter_open(struct meter *meter)
{
	meter->perf = -1;
#if defined __linux__
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof attr,
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	meter->perf = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
#endif
}

static uint64_t meter_cycles(const struct meter *meter)
{
	uint64_t count = 0;

	if (meter->perf >= 0 && read(meter->perf, &count, sizeof count) == sizeof count)
		return count;
#if defined __x86_64__
	count = __rdtsc();
#endif
	return count;
}

static const char *meter_unit(const struct meter *meter)
{
	if (meter->perf >= 0)
		return "cycles, counted by the CPU";
#if defined __x86_64__
	return "ticks of the time stamp counter, not cycles: no permission to read the CPU's counters";
#else
	return "unknown: no permission to read the CPU's counters";
#endif
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

struct cost {
	double ns, cycles; /* of one call */
};

/* ---- the loops ---- */

struct bench {
	const struct csvr_kernel *kernel;
	const struct csvr_batch_kernels *batch_kernels;
	const struct kind *kind;
	struct csvr_dialect dialect;
	unsigned char *text; /* after the margin */
	uint32_t *ends; /* ends[-1] exists */
	size_t n_bytes;
	struct csvr_fields fields;
	size_t n_values; /* set by `run_columns` */
	int64_t values[CSVR_MAX_BATCH + CSVR_VALUES_MARGIN];
	uint8_t rejects[CSVR_MAX_BATCH + CSVR_VALUES_MARGIN];
	const struct key_kind *key_kind;
	struct csvr_key_seed seed;
	struct csvr_key_batch keys;
	uint32_t ids[CSVR_MAX_BATCH];
	struct csvr_group_sums groups[N_KEYS];
};

static void run_scan(struct bench *bench)
{
	bench->kernel->scan(&bench->dialect, 0, bench->n_bytes, &bench->fields);
}

/* All columns of the block, in batches of the size that the program uses. */
static void run_columns(struct bench *bench)
{
	const size_t n_rows = bench->fields.n_records;

	bench->n_values = 0;
	for (size_t column = 0; column < N_COLUMNS; column++) {
		for (size_t row = 0; row < n_rows; row += CSVR_MAX_BATCH) {
			const struct csvr_column_slice cells = {
				bench->text,
				bench->ends + row * N_COLUMNS + column,
				N_COLUMNS,
				n_rows - row < CSVR_MAX_BATCH ? n_rows - row : CSVR_MAX_BATCH,
				column + 1 == N_COLUMNS,
				'.',
			};

			bench->n_values += bench->kernel->convert(&cells, bench->kind->scale,
								  bench->dialect.quote,
								  bench->values, bench->rejects);
		}
	}
}

static void run_sums(struct bench *bench)
{
	struct csvr_batch_sums sums;

	bench->batch_kernels->sum(bench->values, CSVR_MAX_BATCH, &sums);
	/* Keeps the compiler from dropping the call. */
	__asm__ volatile("" : : "g"(&sums) : "memory");
}

/* The first column of the block. */
static void run_keys(struct bench *bench)
{
	const size_t n_rows = bench->fields.n_records;

	for (size_t row = 0; row < n_rows; row += CSVR_MAX_CELLS) {
		const struct csvr_column_slice cells = {
			bench->text, bench->ends + row * 2,
			2,           n_rows - row < CSVR_MAX_CELLS ? n_rows - row : CSVR_MAX_CELLS,
			false,       '.',
		};

		bench->kernel->read_keys(&cells, &bench->dialect, &bench->seed,
					 bench->key_kind->most_bytes, &bench->keys);
	}
}

static void run_groups(struct bench *bench)
{
	bench->batch_kernels->add_to_groups(bench->groups, bench->ids, bench->values,
					    CSVR_MAX_BATCH);
}

static struct cost measure(struct bench *bench, void (*run)(struct bench *bench),
			   const struct meter *meter)
{
	struct cost best = { 0, 0 };
	size_t n_calls = 1;

	for (int i = 0; i < N_RUNS;) {
		const uint64_t start_ns = now_ns(), start_cycles = meter_cycles(meter);

		for (size_t call = 0; call < n_calls; call++)
			run(bench);

		const uint64_t cycles = meter_cycles(meter) - start_cycles;
		const uint64_t ns = now_ns() - start_ns;
		const struct cost cost = { (double)ns / (double)n_calls,
					   (double)cycles / (double)n_calls };

		if (ns < RUN_NS) {
			n_calls *= 2;
			continue;
		}
		if (i == 0 || cost.ns < best.ns)
			best.ns = cost.ns;
		if (i == 0 || cost.cycles < best.cycles)
			best.cycles = cost.cycles;
		i++;
	}
	return best;
}

static void fill_text(struct bench *bench)
{
	uint64_t state = 1;
	char *text = (char *)bench->text;
	size_t n = 0;

	while (n < TEXT_BYTES - N_COLUMNS * 32) {
		for (size_t column = 0; column < N_COLUMNS; column++) {
			n += (size_t)bench->kind->write(text + n, &state);
			text[n++] = column + 1 < N_COLUMNS ? ',' : '\n';
		}
	}
	bench->n_bytes = n;
}

static void print_row(struct bench *bench, const struct meter *meter)
{
	const struct cost scan = measure(bench, run_scan, meter);
	const size_t n_cells = bench->fields.n_fields;
	const struct cost columns = measure(bench, run_columns, meter);
	const size_t n_values = bench->n_values;

	for (int64_t i = 0; i < CSVR_MAX_BATCH; i++)
		bench->values[i] = i * 12345;

	const struct cost sums = measure(bench, run_sums, meter);
	const double bytes = (double)bench->n_bytes, cells = (double)n_cells;

	printf("| %s | %.1f | %.0f%% | %s | %.1f | %.2f | %.1f | %.1f | %.2f |\n",
	       bench->kind->name, bytes / cells - 1, 100.0 * (double)n_values / cells,
	       bench->kernel->name, bytes / scan.ns, scan.cycles / cells, bytes / columns.ns,
	       columns.cycles / cells, sums.cycles / CSVR_MAX_BATCH);
}

static void print_table(struct bench *bench, const struct meter *meter)
{
	const struct csvr_kernel *kernel;

	printf("Cycles: %s.\n\n", meter_unit(meter));
	printf("| cells | bytes each | converted | kernel | scan GB/s | scan cycles/cell "
	       "| column GB/s | column cycles/cell | totals cycles/value |\n"
	       "|---|---|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < N_KINDS; i++) {
		bench->kind = &kinds[i];
		fill_text(bench);
		for (size_t k = 0; (kernel = csvr_kernel_at(k)) != NULL; k++) {
			if (!kernel->is_usable())
				continue;
			bench->kernel = kernel;
			bench->batch_kernels = csvr_batch_kernels_for(kernel->name);
			print_row(bench, meter);
		}
	}
	for (size_t k = 0; (kernel = csvr_kernel_at(k)) != NULL; k++)
		if (!kernel->is_usable())
			printf("\nSkipped, not supported by this CPU: %s\n", kernel->name);
}

/* Rows of a key and a price. */
static void fill_keys(struct bench *bench)
{
	uint64_t state = 1;
	char *text = (char *)bench->text;
	size_t n = 0;

	while (n < TEXT_BYTES - MOST_KEY_BYTES - 32) {
		n += (size_t)bench->key_kind->write(text + n, &state);
		text[n++] = ',';
		n += (size_t)write_price(text + n, &state);
		text[n++] = '\n';
	}
	bench->n_bytes = n;
}

static void fill_groups(struct bench *bench)
{
	uint64_t state = 1;

	memset(bench->groups, 0, sizeof bench->groups);
	for (size_t i = 0; i < CSVR_MAX_BATCH; i++) {
		bench->ids[i] = random_below(&state, N_KEYS);
		bench->values[i] = (int64_t)random_below(&state, 2000) - 1000;
	}
}

static void print_key_row(struct bench *bench, const struct meter *meter)
{
	run_scan(bench);
	const struct cost keys = measure(bench, run_keys, meter);
	const struct cost groups = measure(bench, run_groups, meter);
	const double n_rows = (double)bench->fields.n_records;
	double n_bytes = 0;

	for (size_t i = 0; i < bench->fields.n_records; i++)
		n_bytes += (double)(bench->ends[2 * i] - bench->ends[(ptrdiff_t)(2 * i) - 1] - 1);
	printf("| %s | %.1f | %s | %.2f | %.2f | %.2f | %.2f |\n", bench->key_kind->name,
	       n_bytes / n_rows, bench->kernel->name, keys.ns / n_rows, keys.cycles / n_rows,
	       groups.ns / CSVR_MAX_BATCH, groups.cycles / CSVR_MAX_BATCH);
}

static void print_key_table(struct bench *bench, const struct meter *meter)
{
	const struct csvr_kernel *kernel;

	printf("\n| keys of groups: %d | bytes each | kernel | read ns/key | read cycles/key "
	       "| add ns/value | add cycles/value |\n"
	       "|---|---|---|---|---|---|---|\n",
	       N_KEYS);
	fill_groups(bench);
	for (size_t i = 0; i < N_KEY_KINDS; i++) {
		bench->key_kind = &key_kinds[i];
		fill_keys(bench);
		for (size_t k = 0; (kernel = csvr_kernel_at(k)) != NULL; k++) {
			if (!kernel->is_usable())
				continue;
			bench->kernel = kernel;
			bench->batch_kernels = csvr_batch_kernels_for(kernel->name);
			print_key_row(bench, meter);
		}
	}
}

static void print_kernels(void)
{
	const struct csvr_kernel *kernel;

	for (size_t k = 0; (kernel = csvr_kernel_at(k)) != NULL; k++)
		if (kernel->is_usable())
			printf("%s\n", kernel->name);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--kernels") == 0) {
		print_kernels();
		return EXIT_SUCCESS;
	}
	/* It contains cache lines. */
	struct bench *bench = aligned_alloc(_Alignof(struct bench), sizeof *bench);
	unsigned char *text = calloc(1, TEXT_BYTES + 2 * CSVR_TEXT_MARGIN);
	uint32_t *ends = calloc(TEXT_BYTES + 1 + CSVR_ENDS_MARGIN, sizeof *ends);

	if (argc > 1 || bench == NULL || text == NULL || ends == NULL) {
		fprintf(stderr, "Usage: %s [--kernels]\n", argv[0]);
		return 2;
	}
	memset(bench, 0, sizeof *bench);
	ends[0] = UINT32_MAX;
	bench->text = text + CSVR_TEXT_MARGIN;
	bench->ends = ends + 1;
	bench->dialect = (struct csvr_dialect){ .delimiter = ',',
						.newline = '\n',
						.quote = '"',
						.comment = CSVR_NONE,
						.decimal = '.',
						.escape = CSVR_NONE };
	bench->fields.text = bench->text;
	bench->fields.ends = bench->ends;
	bench->fields.starts_record = true;
	struct meter meter;

	meter_open(&meter);
	print_table(bench, &meter);
	print_key_table(bench, &meter);
	free(ends);
	free(text);
	free(bench);
	return EXIT_SUCCESS;
}
