/* make_data.c - generates big CSV files for benchmarks and trials, the same bytes for the same seed
 *
 * Shape    a table of workloads; each is a header and a function that writes one row
 * Source   random numbers: Blackman and Vigna, xoshiro256** and splitmix64 (public domain)
 *
 * Each file has its own generator, seeded with the seed and the number of the file, and all arithmetic is
 * on integers. So the bytes are the same on every machine, and file 7 is the same file whether 8 or 8000
 * files are requested.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- random numbers ---- */

struct random {
	uint64_t s[4];
};

static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void random_init(struct random *random, uint64_t seed, uint64_t file)
{
	uint64_t state = seed;

	state = splitmix64(&state) ^ file;
	for (int i = 0; i < 4; i++)
		random->s[i] = splitmix64(&state);
}

static uint64_t rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

static uint64_t random_next(struct random *random)
{
	uint64_t *s = random->s;
	const uint64_t result = rotate(s[1] * 5, 7) * 9;
	const uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

/* A number below `n`, by a multiplication instead of a division; the bias of n / 2^32 is negligible
 * here. */
static uint64_t below(struct random *random, uint32_t n)
{
	return ((random_next(random) >> 32) * n) >> 32;
}

/* ---- output ---- */

enum {
	OUT_BYTES = 1 << 20,
	CELL_BYTES = 256 /* no cell of any workload is longer, with quotes and delimiter */
};

struct out {
	FILE *file;
	uint64_t n_flushed;
	size_t n;
	const char *line_end;
	char bytes[OUT_BYTES + CELL_BYTES];
};

static void flush(struct out *out)
{
	fwrite(out->bytes, 1, out->n, out->file); /* checked once, by ferror, at the end */
	out->n_flushed += out->n;
	out->n = 0;
}

/* Starts a cell: ensures that it fits, and writes the delimiter before it. */
static void start_cell(struct out *out, uint64_t column)
{
	if (out->n >= OUT_BYTES)
		flush(out);
	if (column > 0)
		out->bytes[out->n++] = ',';
}

static void write_char(struct out *out, char c)
{
	out->bytes[out->n++] = c;
}

static void write_text(struct out *out, const char *text)
{
	const size_t n = strlen(text);

	memcpy(out->bytes + out->n, text, n);
	out->n += n;
}

static void write_line_end(struct out *out)
{
	write_text(out, out->line_end);
}

/* `value` in decimal, with leading zeros up to `width` digits. */
static void write_padded(struct out *out, uint64_t value, unsigned width)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (width > n) {
		write_char(out, '0');
		width--;
	}
	while (n > 0)
		write_char(out, digits[--n]);
}

static void write_integer(struct out *out, uint64_t value)
{
	write_padded(out, value, 1);
}

/* value / 10^scale, with all `scale` digits after the point. */
static void write_fixed(struct out *out, uint64_t value, unsigned scale)
{
	uint64_t unit = 1;

	for (unsigned i = 0; i < scale; i++)
		unit *= 10;
	write_integer(out, value / unit);
	if (scale > 0) {
		write_char(out, '.');
		write_padded(out, value % unit, scale);
	}
}

/* ---- rows ---- */

struct row {
	struct out *out;
	struct random *random;
	uint64_t id; /* 1-based over all files */
	uint32_t n_columns;
};

static void article_row(const struct row *row)
{
	struct out *out = row->out;

	start_cell(out, 0);
	write_integer(out, row->id);
	start_cell(out, 1);
	write_fixed(out, below(row->random, 100000), 2);
	start_cell(out, 2);
	write_integer(out, 1 + below(row->random, 100));
	start_cell(out, 3);
	write_fixed(out, below(row->random, 1000000), 4);
	start_cell(out, 4);
	write_fixed(out, below(row->random, 1000000), 6);
}

/* 17 significant digits, as programs print doubles: 0.d, d.d and d.de-d, a third negative. */
static void write_float(struct out *out, struct random *random)
{
	const uint64_t lead = 1 + below(random, 9);
	const uint64_t middle = below(random, 100000000), low = below(random, 100000000);
	const uint64_t form = below(random, 6);

	if (below(random, 3) == 0)
		write_char(out, '-');
	if (form < 2) {
		write_text(out, "0.");
		write_integer(out, lead);
	} else {
		write_integer(out, lead);
		write_char(out, '.');
	}
	write_padded(out, middle, 8);
	write_padded(out, low, 8);
	if (form == 5) {
		write_text(out, below(random, 2) != 0 ? "e-" : "e+");
		write_padded(out, 1 + below(random, 20), 2);
	}
}

static void floats_row(const struct row *row)
{
	for (uint32_t i = 0; i < row->n_columns; i++) {
		start_cell(row->out, i);
		write_float(row->out, row->random);
	}
}

static void write_date(struct out *out, struct random *random)
{
	write_padded(out, 2000 + below(random, 26), 4);
	write_char(out, '-');
	write_padded(out, 1 + below(random, 12), 2);
	write_char(out, '-');
	write_padded(out, 1 + below(random, 28), 2);
}

static void messy_row(const struct row *row)
{
	static const char *const names[] = { "\"Miller, Ann\"", "\"O\"\"Neil\"", "Berg",
					     "\"two\nlines\"", "Diaz" };
	static const char *const missing[] = { "", "NA", "NULL", "nan" };
	struct out *out = row->out;
	struct random *random = row->random;

	start_cell(out, 0);
	write_integer(out, row->id);
	start_cell(out, 1);
	write_text(out, names[below(random, 5)]);
	start_cell(out, 2);
	if (below(random, 10) == 0)
		write_text(out, missing[below(random, 4)]);
	else
		write_fixed(out, below(random, 1000000), 2);
	start_cell(out, 3); /* dates mixed with numbers */
	if (below(random, 2) != 0)
		write_date(out, random);
	else
		write_integer(out, below(random, 40000));
	start_cell(out, 4);
	write_char(out, '"');
	write_fixed(out, below(random, 100000), 3);
	write_char(out, '"');
	start_cell(out, 5);
	if (below(random, 4) != 0)
		write_fixed(out, below(random, 1000000), 6);
	start_cell(out, 6);
	write_text(out, below(random, 20) == 0 ? "12 kg" : "7");
}

/* A log: timestamps that ascend within a file, a day, a time of day with a fraction, a duration. */
static void dates_row(const struct row *row)
{
	struct out *out = row->out;
	struct random *random = row->random;
	const uint64_t second = row->id * 7 % 86400, day = row->id / 12343;

	start_cell(out, 0);
	write_padded(out, 2015 + day / 336 % 10, 4);
	write_char(out, '-');
	write_padded(out, 1 + day / 28 % 12, 2);
	write_char(out, '-');
	write_padded(out, 1 + day % 28, 2);
	write_char(out, 'T');
	write_padded(out, second / 3600, 2);
	write_char(out, ':');
	write_padded(out, second / 60 % 60, 2);
	write_char(out, ':');
	write_padded(out, second % 60, 2);
	start_cell(out, 1);
	write_date(out, random);
	start_cell(out, 2);
	write_date(out, random);
	write_char(out, ' ');
	write_padded(out, below(random, 24), 2);
	write_char(out, ':');
	write_padded(out, below(random, 60), 2);
	write_char(out, ':');
	write_fixed(out, 10000 + below(random, 50000), 3);
	start_cell(out, 3);
	write_integer(out, below(random, 30));
	write_char(out, ':');
	write_padded(out, below(random, 60), 2);
	write_char(out, ':');
	write_padded(out, below(random, 60), 2);
	start_cell(out, 4);
	write_fixed(out, below(random, 1000000), 3);
}

static void write_letters(struct out *out, struct random *random, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		write_char(out, (char)('a' + below(random, 26)));
}

/* Few values, thousands, all different, sentences, and a flag. */
static void text_row(const struct row *row)
{
	static const char *const cities[] = { "Lyon",          "Porto",  "Malm\xc3\xb6", "Utrecht",
					      "Gda\xc5\x84sk", "Bergen", "Trieste",      "Tartu" };
	struct out *out = row->out;
	struct random *random = row->random;

	start_cell(out, 0);
	write_text(out, cities[below(random, 8)]);
	start_cell(out, 1);
	write_text(out, "item-");
	write_padded(out, below(random, 3000), 4);
	start_cell(out, 2);
	write_letters(out, random, 6);
	write_padded(out, row->id, 9);
	start_cell(out, 3);
	write_char(out, '"');
	for (uint64_t n_words = 3 + below(random, 6); n_words > 0; n_words--) {
		write_letters(out, random, 2 + below(random, 7));
		write_char(out, n_words > 1 ? ' ' : '"');
	}
	start_cell(out, 4);
	write_text(out, below(random, 3) != 0 ? "true" : "false");
}

/* Numbers that identify rows: in order, at random, of 13 and of 19 digits, codes with leading zeros. */
static void ids_row(const struct row *row)
{
	struct out *out = row->out;
	struct random *random = row->random;

	start_cell(out, 0);
	write_integer(out, 1000000000 + row->id);
	start_cell(out, 1);
	write_integer(out, 1 + below(random, 1000000000));
	start_cell(out, 2);
	write_integer(out, 1700000000000 + row->id * 250);
	start_cell(out, 3);
	write_integer(out, 1000000000 + below(random, 1000000000));
	write_padded(out, below(random, 1000000000), 9);
	start_cell(out, 4);
	write_padded(out, below(random, 100000), 5);
}

/* A table as shops have it: one column of each kind. */
static void mixed_row(const struct row *row)
{
	static const char *const states[] = { "open", "paid", "shipped", "returned" };
	struct out *out = row->out;
	struct random *random = row->random;

	start_cell(out, 0);
	write_integer(out, row->id);
	start_cell(out, 1);
	write_date(out, random);
	start_cell(out, 2);
	write_text(out, states[below(random, 4)]);
	start_cell(out, 3);
	write_text(out, "customer ");
	write_integer(out, below(random, 20000));
	start_cell(out, 4);
	write_fixed(out, below(random, 1000000), 2);
	start_cell(out, 5);
	write_integer(out, 1 + below(random, 12));
	start_cell(out, 6);
	if (below(random, 20) != 0)
		write_fixed(out, below(random, 1000), 3);
	start_cell(out, 7);
	write_text(out, below(random, 2) != 0 ? "true" : "false");
}

static void wide_row(const struct row *row)
{
	for (uint32_t i = 0; i < row->n_columns; i++) {
		start_cell(row->out, i);
		write_fixed(row->out, below(row->random, 1000000), i % 4);
	}
}

/* Every column has numbers of three scales (every other column two), in turn. */
static void scales_row(const struct row *row)
{
	for (uint32_t i = 0; i < row->n_columns; i++) {
		const unsigned n_scales = 2 + i % 2;

		start_cell(row->out, i);
		write_fixed(row->out, below(row->random, 1000000),
			    (unsigned)((row->id + i) % n_scales) + 1);
	}
}

static void missing_row(const struct row *row)
{
	for (uint32_t i = 0; i < row->n_columns; i++) {
		start_cell(row->out, i);
		if (below(row->random, 10) != 0)
			write_fixed(row->out, below(row->random, 1000000), 3);
	}
}

static void signs_row(const struct row *row)
{
	for (uint32_t i = 0; i < row->n_columns; i++) {
		const uint64_t sign = below(row->random, 5);

		start_cell(row->out, i);
		if (sign < 2)
			write_char(row->out, '-');
		else if (sign == 2)
			write_char(row->out, '+');
		write_fixed(row->out, below(row->random, 1000000), i % 4);
	}
}

/* Every cell is quoted, as some programs do. */
static void quoted_row(const struct row *row)
{
	for (uint32_t i = 0; i < row->n_columns; i++) {
		start_cell(row->out, i);
		write_char(row->out, '"');
		write_fixed(row->out, below(row->random, 1000000), i % 4 + 1);
		write_char(row->out, '"');
	}
}

/* Spaces around numbers, so that columns are aligned in the text. */
static void padded_row(const struct row *row)
{
	for (uint32_t i = 0; i < row->n_columns; i++) {
		const uint64_t value = below(row->random, 1000000);

		start_cell(row->out, i);
		for (uint64_t width = 10000000; width > value && width > 100; width /= 10)
			write_char(row->out, ' ');
		write_fixed(row->out, value, 2);
		if (i % 2 != 0)
			write_char(row->out, ' ');
	}
}

/* Of twenty rows, one lacks cells at its end and one has an extra field. */
static void ragged_row(const struct row *row)
{
	const uint64_t kind = below(row->random, 20);
	uint32_t n = row->n_columns;

	if (kind == 0)
		n -= (uint32_t)below(row->random, n);
	else if (kind == 1)
		n++;
	for (uint32_t i = 0; i < n; i++) {
		start_cell(row->out, i);
		write_fixed(row->out, below(row->random, 1000000), i % 4);
	}
}

/* ---- workloads ---- */

static const char *const article_names[] = { "id", "price", "quantity", "score", "ratio" };
static const char *const dates_names[] = { "at", "day", "seen", "took", "value" };
static const char *const text_names[] = { "city", "item", "key", "note", "flag" };
static const char *const ids_names[] = { "id", "number", "ms", "order", "code" };
static const char *const mixed_names[] = { "id",    "day",   "state",    "customer",
					   "price", "units", "discount", "gift" };
static const char *const messy_names[] = {
	"id", "name", "amount", "when", "size", "part", "weight"
};

struct workload {
	const char *name;
	const char *what;
	const char *const *names; /* NULL: c1, c2, ... */
	uint32_t n_columns;
	uint32_t n_files;
	uint64_t n_rows; /* of one file; 0: until `n_bytes` are reached */
	uint64_t n_bytes;
	void (*write_row)(const struct row *row);
	const char *line_end;
};

static const struct workload workloads[] = {
	{ "article", "id, price, quantity, score, ratio", article_names, 5, 50, 100000, 0,
	  article_row, "\n" },
	{ "single", "the same in one file", article_names, 5, 1, 0, 350000000, article_row, "\n" },
	{ "small", "the same in many small files", article_names, 5, 20000, 100, 0, article_row,
	  "\n" },
	{ "crlf", "article with CRLF line ends", article_names, 5, 50, 100000, 0, article_row,
	  "\r\n" },
	{ "floats", "17 digits, some with exponents", NULL, 5, 10, 260000, 0, floats_row, "\n" },
	{ "messy", "quoted text, missing cells, dates", messy_names, 7, 20, 270000, 0, messy_row,
	  "\n" },
	{ "dates", "dates, times and durations", dates_names, 5, 20, 150000, 0, dates_row, "\n" },
	{ "text", "few texts, many, all different", text_names, 5, 20, 150000, 0, text_row, "\n" },
	{ "ids", "keys of 5 to 19 digits", ids_names, 5, 20, 200000, 0, ids_row, "\n" },
	{ "mixed", "one column of each kind", mixed_names, 8, 20, 150000, 0, mixed_row, "\n" },
	{ "wide", "many columns of decimals", NULL, 200, 10, 10000, 0, wide_row, "\n" },
	{ "scales", "two or three scales in a column", NULL, 5, 20, 200000, 0, scales_row, "\n" },
	{ "missing", "every tenth cell empty", NULL, 5, 20, 200000, 0, missing_row, "\n" },
	{ "signs", "numbers with - and +", NULL, 5, 20, 200000, 0, signs_row, "\n" },
	{ "quoted", "every cell in quotes", NULL, 5, 20, 200000, 0, quoted_row, "\n" },
	{ "padded", "spaces around numbers", NULL, 5, 20, 200000, 0, padded_row, "\n" },
	{ "ragged", "rows too short and too long", NULL, 5, 20, 200000, 0, ragged_row, "\n" },
};
enum { N_WORKLOADS = sizeof workloads / sizeof workloads[0] };

static void usage(FILE *stream)
{
	fprintf(stream,
		"Usage: make_data WORKLOAD DIR [OPTION]...\n"
		"Writes CSV files DIR/part-00000.csv and so on; DIR is created if missing.\n"
		"\n"
		"  --seed=N     seed of the random numbers (default 1)\n"
		"  --files=N    number of files\n"
		"  --rows=N     rows in each file\n"
		"  --bytes=N    instead of --rows: rows until each file has N bytes (suffixes "
		"k, M, G)\n"
		"  --columns=N  columns of the workloads marked with *\n"
		"  --help       show this help\n"
		"\n"
		"Workload    files       rows columns  what\n");
	for (size_t i = 0; i < N_WORKLOADS; i++) {
		const struct workload *w = &workloads[i];
		char rows[32];

		if (w->n_rows > 0)
			snprintf(rows, sizeof rows, "%" PRIu64, w->n_rows);
		else
			snprintf(rows, sizeof rows, "%" PRIu64 "M", w->n_bytes / 1000000);
		fprintf(stream, "%-8s %8" PRIu32 " %10s %6" PRIu32 "%c  %s\n", w->name, w->n_files,
			rows, w->n_columns, w->names == NULL ? '*' : ' ', w->what);
	}
}

static void write_header(struct out *out, const struct workload *workload, uint32_t n_columns)
{
	for (uint32_t i = 0; i < n_columns; i++) {
		start_cell(out, i);
		if (workload->names != NULL) {
			write_text(out, workload->names[i]);
		} else {
			write_char(out, 'c');
			write_integer(out, i + 1);
		}
	}
	write_line_end(out);
}

/* Returns whether the file was written completely; else errno is set. */
static bool write_file(const char *path, const struct workload *workload, struct out *out,
		       uint64_t seed, uint32_t number)
{
	struct random random;
	struct row row = { out, &random, (uint64_t)number * workload->n_rows, workload->n_columns };
	const uint64_t last_id = row.id + workload->n_rows;

	out->file = fopen(path, "wb");
	if (out->file == NULL)
		return false;
	out->n = 0;
	out->n_flushed = 0;
	out->line_end = workload->line_end;
	random_init(&random, seed, number);
	write_header(out, workload, workload->n_columns);
	while (workload->n_rows > 0 ? row.id < last_id
				    : out->n_flushed + out->n < workload->n_bytes) {
		row.id++;
		workload->write_row(&row);
		write_line_end(out);
	}
	flush(out);

	const bool failed = ferror(out->file) != 0;

	return fclose(out->file) == 0 && !failed;
}

/* Parses a count from `least` to `most`, with an optional suffix k, M or G. */
static bool parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *count)
{
	char *end;

	errno = 0;

	const unsigned long long value = strtoull(text, &end, 10);
	const uint64_t unit = *end == 'k'   ? 1000
			      : *end == 'M' ? 1000000
			      : *end == 'G' ? 1000000000
					    : 1;

	if (text[0] < '0' || text[0] > '9' || errno != 0)
		return false;
	if (end[unit > 1 ? 1 : 0] != '\0' || value > UINT64_MAX / unit)
		return false;
	*count = value * unit;
	return *count >= least && *count <= most;
}

static const struct workload *find_workload(const char *name)
{
	for (size_t i = 0; i < N_WORKLOADS; i++)
		if (strcmp(name, workloads[i].name) == 0)
			return &workloads[i];
	return NULL;
}

struct request {
	struct workload workload;
	const char *directory;
	uint64_t seed;
};

/* Parses an option into `request`; false: it is invalid. */
static bool parse_option(const char *option, struct request *request)
{
	struct workload *workload = &request->workload;
	const char *equals = strchr(option, '=');
	uint64_t value;

	if (equals == NULL)
		return false;

	const size_t n = (size_t)(equals - option);
	const char *text = equals + 1;

	if (n == 6 && strncmp(option, "--seed", n) == 0)
		return parse_count(text, 0, UINT64_MAX, &request->seed);
	if (n == 6 && strncmp(option, "--rows", n) == 0)
		return parse_count(text, 1, UINT64_MAX >> 32, &workload->n_rows);
	if (n == 7 && strncmp(option, "--files", n) == 0) {
		if (!parse_count(text, 1, 10000000, &value))
			return false;
		workload->n_files = (uint32_t)value;
		return true;
	}
	if (n == 9 && strncmp(option, "--columns", n) == 0 && workload->names == NULL) {
		if (!parse_count(text, 1, 10000000, &value))
			return false;
		workload->n_columns = (uint32_t)value;
		return true;
	}
	if (n == 7 && strncmp(option, "--bytes", n) == 0) {
		workload->n_rows = 0;
		return parse_count(text, 1, UINT64_MAX >> 1, &workload->n_bytes);
	}
	return false;
}

static bool parse_arguments(int argc, char **argv, struct request *request)
{
	if (argc < 3) {
		fprintf(stderr, "make_data: missing workload or directory; see --help\n");
		return false;
	}

	const struct workload *workload = find_workload(argv[1]);

	if (workload == NULL) {
		fprintf(stderr, "make_data: unknown workload '%s'; see --help\n", argv[1]);
		return false;
	}
	request->workload = *workload;
	request->directory = argv[2];
	request->seed = 1;
	for (int i = 3; i < argc; i++) {
		if (!parse_option(argv[i], request)) {
			fprintf(stderr, "make_data: invalid option '%s' for '%s'; see --help\n",
				argv[i], argv[1]);
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct request request;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return EXIT_SUCCESS;
	}
	if (!parse_arguments(argc, argv, &request))
		return 2;

	const size_t path_bytes = strlen(request.directory) + sizeof "/part-4294967295.csv";
	char *path = malloc(path_bytes);
	struct out *out = malloc(sizeof *out);
	bool is_done = path != NULL && out != NULL;

	if (mkdir(request.directory, 0777) != 0 && errno != EEXIST)
		is_done = false;
	for (uint32_t i = 0; is_done && i < request.workload.n_files; i++) {
		snprintf(path, path_bytes, "%s/part-%05" PRIu32 ".csv", request.directory, i);
		is_done = write_file(path, &request.workload, out, request.seed, i);
	}
	if (!is_done)
		fprintf(stderr, "make_data: %s: %s\n", request.directory, strerror(errno));
	free(out);
	free(path);
	return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
