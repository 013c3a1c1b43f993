/* xml.c - fuzz target: XML of S3 servers, bucket listings and error responses
 *
 * Laws  A page is rejected, or has objects; these, written as another page, are parsed to the same objects.
 *       The input itself, used as a key, is unchanged by a page. Etags have no control characters,
 *       because they are sent as headers. An error response of any body has a message of printable
 *       bytes without the secret key and the token.
 * Input the body of a response
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

static void append(struct csvr_encoder *out, const char *text)
{
	csvr_encoder_put_bytes(out, text, strlen(text));
}

/* Encodes every byte, so that nothing depends on which ones need no encoding. */
static void append_encoded(struct csvr_encoder *out, const char *text)
{
	for (; *text != '\0'; text++) {
		char code[4];
		snprintf(code, sizeof code, "%%%02x", (unsigned char)*text);
		append(out, code);
	}
}

/* Writes special characters as references. The text is UTF-8, since it came from the XML parser. */
static void append_escaped(struct csvr_encoder *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<' || *text == '&' || *text == '>' || *text == '\r') {
			char code[8];
			snprintf(code, sizeof code, "&#%d;", *text);
			append(out, code);
		} else {
			csvr_encoder_put_bytes(out, text, 1);
		}
	}
}

/* The objects so far: as a page, and as a line for each. */
struct listing {
	struct csvr_encoder page, lines;
	size_t n_objects;
};

static void append_object(struct csvr_encoder *page, const struct csvr_s3_object *object)
{
	char text[128];
	const time_t moment = (time_t)(object->mtime_ns / 1000000000);
	struct tm utc;
	append(page, "<Contents><Key>");
	append_encoded(page, object->key);
	append(page, "</Key><ETag>");
	append_escaped(page, object->etag);
	snprintf(text, sizeof text, "</ETag><Size>%" PRIu64 "</Size>", object->size_bytes);
	append(page, text);
	gmtime_r(&moment, &utc);
	if (object->mtime_ns != 0 &&
	    strftime(text, sizeof text, "<LastModified>%Y-%m-%dT%H:%M:%S.000Z</LastModified>",
		     &utc) > 0)
		append(page, text);
	append(page, "</Contents>");
}

static enum csvr_status on_object(void *context, const struct csvr_s3_object *object)
{
	struct listing *listing = context;
	char text[64];
	LAW(object->mtime_ns % 1000000000 == 0, "time %" PRId64, object->mtime_ns);
	LAW(object->size_bytes <= INT64_MAX, "%" PRIu64 " bytes", object->size_bytes);
	for (const char *at = object->etag; *at != '\0'; at++)
		LAW((unsigned char)*at >= ' ' && *at != 0x7f, "etag with byte %02x",
		    (unsigned char)*at);
	append_object(&listing->page, object);
	csvr_encoder_put_bytes(&listing->lines, object->key, strlen(object->key) + 1);
	csvr_encoder_put_bytes(&listing->lines, object->etag, strlen(object->etag) + 1);
	/* A year of other than four digits would not survive the second page. */
	snprintf(text, sizeof text, "%" PRIu64 " %" PRId64 "\n", object->size_bytes,
		 object->mtime_ns);
	append(&listing->lines, text);
	listing->n_objects++;
	return CSVR_OK;
}

static enum csvr_status read_page(const void *bytes, size_t n_bytes, struct listing *listing,
				  char **next)
{
	struct csvr_error error = { 0 };
	*listing = (struct listing){ 0 };
	append(&listing->page, "<ListBucketResult><EncodingType>url</EncodingType>");
	const enum csvr_status status = csvr_s3_list_parse(bytes, n_bytes, on_object, listing, next,
							   &error);
	append(&listing->page, "</ListBucketResult>");
	LAW(status == CSVR_OK || status == CSVR_INVALID_FILE, "status %d", (int)status);
	LAW(status == CSVR_OK || *next == NULL, "a rejected page has a next page");
	LAW(status == CSVR_OK || is_message(error.message, sizeof error.message), "no message");
	LAW(*next == NULL || (*next)[0] != '\0', "a next page without a name");
	return status;
}

static void clear(struct listing *listing)
{
	csvr_encoder_clear(&listing->page);
	csvr_encoder_clear(&listing->lines);
}

static void check_page(const uint8_t *data, size_t size)
{
	struct listing listing, again;
	char *next, *none;
	if (read_page(data, size, &listing, &next) == CSVR_OK) {
		LAW(read_page(listing.page.bytes, listing.page.n_bytes, &again, &none) == CSVR_OK,
		    "the page of its objects is rejected: %.*s", (int)listing.page.n_bytes,
		    (const char *)listing.page.bytes);
		LAW(none == NULL, "a complete page has a next page");
		LAW(again.n_objects == listing.n_objects &&
			    again.lines.n_bytes == listing.lines.n_bytes &&
			    (listing.n_objects == 0 ||
			     memcmp(again.lines.bytes, listing.lines.bytes,
				    listing.lines.n_bytes) == 0),
		    "%zu objects, %zu when they are parsed again", listing.n_objects,
		    again.n_objects);
		clear(&again);
	}
	free(next);
	clear(&listing);
}

/* The input as a key, up to the first NUL and the maximum length of a key. */
static void check_key(const uint8_t *data, size_t size)
{
	enum { MAX_KEY = 1024 };
	char key[MAX_KEY + 1];
	size_t n = 0;
	for (; n < size && n < MAX_KEY && data[n] != 0; n++)
		key[n] = (char)data[n];
	key[n] = '\0';
	struct listing sent = { 0 }, listing;
	char *next;
	append(&sent.page, "<ListBucketResult>");
	append_object(&sent.page,
		      &(struct csvr_s3_object){ .key = key, .size_bytes = size, .etag = "" });
	append(&sent.page, "<EncodingType>url</EncodingType></ListBucketResult>");
	LAW(read_page(sent.page.bytes, sent.page.n_bytes, &listing, &next) == CSVR_OK,
	    "a key of %zu bytes is rejected", n);
	LAW(listing.n_objects == 1 && strcmp((const char *)listing.lines.bytes, key) == 0,
	    "a key of %zu bytes is parsed as another", n);
	clear(&sent);
	clear(&listing);
}

/* ---- error responses ---- */

static void check_error(const uint8_t *data, size_t size)
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
	const bool is_valid = csvr_xml_read(data, size, count, &n_elements);
	LAW(!is_valid || n_elements > 0, "a document without an element");
	check_page(data, size);
	check_key(data, size);
	check_error(data, size);
	return 0;
}
