/* ini.c - parses the files credentials and config of the AWS tools */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/ini.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct span {
	const char *at, *end;
};

static struct span trim(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	while (at < end && is_space(end[-1]))
		end--;
	return (struct span){ at, end };
}

static bool span_is(struct span span, const char *word)
{
	const size_t n = strlen(word);
	return (size_t)(span.end - span.at) == n && memcmp(span.at, word, n) == 0;
}

/* The value up to a comment, which starts after a space. */
static struct span strip_comment(const char *at, const char *end)
{
	for (const char *c = at; c < end; c++)
		if ((*c == '#' || *c == ';') && (c == at || is_space(c[-1])))
			return trim(at, c);
	return trim(at, end);
}

/* Whether the title between brackets is the section. */
static bool is_section(struct span title, const char *kind, const char *section)
{
	const size_t n_kind = kind != NULL ? strlen(kind) : 0;
	if (n_kind > 0 && (size_t)(title.end - title.at) > n_kind &&
	    memcmp(title.at, kind, n_kind) == 0 && is_space(title.at[n_kind]))
		title = trim(title.at + n_kind, title.end);
	if (title.end - title.at >= 2 && (*title.at == '"' || *title.at == '\'') &&
	    title.end[-1] == *title.at)
		title = (struct span){ title.at + 1, title.end - 1 };
	return span_is(title, section);
}

/* The value of the key, or, with `key` NULL, the line of the section. NULL: not found. */
static const char *find(const char *text, const char *kind, const char *section, const char *key,
			size_t *n_bytes)
{
	const char *value_found = NULL;
	bool is_in_section = false;
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	for (const char *next; *text != '\0'; text = next) {
		const char *end = text + strcspn(text, "\n");
		next = end + (*end == '\n');
		if (*text == '#' || *text == ';' || is_space(*text))
			continue;
		if (*text == '[') {
			const char *close = memchr(text, ']', (size_t)(end - text));
			is_in_section = close != NULL &&
					is_section(trim(text + 1, close), kind, section);
			if (is_in_section && key == NULL)
				return text;
			continue;
		}
		const char *equals = memchr(text, '=', (size_t)(end - text));
		if (!is_in_section || key == NULL || equals == NULL)
			continue;
		const struct span name = trim(text, equals);
		if ((size_t)(name.end - name.at) != strlen(key) ||
		    strncasecmp(name.at, key, strlen(key)) != 0)
			continue;
		const struct span value = strip_comment(equals + 1, end);
		value_found = value.at;
		*n_bytes = (size_t)(value.end - value.at);
	}
	return value_found;
}

bool csvr_ini_has(const char *text, const char *kind, const char *section)
{
	size_t ignored;
	return find(text, kind, section, NULL, &ignored) != NULL;
}

const char *csvr_ini_find(const char *text, const char *kind, const char *section, const char *key,
			  size_t *n_bytes)
{
	return find(text, kind, section, key, n_bytes);
}
