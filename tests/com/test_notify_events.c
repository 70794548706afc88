/* SPDX-License-Identifier: MIT */
/*
 * test_notify_events.c - what sinks are told of what happens to folders and messages: which event,
 * with which identifiers, in which order, and when.
 */
#include "raw_logon.h"

enum {
    OBJECT_EVENTS = fnevObjectCreated | fnevObjectDeleted | fnevObjectModified | fnevObjectMoved |
                    fnevObjectCopied | fnevSearchComplete,
    ALL_EVENTS = OBJECT_EVENTS | fnevCriticalError | fnevNewMail | fnevExtended |
                 fnevTableModified | fnevStatusObjectModified
};

static LPENTRYID id_of(const SPropValue *value)
{
    return raw_id(value->Value.bin.lpb);
}

/* NULL id: the whole store. */
static ULONG_PTR advise(
        struct fixture *fx, struct host_sink *sink, const SPropValue *id, ULONG mask)
{
    ULONG_PTR connection = 0;

    host_sink_init(sink);
    assert_ok(fx->store->lpVtbl->Advise(fx->store, id ? id->Value.bin.cb : 0, id ? id_of(id) : NULL,
            mask, &sink->IMAPIAdviseSink_iface, &connection));
    return connection;
}

static void unadvise(struct fixture *fx, struct host_sink *sink, ULONG_PTR connection)
{
    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
    assert_int_equal(sink->refs, 1);
    host_sink_done(sink);
}

static bool is_id(const SPropValue *id, const unsigned char *bytes, size_t size)
{
    return id->Value.bin.cb == size && memcmp(id->Value.bin.lpb, bytes, size) == 0;
}

/* How many events of these types the sink has heard of the object (of any when NULL); *last is the
 * last of them. */
static size_t heard(
        struct host_sink *sink, ULONG types, const SPropValue *id, struct host_event *last)
{
    struct host_event event;
    size_t count = 0;

    for (size_t n = 0; host_sink_event(sink, n, &event); n++) {
        if ((event.type & types) == 0 || (id && !is_id(id, event.id, event.id_size)))
            continue;
        count++;
        if (last)
            *last = event;
    }
    return count;
}

static void assert_event_is(const struct host_event *event, ULONG object_type, const SPropValue *id,
        const SPropValue *parent)
{
    assert_int_equal(event->object_type, object_type);
    assert_true(is_id(id, event->id, event->id_size));
    assert_true(is_id(parent, event->parent, event->parent_size));
    assert_int_equal(event->old_id_size, 0);
    assert_int_equal(event->old_parent_size, 0);
}

static SPropValue *folder_new(IMAPIFolder *parent, const char *name)
{
    IMAPIFolder *folder = folder_make(parent, name);
    SPropValue *id = prop_get(folder, PR_ENTRYID);

    release_last(folder);
    return id;
}

static HRESULT delete_messages(IMAPIFolder *folder, SPropValue *const *ids, ULONG count)
{
    SBinary items[8];
    ENTRYLIST list = { count, items };

    for (ULONG i = 0; i < count; i++)
        items[i] = ids[i]->Value.bin;
    return folder->lpVtbl->DeleteMessages(folder, &list, 0, NULL, 0);
}

static HRESULT delete_folder(IMAPIFolder *parent, const SPropValue *id, ULONG flags)
{
    return parent->lpVtbl->DeleteFolder(parent, id->Value.bin.cb, id_of(id), 0, NULL, flags);
}

static void modify_message(struct fixture *fx, const SPropValue *id, const char *subject)
{
    IMessage *message = message_open(fx->store, id);

    prop_set_text(message, PR_SUBJECT_W, subject);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* --- created, modified, deleted -----------------------------------------------------------------
 */

/* Notify.Created.1 Notify.Created.4 Notify.Copied.4 IMAPISupport.Notify.3 */
static void create_folder__whole_store__created_with_parent(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    struct host_event event;
    struct host_sink sink;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS);
    SPropValue *id = folder_new(fx->inbox, "new");

    assert_int_equal(heard(&sink, OBJECT_EVENTS, id, &event), 1);

    assert_int_equal(event.type, fnevObjectCreated);
    assert_event_is(&event, MAPI_FOLDER, id, inbox); /* the long-term ids that the objects have */
    unadvise(fx, &sink, connection);
    mapi_free(id);
    mapi_free(inbox);
}

/* Notify.Created.2 Notify.Created.3 Notify.Created.4 Notify.Modified.1 */
static void save_message__first_and_second__created_and_then_modified(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    struct host_event event;
    struct host_sink sink, on_message;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS), on_message_connection;
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "one");
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    assert_int_equal(heard(&sink, OBJECT_EVENTS, id, &event), 1);
    assert_int_equal(event.type, fnevObjectCreated);
    assert_event_is(&event, MAPI_MESSAGE, id, inbox);

    on_message_connection = advise(fx, &on_message, id, OBJECT_EVENTS);
    for (int i = 0; i < 2; i++) {
        host_sink_clear(&sink);
        host_sink_clear(&on_message);
        prop_set_text(message, PR_SUBJECT_W, i == 0 ? "two" : "three");
        assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));

        assert_int_equal(heard(&sink, OBJECT_EVENTS, id, &event), 1);
        assert_int_equal(event.type, fnevObjectModified);
        assert_event_is(&event, MAPI_MESSAGE, id, inbox);
        assert_int_equal(heard(&on_message, OBJECT_EVENTS, NULL, &event), 1);
        assert_int_equal(event.type, fnevObjectModified);
        assert_event_is(&event, MAPI_MESSAGE, id, inbox);
    }
    release_last(message);
    unadvise(fx, &sink, connection);
    unadvise(fx, &on_message, on_message_connection);
    mapi_free(id);
    mapi_free(inbox);
}

/* Notify.Modified.1 */
static void rename_folder__store_and_folder__modified(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *id = folder_new(fx->inbox, "old name");
    IMAPIFolder *folder = folder_open(fx->store, id);
    struct host_event event;
    struct host_sink sink, on_folder;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS);
    ULONG_PTR on_folder_connection = advise(fx, &on_folder, id, OBJECT_EVENTS);

    prop_set_text(folder, PR_DISPLAY_NAME_W, "new name");
    assert_ok(folder->lpVtbl->SaveChanges(folder, KEEP_OPEN_READWRITE));

    assert_int_equal(heard(&sink, OBJECT_EVENTS, NULL, &event), 1);
    assert_int_equal(event.type, fnevObjectModified);
    assert_event_is(&event, MAPI_FOLDER, id, inbox);
    assert_int_equal(heard(&on_folder, OBJECT_EVENTS, NULL, &event), 1);
    assert_int_equal(event.type, fnevObjectModified);
    release_last(folder);
    unadvise(fx, &sink, connection);
    unadvise(fx, &on_folder, on_folder_connection);
    mapi_free(id);
    mapi_free(inbox);
}

/* Notify.Deleted.1 Notify.Deleted.2 */
static void delete_message__store_and_message__deleted_with_parent(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *id = message_make(fx->inbox, "gone");
    SPropValue *other = message_make(fx->inbox, "stays");
    struct host_event event;
    struct host_sink sink, on_message, on_other;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS);
    ULONG_PTR on_message_connection = advise(fx, &on_message, id, OBJECT_EVENTS);
    ULONG_PTR on_other_connection = advise(fx, &on_other, other, OBJECT_EVENTS);

    assert_ok(delete_messages(fx->inbox, &id, 1));

    assert_int_equal(heard(&sink, OBJECT_EVENTS, id, &event), 1);
    assert_int_equal(event.type, fnevObjectDeleted);
    assert_event_is(&event, MAPI_MESSAGE, id, inbox);
    assert_int_equal(heard(&on_message, OBJECT_EVENTS, NULL, &event), 1);
    assert_int_equal(event.type, fnevObjectDeleted);
    assert_event_is(&event, MAPI_MESSAGE, id, inbox);
    assert_int_equal(heard(&on_other, OBJECT_EVENTS, NULL, NULL), 0);
    unadvise(fx, &sink, connection);
    unadvise(fx, &on_message, on_message_connection);
    unadvise(fx, &on_other, on_other_connection);
    mapi_free(id);
    mapi_free(other);
    mapi_free(inbox);
}

/* Notify.Deleted.1 Notify.Deleted.2 Notify.Sink.6: what is inside goes first. */
static void delete_folder__with_content__each_is_deleted_inside_out(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *outer = folder_new(fx->inbox, "outer");
    IMAPIFolder *folder = folder_open(fx->store, outer);
    SPropValue *inner = folder_new(folder, "inner");
    SPropValue *message = message_make(folder, "in it");
    const SPropValue *gone[] = { message, inner, outer };
    struct host_event event;
    struct host_sink sink, on_outer;
    ULONG_PTR connection, on_outer_connection;
    bool outer_is_gone = false;

    release_last(folder);
    connection = advise(fx, &sink, NULL, OBJECT_EVENTS);
    on_outer_connection = advise(fx, &on_outer, outer, fnevObjectDeleted);

    assert_ok(delete_folder(fx->inbox, outer, DEL_FOLDERS | DEL_MESSAGES));

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(heard(&sink, fnevObjectDeleted, gone[i], &event), 1);
        assert_event_is(
                &event, i == 0 ? MAPI_MESSAGE : MAPI_FOLDER, gone[i], i < 2 ? outer : inbox);
    }
    for (size_t n = 0; host_sink_event(&sink, n, &event); n++) {
        assert_false(outer_is_gone && is_id(outer, event.parent, event.parent_size));
        outer_is_gone |= event.type == fnevObjectDeleted && is_id(outer, event.id, event.id_size);
    }
    assert_int_equal(heard(&on_outer, OBJECT_EVENTS, NULL, NULL), 1);
    unadvise(fx, &sink, connection);
    unadvise(fx, &on_outer, on_outer_connection);
    mapi_free(message);
    mapi_free(inner);
    mapi_free(outer);
    mapi_free(inbox);
}

/* Notify.Modified.2 */
static void content_changes__counts_of_the_folder__folder_is_modified_its_parent_not(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *id = folder_new(fx->inbox, "counted");
    IMAPIFolder *folder = folder_open(fx->store, id);
    SPropValue *message = NULL, *inner = NULL;
    struct host_event event;
    struct host_sink sink, on_folder, on_parent;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS);
    ULONG_PTR on_folder_connection = advise(fx, &on_folder, id, OBJECT_EVENTS);
    ULONG_PTR on_parent_connection = advise(fx, &on_parent, inbox, OBJECT_EVENTS);

    for (int step = 0; step < 6; step++) {
        ENTRYLIST list = { 1, message ? &message->Value.bin : NULL };

        host_sink_clear(&sink);
        host_sink_clear(&on_folder);
        switch (step) {
        case 0:
            message = message_make(folder, "one more");
            break;
        case 1:
            assert_ok(folder->lpVtbl->SetReadFlags(folder, &list, 0, NULL, SUPPRESS_RECEIPT));
            break;
        case 2:
            assert_ok(folder->lpVtbl->SetReadFlags(folder, &list, 0, NULL, CLEAR_READ_FLAG));
            break;
        case 3:
            assert_ok(delete_messages(folder, &message, 1));
            break;
        case 4:
            inner = folder_new(folder, "inner");
            break;
        default:
            assert_ok(delete_folder(folder, inner, 0));
            break;
        }
        assert_int_equal(heard(&sink, fnevObjectModified, id, &event), 1);
        assert_event_is(&event, MAPI_FOLDER, id, inbox);
        assert_int_equal(heard(&on_folder, OBJECT_EVENTS, NULL, &event), 1);
        assert_int_equal(event.type, fnevObjectModified);
    }
    assert_int_equal(heard(&on_parent, OBJECT_EVENTS, NULL, NULL), 0);

    host_sink_clear(&on_folder);
    mapi_free(message);
    message = message_make(folder, "subject"); /* one: the count */
    modify_message(fx, message, "another");    /* none: no count has changed */
    assert_int_equal(heard(&on_folder, OBJECT_EVENTS, NULL, NULL), 1);
    release_last(folder);
    unadvise(fx, &sink, connection);
    unadvise(fx, &on_folder, on_folder_connection);
    unadvise(fx, &on_parent, on_parent_connection);
    mapi_free(message);
    mapi_free(inner);
    mapi_free(id);
    mapi_free(inbox);
}

/* --- what is not told ---------------------------------------------------------------------------
 */

/* Notify.Sink.9 */
static void message__changed_but_not_saved__nothing_is_told(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "kept");
    IMessage *message = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;
    struct host_sink sink;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS);

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "never saved");
    release_last(message);
    message = message_open(fx->store, id);
    prop_set_text(message, PR_SUBJECT_W, "not saved either");
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_BY_VALUE);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0)); /* into the message, not the store */
    release_last(attach);
    assert_int_equal(heard(&sink, OBJECT_EVENTS, NULL, NULL), 0);

    assert_ok(message->lpVtbl->SaveChanges(message, 0));

    assert_int_equal(heard(&sink, fnevObjectModified, id, NULL), 1);
    release_last(message);
    unadvise(fx, &sink, connection);
    mapi_free(id);
}

/* Notify.Sink.8 */
static void operation__fails__nothing_is_told(void **state)
{
    struct fixture *fx = *state;
    SPropValue *full = folder_new(fx->inbox, "taken");
    SPropValue *gone = message_make(fx->inbox, "gone");
    IMessage *message = message_open(fx->store, gone);
    IMAPIFolder *folder = folder_open(fx->store, full), *second = NULL;
    struct host_sink sink;
    ULONG_PTR connection;

    mapi_free(message_make(folder, "full"));
    assert_ok(delete_messages(fx->inbox, &gone, 1));
    prop_set_text(message, PR_SUBJECT_W, "too late");
    connection = advise(fx, &sink, NULL, OBJECT_EVENTS);

    assert_hr(fx->inbox->lpVtbl->CreateFolder(fx->inbox, FOLDER_GENERIC, (LPTSTR)(void *)u"TAKEN",
                      NULL, NULL, MAPI_UNICODE, &second),
            MAPI_E_COLLISION);
    assert_hr(delete_folder(fx->inbox, full, 0), MAPI_E_HAS_MESSAGES);
    assert_hr(message->lpVtbl->SaveChanges(message, 0), MAPI_E_OBJECT_DELETED);
    assert_true(delete_messages(fx->inbox, &gone, 1) != S_OK);

    assert_int_equal(sink.count, 0);
    release_last(message);
    release_last(folder);
    unadvise(fx, &sink, connection);
    mapi_free(full);
    mapi_free(gone);
}

/* Notify.Sink.1 */
static void advise__one_event_on_one_object__hears_that_only(void **state)
{
    static const ULONG masks[] = { fnevObjectCreated, fnevObjectModified, fnevObjectDeleted };
    struct fixture *fx = *state;
    SPropValue *mine = message_make(fx->inbox, "mine");
    SPropValue *other = message_make(fx->inbox, "other");
    SPropValue *ids[2] = { mine, other };
    struct host_sink store_sinks[3], my_sinks[3];
    ULONG_PTR on_store[3], on_mine[3];
    SPropValue *third;

    for (size_t i = 0; i < 3; i++) {
        on_store[i] = advise(fx, &store_sinks[i], NULL, masks[i]);
        on_mine[i] = advise(fx, &my_sinks[i], mine, masks[i]);
    }

    third = message_make(fx->inbox, "third");
    modify_message(fx, mine, "changed");
    modify_message(fx, other, "changed too");
    assert_ok(delete_messages(fx->inbox, ids, 2));

    for (size_t i = 0; i < 3; i++) {
        struct host_event event;

        assert_true(store_sinks[i].count > 0);
        assert_int_equal(heard(&store_sinks[i], masks[i], NULL, NULL), store_sinks[i].count);
        assert_int_equal(heard(&my_sinks[i], masks[i], mine, &event), i == 0 ? 0 : 1);
        assert_int_equal(my_sinks[i].count, i == 0 ? 0 : 1);
    }
    assert_int_equal(heard(&store_sinks[0], fnevObjectCreated, third, NULL), 1);
    assert_int_equal(heard(&store_sinks[1], fnevObjectModified, other, NULL), 1);
    assert_int_equal(heard(&store_sinks[2], fnevObjectDeleted, other, NULL), 1);
    for (size_t i = 0; i < 3; i++) {
        unadvise(fx, &store_sinks[i], on_store[i]);
        unadvise(fx, &my_sinks[i], on_mine[i]);
    }
    mapi_free(third);
    mapi_free(mine);
    mapi_free(other);
}

/* Notify.Status.1 Notify.Tables.1: those of tables and status objects come their own ways. */
static void advise__every_bit__no_events_of_tables_and_status(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = prop_get(fx->inbox, PR_ENTRYID);
    struct host_sink sink;
    ULONG_PTR connection = advise(fx, &sink, NULL, ALL_EVENTS);
    IMAPITable *receive = NULL, *contents = NULL;

    assert_ok(fx->store->lpVtbl->GetReceiveFolderTable(fx->store, 0, &receive));
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &contents));
    assert_ok(fx->store->lpVtbl->SetReceiveFolder(
            fx->store, (LPTSTR)(void *)u"IPM.Test", MAPI_UNICODE, id->Value.bin.cb, id_of(id)));
    mapi_free(message_make(fx->inbox, "one"));

    assert_true(heard(&sink, fnevObjectCreated, NULL, NULL) > 0);
    assert_int_equal(heard(&sink, fnevTableModified | fnevStatusObjectModified, NULL, NULL), 0);
    release_last(receive);
    release_last(contents);
    unadvise(fx, &sink, connection);
    mapi_free(id);
}

/* --- the notification itself --------------------------------------------------------------------
 */

struct exact {
    unsigned count;
    bool has_rest; /* something is not zero that no event of its type fills */
    HRESULT answer;
};

static ULONG look_closely(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct exact *exact = context;
    NOTIFICATION expected;
    OBJECT_NOTIFICATION *object = &expected.info.obj;

    (void)sink;
    memset(&expected, 0, sizeof(expected));
    expected.ulEventType = event->ulEventType;
    object->cbEntryID = event->info.obj.cbEntryID;
    object->lpEntryID = event->info.obj.lpEntryID;
    object->ulObjType = event->info.obj.ulObjType;
    object->cbParentID = event->info.obj.cbParentID;
    object->lpParentID = event->info.obj.lpParentID;
    exact->has_rest |= memcmp(event, &expected, sizeof(expected)) != 0;
    exact->has_rest |= object->cbEntryID == 0 || object->lpEntryID == NULL;
    exact->count++;
    return (ULONG)exact->answer;
}

/* Notify.Sink.5 Notify.Sink.7 Notify.Modified.3 Notify.Copied.4 */
static void notification__of_each_kind__all_else_is_zero(void **state)
{
    struct fixture *fx = *state;
    struct exact exact = { 0 };
    struct host_sink sink;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS);
    SPropValue *message, *folder;

    sink.on_event = look_closely;
    sink.context = &exact;
    message = message_make(fx->inbox, "one");
    modify_message(fx, message, "two");
    folder = folder_new(fx->inbox, "new");
    assert_ok(delete_folder(fx->inbox, folder, 0));
    assert_ok(delete_messages(fx->inbox, &message, 1));

    assert_true(exact.count >= 5);
    assert_int_equal(exact.count, sink.count);
    assert_false(exact.has_rest);
    unadvise(fx, &sink, connection);
    mapi_free(message);
    mapi_free(folder);
}

/* Notify.Sink.4 */
static void on_notify__answers_an_error__the_call_succeeds(void **state)
{
    static const HRESULT answers[] = { MAPI_E_CALL_FAILED, CALLBACK_DISCONTINUE, -1, 1 };
    struct fixture *fx = *state;
    struct exact exact = { 0 };
    struct host_sink sink, second;
    ULONG_PTR connection = advise(fx, &sink, NULL, fnevObjectCreated);
    ULONG_PTR second_connection = advise(fx, &second, NULL, fnevObjectCreated);

    sink.on_event = look_closely;
    sink.context = &exact;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        exact.answer = answers[i];
        mapi_free(message_make(fx->inbox, "saved all the same"));
    }

    assert_int_equal(exact.count, 4);
    assert_int_equal(second.count, 4); /* the others hear of it too */
    unadvise(fx, &sink, connection);
    unadvise(fx, &second, second_connection);
}

/* --- order --------------------------------------------------------------------------------------
 */

/* A world built from events alone. */
struct model {
    struct host_event objects[64]; /* those that are there */
    size_t count;
    bool is_wrong;
};

static void model_apply(struct model *model, const struct host_event *event)
{
    size_t at = 0;

    while (at < model->count && memcmp(model->objects[at].id, event->id, event->id_size) != 0)
        at++;
    if (event->type == fnevObjectCreated) {
        model->is_wrong |= at < model->count || at == 64;
        if (!model->is_wrong)
            model->objects[model->count++] = *event;
    } else if (event->type == fnevObjectDeleted) {
        model->is_wrong |= at == model->count;
        if (!model->is_wrong)
            model->objects[at] = model->objects[--model->count];
    }
}

/* Notify.Sink.6 */
static void events__applied_in_order__give_the_final_state(void **state)
{
    struct fixture *fx = *state;
    struct model model = { .count = 0 };
    struct host_sink sink;
    ULONG_PTR connection = advise(fx, &sink, NULL, OBJECT_EVENTS);
    SPropValue *folders[4] = { NULL }, *messages[4] = { NULL };
    struct host_event event;
    size_t left = 0;

    for (unsigned round = 0; round < 40; round++) {
        unsigned i = round * 7 % 4;

        if (!folders[i]) {
            char name[20];
            IMAPIFolder *folder;

            snprintf(name, sizeof(name), "folder %u", i);
            folders[i] = folder_new(fx->inbox, name);
            folder = folder_open(fx->store, folders[i]);
            messages[i] = message_make(folder, name);
            release_last(folder);
        } else if (round % 3 == 0) {
            assert_ok(delete_folder(fx->inbox, folders[i], DEL_MESSAGES));
            mapi_free(folders[i]);
            mapi_free(messages[i]);
            folders[i] = messages[i] = NULL;
        } else {
            modify_message(fx, messages[i], "changed");
        }
    }
    for (size_t n = 0; host_sink_event(&sink, n, &event); n++)
        model_apply(&model, &event);

    assert_false(model.is_wrong);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; folders[i] && k < model.count; k++) {
            left += is_id(folders[i], model.objects[k].id, model.objects[k].id_size);
            left += is_id(messages[i], model.objects[k].id, model.objects[k].id_size);
        }
        mapi_free(folders[i]);
        mapi_free(messages[i]);
    }
    assert_true(left > 0);
    assert_int_equal(left, model.count);
    unadvise(fx, &sink, connection);
}

/* --- while a sink runs --------------------------------------------------------------------------
 */

struct caller {
    struct fixture *fx;
    struct host_sink *victim;
    ULONG_PTR victim_connection;
    unsigned calls;
    HRESULT hr;
};

static void work_in_store(void *context)
{
    struct caller *caller = context;
    IMAPITable *table = NULL;
    IMessage *message = NULL;

    caller->hr = caller->fx->inbox->lpVtbl->GetContentsTable(caller->fx->inbox, 0, &table);
    if (SUCCEEDED(caller->hr))
        table->lpVtbl->Release(table);
    if (SUCCEEDED(caller->hr))
        caller->hr = caller->fx->inbox->lpVtbl->CreateMessage(caller->fx->inbox, NULL, 0, &message);
    if (SUCCEEDED(caller->hr)) {
        caller->hr = message->lpVtbl->SaveChanges(message, 0);
        message->lpVtbl->Release(message);
    }
}

static ULONG work_here_and_there(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct caller *caller = context;

    (void)sink;
    (void)event;
    if (caller->calls++ > 0)
        return 0;
    work_in_store(caller);
    assert_ok(caller->hr);
    caller->hr = MAPI_E_CALL_FAILED;
    host_thread_join(host_thread_start(work_in_store, caller));
    assert_ok(caller->hr);
    return 0;
}

/* Notify.Sink.3: a lock that is held would stop the other thread for ever. */
static void on_notify__works_in_the_store_from_two_threads__no_lock_is_held(void **state)
{
    struct fixture *fx = *state;
    struct caller caller = { .fx = fx };
    struct host_sink sink;
    ULONG_PTR connection = advise(fx, &sink, NULL, fnevObjectCreated);

    sink.on_event = work_here_and_there;
    sink.context = &caller;
    mapi_free(message_make(fx->inbox, "one"));

    assert_int_equal(caller.calls, 3);
    assert_int_equal(sink.count, 3);
    unadvise(fx, &sink, connection);
}

static ULONG unadvise_the_other(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct caller *caller = context;

    (void)sink;
    (void)event;
    if (caller->calls++ == 0)
        assert_ok(
                caller->fx->store->lpVtbl->Unadvise(caller->fx->store, caller->victim_connection));
    return 0;
}

/* IMsgStore.Unadvise.1 IMsgStore.Unadvise.2 */
static void on_notify__unadvises_a_sink_behind_it__that_one_hears_nothing(void **state)
{
    struct fixture *fx = *state;
    struct host_sink first, victim;
    struct caller caller = { .fx = fx, .victim = &victim };
    ULONG_PTR connection = advise(fx, &first, NULL, fnevObjectCreated);

    caller.victim_connection = advise(fx, &victim, NULL, fnevObjectCreated);
    first.on_event = unadvise_the_other;
    first.context = &caller;
    mapi_free(message_make(fx->inbox, "one"));

    assert_int_equal(first.count, 1);
    assert_int_equal(victim.count, 0);
    assert_int_equal(victim.refs, 1);
    host_sink_done(&victim);
    unadvise(fx, &first, connection);
}

struct writer {
    struct fixture *fx;
    HRESULT hr;
};

static void save_many(void *context)
{
    struct writer *writer = context;
    IMAPIFolder *inbox = writer->fx->inbox;

    for (int i = 0; i < 30 && SUCCEEDED(writer->hr); i++) {
        IMessage *message = NULL;

        writer->hr = inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message);
        if (SUCCEEDED(writer->hr)) {
            writer->hr = message->lpVtbl->SaveChanges(message, 0);
            message->lpVtbl->Release(message);
        }
    }
}

/* Each exactly once, and all of them before the last call is back. */
static void events__of_three_threads__each_comes_once(void **state)
{
    struct fixture *fx = *state;
    struct writer writers[3] = { { fx, S_OK }, { fx, S_OK }, { fx, S_OK } };
    struct host_thread *threads[3];
    struct host_sink sink;
    ULONG_PTR connection = advise(fx, &sink, NULL, fnevObjectCreated);

    for (size_t i = 0; i < 3; i++)
        threads[i] = host_thread_start(save_many, &writers[i]);
    for (size_t i = 0; i < 3; i++)
        host_thread_join(threads[i]);

    assert_int_equal(sink.count, 90);
    for (size_t i = 0; i < 3; i++)
        assert_ok(writers[i].hr);
    for (size_t i = 0; i < 90; i++) {
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(sink.events[i].id, sink.events[k].id, sink.events[i].id_size);
    }
    unadvise(fx, &sink, connection);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(create_folder__whole_store__created_with_parent),
        INBOX(save_message__first_and_second__created_and_then_modified),
        INBOX(rename_folder__store_and_folder__modified),
        INBOX(delete_message__store_and_message__deleted_with_parent),
        INBOX(delete_folder__with_content__each_is_deleted_inside_out),
        INBOX(content_changes__counts_of_the_folder__folder_is_modified_its_parent_not),
        INBOX(message__changed_but_not_saved__nothing_is_told),
        INBOX(operation__fails__nothing_is_told),
        INBOX(advise__one_event_on_one_object__hears_that_only),
        INBOX(advise__every_bit__no_events_of_tables_and_status),
        INBOX(notification__of_each_kind__all_else_is_zero),
        INBOX(on_notify__answers_an_error__the_call_succeeds),
        INBOX(events__applied_in_order__give_the_final_state),
        INBOX(on_notify__works_in_the_store_from_two_threads__no_lock_is_held),
        INBOX(on_notify__unadvises_a_sink_behind_it__that_one_hears_nothing),
        INBOX(events__of_three_threads__each_comes_once),
    };

    return cmocka_run_group_tests_name("notify_events", tests, NULL, NULL);
}
