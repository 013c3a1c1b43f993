/* coverage_exit.c - the counters of processes that do not end by exit(); linked by coverage.sh only
 *
 * gcc's counters are written to their files by a destructor, and before exec. What ends by _exit() or by a
 * signal that it sends itself would be missing. The linker puts these two in place of both (--wrap). What is
 * killed from outside is missing all the same.
 *
 * Threads  writing takes memory, which a signal handler must not do: a run of the tests may hang once in a
 *          very long time. That is why nothing but the counting of lines has this.
 */
#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
void __real__exit(int status) __attribute__((noreturn));
int __real_raise(int number);
void __wrap__exit(int status) __attribute__((noreturn));
int __wrap_raise(int number);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

/* A handler may return, and what is counted from there on is added at the end. */
int __wrap_raise(int number)
{
	__gcov_dump();
	__gcov_reset();
	return __real_raise(number);
}
