/* csvreport_perf.h - where a run spends its time: profile, timing, network, bottleneck
 *
 * A program passes a profile and a timing to csvr_run in the run hooks:
 *
 *	csvr_timing_init(&timing);
 *	csvr_profile_new(0, &profile, &error);
 *	csvr_profile_attach(profile, 0);
 *	... add inputs, run, write the report ...
 *	csvr_timing_finish(&timing);
 *	csvr_bottleneck_find(&timing, &bottleneck);
 *	csvr_timing_write(&timing, &bottleneck, inputs, false, stderr);
 *	csvr_profile_write(profile, CSVR_GRAPH_SVG, "csv-report", file);
 *
 * Units    durations in nanoseconds, on the monotonic clock; sizes in bytes
 * Threads  call everything from one thread, except csvr_profile_attach and csvr_profile_detach
 */
#ifndef CSVREPORT_PERF_H
#define CSVREPORT_PERF_H

#include "csvreport.h"

/* ---- profile: samples of the threads' stacks, by CPU time ---- */

enum { CSVR_PROFILE_HZ = 250 }; /* the tick rate of most kernels, which limits their CPU timers */

struct csvr_profile;
struct csvr_profile_thread;

/* Whether this build can sample itself. */
bool csvr_profile_is_supported(void);

/* Creates a profile that takes `rate_hz` samples (0: CSVR_PROFILE_HZ) per second of CPU time of each
 * attached thread. A process can have one at a time, because it handles SIGPROF.
 * Errors: CSVR_NO_MEMORY; CSVR_IO_ERROR; CSVR_INVALID_OPTION (this build cannot sample itself). */
enum csvr_status csvr_profile_new(unsigned rate_hz, struct csvr_profile **profile,
				  struct csvr_error *error);

/* All threads but the caller must have been detached. NULL is accepted. */
void csvr_profile_free(struct csvr_profile *profile);

/* Samples the calling thread as thread `number` (0: the main thread) until it calls
 * csvr_profile_detach with the result. Returns NULL, which csvr_profile_detach accepts, if
 * `profile` is NULL, if the thread is attached already, or if it cannot be sampled;
 * csvr_profile_losses counts the last. */
struct csvr_profile_thread *csvr_profile_attach(struct csvr_profile *profile, int number);
void csvr_profile_detach(struct csvr_profile_thread *thread);

/* What a profile lacks: its proportions may be wrong. */
struct csvr_profile_losses {
	size_t n_threads_failed; /* threads that could not be sampled */
	uint64_t n_lost; /* samples dropped because the buffer was full */
};
struct csvr_profile_losses csvr_profile_losses(const struct csvr_profile *profile);

/* An interactive picture, or one line per distinct stack as other viewers read it. */
enum csvr_graph_format { CSVR_GRAPH_SVG, CSVR_GRAPH_FOLDED };

/* Stops sampling and writes the flame graph; `program` is its title. Errors: CSVR_IO_ERROR (writing
 * to `stream` failed; errno is set), CSVR_NO_MEMORY. */
enum csvr_status csvr_profile_write(struct csvr_profile *profile, enum csvr_graph_format graph,
				    const char *program, FILE *stream);

/* ---- timing ---- */

#define CSVR_CLOCK_UNKNOWN UINT64_MAX /* the system does not report this value */

/* A period of one thread. The thread waits when it neither computes nor queues. */
struct csvr_span {
	uint64_t begin_ns;
	uint64_t wall_ns;
	uint64_t cpu_ns;
	uint64_t queued_ns; /* runnable without a CPU; may be CSVR_CLOCK_UNKNOWN */
};

/* One thread from its first unit of work until its results are merged. The wait for the other
 * threads after that does not count. */
struct csvr_thread_time {
	struct csvr_span span;
	uint64_t read_ns; /* wall time of opening and reading inputs, the page cache too */
	uint64_t n_bytes;
	size_t n_units;
	uint64_t slowest_input_ns; /* the part of read_ns of the input with the largest part */
	size_t slowest_input; /* that input; SIZE_MAX: none */
	bool is_slowest_stream;
	uint64_t last_unit_ns; /* since the start of the last unit */
	size_t last_unit_input; /* the first input of that unit; SIZE_MAX: there was no unit */
	size_t n_last_unit_inputs;
	bool is_last_unit_chunk; /* the unit is a chunk of an input */
	bool is_last_unit_stream;
};

/* All requests of a run; zeros if there were none. */
struct csvr_network {
	uint64_t n_requests; /* attempts */
	uint64_t n_retries; /* attempts after the first of a request */
	uint64_t n_throttled; /* responses with status 429 or 503 */
	uint64_t n_responses; /* attempts of which the first byte arrived */
	uint64_t n_bytes; /* of bodies */
	uint64_t first_byte_ns; /* sum over responses: from the request to the first byte */
	uint64_t body_ns; /* sum over responses: from the first byte to the last */
	uint64_t active_ns; /* wall time with a request in flight */
	uint64_t saturated_ns; /* wall time with the limit reached and more requests waiting */
	uint64_t cpu_ns; /* of the network thread */
	int max_in_flight;
	int n_connections; /* limit set by the user */
	int concurrency_limit; /* limit at the end, lowered where servers throttled */
};

struct csvr_timing {
	struct csvr_span listing; /* of the calling thread: from csvr_timing_init to the work */
	struct csvr_thread_time *threads; /* `n_threads`; NULL before the work starts */
	int n_threads;
	int n_cpus; /* that the process may run on; 0: unknown */
	struct csvr_span reporting; /* from the end of the work to csvr_timing_finish */
	uint64_t wall_ns, user_ns, system_ns; /* of the process, from start to finish */
	uint64_t helpers_ns; /* CPU time of other threads during `listing` */
	uint64_t device_bytes; /* read from disks and file servers; may be CSVR_CLOCK_UNKNOWN */
	struct csvr_network network;
};

/* Call csvr_timing_init before the first input is added, and csvr_timing_finish after the report is
 * written, in the same thread. csvr_timing_clear frees what csvr_run has allocated in the timing. */
void csvr_timing_init(struct csvr_timing *timing);
void csvr_timing_finish(struct csvr_timing *timing);
void csvr_timing_clear(struct csvr_timing *timing);

/* ---- bottleneck ---- */

enum csvr_bottleneck_kind {
	CSVR_BOTTLENECK_TOO_SHORT, /* the run was too short to judge */
	CSVR_BOTTLENECK_CPU, /* the granted cores were busy */
	CSVR_BOTTLENECK_WAITING, /* threads waited, mostly for input */
	CSVR_BOTTLENECK_STARVED, /* threads were runnable but other programs had the CPUs */
	CSVR_BOTTLENECK_UNBALANCED, /* threads were idle while the last one computed */
	CSVR_BOTTLENECK_SERIAL /* one thread listed inputs or wrote the report, others were idle */
};

/* Whether a higher limit of concurrent requests would have helped. */
enum csvr_network_bottleneck {
	CSVR_NETWORK_UNUSED,
	CSVR_NETWORK_HIDDEN, /* the run did not wait for the network */
	CSVR_NETWORK_THROTTLED, /* the servers throttled requests */
	CSVR_NETWORK_FEW_REQUESTS, /* the limit was rarely reached: nothing more to request */
	CSVR_NETWORK_LATENCY, /* all connections waited, mostly for first bytes: raise the limit */
	CSVR_NETWORK_BANDWIDTH /* all connections received: more would share the same bandwidth */
};

/* Fractions of the time of all granted threads, from 0 to 1. Those of the first line add up to 1. */
struct csvr_bottleneck {
	enum csvr_bottleneck_kind kind;
	double computing, waiting, queueing, idle, serial;
	/* parts of `waiting` by cause, with the time that other threads waited for that thread */
	double reading, listing, reporting;
	size_t thread; /* the one that finished last */
	enum csvr_network_bottleneck network;
};

/* Judges a timing that csvr_timing_finish has completed. A pure function. */
void csvr_bottleneck_find(const struct csvr_timing *timing, struct csvr_bottleneck *bottleneck);

/* Writes the timing as lines of text: the first has the values of `time`, the second the bottleneck;
 * `is_verbose` adds more. Control characters of paths are escaped. The caller checks `stream` for
 * errors. */
void csvr_timing_write(const struct csvr_timing *timing, const struct csvr_bottleneck *bottleneck,
		       const struct csvr_inputs *inputs, bool is_verbose, FILE *stream);

#endif
