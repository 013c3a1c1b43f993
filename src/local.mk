# src/local.mk - the library, floor by floor, and the programs that link it
#
# One line per file, in the order of the alphabet: headers too, so that they are distributed.

noinst_LIBRARIES += src/libcsvreport.a
src_libcsvreport_a_SOURCES = \
	src/csvreport.h \
	\
	src/base/bytes.c \
	src/base/bytes.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/digest.c \
	src/base/digest.h \
	src/base/hash.c \
	src/base/hash.h \
	src/base/io.c \
	src/base/io.h \
	src/base/lanes_avx2.h \
	src/base/lanes_avx512.h \
	src/base/lanes_end.h \
	src/base/lanes_neon.h \
	src/base/lanes_scalar.h \
	src/base/memory.c \
	src/base/memory.h \
	src/base/nearest.c \
	src/base/nearest.h \
	src/base/status.c \
	src/base/status.h \
	src/base/wide.c \
	src/base/wide.h \
	\
	src/parse/boundary.c \
	src/parse/boundary.h \
	src/parse/decimal.c \
	src/parse/decimal.h \
	src/parse/dialect.c \
	src/parse/dialect.h \
	src/parse/header.c \
	src/parse/header.h \
	src/parse/kernel.c \
	src/parse/kernel.h \
	src/parse/kernel_avx2.c \
	src/parse/kernel_avx512.c \
	src/parse/kernel_neon.c \
	src/parse/kernel_scalar.c \
	src/parse/kernel_template.h \
	src/parse/scalar.c \
	src/parse/scalar.h \
	src/parse/select.c \
	src/parse/select.h \
	\
	src/stats/column.c \
	src/stats/column.h \
	src/stats/exact.c \
	src/stats/exact.h \
	src/stats/state.c \
	src/stats/state.h \
	src/stats/summary.c \
	src/stats/summary.h \
	src/stats/table.c \
	src/stats/table.h \
	src/stats/totals.c \
	src/stats/totals.h \
	src/stats/totals_avx2.c \
	src/stats/totals_avx512.c \
	src/stats/totals_kernels.h \
	src/stats/totals_neon.c \
	src/stats/totals_scalar.c \
	src/stats/totals_template.h \
	\
	src/input/backend.h \
	src/input/backend_file.c \
	src/input/backend_file.h \
	src/input/codec.c \
	src/input/codec.h \
	src/input/codec_bzip2.c \
	src/input/codec_format.h \
	src/input/codec_gzip.c \
	src/input/codec_isal.c \
	src/input/codec_xz.c \
	src/input/codec_zstd.c \
	src/input/discover.c \
	src/input/discover.h \
	src/input/filter.c \
	src/input/filter.h \
	src/input/folder.c \
	src/input/folder.h \
	src/input/library.c \
	src/input/library.h \
	src/input/list.c \
	src/input/list.h \
	src/input/listing.c \
	src/input/listing.h \
	src/input/remote.h \
	src/input/seek.c \
	src/input/seek.h \
	src/input/source.c \
	src/input/source.h \
	\
	src/profile/sampler.c \
	src/profile/sampler.h \
	src/profile/samples.c \
	src/profile/samples.h \
	src/profile/stacks.c \
	src/profile/stacks.h \
	src/profile/symbols.c \
	src/profile/symbols.h \
	\
	src/run/chain.c \
	src/run/chain.h \
	src/run/found.c \
	src/run/found.h \
	src/run/keeper.c \
	src/run/keeper.h \
	src/run/merge.c \
	src/run/merge.h \
	src/run/peers.c \
	src/run/peers.h \
	src/run/plan.c \
	src/run/plan.h \
	src/run/run.c \
	src/run/saved.c \
	src/run/saved.h \
	src/run/threads.c \
	src/run/threads.h \
	src/run/timing.c \
	src/run/timing.h \
	src/run/verdict.c \
	src/run/worker.c \
	src/run/worker.h \
	\
	src/report/flamegraph.h \
	src/report/problems.c \
	src/report/problems.h \
	src/report/report.c \
	src/report/report.h \
	src/report/text.c \
	src/report/text.h \
	src/report/write_csv.c \
	src/report/write_flamegraph.c \
	src/report/write_json.c \
	src/report/write_md.c \
	src/report/write_table.c \
	src/report/write_timing.c

# What reads over the network; only csv-report-remote has it.
if HAVE_REMOTE
noinst_LIBRARIES += src/libremote.a
endif
src_libremote_a_CPPFLAGS = $(AM_CPPFLAGS) $(REMOTE_CFLAGS)
src_libremote_a_SOURCES = \
	src/input/access.h \
	src/input/answer.c \
	src/input/answer.h \
	src/input/attempt.c \
	src/input/attempt.h \
	src/input/backend_remote.c \
	src/input/backend_remote.h \
	src/input/bucket.c \
	src/input/bucket.h \
	src/input/flow.c \
	src/input/flow.h \
	src/input/ini.c \
	src/input/ini.h \
	src/input/parts.c \
	src/input/parts.h \
	src/input/refusal.c \
	src/input/remote.c \
	src/input/s3.c \
	src/input/s3.h \
	src/input/s3_private.h \
	src/input/told.h \
	src/input/transfer.c \
	src/input/transfer.h \
	src/input/xml.c \
	src/input/xml.h

# What all programs are made of but their main.
noinst_LIBRARIES += src/libprogram.a
src_libprogram_a_SOURCES = \
	src/cli/checkpoint.c \
	src/cli/checkpoint.h \
	src/cli/elsewhere.c \
	src/cli/elsewhere.h \
	src/cli/launch.c \
	src/cli/launch.h \
	src/cli/measure.c \
	src/cli/measure.h \
	src/cli/message.c \
	src/cli/message.h \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/output.c \
	src/cli/output.h \
	src/cli/program.c \
	src/cli/program.h \
	src/cli/progress.c \
	src/cli/progress.h \
	src/cli/stop.c \
	src/cli/stop.h

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

# The picture that boxes are put into, as a string of C.
EXTRA_DIST += src/report/flamegraph.svg.in
CLEANFILES += src/report/flamegraph_svg.h src/report/flamegraph_svg.tmp
src/report/write_flamegraph.$(OBJEXT): src/report/flamegraph_svg.h
src/report/flamegraph_svg.h: src/report/flamegraph.svg.in
	$(AM_V_GEN)$(MKDIR_P) src/report
	$(AM_V_at)echo 'static const char flamegraph_svg[] =' >src/report/flamegraph_svg.tmp
	$(AM_V_at)$(SED) -e 's/^	*//' -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' \
		$(top_srcdir)/src/report/flamegraph.svg.in >>src/report/flamegraph_svg.tmp
	$(AM_V_at)echo ';' >>src/report/flamegraph_svg.tmp
	$(AM_V_at)mv -f src/report/flamegraph_svg.tmp $@
