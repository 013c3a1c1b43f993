# csvr_mpi.m4 - MPI, for csv-report-mpi
#
# CSVR_MPI
#   Adds the option --with-mpi and the variables MPICC and MPIEXEC. CC remains the compiler: the wrapper
#   MPICC (default: mpicc) is only queried for its flags. Sets the output variables MPI_CPPFLAGS and
#   MPI_LIBS, the condition HAVE_MPI, and the shell variable mpi for the summary. Ends with an error if
#   MPI was requested by --with-mpi or MPICC and does not work.
#
#   The options of the query differ: Open MPI, MPICH (Intel MPI, MVAPICH), Cray, and none if CC is the
#   wrapper itself. Only flags for headers and libraries are kept, not those for optimization. The first
#   answer with which CC links a program is used.
#
#   MPIEXEC, for the tests, is the launcher named like the wrapper: mpiexec.mpich for mpicc.mpich.

AC_DEFUN([CSVR_MPI],
[AC_ARG_WITH([mpi],
  [AS_HELP_STRING([--with-mpi], [build csv-report-mpi, or end with an error @<:@default=check@:>@])],
  [], [with_mpi=check])
AC_ARG_VAR([MPICC], [MPI compiler wrapper, which is queried for its flags (Cray: MPICC=cc)])
AC_ARG_VAR([MPIEXEC], [MPI launcher for the tests])
MPI_CPPFLAGS= MPI_LIBS= have_mpi=no
AS_VAR_IF([with_mpi], [no], [mpi="no (--without-mpi)"],
  [AS_IF([test -n "$MPICC" && test "$with_mpi" = check], [with_mpi=yes])
   AC_CHECK_PROGS([MPICC], [mpicc])
   AS_IF([test -n "$MPICC"],
     [AC_MSG_CHECKING([for the flags of $MPICC])
      csvr_save_CPPFLAGS=$CPPFLAGS csvr_save_LIBS=$LIBS
      for csvr_query in '-showme:compile -showme:link' '-compile_info -link_info' \
          '--cray-print-opts=cflags --cray-print-opts=libs' 'nothing nothing'; do
        MPI_CPPFLAGS= MPI_LIBS=
        AS_CASE([$csvr_query], [nothing*], [],
          [csvr_words=`$MPICC ${csvr_query% *} 2>/dev/null`
           for csvr_word in $csvr_words; do
             AS_CASE([$csvr_word], [-I*|-D*], [AS_VAR_APPEND([MPI_CPPFLAGS], [" $csvr_word"])])
           done
           csvr_words=`$MPICC ${csvr_query#* } 2>/dev/null`
           for csvr_word in $csvr_words; do
             AS_CASE([$csvr_word], [-L*|-l*|-Wl,*|-pthread|*.a|*.so],
               [AS_VAR_APPEND([MPI_LIBS], [" $csvr_word"])])
           done])
        CPPFLAGS="$csvr_save_CPPFLAGS $MPI_CPPFLAGS" LIBS="$MPI_LIBS $csvr_save_LIBS"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <mpi.h>
#if MPI_VERSION < 3
#error older than MPI 3
#endif
]], [[
int threads;
MPI_Request request;
return MPI_Init_thread(0, 0, MPI_THREAD_SERIALIZED, &threads) +
	MPI_Ibcast(&threads, 1, MPI_INT, 0, MPI_COMM_WORLD, &request);]])],
          [have_mpi=yes
           break])
      done
      CPPFLAGS=$csvr_save_CPPFLAGS LIBS=$csvr_save_LIBS
      AS_VAR_IF([have_mpi], [yes],
        [AC_MSG_RESULT([$MPI_CPPFLAGS $MPI_LIBS])],
        [AC_MSG_RESULT([none with which $CC links a program of MPI 3])
         MPI_CPPFLAGS= MPI_LIBS=])])
   AS_CASE([$with_mpi:$have_mpi], [yes:no],
     [AC_MSG_ERROR([MPI was requested, but no mpicc works; set MPICC to one that does])])
   AS_VAR_IF([have_mpi], [yes],
     [AC_CHECK_PROGS([MPIEXEC], [`AS_ECHO(["$MPICC"]) | $SED 's/mpicc/mpiexec/'` mpiexec mpirun])
      mpi="yes ($MPICC)"],
     [mpi="no (no working mpicc was found)"])])
AC_SUBST([MPI_CPPFLAGS])
AC_SUBST([MPI_LIBS])
AM_CONDITIONAL([HAVE_MPI], [test "$have_mpi" = yes])])
