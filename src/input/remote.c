/* remote.c - what is named by an address: added, asked for, read */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "input/list.h"
#include "input/access.h"

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
	(void)context;
	(void)inputs;
	(void)extents;
	(void)n_extents;
	(void)n_threads;
	return CSVR_OK;
}

enum csvr_status csvr_remote_new(int connections, struct csvr_remote **remote,
				 struct csvr_error *error)
{
	(void)connections;
	struct csvr_access *access = calloc(1, sizeof *access);
	*remote = NULL;
	if (access == NULL)
		return csvr_fail_memory(error);
	access->remote = (struct csvr_remote){ .add = remote_add,
						.probe = remote_probe,
						.expect = remote_expect,
						.context = access };
	*remote = &access->remote;
	return CSVR_OK;
}

void csvr_remote_free(struct csvr_remote *remote)
{
	if (remote != NULL)
		free(remote->context);
}
