/* SPDX-License-Identifier: MIT */
/*
 * test_eng_outgoing.c - the queue of messages that wait to be sent: order, locks, who holds them.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng_int.h"
#include "platform/process.h"
#include "test_eng_fixture.h"

enum { SUBMITTED = 0x4, UNSENT = 0x8 };

static uint32_t flags_of(struct eng *eng, uint64_t id)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;

    assert_ok(eng_msg_get(eng, id, &row, &texts, NULL));
    msp_buf_free(&texts);
    return row.flags;
}

static bool note_entry(void *context, const struct eng_outgoing *entry)
{
    struct msp_buf *line = context;

    (void)msp_buf_printf(line, "%d/%d ", (int)entry->msg, (int)entry->flags);
    return true;
}

/* The queue as "id/flags " of each message, compared with a printf of the expected one. */
static void assert_queue(struct eng *eng, const uint64_t *ids, const uint32_t *flags, size_t count)
{
    struct msp_buf expected = MSP_BUF_INIT;
    struct msp_buf line = MSP_BUF_INIT;

    for (size_t i = 0; i < count; i++)
        (void)msp_buf_printf(&expected, "%d/%d ", (int)ids[i], (int)flags[i]);
    assert_ok(eng_outgoing_scan(eng, note_entry, &line));
    assert_string_equal(
            count > 0 ? msp_buf_cstr(&line) : "", count > 0 ? msp_buf_cstr(&expected) : "");
    assert_int_equal(line.size, expected.size);
    msp_buf_free(&expected);
    msp_buf_free(&line);
}

static uint32_t outgoing_flags(struct eng *eng, uint64_t id)
{
    struct eng_outgoing entry;

    assert_ok(eng_outgoing_get(eng, id, &entry));
    assert_int_equal(entry.msg, id);
    return entry.flags;
}

static void run(struct eng *eng, const char *sql)
{
    if (sqlite3_exec(eng->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sql);
}

/* Submit.Queue.1 Submit.Client.2 */
static void put__reopened__the_order_of_putting(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    uint64_t ids[3];
    const uint32_t flags[3] = { 0, ENG_OUTGOING_PREPROCESS, 0 };

    for (int i = 2; i >= 0; i--) /* ids in one order, places in the other */
        ids[i] = new_msg(fx->eng, folder, "m");
    for (int i = 0; i < 3; i++)
        assert_ok(eng_outgoing_put(fx->eng, ids[i], flags[i]));
    reopen(fx);

    assert_queue(fx->eng, ids, flags, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(flags_of(fx->eng, ids[i]) & SUBMITTED, SUBMITTED);
    assert_whole(fx->eng);
}

static void put__again__place_and_lock_stay(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    uint64_t ids[2] = { new_msg(fx->eng, folder, "a"), new_msg(fx->eng, folder, "b") };
    const uint32_t flags[2] = { ENG_OUTGOING_LOCKED | ENG_OUTGOING_MINE, 0 };

    assert_ok(eng_outgoing_put(fx->eng, ids[0], ENG_OUTGOING_PREPROCESS));
    assert_ok(eng_outgoing_put(fx->eng, ids[1], 0));
    assert_ok(eng_outgoing_lock(fx->eng, ids[0], true));
    assert_ok(eng_outgoing_put(fx->eng, ids[0], 0));

    assert_queue(fx->eng, ids, flags, 2);
    assert_int_equal(eng_outgoing_put(fx->eng, ids[0], 8), ENG_INVALID);
    assert_int_equal(eng_outgoing_put(fx->eng, 4711, 0), ENG_NOT_FOUND);
    assert_whole(fx->eng);
}

static void remove__queued__out_with_its_flags(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    uint64_t id = new_msg(fx->eng, folder, "a");
    struct eng_outgoing entry = { 5, 5, 5 };

    assert_ok(eng_msg_set_flags(fx->eng, id, UNSENT, UNSENT, NULL));
    assert_ok(eng_outgoing_put(fx->eng, id, 0));
    assert_ok(eng_outgoing_remove(fx->eng, id, 0));
    assert_int_equal(flags_of(fx->eng, id) & (SUBMITTED | UNSENT), UNSENT);
    assert_int_equal(eng_outgoing_remove(fx->eng, id, 0), ENG_NOT_FOUND);
    assert_int_equal(eng_outgoing_lock(fx->eng, id, true), ENG_NOT_FOUND);
    assert_int_equal(eng_outgoing_get(fx->eng, id, &entry), ENG_NOT_FOUND);
    assert_int_equal(entry.msg, 0);
    assert_ok(eng_outgoing_put(fx->eng, id, 0));
    assert_ok(eng_outgoing_remove(fx->eng, id, UNSENT));
    assert_int_equal(flags_of(fx->eng, id) & (SUBMITTED | UNSENT), 0);
    assert_queue(fx->eng, NULL, NULL, 0);
    assert_whole(fx->eng);
}

/* Who saves, copies or deletes a message cannot part it from the queue. */
static void msg_put__submitted_bit__is_the_engines(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    uint64_t id = new_id(fx->eng);
    struct eng_msg msg = msg_of(id, folder, "s");
    uint64_t change = 0;

    msg.flags = SUBMITTED;
    assert_ok(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, NULL, 0, &change));
    assert_int_equal(flags_of(fx->eng, id), 0);
    assert_ok(eng_outgoing_put(fx->eng, id, 0));
    msg.flags = 0;
    assert_ok(eng_msg_put(fx->eng, &msg, ENG_PUT_FORCE, NULL, 0, &change));
    assert_int_equal(flags_of(fx->eng, id), SUBMITTED);
    assert_ok(eng_msg_delete(fx->eng, id));
    assert_queue(fx->eng, NULL, NULL, 0);
    assert_whole(fx->eng);
}

/* IMsgStore.SetLockState.5 */
static void lock__other_connection__denied_until_it_closes(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    uint64_t id = new_msg(fx->eng, folder, "a");
    struct eng *other = open_again(fx);

    assert_ok(eng_outgoing_put(fx->eng, id, 0));
    assert_ok(eng_outgoing_lock(other, id, true));
    assert_int_equal(outgoing_flags(other, id), ENG_OUTGOING_LOCKED | ENG_OUTGOING_MINE);
    assert_int_equal(outgoing_flags(fx->eng, id), ENG_OUTGOING_LOCKED);
    assert_int_equal(eng_outgoing_lock(fx->eng, id, true), ENG_DENIED);
    assert_int_equal(eng_outgoing_lock(fx->eng, id, false), ENG_DENIED);
    assert_int_equal(eng_outgoing_remove(fx->eng, id, 0), ENG_DENIED);
    assert_ok(eng_outgoing_lock(other, id, true));
    eng_close(other);

    assert_int_equal(outgoing_flags(fx->eng, id), 0);
    assert_ok(eng_outgoing_lock(fx->eng, id, true));
    assert_ok(eng_outgoing_lock(fx->eng, id, false));
    assert_ok(eng_outgoing_lock(fx->eng, id, false));
    assert_int_equal(outgoing_flags(fx->eng, id), 0);
}

static void lock__holder_is_gone__counts_no_more(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    uint64_t id = new_msg(fx->eng, folder, "a");
    uint64_t other_id = new_msg(fx->eng, folder, "b");
    struct eng *other = open_again(fx);
    struct msp_process self;
    char sql[200];

    const struct {
        uint32_t process;
        uint64_t started;
        uint32_t expected;
    } cases[] = {
        { 0, 0, ENG_OUTGOING_LOCKED }, /* this one; when it began is unknown: in doubt */
        { 0, 1, 0 },                   /* an earlier process of its id */
        { 0x7FFFFFF0, 1, 0 },          /* no such process */
        { 0, UINT64_MAX, 0 },          /* this very process, no such connection */
    };

    msp_process_self(&self);
    assert_true(msp_process_is_running(&self));
    /* Somebody else in this process holds another message. */
    assert_ok(eng_outgoing_put(fx->eng, other_id, 0));
    assert_ok(eng_outgoing_lock(other, other_id, true));
    assert_ok(eng_outgoing_put(fx->eng, id, 0));
    for (size_t i = 0; i < MSP_COUNT_OF(cases); i++) {
        (void)snprintf(sql, sizeof(sql),
                "UPDATE outgoing SET owner=77,process=%lu,started=%llu WHERE msg=%llu",
                (unsigned long)(cases[i].process != 0 ? cases[i].process : self.id),
                (unsigned long long)(cases[i].started == UINT64_MAX ? self.started
                                                                    : cases[i].started),
                (unsigned long long)id);
        run(fx->eng, sql);
        assert_int_equal(outgoing_flags(fx->eng, id), cases[i].expected);
    }
    assert_ok(eng_outgoing_lock(fx->eng, id, true));
    assert_int_equal(outgoing_flags(fx->eng, id), ENG_OUTGOING_LOCKED | ENG_OUTGOING_MINE);
    assert_int_equal(outgoing_flags(fx->eng, other_id), ENG_OUTGOING_LOCKED);
    eng_close(other);
}

static void put__rolled_back__nothing_is_queued(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    uint64_t id = new_msg(fx->eng, folder, "a");

    assert_ok(eng_begin(fx->eng, true));
    assert_ok(eng_outgoing_put(fx->eng, id, 0));
    eng_rollback(fx->eng);

    assert_queue(fx->eng, NULL, NULL, 0);
    assert_int_equal(flags_of(fx->eng, id) & SUBMITTED, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(put__reopened__the_order_of_putting, setup, teardown),
        cmocka_unit_test_setup_teardown(put__again__place_and_lock_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(remove__queued__out_with_its_flags, setup, teardown),
        cmocka_unit_test_setup_teardown(msg_put__submitted_bit__is_the_engines, setup, teardown),
        cmocka_unit_test_setup_teardown(
                lock__other_connection__denied_until_it_closes, setup, teardown),
        cmocka_unit_test_setup_teardown(lock__holder_is_gone__counts_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(put__rolled_back__nothing_is_queued, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
