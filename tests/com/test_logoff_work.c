/* SPDX-License-Identifier: MIT */
/*
 * test_logoff_work.c - Logoff in the middle of long work: it returns, the work ends with
 * MAPI_E_INVALID_OBJECT, and whoever opens the store next finds nothing half-done.
 *
 * Where work calls out, Logoff runs to its end inside the call-out, on that thread or on another
 * one. Where it does not, a thread does it over and over until it is refused.
 */
#include <stdatomic.h>

#include "copy_recorder.h"
#include "copy_world.h"
#include "support/process.h"

enum { MANY = 60 };

/* --- Logoff ----------------------------------------------------------------------------------- */

struct ending {
    struct fixture *fx;
    IMSLogon *logon;
    bool on_other_thread;
    bool in_support; /* inside a method of the support object, which ends later */
    bool done;       /* Logoff has returned */
    unsigned at;     /* which call-out it happens in, from 1 */
    unsigned calls;
};

static void ending_init(struct ending *ending, struct fixture *fx, bool on_other_thread)
{
    memset(ending, 0, sizeof(*ending));
    ending->fx = fx;
    ending->logon = host_support_unbind(fx->support);
    ending->on_other_thread = on_other_thread;
    ending->at = 1;
    assert_non_null(ending->logon);
}

static void log_off(void *arg)
{
    struct ending *ending = arg;
    ULONG flags = 0;

    assert_ok(ending->logon->lpVtbl->Logoff(ending->logon, &flags));
    assert_true(ending->in_support || ending->fx->support->dead);
    ending->done = true;
}

/* From a call-out: comes back when Logoff has. */
static void end_now(struct ending *ending)
{
    if (++ending->calls != ending->at)
        return;
    if (ending->on_other_thread)
        host_thread_join(host_thread_start(log_off, ending));
    else
        log_off(ending);
}

/* The logon object, and then a new session on the same file. */
static void ending_check(struct ending *ending)
{
    assert_true(ending->done);
    release_last(ending->logon);
    fixture_reopen(ending->fx);
}

static void on_progress(struct recorder *recorder)
{
    end_now(recorder->context);
}

/* Counts of a folder, its table and its rows say the same. */
static ULONG count_of(IMAPIFolder *folder)
{
    ULONG rows = copy_rows(folder, 0);

    assert_int_equal(prop_long(folder, PR_CONTENT_COUNT), rows);
    return rows;
}

/* --- CopyMessages ----------------------------------------------------------------------------- */

static void copy_messages_and_end(struct fixture *fx, bool other_thread, unsigned at, ULONG flags)
{
    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    IMAPIFolder *to = folder_make(fx->inbox, "To");
    SPropValue *to_id = prop_get(to, PR_ENTRYID);
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    struct ending ending;
    ULONG copied;
    ULONG left;

    for (int i = 0; i < MANY; i++)
        ids[i] = i % 20 == 0 ? copy_make_rich(fx->inbox, "m") : message_make(fx->inbox, "m");
    list = copy_list(bins, ids, MANY);
    ending_init(&ending, fx, other_thread);
    ending.at = at;
    recorder.on_progress = on_progress;
    recorder.context = &ending;
    assert_hr(fx->inbox->lpVtbl->CopyMessages(
                      fx->inbox, &list, NULL, to, 0, progress, MESSAGE_DIALOG | flags),
            MAPI_E_INVALID_OBJECT);
    assert_int_equal(recorder.calls, at); /* nobody is told of anything afterwards */
    release_last(to);

    ending_check(&ending);
    to = folder_open(fx->store, to_id);
    copied = count_of(to);
    left = count_of(fx->inbox);
    assert_in_range(copied, at, MANY - 1);
    assert_int_equal(left, flags == MESSAGE_MOVE ? MANY - copied : MANY);
    for (ULONG i = 0; i < copied; i++) {
        SPropValue *id = copy_nth(to, 0, i);

        assert_true(copy_print_id(fx->store, id).properties > 0);
        mapi_free(id);
    }
    for (int i = 0; i < MANY; i++) { /* none is lost */
        IMessage *message = message_open(fx->store, ids[i]);

        release_last(message);
        mapi_free(ids[i]);
    }
    release_last(to);
    mapi_free(to_id);
}

/* Teardown.Invalid.5 */
static void copy_messages__logoff_in_the_progress_callback__whole_messages_only(void **state)
{
    copy_messages_and_end(*state, false, 1, 0);
}

static void move_messages__logoff_in_the_progress_callback__each_is_in_one_place(void **state)
{
    copy_messages_and_end(*state, false, 20, MESSAGE_MOVE);
}

static void copy_messages__logoff_on_another_thread__whole_messages_only(void **state)
{
    copy_messages_and_end(*state, true, 17, 0);
}

static void move_messages__logoff_on_another_thread__each_is_in_one_place(void **state)
{
    copy_messages_and_end(*state, true, 1, MESSAGE_MOVE);
}

/* The support object makes the progress object: Logoff comes before the first message. */
static void on_dialog(struct host_support *support, enum host_method method, void *context)
{
    (void)support;
    if (method == HOST_DoProgressDialog)
        end_now(context);
}

static void copy_messages__logoff_while_the_dialog_opens__nothing_copied(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "m");
    SBinary bin;
    ENTRYLIST list = copy_list(&bin, &id, 1);
    struct ending ending;

    ending_init(&ending, fx, false);
    ending.in_support = true;
    fx->support->on_call = on_dialog;
    fx->support->on_call_context = &ending;
    assert_hr(fx->inbox->lpVtbl->CopyMessages(
                      fx->inbox, &list, NULL, fx->inbox, 0, NULL, MESSAGE_DIALOG),
            MAPI_E_INVALID_OBJECT);
    assert_true(fx->support->dead);
    ending_check(&ending);
    assert_int_equal(count_of(fx->inbox), 1);
    mapi_free(id);
}

/* --- CopyFolder ------------------------------------------------------------------------------- */

static void copy_folder_and_end(struct fixture *fx, bool other_thread, unsigned at)
{
    IMAPIFolder *from = folder_make(fx->inbox, "From");
    IMAPIFolder *below = folder_make(from, "Below");
    SPropValue *id = prop_get(from, PR_ENTRYID);
    WCHAR name[] = { 'C', 0 };
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    struct ending ending;
    ULONG type = 0;

    for (int i = 0; i < 20; i++) {
        mapi_free(message_make(from, "m"));
        mapi_free(copy_make_rich(below, "rich"));
    }
    ending_init(&ending, fx, other_thread);
    ending.at = at;
    recorder.on_progress = on_progress;
    recorder.context = &ending;
    assert_hr(fx->inbox->lpVtbl->CopyFolder(fx->inbox, id->Value.bin.cb, copy_id(id), NULL,
                      fx->inbox, (LPTSTR)(void *)name, 0, progress,
                      MAPI_UNICODE | FOLDER_DIALOG | COPY_SUBFOLDERS),
            MAPI_E_INVALID_OBJECT);
    release_last(below);
    release_last(from);

    ending_check(&ending);
    from = folder_open(fx->store, id);
    assert_int_equal(count_of(from), 20);
    {
        static const ULONG tags[] = { PR_ENTRYID, PR_DISPLAY_NAME_W };
        IMAPITable *table = NULL;
        LPSRowSet rows;

        assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, CONVENIENT_DEPTH, &table));
        rows = table_rows(table, tags, 2);
        assert_in_range(rows->cRows, 3, 4);
        for (ULONG i = 0; i < rows->cRows; i++) {
            SBinary bin = rows->aRow[i].lpProps[0].Value.bin;
            LPUNKNOWN object = NULL;
            ULONG count;

            assert_ok(fx->store->lpVtbl->OpenEntry(
                    fx->store, bin.cb, raw_id(bin.lpb), NULL, 0, &type, &object));
            count = count_of((IMAPIFolder *)(void *)object);
            assert_true(count <= 20);
            for (ULONG j = 0; j < count; j++) {
                SPropValue *message = copy_nth((IMAPIFolder *)(void *)object, 0, j);

                assert_true(copy_print_id(fx->store, message).properties > 0);
                mapi_free(message);
            }
            release_last(object);
        }
        mapi_free_rows(rows);
        release_last(table);
    }
    release_last(from);
    mapi_free(id);
}

static void copy_folder__logoff_in_the_first_folder__whole_messages_only(void **state)
{
    copy_folder_and_end(*state, false, 1);
}

static void copy_folder__logoff_in_a_subfolder__whole_messages_only(void **state)
{
    copy_folder_and_end(*state, true, 24);
}

/* --- streams ---------------------------------------------------------------------------------- */

/* A stream of the client's that logs off in a write. */
struct target {
    IStream IStream_iface;
    IStreamVtbl vtbl;
    struct ending *ending;
};

static HRESULT STDMETHODCALLTYPE target_Write(
        IStream *iface, const void *bytes, ULONG size, ULONG *out_written)
{
    struct target *target = CONTAINING_RECORD(iface, struct target, IStream_iface);

    (void)bytes;
    end_now(target->ending);
    if (out_written)
        *out_written = size;
    return S_OK;
}

static void stream_copy_and_end(struct fixture *fx, bool other_thread)
{
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    struct copy_print before = copy_print_id(fx->store, id);
    IMessage *message = message_open(fx->store, id);
    ULARGE_INTEGER all = { .QuadPart = COPY_LARGE };
    ULARGE_INTEGER got;
    ULARGE_INTEGER put;
    struct ending ending;
    struct target target = { .ending = &ending };
    IStream *stream = NULL;

    assert_ok(message->lpVtbl->OpenProperty(message, PROP_TAG(PT_BINARY, 0x6800), &IID_IStream, 0,
            0, (LPUNKNOWN *)(void *)&stream));
    target.vtbl.Write = target_Write;
    target.IStream_iface.lpVtbl = &target.vtbl;
    ending_init(&ending, fx, other_thread);
    ending.at = 2;
    assert_hr(stream->lpVtbl->CopyTo(stream, &target.IStream_iface, all, &got, &put),
            MAPI_E_INVALID_OBJECT);
    assert_int_equal(ending.calls, 2);
    assert_true(got.QuadPart < COPY_LARGE);
    release_last(stream);
    release_last(message);
    ending_check(&ending);
    copy_assert_equal(copy_print_id(fx->store, id), before);
    mapi_free(id);
}

static void stream_copy__logoff_in_the_targets_write__stops(void **state)
{
    stream_copy_and_end(*state, false);
}

static void stream_copy__logoff_on_another_thread__stops(void **state)
{
    stream_copy_and_end(*state, true);
}

/* --- OnNotify --------------------------------------------------------------------------------- */

static ULONG on_event(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    (void)sink;
    (void)event;
    end_now(context);
    return 0;
}

/* IMSLogon.Logoff.6 */
static void on_notify__logoff_inside__what_was_done_stays_and_nobody_hears_more(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    struct host_sink sink;
    struct ending ending;
    ULONG_PTR connection = 0;
    ULONG count;
    HRESULT hr;

    for (int i = 0; i < MANY; i++)
        ids[i] = message_make(fx->inbox, "m");
    list = copy_list(bins, ids, MANY);
    host_sink_init(&sink);
    sink.on_event = on_event;
    sink.context = &ending;
    assert_ok(fx->store->lpVtbl->Advise(
            fx->store, 0, NULL, fnevObjectCopied, &sink.IMAPIAdviseSink_iface, &connection));
    ending_init(&ending, fx, false);
    hr = fx->inbox->lpVtbl->CopyMessages(fx->inbox, &list, NULL, fx->inbox, 0, NULL, 0);
    assert_hr(hr, MAPI_E_INVALID_OBJECT); /* it steps out after each chunk */
    assert_int_equal(ending.calls, 1);
    assert_int_equal(sink.refs, 1);
    host_sink_done(&sink);
    ending_check(&ending);
    count = count_of(fx->inbox);
    assert_int_equal(count, 2 * MANY); /* one chunk, acknowledged or not */
    for (int i = 0; i < MANY; i++)
        mapi_free(ids[i]);
}

/* --- work without call-outs ------------------------------------------------------------------- */

/* Work that a thread repeats until it is refused. */
struct repeated {
    struct fixture *fx;
    void *object;
    HRESULT (*work)(struct repeated *repeated);
    atomic_int rounds;
    HRESULT last;
    SPropValue *id;
};

static void repeat(void *arg)
{
    struct repeated *repeated = arg;

    do {
        repeated->last = repeated->work(repeated);
        atomic_fetch_add(&repeated->rounds, 1);
    } while (SUCCEEDED(repeated->last));
}

static void fill(struct fixture *fx, IMAPIFolder *folder, int count)
{
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), true);
    for (int i = 0; i < count; i++) {
        char subject[20];

        snprintf(subject, sizeof(subject), "%d", i * 7919 % count);
        mapi_free(message_make(folder, subject));
    }
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
}

/* Several threads at work at once: some of them wait for the lock. */
static void repeat_and_end(struct repeated *all, int count)
{
    struct host_thread *threads[4];
    struct ending ending;

    assert_true(count <= 4);
    ending_init(&ending, all[0].fx, false);
    for (int i = 0; i < count; i++)
        threads[i] = host_thread_start(repeat, &all[i]);
    for (int i = 0; i < count; i++) {
        while (atomic_load(&all[i].rounds) < 2)
            host_sleep_ms(0);
    }
    log_off(&ending);
    for (int i = 0; i < count; i++) {
        host_thread_join(threads[i]);
        assert_hr(all[i].last, MAPI_E_INVALID_OBJECT);
    }
    release_last(ending.logon);
}

static HRESULT sort_again(struct repeated *repeated)
{
    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    IMAPITable *table = repeated->object;

    order.aSort[0].ulOrder =
            atomic_load(&repeated->rounds) % 2 ? TABLE_SORT_ASCEND : TABLE_SORT_DESCEND;
    return table->lpVtbl->SortTable(table, (LPSSortOrderSet)(void *)&order, 0);
}

static HRESULT read_again(struct repeated *repeated)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_CONTENT_COUNT } };
    IMAPIFolder *folder = repeated->object;
    SPropValue *values = NULL;
    ULONG count = 0;
    HRESULT hr;

    hr = folder->lpVtbl->GetProps(folder, (LPSPropTagArray)(void *)&tags, 0, &count, &values);
    mapi_free(values);
    return hr;
}

static void table_sort__logoff_meanwhile__ends_and_so_do_those_who_wait(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = NULL;
    struct repeated all[3];

    fill(fx, fx->inbox, 2000);
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    memset(all, 0, sizeof(all));
    all[0] = (struct repeated){ .fx = fx, .object = table, .work = sort_again };
    all[1] = (struct repeated){ .fx = fx, .object = fx->inbox, .work = read_again };
    all[2] = (struct repeated){ .fx = fx, .object = fx->inbox, .work = read_again };
    repeat_and_end(all, 3);
    release_last(table);
    fixture_reopen(fx);
    assert_int_equal(count_of(fx->inbox), 2000);
}

static HRESULT search_again(struct repeated *repeated)
{
    IMAPIFolder *folder = repeated->object;
    WCHAR what[] = { '9', '9', 0 };
    SPropValue value = { .ulPropTag = PR_SUBJECT_W };
    SRestriction contains = { .rt = RES_CONTENT };
    SBinary bin = repeated->id->Value.bin;
    ENTRYLIST scope = { 1, &bin };

    value.Value.lpszW = what;
    contains.res.resContent.ulFuzzyLevel = FL_SUBSTRING;
    contains.res.resContent.ulPropTag = PR_SUBJECT_W;
    contains.res.resContent.lpProp = &value;
    return folder->lpVtbl->SetSearchCriteria(
            folder, &contains, &scope, RESTART_SEARCH | RECURSIVE_SEARCH);
}

static void search__logoff_meanwhile__ends(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *finder = folder_by_prop(fx->store, fx->store, PR_FINDER_ENTRYID);
    IMAPIFolder *search = NULL;
    SPropValue *search_id;
    WCHAR name[] = { 'S', 0 };
    struct repeated all[2];

    fill(fx, fx->inbox, 2000);
    assert_ok(finder->lpVtbl->CreateFolder(
            finder, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, MAPI_UNICODE, &search));
    search_id = prop_get(search, PR_ENTRYID);
    memset(all, 0, sizeof(all));
    all[0] = (struct repeated){ .fx = fx, .object = search, .work = search_again };
    all[0].id = prop_get(fx->inbox, PR_ENTRYID);
    all[1] = (struct repeated){ .fx = fx, .object = fx->inbox, .work = read_again };
    repeat_and_end(all, 2);
    release_last(search);
    release_last(finder);
    fixture_reopen(fx);
    search = folder_open(fx->store, search_id);
    assert_int_equal(copy_rows(search, 0), 38); /* 99, 199, ..., 990 to 999, 1099, ... */
    release_last(search);
    mapi_free(search_id);
    mapi_free(all[0].id);
}

static HRESULT copy_again(struct repeated *repeated)
{
    IMAPIFolder *folder = repeated->object;

    return copy_call(folder, &repeated->id, 1, folder, 0);
}

static void copies_without_progress__logoff_meanwhile__whole_messages_only(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    struct copy_print before = copy_print_id(fx->store, id);
    struct repeated all[2];
    ULONG count;

    memset(all, 0, sizeof(all));
    all[0] = (struct repeated){ .fx = fx, .object = fx->inbox, .work = copy_again, .id = id };
    all[1] = (struct repeated){ .fx = fx, .object = fx->inbox, .work = copy_again, .id = id };
    repeat_and_end(all, 2);
    fixture_reopen(fx);
    count = count_of(fx->inbox);
    /* what was acknowledged, and at most the two that were under way */
    assert_in_range(count, (ULONG)(all[0].rounds + all[1].rounds - 1),
            (ULONG)(all[0].rounds + all[1].rounds + 1));
    for (ULONG i = 0; i < count; i++) {
        SPropValue *copy = copy_nth(fx->inbox, 0, i);

        copy_assert_equal(copy_print_id(fx->store, copy), before);
        mapi_free(copy);
    }
    mapi_free(id);
}

/* --- somebody else holds the file ------------------------------------------------------------- */

static HRESULT save_once(struct repeated *repeated)
{
    IMessage *message = repeated->object;

    return message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE);
}

/* A save waits for somebody's group of saves; Logoff does not. */
static void save_and_end(struct fixture *fx, IMessage *message)
{
    struct repeated save = { .fx = fx, .object = message, .work = save_once };
    struct host_thread *thread;
    struct ending ending;

    ending_init(&ending, fx, false);
    thread = host_thread_start(repeat, &save);
    log_off(&ending);
    host_thread_join(thread);
    assert_hr(save.last, MAPI_E_INVALID_OBJECT);
    release_last(message);
    release_last(ending.logon);
}

static void save__another_connection_holds_the_file__logoff_does_not_wait_for_it(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox_id = prop_get(fx->inbox, PR_ENTRYID);
    struct host_session session;
    IMsgStore *store = NULL;
    IMessage *message = NULL;
    IMessage *theirs = NULL;
    IMAPIFolder *inbox;
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    host_session_init(&session, fx->profile, 1);
    assert_ok(host_session_open(&session, &store));
    assert_ok(store->lpVtbl->OpenEntry(
            store, inbox_id->Value.bin.cb, copy_id(inbox_id), NULL, MAPI_MODIFY, &type, &object));
    inbox = (IMAPIFolder *)(void *)object;
    prop_set_bool(store, PROP_TAG(PT_BOOLEAN, 0x6601), true);
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &theirs));
    assert_ok(theirs->lpVtbl->SaveChanges(theirs, 0));
    release_last(theirs);

    save_and_end(fx, message);

    prop_set_bool(store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
    release_last(inbox);
    release_last(store);
    host_session_logoff(&session);
    assert_int_equal(host_session_done(&session), 0);
    fixture_reopen(fx);
    assert_int_equal(count_of(fx->inbox), 1);
    mapi_free(inbox_id);
}

/* The child: holds the file while `flag` is there. */
static void hold(const char *path, const char *flag)
{
    struct fixture *fx = fixture_new();
    FILE *file;

    assert_ok(host_session_configure(&fx->session, path));
    fixture_logon(fx);
    fixture_open_inbox(fx);
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), true);
    mapi_free(message_make(fx->inbox, "theirs"));
    file = host_fopen(flag, "wb");
    assert_non_null(file);
    fclose(file);
    for (int i = 0; i < 60000 && host_file_exists(flag); i++)
        host_sleep_ms(1); /* not for ever: the parent may have failed */
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
    host_die(0);
}

static void save__another_process_holds_the_file__logoff_does_not_wait_for_it(void **state)
{
    struct fixture *fx = *state;
    char flag[1100];
    char output[1100];
    const char *arguments[] = { NULL, "--hold", fx->path, flag, NULL };
    struct process *process;
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    snprintf(flag, sizeof(flag), "%s.held", fx->path);
    snprintf(output, sizeof(output), "%s.out", fx->path);
    process = process_start(arguments, output);
    assert_non_null(process);
    while (!host_file_exists(flag) && process_is_running(process))
        host_sleep_ms(1);
    assert_true(process_is_running(process));

    save_and_end(fx, message);

    assert_true(process_is_running(process)); /* nobody has waited for its end */
    (void)host_file_remove(flag);
    assert_int_equal(process_wait(process), 0);
    (void)host_file_remove(output);
    fixture_reopen(fx);
    assert_int_equal(count_of(fx->inbox), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_messages__logoff_in_the_progress_callback__whole_messages_only),
        TEST(move_messages__logoff_in_the_progress_callback__each_is_in_one_place),
        TEST(copy_messages__logoff_on_another_thread__whole_messages_only),
        TEST(move_messages__logoff_on_another_thread__each_is_in_one_place),
        TEST(copy_messages__logoff_while_the_dialog_opens__nothing_copied),
        TEST(copy_folder__logoff_in_the_first_folder__whole_messages_only),
        TEST(copy_folder__logoff_in_a_subfolder__whole_messages_only),
        TEST(stream_copy__logoff_in_the_targets_write__stops),
        TEST(stream_copy__logoff_on_another_thread__stops),
        TEST(on_notify__logoff_inside__what_was_done_stays_and_nobody_hears_more),
        TEST(table_sort__logoff_meanwhile__ends_and_so_do_those_who_wait),
        TEST(search__logoff_meanwhile__ends),
        TEST(copies_without_progress__logoff_meanwhile__whole_messages_only),
        TEST(save__another_connection_holds_the_file__logoff_does_not_wait_for_it),
        TEST(save__another_process_holds_the_file__logoff_does_not_wait_for_it),
    };

    argv = host_args(argc, argv, &argc);
    if (argc == 4 && strcmp(argv[1], "--hold") == 0)
        hold(argv[2], argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
