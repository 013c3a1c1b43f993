/* test_threads.c - what determines the number of threads, and the quota of cgroups
 *
 * OpenMP reads its environment once, before main: each question is asked of a fresh process, this
 * program itself with `granted WANTED UNITS` as arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"
#include "run/cpu_quota.h"
#include "run/threads.h"

/* ---- cgroups: fixtures in a directory of their own ---- */

static char home[4096];

static void enter_home(void)
{
	const char *tmp = getenv("TMPDIR");
	ck_assert_int_lt(snprintf(home, sizeof home, "%s/csvr-threads-XXXXXX",
				  tmp != NULL ? tmp : "/tmp"),
			 (int)sizeof home);
	ck_assert_ptr_nonnull(mkdtemp(home));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static void leave_home(void)
{
	ck_assert_int_eq(nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void put(const char *path, const char *text)
{
	char whole[8192];
	snprintf(whole, sizeof whole, "%s%s", home, path);
	for (char *slash = strchr(whole + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(whole, 0777);
		*slash = '/';
	}
	FILE *file = fopen(whole, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

#define MOUNT_V2 "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define MOUNT_V1                                                                               \
	"31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n" \
	"32 30 0:28 / /sys/fs/cgroup/cpuset rw shared:10 - cgroup cgroup rw,cpuset\n"
#define MOUNT_OTHERS                                              \
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n" \
	"23 22 0:21 / /sys rw shared:2 master:3 propagate_from:2 - sysfs sysfs rw\n"

static void expect_quota(double expected)
{
	ck_assert_double_eq_tol(csvr_cpu_quota(home), expected, 1e-12);
}

START_TEST(missing_files_give_no_quota)
{
	expect_quota(0);
	put("/proc/self/cgroup", "0::/a\n");
	expect_quota(0);
	put("/proc/self/mountinfo", "");
	expect_quota(0);
	put("/proc/self/mountinfo", MOUNT_OTHERS MOUNT_V2);
	expect_quota(0);
}
END_TEST

static const struct max_case {
	const char *text;
	double quota;
} max_cases[] = {
	{ "max 100000\n", 0 },
	{ "200000 100000\n", 2 },
	{ "150000 100000\n", 1.5 },
	{ "1000 100000\n", 0.01 },
	{ "50000 25000\n", 2 },
	{ "300000\n", 3 },
	{ "", 0 },
	{ "\n", 0 },
	{ "0 100000\n", 0 },
	{ "100000 0\n", 0 },
	{ "-1 100000\n", 0 },
	{ "nonsense\n", 0 },
	{ "6400000 100000", 64 },
};

START_TEST(cpu_max_of_version_2_is_a_quota)
{
	put("/proc/self/cgroup", "0::/job\n");
	put("/proc/self/mountinfo", MOUNT_OTHERS MOUNT_V2);
	put("/sys/fs/cgroup/job/cpu.max", max_cases[_i].text);
	expect_quota(max_cases[_i].quota);
}
END_TEST

START_TEST(smallest_quota_of_all_ancestors_wins)
{
	put("/proc/self/cgroup", "0::/slurm/job_1/step_0/task_3\n");
	put("/proc/self/mountinfo", MOUNT_OTHERS MOUNT_V2);
	put("/sys/fs/cgroup/slurm/job_1/step_0/task_3/cpu.max", "max 100000\n");
	expect_quota(0);
	put("/sys/fs/cgroup/slurm/job_1/step_0/cpu.max", "800000 100000\n");
	expect_quota(8);
	put("/sys/fs/cgroup/slurm/job_1/cpu.max", "400000 100000\n");
	expect_quota(4);
	put("/sys/fs/cgroup/slurm/cpu.max", "1600000 100000\n");
	expect_quota(4);
	put("/sys/fs/cgroup/cpu.max", "300000 100000\n"); /* of this container */
	expect_quota(3);
	put("/sys/fs/cgroup/slurm/job_2/cpu.max", "100000 100000\n"); /* of another cgroup */
	put("/sys/fs/cpu.max", "100000 100000\n"); /* above the mount point */
	expect_quota(3);
}
END_TEST

START_TEST(root_group_of_a_namespace_has_its_files_at_the_mount_point)
{
	put("/proc/self/cgroup", "0::/\n");
	put("/proc/self/mountinfo", MOUNT_OTHERS MOUNT_V2);
	put("/sys/fs/cgroup/cpu.max", "250000 100000\n");
	expect_quota(2.5);
}
END_TEST

START_TEST(quota_of_version_1_is_that_of_the_cpu_controller)
{
	put("/proc/self/cgroup", "5:cpuset:/other\n4:cpu,cpuacct:/a/b\n1:name=systemd:/x\n");
	put("/proc/self/mountinfo", MOUNT_OTHERS MOUNT_V1);
	put("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/cpuset/other/cpu.cfs_quota_us", "1000\n");
	expect_quota(0);
	put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "75000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "50000\n");
	expect_quota(1.5);
	put("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "120000\n");
	expect_quota(1.2);
}
END_TEST

START_TEST(cpuset_and_cpuacct_are_not_the_cpu_controller)
{
	put("/proc/self/cgroup", "5:cpuset:/a\n4:cpuacct:/a\n");
	put("/proc/self/mountinfo", MOUNT_V1);
	put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "100000\n");
	expect_quota(0);
}
END_TEST

START_TEST(quotas_of_both_versions_are_combined)
{
	put("/proc/self/cgroup", "4:cpu,cpuacct:/a\n0::/b\n");
	put("/proc/self/mountinfo",
	    MOUNT_OTHERS MOUNT_V1 "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
	put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "300000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
	expect_quota(3);
	put("/sys/fs/cgroup/unified/b/cpu.max", "200000 100000\n");
	expect_quota(2);
}
END_TEST

START_TEST(part_of_the_hierarchy_can_be_mounted_in_a_container)
{
	/* /proc has the host's path; that cgroup itself is at the mount point. */
	put("/proc/self/cgroup", "4:cpu,cpuacct:/docker/abc\n");
	put("/proc/self/mountinfo",
	    MOUNT_OTHERS "31 30 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - "
			 "cgroup cgroup rw,cpu,cpuacct\n");
	put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "350000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
	expect_quota(3.5);
	/* The same for a cgroup below that one. */
	put("/proc/self/cgroup", "4:cpu,cpuacct:/docker/abc/sub\n");
	expect_quota(3.5);
	put("/sys/fs/cgroup/cpu,cpuacct/sub/cpu.cfs_quota_us", "100000\n");
	expect_quota(1);
}
END_TEST

START_TEST(mount_root_that_is_a_string_prefix_is_not_an_ancestor)
{
	put("/proc/self/cgroup", "0::/docker/abcdef\n");
	put("/proc/self/mountinfo",
	    MOUNT_V2 "34 30 0:26 /docker/abc /other rw - cgroup2 cgroup2 rw\n");
	put("/sys/fs/cgroup/docker/abcdef/cpu.max", "200000 100000\n");
	put("/other/cpu.max", "100000 100000\n");
	put("/other/def/cpu.max", "100000 100000\n");
	expect_quota(2);
}
END_TEST

START_TEST(mount_point_is_the_cgroup_if_no_mount_contains_its_path)
{
	put("/proc/self/cgroup", "0::/../../elsewhere\n");
	put("/proc/self/mountinfo", MOUNT_OTHERS MOUNT_V2);
	put("/sys/fs/cgroup/cpu.max", "500000 100000\n");
	expect_quota(5);
	put("/proc/self/cgroup", "0::/\n");
	put("/proc/self/mountinfo",
	    "30 23 0:26 /kubepods/pod1 /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
	expect_quota(5);
}
END_TEST

START_TEST(paths_may_contain_blanks_and_colons)
{
	put("/proc/self/cgroup", "0::/my job:1\n");
	put("/proc/self/mountinfo", "30 23 0:26 / /c\\040g rw - cgroup2 cgroup2 rw\n");
	put("/c g/my job:1/cpu.max", "200000 100000\n");
	expect_quota(2);
}
END_TEST

START_TEST(truncated_lines_are_skipped)
{
	put("/proc/self/cgroup", "\n0\n0:\n:\n::\n0::\n0::/job\n");
	put("/proc/self/mountinfo", "\n30\n30 23 0:26 / /x rw\n30 23 0:26 / /x rw -\n"
				    "30 23 0:26 / /x rw - cgroup2\n \n" MOUNT_V2 "31");
	put("/sys/fs/cgroup/job/cpu.max", "200000 100000\n");
	expect_quota(2);
}
END_TEST

START_TEST(mount_table_of_many_containers_is_read_whole)
{
	enum { N_LINES = 4000 };
	static const char line[] =
		"99 22 0:99 / /var/lib/containers/overlay/merged rw - overlay overlay rw\n";
	char *table = malloc(N_LINES * sizeof line + sizeof MOUNT_V2);
	ck_assert_ptr_nonnull(table);
	char *end = table;
	for (int i = 0; i < N_LINES; i++)
		end = stpcpy(end, line);
	strcpy(end, MOUNT_V2);
	put("/proc/self/cgroup", "0::/job\n");
	put("/proc/self/mountinfo", table);
	put("/sys/fs/cgroup/job/cpu.max", "200000 100000\n");
	expect_quota(2);
	free(table);
}
END_TEST

START_TEST(quota_of_this_machine_can_be_read)
{
	ck_assert(csvr_cpu_quota("") >= 0);
}
END_TEST

/* ---- threads: evaluated in a new process ---- */

struct answer {
	int n_threads;
	char from[64];
};

/* Evaluates with NAME=VALUE in `environment` (NULL: no variable of OpenMP is set), on one CPU only
 * if `on_one_cpu`. */
static struct answer ask(const char *environment, int on_one_cpu, const char *wanted,
			 const char *n_units)
{
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		unsetenv("OMP_NUM_THREADS");
		unsetenv("OMP_THREAD_LIMIT");
		unsetenv("OMP_DYNAMIC");
		unsetenv("OMP_PLACES");
		unsetenv("OMP_PROC_BIND");
		if (environment != NULL)
			putenv((char *)(uintptr_t)environment);
		cpu_set_t set;
		if (on_one_cpu && sched_getaffinity(0, sizeof set, &set) == 0) {
			int cpu = 0;
			while (!CPU_ISSET(cpu, &set))
				cpu++;
			CPU_ZERO(&set);
			CPU_SET(cpu, &set);
			if (sched_setaffinity(0, sizeof set, &set) != 0)
				_exit(1);
		}
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO); /* OpenMP warns about invalid values */
		dup2(ends[1], STDOUT_FILENO);
		execl("/proc/self/exe", "test_threads", "granted", wanted, n_units, (char *)NULL);
		_exit(1);
	}
	ck_assert_int_eq(close(ends[1]), 0);
	FILE *file = fdopen(ends[0], "r");
	struct answer answer;
	int n_read = fscanf(file, "%d %63[^\n]", &answer.n_threads, answer.from);
	ck_assert_int_eq(fclose(file), 0);
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(n_read, 2);
	return answer;
}

#ifdef _OPENMP

static const struct {
	const char *environment;
	const char *wanted;
	const char *n_units;
	int n_threads;
	const char *from;
} granted_cases[] = {
	{ NULL, "5", "100", 5, "--threads" },
	{ "OMP_NUM_THREADS=3", "5", "100", 5, "--threads" },
	{ "OMP_NUM_THREADS=3", "0", "100", 3, "OMP_NUM_THREADS" },
	{ "OMP_NUM_THREADS=3,2", "0", "100", 3, "OMP_NUM_THREADS" },
	{ "OMP_NUM_THREADS= 3 ", "0", "100", 3, "OMP_NUM_THREADS" },
	{ "OMP_NUM_THREADS=3", "0", "2", 2, "the number of work units" },
	{ "OMP_NUM_THREADS=3", "0", "3", 3, "OMP_NUM_THREADS" },
	{ NULL, "5", "1", 1, "the number of work units" },
	{ NULL, "5", "0", 1, "the number of work units" },
	{ NULL, "1", "0", 1, "--threads" },
	{ "OMP_THREAD_LIMIT=4", "5", "100", 4, "OMP_THREAD_LIMIT" },
	{ "OMP_THREAD_LIMIT=4", "3", "100", 3, "--threads" },
	{ NULL, "5", "18446744073709551615", 5, "--threads" },
};

START_TEST(first_source_that_is_set_decides)
{
	struct answer answer = ask(granted_cases[_i].environment, 0, granted_cases[_i].wanted,
				   granted_cases[_i].n_units);
	ck_assert_int_eq(answer.n_threads, granted_cases[_i].n_threads);
	ck_assert_str_eq(answer.from, granted_cases[_i].from);
}
END_TEST

START_TEST(affinity_mask_decides_if_nothing_else_is_set)
{
	struct answer answer = ask(NULL, 1, "0", "100");
	ck_assert_int_eq(answer.n_threads, 1);
	ck_assert_str_eq(answer.from, "the affinity mask");
}
END_TEST

START_TEST(only_a_quota_lowers_the_number_of_cpus_in_the_mask)
{
	struct answer answer = ask(NULL, 0, "0", "1000000");
	cpu_set_t set;
	ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
	if (strcmp(answer.from, "the affinity mask") == 0)
		ck_assert_int_eq(answer.n_threads, CPU_COUNT(&set));
	else
		ck_assert_int_lt(answer.n_threads, CPU_COUNT(&set));
}
END_TEST

START_TEST(values_that_openmp_rejects_are_ignored)
{
	static const char *const bad[] = {
		"OMP_NUM_THREADS=0",    "OMP_NUM_THREADS=99999999999999999999999",
#ifndef __clang__ /* with these LLVM OpenMP 14 uses garbage: it aborts or hangs before main */
		"OMP_NUM_THREADS=",     "OMP_NUM_THREADS=-3",
		"OMP_NUM_THREADS=many", "OMP_NUM_THREADS=3 threads",
		"OMP_NUM_THREADS=3,x",
#endif
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct answer answer = ask(bad[i], 1, "0", "100");
		ck_assert_str_eq(answer.from, "the affinity mask");
		ck_assert_int_eq(answer.n_threads, 1);
	}
}
END_TEST

#else

START_TEST(without_openmp_there_is_one_thread)
{
	struct answer answer = ask("OMP_NUM_THREADS=3", 0, "5", "100");
	ck_assert_int_eq(answer.n_threads, 1);
	ck_assert_str_eq(answer.from, "built without OpenMP");
}
END_TEST

#endif

static void add_cases(Suite *suite)
{
	TCase *quota = tcase_create("quota");
	tcase_add_checked_fixture(quota, enter_home, leave_home);
	tcase_add_test(quota, missing_files_give_no_quota);
	tcase_add_loop_test(quota, cpu_max_of_version_2_is_a_quota, 0,
			    (int)(sizeof max_cases / sizeof max_cases[0]));
	tcase_add_test(quota, smallest_quota_of_all_ancestors_wins);
	tcase_add_test(quota, root_group_of_a_namespace_has_its_files_at_the_mount_point);
	tcase_add_test(quota, quota_of_version_1_is_that_of_the_cpu_controller);
	tcase_add_test(quota, cpuset_and_cpuacct_are_not_the_cpu_controller);
	tcase_add_test(quota, quotas_of_both_versions_are_combined);
	tcase_add_test(quota, part_of_the_hierarchy_can_be_mounted_in_a_container);
	tcase_add_test(quota, mount_root_that_is_a_string_prefix_is_not_an_ancestor);
	tcase_add_test(quota, mount_point_is_the_cgroup_if_no_mount_contains_its_path);
	tcase_add_test(quota, paths_may_contain_blanks_and_colons);
	tcase_add_test(quota, truncated_lines_are_skipped);
	tcase_add_test(quota, mount_table_of_many_containers_is_read_whole);
	tcase_add_test(quota, quota_of_this_machine_can_be_read);
	suite_add_tcase(suite, quota);
	TCase *granted = tcase_create("granted");
	tcase_set_timeout(granted, 60);
#ifdef _OPENMP
	tcase_add_loop_test(granted, first_source_that_is_set_decides, 0,
			    (int)(sizeof granted_cases / sizeof granted_cases[0]));
	tcase_add_test(granted, affinity_mask_decides_if_nothing_else_is_set);
	tcase_add_test(granted, only_a_quota_lowers_the_number_of_cpus_in_the_mask);
	tcase_add_test(granted, values_that_openmp_rejects_are_ignored);
#else
	tcase_add_test(granted, without_openmp_there_is_one_thread);
#endif
	suite_add_tcase(suite, granted);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "granted") == 0) {
		const char *from;
		int n = csvr_threads_available(atoi(argv[2]), strtoull(argv[3], NULL, 10), &from);
		printf("%d %s\n", n, from);
		return EXIT_SUCCESS;
	}
	return check_main("threads", add_cases);
}
