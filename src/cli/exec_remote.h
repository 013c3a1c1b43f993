/* exec_remote.h - replacing this process by csv-report-remote if an input is a URL
 *
 * Threads  call before any thread is started
 */
#ifndef CSVR_CLI_EXEC_REMOTE_H
#define CSVR_CLI_EXEC_REMOTE_H

#include "cli/options.h"

/* If an argument, or a line of a list, is a URL, executes csv-report-remote with the same arguments.
 * Returns true if there is no URL, and false if the program cannot be executed, after logging an error.
 *
 * Lists are searched if they are regular files or standard input, which can be read again afterwards;
 * named pipes are not. */
bool csvr_exec_remote(const struct csvr_options *options, char **argv, struct csvr_log *log);

/* Logs that this program cannot read `url`. */
void csvr_reject_url(const char *url, struct csvr_log *log);

#endif
