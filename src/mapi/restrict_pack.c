/* SPDX-License-Identifier: MIT */
/*
 * restrict_pack.c - SRestriction trees as bytes, and back.
 *
 * Unpacking goes over the bytes twice with the same code: first it measures and checks, then it
 * builds in a block of exactly that size.
 */
#include "mapi/restrict_pack.h"

#include <string.h>

#include "mapi/propval.h"
#include "mapi/restrict.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"

enum { PACK_VERSION = 1 };

/* --- packing ---------------------------------------------------------------------------------- */

static HRESULT pack_value(const SPropValue *value, struct msp_buf *out)
{
    size_t at = out->size;
    HRESULT hr = S_OK;

    if (FAILED(propval_check(value)))
        return MAPI_E_INVALID_PARAMETER;
    msp_buf_append_u32(out, value->ulPropTag);
    msp_buf_append_u32(out, 0);
    if (PROP_TYPE(value->ulPropTag) == PT_ERROR)
        msp_buf_append_u32(out, (uint32_t)value->Value.err);
    else if (!propval_is_skipped(value))
        hr = propval_encode(value, out);
    if (SUCCEEDED(hr) && out->size - at > RESTRICT_PACK_MAX)
        hr = MAPI_E_TOO_COMPLEX;
    if (SUCCEEDED(hr) && !out->failed)
        put_u32le(out->data + at + 4, (uint32_t)(out->size - at - 8));
    return hr;
}

static HRESULT pack_node(const SRestriction *node, struct msp_buf *out);

static HRESULT pack_children(ULONG count, const SRestriction *children, struct msp_buf *out)
{
    HRESULT hr = S_OK;

    msp_buf_append_u32(out, count);
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = pack_node(&children[i], out);
    return hr;
}

static HRESULT pack_comment(const SCommentRestriction *comment, struct msp_buf *out)
{
    HRESULT hr = S_OK;

    if (comment->cValues > 0 && comment->lpProp == NULL)
        return MAPI_E_INVALID_PARAMETER;
    msp_buf_append_u32(out, comment->cValues);
    for (ULONG i = 0; i < comment->cValues && SUCCEEDED(hr); i++) {
        hr = pack_value(&comment->lpProp[i], out);
        if (SUCCEEDED(hr) && out->size > RESTRICT_PACK_MAX)
            hr = MAPI_E_TOO_COMPLEX;
    }
    msp_buf_append_u8(out, comment->lpRes != NULL);
    if (SUCCEEDED(hr) && comment->lpRes != NULL)
        hr = pack_node(comment->lpRes, out);
    return hr;
}

/* Three numbers, or two and a value. */
static HRESULT pack_leaf(
        ULONG first, ULONG second, ULONG third, const SPropValue *value, struct msp_buf *out)
{
    msp_buf_append_u32(out, first);
    msp_buf_append_u32(out, second);
    if (value != NULL)
        return pack_value(value, out);
    msp_buf_append_u32(out, third);
    return S_OK;
}

/* The tree is as deep as restrict_compile() allows. */
static HRESULT pack_node(const SRestriction *node, struct msp_buf *out)
{
    msp_buf_append_u32(out, node->rt);
    switch (node->rt) {
    case RES_AND:
        return pack_children(node->res.resAnd.cRes, node->res.resAnd.lpRes, out);
    case RES_OR:
        return pack_children(node->res.resOr.cRes, node->res.resOr.lpRes, out);
    case RES_NOT:
        return pack_node(node->res.resNot.lpRes, out);
    case RES_CONTENT:
        return pack_leaf(node->res.resContent.ulFuzzyLevel, node->res.resContent.ulPropTag, 0,
                node->res.resContent.lpProp, out);
    case RES_PROPERTY:
        return pack_leaf(node->res.resProperty.relop, node->res.resProperty.ulPropTag, 0,
                node->res.resProperty.lpProp, out);
    case RES_COMPAREPROPS:
        return pack_leaf(node->res.resCompareProps.relop, node->res.resCompareProps.ulPropTag1,
                node->res.resCompareProps.ulPropTag2, NULL, out);
    case RES_BITMASK:
        return pack_leaf(node->res.resBitMask.relBMR, node->res.resBitMask.ulPropTag,
                node->res.resBitMask.ulMask, NULL, out);
    case RES_SIZE:
        return pack_leaf(node->res.resSize.relop, node->res.resSize.ulPropTag, node->res.resSize.cb,
                NULL, out);
    case RES_EXIST:
        msp_buf_append_u32(out, node->res.resExist.ulPropTag);
        return S_OK;
    case RES_SUBRESTRICTION:
        msp_buf_append_u32(out, node->res.resSub.ulSubObject);
        return pack_node(node->res.resSub.lpRes, out);
    case RES_COMMENT:
        return pack_comment(&node->res.resComment, out);
    default:
        return MAPI_E_TOO_COMPLEX;
    }
}

/* --- unpacking -------------------------------------------------------------------------------- */

struct unpacker {
    struct msp_reader reader;
    struct mapi_arena *arena; /* NULL: only measure */
    size_t size;              /* of what was taken */
    size_t nodes;
    ULONG text_type; /* PT_UNICODE, PT_STRING8; 0: as it was packed */
};

/* Room in the block; NULL while measuring. */
static void *take(struct unpacker *unpacker, size_t size)
{
    unpacker->size += mapi_arena_round(size);
    return unpacker->arena != NULL ? mapi_arena_take(unpacker->arena, size) : NULL;
}

/* A tag with the width of text that is wanted. */
static ULONG to_width(const struct unpacker *unpacker, ULONG tag)
{
    ULONG type = PROP_TYPE(tag) & ~(ULONG)MVI_FLAG;

    if (unpacker->text_type == 0 || (type != PT_UNICODE && type != PT_STRING8))
        return tag;
    return CHANGE_PROP_TYPE(tag, unpacker->text_type | (PROP_TYPE(tag) & MVI_FLAG));
}

/* `out` NULL: only measure. */
static HRESULT unpack_value(struct unpacker *unpacker, SPropValue *out)
{
    ULONG tag = msp_reader_u32(&unpacker->reader);
    size_t size = msp_reader_u32(&unpacker->reader);
    const unsigned char *data = msp_reader_bytes(&unpacker->reader, size);
    SPropValue plain = { .ulPropTag = tag };
    struct bag_value cell;
    size_t needed;

    if (data == NULL)
        return MAPI_E_CORRUPT_DATA;
    if (PROP_TYPE(tag) == PT_ERROR || tag == PR_NULL) {
        if (size != (tag == PR_NULL ? 0 : 4))
            return MAPI_E_CORRUPT_DATA;
        if (size > 0)
            plain.Value.err = (SCODE)get_u32le(data);
        if (out != NULL)
            *out = plain;
        return S_OK;
    }
    tag = to_width(unpacker, tag);
    cell_bytes(propval_stored_tag(tag), data, size, &cell);
    needed = propval_cell_ok(&cell) ? propval_decode_size(&cell, PROP_TYPE(tag)) : SIZE_MAX;
    if (needed == SIZE_MAX)
        return MAPI_E_CORRUPT_DATA;
    unpacker->size += needed;
    if (out != NULL)
        propval_decode(&cell, PROP_TYPE(tag), unpacker->arena, out);
    return S_OK;
}

static HRESULT unpack_values(struct unpacker *unpacker, ULONG count, LPSPropValue *out)
{
    HRESULT hr = S_OK;

    if (count > msp_reader_left(&unpacker->reader) / 8)
        return MAPI_E_CORRUPT_DATA;
    *out = count > 0 ? take(unpacker, count * sizeof(**out)) : NULL;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = unpack_value(unpacker, *out != NULL ? &(*out)[i] : NULL);
    return hr;
}

static HRESULT unpack_node(struct unpacker *unpacker, unsigned depth, SRestriction *out);

static HRESULT unpack_nodes(
        struct unpacker *unpacker, unsigned depth, ULONG count, LPSRestriction *out)
{
    HRESULT hr = S_OK;

    if (count > msp_reader_left(&unpacker->reader) / 4 || count > RESTRICT_MAX_NODES)
        return MAPI_E_CORRUPT_DATA;
    *out = count > 0 ? take(unpacker, count * sizeof(**out)) : NULL;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = unpack_node(unpacker, depth + 1, *out != NULL ? &(*out)[i] : NULL);
    return hr;
}

static HRESULT unpack_comment(
        struct unpacker *unpacker, unsigned depth, SCommentRestriction *comment)
{
    HRESULT hr;

    comment->cValues = msp_reader_u32(&unpacker->reader);
    hr = unpack_values(unpacker, comment->cValues, &comment->lpProp);
    if (SUCCEEDED(hr) && msp_reader_u8(&unpacker->reader) != 0)
        hr = unpack_nodes(unpacker, depth, 1, &comment->lpRes);
    return hr;
}

static HRESULT unpack_leaf(struct unpacker *unpacker, SRestriction *node)
{
    struct msp_reader *reader = &unpacker->reader;
    ULONG first = msp_reader_u32(reader);
    ULONG second = node->rt == RES_EXIST ? 0 : msp_reader_u32(reader);

    switch (node->rt) {
    case RES_CONTENT:
        node->res.resContent.ulFuzzyLevel = first;
        node->res.resContent.ulPropTag = to_width(unpacker, second);
        return unpack_values(unpacker, 1, &node->res.resContent.lpProp);
    case RES_PROPERTY:
        node->res.resProperty.relop = first;
        node->res.resProperty.ulPropTag = to_width(unpacker, second);
        return unpack_values(unpacker, 1, &node->res.resProperty.lpProp);
    case RES_COMPAREPROPS:
        node->res.resCompareProps.relop = first;
        node->res.resCompareProps.ulPropTag1 = to_width(unpacker, second);
        node->res.resCompareProps.ulPropTag2 = to_width(unpacker, msp_reader_u32(reader));
        return S_OK;
    case RES_BITMASK:
        node->res.resBitMask.relBMR = first;
        node->res.resBitMask.ulPropTag = second;
        node->res.resBitMask.ulMask = msp_reader_u32(reader);
        return S_OK;
    case RES_SIZE:
        node->res.resSize.relop = first;
        node->res.resSize.ulPropTag = second;
        node->res.resSize.cb = msp_reader_u32(reader);
        return S_OK;
    case RES_EXIST:
        node->res.resExist.ulPropTag = to_width(unpacker, first);
        return S_OK;
    default:
        return MAPI_E_CORRUPT_DATA;
    }
}

static HRESULT unpack_parts(struct unpacker *unpacker, unsigned depth, SRestriction *node)
{
    struct msp_reader *reader = &unpacker->reader;

    switch (node->rt) {
    case RES_AND:
        node->res.resAnd.cRes = msp_reader_u32(reader);
        return unpack_nodes(unpacker, depth, node->res.resAnd.cRes, &node->res.resAnd.lpRes);
    case RES_OR:
        node->res.resOr.cRes = msp_reader_u32(reader);
        return unpack_nodes(unpacker, depth, node->res.resOr.cRes, &node->res.resOr.lpRes);
    case RES_NOT:
        return unpack_nodes(unpacker, depth, 1, &node->res.resNot.lpRes);
    case RES_SUBRESTRICTION:
        node->res.resSub.ulSubObject = msp_reader_u32(reader);
        return unpack_nodes(unpacker, depth, 1, &node->res.resSub.lpRes);
    case RES_COMMENT:
        return unpack_comment(unpacker, depth, &node->res.resComment);
    default:
        return unpack_leaf(unpacker, node);
    }
}

static HRESULT unpack_node(struct unpacker *unpacker, unsigned depth, SRestriction *out)
{
    SRestriction node = { .rt = msp_reader_u32(&unpacker->reader) };
    HRESULT hr;

    if (depth > RESTRICT_MAX_DEPTH || ++unpacker->nodes > RESTRICT_MAX_NODES)
        return MAPI_E_CORRUPT_DATA;
    hr = unpack_parts(unpacker, depth, &node);
    if (SUCCEEDED(hr) && unpacker->reader.failed)
        hr = MAPI_E_CORRUPT_DATA;
    if (SUCCEEDED(hr) && out != NULL)
        *out = node;
    return hr;
}

/* One pass over the bytes; `arena` NULL: measures into *out_size. */
static HRESULT unpack(const void *packed, size_t packed_size, ULONG text_type,
        struct mapi_arena *arena, size_t *out_size, LPSRestriction *out)
{
    struct unpacker unpacker = { .arena = arena, .text_type = text_type };
    HRESULT hr;

    *out = NULL;
    if (packed_size > RESTRICT_PACK_MAX)
        return MAPI_E_CORRUPT_DATA;
    msp_reader_init(&unpacker.reader, packed, packed_size);
    if (msp_reader_u8(&unpacker.reader) != PACK_VERSION)
        return MAPI_E_CORRUPT_DATA;
    hr = unpack_nodes(&unpacker, 0, 1, out);
    if (SUCCEEDED(hr) && !msp_reader_is_done(&unpacker.reader))
        hr = MAPI_E_CORRUPT_DATA;
    *out_size = unpacker.size;
    return hr;
}

/* --- the public side -------------------------------------------------------------------------- */

HRESULT restrict_pack(const SRestriction *restriction, struct msp_buf *out)
{
    size_t before = out->size;
    LPSRestriction none;
    size_t size;
    HRESULT hr;

    msp_buf_append_u8(out, PACK_VERSION);
    hr = pack_node(restriction, out);
    if (SUCCEEDED(hr) && out->failed)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    /* What is kept can be had back: unpacking counts the nodes, comments too. */
    if (SUCCEEDED(hr) &&
            FAILED(unpack(out->data + before, out->size - before, 0, NULL, &size, &none)))
        hr = MAPI_E_TOO_COMPLEX;
    return hr;
}

HRESULT restrict_unpack(const struct mapi_alloc *alloc, const void *packed, size_t packed_size,
        bool unicode, SRestriction **out)
{
    ULONG text_type = unicode ? PT_UNICODE : PT_STRING8;
    struct mapi_arena arena;
    void *block = NULL;
    size_t size = 0;
    HRESULT hr;

    hr = unpack(packed, packed_size, text_type, NULL, &size, out);
    if (SUCCEEDED(hr))
        hr = mapibuf_new(alloc, size, &block);
    if (FAILED(hr))
        return hr;
    arena.next = block;
    arena.left = size;
    return unpack(packed, packed_size, text_type, &arena, &size, out);
}

HRESULT restrict_unpack_own(const void *packed, size_t packed_size, SRestriction **out)
{
    struct mapi_arena arena;
    size_t size = 0;
    HRESULT hr;

    hr = unpack(packed, packed_size, 0, NULL, &size, out);
    if (FAILED(hr))
        return hr;
    arena.next = msp_alloc(size);
    arena.left = size;
    if (arena.next == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return unpack(packed, packed_size, 0, &arena, &size, out);
}
