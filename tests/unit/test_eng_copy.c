/* SPDX-License-Identifier: MIT */
/*
 * test_eng_copy.c - copies of messages and folders, with everything they own.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng.h"
#include "util/array.h"

#include "test_eng_fixture.h"

enum { BIG = 700 * 1024 /* three chunks */ };

static uint64_t new_value(struct eng *eng, size_t size, uint8_t seed)
{
    uint8_t piece[4096];
    uint64_t id = 0;

    assert_ok(eng_value_new(eng, &id));
    for (size_t at = 0; at < size; at += sizeof(piece)) {
        for (size_t i = 0; i < sizeof(piece); i++)
            piece[i] = (uint8_t)(seed + at / sizeof(piece) + i);
        assert_ok(eng_value_write(eng, id, at, piece, sizeof(piece)));
    }
    return id;
}

static void assert_same_value(struct eng *eng, uint64_t one, uint64_t other, size_t size)
{
    uint8_t left[4096];
    uint8_t right[4096];
    uint64_t total = 0;

    assert_ok(eng_value_size(eng, other, &total));
    assert_int_equal(total, size);
    for (size_t at = 0; at < size; at += sizeof(left)) {
        size_t got = 0;

        assert_ok(eng_value_read(eng, one, at, left, sizeof(left), &got));
        assert_int_equal(got, sizeof(left));
        assert_ok(eng_value_read(eng, other, at, right, sizeof(right), &got));
        assert_int_equal(got, sizeof(right));
        assert_memory_equal(left, right, sizeof(left));
    }
}

static uint64_t large_of(const void *packed, size_t size)
{
    struct bag_value value;
    struct bag_large large;

    assert_true(packed_check(packed, size) && packed_count(packed, size) == 1);
    packed_at(packed, size, 0, &value);
    assert_true(bag_large_get(&value, &large));
    return large.id;
}

/* A message in `folder` with a large value, two recipients, and an attachment with a large value
 * and a message in it, which has an attachment too. */
static uint64_t new_tree(struct eng *eng, uint64_t folder, uint64_t values[3])
{
    struct eng_msg msg = msg_of(new_id(eng), folder, "tree");
    struct eng_msg inner = msg_of(new_id(eng), 0, "inner");
    struct msp_buf packed[3];
    struct eng_part part = { 0 };
    struct eng_part recipients[2] = { { .number = 3 }, { .number = 7 } };
    uint64_t change;

    msg.flags = 0x300;
    for (int i = 0; i < 3; i++) {
        values[i] = new_value(eng, i == 0 ? BIG / 4096 * 4096 : 8192, (uint8_t)i);
        packed[i] = record_of_values(&values[i], 1);
    }
    assert_ok(eng_begin(eng, true));
    assert_ok(eng_msg_put(eng, &msg, ENG_PUT_NEW, packed[0].data, packed[0].size, &change));
    assert_ok(eng_msg_put(eng, &inner, ENG_PUT_NEW, NULL, 0, &change));
    assert_ok(eng_recipients_put(eng, msg.id, recipients, 2));
    part.number = 5;
    part.embedded = inner.id;
    part.packed = packed[1].data;
    part.packed_size = packed[1].size;
    assert_ok(eng_attachment_put(eng, msg.id, &part));
    part.number = 0;
    part.embedded = 0;
    part.packed = packed[2].data;
    part.packed_size = packed[2].size;
    assert_ok(eng_attachment_put(eng, inner.id, &part));
    assert_ok(eng_commit(eng));
    for (int i = 0; i < 3; i++)
        msp_buf_free(&packed[i]);
    return msg.id;
}

static bool count_part(void *context, const struct eng_part *part)
{
    uint32_t *sum = context;

    *sum = *sum * 10 + part->number;
    return true;
}

/* The tree of new_tree() again, with values of its own. */
static void assert_tree(struct eng *eng, uint64_t id, const uint64_t originals[3])
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    uint64_t embedded = 0;
    uint64_t none = 1;
    uint32_t numbers = 0;

    assert_ok(eng_msg_get(eng, id, &row, &texts, &packed));
    assert_true(text_is(&row.subject, "tree"));
    assert_int_not_equal(large_of(packed.data, packed.size), originals[0]);
    assert_same_value(eng, originals[0], large_of(packed.data, packed.size), BIG / 4096 * 4096);
    assert_ok(eng_recipients_get(eng, id, count_part, &numbers));
    assert_int_equal(numbers, 37);

    msp_buf_clear(&packed);
    assert_ok(eng_attachment_get(eng, id, 5, &embedded, &packed));
    assert_same_value(eng, originals[1], large_of(packed.data, packed.size), 8192);
    assert_ok(eng_msg_get(eng, embedded, &row, &texts, NULL));
    assert_true(text_is(&row.subject, "inner"));
    assert_int_equal(row.folder, 0);
    msp_buf_clear(&packed);
    assert_ok(eng_attachment_get(eng, embedded, 0, &none, &packed));
    assert_int_equal(none, 0);
    assert_same_value(eng, originals[2], large_of(packed.data, packed.size), 8192);
    msp_buf_free(&packed);
    msp_buf_free(&texts);
}

static void msg_copy__with_all_it_owns__equal_and_independent(void **state)
{
    struct fixture *fx = *state;
    uint64_t from = new_folder(fx->eng, ENG_ROOT_FOLDER, "from");
    uint64_t to = new_folder(fx->eng, ENG_ROOT_FOLDER, "to");
    uint64_t values[3];
    uint64_t id = new_tree(fx->eng, from, values);
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg old;
    struct eng_msg row;
    uint64_t copy = 0;
    uint64_t second = 0;

    assert_ok(eng_msg_copy(fx->eng, id, to, 0x100, NULL, 0, &copy));
    assert_int_not_equal(copy, id);
    assert_ok(eng_msg_get(fx->eng, id, &old, &texts, NULL));
    assert_ok(eng_msg_get(fx->eng, copy, &row, &texts, NULL));
    assert_int_equal(row.folder, to);
    assert_int_equal(row.flags, 0x200);
    assert_int_equal(old.status, 2);
    assert_int_equal(row.status, 0);
    assert_int_equal(row.change, 1);
    assert_int_equal(row.size, old.size);
    assert_int_equal(row.delivered, old.delivered);
    assert_int_equal(row.created, old.created);
    assert_int_equal(row.modified, old.modified);
    assert_tree(fx->eng, copy, values);
    assert_counts(fx->eng, from, 1, 1, 0, 0);
    assert_counts(fx->eng, to, 1, 1, 0, 0);
    assert_whole(fx->eng);

    /* the copy of a copy, into its own folder, outlives both */
    assert_ok(eng_msg_copy(fx->eng, copy, to, 0, NULL, 0, &second));
    assert_ok(eng_msg_delete(fx->eng, copy));
    assert_tree(fx->eng, second, values);
    assert_counts(fx->eng, to, 1, 1, 0, 0);
    reopen(fx);
    assert_tree(fx->eng, second, values);
    assert_whole(fx->eng);
    msp_buf_free(&texts);
}

static void msg_copy__values_copied_before__are_taken(void **state)
{
    struct fixture *fx = *state;
    uint64_t values[3];
    uint64_t id = new_tree(fx->eng, ENG_ROOT_FOLDER, values);
    struct msp_array pairs = MSP_ARRAY_INIT(struct eng_value_pair);
    struct eng_value_pair *pair;
    struct msp_buf packed = MSP_BUF_INIT;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    uint64_t size = 0;
    uint64_t copy = 0;

    assert_ok(eng_msg_values(fx->eng, id, &pairs, &size));
    assert_int_equal(pairs.count, 3);
    assert_int_equal(size, BIG / 4096 * 4096 + 2 * 8192);
    pair = MSP_ARRAY_AT(struct eng_value_pair, &pairs, 0);
    assert_int_equal(pair->from, values[0]);
    assert_int_equal(pair->to, 0);
    assert_ok(eng_value_new(fx->eng, &pair->to));
    assert_ok(eng_value_copy_part(fx->eng, pair->from, pair->to, 0));
    assert_ok(eng_msg_copy(fx->eng, id, ENG_ROOT_FOLDER, 0,
            MSP_ARRAY_ITEMS(struct eng_value_pair, &pairs), pairs.count, &copy));
    assert_ok(eng_msg_get(fx->eng, copy, &row, &texts, &packed));
    assert_int_equal(large_of(packed.data, packed.size), pair->to);
    assert_tree(fx->eng, copy, values);
    assert_whole(fx->eng);
    msp_array_free(&pairs);
    msp_buf_free(&packed);
    msp_buf_free(&texts);
}

static void value_copy_part__in_pieces__same_bytes(void **state)
{
    enum { SIZE = ENG_COPY_PART + 12288 };
    struct fixture *fx = *state;
    uint64_t from = new_value(fx->eng, SIZE, 9);
    uint64_t to = 0;

    assert_ok(eng_value_new(fx->eng, &to));
    assert_ok(eng_value_copy_part(fx->eng, from, to, 0));
    assert_int_equal(eng_value_copy_part(fx->eng, from, to, 4096), ENG_INVALID);
    assert_int_equal(
            eng_value_copy_part(fx->eng, from, to, 4 * (uint64_t)ENG_COPY_PART), ENG_INVALID);
    assert_int_equal(eng_value_copy_part(fx->eng, 77777, to, 0), ENG_NOT_FOUND);
    assert_ok(eng_value_copy_part(fx->eng, from, to, ENG_COPY_PART));
    assert_same_value(fx->eng, from, to, SIZE);
    assert_whole(fx->eng);
}

static void values_copy__many__until_one_is_too_much(void **state)
{
    enum { TOO_MUCH = ENG_COPY_PART + 4096 };
    struct fixture *fx = *state;
    struct eng_value_pair pairs[4] = { { 0 } };
    size_t done = 0;

    pairs[0].from = new_value(fx->eng, 8192, 3);
    pairs[1].from = 77777;
    pairs[1].to = 1;
    pairs[2].from = new_value(fx->eng, 40960, 5);
    pairs[3].from = new_value(fx->eng, TOO_MUCH, 7);
    assert_ok(eng_values_copy(fx->eng, pairs, 4, &done));
    assert_int_equal(done, 3);
    assert_same_value(fx->eng, pairs[0].from, pairs[0].to, 8192);
    assert_int_equal(pairs[1].to, 0);
    assert_same_value(fx->eng, pairs[2].from, pairs[2].to, 40960);
    assert_int_equal(pairs[3].to, 0);
    assert_ok(eng_values_copy(fx->eng, &pairs[3], 1, &done));
    assert_int_equal(done, 0);
    assert_whole(fx->eng);
}

static void note_copied(void *context, const struct eng_event *events, size_t event_count)
{
    struct msp_buf *out = context;

    for (size_t i = 0; i < event_count; i++)
        (void)msp_buf_append(out, &events[i], sizeof(events[i]));
}

static bool note_journal(void *context, uint64_t number, const struct eng_event *event)
{
    (void)number;
    note_copied(context, event, 1);
    return true;
}

static const struct eng_event *find_copied(const struct msp_buf *told, bool is_folder)
{
    const struct eng_event *events = (const struct eng_event *)(const void *)told->data;
    const struct eng_event *found = NULL;

    for (size_t i = 0; i < told->size / sizeof(*events); i++) {
        assert_int_not_equal(events[i].kind, ENG_EVENT_CREATED);
        if (events[i].kind == ENG_EVENT_COPIED && events[i].is_folder == is_folder) {
            assert_null(found);
            found = &events[i];
        }
    }
    assert_non_null(found);
    return found;
}

static void copies__tell_of_the_original__now_and_in_the_journal(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf told = MSP_BUF_INIT;
    uint64_t from = new_folder(fx->eng, ENG_ROOT_FOLDER, "from");
    uint64_t to = new_folder(fx->eng, ENG_ROOT_FOLDER, "to");
    uint64_t id = new_msg(fx->eng, from, "x");
    uint64_t start = 0;
    uint64_t copy = 0;
    uint64_t folder = 0;
    bool complete = false;

    assert_ok(eng_journal_end(fx->eng, &start));
    eng_on_events(fx->eng, note_copied, &told);
    assert_ok(eng_msg_copy(fx->eng, id, to, 0, NULL, 0, &copy));
    assert_ok(eng_folder_copy(fx->eng, from, to, NULL, 0, &folder));
    eng_on_events(fx->eng, NULL, NULL);
    for (int round = 0; round < 2; round++) {
        const struct eng_event *event = find_copied(&told, false);

        assert_int_equal(event->object, copy);
        assert_int_equal(event->parent, to);
        assert_int_equal(event->original, id);
        assert_int_equal(event->old_parent, from);
        event = find_copied(&told, true);
        assert_int_equal(event->object, folder);
        assert_int_equal(event->parent, to);
        assert_int_equal(event->original, from);
        assert_int_equal(event->old_parent, ENG_ROOT_FOLDER);
        msp_buf_clear(&told);
        assert_ok(eng_journal_read(fx->eng, start, note_journal, &told, &complete));
        assert_true(complete);
    }
    msp_buf_free(&told);
}

static void msg_copy__bad_arguments__nothing_is_copied(void **state)
{
    struct fixture *fx = *state;
    uint64_t values[3];
    uint64_t id = new_tree(fx->eng, ENG_ROOT_FOLDER, values);
    uint64_t embedded = 0;
    struct msp_buf packed = MSP_BUF_INIT;
    uint64_t copy = 9;

    assert_ok(eng_attachment_get(fx->eng, id, 5, &embedded, &packed));
    assert_int_equal(eng_msg_copy(fx->eng, 4711, 1, 0, NULL, 0, &copy), ENG_NOT_FOUND);
    assert_int_equal(copy, 0);
    assert_int_equal(eng_msg_copy(fx->eng, id, 4711, 0, NULL, 0, &copy), ENG_NOT_FOUND);
    assert_int_equal(eng_msg_copy(fx->eng, 0, 1, 0, NULL, 0, &copy), ENG_NOT_FOUND);
    assert_int_equal(eng_msg_copy(fx->eng, embedded, 1, 0, NULL, 0, &copy), ENG_INVALID);
    assert_int_equal(eng_msg_copy(fx->eng, id, 1, 0x40, NULL, 0, &copy), ENG_INVALID);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
}

static void folder_copy__names_and_cycles(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf packed = record_of(0x3004001F, "comment", 7);
    struct msp_buf read = MSP_BUF_INIT;
    struct msp_buf name = MSP_BUF_INIT;
    struct eng_folder row;
    uint64_t from = 0;
    uint64_t below;
    uint64_t copy = 9;

    assert_ok(eng_folder_create(
            fx->eng, 1, ENG_FOLDER_GENERIC, "From", 4, packed.data, packed.size, &from));
    below = new_folder(fx->eng, from, "below");
    assert_int_equal(eng_folder_copy(fx->eng, from, 1, NULL, 0, &copy), ENG_EXISTS);
    assert_int_equal(copy, 0);
    assert_int_equal(eng_folder_copy(fx->eng, from, 1, "FROM", 4, &copy), ENG_EXISTS);
    assert_int_equal(eng_folder_copy(fx->eng, from, from, "x", 1, &copy), ENG_CYCLE);
    assert_int_equal(eng_folder_copy(fx->eng, from, below, NULL, 0, &copy), ENG_CYCLE);
    assert_int_equal(eng_folder_copy(fx->eng, 1, from, "x", 1, &copy), ENG_DENIED);
    assert_int_equal(eng_folder_copy(fx->eng, from, 1, "", 0, &copy), ENG_INVALID);
    assert_int_equal(eng_folder_copy(fx->eng, 4711, 1, "x", 1, &copy), ENG_NOT_FOUND);
    assert_ok(eng_folder_copy(fx->eng, from, 1, "Copy", 4, &copy));
    assert_ok(eng_folder_get(fx->eng, copy, &row, &name, &read));
    assert_int_equal(name.size, 4);
    assert_memory_equal(name.data, "Copy", 4);
    assert_int_equal(read.size, packed.size);
    assert_memory_equal(read.data, packed.data, packed.size);
    assert_counts(fx->eng, copy, 0, 0, 0, 0);
    assert_counts(fx->eng, 1, 0, 0, 0, 2);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
    msp_buf_free(&read);
    msp_buf_free(&name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(msg_copy__with_all_it_owns__equal_and_independent),
        TEST(msg_copy__values_copied_before__are_taken),
        TEST(value_copy_part__in_pieces__same_bytes),
        TEST(values_copy__many__until_one_is_too_much),
        TEST(copies__tell_of_the_original__now_and_in_the_journal),
        TEST(msg_copy__bad_arguments__nothing_is_copied),
        TEST(folder_copy__names_and_cycles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
