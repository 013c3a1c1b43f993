/* http_task.c - requests in the lists of a client */
#include "input/remote/http_task.h"

#include <stdlib.h>

void csvr_http_task_append(struct csvr_http_task_list *list, struct csvr_http_task *task)
{
	task->list = list;
	task->next = NULL;
	task->previous = list->last;
	if (list->last != NULL)
		list->last->next = task;
	else
		list->first = task;
	list->last = task;
	list->n_tasks++;
}

void csvr_http_task_prepend(struct csvr_http_task_list *list, struct csvr_http_task *task)
{
	task->list = list;
	task->previous = NULL;
	task->next = list->first;
	if (list->first != NULL)
		list->first->previous = task;
	else
		list->last = task;
	list->first = task;
	list->n_tasks++;
}

void csvr_http_task_remove(struct csvr_http_task *task)
{
	struct csvr_http_task_list *list = task->list;
	if (task->previous != NULL)
		task->previous->next = task->next;
	else
		list->first = task->next;
	if (task->next != NULL)
		task->next->previous = task->previous;
	else
		list->last = task->previous;
	list->n_tasks--;
}

void csvr_http_task_list_clear(struct csvr_http_task_list *list)
{
	for (struct csvr_http_task *task = list->first, *next; task != NULL; task = next) {
		next = task->next;
		task->request->task = NULL;
		free(task);
	}
	*list = (struct csvr_http_task_list){ 0 };
}
