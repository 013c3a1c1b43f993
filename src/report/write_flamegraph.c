/* write_flamegraph.c - folded stacks as lines, and as a picture
 *
 * The picture is the template flamegraph.svg.in, which contains its style and script, with its
 * placeholders replaced. Boxes are positioned in percent, so that the picture is readable at any width
 * even where scripts are disabled.
 */
#include "report/flamegraph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/number_format.h"
#include "report/flamegraph_svg.h"

/* In pixels. ROW fits a line of text of 12 px; TOP fits the lines above the boxes. */
enum { ROW = 18, TOP = 160, BOTTOM = 12 };

/* Proportions of fewer samples are unreliable: a function that is in half of 50 samples on average is in
 * 18 to 32 of them (two standard deviations of a binomial distribution). */
enum { FEW_SAMPLES = 50 };

/* ---- the tree of boxes ---- */

enum { NO_BOX = -1 };

struct box {
	const char *name; /* points into the text of a stack */
	size_t n_bytes;
	uint64_t n_samples;
	uint64_t from; /* samples to the left of it */
	long parent, first_child, last_child, next; /* index of a box, or NO_BOX */
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
	long at = parent == NO_BOX ? tree->first_root : tree->boxes[parent].first_child;
	while (at != NO_BOX && (tree->boxes[at].n_bytes != n_bytes ||
				memcmp(tree->boxes[at].name, name, n_bytes) != 0))
		at = tree->boxes[at].next;
	return at;
}

/* NO_BOX: out of memory. */
static long add_box(struct tree *tree, long parent, const char *name, size_t n_bytes)
{
	struct box *boxes = csvr_array_grow(tree->boxes, &tree->capacity, tree->n_boxes + 1,
					    sizeof *boxes);
	if (boxes == NULL)
		return NO_BOX;
	tree->boxes = boxes;
	const long at = (long)tree->n_boxes++;
	boxes[at] = (struct box){ .name = name,
				  .n_bytes = n_bytes,
				  .parent = parent,
				  .first_child = NO_BOX,
				  .last_child = NO_BOX,
				  .next = NO_BOX,
				  .depth = parent == NO_BOX ? 0 : boxes[parent].depth + 1 };
	long *first = parent == NO_BOX ? &tree->first_root : &boxes[parent].first_child;
	long *last = parent == NO_BOX ? &tree->last_root : &boxes[parent].last_child;
	if (*first == NO_BOX)
		*first = at;
	else
		boxes[*last].next = at;
	*last = at;
	tree->n_roots += parent == NO_BOX;
	if (tree->n_rows <= boxes[at].depth)
		tree->n_rows = boxes[at].depth + 1;
	return at;
}

static bool add_stack(struct tree *tree, const struct csvr_stack *stack)
{
	long parent = NO_BOX;
	for (const char *at = stack->text; at != NULL;) {
		const size_t n_bytes = strcspn(at, ";");
		long box = find_box(tree, parent, at, n_bytes);
		if (box == NO_BOX)
			box = add_box(tree, parent, at, n_bytes);
		if (box == NO_BOX)
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
	*tree = (struct tree){ .first_root = NO_BOX, .last_root = NO_BOX };
	for (size_t i = 0; i < stacks->n_items; i++)
		if (!add_stack(tree, &stacks->items[i]))
			return false;
	return true;
}

/* ---- boxes ---- */

/* The same function has the same colour in every graph. */
static void write_class(const struct box *box, FILE *stream)
{
	enum { N_COLORS = 9 };
	uint32_t hash = 0;
	for (size_t i = 0; i < box->n_bytes; i++)
		hash = hash * 31 + (unsigned char)box->name[i];
	if (box->parent == NO_BOX)
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

static void write_box(const struct tree *tree, const struct box *box, FILE *stream)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	const unsigned y = TOP + (tree->n_rows - 1 - box->depth) * ROW;
	csvr_number_count(box->n_samples, count);
	fputs("<svg class=\"box ", stream);
	write_class(box, stream);
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

/* Writes the boxes in depth-first order, siblings from left to right. Samples of a box that are in none of
 * its callees are at its right end. */
static void write_boxes(struct tree *tree, FILE *stream)
{
	struct box *boxes = tree->boxes;
	long at = tree->first_root;
	while (at != NO_BOX) {
		write_box(tree, &boxes[at], stream);
		if (boxes[at].first_child != NO_BOX) {
			boxes[boxes[at].first_child].from = boxes[at].from;
			at = boxes[at].first_child;
			continue;
		}
		while (at != NO_BOX && boxes[at].next == NO_BOX)
			at = boxes[at].parent;
		if (at == NO_BOX)
			return;
		boxes[boxes[at].next].from = boxes[at].from + boxes[at].n_samples;
		at = boxes[at].next;
	}
}

/* ---- the template ---- */

struct picture {
	struct tree *tree;
	const struct csvr_graph_info *info;
	FILE *stream;
};

static void write_height(const struct picture *picture)
{
	fprintf(picture->stream, "%u", TOP + picture->tree->n_rows * ROW + BOTTOM);
}

static void write_samples(const struct picture *picture)
{
	fprintf(picture->stream, "%" PRIu64, picture->tree->n_samples);
}

static void write_program(const struct picture *picture)
{
	csvr_escape_xml(picture->stream, picture->info->program, strlen(picture->info->program));
}

static void write_counted(FILE *stream, uint64_t n, const char *what)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(n, count);
	fprintf(stream, "%s %s%s", count, what, n == 1 ? "" : "s");
}

static void write_facts(const struct picture *picture)
{
	const struct csvr_graph_info *info = picture->info;
	write_counted(picture->stream, picture->tree->n_samples, "sample");
	if (info->rate_hz > 0)
		fprintf(picture->stream, " at %u Hz: %.2f s of CPU time", info->rate_hz,
			(double)picture->tree->n_samples / info->rate_hz);
	fputs(", ", picture->stream);
	write_counted(picture->stream, picture->tree->n_roots, "thread");
	if (info->sampler != NULL) {
		fputs(", by ", picture->stream);
		csvr_escape_xml(picture->stream, info->sampler, strlen(info->sampler));
	}
}

static void write_caution(const struct picture *picture)
{
	FILE *stream = picture->stream;
	const char *gap = ""; /* between sentences */
	if (picture->tree->n_samples < FEW_SAMPLES) {
		fputs("Too few samples for reliable proportions; use a longer run.", stream);
		gap = " ";
	}
	if (picture->info->losses.n_lost > 0) {
		fputs(gap, stream);
		write_counted(stream, picture->info->losses.n_lost, "sample");
		fputs(" lost: the buffer was full.", stream);
		gap = " ";
	}
	if (picture->info->losses.n_threads_failed > 0) {
		fputs(gap, stream);
		write_counted(stream, picture->info->losses.n_threads_failed, "thread");
		fputs(" could not be sampled.", stream);
	}
}

static void write_all_boxes(const struct picture *picture)
{
	write_boxes(picture->tree, picture->stream);
}

/* The placeholders of the template. */
static const struct {
	const char *name;
	void (*write)(const struct picture *picture);
} placeholders[] = {
	{ "@BOXES@", write_all_boxes }, { "@CAUTION@", write_caution },
	{ "@FACTS@", write_facts },     { "@HEIGHT@", write_height },
	{ "@PROGRAM@", write_program }, { "@SAMPLES@", write_samples },
};

/* Replaces the placeholder at `at` and returns the text after it; NULL: there is no placeholder. */
static const char *replace_placeholder(const struct picture *picture, const char *at)
{
	for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++) {
		const size_t n_bytes = strlen(placeholders[i].name);
		if (strncmp(at, placeholders[i].name, n_bytes) == 0) {
			placeholders[i].write(picture);
			return at + n_bytes;
		}
	}
	return NULL;
}

static void write_picture(const struct picture *picture)
{
	for (const char *at = flamegraph_svg; *at != '\0';) {
		const size_t n_plain = strcspn(at, "@");
		fwrite(at, 1, n_plain, picture->stream);
		at += n_plain;
		const char *rest = *at == '@' ? replace_placeholder(picture, at) : NULL;
		if (rest != NULL)
			at = rest;
		else if (*at == '@')
			putc(*at++, picture->stream);
	}
}

enum csvr_status csvr_flamegraph_write(const struct csvr_stacks *stacks,
				       const struct csvr_graph_info *info, FILE *stream)
{
	struct tree tree;
	const bool has_tree = tree_init(&tree, stacks);
	if (has_tree)
		write_picture(&(struct picture){ &tree, info, stream });
	free(tree.boxes);
	return !has_tree ? CSVR_NO_MEMORY : ferror(stream) ? CSVR_IO_ERROR : CSVR_OK;
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
	const struct csvr_graph_info info = {
		.program = program,
		.rate_hz = csvr_profile_rate(profile),
		.losses = csvr_profile_losses(profile),
	};
	struct csvr_stacks stacks;
	csvr_stacks_init(&stacks);
	enum csvr_status status = csvr_stacks_fold(&stacks, profile);
	if (status == CSVR_OK && graph == CSVR_GRAPH_SVG) {
		status = csvr_flamegraph_write(&stacks, &info, stream);
	} else if (status == CSVR_OK) {
		csvr_folded_write(&stacks, stream);
		status = ferror(stream) ? CSVR_IO_ERROR : CSVR_OK;
	}
	csvr_stacks_clear(&stacks);
	return status;
}
