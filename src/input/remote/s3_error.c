/* s3_error.c - error responses of S3 to messages */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/s3_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/remote/s3_internal.h"
#include "input/remote/untrusted.h"
#include "input/remote/xml.h"

/* The elements of the body of an error response; longer values are truncated. */
struct s3_error {
	const struct csvr_s3 *s3;
	char code[64], message[201], region[64], endpoint[128];
};

/* Whether a message may contain this text of the server: it contains none of our secrets, and no run of
 * letters and digits as long as a signature. */
static bool is_safe_to_show(const struct csvr_s3 *s3, const char *text)
{
	/* Characters: a signature has 64, an access key of Amazon 20 and its secret 40. */
	enum { SIGNATURE_BYTES = 40 };
	size_t n_base64 = 0;
	if ((s3->secret != NULL && strstr(text, s3->secret) != NULL) ||
	    (s3->token != NULL && strstr(text, s3->token) != NULL))
		return false;
	for (; *text != '\0'; text++) {
		const bool is_base64 = (*text >= '0' && *text <= '9') ||
				       (*text >= 'A' && *text <= 'Z') ||
				       (*text >= 'a' && *text <= 'z') || *text == '+' ||
				       *text == '/' || *text == '=';
		n_base64 = is_base64 ? n_base64 + 1 : 0;
		if (n_base64 >= SIGNATURE_BYTES)
			return false;
	}
	return true;
}

static bool on_element(void *context, const char *parent, const char *name, const char *text)
{
	struct s3_error *response = context;
	const struct {
		const char *name;
		char *text;
		size_t capacity;
	} fields[] = {
		{ "Code", response->code, sizeof response->code },
		{ "Message", response->message, sizeof response->message },
		{ "Region", response->region, sizeof response->region },
		{ "Endpoint", response->endpoint, sizeof response->endpoint },
	};
	/* Check the text before it is truncated: part of a secret is a secret. */
	if (strcmp(parent, "Error") != 0 || !is_safe_to_show(response->s3, text))
		return true;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		snprintf(fields[i].text, fields[i].capacity, "%s", text);
		for (char *at = fields[i].text; *at != '\0'; at++)
			if (csvr_is_control(*at))
				*at = ' '; /* no terminal escape sequences */
	}
	return true;
}

/* Parses the region in the host name BUCKET.s3-REGION.amazonaws.com or BUCKET.s3.REGION.amazonaws.com. */
static void set_region_from_endpoint(struct s3_error *response)
{
	const char *at = strstr(response->endpoint, "s3-");
	if (at == NULL)
		at = strstr(response->endpoint, "s3.");
	if (response->region[0] != '\0' || at == NULL)
		return;
	at += 3;
	const size_t n = strcspn(at, ".");
	if (strncmp(at, "amazonaws", 9) != 0 && n < sizeof response->region) {
		memcpy(response->region, at, n);
		response->region[n] = '\0';
	}
}

/* Source: the S3 API reference, "Error responses". */
static const struct {
	const char *code, *advice;
	bool is_transient;
} known_errors[] = {
	{ "SignatureDoesNotMatch",
	  "the secret key does not match the access key; check AWS_SECRET_ACCESS_KEY or the profile",
	  false },
	{ "InvalidAccessKeyId",
	  "unknown access key; check AWS_ACCESS_KEY_ID or the profile, and AWS_ENDPOINT_URL",
	  false },
	{ "InvalidToken", "invalid session token; get new credentials (AWS_SESSION_TOKEN)", false },
	{ "ExpiredToken", "the session has expired; get new credentials and run again", false },
	{ "TokenRefreshRequired", "the session has expired; get new credentials and run again",
	  false },
	{ "RequestTimeTooSkewed",
	  "the clocks of this machine and of the server differ too much; set the clock", false },
	{ "RequestExpired",
	  "the clocks of this machine and of the server differ too much; set the clock", false },
	{ "NoSuchBucket", "no such bucket; check its name and AWS_ENDPOINT_URL", false },
	{ "InvalidBucketName", "invalid bucket name", false },
	{ "NoSuchKey", "no such object; to read all objects below this prefix, append a /", false },
	{ "AccessDenied",
	  "access is denied: the credentials do not allow reading the object (or listing the bucket), "
	  "or it does not exist",
	  false },
	{ "AllAccessDisabled", "access to the object is disabled", false },
	{ "AccountProblem", "the account has a problem that only its owner can fix", false },
	{ "InvalidObjectState", "the object is archived; restore it first", false },
	{ "SlowDown", "the server is throttling requests", true },
	{ "ServiceUnavailable", "the server is busy", true },
	{ "Throttling", "the server is throttling requests", true },
	{ "ThrottlingException", "the server is throttling requests", true },
	{ "TooManyRequests", "the server is throttling requests", true },
	{ "InternalError", "internal server error", true },
	{ "RequestTimeout", "the server timed out waiting for the request", true },
	{ "RequestTimeoutException", "the server timed out waiting for the request", true },
};

static bool is_transient_status(int http_status)
{
	return http_status == 429 || http_status == 500 || http_status == 502 ||
	       http_status == 503 || http_status == 504;
}

/* Describes errors that mean that the bucket is in another region. */
static bool describe_region(const struct csvr_s3 *s3, const struct s3_error *response,
			    int http_status, struct csvr_error *error)
{
	const bool is_region_error = strcmp(response->code, "AuthorizationHeaderMalformed") == 0 ||
				     strcmp(response->code, "PermanentRedirect") == 0 ||
				     strcmp(response->code, "IllegalLocationConstraintException") ==
					     0 ||
				     http_status == 301 || http_status == 307;
	if (!is_region_error)
		return false;
	if (response->region[0] != '\0' && csvr_s3_is_region(response->region) &&
	    strcmp(response->region, s3->region) != 0)
		csvr_error_set(error, CSVR_IO_ERROR, 0,
			       "the bucket is in region %s, not in %s; set AWS_REGION=%s",
			       response->region, s3->region, response->region);
	else if (http_status == 301 || http_status == 307)
		csvr_error_set(
			error, CSVR_IO_ERROR, 0,
			"the bucket is in another region (%d); set AWS_REGION to its region (now %s), or "
			"AWS_ENDPOINT_URL",
			http_status, s3->region);
	else
		return false;
	return true;
}

/* For a body without a known code. */
static void describe_status(int http_status, struct csvr_error *error)
{
	static const struct {
		int status;
		const char *meaning;
	} meanings[] = {
		{ 400, "bad request" },         { 401, "credentials are required" },
		{ 403, "access is denied" },    { 404, "no such bucket or object" },
		{ 429, "too many requests" },   { 500, "internal server error" },
		{ 503, "service unavailable" },
	};
	const char *meaning = NULL;
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].status == http_status)
			meaning = meanings[i].meaning;
	csvr_error_set(error, CSVR_IO_ERROR, 0, "the server returned %d%s%s", http_status,
		       meaning != NULL ? ": " : "", meaning != NULL ? meaning : "");
}

bool csvr_s3_describe_error(const struct csvr_s3 *s3, int http_status, const unsigned char *body,
			    size_t n_body, struct csvr_error *error)
{
	struct s3_error response = { .s3 = s3 };
	const bool is_xml = n_body > 0 && csvr_xml_read(body, n_body, on_element, &response);
	if (!is_xml)
		response = (struct s3_error){ .s3 = s3 };
	set_region_from_endpoint(&response);
	if (describe_region(s3, &response, http_status, error))
		return false;
	for (size_t i = 0; i < sizeof known_errors / sizeof known_errors[0]; i++) {
		if (strcmp(response.code, known_errors[i].code) != 0)
			continue;
		csvr_error_set(error, CSVR_IO_ERROR, 0, "%s (%d %s%s%s)", known_errors[i].advice,
			       http_status, response.code, response.message[0] != '\0' ? ": " : "",
			       response.message);
		return known_errors[i].is_transient;
	}
	const bool is_shown = response.message[0] != '\0';
	if (response.code[0] != '\0')
		csvr_error_set(error, CSVR_IO_ERROR, 0,
			       "the server rejected the request: %s%s%s (%d)", response.code,
			       is_shown ? ", " : "", is_shown ? response.message : "", http_status);
	else
		describe_status(http_status, error);
	return is_transient_status(http_status);
}
