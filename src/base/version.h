/* version.h - the version of this build, from configure */
#ifndef CSVR_BASE_VERSION_H
#define CSVR_BASE_VERSION_H

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#ifdef PACKAGE_VERSION
#define CSVR_VERSION_STRING PACKAGE_VERSION
#else
#define CSVR_VERSION_STRING "unknown"
#endif

#endif
