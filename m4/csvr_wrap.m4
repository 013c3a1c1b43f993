# csvr_wrap.m4 - whether tests can replace functions with their own versions
#
# CSVR_WRAP
#   Sets the condition CAN_WRAP if the linker supports --wrap, with which a test makes allocations fail.

AC_DEFUN([CSVR_WRAP],
[AC_MSG_CHECKING([whether the linker can wrap functions])
csvr_save_LDFLAGS=$LDFLAGS
LDFLAGS="$LDFLAGS -Wl,--wrap=malloc"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <stdlib.h>
void *__real_malloc(size_t n_bytes);
void *__wrap_malloc(size_t n_bytes);
void *__wrap_malloc(size_t n_bytes) { return __real_malloc(n_bytes); }]],
  [[void *volatile memory = malloc(1); return memory == NULL;]])],
  [can_wrap=yes], [can_wrap=no])
LDFLAGS=$csvr_save_LDFLAGS
AC_MSG_RESULT([$can_wrap])
AM_CONDITIONAL([CAN_WRAP], [test "$can_wrap" = yes])])
