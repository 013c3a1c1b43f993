/* options_help.c - --help, the options of the manual page and the bash completion, from the option table */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "cli/options_internal.h"

enum { HELP_COLUMN = 27 };

/* The next visible option of a group at or after `index`; NULL: none. */
static const struct csvr_option *next_in_group(size_t *index, int group)
{
	const struct csvr_option *option;
	while ((option = csvr_option_at(*index)) != NULL) {
		++*index;
		if (option->help != NULL && (int)option->group == group)
			return option;
	}
	return NULL;
}

/* ---- --help ---- */

/* The names of the choices; the first one is the default. */
static void write_help_choices(const struct csvr_option *option, FILE *stream)
{
	const char *name = option->choice_name(0);
	fprintf(stream, "%s (default)", name);
	for (size_t i = 1; (name = option->choice_name(i)) != NULL; i++) {
		const char *next = option->choice_name(i + 1);
		fprintf(stream, "%s%s", next != NULL ? ", " : " or ", name);
	}
}

static void write_help_row(const struct csvr_option *option, FILE *stream)
{
	const char letter[] = { '-', option->letter, ',', '\0' };
	const bool has_value = option->value_name != NULL, is_optional = option->is_value_optional;
	const int used = fprintf(stream, "  %3s --%s%s%s%s", option->letter != 0 ? letter : "",
				 option->name,
				 is_optional ? "[="
				 : has_value ? "="
					     : "",
				 has_value ? option->value_name : "", is_optional ? "]" : "");
	fprintf(stream, "%*s", used < HELP_COLUMN ? HELP_COLUMN - used : 1, "");
	if (option->help[0] != '\0')
		fputs(option->help, stream);
	else
		write_help_choices(option, stream);
	fputc('\n', stream);
}

static void write_help(FILE *stream)
{
	fputs("Usage: csv-report [OPTION]... [PATH|URL]...\n"
	      "Report type, count, distinct values, mean, stddev, min, median and max of every\n"
	      "column of CSV files. Sums and means are exact. Files whose headers have little\n"
	      "in common are reported as different tables. A PATH is a directory to search, a\n"
	      "file, or - for standard input. A URL is one file (http://, https://,\n"
	      "s3://BUCKET/KEY) or all files of a prefix (s3://BUCKET/PREFIX/).\n",
	      stream);
	for (int group = 0; group < CSVR_N_GROUPS; group++) {
		const struct csvr_option *option;
		fprintf(stream, "\n%s:\n", csvr_option_groups[group]);
		for (size_t i = 0; (option = next_in_group(&i, group)) != NULL;)
			write_help_row(option, stream);
	}
	fputs("\nExit status: 0 complete report, 1 no report, 2 usage error, 3 incomplete report\n"
	      "(standard error lists what is missing), 75 interrupted. See man csv-report.\n",
	      stream);
}

/* ---- the manual page ---- */

/* Writes a name for roff. Its hyphens become minus signs, which can be searched and copied. */
static void write_roff_name(FILE *stream, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '-')
			putc('\\', stream);
		putc(*text, stream);
	}
}

/* An indented list of the choices with their definitions. */
static void write_man_choices(const struct csvr_option *option, FILE *stream)
{
	const char *name;
	fputs(".RS\n.PD 0\n", stream);
	for (size_t i = 0; (name = option->choice_name(i)) != NULL; i++)
		fprintf(stream, ".TP 12\n\\fB%s\\fR\n%s\n", name, option->choice_definition(i));
	fputs(".PD\n.RE\n", stream);
}

static void write_man_entry(const struct csvr_option *option, FILE *stream)
{
	fputs(".TP\n", stream);
	if (option->letter != 0)
		fprintf(stream, "\\fB\\-%c\\fR, ", option->letter);
	fputs("\\fB\\-\\-", stream);
	write_roff_name(stream, option->name);
	fputs("\\fR", stream);
	if (option->value_name != NULL)
		fprintf(stream, option->is_value_optional ? "[=\\fI%s\\fR]" : "=\\fI%s\\fR",
			option->value_name);
	fprintf(stream, "\n%s\n", option->manual);
	if (option->choice_definition != NULL) {
		write_man_choices(option, stream);
	} else if (option->choice_name != NULL) {
		fputs("The choices are \\fB", stream);
		csvr_option_write_choices(option, "\\fR, \\fB", "\\fR and \\fB", stream);
		fputs("\\fR.\n", stream);
	}
}

static void write_man(FILE *stream)
{
	for (int group = 0; group < CSVR_N_GROUPS; group++) {
		const struct csvr_option *option;
		fprintf(stream, ".SS %s\n", csvr_option_groups[group]);
		for (size_t i = 0; (option = next_in_group(&i, group)) != NULL;)
			write_man_entry(option, stream);
	}
}

/* ---- bash completion ---- */

/* The case of an option with a value: its choices, or files, or nothing. */
static void write_bash_case(const struct csvr_option *option, FILE *stream)
{
	fprintf(stream, "\t--%s", option->name);
	if (option->letter != 0)
		fprintf(stream, "|-%c", option->letter);
	fputs(")\n", stream);
	if (csvr_option_has_choices(option)) {
		if (option->kind == CSVR_OPTION_CHOICES) /* complete the last item of the list */
			fputs("\t\tlist=${cur%\"${cur##*,}\"}\n", stream);
		fputs("\t\tmapfile -t COMPREPLY < <(compgen -P \"$list\" -W '", stream);
		csvr_option_write_choices(option, " ", " ", stream);
		fputs("' -- \"${cur#\"$list\"}\")\n", stream);
	} else if (option->is_file) {
		fputs("\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n", stream);
	}
	fputs("\t\treturn ;;\n", stream);
}

static void write_bash_names(FILE *stream)
{
	const char *separator = "";
	const struct csvr_option *option;
	for (size_t i = 0; (option = csvr_option_at(i)) != NULL; i++) {
		if (option->help == NULL)
			continue;
		fprintf(stream, "%s--%s%s", separator, option->name,
			option->value_name != NULL && !option->is_value_optional ? "=" : "");
		separator = " ";
	}
}

/* Uses no helper functions of the bash-completion package, so that it works with bash alone. To bash an
 * equals sign is a word of its own. */
static void write_bash(FILE *stream)
{
	const struct csvr_option *option;
	fputs("# bash completion for csv-report, made by csv-report --generate=bash-completion\n"
	      "_csv_report()\n"
	      "{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} list=\n"
	      "\tif [[ $cur == '=' ]]; then\n"
	      "\t\tcur=\n"
	      "\telif [[ $prev == '=' ]]; then\n"
	      "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\tfi\n"
	      "\tcase $prev in\n",
	      stream);
	for (size_t i = 0; (option = csvr_option_at(i)) != NULL; i++)
		if (option->help != NULL && option->value_name != NULL &&
		    !option->is_value_optional)
			write_bash_case(option, stream);
	fputs("\tesac\n"
	      "\tif [[ $cur == -* ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W '",
	      stream);
	write_bash_names(stream);
	fputs("' -- \"$cur\")\n"
	      "\t\tif [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace; fi\n"
	      "\telse\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "\tfi\n"
	      "}\n"
	      "complete -o filenames -F _csv_report csv-report csv-report-mpi csv-report-remote\n",
	      stream);
}

void csvr_options_write(enum csvr_action action, FILE *stream)
{
	if (action == CSVR_ACTION_HELP)
		write_help(stream);
	else if (action == CSVR_ACTION_GENERATE_MAN)
		write_man(stream);
	else
		write_bash(stream);
}
