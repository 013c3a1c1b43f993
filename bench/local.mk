# bench/local.mk - programs to measure with; `make bench` builds them, nothing runs or installs them

bench_programs = \
	bench/fast \
	bench/mid \
	bench/slow \
	data/make_data

bench_fast_SOURCES = bench/fast.c bench/ways.h
bench_mid_SOURCES = bench/mid.c bench/ways.h
bench_slow_SOURCES = bench/slow.c bench/ways.h

bench_fast_LDADD =
bench_mid_LDADD =
bench_slow_LDADD =
data_make_data_LDADD =

EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)

.PHONY: bench
bench: src/csv-report$(EXEEXT) $(bench_programs)
