/* stopwatch.c - measures whole processes that run in turn
 *
 * Reads commands from standard input, one per line: a label and the words of the command, separated by
 * tabs. Words of the form NAME=VALUE before the program's name are set in its environment. Each round
 * runs every command once, so that a temporary slowdown of the machine affects all of them.
 *
 * Usage   stopwatch [-n ROUNDS] [-b SECONDS] [-u] [-v] <commands >results
 *         -n  rounds (default 5), after a warm-up round that does not count
 *         -b  time budget of a command (default 30): when it is used up, further rounds skip it; a
 *             command without any other run counts with its warm-up
 *         -u  no warm-up
 *         -v  write each time to standard error
 * Output  label, number of runs, then in seconds the median, minimum and maximum wall time and the
 *         median CPU time, the peak memory in KiB, and "ok" or the error
 * Errors  a command that fails is not run again, and its error is written; exit status 1
 *
 * The output of commands goes to /dev/null, their messages to standard error.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 64, MAX_ROUNDS = 1000 };

struct command {
	char *label;
	char **words; /* environment, then program and arguments, then NULL */
	size_t n_runs;
	double wall[MAX_ROUNDS], cpu[MAX_ROUNDS];
	double spent; /* in all runs, the warm-up too */
	double warm_up_wall, warm_up_cpu;
	long peak_kib;
	char error[64];
};

struct options {
	size_t n_rounds;
	double budget;
	bool has_warm_up, is_verbose;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec * 1e-6;
}

/* Called in the child; never returns. */
static void exec_command(char **words)
{
	const int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(126);
	/* Standard input has the commands; a program must not read them. */
	const int empty = open("/dev/null", O_RDONLY);

	if (empty < 0 || dup2(empty, STDIN_FILENO) < 0)
		_exit(126);
	for (; words[0] != NULL && strchr(words[0], '=') != NULL; words++)
		putenv(words[0]);
	execvp(words[0], words);
	fprintf(stderr, "stopwatch: %s: %s\n", words[0], strerror(errno));
	_exit(127);
}

/* The scheduler remembers for some tenths of a second how busy a core was: without a pause, both threads
 * of a short command ran on one core after a long command on the other. Commands of a few milliseconds
 * have no such effect. */
static void pause_after(double last_wall)
{
	const struct timespec pause = { 0, 300 * 1000 * 1000 };

	if (last_wall > 0.02)
		nanosleep(&pause, NULL);
}

/* Returns whether the command ran and succeeded; `wall` and `cpu` are in seconds. */
static bool run_once(struct command *command, double *wall, double *cpu)
{
	static double last_wall = 1; /* of the previous run of any command */
	struct rusage usage;
	int status = 0;

	pause_after(last_wall);
	const double start = now();
	/* This process is small and has few pages, so a fork costs some tens of microseconds. */
	const pid_t child = fork();

	if (child == 0)
		exec_command(command->words);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
		snprintf(command->error, sizeof command->error, "%s", strerror(errno));
		return false;
	}
	*wall = last_wall = now() - start;
	*cpu = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
	command->spent += *wall;
	if (usage.ru_maxrss > command->peak_kib)
		command->peak_kib = usage.ru_maxrss;
	if (WIFSIGNALED(status))
		snprintf(command->error, sizeof command->error, "signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		snprintf(command->error, sizeof command->error, "exit status %d",
			 WEXITSTATUS(status));
	return command->error[0] == '\0';
}

static void warm_up(struct command *command)
{
	run_once(command, &command->warm_up_wall, &command->warm_up_cpu);
}

static void run_round(struct command *commands, size_t n_commands, const struct options *options)
{
	for (size_t i = 0; i < n_commands; i++) {
		struct command *command = &commands[i];
		double wall, cpu;

		if (command->error[0] != '\0' || command->spent > options->budget)
			continue;
		if (!run_once(command, &wall, &cpu))
			continue;
		command->wall[command->n_runs] = wall;
		command->cpu[command->n_runs++] = cpu;
		if (options->is_verbose)
			fprintf(stderr, "%10.6f %s\n", wall, command->label);
	}
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values. */
static double median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
	return n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void print_result(struct command *command)
{
	if (command->n_runs == 0 && command->error[0] == '\0') {
		command->wall[0] = command->warm_up_wall;
		command->cpu[0] = command->warm_up_cpu;
		command->n_runs = 1;
	}
	if (command->n_runs == 0 || command->error[0] != '\0') {
		printf("%s\t0\t\t\t\t\t\t%s\n", command->label, command->error);
		return;
	}
	const double middle = median(command->wall, command->n_runs);

	printf("%s\t%zu\t%.6f\t%.6f\t%.6f\t%.6f\t%ld\tok\n", command->label, command->n_runs,
	       middle, command->wall[0], command->wall[command->n_runs - 1],
	       median(command->cpu, command->n_runs), command->peak_kib);
}

/* Splits a line at its tabs; the words point into it. */
static bool parse_command(char *line, struct command *command)
{
	size_t n_words = 1;

	line[strcspn(line, "\n")] = '\0';
	for (const char *c = line; *c != '\0'; c++)
		n_words += *c == '\t';
	command->label = strdup(strtok(line, "\t"));
	command->words = calloc(n_words, sizeof *command->words);
	if (command->label == NULL || command->words == NULL || n_words < 2)
		return false;
	for (size_t i = 0; i + 1 < n_words; i++) {
		const char *word = strtok(NULL, "\t");

		if (word == NULL)
			break;
		command->words[i] = strdup(word);
	}
	return command->words[0] != NULL;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "n:b:uv")) != -1) {
		if (option == 'n')
			options->n_rounds = (size_t)strtoul(optarg, NULL, 10);
		else if (option == 'b')
			options->budget = strtod(optarg, NULL);
		else if (option == 'u')
			options->has_warm_up = false;
		else if (option == 'v')
			options->is_verbose = true;
		else
			return false;
	}
	return optind == argc && options->n_rounds >= 1 && options->n_rounds <= MAX_ROUNDS;
}

int main(int argc, char **argv)
{
	static struct command commands[MAX_COMMANDS];
	struct options options = { 5, 30, true, false };
	size_t n_commands = 0, capacity = 0;
	char *line = NULL;
	int status = EXIT_SUCCESS;

	if (!parse_options(argc, argv, &options)) {
		fprintf(stderr, "Usage: %s [-n ROUNDS] [-b SECONDS] [-u] [-v] <commands\n",
			argv[0]);
		return 2;
	}
	while (getline(&line, &capacity, stdin) > 0) {
		if (n_commands == MAX_COMMANDS || !parse_command(line, &commands[n_commands])) {
			fprintf(stderr,
				"stopwatch: too many commands, or a line without a command\n");
			return 2;
		}
		n_commands++;
	}
	free(line);
	if (options.has_warm_up)
		for (size_t i = 0; i < n_commands; i++)
			warm_up(&commands[i]);
	for (size_t round = 0; round < options.n_rounds; round++)
		run_round(commands, n_commands, &options);
	for (size_t i = 0; i < n_commands; i++) {
		print_result(&commands[i]);
		if (commands[i].error[0] != '\0')
			status = EXIT_FAILURE;
	}
	return status;
}
