/* SPDX-License-Identifier: MIT */
/*
 * fuzz_restrict.c - restrictions made of the input's bytes, on a row made of the rest of them.
 *
 * Trees may be deep, wide, cyclic and full of NULL. What compiles must be matched without a fault,
 * and a negated restriction must say the opposite.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_tree.h"
#include "mapi/restrict.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

/* The row: each property has the same bytes, under a type that the input chooses. */
static bool row_get(void *context, ULONG tag, struct bag_value *out)
{
    const struct maker *maker = context;
    uint8_t how = maker->size > 0 ? maker->data[PROP_ID(tag) % maker->size] : 0;

    out->tag = PROP_TAG(types[how % MSP_COUNT_OF(types)], PROP_ID(tag));
    if (how >= 128)
        out->tag = propval_stored_tag(tag & ~(ULONG)MV_INSTANCE);
    out->flags = how == 77 ? BAG_LARGE : 0;
    out->data = maker->data;
    out->size = how == 77 ? msp_min(16, maker->size) : maker->size;
    return how != 33;
}

static bool row_any(
        void *context, ULONG subobject, const struct restrict_program *program, size_t node)
{
    struct restrict_row row = { context, row_get, NULL, NULL };

    REQUIRE(subobject == PR_MESSAGE_RECIPIENTS || subobject == PR_MESSAGE_ATTACHMENTS);
    return restrict_match_node(program, node, &row);
}

static void see(void *context, ULONG tag)
{
    REQUIRE(tag != 0);
    ++*(size_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct maker *maker = calloc(1, sizeof(*maker));
    struct restrict_program *program, *opposite;
    struct restrict_row row = { maker, row_get, row_any, NULL };
    SRestriction negated;
    size_t seen = 0;

    if (maker == NULL)
        return 0;
    (void)make_tree(maker, data, size);
    memset(&negated, 0, sizeof(negated));
    negated.rt = RES_NOT;
    negated.res.resNot.lpRes = &maker->nodes[0];

    if (restrict_compile(&maker->nodes[0], &program) == S_OK) {
        bool found = restrict_match(program, &row);

        restrict_tags(program, see, &seen);
        (void)restrict_has_subobjects(program);
        if (restrict_compile(&negated, &opposite) == S_OK)
            REQUIRE(restrict_match(opposite, &row) == !found);
        restrict_free(opposite);
    } else {
        REQUIRE(program == NULL);
    }
    restrict_free(program);
    free(maker);
    return 0;
}
