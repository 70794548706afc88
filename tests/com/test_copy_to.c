/* SPDX-License-Identifier: MIT */
/*
 * test_copy_to.c - IMAPIProp::CopyTo and CopyProps of messages and attachments.
 */
#include "copy_recorder.h"
#include "copy_world.h"

#define FREE_LONG PROP_TAG(PT_LONG, 0x6810)
#define FREE_TEXT PROP_TAG(PT_UNICODE, 0x6811)
#define LARGE PROP_TAG(PT_BINARY, 0x6800)
#define NAMELESS PROP_TAG(PT_LONG, 0xFA00) /* in the range of names, and none has it */

static IMessage *create(IMAPIFolder *folder)
{
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    return message;
}

static HRESULT copy_to(void *from, void *to, const IID *iid, const SPropTagArray *exclude,
        ULONG flags, LPSPropProblemArray *problems)
{
    union {
        const SPropTagArray *given;
        LPSPropTagArray taken;
    } tags = { .given = exclude };

    IMAPIProp *prop = from;

    return prop->lpVtbl->CopyTo(prop, 0, NULL, tags.taken, 0, NULL, iid, to, flags, problems);
}

static HRESULT copy_props(
        IMessage *from, IMessage *to, ULONG tag, ULONG flags, LPSPropProblemArray *problems)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };

    return from->lpVtbl->CopyProps(
            from, (LPSPropTagArray)(void *)&tags, 0, NULL, &IID_IMessage, to, flags, problems);
}

static SCODE problem_of(const SPropProblemArray *problems, ULONG tag)
{
    for (ULONG i = 0; problems && i < problems->cProblem; i++) {
        if (PROP_ID(problems->aProblem[i].ulPropTag) == PROP_ID(tag))
            return problems->aProblem[i].scode;
    }
    return S_OK;
}

/* Only what a store computes may be a problem. */
static void assert_only_computed(const SPropProblemArray *problems)
{
    for (ULONG i = 0; problems && i < problems->cProblem; i++)
        assert_hr(problems->aProblem[i].scode, MAPI_E_COMPUTED);
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

static ULONG recipients(IMessage *message)
{
    IMAPITable *table = NULL;
    ULONG count = 0;

    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

/* A target with a recipient, an attachment and a few properties of its own. */
static IMessage *create_target(IMAPIFolder *folder)
{
    IMessage *message = create(folder);
    IAttach *attach = NULL;
    ULONG number = 0;

    prop_set_text(message, PR_SUBJECT_W, "target");
    prop_set_long(message, FREE_LONG, 1);
    copy_add_recipients(message);
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_text(attach, PR_ATTACH_LONG_FILENAME_W, "the target's");
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    return message;
}

/* IMAPIProp.CopyTo.10 IMAPIProp.CopyTo.22 IMAPIProp.CopyTo.23 */
static void copy_to__everything__an_equal_message(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    LPSPropProblemArray problems = POISON;
    SPropValue *to_id;

    assert_ok(copy_to(from, to, &IID_IMessage, NULL, 0, &problems));
    assert_non_null(problems);
    assert_hr(problem_of(problems, PR_ENTRYID), MAPI_E_COMPUTED);
    assert_hr(problem_of(problems, PR_MESSAGE_SIZE), MAPI_E_COMPUTED);
    assert_only_computed(problems);
    mapi_free(problems);
    assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
    to_id = prop_get(to, PR_ENTRYID);
    release_last(to);
    copy_assert_equal(copy_print_id(fx->store, to_id), copy_print_of(from));
    /* the same without a place for problems */
    to = create(fx->inbox);
    assert_ok(copy_to(from, to, &IID_IMAPIProp, NULL, 0, NULL));
    assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
    copy_assert_equal(copy_print_of(to), copy_print_of(from));
    release_last(to);
    release_last(from);
    mapi_free(to_id);
    mapi_free(id);
}

/* IMAPIProp.CopyTo.25 */
static void copy_to__not_saved__discarded(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    SPropValue *other = message_make(fx->inbox, "other");
    struct copy_print before = copy_print_id(fx->store, other);
    IMessage *from = message_open(fx->store, id);
    IMessage *to = message_open(fx->store, other);

    assert_ok(copy_to(from, to, &IID_IMessage, NULL, 0, NULL));
    prop_assert_text(to, PR_SUBJECT_W, "rich");
    release_last(to);
    release_last(from);
    copy_assert_equal(copy_print_id(fx->store, other), before);
    mapi_free(other);
    mapi_free(id);
}

/* IMAPIProp.CopyTo.3 IMAPIProp.CopyTo.6 IMAPIProp.CopyTo.8 IMAPIProp.CopyTo.11
 * IMAPIProp.CopyTo.12 */
static void copy_to__excluded_tags__stay_as_they_are(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create_target(fx->inbox);
    IAttach *attach = NULL;
    SizedSPropTagArray(4, exclude) = { 4,
        { PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS, CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_LONG),
                CHANGE_PROP_TYPE(LARGE, PT_NULL) } };
    LPSPropProblemArray problems = NULL;
    SPropValue *value;

    copy_add_recipients(to);
    assert_int_equal(recipients(to), 4);
    prop_set_text(to, PR_BODY_W, "old");
    assert_ok(copy_to(from, to, &IID_IMessage, (SPropTagArray *)(void *)&exclude, 0, &problems));
    assert_only_computed(problems);
    assert_hr(problem_of(problems, PR_MESSAGE_RECIPIENTS), S_OK);
    mapi_free(problems);
    prop_assert_text(to, PR_SUBJECT_W, "target");
    prop_assert_text(to, PR_BODY_W, "the body");
    assert_int_equal(prop_long(to, FREE_LONG), 1);
    value = prop_get(to, LARGE);
    assert_null(value);
    assert_int_equal(recipients(to), 4);
    assert_int_equal(attachments(to), 1);
    assert_ok(to->lpVtbl->OpenAttach(to, 0, NULL, 0, &attach));
    prop_assert_text(attach, PR_ATTACH_LONG_FILENAME_W, "the target's");
    release_last(attach);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* IMAPIProp.CopyTo.6 */
static void copy_to__target_has_parts__replaced_by_the_sources(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create_target(fx->inbox);
    IMessage *empty = create(fx->inbox);

    copy_add_recipients(to);
    assert_ok(copy_to(from, to, &IID_IMessage, NULL, 0, NULL));
    assert_int_equal(recipients(to), 2);
    assert_int_equal(attachments(to), 2);
    /* what the source does not have is left alone */
    assert_ok(copy_to(empty, to, &IID_IMessage, NULL, 0, NULL));
    assert_int_equal(recipients(to), 2);
    assert_int_equal(attachments(to), 2);
    prop_assert_text(to, PR_SUBJECT_W, "rich");
    release_last(empty);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* IMAPIProp.CopyTo.7 */
static void copy__noreplace__what_is_there_stays(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create_target(fx->inbox);
    LPSPropProblemArray problems = NULL;

    prop_set_long(from, FREE_LONG, 99);
    assert_ok(copy_to(from, to, &IID_IMessage, NULL, MAPI_NOREPLACE, &problems));
    assert_only_computed(problems);
    mapi_free(problems);
    prop_assert_text(to, PR_SUBJECT_W, "target");
    prop_assert_text(to, PR_BODY_W, "the body");
    assert_int_equal(prop_long(to, FREE_LONG), 1);
    assert_int_equal(recipients(to), 2);
    assert_int_equal(attachments(to), 1);
    assert_ok(copy_props(from, to, FREE_LONG, MAPI_NOREPLACE, NULL));
    assert_int_equal(prop_long(to, FREE_LONG), 1);
    assert_ok(copy_props(from, to, FREE_LONG, 0, NULL));
    assert_int_equal(prop_long(to, FREE_LONG), 99);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* IMAPIProp.CopyTo.9 */
static void copy__move__the_source_has_it_no_more(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    struct copy_print before = copy_print_of(from);
    SPropValue *value;

    assert_ok(copy_to(from, to, &IID_IMessage, NULL, MAPI_MOVE, NULL));
    assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
    copy_assert_equal(copy_print_of(to), before);
    value = prop_get(from, LARGE);
    assert_null(value);
    value = prop_get(from, PR_SUBJECT_W);
    assert_null(value);
    assert_int_equal(recipients(from), 0);
    assert_int_equal(attachments(from), 0);
    /* back again, one property */
    assert_ok(copy_props(to, from, PR_SUBJECT_W, MAPI_MOVE, NULL));
    prop_assert_text(from, PR_SUBJECT_W, "rich");
    value = prop_get(to, PR_SUBJECT_W);
    assert_null(value);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* IMAPIProp.CopyTo.9 IMAPIProp.CopyTo.23: copied, and what the source cannot let go is said. */
static void copy__move_of_what_the_source_keeps__a_problem(void **state)
{
    struct fixture *fx = *state;
    IMessage *from = create(fx->inbox);
    IMessage *to = create(fx->inbox);
    LPSPropProblemArray problems = NULL;

    prop_set_text(from, PR_CREATOR_NAME_W, "anna");
    assert_ok(from->lpVtbl->SaveChanges(from, KEEP_OPEN_READWRITE));
    assert_ok(copy_props(from, to, PR_CREATOR_NAME_W, MAPI_MOVE, &problems));
    assert_non_null(problems);
    assert_int_equal(problems->cProblem, 1);
    assert_int_equal(problems->aProblem[0].ulPropTag, PR_CREATOR_NAME_W);
    assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    mapi_free(problems);
    prop_assert_text(to, PR_CREATOR_NAME_W, "anna");
    prop_assert_text(from, PR_CREATOR_NAME_W, "anna");
    release_last(to);
    release_last(from);
}

/* IMAPIProp.CopyTo.4 IMAPIProp.CopyTo.5 IMAPIProp.CopyTo.18 */
static void copy__bad_arguments__refused(void **state)
{
    struct fixture *fx = *state;
    IMessage *from = create(fx->inbox);
    IMessage *to = create(fx->inbox);
    SizedSPropTagArray(2, null_tag) = { 2, { PR_SUBJECT_W, PR_NULL } };
    LPSPropTagArray tags = (LPSPropTagArray)(void *)&null_tag;
    LPSPropProblemArray problems = POISON;

    prop_set_text(from, PR_SUBJECT_W, "x");
    assert_hr(copy_to(from, to, &IID_IMessage, tags, 0, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    assert_hr(from->lpVtbl->CopyProps(from, tags, 0, NULL, &IID_IMessage, to, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    problems = POISON;
    assert_hr(copy_to(from, from, &IID_IMessage, NULL, 0, &problems), MAPI_E_NO_ACCESS);
    assert_null(problems);
    assert_hr(copy_props(from, from, PR_SUBJECT_W, 0, NULL), MAPI_E_NO_ACCESS);
    problems = POISON;
    assert_hr(copy_to(from, to, &IID_IMAPIFolder, NULL, 0, &problems),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(problems);
    assert_hr(copy_to(from, to, &IID_IMessage, NULL, 0x1000, NULL), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(from->lpVtbl->CopyTo(from, 1, NULL, NULL, 0, NULL, &IID_IMessage, to, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    release_last(to);
    release_last(from);
}

/* IMAPIProp.CopyTo.19 IMAPIProp.CopyTo.20 IMAPIProp.CopyTo.21 */
static void copy_to__excluded_interfaces__and_what_derives_from_them(void **state)
{
    static const IID unknown = { 0x12345678, 1, 2, { 3 } };
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    IID iids[2] = { unknown, IID_IMAPIFolder };

    assert_ok(from->lpVtbl->CopyTo(from, 2, iids, NULL, 0, NULL, &IID_IMessage, to, 0, NULL));
    assert_int_equal(attachments(to), 2);
    release_last(to);
    to = create(fx->inbox);
    iids[1] = IID_IMessage;
    assert_ok(from->lpVtbl->CopyTo(from, 2, iids, NULL, 0, NULL, &IID_IMessage, to, 0, NULL));
    prop_assert_text(to, PR_SUBJECT_W, "rich");
    assert_int_equal(attachments(to), 0);
    assert_int_equal(recipients(to), 0);
    for (int i = 0; i < 2; i++) {
        iids[1] = i == 0 ? IID_IUnknown : IID_IMAPIProp;
        assert_hr(from->lpVtbl->CopyTo(from, 2, iids, NULL, 0, NULL, &IID_IMessage, to, 0, NULL),
                MAPI_E_INTERFACE_NOT_SUPPORTED);
    }
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* IMAPIProp.CopyTo.22 IMAPIProp.CopyTo.23 */
static void copy_to__target_saved_before__its_computed_properties_are_problems(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "from");
    SPropValue *other = message_make(fx->inbox, "to");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = message_open(fx->store, other);
    LPSPropProblemArray problems = NULL;

    assert_ok(copy_to(from, to, &IID_IMessage, NULL, 0, &problems));
    assert_hr(problem_of(problems, PR_MESSAGE_FLAGS), MAPI_E_COMPUTED);
    assert_only_computed(problems);
    mapi_free(problems);
    problems = NULL;
    assert_ok(copy_props(from, to, PR_MESSAGE_FLAGS, 0, &problems));
    assert_int_equal(problems->cProblem, 1);
    assert_int_equal(problems->aProblem[0].ulIndex, 0);
    assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    mapi_free(problems);
    prop_assert_text(to, PR_SUBJECT_W, "from");
    release_last(to);
    release_last(from);
    mapi_free(other);
    mapi_free(id);
}

static void copy_to__target_open_for_reading__refused(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "from");
    IMessage *from = message_open(fx->store, id);
    IMessage *reader;
    LPUNKNOWN object = NULL;
    LPSPropProblemArray problems = POISON;
    ULONG type = 0;

    assert_ok(fx->store->lpVtbl->OpenEntry(
            fx->store, id->Value.bin.cb, copy_id(id), NULL, 0, &type, &object));
    reader = (IMessage *)(void *)object;
    prop_set_long(from, FREE_LONG, 5);
    assert_hr(copy_to(from, reader, &IID_IMessage, NULL, 0, &problems), MAPI_E_NO_ACCESS);
    assert_null(problems);
    assert_hr(copy_to(reader, from, &IID_IMessage, NULL, MAPI_MOVE, NULL), MAPI_E_NO_ACCESS);
    assert_ok(copy_to(reader, from, &IID_IMessage, NULL, 0, NULL));
    release_last(reader);
    release_last(from);
    mapi_free(id);
}

/* --- CopyProps -------------------------------------------------------------------------------- */

/* IMAPIProp.CopyProps.2 IMAPIProp.CopyProps.3 IMAPIProp.CopyProps.5 */
static void copy_props__listed__those_alone(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create_target(fx->inbox);
    SizedSPropTagArray(3, tags) = { 3, { LARGE, FREE_TEXT, PR_BODY_W } };
    LPSPropProblemArray problems = NULL;

    prop_set_text(to, FREE_TEXT, "stays");
    assert_ok(from->lpVtbl->CopyProps(
            from, (LPSPropTagArray)(void *)&tags, 0, NULL, &IID_IMessage, to, 0, &problems));
    assert_non_null(problems);
    assert_int_equal(problems->cProblem, 1);
    assert_int_equal(problems->aProblem[0].ulIndex, 1);
    assert_hr(problems->aProblem[0].scode, MAPI_E_NOT_FOUND);
    mapi_free(problems);
    prop_assert_text(to, PR_SUBJECT_W, "target");
    prop_assert_text(to, PR_BODY_W, "the body");
    prop_assert_text(to, FREE_TEXT, "stays");
    assert_true(
            copy_hash_stream((IMAPIProp *)to, LARGE) == copy_hash_stream((IMAPIProp *)from, LARGE));
    assert_int_equal(recipients(to), 2);
    assert_int_equal(attachments(to), 1);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* IMAPIProp.CopyProps.4 */
static void copy_props__tables_listed__all_of_them(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);

    assert_ok(copy_props(from, to, PR_MESSAGE_RECIPIENTS, 0, NULL));
    assert_int_equal(recipients(to), 2);
    assert_int_equal(attachments(to), 0);
    assert_ok(copy_props(from, to, PR_MESSAGE_ATTACHMENTS, 0, NULL));
    assert_int_equal(attachments(to), 2);
    assert_null(prop_get(to, PR_SUBJECT_W));
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* --- attachments ------------------------------------------------------------------------------ */

/* IAttach.Data.9 */
static void copy_to__attachments__data_of_every_method(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    struct copy_print one = copy_print_of(from);
    struct copy_print other;

    copy_add_recipients(to);
    for (ULONG i = 0; i < 2; i++) {
        IAttach *source = NULL;
        IAttach *target = NULL;
        ULONG number = 0;

        assert_ok(from->lpVtbl->OpenAttach(from, i, NULL, 0, &source));
        assert_ok(to->lpVtbl->CreateAttach(to, NULL, 0, &number, &target));
        assert_ok(copy_to(source, target, &IID_IAttachment, NULL, 0, NULL));
        assert_ok(target->lpVtbl->SaveChanges(target, 0));
        release_last(target);
        release_last(source);
    }
    /* what is left of the message */
    assert_ok(copy_to(from, to, &IID_IMAPIProp, NULL, MAPI_NOREPLACE, NULL));
    other = copy_print_of(to);
    assert_int_equal(one.parts, other.parts);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

static IStorage *open_storage(IAttach *attach, ULONG flags)
{
    LPUNKNOWN storage = NULL;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, flags, &storage));
    return (IStorage *)(void *)storage;
}

/* IAttach.Data.9 */
static void copy_to__attachment_with_a_storage__the_storage_too(void **state)
{
    static const WCHAR name[] = { 'S', 0 };
    struct fixture *fx = *state;
    IMessage *from = create(fx->inbox);
    IMessage *to = create(fx->inbox);
    IAttach *attach = NULL;
    IStorage *storage;
    IStream *stream = NULL;
    char text[6] = "";
    ULONG number = 0;
    ULONG got = 0;

    assert_ok(from->lpVtbl->CreateAttach(from, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_OLE);
    storage = open_storage(attach, MAPI_CREATE | MAPI_MODIFY);
    assert_ok(storage->lpVtbl->CreateStream(
            storage, name, STGM_READWRITE | STGM_SHARE_EXCLUSIVE | STGM_CREATE, 0, 0, &stream));
    assert_ok(stream->lpVtbl->Write(stream, "bytes", 6, &got));
    stream->lpVtbl->Release(stream);
    assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
    storage->lpVtbl->Release(storage);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);

    assert_ok(copy_to(from, to, &IID_IMessage, NULL, 0, NULL));
    assert_int_equal(attachments(to), 1);
    assert_ok(to->lpVtbl->OpenAttach(to, 0, NULL, 0, &attach));
    assert_int_equal(prop_long(attach, PR_ATTACH_METHOD), ATTACH_OLE);
    storage = open_storage(attach, 0);
    assert_ok(storage->lpVtbl->OpenStream(
            storage, name, NULL, STGM_READ | STGM_SHARE_EXCLUSIVE, 0, &stream));
    assert_ok(stream->lpVtbl->Read(stream, text, 6, &got));
    assert_string_equal(text, "bytes");
    stream->lpVtbl->Release(stream);
    storage->lpVtbl->Release(storage);
    release_last(attach);
    release_last(to);
    release_last(from);
}

/* What a client does with a message that came as an attachment. */
static void copy_to__embedded_message__becomes_one_of_the_folder(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *outer = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    IAttach *attach = NULL;
    LPUNKNOWN inner = NULL;

    assert_ok(outer->lpVtbl->OpenAttach(outer, 1, NULL, 0, &attach));
    assert_ok(
            attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &inner));
    assert_ok(copy_to(inner, to, &IID_IMessage, NULL, 0, NULL));
    assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
    prop_assert_text(to, PR_SUBJECT_W, "inner");
    copy_assert_equal(copy_print_of(to), copy_print_of((IMessage *)(void *)inner));
    release_last(to);
    release_last(inner);
    release_last(attach);
    release_last(outer);
    mapi_free(id);
}

/* --- text ------------------------------------------------------------------------------------- */

/* IMAPIProp.CopyTo.26 */
static void copy_to__body_excluded_and_rtf_damaged__the_text_goes_along(void **state)
{
    static const unsigned char bad[] = { 200, 0, 0, 0, 9, 0, 0, 0, 'L', 'Z', 'F', 'u', 0, 0, 0, 0,
        1, 2, 3 };
    static const unsigned char magic[] = { 12, 0, 0, 0, 0, 0, 0, 0, 'n', 'o', 'n', 'e', 0, 0, 0,
        0 };
    SizedSPropTagArray(1, exclude) = { 1, { PR_BODY_W } };
    struct fixture *fx = *state;

    for (int i = 0; i < 2; i++) {
        IMessage *from = create(fx->inbox);
        IMessage *to = create(fx->inbox);

        prop_set_text(from, PR_BODY_W, "the text");
        if (i == 0)
            prop_set_binary(from, PR_RTF_COMPRESSED, bad, sizeof(bad));
        else
            prop_set_binary(from, PR_RTF_COMPRESSED, magic, sizeof(magic));
        assert_ok(copy_to(from, to, &IID_IMessage, (SPropTagArray *)(void *)&exclude, 0, NULL));
        prop_assert_text(to, PR_BODY_W, "the text");
        release_last(to);
        release_last(from);
    }
}

/* --- failures of parts ------------------------------------------------------------------------ */

/* An IMAPIProp that is not a message: what is behind it is ours, seen through six methods. */
struct plain {
    IMAPIProp IMAPIProp_iface;
    IMAPIProp *inner;
    bool hide_signature;
    unsigned names_asked;
};

static struct plain *plain_from_iface(IMAPIProp *iface)
{
    return CONTAINING_RECORD(iface, struct plain, IMAPIProp_iface);
}

static HRESULT STDMETHODCALLTYPE plain_QueryInterface(IMAPIProp *iface, REFIID iid, void **out)
{
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPIProp)) {
        *out = NULL;
        return E_NOINTERFACE;
    }
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE plain_AddRef(IMAPIProp *iface)
{
    (void)iface;
    return 2;
}

static ULONG STDMETHODCALLTYPE plain_Release(IMAPIProp *iface)
{
    (void)iface;
    return 1;
}

static HRESULT STDMETHODCALLTYPE plain_GetProps(
        IMAPIProp *iface, LPSPropTagArray tags, ULONG flags, ULONG *count, LPSPropValue *values)
{
    struct plain *plain = plain_from_iface(iface);

    if (plain->hide_signature && tags && tags->cValues == 1 &&
            PROP_ID(tags->aulPropTag[0]) == PROP_ID(PR_MAPPING_SIGNATURE)) {
        *count = 0;
        *values = NULL;
        return MAPI_E_NOT_FOUND;
    }
    return plain->inner->lpVtbl->GetProps(plain->inner, tags, flags, count, values);
}

static HRESULT STDMETHODCALLTYPE plain_GetPropList(
        IMAPIProp *iface, ULONG flags, LPSPropTagArray *out)
{
    IMAPIProp *inner = plain_from_iface(iface)->inner;

    return inner->lpVtbl->GetPropList(inner, flags, out);
}

static HRESULT STDMETHODCALLTYPE plain_OpenProperty(
        IMAPIProp *iface, ULONG tag, LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *out)
{
    IMAPIProp *inner = plain_from_iface(iface)->inner;

    return inner->lpVtbl->OpenProperty(inner, tag, iid, options, flags, out);
}

static HRESULT STDMETHODCALLTYPE plain_SetProps(
        IMAPIProp *iface, ULONG count, LPSPropValue values, LPSPropProblemArray *problems)
{
    IMAPIProp *inner = plain_from_iface(iface)->inner;

    return inner->lpVtbl->SetProps(inner, count, values, problems);
}

static HRESULT STDMETHODCALLTYPE plain_GetIDsFromNames(
        IMAPIProp *iface, ULONG count, LPMAPINAMEID *names, ULONG flags, LPSPropTagArray *out)
{
    struct plain *plain = plain_from_iface(iface);

    plain->names_asked++;
    return plain->inner->lpVtbl->GetIDsFromNames(plain->inner, count, names, flags, out);
}

static const IMAPIPropVtbl plain_vtbl = {
    .QueryInterface = plain_QueryInterface,
    .AddRef = plain_AddRef,
    .Release = plain_Release,
    .GetProps = plain_GetProps,
    .GetPropList = plain_GetPropList,
    .OpenProperty = plain_OpenProperty,
    .SetProps = plain_SetProps,
    .GetIDsFromNames = plain_GetIDsFromNames,
};

/* IMAPIProp.CopyTo.24 IMAPIProp.CopyTo.23 */
static void copy_to__foreign_object_that_is_no_message__parts_are_problems(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    struct plain plain = { { &plain_vtbl }, (IMAPIProp *)to, false, 0 };
    LPSPropProblemArray problems = NULL;

    assert_ok(copy_to(from, &plain.IMAPIProp_iface, &IID_IMAPIProp, NULL, 0, &problems));
    assert_hr(problem_of(problems, PR_MESSAGE_RECIPIENTS), MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_hr(problem_of(problems, PR_MESSAGE_ATTACHMENTS), MAPI_E_INTERFACE_NOT_SUPPORTED);
    mapi_free(problems);
    prop_assert_text(to, PR_SUBJECT_W, "rich");
    assert_true(
            copy_hash_stream((IMAPIProp *)to, LARGE) == copy_hash_stream((IMAPIProp *)from, LARGE));
    assert_int_equal(attachments(to), 0);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* named-property.Copy.2 named-property.Copy.3 */
static void copy_to__mapping_signature__decides_whether_names_are_asked(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    ULONG tag = copy_named((IMAPIProp *)from, 1);
    struct plain plain = { { &plain_vtbl }, (IMAPIProp *)to, false, 0 };
    LPSPropProblemArray problems = NULL;

    assert_ok(copy_to(from, &plain.IMAPIProp_iface, &IID_IMAPIProp, NULL, 0, NULL));
    assert_int_equal(plain.names_asked, 0);
    assert_int_equal(prop_long(to, tag), 11);
    prop_set_long(from, tag, 12);
    prop_set_long(from, NAMELESS, 13);
    plain.hide_signature = true;
    assert_ok(copy_to(from, &plain.IMAPIProp_iface, &IID_IMAPIProp, NULL, 0, &problems));
    assert_true(plain.names_asked > 0);
    assert_int_equal(prop_long(to, tag), 12);
    assert_hr(problem_of(problems, NAMELESS), MAPI_E_NOT_FOUND);
    assert_null(prop_get(to, NAMELESS));
    mapi_free(problems);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

/* --- progress --------------------------------------------------------------------------------- */

/* progress.General.1 progress.General.3 progress.General.6 */
static void copy_to__progress__told_and_may_cancel(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = create(fx->inbox);
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);

    assert_ok(from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, progress, &IID_IMessage, to, 0, NULL));
    assert_int_equal(recorder.first, 0);
    assert_ok(from->lpVtbl->CopyTo(
            from, 0, NULL, NULL, 0, progress, &IID_IMessage, to, MAPI_DIALOG, NULL));
    assert_int_equal(recorder.calls, 3);
    assert_int_equal(recorder.values[2], 1000);
    assert_int_equal(host_support_calls(fx->support, HOST_DoProgressDialog), 0);
    progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    recorder.answer = MAPI_E_USER_CANCEL;
    recorder.from = 2;
    assert_hr(from->lpVtbl->CopyTo(
                      from, 0, NULL, NULL, 0, progress, &IID_IMessage, to, MAPI_DIALOG, NULL),
            MAPI_E_USER_CANCEL);
    assert_int_equal(recorder.calls, 2);
    assert_ok(from->lpVtbl->CopyTo(
            from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, MAPI_DIALOG, NULL));
    assert_int_equal(host_support_calls(fx->support, HOST_DoProgressDialog), 1);
    release_last(to);
    release_last(from);
    mapi_free(id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_to__everything__an_equal_message),
        TEST(copy_to__not_saved__discarded),
        TEST(copy_to__excluded_tags__stay_as_they_are),
        TEST(copy_to__target_has_parts__replaced_by_the_sources),
        TEST(copy__noreplace__what_is_there_stays),
        TEST(copy__move__the_source_has_it_no_more),
        TEST(copy__move_of_what_the_source_keeps__a_problem),
        TEST(copy__bad_arguments__refused),
        TEST(copy_to__excluded_interfaces__and_what_derives_from_them),
        TEST(copy_to__target_saved_before__its_computed_properties_are_problems),
        TEST(copy_to__target_open_for_reading__refused),
        TEST(copy_props__listed__those_alone),
        TEST(copy_props__tables_listed__all_of_them),
        TEST(copy_to__attachments__data_of_every_method),
        TEST(copy_to__attachment_with_a_storage__the_storage_too),
        TEST(copy_to__embedded_message__becomes_one_of_the_folder),
        TEST(copy_to__body_excluded_and_rtf_damaged__the_text_goes_along),
        TEST(copy_to__foreign_object_that_is_no_message__parts_are_problems),
        TEST(copy_to__mapping_signature__decides_whether_names_are_asked),
        TEST(copy_to__progress__told_and_may_cancel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
