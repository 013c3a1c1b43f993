/* object_version.c - whether two descriptions of a remote object are of the same version */
#include "input/remote/object_version.h"

#include <string.h>

#include "base/hash.h"

enum { NS = 1000000000 };

bool csvr_etag_is_strong(const char *etag)
{
	return etag[0] != '\0' && strncmp(etag, "W/", 2) != 0;
}

bool csvr_etag_matches(const char *a, const char *b)
{
	a += strncmp(a, "W/", 2) == 0 ? 2 : 0;
	b += strncmp(b, "W/", 2) == 0 ? 2 : 0;
	a += *a == '"';
	b += *b == '"';
	const size_t n = strcspn(a, "\"");
	return n == strcspn(b, "\"") && strncmp(a, b, n) == 0;
}

int64_t csvr_object_version_time(int64_t mtime_ns, const char *etag)
{
	uint64_t hash = CSVR_FNV1A_START;
	const int64_t seconds_ns = mtime_ns / NS * NS;
	if (etag[0] == '\0')
		return mtime_ns;
	if (strncmp(etag, "W/", 2) == 0)
		etag += 2;
	/* Quotes do not count, as in csvr_etag_matches. */
	for (; *etag != '\0'; etag++)
		if (*etag != '"')
			hash = csvr_fnv1a(hash, (unsigned char)*etag);
	return seconds_ns + (int64_t)((hash ^ hash >> 32) % NS);
}
