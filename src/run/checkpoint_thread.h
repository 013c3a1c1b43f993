/* checkpoint_thread.h - the thread that saves what a run has found, every so often, and when it will not end
 *
 * Threads  it is one of its own; all that it is given must be safe for that
 */
#ifndef CSVR_RUN_CHECKPOINT_THREAD_H
#define CSVR_RUN_CHECKPOINT_THREAD_H

#include "csvreport.h"

struct csvr_checkpointer;

/* What a keeper is to do. */
struct csvr_checkpointer_config {
	const struct csvr_checkpoint_hooks *checkpoint;
	const int *stop; /* set by anyone: the run is to end; NULL: nobody does */
	/* Asks all threads to hand over what they have found; says whether they all have. */
	void (*ask)(void *context);
	bool (*is_answered)(void *context);
	/* Saves what has been handed over. What it takes for that nobody holds while reading. */
	void (*save)(void *context);
	void *context;
};

/* Starts the thread; `*keeper` is NULL where there is nothing to keep. Errors: CSVR_IO_ERROR. */
enum csvr_status csvr_checkpointer_start(const struct csvr_checkpointer_config *duty,
					 struct csvr_checkpointer **keeper,
					 struct csvr_error *error);

/* Ends it; it saves nothing any more. NULL is fine. */
void csvr_checkpointer_stop(struct csvr_checkpointer *keeper);

#endif
