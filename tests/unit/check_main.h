/* check_main.h - the main function of a Check program: one suite, TAP on standard output
 *
 *	static void add_cases(Suite *suite) { ... suite_add_tcase(suite, cases); }
 *	int main(void) { return check_main("wide", add_cases); }
 *
 * Errors  the exit status only says whether tests were run: a failing test prints a `not ok` line, which
 *         the driver counts once
 * Threads  no threads: a parallel region outside a test body hangs the tests that Check forks
 */
#ifndef CSVR_TESTS_CHECK_MAIN_H
#define CSVR_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/* Sanitizers map much more memory than they use, and ThreadSanitizer delays a signal until the program next
 * calls the C library. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined __SANITIZE_THREAD__ || __has_feature(thread_sanitizer)
#define HAS_THREAD_SANITIZER 1
#else
#define HAS_THREAD_SANITIZER 0
#endif
#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER 1
#else
#define HAS_ADDRESS_SANITIZER 0
#endif

static inline int check_main(const char *name, void (*add_cases)(Suite *suite))
{
	/* Check ends a test after 4 seconds unless told otherwise, too early on a busy machine. */
	setenv("CK_DEFAULT_TIMEOUT", "120", 0);
	Suite *suite = suite_create(name);
	add_cases(suite);
	SRunner *runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	const int n_run = srunner_ntests_run(runner);
	srunner_free(runner);
	return n_run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
