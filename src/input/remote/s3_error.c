/* s3_error.c - what the refusal of a server means, and what to do about it */
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

/* What the body of a refusal says; what is longer is cut. */
struct s3_error {
	const struct csvr_s3 *s3;
	char code[64], message[201], region[64], endpoint[128];
};

/* Whether a text of the server's may be shown: it has none of our secrets in it, and nothing as long as a
 * signature. */
static bool is_safe_to_show(const struct csvr_s3 *s3, const char *text)
{
	/* A signature has 64, an access key of Amazon's 20 and its secret 40. */
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
	/* The whole text is looked at: a part of a secret is no less a secret. */
	if (strcmp(parent, "Error") != 0 || !is_safe_to_show(response->s3, text))
		return true;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		snprintf(fields[i].text, fields[i].capacity, "%s", text);
		for (char *at = fields[i].text; *at != '\0'; at++)
			if (csvr_is_control(*at))
				*at = ' '; /* nothing of it commands a terminal */
	}
	return true;
}

/* A region in the name of a host, BUCKET.s3-REGION.amazonaws.com or with a dot before it. */
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

/* What codes mean, and what to do. */
static const struct {
	const char *code, *advice;
	bool is_transient;
} known_errors[] = {
	{ "SignatureDoesNotMatch",
	  "the secret key is not that of the access key; look at AWS_SECRET_ACCESS_KEY or the profile",
	  false },
	{ "InvalidAccessKeyId",
	  "the server knows no such access key; look at AWS_ACCESS_KEY_ID or the profile, and at "
	  "AWS_ENDPOINT_URL",
	  false },
	{ "InvalidToken", "the session token is wrong; get new credentials (AWS_SESSION_TOKEN)",
	  false },
	{ "ExpiredToken", "the session is over; get new credentials, and run again", false },
	{ "TokenRefreshRequired", "the session is over; get new credentials, and run again",
	  false },
	{ "RequestTimeTooSkewed",
	  "the clock of this machine and that of the server differ by too much; set the clock",
	  false },
	{ "RequestExpired",
	  "the clock of this machine and that of the server differ by too much; set the clock",
	  false },
	{ "NoSuchBucket", "there is no such bucket here; look at its name and at AWS_ENDPOINT_URL",
	  false },
	{ "InvalidBucketName", "a bucket cannot have such a name", false },
	{ "NoSuchKey", "there is no such object; end it with / to read all below it", false },
	{ "AccessDenied",
	  "access is denied: these credentials may not read it (or list the bucket), or it does not "
	  "exist",
	  false },
	{ "AllAccessDisabled", "access to it is disabled", false },
	{ "AccountProblem", "the account has a problem that only its owner can solve", false },
	{ "InvalidObjectState", "it is archived; restore it first", false },
	{ "SlowDown", "the server is asked for too much at once", true },
	{ "ServiceUnavailable", "the server is busy", true },
	{ "Throttling", "the server is asked for too much at once", true },
	{ "ThrottlingException", "the server is asked for too much at once", true },
	{ "TooManyRequests", "the server is asked for too much at once", true },
	{ "InternalError", "the server has a problem of its own", true },
	{ "RequestTimeout", "the server did not wait long enough", true },
	{ "RequestTimeoutException", "the server did not wait long enough", true },
};

static bool is_transient_status(int http_status)
{
	return http_status == 429 || http_status == 500 || http_status == 502 ||
	       http_status == 503 || http_status == 504;
}

/* Refusals that mean another region. */
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
			"the bucket is at another place (%d); set AWS_REGION to its region (it is %s "
			"now), or AWS_ENDPOINT_URL",
			http_status, s3->region);
	else
		return false;
	return true;
}

/* By the status alone. */
static void describe_status(int http_status, struct csvr_error *error)
{
	static const struct {
		int status;
		const char *meaning;
	} meanings[] = {
		{ 400, "bad request" },
		{ 401, "it wants credentials" },
		{ 403, "access is denied" },
		{ 404, "there is no such bucket or object" },
		{ 429, "it is asked for too much at once" },
		{ 500, "it has a problem of its own" },
		{ 503, "it is busy" },
	};
	const char *meaning = NULL;
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].status == http_status)
			meaning = meanings[i].meaning;
	csvr_error_set(error, CSVR_IO_ERROR, 0, "the server answers %d%s%s", http_status,
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
		csvr_error_set(error, CSVR_IO_ERROR, 0, "the server refuses it: %s%s%s (%d)",
			       response.code, is_shown ? ", " : "",
			       is_shown ? response.message : "", http_status);
	else
		describe_status(http_status, error);
	return is_transient_status(http_status);
}
