/* measure.c - what a run tells about itself besides its report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/measure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

bool csvr_measure_begin(struct csvr_measure *measure, const struct csvr_options *options,
			struct csvr_watch *watch, struct csvr_messages *messages)
{
	struct csvr_error error = { .status = CSVR_OK };
	*measure = (struct csvr_measure){ .options = options, .messages = messages };
	if (options->is_timed) {
		csvr_timing_begin(&measure->timing);
		watch->timing = &measure->timing;
	}
	if (options->flamegraph == NULL)
		return true;
	if (!csvr_output_init(&measure->graph, options->flamegraph, "nothing was read",
			      CSVR_EXIT_NO_REPORT, messages))
		return false;
	if (csvr_profile_new(options->sample_hz, &measure->profile, &error) != CSVR_OK) {
		csvr_say(messages, CSVR_EXIT_NO_REPORT, "--flamegraph: %s", error.message);
		return false;
	}
	watch->profile = measure->profile;
	measure->sampled = csvr_profile_enter(measure->profile, 0);
	return true;
}

static void write_graph(struct csvr_measure *measure)
{
	struct csvr_output *graph = &measure->graph;
	const struct csvr_profile_gaps gaps = csvr_profile_gaps(measure->profile);
	if (gaps.n_refused > 0)
		csvr_say(measure->messages, CSVR_EXIT_COMPLETE,
			 "--flamegraph: %zu thread%s could not be sampled (ulimit -i may help)",
			 gaps.n_refused, gaps.n_refused == 1 ? "" : "s");
	if (gaps.n_lost > 0)
		csvr_say(measure->messages, CSVR_EXIT_COMPLETE,
			 "--flamegraph: %" PRIu64 " samples found no room", gaps.n_lost);
	graph->lack = "no flame graph";
	if (csvr_output_open(graph))
		csvr_output_close(graph,
				  csvr_profile_write(measure->profile, measure->options->graph,
						     "csv-report", graph->stream));
}

/* Line by line. */
static void say_timing(const struct csvr_measure *measure, const struct csvr_inputs *inputs)
{
	struct csvr_verdict verdict;
	char *text = NULL;
	size_t n_bytes = 0;
	csvr_timing_judge(&measure->timing, &verdict);
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream != NULL) {
		csvr_timing_write(&measure->timing, &verdict, inputs,
				  measure->options->settings.report.verbose, stream);
		fclose(stream);
	}
	char *rest = text, *line;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			csvr_say_asked(measure->messages, "%s", line);
	if (text == NULL)
		csvr_say_asked(measure->messages, "--timing: out of memory");
	free(text);
}

void csvr_measure_end(struct csvr_measure *measure, const struct csvr_inputs *inputs, bool has_read)
{
	/* Giving addresses their names takes a while, and is no part of what was to be measured. */
	if (measure->options->is_timed)
		csvr_timing_end(&measure->timing);
	csvr_profile_leave(measure->sampled);
	if (measure->profile != NULL && has_read)
		write_graph(measure);
	if (measure->options->is_timed && has_read)
		say_timing(measure, inputs);
	csvr_profile_free(measure->profile);
	csvr_output_clear(&measure->graph);
	csvr_timing_clear(&measure->timing);
}
