/* symbols.c - names of the functions at addresses */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "perf/symbols.h"

#ifdef HAVE_LIBBACKTRACE

#include <backtrace.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* If more functions than this are inlined into each other, the outermost are dropped. */
enum { MAX_NAMES = 64, NAME_BYTES = 256 };

struct csvr_symbols {
	struct backtrace_state *state;
	size_t n_names;
	const char *names[MAX_NAMES];
	char bytes[MAX_NAMES][NAME_BYTES]; /* copies: the callbacks' strings are temporary */
};

static void ignore(void *data, const char *message, int number)
{
	(void)data, (void)message, (void)number;
}

struct csvr_symbols *csvr_symbols_new(void)
{
	struct csvr_symbols *symbols = calloc(1, sizeof *symbols);
	if (symbols == NULL)
		return NULL;
	symbols->state = backtrace_create_state(NULL, 0, ignore, NULL);
	return symbols;
}

void csvr_symbols_free(struct csvr_symbols *symbols)
{
	free(symbols);
}

/* The length of a name without the suffix that compilers append to parts and clones of a function,
 * as in convert_avx512.part.0. The suffix of a parallel region (work._omp_fn.0) is kept. */
static size_t length_of(const char *name)
{
	static const char *const marks[] = { ".isra.", ".part.", ".constprop.", ".cold",
					     ".lto_priv." };
	size_t length = strlen(name);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		const char *mark = strstr(name, marks[i]);
		if (mark != NULL && (size_t)(mark - name) < length)
			length = (size_t)(mark - name);
	}
	return length < NAME_BYTES ? length : NAME_BYTES - 1;
}

static void add_name(struct csvr_symbols *symbols, const char *name)
{
	if (symbols->n_names == MAX_NAMES)
		return;
	static const char hidden[] = "__GI_"; /* glibc's prefix for internal aliases */
	if (strncmp(name, hidden, sizeof hidden - 1) == 0)
		name += sizeof hidden - 1;
	char *bytes = symbols->bytes[symbols->n_names];
	const size_t length = length_of(name);
	memcpy(bytes, name, length);
	bytes[length] = '\0';
	/* A compiler may split a function and inline the parts into it, which gives the same name
	 * twice. */
	if (symbols->n_names > 0 && strcmp(symbols->names[symbols->n_names - 1], bytes) == 0)
		return;
	symbols->names[symbols->n_names++] = bytes;
}

static int on_function(void *data, uintptr_t address, const char *file, int line,
		       const char *function)
{
	(void)address, (void)file, (void)line;
	if (function != NULL)
		add_name(data, function);
	return 0;
}

static void on_symbol(void *data, uintptr_t address, const char *name, uintptr_t value,
		      uintptr_t n_bytes)
{
	(void)address, (void)value, (void)n_bytes;
	if (name != NULL)
		add_name(data, name);
}

/* Uses the loader's names, which are the same with and without debug information of a library. The
 * exported name of a function replaces the internal one of debug information (__GI___regcomp). A
 * function without a name gets the name of its library. */
static void apply_loader_names(struct csvr_symbols *symbols, uintptr_t address)
{
	Dl_info info;
	char name[NAME_BYTES] = "[unknown]"; /* the vDSO has no file */
	const bool is_mapped = dladdr((void *)address, &info) != 0;
	if (is_mapped && info.dli_sname != NULL) {
		symbols->n_names -= symbols->n_names > 0;
		add_name(symbols, info.dli_sname);
		return;
	}
	if (symbols->n_names > 0)
		return;
	if (is_mapped && info.dli_fname != NULL) {
		const char *slash = strrchr(info.dli_fname, '/');
		snprintf(name, sizeof name, "[%s]", slash != NULL ? slash + 1 : info.dli_fname);
	}
	add_name(symbols, name);
}

size_t csvr_symbols_at(struct csvr_symbols *symbols, uintptr_t address, const char *const **names)
{
	symbols->n_names = 0;
	if (symbols->state != NULL) {
		backtrace_pcinfo(symbols->state, address, on_function, ignore, symbols);
		if (symbols->n_names == 0)
			backtrace_syminfo(symbols->state, address, on_symbol, ignore, symbols);
	}
	apply_loader_names(symbols, address);
	*names = symbols->names;
	return symbols->n_names;
}

#else

struct csvr_symbols *csvr_symbols_new(void)
{
	return NULL;
}

void csvr_symbols_free(struct csvr_symbols *symbols)
{
	(void)symbols;
}

size_t csvr_symbols_at(struct csvr_symbols *symbols, uintptr_t address, const char *const **names)
{
	(void)symbols, (void)address;
	*names = NULL;
	return 0;
}

#endif
