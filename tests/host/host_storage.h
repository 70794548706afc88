/* SPDX-License-Identifier: MIT */
/*
 * host_storage.h - IStorage over a stream.
 */
#ifndef HOST_STORAGE_H
#define HOST_STORAGE_H

#include <stdbool.h>

#include "platform/sdk/mapi_sdk.h"

/* A storage with one reference over an object with IStream, which it holds one reference on.
 * `flags` are STGSTRM_ bits: without STGSTRM_CREATE the stream must hold what Commit of such a
 * storage wrote. */
HRESULT host_storage_new(IUnknown *stream, ULONG flags, IStorage **out);

#endif
