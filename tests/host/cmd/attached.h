/* SPDX-License-Identifier: MIT */
/*
 * attached.h - what an attachment has as an object: a message or a structured storage.
 */
#ifndef ATTACHED_H
#define ATTACHED_H

#include "platform/sdk/mapi_sdk.h"

/* Opens the object for reading. One of the two, or neither when the attachment has none; the
 * caller's to release. */
HRESULT attached_open(IAttach *attach, IMessage **out_message, IStorage **out_storage);

/* The storage as a memory stream of bytes at its start, whatever form the store keeps it in: the
 * bytes of copies are equal. */
HRESULT attached_storage_read(IStorage *storage, IStream **out);

/* Gives the attachment a storage that is made of such bytes. SaveChanges is left to the caller. */
HRESULT attached_storage_write(IAttach *attach, IStream *bytes);

#endif
