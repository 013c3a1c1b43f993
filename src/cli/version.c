/* version.c - the text of --version: version, features, compression formats, kernels, compiler */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/version.h"

#include "base/version.h"
#include "csvreport.h"
#include "csvreport_perf.h"

/* "parsing kernels: avx512 avx2 scalar (using avx2; not on this CPU: avx512)" */
static void write_kernels(const char *used, FILE *stream)
{
	const char *name;
	bool is_usable, is_any_unusable = false;
	fputs("parsing kernels:", stream);
	for (size_t k = 0; (name = csvr_kernel_name(k, &is_usable)) != NULL; k++) {
		fprintf(stream, " %s", name);
		is_any_unusable |= !is_usable;
		if (used == NULL && is_usable)
			used = name;
	}
	fprintf(stream, " (using %s", used != NULL ? used : "none");
	if (is_any_unusable)
		fputs("; not on this CPU:", stream);
	for (size_t k = 0; (name = csvr_kernel_name(k, &is_usable)) != NULL; k++)
		if (!is_usable)
			fprintf(stream, " %s", name);
	fputs(")\n", stream);
}

/* "compressed inputs: gzip (ISA-L, zlib), no zstd, ..." */
static void write_compressions(FILE *stream)
{
	const char *name, *libraries;
	fputs("compressed inputs:", stream);
	for (size_t i = 0; (name = csvr_compression_name(i, &libraries)) != NULL; i++)
		if (libraries != NULL)
			fprintf(stream, "%s %s (%s)", i > 0 ? "," : "", name, libraries);
		else
			fprintf(stream, "%s no %s", i > 0 ? "," : "", name);
	fputc('\n', stream);
}

void csvr_version_write(const struct csvr_program *program, const char *kernel, FILE *stream)
{
	fprintf(stream, "csv-report %s\n", CSVR_VERSION_STRING);
	const char *const flamegraph = csvr_profile_is_supported()
					       ? "flamegraph"
					       : "no flamegraph (built without libbacktrace)";
#ifdef _OPENMP
	fprintf(stream, "features: OpenMP (%d)", _OPENMP);
#else
	fputs("features: no OpenMP (one thread)", stream);
#endif
#ifdef HAVE_JANSSON
	static const char json[] = "JSON reports for --compare";
#else
	static const char json[] = "no JSON reports for --compare (built without libjansson)";
#endif
	fprintf(stream, ", %s, %s, %s, %s\n", program->mpi, program->remote, flamegraph, json);
	write_compressions(stream);
	write_kernels(kernel, stream);
#if defined __clang__
	fprintf(stream, "compiler: clang %d.%d.%d\n", __clang_major__, __clang_minor__,
		__clang_patchlevel__);
#elif defined __GNUC__
	fprintf(stream, "compiler: gcc %s\n", __VERSION__);
#else
	fputs("compiler: unknown\n", stream);
#endif
}
