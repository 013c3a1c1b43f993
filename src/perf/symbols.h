/* symbols.h - names of the functions at addresses of this program and its libraries
 *
 * Shape    from debug information, which has static and inlined functions, else from the symbol
 *          table. A function that a library exports has its exported name, the same on every
 *          machine. A function without a name has the name of its library, in brackets
 * Errors   none: without any name it is [unknown]
 * Threads  one at a time
 */
#ifndef CSVR_PERF_SYMBOLS_H
#define CSVR_PERF_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct csvr_symbols;

/* NULL: no memory, or a build without libbacktrace. Debug information that was read stays in memory
 * until the process ends. */
struct csvr_symbols *csvr_symbols_new(void);
void csvr_symbols_free(struct csvr_symbols *symbols);

/* Sets `*names` to the functions at `address`, innermost first, and returns their number: more than
 * one if functions were inlined. The names are valid until the next call. */
size_t csvr_symbols_at(struct csvr_symbols *symbols, uintptr_t address, const char *const **names);

#endif
