/* SPDX-License-Identifier: MIT */
/*
 * test_walk_alloc.c - every allocation of the library itself fails once, in every call of a
 * client's day and in every method of every class: the call says so, clears its outs, changes
 * nothing, and works when it is made again.
 *
 * The layers are linked in, so that their allocator can be told to fail; all else goes through the
 * vtables, as in tests/com.
 */
#include "linked_fixture.h"

#include "dll/inf.h" /* the whole library is linked for it */

/* ---- A client's day, call by call ---- */

struct day {
    struct fixture *fx;
    IMAPIFolder *folder;
    IMessage *message;
    IMessage *inner;
    LPATTACH attach;
    IStream *stream;
    LPMAPITABLE table;
    struct walk_args a; /* the outs of the call at hand */
    struct host_sink sink;
    ULONG_PTR connection;
    SBinary id;
    BYTE id_bytes[128];
    BYTE key[64]; /* of the table's first row */
    ULONG key_size;
};

#define DO(object, method, ...) day->object->lpVtbl->method(day->object, __VA_ARGS__)
#define RESULT(field, kind) walk_out(&day->a, &day->a.field, sizeof(day->a.field), kind, true)

static HRESULT do_load(struct day *day)
{
    return load(day->fx);
}

static HRESULT do_configure(struct day *day)
{
    return configure(day->fx);
}

static HRESULT do_log_on(struct day *day)
{
    return log_on(day->fx);
}

static HRESULT do_find_inbox(struct day *day)
{
    IMsgStore *store = day->fx->store;
    HRESULT hr = store->lpVtbl->GetReceiveFolder(store, NULL, MAPI_UNICODE,
            RESULT(number, WALK_NUMBER), RESULT(entry_id, WALK_BUFFER), RESULT(text, WALK_BUFFER));

    if (SUCCEEDED(hr)) {
        day->id.cb = day->a.number;
        day->id.lpb = day->id_bytes;
        assert_true(day->id.cb <= sizeof(day->id_bytes));
        memcpy(day->id_bytes, day->a.entry_id, day->id.cb);
    }
    return hr;
}

static HRESULT do_open_inbox(struct day *day)
{
    IMsgStore *store = day->fx->store;
    HRESULT hr = store->lpVtbl->OpenEntry(store, day->id.cb, walk_id(&day->id), NULL, MAPI_MODIFY,
            RESULT(number, WALK_NUMBER), RESULT(object, WALK_OBJECT));

    if (SUCCEEDED(hr)) {
        day->folder = (IMAPIFolder *)(void *)day->a.object;
        day->a.object = NULL;
    }
    return hr;
}

static HRESULT do_create_folder(struct day *day)
{
    return DO(folder, CreateFolder, FOLDER_GENERIC, (LPTSTR)(void *)day->a.name, NULL, NULL, 0,
            RESULT(folder, WALK_OBJECT));
}

static HRESULT do_advise(struct day *day)
{
    IMsgStore *store = day->fx->store;
    HRESULT hr = store->lpVtbl->Advise(store, 0, NULL, fnevObjectCreated | fnevObjectModified,
            &day->sink.IMAPIAdviseSink_iface, RESULT(connection, WALK_NUMBER));

    day->connection = day->a.connection;
    return hr;
}

static HRESULT do_create_message(struct day *day)
{
    HRESULT hr = DO(folder, CreateMessage, NULL, 0, RESULT(message, WALK_OBJECT));

    if (SUCCEEDED(hr)) {
        day->message = day->a.message;
        day->a.message = NULL;
    }
    return hr;
}

static HRESULT do_set_props(struct day *day)
{
    static WCHAR subject[] = { 'R', 'E', ':', ' ', 'd', 'a', 'y', 0 };
    static BYTE bytes[70000];
    SPropValue values[4] = { { .ulPropTag = PR_SUBJECT_W }, { .ulPropTag = WALK_DATA },
        { .ulPropTag = PR_IMPORTANCE }, { .ulPropTag = PR_ENTRYID } };

    values[0].Value.lpszW = subject;
    values[1].Value.bin.cb = sizeof(bytes);
    values[1].Value.bin.lpb = bytes;
    values[2].Value.l = 2;
    values[3].Value.bin.cb = 4;
    values[3].Value.bin.lpb = bytes;
    return DO(message, SetProps, 4, values, RESULT(problems, WALK_BUFFER));
}

static HRESULT do_add_recipients(struct day *day)
{
    static char name[] = "anna";
    SPropValue values[2] = { { .ulPropTag = PR_DISPLAY_NAME_A },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    ADRLIST list = { .cEntries = 1 };

    values[0].Value.lpszA = name;
    values[1].Value.l = MAPI_TO;
    list.aEntries[0].cValues = 2;
    list.aEntries[0].rgPropVals = values;
    return DO(message, ModifyRecipients, MODRECIP_ADD, &list);
}

static HRESULT do_create_attach(struct day *day)
{
    HRESULT hr = DO(message, CreateAttach, NULL, 0, RESULT(number, WALK_NUMBER),
            RESULT(attach, WALK_OBJECT));

    if (SUCCEEDED(hr)) {
        day->attach = day->a.attach;
        day->a.attach = NULL;
    }
    return hr;
}

static HRESULT do_open_stream(struct day *day)
{
    HRESULT hr = DO(attach, OpenProperty, PR_ATTACH_DATA_BIN, &IID_IStream, 0,
            MAPI_CREATE | MAPI_MODIFY, RESULT(object, WALK_OBJECT));

    if (SUCCEEDED(hr)) {
        day->stream = (IStream *)(void *)day->a.object;
        day->a.object = NULL;
    }
    return hr;
}

/* A failed write may have written some; it is made again at the same place. */
static HRESULT do_write(struct day *day)
{
    static const BYTE bytes[600000];

    assert_ok(DO(stream, Seek, walk_move(), STREAM_SEEK_SET, NULL));
    return DO(stream, Write, bytes, sizeof(bytes), RESULT(number, WALK_NUMBER));
}

static HRESULT do_clone(struct day *day)
{
    return DO(stream, Clone, RESULT(stream, WALK_OBJECT));
}

static HRESULT do_commit(struct day *day)
{
    return DO(stream, Commit, 0);
}

static HRESULT do_save_attach(struct day *day)
{
    return DO(attach, SaveChanges, KEEP_OPEN_READWRITE);
}

static HRESULT do_open_storage(struct day *day)
{
    return DO(attach, OpenProperty, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, MAPI_CREATE | MAPI_MODIFY,
            RESULT(object, WALK_OBJECT));
}

static HRESULT do_create_inner(struct day *day)
{
    HRESULT hr = DO(attach, OpenProperty, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
            MAPI_CREATE | MAPI_MODIFY, RESULT(object, WALK_OBJECT));

    if (SUCCEEDED(hr)) {
        day->inner = (IMessage *)(void *)day->a.object;
        day->a.object = NULL;
    }
    return hr;
}

static HRESULT do_save_inner(struct day *day)
{
    return DO(inner, SaveChanges, KEEP_OPEN_READWRITE);
}

static HRESULT do_names(struct day *day)
{
    LPMAPINAMEID names[2];
    MAPINAMEID name[2];
    static WCHAR text[] = { 'd', 'a', 'y', 0 };

    union {
        const IID *given;
        LPGUID taken;
    } guid = { .given = &IID_IAttachment };

    name[0].lpguid = name[1].lpguid = guid.taken;
    name[0].ulKind = MNID_ID;
    name[0].Kind.lID = 0x8533;
    name[1].ulKind = MNID_STRING;
    name[1].Kind.lpwstrName = text;
    names[0] = &name[0];
    names[1] = &name[1];
    return DO(message, GetIDsFromNames, 2, names, MAPI_CREATE, RESULT(tags, WALK_BUFFER));
}

static HRESULT do_all_names(struct day *day)
{
    LPSPropTagArray tags = NULL;

    HRESULT hr = DO(message, GetNamesFromIDs, &tags, NULL, 0, RESULT(number, WALK_NUMBER),
            RESULT(names, WALK_BUFFER));

    if (FAILED(hr))
        assert_null(tags);
    mapi_free(tags);
    return hr;
}

static HRESULT do_save(struct day *day)
{
    return DO(message, SaveChanges, KEEP_OPEN_READWRITE);
}

static HRESULT do_get_props(struct day *day)
{
    return DO(message, GetProps, NULL, MAPI_UNICODE, RESULT(number, WALK_NUMBER),
            RESULT(values, WALK_BUFFER));
}

static HRESULT do_list_props(struct day *day)
{
    return DO(message, GetPropList, 0, RESULT(tags, WALK_BUFFER));
}

static HRESULT do_recipient_table(struct day *day)
{
    return DO(message, GetRecipientTable, 0, RESULT(table, WALK_OBJECT));
}

static HRESULT do_attachment_table(struct day *day)
{
    return DO(message, GetAttachmentTable, 0, RESULT(table, WALK_OBJECT));
}

static HRESULT do_hierarchy(struct day *day)
{
    return DO(folder, GetHierarchyTable, CONVENIENT_DEPTH, RESULT(table, WALK_OBJECT));
}

static HRESULT do_contents(struct day *day)
{
    HRESULT hr = DO(folder, GetContentsTable, MAPI_UNICODE, RESULT(table, WALK_OBJECT));

    if (SUCCEEDED(hr)) {
        day->table = day->a.table;
        day->a.table = NULL;
    }
    return hr;
}

static HRESULT do_columns(struct day *day)
{
    SizedSPropTagArray(3, tags) = { 3, { PR_INSTANCE_KEY, PR_SUBJECT_W, WALK_DATA } };

    return DO(table, SetColumns, (LPSPropTagArray)(void *)&tags, 0);
}

static HRESULT do_rows(struct day *day)
{
    HRESULT hr = DO(table, QueryRows, 10, TBL_NOADVANCE, RESULT(rows, WALK_ROWS));

    if (SUCCEEDED(hr) && day->a.rows->cRows > 0) {
        const SPropValue *key = &day->a.rows->aRow[0].lpProps[0];

        assert_int_equal(key->ulPropTag, PR_INSTANCE_KEY);
        assert_true(key->Value.bin.cb <= sizeof(day->key));
        day->key_size = key->Value.bin.cb;
        memcpy(day->key, key->Value.bin.lpb, day->key_size);
    }
    return hr;
}

static HRESULT do_sort(struct day *day)
{
    SSortOrderSet order = { .cSorts = 1 };

    order.aSort[0].ulPropTag = PR_SUBJECT_W;
    return DO(table, SortTable, &order, 0);
}

static HRESULT do_categorize(struct day *day)
{
    SSortOrderSet order = { .cSorts = 1, .cCategories = 1 };

    order.aSort[0].ulPropTag = PR_IMPORTANCE;
    return DO(table, SortTable, &order, 0);
}

static HRESULT do_expand(struct day *day)
{
    return DO(table, ExpandRow, day->key_size, day->key, 10, 0, RESULT(rows, WALK_ROWS),
            RESULT(number, WALK_NUMBER));
}

static HRESULT do_collapse_state(struct day *day)
{
    return DO(table, GetCollapseState, 0, day->key_size, day->key, RESULT(number, WALK_NUMBER),
            RESULT(bytes, WALK_BUFFER));
}

static HRESULT do_collapse(struct day *day)
{
    return DO(table, CollapseRow, day->key_size, day->key, 0, RESULT(number, WALK_NUMBER));
}

static SRestriction contains_day(SPropValue *value)
{
    static WCHAR text[] = { 'D', 'A', 'Y', 0 };
    SRestriction restriction = { .rt = RES_CONTENT };

    value->ulPropTag = PR_SUBJECT_W;
    value->Value.lpszW = text;
    restriction.res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction.res.resContent.ulPropTag = PR_SUBJECT_W;
    restriction.res.resContent.lpProp = value;
    return restriction;
}

static HRESULT do_restrict(struct day *day)
{
    SPropValue value;
    SRestriction restriction = contains_day(&value);

    return DO(table, Restrict, &restriction, 0);
}

static HRESULT do_find_row(struct day *day)
{
    SPropValue value;
    SRestriction restriction = contains_day(&value);

    return DO(table, FindRow, &restriction, BOOKMARK_BEGINNING, 0);
}

static HRESULT do_bookmark(struct day *day)
{
    return DO(table, CreateBookmark, RESULT(connection, WALK_NUMBER));
}

static HRESULT do_sort_order(struct day *day)
{
    return DO(table, QuerySortOrder, RESULT(order, WALK_BUFFER));
}

static HRESULT do_all_columns(struct day *day)
{
    return DO(table, QueryColumns, TBL_ALL_COLUMNS, RESULT(tags, WALK_BUFFER));
}

static HRESULT do_status(struct day *day)
{
    IMSLogon *logon = day->fx->support->logon;

    return logon->lpVtbl->OpenStatusEntry(
            logon, NULL, 0, RESULT(number, WALK_NUMBER), RESULT(status, WALK_OBJECT));
}

static HRESULT do_unadvise(struct day *day)
{
    IMsgStore *store = day->fx->store;

    return store->lpVtbl->Unadvise(store, day->connection);
}

/* A step without a name is the test's own: nothing fails in it. */
static HRESULT remember(struct day *day, void *object)
{
    SPropValue *id = prop_get(object, PR_ENTRYID);

    assert_non_null(id);
    day->id.cb = id->Value.bin.cb;
    assert_true(day->id.cb <= sizeof(day->id_bytes));
    memcpy(day->id_bytes, id->Value.bin.lpb, day->id.cb);
    mapi_free(id);
    return S_OK;
}

static HRESULT do_remember_message(struct day *day)
{
    return remember(day, day->message);
}

static HRESULT do_remember_folder(struct day *day)
{
    return remember(day, day->folder);
}

static HRESULT do_reopen(struct day *day)
{
    IMsgStore *store = day->fx->store;

    return store->lpVtbl->OpenEntry(store, day->id.cb, walk_id(&day->id), NULL, MAPI_MODIFY,
            RESULT(number, WALK_NUMBER), RESULT(object, WALK_OBJECT));
}

static HRESULT do_open_attach(struct day *day)
{
    return DO(message, OpenAttach, 0, NULL, MAPI_MODIFY, RESULT(attach, WALK_OBJECT));
}

static HRESULT do_mark_read(struct day *day)
{
    ENTRYLIST list = { 1, &day->id };

    return DO(folder, SetReadFlags, &list, 0, NULL, SUPPRESS_RECEIPT);
}

static HRESULT do_set_status(struct day *day)
{
    return DO(folder, SetMessageStatus, day->id.cb, walk_id(&day->id), 1, 1,
            RESULT(number, WALK_NUMBER));
}

static HRESULT do_receive_table(struct day *day)
{
    IMsgStore *store = day->fx->store;

    return store->lpVtbl->GetReceiveFolderTable(store, 0, RESULT(table, WALK_OBJECT));
}

static HRESULT do_set_receive(struct day *day)
{
    IMsgStore *store = day->fx->store;

    return store->lpVtbl->SetReceiveFolder(
            store, (LPTSTR)(void *)day->a.name, 0, day->id.cb, walk_id(&day->id));
}

/* Gives all back but the folder: what lets go cannot fail. */
static HRESULT do_let_go(struct day *day)
{
    release_last(day->stream);
    release_last(day->inner);
    release_last(day->attach);
    release_last(day->table);
    release_last(day->message);
    return S_OK;
}

static HRESULT do_delete(struct day *day)
{
    ENTRYLIST list = { 1, &day->id };

    return DO(folder, DeleteMessages, &list, 0, NULL, 0);
}

static HRESULT do_drop_attach(struct day *day)
{
    release_last(day->attach);
    return S_OK;
}

/* What brings back the state before a call that did without the memory it could not get. */
static void undo_nothing(struct day *day)
{
    (void)day;
}

static void undo_log_on(struct day *day)
{
    release_last(day->fx->store);
    day->fx->support = NULL;
}

static void undo_save(struct day *day)
{
    memset(&day->a, 0, sizeof(day->a));
    assert_ok(do_set_props(day));
    walk_free_outs(&day->a);
}

static const struct step {
    const char *name;
    HRESULT (*run)(struct day *day);
    void (*undo)(struct day *day); /* NULL: its walk ends there */
} steps[] = {
    { "MSProviderInit", do_load, NULL },
    { "MSGServiceEntry", do_configure, undo_nothing },
    { "Logon", do_log_on, undo_log_on },
    { "GetReceiveFolder", do_find_inbox, undo_nothing },
    { "OpenEntry of a folder", do_open_inbox, NULL },
    { "CreateFolder", do_create_folder, NULL },
    { "Advise", do_advise, NULL },
    { "CreateMessage", do_create_message, NULL },
    { "SetProps", do_set_props, undo_nothing },
    { "ModifyRecipients", do_add_recipients, NULL },
    { "CreateAttach", do_create_attach, NULL },
    { "OpenProperty for a stream", do_open_stream, NULL },
    { "IStream::Write", do_write, undo_nothing },
    { "IStream::Clone", do_clone, undo_nothing },
    { "IStream::Commit", do_commit, undo_nothing },
    { "SaveChanges of an attachment", do_save_attach, undo_nothing },
    { "", do_drop_attach, NULL },
    { "CreateAttach", do_create_attach, NULL },
    { "OpenProperty for a storage", do_open_storage, undo_nothing },
    { "OpenProperty for a message", do_create_inner, NULL },
    { "SaveChanges of the inner message", do_save_inner, undo_nothing },
    { "SaveChanges of its attachment", do_save_attach, undo_nothing },
    { "GetIDsFromNames", do_names, undo_nothing },
    { "GetNamesFromIDs", do_all_names, undo_nothing },
    { "SaveChanges", do_save, undo_save },
    { "", do_remember_message, NULL },
    { "SetProps again", do_set_props, undo_nothing },
    { "SaveChanges again", do_save, undo_save },
    { "GetProps", do_get_props, undo_nothing },
    { "GetPropList", do_list_props, undo_nothing },
    { "GetRecipientTable", do_recipient_table, undo_nothing },
    { "GetAttachmentTable", do_attachment_table, undo_nothing },
    { "GetHierarchyTable", do_hierarchy, undo_nothing },
    { "GetContentsTable", do_contents, NULL },
    { "SetColumns", do_columns, undo_nothing },
    { "QueryRows", do_rows, undo_nothing },
    { "SortTable", do_sort, undo_nothing },
    { "QueryRows in order", do_rows, undo_nothing },
    { "Restrict", do_restrict, undo_nothing },
    { "QueryRows restricted", do_rows, undo_nothing },
    { "FindRow", do_find_row, undo_nothing },
    { "CreateBookmark", do_bookmark, undo_nothing },
    { "QuerySortOrder", do_sort_order, undo_nothing },
    { "QueryColumns", do_all_columns, undo_nothing },
    { "SortTable in categories", do_categorize, undo_nothing },
    { "QueryRows in categories", do_rows, undo_nothing },
    { "ExpandRow", do_expand, NULL },
    { "GetCollapseState", do_collapse_state, undo_nothing },
    { "CollapseRow", do_collapse, NULL },
    { "OpenStatusEntry", do_status, undo_nothing },
    { "OpenEntry of a message", do_reopen, undo_nothing },
    { "OpenAttach", do_open_attach, undo_nothing },
    { "SetReadFlags", do_mark_read, undo_nothing },
    { "SetMessageStatus", do_set_status, undo_nothing },
    { "GetReceiveFolderTable", do_receive_table, undo_nothing },
    { "", do_remember_folder, NULL },
    { "SetReceiveFolder", do_set_receive, undo_nothing },
    { "", do_remember_message, NULL },
    { "Unadvise", do_unadvise, NULL },
    { "Release of all", do_let_go, NULL },
    { "DeleteMessages", do_delete, NULL },
};

static HRESULT run_armed(struct day *day, const struct step *step, unsigned long nth, bool *reached)
{
    HRESULT hr;

    memset(&day->a, 0, sizeof(day->a));
    memcpy(day->a.name, "day", 4);
    msp_alloc_fail_at(step->name[0] ? nth : 0);
    hr = step->run(day);
    *reached = msp_alloc_fail_disarm();
    return hr;
}

/* The step with its nth allocation failing, until it has no nth. Returns how many it had. */
static unsigned long walk_step(struct day *day, const struct step *step)
{
    for (unsigned long nth = 1;; nth++) {
        bool reached = false;
        HRESULT hr = run_armed(day, step, nth, &reached);

        assert_true(nth < 5000);
        if (SUCCEEDED(hr)) {
            walk_free_outs(&day->a);
            if (!reached)
                return nth - 1;
            if (!step->undo) {
                print_message("%s did without allocation %lu\n", step->name, nth);
                return nth;
            }
            step->undo(day);
            continue;
        }
        if (!reached)
            fail_msg("%s: %s", step->name, host_hr_name(hr));
        if (hr != MAPI_E_NOT_ENOUGH_MEMORY && hr != E_OUTOFMEMORY)
            fail_msg("%s, allocation %lu: %s", step->name, nth, host_hr_name(hr));
        if (!walk_outs_are_null(&day->a))
            fail_msg("%s, allocation %lu: left an out", step->name, nth);
    }
}

static void check_day(struct day *day)
{
    assert_int_equal(prop_long(day->folder, PR_CONTENT_COUNT), 0);
}

/* Memory.Failure.1 Memory.Failure.2 Errors.Codes.2 */
static void day__every_allocation_fails_once__every_call_says_so_and_works_again(void **out)
{
    struct state *state = *out;
    struct day day = { .fx = state->fx };
    unsigned long total = 0;

    host_sink_init(&day.sink);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        total += walk_step(&day, &steps[i]);

    print_message("%lu allocations\n", total);
    assert_true(total > 150);
    check_day(&day);
    release_last(day.folder);
    end(state);
    assert_int_equal(day.sink.refs, 1);
    host_sink_done(&day.sink);
}

/* Logoff with all kinds of objects open and no memory at all: it needs none.
 * IMSLogon.Logoff.1 Memory.Failure.2 */
static void logoff__no_memory__ends_all_the_same(void **out)
{
    struct state *state = *out;
    struct walk_world w;
    bool reached;

    assert_ok(load(state->fx));
    assert_ok(configure(state->fx));
    assert_ok(log_on(state->fx));
    fixture_open_inbox(state->fx);
    walk_open(&w, state->fx);
    (void)walk_drop(&w, WALK_O_LOGON);

    msp_alloc_fail_at(1);
    (void)w.fx->store->lpVtbl->Release(w.fx->store);
    (void)walk_drop(&w, WALK_O_STORE);
    w.fx->store = NULL;
    reached = msp_alloc_fail_disarm();

    assert_false(reached);
    assert_true(msp_shell_count() > 10);
    walk_drop_all_but(&w, WALK_O_COUNT);
    end(state);
    walk_close(&w);
    state->fx = NULL;
}

/* ---- Every method of every class ---- */

static unsigned long failed; /* calls that were refused for want of memory */

/* A call that fails anyway needs memory for its sentence alone. */
static HRESULT call_again(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    struct walk_args a;
    HRESULT hr;

    walk_prepare(w, &a);
    hr = call->run(&a, w->object[which]);
    if (SUCCEEDED(hr))
        walk_free_outs(&a);
    return hr;
}

/* A folder is emptied in several transactions, and what one has done stays done; a save, and a
 * submission, which is one, first gives the open message the properties that follow from its
 * others; a copy fills its target step by step, and it is the target's save that counts. */
static bool may_go_halfway(const struct walk_call *call)
{
    return call->run == walk_IMAPIFolder_EmptyFolder || call->run == walk_IMAPIProp_SaveChanges ||
           call->run == walk_IMessage_SubmitMessage || call->run == walk_IMAPIProp_CopyTo ||
           call->run == walk_IMAPIProp_CopyProps;
}

static void check_no_memory(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    HRESULT expected = walk_is_stream(which) ? E_OUTOFMEMORY : MAPI_E_NOT_ENOUGH_MEMORY;

    for (unsigned long nth = 1;; nth++) {
        uint64_t before = walk_digest(w);
        size_t live = host_mem_live(0);
        struct walk_args a;
        bool reached;
        HRESULT hr;

        walk_prepare(w, &a);
        msp_alloc_fail_at(nth);
        hr = call->run(&a, w->object[which]);
        reached = msp_alloc_fail_disarm();
        if (!reached || SUCCEEDED(hr)) {
            walk_free_outs(&a);
            if (!reached)
                return;
            continue;
        }
        failed += hr == expected;
        if (hr != expected && hr != call_again(w, which, call))
            fail_msg("%s of %s: %s", call->name, walk_classes[which].name, host_hr_name(hr));
        if (!walk_outs_are_null(&a))
            fail_msg("%s of %s: left an out", call->name, walk_classes[which].name);
        if (host_mem_live(0) != live)
            fail_msg("%s of %s: kept memory", call->name, walk_classes[which].name);
        if (walk_digest(w) != before && !may_go_halfway(call))
            fail_msg("%s of %s, allocation %lu: changed something", call->name,
                    walk_classes[which].name, nth);
        assert_true(nth < 5000);
    }
}

/* Memory.Failure.1 Memory.Failure.2 */
static void every_method__every_allocation_fails_once__says_so(void **out)
{
    struct state *state = *out;
    struct walk_world w;

    assert_ok(load(state->fx));
    assert_ok(configure(state->fx));
    assert_ok(log_on(state->fx));
    fixture_open_inbox(state->fx);
    walk_open(&w, state->fx);
    w.in.spare = w.object[WALK_O_NEW_MESSAGE];

    walk_each(&w, check_no_memory);

    print_message("%lu calls\n", failed);
    assert_true(failed > 400);
    walk_drop_all_but(&w, WALK_O_COUNT);
    end(state);
    walk_close(&w);
    state->fx = NULL;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(day__every_allocation_fails_once__every_call_says_so_and_works_again),
        TEST(logoff__no_memory__ends_all_the_same),
        TEST(every_method__every_allocation_fails_once__says_so),
    };

    return cmocka_run_group_tests_name("walk_alloc", tests, NULL, NULL);
}
