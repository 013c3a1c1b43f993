/* test_serialize.c - encoding numbers and texts to bytes, and decoding them
 *
 * Source  random numbers: splitmix64 (public domain)
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/serialize.h"
#include "check_main.h"
#include "random.h"

enum { MOST_WORDS = 4 };

/* A number of any length up to `n_words` words, often near a power of two. */
static void random_number(uint64_t *word, size_t n_words)
{
	const size_t n_bits = next_random() % (n_words * 64 + 1);
	const unsigned shape = next_random() % 3;
	for (size_t i = 0; i < n_words; i++) {
		const size_t n_here = n_bits <= i * 64 ? 0 : n_bits - i * 64;
		const uint64_t most = n_here >= 64 ? UINT64_MAX : (UINT64_C(1) << n_here) - 1;
		word[i] = shape == 0 ? next_random() & most : most;
		if (shape == 2)
			word[i] ^= n_here > 1 ? UINT64_C(1) << next_random() %
								       (n_here < 64 ? n_here : 64)
					      : 0;
	}
}

static struct csvr_decoder decoder_of(const struct csvr_encoder *bytes)
{
	return (struct csvr_decoder){ bytes->bytes, bytes->bytes + bytes->n_bytes, false };
}

START_TEST(numbers_of_one_to_four_words_are_decoded_unchanged)
{
	for (size_t round = 0; round < 200000; round++) {
		const size_t n_words = 1 + round % MOST_WORDS;
		uint64_t word[MOST_WORDS] = { 0 }, found[MOST_WORDS];
		struct csvr_encoder bytes;
		csvr_encoder_init(&bytes);
		random_number(word, n_words);
		csvr_encoder_put_varint_wide(&bytes, word, n_words);
		struct csvr_decoder decoder = decoder_of(&bytes);
		csvr_decoder_varint_wide(&decoder, found, n_words);
		ck_assert(!decoder.is_bad);
		ck_assert_uint_eq(csvr_decoder_remaining(&decoder), 0);
		ck_assert_mem_eq(found, word, n_words * sizeof *word);

		/* The same number in more words has the same bytes. */
		struct csvr_encoder longer;
		csvr_encoder_init(&longer);
		csvr_encoder_put_varint_wide(&longer, word, MOST_WORDS);
		ck_assert_uint_eq(longer.n_bytes, bytes.n_bytes);
		ck_assert_mem_eq(longer.bytes, bytes.bytes, bytes.n_bytes);

		/* Without its last byte it is bad and decodes to zero. */
		decoder = decoder_of(&bytes);
		decoder.end--;
		csvr_decoder_varint_wide(&decoder, found, n_words);
		ck_assert(decoder.is_bad);
		ck_assert_uint_eq(found[0], 0);
		csvr_encoder_clear(&bytes);
		csvr_encoder_clear(&longer);
	}
}
END_TEST

START_TEST(a_decoded_number_is_encoded_to_the_same_bytes)
{
	/* A number has only one encoding, so other bytes are refused. */
	size_t n_accepted = 0;
	for (size_t round = 0; round < 200000; round++) {
		unsigned char random[48];
		for (size_t i = 0; i < sizeof random; i++)
			random[i] = (unsigned char)(next_random() % 4 == 0 ? 0x80 * (i & 1)
									   : next_random());
		const size_t n = 1 + next_random() % sizeof random,
			     n_words = 1 + round % MOST_WORDS;
		for (size_t i = 0; i + 1 < n; i++)
			random[i] |= 0x80;
		random[n - 1] &= 0x7f;
		struct csvr_decoder decoder = { random, random + n, false };
		uint64_t word[MOST_WORDS];
		csvr_decoder_varint_wide(&decoder, word, n_words);
		if (decoder.is_bad)
			continue;
		struct csvr_encoder bytes;
		csvr_encoder_init(&bytes);
		csvr_encoder_put_varint_wide(&bytes, word, n_words);
		ck_assert_uint_eq(bytes.n_bytes, n);
		ck_assert_mem_eq(bytes.bytes, random, n);
		csvr_encoder_clear(&bytes);
		n_accepted++;
	}
	ck_assert_uint_gt(n_accepted, 1000);
}
END_TEST

static bool is_refused(const char *octets, size_t n, size_t n_words)
{
	uint64_t word[MOST_WORDS];
	struct csvr_decoder decoder = { (const unsigned char *)octets,
					(const unsigned char *)octets + n, false };
	csvr_decoder_varint_wide(&decoder, word, n_words);
	return decoder.is_bad && word[0] == 0;
}

START_TEST(other_encodings_and_numbers_too_big_are_refused)
{
	ck_assert(!is_refused("\x00", 1, 1));
	ck_assert(is_refused("\x80\x00", 2, 1)); /* 0 in two bytes */
	ck_assert(is_refused("\xff\x00", 2, 1)); /* 127 in two */
	ck_assert(is_refused("\x80", 1, 1)); /* truncated */
	ck_assert(is_refused("", 0, 1));
	ck_assert(!is_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, 1));
	/* 2^64 and more */
	ck_assert(is_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, 1));
	ck_assert(is_refused("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11, 1));
	ck_assert(!is_refused("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11, 2));
	ck_assert(is_refused(
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
		"\x04",
		19, 2)); /* 2^128 */
}
END_TEST

START_TEST(signed_numbers_doubles_and_texts_are_decoded_unchanged)
{
	static const int64_t numbers[] = { 0, -1, 1, -64, 63, 64, INT64_MIN, INT64_MAX };
	static const double doubles[] = { 0.0, -0.0, 1.5, -1e308, 5e-324, INFINITY };
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		csvr_encoder_put_zigzag(&bytes, numbers[i]);
	for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++)
		csvr_encoder_put_double(&bytes, doubles[i]);
	csvr_encoder_put_text(&bytes, "a\0b", 3);
	csvr_encoder_put_text(&bytes, "", 0);
	struct csvr_decoder decoder = decoder_of(&bytes);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		ck_assert_int_eq(csvr_decoder_zigzag(&decoder), numbers[i]);
	for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
		const double found = csvr_decoder_double(&decoder);
		ck_assert_mem_eq(&found, &doubles[i], sizeof found);
	}
	size_t n;
	const char *text = csvr_decoder_text(&decoder, &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_mem_eq(text, "a\0b", 3);
	(void)csvr_decoder_text(&decoder, &n);
	ck_assert_uint_eq(n, 0);
	ck_assert(!decoder.is_bad);
	ck_assert_uint_eq(csvr_decoder_remaining(&decoder), 0);
	csvr_encoder_clear(&bytes);
}
END_TEST

START_TEST(a_count_that_exceeds_the_remaining_bytes_is_refused)
{
	const unsigned char octets[] = { 3, 0, 0, 0, 0, 0, 0 };
	struct csvr_decoder decoder = { octets, octets + sizeof octets, false };
	ck_assert_uint_eq(csvr_decoder_count(&decoder, 2), 3);
	decoder = (struct csvr_decoder){ octets, octets + sizeof octets - 1, false };
	ck_assert_uint_eq(csvr_decoder_count(&decoder, 2), 0);
	ck_assert(decoder.is_bad);
	ck_assert_uint_eq(csvr_decoder_remaining(&decoder), 0);
	ck_assert_ptr_null(csvr_decoder_bytes(&decoder, 1));
	ck_assert_uint_eq(csvr_decoder_varint(&decoder), 0); /* it remains bad */

	decoder = (struct csvr_decoder){ octets, octets + sizeof octets, false };
	ck_assert_uint_eq(csvr_decoder_varint_max(&decoder, 2), 0);
	ck_assert(decoder.is_bad);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *bytes = tcase_create("bytes");
	tcase_set_timeout(bytes, 60);
	tcase_add_test(bytes, numbers_of_one_to_four_words_are_decoded_unchanged);
	tcase_add_test(bytes, a_decoded_number_is_encoded_to_the_same_bytes);
	tcase_add_test(bytes, other_encodings_and_numbers_too_big_are_refused);
	tcase_add_test(bytes, signed_numbers_doubles_and_texts_are_decoded_unchanged);
	tcase_add_test(bytes, a_count_that_exceeds_the_remaining_bytes_is_refused);
	suite_add_tcase(suite, bytes);
}

int main(void)
{
	return check_main("bytes", add_cases);
}
