/* remote.c - what is named by an address: added, asked for, read */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "input/access.h"
#include "input/backend_remote.h"
#include "input/list.h"

static enum csvr_status remote_add(void *context, struct csvr_inputs *inputs, const char *url,
				    const struct csvr_walk *rules)
{
	(void)context;
	(void)rules;
	struct csvr_input *input =
		csvr_inputs_append(inputs, url, strlen(url), CSVR_UNPROBED);
	return input == NULL ? CSVR_NO_MEMORY : CSVR_OK;
}

static enum csvr_status remote_probe(void *context, struct csvr_inputs *inputs)
{
	(void)context;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < inputs->n_items && status == CSVR_OK; i++) {
		struct csvr_input *input = &inputs->items[i];
		if (input->is_remote && input->kind == CSVR_UNPROBED)
			status = csvr_inputs_fail_remote(inputs, input, "cannot be read yet");
	}
	return status;
}

static enum csvr_status remote_expect(void *context, const struct csvr_inputs *inputs,
				       const struct csvr_extent *extents, size_t n_extents,
				       int n_threads)
{
	const struct csvr_access *access = context;
	return csvr_pool_expect(access->pool, inputs, extents, n_extents, n_threads);
}

static void remote_figures(void *context, struct csvr_network *figures)
{
	const struct csvr_access *access = context;
	csvr_transfer_figures(access->transfer, figures);
}

static enum csvr_status submit(void *transfer, struct csvr_request *request)
{
	return csvr_transfer_submit(transfer, request);
}

static void cancel(void *transfer, struct csvr_request *request)
{
	csvr_transfer_cancel(transfer, request);
}

enum csvr_status csvr_remote_new(int connections, struct csvr_remote **remote,
				 struct csvr_error *error)
{
	*remote = NULL;
	struct csvr_access *access = calloc(1, sizeof *access);
	if (access == NULL)
		return csvr_fail_memory(error);
	access->remote = (struct csvr_remote){ .add = remote_add,
						.probe = remote_probe,
						.expect = remote_expect,
						.figures = remote_figures,
						.backend = &csvr_backend_remote,
						.context = access };
	const struct csvr_transfer_rules rules = { .connections = connections };
	enum csvr_status status = csvr_s3_new(&access->s3, error);
	if (status == CSVR_OK)
		status = csvr_transfer_new(&rules, access->s3, &access->transfer, error);
	const struct csvr_carrier carrier = { submit, cancel, access->transfer };
	if (status == CSVR_OK)
		status = csvr_pool_new(&carrier, connections, 0, &access->pool);
	if (status == CSVR_NO_MEMORY)
		csvr_fail_memory(error);
	if (status == CSVR_OK)
		*remote = &access->remote;
	else
		csvr_remote_free(&access->remote);
	return status;
}

/* Parts on their way are given up by their pool, so that goes first. */
void csvr_remote_free(struct csvr_remote *remote)
{
	if (remote == NULL)
		return;
	struct csvr_access *access = remote->context;
	csvr_pool_free(access->pool);
	csvr_transfer_free(access->transfer);
	csvr_s3_free(access->s3);
	free(access);
}
