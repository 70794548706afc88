/* SPDX-License-Identifier: MIT */
/*
 * fuzz_propval.c - stored values out of a damaged file: { u16 type, u8 split, bytes }.
 *
 * What propval_cell_ok() accepts must decode, pass propval_check(), and encode to the same bytes
 * (text with a NUL inside excepted); the order of any three cells must be an order.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/propval.h"
#include "platform/base.h"
#include "util/buf.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static bool has_nul(const struct bag_value *cell)
{
    return (PROP_TYPE(cell->tag) & ~(ULONG)MV_FLAG) == PT_UNICODE && cell->size > 0 &&
           ((cell->tag & MV_FLAG) != 0 || memchr(cell->data, 0, cell->size) != NULL);
}

static void encode_again(const struct bag_value *cell, const SPropValue *value)
{
    struct msp_buf buf = MSP_BUF_INIT;

    REQUIRE(propval_check(value) == S_OK);
    if (propval_encode(value, &buf) == S_OK && !has_nul(cell)) {
        REQUIRE(buf.size == cell->size);
        REQUIRE(buf.size == 0 || memcmp(buf.data, cell->data, buf.size) == 0);
    }
    msp_buf_free(&buf);
}

static void copy(const SPropValue *value)
{
    struct mapi_arena arena;
    SPropValue out;
    void *block;

    arena.left = propval_copy_size(value);
    arena.next = block = malloc(arena.left + 1);
    if (block != NULL) {
        propval_copy(value, &arena, &out);
        REQUIRE(propval_check(&out) == S_OK);
    }
    free(block);
}

static void decode(const struct bag_value *cell, ULONG type)
{
    size_t need = propval_decode_size(cell, type);
    struct mapi_arena arena;
    SPropValue out;
    void *block;

    arena.left = need == SIZE_MAX ? 0 : need;
    arena.next = block = malloc(arena.left + 1);
    if (block == NULL)
        return;
    propval_decode(cell, type, &arena, &out);
    if (propval_cell_ok(cell) && propval_resolve(type, cell->tag, true) == type) {
        REQUIRE(need != SIZE_MAX);
        REQUIRE(PROP_TYPE(out.ulPropTag) == type);
        if (type == PROP_TYPE(cell->tag))
            encode_again(cell, &out);
    }
    if (PROP_TYPE(out.ulPropTag) != PT_ERROR)
        copy(&out);
    free(block);
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

typedef int (*order_fn)(const struct bag_value *a, const struct bag_value *b);

static void compare_two(order_fn order, const struct bag_value *a, const struct bag_value *b)
{
    REQUIRE(sign(order(a, b)) == -sign(order(b, a)));
    REQUIRE(order(a, a) == 0);
    REQUIRE(order(b, b) == 0);
}

/* What is not above one that is not above the third is not above the third; equal ones stand the
 * same way to it. */
static void compare_three(order_fn order, const struct bag_value *a, const struct bag_value *b,
        const struct bag_value *c)
{
    int ab = sign(order(a, b)), bc = sign(order(b, c)), ac = sign(order(a, c));

    if (ab <= 0 && bc <= 0)
        REQUIRE(ac == (ab < bc ? ab : bc));
    if (ab >= 0 && bc >= 0)
        REQUIRE(ac == (ab > bc ? ab : bc));
}

static void compare(const struct bag_value cells[3])
{
    static const order_fn orders[] = { propval_compare, propval_compare_fold };

    for (size_t i = 0; i < MSP_COUNT_OF(orders); i++) {
        compare_two(orders[i], &cells[0], &cells[1]);
        compare_two(orders[i], &cells[1], &cells[2]);
        compare_two(orders[i], &cells[0], &cells[2]);
        compare_three(orders[i], &cells[0], &cells[1], &cells[2]);
    }
    for (size_t i = 0; i < 3; i++) {
        if (propval_compare(&cells[i], &cells[(i + 1) % 3]) == 0)
            REQUIRE(propval_compare_fold(&cells[i], &cells[(i + 1) % 3]) == 0);
    }
}

/* Three pieces, the last two of one size, so that they are often nearly the same. */
static void compare_pieces(const struct bag_value *first, const struct bag_value *rest)
{
    struct bag_value cells[3] = { *first, *rest, *rest };

    cells[1].size = rest->size / 2;
    cells[2].data += cells[1].size;
    cells[2].size -= cells[1].size;
    compare(cells);
    cells[0] = *rest; /* the one begins with the other */
    compare(cells);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ULONG text[] = { PT_UNICODE, PT_STRING8, PT_MV_UNICODE, PT_MV_STRING8 };
    struct bag_value cell, rest, element;
    size_t cut, i;

    if (size < 3)
        return 0;
    memset(&cell, 0, sizeof(cell));
    cell.tag = PROP_TAG(get_u16le(data), 0x6800);
    cell.data = data + 3;
    cell.size = size - 3;
    cut = msp_min(data[2], cell.size);
    rest = cell;
    rest.data += cut;
    rest.size -= cut;
    cell.size = cut > 0 ? cut : cell.size;

    decode(&cell, propval_resolve(PT_UNSPECIFIED, cell.tag, true));
    decode(&cell, propval_resolve(PT_UNSPECIFIED, cell.tag, false));
    decode(&cell, PROP_TYPE(cell.tag));
    for (i = 0; i < MSP_COUNT_OF(text); i++)
        decode(&rest, text[i]);
    compare_pieces(&cell, &rest);
    for (i = 0; propval_element(&cell, i, &element); i++)
        decode(&element, PROP_TYPE(element.tag));
    return 0;
}
