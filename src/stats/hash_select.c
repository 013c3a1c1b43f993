/* hash_select.c - the k-th least of many hashes */
#include "stats/hash_select.h"

/* Element k of the sorted array, from 0. Reorders it. */
static uint64_t select_least(uint64_t *hashes, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;
	/* Invariant: the element is in [low, high]; all before are not greater, all after not less. */
	while (low < high) {
		const uint64_t pivot = hashes[low + (high - low) / 2];
		size_t i = low, j = high;
		for (;; i++, j--) {
			while (hashes[i] < pivot)
				i++;
			while (hashes[j] > pivot)
				j--;
			if (i >= j)
				break;
			const uint64_t hash = hashes[i];
			hashes[i] = hashes[j];
			hashes[j] = hash;
		}
		/* [low, i) is not greater than the pivot, (j, high] not less, i is j or j + 1. */
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
	return hashes[k];
}

uint64_t csvr_select_hash(uint64_t *hashes, size_t n, size_t k, uint64_t max_hash)
{
	enum { BIN_BITS = 10, N_BINS = 1 << BIN_BITS };
	const int n_bits = 64 - __builtin_clzll(max_hash | 1);
	const int shift = n_bits > BIN_BITS ? n_bits - BIN_BITS : 0;
	uint16_t n_in_bin[N_BINS] = { 0 };
	for (size_t i = 0; i < n; i++)
		n_in_bin[hashes[i] >> shift]++;
	size_t bin = 0;
	for (; k >= n_in_bin[bin]; bin++)
		k -= n_in_bin[bin];
	size_t n_found = 0;
	for (size_t i = 0; i < n; i++)
		if (hashes[i] >> shift == bin)
			hashes[n_found++] = hashes[i];
	return select_least(hashes, n_found, k);
}
