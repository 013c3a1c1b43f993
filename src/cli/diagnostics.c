/* diagnostics.c - timing and flame graph of a run */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/diagnostics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"

bool csvr_diagnostics_start(struct csvr_diagnostics *diagnostics,
			    const struct csvr_options *options, struct csvr_run_hooks *hooks,
			    struct csvr_log *log)
{
	struct csvr_error error = { .status = CSVR_OK };
	*diagnostics = (struct csvr_diagnostics){ .options = options, .log = log };
	if (options->is_timed) {
		csvr_timing_init(&diagnostics->timing);
		hooks->timing = &diagnostics->timing;
	}
	if (options->flamegraph == NULL)
		return true;
	if (!csvr_output_init(&diagnostics->graph, options->flamegraph, "no input was read",
			      CSVR_EXIT_NO_REPORT, log))
		return false;
	if (csvr_profile_new(options->sample_hz, &diagnostics->profile, &error) != CSVR_OK) {
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "--flamegraph: %s", error.message);
		return false;
	}
	hooks->profile = diagnostics->profile;
	diagnostics->sampled = csvr_profile_attach(diagnostics->profile, 0);
	return true;
}

static void write_graph(struct csvr_diagnostics *diagnostics)
{
	struct csvr_output *graph = &diagnostics->graph;
	const struct csvr_profile_losses losses = csvr_profile_losses(diagnostics->profile);
	if (losses.n_threads_failed > 0)
		csvr_log_error(diagnostics->log, CSVR_EXIT_COMPLETE,
			       "--flamegraph: cannot sample %zu thread%s; try a higher ulimit -i",
			       losses.n_threads_failed, losses.n_threads_failed == 1 ? "" : "s");
	if (losses.n_lost > 0)
		csvr_log_error(diagnostics->log, CSVR_EXIT_COMPLETE,
			       "--flamegraph: %" PRIu64 " samples lost, the buffer was full",
			       losses.n_lost);
	graph->failure_note = "no flame graph";
	if (csvr_output_open(graph))
		csvr_output_close(graph, csvr_profile_write(diagnostics->profile,
							    diagnostics->options->graph,
							    "csv-report", graph->stream));
}

/* Logs the timing line by line. */
static void log_timing(const struct csvr_diagnostics *diagnostics, const struct csvr_inputs *inputs)
{
	struct csvr_bottleneck bottleneck;
	char *text = NULL;
	size_t n_bytes = 0;
	csvr_bottleneck_find(&diagnostics->timing, &bottleneck);
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream != NULL) {
		csvr_timing_write(&diagnostics->timing, &bottleneck, inputs,
				  diagnostics->options->settings.report.verbose, stream);
		fclose(stream);
	}
	char *rest = text, *line;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			csvr_log_info(diagnostics->log, "%s", line);
	if (text == NULL)
		csvr_log_info(diagnostics->log, "--timing: out of memory");
	free(text);
}

void csvr_diagnostics_finish(struct csvr_diagnostics *diagnostics, const struct csvr_inputs *inputs,
			     bool has_read)
{
	/* Stop the clock first: resolving symbol names takes a while and is not part of the run. */
	if (diagnostics->options->is_timed)
		csvr_timing_finish(&diagnostics->timing);
	csvr_profile_detach(diagnostics->sampled);
	if (diagnostics->profile != NULL && has_read)
		write_graph(diagnostics);
	if (diagnostics->options->is_timed && has_read)
		log_timing(diagnostics, inputs);
	csvr_profile_free(diagnostics->profile);
	csvr_output_clear(&diagnostics->graph);
	csvr_timing_clear(&diagnostics->timing);
}
