# csvr_flags.m4 - compiler flags of this project, kept apart from the user's CFLAGS
#
# CSVR_APPEND_FLAG(VARIABLE, FLAG)
#   Appends FLAG to the shell variable VARIABLE if the compiler accepts it without a warning.
#
# CSVR_WARNINGS
#   Sets the output variable WARN_CFLAGS to the warnings that the sources are free of, if the compiler
#   supports them, and -Werror with --enable-werror.
#
# CSVR_INSTRUMENTS
#   Sets the output variable INSTRUMENT_CFLAGS from --enable-sanitizers=LIST and --enable-profiling. It
#   is used for compiling and linking. Ends with an error if the compiler cannot build a program with the
#   requested sanitizers.

AC_DEFUN([CSVR_APPEND_FLAG],
[AS_VAR_PUSHDEF([cache], [csvr_cv_flag_$2])dnl
AC_CACHE_CHECK([whether $CC accepts $2], [cache],
  [csvr_save_CFLAGS=$CFLAGS
   # Without -Werror clang only warns about an unknown flag.
   CFLAGS="$CFLAGS -Werror $2"
   AC_COMPILE_IFELSE([AC_LANG_PROGRAM], [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
   CFLAGS=$csvr_save_CFLAGS])
AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
AS_VAR_POPDEF([cache])])

AC_DEFUN([CSVR_WARNINGS],
[AC_ARG_ENABLE([werror],
  [AS_HELP_STRING([--enable-werror], [make compiler warnings errors])])
WARN_CFLAGS=
m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wpointer-arith -Wundef -Wvla],
  [CSVR_APPEND_FLAG([WARN_CFLAGS], flag)
])dnl
AS_VAR_IF([enable_werror], [yes], [AS_VAR_APPEND([WARN_CFLAGS], [" -Werror"])])
AC_SUBST([WARN_CFLAGS])])

AC_DEFUN([CSVR_INSTRUMENTS],
[AC_ARG_ENABLE([sanitizers],
  [AS_HELP_STRING([--enable-sanitizers=LIST],
    [build with -fsanitize=LIST, for example address,undefined; every finding ends the program])])
AC_ARG_ENABLE([profiling],
  [AS_HELP_STRING([--enable-profiling], [keep frame pointers and debugging data for perf])])
INSTRUMENT_CFLAGS=
AS_CASE([$enable_sanitizers],
  [''|no], [],
  [yes], [AC_MSG_ERROR([--enable-sanitizers needs a list: --enable-sanitizers=address,undefined])],
  [INSTRUMENT_CFLAGS="-fsanitize=$enable_sanitizers -fno-omit-frame-pointer"
   AS_VAR_APPEND([INSTRUMENT_CFLAGS], [" -fno-sanitize-recover=all"])
   AC_MSG_CHECKING([whether $CC links programs with -fsanitize=$enable_sanitizers])
   csvr_save_CFLAGS=$CFLAGS
   CFLAGS="$CFLAGS $INSTRUMENT_CFLAGS"
   AC_LINK_IFELSE([AC_LANG_PROGRAM],
     [AC_MSG_RESULT([yes])],
     [AC_MSG_RESULT([no])
      AC_MSG_ERROR([$CC cannot link programs with -fsanitize=$enable_sanitizers])])
   CFLAGS=$csvr_save_CFLAGS])
AS_VAR_IF([enable_profiling], [yes],
  [AS_VAR_APPEND([INSTRUMENT_CFLAGS], [" -g -fno-omit-frame-pointer"])
   CSVR_APPEND_FLAG([INSTRUMENT_CFLAGS], [-mno-omit-leaf-frame-pointer])])
AC_SUBST([INSTRUMENT_CFLAGS])])
