/* test_sha256.c - SHA-256
 *
 * Source  examples of FIPS 180-2, appendix B, and of NIST's "Cryptographic Standards and Guidelines"
 */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "check_main.h"

static void digest_text(struct csvr_sha256 *digest, char text[2 * CSVR_SHA256_BYTES + 1])
{
	unsigned char result[CSVR_SHA256_BYTES];
	csvr_sha256_finish(digest, result);
	for (size_t i = 0; i < sizeof result; i++)
		snprintf(text + 2 * i, 3, "%02x", result[i]);
}

static const struct {
	const char *text, *digest;
} examples[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
	  "lmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

START_TEST(the_examples_of_the_standard_have_the_expected_digests)
{
	char text[2 * CSVR_SHA256_BYTES + 1];
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct csvr_sha256 digest;
		csvr_sha256_init(&digest);
		csvr_sha256_add(&digest, examples[i].text, strlen(examples[i].text));
		digest_text(&digest, text);
		ck_assert_str_eq(text, examples[i].digest);
	}
}
END_TEST

START_TEST(a_million_letters_in_chunks_of_any_length_have_the_expected_digest)
{
	static const size_t lengths[] = { 1, 3, 55, 56, 63, 64, 65, 1000, 999999 };
	static char letters[1000000];
	char text[2 * CSVR_SHA256_BYTES + 1];
	memset(letters, 'a', sizeof letters);
	for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
		struct csvr_sha256 digest;
		csvr_sha256_init(&digest);
		for (size_t at = 0; at < sizeof letters; at += lengths[k]) {
			const size_t n_left = sizeof letters - at;
			csvr_sha256_add(&digest, letters + at,
					n_left < lengths[k] ? n_left : lengths[k]);
		}
		digest_text(&digest, text);
		ck_assert_str_eq(text, "cdc76e5c9914fb9281a1c7e284d73e67"
				       "f1809a48a497200e046d39ccc7112cd0");
	}
}
END_TEST

START_TEST(two_parts_of_any_length_have_the_digest_of_the_whole)
{
	unsigned char bytes[200];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 37);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		char whole[2 * CSVR_SHA256_BYTES + 1], parts[2 * CSVR_SHA256_BYTES + 1];
		struct csvr_sha256 digest;
		csvr_sha256_init(&digest);
		csvr_sha256_add(&digest, bytes, n);
		digest_text(&digest, whole);
		for (size_t cut = 0; cut <= n; cut++) {
			csvr_sha256_init(&digest);
			csvr_sha256_add(&digest, bytes, cut);
			csvr_sha256_add(&digest, bytes + cut, n - cut);
			digest_text(&digest, parts);
			ck_assert_str_eq(parts, whole);
		}
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *digest = tcase_create("digest");
	tcase_set_timeout(digest, 60);
	tcase_add_test(digest, the_examples_of_the_standard_have_the_expected_digests);
	tcase_add_test(digest, a_million_letters_in_chunks_of_any_length_have_the_expected_digest);
	tcase_add_test(digest, two_parts_of_any_length_have_the_digest_of_the_whole);
	suite_add_tcase(suite, digest);
}

int main(void)
{
	return check_main("digest", add_cases);
}
