/* SPDX-License-Identifier: MIT */
/*
 * test_message_idle.c - very many messages are open and nobody has looked at them yet: each is the
 * snapshot that it was when it was opened, whatever becomes of the stored one.
 */
#include "second_session.h"

#define FILLING PROP_TAG(PT_BINARY, 0x6701)

enum {
    MANY = 90, /* with BYTES, more than a logon keeps in memory of such messages: 1 MiB */
    BYTES = 30000
};

struct many {
    SPropValue *ids[MANY];
    IMessage *open[MANY];
};

static void fill_bytes(unsigned number, BYTE out[BYTES])
{
    for (unsigned i = 0; i < BYTES; i++)
        out[i] = (BYTE)(i * 7 + (i >> 8) + number);
}

static void set_filling(IMessage *message, unsigned number)
{
    BYTE bytes[BYTES];

    fill_bytes(number, bytes);
    prop_set_binary(message, FILLING, bytes, sizeof(bytes));
}

static void assert_filling(IMessage *message, unsigned number)
{
    BYTE bytes[BYTES];
    SPropValue *value = prop_get(message, FILLING);

    fill_bytes(number, bytes);
    assert_int_equal(value->ulPropTag, FILLING);
    assert_int_equal(value->Value.bin.cb, BYTES);
    assert_memory_equal(value->Value.bin.lpb, bytes, BYTES);
    mapi_free(value);
}

static void save(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

static void many_make(struct fixture *fx, struct many *many)
{
    for (unsigned i = 0; i < MANY; i++) {
        IMessage *message;

        many->ids[i] = message_make(fx->inbox, "old");
        message = message_open(fx->store, many->ids[i]);
        set_filling(message, i);
        save(message);
        release_last(message);
    }
}

static void many_open(struct fixture *fx, struct many *many)
{
    for (unsigned i = 0; i < MANY; i++)
        many->open[i] = message_open(fx->store, many->ids[i]);
}

static void many_free(struct many *many)
{
    for (unsigned i = 0; i < MANY; i++) {
        if (many->open[i] != NULL)
            release_last(many->open[i]);
        mapi_free(many->ids[i]);
    }
}

/* IMAPIProp.Transaction.6 */
static void open__saved_by_another_session__shows_what_it_was(void **state)
{
    struct fixture *fx = *state;
    struct many many;
    struct second other;

    many_make(fx, &many);
    many_open(fx, &many);
    second_open(fx, &other);
    for (unsigned i = 0; i < MANY; i++) {
        struct plain_id id = { many.ids[i]->Value.bin.cb, { 0 } };
        IMessage *message;

        memcpy(id.bytes, many.ids[i]->Value.bin.lpb, id.size);
        message = plain_open(other.store, &id);
        prop_set_text(message, PR_SUBJECT_W, "new");
        set_filling(message, i + 1);
        save(message);
        release_last(message);
    }
    second_close(&other);

    for (unsigned i = 0; i < MANY; i++) {
        prop_assert_text(many.open[i], PR_SUBJECT_W, "old");
        assert_filling(many.open[i], i);
        prop_set_text(many.open[i], PR_SUBJECT_W, "mine");
        assert_hr(many.open[i]->lpVtbl->SaveChanges(many.open[i], KEEP_OPEN_READWRITE),
                MAPI_E_OBJECT_CHANGED);
    }
    many_free(&many);
}

/* Any call is the first; the ones in between stay what they are. */
static void open__first_call_of_each_kind__finds_it(void **state)
{
    struct fixture *fx = *state;
    struct many many;
    IMessage *copy;
    SPropTagArray *tags = NULL;
    SPropProblemArray *problems = NULL;
    LPUNKNOWN stream = NULL;
    IMAPITable *table = NULL;
    BYTE byte = 0;

    many_make(fx, &many);
    many_open(fx, &many);

    assert_ok(many.open[0]->lpVtbl->GetPropList(many.open[0], MAPI_UNICODE, &tags));
    assert_true(tags->cValues > 10);
    mapi_free(tags);
    prop_set_text(many.open[1], PR_SUBJECT_W, "set first"); /* keeps the rest */
    save(many.open[1]);
    assert_filling(many.open[1], 1);
    assert_ok(
            many.open[2]->lpVtbl->OpenProperty(many.open[2], FILLING, &IID_IStream, 0, 0, &stream));
    assert_ok(((IStream *)stream)->lpVtbl->Read((IStream *)stream, &byte, 1, NULL));
    assert_int_equal(byte, 2);
    stream->lpVtbl->Release(stream);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &copy));
    assert_ok(many.open[3]->lpVtbl->CopyTo(
            many.open[3], 0, NULL, NULL, 0, NULL, &IID_IMessage, copy, 0, &problems));
    mapi_free(problems); /* what a new message has of its own */
    assert_filling(copy, 3);
    release_last(copy);
    /* onto one that has not been looked at: what it had and the copy lacks stays */
    prop_set_text(many.open[6], PR_COMMENT_W, "source");
    assert_ok(many.open[6]->lpVtbl->CopyProps(many.open[6], &(SPropTagArray){ 1, { PR_COMMENT_W } },
            0, NULL, &IID_IMessage, many.open[7], 0, &problems));
    assert_null(problems);
    prop_assert_text(many.open[7], PR_COMMENT_W, "source");
    assert_filling(many.open[7], 7);
    save(many.open[7]);
    assert_ok(many.open[4]->lpVtbl->GetRecipientTable(many.open[4], 0, &table));
    release_last(table);
    save(many.open[4]);
    assert_ok(many.open[5]->lpVtbl->SetReadFlag(many.open[5], SUPPRESS_RECEIPT));
    for (unsigned i = 0; i < MANY; i++)
        assert_filling(many.open[i], i);
    many_free(&many);
}

/* Places are used again by what is opened later. */
static void release__not_looked_at__later_ones_are_right(void **state)
{
    struct fixture *fx = *state;
    struct many many;

    many_make(fx, &many);
    for (unsigned round = 0; round < 3; round++) {
        many_open(fx, &many);
        for (unsigned i = 0; i < MANY; i++) {
            if ((i + round) % 3 != 0)
                assert_filling(many.open[i], i);
            release_last(many.open[i]);
        }
    }
    many_free(&many);
}

/* IMSLogon.Logoff.2 */
static void logoff__not_looked_at__all_are_dead(void **state)
{
    struct fixture *fx = *state;
    struct many many;

    many_make(fx, &many);
    many_open(fx, &many);
    release_last(fx->inbox);
    host_session_logoff(&fx->session);
    for (unsigned i = 0; i < MANY; i++) {
        SPropValue *values = POISON;
        ULONG count = 1;

        assert_hr(many.open[i]->lpVtbl->GetProps(many.open[i], NULL, 0, &count, &values),
                MAPI_E_INVALID_OBJECT);
        assert_null(values);
    }
    fx->store->lpVtbl->Release(fx->store);
    fx->store = NULL;
    many_free(&many);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open__saved_by_another_session__shows_what_it_was,
                fixture_inbox_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
                open__first_call_of_each_kind__finds_it, fixture_inbox_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(release__not_looked_at__later_ones_are_right,
                fixture_inbox_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
                logoff__not_looked_at__all_are_dead, fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests_name("message_idle", tests, NULL, NULL);
}
