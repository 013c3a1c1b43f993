# tests/local.mk - all tests speak TAP; the driver adds up their lines
#
# Check programs  tests/test_NAME.c, built from that one file; name it in unit_tests
# Shell tests     tests/NAME.sh, run by sh; name it in shell_tests, or slow_tests
# Cases           tests/cases/NAME.cases, run by run_cases.sh; name it in case_tests
# Fuzz targets    tests/fuzz/NAME.c, each built from that one file and what calls it; name it in
#                 fuzz_targets. tests/fuzz.sh hands them what they start from, `make fuzz` all else
# Soak            tests/soak.sh and soak_changes.py, by `make soak` only
# Coverage        tests/coverage.sh, by `make coverage` only
# Helpers         programs that tests use, in helper_programs; all else they need, in helpers
#
# A test finds the program in $CSV_REPORT, the top of the source tree in $srcdir, that of the build
# tree in $builddir (all absolute), and the compiler in $CC. It starts in the top build folder.

unit_tests = \
	tests/test_bytes \
	tests/test_clock \
	tests/test_codec \
	tests/test_decimal \
	tests/test_dialect \
	tests/test_digest \
	tests/test_discover \
	tests/test_exact \
	tests/test_format \
	tests/test_kernels \
	tests/test_listing \
	tests/test_plan \
	tests/test_profile \
	tests/test_source \
	tests/test_state \
	tests/test_summary \
	tests/test_threads \
	tests/test_verdict \
	tests/test_wide

# Of those that put functions of their own in place of others.
wrapping_tests = \
	tests/test_no_memory
tests_test_no_memory_LDFLAGS = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strndup,--wrap=free

# These go first: begun last, they would be waited for by nothing else.
slow_tests = \
	tests/remote.sh \
	tests/remote_http.sh \
	tests/slurm.sh \
	tests/checkpoint.sh \
	tests/faults.sh \
	tests/states.sh \
	tests/mpi.sh

# Of what csv-report-remote links besides.
remote_tests = \
	tests/test_bucket \
	tests/test_parts \
	tests/test_s3 \
	tests/test_transfer

shell_tests = \
	tests/article.sh \
	tests/browser.sh \
	tests/cases_selftest.sh \
	tests/codecs.sh \
	tests/errors.sh \
	tests/flamegraph.sh \
	tests/fuzz.sh \
	tests/hostile_directory.sh \
	tests/hardening.sh \
	tests/harmless.sh \
	tests/job_scripts.sh \
	tests/laws.sh \
	tests/layers.sh \
	tests/lists.sh \
	tests/nist.sh \
	tests/options.sh \
	tests/oracle.sh \
	tests/timing.sh

case_tests = \
	tests/cases/cells.cases \
	tests/cases/dialect_business.cases \
	tests/cases/dialect_databases.cases \
	tests/cases/dialect_loggers.cases \
	tests/cases/dialect_rfc4180.cases \
	tests/cases/dialect_shapes.cases \
	tests/cases/dialect_spreadsheets.cases \
	tests/cases/dialect_statistics.cases \
	tests/cases/dialect_text.cases \
	tests/cases/errors.cases \
	tests/cases/exactness.cases \
	tests/cases/headers.cases \
	tests/cases/options.cases \
	tests/cases/records.cases

helper_programs = \
	tests/hostile
tests_hostile_LDADD =

# tests/fuzz/replay.c calls them in `make check`; where an engine does, fuzz_main is nothing.
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

# Of what csv-report-remote links besides.
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

# What they start from, folders of files for each, and words and options for the engines.
fuzz_data = \
	tests/fuzz/.gitattributes \
	tests/fuzz/codec.dict \
	tests/fuzz/crashes \
	tests/fuzz/http.dict \
	tests/fuzz/ini.dict \
	tests/fuzz/names.dict \
	tests/fuzz/crashes \
	tests/fuzz/numbers.dict \
	tests/fuzz/options.dict \
	tests/fuzz/scan.dict \
	tests/fuzz/seeds \
	tests/fuzz/split.dict \
	tests/fuzz/state.dict \
	tests/fuzz/summary.dict \
	tests/fuzz/uncovered.list \
	tests/fuzz/xml.dict

helpers = \
	tests/browser.js \
	tests/cases/README.md \
	tests/check_main.h \
	tests/coverage.awk \
	tests/coverage.sh \
	tests/coverage_exit.c \
	tests/fault_inject.c \
	tests/fault_proxy.py \
	tests/fuzz/cells.h \
	tests/fuzz/digits.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/input.h \
	tests/fuzz/law.h \
	tests/fuzz/notation.h \
	tests/fuzz/reader.h \
	tests/fuzz/run.sh \
	tests/fuzz/state_text.py \
	tests/fuzz/unpack.sh \
	tests/hostile_directory.py \
	tests/harmless.py \
	tests/http_server.py \
	tests/no_check.sh \
	tests/no_curl.sh \
	tests/oracle.py \
	tests/program.sh \
	tests/remote_data.py \
	tests/read_state.py \
	tests/run_cases.sh \
	tests/s3_put.py \
	tests/s3_server.sh \
	tests/servers.sh \
	tests/slurm_cluster.sh \
	tests/soak.sh \
	tests/soak_changes.py \
	tests/swift_node.py

EXTRA_DIST += $(slow_tests) $(shell_tests) $(case_tests) $(helpers) $(fuzz_data)
TESTS += $(slow_tests)
check_PROGRAMS += $(helper_programs) $(fuzz_targets)

TEST_EXTENSIONS = .sh .cases
tests_test_codec_LDADD = $(LDADD) $(CODEC_TEST_LIBS)
LDADD = src/libcsvreport.a $(CHECK_LIBS) $(MATH_LIBS) $(BACKTRACE_LIBS) $(CODEC_LIBS)

remote_ldadd = src/libremote.a src/libcsvreport.a $(REMOTE_LIBS) $(CODEC_LIBS) $(CHECK_LIBS) \
	$(MATH_LIBS) $(BACKTRACE_LIBS)
tests_test_parts_LDADD = $(remote_ldadd)
tests_test_bucket_LDADD = $(remote_ldadd)
tests_test_s3_LDADD = $(remote_ldadd)
tests_test_transfer_LDADD = $(remote_ldadd)

if HAVE_CHECK
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
if HAVE_REMOTE
check_PROGRAMS += $(remote_tests)
TESTS += $(remote_tests)
else
TESTS += tests/no_curl.sh
EXTRA_DIST += $(remote_tests:=.c)
endif
if CAN_WRAP
check_PROGRAMS += $(wrapping_tests)
TESTS += $(wrapping_tests)
else
EXTRA_DIST += $(wrapping_tests:=.c)
endif
else
TESTS += tests/no_check.sh
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

# All tests of this build, for who wants to leave some out.
.PHONY: list-tests
list-tests:
	@echo $(TESTS)

# Twice ten minutes, so not part of `make check`; SOAK_SECONDS is the time of each of the two parts.
.PHONY: soak
soak: src/csv-report$(EXEEXT) data/make_data$(EXEEXT)
	builddir='$(abs_top_builddir)' sh $(top_srcdir)/tests/soak.sh

# tests/fuzz/run.sh says what may be set: FUZZ_TIME, FUZZ_TARGETS and others.
.PHONY: fuzz fuzz-afl fuzz-programs
fuzz-programs: $(fuzz_targets:=$(EXEEXT))
fuzz:
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
		sh $(top_srcdir)/tests/fuzz/run.sh libfuzzer
fuzz-afl:
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
		sh $(top_srcdir)/tests/fuzz/run.sh afl
# In a build of its own below this one.
.PHONY: coverage
coverage:
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' CC='$(CC)' \
		sh $(top_srcdir)/tests/coverage.sh

# --comments shows the diagnostics of a failing test on the terminal. A script's exit status only
# repeats its `not ok` lines, and one that dies lacks its plan; that of a Check program may be the
# only word of a sanitizer, so it counts.
tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
AM_LOG_DRIVER_FLAGS = --comments
SH_LOG_DRIVER = $(tap_driver)
AM_SH_LOG_DRIVER_FLAGS = --comments --ignore-exit
SH_LOG_COMPILER = sh
CASES_LOG_DRIVER = $(tap_driver)
AM_CASES_LOG_DRIVER_FLAGS = --comments --ignore-exit
CASES_LOG_COMPILER = sh
AM_CASES_LOG_FLAGS = $(top_srcdir)/tests/run_cases.sh
