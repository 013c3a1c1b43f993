/* collect_inputs.h - the inputs that the command line names: paths, lists of paths, standard input
 *
 * Errors   logged; a directory without files is logged too, but is no error if other inputs remain
 */
#ifndef CSVR_CLI_COLLECT_INPUTS_H
#define CSVR_CLI_COLLECT_INPUTS_H

#include "cli/log.h"
#include "cli/options.h"
#include "csvreport.h"

/* Adds all inputs. False: there is nothing to read, or a path or a list cannot be used. */
bool csvr_collect_inputs(struct csvr_inputs *inputs, const struct csvr_options *options,
			 struct csvr_log *log);

/* Whether no input is standard input, which the ranks of an MPI job cannot share. Launchers connect it
 * to one rank or to every rank. A list may come from it, because only rank 0 reads lists. */
bool csvr_check_inputs_are_shared(const struct csvr_options *options, struct csvr_log *log);

#endif
