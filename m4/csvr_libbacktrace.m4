# csvr_libbacktrace.m4 - the library that finds the symbol names of addresses, for --flamegraph
#
# CSVR_LIBBACKTRACE
#   Adds the option --with-libbacktrace. Defines HAVE_LIBBACKTRACE if the library and timers on the CPU
#   time of single threads are available. Sets the output variables BACKTRACE_CPPFLAGS and BACKTRACE_LIBS,
#   and the shell variable flamegraph for the summary. Ends with an error if a requested library is
#   missing.
#
#   The library is part of gcc, in gcc's own directory. Other compilers search that directory for
#   libraries but not for headers. So it is added as the last include directory, because it also contains
#   gcc's own headers.

AC_DEFUN([CSVR_LIBBACKTRACE],
[AC_ARG_WITH([libbacktrace],
  [AS_HELP_STRING([--without-libbacktrace], [leave out --flamegraph])],
  [], [with_libbacktrace=check])
BACKTRACE_CPPFLAGS= BACKTRACE_LIBS= have_backtrace=no
AS_VAR_IF([with_libbacktrace], [no], [],
  [csvr_save_CPPFLAGS=$CPPFLAGS csvr_save_LIBS=$LIBS
   csvr_directory=`$CC -print-file-name=libbacktrace.a 2>/dev/null | $SED 's|/[[^/]]*$||'`
   for csvr_flag in '' "-idirafter $csvr_directory/include"; do
     CPPFLAGS="$csvr_save_CPPFLAGS $csvr_flag"
     AC_MSG_CHECKING([for libbacktrace${csvr_flag:+ with $csvr_flag}])
     for csvr_libs in -lbacktrace '-lbacktrace -ldl -lrt -lpthread'; do
       LIBS="$csvr_libs $csvr_save_LIBS"
       AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <backtrace.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <time.h>
]], [[
void *frame;
struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID };
timer_t timer;
Dl_info info;
return backtrace(&frame, 1) + timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) +
	dladdr(frame, &info) + pthread_sigmask(SIG_BLOCK, 0, 0) +
	(backtrace_create_state(0, 0, 0, 0) != 0);]])],
         [have_backtrace=yes BACKTRACE_CPPFLAGS=$csvr_flag BACKTRACE_LIBS=$csvr_libs
          break])
     done
     AC_MSG_RESULT([$have_backtrace])
     AS_VAR_IF([have_backtrace], [yes], [break])
   done
   CPPFLAGS=$csvr_save_CPPFLAGS LIBS=$csvr_save_LIBS
   AS_CASE([$with_libbacktrace:$have_backtrace], [yes:no],
     [AC_MSG_ERROR([--with-libbacktrace was given, but it was not found; it comes with gcc])])])
AS_VAR_IF([have_backtrace], [yes],
  [AC_DEFINE([HAVE_LIBBACKTRACE], [1], [Define if the program can sample itself.])
   flamegraph=yes],
  [flamegraph="no (libbacktrace was not found; it comes with gcc)"])
AS_VAR_IF([with_libbacktrace], [no], [flamegraph="no (--without-libbacktrace)"])
AC_SUBST([BACKTRACE_CPPFLAGS])
AC_SUBST([BACKTRACE_LIBS])])
