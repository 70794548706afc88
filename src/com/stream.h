/* SPDX-License-Identifier: MIT */
/*
 * stream.h - IStream on a text or binary property of any object.
 */
#ifndef MSP_COM_STREAM_H
#define MSP_COM_STREAM_H

#include "com/prop.h"

/* Opens a stream for prop_OpenProperty(), a child of the object. The tag has a text or binary type;
 * flags are MAPI_MODIFY, MAPI_CREATE (with MAPI_MODIFY), STREAM_APPEND and MAPI_DEFERRED_ERRORS,
 * checked against the access of object and property; options are STGM_ bits and STREAM_APPEND.
 * MAPI_E_NOT_FOUND: absent without MAPI_CREATE. MAPI_E_UNEXPECTED_TYPE: to be written, and known
 * with another type. MAPI_E_INVALID_PARAMETER: to be written, and no property has that id. */
HRESULT stream_open(struct msp_call *call, struct prop_object *prop, ULONG tag, ULONG options,
        ULONG flags, LPUNKNOWN *out);

/* Opens the stream below a structured storage, a child of the object with one reference, for
 * IStorageFromStream. The tag is a PT_OBJECT's whose cell, if there is one, is checked to be a
 * storage's bytes; flags are checked. With MAPI_CREATE it is empty, and the property changes only
 * when the storage writes. MAPI_E_NOT_FOUND as above. */
HRESULT stream_open_storage(
        struct msp_call *call, struct prop_object *prop, ULONG tag, ULONG flags, IStream **out);

/* Before an object is saved: what clients wrote into its open streams goes into its bag. */
HRESULT stream_flush_all(struct msp_call *call, struct prop_object *prop);

#endif
