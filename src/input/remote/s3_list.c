/* s3_list.c - parses one page of a bucket listing */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/s3_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "input/remote/untrusted.h"
#include "input/remote/xml.h"

/* The element with the encoding of the keys may be before or after them, so a page is parsed twice.
 * This is the state of both passes. */
struct page {
	bool is_list_result, is_url_encoded, is_truncated;
	char *token; /* for the next page */

	csvr_s3_object_fn on_object;
	void *context;
	char *key, *etag; /* of the current object; NULL: not seen yet */
	bool has_size;
	struct csvr_s3_object object;
	enum csvr_status status; /* CSVR_NO_MEMORY, or what on_object returned */
};

static bool store_text(struct page *page, char **stored, const char *text)
{
	free(*stored);
	*stored = strdup(text);
	if (*stored == NULL)
		page->status = CSVR_NO_MEMORY;
	return *stored != NULL;
}

static bool on_page_element(void *context, const char *parent, const char *name, const char *text)
{
	struct page *page = context;
	if (parent[0] == '\0')
		page->is_list_result = strcmp(name, "ListBucketResult") == 0;
	if (strcmp(parent, "ListBucketResult") != 0)
		return true;
	if (strcmp(name, "EncodingType") == 0)
		page->is_url_encoded = strcmp(text, "url") == 0;
	else if (strcmp(name, "IsTruncated") == 0)
		page->is_truncated = strcmp(text, "true") == 0;
	else if (strcmp(name, "NextContinuationToken") == 0)
		return store_text(page, &page->token, text);
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX and + in place. False: invalid, or a NUL byte, which no path can contain. */
static bool url_decode(char *text)
{
	char *out = text;
	for (const char *in = text; *in != '\0'; in++) {
		if (*in == '+') {
			*out++ = ' ';
		} else if (*in == '%') {
			const int high = hex_digit(in[1]), low = high < 0 ? -1 : hex_digit(in[2]);
			if (low < 0 || high * 16 + low == 0)
				return false;
			*out++ = (char)(high * 16 + low);
			in += 2;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
	return true;
}

/* 2026-01-31T12:34:56.789Z to nanoseconds; the fraction is dropped because Last-Modified has none. */
static int64_t parse_time(const char *text)
{
	struct tm utc = { 0 };
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
		   &utc.tm_hour, &utc.tm_min, &utc.tm_sec) != 6 ||
	    utc.tm_year < 1970 || utc.tm_year > 2200)
		return 0;
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	return (int64_t)timegm(&utc) * 1000000000;
}

/* At the end of a Contents element: passes the object to on_object, then forgets it. False: it is
 * invalid, or page->status is an error. */
static bool report_object(struct page *page)
{
	struct csvr_s3_object *object = &page->object;
	const bool is_valid = page->key != NULL && page->has_size &&
			      (!page->is_url_encoded || url_decode(page->key));
	if (is_valid) {
		object->key = page->key;
		object->etag = page->etag != NULL ? page->etag : "";
		page->status = page->on_object(page->context, object);
	}
	free(page->key);
	free(page->etag);
	page->key = page->etag = NULL;
	page->has_size = false;
	*object = (struct csvr_s3_object){ 0 };
	return is_valid && page->status == CSVR_OK;
}

static bool on_object_element(void *context, const char *parent, const char *name, const char *text)
{
	struct page *page = context;
	if (strcmp(parent, "ListBucketResult") == 0 && strcmp(name, "Contents") == 0)
		return report_object(page);
	if (strcmp(parent, "Contents") != 0)
		return true;
	if (strcmp(name, "Key") == 0)
		return store_text(page, &page->key, text);
	/* It will be sent as a header, so one with control characters is ignored. */
	if (strcmp(name, "ETag") == 0)
		return store_text(page, &page->etag,
				  csvr_has_controls(text, strlen(text)) ? "" : text);
	if (strcmp(name, "Size") == 0)
		return page->has_size = csvr_parse_untrusted_size(text, &page->object.size_bytes);
	if (strcmp(name, "LastModified") == 0)
		page->object.mtime_ns = parse_time(text);
	return true;
}

enum csvr_status csvr_s3_list_parse(const unsigned char *bytes, size_t n_bytes,
				    csvr_s3_object_fn on_object, void *context, char **next,
				    struct csvr_error *error)
{
	struct page page = { .on_object = on_object, .context = context };
	*next = NULL;
	const bool ok = csvr_xml_read(bytes, n_bytes, on_page_element, &page) &&
			page.is_list_result &&
			(!page.is_truncated || (page.token != NULL && page.token[0] != '\0')) &&
			csvr_xml_read(bytes, n_bytes, on_object_element, &page);
	free(page.key);
	free(page.etag);
	if (ok && page.is_truncated)
		*next = page.token;
	else
		free(page.token);
	if (page.status != CSVR_OK)
		return page.status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error)
						     : page.status;
	return ok ? CSVR_OK
		  : csvr_error_set(
			    error, CSVR_INVALID_FILE, 0,
			    "the server returned an invalid listing of the bucket; check that "
			    "AWS_ENDPOINT_URL is an S3 server");
}
