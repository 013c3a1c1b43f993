/* http_client.c - requests over HTTP, many at once, by one thread of its own
 *
 * The thread owns libcurl's handles and the list of what is in flight. All else is shared, under `lock`:
 * the requests that wait for their turn, and what others want of those in flight (marks in their slots).
 * Callbacks of the receivers are made without the lock, so that they may submit more.
 *
 * How long a request may take. A failure that may pass is followed by another attempt, up to
 * `most_attempts`, after a wait drawn evenly from [0, min(20 s, 0.1 s * 2^n)], or as long as the server
 * asks, up to 60 s. None begins later than 60 s behind the last byte that came, or behind the first
 * attempt; the last one may hang for 10 s before its first byte. So a server that always fails ends a
 * request within 70 s, mostly within 25. When several requests in a row came to that, no other need wait
 * so long: it gets a few attempts, until one succeeds.
 *
 * Source   waits: Brooker, "Exponential Backoff And Jitter" (2015); concurrency: additive increase,
 *          multiplicative decrease, as TCP (RFC 5681)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/http_client.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "input/remote/http_attempt.h"

enum { MOST_ATTEMPTS = 10 };

/* Where nothing listens, or has ever answered, patience is rarely rewarded. */
enum { FEW_ATTEMPTS = 3 };

/* So many requests that were given up one after the other, and the server counts as lost. */
enum { HOPELESS = 4 };

/* An attempt that brought so much was none in vain: patience begins anew. */
enum { PROGRESS_BYTES = 64 * 1024 };

static const double stall_s = 3;
static const double first_wait_s = 0.1, longest_wait_s = 20, longest_asked_s = 60, patience_s = 60;

/* What a server does before it sends the first byte may take longer than a pause between two. With the
 * default of 3 s it is 10 s. */
static const double first_byte_factor = 10.0 / 3;

/* However often servers say that they are busy, some go on: the waits slow these down as well. */
static const int least_fraction = 8;

struct csvr_http_task {
	struct list *list; /* it stands in */
	struct csvr_http_task *next, *previous;
	struct csvr_http_request *request;
	struct csvr_body_progress had;
	int n_attempts; /* since the last progress */
	uint64_t n_progress; /* bytes had at the last progress */
	uint64_t progress_ns; /* when that was, or the first attempt */
	uint64_t due_ns; /* of one that waits for its next attempt */
	bool is_fresh; /* the next goes over a new connection */
	struct csvr_http_attempt *attempt; /* in flight; else NULL */
	/* By others, for the thread; under the lock. */
	bool is_cancelled, is_continued;
};

struct list {
	struct csvr_http_task *first, *last;
	size_t n_items;
};

struct csvr_http_client {
	struct csvr_http_client_config rules;
	struct csvr_s3 *s3;
	pthread_t thread;
	CURLM *multi;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* a request is over */
	/* Under the lock. */
	bool is_ending;
	struct list urgent, waiting; /* for their turn, in order */
	struct list delayed; /* for their next attempt */
	struct csvr_http_request *told; /* whose `done` is being called, or NULL */
	int n_held; /* in flight, but `take` wants no more: they do not count as such */
	struct csvr_network figures;
	uint64_t counted_ns; /* up to when times are in the figures */

	/* By the thread alone, but for the number of those in flight, which needs the lock to change. */
	struct list flying;
	struct csvr_http_attempt **idle; /* n_idle of `capacity` handles */
	size_t n_idle, capacity;
	int allowed; /* in flight */
	int n_good; /* successes since `allowed` was changed */
	uint64_t halved_ns;
	int n_lost; /* requests given up since the last success */
	bool has_answered; /* some server, some time */
	uint64_t random;
};

/* ---- lists ---- */

static void append(struct list *list, struct csvr_http_task *slot)
{
	slot->list = list;
	slot->next = NULL;
	slot->previous = list->last;
	if (list->last != NULL)
		list->last->next = slot;
	else
		list->first = slot;
	list->last = slot;
	list->n_items++;
}

static void prepend(struct list *list, struct csvr_http_task *slot)
{
	slot->list = list;
	slot->previous = NULL;
	slot->next = list->first;
	if (list->first != NULL)
		list->first->previous = slot;
	else
		list->last = slot;
	list->first = slot;
	list->n_items++;
}

static void take_out(struct csvr_http_task *slot)
{
	struct list *list = slot->list;
	if (slot->previous != NULL)
		slot->previous->next = slot->next;
	else
		list->first = slot->next;
	if (slot->next != NULL)
		slot->next->previous = slot->previous;
	else
		list->last = slot->previous;
	list->n_items--;
}

static void free_list(struct list *list)
{
	for (struct csvr_http_task *slot = list->first, *next; slot != NULL; slot = next) {
		next = slot->next;
		slot->request->slot = NULL;
		free(slot);
	}
	*list = (struct list){ 0 };
}

/* ---- figures; under the lock ---- */

static int n_in_flight(const struct csvr_http_client *t)
{
	return (int)t->flying.n_items - t->n_held;
}

/* Call before anything that these times depend on changes. */
static void count_time(struct csvr_http_client *t, uint64_t now_ns)
{
	if (now_ns <= t->counted_ns)
		return;
	const uint64_t passed_ns = now_ns - t->counted_ns;
	t->counted_ns = now_ns;
	if (t->flying.n_items > 0)
		t->figures.active_ns += passed_ns;
	if (n_in_flight(t) >= t->allowed && t->urgent.n_items + t->waiting.n_items > 0)
		t->figures.saturated_ns += passed_ns;
}

static void count_attempt(struct csvr_http_client *t, const struct csvr_http_attempt *attempt)
{
	t->figures.n_bytes += attempt->n_bytes;
	if (attempt->first_ns == 0)
		return;
	t->figures.n_responses++;
	t->figures.first_byte_ns += attempt->first_ns - attempt->begun_ns;
	t->figures.body_ns += attempt->last_ns - attempt->first_ns;
}

void csvr_http_client_stats(struct csvr_http_client *t, struct csvr_network *figures)
{
	pthread_mutex_lock(&t->lock);
	count_time(t, csvr_clock_wall_ns());
	*figures = t->figures;
	figures->n_connections = t->rules.connections;
	figures->concurrency_limit = t->allowed;
	pthread_mutex_unlock(&t->lock);
	clockid_t clock;
	struct timespec time = { 0 };
	if (pthread_getcpuclockid(t->thread, &clock) == 0 && clock_gettime(clock, &time) == 0)
		figures->cpu_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- how many at once ---- */

/* At most once for all that were in flight together: they tell of the same jam. */
static void slow_down(struct csvr_http_client *t, uint64_t begun_ns, uint64_t now_ns)
{
	if (begun_ns < t->halved_ns)
		return;
	const int least = t->rules.connections / least_fraction;
	t->allowed /= 2;
	if (t->allowed < least)
		t->allowed = least;
	if (t->allowed < 1)
		t->allowed = 1;
	t->n_good = 0;
	t->halved_ns = now_ns;
}

static void speed_up(struct csvr_http_client *t)
{
	t->n_lost = 0;
	if (++t->n_good < t->allowed || t->allowed >= t->rules.connections)
		return;
	t->n_good = 0;
	t->allowed++;
}

/* ---- another attempt ---- */

/* From 0 to 1. */
static double draw(struct csvr_http_client *t)
{
	t->random = t->random * 6364136223846793005u + 1442695040888963407u;
	return (double)(t->random >> 11) / (double)(UINT64_C(1) << 53);
}

static double wait_before(struct csvr_http_client *t, int n_attempts, double asked_s)
{
	double wait_s = first_wait_s;
	for (int i = 1; i < n_attempts && wait_s < longest_wait_s; i++)
		wait_s *= 2;
	wait_s = draw(t) * (wait_s < longest_wait_s ? wait_s : longest_wait_s);
	if (asked_s > longest_asked_s)
		asked_s = longest_asked_s;
	return wait_s > asked_s ? wait_s : asked_s;
}

/* Whether the request is worth another attempt, and when. */
static bool plan_attempt(struct csvr_http_client *t, struct csvr_http_task *slot,
			 const struct csvr_http_attempt_result *news, uint64_t now_ns)
{
	if (slot->had.n_bytes >= slot->n_progress + PROGRESS_BYTES) {
		slot->n_progress = slot->had.n_bytes;
		slot->progress_ns = now_ns;
		slot->n_attempts = 1;
	}
	int most = t->rules.most_attempts;
	const bool is_hopeless = t->n_lost >= HOPELESS ||
				 (news->is_unreachable && !t->has_answered);
	if (is_hopeless && most > FEW_ATTEMPTS)
		most = FEW_ATTEMPTS;
	if (slot->n_attempts >= most)
		return false;
	const double left_s = patience_s - (double)(now_ns - slot->progress_ns) * 1e-9;
	double wait_s = wait_before(t, slot->n_attempts, news->retry_after_s);
	if (left_s <= 0)
		return false;
	if (wait_s > left_s)
		wait_s = left_s;
	slot->due_ns = now_ns + (uint64_t)(wait_s * 1e9);
	return true;
}

static void tell_attempts(struct csvr_http_request *request, int n_attempts)
{
	const size_t n = strlen(request->error.message);
	if (n_attempts > 1)
		snprintf(request->error.message + n, sizeof request->error.message - n,
			 "; tried %d times", n_attempts);
}

/* ---- the end of a request ---- */

/* Under the lock, which is left meanwhile if there is somebody to be told. */
static void finish(struct csvr_http_client *t, struct csvr_http_task *slot)
{
	struct csvr_http_request *request = slot->request;
	request->slot = NULL;
	free(slot);
	if (request->done != NULL) {
		t->told = request;
		pthread_mutex_unlock(&t->lock);
		request->done(request->context, request); /* it may free it */
		pthread_mutex_lock(&t->lock);
		t->told = NULL;
	}
	pthread_cond_broadcast(&t->changed);
}

static void count_held(struct csvr_http_client *t)
{
	t->n_held = 0;
	for (const struct csvr_http_task *slot = t->flying.first; slot != NULL; slot = slot->next)
		t->n_held += slot->attempt->is_held;
}

/* Back to the handles at hand. */
static void land(struct csvr_http_client *t, struct csvr_http_task *slot)
{
	struct csvr_http_attempt *attempt = slot->attempt;
	curl_multi_remove_handle(t->multi, attempt->easy);
	count_attempt(t, attempt);
	take_out(slot);
	count_held(t);
	slot->attempt = NULL;
	t->idle[t->n_idle++] = attempt; /* there is room for all that fly */
}

/* After an attempt: the request is over, or has another. */
static void end_attempt(struct csvr_http_client *t, struct csvr_http_task *slot, CURLcode code,
			bool is_stalled)
{
	struct csvr_http_attempt *attempt = slot->attempt;
	const struct csvr_http_attempt_result news = csvr_http_attempt_finish(attempt, code,
									      is_stalled);
	const uint64_t now_ns = csvr_clock_wall_ns();
	pthread_mutex_lock(&t->lock);
	count_time(t, now_ns);
	land(t, slot);
	t->has_answered |= attempt->first_ns != 0;
	if (news.is_throttled) {
		t->figures.n_throttled++;
		slow_down(t, attempt->begun_ns, now_ns);
	}
	if (news.end == CSVR_HTTP_DONE)
		speed_up(t);
	slot->is_fresh = is_stalled;
	if (slot->is_cancelled) {
		finish(t, slot);
	} else if (news.end == CSVR_HTTP_RETRY && plan_attempt(t, slot, &news, now_ns)) {
		append(&t->delayed, slot);
	} else {
		if (news.end == CSVR_HTTP_RETRY) {
			t->n_lost++;
			tell_attempts(slot->request, slot->n_attempts);
		}
		finish(t, slot);
	}
	pthread_mutex_unlock(&t->lock);
}

/* ---- the thread ---- */

/* A handle, with room for it to be put back. */
static struct csvr_http_attempt *get_attempt(struct csvr_http_client *t)
{
	if (t->n_idle > 0)
		return t->idle[--t->n_idle];
	const size_t capacity = t->flying.n_items + 1;
	if (capacity > t->capacity) {
		struct csvr_http_attempt **idle =
			realloc(t->idle, 2 * capacity * sizeof(struct csvr_http_attempt *));
		if (idle == NULL)
			return NULL;
		t->idle = idle;
		t->capacity = 2 * capacity;
	}
	struct csvr_http_attempt *attempt;
	return csvr_http_attempt_new(t->s3, &attempt) == CSVR_OK ? attempt : NULL;
}

static void fail_to_start(struct csvr_http_client *t, struct csvr_http_task *slot,
			  enum csvr_status status)
{
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(&slot->request->error);
	slot->request->status = status;
	finish(t, slot);
}

/* Under the lock. */
static void start(struct csvr_http_client *t, struct csvr_http_task *slot, uint64_t now_ns)
{
	struct csvr_http_attempt *attempt = get_attempt(t);
	if (attempt == NULL) {
		fail_to_start(t, slot, CSVR_NO_MEMORY);
		return;
	}
	enum csvr_status status = csvr_http_attempt_start(attempt, slot->request, &slot->had,
							  slot->is_fresh);
	if (status == CSVR_OK && curl_multi_add_handle(t->multi, attempt->easy) != CURLM_OK)
		status = CSVR_NO_MEMORY;
	if (status != CSVR_OK) {
		t->idle[t->n_idle++] = attempt;
		fail_to_start(t, slot, status);
		return;
	}
	slot->attempt = attempt;
	if (slot->n_attempts++ == 0)
		slot->progress_ns = now_ns;
	t->figures.n_retries += slot->n_attempts > 1;
	t->figures.n_requests++;
	append(&t->flying, slot);
	if (n_in_flight(t) > t->figures.max_in_flight)
		t->figures.max_in_flight = n_in_flight(t);
}

static void start_what_may(struct csvr_http_client *t, uint64_t now_ns)
{
	for (struct csvr_http_task *slot = t->delayed.first, *next; slot != NULL; slot = next) {
		next = slot->next;
		if (slot->due_ns > now_ns)
			continue;
		take_out(slot);
		prepend(slot->request->is_priority ? &t->urgent : &t->waiting, slot);
	}
	while (n_in_flight(t) < t->allowed && t->urgent.n_items + t->waiting.n_items > 0) {
		struct list *list = t->urgent.n_items > 0 ? &t->urgent : &t->waiting;
		struct csvr_http_task *slot = list->first;
		take_out(slot);
		start(t, slot, now_ns);
	}
}

/* What others want of what is in flight. `take` is called from here, so the lock is left for it. */
static void do_as_told(struct csvr_http_client *t)
{
	for (struct csvr_http_task *slot = t->flying.first, *next; slot != NULL; slot = next) {
		struct csvr_http_attempt *attempt = slot->attempt;
		next = slot->next;
		if (slot->is_cancelled) {
			land(t, slot);
			finish(t, slot);
		} else if (slot->is_continued && attempt->is_held) {
			slot->is_continued = attempt->is_held = false;
			attempt->last_ns = csvr_clock_wall_ns();
			pthread_mutex_unlock(&t->lock);
			curl_easy_pause(attempt->easy, CURLPAUSE_CONT);
			pthread_mutex_lock(&t->lock);
			count_held(t);
		}
	}
}

/* How long may be slept when nothing comes. */
static int sleep_ms(struct csvr_http_client *t)
{
	const uint64_t now_ns = csvr_clock_wall_ns();
	uint64_t sleep_ns = 1000000000;
	count_held(t);
	if (n_in_flight(t) < t->allowed && t->urgent.n_items + t->waiting.n_items > 0)
		return 0;
	if (t->flying.n_items > 0)
		sleep_ns = (uint64_t)(t->rules.stall_s * 1e9 / 8);
	for (const struct csvr_http_task *slot = t->delayed.first; slot != NULL; slot = slot->next)
		if (slot->due_ns < now_ns + sleep_ns)
			sleep_ns = slot->due_ns > now_ns ? slot->due_ns - now_ns : 0;
	return (int)(sleep_ns / 1000000) + 1;
}

static bool is_stalled(const struct csvr_http_client *t, const struct csvr_http_attempt *attempt,
		       uint64_t now_ns)
{
	if (attempt->is_held)
		return false;
	const double factor = attempt->first_ns == 0 ? first_byte_factor : 1;
	return now_ns > attempt->last_ns &&
	       (double)(now_ns - attempt->last_ns) > t->rules.stall_s * factor * 1e9;
}

static void give_up_stalled(struct csvr_http_client *t)
{
	const uint64_t now_ns = csvr_clock_wall_ns();
	for (struct csvr_http_task *slot = t->flying.first, *next; slot != NULL; slot = next) {
		next = slot->next;
		if (is_stalled(t, slot->attempt, now_ns))
			end_attempt(t, slot, CURLE_OPERATION_TIMEDOUT, true);
	}
}

static struct csvr_http_task *slot_of(const struct csvr_http_client *t, const CURL *easy)
{
	struct csvr_http_task *slot = t->flying.first;
	while (slot != NULL && slot->attempt->easy != easy)
		slot = slot->next;
	return slot;
}

/* Lets libcurl work, and sees what is over. */
static void transfer_some(struct csvr_http_client *t)
{
	int n_running, n_left;
	curl_multi_perform(t->multi, &n_running);
	for (CURLMsg *message; (message = curl_multi_info_read(t->multi, &n_left)) != NULL;) {
		if (message->msg != CURLMSG_DONE)
			continue;
		const CURLcode code = message->data.result; /* the message goes with the handle */
		struct csvr_http_task *slot = slot_of(t, message->easy_handle);
		if (slot != NULL)
			end_attempt(t, slot, code, false);
	}
	give_up_stalled(t);
}

static void *run_thread(void *context)
{
	struct csvr_http_client *t = context;
	pthread_mutex_lock(&t->lock);
	while (!t->is_ending) {
		const uint64_t now_ns = csvr_clock_wall_ns();
		count_time(t, now_ns);
		count_held(t);
		do_as_told(t);
		start_what_may(t, now_ns);
		pthread_mutex_unlock(&t->lock);
		transfer_some(t);
		pthread_mutex_lock(&t->lock);
		const int timeout_ms = sleep_ms(t);
		pthread_mutex_unlock(&t->lock);
		curl_multi_poll(t->multi, NULL, 0, timeout_ms, NULL);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* ---- life ---- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void begin_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void free_memory(struct csvr_http_client *t)
{
	for (struct csvr_http_task *slot = t->flying.first; slot != NULL; slot = slot->next) {
		curl_multi_remove_handle(t->multi, slot->attempt->easy);
		csvr_http_attempt_free(slot->attempt);
	}
	for (size_t i = 0; i < t->n_idle; i++)
		csvr_http_attempt_free(t->idle[i]);
	free(t->idle);
	free_list(&t->flying);
	free_list(&t->urgent);
	free_list(&t->waiting);
	free_list(&t->delayed);
	curl_multi_cleanup(t->multi);
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* Signals are for the threads of the program. */
static int start_thread(struct csvr_http_client *t)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int failure = pthread_create(&t->thread, NULL, run_thread, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure;
}

enum csvr_status csvr_http_client_new(const struct csvr_http_client_config *rules,
				      struct csvr_s3 *s3, struct csvr_http_client **transfer,
				      struct csvr_error *error)
{
	*transfer = NULL;
	pthread_once(&curl_once, begin_curl);
	struct csvr_http_client *t = calloc(1, sizeof *t);
	if (t == NULL)
		return csvr_error_set_no_memory(error);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	t->rules = *rules;
	if (t->rules.connections < 1)
		t->rules.connections = 1;
	if (t->rules.most_attempts <= 0)
		t->rules.most_attempts = MOST_ATTEMPTS;
	if (t->rules.stall_s <= 0)
		t->rules.stall_s = stall_s;
	t->s3 = s3;
	t->allowed = t->rules.connections;
	t->counted_ns = csvr_clock_wall_ns();
	t->random = t->counted_ns ^ (uint64_t)(uintptr_t)t;
	t->multi = curl_multi_init();
	if (t->multi == NULL) {
		free_memory(t);
		return csvr_error_set_no_memory(error);
	}
	curl_multi_setopt(t->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	/* Those that `take` holds up come on top of what is in flight. */
	curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS, 4L * t->rules.connections);
	const int failure = start_thread(t);
	if (failure != 0) {
		free_memory(t);
		errno = failure;
		return csvr_error_set_errno(
			error, "no thread can be started that reads from other machines");
	}
	*transfer = t;
	return CSVR_OK;
}

void csvr_http_client_free(struct csvr_http_client *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->is_ending = true;
	pthread_mutex_unlock(&t->lock);
	curl_multi_wakeup(t->multi);
	pthread_join(t->thread, NULL);
	free_memory(t);
}

/* ---- what others ask for ---- */

enum csvr_status csvr_http_client_submit(struct csvr_http_client *t,
					 struct csvr_http_request *request)
{
	struct csvr_http_task *slot = calloc(1, sizeof *slot);
	if (slot == NULL)
		return CSVR_NO_MEMORY;
	slot->request = request;
	request->slot = slot;
	request->status = CSVR_IO_ERROR;
	request->error = (struct csvr_error){ .status = CSVR_IO_ERROR };
	request->http_status = 0;
	request->body = NULL;
	request->n_body = 0;
	request->size_bytes = UINT64_MAX;
	request->has_ranges = false;
	request->found_etag[0] = request->content_type[0] = '\0';
	request->mtime_ns = 0;
	pthread_mutex_lock(&t->lock);
	count_time(t, csvr_clock_wall_ns());
	append(request->is_priority ? &t->urgent : &t->waiting, slot);
	const bool is_first = t->urgent.n_items + t->waiting.n_items == 1;
	pthread_mutex_unlock(&t->lock);
	/* Where more are waiting the thread was woken, and has not slept since. */
	if (is_first || request->is_priority)
		curl_multi_wakeup(t->multi);
	return CSVR_OK;
}

void csvr_http_client_wait(struct csvr_http_client *t, struct csvr_http_request *request)
{
	pthread_mutex_lock(&t->lock);
	while (request->slot != NULL)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

void csvr_http_client_resume(struct csvr_http_client *t, struct csvr_http_request *request)
{
	pthread_mutex_lock(&t->lock);
	if (request->slot != NULL)
		request->slot->is_continued = true;
	pthread_mutex_unlock(&t->lock);
	curl_multi_wakeup(t->multi);
}

void csvr_http_client_cancel(struct csvr_http_client *t, struct csvr_http_request *request)
{
	pthread_mutex_lock(&t->lock);
	struct csvr_http_task *slot = request->slot;
	if (slot != NULL && slot->attempt == NULL) {
		take_out(slot);
		free(slot);
		request->slot = NULL;
	} else if (slot != NULL) {
		request->done = NULL;
		slot->is_cancelled = true;
		curl_multi_wakeup(t->multi);
	}
	while (request->slot != NULL || t->told == request)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}
