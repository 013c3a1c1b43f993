/* writers.c - the table of formats */
#include "report/writers.h"

#define ROW(enumerator, name) [CSVR_FORMAT_##enumerator] = &csvr_writer_##name,
static const struct csvr_writer *const writers[CSVR_N_FORMATS] = { CSVR_FORMATS(ROW) };
#undef ROW

/* A state always contains the provenance. */
const struct csvr_writer csvr_writer_state = {
	.name = "state",
	.help = "results for another run to merge",
	.has_provenance = true,
	.has_correlation = true,
	.has_duplicates = true,
};

const struct csvr_writer *csvr_writer_of(enum csvr_format format)
{
	return writers[format];
}

const char *csvr_format_name(size_t index)
{
	return index < CSVR_N_FORMATS ? writers[index]->name : NULL;
}

const char *csvr_format_help(size_t index)
{
	return writers[index]->help;
}

bool csvr_format_has_provenance(size_t index)
{
	return writers[index]->has_provenance;
}

bool csvr_format_has_correlation(size_t index)
{
	return writers[index]->has_correlation;
}

bool csvr_format_has_duplicates(size_t index)
{
	return writers[index]->has_duplicates;
}

bool csvr_format_has_comparison(size_t index)
{
	return writers[index]->has_comparison;
}
