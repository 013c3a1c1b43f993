# tests/local.mk - the tests; all print TAP, from which the driver counts the results
#
# unit/     Check programs test_NAME.c, each built from that one file; listed in unit_tests
# program/  shell tests of the built programs, run by sh; listed in program_tests or slow_tests
# cases/    NAME.cases, run by tools/run_cases.sh; listed in case_tests
# fuzz/     fuzz targets NAME.c, each built from that one file and a main; listed in fuzz_targets.
#           fuzz.sh runs them on their seeds, `make fuzz` on generated inputs
# source/   shell tests of the source tree; listed in source_tests
# tools/    helpers of the tests, `make soak` and `make coverage`; listed in test_tools, or in
#           tool_programs if they are built
#
# Tests get the program in $CSV_REPORT, the top of the source tree in $srcdir, that of the build tree in
# $builddir (all absolute), and the compiler in $CC. They start in the top build directory.

# ---- unit/ ----

unit_tests = \
	tests/unit/test_bigint \
	tests/unit/test_bottleneck \
	tests/unit/test_buckets \
	tests/unit/test_clock \
	tests/unit/test_codec \
	tests/unit/test_collected \
	tests/unit/test_column_type \
	tests/unit/test_compare \
	tests/unit/test_data_tables \
	tests/unit/test_condition \
	tests/unit/test_date_time \
	tests/unit/test_decimal \
	tests/unit/test_dialect \
	tests/unit/test_discover \
	tests/unit/test_exact_sum \
	tests/unit/test_extreme \
	tests/unit/test_few_values \
	tests/unit/test_format \
	tests/unit/test_group_kernels \
	tests/unit/test_grouping \
	tests/unit/test_group_keys \
	tests/unit/test_groups \
	tests/unit/test_kernels \
	tests/unit/test_lookalikes \
	tests/unit/test_manifest \
	tests/unit/test_moments \
	tests/unit/test_order \
	tests/unit/test_pairs \
	tests/unit/test_passes \
	tests/unit/test_plan \
	tests/unit/test_profile \
	tests/unit/test_quantiles \
	tests/unit/test_serialize \
	tests/unit/test_rows \
	tests/unit/test_sha256 \
	tests/unit/test_sample \
	tests/unit/test_similar_sets \
	tests/unit/test_sniff \
	tests/unit/test_source \
	tests/unit/test_state \
	tests/unit/test_statistics \
	tests/unit/test_summary \
	tests/unit/test_table \
	tests/unit/test_text \
	tests/unit/test_threads \
	tests/unit/test_unit_queue
tests_unit_test_codec_LDADD = $(LDADD) $(CODEC_TEST_LIBS)

# Tests that replace functions with their own versions.
wrapping_tests = \
	tests/unit/test_no_memory
tests_unit_test_no_memory_LDFLAGS = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=strndup,--wrap=free

# Tests of the sources that only csv-report-remote links.
remote_tests = \
	tests/unit/test_http_client \
	tests/unit/test_prefetch \
	tests/unit/test_s3 \
	tests/unit/test_s3_list
remote_ldadd = src/libremote.a src/libcsvreport.a $(REMOTE_LIBS) $(CODEC_LIBS) $(CHECK_LIBS) \
	$(MATH_LIBS) $(BACKTRACE_LIBS)
tests_unit_test_http_client_LDADD = $(remote_ldadd)
tests_unit_test_prefetch_LDADD = $(remote_ldadd)
tests_unit_test_s3_LDADD = $(remote_ldadd)
tests_unit_test_s3_list_LDADD = $(remote_ldadd)

LDADD = src/libcsvreport.a $(CHECK_LIBS) $(MATH_LIBS) $(BACKTRACE_LIBS) $(CODEC_LIBS)

# The scripts replace the unit tests if Check or libcurl is missing.
EXTRA_DIST += tests/unit/check_main.h tests/unit/no_check.sh tests/unit/no_curl.sh \
	tests/unit/batch_kernels.h tests/unit/column_value.h tests/unit/random.h

# ---- program/ ----

# The slow tests start first, so that none of them is the last to finish.
slow_tests = \
	tests/program/oracle.sh \
	tests/program/laws.sh \
	tests/program/exact.sh \
	tests/program/remote.sh \
	tests/program/remote_http.sh \
	tests/program/slurm.sh \
	tests/program/checkpoint.sh \
	tests/program/faults.sh \
	tests/program/groups.sh \
	tests/program/states.sh \
	tests/program/tables.sh \
	tests/program/mpi.sh

program_tests = \
	tests/program/article.sh \
	tests/program/browser.sh \
	tests/program/histograms.sh \
	tests/program/html.sh \
	tests/program/cases_selftest.sh \
	tests/program/codecs.sh \
	tests/program/compare.sh \
	tests/program/encodings.sh \
	tests/program/errors.sh \
	tests/program/refine.sh \
	tests/program/flamegraph.sh \
	tests/program/hardening.sh \
	tests/program/harmless.sh \
	tests/program/hostile_directory.sh \
	tests/program/job_scripts.sh \
	tests/program/damage.sh \
	tests/program/nist.sh \
	tests/program/options.sh \
	tests/program/sniffing.sh \
	tests/program/timing.sh \
	tests/program/where.sh

# ---- cases/ ----

case_tests = \
	tests/cases/cells.cases \
	tests/cases/compare.cases \
	tests/cases/correlation.cases \
	tests/cases/duplicates.cases \
	tests/cases/dialect_business.cases \
	tests/cases/dialect_databases.cases \
	tests/cases/dialect_encoding.cases \
	tests/cases/dialect_loggers.cases \
	tests/cases/dialect_numbers.cases \
	tests/cases/dialect_repeat.cases \
	tests/cases/dialect_rfc4180.cases \
	tests/cases/dialect_shapes.cases \
	tests/cases/dialect_spreadsheets.cases \
	tests/cases/dialect_statistics.cases \
	tests/cases/dialect_syntax.cases \
	tests/cases/dialect_table.cases \
	tests/cases/dialect_text.cases \
	tests/cases/dialect_variants.cases \
	tests/cases/errors.cases \
	tests/cases/exactness.cases \
	tests/cases/facts.cases \
	tests/cases/groups.cases \
	tests/cases/headers.cases \
	tests/cases/options.cases \
	tests/cases/records.cases \
	tests/cases/table.cases \
	tests/cases/tables.cases \
	tests/cases/types.cases \
	tests/cases/walk.cases \
	tests/cases/where.cases
EXTRA_DIST += tests/cases/README.md

# ---- fuzz/ ----

# In `make check` the main of tests/fuzz/replay.c calls the targets. With an engine fuzz_main is empty.
check_LIBRARIES = tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c
fuzz_main = tests/fuzz/libreplay.a

fuzz_targets = \
	tests/fuzz/codec \
	tests/fuzz/kernels \
	tests/fuzz/names \
	tests/fuzz/numbers \
	tests/fuzz/options \
	tests/fuzz/scan \
	tests/fuzz/split \
	tests/fuzz/state \
	tests/fuzz/summary
fuzz_ldadd = $(fuzz_main) src/libcsvreport.a $(CODEC_LIBS) $(MATH_LIBS)
tests_fuzz_codec_LDADD = $(fuzz_ldadd) $(CODEC_TEST_LIBS)
tests_fuzz_kernels_LDADD = $(fuzz_ldadd)
tests_fuzz_names_LDADD = $(fuzz_ldadd)
tests_fuzz_numbers_LDADD = $(fuzz_ldadd)
tests_fuzz_options_LDADD = $(fuzz_main) src/libprogram.a src/libcsvreport.a $(BACKTRACE_LIBS) \
	$(CODEC_LIBS) $(MATH_LIBS)
tests_fuzz_scan_LDADD = $(fuzz_ldadd)
tests_fuzz_split_LDADD = $(fuzz_ldadd)
tests_fuzz_state_LDADD = $(fuzz_ldadd) $(BACKTRACE_LIBS)
tests_fuzz_summary_LDADD = $(fuzz_ldadd)

# Targets for the sources that only csv-report-remote links.
remote_fuzz_targets = \
	tests/fuzz/http \
	tests/fuzz/ini \
	tests/fuzz/xml
remote_fuzz_ldadd = $(fuzz_main) src/libremote.a src/libcsvreport.a $(REMOTE_LIBS) $(CODEC_LIBS) \
	$(MATH_LIBS)
tests_fuzz_http_CPPFLAGS = $(AM_CPPFLAGS) $(REMOTE_CFLAGS)
tests_fuzz_http_LDADD = $(remote_fuzz_ldadd)
tests_fuzz_ini_LDADD = $(remote_fuzz_ldadd)
tests_fuzz_xml_LDADD = $(remote_fuzz_ldadd)
if HAVE_REMOTE
fuzz_targets += $(remote_fuzz_targets)
else
EXTRA_DIST += $(remote_fuzz_targets:=.c)
endif

fuzz_tests = \
	tests/fuzz/fuzz.sh

# Shared files, seeds and crashes of the targets, and dictionaries and options for the engines.
fuzz_data = \
	tests/fuzz/.gitattributes \
	tests/fuzz/cells.h \
	tests/fuzz/codec.dict \
	tests/fuzz/column_names.h \
	tests/fuzz/crashes \
	tests/fuzz/decisions.h \
	tests/fuzz/digits.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/http.dict \
	tests/fuzz/ini.dict \
	tests/fuzz/input.h \
	tests/fuzz/law.h \
	tests/fuzz/names.dict \
	tests/fuzz/notation.h \
	tests/fuzz/numbers.dict \
	tests/fuzz/options.dict \
	tests/fuzz/reader.h \
	tests/fuzz/run.sh \
	tests/fuzz/scan.dict \
	tests/fuzz/seeds \
	tests/fuzz/split.dict \
	tests/fuzz/state.dict \
	tests/fuzz/state_seeds.sh \
	tests/fuzz/state_text.py \
	tests/fuzz/summary.dict \
	tests/fuzz/table.h \
	tests/fuzz/times.h \
	tests/fuzz/uncovered.list \
	tests/fuzz/unpack.sh \
	tests/fuzz/xml.dict

# ---- source/ ----

source_tests = \
	tests/source/layers.sh \
	tests/source/lists.sh \
	tests/source/words.sh

# ---- tools/ ----

tool_programs = \
	tests/tools/hostile
tests_tools_hostile_LDADD =

test_tools = \
	tests/tools/browser.js \
	tests/tools/page.js \
	tests/tools/check_histograms.py \
	tests/tools/compare_samples.py \
	tests/tools/coverage.awk \
	tests/tools/coverage.sh \
	tests/tools/coverage_exit.c \
	tests/tools/fault_inject.c \
	tests/tools/find_browser.sh \
	tests/tools/fault_proxy.py \
	tests/tools/group_directories.py \
	tests/tools/harmless.py \
	tests/tools/hostile_directory.py \
	tests/tools/http_server.py \
	tests/tools/damage.py \
	tests/tools/oracle.py \
	tests/tools/oracle_groups.py \
	tests/tools/oracle_table.py \
	tests/tools/oracle_where.py \
	tests/tools/planted_changes.py \
	tests/tools/program.sh \
	tests/tools/read_state.py \
	tests/tools/remote_data.py \
	tests/tools/run_cases.sh \
	tests/tools/s3_put.py \
	tests/tools/s3_server.sh \
	tests/tools/servers.sh \
	tests/tools/slurm_cluster.sh \
	tests/tools/soak.sh \
	tests/tools/soak_changes.py \
	tests/tools/states.sh \
	tests/tools/swift_node.py \
	tests/tools/table_directories.py \
	tests/tools/well_formed.py

# ---- all of them ----

shell_tests = $(program_tests) $(source_tests) $(fuzz_tests)
EXTRA_DIST += $(slow_tests) $(shell_tests) $(case_tests) $(fuzz_data) $(test_tools)
TESTS += $(slow_tests)
check_PROGRAMS += $(tool_programs) $(fuzz_targets)

TEST_EXTENSIONS = .sh .cases

if HAVE_CHECK
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
if HAVE_REMOTE
check_PROGRAMS += $(remote_tests)
TESTS += $(remote_tests)
else
TESTS += tests/unit/no_curl.sh
EXTRA_DIST += $(remote_tests:=.c)
endif
if CAN_WRAP
check_PROGRAMS += $(wrapping_tests)
TESTS += $(wrapping_tests)
else
EXTRA_DIST += $(wrapping_tests:=.c)
endif
else
TESTS += tests/unit/no_check.sh
EXTRA_DIST += $(unit_tests:=.c) $(remote_tests:=.c) $(wrapping_tests:=.c)
endif
TESTS += $(shell_tests) $(case_tests)

AM_TESTS_ENVIRONMENT = \
	CSV_REPORT='$(abs_top_builddir)/src/csv-report$(EXEEXT)'; export CSV_REPORT; \
	srcdir='$(abs_top_srcdir)'; export srcdir; \
	builddir='$(abs_top_builddir)'; export builddir; \
	MPIEXEC='$(MPIEXEC)'; export MPIEXEC; \
	CC='$(CC)'; export CC; \
	HARDENING='$(hardening)'; export HARDENING;

# Prints all tests of this build, from which a caller can select.
.PHONY: list-tests
list-tests:
	@echo $(TESTS)

# Not part of `make check`, because its two parts take ten minutes each; SOAK_SECONDS sets the time of each.
.PHONY: soak
soak: src/csv-report$(EXEEXT) data/make_data$(EXEEXT)
	builddir='$(abs_top_builddir)' sh $(top_srcdir)/tests/tools/soak.sh

# The head of tests/fuzz/run.sh lists its variables: FUZZ_TIME, FUZZ_TARGETS and others.
.PHONY: fuzz fuzz-afl fuzz-programs
fuzz-programs: $(fuzz_targets:=$(EXEEXT))
fuzz:
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
		sh $(top_srcdir)/tests/fuzz/run.sh libfuzzer
fuzz-afl:
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
		sh $(top_srcdir)/tests/fuzz/run.sh afl
# Configures its own build below this one.
.PHONY: coverage
coverage:
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' CC='$(CC)' \
		sh $(top_srcdir)/tests/tools/coverage.sh

# --comments prints the diagnostics of a failing test on the terminal. The exit status of a script is
# ignored: it only repeats the `not ok` lines, and a script that dies prints no plan. That of a Check
# program counts, because it may be the only sign of a sanitizer's finding.
tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
AM_LOG_DRIVER_FLAGS = --comments
SH_LOG_DRIVER = $(tap_driver)
AM_SH_LOG_DRIVER_FLAGS = --comments --ignore-exit
SH_LOG_COMPILER = sh
CASES_LOG_DRIVER = $(tap_driver)
AM_CASES_LOG_DRIVER_FLAGS = --comments --ignore-exit
CASES_LOG_COMPILER = sh
AM_CASES_LOG_FLAGS = $(top_srcdir)/tests/tools/run_cases.sh
