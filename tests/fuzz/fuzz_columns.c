/* SPDX-License-Identifier: MIT */
/*
 * fuzz_columns.c - stored columns out of a damaged file: { u8 0, directory without its checksum },
 * or { u8 rows, for each part: u16 size, bytes }.
 *
 * What is accepted lies within its memory, and says the same when it is packed and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/eng_column.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

enum { PLACE = 4 };

static void read_directory(const uint8_t *data, size_t size)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    struct msp_buf again = MSP_BUF_INIT;
    struct column_head head;

    column_head_init(&head);
    (void)msp_buf_append(&bytes, data, size);
    (void)msp_buf_append_u64(&bytes, column_head_sum(&head, PLACE, data, size));
    if (!bytes.failed && column_head_unpack(&head, PLACE, bytes.data, bytes.size) == ENG_OK) {
        REQUIRE(head.rows <= COLUMN_MAX_ROWS);
        column_head_pack(&head, PLACE, &again);
        REQUIRE(again.failed ||
                (again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0));
    }
    column_head_free(&head);
    msp_buf_free(&bytes);
    msp_buf_free(&again);
}

static void check_texts(const struct column_set *set)
{
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        const struct column_text *text = &set->texts[i];

        for (size_t row = 0; row < set->count; row++) {
            REQUIRE(column_text_begin(text, row) <= text->ends[row]);
            REQUIRE(text->ends[row] <= text->cap);
            (void)column_is_absent(text, row);
        }
    }
}

/* Packs each part and reads it into another set: nothing may differ. */
static void pack_again(const struct column_set *set)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    struct msp_buf again = MSP_BUF_INIT;
    struct column_set copy;
    enum eng_status status;

    column_set_init(&copy, ENG_COLUMN_ALL);
    status = column_set_reserve(&copy, set->count);
    for (int part = 0; status == ENG_OK && part < COLUMN_PARTS; part++) {
        msp_buf_clear(&bytes);
        column_part_pack(set, 0, set->count, part, &bytes);
        if (bytes.failed)
            break;
        status = column_part_unpack(&copy, set->count, part, bytes.data, bytes.size);
        REQUIRE(status == ENG_OK || status == ENG_NO_MEMORY);
        msp_buf_clear(&again);
        if (status == ENG_OK)
            column_part_pack(&copy, 0, set->count, part, &again);
        REQUIRE(status != ENG_OK || again.failed ||
                (again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0));
    }
    column_set_free(&copy);
    msp_buf_free(&bytes);
    msp_buf_free(&again);
}

static void read_segment(struct msp_reader *reader, size_t rows)
{
    struct column_set set;
    enum eng_status status;

    column_set_init(&set, ENG_COLUMN_ALL);
    status = column_set_reserve(&set, rows);
    for (int part = 0; status == ENG_OK && part < COLUMN_PARTS; part++) {
        size_t part_size = msp_reader_u16(reader);
        const uint8_t *bytes = msp_reader_bytes(reader, part_size);

        status = bytes != NULL ? column_part_unpack(&set, rows, part, bytes, part_size)
                               : ENG_CORRUPT;
    }
    if (status == ENG_OK) {
        set.count = rows;
        check_texts(&set);
        pack_again(&set);
        (void)column_set_is_sorted(&set);
        if (column_set_sort(&set) == ENG_OK)
            check_texts(&set);
    }
    column_set_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct msp_reader reader;
    size_t rows;

    msp_reader_init(&reader, data, size);
    rows = msp_reader_u8(&reader);
    if (rows > 0)
        read_segment(&reader, rows);
    else if (size > 0)
        read_directory(data + 1, size - 1);
    return 0;
}
