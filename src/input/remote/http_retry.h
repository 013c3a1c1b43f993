/* http_retry.h - when a failed request is retried, and how many requests may be in flight
 *
 * A transient failure is retried after a random delay from [0, min(20 s, 0.1 s * 2^n)], or after the
 * server's Retry-After, at most 60 s. No attempt starts later than 60 s after the last byte received (or
 * after the first attempt), and the last one may wait 10 s for its first byte. So a request to a server that
 * always fails ends within 70 s, mostly within 25. Once several requests in a row have failed for good,
 * the server is considered down and others get a few attempts only, until one succeeds.
 *
 * Source   delays: Brooker, "Exponential Backoff And Jitter" (2015); concurrency: additive increase,
 *          multiplicative decrease, as TCP (RFC 5681)
 * Errors   none
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_RETRY_H
#define CSVR_INPUT_REMOTE_HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "input/remote/http_attempt.h"

/* The schedule of retries that all requests of a client share. */
struct csvr_http_retry {
	int max_attempts; /* of one request */
	int n_failures; /* requests failed for good since the last success */
	bool has_response; /* some server has sent a byte */
	uint64_t random;
};

/* The attempts of one request. */
struct csvr_http_attempts {
	int n; /* since the last progress */
	uint64_t progress_bytes; /* body bytes received at the last progress */
	uint64_t progress_ns; /* time of the last progress, or of the first attempt */
};

/* `max_attempts` 0: the default. */
void csvr_http_retry_init(struct csvr_http_retry *retry, int max_attempts, uint64_t seed);

/* After an attempt that failed with CSVR_HTTP_RETRY: whether the request gets another one, at `*due_ns`.
 * `n_bytes` is the length of the body received by all attempts. */
bool csvr_http_retry_schedule(struct csvr_http_retry *retry, struct csvr_http_attempts *attempts,
			      const struct csvr_http_attempt_result *result, uint64_t n_bytes,
			      uint64_t now_ns, uint64_t *due_ns);

/* How many requests may be in flight. */
struct csvr_http_limit {
	int current, max;
	int n_successes; /* since `current` was changed */
	uint64_t decreased_ns;
};

void csvr_http_limit_init(struct csvr_http_limit *limit, int max);

/* Halves the limit after a throttled request, once for all requests that were in flight together: they
 * report the same overload. */
void csvr_http_limit_decrease(struct csvr_http_limit *limit, uint64_t started_ns, uint64_t now_ns);

/* Counts a success; after `current` of them the limit grows by one. */
void csvr_http_limit_increase(struct csvr_http_limit *limit);

#endif
