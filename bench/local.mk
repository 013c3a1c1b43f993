# bench/local.mk - benchmark programs and scripts; by default, only those that tests use are built

bench_baselines = \
	bench/fast \
	bench/mid \
	bench/slow \
	data/make_data

bench_programs = \
	bench/bandwidth \
	bench/group_rows \
	bench/micro \
	bench/stopwatch

# Shared by slow, mid and fast.
baseline = bench/baseline.h bench/self_profile.c bench/self_profile.h

bench_draw_SOURCES = bench/draw.c
bench_fast_SOURCES = bench/fast.c bench/split.h $(baseline)
bench_bandwidth_SOURCES = bench/bandwidth.c
bench_group_rows_SOURCES = bench/group_rows.c
bench_micro_SOURCES = bench/micro.c
bench_mid_SOURCES = bench/mid.c bench/split.h $(baseline)
bench_slow_SOURCES = bench/slow.c $(baseline)
bench_stopwatch_SOURCES = bench/stopwatch.c

bench_draw_LDADD = src/libcsvreport.a $(BACKTRACE_LIBS)
bench_fast_LDADD = src/libcsvreport.a $(BACKTRACE_LIBS)
bench_bandwidth_LDADD =
bench_group_rows_LDADD =
bench_micro_LDADD = src/libcsvreport.a
bench_mid_LDADD = src/libcsvreport.a $(BACKTRACE_LIBS)
bench_slow_LDADD = src/libcsvreport.a $(BACKTRACE_LIBS)
bench_stopwatch_LDADD =
data_make_data_LDADD =

bench_scripts = \
	bench/article.sh \
	bench/bench.sh \
	bench/codecs.sh \
	bench/common.sh \
	bench/damage.sh \
	bench/flamegraph.sh \
	bench/groups.sh \
	bench/growth.sh \
	bench/instructions.sh \
	bench/machine.sh \
	bench/memory.sh \
	bench/ranks.sh \
	bench/remote.sh \
	bench/runtimes/run.sh \
	bench/startup.sh \
	bench/states.sh

check_PROGRAMS += $(bench_baselines) bench/draw
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += $(bench_scripts) \
	bench/README.md \
	bench/RESULTS.md \
	bench/growth.gnuplot \
	bench/instructions.txt \
	bench/ranks.gnuplot \
	bench/plots/bytes.svg \
	bench/plots/columns.svg \
	bench/plots/files.svg \
	bench/plots/ranks.svg \
	bench/plots/states.svg \
	bench/plots/threads.svg \
	bench/peers/clickhouse.js \
	bench/peers/columns.awk \
	bench/peers/data_table.R \
	bench/peers/damage.js \
	bench/peers/duckdb.js \
	bench/peers/install \
	bench/peers/polars.js \
	bench/perf_fold.awk \
	bench/plateau.awk \
	bench/runtimes/report.js \
	bench/runtimes/report.py \
	bench/states.gnuplot \
	bench/tables.awk

bench_environment = srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)'

# Each benchmark has its own target; `make bench-programs` only builds the programs.
.PHONY: article bench bench-codecs bench-damage bench-groups bench-growth bench-instructions bench-memory \
	bench-micro bench-peers bench-programs bench-ranks bench-remote bench-startup bench-states flamegraph \
	runtimes
bench-programs: src/csv-report$(EXEEXT) $(bench_programs) $(bench_baselines) bench/draw$(EXEEXT)
bench-codecs: bench-programs
	$(bench_environment) sh $(srcdir)/bench/codecs.sh

article: bench-programs
	$(bench_environment) sh $(srcdir)/bench/article.sh
bench: bench-programs
	$(bench_environment) sh $(srcdir)/bench/bench.sh
bench-micro: bench-programs
	bench/micro
bench-damage: src/csv-report$(EXEEXT)
	$(bench_environment) sh $(srcdir)/bench/damage.sh
bench-memory: bench-programs
	$(bench_environment) sh $(srcdir)/bench/memory.sh
bench-groups: bench-programs
	$(bench_environment) sh $(srcdir)/bench/groups.sh
bench-growth: bench-programs
	$(bench_environment) sh $(srcdir)/bench/growth.sh
bench-ranks: bench-programs
	$(bench_environment) sh $(srcdir)/bench/ranks.sh
bench-remote: bench-programs src/csv-report-remote$(EXEEXT)
	$(bench_environment) sh $(srcdir)/bench/remote.sh
bench-startup: bench-programs
	$(bench_environment) sh $(srcdir)/bench/startup.sh
bench-states: bench-programs
	$(bench_environment) sh $(srcdir)/bench/states.sh
bench-instructions: bench-programs
	$(bench_environment) sh $(srcdir)/bench/instructions.sh
flamegraph: bench-programs
	$(bench_environment) sh $(srcdir)/bench/flamegraph.sh
bench-peers:
	sh $(srcdir)/bench/peers/install bench/out/peers
runtimes: bench-programs
	$(bench_environment) sh $(srcdir)/bench/runtimes/run.sh
