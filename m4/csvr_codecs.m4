# csvr_codecs.m4 - the libraries that decompress inputs
#
# CSVR_CODECS
#   zlib is required. Adds the options --with-isal, --with-zstd, --with-bzip2 and --with-lzma (default:
#   check), and ends with an error if a requested library is missing.
#   Defines HAVE_ISAL, HAVE_ZSTD, HAVE_BZIP2 and HAVE_LZMA for the libraries found, and CSVR_LINK_CODECS
#   with --enable-linked-codecs or if dlopen is missing.
#   Sets the output variable CODEC_LIBS to the library of dlopen, since codecs are loaded when they are
#   first needed (src/base/dynlib.h), or to the codecs if CSVR_LINK_CODECS; CODEC_TEST_LIBS to
#   the codecs, which tests use to compress data; and the shell variable codecs for the summary.
#
# To add a codec: a CSVR_OPTIONAL_CODEC call here, src/input/codec/codec_NAME.c, its line in src/local.mk
# and its row in CSVR_CODEC_FORMATS (src/input/codec/detect.h).

# CSVR_CODEC(NAME, LIBRARY, INCLUDES, CALL, WHAT FOR, ACTION IF FOUND, ACTION IF NOT)
AC_DEFUN([CSVR_CODEC],
[csvr_save_LIBS=$LIBS
AC_MSG_CHECKING([for $1 ($5)])
LIBS="-l$2 $csvr_save_LIBS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[$3]], [[$4]])],
  [AC_MSG_RESULT([yes])
   LIBS=$csvr_save_LIBS
   csvr_codec_libs="-l$2 $csvr_codec_libs"
   AS_VAR_APPEND([codecs], [" $1"])
   $6],
  [AC_MSG_RESULT([no])
   LIBS=$csvr_save_LIBS
   $7])])

# CSVR_OPTIONAL_CODEC(OPTION, NAME, LIBRARY, INCLUDES, CALL, WHAT FOR)
AC_DEFUN([CSVR_OPTIONAL_CODEC],
[AC_ARG_WITH([$1],
  [AS_HELP_STRING([--with-$1], [$6 by $2, or end with an error @<:@default=check@:>@])],
  [], [with_$1=check])
AS_VAR_IF([with_$1], [no], [],
  [CSVR_CODEC([$2], [$3], [$4], [$5], [$6],
    [AC_DEFINE([HAVE_]m4_toupper([$1]), [1], [Define if $2 is available.])],
    [AS_VAR_IF([with_$1], [yes],
      [AC_MSG_ERROR([--with-$1 was given, but $2 was not found; install its headers])])])])])

AC_DEFUN([CSVR_CODECS],
[codecs= csvr_codec_libs=
CSVR_CODEC([zlib], [z], [#include <zlib.h>],
  [z_stream stream = { .avail_in = 0 }; return inflateInit2(&stream, 31);], [gzip], [],
  [AC_MSG_ERROR([zlib is needed; install zlib1g-dev or zlib-devel])])
CSVR_OPTIONAL_CODEC([isal], [ISA-L], [isal],
  [#include <isa-l.h>],
  [static struct inflate_state state; state.crc_flag = ISAL_GZIP; isal_inflate_init(&state);
   return isal_inflate(&state) + ISAL_MAJOR_VERSION;], [gzip, faster])
CSVR_OPTIONAL_CODEC([zstd], [libzstd], [zstd],
  [#include <zstd.h>
#include <zstd_errors.h>],
  [ZSTD_DCtx *context = ZSTD_createDCtx();
   return ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)) &&
	  ZSTD_isError(ZSTD_DCtx_reset(context, ZSTD_reset_session_only));], [zstd])
CSVR_OPTIONAL_CODEC([bzip2], [libbz2], [bz2],
  [#include <bzlib.h>],
  [bz_stream stream = { .avail_in = 0 }; return BZ2_bzDecompressInit(&stream, 0, 0);], [bzip2])
CSVR_OPTIONAL_CODEC([lzma], [liblzma], [lzma],
  [#include <lzma.h>],
  [lzma_stream stream = LZMA_STREAM_INIT; return lzma_stream_decoder(&stream, 1, 0) != LZMA_OK;],
  [xz])
AC_ARG_ENABLE([linked-codecs],
  [AS_HELP_STRING([--enable-linked-codecs],
    [link the decompression libraries instead of loading them when they are needed])],
  [], [enable_linked_codecs=no])
CODEC_LIBS=
AS_VAR_IF([enable_linked_codecs], [no],
  [csvr_save_LIBS=$LIBS
   AC_SEARCH_LIBS([dlopen], [dl],
     [AS_VAR_IF([ac_cv_search_dlopen], ["none required"], [], [CODEC_LIBS=$ac_cv_search_dlopen])],
     [enable_linked_codecs=yes])
   LIBS=$csvr_save_LIBS])
AS_VAR_IF([enable_linked_codecs], [no], [],
  [CODEC_LIBS=$csvr_codec_libs
   AC_DEFINE([CSVR_LINK_CODECS], [1], [Define if the decompression libraries are linked.])])
AC_SUBST([CODEC_TEST_LIBS], [$csvr_codec_libs])
AC_SUBST([CODEC_LIBS])])
