/* elsewhere.h - going on as the program that reads what is on other machines
 *
 * Threads  before any is started
 */
#ifndef CSVR_CLI_ELSEWHERE_H
#define CSVR_CLI_ELSEWHERE_H

#include "cli/options.h"

/* If an argument, or a line of a list, is an address, this process becomes csv-report-remote, with the
 * same arguments. Returns true where there is no address; false if that program is not there, which has
 * been said. A list that comes through a pipe by a name is not looked at; one on standard input is, and
 * can be read again behind that. */
bool csvr_elsewhere_go(const struct csvr_options *options, char **argv,
		       struct csvr_messages *messages);

/* Says that `address` is for another program. */
void csvr_elsewhere_refuse(const char *address, struct csvr_messages *messages);

#endif
