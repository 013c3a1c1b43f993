/* state.c - fuzz target: saved states as inputs of a run
 *
 * Laws  a state is rejected with a message, or gives a report in every format and a state; that state is
 *       accepted and gives the same bytes. Two states give the same state and reports in both orders.
 *       The state that passes refine is accepted, too.
 * Input a digit, the sum of 1 (--partial), 2 (--per-file) and 4 (check reports, not states), or 8 (--refine with
 *       the first state); then two states, or with --refine up to three, in the notation of notation.h, separated
 *       by a slash: options, manifests, inputs and summaries. The target adds magic, length and digest, unless a
 *       state starts with an exclamation mark: the rest is then the file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sha256.h"
#include "csvreport.h"
#include "fuzz.h"
#include "input/inputs.h"
#include "law.h"
#include "notation.h"

/* A state that --partial leaves out counts as a file that was read. The next state then contains a run
 * with its time, so that no two are equal: only reports are compared. */
enum { PARTIAL = 1u, PER_FILE = 2u, REPORTS = 4u, REFINE = 8u };

static struct csvr_settings settings_of(unsigned flags, bool is_state)
{
	struct csvr_settings settings;
	csvr_settings_init(&settings);
	settings.tuning.n_threads = 1;
	settings.tuning.block_bytes = 4096; /* there is nothing to read */
	settings.is_partial = (flags & PARTIAL) != 0;
	settings.report.per_file = (flags & PER_FILE) != 0;
	settings.report.format = is_state ? CSVR_FORMAT_STATE : CSVR_FORMAT_TABLE;
	settings.report.verbose = settings.statistics.all = true;
	return settings;
}

/* ---- files ---- */

/* A file in memory, with a path that opens it again. */
struct file {
	int fd;
	char path[32];
	bool has_magic; /* it starts with the magic, and so is not read as CSV */
};

static void write_file(struct file *file, const struct csvr_encoder *bytes)
{
	LAW(ftruncate(file->fd, 0) == 0, "the file cannot be emptied");
	LAW(pwrite(file->fd, bytes->bytes, bytes->n_bytes, 0) == (ssize_t)bytes->n_bytes,
	    "the file cannot be written");
}

/* Those of the input, and one that a run has written. */
enum { WRITTEN = 3, N_FILES };

static struct file *files(void)
{
	static struct file all[N_FILES];
	for (size_t i = 0; i < N_FILES && all[i].path[0] == '\0'; i++) {
		all[i].fd = memfd_create("state", MFD_CLOEXEC);
		LAW(all[i].fd >= 0, "no file");
		snprintf(all[i].path, sizeof all[i].path, "/proc/self/fd/%d", all[i].fd);
	}
	return all;
}

static void put_little_endian(struct csvr_encoder *out, uint64_t value, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++)
		csvr_encoder_put_bytes(out, &(unsigned char){ (unsigned char)(value >> 8 * i) }, 1);
}

static void make_file(struct file *file, struct fuzz_text *text)
{
	struct csvr_encoder body, whole;
	struct csvr_sha256 digest;
	unsigned char result[CSVR_SHA256_BYTES];
	csvr_encoder_init(&body);
	csvr_encoder_init(&whole);
	while (text->at < text->end && *text->at <= ' ')
		text->at++;
	file->has_magic = text->at == text->end || *text->at != '!';
	(void)fuzz_note(text, &body);
	if (file->has_magic) {
		csvr_encoder_put_bytes(&whole, csvr_state_magic, sizeof csvr_state_magic);
		put_little_endian(&whole, 3, 4);
		put_little_endian(&whole, body.n_bytes, 8);
		csvr_encoder_put_bytes(&whole, body.bytes, body.n_bytes);
		csvr_sha256_init(&digest);
		csvr_sha256_add(&digest, whole.bytes, whole.n_bytes);
		csvr_sha256_finish(&digest, result);
		csvr_encoder_put_bytes(&whole, result, sizeof result);
	}
	write_file(file, file->has_magic ? &whole : &body);
	csvr_encoder_clear(&body);
	csvr_encoder_clear(&whole);
}

/* ---- runs ---- */

/* Writes the state of a run, or its report in every format, each followed by a mark. */
static void write_all(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
		      struct csvr_settings *settings, bool is_state, FILE *stream)
{
	enum csvr_status status = CSVR_OK;
	for (int format = 0; format < CSVR_N_FORMATS && status == CSVR_OK && !is_state; format++) {
		settings->report.format = (enum csvr_format)format;
		if (format != CSVR_FORMAT_STATE)
			status = csvr_report_write(summary, inputs, settings, stream);
		fprintf(stream, "\n-- %d\n", format);
	}
	if (is_state)
		status = csvr_state_write(summary, inputs, settings, stream);
	LAW(status == CSVR_OK, "status %d", (int)status);
}

/* Runs on some files and appends the output to `written`; false: the run failed with `*status`. With REFINE, the
 * first file is the state to refine. */
static bool run(const struct file *const *named, size_t n_named, unsigned flags, bool is_state,
		struct csvr_encoder *written, enum csvr_status *status)
{
	struct csvr_settings settings = settings_of(flags, is_state);
	const size_t first = (flags & REFINE) != 0;
	settings.refine = first > 0 ? named[0]->path : NULL;
	struct csvr_inputs *inputs;
	struct csvr_summary *summary;
	struct csvr_error error = { 0 };
	char *text = NULL;
	size_t n_text = 0;
	LAW(csvr_inputs_new(&inputs) == CSVR_OK, "out of memory");
	for (size_t i = first; i < n_named; i++)
		LAW(csvr_inputs_add(inputs, named[i]->path, &settings.walk) == CSVR_OK,
		    "out of memory");
	*status = csvr_run(&settings, inputs, NULL, &summary, &error);
	LAW((*status == CSVR_OK) == (summary != NULL), "status %d", (int)*status);
	LAW(*status == CSVR_OK || error.message[0] != '\0', "status %d", (int)*status);
	if (*status == CSVR_OK) {
		FILE *stream = need(open_memstream(&text, &n_text));
		write_all(summary, inputs, &settings, is_state, stream);
		LAW(fclose(stream) == 0, "out of memory");
		csvr_encoder_put_bytes(written, text, n_text);
	}
	free(text);
	csvr_summary_free(summary);
	csvr_inputs_free(inputs);
	return *status == CSVR_OK;
}

static void expect_same(const struct csvr_encoder *a, const struct csvr_encoder *b,
			const char *what)
{
	LAW(a->n_bytes == b->n_bytes &&
		    (a->n_bytes == 0 || memcmp(a->bytes, b->bytes, a->n_bytes) == 0),
	    "%s: %zu bytes, and %zu", what, a->n_bytes, b->n_bytes);
}

/* Checks that a written state is accepted and written again with the same bytes. */
static void check_again(const struct file *named, unsigned flags)
{
	struct csvr_encoder written, again;
	enum csvr_status status;
	struct file *third = &files()[WRITTEN];
	csvr_encoder_init(&written);
	csvr_encoder_init(&again);
	const struct file *const first[] = { named }, *const second[] = { third };
	if (run(first, 1, flags, true, &written, &status) && named->has_magic) {
		write_file(third, &written);
		LAW(run(second, 1, flags, true, &again, &status),
		    "the written state is rejected: status %d", (int)status);
		expect_same(&written, &again, "written again");
	}
	csvr_encoder_clear(&written);
	csvr_encoder_clear(&again);
}

/* Runs in both orders. Files without the magic are read as CSV, and the state then contains the time. */
static void check_both(const struct file *const *named, unsigned flags, bool is_state)
{
	const struct file *const turned[] = { named[1], named[0] };
	struct csvr_encoder one, other;
	enum csvr_status status, other_status;
	csvr_encoder_init(&one);
	csvr_encoder_init(&other);
	const bool is_written = run(named, 2, flags, is_state, &one, &status);
	if (named[0]->has_magic && named[1]->has_magic) {
		LAW(run(turned, 2, flags, is_state, &other, &other_status) == is_written,
		    "status %d, and %d in the other order", (int)status, (int)other_status);
		expect_same(&one, &other, "in the other order");
	}
	csvr_encoder_clear(&one);
	csvr_encoder_clear(&other);
}

/* Checks that the state which one or two passes refine is accepted and written again with the same bytes. */
static void check_refined(const struct file *const *named, size_t n_named)
{
	struct csvr_encoder refined;
	enum csvr_status status;
	struct file *file = &files()[WRITTEN];
	bool is_written = true;
	csvr_encoder_init(&refined);
	for (size_t i = 0; i < n_named; i++)
		is_written &= named[i]->has_magic;
	is_written = is_written && run(named, n_named, REFINE, true, &refined, &status);
	if (is_written) {
		file->has_magic = true;
		write_file(file, &refined);
		csvr_encoder_clear(&refined);
		csvr_encoder_init(&refined);
		LAW(run((const struct file *const[]){ file }, 1, 0, true, &refined, &status),
		    "the refined state is rejected: status %d", (int)status);
		check_again(file, 0);
	}
	csvr_encoder_clear(&refined);
}

static void check_report(const struct file *const *named, unsigned flags)
{
	struct csvr_encoder written;
	enum csvr_status status;
	csvr_encoder_init(&written);
	(void)run(named, 1, flags, false, &written, &status);
	csvr_encoder_clear(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const bool is_report = (data[0] - '0') & REPORTS;
	const unsigned flags = is_report ? data[0] - '0' : (data[0] - '0') & ~PARTIAL;
	struct fuzz_text text = { data + 1, data + size };
	struct file *all = files();
	const struct file *const both[] = { &all[0], &all[1] };
	make_file(&all[0], &text);
	if (data[0] - '0' == REFINE) {
		const struct file *const named[] = { &all[0], &all[1], &all[2] };
		size_t n_named = 1;
		do
			make_file(&all[n_named++], &text);
		while (n_named < WRITTEN && text.at < text.end);
		check_refined(named, n_named);
		return 0;
	}
	if (is_report)
		check_report(both, flags);
	else
		check_again(&all[0], flags);
	if (text.at == text.end)
		return 0;
	make_file(&all[1], &text);
	check_both(both, flags, !is_report);
	return 0;
}
