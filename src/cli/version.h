/* version.h - the text of --version */
#ifndef CSVR_CLI_VERSION_H
#define CSVR_CLI_VERSION_H

#include <stdio.h>

#include "cli/program.h"

/* `kernel` is the one that the user chose; NULL: the best one that this CPU supports. */
void csvr_version_write(const struct csvr_program *program, const char *kernel, FILE *stream);

#endif
