# csvr_remote.m4 - libcurl and expat, for csv-report-remote
#
# CSVR_REMOTE
#   Adds the option --with-remote and the variables REMOTE_CFLAGS and REMOTE_LIBS of pkg-config, which can
#   be set by hand without pkg-config. Sets these two as output variables, the condition HAVE_REMOTE, and
#   the shell variable remote for the summary. Ends with an error if the program was requested and cannot
#   be built.
#
#   libcurl 7.68 is the first with curl_multi_wakeup.

AC_DEFUN([CSVR_REMOTE],
[AC_ARG_WITH([remote],
  [AS_HELP_STRING([--with-remote],
    [build csv-report-remote, or end with an error @<:@default=check@:>@])],
  [], [with_remote=check])
have_remote=no
AS_VAR_IF([with_remote], [no], [remote="no (--without-remote)"],
  [m4_ifdef([PKG_CHECK_MODULES],
     [PKG_CHECK_MODULES([REMOTE], [libcurl >= 7.68 expat], [have_remote=yes], [have_remote=no])])
   AS_CASE([$with_remote:$have_remote], [check:*], [], [*:no],
     [AC_MSG_ERROR([csv-report-remote was requested, but libcurl >= 7.68 and expat were not found])])
   AS_VAR_IF([have_remote], [yes], [remote=yes],
     [remote="no (libcurl >= 7.68 and expat were not found)"])])
AM_CONDITIONAL([HAVE_REMOTE], [test "$have_remote" = yes])])
