/* summary_codec.h - a summary to bytes and back
 *
 * Shape    equal summaries have equal bytes, whatever was merged in which order;
 *          doc/state-format.md describes the bytes
 * Units    in the bytes inputs have numbers, which the caller maps to and from their indices
 * Errors   csvr_encoder and csvr_decoder remember theirs: check at the end. The bytes are not trusted.
 * Threads  those of a summary
 */
#ifndef CSVR_STATE_SUMMARY_CODEC_H
#define CSVR_STATE_SUMMARY_CODEC_H

#include "base/serialize.h"
#include "stats/summary.h"

/* Encodes a finished summary. `number` is the number of each input; NULL: its index. */
void csvr_summary_encode(struct csvr_encoder *bytes, const struct csvr_summary *summary,
			 const uint32_t *number);

/* Decodes a summary, to be freed with csvr_summary_free. `input` maps each of the `n_inputs`
 * numbers to the index of an input (NULL: to itself), or to CSVR_NO_INDEX if that input is lost. A
 * summary with a lost input has has_lost_inputs set and must not be merged. Any other may be read,
 * and merged into others. Nothing may be added to a decoded summary. Errors: CSVR_NO_MEMORY;
 * CSVR_INVALID_FILE if the bytes are invalid, and the decoder has failed. */
enum csvr_status csvr_summary_decode(struct csvr_decoder *decoder,
				     const struct csvr_summary_config *config,
				     const uint32_t *input, size_t n_inputs,
				     struct csvr_summary **summary);

#endif
