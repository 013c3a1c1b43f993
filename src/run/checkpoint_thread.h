/* checkpoint_thread.h - the thread that saves checkpoints of a run, and ends a run that does not
 * stop
 *
 * Threads  the callbacks are called by the checkpoint thread
 */
#ifndef CSVR_RUN_CHECKPOINT_THREAD_H
#define CSVR_RUN_CHECKPOINT_THREAD_H

#include "csvreport.h"

struct csvr_checkpointer;

struct csvr_checkpointer_config {
	const struct csvr_checkpoint_hooks *checkpoint; /* NULL: no checkpoints */
	const int *stop_flag; /* as in csvr_run_hooks */
	/* Requests that all threads flush their results, and whether all have done so. */
	void (*request_flush)(void *context);
	bool (*is_flushed)(void *context);
	/* Saves the results that were flushed. Must not need a lock that a thread holds while it
	 * reads. */
	void (*save)(void *context);
	void *context;
};

/* Starts the thread. `*checkpointer` is NULL if there are no checkpoints. Errors: CSVR_IO_ERROR (the
 * thread cannot be started), CSVR_NO_MEMORY. */
enum csvr_status csvr_checkpointer_start(const struct csvr_checkpointer_config *config,
					 struct csvr_checkpointer **checkpointer,
					 struct csvr_error *error);

/* Ends the thread and frees the checkpointer; nothing is saved after that. NULL is accepted. */
void csvr_checkpointer_stop(struct csvr_checkpointer *checkpointer);

#endif
