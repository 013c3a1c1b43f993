/* provenance.c - how this process was called: command line, host, job of a scheduler */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/provenance.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/inputs.h"

static void write_quoted(const char *word, FILE *stream)
{
	if (word[0] != '\0' && strpbrk(word, " \t\n'\"\\$*?[]&;|<>()!`#~{}") == NULL) {
		fputs(word, stream);
		return;
	}
	fputc('\'', stream);
	for (; *word != '\0'; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){ *word, '\0' }, stream);
	fputc('\'', stream);
}

/* The command line as one string, quoted for a shell. The caller frees it; NULL: out of memory. */
static char *join_command(int argc, char **argv)
{
	char *text = NULL;
	size_t n_bytes = 0;
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream == NULL)
		return NULL;
	for (int i = 0; i < argc; i++) {
		if (i > 0)
			fputc(' ', stream);
		/* The secrets of a URL must not get into a report. */
		const bool is_url = csvr_is_url(argv[i], strlen(argv[i]));
		char *redacted = is_url ? csvr_url_redacted(argv[i]) : NULL;
		write_quoted(!is_url ? argv[i] : redacted != NULL ? redacted : "?", stream);
		free(redacted);
	}
	fclose(stream);
	return text;
}

/* "slurm 123", "pbs 123.server"; the caller frees it. NULL: not part of a job, or out of memory. */
static char *find_job(void)
{
	static const struct {
		const char *scheduler, *variable;
	} jobs[] = { { "slurm", "SLURM_JOB_ID" },
		     { "pbs", "PBS_JOBID" },
		     { "lsf", "LSB_JOBID" },
		     { "sge", "JOB_ID" } };
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
		const char *id = getenv(jobs[i].variable);
		char *text = NULL;
		if (id != NULL && id[0] != '\0' &&
		    asprintf(&text, "%s %s", jobs[i].scheduler, id) >= 0)
			return text;
	}
	return NULL;
}

void csvr_invocation_init(struct csvr_invocation *invocation, int argc, char **argv)
{
	*invocation = (struct csvr_invocation){ .command = join_command(argc, argv),
						.job = find_job() };
	if (gethostname(invocation->host, sizeof invocation->host - 1) != 0)
		invocation->host[0] = '\0';
}

void csvr_invocation_clear(struct csvr_invocation *invocation)
{
	free(invocation->command);
	free(invocation->job);
}

struct csvr_provenance csvr_invocation_provenance(const struct csvr_invocation *invocation)
{
	return (struct csvr_provenance){ invocation->command, invocation->host, invocation->job };
}
