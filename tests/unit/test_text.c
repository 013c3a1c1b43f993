/* test_text.c - predicates on texts of all short lengths, and of some long ones */
#include <string.h>

#include "base/text.h"
#include "check_main.h"

enum { MARGIN = 32, MOST_BYTES = 150 };

/* The bytes around a text would be noticed: they are `byte`, and not ASCII. */
static void surround(unsigned char buffer[MARGIN + MOST_BYTES + MARGIN], size_t n_bytes)
{
	memset(buffer, 0xff, MARGIN + MOST_BYTES + MARGIN);
	memset(buffer + MARGIN, 0x41, n_bytes);
}

START_TEST(a_byte_is_found_at_every_position_of_a_text_and_not_around_it)
{
	unsigned char buffer[MARGIN + MOST_BYTES + MARGIN], *const text = buffer + MARGIN;
	for (size_t n = 1; n <= MOST_BYTES; n++) {
		surround(buffer, n);
		ck_assert(!csvr_has_byte(text, n, 0xff));
		ck_assert(!csvr_has_byte(text, n, 0x40));
		for (size_t i = 0; i < n; i++) {
			text[i] = 0xff;
			ck_assert_msg(csvr_has_byte(text, n, 0xff), "byte %zu of %zu", i, n);
			text[i] = 0x41;
		}
	}
}
END_TEST

START_TEST(the_bytes_of_a_text_are_or_ed_and_not_those_around_it)
{
	unsigned char buffer[MARGIN + MOST_BYTES + MARGIN], *const text = buffer + MARGIN;
	const uint64_t high_bits = csvr_repeat(0x80);
	for (size_t n = 1; n <= MOST_BYTES; n++) {
		surround(buffer, n);
		ck_assert((csvr_or_of_bytes(text, n) & high_bits) == 0);
		for (size_t i = 0; i < n; i++) {
			text[i] = 0x80;
			ck_assert_msg((csvr_or_of_bytes(text, n) & high_bits) != 0,
				      "byte %zu of %zu", i, n);
			text[i] = 0x41;
		}
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *text = tcase_create("text");
	tcase_add_test(text, a_byte_is_found_at_every_position_of_a_text_and_not_around_it);
	tcase_add_test(text, the_bytes_of_a_text_are_or_ed_and_not_those_around_it);
	suite_add_tcase(suite, text);
}

int main(void)
{
	return check_main("text", add_cases);
}
