/* backend_remote.h - remote objects as sources */
#ifndef CSVR_INPUT_REMOTE_BACKEND_REMOTE_H
#define CSVR_INPUT_REMOTE_BACKEND_REMOTE_H

#include "input/backend.h"

/* The context of the inputs' struct csvr_remote must be a struct csvr_remote_context. */
extern const struct csvr_backend csvr_backend_remote;

#endif
