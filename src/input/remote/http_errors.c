/* http_errors.c - HTTP status codes and libcurl's error codes to messages
 *
 * Source   RFC 9110 (status codes), libcurl-errors(3)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/http_errors.h"

static const char *reason_phrase(int http_status)
{
	static const struct {
		int http_status;
		const char *phrase;
	} phrases[] = {
		{ 400, "Bad Request" },         { 401, "Unauthorized" },
		{ 403, "Forbidden" },           { 404, "Not Found" },
		{ 408, "Request Timeout" },     { 410, "Gone" },
		{ 412, "Precondition Failed" }, { 416, "Range Not Satisfiable" },
		{ 429, "Too Many Requests" },   { 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },         { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (phrases[i].http_status == http_status)
			return phrases[i].phrase;
	return NULL;
}

static const char *remedy(int http_status)
{
	if (http_status == 404 || http_status == 410)
		return "; check the URL";
	if (http_status == 401)
		return "; put the user name and password into ~/.netrc";
	if (http_status == 403)
		return "; access is denied";
	return "";
}

bool csvr_http_describe_status(int http_status, struct csvr_error *error)
{
	const char *phrase = reason_phrase(http_status);
	csvr_error_set(error, CSVR_IO_ERROR, 0, "the server returned %d%s%s%s%s", http_status,
		       phrase != NULL ? " (" : "", phrase != NULL ? phrase : "",
		       phrase != NULL ? ")" : "", remedy(http_status));
	return http_status == 408 || http_status == 429 || http_status >= 500;
}

static const struct curl_error {
	CURLcode code;
	bool is_transient, is_unreachable;
	const char *before, *after; /* libcurl's own message is between them */
} curl_errors[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, true, true, "cannot find the server: ", "; check the URL" },
	{ CURLE_COULDNT_RESOLVE_PROXY, true, true,
	  "cannot find the proxy: ", "; check http_proxy and https_proxy" },
	{ CURLE_COULDNT_CONNECT, true, true, "cannot connect: ", "" },
	{ CURLE_OPERATION_TIMEDOUT, true, true, "cannot connect: ", "" },
	{ CURLE_PEER_FAILED_VERIFICATION, false, false, "the server's certificate is not trusted: ",
	  "; set AWS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE to the certificate of its authority" },
	{ CURLE_SSL_CACERT_BADFILE, false, false,
	  "cannot read certificates: ", "; check AWS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE" },
	{ CURLE_TOO_MANY_REDIRECTS, false, false, "too many redirects: ", "; check the URL" },
	{ CURLE_UNSUPPORTED_PROTOCOL, false, false,
	  "the server redirects to a URL that is neither http nor https: ", "" },
	{ CURLE_URL_MALFORMAT, false, false, "invalid URL: ", "" },
	{ CURLE_OUT_OF_MEMORY, false, false, "out of memory: ", "" },
	{ CURLE_PARTIAL_FILE, true, false, "the response was truncated: ", "" },
	{ CURLE_RECV_ERROR, true, false, "the connection was lost: ", "" },
	{ CURLE_SEND_ERROR, true, false, "the connection was lost: ", "" },
	{ CURLE_GOT_NOTHING, true, false, "the server sent no response: ", "" },
	{ CURLE_SSL_CONNECT_ERROR, true, true, "cannot establish a TLS connection: ", "" },
};

static const struct curl_error other_error = { CURLE_OK, true, false, "the transfer failed: ", "" };

bool csvr_http_describe_curl_error(CURLcode code, const char *detail, bool *is_unreachable,
				   struct csvr_error *error)
{
	const struct curl_error *found = &other_error;
	for (size_t i = 0; i < sizeof curl_errors / sizeof curl_errors[0]; i++)
		if (curl_errors[i].code == code)
			found = &curl_errors[i];
	*is_unreachable = found->is_unreachable;
	csvr_error_set(error, CSVR_IO_ERROR, 0, "%s%s%s", found->before,
		       detail[0] != '\0' ? detail : curl_easy_strerror(code), found->after);
	return found->is_transient;
}
