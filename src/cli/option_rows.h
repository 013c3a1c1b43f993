/* option_rows.h - how a row of the option tables states where its value goes
 *
 * Each macro sets the kind of the option and the member of struct csvr_options that stores the value. Only
 * option_table.c and option_table_report.c include this.
 */
#ifndef CSVR_CLI_OPTION_ROWS_H
#define CSVR_CLI_OPTION_ROWS_H

#include <stddef.h>

#include "cli/options_internal.h"

/* The type of the member is checked where only one type fits. */
#define MEMBER(member) (((struct csvr_options *)0)->member)
#define STORE(member) \
	.offset = offsetof(struct csvr_options, member), .member_bytes = sizeof MEMBER(member)
/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot be in parentheses here */
#define STORE_AS(type, member) \
	.offset = _Generic(MEMBER(member), type: offsetof(struct csvr_options, member)), \
	.member_bytes = sizeof(type)
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

#define FLAG(member) .kind = CSVR_OPTION_SET, .least = true, STORE_AS(bool, member)
#define SET(member, constant) \
	.kind = CSVR_OPTION_SET, .least = (uint64_t)(int64_t)(constant), STORE(member)
#define INT(member, first, last) \
	.kind = CSVR_OPTION_INT, .least = (first), .most = (last), STORE(member)
#define SIZE(member, first, last) \
	.kind = CSVR_OPTION_SIZE, .least = (first), .most = (last), STORE(member)
#define SECONDS(member) .kind = CSVR_OPTION_SECONDS, STORE_AS(double, member)
#define BYTE(member) .kind = CSVR_OPTION_BYTE, STORE_AS(int, member)
#define CHOICE(member) .kind = CSVR_OPTION_CHOICE, STORE(member)
#define CHOICES(member) .kind = CSVR_OPTION_CHOICES, STORE_AS(struct csvr_string_builder, member)
#define STRING(member) .kind = CSVR_OPTION_STRING, STORE_AS(const char *, member)
#define STRING_LIST(member) \
	.kind = CSVR_OPTION_STRING_LIST, STORE_AS(struct csvr_string_builder, member)
#define CUSTOM(function) .kind = CSVR_OPTION_CUSTOM, .parse = (function)

#endif
