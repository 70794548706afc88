/* SPDX-License-Identifier: MIT */
/*
 * propval.h - property values between MAPI's SPropValue and the stored bytes of util/bag.h.
 *
 * Stored form, by the type in the stored tag (little-endian):
 *   PT_I2 2, PT_LONG 4, PT_R4 4, PT_DOUBLE 8, PT_CURRENCY 8, PT_APPTIME 8, PT_BOOLEAN 1 (0 or 1),
 * PT_I8 8, PT_SYSTIME 8, PT_CLSID 16 bytes; PT_BINARY the bytes; PT_UNICODE the text as UTF-8
 * (util/utf.h: lone surrogates kept), no terminator. PT_STRING8 is never stored: text is stored
 * once, as PT_UNICODE, converted by the system's ANSI code page. PT_MV_*: u32 count, then the fixed
 * elements, or u32 end offsets[count] (from the first byte of the data) and the data. A "cell" is a
 * struct bag_value whose tag has the stored type; absent is told by the functions' results.
 *
 * Locks: none. Everything takes untrusted SPropValue arrays and untrusted stored bytes.
 */
#ifndef MSP_MAPI_PROPVAL_H
#define MSP_MAPI_PROPVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapibuf.h"
#include "platform/sdk/mapi_sdk.h"
#include "util/bag.h"

struct msp_buf;

enum {
    PROPVAL_MAX_COUNT = 0x01000000, /* elements of one multivalue */
    PROPVAL_MAX_SIZE = 0x7FFFFFFF   /* bytes of one PT_BINARY; a stream may have more */
};

/* Whether an array of a client lies where its elements may: a multiple of their size, at most of a
 * pointer's (what is on a 32-bit stack is not aligned to more). Looking at others is undefined. */
static inline bool propval_is_aligned(const void *array, size_t element_size)
{
    size_t to = element_size < sizeof(void *) ? element_size : sizeof(void *);

    return ((uintptr_t)array & (to - 1)) == 0;
}

/* Is this a type that values can be stored as or asked for as (PT_STRING8 too), one or many? False
 * for PT_UNSPECIFIED, PT_NULL, PT_ERROR, PT_OBJECT, MV_INSTANCE and unknown ones. */
bool propval_is_type(ULONG type);

/* Is this value whole: known type, pointers not NULL where sizes say so and aligned, multivalue
 * counts 1 to PROPVAL_MAX_COUNT, no more than PROPVAL_MAX_SIZE bytes in all? S_OK;
 * MAPI_E_INVALID_PARAMETER (bad pointer, bad count, too large, PT_OBJECT);
 * MAPI_E_INVALID_TYPE (no such type, MV_INSTANCE). PR_NULL and PT_ERROR are S_OK (callers skip
 * them). The property id is not looked at. */
HRESULT propval_check(const SPropValue *value);
/* May a property have the tag's id (not 0, not 0xFFFF)? */
bool propval_is_storable(ULONG tag);
/* True for PR_NULL and PT_ERROR entries, which SetProps and ModifyRecipients skip. */
bool propval_is_skipped(const SPropValue *value);

/* The tag under which a value of this tag is stored: PT_STRING8 becomes PT_UNICODE, multivalue
 * alike. */
ULONG propval_stored_tag(ULONG tag);
/* Appends the stored bytes of a checked value (not PT_ERROR or PR_NULL) to `out`. On
 * MAPI_E_NOT_ENOUGH_MEMORY `out` is as incomplete as msp_buf_append() leaves it. */
HRESULT propval_encode(const SPropValue *value, struct msp_buf *out);
/* Are these stored bytes well formed for the type of their tag? (They come from a file.) BAG_LARGE
 * cells are. */
bool propval_cell_ok(const struct bag_value *cell);

/* Which type a request for `wanted` (a tag) gets from a cell of stored type: resolves
 * PT_UNSPECIFIED by `unicode` (PT_UNICODE or PT_STRING8 for text), allows PT_STRING8 for text, and
 * says PT_ERROR when the types do not fit. PT_I8 may be asked of PT_LONG cells and the reverse only
 * if they are the same type: no. */
ULONG propval_resolve(ULONG wanted, ULONG stored_tag, bool unicode);

/* Bytes that propval_decode() takes at most from an arena for this cell as `type` (0 for values
 * that fit into SPropValue). SIZE_MAX: the cell is malformed. */
size_t propval_decode_size(const struct bag_value *cell, ULONG type);
/* Fills out->ulPropTag = PROP_TAG(type, id of the cell) and the value; pointers go into the arena.
 * PT_ERROR entries instead: MAPI_E_CORRUPT_DATA for a malformed cell (bytes that are no UTF-8
 * become U+FFFD), MAPI_E_NOT_ENOUGH_MEMORY for BAG_LARGE, MAPI_E_NOT_FOUND for a type that does not
 * fit. */
void propval_decode(
        const struct bag_value *cell, ULONG type, struct mapi_arena *arena, SPropValue *out);
/* out = PT_ERROR entry with the id of `tag`. */
void propval_error(ULONG tag, SCODE code, SPropValue *out);

/* Bytes for a deep copy of a checked SPropValue, and the copy (PT_OBJECT and PT_ERROR copy as they
 * are). */
size_t propval_copy_size(const SPropValue *value);
void propval_copy(const SPropValue *value, struct mapi_arena *arena, SPropValue *out);

/* Total order of two cells of one type: signed integers, text without regard to case and then by
 * code unit, binary by bytes then length, CLSID by bytes, multivalues as tuples. Malformed cells
 * sort first. */
int propval_compare(const struct bag_value *a, const struct bag_value *b);

/* The same, but text that differs only in case is equal: what sort keys and restrictions mean. */
int propval_compare_fold(const struct bag_value *a, const struct bag_value *b);

/* Number of values in a cell: 1 for a single one; of a multivalue its count, 0 when malformed. */
size_t propval_count(const struct bag_value *cell);
/* The index-th value of a multivalue as a cell of the single type. False: no such, malformed. */
bool propval_element(const struct bag_value *cell, size_t index, struct bag_value *out);
/* Bytes of one value of a fixed-width single type as stored (PT_BOOLEAN 1); 0 for other types. */
size_t propval_width(ULONG type);

/* Cells from plain values; `scratch` is 16 bytes the cell points into. */
void cell_long(ULONG tag, uint32_t value, uint8_t scratch[16], struct bag_value *out);
void cell_i8(ULONG tag, uint64_t value, uint8_t scratch[16],
        struct bag_value *out); /* PT_I8, PT_SYSTIME, PT_CURRENCY */
void cell_bool(ULONG tag, bool value, uint8_t scratch[16], struct bag_value *out);
void cell_bytes(ULONG tag, const void *data, size_t size,
        struct bag_value *out); /* PT_BINARY, PT_UNICODE as UTF-8 */
/* Plain values from cells; `fallback` when the cell is of another type or malformed. */
uint32_t cell_get_long(const struct bag_value *cell, uint32_t fallback);
uint64_t cell_get_i8(const struct bag_value *cell, uint64_t fallback);
bool cell_get_bool(const struct bag_value *cell, bool fallback);

#endif
