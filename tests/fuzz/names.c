/* names.c - fuzz target: selecting paths by globs, and escaping names and URLs
 *
 * Laws  globs match the same paths as a slow matcher. An escaped name is UTF-8 without control characters,
 *       of the reported width, and not wider than requested; in JSON and XML it does not end its string
 *       or element, and CSV is parsed back to the name. A redacted URL has no user, no password and no
 *       values of its query, and redacting it again changes nothing.
 * Input lines: a glob to include, one to exclude, and a name or a URL
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

/* Splits the path at slashes into components, without empty components and dots. */
static void split(struct components *components, const char *path)
{
	char *rest = components->text;
	snprintf(components->text, sizeof components->text, "%s", path);
	components->n = 0;
	for (char *component; (component = strsep(&rest, "/")) != NULL;)
		if (component[0] != '\0' && strcmp(component, ".") != 0)
			components->component[components->n++] = component;
}

/* matches[i][j]: the first i components of the glob match the first j of the path. */
static bool components_match(const struct components *glob, const struct components *path)
{
	static bool matches[MAX_COMPONENTS + 1][MAX_COMPONENTS + 1];
	for (size_t i = 0; i <= glob->n; i++)
		for (size_t j = 0; j <= path->n; j++) {
			const bool is_any = i > 0 && strcmp(glob->component[i - 1], "**") == 0;
			if (i == 0)
				matches[i][j] = j == 0;
			else if (is_any && i == glob->n) /* all below, not itself */
				matches[i][j] = j > 0 &&
						(matches[i - 1][j - 1] || matches[i][j - 1]);
			else if (is_any)
				matches[i][j] = matches[i - 1][j] || (j > 0 && matches[i][j - 1]);
			else
				matches[i][j] = j > 0 && matches[i - 1][j - 1] &&
						fnmatch(glob->component[i - 1],
							path->component[j - 1], 0) == 0;
		}
	return matches[glob->n][path->n];
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
	bool is_excluded, is_included;
	LAW(csvr_filter_init(&filter, &walk) == CSVR_OK, "out of memory");
	for (int is_directory = 0; is_directory < 2; is_directory++) {
		LAW(csvr_filter_excludes(&filter, below, is_directory, &is_excluded) == CSVR_OK,
		    "out of memory");
		LAW(is_excluded ==
			    (exclude[0] != '\0' && glob_matches(exclude, below, is_directory)),
		    "exclude '%s' of '%s'", exclude, below);
	}
	LAW(csvr_filter_includes(&filter, below, &is_included) == CSVR_OK, "out of memory");
	if (include[0] != '\0')
		LAW(is_included == glob_matches(include, below, false), "include '%s' of '%s'",
		    include, below);
	csvr_filter_clear(&filter);
}

/* ---- escaped names ---- */

/* True if the text is UTF-8 without control characters (C0, C1), overlong forms and surrogates. */
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

/* Returns the escaped name, which the caller frees. */
static char *escape(csvr_escape_fn escape_name, const char *name, size_t n, size_t *n_escaped)
{
	char *escaped = NULL;
	FILE *stream = need(open_memstream(&escaped, n_escaped));
	escape_name(stream, name, n);
	LAW(fclose(stream) == 0, "out of memory");
	return escaped;
}

static void check_widths(const char *name, size_t n)
{
	const size_t full = csvr_escape_width(name, n);
	for (size_t most = 1; most < 24; most += most < 4 ? 1 : 5) {
		char *escaped = NULL;
		size_t n_escaped;
		FILE *stream = need(open_memstream(&escaped, &n_escaped));
		const struct csvr_cut cut = csvr_escape_cut(name, n, most, most * 2 / 3);
		csvr_escape_write_cut(stream, name, n, &cut);
		LAW(fclose(stream) == 0, "out of memory");
		LAW(is_plain(escaped, n_escaped), "'%s'", escaped);
		LAW(cut.width <= most, "%zu wide, at most %zu allowed", cut.width, most);
		LAW(full > most || cut.width == full, "%zu wide, expected %zu", cut.width, full);
		LAW(csvr_escape_width(escaped, n_escaped) == cut.width, "%zu wide, reported %zu",
		    csvr_escape_width(escaped, n_escaped), cut.width);
		free(escaped);
	}
}

static void check_heads(const char *text, size_t n)
{
	const size_t full = csvr_escape_width(text, n);
	for (size_t most = 1; most < 24; most += 3) {
		char head[64];
		const size_t width = csvr_escape_head(text, n, most, head, sizeof head - most);
		LAW(strlen(head) < sizeof head - most, "'%s'", head);
		LAW(is_plain(head, strlen(head)), "'%s'", head);
		LAW(width <= most && width <= full, "%zu wide, at most %zu allowed", width, most);
		LAW(csvr_escape_width(head, strlen(head)) == width, "%zu wide, reported %zu",
		    csvr_escape_width(head, strlen(head)), width);
	}
}

/* The field, parsed according to RFC 4180, is the name. */
static void check_csv(const char *name, size_t n)
{
	size_t n_escaped, n_back = 0;
	char *escaped = escape(csvr_escape_csv, name, n, &n_escaped);
	const bool is_quoted = n_escaped > 1 && escaped[0] == '"' && escaped[n_escaped - 1] == '"';
	const size_t first = is_quoted, last = n_escaped - is_quoted;
	for (size_t i = first; i < last; i++) {
		LAW(is_quoted || memchr("\",\r\n", escaped[i], 4) == NULL, "'%s'", escaped);
		if (escaped[i] == '"' && is_quoted) {
			LAW(i + 1 < last && escaped[i + 1] == '"', "'%s'", escaped);
			i++;
		}
		LAW(n_back < n && escaped[i] == name[n_back], "'%s'", escaped);
		n_back++;
	}
	LAW(n_back == n, "'%s'", escaped);
	free(escaped);
}

static void check_escapes(const char *name, size_t n)
{
	static const struct {
		csvr_escape_fn escape_name;
		/* Bytes that would end the string or element, unless after a backslash. */
		const char *forbidden;
	} writers[] = { { csvr_escape_plain, "" },
			{ csvr_escape_json, "\"" },
			{ csvr_escape_markdown, "|`<*" },
			{ csvr_escape_xml, "<>\"" } };
	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
		size_t n_escaped;
		char *escaped = escape(writers[i].escape_name, name, n, &n_escaped);
		LAW(is_plain(escaped, n_escaped), "writer %zu: '%s'", i, escaped);
		for (size_t k = 0; k < n_escaped; k++) {
			if (escaped[k] == '\\' && writers[i].forbidden[0] != '\0' && i < 3)
				LAW(++k < n_escaped, "writer %zu: '%s' ends in a backslash", i,
				    escaped);
			else
				LAW(strchr(writers[i].forbidden, escaped[k]) == NULL,
				    "writer %zu: '%s'", i, escaped);
		}
		free(escaped);
	}
	size_t n_escaped;
	char *escaped = escape(csvr_escape_tsv, name, n, &n_escaped);
	for (size_t i = 0; i < n_escaped; i++)
		LAW(escaped[i] != '\t' && escaped[i] != '\n' && escaped[i] != '\r', "'%s'",
		    escaped);
	free(escaped);
	check_csv(name, n);
	check_widths(name, n);
	check_heads(name, n);
}

/* ---- URLs ---- */

static void check_query(const char *redacted)
{
	const char *at = strpbrk(redacted, "?#");
	while (at != NULL && *at != '\0') {
		const char *part = ++at;
		at += strcspn(at, "&;#");
		const char *equals = memchr(part, '=', (size_t)(at - part));
		if (equals != NULL && equals + 1 < at)
			LAW((size_t)(at - equals - 1) == strlen(csvr_url_redaction) &&
				    strncmp(equals + 1, csvr_url_redaction,
					    strlen(csvr_url_redaction)) == 0,
			    "a value remains in '%s'", redacted);
	}
}

static void check_url(const char *url)
{
	const size_t n = strlen(url);
	char *redacted = csvr_url_redacted(url);
	LAW(redacted != NULL, "out of memory");
	if (!csvr_is_url(url, n)) {
		LAW(csvr_url_userinfo(url, n).n_bytes == 0, "a password in '%s'", url);
	} else {
		char *again = csvr_url_redacted(redacted);
		const size_t n_redacted = strlen(redacted);
		LAW(again != NULL, "out of memory");
		LAW(csvr_is_url(redacted, n_redacted), "'%s'", redacted);
		LAW(csvr_url_userinfo(redacted, n_redacted).n_bytes == 0, "a password in '%s'",
		    redacted);
		LAW(strcmp(redacted, again) == 0, "'%s' is redacted again to '%s'", redacted,
		    again);
		if (strncasecmp(redacted, "s3:", 3) != 0)
			check_query(redacted);
		free(again);
	}
	free(redacted);
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
	check_escapes(rest, n);
	check_url(rest);
	return 0;
}
