/* SPDX-License-Identifier: MIT */
/*
 * fuzz_entryid.c - entry identifiers as clients hand them in: any bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/entryid.h"
#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static void check_object(const uint8_t *data, size_t size)
{
    uint8_t again[ENTRYID_SIZE];
    struct entryid entryid;

    if (!entryid_get((ULONG)size, data, &entryid))
        return;
    REQUIRE(size >= ENTRYID_SIZE && entryid.id != 0);
    REQUIRE(entryid.kind == ENTRYID_FOLDER || entryid.kind == ENTRYID_MESSAGE);
    entryid_put(&entryid, again);
    if (size == ENTRYID_SIZE && data[20] == again[20])
        REQUIRE(memcmp(again, data, ENTRYID_SIZE) == 0);
    REQUIRE(entryid_get(ENTRYID_SIZE, again, &entryid));
}

static void check_store(const uint8_t *data, size_t size)
{
    struct msp_buf buf = MSP_BUF_INIT;
    struct store_entryid store, again;

    if (!store_entryid_get((ULONG)size, data, &store))
        return;
    REQUIRE((const uint8_t *)store.path >= data);
    REQUIRE((const uint8_t *)store.path + store.path_size < data + size);
    REQUIRE(store_entryid_same(&store, &store));
    if (store_entryid_put(store.store_uid, store.path, &buf)) {
        REQUIRE(store_entryid_get((ULONG)buf.size, buf.data, &again));
        REQUIRE(store_entryid_same(&store, &again));
    }
    msp_buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_object(data, size);
    check_store(data, size);
    return 0;
}
