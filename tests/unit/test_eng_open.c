/* SPDX-License-Identifier: MIT */
/*
 * test_eng_open.c - opening, creating, closing: each kind of file has its status.
 *
 * Locks: none; each test runs alone.
 */
#include "test_eng_fixture.h"

static void open__new_file__makes_an_empty_store(void **state)
{
    struct fixture *fx = *state;
    struct eng_info info;
    struct eng_info again;

    eng_info(fx->eng, &info);
    assert_false(info.read_only);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    assert_whole(fx->eng);

    reopen(fx);
    eng_info(fx->eng, &again);
    assert_memory_equal(info.store_uid, again.store_uid, 16);
}

static void smoke(void **state)
{
    struct fixture *fx = *state;
    uint64_t inbox = new_folder(fx->eng, ENG_ROOT_FOLDER, "Inbox");
    uint64_t msg = new_msg(fx->eng, inbox, "hello");
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_msg row;

    assert_counts(fx->eng, inbox, 1, 1, 0, 0);
    reopen(fx);
    assert_counts(fx->eng, inbox, 1, 1, 0, 0);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 1);
    assert_ok(eng_msg_get(fx->eng, msg, &row, &texts, &packed));
    assert_true(text_is(&row.subject, "hello"));
    assert_whole(fx->eng);
    assert_ok(eng_msg_delete(fx->eng, msg));
    assert_counts(fx->eng, inbox, 0, 0, 0, 0);
    assert_whole(fx->eng);
    msp_buf_free(&texts);
    msp_buf_free(&packed);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open__new_file__makes_an_empty_store, setup, teardown),
        cmocka_unit_test_setup_teardown(smoke, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
