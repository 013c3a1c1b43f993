/* write_timing.c - where the time of a run went, for people and for scripts
 *
 *	timing: 1.234 s real, 2.345 s user, 0.123 s sys, 200% CPU of 2 threads
 *	bottleneck: CPU-bound: computing 97%, waiting 1%, queueing 1%, idle 1%, serial 0%
 *	next: --flamegraph=FILE.svg shows where
 *
 * Scripts may rely on the words before the colons and on the order of the values. A cause, which may name
 * a path, can follow them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "csvreport.h"
#include "csvreport_perf.h"
#include "input/inputs.h"

/* What threads waited for most. */
enum cause { CAUSE_READS, CAUSE_LISTING, CAUSE_REPORT, CAUSE_OTHER };

struct diagnosis {
	const struct csvr_timing *timing;
	const struct csvr_bottleneck *bottleneck;
	const struct csvr_inputs *inputs;
	const struct csvr_thread_time *last; /* the thread that finished last */
	const struct csvr_thread_time *slowest; /* the thread with the longest reads of one input */
	enum cause cause;
};

/* Seconds and milliseconds, with a point in every locale. */
struct seconds {
	char text[CSVR_NUMBER_TEXT_BYTES];
};

static struct seconds seconds_of(uint64_t ns)
{
	struct seconds seconds;
	csvr_number_fixed((double)ns * 1e-9, 3, seconds.text);
	return seconds;
}

static void write_path(const struct diagnosis *diagnosis, size_t input, FILE *stream)
{
	const char *path = csvr_inputs_path(diagnosis->inputs, input);
	path = csvr_display_path(path);
	csvr_escape_plain(stream, path, strlen(path));
}

/* ---- the bottleneck ---- */

static const char *const kinds[] = {
	[CSVR_BOTTLENECK_TOO_SHORT] = "too short to judge",
	[CSVR_BOTTLENECK_CPU] = "CPU-bound",
	[CSVR_BOTTLENECK_WAITING] = "waiting",
	[CSVR_BOTTLENECK_STARVED] = "starved",
	[CSVR_BOTTLENECK_UNBALANCED] = "unbalanced",
	[CSVR_BOTTLENECK_SERIAL] = "one thread at a time",
};

static enum cause cause_of(const struct csvr_timing *timing,
			   const struct csvr_bottleneck *bottleneck)
{
	if (bottleneck->kind == CSVR_BOTTLENECK_SERIAL)
		return timing->listing.wall_ns >= timing->reporting.wall_ns ? CAUSE_LISTING
									    : CAUSE_REPORT;
	/* Within work a thread also waits for a lock, or for memory that was swapped out. */
	const double other = bottleneck->waiting - bottleneck->reading - bottleneck->listing -
			     bottleneck->reporting;
	const double most = bottleneck->listing > bottleneck->reporting ? bottleneck->listing
									: bottleneck->reporting;
	if (bottleneck->reading >= most)
		return bottleneck->reading >= other ? CAUSE_READS : CAUSE_OTHER;
	if (most < other)
		return CAUSE_OTHER;
	return bottleneck->listing > bottleneck->reporting ? CAUSE_LISTING : CAUSE_REPORT;
}

/* Writes what took the time, if it has a name. */
static void write_cause(const struct diagnosis *diagnosis, FILE *stream)
{
	const struct csvr_thread_time *last = diagnosis->last, *slowest = diagnosis->slowest;
	const enum csvr_bottleneck_kind kind = diagnosis->bottleneck->kind;
	if (kind == CSVR_BOTTLENECK_UNBALANCED && last->last_unit_input != SIZE_MAX) {
		fprintf(stream, "; thread %zu spent its last %s s on ",
			diagnosis->bottleneck->thread + 1, seconds_of(last->last_unit_ns).text);
		write_path(diagnosis, last->last_unit_input, stream);
		if (last->n_last_unit_inputs > 1)
			fprintf(stream, " and %zu more", last->n_last_unit_inputs - 1);
	}
	if (kind != CSVR_BOTTLENECK_WAITING && kind != CSVR_BOTTLENECK_SERIAL)
		return;
	if (diagnosis->cause == CAUSE_LISTING) {
		fprintf(stream, "; listing the inputs took %s s",
			seconds_of(diagnosis->timing->listing.wall_ns).text);
	} else if (diagnosis->cause == CAUSE_REPORT) {
		fprintf(stream, "; writing the report took %s s",
			seconds_of(diagnosis->timing->reporting.wall_ns).text);
	} else if (diagnosis->cause == CAUSE_READS && slowest->slowest_input != SIZE_MAX) {
		fprintf(stream,
			"; slowest input (%s s): ", seconds_of(slowest->slowest_input_ns).text);
		write_path(diagnosis, slowest->slowest_input, stream);
	}
}

static void write_bottleneck(const struct diagnosis *diagnosis, FILE *stream)
{
	const struct csvr_bottleneck *bottleneck = diagnosis->bottleneck;
	fprintf(stream, "bottleneck: %s", kinds[bottleneck->kind]);
	if (bottleneck->kind == CSVR_BOTTLENECK_TOO_SHORT) {
		fputs(": less than 0.2 s\n", stream);
		return;
	}
	fprintf(stream,
		": computing %.0f%%, waiting %.0f%%, queueing %.0f%%, idle %.0f%%, "
		"serial %.0f%%",
		bottleneck->computing * 100, bottleneck->waiting * 100, bottleneck->queueing * 100,
		bottleneck->idle * 100, bottleneck->serial * 100);
	write_cause(diagnosis, stream);
	putc('\n', stream);
}

/* ---- the next step ---- */

static uint64_t bytes_read(const struct csvr_timing *timing)
{
	uint64_t n_bytes = 0;
	for (int i = 0; i < timing->n_threads; i++)
		n_bytes += timing->threads[i].n_bytes;
	return n_bytes;
}

/* Writes the throughput while requests were in flight. */
static void write_rate(const struct csvr_network *network, FILE *stream)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_size(network->active_ns > 0 ? (uint64_t)((double)network->n_bytes * 1e9 /
							     (double)network->active_ns)
						: 0,
			 size);
	fprintf(stream, "%s/s", size);
}

static void write_next_of_network(const struct diagnosis *diagnosis, FILE *stream)
{
	const struct csvr_network *network = &diagnosis->timing->network;
	switch (diagnosis->bottleneck->network) {
	case CSVR_NETWORK_THROTTLED:
		fprintf(stream,
			"the servers throttled %" PRIu64
			" requests; more --connections would not help",
			network->n_throttled);
		break;
	case CSVR_NETWORK_FEW_REQUESTS:
		fputs("there were rarely more requests to send; more --connections would not help, "
		      "a nearer server would",
		      stream);
		break;
	case CSVR_NETWORK_LATENCY:
		fprintf(stream, "all connections waited for first bytes; try --connections=%d",
			2 * network->n_connections);
		break;
	default:
		fputs("all connections were receiving, in total ", stream);
		write_rate(network, stream);
		fputs("; more --connections would hardly help, a faster network would", stream);
	}
}

/* One thread reads a compressed file that has no seek index. */
static void write_next_of_cpu(const struct diagnosis *diagnosis, FILE *stream)
{
	const struct csvr_timing *timing = diagnosis->timing;
	const size_t input = diagnosis->last->last_unit_input;
	if (timing->n_threads == 1 && timing->n_cpus > 1 && diagnosis->last->n_units == 1 &&
	    input < diagnosis->inputs->n_items && diagnosis->inputs->items[input].is_compressed)
		fprintf(stream,
			"only 1 of %d CPUs had work: a compressed file is read by one thread; "
			"split it, or recompress it with bgzip",
			timing->n_cpus);
	else
		fputs("--flamegraph=FILE.svg shows where", stream);
}

static void write_next_of_waiting(const struct diagnosis *diagnosis, FILE *stream)
{
	const enum csvr_network_bottleneck network = diagnosis->bottleneck->network;
	if (network != CSVR_NETWORK_UNUSED && network != CSVR_NETWORK_HIDDEN &&
	    (diagnosis->cause == CAUSE_READS || diagnosis->cause == CAUSE_LISTING)) {
		write_next_of_network(diagnosis, stream);
		return;
	}
	const struct csvr_timing *timing = diagnosis->timing;
	static const char *const remedies[] = {
		[CAUSE_LISTING] =
			"the file system is slow; use fewer, larger files; strace -c -w -f "
			"shows the calls that wait",
		[CAUSE_REPORT] = "the reader of the report is slow; -o FILE writes it to a file",
		[CAUSE_OTHER] = "threads waited outside reads, for a lock or for memory; vmstat 1 "
				"shows swapping, strace -c -w -f the calls that wait",
	};
	if (diagnosis->cause != CAUSE_READS) {
		fputs(remedies[diagnosis->cause], stream);
		return;
	}
	if (diagnosis->slowest->is_slowest_stream) {
		fputs("the program that writes to it is slow; measure that program", stream);
		return;
	}
	char device[CSVR_NUMBER_TEXT_BYTES], all[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_size(bytes_read(timing), all);
	/* Some file systems, network file systems among them, do not count these bytes. */
	if (timing->device_bytes == CSVR_CLOCK_UNKNOWN || timing->device_bytes == 0) {
		fputs("iostat -x 1 shows whether a disk is busy, strace -c -w -f the calls that wait",
		      stream);
		return;
	}
	csvr_number_size(timing->device_bytes, device);
	fprintf(stream, "%s of %s came from disks or file servers; ", device, all);
	/* More than the pages of the program itself. */
	if (timing->device_bytes >= bytes_read(timing) / 10)
		fputs("iostat -x 1 shows whether they are busy; if not, more --threads help",
		      stream);
	else
		fputs("strace -c -w -f shows the calls that wait", stream);
}

static void write_next_of_starved(const struct csvr_timing *timing, FILE *stream)
{
	const int n_cpus = timing->n_cpus;
	if (n_cpus > 0 && timing->n_threads > n_cpus)
		fprintf(stream,
			"%d threads shared %d CPU%s; use --threads=%d, or request more CPUs",
			timing->n_threads, n_cpus, n_cpus == 1 ? "" : "s", n_cpus);
	else
		fputs("other programs or a CPU quota took the CPUs; top shows such programs, and "
		      "a scheduler can grant exclusive CPUs",
		      stream);
}

static void write_next_of_unbalanced(const struct csvr_thread_time *last, FILE *stream)
{
	if (last->is_last_unit_stream)
		fputs("a stream is read by one thread; pass the file itself instead", stream);
	else if (last->is_last_unit_chunk || last->n_last_unit_inputs != 1)
		fputs("the work was divided unevenly; unset OMP_SCHEDULE, or use fewer threads",
		      stream);
	else
		fputs("one thread read all of it; leave --chunk at its default, or split it into "
		      "files of a few MiB",
		      stream);
}

static void write_next_of_serial(enum cause cause, FILE *stream)
{
	fputs(cause == CAUSE_LISTING ? "fewer, larger files are listed faster"
				     : "--select, or omitting --per-file, makes the report shorter",
	      stream);
}

static void write_next(const struct diagnosis *diagnosis, FILE *stream)
{
	fputs("next: ", stream);
	switch (diagnosis->bottleneck->kind) {
	case CSVR_BOTTLENECK_TOO_SHORT:
		fputs("use more data, or name the same input several times", stream);
		break;
	case CSVR_BOTTLENECK_CPU:
		write_next_of_cpu(diagnosis, stream);
		break;
	case CSVR_BOTTLENECK_WAITING:
		write_next_of_waiting(diagnosis, stream);
		break;
	case CSVR_BOTTLENECK_STARVED:
		write_next_of_starved(diagnosis->timing, stream);
		break;
	case CSVR_BOTTLENECK_UNBALANCED:
		write_next_of_unbalanced(diagnosis->last, stream);
		break;
	case CSVR_BOTTLENECK_SERIAL:
		write_next_of_serial(diagnosis->cause, stream);
		break;
	}
	putc('\n', stream);
}

/* ---- the network ---- */

static void write_network(const struct csvr_network *network, FILE *stream)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	if (network->n_requests == 0)
		return;
	csvr_number_size(network->n_bytes, size);
	const uint64_t n = network->n_responses > 0 ? network->n_responses : 1;
	fprintf(stream,
		"network: %" PRIu64 " requests, %" PRIu64 " retries, %s, %s s to the first byte, "
		"at most %d of %d in flight, %s s CPU\n",
		network->n_requests, network->n_retries, size,
		seconds_of(network->first_byte_ns / n).text, network->max_in_flight,
		network->n_connections, seconds_of(network->cpu_ns).text);
}

/* ---- the threads ---- */

static void write_thread(const struct csvr_thread_time *thread, uint64_t work_ns, int number,
			 FILE *stream)
{
	const struct csvr_span *span = &thread->span;
	const uint64_t queued_ns = span->queued_ns != CSVR_CLOCK_UNKNOWN ? span->queued_ns : 0;
	const uint64_t on_ns = span->cpu_ns + queued_ns;
	char size[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_size(thread->n_bytes, size);
	fprintf(stream, "thread %6d %10s %8s %8s %8s %8s %10s %6zu\n", number,
		seconds_of(span->cpu_ns).text,
		seconds_of(span->wall_ns > on_ns ? span->wall_ns - on_ns : 0).text,
		span->queued_ns != CSVR_CLOCK_UNKNOWN ? seconds_of(queued_ns).text : "-",
		seconds_of(work_ns - span->wall_ns).text, seconds_of(thread->read_ns).text, size,
		thread->n_units);
}

static void write_threads(const struct csvr_timing *timing, FILE *stream)
{
	uint64_t begin_ns = UINT64_MAX, end_ns = 0;
	for (int i = 0; i < timing->n_threads; i++) {
		const struct csvr_span *span = &timing->threads[i].span;
		if (span->wall_ns > 0 && span->begin_ns < begin_ns)
			begin_ns = span->begin_ns;
		if (span->begin_ns + span->wall_ns > end_ns)
			end_ns = span->begin_ns + span->wall_ns;
	}
	const uint64_t work_ns = end_ns > begin_ns ? end_ns - begin_ns : 0;
	fprintf(stream, "phases: %s s listing, %s s reading, %s s report\n",
		seconds_of(timing->listing.wall_ns).text, seconds_of(work_ns).text,
		seconds_of(timing->reporting.wall_ns).text);
	fprintf(stream, "thread %6s %10s %8s %8s %8s %8s %10s %6s\n", "number", "computing",
		"waiting", "queueing", "idle", "in reads", "read", "units");
	for (int i = 0; i < timing->n_threads; i++)
		write_thread(&timing->threads[i], work_ns, i + 1, stream);
}

/* ---- all lines ---- */

void csvr_timing_write(const struct csvr_timing *timing, const struct csvr_bottleneck *bottleneck,
		       const struct csvr_inputs *inputs, bool is_verbose, FILE *stream)
{
	struct diagnosis diagnosis = { timing,
				       bottleneck,
				       inputs,
				       &timing->threads[bottleneck->thread],
				       &timing->threads[0],
				       cause_of(timing, bottleneck) };
	for (int i = 1; i < timing->n_threads; i++)
		if (timing->threads[i].slowest_input_ns > diagnosis.slowest->slowest_input_ns)
			diagnosis.slowest = &timing->threads[i];
	const uint64_t cpu_ns = timing->user_ns + timing->system_ns;
	fprintf(stream, "timing: %s s real, %s s user, %s s sys, %.0f%% CPU of %d thread%s\n",
		seconds_of(timing->wall_ns).text, seconds_of(timing->user_ns).text,
		seconds_of(timing->system_ns).text,
		timing->wall_ns > 0 ? 100.0 * (double)cpu_ns / (double)timing->wall_ns : 0.0,
		timing->n_threads, timing->n_threads == 1 ? "" : "s");
	write_bottleneck(&diagnosis, stream);
	write_network(&timing->network, stream);
	write_next(&diagnosis, stream);
	if (is_verbose)
		write_threads(timing, stream);
}
