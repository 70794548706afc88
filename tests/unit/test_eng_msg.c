/* SPDX-License-Identifier: MIT */
/*
 * test_eng_msg.c - messages: saving, reading, flags, place, deletion; recipients and attachments.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng.h"
#include "test_eng_fixture.h"

static void assert_gone(struct eng *eng, uint64_t id)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;

    assert_int_equal(eng_msg_get(eng, id, &row, &texts, NULL), ENG_NOT_FOUND);
    msp_buf_free(&texts);
}

static void assert_row(const struct eng_msg *row, const struct eng_msg *expected)
{
    assert_int_equal(row->id, expected->id);
    assert_int_equal(row->folder, expected->folder);
    assert_int_equal(row->flags, expected->flags);
    assert_int_equal(row->status, expected->status);
    assert_int_equal(row->importance, expected->importance);
    assert_int_equal(row->size, expected->size);
    assert_int_equal(row->delivered, expected->delivered);
    assert_int_equal(row->submitted, expected->submitted);
    assert_int_equal(row->created, expected->created);
    assert_int_equal(row->modified, expected->modified);
    assert_true(text_is(&row->message_class, expected->message_class.data));
    assert_true(text_is(&row->subject, expected->subject.data));
    assert_true(text_is(&row->sender, expected->sender.data));
    assert_true(text_is(&row->display_to, expected->display_to.data));
}

static void put__new__is_read_back_after_reopen(void **state)
{
    struct fixture *fx = *state;
    uint64_t inbox = new_folder(fx->eng, ENG_ROOT_FOLDER, "Inbox");
    struct msp_buf packed = record_of(0x1000001F, "body", 4);
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf read = MSP_BUF_INIT;
    struct eng_msg msg = msg_of(new_id(fx->eng), inbox, "Subject");
    struct eng_msg row;
    uint64_t change = 0;

    msg.sender = text_of(NULL);
    msg.display_to = text_of("");
    msg.flags = 0x80000001;
    assert_ok(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change));
    assert_int_equal(change, 1);
    reopen(fx);

    (void)msp_buf_append_str(&read, "before");
    assert_ok(eng_msg_get(fx->eng, msg.id, &row, &texts, &read));
    assert_row(&row, &msg);
    assert_int_equal(row.change, 1);
    assert_int_equal(read.size, 6 + packed.size);
    assert_memory_equal(read.data, "before", 6);
    assert_memory_equal(read.data + 6, packed.data, packed.size);
    assert_counts(fx->eng, inbox, 1, 0, 0, 0);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
    msp_buf_free(&texts);
    msp_buf_free(&read);
}

static void put__text_with_nul_and_lone_surrogate__is_kept(void **state)
{
    static const char odd[] = "a\0b\xED\xA0\x80 c";
    struct fixture *fx = *state;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg msg = msg_of(new_id(fx->eng), ENG_ROOT_FOLDER, "");
    struct eng_msg row;
    uint64_t change;

    msg.subject.data = odd;
    msg.subject.size = sizeof(odd) - 1;
    assert_ok(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, NULL, 0, &change));

    assert_ok(eng_msg_get(fx->eng, msg.id, &row, &texts, NULL));
    assert_int_equal(row.subject.size, sizeof(odd) - 1);
    assert_memory_equal(row.subject.data, odd, sizeof(odd) - 1);
    msp_buf_free(&texts);
}

static void put__bad_arguments__change_nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    struct eng_msg msg = msg_of(id, ENG_ROOT_FOLDER, "y");
    uint64_t change = 9;

    assert_int_equal(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, NULL, 0, &change), ENG_EXISTS);
    assert_int_equal(change, 0);
    msg.id = 0;
    assert_int_equal(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, NULL, 0, &change), ENG_INVALID);
    msg.id = new_id(fx->eng);
    assert_int_equal(
            eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, "\x01\x00\xff", 3, &change), ENG_INVALID);
    msg.folder = 4711;
    assert_int_equal(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, NULL, 0, &change), ENG_NOT_FOUND);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_whole(fx->eng);
}

static void put__update__wants_the_change_that_was_read(void **state)
{
    struct fixture *fx = *state;
    uint64_t other = new_folder(fx->eng, ENG_ROOT_FOLDER, "other");
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "one");
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg msg = msg_of(id, other, "two"); /* folder and status are the row's */
    struct eng_msg row;
    uint64_t change = 9;

    msg.status = 77;
    msg.change = 2;
    assert_int_equal(eng_msg_put(fx->eng, &msg, 0, NULL, 0, &change), ENG_CHANGED);
    assert_int_equal(change, 0);
    msg.change = 1;
    assert_ok(eng_msg_put(fx->eng, &msg, 0, NULL, 0, &change));
    assert_int_equal(change, 2);
    assert_int_equal(eng_msg_put(fx->eng, &msg, 0, NULL, 0, &change), ENG_CHANGED);
    assert_ok(eng_msg_put(fx->eng, &msg, ENG_PUT_FORCE, NULL, 0, &change));
    assert_int_equal(change, 3);

    assert_ok(eng_msg_get(fx->eng, id, &row, &texts, NULL));
    assert_true(text_is(&row.subject, "two"));
    assert_int_equal(row.folder, ENG_ROOT_FOLDER);
    assert_int_equal(row.status, 2);
    assert_ok(eng_msg_delete(fx->eng, id));
    assert_int_equal(eng_msg_put(fx->eng, &msg, ENG_PUT_FORCE, NULL, 0, &change), ENG_DELETED);
    assert_int_equal(eng_msg_delete(fx->eng, id), ENG_NOT_FOUND);
    assert_whole(fx->eng);
    msp_buf_free(&texts);
}

static void put__read_and_associated_flags__drive_the_counts(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    struct eng_msg msg = msg_of(id, ENG_ROOT_FOLDER, "x");
    uint64_t change;

    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    msg.change = 1;
    msg.flags = 1;
    assert_ok(eng_msg_put(fx->eng, &msg, 0, NULL, 0, &change));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 0, 0, 0);
    msg.change = change;
    msg.flags = 0x40;
    assert_ok(eng_msg_put(fx->eng, &msg, 0, NULL, 0, &change));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 1, 0);
    msg.id = new_id(fx->eng);
    assert_ok(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, NULL, 0, &change));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 2, 0);
    assert_ok(eng_msg_delete(fx->eng, id));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 1, 0);
    assert_whole(fx->eng);
}

static void set_flags__changes_bits_counts_and_not_the_change(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    uint32_t old = 99;

    assert_ok(eng_msg_set_flags(fx->eng, id, 1 | 0x100, 1 | 0x200, &old));
    assert_int_equal(old, 0);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 0, 0, 0);
    assert_ok(eng_msg_set_flags(fx->eng, id, 0x100, 0x100, NULL));
    assert_ok(eng_msg_set_status(fx->eng, id, 0xFF, 0x10, &old));
    assert_int_equal(old, 2);

    assert_ok(eng_msg_get(fx->eng, id, &row, &texts, NULL));
    assert_int_equal(row.flags, 0x101);
    assert_int_equal(row.status, 0x10);
    assert_int_equal(row.change, 1);
    assert_int_equal(eng_msg_set_flags(fx->eng, id, 0x40, 0x40, NULL), ENG_INVALID);
    assert_int_equal(eng_msg_set_flags(fx->eng, 99, 1, 1, &old), ENG_NOT_FOUND);
    assert_int_equal(old, 0);
    assert_int_equal(eng_msg_set_status(fx->eng, 99, 1, 1, &old), ENG_NOT_FOUND);
    assert_ok(eng_msg_set_flags(fx->eng, id, 1, 0, NULL));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_whole(fx->eng);
    msp_buf_free(&texts);
}

static void move__takes_the_counts_along(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");

    assert_ok(eng_msg_move(fx->eng, id, a));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 1);
    assert_counts(fx->eng, a, 1, 1, 0, 0);
    assert_ok(eng_msg_move(fx->eng, id, a));
    assert_int_equal(eng_msg_move(fx->eng, id, 99), ENG_NOT_FOUND);
    assert_int_equal(eng_msg_move(fx->eng, 99, a), ENG_NOT_FOUND);
    assert_counts(fx->eng, a, 1, 1, 0, 0);
    assert_whole(fx->eng);
}

struct scan {
    struct msp_buf text;
    size_t stop_after;
    size_t count;
    bool with_props;
};

static bool scan_add(void *context, const struct eng_msg *row, const void *packed, size_t size)
{
    struct scan *scan = context;

    if (scan->with_props)
        assert_true(packed != NULL && packed_count(packed, size) == 1);
    else
        assert_true(packed == NULL && size == 0);
    (void)msp_buf_append(&scan->text, row->subject.data, row->subject.size);
    return ++scan->count != scan->stop_after;
}

static bool key_add(void *context, uint64_t delivered, uint64_t id)
{
    struct scan *scan = context;

    assert_true(id != 0);
    (void)msp_buf_printf(&scan->text, "%u ", (unsigned)delivered);
    return ++scan->count != scan->stop_after;
}

static void put_at(struct eng *eng, const char *subject, uint64_t delivered, uint32_t flags)
{
    struct msp_buf packed = record_of(0x0037001F, subject, strlen(subject));
    struct eng_msg msg = msg_of(new_id(eng), ENG_ROOT_FOLDER, subject);
    uint64_t change;

    msg.delivered = delivered;
    msg.flags = flags;
    assert_ok(eng_msg_put(eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change));
    msp_buf_free(&packed);
}

static void scan__order_is_delivery_time_then_id(void **state)
{
    struct fixture *fx = *state;
    struct scan rows = { MSP_BUF_INIT, 0, 0, false };
    struct scan props = { MSP_BUF_INIT, 2, 0, true };
    struct scan assoc = { MSP_BUF_INIT, 0, 0, false };
    struct scan keys = { MSP_BUF_INIT, 0, 0, false };
    struct msp_buf ids = MSP_BUF_INIT;

    put_at(fx->eng, "c", 30, 0);
    put_at(fx->eng, "b", 20, 0);
    put_at(fx->eng, "d", 30, 0);
    put_at(fx->eng, "a", 0, 0);
    put_at(fx->eng, "z", 10, 0x40);

    assert_ok(eng_msg_scan(fx->eng, ENG_ROOT_FOLDER, ENG_SCAN_ROWS, scan_add, &rows));
    assert_string_equal(msp_buf_cstr(&rows.text), "abcd");
    assert_ok(eng_msg_scan(fx->eng, ENG_ROOT_FOLDER, ENG_SCAN_PROPS, scan_add, &props));
    assert_string_equal(msp_buf_cstr(&props.text), "ab");
    assert_ok(eng_msg_scan(fx->eng, ENG_ROOT_FOLDER, ENG_SCAN_ASSOC, scan_add, &assoc));
    assert_string_equal(msp_buf_cstr(&assoc.text), "z");
    assert_ok(eng_msg_keys(fx->eng, ENG_ROOT_FOLDER, false, false, key_add, &keys));
    assert_string_equal(msp_buf_cstr(&keys.text), "0 20 30 30 ");
    msp_buf_clear(&keys.text);
    keys.stop_after = 6;
    assert_ok(eng_msg_keys(fx->eng, ENG_ROOT_FOLDER, false, true, key_add, &keys));
    assert_string_equal(msp_buf_cstr(&keys.text), "30 30 ");
    assert_ok(eng_msg_keys(fx->eng, ENG_ROOT_FOLDER, true, true, key_add, &keys));
    assert_string_equal(msp_buf_cstr(&keys.text), "30 30 10 ");
    assert_ok(eng_msg_ids(fx->eng, ENG_ROOT_FOLDER, false, &ids));
    assert_int_equal(ids.size, 4 * sizeof(uint64_t));
    assert_true(((uint64_t *)(void *)ids.data)[0] > ((uint64_t *)(void *)ids.data)[1]);
    msp_buf_free(&rows.text);
    msp_buf_free(&props.text);
    msp_buf_free(&assoc.text);
    msp_buf_free(&keys.text);
    msp_buf_free(&ids);
}

/* --- parts ---------------------------------------------------------------------------------- */

struct parts {
    struct msp_buf numbers;
    size_t stop_after;
    size_t count;
    uint64_t embedded;
};

static bool part_add(void *context, const struct eng_part *part)
{
    struct parts *parts = context;

    assert_true(packed_check(part->packed, part->packed_size));
    parts->embedded = part->embedded;
    (void)msp_buf_printf(&parts->numbers, "%u:%d|", (unsigned)part->number,
            (int)packed_count(part->packed, part->packed_size));
    return ++parts->count != parts->stop_after;
}

static void assert_parts(struct eng *eng, uint64_t msg, bool recipients, const char *expected)
{
    struct parts parts = { MSP_BUF_INIT, 0, 0, 0 };

    assert_ok(recipients ? eng_recipients_get(eng, msg, part_add, &parts)
                         : eng_attachments_get(eng, msg, part_add, &parts));
    assert_string_equal(msp_buf_cstr(&parts.numbers), expected);
    msp_buf_free(&parts.numbers);
}

static void recipients__list__is_replaced_as_a_whole(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    struct msp_buf packed = record_of(0x3001001F, "Bob", 3);
    struct eng_part parts[3] = { { 7, 0, packed.data, packed.size }, { 0xFFFFFFFF, 0, NULL, 0 },
        { 1, 0, packed.data, packed.size } };
    struct eng_part bad = { 1, 0, "\x55", 1 };
    struct parts two = { MSP_BUF_INIT, 2, 0, 0 };

    assert_parts(fx->eng, id, true, "");
    assert_ok(eng_recipients_put(fx->eng, id, parts, 3));
    reopen(fx);
    assert_parts(fx->eng, id, true, "7:1|4294967295:0|1:1|");
    assert_ok(eng_recipients_get(fx->eng, id, part_add, &two));
    assert_int_equal(two.count, 2);
    assert_ok(eng_recipients_put(fx->eng, id, parts, 1));
    assert_int_equal(eng_recipients_put(fx->eng, id, &bad, 1), ENG_INVALID);
    assert_int_equal(eng_recipients_put(fx->eng, 99, parts, 1), ENG_NOT_FOUND);
    assert_parts(fx->eng, id, true, "7:1|");
    assert_ok(eng_recipients_put(fx->eng, id, NULL, 0));
    assert_parts(fx->eng, id, true, "");
    assert_whole(fx->eng);
    msp_buf_free(&packed);
    msp_buf_free(&two.numbers);
}

static void recipients__ten_thousand__are_all_there(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    struct msp_buf packed = record_of(0x3001001F, "somebody@example.com", 20);
    struct parts parts = { MSP_BUF_INIT, 0, 0, 0 };
    static struct eng_part many[10000];

    for (size_t i = 0; i < 10000; i++) {
        many[i].number = (uint32_t)i;
        many[i].packed = packed.data;
        many[i].packed_size = packed.size;
    }
    assert_ok(eng_recipients_put(fx->eng, id, many, 10000));
    assert_ok(eng_recipients_get(fx->eng, id, part_add, &parts));

    assert_int_equal(parts.count, 10000);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
    msp_buf_free(&parts.numbers);
}

static void attachment__put_get_delete(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    uint64_t next = new_msg(fx->eng, ENG_ROOT_FOLDER, "y");
    struct msp_buf packed = record_of(0x3707001F, "a.txt", 5);
    struct msp_buf read = MSP_BUF_INIT;
    struct eng_part part = { 5, 0, packed.data, packed.size };
    struct eng_part empty = { 1048575, 0, NULL, 0 };
    struct eng_part beyond = { 1048576, 0, NULL, 0 };
    uint64_t embedded = 9;

    assert_ok(eng_attachment_put(fx->eng, id, &part));
    assert_ok(eng_attachment_put(fx->eng, id, &empty));
    assert_ok(eng_attachment_put(fx->eng, next, &part));
    assert_int_equal(eng_attachment_put(fx->eng, id, &beyond), ENG_INVALID);
    assert_int_equal(eng_attachment_put(fx->eng, 99, &part), ENG_NOT_FOUND);
    assert_parts(fx->eng, id, false, "5:1|1048575:0|");
    assert_ok(eng_attachment_get(fx->eng, id, 5, &embedded, &read));
    assert_int_equal(embedded, 0);
    assert_memory_equal(read.data, packed.data, packed.size);
    assert_int_equal(eng_attachment_get(fx->eng, id, 6, &embedded, &read), ENG_NOT_FOUND);
    assert_ok(eng_attachment_delete(fx->eng, id, 5));
    assert_int_equal(eng_attachment_delete(fx->eng, id, 5), ENG_NOT_FOUND);
    assert_parts(fx->eng, id, false, "1048575:0|");
    assert_parts(fx->eng, next, false, "5:1|");
    assert_whole(fx->eng);
    msp_buf_free(&packed);
    msp_buf_free(&read);
}

/* An embedded message in attachment 0; returns its id. */
static uint64_t embed(struct eng *eng, uint64_t msg)
{
    uint64_t inner = new_msg(eng, 0, "inner");
    struct eng_part part = { 0, inner, NULL, 0 };

    assert_ok(eng_attachment_put(eng, msg, &part));
    return inner;
}

static void embedded__replaced_or_deleted__goes_with_all_it_owns(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    uint64_t first = embed(fx->eng, id);
    uint64_t inside = embed(fx->eng, first);
    uint64_t second;
    struct eng_part part = { 0, id, NULL, 0 };

    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_int_equal(eng_msg_move(fx->eng, first, ENG_ROOT_FOLDER), ENG_INVALID);
    assert_int_equal(eng_attachment_put(fx->eng, id, &part), ENG_INVALID);
    assert_whole(fx->eng);
    second = embed(fx->eng, id);
    assert_gone(fx->eng, first);
    assert_gone(fx->eng, inside);
    assert_ok(eng_attachment_delete(fx->eng, id, 0));
    assert_gone(fx->eng, second);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_whole(fx->eng);
}

static void delete__nested_500_deep__leaves_nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "outermost");
    uint64_t inner = id;

    assert_ok(eng_begin(fx->eng, true));
    for (int i = 0; i < 500; i++)
        inner = embed(fx->eng, inner);
    assert_ok(eng_commit(fx->eng));
    assert_whole(fx->eng);

    assert_ok(eng_msg_delete(fx->eng, id));

    assert_gone(fx->eng, inner);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    assert_whole(fx->eng);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(put__new__is_read_back_after_reopen, setup, teardown),
        cmocka_unit_test_setup_teardown(
                put__text_with_nul_and_lone_surrogate__is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(put__bad_arguments__change_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(
                put__update__wants_the_change_that_was_read, setup, teardown),
        cmocka_unit_test_setup_teardown(
                put__read_and_associated_flags__drive_the_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(
                set_flags__changes_bits_counts_and_not_the_change, setup, teardown),
        cmocka_unit_test_setup_teardown(move__takes_the_counts_along, setup, teardown),
        cmocka_unit_test_setup_teardown(scan__order_is_delivery_time_then_id, setup, teardown),
        cmocka_unit_test_setup_teardown(recipients__list__is_replaced_as_a_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(recipients__ten_thousand__are_all_there, setup, teardown),
        cmocka_unit_test_setup_teardown(attachment__put_get_delete, setup, teardown),
        cmocka_unit_test_setup_teardown(
                embedded__replaced_or_deleted__goes_with_all_it_owns, setup, teardown),
        cmocka_unit_test_setup_teardown(delete__nested_500_deep__leaves_nothing, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
