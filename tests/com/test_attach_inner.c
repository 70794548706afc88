/* SPDX-License-Identifier: MIT */
/*
 * test_attach_inner.c - messages inside messages.
 */
#include "attach_world.h"

static HRESULT open_inner(LPATTACH attach, ULONG flags, IMessage **out)
{
    LPUNKNOWN object = POISON;
    HRESULT hr = attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, flags, &object);

    if (FAILED(hr))
        assert_null(object);
    *out = (IMessage *)(void *)object;
    return hr;
}

/* A new message in a new attachment. */
static IMessage *create_inner(IMessage *message, LPATTACH *out_attach, ULONG *out_number)
{
    IMessage *inner = NULL;

    *out_attach = create_attach(message, out_number);
    prop_set_long(*out_attach, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
    assert_ok(open_inner(*out_attach, MAPI_CREATE | MAPI_MODIFY, &inner));
    return inner;
}

/* IMessage.Embedded.1 IMessage.Embedded.2 IMessage.Embedded.3 IMessage.Embedded.5
 * IMessage.SubmitMessage.4 IAttach.Data.1 */
static void embedded__three_saves__there_again(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue value = { .ulPropTag = PR_IMPORTANCE };
    LPATTACH attach;
    ULONG number;
    IMessage *inner = create_inner(message, &attach, &number);

    assert_null(prop_get(inner, PR_SUBJECT_W));
    assert_null(prop_get(inner, PR_ENTRYID));
    assert_hr(inner->lpVtbl->SubmitMessage(inner, 0), MAPI_E_NO_SUPPORT);
    prop_set_text(inner, PR_SUBJECT_W, "RE: inside");
    save(inner);
    release_last(inner);
    save_attach(attach);
    release_last(attach);
    save(message);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 1);
    message = reopen(fx, message);
    attach = open_attach(message, number, 0);
    assert_null(prop_get(attach, PR_ATTACH_DATA_BIN));
    assert_hr(open_inner(attach, MAPI_MODIFY, &inner), MAPI_E_NO_ACCESS);
    assert_ok(open_inner(attach, 0, &inner));
    prop_assert_text(inner, PR_SUBJECT_W, "RE: inside");
    prop_assert_text(inner, PR_NORMALIZED_SUBJECT_W, "inside");
    prop_assert_text(inner, PR_MESSAGE_CLASS_W, "IPM");
    assert_hr(inner->lpVtbl->SetProps(inner, 1, &value, NULL), MAPI_E_NO_ACCESS);
    release_last(inner);
    release_last(attach);
    release_last(message);
}

/* IMessage.Embedded.3: each save that is left out loses it. */
static void embedded__a_save_missing__not_there(void **state)
{
    struct fixture *fx = *state;

    for (unsigned missing = 0; missing < 3; missing++) {
        IMessage *message = create(fx);
        LPATTACH attach = NULL;
        ULONG number;
        IMessage *inner;

        save(message);
        inner = create_inner(message, &attach, &number);
        prop_set_text(inner, PR_SUBJECT_W, "inside");
        if (missing != 0)
            save(inner);
        release_last(inner);
        if (missing != 1)
            save_attach(attach);
        release_last(attach);
        if (missing != 2)
            save(message);
        message = reopen(fx, message);
        if (missing == 0) {
            attach = open_attach(message, number, 0);
            assert_hr(open_inner(attach, 0, &inner), MAPI_E_NOT_FOUND);
            release_last(attach);
        } else {
            assert_int_equal(count_attachments(message), 0);
        }
        release_last(message);
    }
}

/* A second document of the inner message is made before the first was written, and the other way
 * round. */
static void embedded__saved_in_many_orders__last_one_counts(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach;
    ULONG number;
    IMessage *inner = create_inner(message, &attach, &number);
    LPATTACH deep;
    ULONG deep_number;

    prop_set_text(inner, PR_SUBJECT_W, "one");
    deep = create_attach(inner, &deep_number);
    prop_set_binary(deep, PR_ATTACH_DATA_BIN, "deep", 4);
    save_attach(deep);
    save(inner);
    save_attach(attach);
    prop_set_text(inner, PR_SUBJECT_W, "two");
    save(inner);
    save(message); /* writes "one" */
    save_attach(attach);
    save(message); /* writes "two" over it */
    prop_set_text(inner, PR_SUBJECT_W, "three");
    prop_set_binary(deep, PR_ATTACH_DATA_BIN, "deeper", 6);
    save_attach(deep);
    save(inner);
    save_attach(attach);
    save(message);
    release_last(deep);
    release_last(inner);
    release_last(attach);
    message = reopen(fx, message);
    attach = open_attach(message, number, MAPI_MODIFY);
    assert_ok(open_inner(attach, MAPI_MODIFY, &inner));
    prop_assert_text(inner, PR_SUBJECT_W, "three");
    assert_int_equal(count_attachments(inner), 1);
    deep = open_attach(inner, deep_number, 0);
    assert_int_equal(prop_long(deep, PR_ATTACH_NUM), deep_number);
    release_last(deep);
    prop_set_text(inner, PR_SUBJECT_W, "four");
    assert_ok(inner->lpVtbl->DeleteAttach(inner, deep_number, 0, NULL, 0));
    save(inner);
    save_attach(attach);
    save(message);
    release_last(inner);
    release_last(attach);
    message = reopen(fx, message);
    attach = open_attach(message, number, 0);
    assert_ok(open_inner(attach, 0, &inner));
    prop_assert_text(inner, PR_SUBJECT_W, "four");
    assert_int_equal(count_attachments(inner), 0);
    release_last(inner);
    release_last(attach);
    release_last(message);
}

/* IAttach.Data.1: bytes and message are two renditions of one property, the later one counts. */
static void embedded__bytes_set_instead__message_gone(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach;
    ULONG number;
    IMessage *inner = create_inner(message, &attach, &number);

    save(inner);
    release_last(inner);
    save_attach(attach);
    save(message);
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, "bytes", 5);
    save_attach(attach);
    save(message);
    assert_hr(open_inner(attach, 0, &inner), MAPI_E_NOT_FOUND);
    release_last(attach);
    message = reopen(fx, message);
    attach = open_attach(message, number, 0);
    assert_hr(open_inner(attach, 0, &inner), MAPI_E_NOT_FOUND);
    release_last(attach);
    release_last(message);
}

/* IAttach.Data.1: of a message that was replaced, and is open still, the store has nothing left:
 * its save says so, and the outer one is not hindered by it. */
static void embedded__replaced_and_saved_again__deleted(void **state)
{
    struct fixture *fx = *state;

    for (int is_new = 0; is_new < 2; is_new++) {
        IMessage *message = create(fx);
        LPATTACH attach, part;
        ULONG number, part_number;
        IMessage *inner = create_inner(message, &attach, &number);

        assert_ok(inner->lpVtbl->CreateAttach(inner, NULL, 0, &part_number, &part));
        save_attach(part);
        release_last(part);
        save(inner);
        save_attach(attach);
        save(message);
        if (!is_new) {
            release_last(inner);
            release_last(attach);
            message = reopen(fx, message);
            attach = open_attach(message, number, MAPI_MODIFY);
            assert_ok(open_inner(attach, MAPI_MODIFY, &inner));
        }
        prop_set_binary(attach, PR_ATTACH_DATA_BIN, "bytes", 5);
        save_attach(attach);
        prop_set_text(inner, PR_SUBJECT_W, "not gone yet");
        save(message);
        prop_set_text(inner, PR_SUBJECT_W, "gone");
        assert_hr(inner->lpVtbl->SaveChanges(inner, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_DELETED);
        release_last(inner);
        save_attach(attach);
        prop_set_text(message, PR_SUBJECT_W, "saved");
        save(message);
        release_last(attach);
        message = reopen(fx, message);
        attach = open_attach(message, number, 0);
        assert_hr(open_inner(attach, 0, &inner), MAPI_E_NOT_FOUND);
        prop_assert_text(message, PR_SUBJECT_W, "saved");
        release_last(attach);
        release_last(message);
    }
}

enum { DEEP = 200 };

/* IMessage.Embedded.4: 200 deep, each with a recipient and its own number as subject. */
static void embedded__two_hundred_deep__all_there(void **state)
{
    struct fixture *fx = *state;
    IMessage *chain[DEEP + 1];
    LPATTACH held[DEEP];
    ULONG number = 0;
    char text[32];

    chain[0] = create(fx);
    for (int i = 0; i < DEEP; i++) {
        chain[i + 1] = create_inner(chain[i], &held[i], &number);
        snprintf(text, sizeof(text), "level %d", i + 1);
        prop_set_text(chain[i + 1], PR_SUBJECT_W, text);
    }
    for (int i = DEEP - 1; i >= 0; i--) {
        save(chain[i + 1]);
        save_attach(held[i]);
    }
    save(chain[0]);
    assert_true(prop_long(chain[0], PR_MESSAGE_SIZE) > DEEP * 50);
    for (int i = DEEP - 1; i >= 0; i--) {
        release_last(chain[i + 1]);
        release_last(held[i]);
    }
    chain[0] = reopen(fx, chain[0]);
    for (int i = 0; i < DEEP; i++) {
        held[i] = open_attach(chain[i], 0, 0);
        assert_ok(open_inner(held[i], 0, &chain[i + 1]));
        snprintf(text, sizeof(text), "level %d", i + 1);
        prop_assert_text(chain[i + 1], PR_SUBJECT_W, text);
    }
    for (int i = 0; i <= DEEP; i++) /* outermost first: the inner ones keep them alive */
        release_last(chain[i]);
    for (int i = 0; i < DEEP; i++)
        release_last(held[i]);
}

/* Beyond the limit: refused with a reason, and what is there stays usable. */
static void embedded__too_deep__refused(void **state)
{
    struct fixture *fx = *state;
    IMessage *chain[400];
    LPATTACH held[400];
    ULONG number = 0;
    int depth = 0;
    HRESULT hr = S_OK;

    chain[0] = create(fx);
    while (depth < 399) {
        held[depth] = create_attach(chain[depth], &number);
        hr = open_inner(held[depth], MAPI_CREATE | MAPI_MODIFY, &chain[depth + 1]);
        if (FAILED(hr))
            break;
        depth++;
    }
    assert_hr(hr, MAPI_E_TOO_COMPLEX);
    assert_true(depth >= DEEP);
    release_last(held[depth]);
    for (int i = depth; i > 0; i--) {
        release_last(chain[i]);
        release_last(held[i - 1]);
    }
    save(chain[0]);
    release_last(chain[0]);
}

/* 1.5 MB in an attachment of an embedded message, moved out of the record by the outermost save,
 * changed twice. */
static void embedded__large_data__kept_whole(void **state)
{
    struct fixture *fx = *state;
    size_t size = 1500000;
    BYTE *bytes = malloc(size);
    BYTE *room = malloc(size);
    IMessage *message = create(fx);
    LPATTACH attach, deep;
    ULONG number, deep_number;
    IMessage *inner = create_inner(message, &attach, &number);
    IStream *stream = NULL;
    ULONG done = 0;

    for (int round = 0; round < 3; round++) {
        memset(bytes, 'a' + round, size);
        if (round == 0)
            deep = create_attach(inner, &deep_number);
        else
            deep = open_attach(inner, deep_number, MAPI_MODIFY);
        prop_set_binary(deep, PR_ATTACH_DATA_BIN, bytes, size);
        save_attach(deep);
        save(inner);
        save_attach(attach);
        save(message);
        release_last(deep);
    }
    release_last(inner);
    release_last(attach);
    message = reopen(fx, message);
    attach = open_attach(message, number, 0);
    assert_ok(open_inner(attach, 0, &inner));
    deep = open_attach(inner, deep_number, 0);
    assert_ok(deep->lpVtbl->OpenProperty(
            deep, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream));
    assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)size, &done));
    assert_int_equal(done, size);
    assert_memory_equal(room, bytes, size);
    assert_true((size_t)prop_long(message, PR_MESSAGE_SIZE) > size);
    release_last(stream);
    release_last(deep);
    release_last(inner);
    release_last(attach);
    release_last(message);
    free(bytes);
    free(room);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(embedded__three_saves__there_again),
        INBOX_TEST(embedded__a_save_missing__not_there),
        INBOX_TEST(embedded__saved_in_many_orders__last_one_counts),
        INBOX_TEST(embedded__bytes_set_instead__message_gone),
        INBOX_TEST(embedded__replaced_and_saved_again__deleted),
        INBOX_TEST(embedded__two_hundred_deep__all_there),
        INBOX_TEST(embedded__too_deep__refused),
        INBOX_TEST(embedded__large_data__kept_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
