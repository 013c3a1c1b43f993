/* draw.c - folded stacks of any sampler to the picture that csv-report --flamegraph draws
 *
 * Usage  draw PROGRAM [SAMPLER [HZ]] <FILE.folded >FILE.svg
 *        SAMPLER may be empty: the program sampled itself
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "report/flamegraph.h"

static void die(const char *why)
{
	fprintf(stderr, "draw: %s\n", why);
	exit(EXIT_FAILURE);
}

/* "frame;frame;frame 12" */
static void add_line(struct csvr_stacks *stacks, const char *line)
{
	const char *gap = strrchr(line, ' ');
	char *end = NULL;
	const unsigned long long n = gap != NULL ? strtoull(gap + 1, &end, 10) : 0;

	if (n == 0 || (*end != '\n' && *end != '\0'))
		die("each line must be frames and, after a space, a number of samples");
	if (csvr_stacks_add(stacks, line, (size_t)(gap - line), n) != CSVR_OK)
		die("out of memory");
}

int main(int argc, char **argv)
{
	struct csvr_stacks stacks;
	char *line = NULL;
	size_t capacity = 0;

	if (argc < 2 || argc > 4) {
		fprintf(stderr, "Usage: draw PROGRAM [SAMPLER [HZ]] <FILE.folded >FILE.svg\n");
		return 2;
	}

	const struct csvr_graph_info info = {
		.program = argv[1],
		.sampler = argc > 2 && argv[2][0] != '\0' ? argv[2] : NULL,
		.rate_hz = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0,
	};

	csvr_stacks_init(&stacks);
	while (getline(&line, &capacity, stdin) > 0)
		add_line(&stacks, line);
	csvr_stacks_sort(&stacks);
	if (csvr_flamegraph_write(&stacks, &info, stdout) != CSVR_OK || fflush(stdout) != 0)
		die("cannot write");
	csvr_stacks_clear(&stacks);
	free(line);
	return EXIT_SUCCESS;
}
