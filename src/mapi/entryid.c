/* SPDX-License-Identifier: MIT */
/*
 * entryid.c - entry identifiers: made, read, compared.
 *
 * Everything is read byte by byte: identifiers come back from clients at any address, cut, grown or
 * made up.
 */
#include "mapi/entryid.h"

#include <string.h>

#include "platform/file.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

enum {
    AT_UID = 4,
    AT_VERSION = 20,
    AT_KIND = 21,
    AT_ZERO = 22,
    AT_ID = 24,
    AT_STORE_UID = 24,
    AT_PATH = 40,
    ENTRYID_VERSION = 1
};

const uint8_t entryid_provider_uid[16] = { 0x31, 0x1F, 0x8E, 0x99, 0x66, 0xE8, 0xB7, 0x4C, 0x86,
    0x3D, 0x3E, 0xB1, 0x43, 0xC1, 0x74, 0xB5 };

static const uint8_t no_uid[16];

/* The first 24 bytes, which all kinds share. */
static void put_head(const uint8_t uid[16], enum entryid_kind kind, uint8_t *out)
{
    memset(out, 0, AT_ID);
    memcpy(out + AT_UID, uid, 16);
    out[AT_VERSION] = ENTRYID_VERSION;
    out[AT_KIND] = (uint8_t)kind;
}

/* Long-term (no flag set), of a version we can read, and at least min_size bytes. */
static bool is_head_ok(size_t size, const uint8_t *bytes, size_t min_size)
{
    if (bytes == NULL || size < min_size || get_u32le(bytes) != 0)
        return false;
    if (bytes[AT_VERSION] > ENTRYID_VERSION)
        return true;
    return bytes[AT_VERSION] == ENTRYID_VERSION && get_u16le(bytes + AT_ZERO) == 0;
}

void entryid_put(const struct entryid *entryid, uint8_t out[ENTRYID_SIZE])
{
    put_head(entryid->store_uid, entryid->kind, out);
    put_u64le(out + AT_ID, entryid->id);
}

bool entryid_get(ULONG size, const void *bytes, struct entryid *out)
{
    const uint8_t *in = bytes;
    uint64_t id;

    memset(out, 0, sizeof(*out));
    if (!is_head_ok(size, in, ENTRYID_SIZE))
        return false;
    if (in[AT_VERSION] == ENTRYID_VERSION && size != ENTRYID_SIZE)
        return false;
    if (in[AT_KIND] != ENTRYID_FOLDER && in[AT_KIND] != ENTRYID_MESSAGE)
        return false;
    id = get_u64le(in + AT_ID);
    if (id == 0)
        return false;
    memcpy(out->store_uid, in + AT_UID, 16);
    out->kind = (enum entryid_kind)in[AT_KIND];
    out->id = id;
    return true;
}

void record_key_put(const uint8_t store_uid[16], uint64_t id, uint8_t out[RECORD_KEY_SIZE])
{
    memcpy(out, store_uid, 16);
    put_u64le(out + 16, id);
}

uint64_t record_key_id(const uint8_t key[RECORD_KEY_SIZE])
{
    return get_u64le(key + 16);
}

bool store_entryid_put(const uint8_t store_uid[16], const char *path, struct msp_buf *out)
{
    uint8_t head[AT_PATH];

    put_head(entryid_provider_uid, ENTRYID_STORE, head);
    memcpy(head + AT_STORE_UID, store_uid, 16);
    return msp_buf_reserve(out, sizeof(head) + strlen(path) + 1) &&
           msp_buf_append(out, head, sizeof(head)) && msp_buf_append(out, path, strlen(path) + 1);
}

bool store_entryid_get(ULONG size, const void *bytes, struct store_entryid *out)
{
    const uint8_t *in = bytes;
    const uint8_t *end;

    memset(out, 0, sizeof(*out));
    if (!is_head_ok(size, in, AT_PATH + 1) || in[AT_KIND] != ENTRYID_STORE)
        return false;
    if (memcmp(in + AT_UID, entryid_provider_uid, 16) != 0)
        return false;
    end = memchr(in + AT_PATH, 0, size - AT_PATH);
    if (end == NULL || !utf8_is_valid((const char *)in + AT_PATH, (size_t)(end - in) - AT_PATH))
        return false;
    memcpy(out->store_uid, in + AT_STORE_UID, 16);
    out->path = (const char *)in + AT_PATH;
    out->path_size = (size_t)(end - in) - AT_PATH;
    return true;
}

bool store_entryid_same(const struct store_entryid *a, const struct store_entryid *b)
{
    if (memcmp(a->store_uid, no_uid, 16) != 0 && memcmp(b->store_uid, no_uid, 16) != 0)
        return memcmp(a->store_uid, b->store_uid, 16) == 0;
    if (MSP_PATH_SEPARATOR == '\\') /* file names there know no case */
        return utf8_compare_fold(a->path, a->path_size, b->path, b->path_size) == 0;
    return a->path_size == b->path_size && memcmp(a->path, b->path, a->path_size) == 0;
}
