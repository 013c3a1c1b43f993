/* diagnostics.c - what a run tells about itself besides its report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/diagnostics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"

bool csvr_diagnostics_start(struct csvr_diagnostics *measure, const struct csvr_options *options,
			    struct csvr_run_hooks *hooks, struct csvr_log *log)
{
	struct csvr_error error = { .status = CSVR_OK };
	*measure = (struct csvr_diagnostics){ .options = options, .log = log };
	if (options->is_timed) {
		csvr_timing_init(&measure->timing);
		hooks->timing = &measure->timing;
	}
	if (options->flamegraph == NULL)
		return true;
	if (!csvr_output_init(&measure->graph, options->flamegraph, "nothing was read",
			      CSVR_EXIT_NO_REPORT, log))
		return false;
	if (csvr_profile_new(options->sample_hz, &measure->profile, &error) != CSVR_OK) {
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "--flamegraph: %s", error.message);
		return false;
	}
	hooks->profile = measure->profile;
	measure->sampled = csvr_profile_attach(measure->profile, 0);
	return true;
}

static void write_graph(struct csvr_diagnostics *measure)
{
	struct csvr_output *graph = &measure->graph;
	const struct csvr_profile_losses gaps = csvr_profile_losses(measure->profile);
	if (gaps.n_threads_failed > 0)
		csvr_log_error(
			measure->log, CSVR_EXIT_COMPLETE,
			"--flamegraph: %zu thread%s could not be sampled (ulimit -i may help)",
			gaps.n_threads_failed, gaps.n_threads_failed == 1 ? "" : "s");
	if (gaps.n_lost > 0)
		csvr_log_error(measure->log, CSVR_EXIT_COMPLETE,
			       "--flamegraph: %" PRIu64 " samples found no room", gaps.n_lost);
	graph->lack = "no flame graph";
	if (csvr_output_open(graph))
		csvr_output_close(graph,
				  csvr_profile_write(measure->profile, measure->options->graph,
						     "csv-report", graph->stream));
}

/* Line by line. */
static void say_timing(const struct csvr_diagnostics *measure, const struct csvr_inputs *inputs)
{
	struct csvr_bottleneck bottleneck;
	char *text = NULL;
	size_t n_bytes = 0;
	csvr_bottleneck_find(&measure->timing, &bottleneck);
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream != NULL) {
		csvr_timing_write(&measure->timing, &bottleneck, inputs,
				  measure->options->settings.report.verbose, stream);
		fclose(stream);
	}
	char *rest = text, *line;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			csvr_log_info(measure->log, "%s", line);
	if (text == NULL)
		csvr_log_info(measure->log, "--timing: out of memory");
	free(text);
}

void csvr_diagnostics_finish(struct csvr_diagnostics *measure, const struct csvr_inputs *inputs,
			     bool has_read)
{
	/* Giving urls their names takes a while, and is no part of what was to be measured. */
	if (measure->options->is_timed)
		csvr_timing_finish(&measure->timing);
	csvr_profile_detach(measure->sampled);
	if (measure->profile != NULL && has_read)
		write_graph(measure);
	if (measure->options->is_timed && has_read)
		say_timing(measure, inputs);
	csvr_profile_free(measure->profile);
	csvr_output_clear(&measure->graph);
	csvr_timing_clear(&measure->timing);
}
