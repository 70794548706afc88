/* SPDX-License-Identifier: MIT */
/*
 * restrict_pack.h - SRestriction trees as bytes that can be kept in a file, and back.
 *
 *   u8 version, then the root node; a node is u32 type (RES_...) and
 *     AND, OR          u32 count, that many nodes
 *     NOT              node
 *     CONTENT          u32 fuzzy level, u32 tag, value
 *     PROPERTY         u32 operator, u32 tag, value
 *     COMPAREPROPS     u32 operator, u32 tag, u32 tag
 *     BITMASK          u32 operator, u32 tag, u32 mask
 *     SIZE             u32 operator, u32 tag, u32 size
 *     EXIST            u32 tag
 *     SUBRESTRICTION   u32 subobject, node
 *     COMMENT          u32 count, that many values, u8 1 and a node, or u8 0
 *   a value is u32 tag as the client gave it, u32 size, the stored bytes (mapi/propval.h).
 *
 * Locks: none. The bytes come from a file and are checked whole before anything is made of them.
 */
#ifndef MSP_MAPI_RESTRICT_PACK_H
#define MSP_MAPI_RESTRICT_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapibuf.h"

struct msp_buf;

enum {
    RESTRICT_PACK_MAX = 16 * 1024 * 1024 /* bytes of one tree */
};

/* Appends a tree that restrict_compile() has accepted. MAPI_E_TOO_COMPLEX: it is too big;
 * MAPI_E_INVALID_PARAMETER: the values of a RES_COMMENT are not whole; MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT restrict_pack(const SRestriction *restriction, struct msp_buf *out);

/* The tree in one block of the client's. Texts, and the tags of texts (but RES_SIZE's, which counts
 * in their width), become PT_UNICODE or PT_STRING8. MAPI_E_CORRUPT_DATA; *out NULL then. */
HRESULT restrict_unpack(const struct mapi_alloc *alloc, const void *packed, size_t packed_size,
        bool unicode, SRestriction **out);

/* The tree as it was packed, in one block of ours (msp_free). */
HRESULT restrict_unpack_own(const void *packed, size_t packed_size, SRestriction **out);

#endif
