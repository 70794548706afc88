/* SPDX-License-Identifier: MIT */
/*
 * fuzz_world.h - a store in memory below a root object in place of a logon, for targets that go
 * through the interfaces of messages.
 *
 * It is made at the first input, when no allocation fails, and stays; inputs leave nothing in it
 * but names and ids.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "com/call.h"
#include "com/logon.h"
#include "com/message.h"
#include "host/host_mem.h"
#include "util/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

struct fuzz_world {
    struct logon *logon; /* its root object */
    struct eng *eng;
};

static const struct msp_iface fuzz_root_ifaces[] = {
    { &IID_IUnknown, offsetof(struct logon, IMSLogon_iface) },
    { NULL, 0 },
};

static const struct msp_class fuzz_root_class = {
    .name = "root",
    .size = sizeof(struct logon),
    .object_offset = offsetof(struct logon, object),
    .ifaces = fuzz_root_ifaces,
    .owns_children = true,
};

static inline const struct fuzz_world *fuzz_world(void)
{
    static struct fuzz_world world;
    const struct host_mem_trio *trio = host_mem_trio(0);
    struct eng_open_params params = { .path = ":memory:", .create = true };
    struct msp_domain *domain;

    if (world.logon != NULL)
        return &world;
    REQUIRE(eng_open(&params, &world.eng, NULL) == ENG_OK);
    domain = msp_domain_new();
    world.logon = msp_object_alloc(&fuzz_root_class);
    REQUIRE(domain != NULL && world.logon != NULL);
    world.logon->eng = world.eng;
    msp_list_init(&world.logon->idle.newest);
    world.logon->can_write = true;
    world.logon->alloc.allocate = trio->allocate;
    world.logon->alloc.allocate_more = trio->more;
    world.logon->alloc.free = trio->release;
    msp_object_start(&world.logon->object, domain, NULL);
    msp_domain_release(domain);
    return &world;
}

/* A new message that was never saved; NULL: no memory. */
static inline IMessage *fuzz_message(void)
{
    struct logon *logon = fuzz_world()->logon;
    LPUNKNOWN object = NULL;
    struct msp_call call;
    HRESULT hr;

    REQUIRE(msp_call_begin(&call, &logon->object) == S_OK);
    hr = message_create(&call, logon, ENG_ROOT_FOLDER, false, NULL, &object);
    hr = msp_call_end(&call, hr);
    REQUIRE(SUCCEEDED(hr) == (object != NULL));
    return (IMessage *)(void *)object;
}

static inline IMessage *fuzz_open(uint64_t id, HRESULT *out_hr)
{
    struct logon *logon = fuzz_world()->logon;
    LPUNKNOWN object = NULL;
    struct msp_call call;

    REQUIRE(msp_call_begin(&call, &logon->object) == S_OK);
    *out_hr = message_open(&call, logon, id, NULL, MAPI_MODIFY, &object);
    *out_hr = msp_call_end(&call, *out_hr);
    return (IMessage *)(void *)object;
}

static inline void fuzz_free(void *block)
{
    host_mem_trio(0)->release(block);
}

static inline void fuzz_free_rows(LPSRowSet rows)
{
    for (ULONG i = 0; rows != NULL && i < rows->cRows; i++)
        fuzz_free(rows->aRow[i].lpProps);
    fuzz_free(rows);
}

/* --- the input, taken piece by piece ---------------------------------------------------------- */

struct fuzz_input {
    const uint8_t *data;
    size_t size;
};

static inline uint8_t take_u8(struct fuzz_input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

static inline uint32_t take_u16(struct fuzz_input *input)
{
    uint32_t low = take_u8(input);

    return low | (uint32_t)take_u8(input) << 8;
}

static inline uint32_t take_u32(struct fuzz_input *input)
{
    uint32_t low = take_u16(input);

    return low | take_u16(input) << 16;
}

/* Up to `wanted` bytes, in a block of exactly their size (at least one byte) for the caller to
 * free, so that reading past its end is seen. */
static inline uint8_t *take_block(struct fuzz_input *input, size_t wanted, size_t *out_size)
{
    size_t size = wanted < input->size ? wanted : input->size;
    uint8_t *block = malloc(size > 0 ? size : 1);

    REQUIRE(block != NULL);
    if (size > 0)
        memcpy(block, input->data, size);
    input->data += size;
    input->size -= size;
    *out_size = size;
    return block;
}

#endif
