/* SPDX-License-Identifier: MIT */
/*
 * column_fixture.h - columns compared with the rows that they are made of.
 *
 * Locks: none; each test runs alone.
 */
#ifndef MSP_TEST_COLUMN_FIXTURE_H
#define MSP_TEST_COLUMN_FIXTURE_H

#include "engine/eng_int.h"
#include "test_eng_fixture.h"

/* Keeps up to so much in memory. */
static inline void limit_memory(struct eng *eng, size_t memory)
{
    const struct column_policy policy = { memory, 32768, 16384, 4096 };

    assert_true(columns_policy(eng, &policy));
}

/* Stores every place, however small, as soon as anything has changed, in small segments. */
static inline void store_always(struct eng *eng)
{
    const struct column_policy policy = { SIZE_MAX, 1, 1, 16 };

    assert_true(columns_policy(eng, &policy));
}

struct column_walk {
    const struct eng_columns *columns;
    uint32_t wanted;
    size_t row;
};

static inline void assert_column_text(const struct eng_column_text *text, bool wanted, size_t row,
        const struct eng_text *expected)
{
    const uint8_t *bytes;
    size_t size = 0;

    if (!wanted) {
        assert_null(text->bytes);
        assert_null(text->ends);
        return;
    }
    assert_non_null(text->bytes);
    bytes = eng_column_text_at(text, row, &size);
    assert_int_equal(size, expected->size);
    if (size > 0)
        assert_memory_equal(bytes, expected->data, size);
    assert_int_equal(eng_column_text_is_absent(text, row), expected->data == NULL);
}

static inline void assert_column_u64(
        const uint64_t *numbers, bool wanted, size_t row, uint64_t expected)
{
    assert_int_equal(numbers != NULL, wanted);
    if (wanted)
        assert_true(numbers[row] == expected);
}

static inline void assert_column_u32(
        const uint32_t *numbers, bool wanted, size_t row, uint32_t expected)
{
    assert_int_equal(numbers != NULL, wanted);
    if (wanted)
        assert_true(numbers[row] == expected);
}

static inline bool compare_column_row(
        void *context, const struct eng_msg *row, const void *packed, size_t packed_size)
{
    struct column_walk *walk = context;
    const struct eng_columns *columns = walk->columns;
    uint32_t wanted = walk->wanted;
    size_t at = walk->row++;

    (void)packed;
    (void)packed_size;
    if (at >= columns->count)
        fail_msg("%u rows, and there are more", (unsigned)columns->count);
    assert_true(columns->ids[at] == row->id);
    assert_column_u64(columns->delivered, (wanted & ENG_COLUMN_DELIVERED) != 0, at, row->delivered);
    assert_column_u64(columns->submitted, (wanted & ENG_COLUMN_SUBMITTED) != 0, at, row->submitted);
    assert_column_u64(columns->created, (wanted & ENG_COLUMN_CREATED) != 0, at, row->created);
    assert_column_u64(columns->modified, (wanted & ENG_COLUMN_MODIFIED) != 0, at, row->modified);
    assert_column_u64(columns->size, (wanted & ENG_COLUMN_SIZE) != 0, at, row->size);
    assert_column_u32(columns->flags, (wanted & ENG_COLUMN_FLAGS) != 0, at, row->flags);
    assert_column_u32(columns->status, (wanted & ENG_COLUMN_STATUS) != 0, at, row->status);
    assert_column_u32(
            columns->importance, (wanted & ENG_COLUMN_IMPORTANCE) != 0, at, row->importance);
    assert_column_text(
            &columns->message_class, (wanted & ENG_COLUMN_CLASS) != 0, at, &row->message_class);
    assert_column_text(&columns->subject, (wanted & ENG_COLUMN_SUBJECT) != 0, at, &row->subject);
    assert_column_text(&columns->sender, (wanted & ENG_COLUMN_SENDER) != 0, at, &row->sender);
    assert_column_text(
            &columns->display_to, (wanted & ENG_COLUMN_DISPLAY_TO) != 0, at, &row->display_to);
    return true;
}

/* Inside a transaction: the columns are what a scan of the rows says. */
static inline size_t assert_columns_in(
        struct eng *eng, uint64_t folder, bool associated, uint32_t wanted)
{
    struct eng_columns columns;
    struct column_walk walk = { &columns, wanted, 0 };

    memset(&columns, 0x5A, sizeof(columns));
    assert_ok(eng_columns_get(eng, folder, associated, wanted, &columns));
    assert_non_null(columns.ids);
    assert_ok(
            eng_msg_scan(eng, folder, associated ? ENG_SCAN_ASSOC : 0, compare_column_row, &walk));
    assert_int_equal(walk.row, columns.count);
    return columns.count;
}

/* The same in a transaction of its own. */
static inline size_t assert_columns(
        struct eng *eng, uint64_t folder, bool associated, uint32_t wanted)
{
    size_t count;

    assert_ok(eng_begin(eng, false));
    count = assert_columns_in(eng, folder, associated, wanted);
    assert_ok(eng_commit(eng));
    return count;
}

/* A message of its own kind: everything follows from the number. */
static inline struct eng_msg any_msg_of(struct eng *eng, uint64_t folder, unsigned number)
{
    static char subject[64];
    struct eng_msg msg = msg_of(new_id(eng), folder, subject);

    (void)snprintf(subject, sizeof(subject), "Subject %u%.*s", number, (int)(number * 7 % 40),
            "0123456789012345678901234567890123456789");
    msg.delivered = UINT64_C(132500000000000000) + number * UINT64_C(7919) % 101 * 1000000;
    msg.flags = number % 3;
    msg.size = number * 1000;
    msg.importance = number % 3;
    if (number % 5 == 0)
        msg.display_to = text_of(NULL);
    if (number % 7 == 0)
        msg.sender = text_of("");
    if (number % 11 == 0)
        msg.subject = text_of(NULL);
    if (number % 13 == 0)
        msg.message_class = text_of("REPORT.IPM.Note.IPNRN");
    return msg;
}

static inline uint64_t put_msg(struct eng *eng, struct eng_msg msg, uint32_t put_flags)
{
    uint64_t change;

    assert_ok(eng_msg_put(eng, &msg, put_flags, NULL, 0, &change));
    return msg.id;
}

static inline uint64_t new_any_msg(struct eng *eng, uint64_t folder, unsigned number)
{
    return put_msg(eng, any_msg_of(eng, folder, number), ENG_PUT_NEW);
}

/* Many messages, fast. */
static inline void fill(struct eng *eng, uint64_t folder, unsigned count)
{
    assert_ok(eng_bulk(eng, true));
    for (unsigned i = 0; i < count; i++)
        (void)new_any_msg(eng, folder, i);
    assert_ok(eng_bulk(eng, false));
}

#endif
