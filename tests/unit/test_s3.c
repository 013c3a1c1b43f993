/* test_s3.c - settings, signatures and error responses of S3
 *
 * The expected signatures were computed with Python's hmac and hashlib from the rules of the S3 API
 * reference; three of them are examples of the reference.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_main.h"
#include "input/remote/ini.h"
#include "input/remote/s3_error.h"
#include "input/remote/s3_internal.h"
#include "input/remote/s3_sign.h"
#include "input/remote/xml.h"

static char home[] = "/tmp/csvr-s3-XXXXXX";

/* Clears all settings of the environment. */
static void begin(void)
{
	static const char *const names[] = { "AWS_ACCESS_KEY_ID",   "AWS_SECRET_ACCESS_KEY",
					     "AWS_SESSION_TOKEN",   "AWS_REGION",
					     "AWS_DEFAULT_REGION",  "AWS_ENDPOINT_URL_S3",
					     "AWS_ENDPOINT_URL",    "AWS_CA_BUNDLE",
					     "AWS_NO_SIGN_REQUEST", "AWS_PROFILE",
					     "AWS_DEFAULT_PROFILE", "AWS_SHARED_CREDENTIALS_FILE",
					     "AWS_CONFIG_FILE" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unsetenv(names[i]);
	setenv("HOME", "/nonexistent", 1);
}

/* Writes a file of settings and sets `variable` to its path; end() removes it. */
static void write_file(const char *variable, const char *name, const char *text)
{
	char path[64];
	if (strstr(home, "XXXXXX") != NULL)
		ck_assert_ptr_nonnull(mkdtemp(home));
	snprintf(path, sizeof path, "%s/%s", home, name);
	FILE *stream = fopen(path, "w");
	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	fclose(stream);
	setenv(variable, path, 1);
}

static void end(void)
{
	char path[64];
	if (strstr(home, "XXXXXX") != NULL)
		return;
	snprintf(path, sizeof path, "%s/credentials", home);
	unlink(path);
	snprintf(path, sizeof path, "%s/config", home);
	unlink(path);
	rmdir(home);
	memset(home + sizeof home - 7, 'X', 6); /* restores the pattern of mkdtemp */
}

static void use_example_keys(void)
{
	setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
}

static struct csvr_s3 *open_s3(void)
{
	struct csvr_s3 *s3;
	struct csvr_error error = { 0 };
	const enum csvr_status status = csvr_s3_new(&s3, &error);
	ck_assert_msg(status == CSVR_OK, "%s", error.message);
	return s3;
}

/* The value of a header. NULL: not set. */
static const char *header(const struct csvr_s3_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (strncmp(request->headers[i], name, strlen(name)) == 0 &&
		    strncmp(request->headers[i] + strlen(name), ": ", 2) == 0)
			return request->headers[i] + strlen(name) + 2;
	return NULL;
}

static void expect_signature(const struct csvr_s3_request *request, const char *signature)
{
	const char *authorization = header(request, "Authorization");
	ck_assert_ptr_nonnull(authorization);
	const char *found = strstr(authorization, "Signature=");
	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found + strlen("Signature="), signature);
}

/* ---- signatures ---- */

enum { MAY_24_2013 = 1369353600 };

START_TEST(the_examples_of_the_reference_have_its_signatures)
{
	static const struct {
		const char *address, *query;
		uint64_t n_bytes;
		const char *url, *signature;
	} examples[] = {
		{ "s3://examplebucket/test.txt", NULL, 10,
		  "https://examplebucket.s3.amazonaws.com/test.txt",
		  "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
		{ "s3://examplebucket/J", "max-keys=2&prefix=J", 0,
		  "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
		  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
		{ "s3://examplebucket", "lifecycle=", 0,
		  "https://examplebucket.s3.amazonaws.com/?lifecycle=",
		  "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
	};
	begin();
	use_example_keys();
	setenv("AWS_ENDPOINT_URL_S3", "https://s3.amazonaws.com", 1);
	struct csvr_s3 *s3 = open_s3();
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct csvr_s3_request request;
		ck_assert_int_eq(csvr_s3_sign_request(s3, examples[i].address, examples[i].query, 0,
						      examples[i].n_bytes, "", MAY_24_2013,
						      &request, NULL),
				 CSVR_OK);
		ck_assert_str_eq(request.url, examples[i].url);
		expect_signature(&request, examples[i].signature);
		ck_assert_str_eq(header(&request, "x-amz-date"), "20130524T000000Z");
		csvr_s3_request_clear(&request);
	}
	csvr_s3_free(s3);
}
END_TEST

START_TEST(unusual_keys_are_sent_as_they_are_signed)
{
	static const struct {
		const char *key, *path, *signature;
	} keys[] = {
		{ "a b.csv", "a%20b.csv",
		  "33bafdcb78ac34634161dd81705119daaec8ec279ef92657ff287899ce0a843e" },
		{ "a+b=c&d.csv", "a%2Bb%3Dc%26d.csv",
		  "eebc51d07d8c195e4c7d1a1f7c9bf231617af8ece276fb4a3bea3491f04bbe67" },
		{ "100%.csv", "100%25.csv",
		  "4acf5727420baf900356bb0ef2425afd8179daa1d806b17625f9576ccc951ac8" },
		{ "//x//y.csv", "//x//y.csv",
		  "220ea1a84143dc4b9b4c42c548079fb4362fbbeab58d24b9044523e4c677ef5c" },
		{ "~tilde.csv", "~tilde.csv",
		  "5a1e72fb258949a7411b5a460ccfcfc52564d0ebf2e5335226321bff30dda9b2" },
		{ "quote's\"double\".csv", "quote%27s%22double%22.csv",
		  "690803d9943ce112bca335c91853b96941911b1a9f2e7293713125d1acaddb12" },
		{ "\xc3\xa9/\xe6\x97\xa5\xe6\x9c\xac.csv", "%C3%A9/%E6%97%A5%E6%9C%AC.csv",
		  "c0ff6e7f316e6a9598eda623de2e9f8896e49f444f8ba22eac5950d91a7b17cf" },
		{ "../up/./x.csv", "../up/./x.csv",
		  "cc84907bda84df34d6f71279eea7d73b0be11067ec90cec49aacfea83746a7e3" },
		{ "(1),*;:@!$?#[].csv", "%281%29%2C%2A%3B%3A%40%21%24%3F%23%5B%5D.csv",
		  "ac59e2d31aed4fd53a35a2045208f037ffd405f2e7bf0269135e14b28eebfcf1" },
		{ "new\nline\ttab.csv", "new%0Aline%09tab.csv",
		  "d6bb33149f09ca35aa85fddea2327bdd3e3e8dde0751aac0a5e7ed6de86c5a5a" },
		{ "back\\slash|^`{}<>.csv", "back%5Cslash%7C%5E%60%7B%7D%3C%3E.csv",
		  "e042a092407b123e5a8666d610bdccf458f41e60847eddcc498c8f031ed06c18" },
	};
	begin();
	setenv("AWS_ACCESS_KEY_ID", "test:tester", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "testing", 1);
	setenv("AWS_SESSION_TOKEN", "TOKEN//abc==", 1);
	setenv("AWS_REGION", "eu-west-1", 1);
	setenv("AWS_ENDPOINT_URL", "http://localhost:8080/", 1);
	struct csvr_s3 *s3 = open_s3();
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char address[128], url[256];
		struct csvr_s3_request request;
		snprintf(address, sizeof address, "s3://bkt.with.dots/%s", keys[i].key);
		snprintf(url, sizeof url, "http://localhost:8080/bkt.with.dots/%s", keys[i].path);
		ck_assert_int_eq(csvr_s3_sign_request(s3, address, NULL, 5, 1048576, "\"e\"",
						      1767270896, &request, NULL),
				 CSVR_OK);
		ck_assert_str_eq(request.url, url);
		expect_signature(&request, keys[i].signature);
		ck_assert_str_eq(header(&request, "Host"), "localhost:8080");
		ck_assert_str_eq(header(&request, "Range"), "bytes=5-1048580");
		ck_assert_str_eq(header(&request, "If-Match"), "\"e\"");
		ck_assert_str_eq(header(&request, "x-amz-security-token"), "TOKEN//abc==");
		csvr_s3_request_clear(&request);
	}
	csvr_s3_free(s3);
}
END_TEST

/* RFC 4231: a short key, and one that is longer than a block. */
START_TEST(hmac_matches_rfc_4231)
{
	static const char text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	static const unsigned char first[4] = { 0x5b, 0xdc, 0xc1, 0x46 };
	static const unsigned char second[4] = { 0x60, 0xe4, 0x31, 0x59 };
	unsigned char mac[CSVR_SHA256_BYTES], key[131];
	csvr_hmac("Jefe", 4, "what do ya want for nothing?", 28, mac);
	ck_assert_mem_eq(mac, first, sizeof first);
	memset(key, 0xaa, sizeof key);
	csvr_hmac(key, sizeof key, text, strlen(text), mac);
	ck_assert_mem_eq(mac, second, sizeof second);
}
END_TEST

/* ---- endpoints ---- */

START_TEST(the_bucket_is_part_of_the_host_if_possible)
{
	static const struct {
		const char *endpoint, *region, *bucket, *url;
	} places[] = {
		{ NULL, NULL, "data", "https://data.s3.us-east-1.amazonaws.com/k" },
		{ NULL, "eu-west-1", "data", "https://data.s3.eu-west-1.amazonaws.com/k" },
		{ NULL, "cn-north-1", "data", "https://data.s3.cn-north-1.amazonaws.com.cn/k" },
		{ NULL, NULL, "da.ta", "https://s3.us-east-1.amazonaws.com/da.ta/k" },
		{ NULL, NULL, "Data", "https://s3.us-east-1.amazonaws.com/Data/k" },
		{ "https://s3.amazonaws.com", NULL, "data", "https://data.s3.amazonaws.com/k" },
		{ "http://[::1]:9000", NULL, "data", "http://[::1]:9000/data/k" },
		{ "https://store.example/base/", NULL, "data",
		  "https://store.example/base/data/k" },
		{ "https://amazonaws.com.example", NULL, "data",
		  "https://amazonaws.com.example/data/k" },
	};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		begin();
		setenv("AWS_NO_SIGN_REQUEST", "true", 1);
		if (places[i].endpoint != NULL)
			setenv("AWS_ENDPOINT_URL", places[i].endpoint, 1);
		if (places[i].region != NULL)
			setenv("AWS_DEFAULT_REGION", places[i].region, 1);
		struct csvr_s3 *s3 = open_s3();
		struct csvr_s3_request request;
		char address[64];
		snprintf(address, sizeof address, "s3://%s/k", places[i].bucket);
		ck_assert_int_eq(csvr_s3_sign_request(s3, address, NULL, 0, 0, "", 0, &request,
						      NULL),
				 CSVR_OK);
		ck_assert_str_eq(request.url, places[i].url);
		ck_assert_ptr_null(header(&request, "Authorization"));
		ck_assert_ptr_null(header(&request, "x-amz-date"));
		ck_assert_ptr_null(header(&request, "Range"));
		ck_assert_ptr_null(header(&request, "If-Match"));
		csvr_s3_request_clear(&request);
		csvr_s3_free(s3);
	}
}
END_TEST

START_TEST(the_s3_endpoint_variable_overrides_the_general_one_and_that_the_profile)
{
	begin();
	write_file("AWS_CONFIG_FILE", "config",
		   "[default]\nendpoint_url = http://of-profile:1\nregion=us-west-2\n"
		   "ca_bundle = /ca.pem\n");
	struct csvr_s3 *s3 = open_s3();
	ck_assert_str_eq(s3->endpoint, "http://of-profile:1");
	ck_assert_str_eq(s3->region, "us-west-2");
	ck_assert_str_eq(csvr_s3_ca_bundle(s3), "/ca.pem");
	csvr_s3_free(s3);
	setenv("AWS_ENDPOINT_URL", "http://of-all:2", 1);
	setenv("AWS_DEFAULT_REGION", "eu-north-1", 1);
	s3 = open_s3();
	ck_assert_str_eq(s3->endpoint, "http://of-all:2");
	ck_assert_str_eq(s3->region, "eu-north-1");
	csvr_s3_free(s3);
	setenv("AWS_ENDPOINT_URL_S3", "http://of-s3:3", 1);
	setenv("AWS_REGION", "eu-south-1", 1);
	setenv("AWS_CA_BUNDLE", "/other.pem", 1);
	s3 = open_s3();
	ck_assert_str_eq(s3->endpoint, "http://of-s3:3");
	ck_assert_str_eq(s3->region, "eu-south-1");
	ck_assert_str_eq(csvr_s3_ca_bundle(s3), "/other.pem");
	csvr_s3_free(s3);
	end();
}
END_TEST

/* ---- credentials ---- */

START_TEST(variables_override_the_keys_of_the_profile)
{
	begin();
	write_file("AWS_SHARED_CREDENTIALS_FILE", "credentials",
		   "[default]\naws_access_key_id = ONE\naws_secret_access_key = first\n"
		   "[other]\naws_access_key_id = TWO\naws_secret_access_key = second\n"
		   "aws_session_token = token\n");
	write_file("AWS_CONFIG_FILE", "config",
		   "[profile third]\naws_access_key_id = THREE\naws_secret_access_key = third\n"
		   "[other]\nregion = eu-west-3\n");
	struct csvr_s3 *s3 = open_s3();
	ck_assert_str_eq(s3->key_id, "ONE");
	ck_assert_str_eq(s3->secret, "first");
	ck_assert_ptr_null(s3->token);
	csvr_s3_free(s3);
	setenv("AWS_PROFILE", "other", 1);
	s3 = open_s3();
	ck_assert_str_eq(s3->key_id, "TWO");
	ck_assert_str_eq(s3->token, "token");
	csvr_s3_free(s3);
	setenv("AWS_PROFILE", "third", 1);
	s3 = open_s3();
	ck_assert_str_eq(s3->secret, "third");
	csvr_s3_free(s3);
	use_example_keys();
	s3 = open_s3();
	ck_assert_str_eq(s3->key_id, "AKIAIOSFODNN7EXAMPLE");
	ck_assert_ptr_null(s3->token);
	csvr_s3_free(s3);
	end();
}
END_TEST

/* Checks the error of a request that needs keys. */
static void expect_no_keys(const char *words)
{
	struct csvr_s3 *s3 = open_s3();
	struct csvr_s3_request request;
	struct csvr_error error;
	ck_assert_int_eq(csvr_s3_sign_request(s3, "s3://b/k", NULL, 0, 0, "", 0, &request, &error),
			 CSVR_INVALID_OPTION);
	ck_assert_msg(strstr(error.message, words) != NULL, "%s", error.message);
	csvr_s3_free(s3);
}

START_TEST(missing_keys_are_an_error_of_signing)
{
	begin();
	expect_no_keys("AWS_NO_SIGN_REQUEST");
	expect_no_keys("/nonexistent/.aws/credentials");
	write_file("AWS_CONFIG_FILE", "config",
		   "[profile work]\nrole_arn = arn:aws:iam::1:role/x\n");
	setenv("AWS_PROFILE", "work", 1);
	expect_no_keys("role_arn");
	end();
}
END_TEST

START_TEST(invalid_settings_are_named)
{
	static const struct {
		const char *name, *value, *words;
	} wrong[] = {
		{ "AWS_ACCESS_KEY_ID", "A", "AWS_SECRET_ACCESS_KEY is not" },
		{ "AWS_SECRET_ACCESS_KEY", "secret", "AWS_ACCESS_KEY_ID is not" },
		{ "AWS_PROFILE", "nobody", "nobody" },
		{ "AWS_REGION", "evil.example/", "evil.example/" },
		{ "AWS_ENDPOINT_URL", "localhost:8080", "AWS_ENDPOINT_URL" },
		{ "AWS_ENDPOINT_URL", "https://", "AWS_ENDPOINT_URL" },
		{ "AWS_ENDPOINT_URL", "https://user:secret@host", "AWS_ENDPOINT_URL" },
		{ "AWS_ENDPOINT_URL", "ftp://host", "AWS_ENDPOINT_URL" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct csvr_s3 *s3;
		struct csvr_error error = { 0 };
		begin();
		setenv(wrong[i].name, wrong[i].value, 1);
		ck_assert_int_eq(csvr_s3_new(&s3, &error), CSVR_INVALID_OPTION);
		ck_assert_ptr_null(s3);
		ck_assert_msg(strstr(error.message, wrong[i].words) != NULL, "%s", error.message);
		ck_assert_msg(strstr(error.message, "secret") == NULL ||
				      strstr(error.message, "SECRET") != NULL,
			      "%s", error.message);
	}
}
END_TEST

START_TEST(a_url_without_a_bucket_is_an_error)
{
	struct csvr_s3_request request;
	struct csvr_error error;
	begin();
	use_example_keys();
	struct csvr_s3 *s3 = open_s3();
	ck_assert_int_eq(csvr_s3_sign_request(s3, "s3:///k", NULL, 0, 0, "", 0, &request, &error),
			 CSVR_INVALID_OPTION);
	csvr_s3_free(s3);
}
END_TEST

/* ---- files of settings ---- */

START_TEST(profiles_are_parsed_like_the_aws_tools_do)
{
	static const char text[] = "\xef\xbb\xbf# comment\r\n"
				   "lost = before any section\r\n"
				   "[ default ]\r\n"
				   "key=one # not this\r\n"
				   "KEY2 =  two;not a comment\r\n"
				   "; key2 = no\n"
				   "s3 =\n"
				   "  key3 = nested\n"
				   "\tkey3 = nested\n"
				   "empty =\n"
				   "twice = 1\ntwice = 2\n"
				   "equals = a=b==\n"
				   "no sign at all\n"
				   "[profile \"with space\"]\nkey = three\n"
				   "[unclosed\nkey = four\n"
				   "[profile  last]\nkey = five";
	static const struct {
		const char *kind, *section, *key, *value;
	} facts[] = {
		{ NULL, "default", "key", "one" },
		{ NULL, "default", "key2", "two;not a comment" },
		{ NULL, "default", "key3", NULL },
		{ NULL, "default", "empty", "" },
		{ NULL, "default", "twice", "2" },
		{ NULL, "default", "equals", "a=b==" },
		{ NULL, "default", "lost", NULL },
		{ "profile", "with space", "key", "three" },
		{ NULL, "with space", "key", NULL },
		{ "profile", "last", "key", "five" },
		{ "profile", "default", "key", "one" },
		{ NULL, "unclosed", "key", NULL },
		{ NULL, "profile", "key", NULL },
	};
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		size_t n = 0;
		const char *value = csvr_ini_find(text, facts[i].kind, facts[i].section,
						  facts[i].key, &n);
		ck_assert_msg((value == NULL) == (facts[i].value == NULL), "fact %zu", i);
		if (value != NULL) {
			ck_assert_uint_eq(n, strlen(facts[i].value));
			ck_assert_mem_eq(value, facts[i].value, n);
		}
	}
	ck_assert(csvr_ini_has(text, "profile", "last"));
	ck_assert(!csvr_ini_has(text, "profile", "lost"));
}
END_TEST

/* ---- error responses ---- */

static bool describe(int http_status, const char *body, struct csvr_error *error)
{
	begin();
	use_example_keys();
	setenv("AWS_SESSION_TOKEN", "sessiontoken", 1);
	struct csvr_s3 *s3 = open_s3();
	error->message[0] = '\0';
	const bool is_transient = csvr_s3_describe_error(s3, http_status,
							 (const unsigned char *)body, strlen(body),
							 error);
	csvr_s3_free(s3);
	ck_assert(error->message[0] != '\0');
	return is_transient;
}

START_TEST(each_error_names_the_remedy)
{
	static const struct {
		int http_status;
		const char *code, *more, *words;
		bool is_transient;
	} errors[] = {
		{ 403, "SignatureDoesNotMatch", "", "AWS_SECRET_ACCESS_KEY", false },
		{ 403, "InvalidAccessKeyId", "", "AWS_ACCESS_KEY_ID", false },
		{ 400, "ExpiredToken", "", "session has expired", false },
		{ 400, "ExpiredToken", "<Message>The provided\ntoken has expired.</Message>",
		  "(400 ExpiredToken: The provided token has expired.)", false },
		{ 400, "TokenRefreshRequired", "", "session has expired", false },
		{ 403, "RequestTimeTooSkewed", "", "clock", false },
		{ 400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>",
		  "AWS_REGION=eu-west-1", false },
		{ 301, "PermanentRedirect", "<Endpoint>b.s3-eu-west-2.amazonaws.com</Endpoint>",
		  "AWS_REGION=eu-west-2", false },
		{ 301, "PermanentRedirect", "<Endpoint>b.s3.eu-west-2.amazonaws.com</Endpoint>",
		  "AWS_REGION=eu-west-2", false },
		{ 301, "PermanentRedirect", "<Endpoint>b.s3.amazonaws.com</Endpoint>", "AWS_REGION",
		  false },
		{ 301, "PermanentRedirect", "<Region>x;id|sh</Region>", "AWS_REGION to its region",
		  false },
		{ 404, "NoSuchBucket", "", "no such bucket", false },
		{ 404, "NoSuchKey", "", "append a /", false },
		{ 403, "AccessDenied", "", "access is denied", false },
		{ 403, "InvalidObjectState", "", "archived", false },
		{ 503, "SlowDown", "", "throttling", true },
		{ 400, "RequestTimeout", "", "RequestTimeout", true },
		{ 500, "InternalError", "", "internal server error", true },
		{ 418, "SomethingNew", "<Message>I am &lt;new&gt;</Message>",
		  "SomethingNew, I am <new>", false },
		{ 502, "SomethingNew", "", "SomethingNew", true },
	};
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		char body[512];
		struct csvr_error error;
		snprintf(body, sizeof body,
			 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>%s"
			 "<RequestId>1</RequestId></Error>",
			 errors[i].code, errors[i].more);
		ck_assert_int_eq(describe(errors[i].http_status, body, &error),
				 errors[i].is_transient);
		ck_assert_msg(strstr(error.message, errors[i].words) != NULL, "%s: %s",
			      errors[i].code, error.message);
		ck_assert_int_eq(error.status, CSVR_IO_ERROR);
	}
}
END_TEST

START_TEST(a_body_that_is_not_xml_is_described_by_its_status)
{
	static const char *const bodies[] = { "", "busy", "<html><body><p>busy</body></html>",
					      "<Error><Code>SlowDown</Code>", "\xff\xfe<\x01" };
	struct csvr_error error;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		ck_assert(describe(503, bodies[i], &error));
		ck_assert_ptr_nonnull(strstr(error.message, "503"));
		ck_assert(!describe(403, bodies[i], &error));
		ck_assert_ptr_nonnull(strstr(error.message, "403"));
	}
}
END_TEST

START_TEST(messages_never_contain_a_secret_or_a_signature)
{
	static const char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
	static const char signature[] =
		"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
	const char *const words[] = { secret, signature, "sessiontoken" };
	static const char *const elements[] = { "Code", "Message", "Region", "Endpoint" };
	static const int statuses[] = { 301, 400, 403, 500 };
	for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
		for (size_t e = 0; e < sizeof elements / sizeof elements[0]; e++)
			for (size_t s = 0; s < sizeof statuses / sizeof statuses[0]; s++) {
				char body[1024], part[12];
				struct csvr_error error;
				/* The maximum length of a message would truncate the word. */
				snprintf(body, sizeof body, "<Error><%s>%*s %s</%s></Error>",
					 elements[e], s % 2 == 0 ? 0 : 140, "", words[w],
					 elements[e]);
				(void)describe(statuses[s], body, &error);
				snprintf(part, sizeof part, "%s", words[w]);
				ck_assert_msg(strstr(error.message, part) == NULL, "%s",
					      error.message);
			}
}
END_TEST

/* ---- XML ---- */

static bool count_elements(void *context, const char *parent, const char *name, const char *text)
{
	(void)parent;
	(void)name;
	(void)text;
	++*(size_t *)context;
	return true;
}

static bool read_xml(const char *text, size_t *n_elements)
{
	*n_elements = 0;
	return csvr_xml_read((const unsigned char *)text, strlen(text), count_elements, n_elements);
}

START_TEST(malicious_xml_is_rejected)
{
	size_t n;
	ck_assert(read_xml("<a><b>1</b></a>", &n));
	ck_assert_uint_eq(n, 2);
	/* Entity definitions, as an entity expansion attack uses them. */
	ck_assert(!read_xml("<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\">]><a>&x;&x;</a>", &n));
	ck_assert(!read_xml("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", &n));
	/* Too deep. */
	char deep[512] = "";
	for (int i = 0; i < 40; i++)
		strcat(deep, "<a>");
	ck_assert(!read_xml(deep, &n));
	/* Text that is too long, in many parts. */
	const size_t n_long = 6 * CSVR_XML_TEXT_BYTES;
	char *text = malloc(n_long + 32);
	ck_assert_ptr_nonnull(text);
	strcpy(text, "<a>");
	for (size_t i = 3; i + 5 < n_long; i += 5)
		memcpy(text + i, "&amp;", 6);
	strcat(text, "</a>");
	ck_assert(!read_xml(text, &n));
	free(text);
	/* An endless name. */
	text = malloc(n_long + 1);
	ck_assert_ptr_nonnull(text);
	memset(text, 'n', n_long);
	text[0] = '<';
	text[n_long] = '\0';
	ck_assert(!read_xml(text, &n));
	text[n_long - 2] = '/';
	text[n_long - 1] = '>';
	ck_assert(read_xml(text, &n));
	free(text);
	/* Truncated anywhere. */
	static const char whole[] = "<a x=\"1\"><b>t&lt;</b><c/></a>";
	for (size_t i = 0; i + 1 < sizeof whole; i++) {
		n = 0;
		ck_assert(!csvr_xml_read((const unsigned char *)whole, i, count_elements, &n));
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *signatures = tcase_create("signatures");
	tcase_add_test(signatures, the_examples_of_the_reference_have_its_signatures);
	tcase_add_test(signatures, unusual_keys_are_sent_as_they_are_signed);
	tcase_add_test(signatures, hmac_matches_rfc_4231);
	suite_add_tcase(suite, signatures);
	TCase *settings = tcase_create("settings");
	tcase_add_test(settings, the_bucket_is_part_of_the_host_if_possible);
	tcase_add_test(settings,
		       the_s3_endpoint_variable_overrides_the_general_one_and_that_the_profile);
	tcase_add_test(settings, variables_override_the_keys_of_the_profile);
	tcase_add_test(settings, missing_keys_are_an_error_of_signing);
	tcase_add_test(settings, invalid_settings_are_named);
	tcase_add_test(settings, a_url_without_a_bucket_is_an_error);
	tcase_add_test(settings, profiles_are_parsed_like_the_aws_tools_do);
	suite_add_tcase(suite, settings);
	TCase *errors = tcase_create("errors");
	tcase_add_test(errors, each_error_names_the_remedy);
	tcase_add_test(errors, a_body_that_is_not_xml_is_described_by_its_status);
	tcase_add_test(errors, messages_never_contain_a_secret_or_a_signature);
	tcase_add_test(errors, malicious_xml_is_rejected);
	suite_add_tcase(suite, errors);
}

int main(void)
{
	return check_main("s3", add_cases);
}
