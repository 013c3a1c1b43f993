/* random.h - random numbers that are the same on every machine
 *
 * Threads  no threads: each program has one sequence, which a test starts again by setting random_state
 * Source   splitmix64 (public domain)
 */
#ifndef CSVR_TESTS_RANDOM_H
#define CSVR_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static uint64_t random_state; /* any value is a seed */

static inline uint64_t next_random(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* From 0 to n - 1, below 2^32. */
static inline unsigned below(size_t n)
{
	return (unsigned)(next_random() % n);
}

#endif
