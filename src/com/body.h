/* SPDX-License-Identifier: MIT */
/*
 * body.h - the text of a message in its three forms: PR_BODY, PR_HTML, PR_RTF_COMPRESSED.
 *
 * What a client sets is stored as it is. A form that it did not set is made when somebody asks for
 * it, and never stored nor listed: PR_BODY from RTF or HTML, PR_RTF_COMPRESSED from HTML or text,
 * PR_HTML from RTF that has HTML encapsulated. A save drops a stored form that no longer says what
 * the new one says ("PR_RTF_COMPRESSED", "Supporting Formatted Text"): so STORE_RTF_OK promises it.
 *
 * Locks: the domain's.
 */
#ifndef MSP_COM_BODY_H
#define MSP_COM_BODY_H

#include "com/prop.h"

struct logon;

enum {
    /* A stored form above this makes no other; nor is any made that would be larger than the
     * second. */
    BODY_SOURCE_MAX = 8 * 1024 * 1024,
    BODY_MADE_MAX = 16 * 1024 * 1024
};

/* The properties of a message: of an object, or of a row. */
struct body {
    struct logon *logon;
    const struct bag *bag; /* NULL: the packed record */
    const void *packed;
    size_t packed_size;
};

/* Whether body_cell() knows the property. */
bool body_has(ULONG tag);
/* PR_BODY, PR_HTML or PR_BODY_HTML, PR_RTF_COMPRESSED, PR_RTF_IN_SYNC, PR_NATIVE_BODY_INFO: stored
 * or made. MAPI_E_NOT_FOUND: neither. */
HRESULT body_cell(
        const struct body *body, ULONG tag, struct prop_scratch *scratch, struct bag_value *out);

/* Before a save: drops what no longer fits, or may not, because it is too large to be compared or
 * there is no memory for that. A new form that is damaged or cannot be read drops nothing, an old
 * one that the store cannot read stays. Fails when the logon ends, or without memory for the record
 * itself, with the bag unchanged. */
HRESULT body_settle(struct msp_call *call, struct logon *logon, struct bag *bag);

/* prop_rule.get of the properties above, for messages. */
HRESULT body_get(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out);

#endif
