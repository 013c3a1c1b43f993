/* http_retry.c - when a failed request is retried, and how many requests may be in flight */
#include "input/remote/http_retry.h"

enum { MAX_ATTEMPTS = 10 };

/* Retrying a server that accepts no connection, or has never sent a byte, rarely succeeds. */
enum { DOWN_ATTEMPTS = 3 };

/* After this many consecutive failures the server is considered down. */
enum { DOWN_FAILURES = 4 };

/* An attempt that received this much has made progress: the count of attempts restarts. */
enum { PROGRESS_BYTES = 64 * 1024 };

static const double first_backoff_s = 0.1, max_backoff_s = 20, max_retry_after_s = 60,
		    retry_window_s = 60;

/* The limit never falls below max / MIN_FRACTION: a server that throttles still serves some requests, and
 * the backoff slows these down as well. */
enum { MIN_FRACTION = 8 };

void csvr_http_retry_init(struct csvr_http_retry *retry, int max_attempts, uint64_t seed)
{
	*retry = (struct csvr_http_retry){ .max_attempts = max_attempts > 0 ? max_attempts
									    : MAX_ATTEMPTS,
					   .random = seed };
}

/* In [0, 1). */
static double uniform_random(struct csvr_http_retry *retry)
{
	retry->random = retry->random * 6364136223846793005u + 1442695040888963407u;
	return (double)(retry->random >> 11) / (double)(UINT64_C(1) << 53);
}

static double backoff_s(struct csvr_http_retry *retry, int n_attempts, double retry_after_s)
{
	double delay_s = first_backoff_s;
	for (int i = 1; i < n_attempts && delay_s < max_backoff_s; i++)
		delay_s *= 2;
	delay_s = uniform_random(retry) * (delay_s < max_backoff_s ? delay_s : max_backoff_s);
	if (retry_after_s > max_retry_after_s)
		retry_after_s = max_retry_after_s;
	return delay_s > retry_after_s ? delay_s : retry_after_s;
}

bool csvr_http_retry_schedule(struct csvr_http_retry *retry, struct csvr_http_attempts *attempts,
			      const struct csvr_http_attempt_result *result, uint64_t n_bytes,
			      uint64_t now_ns, uint64_t *due_ns)
{
	if (n_bytes >= attempts->progress_bytes + PROGRESS_BYTES) {
		attempts->progress_bytes = n_bytes;
		attempts->progress_ns = now_ns;
		attempts->n = 1;
	}
	int max_attempts = retry->max_attempts;
	const bool is_server_down = retry->n_failures >= DOWN_FAILURES ||
				    (result->is_unreachable && !retry->has_response);
	if (is_server_down && max_attempts > DOWN_ATTEMPTS)
		max_attempts = DOWN_ATTEMPTS;
	if (attempts->n >= max_attempts)
		return false;
	const double remaining_s = retry_window_s - (double)(now_ns - attempts->progress_ns) * 1e-9;
	double delay_s = backoff_s(retry, attempts->n, result->retry_after_s);
	if (remaining_s <= 0)
		return false;
	if (delay_s > remaining_s)
		delay_s = remaining_s;
	*due_ns = now_ns + (uint64_t)(delay_s * 1e9);
	return true;
}

void csvr_http_limit_init(struct csvr_http_limit *limit, int max)
{
	*limit = (struct csvr_http_limit){ .current = max, .max = max };
}

void csvr_http_limit_decrease(struct csvr_http_limit *limit, uint64_t started_ns, uint64_t now_ns)
{
	if (started_ns < limit->decreased_ns)
		return;
	const int min = limit->max / MIN_FRACTION;
	limit->current /= 2;
	if (limit->current < min)
		limit->current = min;
	if (limit->current < 1)
		limit->current = 1;
	limit->n_successes = 0;
	limit->decreased_ns = now_ns;
}

void csvr_http_limit_increase(struct csvr_http_limit *limit)
{
	if (++limit->n_successes < limit->current || limit->current >= limit->max)
		return;
	limit->n_successes = 0;
	limit->current++;
}
