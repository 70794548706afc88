/* SPDX-License-Identifier: MIT */
/*
 * host_copy.h - MAPI's copies of properties (IMAPISupport::DoCopyTo, DoCopyProps), for providers
 * that leave them to MAPI.
 */
#ifndef HOST_COPY_H
#define HOST_COPY_H

#include "host_mem.h"

struct host_copy {
    const struct host_mem_trio *trio;
    ULONG flags;               /* MAPI_MOVE, MAPI_NOREPLACE */
    const SPropTagArray *tags; /* excluded, or with only_listed the only ones; NULL: none */
    bool only_listed;
};

/* Messages, attachments and what else has properties. What could not be copied is a problem; a
 * failure that concerns all of it is returned. */
HRESULT host_copy_object(const struct host_copy *how, IMAPIProp *source, IMAPIProp *target,
        LPSPropProblemArray *out_problems);

#endif
