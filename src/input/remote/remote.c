/* remote.c - what is named by an url: listed, asked for, and handed to who reads it
 *
 * - s3://bucket and s3://bucket/prefix/ are listed, a page after the other, and filtered as a walk
 *   through directories is (discover.c), with the slashes in keys as those of paths. The listing tells
 *   size, time and version, so no object need be asked for before it is read.
 * - Anything else is one object. It is asked for its first bytes, many objects at once: that tells size,
 *   time and version as well, and unlike a HEAD it has a body where it is refused.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote_ops.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/serialize.h"
#include "input/codec/decompressor.h"
#include "input/filter.h"
#include "input/inputs_internal.h"
#include "input/remote/backend_remote.h"
#include "input/remote/remote_context.h"
#include "input/remote/s3_internal.h"
#include "input/remote/s3_list.h"
#include "input/remote/xml.h"

static enum csvr_status describe(struct csvr_inputs *inputs, struct csvr_input *input,
				 uint64_t size_bytes, int64_t mtime_ns, const char *etag)
{
	input->kind = CSVR_INPUT_REGULAR;
	input->size_bytes = size_bytes;
	input->mtime_ns = csvr_object_version_time(mtime_ns, etag);
	return etag[0] != '\0' ? csvr_inputs_set_etag(inputs, input, etag) : CSVR_OK;
}

static enum csvr_status add_failed(struct csvr_inputs *inputs, const char *url, const char *reason)
{
	struct csvr_input *input = csvr_inputs_append(inputs, url, strlen(url),
						      CSVR_INPUT_UNPROBED);
	return input == NULL ? CSVR_NO_MEMORY : csvr_inputs_set_error(inputs, input, reason);
}

/* ---- listing ---- */

/* Continuations of a listing, each only asked for once. Of those before, one is kept, a later one each
 * time that their number has doubled: whatever circle a server sends round in, one comes that holds it. */
struct round {
	char *kept;
	size_t n_tokens, next_kept;
};

struct lister {
	struct csvr_inputs *inputs;
	const struct csvr_walk_options *rules;
	struct csvr_filter filter;
	struct csvr_encoder path; /* of the object at hand: url of the bucket, key, NUL */
	size_t n_bucket; /* of the url of the bucket and a slash */
	size_t n_prefix; /* of the part of keys that was named */
	size_t n_objects; /* listed, taken or not */
	struct round round;
};

/* Whether a walk would enter all directories that lead to `below`, and look at the file. */
static enum csvr_status is_reached(struct lister *lister, char *below, bool *reaches)
{
	const int max_depth = lister->rules->max_depth;
	int depth = 1;
	*reaches = false;
	for (char *chunk = below;; depth++) {
		char *slash = strchr(chunk, '/');
		/* A key may hold two slashes in a row; one that ends with a slash is no file. */
		if (chunk[0] == '.' || (slash == NULL && chunk[0] == '\0') ||
		    (max_depth >= 0 && depth > max_depth))
			return CSVR_OK;
		if (slash != NULL)
			*slash = '\0';
		bool is_excluded = true;
		const enum csvr_status status = csvr_filter_excludes(&lister->filter, below,
								     slash != NULL, &is_excluded);
		if (slash != NULL)
			*slash = '/';
		if (status != CSVR_OK || is_excluded)
			return status;
		if (slash == NULL)
			break;
		chunk = slash + 1;
	}
	*reaches = true;
	return CSVR_OK;
}

static enum csvr_status take_object(void *context, const struct csvr_s3_object *object)
{
	struct lister *lister = context;
	const size_t n_key = strlen(object->key);
	bool is_taken = false;
	lister->n_objects++;
	if (n_key <= lister->n_prefix)
		return CSVR_OK;
	lister->path.n_bytes = lister->n_bucket;
	csvr_encoder_put_bytes(&lister->path, object->key, n_key + 1);
	if (lister->path.is_out_of_memory)
		return CSVR_NO_MEMORY;
	char *path = (char *)lister->path.bytes;
	char *below = path + lister->n_bucket + lister->n_prefix;
	enum csvr_status status = is_reached(lister, below, &is_taken);
	if (status == CSVR_OK && is_taken)
		status = csvr_filter_includes(&lister->filter, below, &is_taken);
	if (status != CSVR_OK || !is_taken)
		return status;
	struct csvr_input *input = csvr_inputs_append(lister->inputs, path,
						      lister->n_bucket + n_key, CSVR_INPUT_REGULAR);
	return input == NULL ? CSVR_NO_MEMORY
			     : describe(lister->inputs, input, object->size_bytes, object->mtime_ns,
					object->etag);
}

/* The parameters of a listing, in the order in which they are signed. */
static void put_query(struct csvr_encoder *query, const char *prefix, const char *token)
{
	static const char token_is[] = "continuation-token=", prefix_is[] = "&prefix=";
	static const char rest[] = "encoding-type=url&list-type=2";
	query->n_bytes = 0;
	if (token != NULL) {
		csvr_encoder_put_bytes(query, token_is, sizeof token_is - 1);
		csvr_url_encode(query, token, strlen(token), false);
		csvr_encoder_put_bytes(query, "&", 1);
	}
	csvr_encoder_put_bytes(query, rest, sizeof rest - 1);
	csvr_encoder_put_bytes(query, prefix_is, sizeof prefix_is - 1);
	csvr_url_encode(query, prefix, strlen(prefix), false);
	csvr_encoder_put_bytes(query, "", 1);
}

/* Notes the next one; *repeats: it was there before. Errors: CSVR_NO_MEMORY. */
static enum csvr_status note_token(struct round *round, const char *token, bool *repeats)
{
	*repeats = round->kept != NULL && strcmp(round->kept, token) == 0;
	if (round->n_tokens++ < round->next_kept)
		return CSVR_OK;
	free(round->kept);
	round->kept = strdup(token);
	round->next_kept = 2 * round->n_tokens;
	return round->kept == NULL ? CSVR_NO_MEMORY : CSVR_OK;
}

/* One page; `*token` is what to ask for it with, and becomes that for the next one. */
static enum csvr_status list_page(struct csvr_remote_context *access, struct lister *lister,
				  const char *url, const char *prefix, char **token,
				  struct csvr_error *error)
{
	struct csvr_encoder query;
	struct csvr_http_request request = {
		.url = url, .etag = "", .capacity = CSVR_XML_BYTES, .is_priority = true
	};
	bool repeats = false;
	char *next = NULL;
	csvr_encoder_init(&query);
	put_query(&query, prefix, *token);
	request.query = (const char *)query.bytes;
	enum csvr_status status = query.is_out_of_memory
					  ? CSVR_NO_MEMORY
					  : csvr_http_client_submit(access->transfer, &request);
	if (status == CSVR_OK) {
		csvr_http_client_wait(access->transfer, &request);
		status = request.status;
		*error = request.error;
	}
	if (status == CSVR_OK)
		status = csvr_s3_list_parse(request.body, request.n_body, take_object, lister,
					    &next, error);
	if (status == CSVR_OK && next != NULL)
		status = note_token(&lister->round, next, &repeats);
	if (status == CSVR_OK && repeats)
		status = csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"the server lists the same page of the bucket again and again");
	free(request.body);
	free(*token);
	*token = next;
	csvr_encoder_clear(&query);
	return status;
}

static enum csvr_status add_listed(struct csvr_remote_context *access, struct csvr_inputs *inputs,
				   const char *url, const struct csvr_s3_uri *name,
				   const struct csvr_walk_options *rules)
{
	struct lister lister = { .inputs = inputs, .rules = rules };
	struct csvr_error error = { .status = CSVR_OK };
	char *token = NULL;
	const size_t n_before = inputs->n_items;
	csvr_encoder_init(&lister.path);
	csvr_encoder_put_bytes(&lister.path, url, (size_t)(name->bucket - url) + name->n_bucket);
	csvr_encoder_put_bytes(&lister.path, "/", 1);
	lister.n_bucket = lister.path.n_bytes;
	lister.n_prefix = strlen(name->key);
	enum csvr_status status = csvr_filter_init(&lister.filter, rules);
	if (lister.path.is_out_of_memory)
		status = CSVR_NO_MEMORY;
	if (status == CSVR_OK)
		do
			status = list_page(access, &lister, url, name->key, &token, &error);
		while (status == CSVR_OK && token != NULL);
	free(token);
	free(lister.round.kept);
	csvr_filter_clear(&lister.filter);
	csvr_encoder_clear(&lister.path);
	if (status == CSVR_NO_MEMORY)
		return status;
	/* A directory that is not there is an error, too. */
	if (status == CSVR_OK && lister.n_objects == 0 && lister.n_prefix > 0)
		return add_failed(inputs, url, "the bucket has no object whose key begins so");
	if (status == CSVR_OK)
		return csvr_inputs_sort(inputs, n_before);
	/* What was listed stays, and the rest is told as missing. */
	status = add_failed(inputs, url, error.message);
	return status == CSVR_OK ? csvr_inputs_sort(inputs, n_before) : status;
}

static enum csvr_status remote_add(void *context, struct csvr_inputs *inputs, const char *url,
				   const struct csvr_walk_options *rules)
{
	struct csvr_remote_context *access = context;
	struct csvr_s3_uri name;
	/* It is not shown, but it stands in command lines, which all users of a machine can see. */
	if (csvr_url_userinfo(url, strlen(url)).n_bytes > 0)
		return add_failed(
			inputs, url,
			csvr_is_s3(url)
				? "was given with a user or password in it; put them into "
				  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
				: "was given with a user or password in it, which others "
				  "may see; put them into ~/.netrc");
	if (csvr_is_s3(url)) {
		if (access->s3 == NULL)
			return add_failed(inputs, url, access->wrong.message);
		if (!csvr_s3_split(url, &name))
			return add_failed(inputs, url,
					  "names no bucket; write s3://BUCKET/KEY or "
					  "s3://BUCKET/PREFIX/");
		const size_t n_key = strlen(name.key);
		if (n_key == 0 || name.key[n_key - 1] == '/')
			return rules->max_depth == 0
				       ? CSVR_OK
				       : add_listed(access, inputs, url, &name, rules);
	}
	struct csvr_input *input = csvr_inputs_append(inputs, url, strlen(url),
						      CSVR_INPUT_UNPROBED);
	return input == NULL ? CSVR_NO_MEMORY : CSVR_OK;
}

/* ---- asking ---- */

enum {
	HEAD_BYTES = 4096, /* more than is needed to tell what something is not */
	LOOK_BYTES = 16, /* enough for what begins with bytes of its own */
	N_ASKED = 512 /* at once; the transfer sends as many of them as it may */
};

struct asked {
	struct csvr_http_request request;
	char *url;
	struct csvr_input *input;
};

static bool begins(const unsigned char *bytes, size_t n_bytes, const char *word)
{
	const size_t n = strlen(word);
	return n_bytes >= n && strncasecmp((const char *)bytes, word, n) == 0;
}

static bool is_page(const struct csvr_http_request *request)
{
	const unsigned char *at = request->body;
	size_t n = request->n_body;
	if (begins(at, n, "\xef\xbb\xbf"))
		at += 3, n -= 3;
	while (n > 0 && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++, n--;
	return strncasecmp(request->content_type, "text/html", 9) == 0 ||
	       strncasecmp(request->content_type, "application/xhtml", 17) == 0 ||
	       begins(at, n, "<!doctype html") || begins(at, n, "<html");
}

/* Makes of an input what its first bytes tell. */
static enum csvr_status settle(struct csvr_inputs *inputs, const struct asked *asked)
{
	const struct csvr_http_request *request = &asked->request;
	struct csvr_input *input = asked->input;
	const char *etag = request->found_etag;
	if (request->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	/* Of an empty object some have no range, and do not say why: then all of it is asked for. */
	if (request->status != CSVR_OK && request->http_status == 416) {
		input->kind = CSVR_INPUT_STREAM;
		return CSVR_OK;
	}
	if (request->status != CSVR_OK)
		return csvr_inputs_set_error(inputs, input, request->error.message);
	if (is_page(request))
		return csvr_inputs_set_error(inputs, input,
					     "is an HTML page (a directory listing?), not CSV; "
					     "name the file itself");
	if (csvr_begins_as_state(request->body, request->n_body))
		return csvr_inputs_set_error(inputs, input, csvr_remote_state_unsupported);
	if (csvr_compression_detect(request->body, request->n_body) != CSVR_UNCOMPRESSED)
		input->is_compressed = true;
	/* Without a version nothing tells whether two parts belong together: then it is one request. */
	const bool has_version = etag[0] != '\0' || request->mtime_ns != 0;
	if (request->has_ranges && request->size_bytes != UINT64_MAX && has_version)
		return describe(inputs, input, request->size_bytes, request->mtime_ns, etag);
	input->kind = CSVR_INPUT_STREAM;
	return etag[0] != '\0' ? csvr_inputs_set_etag(inputs, input, etag) : CSVR_OK;
}

/* The same of an input that was listed. Why it cannot be had is said by who reads it. */
static enum csvr_status settle_look(struct csvr_inputs *inputs, const struct asked *asked)
{
	const struct csvr_http_request *request = &asked->request;
	if (request->status != CSVR_OK)
		return request->status == CSVR_NO_MEMORY ? CSVR_NO_MEMORY : CSVR_OK;
	if (csvr_begins_as_state(request->body, request->n_body))
		return csvr_inputs_set_error(inputs, asked->input, csvr_remote_state_unsupported);
	if (csvr_compression_detect(request->body, request->n_body) != CSVR_UNCOMPRESSED)
		asked->input->is_compressed = true;
	return CSVR_OK;
}

/* Who is asked, and for what: a probe, or a look at what is larger than a chunk. */
struct asking {
	struct csvr_remote_context *access;
	struct csvr_inputs *inputs;
	struct asked *asked; /* N_ASKED of them, once there is one */
	bool is_look;
	uint64_t chunk_bytes;
};

static bool is_wanted(const struct asking *asking, const struct csvr_input *input)
{
	if (!input->is_remote)
		return false;
	if (!asking->is_look)
		return input->kind == CSVR_INPUT_UNPROBED;
	return input->kind == CSVR_INPUT_REGULAR && !input->is_compressed && !input->is_preloaded &&
	       input->size_bytes > asking->chunk_bytes;
}

/* Asks for up to N_ASKED inputs from `*first` on, and moves that behind them. */
static enum csvr_status ask_some(const struct asking *asking, size_t *first)
{
	struct csvr_remote_context *access = asking->access;
	struct csvr_inputs *inputs = asking->inputs;
	struct asked *asked = asking->asked;
	enum csvr_status status = CSVR_OK;
	size_t n = 0, i = *first;
	for (; i < inputs->n_items && n < N_ASKED && status == CSVR_OK; i++) {
		struct csvr_input *input = &inputs->items[i];
		if (!is_wanted(asking, input))
			continue;
		asked[n] = (struct asked){ .input = input };
		asked[n].url = csvr_inputs_copy_url(inputs, input);
		if (asked[n].url == NULL) {
			status = CSVR_NO_MEMORY;
			break;
		}
		asked[n].request.url = asked[n].url;
		asked[n].request.etag = "";
		asked[n].request.n_bytes = asking->is_look ? LOOK_BYTES : HEAD_BYTES;
		status = csvr_http_client_submit(access->transfer, &asked[n].request);
		if (status == CSVR_OK)
			n++;
		else
			free(asked[n].url);
	}
	*first = i;
	for (size_t k = 0; k < n; k++) {
		csvr_http_client_wait(access->transfer, &asked[k].request);
		if (status == CSVR_OK)
			status = asking->is_look ? settle_look(inputs, &asked[k])
						 : settle(inputs, &asked[k]);
		free(asked[k].request.body);
		free(asked[k].url);
	}
	return status;
}

static enum csvr_status ask_all(struct asking *asking)
{
	const struct csvr_inputs *inputs = asking->inputs;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < inputs->n_items && status == CSVR_OK;) {
		if (!is_wanted(asking, &inputs->items[i])) {
			i++;
			continue;
		}
		if (asking->asked == NULL)
			asking->asked = calloc(N_ASKED, sizeof *asking->asked);
		status = asking->asked == NULL ? CSVR_NO_MEMORY : ask_some(asking, &i);
	}
	free(asking->asked);
	return status;
}

static enum csvr_status remote_probe(void *context, struct csvr_inputs *inputs)
{
	struct asking asking = { .access = context, .inputs = inputs };
	return ask_all(&asking);
}

static enum csvr_status remote_look(void *context, struct csvr_inputs *inputs, uint64_t chunk_bytes)
{
	struct asking asking = {
		.access = context, .inputs = inputs, .is_look = true, .chunk_bytes = chunk_bytes
	};
	return ask_all(&asking);
}

/* ---- the table ---- */

static enum csvr_status remote_expect(void *context, const struct csvr_inputs *inputs,
				      const struct csvr_byte_range *byte_ranges, size_t n_extents,
				      int n_threads)
{
	struct csvr_remote_context *access = context;
	return csvr_prefetch_schedule(access->pool, inputs, byte_ranges, n_extents, n_threads);
}

static void remote_figures(void *context, struct csvr_network *figures)
{
	const struct csvr_remote_context *access = context;
	csvr_http_client_stats(access->transfer, figures);
}

static enum csvr_status submit(void *context, struct csvr_http_request *request)
{
	return csvr_http_client_submit(context, request);
}

static void cancel(void *context, struct csvr_http_request *request)
{
	csvr_http_client_cancel(context, request);
}

enum csvr_status csvr_remote_new(int connections, struct csvr_remote **remote,
				 struct csvr_error *error)
{
	struct csvr_remote_context *access = calloc(1, sizeof *access);
	const struct csvr_http_client_config rules = { .connections = connections };
	*remote = NULL;
	if (access == NULL)
		return csvr_error_set_no_memory(error);
	access->remote = (struct csvr_remote){ .add = remote_add,
					       .probe = remote_probe,
					       .look = remote_look,
					       .expect = remote_expect,
					       .figures = remote_figures,
					       .backend = &csvr_backend_remote,
					       .context = access };
	/* Settings that are wrong matter to what is on S3 only. */
	enum csvr_status status = csvr_s3_new(&access->s3, &access->wrong);
	if (status == CSVR_INVALID_OPTION)
		status = CSVR_OK;
	else if (status != CSVR_OK)
		*error = access->wrong;
	if (status == CSVR_OK)
		status = csvr_http_client_new(&rules, access->s3, &access->transfer, error);
	if (status == CSVR_OK) {
		const struct csvr_transport carrier = { submit, cancel, access->transfer };
		status = csvr_prefetcher_new(&carrier, connections, 0, &access->pool);
	}
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(error);
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
	struct csvr_remote_context *access = remote->context;
	csvr_prefetcher_free(access->pool);
	csvr_http_client_free(access->transfer);
	csvr_s3_free(access->s3);
	free(access);
}
