/* SPDX-License-Identifier: MIT */
/*
 * test_eng_folder.c - the tree of folders.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng.h"
#include "test_eng_fixture.h"

static enum eng_status try_folder(struct eng *eng, uint64_t parent, const char *name)
{
    uint64_t id = 99;
    enum eng_status status =
            eng_folder_create(eng, parent, ENG_FOLDER_GENERIC, name, strlen(name), NULL, 0, &id);

    assert_true((status == ENG_OK) == (id != 0));
    return status;
}

struct list {
    char names[200];
    size_t count;
    size_t stop_after;
};

static bool list_add(void *context, const struct eng_folder *folder, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    struct list *list = context;

    assert_true(folder->id > 1);
    assert_true(packed_size == 0 || packed_check(packed, packed_size));
    (void)strncat(list->names, name, name_size);
    (void)strncat(list->names, "|", 2);
    return ++list->count != list->stop_after;
}

static void assert_children(struct eng *eng, uint64_t parent, const char *expected)
{
    struct list list = { "", 0, 0 };

    assert_ok(eng_folder_children(eng, parent, list_add, &list));
    assert_string_equal(list.names, expected);
}

static void create__name_of_a_sibling_in_other_case__exists(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "\xC3\x84pfel");

    assert_int_equal(try_folder(fx->eng, ENG_ROOT_FOLDER, "\xC3\xA4PFEL"), ENG_EXISTS);
    assert_int_equal(try_folder(fx->eng, a, "\xC3\xA4PFEL"), ENG_OK);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 1);
    assert_counts(fx->eng, a, 0, 0, 0, 1);
    assert_whole(fx->eng);
}

static void create__bad_arguments__are_refused(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = 9;

    assert_int_equal(try_folder(fx->eng, 4711, "a"), ENG_NOT_FOUND);
    assert_int_equal(try_folder(fx->eng, 0, "a"), ENG_NOT_FOUND);
    assert_int_equal(try_folder(fx->eng, ENG_ROOT_FOLDER, ""), ENG_INVALID);
    assert_int_equal(
            eng_folder_create(fx->eng, 1, ENG_FOLDER_ROOT, "a", 1, NULL, 0, &id), ENG_INVALID);
    assert_int_equal(
            eng_folder_create(fx->eng, 1, ENG_FOLDER_GENERIC, "a", 1, "\x09", 1, &id), ENG_INVALID);
    assert_int_equal(id, 0);
    assert_children(fx->eng, ENG_ROOT_FOLDER, "");
}

static void get__after_reopen__has_everything(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf packed = record_of(0x3004001F, "comment", 7);
    struct msp_buf name = MSP_BUF_INIT;
    struct msp_buf read = MSP_BUF_INIT;
    struct eng_folder folder;
    uint64_t id;

    assert_ok(eng_folder_create(
            fx->eng, ENG_ROOT_FOLDER, ENG_FOLDER_SEARCH, "a\0b", 3, packed.data, packed.size, &id));
    reopen(fx);

    assert_ok(eng_folder_get(fx->eng, id, &folder, &name, &read));
    assert_int_equal(folder.id, id);
    assert_int_equal(folder.parent, ENG_ROOT_FOLDER);
    assert_int_equal(folder.type, ENG_FOLDER_SEARCH);
    assert_int_equal(folder.change, 1);
    assert_true(folder.created > UINT64_C(130000000000000000));
    assert_int_equal(folder.created, folder.modified);
    assert_int_equal(name.size, 3);
    assert_memory_equal(name.data, "a\0b", 3);
    assert_int_equal(read.size, packed.size);
    assert_memory_equal(read.data, packed.data, read.size);
    assert_int_equal(eng_folder_get(fx->eng, 999, &folder, NULL, NULL), ENG_NOT_FOUND);
    assert_int_equal(folder.id, 0);
    msp_buf_free(&packed);
    msp_buf_free(&name);
    msp_buf_free(&read);
}

static void children__come_in_order_of_folded_name(void **state)
{
    struct fixture *fx = *state;
    struct list two = { "", 0, 2 };

    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "delta");
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "Alpha");
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "CHARLIE");
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "bravo");

    assert_children(fx->eng, ENG_ROOT_FOLDER, "Alpha|bravo|CHARLIE|delta|");
    assert_ok(eng_folder_children(fx->eng, ENG_ROOT_FOLDER, list_add, &two));
    assert_string_equal(two.names, "Alpha|bravo|");
}

/* A callback that looks at the same level again gets the whole of it. */
static bool list_again(void *context, const struct eng_folder *folder, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    struct fixture *fx = context;

    (void)name;
    (void)packed;
    (void)packed_size;
    assert_int_equal(name_size, 1);
    assert_children(fx->eng, folder->parent, "a|b|");
    assert_children(fx->eng, folder->id, "x|");
    return true;
}

static void children__callback_lists_again__both_are_complete(void **state)
{
    struct fixture *fx = *state;

    (void)new_folder(fx->eng, new_folder(fx->eng, ENG_ROOT_FOLDER, "a"), "x");
    (void)new_folder(fx->eng, new_folder(fx->eng, ENG_ROOT_FOLDER, "b"), "x");

    assert_ok(eng_folder_children(fx->eng, ENG_ROOT_FOLDER, list_again, fx));
}

static void set__new_name_and_properties__replace_the_old(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    struct msp_buf packed = record_of(0x3004001F, "x", 1);
    struct msp_buf read = MSP_BUF_INIT;
    struct eng_folder folder;
    uint64_t found;

    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "b");

    assert_ok(eng_folder_set(fx->eng, a, "A", 1, packed.data, packed.size));
    assert_int_equal(eng_folder_set(fx->eng, a, "B", 1, NULL, 0), ENG_EXISTS);
    assert_int_equal(eng_folder_set(fx->eng, 99, "z", 1, NULL, 0), ENG_NOT_FOUND);
    assert_int_equal(eng_folder_set(fx->eng, a, "", 0, NULL, 0), ENG_INVALID);

    assert_children(fx->eng, ENG_ROOT_FOLDER, "A|b|");
    assert_ok(eng_folder_find(fx->eng, ENG_ROOT_FOLDER, "a", 1, &found));
    assert_int_equal(found, a);
    assert_int_equal(eng_folder_find(fx->eng, ENG_ROOT_FOLDER, "aa", 2, &found), ENG_NOT_FOUND);
    assert_int_equal(found, 0);
    assert_ok(eng_folder_get(fx->eng, a, &folder, NULL, &read));
    assert_int_equal(folder.change, 3);
    assert_int_equal(read.size, packed.size);
    msp_buf_free(&packed);
    msp_buf_free(&read);
}

static void move__under_itself__is_a_cycle(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    uint64_t b = new_folder(fx->eng, a, "b");
    uint64_t c = new_folder(fx->eng, b, "c");

    assert_int_equal(eng_folder_move(fx->eng, a, a, NULL, 0), ENG_CYCLE);
    assert_int_equal(eng_folder_move(fx->eng, a, c, NULL, 0), ENG_CYCLE);
    assert_int_equal(eng_folder_move(fx->eng, ENG_ROOT_FOLDER, a, NULL, 0), ENG_DENIED);
    assert_int_equal(eng_folder_move(fx->eng, a, 99, NULL, 0), ENG_NOT_FOUND);
    assert_int_equal(eng_folder_move(fx->eng, 99, a, NULL, 0), ENG_NOT_FOUND);
    assert_whole(fx->eng);
}

static void move__changes_parent_name_and_counts(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    uint64_t b = new_folder(fx->eng, ENG_ROOT_FOLDER, "b");
    uint64_t c = new_folder(fx->eng, a, "c");

    assert_ok(eng_folder_move(fx->eng, c, b, "C2", 2));
    assert_counts(fx->eng, a, 0, 0, 0, 0);
    assert_counts(fx->eng, b, 0, 0, 0, 1);
    assert_children(fx->eng, b, "C2|");
    assert_ok(eng_folder_move(fx->eng, c, ENG_ROOT_FOLDER, NULL, 0));
    assert_children(fx->eng, ENG_ROOT_FOLDER, "a|b|C2|");
    assert_int_equal(eng_folder_move(fx->eng, c, ENG_ROOT_FOLDER, "B", 1), ENG_EXISTS);
    assert_ok(eng_folder_move(fx->eng, c, ENG_ROOT_FOLDER, "c2", 2));
    assert_whole(fx->eng);
}

static void delete__not_empty__needs_the_flags(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    uint64_t b = new_folder(fx->eng, a, "b");
    uint64_t in_b = new_msg(fx->eng, b, "x");
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_folder folder;
    struct eng_msg row;

    assert_int_equal(eng_folder_delete(fx->eng, ENG_ROOT_FOLDER, 3), ENG_DENIED);
    assert_int_equal(eng_folder_delete(fx->eng, 99, 3), ENG_NOT_FOUND);
    assert_int_equal(eng_folder_delete(fx->eng, a, 0), ENG_HAS_FOLDERS);
    assert_int_equal(eng_folder_delete(fx->eng, a, ENG_DELETE_MESSAGES), ENG_HAS_FOLDERS);
    assert_int_equal(eng_folder_delete(fx->eng, b, ENG_DELETE_FOLDERS), ENG_HAS_MESSAGES);
    /* Messages of a subfolder need the flag, too. */
    assert_int_equal(eng_folder_delete(fx->eng, a, ENG_DELETE_FOLDERS), ENG_HAS_MESSAGES);
    assert_counts(fx->eng, b, 1, 1, 0, 0);

    assert_ok(eng_folder_delete(fx->eng, a, ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES));

    assert_int_equal(eng_folder_get(fx->eng, b, &folder, NULL, NULL), ENG_NOT_FOUND);
    assert_int_equal(eng_msg_get(fx->eng, in_b, &row, &texts, NULL), ENG_NOT_FOUND);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    assert_whole(fx->eng);
    msp_buf_free(&texts);
}

static void delete__receive_folder__forgets_it(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");

    assert_ok(eng_receive_set(fx->eng, "IPM", 3, a));
    assert_ok(eng_folder_delete(fx->eng, a, 0));
    assert_int_equal(eng_receive_delete(fx->eng, "IPM", 3), ENG_NOT_FOUND);
    assert_whole(fx->eng);
}

static void delete__deep_tree__needs_no_stack(void **state)
{
    struct fixture *fx = *state;
    uint64_t first = new_folder(fx->eng, ENG_ROOT_FOLDER, "0");
    uint64_t parent = first;

    assert_ok(eng_begin(fx->eng, true));
    for (int i = 0; i < 1000; i++)
        parent = new_folder(fx->eng, parent, "x");
    assert_ok(eng_commit(fx->eng));
    assert_int_equal(eng_folder_move(fx->eng, first, parent, NULL, 0), ENG_CYCLE);
    assert_ok(eng_folder_delete(fx->eng, first, ENG_DELETE_FOLDERS));

    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    assert_whole(fx->eng);
}

static bool receive_add(
        void *context, const char *message_class, size_t size, uint64_t folder, uint64_t modified)
{
    struct msp_buf *out = context;

    assert_true(modified > 0);
    return msp_buf_append(out, message_class, size) && msp_buf_printf(out, ">%d|", (int)folder);
}

static void receive__class_in_other_case__is_the_same(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    struct msp_buf all = MSP_BUF_INIT;
    char expected[100];

    assert_ok(eng_receive_set(fx->eng, "", 0, ENG_ROOT_FOLDER));
    assert_ok(eng_receive_set(fx->eng, "IPM.Note", 8, ENG_ROOT_FOLDER));
    assert_ok(eng_receive_set(fx->eng, "ipm.NOTE", 8, a));
    assert_int_equal(eng_receive_set(fx->eng, "IPM", 3, 99), ENG_NOT_FOUND);
    reopen(fx);

    assert_ok(eng_receives(fx->eng, receive_add, &all));
    (void)snprintf(expected, sizeof(expected), ">1|ipm.NOTE>%d|", (int)a);
    assert_string_equal(msp_buf_cstr(&all), expected);
    assert_ok(eng_receive_delete(fx->eng, "IPM.NOTE", 8));
    assert_int_equal(eng_receive_delete(fx->eng, "IPM.NOTE", 8), ENG_NOT_FOUND);
    msp_buf_free(&all);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                create__name_of_a_sibling_in_other_case__exists, setup, teardown),
        cmocka_unit_test_setup_teardown(create__bad_arguments__are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(get__after_reopen__has_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(children__come_in_order_of_folded_name, setup, teardown),
        cmocka_unit_test_setup_teardown(
                children__callback_lists_again__both_are_complete, setup, teardown),
        cmocka_unit_test_setup_teardown(
                set__new_name_and_properties__replace_the_old, setup, teardown),
        cmocka_unit_test_setup_teardown(move__under_itself__is_a_cycle, setup, teardown),
        cmocka_unit_test_setup_teardown(move__changes_parent_name_and_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(delete__not_empty__needs_the_flags, setup, teardown),
        cmocka_unit_test_setup_teardown(delete__receive_folder__forgets_it, setup, teardown),
        cmocka_unit_test_setup_teardown(delete__deep_tree__needs_no_stack, setup, teardown),
        cmocka_unit_test_setup_teardown(receive__class_in_other_case__is_the_same, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
