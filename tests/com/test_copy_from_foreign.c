/* SPDX-License-Identifier: MIT */
/*
 * test_copy_from_foreign.c - another provider's objects are copied into ours, by MAPI's DoCopyTo
 * and DoCopyProps: what arrives, and what is left of it when the other side fails, or ours ends, in
 * the middle.
 */
#include "copy_world.h"
#include "foreign_message.h"

#define LARGE PROP_TAG(PT_BINARY, 0x6800)
#define FOREIGN_ID3 PROP_TAG(PT_LONG, 0x8000)
#define FOREIGN_ID1 PROP_TAG(PT_BINARY, 0x8001)
#define FOREIGN_TEXT PROP_TAG(PT_LONG, 0x8002)
#define FOREIGN_NAMELESS PROP_TAG(PT_LONG, 0x8765)

struct scene {
    struct fixture *fx;
    struct host_world other; /* of the other provider */
    struct foreign_world world;
    unsigned char *bytes;    /* COPY_LARGE of them */
    struct foreign *foreign; /* with everything */
};

static void set_text8(struct host_bag *bag, ULONG tag, const char *text)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.lpszA = (LPSTR)(uintptr_t)text;
    assert_ok(host_bag_set(bag, &value));
}

static void fill(struct scene *scene, struct foreign *message, const char *subject)
{
    struct host_bag *bag;

    set_text8(&message->props, PR_SUBJECT_A, subject);
    set_text8(&message->props, PR_MESSAGE_CLASS_A, "IPM.Note.Foreign");
    assert_ok(host_bag_set_long(&message->props, PR_IMPORTANCE, IMPORTANCE_HIGH));
    assert_ok(host_bag_set_binary(&message->props, LARGE, scene->bytes, COPY_LARGE));
    assert_ok(host_bag_set_long(&message->props, FOREIGN_ID3, 33));
    assert_ok(host_bag_set_binary(&message->props, FOREIGN_ID1, scene->bytes, 5000));
    assert_ok(host_bag_set_long(&message->props, FOREIGN_TEXT, 22));
    assert_ok(host_bag_set_long(&message->props, FOREIGN_NAMELESS, 1));
    assert_ok(host_bag_set_binary(&message->props, PR_ENTRYID, "not ours", 8));
    for (int i = 0; i < 3; i++) {
        bag = foreign_add_recipient(message);
        set_text8(bag, PR_DISPLAY_NAME_A, i == 0 ? "Ann" : "Ben");
        assert_ok(host_bag_set_long(bag, PR_RECIPIENT_TYPE, i == 0 ? MAPI_TO : MAPI_CC));
        if (i == 1)
            assert_ok(host_bag_set_binary(bag, FOREIGN_ID1, scene->bytes, 2000));
    }
}

static struct foreign *make(struct scene *scene)
{
    struct foreign *message = foreign_new(&scene->world, &IID_IMessage);
    struct foreign *attach;

    fill(scene, message, "outer");
    attach = foreign_add_attachment(message, ATTACH_BY_VALUE);
    set_text8(&attach->props, PR_ATTACH_LONG_FILENAME_A, "file.bin");
    assert_ok(host_bag_set_binary(&attach->props, PR_ATTACH_DATA_BIN, scene->bytes, COPY_LARGE));
    assert_ok(host_bag_set_long(&attach->props, FOREIGN_ID3, 44));
    attach = foreign_add_attachment(message, ATTACH_EMBEDDED_MSG);
    attach->inner = foreign_new(&scene->world, &IID_IMessage);
    fill(scene, attach->inner, "inner");
    return message;
}

static HRESULT copy_to(
        struct scene *scene, IMessage *to, ULONG flags, LPSPropProblemArray *problems)
{
    IMAPIProp *from = foreign_prop(scene->foreign);

    return from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, flags, problems);
}

static SCODE problem_of(const SPropProblemArray *problems, ULONG tag)
{
    for (ULONG i = 0; problems && i < problems->cProblem; i++) {
        if (PROP_ID(problems->aProblem[i].ulPropTag) == PROP_ID(tag))
            return problems->aProblem[i].scode;
    }
    return S_OK;
}

static ULONG text_tag(IMAPIProp *object)
{
    MAPINAMEID name = { 0 };
    LPMAPINAMEID names[] = { &name };
    LPSPropTagArray tags = NULL;
    ULONG tag;

    assert_ok(foreign_name(0x8002, &name));
    assert_ok(object->lpVtbl->GetIDsFromNames(object, 1, names, 0, &tags));
    tag = PROP_TAG(PT_LONG, PROP_ID(tags->aulPropTag[0]));
    mapi_free(tags);
    return tag;
}

static uint64_t hash_of(const unsigned char *bytes, size_t size)
{
    struct copy_print print = { 14695981039346656037u, 0, 0 };

    copy_mix(&print, bytes, size);
    return print.hash;
}

/* The id of ours for a number of copy_named(), as bytes. */
static ULONG bytes_tag(IMAPIProp *object, LONG number)
{
    return PROP_TAG(PT_BINARY, PROP_ID(copy_named(object, number)));
}

static void check_recipients(struct scene *scene, IMessage *message)
{
    const ULONG columns[] = { PR_DISPLAY_NAME_W, PR_RECIPIENT_TYPE,
        bytes_tag((IMAPIProp *)message, 1) };
    IMAPITable *table = NULL;
    LPSRowSet rows;
    char *name;

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    rows = table_rows(table, columns, 3);
    assert_int_equal(rows->cRows, 3);
    for (ULONG i = 0; i < 3; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;

        name = host_text_to_utf8((const uint16_t *)(const void *)values[0].Value.lpszW, SIZE_MAX);
        assert_string_equal(name, i == 0 ? "Ann" : "Ben");
        free(name);
        assert_int_equal(values[1].Value.l, i == 0 ? MAPI_TO : MAPI_CC);
        assert_int_equal(
                values[2].ulPropTag, i == 1 ? columns[2] : PROP_TAG(PT_ERROR, PROP_ID(columns[2])));
        if (i == 1) {
            assert_int_equal(values[2].Value.bin.cb, 2000);
            assert_memory_equal(values[2].Value.bin.lpb, scene->bytes, 2000);
        }
    }
    mapi_free_rows(rows);
    release_last(table);
}

static void check_message(struct scene *scene, IMessage *message, const char *subject)
{
    IMAPIProp *prop = (IMAPIProp *)message;
    SPropValue *value;

    prop_assert_text(message, PR_SUBJECT_W, subject);
    prop_assert_text(message, PR_MESSAGE_CLASS_W, "IPM.Note.Foreign");
    assert_int_equal(prop_long(message, PR_IMPORTANCE), IMPORTANCE_HIGH);
    assert_true(copy_hash_stream(prop, LARGE) == hash_of(scene->bytes, COPY_LARGE));
    assert_int_equal(prop_long(message, copy_named(prop, 3)), 33);
    assert_true(copy_hash_stream(prop, bytes_tag(prop, 1)) == hash_of(scene->bytes, 5000));
    assert_int_equal(prop_long(message, text_tag(prop)), 22);
    assert_null(prop_get(message, FOREIGN_NAMELESS));
    value = prop_get(message, PR_ENTRYID);
    assert_true(!value || value->Value.bin.cb != 8); /* its own */
    mapi_free(value);
    check_recipients(scene, message);
}

/* Numbers are never used again, so a second copy has others. */
static IAttach *open_nth(IMessage *message, ULONG n)
{
    static const ULONG columns[] = { PR_ATTACH_NUM };
    IMAPITable *table = NULL;
    IAttach *attach = NULL;
    LPSRowSet rows;

    assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table));
    rows = table_rows(table, columns, 1);
    assert_int_equal(rows->cRows, 2);
    assert_ok(message->lpVtbl->OpenAttach(
            message, (ULONG)rows->aRow[n].lpProps[0].Value.l, NULL, 0, &attach));
    mapi_free_rows(rows);
    release_last(table);
    return attach;
}

static void check_all(struct scene *scene, IMessage *message)
{
    IAttach *attach = open_nth(message, 0);
    LPUNKNOWN inner = NULL;

    check_message(scene, message, "outer");
    prop_assert_text(attach, PR_ATTACH_LONG_FILENAME_W, "file.bin");
    assert_int_equal(prop_long(attach, copy_named((IMAPIProp *)attach, 3)), 44);
    assert_true(copy_hash_stream((IMAPIProp *)attach, PR_ATTACH_DATA_BIN) ==
                hash_of(scene->bytes, COPY_LARGE));
    release_last(attach);
    attach = open_nth(message, 1);
    assert_ok(
            attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &inner));
    check_message(scene, (IMessage *)(void *)inner, "inner");
    release_last(inner);
    release_last(attach);
}

static IMessage *create(struct scene *scene)
{
    IMessage *message = NULL;

    assert_ok(scene->fx->inbox->lpVtbl->CreateMessage(scene->fx->inbox, NULL, 0, &message));
    return message;
}

/* Saves, and opens what is in the file. */
static IMessage *saved(struct scene *scene, IMessage *message)
{
    SPropValue *id;

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(scene->fx);
    message = message_open(scene->fx->store, id);
    mapi_free(id);
    return message;
}

/* --- what arrives ----------------------------------------------------------------------------- */

/* named-property.Copy.1 */
static void copy_to__foreign_message__all_of_it_by_name(void **state)
{
    struct scene *scene = *state;
    IMessage *to = create(scene);
    LPSPropProblemArray problems = NULL;

    assert_ok(copy_to(scene, to, 0, &problems));

    assert_hr(problem_of(problems, PR_ENTRYID), MAPI_E_COMPUTED);
    assert_int_equal(problems->cProblem, 1);
    mapi_free(problems);
    check_all(scene, to);
    to = saved(scene, to);
    check_all(scene, to);
    release_last(to);
}

static void copy_to__foreign_message_moved_onto_another__old_kept_or_replaced(void **state)
{
    struct scene *scene = *state;
    IMessage *to = create(scene);

    prop_set_text(to, PR_SUBJECT_W, "old");
    prop_set_long(to, copy_named((IMAPIProp *)to, 3), 9);
    assert_ok(copy_to(scene, to, MAPI_NOREPLACE | MAPI_MOVE, NULL));
    prop_assert_text(to, PR_SUBJECT_W, "old");
    assert_int_equal(prop_long(to, copy_named((IMAPIProp *)to, 3)), 9);
    assert_int_equal(prop_long(to, PR_IMPORTANCE), IMPORTANCE_NORMAL); /* every message has one */
    assert_true(copy_hash_stream((IMAPIProp *)to, LARGE) == hash_of(scene->bytes, COPY_LARGE));
    assert_null(host_bag_get(&scene->foreign->props, LARGE));
    assert_non_null(host_bag_get(&scene->foreign->props, PR_SUBJECT_A));
    assert_ok(copy_to(scene, to, 0, NULL));
    prop_assert_text(to, PR_SUBJECT_W, "outer");
    check_recipients(scene, to);
    release_last(to);
}

static void copy_props__of_a_foreign_message__only_those(void **state)
{
    struct scene *scene = *state;
    IMAPIProp *from = foreign_prop(scene->foreign);
    SizedSPropTagArray(3, tags) = { 3, { FOREIGN_ID3, LARGE, PR_MESSAGE_RECIPIENTS } };
    IMessage *to = create(scene);
    LPSPropProblemArray problems = POISON;

    assert_ok(from->lpVtbl->CopyProps(
            from, (LPSPropTagArray)(void *)&tags, 0, NULL, &IID_IMessage, to, 0, &problems));

    assert_null(problems);
    assert_int_equal(prop_long(to, copy_named((IMAPIProp *)to, 3)), 33);
    assert_true(copy_hash_stream((IMAPIProp *)to, LARGE) == hash_of(scene->bytes, COPY_LARGE));
    check_recipients(scene, to);
    assert_null(prop_get(to, PR_SUBJECT_W));
    release_last(to);
}

/* Both ends are ours, and MAPI copies: the same as our own CopyTo. */
static void do_copy_to__both_ours__as_copy_to(void **state)
{
    struct scene *scene = *state;
    IMAPISupport *support = scene->world.support;
    SPropValue *id = copy_make_rich(scene->fx->inbox, "rich");
    IMessage *from = message_open(scene->fx->store, id);
    IMessage *by_mapi = create(scene);
    IMessage *by_us = create(scene);

    assert_ok(support->lpVtbl->DoCopyTo(
            support, &IID_IMessage, from, 0, NULL, NULL, 0, NULL, &IID_IMessage, by_mapi, 0, NULL));
    assert_ok(from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, by_us, 0, NULL));

    copy_assert_equal(copy_print_of(by_mapi), copy_print_of(by_us));
    release_last(by_us);
    release_last(by_mapi);
    release_last(from);
    mapi_free(id);
}

/* --- failures --------------------------------------------------------------------------------- */

/* Whatever it has can be read. */
static void read_all(IMessage *message)
{
    SPropValue *values = NULL;
    ULONG count = 0;

    assert_true(SUCCEEDED(message->lpVtbl->GetProps(message, NULL, 0, &count, &values)));
    for (ULONG i = 0; i < count; i++) {
        if (PROP_TYPE(values[i].ulPropTag) == PT_ERROR)
            assert_hr(values[i].Value.err, MAPI_E_NOT_ENOUGH_MEMORY);
    }
    mapi_free(values);
}

/* What has come by then is there and can be saved; nothing of the other side is held. */
static void copy_to__foreign_call_fails__the_rest_is_sound(void **state)
{
    struct scene *scene = *state;
    unsigned long calls;
    ULONG objects = scene->world.objects;
    IMessage *to = create(scene);

    scene->world.calls = 0;
    assert_ok(copy_to(scene, to, 0, NULL));
    calls = scene->world.calls;
    release_last(to);
    assert_true(calls > 50);
    for (unsigned long nth = 1; nth <= calls; nth++) {
        LPSPropProblemArray problems = NULL;
        HRESULT hr;

        to = create(scene);
        scene->world.calls = 0;
        scene->world.fail_at = nth;
        scene->world.fail_hr = MAPI_E_NETWORK_ERROR;
        hr = copy_to(scene, to, 0, &problems);
        scene->world.fail_at = 0;
        assert_true(hr == S_OK || hr == MAPI_E_NETWORK_ERROR);
        mapi_free(problems);
        assert_int_equal(scene->world.objects, objects);
        assert_int_equal(scene->foreign->refs, 1);
        assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
        read_all(to);
        assert_ok(copy_to(scene, to, 0, NULL)); /* once more, and all of it is there */
        check_all(scene, to);
        release_last(to);
    }
}

/* The stream brought some of it; the others do not suffer. */
static void copy_to__foreign_stream_fails__a_problem_and_the_others_whole(void **state)
{
    struct scene *scene = *state;
    IMessage *to = create(scene);
    LPSPropProblemArray problems = NULL;

    scene->world.stream_bytes = 100000;
    scene->world.fail_hr = STG_E_READFAULT;
    assert_ok(copy_to(scene, to, 0, &problems));
    assert_hr(problem_of(problems, LARGE), STG_E_READFAULT);
    assert_hr(problem_of(problems, PR_MESSAGE_ATTACHMENTS), MAPI_E_CALL_FAILED);
    assert_hr(problem_of(problems, FOREIGN_ID1), S_OK);
    mapi_free(problems);
    scene->world.stream_bytes = 0;
    to = saved(scene, to);
    prop_assert_text(to, PR_SUBJECT_W, "outer");
    check_recipients(scene, to);
    assert_ok(copy_to(scene, to, 0, NULL));
    check_all(scene, to);
    release_last(to);
}

enum { BROKEN = 100000, READS_OF = 32 * 1024 /* DoCopyProps's */ };

/* What a destination had before: nothing, something small, a large value. */
static const size_t befores[] = { 0, 10, 70000 };

/* The whole value of a property, or what is missing of it, as one number. */
static uint64_t print_value(IMAPIProp *object, ULONG tag)
{
    LPUNKNOWN stream = NULL;
    HRESULT hr = object->lpVtbl->OpenProperty(object, tag, &IID_IStream, 0, 0, &stream);

    if (hr == MAPI_E_NOT_FOUND)
        return 0;
    assert_ok(hr);
    release_last(stream);
    return copy_hash_stream(object, tag);
}

static void write_value(IMAPIProp *object, ULONG tag, const void *bytes, size_t size)
{
    LPUNKNOWN stream = NULL;
    IStream *out;

    assert_ok(object->lpVtbl->OpenProperty(
            object, tag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream));
    out = (IStream *)(void *)stream;
    assert_ok(out->lpVtbl->Write(out, bytes, (ULONG)size, NULL));
    release_last(out);
}

/* The source's stream fails at its first Read, at one in the middle, at the one that would have
 * been told of the end. */
static void copy_broken(struct scene *scene, IMAPIProp *to, ULONG tag)
{
    static const size_t ends[] = { 1, READS_OF, 4 * READS_OF };
    SPropTagArray tags = { 1, { tag } };
    IMAPIProp *from = foreign_prop(scene->foreign);
    uint64_t before = print_value(to, tag);

    scene->world.fail_hr = STG_E_READFAULT;
    for (size_t i = 0; i < MSP_COUNT_OF(ends); i++) {
        LPSPropProblemArray problems = NULL;

        scene->world.stream_bytes = ends[i];
        assert_ok(from->lpVtbl->CopyProps(from, &tags, 0, NULL, &IID_IMAPIProp, to, 0, &problems));
        assert_hr(problem_of(problems, tag), STG_E_READFAULT);
        mapi_free(problems);
        assert_true(print_value(to, tag) == before);
    }
    scene->world.stream_bytes = 0;
    assert_ok(from->lpVtbl->CopyProps(from, &tags, 0, NULL, &IID_IMAPIProp, to, 0, NULL));
    assert_true(print_value(to, tag) != before);
}

static IMAPIProp *new_attachment(IMessage *message)
{
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    return (IMAPIProp *)attach;
}

static void add_text(struct host_bag *bag, ULONG tag)
{
    SPropValue value = { .ulPropTag = tag };
    void *text = calloc(BROKEN + 1, sizeof(WCHAR));

    assert_non_null(text);
    for (size_t i = 0; i < BROKEN; i++) {
        if (PROP_TYPE(tag) == PT_UNICODE)
            ((WCHAR *)text)[i] = (WCHAR)(0x100 + i % 50);
        else
            ((char *)text)[i] = (char)('a' + i % 26);
    }
    value.Value.bin.lpb = NULL;
    if (PROP_TYPE(tag) == PT_UNICODE)
        value.Value.lpszW = text;
    else
        value.Value.lpszA = text;
    assert_ok(host_bag_set(bag, &value));
    free(text);
}

#define BROKEN_WIDE PROP_TAG(PT_UNICODE, 0x6801)
#define BROKEN_NARROW PROP_TAG(PT_STRING8, 0x6802)
#define BROKEN_BYTES PROP_TAG(PT_BINARY, 0x6803)

/* Half a value is none, whatever the property, the object and what it had before. */
static void copy_props__foreign_stream_breaks__value_as_before(void **state)
{
    static const ULONG tags[] = { BROKEN_BYTES, BROKEN_WIDE, BROKEN_NARROW, PR_BODY_A,
        PR_ATTACH_DATA_BIN };
    struct scene *scene = *state;
    struct host_bag *bag = &scene->foreign->props;

    assert_ok(host_bag_set_binary(bag, BROKEN_BYTES, scene->bytes, BROKEN));
    assert_ok(host_bag_set_binary(bag, PR_ATTACH_DATA_BIN, scene->bytes, BROKEN));
    add_text(bag, BROKEN_WIDE);
    add_text(bag, BROKEN_NARROW);
    add_text(bag, PR_BODY_A);
    for (size_t i = 0; i < MSP_COUNT_OF(tags) * MSP_COUNT_OF(befores); i++) {
        ULONG tag = tags[i / MSP_COUNT_OF(befores)];
        size_t size = befores[i % MSP_COUNT_OF(befores)];
        IMessage *message = create(scene);
        char name[] = { (char)('A' + i), 0 };
        IMAPIProp *to[] = { (IMAPIProp *)message, new_attachment(message),
            (IMAPIProp *)folder_make(scene->fx->inbox, name) };

        for (size_t j = 0; j < MSP_COUNT_OF(to); j++) {
            if (size > 0)
                write_value(to[j], tag, scene->bytes, size);
            copy_broken(scene, to[j], tag);
        }
        release_last(to[1]);
        release_last(to[0]);
        release_last(to[2]);
    }
}

/* The same of values that the file has already. */
static void copy_props__foreign_stream_breaks__file_as_before(void **state)
{
    struct scene *scene = *state;
    SPropTagArray tags = { 1, { LARGE } };
    IMAPIProp *from = foreign_prop(scene->foreign);
    IMessage *to = create(scene);
    uint64_t before;

    write_value((IMAPIProp *)to, LARGE, scene->bytes + 1, 70000);
    before = print_value((IMAPIProp *)to, LARGE);
    assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
    scene->world.fail_hr = STG_E_READFAULT;
    scene->world.stream_bytes = READS_OF;
    assert_ok(from->lpVtbl->CopyProps(from, &tags, 0, NULL, &IID_IMAPIProp, to, 0, NULL));
    assert_true(print_value((IMAPIProp *)to, LARGE) == before);
    to = saved(scene, to);
    assert_true(print_value((IMAPIProp *)to, LARGE) == before);
    release_last(to);
}

struct ending {
    IMSLogon *logon;
    unsigned long at;
};

static void end_ours(void *context, unsigned long nth)
{
    struct ending *ending = context;
    ULONG flags = 0;

    if (nth == ending->at)
        assert_ok(ending->logon->lpVtbl->Logoff(ending->logon, &flags));
}

/* Our store logs off while the other provider is at work: whatever it asks then, it is told so. */
static void copy_to__logoff_meanwhile__invalid_object_and_nothing_stored(void **state)
{
    static const unsigned long places[] = { 1, 2, 12, 25, 40, 55 };
    struct scene *scene = *state;
    ULONG objects = scene->world.objects;

    for (size_t i = 0; i < MSP_COUNT_OF(places); i++) {
        IMSLogon *logon = host_support_unbind(scene->fx->support);
        struct ending ending = { logon, places[i] };
        IMessage *to = create(scene);

        scene->world.calls = 0;
        scene->world.on_call = end_ours;
        scene->world.context = &ending;
        assert_hr(copy_to(scene, to, 0, NULL), MAPI_E_INVALID_OBJECT);
        scene->world.on_call = NULL;
        assert_int_equal(scene->world.objects, objects);
        release_last(to);
        release_last(logon);
        fixture_reopen(scene->fx);
        assert_int_equal(copy_rows(scene->fx->inbox, 0), 0);
    }
}

/* --- the scene -------------------------------------------------------------------------------- */

static int setup(void **state)
{
    static struct scene scene;
    struct host_support *support;

    memset(&scene, 0, sizeof(scene));
    assert_int_equal(fixture_inbox_setup(state), 0);
    scene.fx = *state;
    scene.bytes = copy_bytes(COPY_LARGE, 3);
    copy_named((IMAPIProp *)scene.fx->inbox, 77); /* its ids are not the other store's */
    host_world_init(&scene.other, scene.fx->profile, 0);
    support = host_support_new(&scene.other, HOST_SUPPORT_STORE, &raw_section(scene.fx)->uid);
    scene.world.support = host_support_iface(support);
    scene.foreign = make(&scene);
    *state = &scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    void *fx = scene->fx;

    assert_int_equal(foreign_Release(&scene->foreign->IMessage_iface), 0);
    assert_int_equal(scene->world.objects, 0);
    host_support_release(host_support_from_iface(scene->world.support));
    assert_int_equal(host_world_done(&scene->other), 0);
    free(scene->bytes);
    return fixture_teardown(&fx);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_to__foreign_message__all_of_it_by_name),
        TEST(copy_to__foreign_message_moved_onto_another__old_kept_or_replaced),
        TEST(copy_props__of_a_foreign_message__only_those),
        TEST(do_copy_to__both_ours__as_copy_to),
        TEST(copy_to__foreign_call_fails__the_rest_is_sound),
        TEST(copy_to__foreign_stream_fails__a_problem_and_the_others_whole),
        TEST(copy_props__foreign_stream_breaks__value_as_before),
        TEST(copy_props__foreign_stream_breaks__file_as_before),
        TEST(copy_to__logoff_meanwhile__invalid_object_and_nothing_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
