/* http_client.c - requests over HTTP, many at once, by one thread of its own
 *
 * The thread owns libcurl's handles and the list of what is in flight. All else is shared, under `lock`:
 * the requests that wait for their turn, and what others want of those in flight (marks in their slots).
 * Callbacks of the receivers are made without the lock, so that they may submit more.
 *
 * How long a request may take. A failure that may pass is followed by another attempt, up to
 * `max_attempts`, after a wait drawn evenly from [0, min(20 s, 0.1 s * 2^n)], or as long as the server
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

enum { MAX_ATTEMPTS = 10 };

/* Where nothing listens, or has ever answered, patience is rarely rewarded. */
enum { DOWN_ATTEMPTS = 3 };

/* So many requests that were given up one after the other, and the server counts as lost. */
enum { DOWN_FAILURES = 4 };

/* An attempt that brought so much was none in vain: patience begins anew. */
enum { PROGRESS_BYTES = 64 * 1024 };

static const double stall_s = 3;
static const double first_backoff_s = 0.1, max_backoff_s = 20, max_retry_after_s = 60,
		    retry_window_s = 60;

/* What a server does before it sends the first byte may take longer than a pause between two. With the
 * default of 3 s it is 10 s. */
static const double first_byte_factor = 10.0 / 3;

/* However often servers say that they are busy, some go on: the waits slow these down as well. */
static const int min_fraction = 8;

struct csvr_http_task {
	struct task_list *list; /* it stands in */
	struct csvr_http_task *next, *previous;
	struct csvr_http_request *request;
	struct csvr_body_progress progress;
	int n_attempts; /* since the last progress */
	uint64_t last_progress_bytes; /* bytes had at the last progress */
	uint64_t last_progress_ns; /* when that was, or the first attempt */
	uint64_t due_ns; /* of one that waits for its next attempt */
	bool is_fresh; /* the next goes over a new connection */
	struct csvr_http_attempt *attempt; /* in flight; else NULL */
	/* By others, for the thread; under the lock. */
	bool is_cancelled, is_resumed;
};

struct task_list {
	struct csvr_http_task *first, *last;
	size_t n_items;
};

struct csvr_http_client {
	struct csvr_http_client_config config;
	struct csvr_s3 *s3;
	pthread_t thread;
	CURLM *multi;

	pthread_mutex_t lock;
	pthread_cond_t completed; /* a request is over */
	/* Under the lock. */
	bool is_stopping;
	struct task_list priority, queued; /* for their turn, in order */
	struct task_list delayed; /* for their next attempt */
	struct csvr_http_request *completing; /* whose `on_complete` is being called, or NULL */
	int n_paused; /* in flight, but `on_body` wants no more: they do not count as such */
	struct csvr_network stats;
	uint64_t accounted_ns; /* up to when times are in the figures */

	/* By the thread alone, but for the number of those in flight, which needs the lock to change. */
	struct task_list in_flight;
	struct csvr_http_attempt **idle; /* n_idle of `capacity` handles */
	size_t n_idle, capacity;
	int limit; /* in flight */
	int n_successes; /* successes since `limit` was changed */
	uint64_t reduced_ns;
	int n_failures; /* requests given up since the last success */
	bool has_response; /* some server, some time */
	uint64_t random;
};

/* ---- lists ---- */

static void append_task(struct task_list *list, struct csvr_http_task *task)
{
	task->list = list;
	task->next = NULL;
	task->previous = list->last;
	if (list->last != NULL)
		list->last->next = task;
	else
		list->first = task;
	list->last = task;
	list->n_items++;
}

static void prepend_task(struct task_list *list, struct csvr_http_task *task)
{
	task->list = list;
	task->previous = NULL;
	task->next = list->first;
	if (list->first != NULL)
		list->first->previous = task;
	else
		list->last = task;
	list->first = task;
	list->n_items++;
}

static void remove_task(struct csvr_http_task *task)
{
	struct task_list *list = task->list;
	if (task->previous != NULL)
		task->previous->next = task->next;
	else
		list->first = task->next;
	if (task->next != NULL)
		task->next->previous = task->previous;
	else
		list->last = task->previous;
	list->n_items--;
}

static void clear_tasks(struct task_list *list)
{
	for (struct csvr_http_task *task = list->first, *next; task != NULL; task = next) {
		next = task->next;
		task->request->task = NULL;
		free(task);
	}
	*list = (struct task_list){ 0 };
}

/* ---- figures; under the lock ---- */

static int n_active(const struct csvr_http_client *client)
{
	return (int)client->in_flight.n_items - client->n_paused;
}

/* Call before anything that these times depend on changes. */
static void account_time(struct csvr_http_client *client, uint64_t now_ns)
{
	if (now_ns <= client->accounted_ns)
		return;
	const uint64_t passed_ns = now_ns - client->accounted_ns;
	client->accounted_ns = now_ns;
	if (client->in_flight.n_items > 0)
		client->stats.active_ns += passed_ns;
	if (n_active(client) >= client->limit &&
	    client->priority.n_items + client->queued.n_items > 0)
		client->stats.saturated_ns += passed_ns;
}

static void account_attempt(struct csvr_http_client *client,
			    const struct csvr_http_attempt *attempt)
{
	client->stats.n_bytes += attempt->n_bytes;
	if (attempt->first_byte_ns == 0)
		return;
	client->stats.n_responses++;
	client->stats.first_byte_ns += attempt->first_byte_ns - attempt->started_ns;
	client->stats.body_ns += attempt->last_byte_ns - attempt->first_byte_ns;
}

void csvr_http_client_stats(struct csvr_http_client *client, struct csvr_network *stats)
{
	pthread_mutex_lock(&client->lock);
	account_time(client, csvr_clock_wall_ns());
	*stats = client->stats;
	stats->n_connections = client->config.n_connections;
	stats->concurrency_limit = client->limit;
	pthread_mutex_unlock(&client->lock);
	clockid_t clock;
	struct timespec time = { 0 };
	if (pthread_getcpuclockid(client->thread, &clock) == 0 && clock_gettime(clock, &time) == 0)
		stats->cpu_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- how many at once ---- */

/* At most once for all that were in flight together: they tell of the same jam. */
static void decrease_limit(struct csvr_http_client *client, uint64_t started_ns, uint64_t now_ns)
{
	if (started_ns < client->reduced_ns)
		return;
	const int min_limit = client->config.n_connections / min_fraction;
	client->limit /= 2;
	if (client->limit < min_limit)
		client->limit = min_limit;
	if (client->limit < 1)
		client->limit = 1;
	client->n_successes = 0;
	client->reduced_ns = now_ns;
}

static void increase_limit(struct csvr_http_client *client)
{
	client->n_failures = 0;
	if (++client->n_successes < client->limit || client->limit >= client->config.n_connections)
		return;
	client->n_successes = 0;
	client->limit++;
}

/* ---- another attempt ---- */

/* From 0 to 1. */
static double uniform_random(struct csvr_http_client *client)
{
	client->random = client->random * 6364136223846793005u + 1442695040888963407u;
	return (double)(client->random >> 11) / (double)(UINT64_C(1) << 53);
}

static double backoff_s(struct csvr_http_client *client, int n_attempts, double retry_after_s)
{
	double delay_s = first_backoff_s;
	for (int i = 1; i < n_attempts && delay_s < max_backoff_s; i++)
		delay_s *= 2;
	delay_s = uniform_random(client) * (delay_s < max_backoff_s ? delay_s : max_backoff_s);
	if (retry_after_s > max_retry_after_s)
		retry_after_s = max_retry_after_s;
	return delay_s > retry_after_s ? delay_s : retry_after_s;
}

/* Whether the request is worth another attempt, and when. */
static bool schedule_retry(struct csvr_http_client *client, struct csvr_http_task *task,
			   const struct csvr_http_attempt_result *result, uint64_t now_ns)
{
	if (task->progress.n_bytes >= task->last_progress_bytes + PROGRESS_BYTES) {
		task->last_progress_bytes = task->progress.n_bytes;
		task->last_progress_ns = now_ns;
		task->n_attempts = 1;
	}
	int max_attempts = client->config.max_attempts;
	const bool is_server_down = client->n_failures >= DOWN_FAILURES ||
				    (result->is_unreachable && !client->has_response);
	if (is_server_down && max_attempts > DOWN_ATTEMPTS)
		max_attempts = DOWN_ATTEMPTS;
	if (task->n_attempts >= max_attempts)
		return false;
	const double remaining_s = retry_window_s -
				   (double)(now_ns - task->last_progress_ns) * 1e-9;
	double delay_s = backoff_s(client, task->n_attempts, result->retry_after_s);
	if (remaining_s <= 0)
		return false;
	if (delay_s > remaining_s)
		delay_s = remaining_s;
	task->due_ns = now_ns + (uint64_t)(delay_s * 1e9);
	return true;
}

static void append_attempt_count(struct csvr_http_request *request, int n_attempts)
{
	const size_t n = strlen(request->error.message);
	if (n_attempts > 1)
		snprintf(request->error.message + n, sizeof request->error.message - n,
			 "; tried %d times", n_attempts);
}

/* ---- the end of a request ---- */

/* Under the lock, which is left meanwhile if there is somebody to be told. */
static void complete_task(struct csvr_http_client *client, struct csvr_http_task *task)
{
	struct csvr_http_request *request = task->request;
	request->task = NULL;
	free(task);
	if (request->on_complete != NULL) {
		client->completing = request;
		pthread_mutex_unlock(&client->lock);
		request->on_complete(request->context, request); /* it may free it */
		pthread_mutex_lock(&client->lock);
		client->completing = NULL;
	}
	pthread_cond_broadcast(&client->completed);
}

static void count_paused(struct csvr_http_client *client)
{
	client->n_paused = 0;
	for (const struct csvr_http_task *task = client->in_flight.first; task != NULL;
	     task = task->next)
		client->n_paused += task->attempt->is_paused;
}

/* Back to the handles at hand. */
static void detach(struct csvr_http_client *client, struct csvr_http_task *task)
{
	struct csvr_http_attempt *attempt = task->attempt;
	curl_multi_remove_handle(client->multi, attempt->easy);
	account_attempt(client, attempt);
	remove_task(task);
	count_paused(client);
	task->attempt = NULL;
	client->idle[client->n_idle++] = attempt; /* there is room for all that fly */
}

/* After an attempt: the request is over, or has another. */
static void finish_attempt(struct csvr_http_client *client, struct csvr_http_task *task,
			   CURLcode code, bool is_stalled)
{
	struct csvr_http_attempt *attempt = task->attempt;
	const struct csvr_http_attempt_result result = csvr_http_attempt_finish(attempt, code,
										is_stalled);
	const uint64_t now_ns = csvr_clock_wall_ns();
	pthread_mutex_lock(&client->lock);
	account_time(client, now_ns);
	detach(client, task);
	client->has_response |= attempt->first_byte_ns != 0;
	if (result.is_throttled) {
		client->stats.n_throttled++;
		decrease_limit(client, attempt->started_ns, now_ns);
	}
	if (result.outcome == CSVR_HTTP_DONE)
		increase_limit(client);
	task->is_fresh = is_stalled;
	if (task->is_cancelled) {
		complete_task(client, task);
	} else if (result.outcome == CSVR_HTTP_RETRY &&
		   schedule_retry(client, task, &result, now_ns)) {
		append_task(&client->delayed, task);
	} else {
		if (result.outcome == CSVR_HTTP_RETRY) {
			client->n_failures++;
			append_attempt_count(task->request, task->n_attempts);
		}
		complete_task(client, task);
	}
	pthread_mutex_unlock(&client->lock);
}

/* ---- the thread ---- */

/* A handle, with room for it to be put back. */
static struct csvr_http_attempt *pop_attempt(struct csvr_http_client *client)
{
	if (client->n_idle > 0)
		return client->idle[--client->n_idle];
	const size_t capacity = client->in_flight.n_items + 1;
	if (capacity > client->capacity) {
		struct csvr_http_attempt **idle =
			realloc(client->idle, 2 * capacity * sizeof(struct csvr_http_attempt *));
		if (idle == NULL)
			return NULL;
		client->idle = idle;
		client->capacity = 2 * capacity;
	}
	struct csvr_http_attempt *attempt;
	return csvr_http_attempt_new(client->s3, &attempt) == CSVR_OK ? attempt : NULL;
}

static void fail_start(struct csvr_http_client *client, struct csvr_http_task *task,
		       enum csvr_status status)
{
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(&task->request->error);
	task->request->status = status;
	complete_task(client, task);
}

/* Under the lock. */
static void start_task(struct csvr_http_client *client, struct csvr_http_task *task,
		       uint64_t now_ns)
{
	struct csvr_http_attempt *attempt = pop_attempt(client);
	if (attempt == NULL) {
		fail_start(client, task, CSVR_NO_MEMORY);
		return;
	}
	enum csvr_status status = csvr_http_attempt_start(attempt, task->request, &task->progress,
							  task->is_fresh);
	if (status == CSVR_OK && curl_multi_add_handle(client->multi, attempt->easy) != CURLM_OK)
		status = CSVR_NO_MEMORY;
	if (status != CSVR_OK) {
		client->idle[client->n_idle++] = attempt;
		fail_start(client, task, status);
		return;
	}
	task->attempt = attempt;
	if (task->n_attempts++ == 0)
		task->last_progress_ns = now_ns;
	client->stats.n_retries += task->n_attempts > 1;
	client->stats.n_requests++;
	append_task(&client->in_flight, task);
	if (n_active(client) > client->stats.max_in_flight)
		client->stats.max_in_flight = n_active(client);
}

static void start_ready(struct csvr_http_client *client, uint64_t now_ns)
{
	for (struct csvr_http_task *task = client->delayed.first, *next; task != NULL;
	     task = next) {
		next = task->next;
		if (task->due_ns > now_ns)
			continue;
		remove_task(task);
		prepend_task(task->request->is_priority ? &client->priority : &client->queued,
			     task);
	}
	while (n_active(client) < client->limit &&
	       client->priority.n_items + client->queued.n_items > 0) {
		struct task_list *list = client->priority.n_items > 0 ? &client->priority
								      : &client->queued;
		struct csvr_http_task *task = list->first;
		remove_task(task);
		start_task(client, task, now_ns);
	}
}

/* What others want of what is in flight. `on_body` is called from here, so the lock is left for it. */
static void apply_requests(struct csvr_http_client *client)
{
	for (struct csvr_http_task *task = client->in_flight.first, *next; task != NULL;
	     task = next) {
		struct csvr_http_attempt *attempt = task->attempt;
		next = task->next;
		if (task->is_cancelled) {
			detach(client, task);
			complete_task(client, task);
		} else if (task->is_resumed && attempt->is_paused) {
			task->is_resumed = attempt->is_paused = false;
			attempt->last_byte_ns = csvr_clock_wall_ns();
			pthread_mutex_unlock(&client->lock);
			curl_easy_pause(attempt->easy, CURLPAUSE_CONT);
			pthread_mutex_lock(&client->lock);
			count_paused(client);
		}
	}
}

/* How long may be slept when nothing comes. */
static int poll_timeout_ms(struct csvr_http_client *client)
{
	const uint64_t now_ns = csvr_clock_wall_ns();
	uint64_t timeout_ns = 1000000000;
	count_paused(client);
	if (n_active(client) < client->limit &&
	    client->priority.n_items + client->queued.n_items > 0)
		return 0;
	if (client->in_flight.n_items > 0)
		timeout_ns = (uint64_t)(client->config.stall_s * 1e9 / 8);
	for (const struct csvr_http_task *task = client->delayed.first; task != NULL;
	     task = task->next)
		if (task->due_ns < now_ns + timeout_ns)
			timeout_ns = task->due_ns > now_ns ? task->due_ns - now_ns : 0;
	return (int)(timeout_ns / 1000000) + 1;
}

static bool is_stalled(const struct csvr_http_client *client,
		       const struct csvr_http_attempt *attempt, uint64_t now_ns)
{
	if (attempt->is_paused)
		return false;
	const double factor = attempt->first_byte_ns == 0 ? first_byte_factor : 1;
	return now_ns > attempt->last_byte_ns &&
	       (double)(now_ns - attempt->last_byte_ns) > client->config.stall_s * factor * 1e9;
}

static void abort_stalled(struct csvr_http_client *client)
{
	const uint64_t now_ns = csvr_clock_wall_ns();
	for (struct csvr_http_task *task = client->in_flight.first, *next; task != NULL;
	     task = next) {
		next = task->next;
		if (is_stalled(client, task->attempt, now_ns))
			finish_attempt(client, task, CURLE_OPERATION_TIMEDOUT, true);
	}
}

static struct csvr_http_task *task_of(const struct csvr_http_client *client, const CURL *easy)
{
	struct csvr_http_task *task = client->in_flight.first;
	while (task != NULL && task->attempt->easy != easy)
		task = task->next;
	return task;
}

/* Lets libcurl work, and sees what is over. */
static void perform_transfers(struct csvr_http_client *client)
{
	int n_running, n_left;
	curl_multi_perform(client->multi, &n_running);
	for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &n_left)) != NULL;) {
		if (message->msg != CURLMSG_DONE)
			continue;
		const CURLcode code = message->data.result; /* the message goes with the handle */
		struct csvr_http_task *task = task_of(client, message->easy_handle);
		if (task != NULL)
			finish_attempt(client, task, code, false);
	}
	abort_stalled(client);
}

static void *run_thread(void *context)
{
	struct csvr_http_client *client = context;
	pthread_mutex_lock(&client->lock);
	while (!client->is_stopping) {
		const uint64_t now_ns = csvr_clock_wall_ns();
		account_time(client, now_ns);
		count_paused(client);
		apply_requests(client);
		start_ready(client, now_ns);
		pthread_mutex_unlock(&client->lock);
		perform_transfers(client);
		pthread_mutex_lock(&client->lock);
		const int timeout_ms = poll_timeout_ms(client);
		pthread_mutex_unlock(&client->lock);
		curl_multi_poll(client->multi, NULL, 0, timeout_ms, NULL);
		pthread_mutex_lock(&client->lock);
	}
	pthread_mutex_unlock(&client->lock);
	return NULL;
}

/* ---- life ---- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void free_client(struct csvr_http_client *client)
{
	for (struct csvr_http_task *task = client->in_flight.first; task != NULL;
	     task = task->next) {
		curl_multi_remove_handle(client->multi, task->attempt->easy);
		csvr_http_attempt_free(task->attempt);
	}
	for (size_t i = 0; i < client->n_idle; i++)
		csvr_http_attempt_free(client->idle[i]);
	free(client->idle);
	clear_tasks(&client->in_flight);
	clear_tasks(&client->priority);
	clear_tasks(&client->queued);
	clear_tasks(&client->delayed);
	curl_multi_cleanup(client->multi);
	pthread_cond_destroy(&client->completed);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

/* Signals are for the threads of the program. */
static int start_thread(struct csvr_http_client *client)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int failure = pthread_create(&client->thread, NULL, run_thread, client);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure;
}

enum csvr_status csvr_http_client_new(const struct csvr_http_client_config *config,
				      struct csvr_s3 *s3, struct csvr_http_client **new_client,
				      struct csvr_error *error)
{
	*new_client = NULL;
	pthread_once(&curl_once, init_curl);
	struct csvr_http_client *client = calloc(1, sizeof *client);
	if (client == NULL)
		return csvr_error_set_no_memory(error);
	pthread_mutex_init(&client->lock, NULL);
	pthread_cond_init(&client->completed, NULL);
	client->config = *config;
	if (client->config.n_connections < 1)
		client->config.n_connections = 1;
	if (client->config.max_attempts <= 0)
		client->config.max_attempts = MAX_ATTEMPTS;
	if (client->config.stall_s <= 0)
		client->config.stall_s = stall_s;
	client->s3 = s3;
	client->limit = client->config.n_connections;
	client->accounted_ns = csvr_clock_wall_ns();
	client->random = client->accounted_ns ^ (uint64_t)(uintptr_t)client;
	client->multi = curl_multi_init();
	if (client->multi == NULL) {
		free_client(client);
		return csvr_error_set_no_memory(error);
	}
	curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	/* Those that `on_body` holds up come on top of what is in flight. */
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, 4L * client->config.n_connections);
	const int failure = start_thread(client);
	if (failure != 0) {
		free_client(client);
		errno = failure;
		return csvr_error_set_errno(
			error, "no thread can be started that reads from other machines");
	}
	*new_client = client;
	return CSVR_OK;
}

void csvr_http_client_free(struct csvr_http_client *client)
{
	if (client == NULL)
		return;
	pthread_mutex_lock(&client->lock);
	client->is_stopping = true;
	pthread_mutex_unlock(&client->lock);
	curl_multi_wakeup(client->multi);
	pthread_join(client->thread, NULL);
	free_client(client);
}

/* ---- what others ask for ---- */

enum csvr_status csvr_http_client_submit(struct csvr_http_client *client,
					 struct csvr_http_request *request)
{
	struct csvr_http_task *task = calloc(1, sizeof *task);
	if (task == NULL)
		return CSVR_NO_MEMORY;
	task->request = request;
	request->task = task;
	request->status = CSVR_IO_ERROR;
	request->error = (struct csvr_error){ .status = CSVR_IO_ERROR };
	request->http_status = 0;
	request->body = NULL;
	request->n_body = 0;
	request->size_bytes = UINT64_MAX;
	request->has_ranges = false;
	request->response_etag[0] = request->content_type[0] = '\0';
	request->mtime_ns = 0;
	pthread_mutex_lock(&client->lock);
	account_time(client, csvr_clock_wall_ns());
	append_task(request->is_priority ? &client->priority : &client->queued, task);
	const bool is_first = client->priority.n_items + client->queued.n_items == 1;
	pthread_mutex_unlock(&client->lock);
	/* Where more are waiting the thread was woken, and has not slept since. */
	if (is_first || request->is_priority)
		curl_multi_wakeup(client->multi);
	return CSVR_OK;
}

void csvr_http_client_wait(struct csvr_http_client *client, struct csvr_http_request *request)
{
	pthread_mutex_lock(&client->lock);
	while (request->task != NULL)
		pthread_cond_wait(&client->completed, &client->lock);
	pthread_mutex_unlock(&client->lock);
}

void csvr_http_client_resume(struct csvr_http_client *client, struct csvr_http_request *request)
{
	pthread_mutex_lock(&client->lock);
	if (request->task != NULL)
		request->task->is_resumed = true;
	pthread_mutex_unlock(&client->lock);
	curl_multi_wakeup(client->multi);
}

void csvr_http_client_cancel(struct csvr_http_client *client, struct csvr_http_request *request)
{
	pthread_mutex_lock(&client->lock);
	struct csvr_http_task *task = request->task;
	if (task != NULL && task->attempt == NULL) {
		remove_task(task);
		free(task);
		request->task = NULL;
	} else if (task != NULL) {
		request->on_complete = NULL;
		task->is_cancelled = true;
		curl_multi_wakeup(client->multi);
	}
	while (request->task != NULL || client->completing == request)
		pthread_cond_wait(&client->completed, &client->lock);
	pthread_mutex_unlock(&client->lock);
}
