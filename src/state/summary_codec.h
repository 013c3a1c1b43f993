/* summary_codec.h - what was found to bytes and back
 *
 * Shape    the same summary gives the same bytes, whatever was merged into it in which order.
 *          doc/state-format.md describes them.
 * Units    inputs stand in the bytes under numbers of their own, which the caller maps
 * Errors   csvr_encoder and csvr_decoder keep them: ask at the end. Nothing that is read is trusted.
 * Threads  those of a summary
 */
#ifndef CSVR_STATE_SUMMARY_CODEC_H
#define CSVR_STATE_SUMMARY_CODEC_H

#include "base/serialize.h"
#include "stats/summary.h"

/* Writes a summary that is finished. `number` gives the number of each input; NULL: its index. */
void csvr_summary_encode(struct csvr_encoder *bytes, const struct csvr_summary *summary,
			 const uint32_t *number);

/* Makes a summary of the bytes; `input` (NULL: the number) gives the index of each of the `n_inputs`
 * numbers, UINT32_MAX for one that is gone: then summary->has_lost_inputs, and it must not be merged. Free it
 * with csvr_summary_free. It may be merged into others, and be looked at, but not added to.
 * CSVR_INVALID_FILE, and the reader is bad: the bytes make no sense. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_summary_decode(struct csvr_decoder *reader,
				     const struct csvr_summary_config *config,
				     const uint32_t *input, size_t n_inputs,
				     struct csvr_summary **summary);

#endif
