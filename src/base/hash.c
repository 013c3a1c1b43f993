/* hash.c - hashes of bytes, for tables in memory */
#include "base/hash.h"

uint64_t csvr_hash(const void *bytes, size_t n_bytes)
{
	/* Address space layout randomization makes this address a seed. */
	static const char anchor;
	const unsigned char *byte = bytes;
	uint64_t hash = (uint64_t)(uintptr_t)&anchor * UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = 0; i < n_bytes; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): all bytes are set */
		hash = csvr_fnv1a(hash, byte[i]);
	return hash ^ hash >> 32;
}
