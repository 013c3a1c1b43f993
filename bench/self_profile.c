/* self_profile.c - lets a program of bench/ sample itself */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "self_profile.h"

#ifdef _OPENMP
#include <omp.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csvreport.h"
#include "csvreport_perf.h"

/* Written by the main thread before it starts others. */
static struct csvr_profile *profile;
static const char *program_name, *graph_path;

void self_profile_start(const char *program)
{
	struct csvr_error error;
	graph_path = getenv("BASELINE_FLAMEGRAPH");
	if (graph_path == NULL || graph_path[0] == '\0')
		return;
	if (csvr_profile_new(0, &profile, &error) != CSVR_OK) {
		fprintf(stderr, "%s: %s\n", program, error.message);
		exit(EXIT_FAILURE);
	}
	const char *slash = strrchr(program, '/');
	program_name = slash != NULL ? slash + 1 : program;
	self_profile_attach();
}

void self_profile_attach(void)
{
	int number = 0;
	if (profile == NULL)
		return;
#ifdef _OPENMP
	number = omp_get_thread_num();
#endif
	/* Never detached: self_profile_finish stops all threads. */
	(void)csvr_profile_attach(profile, number);
}

void self_profile_finish(void)
{
	if (profile == NULL)
		return;
	const char *end = strrchr(graph_path, '.');
	const enum csvr_graph_format graph = end != NULL && strcmp(end, ".folded") == 0
						     ? CSVR_GRAPH_FOLDED
						     : CSVR_GRAPH_SVG;
	FILE *stream = fopen(graph_path, "w");
	/* The profile is not freed: other threads still exist. */
	if (stream == NULL || csvr_profile_write(profile, graph, program_name, stream) != CSVR_OK ||
	    fclose(stream) != 0) {
		perror(graph_path);
		exit(EXIT_FAILURE);
	}
}
