/* http_task.h - requests in the lists of a client
 *
 * Shape    doubly linked lists; a task is in one list at a time, or in none while it changes lists
 * Threads  the client's: under its lock
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_TASK_H
#define CSVR_INPUT_REMOTE_HTTP_TASK_H

#include "input/remote/http_retry.h"

struct csvr_http_task_list {
	struct csvr_http_task *first, *last;
	size_t n_tasks;
};

/* What the client knows of a request from csvr_http_client_submit to its completion. */
struct csvr_http_task {
	struct csvr_http_task_list *list; /* that contains it */
	struct csvr_http_task *next, *previous;
	struct csvr_http_request *request;
	struct csvr_body_progress progress;
	struct csvr_http_attempts attempts;
	uint64_t due_ns; /* start of the next attempt, while it is delayed */
	bool is_fresh; /* the next attempt uses a new connection */
	struct csvr_http_attempt *attempt; /* NULL: not in flight */
	/* Set by other threads, read by the client's thread. */
	bool is_cancelled, is_resumed;
};

void csvr_http_task_append(struct csvr_http_task_list *list, struct csvr_http_task *task);
void csvr_http_task_prepend(struct csvr_http_task_list *list, struct csvr_http_task *task);
void csvr_http_task_remove(struct csvr_http_task *task);

/* Frees all tasks of the list. */
void csvr_http_task_list_clear(struct csvr_http_task_list *list);

#endif
