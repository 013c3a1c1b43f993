/* state.c - fuzz target: saved states as whole files, given to a run as people give them
 *
 * Laws  a state is refused with a message, or gives a report in every format, and a state again; that
 *       one is read, and gives the same bytes. Two of them give the same state, and the same reports,
 *       whichever is first.
 * Input a digit: 4 reports are looked at, and not states; of these 1 what is missing or damaged is left
 *       out; 2 with figures of each file; then two states
 *       in the notation of notation.h, with a slash between: options, lists, inputs and summaries.
 *       Magic, length and digest are made for it, but where it begins with an exclamation mark: that
 *       one is the file as it is.
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

/* A state that is left out is a file that was read, and so a run is in the next state, with its time: no
 * two are alike. */
enum { LEAVES_OUT = 1u, OF_EACH_FILE = 2u, REPORTS = 4u };

static struct csvr_settings settings_of(unsigned flags, bool is_state)
{
	struct csvr_settings settings;
	csvr_settings_init(&settings);
	settings.tuning.n_threads = 1;
	settings.tuning.block_bytes = 4096; /* nothing is to be read */
	settings.is_partial = (flags & LEAVES_OUT) != 0;
	settings.report.per_file = (flags & OF_EACH_FILE) != 0;
	settings.report.format = is_state ? CSVR_FORMAT_STATE : CSVR_FORMAT_TABLE;
	settings.report.verbose = settings.statistics.all = true;
	return settings;
}

/* ---- files ---- */

/* A file that is nowhere, by a path that opens it anew. */
struct file {
	int fd;
	char path[32];
	bool is_sealed; /* it is a state at first sight, and so is not read as CSV */
};

static void write_file(struct file *file, const struct csvr_encoder *bytes)
{
	LAW(ftruncate(file->fd, 0) == 0, "the file cannot be emptied");
	LAW(pwrite(file->fd, bytes->bytes, bytes->n_bytes, 0) == (ssize_t)bytes->n_bytes,
	    "the file cannot be written");
}

static struct file *files(void)
{
	static struct file all[3];
	for (size_t i = 0; i < 3 && all[i].path[0] == '\0'; i++) {
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
	file->is_sealed = text->at == text->end || *text->at != '!';
	(void)fuzz_note(text, &body);
	if (file->is_sealed) {
		csvr_encoder_put_bytes(&whole, csvr_state_magic, sizeof csvr_state_magic);
		put_little_endian(&whole, 3, 4);
		put_little_endian(&whole, body.n_bytes, 8);
		csvr_encoder_put_bytes(&whole, body.bytes, body.n_bytes);
		csvr_sha256_init(&digest);
		csvr_sha256_add(&digest, whole.bytes, whole.n_bytes);
		csvr_sha256_finish(&digest, result);
		csvr_encoder_put_bytes(&whole, result, sizeof result);
	}
	write_file(file, file->is_sealed ? &whole : &body);
	csvr_encoder_clear(&body);
	csvr_encoder_clear(&whole);
}

/* ---- runs ---- */

/* What a run made, written in each format of a kind: the state, or all reports, with a mark behind each. */
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

/* What a run of some files writes; false: there is no report, and `*status` says why. */
static bool run(const struct file *const *named, size_t n_named, unsigned flags, bool is_state,
		struct csvr_encoder *written, enum csvr_status *status)
{
	struct csvr_settings settings = settings_of(flags, is_state);
	struct csvr_inputs *inputs;
	struct csvr_summary *summary;
	struct csvr_error error = { 0 };
	char *text = NULL;
	size_t n_text = 0;
	LAW(csvr_inputs_new(&inputs) == CSVR_OK, "out of memory");
	for (size_t i = 0; i < n_named; i++)
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

/* A state that was written is read, and written as it is. */
static void check_again(const struct file *named, unsigned flags)
{
	struct csvr_encoder written, again;
	enum csvr_status status;
	struct file *third = &files()[2];
	csvr_encoder_init(&written);
	csvr_encoder_init(&again);
	const struct file *const first[] = { named }, *const second[] = { third };
	if (run(first, 1, flags, true, &written, &status) && named->is_sealed) {
		write_file(third, &written);
		LAW(run(second, 1, flags, true, &again, &status),
		    "what was written is refused: status %d", (int)status);
		expect_same(&written, &again, "written again");
	}
	csvr_encoder_clear(&written);
	csvr_encoder_clear(&again);
}

/* In both orders; of files that are none at first sight the time of this run is in the state. */
static void check_both(const struct file *const *named, unsigned flags, bool is_state)
{
	const struct file *const turned[] = { named[1], named[0] };
	struct csvr_encoder one, other;
	enum csvr_status status, other_status;
	csvr_encoder_init(&one);
	csvr_encoder_init(&other);
	const bool is_written = run(named, 2, flags, is_state, &one, &status);
	if (named[0]->is_sealed && named[1]->is_sealed) {
		LAW(run(turned, 2, flags, is_state, &other, &other_status) == is_written,
		    "status %d, and %d in the other order", (int)status, (int)other_status);
		expect_same(&one, &other, "in the other order");
	}
	csvr_encoder_clear(&one);
	csvr_encoder_clear(&other);
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
	const unsigned flags = is_report ? data[0] - '0' : (data[0] - '0') & ~LEAVES_OUT;
	struct fuzz_text text = { data + 1, data + size };
	struct file *all = files();
	const struct file *const both[] = { &all[0], &all[1] };
	make_file(&all[0], &text);
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
