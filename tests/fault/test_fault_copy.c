/* SPDX-License-Identifier: MIT */
/*
 * test_fault_copy.c - copies and moves while every single allocation, and every call to the disk,
 * fails once: each message is in one place whole, none is lost, and the same call works afterwards.
 *
 * The layers are linked in, so that allocator and disk can be told to fail; all else goes through
 * the vtables, as in tests/com.
 */
#include "../com/copy_veil.h"
#include "../com/copy_world.h"

#include "com/object.h"
#include "dll/inf.h" /* the whole library is linked for it */
#include "engine/eng.h"
#include "engine/sqlite_api.h"
#include "host/host_admin.h"
#include "util/alloc.h"

#if !MAILKEEP_SQLITE_DYNAMIC
#include "fault_vfs.h"
#endif

MSGSERVICEENTRY MSGServiceEntry;

/* --- two stores without a library to load ----------------------------------------------------- */

static HRESULT load(struct host_session *session)
{
    const struct host_mem_trio *trio = host_mem_trio(0);

    return MSProviderInit(NULL, &session->heap.IMalloc_iface, trio->allocate, trio->more,
            trio->release, 0, session->mapi_version, &session->provider_version,
            &session->provider);
}

static void configure(struct fixture *fx, const char *store)
{
    struct host_session *session = &fx->session;
    struct host_section *section = host_profile_find(session->profile, HOST_SECTION_PROVIDER, NULL);
    struct host_support *support =
            host_support_new(&session->world, HOST_SUPPORT_SERVICE, &section->uid);
    uint16_t *path = host_text_to_utf16(store);
    SPropValue value = { .ulPropTag = HOST_PR_STORE_PATH };
    LPMAPIERROR error = NULL;
    struct host_admin admin;

    value.Value.lpszW = (LPWSTR)path;
    host_admin_init(&admin, &session->world, &section->uid);
    assert_ok(MSGServiceEntry(NULL, &session->heap.IMalloc_iface, host_support_iface(support), 0,
            MAPI_UNICODE, MSG_SERVICE_CONFIGURE, 1, &value, &admin.IProviderAdmin_iface, &error));
    mapi_free(error);
    host_support_release(support);
    free(path);
}

enum { COUNT = 3 };

struct scene {
    struct fixture *fx;
    size_t live;
    IMAPIFolder *to;
    struct copy_store other;
    IMAPIFolder *there; /* of the other store */
    SPropValue *ids[COUNT];
    struct copy_print prints[COUNT];
};

/* Small, with one of each: a large value, a recipient, an attachment, a message in it. */
static SPropValue *make(IMAPIFolder *folder, char name)
{
    char subject[2] = { name, 0 };
    unsigned char *bytes = copy_bytes(40000, (unsigned)name);
    IMessage *message = NULL;
    IAttach *attach = NULL;
    LPUNKNOWN inner = NULL;
    SPropValue *id;
    ULONG number = 0;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, subject);
    prop_set_binary(message, PROP_TAG(PT_BINARY, 0x6800), bytes, 40000);
    prop_set_long(message, copy_named((IMAPIProp *)message, 1), name);
    copy_add_recipients(message);
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &inner));
    prop_set_text(inner, PR_SUBJECT_W, "inner");
    assert_ok(((IMessage *)(void *)inner)->lpVtbl->SaveChanges((IMessage *)(void *)inner, 0));
    release_last(inner);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    free(bytes);
    return id;
}

static int setup(void **state)
{
    static struct scene scene;

    memset(&scene, 0, sizeof(scene));
    scene.live = msp_alloc_count_live();
    scene.fx = fixture_new();
    assert_ok(load(&scene.fx->session));
    host_temp_path(".mkeep", scene.other.path, sizeof(scene.other.path));
    configure(scene.fx, scene.other.path);
    raw_open(scene.fx, &scene.other.raw, MDB_WRITE);
    configure(scene.fx, scene.fx->path);
    fixture_logon(scene.fx);
    fixture_open_inbox(scene.fx);
    scene.to = folder_make(scene.fx->inbox, "To");
    {
        LPUNKNOWN root = NULL;
        ULONG type = 0;

        assert_ok(scene.other.raw.store->lpVtbl->OpenEntry(
                scene.other.raw.store, 0, NULL, NULL, MAPI_MODIFY, &type, &root));
        scene.there = folder_make((IMAPIFolder *)(void *)root, "There");
        release_last(root);
    }
    for (int i = 0; i < COUNT; i++) {
        scene.ids[i] = make(scene.fx->inbox, (char)('a' + i));
        scene.prints[i] = copy_print_id(scene.fx->store, scene.ids[i]);
    }
    *state = &scene;
    return 0;
}

static void check_file(const char *path)
{
    struct eng_open_params params = { .path = path };
    struct eng *eng = NULL;
    uint64_t found = 1;

    assert_int_equal(eng_open(&params, &eng, NULL), ENG_OK);
    assert_int_equal(eng_check(eng, false, NULL, NULL, &found), ENG_OK);
    assert_int_equal(found, 0);
    eng_close(eng);
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < COUNT; i++)
        mapi_free(scene->ids[i]);
    release_last(scene->there);
    raw_close(&scene->other.raw);
    release_last(scene->to);
    check_file(scene->fx->path);
    check_file(scene->other.path);
    assert_true(host_file_remove(scene->other.path));
    fixture_check_and_free(scene->fx);
    assert_int_equal(msp_object_count(), 0);
    assert_int_equal(msp_alloc_count_live(), scene->live);
    return 0;
}

/* --- what may be there ------------------------------------------------------------------------ */

/* Every message of a folder is one of the originals, whole; a bit for each that is there. */
static unsigned look(struct scene *scene, IMsgStore *store, IMAPIFolder *folder)
{
    ULONG rows = copy_rows(folder, 0);
    unsigned seen = 0;

    assert_int_equal(prop_long(folder, PR_CONTENT_COUNT), rows);
    for (ULONG i = 0; i < rows; i++) {
        SPropValue *id = copy_nth(folder, 0, i);
        IMessage *message = message_open(store, id);
        char *subject = prop_text(message, PR_SUBJECT_W);
        unsigned which = (unsigned)(subject[0] - 'a');

        assert_true(which < COUNT && (seen & 1u << which) == 0);
        copy_assert_equal(copy_print_of(message), scene->prints[which]);
        seen |= 1u << which;
        release_last(message);
        mapi_free(id);
        free(subject);
    }
    return seen;
}

static void empty(IMAPIFolder *folder)
{
    assert_ok(folder->lpVtbl->EmptyFolder(folder, 0, NULL, 0));
}

/* --- the walks -------------------------------------------------------------------------------- */

enum { ALL = (1 << COUNT) - 1 };

struct walk {
    HRESULT (*call)(struct scene *scene);
    /* after a failure; and back to the start */
    void (*check)(struct scene *scene);
    void (*restore)(struct scene *scene);
};

struct fault {
    void (*arm)(unsigned long nth);
    bool (*disarm)(void);
    bool (*is_it)(HRESULT hr);
};

static void walk_all(struct scene *scene, const struct walk *walk, const struct fault *fault)
{
    for (unsigned long nth = 1;; nth++) {
        bool failed;
        HRESULT hr;

        fault->arm(nth);
        hr = walk->call(scene);
        failed = fault->disarm();
        if (!failed) {
            assert_ok(hr);
            walk->check(scene);
            walk->restore(scene);
            assert_true(nth > 3); /* it was a walk */
            return;
        }
        /* a failure that was only a comfort is no failure */
        if (FAILED(hr) && !fault->is_it(hr))
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        walk->check(scene);
        walk->restore(scene);
    }
}

static bool is_memory(HRESULT hr)
{
    return hr == MAPI_E_NOT_ENOUGH_MEMORY;
}

#if !MAILKEEP_SQLITE_DYNAMIC

static bool is_disk(HRESULT hr)
{
    return hr == MAPI_E_DISK_ERROR || hr == MAPI_E_NOT_ENOUGH_MEMORY ||
           hr == MAPI_E_NOT_ENOUGH_DISK || hr == MAPI_E_CALL_FAILED;
}

static void fail_disk(unsigned long nth)
{
    disk_arm(nth, false, SQLITE_IOERR);
}

static const struct fault bad_disk = { fail_disk, disk_disarm, is_disk };

#endif

static const struct fault no_memory = { msp_alloc_fail_at, msp_alloc_fail_disarm, is_memory };

static HRESULT copy(struct scene *scene)
{
    return copy_call(scene->fx->inbox, scene->ids, COUNT, scene->to, 0);
}

static void check_copy(struct scene *scene)
{
    assert_int_equal(look(scene, scene->fx->store, scene->fx->inbox), ALL);
    (void)look(scene, scene->fx->store, scene->to);
}

static void restore_copy(struct scene *scene)
{
    empty(scene->to);
}

static const struct walk copies = { copy, check_copy, restore_copy };

static HRESULT move(struct scene *scene)
{
    return copy_call(scene->fx->inbox, scene->ids, COUNT, scene->to, MESSAGE_MOVE);
}

static void check_move(struct scene *scene)
{
    unsigned here = look(scene, scene->fx->store, scene->fx->inbox);
    unsigned there = look(scene, scene->fx->store, scene->to);

    assert_int_equal(here | there, ALL);
    assert_int_equal(here & there, 0);
}

static void restore_move(struct scene *scene)
{
    HRESULT hr = copy_call(scene->to, scene->ids, COUNT, scene->fx->inbox, MESSAGE_MOVE);

    assert_true(SUCCEEDED(hr));
    assert_int_equal(look(scene, scene->fx->store, scene->fx->inbox), ALL);
}

static const struct walk moves = { move, check_move, restore_move };

static HRESULT copy_out(struct scene *scene)
{
    return copy_call(scene->fx->inbox, scene->ids, COUNT, scene->there, 0);
}

/* One that arrived is whole; nothing is lost here. */
static void check_out(struct scene *scene)
{
    assert_int_equal(look(scene, scene->fx->store, scene->fx->inbox), ALL);
    (void)look(scene, scene->other.raw.store, scene->there);
}

static void restore_out(struct scene *scene)
{
    empty(scene->there);
}

static const struct walk copies_out = { copy_out, check_out, restore_out };

static void copy_messages__nth_allocation_fails__whole_or_not_there(void **state)
{
    walk_all(*state, &copies, &no_memory);
}

static void move_messages__nth_allocation_fails__in_one_place(void **state)
{
    walk_all(*state, &moves, &no_memory);
}

#if !MAILKEEP_SQLITE_DYNAMIC

static void copy_messages__nth_disk_call_fails__whole_or_not_there(void **state)
{
    walk_all(*state, &copies, &bad_disk);
}

static void move_messages__nth_disk_call_fails__in_one_place(void **state)
{
    walk_all(*state, &moves, &bad_disk);
}

#endif

static void copy_out__nth_allocation_fails__whole_or_not_there(void **state)
{
    walk_all(*state, &copies_out, &no_memory);
}

/* One of the originals, with values in addition that no record takes. */
static IMessage *open_larger(struct scene *scene)
{
    unsigned char *bytes = copy_bytes(100000, 7);
    IMessage *from = message_open(scene->fx->store, scene->ids[0]);
    IAttach *attach = NULL;
    ULONG number = 0;

    prop_set_binary(from, PROP_TAG(PT_BINARY, 0x6801), bytes, 100000);
    assert_ok(from->lpVtbl->CreateAttach(from, NULL, 0, &number, &attach));
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, bytes, 100000);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(from->lpVtbl->SaveChanges(from, KEEP_OPEN_READWRITE));
    scene->prints[0] = copy_print_of(from);
    free(bytes);
    return from;
}

static bool is_whole(const SPropProblemArray *problems)
{
    for (ULONG i = 0; i < problems->cProblem; i++) {
        if (problems->aProblem[i].scode != MAPI_E_COMPUTED)
            return false;
    }
    return true;
}

/* The message that is filled is given up whatever happened; nothing of it stays. `folder`: where it
 * is made, here or in the other store. */
static void walk_copy_to(
        struct scene *scene, IMAPIFolder *folder, const struct fault *fault, bool veiled)
{
    IMessage *from = open_larger(scene);
    bool failed = true;

    for (unsigned long nth = 1; failed; nth++) {
        LPSPropProblemArray problems = POISON;
        IMessage *to = NULL;
        struct veil veil;
        HRESULT hr;

        assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &to));
        fault->arm(nth);
        hr = from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage,
                veiled ? veil_over(&veil, to, &IID_IMessage) : to, 0, &problems);
        failed = fault->disarm();
        if (FAILED(hr)) {
            assert_true(failed && fault->is_it(hr));
            assert_null(problems);
        } else {
            assert_true(failed || is_whole(problems));
            assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
            if (is_whole(problems))
                copy_assert_equal(copy_print_of(to), scene->prints[0]);
            mapi_free(problems);
        }
        release_last(to);
        empty(folder);
    }
    release_last(from);
    assert_int_equal(look(scene, scene->fx->store, scene->fx->inbox), ALL);
}

static void copy_to__nth_allocation_fails__said_and_nothing_left(void **state)
{
    struct scene *scene = *state;

    walk_copy_to(scene, scene->to, &no_memory, false);
}

static void copy_to_foreign__nth_allocation_fails__said_and_nothing_left(void **state)
{
    struct scene *scene = *state;

    walk_copy_to(scene, scene->to, &no_memory, true);
}

static void copy_to_other_store__nth_allocation_fails__said_and_nothing_left(void **state)
{
    struct scene *scene = *state;

    walk_copy_to(scene, scene->there, &no_memory, false);
}

/* --- one value over another ------------------------------------------------------------------- */

#define VALUE PROP_TAG(PT_BINARY, 0x6801)

static void write_old(IMAPIProp *to, size_t size)
{
    unsigned char *bytes = copy_bytes(size, 11);
    IStream *stream = NULL;

    assert_ok(to->lpVtbl->OpenProperty(
            to, VALUE, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)(void *)&stream));
    assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)size, NULL));
    release_last(stream);
    free(bytes);
}

/* Source and destination have no way to each other but their streams. */
static void walk_value(
        IMessage *from, IMAPIProp *to, size_t old_size, const struct fault *fault, bool veiled)
{
    uint64_t wanted = copy_hash_stream((IMAPIProp *)from, VALUE);
    SPropTagArray tags = { 1, { VALUE } };
    bool failed = true;

    for (unsigned long nth = 1; failed; nth++) {
        LPSPropProblemArray problems = NULL;
        struct veil veil;
        uint64_t before;
        uint64_t now;
        HRESULT hr;

        write_old(to, old_size);
        before = copy_hash_stream(to, VALUE);
        fault->arm(nth);
        hr = from->lpVtbl->CopyProps(from, &tags, 0, NULL, &IID_IMAPIProp,
                veiled ? veil_over(&veil, to, &IID_IMessage) : (void *)to, 0, &problems);
        failed = fault->disarm();
        assert_true(SUCCEEDED(hr) || (failed && fault->is_it(hr)));
        now = copy_hash_stream(to, VALUE);
        assert_true(now == (hr == S_OK && problems == NULL ? wanted : before));
        mapi_free(problems);
    }
}

static void walk_values(struct scene *scene, IMAPIFolder *folder, const struct fault *fault)
{
    static const size_t sizes[] = { 10, 70000 };
    IMessage *from = open_larger(scene);
    IMessage *to = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &to));
    assert_ok(to->lpVtbl->CreateAttach(to, NULL, 0, &number, &attach));
    for (size_t i = 0; i < MSP_COUNT_OF(sizes); i++) {
        walk_value(from, (IMAPIProp *)folder, sizes[i], fault, false);
        walk_value(from, (IMAPIProp *)to, sizes[i], fault, false);
        walk_value(from, (IMAPIProp *)to, sizes[i], fault, true);
        walk_value(from, (IMAPIProp *)attach, sizes[i], fault, true);
    }
    release_last(attach);
    release_last(to);
    release_last(from);
}

/* The stream may have lost what it should go back to; the property has not, and takes a new value.
 */
static void revert_with(IMAPIProp *object, ULONG tag, const struct fault *fault)
{
    uint64_t before = copy_hash_stream(object, tag);
    bool failed = true;

    for (unsigned long nth = 1; failed; nth++) {
        IStream *stream = NULL;
        ULONG done = 0;
        HRESULT hr;

        assert_ok(object->lpVtbl->OpenProperty(
                object, tag, &IID_IStream, 0, MAPI_MODIFY, (LPUNKNOWN *)(void *)&stream));
        assert_ok(stream->lpVtbl->Write(stream, "half", 4, NULL));
        fault->arm(nth);
        hr = stream->lpVtbl->Revert(stream);
        failed = fault->disarm();
        assert_true(SUCCEEDED(hr) || failed);
        release_last(stream);
        assert_true(copy_hash_stream(object, tag) == before);

        assert_ok(object->lpVtbl->OpenProperty(
                object, tag, &IID_IStream, 0, MAPI_MODIFY, (LPUNKNOWN *)(void *)&stream));
        assert_ok(stream->lpVtbl->Write(stream, "half", 4, NULL));
        fault->arm(nth);
        hr = stream->lpVtbl->Revert(stream);
        (void)fault->disarm();
        if (FAILED(hr)) { /* empty, and ready for more */
            STATSTG stat = { 0 };

            assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
            assert_int_equal(stat.cbSize.QuadPart, 0);
            assert_ok(stream->lpVtbl->Write(stream, "more", 4, &done));
            assert_int_equal(done, 4);
            assert_ok(stream->lpVtbl->Revert(stream));
        }
        release_last(stream);
        assert_true(copy_hash_stream(object, tag) == before);
    }
}

static void revert__nth_allocation_fails__the_property_stays(void **state)
{
    static const size_t sizes[] = { 1000, 70000 };
    struct scene *scene = *state;
    IMAPIProp *objects[2] = { (IMAPIProp *)scene->to, NULL };

    objects[1] = (IMAPIProp *)message_open(scene->fx->store, scene->ids[0]);
    for (size_t i = 0; i < 4; i++) {
        IMAPIProp *object = objects[i % 2];

        write_old(object, sizes[i / 2]);
        revert_with(object, VALUE, &no_memory);
    }
    release_last(objects[1]);
}

/* "Not enough memory" in the place of a value would mean: open a stream. */
static void get_props__nth_allocation_fails__the_call_fails(void **state)
{
    SPropTagArray tags = { 1, { PR_RTF_COMPRESSED } }; /* made of the text */
    struct scene *scene = *state;
    IMessage *message = message_open(scene->fx->store, scene->ids[0]);
    bool failed = true;

    prop_set_text(message, PR_BODY_W, "text");
    for (unsigned long nth = 1; failed; nth++) {
        SPropValue *values = POISON;
        ULONG count = POISON_LONG;
        HRESULT hr;

        msp_alloc_fail_at(nth);
        hr = message->lpVtbl->GetProps(message, &tags, 0, &count, &values);
        failed = msp_alloc_fail_disarm();
        if (hr == S_OK) {
            assert_int_equal(values->ulPropTag, PR_RTF_COMPRESSED);
            mapi_free(values);
        } else {
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
            assert_null(values);
            assert_int_equal(count, 0);
        }
        assert_true(failed || (hr == S_OK && nth > 2));
    }
    release_last(message);
}

static void copy_props__nth_allocation_fails__old_value_or_new(void **state)
{
    struct scene *scene = *state;

    walk_values(scene, scene->to, &no_memory);
}

static void copy_props_to_other_store__nth_allocation_fails__old_value_or_new(void **state)
{
    struct scene *scene = *state;

    walk_values(scene, scene->there, &no_memory);
}

#if !MAILKEEP_SQLITE_DYNAMIC

static void copy_props__nth_disk_call_fails__old_value_or_new(void **state)
{
    struct scene *scene = *state;

    walk_values(scene, scene->to, &bad_disk);
}

static void copy_props_to_other_store__nth_disk_call_fails__old_value_or_new(void **state)
{
    struct scene *scene = *state;

    walk_values(scene, scene->there, &bad_disk);
}

static void copy_to__nth_disk_call_fails__said_and_nothing_left(void **state)
{
    struct scene *scene = *state;

    walk_copy_to(scene, scene->to, &bad_disk, false);
}

static void copy_to_other_store__nth_disk_call_fails__said_and_nothing_left(void **state)
{
    struct scene *scene = *state;

    walk_copy_to(scene, scene->there, &bad_disk, false);
}

#endif

static int disk_setup(void **state)
{
#if !MAILKEEP_SQLITE_DYNAMIC
    static bool installed;

    if (!installed)
        disk_install();
    installed = true;
#endif
    return setup(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, disk_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_messages__nth_allocation_fails__whole_or_not_there),
        TEST(move_messages__nth_allocation_fails__in_one_place),
#if !MAILKEEP_SQLITE_DYNAMIC
        TEST(copy_messages__nth_disk_call_fails__whole_or_not_there),
        TEST(move_messages__nth_disk_call_fails__in_one_place),
#endif
        TEST(copy_out__nth_allocation_fails__whole_or_not_there),
        TEST(copy_to__nth_allocation_fails__said_and_nothing_left),
        TEST(copy_to_foreign__nth_allocation_fails__said_and_nothing_left),
        TEST(copy_to_other_store__nth_allocation_fails__said_and_nothing_left),
        TEST(get_props__nth_allocation_fails__the_call_fails),
        TEST(revert__nth_allocation_fails__the_property_stays),
        TEST(copy_props__nth_allocation_fails__old_value_or_new),
        TEST(copy_props_to_other_store__nth_allocation_fails__old_value_or_new),
#if !MAILKEEP_SQLITE_DYNAMIC
        TEST(copy_props__nth_disk_call_fails__old_value_or_new),
        TEST(copy_props_to_other_store__nth_disk_call_fails__old_value_or_new),
        TEST(copy_to__nth_disk_call_fails__said_and_nothing_left),
        TEST(copy_to_other_store__nth_disk_call_fails__said_and_nothing_left),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
