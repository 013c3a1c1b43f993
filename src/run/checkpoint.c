/* checkpoint.c - saves the results of a run while its threads work
 *
 * Threads  the checkpoint thread, and the one that called csvr_run when the former has ended
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/clock.h"
#include "base/serialize.h"
#include "run/run_internal.h"

/* Requests that every thread flushes its summary. */
static void request_flush(void *context)
{
	struct csvr_run_context *run = context;
	__atomic_store_n(&run->n_flushed, 0, __ATOMIC_RELEASE);
	__atomic_add_fetch(&run->n_flush_requests, 1, __ATOMIC_RELEASE);
}

static bool is_flushed(void *context)
{
	struct csvr_run_context *run = context;
	return __atomic_load_n(&run->n_flushed, __ATOMIC_ACQUIRE) >= run->n_threads;
}

void csvr_checkpoint_save(void *context)
{
	struct csvr_run_context *run = context;
	const struct csvr_checkpoint_hooks *checkpoint = run->hooks->checkpoint;
	struct csvr_encoder bytes;
	struct csvr_run_record record = run->record;
	record.end_ns = csvr_clock_realtime_ns();
	csvr_encoder_init(&bytes);
	enum csvr_status status = csvr_results_snapshot(run->results, run->settings, run->inputs,
							&record, &bytes);
	if (status == CSVR_OK)
		(void)checkpoint->save(checkpoint->context, bytes.bytes, bytes.n_bytes);
	else
		csvr_run_fail(run, status);
	csvr_encoder_clear(&bytes);
}

enum csvr_status csvr_checkpoint_start(struct csvr_run_context *run,
				       struct csvr_checkpointer **checkpointer,
				       struct csvr_error *error)
{
	const struct csvr_checkpointer_config config = { .checkpoint = run->hooks->checkpoint,
							 .stop_flag = run->hooks->stop_flag,
							 .request_flush = request_flush,
							 .is_flushed = is_flushed,
							 .save = csvr_checkpoint_save,
							 .context = run };
	return csvr_checkpointer_start(&config, checkpointer, error);
}
