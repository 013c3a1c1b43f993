/* write_flamegraph.c - folded stacks as lines, and as a picture
 *
 * The picture is flamegraph.svg.in, its style and script included, with a few places to fill in. Boxes
 * are placed in percent, so that it can be read at any width even where no script runs.
 */
#include "report/flamegraph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/number_format.h"
#include "report/flamegraph_svg.h"

/* ROW holds a line of text of 12 px; TOP leaves room for the lines above the boxes. */
enum { ROW = 18, TOP = 160, BOTTOM = 12 };

/* Shares of fewer samples are no more than a hint: of 50, a function in half of the run gets 25 give
 * or take 7 (two standard deviations of a binomial distribution). */
enum { FEW_SAMPLES = 50 };

/* ---- the tree of boxes ---- */

enum { NOBODY = -1 };

struct box {
	const char *name; /* in the text of a stack */
	size_t n_bytes;
	uint64_t n_samples;
	uint64_t from; /* samples to the left of it */
	long parent, first_child, last_child, next; /* index of a box, or NOBODY */
	unsigned depth;
};

struct tree {
	struct box *boxes; /* parents before children */
	size_t n_boxes, capacity;
	long first_root, last_root;
	unsigned n_rows;
	size_t n_roots;
	uint64_t n_samples;
};

static long find_box(const struct tree *tree, long parent, const char *name, size_t n_bytes)
{
	long at = parent == NOBODY ? tree->first_root : tree->boxes[parent].first_child;
	while (at != NOBODY && (tree->boxes[at].n_bytes != n_bytes ||
				memcmp(tree->boxes[at].name, name, n_bytes) != 0))
		at = tree->boxes[at].next;
	return at;
}

/* NOBODY: no memory. */
static long add_box(struct tree *tree, long parent, const char *name, size_t n_bytes)
{
	struct box *boxes = csvr_array_grow(tree->boxes, &tree->capacity, tree->n_boxes + 1,
					    sizeof *boxes);
	if (boxes == NULL)
		return NOBODY;
	tree->boxes = boxes;
	const long at = (long)tree->n_boxes++;
	boxes[at] = (struct box){ .name = name,
				  .n_bytes = n_bytes,
				  .parent = parent,
				  .first_child = NOBODY,
				  .last_child = NOBODY,
				  .next = NOBODY,
				  .depth = parent == NOBODY ? 0 : boxes[parent].depth + 1 };
	long *first = parent == NOBODY ? &tree->first_root : &boxes[parent].first_child;
	long *last = parent == NOBODY ? &tree->last_root : &boxes[parent].last_child;
	if (*first == NOBODY)
		*first = at;
	else
		boxes[*last].next = at;
	*last = at;
	tree->n_roots += parent == NOBODY;
	if (tree->n_rows <= boxes[at].depth)
		tree->n_rows = boxes[at].depth + 1;
	return at;
}

static bool add_stack(struct tree *tree, const struct csvr_stack *stack)
{
	long parent = NOBODY;
	for (const char *at = stack->text; at != NULL;) {
		const size_t n_bytes = strcspn(at, ";");
		long box = find_box(tree, parent, at, n_bytes);
		if (box == NOBODY)
			box = add_box(tree, parent, at, n_bytes);
		if (box == NOBODY)
			return false;
		tree->boxes[box].n_samples += stack->n_samples;
		parent = box;
		at = at[n_bytes] == ';' ? at + n_bytes + 1 : NULL;
	}
	tree->n_samples += stack->n_samples;
	return true;
}

static bool tree_init(struct tree *tree, const struct csvr_stacks *stacks)
{
	*tree = (struct tree){ .first_root = NOBODY, .last_root = NOBODY };
	for (size_t i = 0; i < stacks->n_items; i++)
		if (!add_stack(tree, &stacks->items[i]))
			return false;
	return true;
}

/* ---- boxes ---- */

/* The same function has the same colour in every graph. */
static void put_class(const struct box *box, FILE *stream)
{
	enum { N_COLORS = 9 };
	uint32_t hash = 0;
	for (size_t i = 0; i < box->n_bytes; i++)
		hash = hash * 31 + (unsigned char)box->name[i];
	if (box->parent == NOBODY)
		fputs("thread", stream);
	else if (box->name[0] == '[')
		fputs("library", stream);
	else
		fprintf(stream, "f%u", (unsigned)(hash % N_COLORS));
}

static double percent(const struct tree *tree, uint64_t n_samples)
{
	return 100 * (double)n_samples / (double)tree->n_samples;
}

static void put_box(const struct tree *tree, const struct box *box, FILE *stream)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	const unsigned y = TOP + (tree->n_rows - 1 - box->depth) * ROW;
	csvr_number_count(box->n_samples, count);
	fputs("<svg class=\"box ", stream);
	put_class(box, stream);
	fprintf(stream,
		"\" x=\"%.4f%%\" y=\"%u\" width=\"%.4f%%\" height=\"%d\" tabindex=\"-1\" "
		"data-from=\"%" PRIu64 "\" data-n=\"%" PRIu64 "\" data-depth=\"%u\">",
		percent(tree, box->from), y, percent(tree, box->n_samples), ROW - 1, box->from,
		box->n_samples, box->depth);
	fputs("<title>", stream);
	csvr_escape_xml(stream, box->name, box->n_bytes);
	fprintf(stream, ": %s sample%s, %.1f%%</title><rect width=\"100%%\" height=\"100%%\"/>",
		count, box->n_samples == 1 ? "" : "s", percent(tree, box->n_samples));
	fputs("<text x=\"4\" y=\"12.5\">", stream);
	csvr_escape_xml(stream, box->name, box->n_bytes);
	fputs("</text></svg>\n", stream);
}

/* From the outside in, siblings from left to right. Samples that a box does not share with what stands
 * on it are at its right end. */
static void put_boxes(struct tree *tree, FILE *stream)
{
	struct box *boxes = tree->boxes;
	long at = tree->first_root;
	while (at != NOBODY) {
		put_box(tree, &boxes[at], stream);
		if (boxes[at].first_child != NOBODY) {
			boxes[boxes[at].first_child].from = boxes[at].from;
			at = boxes[at].first_child;
			continue;
		}
		while (at != NOBODY && boxes[at].next == NOBODY)
			at = boxes[at].parent;
		if (at == NOBODY)
			return;
		boxes[boxes[at].next].from = boxes[at].from + boxes[at].n_samples;
		at = boxes[at].next;
	}
}

/* ---- what stands around them ---- */

struct picture {
	struct tree *tree;
	const struct csvr_graph_info *facts;
	FILE *stream;
};

static void put_height(const struct picture *picture)
{
	fprintf(picture->stream, "%u", TOP + picture->tree->n_rows * ROW + BOTTOM);
}

static void put_samples(const struct picture *picture)
{
	fprintf(picture->stream, "%" PRIu64, picture->tree->n_samples);
}

static void put_program(const struct picture *picture)
{
	csvr_escape_xml(picture->stream, picture->facts->program, strlen(picture->facts->program));
}

static void put_counted(FILE *stream, uint64_t n, const char *what)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(n, count);
	fprintf(stream, "%s %s%s", count, what, n == 1 ? "" : "s");
}

static void put_facts(const struct picture *picture)
{
	const struct csvr_graph_info *facts = picture->facts;
	put_counted(picture->stream, picture->tree->n_samples, "sample");
	if (facts->rate_hz > 0)
		fprintf(picture->stream, " at %u Hz: %.2f s of CPU time", facts->rate_hz,
			(double)picture->tree->n_samples / facts->rate_hz);
	fputs(", ", picture->stream);
	put_counted(picture->stream, picture->tree->n_roots, "thread");
	if (facts->sampler != NULL) {
		fputs(", by ", picture->stream);
		csvr_escape_xml(picture->stream, facts->sampler, strlen(facts->sampler));
	}
}

static void put_caution(const struct picture *picture)
{
	FILE *stream = picture->stream;
	const char *gap = "";
	if (picture->tree->n_samples < FEW_SAMPLES) {
		fputs("Too few samples to tell shares; let it run longer.", stream);
		gap = " ";
	}
	if (picture->facts->gaps.n_lost > 0) {
		fputs(gap, stream);
		put_counted(stream, picture->facts->gaps.n_lost, "sample");
		fputs(" more found no room.", stream);
		gap = " ";
	}
	if (picture->facts->gaps.n_threads_failed > 0) {
		fputs(gap, stream);
		put_counted(stream, picture->facts->gaps.n_threads_failed, "thread");
		fputs(" could not be sampled.", stream);
	}
}

static void put_all_boxes(const struct picture *picture)
{
	put_boxes(picture->tree, picture->stream);
}

/* The places in the template, each between two @. */
static const struct {
	const char *name;
	void (*put)(const struct picture *picture);
} places[] = {
	{ "@BOXES@", put_all_boxes }, { "@CAUTION@", put_caution }, { "@FACTS@", put_facts },
	{ "@HEIGHT@", put_height },   { "@PROGRAM@", put_program }, { "@SAMPLES@", put_samples },
};

/* Fills in the place that begins at `at` and returns what is behind it; NULL: none begins there. */
static const char *fill_place(const struct picture *picture, const char *at)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const size_t n_bytes = strlen(places[i].name);
		if (strncmp(at, places[i].name, n_bytes) == 0) {
			places[i].put(picture);
			return at + n_bytes;
		}
	}
	return NULL;
}

static void put_picture(const struct picture *picture)
{
	for (const char *at = flamegraph_svg; *at != '\0';) {
		const size_t n_plain = strcspn(at, "@");
		fwrite(at, 1, n_plain, picture->stream);
		at += n_plain;
		const char *behind = *at == '@' ? fill_place(picture, at) : NULL;
		if (behind != NULL)
			at = behind;
		else if (*at == '@')
			putc(*at++, picture->stream);
	}
}

enum csvr_status csvr_flamegraph_write(const struct csvr_stacks *stacks,
				       const struct csvr_graph_info *facts, FILE *stream)
{
	struct tree tree;
	const bool is_grown = tree_init(&tree, stacks);
	if (is_grown)
		put_picture(&(struct picture){ &tree, facts, stream });
	free(tree.boxes);
	return !is_grown ? CSVR_NO_MEMORY : ferror(stream) ? CSVR_IO_ERROR : CSVR_OK;
}

void csvr_folded_write(const struct csvr_stacks *stacks, FILE *stream)
{
	for (size_t i = 0; i < stacks->n_items; i++)
		fprintf(stream, "%s %" PRIu64 "\n", stacks->items[i].text,
			stacks->items[i].n_samples);
}

/* ---- a profile ---- */

enum csvr_status csvr_profile_write(struct csvr_profile *profile, enum csvr_graph_format graph,
				    const char *program, FILE *stream)
{
	csvr_profile_stop(profile);
	const struct csvr_graph_info facts = {
		.program = program,
		.rate_hz = csvr_profile_rate(profile),
		.gaps = csvr_profile_losses(profile),
	};
	struct csvr_stacks stacks;
	csvr_stacks_init(&stacks);
	enum csvr_status status = csvr_stacks_fold(&stacks, profile);
	if (status == CSVR_OK && graph == CSVR_GRAPH_SVG) {
		status = csvr_flamegraph_write(&stacks, &facts, stream);
	} else if (status == CSVR_OK) {
		csvr_folded_write(&stacks, stream);
		status = ferror(stream) ? CSVR_IO_ERROR : CSVR_OK;
	}
	csvr_stacks_clear(&stacks);
	return status;
}
