/* csvreport.h - the contract between the library and the programs
 *
 * A program fills `struct csvr_settings`, collects inputs, runs, and writes the report:
 *
 *	csvr_settings_init(&settings);
 *	csvr_inputs_new(&inputs);
 *	csvr_inputs_add(inputs, "data", &settings.walk);
 *	csvr_run(&settings, inputs, NULL, &summary, &error);
 *	csvr_report_write(summary, inputs, &settings, stdout);
 *
 * Threads  csvr_run starts and joins its own; nothing else here may be called meanwhile
 * Errors   a function that can fail returns `enum csvr_status`; details are in `struct csvr_error`
 */
#ifndef CSVREPORT_H
#define CSVREPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What went wrong, and what the caller can do about it. */
enum csvr_status {
	CSVR_OK = 0,
	CSVR_NO_MEMORY, /* an allocation failed: end the run, there is no report */
	CSVR_IO_ERROR, /* the system refused (open, read, write); the message holds its reason */
	/* the bytes are not CSV that can be accounted for: leave the file out whole */
	CSVR_INVALID_FILE,
	CSVR_FILE_CHANGED, /* the file is no longer what was listed: leave it out whole */
	CSVR_INVALID_OPTION, /* the user's words make no sense together: wrong usage */
	CSVR_RETRY_AS_STATE, /* what was to be read as CSV is a saved state: take it as one */
	CSVR_RETRY_AS_COMPRESSED, /* what was cut into chunks is compressed: read it as such, whole */
	CSVR_INCOMPATIBLE_STATES, /* saved states that do not belong together, or are not all: no report */
	CSVR_STRICT, /* --strict was asked for and the data broke it: no report */
	/* a chunk begun at a guessed record could not be finished; read it again from a known one */
	CSVR_NEEDS_CHUNK_START,
	CSVR_INTERRUPTED /* the run was told to end early: what is done is saved, if that was asked for */
};

enum { CSVR_MESSAGE_BYTES = 256 };

/* Who makes the record knows the path; `line` is 1-based, 0 when there is none. */
struct csvr_error {
	enum csvr_status status;
	uint64_t line;
	char message[CSVR_MESSAGE_BYTES];
};

/* What a cell is, once spaces and tabs around it are gone. Exactly one holds. */
enum csvr_cell_class {
	CSVR_CELL_NUMBER,
	CSVR_CELL_MISSING,
	CSVR_CELL_NAN,
	CSVR_CELL_INFINITE,
	CSVR_CELL_INVALID,
	CSVR_N_CELL_CLASSES
};

enum csvr_header_mode { CSVR_HEADER_AUTO, CSVR_HEADER_YES, CSVR_HEADER_NO };

/* A list of words that the settings' owner keeps alive for as long as the settings. */
struct csvr_string_list {
	const char *const *word;
	size_t n_words;
};

/* What a walk through a directory takes. */
struct csvr_walk_options {
	struct csvr_string_list include; /* globs; none: *.csv, *.tsv, and these compressed */
	struct csvr_string_list exclude; /* globs; stronger than include */
	int max_depth; /* 1: what stands in the directory named, 0: nothing; -1: no limit */
	bool follow; /* symbolic links met on the way */
};

enum { CSVR_AUTO = -1, CSVR_NONE = -2 };

/* How bytes become cells. */
struct csvr_parse_options {
	int delimiter; /* a byte, or CSVR_AUTO */
	int quote; /* a byte, or CSVR_NONE */
	int comment; /* a byte, or CSVR_NONE */
	enum csvr_header_mode header;
	bool by_position; /* columns of different files are the same by position, not by name */
	struct csvr_string_list null_values; /* besides the empty cell */
	struct csvr_string_list select; /* items of --select as written; none: every column */
};

/* How the work is done; no figure of the report depends on any of it. */
struct csvr_run_tuning {
	int n_threads; /* 0: what OpenMP, the affinity mask and the cgroup grant */
	const char *kernel; /* a kernel's name, or NULL for the best this CPU has */
	uint64_t chunk_bytes; /* files are cut into chunks of about this; 0: the default */
	size_t block_bytes; /* bytes parsed at a time; 0: the default */
};

/* A state is not a report: csvr_state_write saves what was found for another run to go on with. */
enum csvr_format {
	CSVR_FORMAT_TABLE,
	CSVR_FORMAT_CSV,
	CSVR_FORMAT_TSV,
	CSVR_FORMAT_JSON,
	CSVR_FORMAT_MARKDOWN,
	CSVR_FORMAT_STATE,
	CSVR_N_FORMATS
};

/* How the report looks. */
struct csvr_report_options {
	enum csvr_format format;
	uint32_t stats; /* bit i: statistic i of csvr_statistic_name; 0: the default ones */
	bool all_stats;
	bool per_file;
	bool verbose; /* the files that lack a column, by name */
	bool provenance; /* what ran where and when */
	bool color; /* escape sequences in the table */
	/* what is written is read by people: names in no format steer a terminal */
	bool is_terminal;
	/* digits after the point; -1: the shortest text that reads back the same */
	int round_digits;
	int width; /* columns of the terminal the table should fit in */
};

/* One share of the work, of several that other runs do. */
struct csvr_shard {
	uint32_t index; /* from 1 */
	uint32_t count; /* 1: all of it */
};

/* Who runs this, for the provenance; NULL: not known. Strings are the caller's. */
struct csvr_provenance {
	const char *command;
	const char *host;
	const char *job; /* of a scheduler */
};

struct csvr_settings {
	struct csvr_walk_options walk;
	struct csvr_parse_options reading;
	struct csvr_run_tuning tuning;
	struct csvr_report_options report;
	struct csvr_shard shard;
	struct csvr_provenance runner;
	bool is_partial; /* saved states that are missing or unusable are no error */
};

/* The defaults of the manual. */
void csvr_settings_init(struct csvr_settings *settings);

/* ---- inputs: what to read, in order ---- */

struct csvr_inputs;

/* Errors: CSVR_NO_MEMORY. Free with csvr_inputs_free (NULL is fine). */
enum csvr_status csvr_inputs_new(struct csvr_inputs **inputs);
void csvr_inputs_free(struct csvr_inputs *inputs);

/* Adds a file, everything a walk takes below a directory, or "-" for standard input. A path that
 * cannot be used is added too, as an input that failed: the report will name it.
 * Errors: CSVR_NO_MEMORY only. `path` is copied. */
enum csvr_status csvr_inputs_add(struct csvr_inputs *inputs, const char *path,
				 const struct csvr_walk_options *walk);

/* Number of inputs, and the path of input `index` as it is shown to people (owned by `inputs`). The path
 * is made when it is first asked for, so only one thread may ask; if there is no memory for it, it is
 * the name alone. */
size_t csvr_inputs_count(const struct csvr_inputs *inputs);
const char *csvr_inputs_path(const struct csvr_inputs *inputs, size_t index);

/* The name of compressed format `index` ("gzip"), with what it is decompressed, best first, as a list for
 * people; NULL: not in this build. NULL past the last. */
const char *csvr_compression_name(size_t index, const char **libraries);

/* ---- profile: where the processor time goes, sampled by the program itself ---- */

enum { CSVR_PROFILE_HZ = 250 }; /* what the timers of most kernels give */

struct csvr_profile;

/* Whether this build can. */
bool csvr_profile_is_supported(void);

/* Makes a profile that takes `rate_hz` samples (0: CSVR_PROFILE_HZ) per second of CPU time of each
 * thread that enters. There may be one at a time: it takes the signal SIGPROF.
 * Errors: CSVR_NO_MEMORY, CSVR_IO_ERROR, CSVR_INVALID_OPTION (not in this build). */
enum csvr_status csvr_profile_new(unsigned rate_hz, struct csvr_profile **profile,
				  struct csvr_error *error);

/* NULL is fine. All threads but the caller have left. */
void csvr_profile_free(struct csvr_profile *profile);

/* The calling thread is sampled from now on, as thread `number` (0: the main one), until it hands
 * what it got to csvr_profile_detach. NULL, which may be handed over too: it is in already, or it
 * cannot be sampled, which the graph will say. `profile` may be NULL. */
struct csvr_profile_thread;
struct csvr_profile_thread *csvr_profile_attach(struct csvr_profile *profile, int number);
void csvr_profile_detach(struct csvr_profile_thread *sampled);

/* What a profile lacks, so that its shares may be wrong. */
struct csvr_profile_losses {
	size_t n_refused; /* threads that could not be sampled */
	uint64_t n_lost; /* samples that found no room */
};
struct csvr_profile_losses csvr_profile_losses(const struct csvr_profile *profile);

/* An interactive picture, or one line per distinct stack for other viewers. */
enum csvr_graph_format { CSVR_GRAPH_SVG, CSVR_GRAPH_FOLDED };

/* Ends the sampling and writes what was found; `program` names what was sampled.
 * Errors: CSVR_IO_ERROR (the stream failed; errno tells), CSVR_NO_MEMORY. */
enum csvr_status csvr_profile_write(struct csvr_profile *profile, enum csvr_graph_format graph,
				    const char *program, FILE *stream);

/* ---- run ---- */

struct csvr_summary;

struct csvr_timing;

/* Which source decided the number of threads, which kernel runs, how the work was cut. */
struct csvr_run_info {
	int n_threads;
	int n_refused; /* threads more that were wanted, but the system would not start so many */
	/* "--threads", "OMP_NUM_THREADS", ...; run/threads.h has them all */
	const char *threads_from;
	const char *kernel;
	size_t n_units;
	size_t n_inputs;
	uint64_t size_bytes; /* as listed; streams count as 0 */
	size_t n_states; /* saved ones among the inputs */
	bool is_resumed; /* from a checkpoint */
	uint64_t resumed_bytes; /* of inputs that need not be read again */
	size_t n_resumed, n_changed; /* inputs in it, and those of them that are not as they were */
};

/* Told how far the run is, from the thread that called csvr_run, after every block: thousands of times
 * a second. Bytes of streams are in `done_bytes` but not in `total_bytes`, and what had to be read
 * again is counted again, so the first may pass the second. */
typedef void (*csvr_progress_fn)(void *context, uint64_t done_bytes, uint64_t total_bytes,
				 size_t done_inputs, size_t n_inputs);

/* How the findings of a run are kept while it goes on, so that another can go on from there. */
struct csvr_checkpoint_hooks {
	const char *path; /* a state to go on from, if it is there */
	double interval_s; /* seconds between two savings */
	double grace_s; /* after `stop` all threads should have ended within so many */
	/* Puts a state in its place, whole or not at all. Called by a thread that the run has started, and
	 * at the end of a run that was stopped by the one that called csvr_run; never by both at once.
	 * False: it could not be, and has been said; the run goes on. */
	bool (*save)(void *context, const unsigned char *bytes, size_t n_bytes);
	/* Ends the process: it was told to stop, all is saved, and some thread does not come back from a
	 * system call. Does not return. */
	void (*abandon)(void *context);
	void *context;
};

/* Processes that do one run together, each with a copy of the settings; the first has the inputs and
 * gets what was found. All functions are called by the thread that called csvr_run. */
struct csvr_comm {
	int rank, count;
	/* A number that no other process gets: 0, 1, 2 and so on. */
	enum csvr_status (*fetch_ticket)(void *context, uint64_t *ticket);
	/* A number all processes share: raises it to `value` if it is less, and returns what it is. */
	enum csvr_status (*fetch_max)(void *context, uint64_t value, uint64_t *shared);
	/* The bytes of the first process to all others. The receiver frees them. */
	enum csvr_status (*broadcast)(void *context, unsigned char **bytes, size_t *n_bytes);
	enum csvr_status (*send)(void *context, int to, const unsigned char *bytes, size_t n_bytes);
	enum csvr_status (*receive)(void *context, int from, unsigned char **bytes,
				    size_t *n_bytes);
	/* Ends all processes: this one cannot go on, for want of memory if `error` is NULL. Does not
	 * return. */
	void (*abort_all)(void *context, const struct csvr_error *error);
	void *context;
};

struct csvr_run_hooks {
	struct csvr_profile *profile; /* samples the threads of the run; NULL: nothing does */
	csvr_progress_fn progress; /* may be NULL */
	void *context;
	struct csvr_timing *timing; /* begun by csvr_timing_init; NULL: nothing is timed */
	/* anyone may set it, atomically: the run is to end early; NULL: nobody does */
	const int *stop;
	/* Told, by the thread that called csvr_run, when the run begins to end within seconds of `stop`
	 * being set, and when it no longer does: there is a list of inputs to be made before that, and a
	 * report behind it. NULL: nobody cares. */
	void (*on_stop_polled)(bool is_begun);
	const struct csvr_checkpoint_hooks *checkpoint; /* NULL: nothing is kept */
	const struct csvr_comm *comm; /* NULL: this process is alone */
	struct csvr_run_info info; /* filled in before the work begins */
};

/* Reads every input, and takes in the saved states among them; what was found is the caller's, to be
 * freed with csvr_summary_free (NULL is fine). `hooks` may be NULL. A file that fails is in the
 * summary, not an error here. Saved states change `inputs`: the inputs they name take their place; and
 * `settings`, where nothing but states is read: what was read with other options than the default ones
 * is shown so. With comm only the first has a summary, and the inputs.
 * Errors: CSVR_NO_MEMORY; CSVR_INVALID_OPTION (an unknown kernel, a state made with other options);
 * CSVR_INCOMPATIBLE_STATES; CSVR_INVALID_FILE, CSVR_IO_ERROR (a state, the checkpoint); CSVR_INTERRUPTED. */
enum csvr_status csvr_run(struct csvr_settings *settings, struct csvr_inputs *inputs,
			  struct csvr_run_hooks *hooks, struct csvr_summary **summary,
			  struct csvr_error *error);

/* Saves what was found, instead of a report. Errors: CSVR_IO_ERROR (the stream failed; errno tells),
 * CSVR_NO_MEMORY. */
enum csvr_status csvr_state_write(const struct csvr_summary *summary,
				  const struct csvr_inputs *inputs,
				  const struct csvr_settings *settings, FILE *stream);
void csvr_summary_free(struct csvr_summary *summary);

/* The name of kernel `index`, best first, and whether this CPU can run it; NULL past the last. */
const char *csvr_kernel_name(size_t index, bool *is_usable);

/* ---- report ---- */

/* Names of formats and statistics, in order; NULL past the last. */
const char *csvr_format_name(size_t index);
const char *csvr_statistic_name(size_t index);

/* Writes the report. Errors: CSVR_IO_ERROR (the stream failed; errno tells), CSVR_NO_MEMORY. */
enum csvr_status csvr_report_write(const struct csvr_summary *summary,
				   const struct csvr_inputs *inputs,
				   const struct csvr_settings *settings, FILE *stream);

/* What the programs must say and return besides the report. */
struct csvr_outcome {
	size_t n_read; /* inputs read whole, empty ones too */
	size_t n_bad; /* inputs left out */
	size_t n_partial; /* inputs of which a state holds a part */
	uint64_t n_ragged; /* rows too short or too long */
	uint64_t n_invalid; /* invalid cells in columns that hold numbers */
};
struct csvr_outcome csvr_summary_outcome(const struct csvr_summary *summary);

/* Failed input `index` (0 <= index < n_bad), ordered by path: its path, and why. */
const char *csvr_summary_failure(const struct csvr_summary *summary,
				 const struct csvr_inputs *inputs, size_t index,
				 struct csvr_error *error);

/* Whether some file had a column for item `index` of the settings' `select`. */
bool csvr_summary_is_matched(const struct csvr_summary *summary, size_t index);

/* ---- timing: where the time of a run went, and what to do about it ---- */

#define CSVR_CLOCK_UNKNOWN UINT64_MAX /* the system does not tell */

/* A segment of one thread's life. What is neither computing nor queueing is waiting. */
struct csvr_span {
	uint64_t begin_ns; /* on the monotonic clock */
	uint64_t wall_ns;
	uint64_t cpu_ns;
	uint64_t queued_ns; /* ready to run without a CPU; may be CSVR_CLOCK_UNKNOWN */
};

/* What one thread did from its first unit of work to its last, and to the merge of what it found;
 * not how it waited for the others then. */
struct csvr_thread_time {
	struct csvr_span span;
	/* wall time in opening and reading inputs, copies from the page cache too */
	uint64_t read_ns;
	uint64_t n_bytes;
	size_t n_units;
	uint64_t
		slowest_input_ns; /* of read_ns: the input that took the most of it, SIZE_MAX: none */
	size_t slowest_input;
	bool is_slowest_stream;
	uint64_t last_unit_ns; /* since the last unit was begun */
	size_t last_unit_input; /* the first of that unit, SIZE_MAX: no unit */
	size_t n_last_unit_inputs;
	bool is_last_unit_chunk; /* of an input that was cut */
	bool is_last_unit_stream;
};

/* What went over the network, all requests together; zeros where nothing did. */
struct csvr_network {
	uint64_t n_requests; /* attempts of requests */
	uint64_t n_retries; /* of these, those after the first of a request */
	uint64_t n_throttled; /* answered with 429 or 503 */
	uint64_t n_answers; /* that began to be answered */
	uint64_t n_bytes; /* of bodies */
	uint64_t first_byte_ns; /* sum over answers: from asking to the first byte */
	uint64_t body_ns; /* sum over answers: from the first byte to the last */
	uint64_t active_ns; /* wall time with a request in flight */
	uint64_t
		saturated_ns; /* wall time with as many in flight as were allowed, and more waiting */
	uint64_t cpu_ns; /* of the thread that carries them */
	int most_in_flight;
	int n_connections; /* as many were allowed by the user at once */
	int concurrency_limit; /* as many the servers bore, in the end */
};

struct csvr_timing {
	struct csvr_span listing; /* of the calling thread: from csvr_timing_init to the work */
	struct csvr_thread_time *threads; /* `n_threads`, NULL before the work began */
	int n_threads;
	int n_cpus; /* that the process may run on; 0: not known */
	struct csvr_span reporting; /* from the end of the work to csvr_timing_finish */
	uint64_t wall_ns, user_ns, system_ns; /* of the process, from beginning to end */
	uint64_t helpers_ns; /* CPU time of other threads while listing */
	uint64_t device_bytes; /* from disks and file servers; may be CSVR_CLOCK_UNKNOWN */
	struct csvr_network network;
};

/* Begin before the first input is added, hand the timing to csvr_run in its watch, end it when the
 * report is written, all in one thread. Clear what was begun. */
void csvr_timing_init(struct csvr_timing *timing);
void csvr_timing_finish(struct csvr_timing *timing);
void csvr_timing_clear(struct csvr_timing *timing);

enum csvr_bottleneck_kind {
	CSVR_BOTTLENECK_TOO_SHORT, /* to say anything */
	CSVR_BOTTLENECK_CPU, /* the granted cores were busy */
	CSVR_BOTTLENECK_WAITING, /* for bytes, mostly */
	CSVR_BOTTLENECK_STARVED, /* ready to run, but the CPUs were taken */
	CSVR_BOTTLENECK_UNBALANCED, /* threads had nothing left to do while the last one computed */
	CSVR_BOTTLENECK_SERIAL /* one thread listed the inputs or wrote the report, the others had nothing to do */
};

/* Whether more requests at once would have helped. */
enum csvr_network_bottleneck {
	CSVR_NETWORK_UNUSED,
	CSVR_NETWORK_HIDDEN, /* it was not what the run waited for */
	CSVR_NETWORK_THROTTLED, /* the servers asked for less */
	/* seldom were as many in flight as allowed: there was no more to ask for */
	CSVR_NETWORK_FEW_REQUESTS,
	/* all connections waited, mostly for first bytes: more of them help */
	CSVR_NETWORK_LATENCY,
	CSVR_NETWORK_BANDWIDTH /* all were busy with bodies: more of them would share the same rate */
};

/* Shares of the time of all granted threads, from 0 to 1; together they are 1. */
struct csvr_bottleneck {
	enum csvr_bottleneck_kind kind;
	double computing, waiting, queueing, idle, serial;
	double reading, listing, reporting; /* parts of `waiting`, with the wait of others for it */
	size_t thread; /* the one that ended last */
	enum csvr_network_bottleneck network;
};

/* A pure function of the figures, which csvr_timing_finish has completed. */
void csvr_bottleneck_find(const struct csvr_timing *timing, struct csvr_bottleneck *bottleneck);

/* Writes lines for people, the first the one of `time`, the second the bottleneck; more of them where
 * `is_verbose`. Nothing in them can command a terminal. */
void csvr_timing_write(const struct csvr_timing *timing, const struct csvr_bottleneck *bottleneck,
		       const struct csvr_inputs *inputs, bool is_verbose, FILE *stream);

#endif
