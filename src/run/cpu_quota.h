/* cpu_quota.h - the CPU quota of the process's cgroups
 *
 * Units    CPUs: 2.5 is two and a half
 * Errors   none: a file that cannot be read sets no limit
 * Threads  any
 */
#ifndef CSVR_RUN_CPU_QUOTA_H
#define CSVR_RUN_CPU_QUOTA_H

/* The CPUs that the cgroups of this process may use at most; 0: no limit. Supports versions 1 and
 * 2, and containers that see only a part of the hierarchy. `root` is prepended to every path: "" in
 * use, a directory of fixtures in tests. */
double csvr_cpu_quota(const char *root);

#endif
