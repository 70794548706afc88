/* SPDX-License-Identifier: MIT */
/*
 * test_storage.c - structured storages in attachments: PR_ATTACH_DATA_OBJ as IStorage.
 *
 * The storage itself is the host's, as IMAPISupport::IStorageFromStream makes it over our stream.
 */
#include "copy_veil.h"
#include "copy_world.h"

static WCHAR name_of_contents[] = u"CONTENTS";

static IMessage *create(struct fixture *fx)
{
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static LPATTACH create_attach(IMessage *message)
{
    LPATTACH attach = NULL;
    ULONG number = POISON_LONG;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_OLE);
    return attach;
}

static LPATTACH open_attach(IMessage *message, ULONG flags)
{
    LPATTACH attach = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, flags, &attach));
    return attach;
}

static void save(void *object)
{
    IMAPIProp *prop = object;

    assert_ok(prop->lpVtbl->SaveChanges(prop, KEEP_OPEN_READWRITE));
}

static HRESULT open_data(LPATTACH attach, ULONG tag, LPCIID iid, ULONG flags, void **out)
{
    LPUNKNOWN object = POISON;
    HRESULT hr = attach->lpVtbl->OpenProperty(attach, tag, iid, 0, flags, &object);

    if (FAILED(hr))
        assert_null(object);
    else
        assert_non_null(object);
    *out = object;
    return hr;
}

static HRESULT open_storage(LPATTACH attach, ULONG flags, IStorage **out)
{
    void *object = NULL;
    HRESULT hr = open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, flags, &object);

    *out = object;
    return hr;
}

static void put_contents(IStorage *storage, const void *bytes, size_t size)
{
    IStream *stream = NULL;
    ULONG done = 0;

    assert_ok(storage->lpVtbl->CreateStream(storage, name_of_contents,
            STGM_CREATE | STGM_READWRITE | STGM_SHARE_EXCLUSIVE, 0, 0, &stream));
    assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)size, &done));
    assert_int_equal(done, size);
    stream->lpVtbl->Release(stream);
}

static void assert_contents(IStorage *storage, const void *bytes, size_t size)
{
    unsigned char *room = malloc(size + 1);
    IStream *stream = NULL;
    ULONG done = 0;

    assert_non_null(room);
    assert_ok(storage->lpVtbl->OpenStream(
            storage, name_of_contents, NULL, STGM_READ | STGM_SHARE_EXCLUSIVE, 0, &stream));
    (void)stream->lpVtbl->Read(stream, room, (ULONG)(size + 1), &done);
    assert_int_equal(done, size);
    assert_memory_equal(room, bytes, size);
    stream->lpVtbl->Release(stream);
    free(room);
}

/* A storage with these contents, committed and released; the attachment is not saved. */
static void make_storage(LPATTACH attach, const char *text)
{
    IStorage *storage = NULL;

    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    put_contents(storage, text, strlen(text));
    assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
    release_last(storage);
}

static void assert_text(LPATTACH attach, const char *text)
{
    IStorage *storage = NULL;

    assert_ok(open_storage(attach, 0, &storage));
    assert_contents(storage, text, strlen(text));
    release_last(storage);
}

/* The id of a saved message with one attachment that holds a storage; mapi_free. */
static SPropValue *make_message(struct fixture *fx, const char *text)
{
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    SPropValue *id;

    make_storage(attach, text);
    save(attach);
    save(message);
    id = prop_get(message, PR_ENTRYID);
    assert_non_null(id);
    release_last(attach);
    release_last(message);
    return id;
}

/* What the host was asked for in its last IStorageFromStream. */
static struct host_call last_call(struct fixture *fx)
{
    size_t count = host_support_calls(fx->support, HOST_IStorageFromStream);
    struct host_call call = { 0 };

    assert_true(count > 0);
    assert_true(host_support_call(fx->support, HOST_IStorageFromStream, count - 1, &call));
    return call;
}

static bool lists(LPATTACH attach, ULONG tag)
{
    LPSPropTagArray tags = NULL;
    bool found = false;

    assert_ok(attach->lpVtbl->GetPropList(attach, MAPI_UNICODE, &tags));
    for (ULONG i = 0; i < tags->cValues; i++)
        found = found || tags->aulPropTag[i] == tag;
    mapi_free(tags);
    return found;
}

/* --- what is kept ----------------------------------------------------------------------------- */

/* IAttach.Data.1 IAttach.Data.2 IAttach.Data.5 IAttach.Data.7 IAttach.Data.8 IAttach.Method.6
 * IStream.Storage.1 IStream.Storage.3 StoreProp.SupportMask.8 */
static void storage__committed_and_saved__there_in_the_next_session(void **state)
{
    static const size_t sizes[] = { 1, 1000, 200 * 1000, 3 * 1000 * 1000 };
    struct fixture *fx = *state;

    assert_int_equal(prop_long(fx->store, PR_STORE_SUPPORT_MASK) & STORE_OLE_OK, STORE_OLE_OK);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *bytes = malloc(sizes[i]);
        IMessage *message = create(fx);
        LPATTACH attach = create_attach(message);
        IStorage *storage = NULL;
        SPropValue *id;

        assert_non_null(bytes);
        for (size_t at = 0; at < sizes[i]; at++)
            bytes[at] = (unsigned char)(at * 7 + (at >> 8) + i);
        assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
        put_contents(storage, bytes, sizes[i]);
        assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
        release_last(storage);
        save(attach);
        save(message);
        release_last(attach);
        id = prop_get(message, PR_ENTRYID);
        release_last(message);

        fixture_reopen(fx);
        message = message_open(fx->store, id);
        assert_true((size_t)prop_long(message, PR_MESSAGE_SIZE) > sizes[i]);
        attach = open_attach(message, 0);
        assert_true((size_t)prop_long(attach, PR_ATTACH_SIZE) > sizes[i]);
        assert_int_equal(prop_long(attach, PR_ATTACH_METHOD), ATTACH_OLE);
        assert_true(lists(attach, PR_ATTACH_DATA_OBJ));
        assert_false(lists(attach, PR_ATTACH_DATA_BIN));
        assert_null(prop_get(attach, PR_ATTACH_DATA_OBJ));
        assert_null(prop_get(attach, PR_ATTACH_DATA_BIN));
        assert_ok(open_storage(attach, 0, &storage));
        assert_contents(storage, bytes, sizes[i]);
        release_last(storage);
        release_last(attach);
        release_last(message);
        mapi_free(id);
        free(bytes);
    }
}

/* IAttach.Data.7 */
static void storage__a_step_missing__old_contents_stay(void **state)
{
    enum { COMMIT = 1, SAVE_ATTACH = 2, SAVE_MESSAGE = 4, ALL = 7 };
    struct fixture *fx = *state;

    for (unsigned steps = 0; steps <= ALL; steps++) {
        SPropValue *id = make_message(fx, "old");
        IMessage *message = message_open(fx->store, id);
        LPATTACH attach = open_attach(message, MAPI_MODIFY);
        IStorage *storage = NULL;

        assert_ok(open_storage(attach, MAPI_MODIFY, &storage));
        assert_contents(storage, "old", 3);
        put_contents(storage, "newer", 5);
        if ((steps & COMMIT) != 0)
            assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
        release_last(storage);
        if ((steps & SAVE_ATTACH) != 0)
            save(attach);
        if ((steps & SAVE_MESSAGE) != 0)
            save(message);
        release_last(attach);
        release_last(message);

        message = message_open(fx->store, id);
        attach = open_attach(message, 0);
        assert_text(attach, steps == ALL ? "newer" : "old");
        release_last(attach);
        release_last(message);
        mapi_free(id);
    }
}

/* IAttach.Data.7 */
static void storage__created_anew__old_contents_until_commit(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;

    make_storage(attach, "old");
    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    release_last(storage);
    assert_text(attach, "old");

    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
    release_last(storage);
    assert_ok(open_storage(attach, 0, &storage));
    {
        IStream *stream = POISON;

        assert_hr(storage->lpVtbl->OpenStream(storage, name_of_contents, NULL,
                          STGM_READ | STGM_SHARE_EXCLUSIVE, 0, &stream),
                STG_E_FILENOTFOUND);
    }
    release_last(storage);
    release_last(attach);
    release_last(message);
}

/* A storage that is still open is no worse than one that is released. IAttach.Data.7 */
static void storage__open_while_saved__what_was_committed_counts(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make_message(fx, "one");
    IMessage *message = message_open(fx->store, id);
    LPATTACH attach = open_attach(message, MAPI_MODIFY);
    IStorage *storage = NULL;

    assert_ok(open_storage(attach, MAPI_MODIFY, &storage));
    put_contents(storage, "two", 3);
    assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
    put_contents(storage, "three", 5);
    save(attach);
    save(message);
    release_last(storage);
    release_last(attach);
    release_last(message);

    message = message_open(fx->store, id);
    attach = open_attach(message, 0);
    assert_text(attach, "two");
    release_last(attach);
    release_last(message);
    mapi_free(id);
}

/* --- access ----------------------------------------------------------------------------------- */

/* IStream.Storage.1 */
static void storage__opened__with_the_access_asked_for(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make_message(fx, "kept");
    IMessage *message = message_open(fx->store, id);
    LPATTACH attach = open_attach(message, MAPI_MODIFY);
    IStorage *storage = NULL;
    IStream *stream = POISON;
    STATSTG stat;

    assert_int_equal(last_call(fx).flags, STGSTRM_CREATE | STGSTRM_MODIFY);
    assert_ok(open_storage(attach, 0, &storage));
    assert_int_equal(last_call(fx).flags, STGSTRM_RESET);
    assert_ok(storage->lpVtbl->Stat(storage, &stat, 0));
    assert_int_equal(stat.type, STGTY_STORAGE);
    assert_hr(storage->lpVtbl->CreateStream(storage, name_of_contents,
                      STGM_CREATE | STGM_READWRITE | STGM_SHARE_EXCLUSIVE, 0, 0, &stream),
            STG_E_ACCESSDENIED);
    stream = (IStream *)last_call(fx).arg;
    assert_hr(stream->lpVtbl->Write(stream, "x", 1, NULL), STG_E_ACCESSDENIED);
    release_last(storage);

    assert_ok(open_storage(attach, MAPI_MODIFY, &storage));
    assert_int_equal(last_call(fx).flags, STGSTRM_MODIFY);
    put_contents(storage, "new", 3);
    release_last(storage);
    release_last(attach);

    attach = open_attach(message, 0);
    assert_hr(open_storage(attach, MAPI_MODIFY, &storage), MAPI_E_NO_ACCESS);
    assert_hr(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage), MAPI_E_NO_ACCESS);
    assert_text(attach, "kept");
    release_last(attach);
    release_last(message);
    mapi_free(id);
}

/* IStream.Storage.2 */
static void storage__alone_with_its_stream__holds_the_only_reference(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;
    IStream *stream;

    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    stream = (IStream *)last_call(fx).arg;
    assert_int_equal(stream->lpVtbl->AddRef(stream), 2);
    release_last(storage);
    release_last(stream);
    release_last(attach);
    release_last(message);
}

/* IStream.Storage.2 */
static void storage__everything_else_released__still_works(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;

    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    release_last(attach);
    release_last(message);
    put_contents(storage, "late", 4);
    assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
    release_last(storage);
}

/* IStream.Storage.3 */
static void stream__storage_laid_over_by_the_client__survives(void **state)
{
    struct fixture *fx = *state;
    IMAPISupport *support = host_support_iface(fx->support);
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;
    void *stream = NULL;
    SPropValue *id;

    assert_ok(open_data(
            attach, PR_ATTACH_DATA_BIN, &IID_IStream, MAPI_CREATE | MAPI_MODIFY, &stream));
    assert_ok(support->lpVtbl->IStorageFromStream(
            support, stream, NULL, STGSTRM_CREATE | STGSTRM_MODIFY, &storage));
    ((IStream *)stream)->lpVtbl->Release(stream);
    put_contents(storage, "mine", 4);
    assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
    release_last(storage);
    save(attach);
    save(message);
    release_last(attach);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);

    message = message_open(fx->store, id);
    attach = open_attach(message, 0);
    assert_ok(open_data(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, &stream));
    assert_ok(support->lpVtbl->IStorageFromStream(support, stream, NULL, 0, &storage));
    ((IStream *)stream)->lpVtbl->Release(stream);
    assert_contents(storage, "mine", 4);
    release_last(storage);
    release_last(attach);
    release_last(message);
    mapi_free(id);
}

/* --- one property, three kinds of data -------------------------------------------------------- */

/* IAttach.Data.1 IAttach.Data.2 IAttach.Data.6 IAttach.Method.6 */
static void data__made_one_way__not_opened_another(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IMessage *inner = NULL;
    void *object = NULL;

    assert_hr(open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, &object), MAPI_E_NOT_FOUND);
    assert_hr(open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, MAPI_MODIFY, &object),
            MAPI_E_NOT_FOUND);

    make_storage(attach, "storage");
    assert_hr(open_data(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, &object), MAPI_E_NOT_FOUND);
    assert_hr(open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IStream, 0, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_hr(open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, &object), MAPI_E_NOT_FOUND);
    assert_text(attach, "storage");

    prop_set_binary(attach, PR_ATTACH_DATA_BIN, "bytes", 5);
    assert_hr(open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_true(lists(attach, PR_ATTACH_DATA_BIN));
    assert_false(lists(attach, PR_ATTACH_DATA_OBJ));

    make_storage(attach, "again");
    assert_text(attach, "again");
    assert_false(lists(attach, PR_ATTACH_DATA_BIN));

    assert_ok(open_data(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, MAPI_CREATE | MAPI_MODIFY, (void **)&inner));
    save(inner);
    release_last(inner);
    assert_hr(open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    save(attach);
    save(message);

    make_storage(attach, "at last");
    save(attach);
    save(message);
    assert_hr(open_data(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, &object), MAPI_E_NOT_FOUND);
    assert_text(attach, "at last");
    release_last(attach);
    release_last(message);
}

/* IAttach.Data.1 */
static void storage__deleted_by_either_tag__gone(void **state)
{
    static const ULONG tags[] = { PR_ATTACH_DATA_OBJ, PR_ATTACH_DATA_BIN };
    struct fixture *fx = *state;

    for (int i = 0; i < 2; i++) {
        SizedSPropTagArray(1, one) = { 1, { tags[i] } };
        SPropValue *id = make_message(fx, "gone soon");
        IMessage *message = message_open(fx->store, id);
        LPATTACH attach = open_attach(message, MAPI_MODIFY);
        IStorage *storage = NULL;

        assert_ok(attach->lpVtbl->DeleteProps(attach, (LPSPropTagArray)&one, NULL));
        assert_hr(open_storage(attach, 0, &storage), MAPI_E_NOT_FOUND);
        release_last(attach);
        release_last(message);
        mapi_free(id);
    }
}

/* Straight from message to message of one file and of two, and through the interfaces. */
static void storage__copied_with_its_message__same_contents(void **state)
{
    static const size_t sizes[] = { 10, COPY_LARGE };
    struct fixture *fx = *state;
    unsigned char *bytes = copy_bytes(COPY_LARGE, 9);
    struct pair pair;

    pair_open(fx, &pair);
    for (int round = 0; round < 6; round++) {
        size_t size = sizes[round % 2];
        IMessage *from = create(fx);
        IMessage *to = NULL;
        LPATTACH attach = create_attach(from);
        IStorage *storage = NULL;
        IMAPIFolder *folder = round < 2 ? fx->inbox : pair.to;
        struct veil veil;
        void *target;

        assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
        put_contents(storage, bytes, size);
        assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
        release_last(storage);
        save(attach);
        release_last(attach);
        assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &to));
        target = round < 4 ? (void *)to : veil_over(&veil, to, &IID_IMessage);

        assert_ok(
                from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, target, 0, NULL));

        save(to);
        attach = open_attach(to, 0);
        assert_ok(open_storage(attach, 0, &storage));
        assert_contents(storage, bytes, size);
        release_last(storage);
        release_last(attach);
        release_last(to);
        release_last(from);
    }
    pair_close(&pair);
    free(bytes);
}

/* IAttach.Data.3 */
static void docfile__asked_for__refused_with_its_reason(void **state)
{
    static const ULONG tags[] = { PR_ATTACH_DATA_OBJ, PR_ATTACH_DATA_BIN };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);

    make_storage(attach, "kept");
    for (int i = 0; i < 2; i++) {
        LPMAPIERROR error = NULL;
        void *object = NULL;
        HRESULT hr =
                open_data(attach, tags[i], &IID_IStreamDocfile, MAPI_CREATE | MAPI_MODIFY, &object);

        assert_hr(hr, MAPI_E_INTERFACE_NOT_SUPPORTED);
        assert_ok(attach->lpVtbl->GetLastError(attach, hr, 0, &error));
        assert_non_null(error);
        mapi_free(error);
    }
    assert_text(attach, "kept");
    release_last(attach);
    release_last(message);
}

/* --- the host --------------------------------------------------------------------------------- */

/* A stream that the host did not take is released, and the data stays as it is. IStream.Storage.1
 */
static void storage__host_fails__its_error_and_no_change(void **state)
{
    static const struct {
        HRESULT from_host, hr;
    } cases[] = {
        { MAPI_E_NO_SUPPORT, MAPI_E_INTERFACE_NOT_SUPPORTED },
        { MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_ENOUGH_MEMORY },
        { STG_E_READFAULT, STG_E_READFAULT }, { S_OK, MAPI_E_CALL_FAILED }, /* but no storage */
    };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;

    make_storage(attach, "kept");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        LPMAPIERROR error = NULL;

        host_support_fail(fx->support, HOST_IStorageFromStream, cases[i].from_host, 1);
        assert_hr(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage), cases[i].hr);
        assert_ok(attach->lpVtbl->GetLastError(attach, cases[i].hr, 0, &error));
        assert_non_null(error);
        mapi_free(error);
        assert_text(attach, "kept");
    }
    release_last(attach);
    release_last(message);
}

/* What runs inside IStorageFromStream, once. */
struct inside {
    LPATTACH attach;
    IMSLogon *logon;
    struct host_thread *thread;
    HRESULT hr;
    IStorage *storage;
};

static void open_other(void *context)
{
    struct inside *inside = context;

    inside->hr = inside->attach->lpVtbl->OpenProperty(inside->attach, PR_ATTACH_DATA_OBJ,
            &IID_IStorage, 0, MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)(void *)&inside->storage);
}

static void nested_open(struct host_support *support, enum host_method method, void *context)
{
    if (method != HOST_IStorageFromStream)
        return;
    support->on_call = NULL;
    open_other(context);
}

static void open_on_thread(struct host_support *support, enum host_method method, void *context)
{
    struct inside *inside = context;

    if (method != HOST_IStorageFromStream)
        return;
    support->on_call = NULL;
    inside->thread = host_thread_start(open_other, inside);
}

static void logoff_inside(struct host_support *support, enum host_method method, void *context)
{
    struct inside *inside = context;
    ULONG flags = LOGOFF_ABORT;

    if (method != HOST_IStorageFromStream)
        return;
    support->on_call = NULL;
    inside->hr = inside->logon->lpVtbl->Logoff(inside->logon, &flags);
}

/* The support object is one thread's at a time; this one has it and may use it again. */
static void storage__asked_for_inside_the_call__both_are_there(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;
    struct inside inside = { .attach = create_attach(message), .storage = POISON };

    fx->support->on_call_context = &inside;
    fx->support->on_call = nested_open;
    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    assert_ok(inside.hr);
    release_last(inside.storage);
    release_last(storage);
    release_last(inside.attach);
    release_last(attach);
    release_last(message);
}

/* The second thread waits for the first, or comes after it. */
static void storage__two_threads__both_get_theirs(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;
    struct inside inside = { .attach = create_attach(message), .storage = POISON };

    fx->support->on_call_context = &inside;
    fx->support->on_call = open_on_thread;
    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    assert_non_null(inside.thread);
    host_thread_join(inside.thread);
    assert_ok(inside.hr);
    release_last(inside.storage);
    release_last(storage);
    release_last(inside.attach);
    release_last(attach);
    release_last(message);
}

/* The storage that comes too late is released. */
static void storage__logoff_inside_the_call__no_storage(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;
    struct inside inside = { .logon = host_support_logon(fx->support) };

    fx->support->on_call_context = &inside;
    fx->support->on_call = logoff_inside;
    assert_hr(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage), MAPI_E_INVALID_OBJECT);
    assert_ok(inside.hr);
    inside.logon->lpVtbl->Release(inside.logon);
    release_last(attach);
    release_last(message);
}

/* IStream.Storage.2 */
static void storage__after_logoff__fails_and_goes(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = create_attach(message);
    IStorage *storage = NULL;

    assert_ok(open_storage(attach, MAPI_CREATE | MAPI_MODIFY, &storage));
    put_contents(storage, "late", 4);
    release_last(fx->inbox);
    release_last(fx->store);
    assert_true(FAILED(storage->lpVtbl->Commit(storage, STGC_DEFAULT)));
    release_last(storage);
    release_last(attach);
    release_last(message);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(storage__committed_and_saved__there_in_the_next_session),
        INBOX_TEST(storage__a_step_missing__old_contents_stay),
        INBOX_TEST(storage__created_anew__old_contents_until_commit),
        INBOX_TEST(storage__open_while_saved__what_was_committed_counts),
        INBOX_TEST(storage__opened__with_the_access_asked_for),
        INBOX_TEST(storage__alone_with_its_stream__holds_the_only_reference),
        INBOX_TEST(storage__everything_else_released__still_works),
        INBOX_TEST(stream__storage_laid_over_by_the_client__survives),
        INBOX_TEST(data__made_one_way__not_opened_another),
        INBOX_TEST(storage__deleted_by_either_tag__gone),
        INBOX_TEST(storage__copied_with_its_message__same_contents),
        INBOX_TEST(docfile__asked_for__refused_with_its_reason),
        INBOX_TEST(storage__host_fails__its_error_and_no_change),
        INBOX_TEST(storage__asked_for_inside_the_call__both_are_there),
        INBOX_TEST(storage__two_threads__both_get_theirs),
        INBOX_TEST(storage__logoff_inside_the_call__no_storage),
        INBOX_TEST(storage__after_logoff__fails_and_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
