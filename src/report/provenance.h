/* provenance.h - what ran, where, when and on which inputs, for the writers
 *
 * Shape   a list of facts about each manifest, and about each run. Formats for programs write all facts
 *         under their keys; formats for people write them as a line of text.
 * Errors  none
 */
#ifndef CSVR_REPORT_PROVENANCE_H
#define CSVR_REPORT_PROVENANCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/sha256.h"

struct csvr_manifest;
struct csvr_run_record;

struct csvr_fact {
	const char *key;
	const char *text; /* NULL: the fact is a count; "": unknown */
	uint64_t count;
};

enum { CSVR_MAX_FACTS = 10, CSVR_DATE_BYTES = 48 };

/* Texts point into the manifest or run, or into the struct itself, which must not be copied. */
struct csvr_facts {
	struct csvr_fact items[CSVR_MAX_FACTS];
	size_t n_items;
	char digest[CSVR_SHA256_TEXT_BYTES];
	char begin[CSVR_DATE_BYTES], end[CSVR_DATE_BYTES]; /* "2026-11-24T12:30:00Z" */
};

void csvr_facts_of_inputs(const struct csvr_manifest *manifest, struct csvr_facts *facts);
void csvr_facts_of_run(const struct csvr_run_record *run, struct csvr_facts *facts);

/* "7 inputs, 1.2 MB, sha256:..." */
void csvr_provenance_write_inputs(const struct csvr_manifest *manifest, FILE *stream);

/* "DATE to DATE on HOST, JOB, 4 threads, avx2, csv-report 1.0", without the command, which has a place of
 * its own in each format. */
void csvr_provenance_write_run(const struct csvr_run_record *run, csvr_escape_fn escape,
			       FILE *stream);

#endif
