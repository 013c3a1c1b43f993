# csvr_mpi.m4 - MPI, for csv-report-mpi
#
# CSVR_MPI
#   Offers --with-mpi, and the variables MPICC and MPIEXEC. The compiler stays CC: the wrapper MPICC,
#   looked for as mpicc, is only asked what it would add. Sets the output variables MPI_CPPFLAGS and
#   MPI_LIBS, the condition HAVE_MPI, and the shell variable mpi for the summary. Ends with an error
#   if MPI was asked for by either and does not work.
#
#   Each kin of wrappers is asked in its own words: Open MPI, MPICH (Intel MPI, MVAPICH), Cray, and
#   what needs nothing, since CC is the wrapper itself. Of the answer only what names headers and
#   libraries is kept: optimization and the like are not for the wrapper to say. The first answer by
#   which CC links a program is taken.
#
#   MPIEXEC is for the tests: the launcher that is called like the wrapper, mpiexec.mpich for
#   mpicc.mpich.

AC_DEFUN([CSVR_MPI],
[AC_ARG_WITH([mpi],
  [AS_HELP_STRING([--with-mpi], [build csv-report-mpi, or end with an error @<:@default=check@:>@])],
  [], [with_mpi=check])
AC_ARG_VAR([MPICC], [MPI compiler wrapper, which is asked for its flags (Cray: MPICC=cc)])
AC_ARG_VAR([MPIEXEC], [MPI launcher for the tests])
MPI_CPPFLAGS= MPI_LIBS= have_mpi=no
AS_VAR_IF([with_mpi], [no], [mpi="no (--without-mpi)"],
  [AS_IF([test -n "$MPICC" && test "$with_mpi" = check], [with_mpi=yes])
   AC_CHECK_PROGS([MPICC], [mpicc])
   AS_IF([test -n "$MPICC"],
     [AC_MSG_CHECKING([for the flags of $MPICC])
      csvr_save_CPPFLAGS=$CPPFLAGS csvr_save_LIBS=$LIBS
      for csvr_asked in '-showme:compile -showme:link' '-compile_info -link_info' \
          '--cray-print-opts=cflags --cray-print-opts=libs' 'nothing nothing'; do
        MPI_CPPFLAGS= MPI_LIBS=
        AS_CASE([$csvr_asked], [nothing*], [],
          [csvr_words=`$MPICC ${csvr_asked% *} 2>/dev/null`
           for csvr_word in $csvr_words; do
             AS_CASE([$csvr_word], [-I*|-D*], [AS_VAR_APPEND([MPI_CPPFLAGS], [" $csvr_word"])])
           done
           csvr_words=`$MPICC ${csvr_asked#* } 2>/dev/null`
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
        [AC_MSG_RESULT([none by which $CC links a program of MPI 3])
         MPI_CPPFLAGS= MPI_LIBS=])])
   AS_CASE([$with_mpi:$have_mpi], [yes:no],
     [AC_MSG_ERROR([MPI was asked for, but there is no mpicc that works; name one by MPICC=])])
   AS_VAR_IF([have_mpi], [yes],
     [AC_CHECK_PROGS([MPIEXEC], [`AS_ECHO(["$MPICC"]) | $SED 's/mpicc/mpiexec/'` mpiexec mpirun])
      mpi="yes ($MPICC)"],
     [mpi="no (no working mpicc was found)"])])
AC_SUBST([MPI_CPPFLAGS])
AC_SUBST([MPI_LIBS])
AM_CONDITIONAL([HAVE_MPI], [test "$have_mpi" = yes])])
