/* SPDX-License-Identifier: MIT */
/*
 * fuzz_inf.c - any text as a MAPISVC.INF: ours merged in, merged again, and taken out.
 *
 * Merging twice changes nothing more; what is taken out leaves the other lines as they were.
 */
#include <stdlib.h>
#include <string.h>

#include "dll/inf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static const char dll[] = "C:\\Mail\\mailkeep.dll";

static bool is_same(const struct msp_buf *a, const struct msp_buf *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* `text` is without ours already. */
static void go_round(const struct msp_buf *text)
{
    const char *bytes = text->size > 0 ? (const char *)text->data : "";
    struct msp_buf merged = MSP_BUF_INIT;
    struct msp_buf again = MSP_BUF_INIT;
    struct msp_buf removed = MSP_BUF_INIT;
    struct msp_buf back = MSP_BUF_INIT;

    if (inf_merge(bytes, text->size, dll, &merged) && merged.size > 0 &&
            inf_merge((const char *)merged.data, merged.size, dll, &again) &&
            inf_remove((const char *)merged.data, merged.size, &removed)) {
        REQUIRE(is_same(&again, &merged));
        /* A [Services] that was not there may stay; then nothing more comes and goes. */
        if (!is_same(&removed, text) && removed.size > 0 &&
                inf_remove((const char *)removed.data, removed.size, &back))
            REQUIRE(removed.size > text->size && is_same(&back, &removed));
    }
    msp_buf_free(&merged);
    msp_buf_free(&again);
    msp_buf_free(&removed);
    msp_buf_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct msp_buf text = MSP_BUF_INIT;

    if (inf_remove((const char *)data, size, &text))
        go_round(&text);
    msp_buf_free(&text);
    return 0;
}
