/* coverage_exit.c - saves the counters of processes that do not end by exit(); linked only by coverage.sh
 *
 * A destructor writes gcc's counters to their files, and so does exec. A process that ends by
 * _exit() or by a signal that it sends itself would lose them, so the linker replaces _exit() and
 * raise() with these functions (--wrap). A process that another one kills still loses its counters.
 *
 * Threads  writing allocates memory, which a signal handler must not do, so a run of the tests may very
 *          rarely hang. Therefore only the coverage build links this file.
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

/* A handler may return; later counts are added at the end. */
int __wrap_raise(int number)
{
	__gcov_dump();
	__gcov_reset();
	return __real_raise(number);
}
