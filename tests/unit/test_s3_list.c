/* test_s3_list.c - valid and invalid pages of bucket listings */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>

#include "base/serialize.h"
#include "check_main.h"
#include "input/remote/s3_list.h"

/* The objects of a page, one per line. */
static enum csvr_status note(void *context, const struct csvr_s3_object *object)
{
	char line[256];
	const int n = snprintf(line, sizeof line, "%s|%llu|%lld|%s\n", object->key,
			       (unsigned long long)object->size_bytes,
			       (long long)(object->mtime_ns / 1000000000), object->etag);
	csvr_encoder_put_bytes(context, line, (size_t)n);
	return CSVR_OK;
}

/* Parses a page; `seen` gets its objects and a NUL. */
static enum csvr_status read_page(const char *page, struct csvr_encoder *seen, char **next)
{
	struct csvr_error error = { 0 };
	csvr_encoder_init(seen);
	const enum csvr_status status = csvr_s3_list_parse((const unsigned char *)page,
							   strlen(page), note, seen, next, &error);
	csvr_encoder_put_bytes(seen, "", 1);
	if (status != CSVR_OK)
		ck_assert(error.message[0] != '\0');
	return status;
}

static void expect(const char *page, const char *lines, const char *token)
{
	struct csvr_encoder seen;
	char *next;
	ck_assert_int_eq(read_page(page, &seen, &next), CSVR_OK);
	ck_assert_str_eq((const char *)seen.bytes, lines);
	if (token == NULL)
		ck_assert_ptr_null(next);
	else
		ck_assert_str_eq(next, token);
	free(next);
	csvr_encoder_clear(&seen);
}

#define HEAD                                           \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
#define OBJECT(key)                                                                         \
	"<Contents><Key>" key "</Key><LastModified>2026-02-03T04:05:06.789Z</LastModified>" \
	"<ETag>&quot;e1&quot;</ETag><Size>12</Size><StorageClass>STANDARD</StorageClass>"   \
	"<Owner><ID>me</ID></Owner></Contents>"
#define LINE(key) key "|12|1770091506|\"e1\"\n"
#define TAIL "</ListBucketResult>"

START_TEST(a_page_has_keys_sizes_times_and_etags)
{
	expect(HEAD "<IsTruncated>false</IsTruncated>" OBJECT("a.csv") OBJECT("b/c.csv") TAIL,
	       LINE("a.csv") LINE("b/c.csv"), NULL);
	expect(HEAD "<IsTruncated>false</IsTruncated>" TAIL, "", NULL);
	expect(HEAD "<IsTruncated>true</IsTruncated><NextContinuationToken>a+/b&amp;=="
		    "</NextContinuationToken>" OBJECT("a.csv") TAIL,
	       LINE("a.csv"), "a+/b&==");
	expect(HEAD "<Contents><Key>k</Key><Size>0</Size></Contents>" TAIL, "k|0|0|\n", NULL);
	/* CommonPrefixes, which are not requested, have keys as well. */
	expect(HEAD "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>" TAIL, "", NULL);
}
END_TEST

START_TEST(encoded_keys_are_decoded_wherever_the_encoding_is_declared)
{
	static const char encoded[] = "a+b%2Bc%25%C3%A9%0a%7e";
	static const char line[] = "a b+c%\xc3\xa9\n~|0|0|\n";
	static const char encoding_type[] = "<EncodingType>url</EncodingType>";
	char page[1024];
	snprintf(page, sizeof page, "%s%s<Contents><Key>%s</Key><Size>0</Size></Contents>%s", HEAD,
		 encoding_type, encoded, TAIL);
	expect(page, line, NULL);
	snprintf(page, sizeof page, "%s<Contents><Key>%s</Key><Size>0</Size></Contents>%s%s", HEAD,
		 encoded, encoding_type, TAIL);
	expect(page, line, NULL);
	snprintf(page, sizeof page, "%s<Contents><Key>%s</Key><Size>0</Size></Contents>%s", HEAD,
		 encoded, TAIL);
	expect(page, "a+b%2Bc%25%C3%A9%0a%7e|0|0|\n", NULL);
}
END_TEST

START_TEST(an_invalid_page_is_rejected)
{
	static const char *const pages[] = {
		"",
		"<html><body>Index of /</body></html>",
		"<Error><Code>NoSuchBucket</Code></Error>",
		HEAD "<Contents><Key>k</Key></Contents>" TAIL,
		HEAD "<Contents><Size>1</Size></Contents>" TAIL,
		HEAD "<Contents><Key>k</Key><Size>-1</Size></Contents>" TAIL,
		HEAD "<Contents><Key>k</Key><Size>1e3</Size></Contents>" TAIL,
		HEAD "<Contents><Key>k</Key><Size></Size></Contents>" TAIL,
		HEAD "<Contents><Key>k</Key><Size>18446744073709551616</Size></Contents>" TAIL,
		HEAD "<IsTruncated>true</IsTruncated>" OBJECT("a.csv") TAIL,
		HEAD "<IsTruncated>true</IsTruncated><NextContinuationToken/>" TAIL,
		HEAD "<EncodingType>url</EncodingType>" OBJECT("bad%2") TAIL,
		HEAD "<EncodingType>url</EncodingType>" OBJECT("bad%zz") TAIL,
		HEAD "<EncodingType>url</EncodingType>" OBJECT("nul%00byte") TAIL,
		"<!DOCTYPE x [<!ENTITY e \"eeee\">]>" HEAD OBJECT("&e;") TAIL,
		HEAD OBJECT("a.csv") TAIL TAIL,
	};
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct csvr_encoder seen;
		char *next;
		ck_assert_msg(read_page(pages[i], &seen, &next) == CSVR_INVALID_FILE, "page %zu",
			      i);
		ck_assert_ptr_null(next);
		csvr_encoder_clear(&seen);
	}
}
END_TEST

START_TEST(a_truncated_page_is_rejected)
{
	static const char page[] = HEAD "<IsTruncated>true</IsTruncated><NextContinuationToken>t"
					"</NextContinuationToken>" OBJECT("a%20b.csv") OBJECT("b")
						TAIL;
	char cut[sizeof page];
	for (size_t n = 0; n + 1 < sizeof page; n++) {
		struct csvr_encoder seen;
		char *next;
		memcpy(cut, page, n);
		cut[n] = '\0';
		ck_assert_int_eq(read_page(cut, &seen, &next), CSVR_INVALID_FILE);
		ck_assert_ptr_null(next);
		csvr_encoder_clear(&seen);
	}
}
END_TEST

/* Must not crash; the sanitizers report memory errors. */
START_TEST(a_page_with_any_byte_changed_is_harmless)
{
	static const char page[] = HEAD "<EncodingType>url</EncodingType><IsTruncated>true"
					"</IsTruncated><NextContinuationToken>t"
					"</NextContinuationToken>" OBJECT("a%20b.csv") TAIL;
	static const char others[] = { '<', '>', '&', '%', '\0', '\xff', '"', 'A', '/' };
	char bytes[sizeof page];
	for (size_t i = 0; i + 1 < sizeof page; i++)
		for (size_t k = 0; k < sizeof others; k++) {
			struct csvr_encoder seen;
			struct csvr_error error;
			char *next;
			memcpy(bytes, page, sizeof page);
			bytes[i] = others[k];
			csvr_encoder_init(&seen);
			const enum csvr_status status =
				csvr_s3_list_parse((const unsigned char *)bytes, sizeof page - 1,
						   note, &seen, &next, &error);
			ck_assert(status == CSVR_OK || status == CSVR_INVALID_FILE);
			free(next);
			csvr_encoder_clear(&seen);
		}
}
END_TEST

static enum csvr_status no_memory(void *context, const struct csvr_s3_object *object)
{
	(void)object;
	++*(int *)context;
	return CSVR_NO_MEMORY;
}

START_TEST(parsing_ends_when_the_callback_fails)
{
	static const char page[] = HEAD OBJECT("a") OBJECT("b") TAIL;
	struct csvr_error error;
	char *next;
	int n_calls = 0;
	ck_assert_int_eq(csvr_s3_list_parse((const unsigned char *)page, strlen(page), no_memory,
					    &n_calls, &next, &error),
			 CSVR_NO_MEMORY);
	ck_assert_int_eq(n_calls, 1);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *pages = tcase_create("pages");
	tcase_set_timeout(pages, 60);
	tcase_add_test(pages, a_page_has_keys_sizes_times_and_etags);
	tcase_add_test(pages, encoded_keys_are_decoded_wherever_the_encoding_is_declared);
	tcase_add_test(pages, an_invalid_page_is_rejected);
	tcase_add_test(pages, a_truncated_page_is_rejected);
	tcase_add_test(pages, a_page_with_any_byte_changed_is_harmless);
	tcase_add_test(pages, parsing_ends_when_the_callback_fails);
	suite_add_tcase(suite, pages);
}

int main(void)
{
	return check_main("bucket", add_cases);
}
