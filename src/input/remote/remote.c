/* remote.c - remote inputs: lists buckets, probes objects, and schedules their byte ranges
 *
 * - s3://bucket and s3://bucket/prefix/ are listed page by page. Keys are filtered like the paths of a
 *   directory walk (discover.c). A listing has size, time and version, so objects need no probe.
 * - Any other URL is one object. A GET of its first bytes, for many objects at a time, returns size, time
 *   and version. Unlike HEAD, it returns an error message in the body.
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
#include "input/codec/text_decoder.h"
#include "input/filter.h"
#include "input/inputs_internal.h"
#include "input/remote/backend_remote.h"
#include "input/remote/object_version.h"
#include "input/remote/remote_context.h"
#include "input/remote/s3_internal.h"
#include "input/remote/s3_list.h"
#include "input/remote/xml.h"

static enum csvr_status set_object(struct csvr_inputs *inputs, struct csvr_input *input,
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

/* Detects a server that repeats continuation tokens, so that a listing ends (Brent's algorithm): a token is
 * saved each time their number has doubled, so one saved token lies on any cycle. */
struct token_cycle {
	char *saved;
	size_t n_tokens, next_save;
};

struct lister {
	struct csvr_inputs *inputs;
	const struct csvr_walk_options *rules;
	struct csvr_filter filter;
	struct csvr_encoder path; /* of the current object: URL of the bucket, key, NUL */
	size_t n_bucket; /* length of the URL of the bucket and a slash */
	size_t n_prefix; /* length of the prefix in the URL */
	size_t n_objects; /* listed, included or not */
	struct token_cycle cycle;
};

/* Whether a directory walk would enter all directories of `relative` and reach the file. */
static enum csvr_status is_reachable(struct lister *lister, char *relative, bool *result)
{
	const int max_depth = lister->rules->max_depth;
	int depth = 1;
	*result = false;
	for (char *component = relative;; depth++) {
		char *slash = strchr(component, '/');
		/* A key may contain "//"; one that ends with a slash is a directory marker. */
		if (component[0] == '.' || (slash == NULL && component[0] == '\0') ||
		    (max_depth >= 0 && depth > max_depth))
			return CSVR_OK;
		if (slash != NULL)
			*slash = '\0';
		bool is_excluded = true;
		const enum csvr_status status = csvr_filter_excludes(&lister->filter, relative,
								     slash != NULL, &is_excluded);
		if (slash != NULL)
			*slash = '/';
		if (status != CSVR_OK || is_excluded)
			return status;
		if (slash == NULL)
			break;
		component = slash + 1;
	}
	*result = true;
	return CSVR_OK;
}

static enum csvr_status on_object(void *context, const struct csvr_s3_object *object)
{
	struct lister *lister = context;
	const size_t n_key = strlen(object->key);
	bool is_included = false;
	lister->n_objects++;
	if (n_key <= lister->n_prefix)
		return CSVR_OK;
	lister->path.n_bytes = lister->n_bucket;
	csvr_encoder_put_bytes(&lister->path, object->key, n_key + 1);
	if (lister->path.is_out_of_memory)
		return CSVR_NO_MEMORY;
	char *path = (char *)lister->path.bytes;
	char *relative = path + lister->n_bucket + lister->n_prefix;
	enum csvr_status status = is_reachable(lister, relative, &is_included);
	if (status != CSVR_OK || !is_included)
		return status;
	status = csvr_filter_includes(&lister->filter, relative, &is_included);
	if (status == CSVR_OK && !is_included && lister->rules->include.n_words == 0)
		status = csvr_other_names_add(&lister->inputs->other_names, path,
					      lister->n_bucket + n_key);
	if (status != CSVR_OK || !is_included)
		return status;
	struct csvr_input *input = csvr_inputs_append(lister->inputs, path,
						      lister->n_bucket + n_key, CSVR_INPUT_REGULAR);
	return input == NULL ? CSVR_NO_MEMORY
			     : set_object(lister->inputs, input, object->size_bytes,
					  object->mtime_ns, object->etag);
}

/* The parameters of a listing, sorted, as the signature requires. */
static void write_list_query(struct csvr_encoder *query, const char *prefix, const char *token)
{
	static const char token_param[] = "continuation-token=", prefix_param[] = "&prefix=";
	static const char fixed_params[] = "encoding-type=url&list-type=2";
	query->n_bytes = 0;
	if (token != NULL) {
		csvr_encoder_put_bytes(query, token_param, sizeof token_param - 1);
		csvr_url_encode(query, token, strlen(token), false);
		csvr_encoder_put_bytes(query, "&", 1);
	}
	csvr_encoder_put_bytes(query, fixed_params, sizeof fixed_params - 1);
	csvr_encoder_put_bytes(query, prefix_param, sizeof prefix_param - 1);
	csvr_url_encode(query, prefix, strlen(prefix), false);
	csvr_encoder_put_bytes(query, "", 1);
}

/* Registers the next token. *repeats: it was seen before. Errors: CSVR_NO_MEMORY. */
static enum csvr_status check_token(struct token_cycle *cycle, const char *token, bool *repeats)
{
	*repeats = cycle->saved != NULL && strcmp(cycle->saved, token) == 0;
	if (cycle->n_tokens++ < cycle->next_save)
		return CSVR_OK;
	free(cycle->saved);
	cycle->saved = strdup(token);
	cycle->next_save = 2 * cycle->n_tokens;
	return cycle->saved == NULL ? CSVR_NO_MEMORY : CSVR_OK;
}

/* Lists one page. `*token` is its continuation token, and is replaced by the one of the next page. */
static enum csvr_status list_page(struct csvr_remote_context *ctx, struct lister *lister,
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
	write_list_query(&query, prefix, *token);
	request.query = (const char *)query.bytes;
	enum csvr_status status = query.is_out_of_memory
					  ? CSVR_NO_MEMORY
					  : csvr_http_client_submit(ctx->client, &request);
	if (status == CSVR_OK) {
		csvr_http_client_wait(ctx->client, &request);
		status = request.status;
		*error = request.error;
	}
	if (status == CSVR_OK)
		status = csvr_s3_list_parse(request.body, request.n_body, on_object, lister, &next,
					    error);
	if (status == CSVR_OK && next != NULL)
		status = check_token(&lister->cycle, next, &repeats);
	if (status == CSVR_OK && repeats)
		status = csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"the server returns the same page of the bucket listing repeatedly");
	free(request.body);
	free(*token);
	*token = next;
	csvr_encoder_clear(&query);
	return status;
}

static enum csvr_status list_bucket(struct csvr_remote_context *ctx, struct csvr_inputs *inputs,
				    const char *url, const struct csvr_s3_uri *uri,
				    const struct csvr_walk_options *rules)
{
	struct lister lister = { .inputs = inputs, .rules = rules };
	struct csvr_error error = { .status = CSVR_OK };
	char *token = NULL;
	const size_t n_before = inputs->n_items;
	csvr_encoder_init(&lister.path);
	csvr_encoder_put_bytes(&lister.path, url, (size_t)(uri->bucket - url) + uri->n_bucket);
	csvr_encoder_put_bytes(&lister.path, "/", 1);
	lister.n_bucket = lister.path.n_bytes;
	lister.n_prefix = strlen(uri->key);
	enum csvr_status status = csvr_filter_init(&lister.filter, rules);
	if (lister.path.is_out_of_memory)
		status = CSVR_NO_MEMORY;
	if (status == CSVR_OK)
		do
			status = list_page(ctx, &lister, url, uri->key, &token, &error);
		while (status == CSVR_OK && token != NULL);
	free(token);
	free(lister.cycle.saved);
	csvr_filter_clear(&lister.filter);
	csvr_encoder_clear(&lister.path);
	if (status == CSVR_NO_MEMORY)
		return status;
	/* Like a directory that does not exist. */
	if (status == CSVR_OK && lister.n_objects == 0 && lister.n_prefix > 0)
		return add_failed(inputs, url, "no object in the bucket has this prefix");
	if (status == CSVR_OK)
		return csvr_inputs_sort(inputs, n_before);
	/* Keep the objects that were listed, and add an input that reports the error. */
	status = add_failed(inputs, url, error.message);
	return status == CSVR_OK ? csvr_inputs_sort(inputs, n_before) : status;
}

static enum csvr_status remote_add(void *context, struct csvr_inputs *inputs, const char *url,
				   const struct csvr_walk_options *rules)
{
	struct csvr_remote_context *ctx = context;
	struct csvr_s3_uri uri;
	/* Messages redact it, but other users of the machine can see it in the command line. */
	if (csvr_url_userinfo(url, strlen(url)).n_bytes > 0)
		return add_failed(
			inputs, url,
			csvr_is_s3(url)
				? "the URL contains a user name or password; put the keys into "
				  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
				: "the URL contains a user name or password, which other users "
				  "can see; put them into ~/.netrc");
	if (csvr_is_s3(url)) {
		if (ctx->s3 == NULL)
			return add_failed(inputs, url, ctx->s3_error.message);
		if (!csvr_s3_split(url, &uri))
			return add_failed(inputs, url,
					  "names no bucket; write s3://BUCKET/KEY or "
					  "s3://BUCKET/PREFIX/");
		const size_t n_key = strlen(uri.key);
		if (n_key == 0 || uri.key[n_key - 1] == '/')
			return rules->max_depth == 0 ? CSVR_OK
						     : list_bucket(ctx, inputs, url, &uri, rules);
	}
	struct csvr_input *input = csvr_inputs_append(inputs, url, strlen(url),
						      CSVR_INPUT_UNPROBED);
	return input == NULL ? CSVR_NO_MEMORY : CSVR_OK;
}

/* ---- probing ---- */

enum {
	PROBE_BYTES = 4096, /* more than the detection of HTML, states and compression needs */
	SNIFF_BYTES = 16, /* enough for the magic of a state or of a compression format */
	MAX_PROBES = 512 /* submitted at a time; the client limits the number in flight */
};

struct probe {
	struct csvr_http_request request;
	char *url;
	struct csvr_input *input;
};

static bool starts_with(const unsigned char *bytes, size_t n_bytes, const char *word)
{
	const size_t n = strlen(word);
	return n_bytes >= n && strncasecmp((const char *)bytes, word, n) == 0;
}

static bool is_html(const struct csvr_http_request *request)
{
	const unsigned char *text = request->body;
	size_t n = request->n_body;
	if (starts_with(text, n, "\xef\xbb\xbf"))
		text += 3, n -= 3;
	while (n > 0 && (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n'))
		text++, n--;
	return strncasecmp(request->content_type, "text/html", 9) == 0 ||
	       strncasecmp(request->content_type, "application/xhtml", 17) == 0 ||
	       starts_with(text, n, "<!doctype html") || starts_with(text, n, "<html");
}

/* Applies the response to a probe. */
static enum csvr_status apply_probe(struct csvr_inputs *inputs, const struct probe *probes)
{
	const struct csvr_http_request *request = &probes->request;
	struct csvr_input *input = probes->input;
	const char *etag = request->response_etag;
	if (request->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	/* Some servers return 416 without a size for an empty object: read it whole. */
	if (request->status != CSVR_OK && request->http_status == 416) {
		input->kind = CSVR_INPUT_STREAM;
		return CSVR_OK;
	}
	if (request->status != CSVR_OK)
		return csvr_inputs_set_error(inputs, input, request->error.message);
	if (is_html(request))
		return csvr_inputs_set_error(inputs, input,
					     "is an HTML page (a directory listing?), not CSV; "
					     "name the file itself");
	if (csvr_begins_as_state(request->body, request->n_body))
		return csvr_inputs_set_error(inputs, input, csvr_remote_state_unsupported);
	if (csvr_is_decoded(request->body, request->n_body))
		input->is_compressed = true;
	/* Without a version, parts of different requests might not belong together: read it by one request. */
	const bool has_version = etag[0] != '\0' || request->mtime_ns != 0;
	if (request->has_ranges && request->size_bytes != UINT64_MAX && has_version)
		return set_object(inputs, input, request->size_bytes, request->mtime_ns, etag);
	input->kind = CSVR_INPUT_STREAM;
	return etag[0] != '\0' ? csvr_inputs_set_etag(inputs, input, etag) : CSVR_OK;
}

/* Applies the response to a sniff of a listed input. Errors are left to the reader. */
static enum csvr_status apply_sniff(struct csvr_inputs *inputs, const struct probe *probes)
{
	const struct csvr_http_request *request = &probes->request;
	if (request->status != CSVR_OK)
		return request->status == CSVR_NO_MEMORY ? CSVR_NO_MEMORY : CSVR_OK;
	if (csvr_begins_as_state(request->body, request->n_body))
		return csvr_inputs_set_error(inputs, probes->input, csvr_remote_state_unsupported);
	if (csvr_is_decoded(request->body, request->n_body))
		probes->input->is_compressed = true;
	return CSVR_OK;
}

/* A pass over the inputs: it probes unprobed ones, or sniffs those larger than a chunk. */
struct probe_pass {
	struct csvr_remote_context *ctx;
	struct csvr_inputs *inputs;
	struct probe *probes; /* MAX_PROBES of them, allocated for the first one */
	bool is_sniff;
	uint64_t chunk_bytes;
};

static bool needs_probe(const struct probe_pass *pass, const struct csvr_input *input)
{
	if (!input->is_remote)
		return false;
	if (!pass->is_sniff)
		return input->kind == CSVR_INPUT_UNPROBED;
	return input->kind == CSVR_INPUT_REGULAR && !input->is_compressed && !input->is_preloaded &&
	       input->size_bytes > pass->chunk_bytes;
}

/* Probes up to MAX_PROBES inputs from `*first` on, and sets `*first` to the next input. */
static enum csvr_status probe_batch(const struct probe_pass *pass, size_t *first)
{
	struct csvr_remote_context *ctx = pass->ctx;
	struct csvr_inputs *inputs = pass->inputs;
	struct probe *probes = pass->probes;
	enum csvr_status status = CSVR_OK;
	size_t n = 0, i = *first;
	for (; i < inputs->n_items && n < MAX_PROBES && status == CSVR_OK; i++) {
		struct csvr_input *input = &inputs->items[i];
		if (!needs_probe(pass, input))
			continue;
		probes[n] = (struct probe){ .input = input };
		probes[n].url = csvr_inputs_copy_url(inputs, input);
		if (probes[n].url == NULL) {
			status = CSVR_NO_MEMORY;
			break;
		}
		probes[n].request.url = probes[n].url;
		probes[n].request.etag = "";
		probes[n].request.n_bytes = pass->is_sniff ? SNIFF_BYTES : PROBE_BYTES;
		status = csvr_http_client_submit(ctx->client, &probes[n].request);
		if (status == CSVR_OK)
			n++;
		else
			free(probes[n].url);
	}
	*first = i;
	for (size_t k = 0; k < n; k++) {
		csvr_http_client_wait(ctx->client, &probes[k].request);
		if (status == CSVR_OK)
			status = pass->is_sniff ? apply_sniff(inputs, &probes[k])
						: apply_probe(inputs, &probes[k]);
		free(probes[k].request.body);
		free(probes[k].url);
	}
	return status;
}

static enum csvr_status probe_all(struct probe_pass *pass)
{
	const struct csvr_inputs *inputs = pass->inputs;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < inputs->n_items && status == CSVR_OK;) {
		if (!needs_probe(pass, &inputs->items[i])) {
			i++;
			continue;
		}
		if (pass->probes == NULL)
			pass->probes = calloc(MAX_PROBES, sizeof *pass->probes);
		status = pass->probes == NULL ? CSVR_NO_MEMORY : probe_batch(pass, &i);
	}
	free(pass->probes);
	return status;
}

static enum csvr_status remote_probe(void *context, struct csvr_inputs *inputs)
{
	struct probe_pass pass = { .ctx = context, .inputs = inputs };
	return probe_all(&pass);
}

static enum csvr_status remote_sniff(void *context, struct csvr_inputs *inputs,
				     uint64_t chunk_bytes)
{
	struct probe_pass pass = {
		.ctx = context, .inputs = inputs, .is_sniff = true, .chunk_bytes = chunk_bytes
	};
	return probe_all(&pass);
}

/* ---- the operations: remote_ops.h specifies them ---- */

static enum csvr_status remote_schedule(void *context, const struct csvr_inputs *inputs,
					const struct csvr_byte_range *byte_ranges,
					size_t n_byte_ranges, int n_threads)
{
	struct csvr_remote_context *ctx = context;
	return csvr_prefetch_schedule(ctx->prefetcher, inputs, byte_ranges, n_byte_ranges,
				      n_threads);
}

static void remote_stats(void *context, struct csvr_network *stats)
{
	const struct csvr_remote_context *ctx = context;
	csvr_http_client_stats(ctx->client, stats);
}

static enum csvr_status submit(void *context, struct csvr_http_request *request)
{
	return csvr_http_client_submit(context, request);
}

static void cancel(void *context, struct csvr_http_request *request)
{
	csvr_http_client_cancel(context, request);
}

enum csvr_status csvr_remote_new(int n_connections, struct csvr_remote **remote,
				 struct csvr_error *error)
{
	struct csvr_remote_context *ctx = calloc(1, sizeof *ctx);
	const struct csvr_http_client_config rules = { .n_connections = n_connections };
	*remote = NULL;
	if (ctx == NULL)
		return csvr_error_set_no_memory(error);
	ctx->remote = (struct csvr_remote){ .add = remote_add,
					    .probe = remote_probe,
					    .sniff = remote_sniff,
					    .schedule = remote_schedule,
					    .stats = remote_stats,
					    .backend = &csvr_backend_remote,
					    .context = ctx };
	/* Invalid settings are an error of S3 inputs only. */
	enum csvr_status status = csvr_s3_new(&ctx->s3, &ctx->s3_error);
	if (status == CSVR_INVALID_OPTION)
		status = CSVR_OK;
	else if (status != CSVR_OK)
		*error = ctx->s3_error;
	if (status == CSVR_OK)
		status = csvr_http_client_new(&rules, ctx->s3, &ctx->client, error);
	if (status == CSVR_OK) {
		const struct csvr_transport transport = { submit, cancel, ctx->client };
		status = csvr_prefetcher_new(&transport, n_connections, 0, &ctx->prefetcher);
	}
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(error);
	if (status == CSVR_OK)
		*remote = &ctx->remote;
	else
		csvr_remote_free(&ctx->remote);
	return status;
}

/* The prefetcher cancels its requests, so it is freed before the client. */
void csvr_remote_free(struct csvr_remote *remote)
{
	if (remote == NULL)
		return;
	struct csvr_remote_context *ctx = remote->context;
	csvr_prefetcher_free(ctx->prefetcher);
	csvr_http_client_free(ctx->client);
	csvr_s3_free(ctx->s3);
	free(ctx);
}
