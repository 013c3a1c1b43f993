# src/local.mk - the library, layer by layer, and the programs that link it
#
# One line per file, in alphabetical order, with the headers, so that they are distributed.

noinst_LIBRARIES += src/libcsvreport.a
src_libcsvreport_a_SOURCES = \
	src/csvreport.h \
	src/csvreport_perf.h \
	\
	src/base/bigint.c \
	src/base/bigint.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/calendar.c \
	src/base/calendar.h \
	src/base/decimal_to_double.c \
	src/base/decimal_to_double.h \
	src/base/digits.c \
	src/base/digits.h \
	src/base/double_bits.h \
	src/base/dynlib.c \
	src/base/dynlib.h \
	src/base/error.c \
	src/base/error.h \
	src/base/escape.c \
	src/base/escape.h \
	src/base/hash.c \
	src/base/hash.h \
	src/base/internal_status.h \
	src/base/io.c \
	src/base/io.h \
	src/base/key_words.h \
	src/base/memory.c \
	src/base/memory.h \
	src/base/number_format.c \
	src/base/number_format.h \
	src/base/search.h \
	src/base/serialize.c \
	src/base/serialize.h \
	src/base/sha256.c \
	src/base/sha256.h \
	src/base/short_ratio.c \
	src/base/short_ratio.h \
	src/base/simd_avx2.h \
	src/base/simd_avx512.h \
	src/base/simd_end.h \
	src/base/simd_neon.h \
	src/base/simd_scalar.h \
	src/base/stop_flag.h \
	src/base/suggestion.c \
	src/base/suggestion.h \
	src/base/text.h \
	src/base/utf8.c \
	src/base/utf8.h \
	src/base/version.h \
	\
	src/parse/affixes.c \
	src/parse/affixes.h \
	src/parse/cell_rules.c \
	src/parse/cell_rules.h \
	src/parse/chunk_boundary.c \
	src/parse/chunk_boundary.h \
	src/parse/column_select.c \
	src/parse/column_select.h \
	src/parse/condition.c \
	src/parse/condition.h \
	src/parse/date_time.c \
	src/parse/date_time.h \
	src/parse/decimal.c \
	src/parse/decimal.h \
	src/parse/dialect.c \
	src/parse/dialect.h \
	src/parse/footer.c \
	src/parse/footer.h \
	src/parse/header.c \
	src/parse/header.h \
	src/parse/header_repeat.c \
	src/parse/header_repeat.h \
	src/parse/kernel.c \
	src/parse/kernel.h \
	src/parse/kernel_avx2.c \
	src/parse/kernel_avx512.c \
	src/parse/kernel_convert_template.h \
	src/parse/kernel_keys_template.h \
	src/parse/kernel_neon.c \
	src/parse/kernel_scalar.c \
	src/parse/kernel_scan_template.h \
	src/parse/key_places.c \
	src/parse/key_places.h \
	src/parse/lookalike.c \
	src/parse/lookalike.h \
	src/parse/record_syntax.c \
	src/parse/record_syntax.h \
	src/parse/sniff.c \
	src/parse/sniff.h \
	src/parse/sniff_internal.h \
	src/parse/sniff_long.c \
	src/parse/sniff_records.c \
	src/parse/sniff_table.c \
	src/parse/swar.c \
	src/parse/swar.h \
	\
	src/stats/aggregate.h \
	src/stats/batch_powers_template.h \
	src/stats/batch_doubles_template.h \
	src/stats/batch_groups_template.h \
	src/stats/batch_keys_template.h \
	src/stats/batch_kernels.c \
	src/stats/batch_kernels.h \
	src/stats/batch_kernels_avx2.c \
	src/stats/batch_kernels_avx512.c \
	src/stats/batch_kernels_neon.c \
	src/stats/batch_kernels_scalar.c \
	src/stats/batch_order_template.h \
	src/stats/batch_places_template.h \
	src/stats/batch_products_template.h \
	src/stats/batch_record_template.h \
	src/stats/batch_sums_template.h \
	src/stats/batch_templates.h \
	src/stats/bins.c \
	src/stats/bins.h \
	src/stats/blend.c \
	src/stats/blend.h \
	src/stats/buckets.c \
	src/stats/buckets_aggregate.c \
	src/stats/buckets.h \
	src/stats/buckets_codec.c \
	src/stats/buckets_internal.h \
	src/stats/cell_count.c \
	src/stats/cell_count.h \
	src/stats/collected.c \
	src/stats/collected.h \
	src/stats/column.c \
	src/stats/column.h \
	src/stats/column_type.c \
	src/stats/column_type.h \
	src/stats/distribution.c \
	src/stats/distribution.h \
	src/stats/exact_sum.c \
	src/stats/exact_sum.h \
	src/stats/extreme.c \
	src/stats/extreme.h \
	src/stats/few_values.c \
	src/stats/few_values.h \
	src/stats/filter_stats.c \
	src/stats/filter_stats.h \
	src/stats/file_stats.c \
	src/stats/file_stats.h \
	src/stats/frequent.c \
	src/stats/frequent.h \
	src/stats/group_keys.c \
	src/stats/group_keys.h \
	src/stats/group_sums.h \
	src/stats/groups.c \
	src/stats/groups.h \
	src/stats/groups_column.c \
	src/stats/groups_internal.h \
	src/stats/groups_merge.c \
	src/stats/groups_order.c \
	src/stats/groups_restore.c \
	src/stats/groups_values.c \
	src/stats/hash_select.c \
	src/stats/hash_select.h \
	src/stats/histogram.h \
	src/stats/key_table.c \
	src/stats/key_table.h \
	src/stats/percentile.c \
	src/stats/percentile.h \
	src/stats/lookalikes.c \
	src/stats/lookalikes.h \
	src/stats/order.c \
	src/stats/order.h \
	src/stats/pair_sums.c \
	src/stats/pair_sums.h \
	src/stats/pairs.c \
	src/stats/pairs.h \
	src/stats/power_sum.c \
	src/stats/power_sum.h \
	src/stats/ranges.c \
	src/stats/ranges.h \
	src/stats/ranges_codec.c \
	src/stats/ranges_internal.h \
	src/stats/refine.c \
	src/stats/refine.h \
	src/stats/refine_apply.c \
	src/stats/refine_codec.c \
	src/stats/refine_internal.h \
	src/stats/refine_want.c \
	src/stats/refined.c \
	src/stats/refined.h \
	src/stats/refined_codec.c \
	src/stats/rows.c \
	src/stats/rows.h \
	src/stats/sample.c \
	src/stats/sample.h \
	src/stats/sample_aggregate.c \
	src/stats/sample_codec.c \
	src/stats/sample_internal.h \
	src/stats/sample_read.c \
	src/stats/sample_value.c \
	src/stats/sample_value.h \
	src/stats/similar_sets.c \
	src/stats/similar_sets.h \
	src/stats/similar_sets_bitmaps.c \
	src/stats/similar_sets_family.c \
	src/stats/similar_sets_internal.h \
	src/stats/stat_core.c \
	src/stats/stat_distinct.c \
	src/stats/stat_duplicates.c \
	src/stats/stat_facts.c \
	src/stats/stat_histogram.c \
	src/stats/stat_moments.c \
	src/stats/stat_negative.c \
	src/stats/stat_quantiles.c \
	src/stats/stat_top.c \
	src/stats/stat_zeros.c \
	src/stats/statistics.c \
	src/stats/statistics.h \
	src/stats/text_stats.c \
	src/stats/text_stats.h \
	src/stats/summary.c \
	src/stats/summary.h \
	src/stats/summary_headers.c \
	src/stats/summary_intern.c \
	src/stats/summary_internal.h \
	src/stats/summary_join.c \
	src/stats/summary_merge.c \
	src/stats/summary_order.c \
	src/stats/value_counts.c \
	src/stats/value_counts.h \
	\
	src/input/backend.h \
	src/input/backend_file.c \
	src/input/backend_file.h \
	src/input/dir_cache.c \
	src/input/dir_cache.h \
	src/input/discover.c \
	src/input/filter.c \
	src/input/filter.h \
	src/input/inputs.c \
	src/input/inputs.h \
	src/input/inputs_internal.h \
	src/input/inputs_sort.c \
	src/input/manifest.c \
	src/input/manifest.h \
	src/input/other_names.c \
	src/input/other_names.h \
	src/input/probe.c \
	src/input/remote_ops.h \
	src/input/sniff.c \
	src/input/source.c \
	src/input/source.h \
	src/input/url.c \
	src/input/url.h \
	\
	src/input/codec/codec.h \
	src/input/codec/codec_bzip2.c \
	src/input/codec/codec_gzip.c \
	src/input/codec/codec_isal.c \
	src/input/codec/codec_xz.c \
	src/input/codec/codec_zstd.c \
	src/input/codec/decompressor.c \
	src/input/codec/decompressor.h \
	src/input/codec/detect.c \
	src/input/codec/detect.h \
	src/input/codec/seek_index.c \
	src/input/codec/seek_index.h \
	src/input/codec/text_decoder.c \
	src/input/codec/text_decoder.h \
	\
	src/perf/bottleneck.c \
	src/perf/sampler.c \
	src/perf/sampler.h \
	src/perf/samples.c \
	src/perf/samples.h \
	src/perf/stacks.c \
	src/perf/stacks.h \
	src/perf/symbols.c \
	src/perf/symbols.h \
	src/perf/timing.c \
	src/perf/timing.h \
	\
	src/state/codec_context.c \
	src/state/codec_internal.h \
	src/state/column_codec.c \
	src/state/file_codec.c \
	src/state/filter_codec.c \
	src/state/groups_codec.c \
	src/state/header_codec.c \
	src/state/pairs_codec.c \
	src/state/partial_codec.c \
	src/state/state_file.c \
	src/state/state_file.h \
	src/state/state_inputs.c \
	src/state/state_internal.h \
	src/state/state_match.c \
	src/state/state_options.c \
	src/state/state_options_check.c \
	src/state/state_refine.c \
	src/state/summary_codec.c \
	src/state/summary_codec.h \
	\
	src/run/checkpoint.c \
	src/run/checkpoint_thread.c \
	src/run/checkpoint_thread.h \
	src/run/completeness.c \
	src/run/cpu_quota.c \
	src/run/cpu_quota.h \
	src/run/load_states.c \
	src/run/load_states.h \
	src/run/passes.c \
	src/run/plan.c \
	src/run/plan.h \
	src/run/prepare.c \
	src/run/ranks.c \
	src/run/ranks.h \
	src/run/reassembly.c \
	src/run/reassembly.h \
	src/run/scale_guess.h \
	src/run/refine_state.c \
	src/run/results.c \
	src/run/results.h \
	src/run/run.c \
	src/run/run_internal.h \
	src/run/run_ranks.c \
	src/run/settings.c \
	src/run/team.c \
	src/run/thread_times.c \
	src/run/threads.c \
	src/run/threads.h \
	src/run/unit.c \
	src/run/unit_queue.c \
	src/run/unit_queue.h \
	src/run/worker.c \
	src/run/worker.h \
	src/run/worker_batch.c \
	src/run/worker_cell.c \
	src/run/worker_filter.c \
	src/run/worker_filter.h \
	src/run/worker_groups.c \
	src/run/worker_groups.h \
	src/run/worker_header.c \
	src/run/worker_internal.h \
	src/run/worker_key_texts.c \
	src/run/worker_oversized.c \
	src/run/worker_pairs.c \
	src/run/worker_pairs.h \
	src/run/worker_rows.c \
	src/run/worker_quotes.c \
	src/run/worker_record.c \
	src/run/worker_repeat.c \
	src/run/worker_window.c \
	\
	src/report/change_distance.c \
	src/report/change_rules.c \
	src/report/change_rules.h \
	src/report/change_tests.c \
	src/report/change_tests.h \
	src/report/compare.c \
	src/report/compare.h \
	src/report/compare_columns.c \
	src/report/compare_internal.h \
	src/report/compare_match.c \
	src/report/compare_text.c \
	src/report/compare_values.c \
	src/report/correlations.c \
	src/report/correlations.h \
	src/report/correlations_text.c \
	src/report/document.c \
	src/report/duplicates.c \
	src/report/duplicates.h \
	src/report/flamegraph.h \
	src/report/group_ranges.c \
	src/report/grouping.c \
	src/report/grouping.h \
	src/report/html.h \
	src/report/html_card.c \
	src/report/html_changes.c \
	src/report/html_histogram.c \
	src/report/html_strips.c \
	src/report/html_text.c \
	src/report/identifier.c \
	src/report/identifier.h \
	src/report/json_changes.c \
	src/report/json_text.c \
	src/report/json_text.h \
	src/report/json_values.c \
	src/report/lookalike_texts.c \
	src/report/missing_columns.c \
	src/report/missing_columns.h \
	src/report/problem_filters.c \
	src/report/problem_filters.h \
	src/report/problem_types.c \
	src/report/problems.c \
	src/report/problems.h \
	src/report/provenance.c \
	src/report/provenance.h \
	src/report/report.c \
	src/report/report.h \
	src/report/similar_names.c \
	src/report/similar_names.h \
	src/report/snapshot.c \
	src/report/snapshot.h \
	src/report/snapshot_json.c \
	src/report/snapshot_summary.c \
	src/report/table_blocks.c \
	src/report/table_cells.c \
	src/report/table_changes.c \
	src/report/table_groups.c \
	src/report/table_internal.h \
	src/report/table_layout.c \
	src/report/table_names.c \
	src/report/table_problems.c \
	src/report/table_tables.c \
	src/report/write_csv.c \
	src/report/write_flamegraph.c \
	src/report/write_html.c \
	src/report/write_json.c \
	src/report/write_markdown.c \
	src/report/write_table.c \
	src/report/write_timing.c \
	src/report/writers.c \
	src/report/writers.h

# The remote inputs, which only csv-report-remote links.
if HAVE_REMOTE
noinst_LIBRARIES += src/libremote.a
endif
src_libremote_a_CPPFLAGS = $(AM_CPPFLAGS) $(REMOTE_CFLAGS)
src_libremote_a_SOURCES = \
	src/input/remote/backend_remote.c \
	src/input/remote/backend_remote.h \
	src/input/remote/http_attempt.c \
	src/input/remote/http_attempt.h \
	src/input/remote/http_client.c \
	src/input/remote/http_client.h \
	src/input/remote/http_errors.c \
	src/input/remote/http_errors.h \
	src/input/remote/http_response.c \
	src/input/remote/http_response.h \
	src/input/remote/http_retry.c \
	src/input/remote/http_retry.h \
	src/input/remote/http_stream.c \
	src/input/remote/http_stream.h \
	src/input/remote/http_task.c \
	src/input/remote/http_task.h \
	src/input/remote/ini.c \
	src/input/remote/ini.h \
	src/input/remote/object_version.c \
	src/input/remote/object_version.h \
	src/input/remote/prefetch.c \
	src/input/remote/prefetch.h \
	src/input/remote/prefetch_internal.h \
	src/input/remote/prefetch_range.c \
	src/input/remote/prefetch_reader.c \
	src/input/remote/remote.c \
	src/input/remote/remote_context.h \
	src/input/remote/s3_config.c \
	src/input/remote/s3_config.h \
	src/input/remote/s3_error.c \
	src/input/remote/s3_error.h \
	src/input/remote/s3_internal.h \
	src/input/remote/s3_list.c \
	src/input/remote/s3_list.h \
	src/input/remote/s3_sign.c \
	src/input/remote/s3_sign.h \
	src/input/remote/untrusted.h \
	src/input/remote/xml.c \
	src/input/remote/xml.h

# All sources of the programs except their main files.
noinst_LIBRARIES += src/libprogram.a
src_libprogram_a_SOURCES = \
	src/cli/baseline.c \
	src/cli/baseline.h \
	src/cli/checkpoint.c \
	src/cli/checkpoint.h \
	src/cli/collect_inputs.c \
	src/cli/collect_inputs.h \
	src/cli/diagnostics.c \
	src/cli/diagnostics.h \
	src/cli/exec_remote.c \
	src/cli/exec_remote.h \
	src/cli/launcher.c \
	src/cli/launcher.h \
	src/cli/log.c \
	src/cli/log.h \
	src/cli/option_columns.c \
	src/cli/option_rows.h \
	src/cli/option_table.c \
	src/cli/option_table_report.c \
	src/cli/option_values.c \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/options_check.c \
	src/cli/options_help.c \
	src/cli/options_internal.h \
	src/cli/outcome.c \
	src/cli/outcome.h \
	src/cli/output_file.c \
	src/cli/output_file.h \
	src/cli/program.c \
	src/cli/program.h \
	src/cli/progress.c \
	src/cli/progress.h \
	src/cli/provenance.c \
	src/cli/provenance.h \
	src/cli/signals.c \
	src/cli/signals.h \
	src/cli/version.c \
	src/cli/version.h

bin_PROGRAMS += src/csv-report
program_libs = src/libprogram.a src/libcsvreport.a $(BACKTRACE_LIBS) $(CODEC_LIBS)
src_csv_report_SOURCES = src/cli/main.c
src_csv_report_LDADD = $(program_libs)

if HAVE_MPI
bin_PROGRAMS += src/csv-report-mpi
endif
src_csv_report_mpi_SOURCES = src/cli/main_mpi.c
src_csv_report_mpi_CPPFLAGS = $(AM_CPPFLAGS) $(MPI_CPPFLAGS)
src_csv_report_mpi_LDADD = $(program_libs) $(MPI_LIBS)

if HAVE_REMOTE
bin_PROGRAMS += src/csv-report-remote
endif
src_csv_report_remote_SOURCES = src/cli/main_remote.c
src_csv_report_remote_LDADD = src/libprogram.a src/libremote.a src/libcsvreport.a $(REMOTE_LIBS) \
	$(BACKTRACE_LIBS)

# The template of the flame graph, and the style and script of the HTML report, as C strings.
embedded = src/report/flamegraph_svg.h src/report/page_css.h src/report/page_js.h
EXTRA_DIST += src/report/flamegraph.svg.in src/report/page.css src/report/page.js
CLEANFILES += $(embedded) src/report/*_svg.h.tmp src/report/page_*.h.tmp
embed = $(SED) -e 's/^	*//' -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/'
src/report/write_flamegraph.$(OBJEXT): src/report/flamegraph_svg.h
src/report/flamegraph_svg.h: src/report/flamegraph.svg.in
	$(AM_V_GEN)$(MKDIR_P) src/report
	$(AM_V_at){ echo 'static const char flamegraph_svg[] ='; \
		$(embed) $(top_srcdir)/src/report/flamegraph.svg.in; echo ';'; } >$@.tmp
	$(AM_V_at)mv -f $@.tmp $@
src/report/write_html.$(OBJEXT): src/report/page_css.h src/report/page_js.h
src/report/page_css.h: src/report/page.css
	$(AM_V_GEN)$(MKDIR_P) src/report
	$(AM_V_at){ echo 'static const char page_css[] ='; \
		$(embed) $(top_srcdir)/src/report/page.css; echo ';'; } >$@.tmp
	$(AM_V_at)mv -f $@.tmp $@
src/report/page_js.h: src/report/page.js
	$(AM_V_GEN)$(MKDIR_P) src/report
	$(AM_V_at){ echo 'static const char page_js[] ='; \
		$(embed) $(top_srcdir)/src/report/page.js; echo ';'; } >$@.tmp
	$(AM_V_at)mv -f $@.tmp $@
