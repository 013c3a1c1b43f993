/* http_client.c - HTTP requests, many in flight, by one thread
 *
 * The thread owns libcurl's handles and the list of requests in flight. Everything else is shared and
 * protected by `lock`: the queued requests, and what other threads want of requests in flight (flags of
 * their tasks). The lock is released during on_body and on_complete, so these may submit requests.
 *
 * How often and when a failed request is retried: http_retry.h.
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
#include "input/remote/http_retry.h"
#include "input/remote/http_task.h"

static const double default_stall_s = 3;

/* Before its first byte a server may pause longer than between two bytes: 10 s by default. */
static const double first_byte_factor = 10.0 / 3;

struct csvr_http_client {
	struct csvr_http_client_config config;
	struct csvr_s3 *s3;
	pthread_t thread;
	CURLM *multi;

	pthread_mutex_t lock;
	pthread_cond_t completed; /* a request has completed */
	/* Protected by the lock. */
	bool is_stopping;
	struct csvr_http_task_list priority, queued; /* in the order in which they start */
	struct csvr_http_task_list delayed; /* until their next attempt */
	struct csvr_http_request *completing; /* whose on_complete is running, or NULL */
	int n_paused; /* in flight but paused by on_body: they do not count as active */
	struct csvr_network stats;
	uint64_t accounted_ns; /* the times in `stats` reach to here */

	/* Used by the client's thread only; csvr_http_client_stats reads the lengths and the limit, so these
	 * change under the lock. */
	struct csvr_http_task_list in_flight;
	struct csvr_http_attempt **idle; /* n_idle of `capacity` handles */
	size_t n_idle, capacity;
	struct csvr_http_limit limit;
	struct csvr_http_retry retry;
};

/* ---- statistics; the caller holds the lock ---- */

static int n_active(const struct csvr_http_client *client)
{
	return (int)client->in_flight.n_tasks - client->n_paused;
}

/* Adds the time since the last call to the statistics. Call it before the number of active or queued
 * requests changes. */
static void account_time(struct csvr_http_client *client, uint64_t now_ns)
{
	if (now_ns <= client->accounted_ns)
		return;
	const uint64_t passed_ns = now_ns - client->accounted_ns;
	client->accounted_ns = now_ns;
	if (client->in_flight.n_tasks > 0)
		client->stats.active_ns += passed_ns;
	if (n_active(client) >= client->limit.current &&
	    client->priority.n_tasks + client->queued.n_tasks > 0)
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
	stats->concurrency_limit = client->limit.current;
	pthread_mutex_unlock(&client->lock);
	clockid_t clock;
	struct timespec time = { 0 };
	if (pthread_getcpuclockid(client->thread, &clock) == 0 && clock_gettime(clock, &time) == 0)
		stats->cpu_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void append_attempt_count(struct csvr_http_request *request, int n_attempts)
{
	const size_t n = strlen(request->error.message);
	if (n_attempts > 1)
		snprintf(request->error.message + n, sizeof request->error.message - n,
			 "; tried %d times", n_attempts);
}

/* ---- completion of a request ---- */

/* The caller holds the lock; it is released while on_complete runs. */
static void complete_task(struct csvr_http_client *client, struct csvr_http_task *task)
{
	struct csvr_http_request *request = task->request;
	request->task = NULL;
	free(task);
	if (request->on_complete != NULL) {
		client->completing = request;
		pthread_mutex_unlock(&client->lock);
		request->on_complete(request->context, request); /* may free it */
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

/* Takes a task out of the list in flight and its handle back to the idle ones. */
static void detach(struct csvr_http_client *client, struct csvr_http_task *task)
{
	struct csvr_http_attempt *attempt = task->attempt;
	curl_multi_remove_handle(client->multi, attempt->easy);
	account_attempt(client, attempt);
	csvr_http_task_remove(task);
	count_paused(client);
	task->attempt = NULL;
	client->idle[client->n_idle++] = attempt; /* pop_attempt has reserved the space */
}

/* After an attempt: the request completes, or is delayed until a retry. */
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
	client->retry.has_response |= attempt->first_byte_ns != 0;
	if (result.is_throttled) {
		client->stats.n_throttled++;
		csvr_http_limit_decrease(&client->limit, attempt->started_ns, now_ns);
	}
	if (result.outcome == CSVR_HTTP_DONE) {
		client->retry.n_failures = 0;
		csvr_http_limit_increase(&client->limit);
	}
	task->is_fresh = is_stalled;
	if (task->is_cancelled) {
		complete_task(client, task);
	} else if (result.outcome == CSVR_HTTP_RETRY &&
		   csvr_http_retry_schedule(&client->retry, &task->attempts, &result,
					    task->progress.n_bytes, now_ns, &task->due_ns)) {
		csvr_http_task_append(&client->delayed, task);
	} else {
		if (result.outcome == CSVR_HTTP_RETRY) {
			client->retry.n_failures++;
			append_attempt_count(task->request, task->attempts.n);
		}
		complete_task(client, task);
	}
	pthread_mutex_unlock(&client->lock);
}

/* ---- the thread ---- */

/* An idle or new handle; reserves the space to put it back. NULL: no memory. */
static struct csvr_http_attempt *pop_attempt(struct csvr_http_client *client)
{
	if (client->n_idle > 0)
		return client->idle[--client->n_idle];
	const size_t capacity = client->in_flight.n_tasks + 1;
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

/* The caller holds the lock. */
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
	if (task->attempts.n++ == 0)
		task->attempts.progress_ns = now_ns;
	client->stats.n_retries += task->attempts.n > 1;
	client->stats.n_requests++;
	csvr_http_task_append(&client->in_flight, task);
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
		csvr_http_task_remove(task);
		csvr_http_task_prepend(task->request->is_priority ? &client->priority
								  : &client->queued,
				       task);
	}
	while (n_active(client) < client->limit.current &&
	       client->priority.n_tasks + client->queued.n_tasks > 0) {
		struct csvr_http_task_list *list = client->priority.n_tasks > 0 ? &client->priority
										: &client->queued;
		struct csvr_http_task *task = list->first;
		csvr_http_task_remove(task);
		start_task(client, task, now_ns);
	}
}

/* Cancels and resumes requests in flight as other threads have requested. Resuming calls on_body, so the
 * lock is released for it. */
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

/* The longest time to sleep when no socket is ready. */
static int poll_timeout_ms(struct csvr_http_client *client)
{
	const uint64_t now_ns = csvr_clock_wall_ns();
	uint64_t timeout_ns = 1000000000;
	count_paused(client);
	if (n_active(client) < client->limit.current &&
	    client->priority.n_tasks + client->queued.n_tasks > 0)
		return 0;
	if (client->in_flight.n_tasks > 0)
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

/* Lets libcurl transfer data, and handles the attempts that have finished. */
static void perform_transfers(struct csvr_http_client *client)
{
	int n_running, n_left;
	curl_multi_perform(client->multi, &n_running);
	for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &n_left)) != NULL;) {
		if (message->msg != CURLMSG_DONE)
			continue;
		const CURLcode code =
			message->data.result; /* removing the handle invalidates the message */
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

/* ---- creation and destruction ---- */

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
	csvr_http_task_list_clear(&client->in_flight);
	csvr_http_task_list_clear(&client->priority);
	csvr_http_task_list_clear(&client->queued);
	csvr_http_task_list_clear(&client->delayed);
	curl_multi_cleanup(client->multi);
	pthread_cond_destroy(&client->completed);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

/* All signals are blocked in the thread: the program's own threads handle them. */
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
	if (client->config.stall_s <= 0)
		client->config.stall_s = default_stall_s;
	client->s3 = s3;
	csvr_http_limit_init(&client->limit, client->config.n_connections);
	client->accounted_ns = csvr_clock_wall_ns();
	csvr_http_retry_init(&client->retry, client->config.max_attempts,
			     client->accounted_ns ^ (uint64_t)(uintptr_t)client);
	client->multi = curl_multi_init();
	if (client->multi == NULL) {
		free_client(client);
		return csvr_error_set_no_memory(error);
	}
	curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	/* Paused requests keep their connections in addition to the active ones. */
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, 4L * client->config.n_connections);
	const int failure = start_thread(client);
	if (failure != 0) {
		free_client(client);
		errno = failure;
		return csvr_error_set_errno(error, "cannot start the thread for network transfers");
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

/* ---- requests of other threads ---- */

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
	csvr_http_task_append(request->is_priority ? &client->priority : &client->queued, task);
	const bool is_first = client->priority.n_tasks + client->queued.n_tasks == 1;
	pthread_mutex_unlock(&client->lock);
	/* If others were queued already, the thread has been woken and has not slept since. */
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
		csvr_http_task_remove(task);
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
