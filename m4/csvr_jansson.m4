# csvr_jansson.m4 - the library that reads JSON, for --compare
#
# CSVR_JANSSON
#   Adds the option --with-jansson (default: check), and ends with an error if it is requested and missing. Call it
#   after CSVR_CODECS: the library is loaded when it is first needed (src/base/dynlib.h), or linked if the codecs
#   are.
#   Defines HAVE_JANSSON if it was found, adds it to CODEC_LIBS if libraries are linked, and sets the shell variable
#   jansson for the summary.
AC_DEFUN([CSVR_JANSSON],
[AC_ARG_WITH([jansson],
  [AS_HELP_STRING([--with-jansson], [JSON reports for --compare by libjansson, or end with an error @<:@default=check@:>@])],
  [], [with_jansson=check])
jansson="no (--compare reads saved states only)"
AS_VAR_IF([with_jansson], [no], [],
  [AC_MSG_CHECKING([for libjansson (--compare with JSON)])
   csvr_save_LIBS=$LIBS
   LIBS="-ljansson $csvr_save_LIBS"
   AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <jansson.h>]],
       [[json_error_t error;
	 return json_loadb("{}", 2, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error) == NULL;]])],
     [AC_MSG_RESULT([yes])
      jansson=yes
      AC_DEFINE([HAVE_JANSSON], [1], [Define if libjansson is available.])
      AS_VAR_IF([enable_linked_codecs], [no], [], [CODEC_LIBS="$CODEC_LIBS -ljansson"])],
     [AC_MSG_RESULT([no])
      AS_VAR_IF([with_jansson], [yes],
	[AC_MSG_ERROR([--with-jansson was given, but libjansson was not found; install its headers])])])
   LIBS=$csvr_save_LIBS])])
