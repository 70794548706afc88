/* SPDX-License-Identifier: MIT */
/*
 * fuzz_bag.c - packed records out of a damaged file: { u8 steps, steps of { u8 what, u8 identity,
 * u8 size }, record }.
 *
 * What packed_check() accepts can be read in place, loaded, changed and packed again, and says the
 * same as a plain table of values that saw the same changes.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/bag.h"
#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

enum { VALUES_MAX = 0x10000 };

/* What the bag must hold, by identity. */
struct expected {
    bool is_there;
    struct bag_value value;
};

static struct expected table[VALUES_MAX];

static bool same(const struct bag_value *a, const struct bag_value *b)
{
    return a->tag == b->tag && a->flags == b->flags && a->size == b->size &&
           (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* In order of identity, each inside of the record. */
static void read_in_place(const uint8_t *packed, size_t size)
{
    size_t count = packed_count(packed, size);
    uint32_t last = 0;

    REQUIRE(count < VALUES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct bag_value value, found;

        packed_at(packed, size, i, &value);
        REQUIRE(i == 0 || value.tag >> 16 > last);
        REQUIRE(value.size == 0 ||
                (value.data >= packed && value.size <= (size_t)(packed + size - value.data)));
        REQUIRE(packed_find(packed, size, value.tag ^ 0x1F, &found) && same(&value, &found));
        last = value.tag >> 16;
        table[last].is_there = true;
        table[last].value = value;
    }
}

static void check(const struct bag *bag)
{
    struct bag_iter iter = { 0 };
    struct bag_value value;
    size_t count = 0;

    while (bag_next(bag, &iter, &value)) {
        REQUIRE(table[value.tag >> 16].is_there && same(&value, &table[value.tag >> 16].value));
        count++;
    }
    REQUIRE(bag_count(bag) == count);
    for (uint32_t id = 0; id < VALUES_MAX; id++) {
        REQUIRE(bag_get(bag, id << 16, &value) == table[id].is_there);
        count -= table[id].is_there;
    }
    REQUIRE(count == 0);
}

static void change(struct bag *bag, const uint8_t *steps, size_t step_count)
{
    static const uint8_t bytes[256] = { 1, 2, 3 };

    for (size_t i = 0; i < step_count; i++, steps += 3) {
        uint32_t id = steps[1] & 1 ? 0x8000u + steps[1] : steps[1];
        struct expected *expected = &table[id];

        if (steps[0] & 1) {
            if (bag_remove(bag, id << 16))
                expected->is_there = false;
        } else if (bag_set(bag, id << 16 | 0x102, 0, bytes, steps[2])) {
            expected->is_there = true;
            expected->value = (struct bag_value){ id << 16 | 0x102, 0, bytes, steps[2] };
        }
    }
}

static void pack_again(const struct bag *bag)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag again;

    bag_init(&again);
    if (bag_pack(bag, &packed)) {
        REQUIRE(packed_check(packed.data, packed.size));
        if (bag_load(&again, packed.data, packed.size) == BAG_OK) {
            check(&again);
            REQUIRE(!bag_is_changed(&again));
        }
    }
    bag_done(&again);
    msp_buf_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t steps = size > 0 ? data[0] % 16 : 0;
    struct bag bag;
    const uint8_t *record;
    size_t record_size;

    if (size < 1 + 3 * steps)
        return 0;
    record = data + 1 + 3 * steps;
    record_size = size - 1 - 3 * steps;
    bag_init(&bag);
    if (packed_check(record, record_size)) {
        memset(table, 0, sizeof(table));
        read_in_place(record, record_size);
        if (bag_load(&bag, record, record_size) == BAG_OK) {
            change(&bag, data + 1, steps);
            check(&bag);
            pack_again(&bag);
        }
    } else {
        REQUIRE(bag_load(&bag, record, record_size) != BAG_OK);
        REQUIRE(bag_count(&bag) == 0);
    }
    bag_done(&bag);
    return 0;
}
