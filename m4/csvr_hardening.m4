# csvr_hardening.m4 - flags that make a bug harder to exploit, if compiler and linker support them
#
# CSVR_HARDENING
#   Must follow CSVR_INSTRUMENTS. Adds the option --disable-hardening, for packagers with flags of their
#   own, and sets the output variables
#     HARDENING_CPPFLAGS  _FORTIFY_SOURCE: 3, or 2 if 3 is not supported; empty if the packager or the
#                         compiler has already set it, or without optimization, which it needs
#     HARDENING_CFLAGS    stack protector, probes of big stack frames, branch targets that the CPU
#                         checks (CET of x86, BTI and PAC of Arm), code for PIE
#     HARDENING_LDFLAGS   PIE, all symbols bound before main and read-only afterwards, no executable
#                         stack
#   and the shell variable `hardening` to yes or no. With --enable-sanitizers it is no: sanitizers find
#   more bugs, and AddressSanitizer does not intercept the checked calls of _FORTIFY_SOURCE.
#
#   bench/RESULTS.md lists the cost of each flag.

# CSVR_APPEND_LINKED(VARIABLE, FLAGS, [COMPILED WITH])
#   Appends FLAGS to VARIABLE if a program links with them, and compiles with COMPILED WITH, without a
#   warning.
AC_DEFUN([CSVR_APPEND_LINKED],
[AS_VAR_PUSHDEF([cache], [csvr_cv_linked_$2])dnl
AC_CACHE_CHECK([whether $CC links with $2], [cache],
  [csvr_save_CFLAGS=$CFLAGS csvr_save_LDFLAGS=$LDFLAGS
   CFLAGS="$CFLAGS -Werror $3" LDFLAGS="$LDFLAGS $2"
   AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[puts("");]])],
     [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
   CFLAGS=$csvr_save_CFLAGS LDFLAGS=$csvr_save_LDFLAGS])
AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
AS_VAR_POPDEF([cache])])

# The headers of libc warn about a level that the compiler does not support.
AC_DEFUN([CSVR_FORTIFY],
[AC_CACHE_CHECK([which _FORTIFY_SOURCE $CC supports], [csvr_cv_fortify],
  [csvr_cv_fortify=none
   AC_PREPROC_IFELSE([AC_LANG_SOURCE([[
#ifdef _FORTIFY_SOURCE
#error set already
#endif]])], [],
     [csvr_cv_fortify='that of the packager'])
   AS_IF([test "$csvr_cv_fortify" = none],
     [csvr_save_CFLAGS=$CFLAGS
      for csvr_level in 2 3; do
        CFLAGS="$csvr_save_CFLAGS -Werror -D_FORTIFY_SOURCE=$csvr_level"
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#ifndef __OPTIMIZE__
#error needs optimization
#endif
#include <stdio.h>
#include <string.h>]])],
          [csvr_cv_fortify=$csvr_level])
      done
      CFLAGS=$csvr_save_CFLAGS])])
AS_CASE([$csvr_cv_fortify],
  [2|3], [AS_VAR_APPEND([HARDENING_CPPFLAGS], ["-D_FORTIFY_SOURCE=$csvr_cv_fortify"])])])

AC_DEFUN([CSVR_HARDENING],
[AC_ARG_ENABLE([hardening],
  [AS_HELP_STRING([--disable-hardening], [leave out the flags that make bugs harder to exploit])])
HARDENING_CPPFLAGS= HARDENING_CFLAGS= HARDENING_LDFLAGS=
hardening=yes
AS_CASE([$enable_hardening:$enable_sanitizers], [no:*], [hardening=no], [*:|*:no], [], [hardening=no])
AS_IF([test "$hardening" = yes],
  [CSVR_FORTIFY
   CSVR_APPEND_LINKED([HARDENING_CFLAGS], [-fstack-protector-strong])
   CSVR_APPEND_FLAG([HARDENING_CFLAGS], [-fstack-clash-protection])
   # A compiler supports only the flag of its target CPU.
   CSVR_APPEND_FLAG([HARDENING_CFLAGS], [-fcf-protection])
   CSVR_APPEND_FLAG([HARDENING_CFLAGS], [-mbranch-protection=standard])
   # A static program, or one built with -no-pie, is not built as PIE.
   AS_CASE([" $CFLAGS $LDFLAGS "],
     [*' -static'*|*' -no-pie '*], [],
     [CSVR_APPEND_LINKED([HARDENING_LDFLAGS], [-pie], [-fPIE])
      AS_VAR_IF([HARDENING_LDFLAGS], [], [], [AS_VAR_APPEND([HARDENING_CFLAGS], [" -fPIE"])])])
   CSVR_APPEND_LINKED([HARDENING_LDFLAGS], [-Wl,-z,relro])
   CSVR_APPEND_LINKED([HARDENING_LDFLAGS], [-Wl,-z,now])
   CSVR_APPEND_LINKED([HARDENING_LDFLAGS], [-Wl,-z,noexecstack])])
AC_SUBST([HARDENING_CPPFLAGS])
AC_SUBST([HARDENING_CFLAGS])
AC_SUBST([HARDENING_LDFLAGS])
AC_SUBST([hardening])])
