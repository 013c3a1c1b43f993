/* symbols.c - addresses to names of functions */
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

/* More functions than this inlined into each other, the outermost are left out. */
enum { MAX_NAMES = 64, NAME_BYTES = 256 };

struct csvr_symbols {
	struct backtrace_state *state;
	size_t n_names;
	const char *names[MAX_NAMES];
	char bytes[MAX_NAMES][NAME_BYTES]; /* the callbacks' own do not last */
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

/* The length of a name without what compilers append to those of parts and copies of a function, as in
 * convert_avx512.part.0. What they name after a parallel region (work._omp_fn.0) is kept. */
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
	static const char hidden[] = "__GI_"; /* before glibc's names for what it calls itself */
	if (strncmp(name, hidden, sizeof hidden - 1) == 0)
		name += sizeof hidden - 1;
	char *bytes = symbols->bytes[symbols->n_names];
	const size_t length = length_of(name);
	memcpy(bytes, name, length);
	bytes[length] = '\0';
	/* A compiler may split a function and put its parts back into it: the same name again. */
	if (symbols->n_names > 0 && strcmp(symbols->names[symbols->n_names - 1], bytes) == 0)
		return;
	symbols->names[symbols->n_names++] = bytes;
}

static int take_function(void *data, uintptr_t address, const char *file, int line,
			 const char *function)
{
	(void)address, (void)file, (void)line;
	if (function != NULL)
		add_name(data, function);
	return 0;
}

static void take_symbol(void *data, uintptr_t address, const char *name, uintptr_t value,
			uintptr_t n_bytes)
{
	(void)address, (void)value, (void)n_bytes;
	if (name != NULL)
		add_name(data, name);
}

/* What the loader knows is the same with and without a library's debugging data. A function that the
 * library exports bears that name, in place of one that is for inside, which debugging data may have
 * (__GI___regcomp); one without any bears the library's. */
static void ask_loader(struct csvr_symbols *symbols, uintptr_t address)
{
	Dl_info info;
	char name[NAME_BYTES] = "[unknown]"; /* the kernel's own page of code has no file */
	const bool is_preloaded = dladdr((void *)address, &info) != 0;
	if (is_preloaded && info.dli_sname != NULL) {
		symbols->n_names -= symbols->n_names > 0;
		add_name(symbols, info.dli_sname);
		return;
	}
	if (symbols->n_names > 0)
		return;
	if (is_preloaded && info.dli_fname != NULL) {
		const char *slash = strrchr(info.dli_fname, '/');
		snprintf(name, sizeof name, "[%s]", slash != NULL ? slash + 1 : info.dli_fname);
	}
	add_name(symbols, name);
}

size_t csvr_symbols_at(struct csvr_symbols *symbols, uintptr_t address, const char *const **names)
{
	symbols->n_names = 0;
	if (symbols->state != NULL) {
		backtrace_pcinfo(symbols->state, address, take_function, ignore, symbols);
		if (symbols->n_names == 0)
			backtrace_syminfo(symbols->state, address, take_symbol, ignore, symbols);
	}
	ask_loader(symbols, address);
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
