# tests/local.mk - all tests speak TAP; the driver adds up their lines
#
# Check programs  tests/test_NAME.c, built from that one file; name it in unit_tests
# Shell tests     tests/NAME.sh, run by sh; name it in shell_tests, or slow_tests
# Cases           tests/cases/NAME.cases, run by run_cases.sh; name it in case_tests
# Soak            tests/soak.sh, by `make soak` only
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
	tests/cases/errors.cases \
	tests/cases/exactness.cases \
	tests/cases/headers.cases \
	tests/cases/options.cases \
	tests/cases/records.cases

helper_programs = \
	tests/hostile
tests_hostile_LDADD =

helpers = \
	tests/browser.js \
	tests/cases/README.md \
	tests/check_main.h \
	tests/fault_inject.c \
	tests/fault_proxy.py \
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
	tests/swift_node.py

EXTRA_DIST += $(slow_tests) $(shell_tests) $(case_tests) $(helpers)
TESTS += $(slow_tests)
check_PROGRAMS += $(helper_programs)

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
else
TESTS += tests/no_check.sh
EXTRA_DIST += $(unit_tests:=.c) $(remote_tests:=.c)
endif
TESTS += $(shell_tests) $(case_tests)

AM_TESTS_ENVIRONMENT = \
	CSV_REPORT='$(abs_top_builddir)/src/csv-report$(EXEEXT)'; export CSV_REPORT; \
	srcdir='$(abs_top_srcdir)'; export srcdir; \
	builddir='$(abs_top_builddir)'; export builddir; \
	MPIEXEC='$(MPIEXEC)'; export MPIEXEC; \
	CC='$(CC)'; export CC;

# Ten minutes, so not part of `make check`.
.PHONY: soak
soak: src/csv-report$(EXEEXT) data/make_data$(EXEEXT)
	builddir='$(abs_top_builddir)' sh $(top_srcdir)/tests/soak.sh

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
