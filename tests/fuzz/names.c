/* names.c - fuzz target: names of files and columns, as they are chosen and as they are shown
 *
 * Laws  globs take what a slow matcher takes. What is shown of a name is UTF-8 with nothing in it that
 *       commands a terminal, as wide as is said, and not wider than is asked for; in JSON and XML
 *       nothing ends its place early, and CSV is read back to the name. An address is shown without
 *       user and password and without the values of its query, and what is shown once is shown so again.
 * Input lines: a glob to include, one to exclude, and a name or an address
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <fnmatch.h>
#include <strings.h>

#include "base/escape.h"
#include "fuzz.h"
#include "input/filter.h"
#include "input/inputs.h"
#include "law.h"

enum { MOST_TEXT = 512, MAX_COMPONENTS = 300 };

/* ---- globs ---- */

struct components {
	char text[MOST_TEXT + 1];
	const char *component[MAX_COMPONENTS];
	size_t n;
};

/* What stands between slashes, without empty ones and dots. */
static void split(struct components *components, const char *path)
{
	char *rest = components->text;
	snprintf(components->text, sizeof components->text, "%s", path);
	components->n = 0;
	for (char *component; (component = strsep(&rest, "/")) != NULL;)
		if (component[0] != '\0' && strcmp(component, ".") != 0)
			components->component[components->n++] = component;
}

/* By a table of which beginnings of the glob match which of the path: no way is tried twice. */
static bool components_match(const struct components *glob, const struct components *path)
{
	static bool does[MAX_COMPONENTS + 1][MAX_COMPONENTS + 1];
	for (size_t i = 0; i <= glob->n; i++)
		for (size_t j = 0; j <= path->n; j++) {
			const bool is_any = i > 0 && strcmp(glob->component[i - 1], "**") == 0;
			if (i == 0)
				does[i][j] = j == 0;
			else if (is_any && i == glob->n) /* all below, not itself */
				does[i][j] = j > 0 && (does[i - 1][j - 1] || does[i][j - 1]);
			else if (is_any)
				does[i][j] = does[i - 1][j] || (j > 0 && does[i][j - 1]);
			else
				does[i][j] = j > 0 && does[i - 1][j - 1] &&
					     fnmatch(glob->component[i - 1], path->component[j - 1],
						     0) == 0;
		}
	return does[glob->n][path->n];
}

static bool glob_matches(const char *glob, const char *below, bool is_directory)
{
	static struct components components, path;
	const char *slash = strchr(glob, '/'), *name = strrchr(below, '/');
	split(&components, glob);
	split(&path, below);
	if (components.n == 0 || (slash != NULL && glob[strlen(glob) - 1] == '/' && !is_directory))
		return false;
	if (slash == NULL || slash[1] == '\0')
		return fnmatch(components.component[0], name != NULL ? name + 1 : below, 0) == 0;
	return components_match(&components, &path);
}

static void check_globs(const char *include, const char *exclude, const char *below)
{
	const struct csvr_walk_options walk = { .include = { &include, include[0] != '\0' },
						.exclude = { &exclude, exclude[0] != '\0' } };
	struct csvr_filter filter;
	bool is_excluded, is_taken;
	LAW(csvr_filter_init(&filter, &walk) == CSVR_OK, "out of memory");
	for (int is_directory = 0; is_directory < 2; is_directory++) {
		LAW(csvr_filter_excludes(&filter, below, is_directory, &is_excluded) == CSVR_OK,
		    "out of memory");
		LAW(is_excluded ==
			    (exclude[0] != '\0' && glob_matches(exclude, below, is_directory)),
		    "exclude '%s' of '%s'", exclude, below);
	}
	LAW(csvr_filter_includes(&filter, below, &is_taken) == CSVR_OK, "out of memory");
	if (include[0] != '\0')
		LAW(is_taken == glob_matches(include, below, false), "include '%s' of '%s'",
		    include, below);
	csvr_filter_clear(&filter);
}

/* ---- what is shown ---- */

/* Whether it is UTF-8 without control characters (C0, C1), overlong forms and surrogates. */
static bool is_plain(const char *text, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)text, *end = at + n;
	while (at < end) {
		const int length = *at < 0x80   ? 1
				   : *at < 0xc2 ? 0
				   : *at < 0xe0 ? 2
				   : *at < 0xf0 ? 3
				   : *at < 0xf5 ? 4
						: 0;
		if (length == 0 || end - at < length)
			return false;
		uint32_t code = length == 1 ? *at : *at & (0x7fu >> length);
		for (int i = 1; i < length; i++) {
			if ((at[i] & 0xc0) != 0x80)
				return false;
			code = code << 6 | (at[i] & 0x3fu);
		}
		if (code < least[length] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff ||
		    code < 0x20 || (code >= 0x7f && code < 0xa0) ||
		    (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
			return false;
		at += length;
	}
	return true;
}

/* What a writer makes of a name, to be freed. */
static char *made_by(csvr_escape_fn put, const char *name, size_t n, size_t *n_made)
{
	char *made = NULL;
	FILE *stream = need(open_memstream(&made, n_made));
	put(stream, name, n);
	LAW(fclose(stream) == 0, "out of memory");
	return made;
}

static void check_widths(const char *name, size_t n)
{
	const size_t full = csvr_escape_width(name, n);
	for (size_t most = 0; most < 24; most += most < 4 ? 1 : 5) {
		char *made = NULL;
		size_t n_made;
		FILE *stream = need(open_memstream(&made, &n_made));
		const size_t width = csvr_escape_fit(stream, name, n, most);
		LAW(fclose(stream) == 0, "out of memory");
		LAW(is_plain(made, n_made), "'%s'", made);
		LAW(most == 0 || width <= most, "%zu wide, %zu may be", width, most);
		LAW((most > 0 && full > most) || width == full, "%zu wide, not %zu", width, full);
		LAW(csvr_escape_width(made, n_made) == width, "%zu wide, it says %zu",
		    csvr_escape_width(made, n_made), width);
		free(made);
	}
}

/* RFC 4180, read back. */
static void check_csv(const char *name, size_t n)
{
	size_t n_made, n_back = 0;
	char *made = made_by(csvr_escape_csv, name, n, &n_made);
	const bool is_quoted = n_made > 1 && made[0] == '"' && made[n_made - 1] == '"';
	const size_t first = is_quoted, last = n_made - is_quoted;
	for (size_t i = first; i < last; i++) {
		LAW(is_quoted || memchr("\",\r\n", made[i], 4) == NULL, "'%s'", made);
		if (made[i] == '"' && is_quoted) {
			LAW(i + 1 < last && made[i + 1] == '"', "'%s'", made);
			i++;
		}
		LAW(n_back < n && made[i] == name[n_back], "'%s'", made);
		n_back++;
	}
	LAW(n_back == n, "'%s'", made);
	free(made);
}

static void check_shown(const char *name, size_t n)
{
	static const struct {
		csvr_escape_fn put;
		const char *not_in; /* bytes that would end its place, but behind a backslash */
	} writers[] = { { csvr_escape_plain, "" },
			{ csvr_escape_json, "\"" },
			{ csvr_escape_markdown, "|`<*" },
			{ csvr_escape_xml, "<>\"" } };
	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
		size_t n_made;
		char *made = made_by(writers[i].put, name, n, &n_made);
		LAW(is_plain(made, n_made), "writer %zu: '%s'", i, made);
		for (size_t k = 0; k < n_made; k++) {
			if (made[k] == '\\' && writers[i].not_in[0] != '\0' && i < 3)
				LAW(++k < n_made, "writer %zu: '%s' ends in a backslash", i, made);
			else
				LAW(strchr(writers[i].not_in, made[k]) == NULL, "writer %zu: '%s'",
				    i, made);
		}
		free(made);
	}
	size_t n_made;
	char *made = made_by(csvr_escape_tsv, name, n, &n_made);
	for (size_t i = 0; i < n_made; i++)
		LAW(made[i] != '\t' && made[i] != '\n' && made[i] != '\r', "'%s'", made);
	free(made);
	check_csv(name, n);
	check_widths(name, n);
}

/* ---- addresses ---- */

static void check_query(const char *shown)
{
	const char *at = strpbrk(shown, "?#");
	while (at != NULL && *at != '\0') {
		const char *part = ++at;
		at += strcspn(at, "&;#");
		const char *equals = memchr(part, '=', (size_t)(at - part));
		if (equals != NULL && equals + 1 < at)
			LAW((size_t)(at - equals - 1) == strlen(csvr_url_redaction) &&
				    strncmp(equals + 1, csvr_url_redaction,
					    strlen(csvr_url_redaction)) == 0,
			    "a value is in '%s'", shown);
	}
}

static void check_address(const char *address)
{
	const size_t n = strlen(address);
	char *shown = csvr_url_redacted(address);
	LAW(shown != NULL, "out of memory");
	if (!csvr_is_url(address, n)) {
		LAW(csvr_url_userinfo(address, n).n_bytes == 0, "a password in '%s'", address);
	} else {
		char *again = csvr_url_redacted(shown);
		const size_t n_shown = strlen(shown);
		LAW(again != NULL, "out of memory");
		LAW(csvr_is_url(shown, n_shown), "'%s'", shown);
		LAW(csvr_url_userinfo(shown, n_shown).n_bytes == 0, "a password in '%s'", shown);
		LAW(strcmp(shown, again) == 0, "'%s' is shown as '%s'", shown, again);
		if (strncasecmp(shown, "s3:", 3) != 0)
			check_query(shown);
		free(again);
	}
	free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[MOST_TEXT + 1], *rest = text;
	if (size > MOST_TEXT)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	const char *include = strsep(&rest, "\n"), *exclude = strsep(&rest, "\n");
	if (rest == NULL)
		return 0;
	const size_t n = size - (size_t)(rest - text);
	check_globs(include, exclude, rest);
	check_shown(rest, n);
	check_address(rest);
	return 0;
}
