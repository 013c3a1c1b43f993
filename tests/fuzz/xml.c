/* xml.c - fuzz target: what servers of S3 answer with, manifests and refusals
 *
 * Laws  a page is refused, or tells objects; these, written as another page, are told again as they
 *       were. The input itself, taken for a key, comes through a page as it is. Nothing that is told
 *       goes on in another line, for an etag becomes a header. A refusal of any body has a message, of
 *       bytes that can be printed, without the secret key or the token in it.
 * Input the body of an answer
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <time.h>

#include "base/serialize.h"
#include "fuzz.h"
#include "input/remote/s3_error.h"
#include "input/remote/s3_internal.h"
#include "input/remote/s3_list.h"
#include "input/remote/xml.h"
#include "law.h"

/* ---- pages ---- */

static void put(struct csvr_encoder *out, const char *text)
{
	csvr_encoder_put_bytes(out, text, strlen(text));
}

/* Every byte, so that nothing depends on which ones may stand for themselves. */
static void put_coded(struct csvr_encoder *out, const char *text)
{
	for (; *text != '\0'; text++) {
		char code[4];
		snprintf(code, sizeof code, "%%%02x", (unsigned char)*text);
		put(out, code);
	}
}

/* As characters by their numbers: it is UTF-8, for a parser of XML has let it pass. */
static void put_escaped(struct csvr_encoder *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<' || *text == '&' || *text == '>' || *text == '\r') {
			char code[8];
			snprintf(code, sizeof code, "&#%d;", *text);
			put(out, code);
		} else {
			csvr_encoder_put_bytes(out, text, 1);
		}
	}
}

/* What was told so far: a page of its own, and a line for each object. */
struct told {
	struct csvr_encoder page, lines;
	size_t n_objects;
};

static void put_object(struct csvr_encoder *page, const struct csvr_s3_object *object)
{
	char text[128];
	const time_t moment = (time_t)(object->mtime_ns / 1000000000);
	struct tm utc;
	put(page, "<Contents><Key>");
	put_coded(page, object->key);
	put(page, "</Key><ETag>");
	put_escaped(page, object->etag);
	snprintf(text, sizeof text, "</ETag><Size>%" PRIu64 "</Size>", object->size_bytes);
	put(page, text);
	gmtime_r(&moment, &utc);
	if (object->mtime_ns != 0 &&
	    strftime(text, sizeof text, "<LastModified>%Y-%m-%dT%H:%M:%S.000Z</LastModified>",
		     &utc) > 0)
		put(page, text);
	put(page, "</Contents>");
}

static enum csvr_status note(void *context, const struct csvr_s3_object *object)
{
	struct told *told = context;
	char text[64];
	LAW(object->mtime_ns % 1000000000 == 0, "time %" PRId64, object->mtime_ns);
	LAW(object->size_bytes <= INT64_MAX, "%" PRIu64 " bytes", object->size_bytes);
	for (const char *at = object->etag; *at != '\0'; at++)
		LAW((unsigned char)*at >= ' ' && *at != 0x7f, "etag with byte %02x",
		    (unsigned char)*at);
	put_object(&told->page, object);
	csvr_encoder_put_bytes(&told->lines, object->key, strlen(object->key) + 1);
	csvr_encoder_put_bytes(&told->lines, object->etag, strlen(object->etag) + 1);
	/* Years of other than four digits are not told again. */
	snprintf(text, sizeof text, "%" PRIu64 " %" PRId64 "\n", object->size_bytes,
		 object->mtime_ns);
	put(&told->lines, text);
	told->n_objects++;
	return CSVR_OK;
}

static enum csvr_status read_page(const void *bytes, size_t n_bytes, struct told *told, char **next)
{
	struct csvr_error error = { 0 };
	*told = (struct told){ 0 };
	put(&told->page, "<ListBucketResult><EncodingType>url</EncodingType>");
	const enum csvr_status status = csvr_s3_list_parse(bytes, n_bytes, note, told, next,
							   &error);
	put(&told->page, "</ListBucketResult>");
	LAW(status == CSVR_OK || status == CSVR_INVALID_FILE, "status %d", (int)status);
	LAW(status == CSVR_OK || *next == NULL, "a next page of one that is refused");
	LAW(status == CSVR_OK || is_message(error.message, sizeof error.message), "no message");
	LAW(*next == NULL || (*next)[0] != '\0', "a next page without a name");
	return status;
}

static void forget(struct told *told)
{
	csvr_encoder_clear(&told->page);
	csvr_encoder_clear(&told->lines);
}

static void check_page(const uint8_t *data, size_t size)
{
	struct told told, again;
	char *next, *none;
	if (read_page(data, size, &told, &next) == CSVR_OK) {
		LAW(read_page(told.page.bytes, told.page.n_bytes, &again, &none) == CSVR_OK,
		    "what was told is refused: %.*s", (int)told.page.n_bytes,
		    (const char *)told.page.bytes);
		LAW(none == NULL, "another page of one that is whole");
		LAW(again.n_objects == told.n_objects &&
			    again.lines.n_bytes == told.lines.n_bytes &&
			    (told.n_objects == 0 ||
			     memcmp(again.lines.bytes, told.lines.bytes, told.lines.n_bytes) == 0),
		    "%zu objects, %zu when they are told again", told.n_objects, again.n_objects);
		forget(&again);
	}
	free(next);
	forget(&told);
}

/* The input as a key, up to the first NUL, as far as one may go. */
static void check_key(const uint8_t *data, size_t size)
{
	enum { MOST_KEY = 1024 };
	char key[MOST_KEY + 1];
	size_t n = 0;
	for (; n < size && n < MOST_KEY && data[n] != 0; n++)
		key[n] = (char)data[n];
	key[n] = '\0';
	struct told sent = { 0 }, told;
	char *next;
	put(&sent.page, "<ListBucketResult>");
	put_object(&sent.page,
		   &(struct csvr_s3_object){ .key = key, .size_bytes = size, .etag = "" });
	put(&sent.page, "<EncodingType>url</EncodingType></ListBucketResult>");
	LAW(read_page(sent.page.bytes, sent.page.n_bytes, &told, &next) == CSVR_OK,
	    "a key of %zu bytes is refused", n);
	LAW(told.n_objects == 1 && strcmp((const char *)told.lines.bytes, key) == 0,
	    "a key of %zu bytes is told as another", n);
	forget(&sent);
	forget(&told);
}

/* ---- refusals ---- */

static void check_refusal(const uint8_t *data, size_t size)
{
	static const struct csvr_s3 s3 = { .key_id = "AKIAIOSFODNN7EXAMPLE",
					   .secret = "wJalrXUtnFEMI/K7MDENG/bPx",
					   .token = "FwoGZXIvYXdzEBYaD",
					   .region = "eu-west-1" };
	static const int statuses[] = { 301, 400, 403, 404, 503 };
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		struct csvr_error error = { 0 };
		(void)csvr_s3_describe_error(&s3, statuses[i], data, size, &error);
		LAW(error.status != CSVR_OK, "no status");
		LAW(is_message(error.message, sizeof error.message), "%d: '%s'", statuses[i],
		    error.message);
		LAW(strstr(error.message, s3.secret) == NULL, "%s", error.message);
		LAW(strstr(error.message, s3.token) == NULL, "%s", error.message);
	}
}

/* ---- XML ---- */

static bool count(void *context, const char *parent, const char *name, const char *text)
{
	LAW(strlen(parent) < 64 && strlen(name) < 64 && strlen(text) <= CSVR_XML_TEXT_BYTES,
	    "out of bounds");
	++*(size_t *)context;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n_elements = 0;
	const bool is_good = csvr_xml_read(data, size, count, &n_elements);
	LAW(!is_good || n_elements > 0, "a document without an element");
	check_page(data, size);
	check_key(data, size);
	check_refusal(data, size);
	return 0;
}
