# csvr_remote.m4 - the library that goes over the network, for csv-report-remote
#
# CSVR_REMOTE
#   Sets the Automake conditional HAVE_CURL, and the output variables CURL_CFLAGS and CURL_LIBS.

AC_DEFUN([CSVR_REMOTE],
[have_curl=no
m4_ifdef([PKG_CHECK_MODULES],
  [PKG_CHECK_MODULES([CURL], [libcurl >= 7.85], [have_curl=yes], [have_curl=no])])
AM_CONDITIONAL([HAVE_CURL], [test "$have_curl" = yes])])
