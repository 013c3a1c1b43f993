/* provenance.h - how this process was called, for the provenance of the report
 *
 * Errors   without memory the command or the job is NULL, which the report shows as unknown
 */
#ifndef CSVR_CLI_PROVENANCE_H
#define CSVR_CLI_PROVENANCE_H

#include "csvreport.h"

struct csvr_invocation {
	char *command; /* quoted for a shell, without the secrets of URLs; NULL: out of memory */
	char *job; /* "slurm 123"; NULL: not part of a job */
	char host[256];
};

void csvr_invocation_init(struct csvr_invocation *invocation, int argc, char **argv);
void csvr_invocation_clear(struct csvr_invocation *invocation);

/* The strings belong to `invocation`. */
struct csvr_provenance csvr_invocation_provenance(const struct csvr_invocation *invocation);

#endif
