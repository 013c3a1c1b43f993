/* symbols.h - addresses of this program and its libraries to names of functions
 *
 * Shape    debugging data first, which knows static and inlined functions; then the symbol table;
 *          what a library exports bears that name on every machine; then the library's name in
 *          brackets
 * Errors   none: what has no name is [unknown]
 * Threads  one at a time
 */
#ifndef CSVR_PERF_SYMBOLS_H
#define CSVR_PERF_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct csvr_symbols;

/* NULL: no memory, or a build without libbacktrace. What debugging data was read stays in memory for
 * as long as the process. */
struct csvr_symbols *csvr_symbols_new(void);
void csvr_symbols_free(struct csvr_symbols *symbols);

/* The functions that the code at `address` belongs to, the innermost first: more than one where it
 * was inlined. They hold until the next call. */
size_t csvr_symbols_at(struct csvr_symbols *symbols, uintptr_t address, const char *const **names);

#endif
