/* s3_config.h - credentials, region and endpoint of S3, from the environment and from profiles
 *
 * The variables and files are those of the AWS SDKs and command line. No secret is ever part of a message.
 *
 * Errors   CSVR_INVALID_OPTION names the variable or profile that is wrong
 * Threads  constant once csvr_s3_new has returned: any number of threads may read it
 */
#ifndef CSVR_INPUT_REMOTE_S3_CONFIG_H
#define CSVR_INPUT_REMOTE_S3_CONFIG_H

#include "base/error.h"
#include "csvreport.h"

struct csvr_s3;

/* Reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_DEFAULT_REGION,
 * AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_NO_SIGN_REQUEST, AWS_PROFILE and AWS_CA_BUNDLE, and the files
 * ~/.aws/credentials and ~/.aws/config (or AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE).
 * Errors: CSVR_NO_MEMORY; CSVR_INVALID_OPTION if a setting is invalid. Missing credentials are an error of
 * csvr_s3_sign_request only. */
enum csvr_status csvr_s3_new(struct csvr_s3 **s3, struct csvr_error *error);
void csvr_s3_free(struct csvr_s3 *s3);

/* The CA bundle of AWS_CA_BUNDLE or of the profile's ca_bundle; NULL: the system's. */
const char *csvr_s3_ca_bundle(const struct csvr_s3 *s3);

#endif
