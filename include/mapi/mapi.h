/* SPDX-License-Identifier: MIT */
/*
 * mapi.h - all our MAPI declarations.
 *
 * What a message store provider and its host need of Extended MAPI: the facts of its binary
 * interface under their standard names, written for this project. The headers carry the guard
 * macros of the original ones, so whichever set comes first wins as a whole.
 *
 * (MAPI_H is the guard of Simple MAPI, which this is not.)
 */
#ifndef MAILKEEP_MAPI_H
#define MAILKEEP_MAPI_H

#include "mapi/mapicode.h"
#include "mapi/mapidefs.h"
#include "mapi/mapiextags.h"
#include "mapi/mapiguid.h"
#include "mapi/mapispi.h"
#include "mapi/mapitags.h"
#include "mapi/mapix.h"

#endif /* MAILKEEP_MAPI_H */
