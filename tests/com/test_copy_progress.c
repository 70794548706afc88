/* SPDX-License-Identifier: MIT */
/*
 * test_copy_progress.c - who is told how far a copy is, with which values, and who may cancel it.
 */
#include "copy_recorder.h"
#include "copy_world.h"

struct two {
    IMAPIFolder *from; /* the inbox */
    IMAPIFolder *to;
};

static struct two two_open(struct fixture *fx)
{
    struct two two = { fx->inbox, folder_make(fx->inbox, "To") };

    return two;
}

static void two_close(struct two *two)
{
    release_last(two->to);
}

/* --- progress --------------------------------------------------------------------------------- */

enum { MANY = 40 };

static void make_many(IMAPIFolder *folder, SPropValue **ids, SBinary *bins, ENTRYLIST *list)
{
    for (int i = 0; i < MANY; i++)
        ids[i] = message_make(folder, "many");
    *list = copy_list(bins, ids, MANY);
}

static void free_many(SPropValue **ids)
{
    for (int i = 0; i < MANY; i++)
        mapi_free(ids[i]);
}

/* progress.General.1 progress.General.2 progress.General.3 */
static void progress__dialog_flag_and_object__decide_who_is_told(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = message_make(two.from, "x");
    SBinary bin;
    ENTRYLIST list = copy_list(&bin, &id, 1);
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    struct host_call call;

    assert_ok(two.from->lpVtbl->CopyMessages(two.from, &list, NULL, two.to, 0, progress, 0));
    assert_int_equal(recorder.first, 0);
    assert_int_equal(host_support_calls(fx->support, HOST_DoProgressDialog), 0);

    assert_ok(two.from->lpVtbl->CopyMessages(
            two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG));
    assert_int_equal(recorder.calls, 1);
    assert_int_equal(host_support_calls(fx->support, HOST_DoProgressDialog), 0);

    assert_ok(
            two.from->lpVtbl->CopyMessages(two.from, &list, NULL, two.to, 0, NULL, MESSAGE_DIALOG));
    assert_int_equal(host_support_calls(fx->support, HOST_DoProgressDialog), 1);
    assert_true(host_support_call(fx->support, HOST_DoProgressDialog, 0, &call));
    assert_int_equal(call.flags, MAPI_TOP_LEVEL);
    assert_int_equal(copy_rows(two.to, 0), 3);
    mapi_free(id);
    two_close(&two);
}

/* progress.General.4 progress.TopLevel.1 progress.TopLevel.2 progress.TopLevel.4 progress.Total.1
 */
static void progress__top_level__each_message_counts(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);

    make_many(two.from, ids, bins, &list);
    assert_ok(two.from->lpVtbl->CopyMessages(
            two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG | MESSAGE_MOVE));
    assert_int_equal(recorder.first, 'F');
    assert_int_equal(recorder.limits, 1);
    assert_int_equal(recorder.limit_min[0], 0);
    assert_int_equal(recorder.limit_max[0], 1000);
    assert_int_equal(recorder.limit_flags[0], MAPI_TOP_LEVEL);
    assert_int_equal(recorder.calls, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(recorder.counts[i], i + 1);
        assert_int_equal(recorder.totals[i], MANY);
        assert_int_equal(recorder.values[i], (i + 1) * 1000 / MANY);
    }
    free_many(ids);
    two_close(&two);
}

/* progress.SubLevel.1 progress.SubLevel.2 progress.General.4 */
static void progress__part_of_something__within_the_limits_given(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, 0);

    recorder.min = 200;
    recorder.max = 300;
    make_many(two.from, ids, bins, &list);
    assert_ok(two.from->lpVtbl->CopyMessages(
            two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG));
    assert_int_equal(recorder.first, 'F');
    assert_int_equal(recorder.limits, 0);
    assert_int_equal(recorder.calls, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(recorder.counts[i], 0);
        assert_int_equal(recorder.totals[i], 0);
        assert_in_range(recorder.values[i], i == 0 ? 200 : recorder.values[i - 1], 300);
    }
    assert_int_equal(recorder.values[MANY - 1], 300);
    free_many(ids);
    two_close(&two);
}

/* progress.TopLevel.4: more items than the scale has steps. */
static void progress__narrow_limits__the_minimum_is_left_at_once(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, 0);

    recorder.min = 200;
    recorder.max = 203;
    make_many(two.from, ids, bins, &list);
    assert_ok(two.from->lpVtbl->CopyMessages(
            two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG));
    assert_int_equal(recorder.calls, MANY);
    for (unsigned i = 0; i < MANY; i++)
        assert_in_range(recorder.values[i], 201, 203);
    assert_int_equal(recorder.values[MANY - 1], 203);
    free_many(ids);
    two_close(&two);
}

/* progress.General.6 IMAPIFolder.CopyMessages.13 */
static void progress__cancelled__what_is_done_stays(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    ULONG moved;

    recorder.answer = MAPI_E_USER_CANCEL;
    recorder.from = 3;
    make_many(two.from, ids, bins, &list);
    assert_hr(two.from->lpVtbl->CopyMessages(
                      two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG | MESSAGE_MOVE),
            MAPI_E_USER_CANCEL);
    assert_int_equal(recorder.calls, 3);
    moved = copy_rows(two.to, 0);
    assert_in_range(moved, 3, MANY / 2);
    assert_int_equal(copy_rows(two.from, 0), MANY - moved);
    for (ULONG i = 0; i < MANY; i++) {
        IMessage *message = message_open(fx->store, ids[i]);

        release_last(message);
    }
    recorder.flags_answer = MAPI_E_USER_CANCEL;
    assert_hr(two.from->lpVtbl->CopyMessages(
                      two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG | MESSAGE_MOVE),
            MAPI_E_USER_CANCEL);
    assert_int_equal(copy_rows(two.to, 0), moved);
    free_many(ids);
    two_close(&two);
}

/* progress.General.5 */
static void progress__fails_otherwise__the_work_goes_on(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);

    recorder.answer = MAPI_E_CALL_FAILED;
    recorder.from = 2;
    make_many(two.from, ids, bins, &list);
    assert_ok(two.from->lpVtbl->CopyMessages(
            two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG));
    assert_int_equal(copy_rows(two.to, 0), MANY);
    progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    recorder.flags_answer = MAPI_E_CALL_FAILED;
    assert_ok(two.from->lpVtbl->CopyMessages(
            two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG));
    host_support_fail(fx->support, HOST_DoProgressDialog, MAPI_E_NOT_ENOUGH_RESOURCES, 1);
    assert_ok(
            two.from->lpVtbl->CopyMessages(two.from, &list, NULL, two.to, 0, NULL, MESSAGE_DIALOG));
    assert_int_equal(copy_rows(two.to, 0), 3 * MANY);
    free_many(ids);
    two_close(&two);
}

/* A call-out: the store can be used from in there. */
static void use_the_store(struct recorder *recorder)
{
    struct fixture *fx = recorder->context;

    mapi_free(message_make(fx->inbox, "from the callback"));
}

static void progress__callback_uses_the_store__no_lock_is_in_the_way(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = message_make(two.from, "x");
    SBinary bin;
    ENTRYLIST list = copy_list(&bin, &id, 1);
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);

    recorder.on_progress = use_the_store;
    recorder.context = fx;
    assert_ok(two.from->lpVtbl->CopyMessages(
            two.from, &list, NULL, two.to, 0, progress, MESSAGE_DIALOG));
    assert_int_equal(copy_rows(two.from, 0), 2);
    mapi_free(id);
    two_close(&two);
}

/* --- folders ---------------------------------------------------------------------------------- */

static HRESULT copy_folder(IMAPIFolder *parent, IMAPIFolder *folder, IMAPIFolder *to,
        IMAPIProgress *progress, ULONG flags)
{
    SPropValue *id = prop_get(folder, PR_ENTRYID);
    WCHAR name[] = { 'N', 'e', 'w', 0 };
    HRESULT hr;

    hr = parent->lpVtbl->CopyFolder(parent, id->Value.bin.cb, copy_id(id), NULL, to,
            (LPTSTR)(void *)name, 0, progress, MAPI_UNICODE | flags);
    mapi_free(id);
    return hr;
}

/* progress.TopLevel.3 progress.TopLevel.4 progress.SubLevel.3 */
static void progress__folder_with_subfolders__each_has_its_part(void **state)
{
    enum { BELOW = 3, EACH = 5 };
    struct fixture *fx = *state;
    IMAPIFolder *from = folder_make(fx->inbox, "From");
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    unsigned item = 0;

    for (int i = 0; i < BELOW; i++) {
        char name[] = { 'B', (char)('0' + i), 0 };
        IMAPIFolder *below = folder_make(from, name);

        for (int j = 0; j < EACH; j++)
            mapi_free(message_make(below, "x"));
        release_last(below);
    }
    assert_ok(copy_folder(fx->inbox, from, fx->inbox, progress, FOLDER_DIALOG | COPY_SUBFOLDERS));
    assert_int_equal(recorder.limits, 1 + (BELOW + 1));
    for (unsigned i = 0; i <= BELOW; i++) {
        assert_int_equal(recorder.limit_min[i + 1], i * 1000 / (BELOW + 1));
        assert_int_equal(recorder.limit_max[i + 1], (i + 1) * 1000 / (BELOW + 1));
        assert_int_equal(recorder.limit_flags[i + 1], 0);
    }
    assert_int_equal(recorder.calls, BELOW + 1 + BELOW * EACH);
    for (unsigned i = 0; i < recorder.calls; i++) {
        assert_true(i == 0 || recorder.values[i] >= recorder.values[i - 1]);
        assert_int_equal(recorder.values[i] == 1000, i == recorder.calls - 1);
        if (recorder.counts[i] == 0)
            continue;
        item++;
        assert_int_equal(recorder.counts[i], item);
        assert_int_equal(recorder.totals[i], BELOW + 1);
        assert_int_equal(recorder.values[i], item * 1000 / (BELOW + 1));
    }
    assert_int_equal(item, BELOW + 1);
    release_last(from);
}

static void progress__folder_without_subfolders__one_item(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *from = folder_make(fx->inbox, "From");
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);

    assert_ok(copy_folder(fx->inbox, from, fx->inbox, progress, FOLDER_DIALOG));
    assert_int_equal(recorder.calls, 1);
    assert_int_equal(recorder.totals[0], 1);
    assert_int_equal(recorder.values[0], 1000);
    progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    release_last(from);
}

/* progress.General.6 */
static void progress__folder_copy_cancelled__stops(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *from = folder_make(fx->inbox, "From");
    IMAPIFolder *below = folder_make(from, "Below");
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);

    recorder.answer = MAPI_E_USER_CANCEL;
    recorder.from = 1;
    mapi_free(message_make(below, "x"));
    assert_hr(copy_folder(fx->inbox, from, fx->inbox, progress, FOLDER_DIALOG | COPY_SUBFOLDERS),
            MAPI_E_USER_CANCEL);
    assert_int_equal(recorder.calls, 1);
    release_last(below);
    release_last(from);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(progress__dialog_flag_and_object__decide_who_is_told),
        TEST(progress__top_level__each_message_counts),
        TEST(progress__part_of_something__within_the_limits_given),
        TEST(progress__narrow_limits__the_minimum_is_left_at_once),
        TEST(progress__cancelled__what_is_done_stays),
        TEST(progress__fails_otherwise__the_work_goes_on),
        TEST(progress__callback_uses_the_store__no_lock_is_in_the_way),
        TEST(progress__folder_with_subfolders__each_has_its_part),
        TEST(progress__folder_without_subfolders__one_item),
        TEST(progress__folder_copy_cancelled__stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
