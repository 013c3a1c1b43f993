/* provenance.c - the facts about inputs and runs, as a list and as text */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/provenance.h"

#include <string.h>
#include <time.h>

#include "base/number_format.h"
#include "input/manifest.h"
#include "stats/summary.h"

/* ---- facts ---- */

static void format_date(int64_t date_ns, char text[CSVR_DATE_BYTES])
{
	const time_t seconds = (time_t)(date_ns / 1000000000);
	struct tm date;
	if (gmtime_r(&seconds, &date) == NULL ||
	    strftime(text, CSVR_DATE_BYTES, "%Y-%m-%dT%H:%M:%SZ", &date) == 0)
		snprintf(text, CSVR_DATE_BYTES, "%lld s", (long long)seconds);
}

static void add_text(struct csvr_facts *facts, const char *key, const char *text)
{
	facts->items[facts->n_items++] = (struct csvr_fact){ .key = key, .text = text };
}

static void add_count(struct csvr_facts *facts, const char *key, uint64_t count)
{
	facts->items[facts->n_items++] = (struct csvr_fact){ .key = key, .count = count };
}

void csvr_facts_of_inputs(const struct csvr_manifest *manifest, struct csvr_facts *facts)
{
	facts->n_items = 0;
	csvr_sha256_text(manifest->digest, facts->digest);
	add_text(facts, "sha256", facts->digest);
	add_count(facts, "inputs", manifest->n_inputs);
	add_count(facts, "bytes", manifest->size_bytes);
	add_count(facts, "shards", manifest->n_shards);
}

void csvr_facts_of_run(const struct csvr_run_record *run, struct csvr_facts *facts)
{
	facts->n_items = 0;
	format_date(run->begin_ns, facts->begin);
	format_date(run->end_ns, facts->end);
	add_text(facts, "begin", facts->begin);
	add_text(facts, "end", facts->end);
	add_text(facts, "host", run->host);
	add_text(facts, "job", run->job);
	add_text(facts, "command", run->command);
	add_text(facts, "version", run->version);
	add_text(facts, "kernel", run->kernel);
	add_count(facts, "threads", run->n_threads);
	add_count(facts, "shard", run->shard_index);
	add_count(facts, "shards", run->shard_count);
}

/* ---- text ---- */

/* A part of a line: a fact after the text that introduces it. */
struct phrase {
	const char *key, *before;
	const char *unit; /* of a count, in the singular; NULL: a size in bytes */
};

static const struct csvr_fact *find_fact(const struct csvr_facts *facts, const char *key)
{
	size_t i = 0;
	while (strcmp(facts->items[i].key, key) != 0)
		i++;
	return &facts->items[i];
}

static void write_count(uint64_t count, const char *unit, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	if (unit == NULL) {
		csvr_number_size(count, text);
		fputs(text, stream);
		return;
	}
	csvr_number_count(count, text);
	fprintf(stream, "%s %s%s", text, unit, count == 1 ? "" : "s");
}

/* Unknown facts are omitted. */
static void write_phrase(const struct csvr_facts *facts, const struct phrase *phrase,
			 csvr_escape_fn escape, FILE *stream)
{
	const struct csvr_fact *fact = find_fact(facts, phrase->key);
	if (fact->text != NULL && fact->text[0] == '\0')
		return;
	fputs(phrase->before, stream);
	if (fact->text != NULL)
		escape(stream, fact->text, strlen(fact->text));
	else
		write_count(fact->count, phrase->unit, stream);
}

void csvr_provenance_write_inputs(const struct csvr_manifest *manifest, FILE *stream)
{
	static const struct phrase line[] = {
		{ "inputs", "", "input" },
		{ "bytes", ", ", NULL },
		{ "sha256", ", sha256:", NULL },
	};
	struct csvr_facts facts;
	csvr_facts_of_inputs(manifest, &facts);
	for (size_t i = 0; i < sizeof line / sizeof line[0]; i++)
		write_phrase(&facts, &line[i], csvr_escape_plain, stream);
}

void csvr_provenance_write_run(const struct csvr_run_record *run, csvr_escape_fn escape,
			       FILE *stream)
{
	static const struct phrase line[] = {
		{ "begin", "", NULL },
		{ "end", " to ", NULL },
		{ "host", " on ", NULL },
		{ "job", ", ", NULL },
		{ "threads", ", ", "thread" },
		{ "kernel", ", ", NULL },
		{ "version", ", csv-report ", NULL },
	};
	struct csvr_facts facts;
	csvr_facts_of_run(run, &facts);
	for (size_t i = 0; i < sizeof line / sizeof line[0]; i++)
		write_phrase(&facts, &line[i], escape, stream);
}
