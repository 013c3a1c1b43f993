/* fault_inject.c - preloaded into a program, makes its n-th call of a kind fail
 *
 * Why     no other way makes a read, a write or an allocation fail at any given call
 * Shape   a seccomp filter intercepts system calls of the program, libc's streams, the dynamic linker and
 *         libcurl. It raises SIGSYS, whose handler fails the call or makes it with the one instruction
 *         that the filter allows. Functions of the same names intercept calls for memory, threads and
 *         libraries.
 * Env     FAULT      KIND:N:HOW or KIND:N+:HOW; N counts from 1; `+` means that call and all after it; HOW
 *                    is the name of an error, `short` (half of the bytes), `end` (no bytes), `term` or
 *                    `kill` (that signal arrives just before the call). Up to four, separated by commas
 *         FAULT_LOG  an existing file; each fault adds a line with the name of the call and the path or
 *                    the descriptor of the file
 * Errors  exit status 99 with a message if the variables are invalid, 98 if this machine has no seccomp
 *         filters; a program that hangs is killed after half a minute
 * Use     cc -shared -fPIC; Linux on x86-64 with glibc
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#if !defined __x86_64__ || !defined __GLIBC__
#error "for Linux on x86-64 with glibc only"
#endif

enum { HANG_S = 30, BAD_VARIABLE = 99, NO_FILTER = 98 };

/* ---- calls that may fail ---- */

/* The kind of the first argument of a system call. */
enum subject { NOTHING, DESCRIPTOR, PATH, PATH_AT };

struct call {
	const char *kind;
	const char *name;
	long number;
	enum subject subject;
};

static const struct call calls[] = {
	{ "read", "read", SYS_read, DESCRIPTOR },
	{ "read", "pread", SYS_pread64, DESCRIPTOR },
	{ "read", "readv", SYS_readv, DESCRIPTOR },
	{ "open", "open", SYS_open, PATH },
	{ "open", "openat", SYS_openat, PATH_AT },
	{ "stat", "stat", SYS_stat, PATH },
	{ "stat", "lstat", SYS_lstat, PATH },
	{ "stat", "fstat", SYS_fstat, DESCRIPTOR },
	{ "stat", "fstatat", SYS_newfstatat, PATH_AT },
	{ "stat", "statx", SYS_statx, PATH_AT },
	{ "write", "write", SYS_write, DESCRIPTOR },
	{ "write", "writev", SYS_writev, DESCRIPTOR },
	{ "write", "pwrite", SYS_pwrite64, DESCRIPTOR },
	{ "rename", "rename", SYS_rename, PATH },
	{ "rename", "renameat", SYS_renameat, PATH_AT },
	{ "rename", "renameat2", SYS_renameat2, PATH_AT },
	{ "sync", "fsync", SYS_fsync, DESCRIPTOR },
	{ "sync", "fdatasync", SYS_fdatasync, DESCRIPTOR },
	{ "close", "close", SYS_close, DESCRIPTOR },
	{ "list", "getdents", SYS_getdents64, DESCRIPTOR },
	{ "map", "mmap", SYS_mmap, NOTHING },
	{ "socket", "socket", SYS_socket, NOTHING },
	{ "socket", "socketpair", SYS_socketpair, NOTHING },
	{ "socket", "setsockopt", SYS_setsockopt, DESCRIPTOR },
	{ "socket", "getsockopt", SYS_getsockopt, DESCRIPTOR },
	{ "socket", "getsockname", SYS_getsockname, DESCRIPTOR },
	{ "socket", "getpeername", SYS_getpeername, DESCRIPTOR },
	{ "socket", "eventfd", SYS_eventfd2, NOTHING },
	{ "socket", "pipe", SYS_pipe2, NOTHING },
	{ "connect", "connect", SYS_connect, DESCRIPTOR },
	{ "send", "sendto", SYS_sendto, DESCRIPTOR },
	{ "send", "sendmsg", SYS_sendmsg, DESCRIPTOR },
	{ "receive", "recvfrom", SYS_recvfrom, DESCRIPTOR },
	{ "receive", "recvmsg", SYS_recvmsg, DESCRIPTOR },
	{ "poll", "poll", SYS_poll, NOTHING },
	{ "poll", "ppoll", SYS_ppoll, NOTHING },
	{ "poll", "select", SYS_select, NOTHING },
	{ "poll", "epoll_wait", SYS_epoll_wait, NOTHING },
	/* Calls whose failure programs rarely expect. */
	{ "other", "access", SYS_access, PATH },
	{ "other", "dup", SYS_dup, DESCRIPTOR },
	{ "other", "fadvise", SYS_fadvise64, DESCRIPTOR },
	{ "other", "fchmod", SYS_fchmod, DESCRIPTOR },
	{ "other", "fchown", SYS_fchown, DESCRIPTOR },
	{ "other", "fcntl", SYS_fcntl, DESCRIPTOR },
	{ "other", "ftruncate", SYS_ftruncate, DESCRIPTOR },
	{ "other", "getcwd", SYS_getcwd, NOTHING },
	{ "other", "getrandom", SYS_getrandom, NOTHING },
	{ "other", "ioctl", SYS_ioctl, DESCRIPTOR },
	{ "other", "lseek", SYS_lseek, DESCRIPTOR },
	{ "other", "readlink", SYS_readlink, PATH },
	{ "other", "readlinkat", SYS_readlinkat, PATH_AT },
	{ "other", "sched_getaffinity", SYS_sched_getaffinity, NOTHING },
	{ "other", "sched_setaffinity", SYS_sched_setaffinity, NOTHING },
	{ "other", "setitimer", SYS_setitimer, NOTHING },
	{ "other", "sysinfo", SYS_sysinfo, NOTHING },
	{ "other", "timer_create", SYS_timer_create, NOTHING },
	{ "other", "timer_settime", SYS_timer_settime, NOTHING },
	{ "other", "uname", SYS_uname, NOTHING },
	{ "other", "unlink", SYS_unlink, PATH },
	{ "other", "unlinkat", SYS_unlinkat, PATH_AT },
};

enum { N_CALLS = sizeof calls / sizeof calls[0] };

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EACCES", EACCES },         { "EAGAIN", EAGAIN },       { "ECONNREFUSED", ECONNREFUSED },
	{ "ECONNRESET", ECONNRESET }, { "EDQUOT", EDQUOT },       { "EFBIG", EFBIG },
	{ "EINTR", EINTR },           { "EINVAL", EINVAL },       { "EIO", EIO },
	{ "EMFILE", EMFILE },         { "ENFILE", ENFILE },       { "ENOENT", ENOENT },
	{ "ENOMEM", ENOMEM },         { "ENOSPC", ENOSPC },       { "ENOSYS", ENOSYS },
	{ "EPERM", EPERM },           { "EPIPE", EPIPE },         { "EROFS", EROFS },
	{ "ESTALE", ESTALE },         { "ETIMEDOUT", ETIMEDOUT }, { "EXDEV", EXDEV },
};

struct fault {
	char kind[32];
	uint64_t n;
	bool and_all_after;
	bool is_short, is_end;
	int signal, error;
	uint64_t n_calls; /* atomic: of the kind, so far */
};

/* Written before a second thread exists, except for the counters. */
static struct fault faults[4];
static size_t n_faults;
static const char *log_path;

/* Counts a call of the kind. Returns its fault, or NULL. */
static const struct fault *find_fault(const char *kind)
{
	for (size_t i = 0; i < n_faults; i++) {
		struct fault *fault = &faults[i];
		if (strcmp(fault->kind, kind) != 0)
			continue;
		const uint64_t n = __atomic_add_fetch(&fault->n_calls, 1, __ATOMIC_RELAXED);
		if (n == fault->n || (fault->and_all_after && n > fault->n))
			return fault;
	}
	return NULL;
}

static bool is_requested(const char *kind)
{
	for (size_t i = 0; i < n_faults; i++)
		if (strcmp(faults[i].kind, kind) == 0)
			return true;
	return false;
}

/* ---- system calls ---- */

/* A system call that the filter allows, and the address after its instruction. The result is negative on
 * error. */
long fault_raw_call(long number, long a, long b, long c, long d, long e, long f);
extern char fault_raw_end[];
__asm__(".text\n"
	".globl fault_raw_call\n"
	".type fault_raw_call, @function\n"
	"fault_raw_call:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	mov %rdx, %rsi\n"
	"	mov %rcx, %rdx\n"
	"	mov %r8, %r10\n"
	"	mov %r9, %r8\n"
	"	mov 8(%rsp), %r9\n"
	"	syscall\n"
	".globl fault_raw_end\n"
	"fault_raw_end:\n"
	"	ret\n"
	".size fault_raw_call, . - fault_raw_call\n");

/* Async-signal-safe, without system calls other than the raw one. */
static void append(char *text, size_t *n, const char *more)
{
	for (; *more != '\0' && *n < PATH_MAX; more++)
		text[(*n)++] = *more;
}

static void append_number(char *text, size_t *n, long number)
{
	char digits[24];
	size_t i = sizeof digits - 1;
	unsigned long rest = number < 0 ? 0 - (unsigned long)number : (unsigned long)number;
	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		append(text, n, "-");
	append(text, n, digits + i);
}

/* Appends the path of the open file with this descriptor. */
static void append_file(char *text, size_t *n, long number)
{
	char link[64];
	size_t n_link = 0;
	append(link, &n_link, "/proc/self/fd/");
	append_number(link, &n_link, number);
	link[n_link] = '\0';
	const long length = fault_raw_call(SYS_readlink, (long)link, (long)(text + *n),
					   (long)(PATH_MAX - *n), 0, 0, 0);
	if (length > 0)
		*n += (size_t)length;
	else
		append_number(text, n, number);
}

static void write_log(const char *name, enum subject subject, long first, long second)
{
	char text[PATH_MAX + 1];
	size_t n = 0;
	append(text, &n, name);
	append(text, &n, " ");
	if (subject == PATH && first != 0)
		append(text, &n, (const char *)first);
	else if (subject == PATH_AT && second != 0 && *(const char *)second != '\0')
		append(text, &n, (const char *)second);
	else if (subject == DESCRIPTOR || subject == PATH_AT)
		append_file(text, &n, first);
	text[n++] = '\n';
	const long log = fault_raw_call(SYS_openat, AT_FDCWD, (long)log_path,
					O_WRONLY | O_APPEND | O_CLOEXEC, 0, 0, 0);
	if (log < 0)
		return;
	(void)fault_raw_call(SYS_write, log, (long)text, (long)n, 0, 0, 0);
	(void)fault_raw_call(SYS_close, log, 0, 0, 0, 0, 0);
}

static void on_call(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	greg_t *at = ((ucontext_t *)context)->uc_mcontext.gregs;
	const long number = info->si_syscall;
	long n_bytes = at[REG_RDX];
	size_t i = 0;
	while (i + 1 < N_CALLS && calls[i].number != number)
		i++;
	const struct fault *fault = find_fault(calls[i].kind);
	if (fault != NULL) {
		write_log(calls[i].name, calls[i].subject, at[REG_RDI], at[REG_RSI]);
		if (fault->signal != 0)
			(void)fault_raw_call(SYS_kill, fault_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0),
					     fault->signal, 0, 0, 0, 0);
		/* The descriptor is closed even on error, as close(2) documents. */
		else if (number == SYS_close)
			(void)fault_raw_call(number, at[REG_RDI], 0, 0, 0, 0, 0);
		if (fault->is_end || fault->error != 0) {
			at[REG_RAX] = -fault->error;
			return;
		}
		if (fault->is_short && n_bytes > 1)
			n_bytes /= 2;
	}
	at[REG_RAX] = fault_raw_call(number, at[REG_RDI], at[REG_RSI], n_bytes, at[REG_R10],
				     at[REG_R8], at[REG_R9]);
}

static struct sock_filter statement(unsigned code, uint32_t k)
{
	return (struct sock_filter){ (uint16_t)code, 0, 0, k };
}

static struct sock_filter jump(uint32_t k, size_t if_equal, size_t if_not)
{
	return (struct sock_filter){ BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)if_equal, (uint8_t)if_not,
				     k };
}

/* Calls of the requested kinds raise SIGSYS, unless fault_raw_call makes them. */
static bool filter_calls(void)
{
	const uint64_t end = (uint64_t)(uintptr_t)fault_raw_end;
	const uint32_t ip = offsetof(struct seccomp_data, instruction_pointer);
	struct sock_filter filter[N_CALLS + 16];
	size_t n = 0, n_left = 0;
	for (size_t i = 0; i < N_CALLS; i++)
		n_left += is_requested(calls[i].kind);
	filter[n++] = statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < N_CALLS; i++)
		if (is_requested(calls[i].kind))
			filter[n++] = jump((uint32_t)calls[i].number, n_left--, 0);
	filter[n++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[n++] = statement(BPF_LD | BPF_W | BPF_ABS, ip);
	filter[n++] = jump((uint32_t)end, 0, 2);
	filter[n++] = statement(BPF_LD | BPF_W | BPF_ABS, ip + 4);
	filter[n++] = jump((uint32_t)(end >> 32), 1, 0);
	filter[n++] = statement(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
	filter[n++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog program = { (unsigned short)n, filter };
	struct sigaction action = { .sa_sigaction = on_call };
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
	return sigaction(SIGSYS, &action, NULL) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* ---- memory, threads, libraries ---- */

/* Memory for dlsym, which may allocate before the next functions are resolved. */
static char early_bytes[16384] __attribute__((aligned(16)));
static size_t n_early_bytes;

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void *(*next_aligned_alloc)(size_t, size_t);
static int (*next_posix_memalign)(void **, size_t, size_t);
static void (*next_free)(void *);
static bool is_resolving;

static void resolve(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);
	memcpy(function, &found, sizeof found);
}

/* Called before a second thread exists. */
static bool resolve_next(void)
{
	if (next_free != NULL)
		return true;
	if (is_resolving)
		return false;
	is_resolving = true;
	resolve("malloc", &next_malloc);
	resolve("calloc", &next_calloc);
	resolve("realloc", &next_realloc);
	resolve("aligned_alloc", &next_aligned_alloc);
	resolve("posix_memalign", &next_posix_memalign);
	resolve("free", &next_free);
	is_resolving = false;
	return next_free != NULL;
}

static void *allocate_early(size_t n_bytes)
{
	const size_t n = (n_bytes + 15) / 16 * 16;
	if (n > sizeof early_bytes - n_early_bytes)
		return NULL;
	n_early_bytes += n;
	return early_bytes + n_early_bytes - n;
}

static bool is_early(const void *at)
{
	return (uintptr_t)at >= (uintptr_t)early_bytes &&
	       (uintptr_t)at < (uintptr_t)early_bytes + sizeof early_bytes;
}

/* True if the call must fail; errno is set. */
static bool must_fail(const char *kind, const char *name)
{
	const struct fault *fault = find_fault(kind);
	if (fault == NULL)
		return false;
	write_log(name, NOTHING, 0, 0);
	errno = fault->error;
	return true;
}

void *malloc(size_t n_bytes)
{
	if (!resolve_next())
		return allocate_early(n_bytes);
	return must_fail("memory", "malloc") ? NULL : next_malloc(n_bytes);
}

void *calloc(size_t n, size_t n_bytes)
{
	if (!resolve_next())
		return allocate_early(n * n_bytes); /* they are zero */
	return must_fail("memory", "calloc") ? NULL : next_calloc(n, n_bytes);
}

void *realloc(void *old, size_t n_bytes)
{
	if (!resolve_next() || is_early(old))
		return NULL; /* not called this early */
	return must_fail("memory", "realloc") ? NULL : next_realloc(old, n_bytes);
}

void *aligned_alloc(size_t alignment, size_t n_bytes)
{
	if (!resolve_next() || must_fail("memory", "aligned_alloc"))
		return NULL;
	return next_aligned_alloc(alignment, n_bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t n_bytes)
{
	if (!resolve_next() || must_fail("memory", "posix_memalign"))
		return ENOMEM;
	return next_posix_memalign(memory, alignment, n_bytes);
}

void free(void *memory)
{
	if (memory != NULL && !is_early(memory) && resolve_next())
		next_free(memory);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
		   void *argument)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	resolve("pthread_create", &next);
	if (must_fail("thread", "pthread_create"))
		return errno;
	return next(thread, attributes, start, argument);
}

/* A missing path makes dlopen fail with the reason of a missing library. */
void *dlopen(const char *name, int flags)
{
	void *(*next)(const char *, int);
	resolve("dlopen", &next);
	return next(name != NULL && must_fail("library", "dlopen") ? "/missing/library" : name,
		    flags);
}

/* The filter's signal must not be blocked: the kernel would end the program. */
static int set_mask(const char *name, int how, const sigset_t *set, sigset_t *old)
{
	int (*next)(int, const sigset_t *, sigset_t *);
	resolve(name, &next);
	sigset_t less;
	if (set == NULL || how == SIG_UNBLOCK)
		return next(how, set, old);
	less = *set;
	sigdelset(&less, SIGSYS);
	return next(how, &less, old);
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return set_mask("pthread_sigmask", how, set, old);
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return set_mask("sigprocmask", how, set, old);
}

/* ---- start ---- */

static void end(int status, const char *why)
{
	(void)fault_raw_call(SYS_write, STDERR_FILENO, (long)why, (long)strlen(why), 0, 0, 0);
	_exit(status);
}

static bool set_how(struct fault *fault, const char *how)
{
	fault->is_short = strcmp(how, "short") == 0;
	fault->is_end = strcmp(how, "end") == 0;
	fault->signal = strcmp(how, "term") == 0 ? SIGTERM : strcmp(how, "kill") == 0 ? SIGKILL : 0;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (strcmp(errors[i].name, how) == 0)
			fault->error = errors[i].number;
	return fault->is_short || fault->is_end || fault->signal != 0 || fault->error != 0;
}

/* KIND:N:HOW */
static bool set_fault(struct fault *fault, const char *text)
{
	char *rest;
	const char *colon = strchr(text, ':');
	if (colon == NULL || (size_t)(colon - text) >= sizeof fault->kind)
		return false;
	memcpy(fault->kind, text, (size_t)(colon - text));
	fault->n = strtoull(colon + 1, &rest, 10);
	fault->and_all_after = *rest == '+';
	rest += fault->and_all_after;
	return *rest == ':' && set_how(fault, rest + 1);
}

/* Kills the program after half a minute. */
static void limit_time(void)
{
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	const struct itimerspec limit = { .it_value = { HANG_S, 0 } };
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
		(void)timer_settime(timer, 0, &limit, NULL);
}

/* True if a requested kind consists of system calls. */
static bool has_system_calls(void)
{
	for (size_t i = 0; i < N_CALLS; i++)
		if (is_requested(calls[i].kind))
			return true;
	return false;
}

__attribute__((constructor)) static void begin(void)
{
	static char text[256];
	static struct fault made[sizeof faults / sizeof faults[0]];
	const char *given = getenv("FAULT");
	size_t n = 0;
	if (given == NULL)
		return;
	log_path = getenv("FAULT_LOG");
	if (log_path == NULL || strlen(given) >= sizeof text)
		end(BAD_VARIABLE, "FAULT=KIND:N:HOW and FAULT_LOG are needed\n");
	memcpy(text, given, strlen(given) + 1);
	for (char *rest = text, *word; (word = strsep(&rest, ",")) != NULL; n++)
		if (n >= sizeof faults / sizeof faults[0] || !set_fault(&made[n], word))
			end(BAD_VARIABLE, "FAULT: not KIND:N:HOW\n");
	limit_time();
	(void)resolve_next();
	memcpy(faults, made, sizeof faults);
	n_faults = n;
	if (has_system_calls() && !filter_calls())
		end(NO_FILTER, "this system has no seccomp filters\n");
}
