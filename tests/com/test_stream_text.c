/* SPDX-License-Identifier: MIT */
/*
 * test_stream_text.c - IStream on text in both widths, and on what belongs to others than messages.
 */
#include "stream_world.h"

/* --- text ------------------------------------------------------------------------------------- */

/* IStream.Text.1 IStream.Text.2 IStream.Text.3 */
static void text__both_widths__one_value(void **state)
{
    static const WCHAR wide[] = MSP_W("Gr\u00fc\u00dfe");
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream = create_stream(message, PR_BODY_W);
    SPropValue *value;

    write_all(stream, wide, 10); /* no terminator */
    release_last(stream);
    prop_assert_text(message, PR_BODY_W,
            "Gr\xC3\xBC\xC3\x9F"
            "e");
    assert_stored(message, PR_BODY_W, wide, 10);
    assert_stored(message, PR_BODY_A,
            "Gr\xFC\xDF"
            "e",
            5);
    stream = create_stream(message, PR_BODY_A);
    write_all(stream, "\xE4ndern", 6);
    release_last(stream);
    prop_assert_text(message, PR_BODY_W, "\xC3\xA4ndern");
    value = prop_get(message, PR_BODY_A);
    assert_string_equal(value->Value.lpszA, "\xE4ndern");
    mapi_free(value);
    release_last(message);
}

/* message.PR_BODY.1 message.PR_TRANSPORT_MESSAGE_HEADERS.1 IMessage.BodySync.9 */
static void text__of_any_length__kept(void **state)
{
    static const ULONG tags[] = { PR_BODY_W, PR_TRANSPORT_MESSAGE_HEADERS_W };
    size_t count = 900000;
    WCHAR *text = malloc(count * 2);
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    BYTE *bytes = make_bytes(LARGE);
    IStream *stream;

    for (size_t i = 0; i < count; i++)
        text[i] = (WCHAR)(i % 1000 == 999 ? 0x4E2D : 'a' + i % 26);
    for (size_t i = 0; i < 2; i++) {
        stream = create_stream(message, tags[i]);
        write_all(stream, text, count * 2);
        release_last(stream);
    }
    stream = create_stream(message, PR_HTML);
    write_all(stream, bytes, LARGE);
    release_last(stream);
    save(message);
    message = reopen(fx, message);
    for (size_t i = 0; i < 2; i++)
        assert_stored(message, tags[i], text, count * 2);
    assert_stored(message, PR_HTML, bytes, LARGE);
    stream = open_stream(message, PR_BODY_W, 0);
    seek(stream, 999 * 2 + 500000 * 2, STREAM_SEEK_SET);
    {
        WCHAR unit = 0;
        ULONG done = 0;

        assert_ok(stream->lpVtbl->Read(stream, &unit, 2, &done));
        assert_int_equal(unit, text[999 + 500000]);
    }
    release_last(stream);
    release_last(message);
    free(text);
    free(bytes);
}

/* --- other owners, last words ----------------------------------------------------------------- */

/* IMAPIProp.Transaction.4: a folder has the value when its stream is committed. */
static void folder__stream_committed__stored_at_once(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = folder_make(fx->inbox, "sub");
    SPropValue *id = prop_get(folder, PR_ENTRYID);
    IStream *stream = create_stream(folder, PR_COMMENT_W);
    IMAPIFolder *other;

    write_all(stream, MSP_W("noted"), 10);
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    other = folder_open(fx->store, id);
    prop_assert_text(other, PR_COMMENT_W, "noted");
    release_last(other);
    release_last(stream);
    release_last(folder);
    mapi_free(id);
}

/* A folder's stream knows the folder as it was; what others do to it meanwhile is not undone. */
static void folder__changed_by_another__both_changes_stay(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = prop_get(fx->inbox, PR_ENTRYID);
    LPUNKNOWN again = NULL;
    IMAPIFolder *other;
    IStream *stream;
    ULONG type = 0;

    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, id->Value.bin.cb,
            (LPENTRYID)(void *)id->Value.bin.lpb, NULL, MAPI_MODIFY, &type, &again));
    other = (IMAPIFolder *)(void *)again;
    prop_set_binary(fx->inbox, DATA, "first", 5);
    stream = open_stream(fx->inbox, DATA, MAPI_MODIFY);
    write_all(stream, "F", 1);
    prop_set_text(other, PR_COMMENT_W, "other");
    release_last(stream);
    prop_assert_text(other, PR_COMMENT_W, "other");
    prop_assert_text(fx->inbox, PR_COMMENT_W, "other");
    assert_stored(other, DATA, "First", 5);

    stream = open_stream(fx->inbox, DATA, MAPI_MODIFY);
    write_all(stream, "x", 1);
    prop_set_binary(other, DATA, "second", 6);
    assert_ok(stream->lpVtbl->Revert(stream));
    seek(stream, 0, STREAM_SEEK_SET);
    assert_rest(stream, "second", 6);
    release_last(stream);
    assert_stored(fx->inbox, DATA, "second", 6);
    release_last(other);
    mapi_free(id);
}

/* A stream keeps what it belongs to alive. */
static void release__object_first__stream_works(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream;

    prop_set_binary(message, DATA, "hello", 5);
    stream = open_stream(message, DATA, MAPI_MODIFY);
    release_last(message);
    assert_rest(stream, "hello", 5);
    write_all(stream, "x", 1);
    release_last(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(text__both_widths__one_value),
        INBOX_TEST(text__of_any_length__kept),
        INBOX_TEST(folder__stream_committed__stored_at_once),
        INBOX_TEST(folder__changed_by_another__both_changes_stay),
        INBOX_TEST(release__object_first__stream_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
