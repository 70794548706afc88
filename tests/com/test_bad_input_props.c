/* SPDX-License-Identifier: MIT */
/*
 * test_bad_input_props.c - values, tags, lists and places in streams that no honest client would
 * give, to every kind of object: each call gets its documented code, clears its outs, and leaves
 * the object as it was.
 */
#include "random_values.h"
#include "walk_digest.h"

#include "mailkeep.h"

#define FREE_ID 0x6810
#define DATA PROP_TAG(PT_BINARY, FREE_ID)
#define WORDS PROP_TAG(PT_UNICODE, FREE_ID)

/* One object of every kind that has properties. */
enum { FOLDER, STORE, MESSAGE, ATTACHMENT, INNER, OBJECTS };

struct world {
    struct fixture *fx;
    IMAPIProp *objects[OBJECTS];
    uint64_t before[OBJECTS];
};

static void world_open(struct fixture *fx, struct world *world)
{
    IMessage *message = NULL;
    LPATTACH attach = NULL;
    LPUNKNOWN inner = NULL;
    ULONG number;

    world->fx = fx;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &inner));
    world->objects[FOLDER] = (IMAPIProp *)(void *)fx->inbox;
    world->objects[STORE] = (IMAPIProp *)(void *)fx->store;
    world->objects[MESSAGE] = (IMAPIProp *)(void *)message;
    world->objects[ATTACHMENT] = (IMAPIProp *)(void *)attach;
    world->objects[INNER] = (IMAPIProp *)(void *)inner;
    for (unsigned i = 0; i < OBJECTS; i++) {
        prop_set_text(world->objects[i], WORDS, "stays");
        world->before[i] = walk_digest_props(world->objects[i], WALK_DIGEST_SEED);
    }
}

static void world_close(struct world *world)
{
    for (unsigned i = 0; i < OBJECTS; i++) {
        if (walk_digest_props(world->objects[i], WALK_DIGEST_SEED) != world->before[i])
            fail_msg("object %u has changed", i);
    }
    for (unsigned i = OBJECTS; i-- > MESSAGE;)
        release_last(world->objects[i]);
}

/* The whole call is refused, with an out that is clear. */
static void assert_set_refused(struct world *world, SPropValue *values, ULONG count)
{
    for (unsigned i = 0; i < OBJECTS; i++) {
        LPSPropProblemArray problems = POISON;

        assert_hr(world->objects[i]->lpVtbl->SetProps(world->objects[i], count, values, &problems),
                MAPI_E_INVALID_PARAMETER);
        assert_null(problems);
    }
}

/* --- values ----------------------------------------------------------------------------------- */

/* IMAPIProp.SetProps.13: what is no type is one problem of its entry. */
static void set_props__no_such_type__a_problem_each(void **state)
{
    static const ULONG types[] = { PT_UNSPECIFIED, 0x0008, 0x000C, 0x0015, 0x001D, 0x00FB, 0x0FFF,
        MV_FLAG | PT_BOOLEAN, MV_FLAG | PT_NULL, MV_FLAG | 0x000D, MVI_FLAG | PT_LONG,
        MVI_FLAG | PT_UNICODE, MV_INSTANCE | PT_LONG, 0x2003, 0xFFFF };
    static WCHAR text[] = { 'n', 'o', 0 };
    struct world world;

    world_open(*state, &world);
    for (unsigned k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
        SPropValue value = { .ulPropTag = PROP_TAG(types[k], FREE_ID) };

        value.Value.lpszW = text;
        for (unsigned i = 0; i < OBJECTS; i++) {
            LPSPropProblemArray problems = NULL;

            assert_ok(world.objects[i]->lpVtbl->SetProps(world.objects[i], 1, &value, &problems));
            if (problems == NULL)
                fail_msg("type 0x%04lx was taken", (unsigned long)types[k]);
            assert_int_equal(problems->cProblem, 1);
            assert_int_equal(problems->aProblem[0].ulIndex, 0);
            assert_int_equal(problems->aProblem[0].ulPropTag, value.ulPropTag);
            assert_hr(problems->aProblem[0].scode, MAPI_E_INVALID_TYPE);
            mapi_free(problems);
        }
    }
    world_close(&world);
}

/* IMAPIProp.SetProps.5 IMAPIProp.SetProps.11: a good value before the bad one is not stored. */
static void set_props__pointers_missing_or_odd__refused_as_a_whole(void **state)
{
    union {
        void *align[64];
        BYTE bytes[512];
    } room = { .bytes = { 0 } };

    SPropValue values[2] = { { .ulPropTag = PROP_TAG(PT_LONG, FREE_ID + 1) } };
    SPropValue *bad = &values[1];
    struct world world;

    world_open(*state, &world);
    for (unsigned k = 0; k < VALUE_TYPES; k++) {
        ULONG type = value_types[k];

        memset(bad, 0, sizeof(*bad));
        bad->ulPropTag = PROP_TAG(type, FREE_ID);
        if ((type & MV_FLAG) != 0) {
            bad->Value.MVl.cValues = 3;
            assert_set_refused(&world, values, 2); /* NULL */
            bad->Value.MVl.lpl = (LONG *)(void *)(room.bytes + 1);
            if (value_width(type) == 0) /* an array of pointers at an odd place */
                assert_set_refused(&world, values, 2);
            bad->Value.MVl.lpl = (LONG *)(void *)room.bytes;
            if (type == PT_MV_UNICODE || type == PT_MV_STRING8)
                assert_set_refused(&world, values, 2); /* of pointers that are NULL */
        } else if (value_width(type) == 0 || type == PT_CLSID) {
            bad->Value.bin.cb = 0;
            if (type == PT_BINARY)
                bad->Value.bin.cb = 1;
            assert_set_refused(&world, values, 2);
        }
    }
    bad->ulPropTag = WORDS;
    bad->Value.lpszW = (LPWSTR)(void *)(room.bytes + 1);
    assert_set_refused(&world, values, 2);
    memcpy(room.bytes + 1, values, sizeof(values));
    assert_set_refused(&world, (SPropValue *)(void *)(room.bytes + 1), 1);
    world_close(&world);
}

/* Fixed-size elements, bytes and GUIDs may lie anywhere: packed buffers have them so. */
static void set_props__numbers_at_odd_places__taken(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    BYTE room[64] = { 0 };
    SPropValue values[3] = { { .ulPropTag = PROP_TAG(PT_MV_I8, FREE_ID) },
        { .ulPropTag = PROP_TAG(PT_CLSID, FREE_ID + 1) },
        { .ulPropTag = PROP_TAG(PT_BINARY, FREE_ID + 2) } };
    SPropValue *got;

    for (unsigned i = 0; i < sizeof(room); i++)
        room[i] = (BYTE)(i * 7);
    values[0].Value.MVli.cValues = 4;
    values[0].Value.MVli.lpli = (LARGE_INTEGER *)(void *)(room + 1);
    values[1].Value.lpguid = (GUID *)(void *)(room + 3);
    values[2].Value.bin.cb = 33;
    values[2].Value.bin.lpb = room + 5;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, 3, values, NULL));
    got = prop_get(message, values[0].ulPropTag);
    assert_memory_equal(got->Value.MVli.lpli, room + 1, 32);
    mapi_free(got);
    got = prop_get(message, values[1].ulPropTag);
    assert_memory_equal(got->Value.lpguid, room + 3, 16);
    mapi_free(got);
    got = prop_get(message, values[2].ulPropTag);
    assert_memory_equal(got->Value.bin.lpb, room + 5, 33);
    mapi_free(got);
    release_last(message);
}

/* Values that share their memory, with each other and with the array itself. */
static void set_props__arrays_overlap__each_has_its_bytes(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    SPropValue values[3] = { { .ulPropTag = PROP_TAG(PT_BINARY, FREE_ID) },
        { .ulPropTag = PROP_TAG(PT_BINARY, FREE_ID + 1) },
        { .ulPropTag = PROP_TAG(PT_MV_LONG, FREE_ID + 2) } };

    for (unsigned i = 0; i < 2; i++) {
        values[i].Value.bin.cb = (ULONG)(sizeof(values) - i);
        values[i].Value.bin.lpb = (BYTE *)values + i;
    }
    values[2].Value.MVl.cValues = sizeof(values) / (sizeof(LONG));
    values[2].Value.MVl.lpl = (LONG *)(void *)values;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, 3, values, NULL));
    for (unsigned i = 0; i < 3; i++) {
        SPropValue *got = prop_get(message, values[i].ulPropTag);

        assert_non_null(got);
        if (i < 2)
            assert_true(value_same_bytes(
                    got->Value.bin.lpb, got->Value.bin.cb, (BYTE *)values + i, sizeof(values) - i));
        else
            assert_memory_equal(got->Value.MVl.lpl, values, sizeof(values));
        mapi_free(got);
    }
    release_last(message);
}

/* Many elements that are all the same large block: more than 4 GiB, and little memory to say so. */
static void set_props__elements_of_4_gib_in_all__refused(void **state)
{
    enum { ELEMENTS = 70000, EACH = 65536 };

    SBinary *elements = value_room(ELEMENTS * sizeof(*elements));
    BYTE *block = value_room(EACH);
    SPropValue value = { .ulPropTag = PROP_TAG(PT_MV_BINARY, FREE_ID) };
    struct world world;

    world_open(*state, &world);
    for (ULONG i = 0; i < ELEMENTS; i++) {
        elements[i].cb = EACH;
        elements[i].lpb = block;
    }
    value.Value.MVbin.cValues = ELEMENTS;
    value.Value.MVbin.lpbin = elements;
    assert_set_refused(&world, &value, 1);
    elements[0].cb = 0xFFFFFFFF;
    value.Value.MVbin.cValues = 1;
    assert_set_refused(&world, &value, 1);
    world_close(&world);
    free(elements);
    free(block);
}

/* --- tags ------------------------------------------------------------------------------------- */

/* IMAPIProp.GetProps.18 IMAPIProp.GetProps.5: every type but the one that is there. */
static void get_props__other_types__not_found_each(void **state)
{
    struct world world;

    world_open(*state, &world);
    for (unsigned i = 0; i < OBJECTS; i++) {
        for (ULONG type = 1; type < 0x10000; type += type < 0x200 ? 1 : 0x101) {
            SPropTagArray tags = { 1, { PROP_TAG(type, FREE_ID) } };
            SPropValue *values = POISON;
            ULONG count = 0;
            HRESULT hr;

            if (type == PT_UNICODE || type == PT_STRING8)
                continue;
            hr = world.objects[i]->lpVtbl->GetProps(world.objects[i], &tags, 0, &count, &values);
            assert_hr(hr, MAPI_W_ERRORS_RETURNED);
            assert_int_equal(values->ulPropTag, PROP_TAG(PT_ERROR, FREE_ID));
            assert_hr(values->Value.err, MAPI_E_NOT_FOUND);
            mapi_free(values);
        }
    }
    world_close(&world);
}

/* MV_INSTANCE is for columns of tables: no object has such a property. */
static void mv_instance__on_objects__not_there(void **state)
{
    static LONG numbers[] = { 1, 2 };
    SPropValue value = { .ulPropTag = PROP_TAG(PT_MV_LONG, FREE_ID + 2) };
    SPropTagArray tags = { 1, { MVI_PROP(PROP_TAG(PT_MV_LONG, FREE_ID + 2)) } };
    struct world world;

    value.Value.MVl.cValues = 2;
    value.Value.MVl.lpl = numbers;
    world_open(*state, &world);
    for (unsigned i = 0; i < OBJECTS; i++) {
        IMAPIProp *object = world.objects[i];
        SPropValue *values = POISON;
        LPUNKNOWN unknown = POISON;
        ULONG count = 0;

        assert_ok(object->lpVtbl->SetProps(object, 1, &value, NULL));
        world.before[i] = walk_digest_props(object, WALK_DIGEST_SEED);
        assert_hr(object->lpVtbl->GetProps(object, &tags, 0, &count, &values),
                MAPI_W_ERRORS_RETURNED);
        assert_int_equal(values->ulPropTag, PROP_TAG(PT_ERROR, FREE_ID + 2));
        assert_hr(values->Value.err, MAPI_E_NOT_FOUND);
        mapi_free(values);
        assert_hr(object->lpVtbl->OpenProperty(
                          object, tags.aulPropTag[0], &IID_IStream, 0, 0, &unknown),
                MAPI_E_INTERFACE_NOT_SUPPORTED);
        assert_null(unknown);
    }
    world_close(&world);
}

/* IMAPIProp.GetProps.3 IMAPIProp.DeleteProps.1: an array that lies where none can. */
static void tags__at_an_odd_place__refused(void **state)
{
    union {
        ULONG align[8];
        BYTE bytes[32];
    } room = { .align = { 0 } };

    SPropTagArray tags = { 1, { WORDS } };
    LPSPropTagArray odd = (LPSPropTagArray)(void *)(room.bytes + 1);
    struct world world;

    world_open(*state, &world);
    memcpy(odd, &tags, sizeof(tags));
    for (unsigned i = 0; i < OBJECTS; i++) {
        LPSPropProblemArray problems = POISON;
        SPropValue *values = POISON;
        ULONG count = POISON_LONG;

        assert_hr(world.objects[i]->lpVtbl->GetProps(world.objects[i], odd, 0, &count, &values),
                MAPI_E_INVALID_PARAMETER);
        assert_null(values);
        assert_int_equal(count, 0);
        assert_hr(world.objects[i]->lpVtbl->DeleteProps(world.objects[i], odd, &problems),
                MAPI_E_INVALID_PARAMETER);
        assert_null(problems);
        assert_hr(world.objects[i]->lpVtbl->CopyTo(world.objects[i], 0, NULL, odd, 0, NULL,
                          &IID_IMAPIProp, world.objects[MESSAGE], 0, NULL),
                MAPI_E_INVALID_PARAMETER);
        assert_hr(world.objects[i]->lpVtbl->CopyProps(world.objects[i], odd, 0, NULL,
                          &IID_IMAPIProp, world.objects[MESSAGE], 0, NULL),
                MAPI_E_INVALID_PARAMETER);
    }
    world_close(&world);
}

/* A list that is none fails the call, a name that is none its entry.
 */
static void names__at_an_odd_place__refused(void **state)
{
    union {
        void *align[16];
        BYTE bytes[128];
    } room = { .bytes = { 0 } };

    GUID guid = { 0x12345678, 1, 2, { 3 } };
    MAPINAMEID name = { .lpguid = &guid, .ulKind = MNID_ID };
    MAPINAMEID text = { .lpguid = &guid, .ulKind = MNID_STRING };
    LPMAPINAMEID names[3] = { (LPMAPINAMEID)(void *)(room.bytes + 1), &text, &name };
    struct fixture *fx = *state;
    LPSPropTagArray tags = POISON;

    name.Kind.lID = 7;
    memcpy(room.bytes + 1, &name, sizeof(name));
    text.Kind.lpwstrName = (LPWSTR)(void *)(room.bytes + 41);
    assert_hr(fx->store->lpVtbl->GetIDsFromNames(fx->store, 3, names, MAPI_CREATE, &tags),
            MAPI_W_ERRORS_RETURNED);
    assert_int_equal(tags->cValues, 3);
    assert_int_equal(PROP_TYPE(tags->aulPropTag[0]), PT_ERROR);
    assert_int_equal(PROP_TYPE(tags->aulPropTag[1]), PT_ERROR);
    assert_true(PROP_ID(tags->aulPropTag[2]) >= 0x8000);
    mapi_free(tags);

    tags = POISON;
    memcpy(room.bytes + 1, names, sizeof(names));
    assert_hr(fx->store->lpVtbl->GetIDsFromNames(
                      fx->store, 3, (LPMAPINAMEID *)(void *)(room.bytes + 1), MAPI_CREATE, &tags),
            MAPI_E_INVALID_PARAMETER);
    assert_null(tags);
}

/* IMAPIProp.OpenProperty.8 IMAPIProp.OpenProperty.17: no stream on anything but text and bytes. */
static void open_property__types_without_stream__refused(void **state)
{
    struct world world;

    world_open(*state, &world);
    for (unsigned i = 0; i < OBJECTS; i++) {
        for (unsigned k = 0; k < VALUE_TYPES; k++) {
            ULONG type = value_types[k];
            LPUNKNOWN object = POISON;

            if (type == PT_UNICODE || type == PT_STRING8 || type == PT_BINARY)
                continue;
            assert_hr(world.objects[i]->lpVtbl->OpenProperty(world.objects[i],
                              PROP_TAG(type, FREE_ID), &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY,
                              &object),
                    MAPI_E_INTERFACE_NOT_SUPPORTED);
            assert_null(object);
        }
    }
    world_close(&world);
}

/* --- recipients and attachments --------------------------------------------------------------- */

static IMessage *message_with_people(struct fixture *fx, uint64_t *out_digest)
{
    static char name[] = "anna";
    SPropValue values[2] = { { .ulPropTag = PR_DISPLAY_NAME_A },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    SizedADRLIST(2, list) = { 2, { { 0, 2, values }, { 0, 2, values } } };
    IMessage *message = NULL;
    LPMAPITABLE table = NULL;

    values[0].Value.lpszA = name;
    values[1].Value.l = MAPI_TO;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->ModifyRecipients(message, 0, (LPADRLIST)&list));
    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    *out_digest = walk_digest_table(table, WALK_DIGEST_SEED);
    release_last(table);
    return message;
}

static void assert_people(IMessage *message, uint64_t digest)
{
    LPMAPITABLE table = NULL;

    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    assert_true(walk_digest_table(table, WALK_DIGEST_SEED) == digest);
    release_last(table);
}

/* IMessage.ModifyRecipients.5 IMessage.ModifyRecipients.8: a good entry before a bad one is not
 * kept either. */
static void modify_recipients__bad_lists__refused_and_as_before(void **state)
{
    static const ULONG all_flags[] = { 0, MODRECIP_ADD, MODRECIP_MODIFY, MODRECIP_REMOVE };
    struct fixture *fx = *state;
    uint64_t before;
    IMessage *message = message_with_people(fx, &before);
    SPropValue good[2] = { { .ulPropTag = PR_RECIPIENT_TYPE }, { .ulPropTag = PR_ROWID } };

    for (unsigned f = 0; f < 4; f++) {
        ULONG flags = all_flags[f];
        SPropValue bad[2] = { { .ulPropTag = PR_ROWID }, { .ulPropTag = 0 } };
        SizedADRLIST(2, list) = { 2, { { 0, 2, good }, { 0, 2, bad } } };
        LPADRLIST mods = (LPADRLIST)&list;

        bad[1].ulPropTag = PROP_TAG(PT_OBJECT, FREE_ID);
        assert_hr(
                message->lpVtbl->ModifyRecipients(message, flags, mods), MAPI_E_INVALID_PARAMETER);
        bad[1].ulPropTag = PROP_TAG(PT_NULL, FREE_ID);
        assert_hr(
                message->lpVtbl->ModifyRecipients(message, flags, mods), MAPI_E_INVALID_PARAMETER);
        bad[1].ulPropTag = PROP_TAG(MVI_FLAG | PT_LONG, FREE_ID);
        assert_hr(message->lpVtbl->ModifyRecipients(message, flags, mods), MAPI_E_INVALID_TYPE);
        bad[1].ulPropTag = PROP_TAG(PT_MV_LONG, FREE_ID);
        assert_hr(
                message->lpVtbl->ModifyRecipients(message, flags, mods), MAPI_E_INVALID_PARAMETER);
        bad[1].ulPropTag = PR_DISPLAY_NAME_W;
        assert_hr(
                message->lpVtbl->ModifyRecipients(message, flags, mods), MAPI_E_INVALID_PARAMETER);
        list.aEntries[1].rgPropVals = (SPropValue *)(void *)((BYTE *)bad + 1);
        assert_hr(
                message->lpVtbl->ModifyRecipients(message, flags, mods), MAPI_E_INVALID_PARAMETER);
        list.aEntries[1].rgPropVals = NULL;
        assert_hr(
                message->lpVtbl->ModifyRecipients(message, flags, mods), MAPI_E_INVALID_PARAMETER);
        assert_people(message, before);
    }
    release_last(message);
}

/* IMessage.ModifyRecipients.3 IMessage.ModifyRecipients.4: rows that are not there. */
static void modify_recipients__rows_out_of_range__not_found_and_as_before(void **state)
{
    static const LONG rows[] = { 2, 1000000, 0x7FFFFFFF, -1, (LONG)0x80000000 };
    struct fixture *fx = *state;
    uint64_t before;
    IMessage *message = message_with_people(fx, &before);

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        SPropValue there[1] = { { .ulPropTag = PR_ROWID } };
        SPropValue gone[1] = { { .ulPropTag = PR_ROWID } };
        SizedADRLIST(2, list) = { 2, { { 0, 1, there }, { 0, 1, gone } } };

        gone[0].Value.l = rows[i];
        assert_hr(message->lpVtbl->ModifyRecipients(message, MODRECIP_REMOVE, (LPADRLIST)&list),
                MAPI_E_NOT_FOUND);
        assert_hr(message->lpVtbl->ModifyRecipients(message, MODRECIP_MODIFY, (LPADRLIST)&list),
                MAPI_E_NOT_FOUND);
        assert_people(message, before);
    }
    release_last(message);
}

/* IMessage.OpenAttach.1 IMessage.DeleteAttach.1 */
static void attachments__numbers_out_of_range__not_found(void **state)
{
    static const ULONG numbers[] = { 1, 0x000FFFFF, 0x00100000, 0x7FFFFFFF, 0x80000000,
        0xFFFFFFFF };
    struct world world;
    IMessage *message;

    world_open(*state, &world);
    message = (IMessage *)(void *)world.objects[MESSAGE];
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        LPATTACH attach = POISON;

        assert_hr(message->lpVtbl->OpenAttach(message, numbers[i], NULL, 0, &attach),
                MAPI_E_NOT_FOUND);
        assert_null(attach);
        assert_hr(message->lpVtbl->DeleteAttach(message, numbers[i], 0, NULL, 0), MAPI_E_NOT_FOUND);
    }
    world_close(&world);
}

/* --- streams ---------------------------------------------------------------------------------- */

static IStream *stream_on(IMAPIProp *object, ULONG tag)
{
    LPUNKNOWN stream = NULL;

    assert_ok(object->lpVtbl->OpenProperty(
            object, tag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream));
    return (IStream *)(void *)stream;
}

static uint64_t stream_size(IStream *stream)
{
    STATSTG stat = { 0 };

    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    return stat.cbSize.QuadPart;
}

static HRESULT seek(IStream *stream, int64_t move, DWORD origin)
{
    LARGE_INTEGER by = { .QuadPart = move };
    ULARGE_INTEGER at = { .QuadPart = 77 };
    HRESULT hr = stream->lpVtbl->Seek(stream, by, origin, &at);

    if (FAILED(hr))
        assert_true(at.QuadPart == 0);
    return hr;
}

/* IStream.Seek.1 IStream.SetSize.1 IStream.Write.1: beyond what any store holds. */
static void stream__places_out_of_range__refused_and_the_same_bytes(void **state)
{
    SPropTagArray tags = { 1, { PROP_TAG(PT_BINARY, FREE_ID + 1) } };
    struct world world;

    world_open(*state, &world);
    for (unsigned i = 0; i < OBJECTS; i++) {
        IStream *stream = stream_on(world.objects[i], tags.aulPropTag[0]);
        ULARGE_INTEGER size;
        BYTE room[16] = { 0 };
        ULONG done = POISON_LONG;

        assert_ok(stream->lpVtbl->Write(stream, "0123456789", 10, NULL));
        assert_hr(seek(stream, -11, STREAM_SEEK_CUR), STG_E_INVALIDFUNCTION);
        assert_hr(seek(stream, INT64_MIN, STREAM_SEEK_CUR), STG_E_INVALIDFUNCTION);
        assert_hr(seek(stream, INT64_MIN, STREAM_SEEK_END), STG_E_INVALIDFUNCTION);
        assert_hr(seek(stream, INT64_MAX, STREAM_SEEK_CUR), STG_E_INVALIDFUNCTION);
        assert_hr(seek(stream, -1, STREAM_SEEK_SET), STG_E_INVALIDFUNCTION);
        assert_hr(seek(stream, 0, 3), STG_E_INVALIDFUNCTION);
        assert_hr(seek(stream, 0, 0xFFFFFFFF), STG_E_INVALIDFUNCTION);
        for (unsigned bit = 47; bit < 64; bit++) {
            size.QuadPart = (uint64_t)1 << bit;
            assert_hr(stream->lpVtbl->SetSize(stream, size), STG_E_MEDIUMFULL);
        }
        size.QuadPart = UINT64_MAX;
        assert_hr(stream->lpVtbl->SetSize(stream, size), STG_E_MEDIUMFULL);
        assert_ok(seek(stream, INT64_MAX, STREAM_SEEK_SET));
        assert_hr(stream->lpVtbl->Write(stream, "x", 1, &done), STG_E_MEDIUMFULL);
        assert_int_equal(done, 0);
        done = POISON_LONG;
        assert_ok(stream->lpVtbl->Read(stream, room, sizeof(room), &done));
        assert_int_equal(done, 0);

        assert_int_equal(stream_size(stream), 10);
        assert_ok(seek(stream, 0, STREAM_SEEK_SET));
        assert_ok(stream->lpVtbl->Read(stream, room, sizeof(room), &done));
        assert_int_equal(done, 10);
        assert_memory_equal(room, "0123456789", 10);
        release_last(stream);
        assert_ok(world.objects[i]->lpVtbl->DeleteProps(world.objects[i], &tags, NULL));
        world.before[i] = walk_digest_props(world.objects[i], WALK_DIGEST_SEED);
    }
    world_close(&world);
}

/* A value of 4 GiB and a little: declared, not written. What is within is zeros, read anywhere. */
static void stream__of_4_gib__read_at_its_ends(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    LPATTACH attach = NULL;
    ULARGE_INTEGER size = { .QuadPart = ((uint64_t)1 << 32) + 10 };
    BYTE room[32];
    ULONG number, done;
    IStream *stream;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    stream = stream_on((IMAPIProp *)(void *)attach, PR_ATTACH_DATA_BIN);
    assert_ok(stream->lpVtbl->SetSize(stream, size));
    assert_true(stream_size(stream) == size.QuadPart);
    assert_ok(seek(stream, -4, STREAM_SEEK_END));
    assert_ok(stream->lpVtbl->Write(stream, "last", 4, NULL));
    assert_ok(seek(stream, -10, STREAM_SEEK_END));
    assert_ok(stream->lpVtbl->Read(stream, room, sizeof(room), &done));
    assert_int_equal(done, 10);
    assert_memory_equal(room, "\0\0\0\0\0\0last", 10);
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    assert_int_equal(prop_long(attach, PR_ATTACH_NUM), number);
    release_last(stream);
    release_last(attach);
    release_last(message);
}

/* Half a unit at the end of a wide text is no text. */
static void stream__odd_number_of_bytes__whole_units_kept(void **state)
{
    static const BYTE bytes[] = { 'a', 0, 'b', 0, 'c' };
    struct fixture *fx = *state;
    IMessage *message = NULL;
    IStream *stream;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    stream = stream_on((IMAPIProp *)(void *)message, WORDS);
    assert_ok(stream->lpVtbl->Write(stream, bytes, sizeof(bytes), NULL));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);
    prop_assert_text(message, WORDS, "ab");
    release_last(message);
}

/* --- depth ------------------------------------------------------------------------------------ */

/* Makes messages inside one another until that is refused; says how many there are. */
static unsigned nest(struct fixture *fx)
{
    IMessage *chain[300];
    LPATTACH held[300];
    unsigned count = 1;
    HRESULT hr;

    chain[0] = NULL;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &chain[0]));
    for (;;) {
        LPUNKNOWN inner = POISON;
        ULONG number;

        assert_ok(chain[count - 1]->lpVtbl->CreateAttach(
                chain[count - 1], NULL, 0, &number, &held[count - 1]));
        hr = held[count - 1]->lpVtbl->OpenProperty(held[count - 1], PR_ATTACH_DATA_OBJ,
                &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &inner);
        if (FAILED(hr)) {
            assert_null(inner);
            break;
        }
        chain[count++] = (IMessage *)(void *)inner;
    }
    assert_hr(hr, MAPI_E_TOO_COMPLEX);
    for (unsigned i = count; i-- > 0;) {
        release_last(held[i]);
        release_last(chain[i]);
    }
    return count;
}

/* IMessage.Embedded.4: as deep as the store was told, and no deeper. */
static void embedded__limit_set__that_deep_and_no_deeper(void **state)
{
    static const LONG bad[] = { 0, -1, 257, 0x7FFFFFFF };
    struct fixture *fx = *state;
    SPropTagArray tags = { 1, { PR_MKEEP_MAX_DEPTH } };

    assert_int_equal(prop_long(fx->store, PR_MKEEP_MAX_DEPTH), 256);
    assert_int_equal(nest(fx), 256);
    prop_set_long(fx->store, PR_MKEEP_MAX_DEPTH, 3);
    for (unsigned i = 0; i < 4; i++) {
        SPropValue value = { .ulPropTag = PR_MKEEP_MAX_DEPTH };

        value.Value.l = bad[i];
        assert_hr(
                fx->store->lpVtbl->SetProps(fx->store, 1, &value, NULL), MAPI_E_INVALID_PARAMETER);
    }
    assert_int_equal(prop_long(fx->store, PR_MKEEP_MAX_DEPTH), 3);
    assert_int_equal(nest(fx), 3);
    fixture_reopen(fx);
    assert_int_equal(nest(fx), 3);
    assert_ok(fx->store->lpVtbl->DeleteProps(fx->store, &tags, NULL));
    assert_int_equal(nest(fx), 256);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(set_props__no_such_type__a_problem_each),
        INBOX(set_props__pointers_missing_or_odd__refused_as_a_whole),
        INBOX(set_props__numbers_at_odd_places__taken),
        INBOX(set_props__arrays_overlap__each_has_its_bytes),
        INBOX(set_props__elements_of_4_gib_in_all__refused),
        INBOX(get_props__other_types__not_found_each),
        INBOX(mv_instance__on_objects__not_there),
        INBOX(tags__at_an_odd_place__refused),
        INBOX(names__at_an_odd_place__refused),
        INBOX(open_property__types_without_stream__refused),
        INBOX(modify_recipients__bad_lists__refused_and_as_before),
        INBOX(modify_recipients__rows_out_of_range__not_found_and_as_before),
        INBOX(attachments__numbers_out_of_range__not_found),
        INBOX(stream__places_out_of_range__refused_and_the_same_bytes),
        INBOX(stream__of_4_gib__read_at_its_ends),
        INBOX(stream__odd_number_of_bytes__whole_units_kept),
        INBOX(embedded__limit_set__that_deep_and_no_deeper),
    };

    return cmocka_run_group_tests_name("bad_input_props", tests, NULL, NULL);
}
