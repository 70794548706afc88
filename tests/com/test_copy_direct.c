/* SPDX-License-Identifier: MIT */
/*
 * test_copy_direct.c - CopyTo and CopyProps between messages and attachments of ours, where a
 * client does not see it every day: large values, two sessions, two files, ends and failures on the
 * way. What both roads must agree on is copied by both, with and without a veil over the
 * destination.
 */
#include "copy_recorder.h"
#include "copy_veil.h"
#include "copy_world.h"
#include "mailkeep.h"

#define LARGE PROP_TAG(PT_BINARY, 0x6800)

enum { ROADS = 2, FILES = 2, HUGE_SIZE = 40 * 1024 * 1024 + 12345, CHUNK = 1024 * 1024 };

/* Where the destination lies: in the source's file, or in another. */
struct places {
    struct pair pair;
    IMAPIFolder *folders[FILES];
    IMsgStore *stores[FILES];
};

static void places_open(struct fixture *fx, struct places *places)
{
    pair_open(fx, &places->pair);
    places->folders[0] = fx->inbox;
    places->stores[0] = fx->store;
    places->folders[1] = places->pair.to;
    places->stores[1] = places->pair.other.raw.store;
}

static void places_close(struct places *places)
{
    pair_close(&places->pair);
}

static IMessage *create(IMAPIFolder *folder)
{
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    return message;
}

/* By road 1 the destination is a foreign object. */
static HRESULT copy_to(void *from, void *to, const IID *iid, ULONG flags, IMAPIProgress *progress,
        LPSPropProblemArray *problems, int road)
{
    IMAPIProp *source = from;
    struct veil veil;
    void *target = road == 1 ? veil_over(&veil, to, iid) : to;

    return source->lpVtbl->CopyTo(source, 0, NULL, NULL, 0, progress, iid, target, flags, problems);
}

static SCODE problem_of(const SPropProblemArray *problems, ULONG tag)
{
    for (ULONG i = 0; problems && i < problems->cProblem; i++) {
        if (PROP_ID(problems->aProblem[i].ulPropTag) == PROP_ID(tag))
            return problems->aProblem[i].scode;
    }
    return S_OK;
}

static ULONG attachments(IMessage *message)
{
    IMAPITable *table = NULL;
    ULONG count = 0;

    assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

static IAttach *attach_make(IMessage *message, LONG method)
{
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, method);
    return attach;
}

static void attach_save(IAttach *attach)
{
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    attach->lpVtbl->Release(attach);
}

/* --- large values ----------------------------------------------------------------------------- */

static void write_huge(void *object, ULONG tag)
{
    unsigned char *bytes = copy_bytes(CHUNK, 1);
    IMAPIProp *prop = object;
    IStream *stream = NULL;

    assert_ok(prop->lpVtbl->OpenProperty(
            prop, tag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)(void *)&stream));
    for (size_t at = 0; at < HUGE_SIZE; at += CHUNK) {
        ULONG size = (ULONG)(HUGE_SIZE - at < CHUNK ? HUGE_SIZE - at : CHUNK);

        bytes[at / CHUNK] ^= 0x5A;
        assert_ok(stream->lpVtbl->Write(stream, bytes, size, NULL));
    }
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);
    free(bytes);
}

/* More than one transaction takes, more than anybody wants in memory. */
static void copy_to__huge_values__whole_in_message_and_attachment(void **state)
{
    struct fixture *fx = *state;
    IMessage *from = create(fx->inbox);
    IAttach *attach = attach_make(from, ATTACH_BY_VALUE);
    struct places places;

    places_open(fx, &places);
    write_huge(from, LARGE);
    write_huge(attach, PR_ATTACH_DATA_BIN);
    attach_save(attach);
    for (int file = 0; file < FILES; file++) {
        IMessage *to = create(places.folders[file]);

        assert_ok(copy_to(from, to, &IID_IMessage, 0, NULL, NULL, 0));
        assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
        assert_ok(from->lpVtbl->SaveChanges(from, KEEP_OPEN_READWRITE));
        copy_assert_equal(copy_print_of(from), copy_print_of(to));
        release_last(to);
    }
    release_last(from);
    places_close(&places);
}

/* The values of the two are not one: neither goes with the other. */
static void copy_to__source_deleted_before_the_save__the_copy_has_it_all(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    struct copy_print before = copy_print_of(from);
    ENTRYLIST list = { 1, &id->Value.bin };

    assert_ok(copy_to(from, to, &IID_IMessage, 0, NULL, NULL, 0));
    release_last(from);
    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
    assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
    copy_assert_equal(copy_print_of(to), before);
    release_last(to);
    mapi_free(id);
}

/* Another object's save takes away what this one still names: a message in an attachment, or else
 * the bytes of one. */
static void change_behind(struct fixture *fx, const SPropValue *id, bool whole_part)
{
    unsigned char *bytes = copy_bytes(COPY_LARGE, 77);
    IMessage *other = NULL;
    IAttach *attach = NULL;
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    assert_ok(fx->store->lpVtbl->OpenEntry(
            fx->store, id->Value.bin.cb, copy_id(id), NULL, MAPI_MODIFY, &type, &object));
    other = (IMessage *)(void *)object;
    prop_set_binary(other, LARGE, bytes, COPY_LARGE);
    if (whole_part) {
        assert_ok(other->lpVtbl->DeleteAttach(other, 1, 0, NULL, 0));
    } else {
        assert_ok(other->lpVtbl->OpenAttach(other, 0, NULL, MAPI_MODIFY, &attach));
        prop_set_binary(attach, PR_ATTACH_DATA_BIN, bytes, COPY_LARGE);
        attach_save(attach);
    }
    assert_ok(other->lpVtbl->SaveChanges(other, 0));
    release_last(other);
    free(bytes);
}

static void copy_to__source_changed_by_another__what_is_gone_is_a_problem(void **state)
{
    struct fixture *fx = *state;
    struct places places;

    places_open(fx, &places);
    for (int round = 0; round < 2 * ROADS * FILES; round++) {
        SPropValue *id = copy_make_rich(fx->inbox, "rich");
        IMessage *from = message_open(fx->store, id);
        IMessage *to = create(places.folders[round / 2 / ROADS]);
        LPSPropProblemArray problems = NULL;
        LPMAPITABLE recipients = NULL;

        assert_int_equal(attachments(from), 2);
        assert_ok(from->lpVtbl->GetRecipientTable(from, 0, &recipients));
        release_last(recipients); /* what has been read stays */
        change_behind(fx, id, round / ROADS % 2 != 0);
        assert_ok(copy_to(from, to, &IID_IMessage, 0, NULL, &problems, round % ROADS));
        assert_hr(problem_of(problems, LARGE), MAPI_E_OBJECT_CHANGED);
        assert_hr(problem_of(problems, PR_MESSAGE_ATTACHMENTS), MAPI_E_CALL_FAILED);
        mapi_free(problems);
        prop_assert_text(to, PR_SUBJECT_W, "rich");
        assert_int_equal(attachments(to), 2); /* one of them without its content */
        assert_ok(to->lpVtbl->SaveChanges(to, 0));
        release_last(to);
        release_last(from);
        mapi_free(id);
    }
    places_close(&places);
}

/* A value that would go along in memory is gone like a large one. */
static void copy_props__value_replaced_by_another__a_problem(void **state)
{
    SPropTagArray tags = { 1, { LARGE } };
    struct fixture *fx = *state;
    unsigned char *bytes = copy_bytes(COPY_LARGE, 77);
    LPSPropProblemArray problems = NULL;
    IMessage *other = create(fx->inbox);
    IMessage *to = create(fx->inbox);
    IMessage *from;
    SPropValue *id;

    prop_set_binary(other, LARGE, bytes, 40000);
    assert_ok(other->lpVtbl->SaveChanges(other, KEEP_OPEN_READWRITE));
    id = prop_get(other, PR_ENTRYID);
    from = message_open(fx->store, id);
    prop_set_binary(other, LARGE, bytes + 1, 40000);
    assert_ok(other->lpVtbl->SaveChanges(other, KEEP_OPEN_READWRITE));
    assert_ok(from->lpVtbl->CopyProps(from, &tags, 0, NULL, &IID_IMessage, to, 0, &problems));
    assert_hr(problem_of(problems, LARGE), MAPI_E_OBJECT_CHANGED);
    mapi_free(problems);
    assert_null(prop_get(to, LARGE));
    release_last(from);
    release_last(to);
    release_last(other);
    mapi_free(id);
    free(bytes);
}

/* --- two sessions ----------------------------------------------------------------------------- */

struct second {
    struct host_session session;
    struct host_support *support;
    IMsgStore *store;
    IMAPIFolder *folder;
};

/* `path`: the store's file; NULL: the fixture's. */
static void second_open(struct fixture *fx, struct second *second, const char *path)
{
    struct host_logon params = { .flags = MDB_NO_DIALOG | MDB_WRITE };
    LPUNKNOWN root = NULL;
    ULONG type = 0;

    memset(second, 0, sizeof(*second));
    if (path)
        assert_ok(host_session_configure(&fx->session, path));
    host_session_init(&second->session, fx->profile, 0);
    assert_ok(host_session_logon(&second->session, &params, &second->store, &second->support));
    assert_ok(second->store->lpVtbl->OpenEntry(
            second->store, 0, NULL, NULL, MAPI_MODIFY, &type, &root));
    second->folder = (IMAPIFolder *)(void *)root;
    if (path)
        assert_ok(host_session_configure(&fx->session, fx->path));
}

static void second_close(struct second *second)
{
    release_last(second->folder);
    release_last(second->store);
    host_session_logoff(&second->session);
    assert_int_equal(host_session_done(&second->session), 0);
}

/* What the other session has not saved, or not yet written, is copied as it sees it. */
static void copy_to__source_of_another_session__its_pending_values_too(void **state)
{
    struct fixture *fx = *state;
    unsigned char *bytes = copy_bytes(COPY_LARGE, 5);
    struct second second;
    struct places places;

    second_open(fx, &second, NULL);
    places_open(fx, &places);
    for (int round = 0; round < 2 * FILES; round++) {
        int saved = round % 2;
        IMessage *from = create(second.folder);
        IMessage *to = create(places.folders[round / 2]);
        IStream *stream = NULL;

        if (saved)
            prop_set_bool(second.store, PR_MKEEP_BULK, true);
        copy_fill(from, "pending", 1);
        assert_ok(from->lpVtbl->OpenProperty(from, LARGE, &IID_IStream, 0,
                MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)(void *)&stream));
        assert_ok(stream->lpVtbl->Write(stream, bytes, COPY_LARGE, NULL));
        assert_ok(stream->lpVtbl->Commit(stream, 0));
        release_last(stream);
        if (saved)
            assert_ok(from->lpVtbl->SaveChanges(from, KEEP_OPEN_READWRITE));
        assert_ok(copy_to(from, to, &IID_IMessage, 0, NULL, NULL, 0));
        if (saved)
            prop_set_bool(second.store, PR_MKEEP_BULK, false);
        assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
        assert_ok(from->lpVtbl->SaveChanges(from, KEEP_OPEN_READWRITE));
        copy_assert_equal(copy_print_of(to), copy_print_of(from));
        release_last(to);
        release_last(from);
    }
    places_close(&places);
    second_close(&second);
    free(bytes);
}

static void end_on_progress(struct recorder *recorder)
{
    IMSLogon *logon = recorder->context;
    ULONG flags = 0;

    if (recorder->calls == 1)
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
}

/* Either end goes between two parts of the copy. */
static void copy_to__logoff_meanwhile__ended_and_the_other_side_whole(void **state)
{
    struct fixture *fx = *state;
    char path[1024];

    host_temp_path(".mkeep", path, sizeof(path));
    for (int round = 0; round < 2 * FILES; round++) {
        bool source_ends = round % 2 != 0;
        SPropValue *id = copy_make_rich(fx->inbox, "rich");
        IMessage *here = message_open(fx->store, id);
        IMessage *there;
        struct recorder recorder;
        IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
        struct second second;
        IMSLogon *logon;

        second_open(fx, &second, round < FILES ? NULL : path);
        there = create(second.folder);
        if (source_ends)
            copy_fill(there, "there", 1);
        logon = host_support_unbind(second.support);
        recorder.context = logon;
        recorder.on_progress = end_on_progress;
        if (source_ends) {
            release_last(here);
            here = create(fx->inbox);
            assert_hr(copy_to(there, here, &IID_IMessage, MAPI_DIALOG, progress, NULL, 0),
                    MAPI_E_INVALID_OBJECT);
            assert_int_equal(attachments(here), 0);
            assert_ok(here->lpVtbl->SaveChanges(here, 0));
        } else {
            assert_hr(copy_to(here, there, &IID_IMessage, MAPI_DIALOG, progress, NULL, 0),
                    MAPI_E_INVALID_OBJECT);
            assert_hr(there->lpVtbl->SaveChanges(there, 0), MAPI_E_INVALID_OBJECT);
        }
        assert_int_equal(recorder.calls, 1);
        release_last(logon);
        release_last(there);
        second_close(&second);
        release_last(here);
        mapi_free(id);
    }
    assert_true(host_file_remove(path));
}

/* It is not that it has never had the interface. */
static void copy_to__destination_of_a_closed_store__invalid_object(void **state)
{
    struct fixture *fx = *state;
    IMessage *from = create(fx->inbox);
    LPMAPIERROR error = NULL;
    struct second second;
    IMSLogon *logon;
    IMessage *to;
    ULONG flags = 0;

    second_open(fx, &second, NULL);
    to = create(second.folder);
    logon = host_support_unbind(second.support);
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));

    assert_hr(copy_to(from, to, &IID_IMessage, 0, NULL, NULL, 0), MAPI_E_INVALID_OBJECT);

    assert_ok(from->lpVtbl->GetLastError(from, MAPI_E_INVALID_OBJECT, 0, &error));
    assert_non_null(error);
    mapi_free(error);
    release_last(logon);
    release_last(to);
    second_close(&second);
    release_last(from);
}

/* --- parts ------------------------------------------------------------------------------------ */

/* What was kept back is not taken from the source either. */
static void copy__move_and_noreplace__attachments_that_stay_are_not_lost(void **state)
{
    struct fixture *fx = *state;

    for (int road = 0; road < ROADS; road++) {
        IMessage *from = create(fx->inbox);
        IMessage *to = create(fx->inbox);

        attach_save(attach_make(from, ATTACH_BY_VALUE));
        attach_save(attach_make(from, ATTACH_BY_VALUE));
        attach_save(attach_make(to, ATTACH_BY_VALUE));
        assert_ok(copy_to(from, to, &IID_IMessage, MAPI_MOVE | MAPI_NOREPLACE, NULL, NULL, road));
        assert_int_equal(attachments(to), 1);
        assert_int_equal(attachments(from), 2);
        release_last(to);
        release_last(from);
    }
}

/* attachment.PR_CREATION_TIME.1: a client has set them to those of the file. */
static void copy_to__times_of_an_attachment__stay_those_of_its_file(void **state)
{
    static const ULONG tags[] = { PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME };
    struct fixture *fx = *state;
    IMessage *from = create(fx->inbox);
    IAttach *attach = attach_make(from, ATTACH_BY_VALUE);

    for (size_t i = 0; i < MSP_COUNT_OF(tags); i++)
        prop_set_time(attach, tags[i], 1000 + i);
    attach_save(attach);
    for (int road = 0; road < ROADS; road++) {
        IMessage *to = create(fx->inbox);
        LPSPropProblemArray problems = NULL;

        assert_ok(copy_to(from, to, &IID_IMessage, 0, NULL, &problems, road));
        assert_hr(problem_of(problems, PR_CREATION_TIME), MAPI_E_COMPUTED); /* the message's own */
        mapi_free(problems);
        assert_ok(to->lpVtbl->OpenAttach(to, 0, NULL, 0, &attach));
        for (size_t i = 0; i < MSP_COUNT_OF(tags); i++) {
            SPropValue *value = prop_get(attach, tags[i]);

            assert_int_equal(value->Value.ft.dwLowDateTime, 1000 + i);
            mapi_free(value);
        }
        release_last(attach);
        release_last(to);
    }
    release_last(from);
}

static IMessage *inner_make(IAttach *attach)
{
    LPUNKNOWN inner = NULL;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &inner));
    return (IMessage *)(void *)inner;
}

/* A message in a message in a message, more than the store takes by now. */
static void copy_to__nested_too_deeply__the_rest_and_a_problem(void **state)
{
    struct fixture *fx = *state;
    IMessage *from = create(fx->inbox);
    IAttach *attach = attach_make(from, ATTACH_EMBEDDED_MSG);
    IMessage *inner = inner_make(attach);
    IAttach *deep = attach_make(inner, ATTACH_EMBEDDED_MSG);
    IMessage *last = inner_make(deep);
    struct places places;

    prop_set_text(inner, PR_SUBJECT_W, "inner");
    assert_ok(last->lpVtbl->SaveChanges(last, 0));
    release_last(last);
    attach_save(deep);
    assert_ok(inner->lpVtbl->SaveChanges(inner, 0));
    release_last(inner);
    attach_save(attach);
    places_open(fx, &places);
    for (int file = 0; file < FILES; file++)
        prop_set_long(places.stores[file], PR_MKEEP_MAX_DEPTH, 2);
    for (int round = 0; round < ROADS * FILES; round++) {
        int road = round % ROADS;
        IMessage *to = create(places.folders[round / ROADS]);
        LPSPropProblemArray problems = NULL;
        LPUNKNOWN object = NULL;

        assert_ok(copy_to(from, to, &IID_IMessage, 0, NULL, &problems, road));
        assert_hr(problem_of(problems, PR_MESSAGE_ATTACHMENTS), MAPI_E_CALL_FAILED);
        mapi_free(problems);
        assert_ok(to->lpVtbl->OpenAttach(to, 0, NULL, 0, &attach));
        assert_ok(attach->lpVtbl->OpenProperty(
                attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &object));
        prop_assert_text(object, PR_SUBJECT_W, "inner");
        assert_int_equal(attachments((IMessage *)(void *)object), 1);
        release_last(object);
        release_last(attach);
        release_last(to);
    }
    release_last(from);
    places_close(&places);
}

static void copy__destination_open_for_reading__nothing_of_it_changes(void **state)
{
    static const ULONG tags[] = { PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS, LARGE,
        PR_SUBJECT_W };
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    SPropValue *to_ids[FILES];
    IMessage *targets[FILES];
    struct places places;

    places_open(fx, &places);
    for (int file = 0; file < FILES; file++) {
        IMsgStore *store = places.stores[file];
        LPUNKNOWN object = NULL;
        ULONG type = 0;

        to_ids[file] = copy_make_rich(places.folders[file], "target");
        assert_ok(store->lpVtbl->OpenEntry(
                store, to_ids[file]->Value.bin.cb, copy_id(to_ids[file]), NULL, 0, &type, &object));
        targets[file] = (IMessage *)(void *)object;
    }
    for (size_t i = 0; i < FILES * MSP_COUNT_OF(tags); i++) {
        ULONG tag = tags[i % MSP_COUNT_OF(tags)];
        IMessage *to = targets[i / MSP_COUNT_OF(tags)];
        struct copy_print before = copy_print_of(to);
        SizedSPropTagArray(1, list) = { 1, { tag } };
        LPSPropProblemArray problems = NULL;
        HRESULT hr = from->lpVtbl->CopyProps(
                from, (LPSPropTagArray)(void *)&list, 0, NULL, &IID_IMessage, to, 0, &problems);

        if (SUCCEEDED(hr))
            hr = problem_of(problems, tag);
        assert_hr(hr, MAPI_E_NO_ACCESS);
        mapi_free(problems);
        copy_assert_equal(copy_print_of(to), before);
    }
    for (int file = 0; file < FILES; file++) {
        release_last(targets[file]);
        mapi_free(to_ids[file]);
    }
    release_last(from);
    mapi_free(id);
    places_close(&places);
}

/* A message goes into an attachment of its own, and out of it over its own holder. */
static void copy_to__message_and_what_lies_in_it__each_other(void **state)
{
    struct fixture *fx = *state;
    IMessage *outer = create(fx->inbox);
    IAttach *attach = attach_make(outer, ATTACH_EMBEDDED_MSG);
    IMessage *inner = inner_make(attach);

    prop_set_text(outer, PR_SUBJECT_W, "outer");
    copy_fill(inner, "inner", 0);
    assert_ok(inner->lpVtbl->SaveChanges(inner, KEEP_OPEN_READWRITE));
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    assert_ok(copy_to(outer, inner, &IID_IMessage, 0, NULL, NULL, 0));
    prop_assert_text(inner, PR_SUBJECT_W, "outer");
    assert_int_equal(attachments(inner), 1);
    assert_ok(inner->lpVtbl->SaveChanges(inner, KEEP_OPEN_READWRITE));
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    prop_set_text(inner, PR_SUBJECT_W, "back");
    assert_ok(copy_to(inner, outer, &IID_IMessage, 0, NULL, NULL, 0));
    prop_assert_text(outer, PR_SUBJECT_W, "back");
    assert_int_equal(attachments(outer), 1); /* its holder went, what inner has came */
    release_last(inner);
    release_last(attach);
    assert_ok(outer->lpVtbl->SaveChanges(outer, 0));
    release_last(outer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_to__huge_values__whole_in_message_and_attachment),
        TEST(copy_to__source_deleted_before_the_save__the_copy_has_it_all),
        TEST(copy_to__source_changed_by_another__what_is_gone_is_a_problem),
        TEST(copy_props__value_replaced_by_another__a_problem),
        TEST(copy_to__source_of_another_session__its_pending_values_too),
        TEST(copy_to__logoff_meanwhile__ended_and_the_other_side_whole),
        TEST(copy_to__destination_of_a_closed_store__invalid_object),
        TEST(copy__move_and_noreplace__attachments_that_stay_are_not_lost),
        TEST(copy_to__times_of_an_attachment__stay_those_of_its_file),
        TEST(copy_to__nested_too_deeply__the_rest_and_a_problem),
        TEST(copy__destination_open_for_reading__nothing_of_it_changes),
        TEST(copy_to__message_and_what_lies_in_it__each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
