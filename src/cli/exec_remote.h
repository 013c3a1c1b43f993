/* exec_remote.h - going on as the program that reads what is on other machines
 *
 * Threads  before any is started
 */
#ifndef CSVR_CLI_EXEC_REMOTE_H
#define CSVR_CLI_EXEC_REMOTE_H

#include "cli/options.h"

/* If an argument, or a line of a list, is an url, this process becomes csv-report-remote, with the
 * same arguments. Returns true where there is no url; false if that program is not there, which has
 * been said. A list that comes through a pipe by a name is not looked at; one on standard input is, and
 * can be read again behind that. */
bool csvr_exec_remote(const struct csvr_options *options, char **argv, struct csvr_log *log);

/* Says that `url` is for another program. */
void csvr_reject_url(const char *url, struct csvr_log *log);

#endif
