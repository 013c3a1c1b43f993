/* kernel_scan_template.h - scan and count bytes, in the vocabulary of a simd_*.h included before
 *
 * 64 bytes are compared at once with delimiter, line end and quote, and the matching positions are
 * stored at once; a running parity decides which of them are inside quotes. A quote that does not fit
 * is left to the scalar functions, which define the result.
 *
 * Source  quotes by parity: Langdale and Lemire, "Parsing gigabytes of JSON per second" (2019)
 */

/* Scans single fields from `start`, the start of a field, until one ends at `least` or later.
 * Returns the start of the next field, `to` if the last one is open. Not inlined, so that the loop that calls it keeps
 * the registers. */
static __attribute__((noinline)) size_t scan_fields_scalar(const struct csvr_dialect *dialect,
							   size_t start, size_t least, size_t to,
							   uint32_t **ends,
							   struct csvr_fields *fields)
{
	const unsigned char *text = fields->text;
	while (start < least) {
		size_t at = start;
		const size_t open = csvr_find_opening_quote(text, start, to, dialect);
		if (open < to)
			at = csvr_skip_quoted(fields, open, to, dialect);
		while (at < to && text[at] != dialect->delimiter && text[at] != dialect->newline)
			at++;
		if (at >= to)
			return to;
		*(*ends)++ = (uint32_t)at;
		fields->n_records += text[at] == dialect->newline;
		start = at + 1;
	}
	return start;
}

/* Whether one of the bytes `after` closing quotes, of the block at text[at), is other than a '\r' before a line end. */
static bool may_continue(const unsigned char *text, size_t at, size_t to, uint64_t after,
			 unsigned char newline)
{
	for (; after != 0; after &= after - 1) {
		const size_t i = at + (size_t)__builtin_ctzll(after);
		if (i < to && (text[i] != '\r' || i + 1 >= to || text[i + 1] != newline))
			return true;
	}
	return false;
}

static void scan(const struct csvr_dialect *dialect, size_t from, size_t to,
		 struct csvr_fields *fields)
{
	if (csvr_needs_general_scan(dialect)) {
		csvr_scan_general(dialect, from, to, fields);
		return;
	}
	const unsigned char *text = fields->text;
	const unsigned char delimiter = dialect->delimiter, newline = dialect->newline;
	const unsigned char quote = (unsigned char)dialect->quote;
	const uint64_t quote_counts = dialect->quote == CSVR_NONE ? 0 : ~UINT64_C(0);
	uint32_t *ends = fields->ends;
	size_t n_records = 0;
	fields->hides_lines = fields->continues_after_quote = false;
	fields->n_records = 0;
	/* Before each iteration: all fields that end before `at` are stored; `inside` is all
	 * ones if text[at] is inside quotes; bit 0 of field_begins is set if text[at - 1] ended
	 * a field, bit 0 of quote_closed if it closed a quote. */
	uint64_t inside = 0, field_begins = 1, quote_closed = 0;
	uint64_t is_quoting = 0; /* inside | quote_closed */
	size_t at = from;
	while (at < to) {
		block bytes = block_load(text + at);
		uint64_t newlines = block_find(bytes, newline);
		uint64_t specials = newlines | block_find(bytes, delimiter);
		uint64_t quotes = block_find(bytes, quote) & quote_counts;
		if (to - at < 64) {
			uint64_t ours = (UINT64_C(1) << (to - at)) - 1;
			specials &= ours;
			newlines &= ours;
			quotes &= ours;
		}
		if ((quotes | is_quoting) == 0) {
			ends = store_positions(ends, specials, (uint32_t)at);
			n_records += (size_t)__builtin_popcountll(newlines);
			field_begins = specials >> 63;
			at += 64;
			continue;
		}
		uint64_t hidden = parity_up_to(quotes) ^ inside;
		uint64_t found = specials & ~hidden;
		uint64_t opening = quotes & hidden, closing = quotes & ~hidden;
		uint64_t may_open = found << 1 | field_begins,
			 reopens = closing << 1 | quote_closed;
		const uint64_t astray = opening & ~(may_open | reopens),
			       continues = reopens & ~(specials | quotes);
		if (__builtin_expect(astray != 0, 0)) {
			/* A quote inside a field is text, and one after blanks opens a field. Go
			 * back to the start of the open field, and scan single fields until these
			 * bytes are passed. */
			size_t start = ends == fields->ends ? from : (size_t)ends[-1] + 1;
			at = scan_fields_scalar(dialect, start, at + 64 < to ? at + 64 : to, to,
						&ends, fields);
			inside = quote_closed = is_quoting = 0;
			field_begins = 1;
			continue;
		}
		if (__builtin_expect(continues != 0, 0))
			fields->continues_after_quote |= may_continue(text, at, to, continues,
								      newline);
		fields->hides_lines |= (newlines & hidden) != 0;
		ends = store_positions(ends, found, (uint32_t)at);
		n_records += (size_t)__builtin_popcountll(newlines & ~hidden);
		inside = (uint64_t)((int64_t)hidden >> 63);
		field_begins = found >> 63;
		quote_closed = closing >> 63;
		is_quoting = inside | quote_closed;
		at += 64;
	}
	fields->n_fields = (size_t)(ends - fields->ends);
	fields->n_records += n_records; /* scan_fields_scalar added its own */
}

static size_t count_byte(const unsigned char *text, size_t n_bytes, unsigned char byte)
{
	size_t n = 0, i = 0;
	for (; i + 64 <= n_bytes; i += 64)
		n += (size_t)__builtin_popcountll(block_find(block_load(text + i), byte));
	if (i < n_bytes) {
		const uint64_t ours = (UINT64_C(1) << (n_bytes - i)) - 1;
		n += (size_t)__builtin_popcountll(block_find(block_load(text + i), byte) & ours);
	}
	return n;
}
