/* SPDX-License-Identifier: MIT */
/*
 * test_prop_roundtrip.c - values of every type, any bits in them, set in every way on every kind of
 * object: what comes back, from this object, from another one and in the next session, is what was
 * set.
 */
#include "model_run.h"
#include "random_values.h"

enum { VALUES = 60, ROUNDS = 6, FIRST_ID = 0x6800, INLINE_MAX = 32 * 1024 };

static void set_through_stream(IMAPIProp *object, const SPropValue *value)
{
    size_t size = 0;
    const void *bytes = value_bytes(value, &size);
    LPUNKNOWN unknown = NULL;
    IStream *stream;

    assert_ok(object->lpVtbl->OpenProperty(
            object, value->ulPropTag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &unknown));
    stream = (IStream *)(void *)unknown;
    if (size > 10) { /* in two pieces, cut anywhere */
        assert_ok(stream->lpVtbl->Write(stream, bytes, 7, NULL));
        assert_ok(stream->lpVtbl->Write(stream, (const BYTE *)bytes + 7, (ULONG)size - 7, NULL));
    } else {
        assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)size, NULL));
    }
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);
}

static void assert_stream(IMAPIProp *object, const SPropValue *expected)
{
    size_t size = 0;
    const void *bytes = value_bytes(expected, &size);
    LPUNKNOWN unknown = NULL;
    BYTE *room = value_room(size + 10);
    ULONG done = POISON_LONG;
    IStream *stream;

    assert_ok(object->lpVtbl->OpenProperty(
            object, expected->ulPropTag, &IID_IStream, 0, 0, &unknown));
    stream = (IStream *)(void *)unknown;
    assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)size + 10, &done));
    if (!value_same_bytes(room, done, bytes, size))
        fail_msg("the stream of 0x%08lx is another: %lu bytes, not %lu",
                (unsigned long)expected->ulPropTag, (unsigned long)done, (unsigned long)size);
    release_last(stream);
    free(room);
}

static ULONG bytes_when_stored(const SPropValue *value)
{
    size_t size = 0;

    (void)value_bytes(value, &size);
    return (ULONG)size;
}

/* One value as the object has it: whole, or where it is too large for GetProps in its stream. */
static void assert_value(IMAPIProp *object, const SPropValue *expected)
{
    SPropTagArray tags = { 1, { expected->ulPropTag } };
    SPropValue *values = POISON;
    ULONG count = POISON_LONG;
    HRESULT hr = object->lpVtbl->GetProps(object, &tags, 0, &count, &values);

    assert_int_equal(count, 1);
    if (hr == MAPI_W_ERRORS_RETURNED) {
        assert_int_equal(values->ulPropTag, CHANGE_PROP_TYPE(expected->ulPropTag, PT_ERROR));
        assert_hr(values->Value.err, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_true(value_has_stream(expected));
        /* A unit of UTF-16 takes up to three bytes where it is kept. */
        assert_true(bytes_when_stored(expected) > INLINE_MAX / 3);
    } else {
        assert_ok(hr);
        if (!value_same(values, expected))
            fail_msg("0x%08lx came back as another value", (unsigned long)expected->ulPropTag);
    }
    mapi_free(values);
    if (value_has_stream(expected))
        assert_stream(object, expected);
}

/* Each alone, and all in one call. */
static void assert_values(void *object, const SPropValue *expected, ULONG count)
{
    IMAPIProp *prop = object;
    SizedSPropTagArray(VALUES, tags) = { .cValues = count };
    SPropValue *values = POISON;
    ULONG got = 0;
    HRESULT hr;

    for (ULONG i = 0; i < count; i++) {
        assert_value(prop, &expected[i]);
        tags.aulPropTag[i] = expected[i].ulPropTag;
    }
    hr = prop->lpVtbl->GetProps(prop, (LPSPropTagArray)&tags, 0, &got, &values);
    assert_true(hr == S_OK || hr == MAPI_W_ERRORS_RETURNED);
    assert_int_equal(got, count);
    for (ULONG i = 0; i < count; i++)
        assert_true(
                PROP_TYPE(values[i].ulPropTag) == PT_ERROR || value_same(&values[i], &expected[i]));
    mapi_free(values);
}

/* Text set in 8 bits, read wide: what its code page says. IMAPIProp.SetProps.19
 * IMAPIProp.GetProps.19 */
static void assert_other_width(void *object, const SPropValue *expected)
{
    SPropValue wide = *expected;

    if (PROP_TYPE(expected->ulPropTag) == PT_STRING8) {
        wide.ulPropTag = CHANGE_PROP_TYPE(expected->ulPropTag, PT_UNICODE);
        wide.Value.lpszW = value_widened(expected->Value.lpszA);
    } else if (PROP_TYPE(expected->ulPropTag) == PT_MV_STRING8) {
        wide.ulPropTag = CHANGE_PROP_TYPE(expected->ulPropTag, PT_MV_UNICODE);
        wide.Value.MVszW.lppszW = value_room(wide.Value.MVszW.cValues * sizeof(WCHAR *));
        for (ULONG i = 0; i < wide.Value.MVszW.cValues; i++)
            wide.Value.MVszW.lppszW[i] = value_widened(expected->Value.MVszA.lppszA[i]);
    } else {
        return;
    }
    assert_value(object, &wide);
    value_free(&wide);
}

/* New values for all ids, types changing: by SetProps in one call, or through streams. */
static void set_values(
        struct random *random, void *object, bool may_be_long, SPropValue *values, ULONG count)
{
    IMAPIProp *prop = object;
    LPSPropProblemArray problems = POISON;
    SPropValue batch[VALUES];
    ULONG batch_count = 0;

    for (ULONG i = 0; i < count; i++) {
        ULONG type = value_types[(i + any(random, 3)) % VALUE_TYPES];

        value_free(&values[i]);
        value_random(random, PROP_TAG(type, FIRST_ID + i), may_be_long, &values[i]);
        if (value_has_stream(&values[i]) && any(random, 2) == 0)
            set_through_stream(prop, &values[i]);
        else
            batch[batch_count++] = values[i];
    }
    assert_ok(prop->lpVtbl->SetProps(prop, batch_count, batch, &problems));
    assert_null(problems);
    for (ULONG i = 0; i < count; i++)
        assert_other_width(object, &values[i]);
}

static void free_values(SPropValue *values, ULONG count)
{
    for (ULONG i = 0; i < count; i++)
        value_free(&values[i]);
}

/* --- each kind of object ---------------------------------------------------------------------- */

/* A message with an attachment that holds a message, each with values of its own. */
struct tree {
    SPropValue message[VALUES];
    SPropValue attach[VALUES];
    SPropValue inner[VALUES];
    SPropValue *id;
    ULONG number;
};

static LPATTACH open_attach(IMessage *message, ULONG number)
{
    LPATTACH attach = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, MAPI_MODIFY, &attach));
    return attach;
}

static IMessage *open_inner(LPATTACH attach, ULONG flags)
{
    LPUNKNOWN inner = NULL;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, flags, &inner));
    return (IMessage *)(void *)inner;
}

static void save(void *object)
{
    IMAPIProp *prop = object;

    assert_ok(prop->lpVtbl->SaveChanges(prop, KEEP_OPEN_READWRITE));
}

static void check_tree(IMessage *message, const struct tree *tree)
{
    LPATTACH attach = open_attach(message, tree->number);
    IMessage *inner = open_inner(attach, 0);

    assert_values(message, tree->message, VALUES);
    assert_values(attach, tree->attach, VALUES);
    assert_values(inner, tree->inner, VALUES);
    release_last(inner);
    release_last(attach);
}

static void write_tree(struct random *random, IMessage *message, struct tree *tree, bool is_new)
{
    LPATTACH attach = NULL;
    IMessage *inner;

    if (is_new)
        assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &tree->number, &attach));
    else
        attach = open_attach(message, tree->number);
    inner = open_inner(attach, is_new ? MAPI_CREATE | MAPI_MODIFY : MAPI_MODIFY);
    set_values(random, message, true, tree->message, VALUES);
    set_values(random, attach, true, tree->attach, VALUES);
    set_values(random, inner, true, tree->inner, VALUES);
    assert_values(message, tree->message, VALUES);
    assert_values(attach, tree->attach, VALUES);
    assert_values(inner, tree->inner, VALUES);
    save(inner);
    save(attach);
    save(message);
    assert_values(message, tree->message, VALUES);
    assert_values(attach, tree->attach, VALUES);
    assert_values(inner, tree->inner, VALUES);
    release_last(inner);
    release_last(attach);
}

static void free_tree(struct tree *tree)
{
    free_values(tree->message, VALUES);
    free_values(tree->attach, VALUES);
    free_values(tree->inner, VALUES);
    mapi_free(tree->id);
    free(tree);
}

/* IMAPIProp.GetProps.13 IMAPIProp.GetProps.15 IMAPIProp.SetProps.15 IMAPIProp.SetProps.18
 * IMAPIProp.OpenProperty.16 IMAPIProp.Transaction.3 */
static void message__values_of_every_type__the_same_after_reopening(void **state)
{
    struct fixture *fx = *state;
    struct model_run run = model_run(ROUNDS, 0);

    for (uint32_t seed = run.first; seed <= run.last; seed++) {
        struct random random = { seed * 2654435761u };
        struct tree *tree = value_room(sizeof(*tree));
        IMessage *message = NULL;

        print_message("seed %u\n", (unsigned)seed);
        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
        for (unsigned save_count = 0; save_count < 2; save_count++) {
            IMessage *other;

            write_tree(&random, message, tree, save_count == 0);
            mapi_free(tree->id);
            tree->id = prop_get(message, PR_ENTRYID);
            other = message_open(fx->store, tree->id);
            check_tree(other, tree);
            release_last(other);
            release_last(message);
            fixture_reopen(fx);
            message = message_open(fx->store, tree->id);
            check_tree(message, tree);
        }
        release_last(message);
        free_tree(tree);
    }
}

/* What the target could not take is computed by it, and nothing of ours. */
static void assert_only_computed(LPSPropProblemArray problems)
{
    for (ULONG i = 0; problems != NULL && i < problems->cProblem; i++) {
        assert_hr(problems->aProblem[i].scode, MAPI_E_COMPUTED);
        assert_true(PROP_ID(problems->aProblem[i].ulPropTag) < FIRST_ID);
    }
    mapi_free(problems);
}

/* IMAPIProp.CopyTo.1 IMAPIProp.CopyProps.1: all at once, with what is attached; then one by one
 * over other values. */
static void copied__values_of_every_type__the_same_after_reopening(void **state)
{
    struct fixture *fx = *state;
    struct model_run run = model_run(ROUNDS, 0);

    for (uint32_t seed = run.first; seed <= run.last; seed++) {
        struct random random = { seed * 668265263u };
        struct tree *tree = value_room(sizeof(*tree));
        SizedSPropTagArray(VALUES, tags) = { .cValues = VALUES };
        LPSPropProblemArray problems = NULL;
        IMessage *from = NULL;
        IMessage *to = NULL;
        SPropValue *id;

        print_message("seed %u\n", (unsigned)seed);
        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &from));
        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &to));
        write_tree(&random, from, tree, true);
        assert_ok(from->lpVtbl->CopyTo(
                from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, 0, &problems));
        assert_only_computed(problems);
        check_tree(to, tree);
        save(to);

        set_values(&random, from, true, tree->message, VALUES);
        for (ULONG i = 0; i < VALUES; i++)
            tags.aulPropTag[i] = tree->message[i].ulPropTag;
        problems = NULL;
        assert_ok(from->lpVtbl->CopyProps(
                from, (LPSPropTagArray)&tags, 0, NULL, &IID_IMessage, to, 0, &problems));
        assert_null(problems);
        check_tree(to, tree);
        save(to);
        id = prop_get(to, PR_ENTRYID);
        release_last(to);
        release_last(from);
        fixture_reopen(fx);
        to = message_open(fx->store, id);
        check_tree(to, tree);
        release_last(to);
        mapi_free(id);
        free_tree(tree);
    }
}

/* IMAPIProp.Transaction.4 IMAPIProp.Transaction.5: no SaveChanges needed. */
static void folder_and_store__values_of_every_type__the_same_after_reopening(void **state)
{
    struct fixture *fx = *state;
    struct model_run run = model_run(ROUNDS, 0);

    for (uint32_t seed = run.first; seed <= run.last; seed++) {
        struct random random = { seed * 2246822519u };
        SPropValue in_folder[VALUES] = { { 0 } };
        SPropValue in_store[VALUES] = { { 0 } };

        print_message("seed %u\n", (unsigned)seed);
        set_values(&random, fx->inbox, false, in_folder, VALUES);
        set_values(&random, fx->store, false, in_store, VALUES);
        assert_values(fx->inbox, in_folder, VALUES);
        assert_values(fx->store, in_store, VALUES);
        fixture_reopen(fx);
        assert_values(fx->inbox, in_folder, VALUES);
        assert_values(fx->store, in_store, VALUES);
        free_values(in_folder, VALUES);
        free_values(in_store, VALUES);
    }
}

/* The row of a recipient, in the order of the tags that were asked for. */
static void check_recipients(
        IMessage *message, SPropValue (*expected)[VALUES], ULONG people, ULONG count)
{
    SizedSPropTagArray(VALUES, tags) = { .cValues = count };
    LPMAPITABLE table = NULL;
    LPSRowSet rows = NULL;

    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    for (ULONG who = 0; who < people; who++) {
        LONG moved = 0;

        for (ULONG i = 0; i < count; i++)
            tags.aulPropTag[i] = expected[who][i].ulPropTag;
        assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0));
        assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, (LONG)who, &moved));
        assert_ok(table->lpVtbl->QueryRows(table, 1, 0, &rows));
        assert_int_equal(rows->cRows, 1);
        for (ULONG i = 0; i < count; i++) {
            const SPropValue *value = &rows->aRow[0].lpProps[i];

            if (!value_same(value, &expected[who][i]))
                fail_msg("recipient %lu: 0x%08lx is 0x%08lx", (unsigned long)who,
                        (unsigned long)expected[who][i].ulPropTag, (unsigned long)value->ulPropTag);
        }
        mapi_free_rows(rows);
    }
    release_last(table);
}

/* IMessage.ModifyRecipients.14 recipient.PR_RECIPIENT_TYPE.1 */
static void recipients__values_of_every_type__the_same_after_reopening(void **state)
{
    enum { PEOPLE = 3, EACH = 2 * VALUE_TYPES };
    struct fixture *fx = *state;
    struct model_run run = model_run(ROUNDS, 0);

    for (uint32_t seed = run.first; seed <= run.last; seed++) {
        struct random random = { seed * 3266489917u };
        SPropValue values[PEOPLE][VALUES] = { { { 0 } } };
        SizedADRLIST(PEOPLE, list) = { PEOPLE, { { 0 } } };
        IMessage *message = NULL;
        SPropValue *id;

        print_message("seed %u\n", (unsigned)seed);
        for (ULONG who = 0; who < PEOPLE; who++) {
            for (ULONG i = 0; i < EACH; i++)
                value_random(&random, PROP_TAG(value_types[i % VALUE_TYPES], FIRST_ID + i), false,
                        &values[who][i]);
            list.aEntries[who].cValues = EACH;
            list.aEntries[who].rgPropVals = values[who];
        }
        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
        assert_ok(message->lpVtbl->ModifyRecipients(message, 0, (LPADRLIST)&list));
        check_recipients(message, values, PEOPLE, EACH);
        save(message);
        id = prop_get(message, PR_ENTRYID);
        release_last(message);
        fixture_reopen(fx);
        message = message_open(fx->store, id);
        check_recipients(message, values, PEOPLE, EACH);
        release_last(message);
        mapi_free(id);
        for (ULONG who = 0; who < PEOPLE; who++)
            free_values(values[who], EACH);
    }
}

/* --- what random values meet too seldom ------------------------------------------------------- */

static void keep(struct fixture *fx, IMessage **message)
{
    SPropValue *id;

    save(*message);
    id = prop_get(*message, PR_ENTRYID);
    release_last(*message);
    fixture_reopen(fx);
    *message = message_open(fx->store, id);
    mapi_free(id);
}

static void message__half_pairs__kept_unit_by_unit(void **state)
{
    static const WCHAR texts[][6] = { { 'a', 0xD800, 'b', 0 }, { 'a', 0xDC00, 'b', 0 },
        { 'a', 0xD83D, 0 }, { 0xDC00, 0xD800, 0 }, { 0xD83D, 0xD83D, 0xDE00, 0xDE00, 0 },
        { 0xFFFF, 0xFFFE, 0xFEFF, 0 } };

    enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };
    struct fixture *fx = *state;
    IMessage *message = NULL;
    SPropValue values[TEXTS];

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    for (size_t i = 0; i < TEXTS; i++) {
        memset(&values[i], 0, sizeof(values[i]));
        values[i].ulPropTag = i == 0 ? PR_SUBJECT_W : PROP_TAG(PT_UNICODE, FIRST_ID + i);
        values[i].Value.lpszW = value_room(sizeof(texts[i]));
        memcpy(values[i].Value.lpszW, texts[i], sizeof(texts[i]));
    }
    assert_ok(message->lpVtbl->SetProps(message, TEXTS, values, NULL));
    assert_values(message, values, TEXTS);
    keep(fx, &message);
    assert_values(message, values, TEXTS);
    release_last(message);
    free_values(values, TEXTS);
}

/* Amounts below zero, times before 1601 and at the ends of what 64 bits hold. */
static void message__ends_of_the_ranges__kept(void **state)
{
    static const int64_t numbers[] = { 0, -1, 1, INT64_MIN, INT64_MAX, -10000,
        -504911232000000000 };
    static const ULONG types[] = { PT_CURRENCY, PT_I8, PT_SYSTIME, PT_APPTIME, PT_DOUBLE };

    enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]), TYPES = 5 };
    struct fixture *fx = *state;
    IMessage *message = NULL;
    SPropValue values[NUMBERS * TYPES] = { { 0 } };

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    for (ULONG i = 0; i < NUMBERS * TYPES; i++) {
        values[i].ulPropTag = PROP_TAG(types[i % TYPES], FIRST_ID + i);
        if (PROP_TYPE(values[i].ulPropTag) == PT_DOUBLE ||
                PROP_TYPE(values[i].ulPropTag) == PT_APPTIME)
            values[i].Value.dbl = (double)numbers[i / TYPES];
        else
            values[i].Value.li.QuadPart = numbers[i / TYPES];
    }
    assert_ok(message->lpVtbl->SetProps(message, NUMBERS * TYPES, values, NULL));
    assert_values(message, values, NUMBERS * TYPES);
    keep(fx, &message);
    assert_values(message, values, NUMBERS * TYPES);
    release_last(message);
}

/* Of a multivalue nobody can open a stream: it comes whole, whatever its size. */
static void message__multivalues_of_many__kept_whole(void **state)
{
    static const ULONG types[] = { PT_MV_LONG, PT_MV_BINARY, PT_MV_UNICODE };

    enum { MANY = 50000 };
    struct fixture *fx = *state;
    struct random random = { 17 };
    IMessage *message = NULL;
    SPropValue values[3];

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    for (ULONG i = 0; i < 3; i++) {
        memset(&values[i], 0, sizeof(values[i]));
        values[i].ulPropTag = PROP_TAG(types[i], FIRST_ID + i);
        value_random_many(&random, &values[i], i == 0 ? 10 * MANY : MANY / 10);
    }
    assert_ok(message->lpVtbl->SetProps(message, 3, values, NULL));
    assert_values(message, values, 3);
    keep(fx, &message);
    assert_values(message, values, 3);
    release_last(message);
    free_values(values, 3);
}

/* IMAPIProp.GetProps.15 IMAPIProp.GetProps.17: at the limit whole, beyond it through a stream. */
static void message__around_the_limit__inline_up_to_it(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    SPropValue values[3] = { { 0 } };
    HRESULT expected[3] = { S_OK, S_OK, MAPI_W_ERRORS_RETURNED };

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    for (ULONG i = 0; i < 3; i++) {
        values[i].ulPropTag = PROP_TAG(PT_BINARY, FIRST_ID + i);
        values[i].Value.bin.cb = INLINE_MAX - 1 + i;
        values[i].Value.bin.lpb = value_room(INLINE_MAX + 1);
        memset(values[i].Value.bin.lpb, (int)i + 1, INLINE_MAX + 1);
    }
    assert_ok(message->lpVtbl->SetProps(message, 3, values, NULL));
    keep(fx, &message);
    for (ULONG i = 0; i < 3; i++) {
        SPropTagArray tags = { 1, { values[i].ulPropTag } };
        SPropValue *value = NULL;
        ULONG count = 0;

        assert_hr(message->lpVtbl->GetProps(message, &tags, 0, &count, &value), expected[i]);
        mapi_free(value);
    }
    assert_values(message, values, 3);
    release_last(message);
    free_values(values, 3);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(message__values_of_every_type__the_same_after_reopening),
        INBOX(copied__values_of_every_type__the_same_after_reopening),
        INBOX(folder_and_store__values_of_every_type__the_same_after_reopening),
        INBOX(recipients__values_of_every_type__the_same_after_reopening),
        INBOX(message__half_pairs__kept_unit_by_unit),
        INBOX(message__ends_of_the_ranges__kept),
        INBOX(message__multivalues_of_many__kept_whole),
        INBOX(message__around_the_limit__inline_up_to_it),
    };

    return cmocka_run_group_tests_name("prop_roundtrip", tests, NULL, NULL);
}
