/* program.c - what all programs do: parse the options, collect the inputs, run, write the report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/program.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/baseline.h"
#include "cli/checkpoint.h"
#include "cli/collect_inputs.h"
#include "cli/diagnostics.h"
#include "cli/exec_remote.h"
#include "cli/launcher.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/outcome.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/provenance.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "csvreport.h"
#include "input/inputs.h"
#include "input/remote_ops.h"

/* ---- actions without a run ---- */

static void write_text(const struct csvr_options *options, const struct csvr_program *program,
		       struct csvr_log *log)
{
	struct csvr_output output;
	if (!csvr_output_init(&output, NULL, "no report", CSVR_EXIT_NO_REPORT, log) ||
	    !csvr_output_open(&output))
		return;
	if (options->action == CSVR_ACTION_VERSION)
		csvr_version_write(program, options->settings.tuning.kernel, output.stream);
	else
		csvr_options_write(options->action, output.stream);
	csvr_output_close(&output, ferror(output.stream) ? CSVR_IO_ERROR : CSVR_OK);
	csvr_output_clear(&output);
}

/* ---- a run ---- */

/* The state of a run. Each rank has its own; ranks other than 0 only use some members. */
struct session {
	struct csvr_options *options;
	struct csvr_log *log;
	const struct csvr_program *program;
	const struct csvr_comm *comm; /* NULL: a single process */
	struct csvr_inputs *inputs;
	struct csvr_remote *remote; /* NULL: the program cannot read URLs */
	struct csvr_summary *summary;
	struct csvr_run_hooks hooks;
	struct csvr_progress progress;
	struct csvr_diagnostics diagnostics;
	struct csvr_checkpoint checkpoint;
	struct csvr_output output;
	struct csvr_baseline baseline;
};

static bool is_rank_0(const struct session *session)
{
	return session->comm == NULL || session->comm->rank == 0;
}

/* Connects even if no argument is a URL: a saved state may name a URL of which some bytes must be read
 * again. */
static bool connect_inputs(struct session *session)
{
	struct csvr_error error = { .status = CSVR_OK };
	if (session->program->connect == NULL)
		return true;
	const enum csvr_status status = session->program->connect(session->options->connections,
								  &session->remote, &error);
	session->inputs->remote = session->remote;
	if (status != CSVR_OK)
		csvr_log_error(session->log,
			       status == CSVR_INVALID_OPTION ? CSVR_EXIT_USAGE
							     : CSVR_EXIT_NO_REPORT,
			       "%s", error.message);
	return status == CSVR_OK;
}

/* Makes sure, before the run, that the report can be written. */
static bool prepare_output(struct session *session)
{
	struct csvr_options *options = session->options;
	struct csvr_output *output = &session->output;
	if (csvr_output_is_same(output, &session->diagnostics.graph)) {
		csvr_log_error(session->log, CSVR_EXIT_USAGE,
			       "--flamegraph=%s: same file as the report; name another file",
			       options->flamegraph);
		return false;
	}
	if (options->settings.report.format == CSVR_FORMAT_STATE && output->path == NULL &&
	    isatty(STDOUT_FILENO)) {
		csvr_log_error(session->log, CSVR_EXIT_USAGE,
			       "--format=state: refusing to write binary data to a terminal; use "
			       "--output=FILE");
		return false;
	}
	csvr_output_detect_terminal(output, &options->settings.report);
	return true;
}

/* Everything that can fail before the run; only rank 0 does it. */
static bool prepare(struct session *session)
{
	struct csvr_options *options = session->options;
	struct csvr_log *log = session->log;
	const bool has_diagnostics = csvr_diagnostics_start(&session->diagnostics, options,
							    &session->hooks, log);
	if (!csvr_output_init(&session->output, options->output, "no report", CSVR_EXIT_NO_REPORT,
			      log) ||
	    !has_diagnostics ||
	    !csvr_checkpoint_init(&session->checkpoint, options, &session->output, log) ||
	    !prepare_output(session) || !csvr_baseline_open(&session->baseline, options, log))
		return false;
	if (session->comm != NULL && !csvr_check_inputs_are_shared(options, log))
		return false;
	return csvr_collect_inputs(session->inputs, options, log);
}

/* Whether rank 0 is ready to run; a rank that is not ends the job. */
static bool agree_to_run(const struct csvr_comm *comm, bool is_ready)
{
	unsigned char ready = is_ready, *message = comm->rank == 0 ? &ready : NULL;
	size_t n_bytes = comm->rank == 0;
	if (comm->rank > 0 && !is_ready)
		comm->abort_all(comm->context, NULL);
	const bool is_agreed = comm->broadcast(comm->context, &message, &n_bytes) == CSVR_OK &&
			       n_bytes == 1 && *message != 0;
	if (comm->rank > 0)
		free(message);
	return is_agreed;
}

static bool read_inputs(struct session *session)
{
	struct csvr_options *options = session->options;
	struct csvr_log *log = session->log;
	struct csvr_error error = { .status = CSVR_OK };
	session->hooks.stop_flag = csvr_signals_stop_flag();
	session->hooks.on_stop_polled = csvr_signals_set_polled;
	if (session->checkpoint.path != NULL)
		session->hooks.checkpoint = &session->checkpoint.hooks;
	csvr_progress_open(&session->progress, options->progress, options->progress_s, log);
	csvr_signals_guard_exit(true);
	const enum csvr_status status = csvr_run(&options->settings, session->inputs,
						 &session->hooks, &session->summary, &error);
	csvr_signals_guard_exit(false);
	csvr_progress_close(&session->progress);
	csvr_outcome_log_end(&session->hooks.info, &session->checkpoint, status, &error, log);
	return status == CSVR_OK;
}

static enum csvr_status write_report(const struct session *session, FILE *stream)
{
	const struct csvr_settings *settings = &session->options->settings;
	return settings->report.format == CSVR_FORMAT_STATE
		       ? csvr_state_write(session->summary, session->inputs, settings, stream)
		       : csvr_report_write(session->summary, session->inputs, settings, stream);
}

static void report(struct session *session)
{
	struct csvr_options *options = session->options;
	struct csvr_log *log = session->log;
	struct csvr_output *output = &session->output;
	if (options->settings.report.verbose)
		csvr_outcome_log_work(&session->hooks.info, &options->settings.shard, session->comm,
				      log);
	csvr_outcome_log_data(session->summary, session->inputs, options, log);
	if ((log->worst != CSVR_EXIT_COMPLETE && log->worst != CSVR_EXIT_INCOMPLETE) ||
	    !csvr_baseline_compare(&session->baseline, session->summary, session->inputs, options,
				   log))
		return;
	/* Once the file is replaced, a signal must not end the program before it is disarmed. */
	const bool is_file = output->target != NULL;
	if (is_file)
		csvr_signals_defer();
	const bool is_written = csvr_output_open(output) &&
				csvr_output_close(output, write_report(session, output->stream));
	if (is_written && !output->reader_closed) {
		csvr_checkpoint_remove(&session->checkpoint);
		csvr_signals_disarm();
	}
	if (is_written)
		csvr_baseline_log_changes(&session->baseline, options, log);
	if (is_file)
		csvr_signals_undefer();
}

static void run(struct csvr_options *options, const struct csvr_program *program,
		struct csvr_log *log)
{
	const struct csvr_comm *comm = program->comm;
	struct session session = {
		.options = options, .log = log, .program = program, .comm = comm
	};
	session.hooks = (struct csvr_run_hooks){ .progress = csvr_progress_show,
						 .context = &session.progress,
						 .comm = comm };
	csvr_signals_install(options->checkpoint != NULL, log->is_silent, csvr_time_limit(options));
	bool is_ready = csvr_inputs_new(&session.inputs) == CSVR_OK;
	if (!is_ready)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "out of memory; no report");
	else if (is_rank_0(&session))
		is_ready = connect_inputs(&session) && prepare(&session);
	if (comm != NULL)
		is_ready = agree_to_run(comm, is_ready);
	if (is_ready && read_inputs(&session) && is_rank_0(&session))
		report(&session);
	if (is_rank_0(&session) && session.diagnostics.options != NULL) {
		csvr_output_clear(&session.output);
		csvr_diagnostics_finish(&session.diagnostics, session.inputs,
					session.summary != NULL &&
						csvr_summary_outcome(session.summary).n_read > 0);
	}
	csvr_baseline_clear(&session.baseline);
	csvr_summary_free(session.summary);
	csvr_inputs_free(session.inputs);
	if (session.remote != NULL)
		program->disconnect(session.remote);
}

/* Processes that a launcher starts but that do not communicate each do all of the work. */
static void warn_of_copies(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_launcher_env launcher = csvr_launcher_detect();
	if (launcher.count > 1 && launcher.number == 0 && options->settings.shard.count == 1)
		csvr_log_error(
			log, CSVR_EXIT_COMPLETE,
			"started %ld times, and each process reads all inputs; start one, or "
			"csv-report-mpi, or give each its own --shard=I/N",
			launcher.count);
}

/* Does what parsed options request, or replaces this process by csv-report-remote. */
static void perform(struct csvr_options *options, char **argv, const struct csvr_program *program,
		    struct csvr_log *log)
{
	if (options->action != CSVR_ACTION_RUN) {
		if (!log->is_silent)
			write_text(options, program, log);
		return;
	}
	if (program->connect == NULL && program->comm == NULL &&
	    !csvr_exec_remote(options, argv, log))
		return;
	if (program->comm == NULL)
		warn_of_copies(options, log);
	run(options, program, log);
}

int csvr_program_run(int argc, char **argv, const struct csvr_program *program)
{
	/* A reader that closes the pipe early (head, a pager) is no failure: with SIGPIPE ignored, write
	 * returns EPIPE, which ends the run silently. With SIGXFSZ ignored, write also reports a file
	 * size limit. Killed by either signal, the program would leave its temporary file. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	struct csvr_log log;
	struct csvr_options options;
	struct csvr_invocation invocation;
	csvr_log_init(&log);
	log.is_silent = program->comm != NULL && program->comm->rank > 0;
	csvr_invocation_init(&invocation, argc, argv);
	if (csvr_options_parse(&options, argc, argv, &log)) {
		options.settings.provenance = csvr_invocation_provenance(&invocation);
		perform(&options, argv, program, &log);
	}
	csvr_options_clear(&options);
	csvr_invocation_clear(&invocation);
	return (int)log.worst;
}
