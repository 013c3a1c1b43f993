/* group_rows.c - generates rows with a key, for measurements of --group-by; the same bytes for the same arguments
 *
 * Usage  group_rows KIND ROWS >FILE
 *        stations  NAME;TEMPERATURE without a header, as in the One Billion Row Challenge: 413 names
 *        names     the same with 10,000 names of 4 to 100 bytes
 *        ids       the same with 1,000,000 names of 7 bytes
 *        wide      a CSV file of one key and 20 columns of numbers; some of its 413 names are quoted
 * Source random numbers: splitmix64 (public domain)
 *
 * Each name is equally likely. A temperature has one digit after the point and lies in [-99.9, 99.9]; those of a name
 * are nearly normal, with a standard deviation of 10. The names of places are made of invented parts.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_KEY_BYTES = 100,
	N_COLUMNS = 20, /* of numbers in `wide` */
	ROW_BYTES = 512, /* no row is longer */
	OUT_BYTES = 1 << 20,
	MAX_TENTHS = 999
};

struct key {
	unsigned char n_bytes;
	int16_t mean; /* in tenths */
	char text[MAX_KEY_BYTES + 2]; /* with quotes in `wide` */
};

static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((random_next(state) >> 32) * n) >> 32);
}

/* ---- keys ---- */

static const char *const stems[] = {
	"Ald",   "Bram", "Cor",  "Dun",        "Elm",        "Fal",  "Gran",       "Hest", "Ivo",
	"Jor",   "Kel",  "Lor",  "Mar",        "Nest",       "Orl",  "Pell",       "Quar", "Rav",
	"Sel",   "Tarn", "Ulv",  "Vess",       "Wyn",        "Xan",  "Yor",        "Zel",  "Ask",
	"Breck", "Cald", "Dren", "Eir",        "Fenn",       "Gild", "Holt",       "Ing",  "Jask",
	"Krav",  "Lind", "Mosk", "N\303\266r", "Pryl",       "Rusk", "S\303\245g", "Thal", "Umbr",
	"Vint",  "Wex",  "Yar",  "Zim",        "Ash",        "Bly",  "Cray",       "Dov",  "Erl",
	"Frey",  "Gost", "Hul",  "Ilm",        "\303\230st",
};
static const char *const endings[] = { "a", "ovo", "burg", "mere", " Bay", "eston", ", North" };

enum {
	N_STEMS = sizeof(stems) / sizeof(stems[0]),
	N_ENDINGS = sizeof(endings) / sizeof(endings[0]),
	N_STATIONS = N_STEMS * N_ENDINGS
};

/* The name of a place; of 70, one is longer than 16 bytes. */
static void set_station(struct key *key, uint32_t i)
{
	const char *more = i % 70 == 0 ? " and the Islands" : "";

	key->n_bytes = (unsigned char)snprintf(key->text, sizeof(key->text), "%s%s%s",
					       stems[i % N_STEMS], endings[i / N_STEMS], more);
}

/* A station as a cell of CSV. */
static void set_quoted_station(struct key *key, uint32_t i)
{
	struct key plain;

	set_station(&plain, i);
	const char *quote = strchr(plain.text, ',') != NULL ? "\"" : "";
	key->n_bytes = (unsigned char)snprintf(key->text, sizeof(key->text), "%s%s%s", quote,
					       plain.text, quote);
}

/* A name of 4 to 100 bytes, most of about 8. Its last three letters are its number. */
static void set_name(struct key *key, uint32_t i)
{
	uint64_t state = i;
	const uint64_t usual = below(&state, 1000), rare = below(&state, 1000);
	const uint64_t power = rare * rare * rare * rare * rare * rare / 1000000000000000;
	const uint64_t n_bytes = 4 + usual * usual / 100000 + power * 88 / 1000;

	for (uint64_t at = 0; at < n_bytes; at++) {
		const char letter = (char)('a' + below(&state, 26));
		key->text[at] = at > 0 && at + 4 < n_bytes && below(&state, 9) == 0 ? ' ' : letter;
	}
	key->text[0] = (char)(key->text[0] - 'a' + 'A');
	for (uint64_t at = n_bytes; at > n_bytes - 3; i /= 26)
		key->text[--at] = (char)('a' + i % 26);
	key->n_bytes = (unsigned char)n_bytes;
}

static void set_id(struct key *key, uint32_t i)
{
	key->n_bytes = (unsigned char)snprintf(key->text, sizeof(key->text), "u%06u", i % 1000000);
}

/* ---- numbers ---- */

/* A sum of four uniform numbers, with a standard deviation of 100 tenths. */
static int draw_tenths(uint64_t *state, int mean)
{
	const uint64_t random = random_next(state);
	const int64_t sum = (int64_t)((random & 0xffff) + (random >> 16 & 0xffff) +
				      (random >> 32 & 0xffff) + (random >> 48));
	const int64_t tenths = mean + (sum - 131070) * 100 / 37837;

	return (int)(tenths > MAX_TENTHS    ? MAX_TENTHS
		     : tenths < -MAX_TENTHS ? -MAX_TENTHS
					    : tenths);
}

static char *write_digits(char *at, uint64_t value, int n_least)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0 || n < n_least);
	while (n > 0)
		*at++ = digits[--n];
	return at;
}

/* `value` is in units of the last of `n_decimals` digits after the point. */
static char *write_decimal(char *at, int64_t value, int n_decimals)
{
	static const uint64_t powers[] = { 1, 10, 100, 1000 };
	const uint64_t magnitude = (uint64_t)(value < 0 ? -value : value);

	if (value < 0)
		*at++ = '-';
	at = write_digits(at, magnitude / powers[n_decimals], 1);
	if (n_decimals == 0)
		return at;
	*at++ = '.';
	return write_digits(at, magnitude % powers[n_decimals], n_decimals);
}

/* ---- rows ---- */

static char *write_key(char *at, const struct key *key)
{
	memcpy(at, key->text, key->n_bytes);
	return at + key->n_bytes;
}

static char *write_measurement(char *at, const struct key *key, uint64_t *state)
{
	at = write_key(at, key);
	*at++ = ';';
	at = write_decimal(at, draw_tenths(state, key->mean), 1);
	*at++ = '\n';
	return at;
}

static char *write_wide_row(char *at, const struct key *key, uint64_t *state)
{
	at = write_key(at, key);
	for (int column = 0; column < N_COLUMNS; column++) {
		*at++ = ',';
		switch (column % 4) {
		case 0:
			at = write_decimal(at, draw_tenths(state, key->mean + 10 * column), 1);
			break;
		case 1:
			at = write_decimal(at, below(state, 1000000), 0);
			break;
		case 2:
			at = write_decimal(at, (int64_t)below(state, 10000000) - 2000000, 3);
			break;
		default:
			at = write_decimal(at, below(state, 100000), 2);
		}
	}
	*at++ = '\n';
	return at;
}

static char *write_wide_header(char *at)
{
	at += snprintf(at, ROW_BYTES, "station");
	for (int column = 1; column <= N_COLUMNS; column++)
		at += snprintf(at, 16, ",c%02d", column);
	*at++ = '\n';
	return at;
}

struct kind {
	const char *name;
	uint32_t n_keys;
	void (*set_key)(struct key *key, uint32_t i);
	char *(*write_row)(char *at, const struct key *key, uint64_t *state);
	char *(*write_header)(char *at);
};

static const struct kind kinds[] = {
	{ "stations", N_STATIONS, set_station, write_measurement, NULL },
	{ "names", 10000, set_name, write_measurement, NULL },
	{ "ids", 1000000, set_id, write_measurement, NULL },
	{ "wide", N_STATIONS, set_quoted_station, write_wide_row, write_wide_header },
};

static void write_rows(const struct kind *kind, const struct key *keys, uint64_t n_rows)
{
	static char out[OUT_BYTES + ROW_BYTES];
	uint64_t state = 1;
	char *at = kind->write_header != NULL ? kind->write_header(out) : out;

	for (uint64_t row = 0; row < n_rows; row++) {
		if (at > out + OUT_BYTES) {
			fwrite(out, 1, (size_t)(at - out), stdout); /* checked once, at the end */
			at = out;
		}
		at = kind->write_row(at, &keys[below(&state, kind->n_keys)], &state);
	}
	fwrite(out, 1, (size_t)(at - out), stdout);
}

int main(int argc, char **argv)
{
	const struct kind *kind = NULL;
	char *end = NULL;
	const uint64_t n_rows = argc == 3 ? strtoull(argv[2], &end, 10) : 0;

	for (size_t i = 0; argc == 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			kind = &kinds[i];
	if (kind == NULL || *end != '\0') {
		fprintf(stderr, "Usage: group_rows stations|names|ids|wide ROWS >FILE\n");
		return 2;
	}

	struct key *keys = calloc(kind->n_keys, sizeof(*keys));
	uint64_t state = 2;

	if (keys == NULL) {
		fprintf(stderr, "group_rows: out of memory\n");
		return EXIT_FAILURE;
	}
	for (uint32_t i = 0; i < kind->n_keys; i++) {
		kind->set_key(&keys[i], i);
		keys[i].mean = (int16_t)((int)below(&state, 450) - 100);
	}
	write_rows(kind, keys, n_rows);
	free(keys);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "group_rows: cannot write\n");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
