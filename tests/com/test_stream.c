/* SPDX-License-Identifier: MIT */
/*
 * test_stream.c - properties through IStream, on messages, attachments and folders.
 */
#include "stream_world.h"

/* --- opening ---------------------------------------------------------------------------------- */

/* IMAPIProp.OpenProperty.1 IMAPIProp.OpenProperty.2 IMAPIProp.OpenProperty.3
 * IMAPIProp.OpenProperty.8 IMAPIProp.OpenProperty.17 */
static void open__what_cannot_be__its_code(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream;

    assert_hr(try_open(message, PROP_TAG(PT_UNSPECIFIED, 0x6700), &IID_IStream, 0, 0, &stream),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(try_open(message, DATA, NULL, 0, 0, &stream), MAPI_E_INVALID_PARAMETER);
    assert_hr(try_open(message, DATA, &IID_IStream, 0, 0, &stream), MAPI_E_NOT_FOUND);
    assert_hr(try_open(message, DATA, &IID_IStream, 0, MAPI_MODIFY, &stream), MAPI_E_NOT_FOUND);
    assert_hr(try_open(message, PR_IMPORTANCE, &IID_IStream, 0, 0, &stream),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_hr(try_open(message, DATA, &IID_IMAPITable, 0, 0, &stream),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_true(FAILED(try_open(message, PR_ENTRYID, &IID_IStream, 0, MAPI_MODIFY, &stream)));
    assert_ok(try_open(message, PR_SEARCH_KEY, &IID_IStream, 0, 0, &stream));
    assert_int_equal(size_of(stream), 16);
    release_last(stream);
    release_last(message);
}

/* As SetProps would answer. */
static void open__well_known_property_as_another_type__refused(void **state)
{
    static const ULONG tags[] = { CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_BINARY),
        CHANGE_PROP_TYPE(PR_IMPORTANCE, PT_BINARY) };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream = NULL;

    prop_set_text(message, PR_SUBJECT_W, "subject");
    for (size_t i = 0; i < MSP_COUNT_OF(tags); i++)
        assert_hr(try_open(message, tags[i], &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream),
                MAPI_E_UNEXPECTED_TYPE);
    prop_assert_text(message, PR_SUBJECT_W, "subject");
    assert_int_equal(prop_long(message, PR_IMPORTANCE), IMPORTANCE_NORMAL);
    release_last(message);
}

/* Too long to be judged as SetProps does: refused when it is to count, and nothing has changed. */
static void write__class_that_is_a_large_value__refused(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    BYTE *bytes = make_bytes(200000);
    IStream *stream;

    prop_set_text(message, PR_MESSAGE_CLASS_W, "IPM.Note");
    for (size_t size = 600; size <= 200000; size += 199400) {
        stream = create_stream(message, PR_MESSAGE_CLASS_W);
        write_all(stream, bytes, size);
        assert_true(FAILED(stream->lpVtbl->Commit(stream, STGC_DEFAULT)));
        release_last(stream);
        prop_assert_text(message, PR_MESSAGE_CLASS_W, "IPM.Note");
    }
    free(bytes);
    release_last(message);
}

/* IStream.Open.1 IStream.Open.2 IStream.Open.3 IStream.Open.5 IMAPIProp.OpenProperty.9 */
static void open__read_only__reads_all_writes_nothing(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream;
    ULONG done = POISON_LONG;

    prop_set_binary(message, DATA, "hello", 5);
    assert_ok(try_open(message, DATA, &IID_IStream, STGM_READWRITE, 0, &stream));
    assert_int_equal(seek(stream, 0, STREAM_SEEK_CUR), 0);
    assert_hr(stream->lpVtbl->Write(stream, "x", 1, &done), STG_E_ACCESSDENIED);
    assert_int_equal(done, 0);
    assert_hr(set_size(stream, 0), STG_E_ACCESSDENIED);
    assert_rest(stream, "hello", 5);
    release_last(stream);
    save(message);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    assert_hr(try_open(message, DATA, &IID_IStream, 0, MAPI_MODIFY, &stream), MAPI_E_NO_ACCESS);
    assert_hr(try_open(message, DATA, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream),
            MAPI_E_NO_ACCESS);
    assert_stored(message, DATA, "hello", 5);
    release_last(message);
}

/* IMAPIProp.OpenProperty.4 IMAPIProp.OpenProperty.5 IMAPIProp.OpenProperty.6
 * IMAPIProp.OpenProperty.7 */
static void open__create__starts_empty(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream = create_stream(message, DATA);

    assert_int_equal(size_of(stream), 0);
    release_last(stream);
    assert_stored(message, DATA, "", 0);
    prop_set_binary(message, DATA, "old", 3);
    stream = open_stream(message, DATA, MAPI_MODIFY);
    write_all(stream, "O", 1);
    release_last(stream);
    assert_stored(message, DATA, "Old", 3);
    stream = open_stream(message, DATA, MAPI_CREATE);
    assert_int_equal(size_of(stream), 0);
    write_all(stream, "n", 1);
    release_last(stream);
    assert_stored(message, DATA, "n", 1);
    release_last(message);
}

/* IMAPIProp.SaveChanges.13: an object that is for reading now has no stream for writing. */
static void write__object_saved_for_reading__refused(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IAttach *attach = NULL;
    IStream *on_message = create_stream(message, DATA);
    IStream *on_attach;
    ULONG done = POISON_LONG;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    on_attach = create_stream(attach, PR_ATTACH_DATA_BIN);
    write_all(on_message, "saved", 5);
    write_all(on_attach, "saved", 5);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READONLY));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));

    assert_hr(on_message->lpVtbl->Write(on_message, "x", 1, &done), STG_E_ACCESSDENIED);
    assert_int_equal(done, 0);
    assert_hr(set_size(on_message, 0), STG_E_ACCESSDENIED);
    assert_hr(on_attach->lpVtbl->Write(on_attach, "x", 1, &done), STG_E_ACCESSDENIED);
    release_last(on_message);
    release_last(on_attach);
    assert_stored(message, DATA, "saved", 5);
    assert_stored(attach, PR_ATTACH_DATA_BIN, "saved", 5);
    release_last(attach);
    release_last(message);
}

/* IStream.Open.4 */
static void open__append__positioned_at_the_end(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream;

    prop_set_binary(message, DATA, "ab", 2);
    stream = open_stream(message, DATA, MAPI_MODIFY | STREAM_APPEND);
    write_all(stream, "cd", 2);
    release_last(stream);
    assert_stored(message, DATA, "abcd", 4);
    release_last(message);
}

/* IStream.Open.6 IStream.Open.7 IStream.Exclusive.1 */
static void open__twice__last_one_counts(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *a, *b;

    prop_set_binary(message, DATA, "start", 5);
    prop_set_text(message, PR_SUBJECT_W, "other");
    assert_ok(try_open(
            message, DATA, &IID_IStream, STGM_TRANSACTED | STGM_READWRITE, MAPI_MODIFY, &a));
    b = open_stream(message, DATA, MAPI_MODIFY);
    write_all(a, "A", 1);
    write_all(b, "B", 1);
    prop_set_binary(message, DATA, "set", 3);
    release_last(a);
    release_last(b);
    assert_stored(message, DATA, "Btart", 5);
    prop_assert_text(message, PR_SUBJECT_W, "other");
    release_last(message);
}

/* --- the bytes -------------------------------------------------------------------------------- */

/* IStream.Read.1 IStream.Write.1 IStream.Seek.1 IStream.SetSize.1 IStream.Stat.1 */
static void small__read_write_seek_size__as_documented(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream = create_stream(message, DATA);
    LARGE_INTEGER before = { .QuadPart = -1 };
    BYTE room[8] = "zzzzzzz";
    ULONG done = POISON_LONG;

    write_all(stream, "abc", 3);
    assert_int_equal(seek(stream, 0, STREAM_SEEK_END), 3);
    assert_ok(stream->lpVtbl->Read(stream, room, 4, &done));
    assert_int_equal(done, 0);
    assert_int_equal(seek(stream, 2, STREAM_SEEK_CUR), 5);
    write_all(stream, "f", 1);
    assert_int_equal(size_of(stream), 6);
    assert_int_equal(seek(stream, -6, STREAM_SEEK_END), 0);
    assert_rest(stream, "abc\0\0f", 6);
    assert_ok(set_size(stream, 2));
    assert_ok(set_size(stream, 4));
    seek(stream, 0, STREAM_SEEK_SET);
    assert_rest(stream, "ab\0\0", 4);
    assert_ok(set_size(stream, 0));
    assert_int_equal(size_of(stream), 0);
    assert_hr(stream->lpVtbl->Seek(stream, before, STREAM_SEEK_SET, NULL), STG_E_INVALIDFUNCTION);
    assert_hr(stream->lpVtbl->Seek(stream, before, 7, NULL), STG_E_INVALIDFUNCTION);
    assert_int_equal(seek(stream, 1000, STREAM_SEEK_SET), 1000);
    assert_ok(stream->lpVtbl->Read(stream, room, 4, NULL));
    assert_hr(stream->lpVtbl->Read(stream, NULL, 4, &done), STG_E_INVALIDPOINTER);
    assert_hr(stream->lpVtbl->Write(stream, NULL, 4, &done), STG_E_INVALIDPOINTER);
    assert_hr(stream->lpVtbl->LockRegion(stream, (ULARGE_INTEGER){ 0 }, (ULARGE_INTEGER){ 0 }, 0),
            STG_E_INVALIDFUNCTION);
    assert_hr(stream->lpVtbl->UnlockRegion(stream, (ULARGE_INTEGER){ 0 }, (ULARGE_INTEGER){ 0 }, 0),
            STG_E_INVALIDFUNCTION);
    release_last(stream);
    assert_stored(message, DATA, "", 0);
    release_last(message);
}

/* What a property is: its bytes, or nothing. */
static void assert_now(void *object, ULONG tag, const void *bytes, size_t size)
{
    IStream *stream;

    if (bytes)
        assert_stored(object, tag, bytes, size);
    else
        assert_hr(try_open(object, tag, &IID_IStream, 0, 0, &stream), MAPI_E_NOT_FOUND);
}

/* Written and reverted: neither the stream nor the property has it, and the stream goes on. */
static void check_revert(void *object, ULONG tag, ULONG flags, const BYTE *bytes, size_t size)
{
    IStream *stream = open_stream(object, tag, flags);
    IStream *clone = NULL;

    assert_ok(stream->lpVtbl->Clone(stream, &clone));
    write_all(stream, bytes + 2, 90000);
    assert_ok(stream->lpVtbl->Revert(stream));
    seek(clone, 0, STREAM_SEEK_SET);
    assert_rest(clone, bytes, size);
    release_last(clone);
    release_last(stream);
    assert_now(object, tag, size > 0 ? bytes : NULL, size);

    stream = open_stream(object, tag, MAPI_CREATE | MAPI_MODIFY);
    write_all(stream, "ab", 2);
    assert_ok(stream->lpVtbl->Commit(stream, STGC_DEFAULT));
    write_all(stream, bytes, 80000);
    assert_ok(stream->lpVtbl->Revert(stream));
    assert_ok(stream->lpVtbl->Revert(stream)); /* nothing more to take back */
    assert_int_equal(size_of(stream), 2);
    seek(stream, 1, STREAM_SEEK_SET);
    write_all(stream, "Bc", 2);
    release_last(stream);
    assert_now(object, tag, "aBc", PROP_TYPE(tag) == PT_UNICODE ? 2 : 3); /* whole characters */
}

/* Of a property that has `size` bytes, or is absent. */
static void revert_on(IMAPIProp *object, ULONG tag, const BYTE *bytes, size_t size)
{
    for (int create = 0; create < 2; create++) {
        SPropTagArray one = { 1, { tag } };

        assert_ok(object->lpVtbl->DeleteProps(object, &one, NULL));
        if (size > 0) {
            IStream *stream = create_stream(object, tag);

            write_all(stream, bytes, size);
            release_last(stream);
        }
        if (size > 0 || create)
            check_revert(object, tag, create ? MAPI_CREATE : MAPI_MODIFY, bytes, size);
    }
}

/* Half a value is taken back as a whole, on every object and in every form; what was committed
 * stays. */
static void revert__what_was_not_committed__as_before(void **state)
{
    static const ULONG tags[] = { DATA, PROP_TAG(PT_STRING8, 0x6801), PROP_TAG(PT_UNICODE, 0x6802),
        PR_ATTACH_DATA_BIN };
    static const size_t sizes[] = { 0, 8, 70000 };
    struct fixture *fx = *state;
    IMAPIFolder *folder = folder_make(fx->inbox, "Reverted");
    IMessage *message = create(fx);
    BYTE *bytes = malloc(100000);
    IAttach *attach = NULL;
    ULONG number;

    assert_non_null(bytes);
    for (size_t i = 0; i < 100000; i++)
        bytes[i] = (BYTE)('a' + i % 26);
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    for (size_t i = 0; i < MSP_COUNT_OF(tags); i++) {
        for (size_t j = 0; j < MSP_COUNT_OF(sizes); j++) {
            revert_on((IMAPIProp *)folder, tags[i], bytes, sizes[j]);
            revert_on((IMAPIProp *)message, tags[i], bytes, sizes[j]);
            revert_on((IMAPIProp *)attach, tags[i], bytes, sizes[j]);
        }
    }
    release_last(attach);
    release_last(message);
    release_last(folder);
    free(bytes);
}

/* IStream.Read.2 IStream.Commit.1 IMAPIProp.SetProps.17: written in pieces, saved, read in pieces,
 * changed in the middle. */
static void large__on_attachment__whole_after_saves(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    BYTE *bytes = make_bytes(LARGE);
    LPATTACH attach = NULL;
    IStream *stream;
    ULONG number;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    stream = create_stream(attach, PR_ATTACH_DATA_BIN);
    for (size_t at = 0; at < LARGE; at += 7777)
        write_all(stream, bytes + at, LARGE - at < 7777 ? LARGE - at : 7777);
    assert_ok(stream->lpVtbl->Commit(stream, STGC_DEFAULT));
    release_last(stream);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    assert_true(prop_long(attach, PR_ATTACH_SIZE) >= LARGE);
    release_last(attach);
    save(message);
    message = reopen(fx, message);
    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, MAPI_MODIFY, &attach));
    assert_null(prop_get(attach, PR_ATTACH_DATA_BIN));
    assert_stored(attach, PR_ATTACH_DATA_BIN, bytes, LARGE);

    stream = open_stream(attach, PR_ATTACH_DATA_BIN, MAPI_MODIFY);
    seek(stream, 1234567, STREAM_SEEK_SET);
    write_all(stream, bytes, 7);
    release_last(stream);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    release_last(attach);
    {
        IMessage *other = NULL;
        SPropValue *id = prop_get(message, PR_ENTRYID);

        other = message_open(fx->store, id); /* not saved yet: the old bytes */
        assert_ok(other->lpVtbl->OpenAttach(other, number, NULL, 0, &attach));
        assert_stored(attach, PR_ATTACH_DATA_BIN, bytes, LARGE);
        release_last(attach);
        release_last(other);
        mapi_free(id);
    }
    save(message);
    memcpy(bytes + 1234567, bytes, 7);
    message = reopen(fx, message);
    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach));
    assert_stored(attach, PR_ATTACH_DATA_BIN, bytes, LARGE);
    release_last(attach);
    release_last(message);
    free(bytes);
}

/* IStream.Commit.2 IStream.Commit.3 IStream.Commit.4 */
static void commit__object_not_saved__lost(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream;
    SPropValue *value;

    save(message);
    stream = create_stream(message, DATA);
    write_all(stream, "pending", 7);
    assert_null(prop_get(message, DATA));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    value = prop_get(message, DATA);
    assert_non_null(value);
    assert_int_equal(value->Value.bin.cb, 7);
    mapi_free(value);
    write_all(stream, "!", 1);
    release_last(stream);
    assert_stored(message, DATA, "pending!", 8);
    message = reopen(fx, message);
    assert_null(prop_get(message, DATA));
    release_last(message);
}

/* What is written after a save does not reach what was saved. */
static void large__written_after_save__saved_value_stays(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    BYTE *bytes = make_bytes(LARGE);
    IStream *stream = create_stream(message, DATA);

    write_all(stream, bytes, LARGE);
    save(message); /* takes along what is in open streams */
    seek(stream, 0, STREAM_SEEK_SET);
    write_all(stream, "zzz", 3);
    release_last(stream);
    message = reopen(fx, message);
    assert_stored(message, DATA, bytes, LARGE);
    release_last(message);
    free(bytes);
}

/* Values that were written and given up leave no bytes in the file. */
static void large__never_saved__gone_after_logoff(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    BYTE *bytes = make_bytes(LARGE);
    IStream *stream = create_stream(message, DATA);
    IStream *dead;

    write_all(stream, bytes, LARGE);
    fixture_reopen(fx);
    assert_hr(stream->lpVtbl->Write(stream, "x", 1, NULL), MAPI_E_INVALID_OBJECT);
    assert_hr(stream->lpVtbl->Commit(stream, 0), MAPI_E_INVALID_OBJECT);
    dead = POISON;
    assert_hr(stream->lpVtbl->Clone(stream, &dead), MAPI_E_INVALID_OBJECT);
    assert_null(dead);
    release_last(stream);
    release_last(message);
    free(bytes);
}

/* --- CopyTo, Clone ---------------------------------------------------------------------------- */

/* IStream.CopyTo.1 */
static void copy_to__any_stream__both_directions(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    BYTE *bytes = make_bytes(LARGE);
    IStream *theirs = host_stream_new(bytes, LARGE);
    IStream *back = host_stream_new(NULL, 0);
    IStream *mine = create_stream(message, DATA);
    IStream *second = create_stream(message, PROP_TAG(PT_BINARY, 0x6701));
    ULARGE_INTEGER all = { .QuadPart = UINT64_MAX };
    ULARGE_INTEGER some = { .QuadPart = 100 };
    ULARGE_INTEGER got, put;
    size_t size = 0;

    assert_ok(theirs->lpVtbl->CopyTo(
            theirs, mine, (ULARGE_INTEGER){ .QuadPart = LARGE }, NULL, NULL));
    assert_int_equal(size_of(mine), LARGE);
    seek(mine, 0, STREAM_SEEK_SET);
    assert_ok(mine->lpVtbl->CopyTo(mine, back, some, &got, &put));
    assert_int_equal(got.QuadPart, 100);
    assert_int_equal(put.QuadPart, 100);
    assert_int_equal(seek(mine, 0, STREAM_SEEK_CUR), 100);
    assert_ok(mine->lpVtbl->CopyTo(mine, back, all, &got, &put));
    assert_int_equal(got.QuadPart, LARGE - 100);
    assert_memory_equal(host_stream_bytes(back, &size), bytes, LARGE);
    assert_int_equal(size, LARGE);
    seek(mine, 0, STREAM_SEEK_SET);
    assert_ok(mine->lpVtbl->CopyTo(
            mine, second, all, NULL, NULL)); /* one of ours: no lock is held around it */
    assert_int_equal(size_of(second), LARGE);

    host_stream_fail(back, 70000, STG_E_MEDIUMFULL);
    seek(mine, 0, STREAM_SEEK_SET);
    assert_hr(mine->lpVtbl->CopyTo(mine, back, all, &got, &put), STG_E_MEDIUMFULL);
    assert_true(put.QuadPart <= 70000);
    assert_hr(mine->lpVtbl->CopyTo(mine, NULL, all, &got, &put), STG_E_INVALIDPOINTER);
    assert_int_equal(got.QuadPart, 0);
    release_last(theirs);
    release_last(back);
    release_last(mine);
    release_last(second);
    release_last(message);
    free(bytes);
}

/* A stream that is copied to its own end, or through a clone, would never come to it: what it had
 * at the start is all. */
static void copy_to__itself__ends(void **state)
{
    static const size_t sizes[] = { 5, 100000 };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULARGE_INTEGER all = { .QuadPart = UINT64_MAX };

    for (int i = 0; i < 4; i++) {
        size_t size = sizes[i / 2];
        BYTE *bytes = make_bytes(2 * size);
        IStream *stream = create_stream(message, DATA);
        ULARGE_INTEGER done = { 0 };
        IStream *clone = NULL;

        write_all(stream, bytes, size);
        assert_ok(stream->lpVtbl->Clone(stream, &clone));
        if (i % 2 == 0) { /* from its beginning to its end */
            seek(stream, 0, STREAM_SEEK_SET);
            assert_ok(stream->lpVtbl->CopyTo(stream, clone, all, &done, NULL));
            memcpy(bytes + size, bytes, size);
            assert_int_equal(size_of(stream), 2 * size);
            seek(clone, 0, STREAM_SEEK_SET);
            assert_rest(clone, bytes, 2 * size);
            assert_int_equal(done.QuadPart, size);
        } else { /* one place for both: what is read moves it */
            seek(stream, 0, STREAM_SEEK_SET);
            assert_ok(stream->lpVtbl->CopyTo(stream, stream, all, &done, NULL));
            assert_true(size_of(stream) <= 2 * size);
        }
        release_last(clone);
        release_last(stream);
        free(bytes);
    }
    release_last(message);
}

/* IStream.Clone.1 */
static void clone__same_bytes__own_place(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream = create_stream(message, DATA);
    IStream *copy = NULL;

    write_all(stream, "abcdef", 6);
    seek(stream, 2, STREAM_SEEK_SET);
    assert_ok(stream->lpVtbl->Clone(stream, &copy));
    assert_int_equal(seek(copy, 0, STREAM_SEEK_CUR), 2);
    assert_rest(copy, "cdef", 4);
    assert_int_equal(seek(stream, 0, STREAM_SEEK_CUR), 2);
    write_all(copy, "gh", 2);
    assert_rest(stream, "cdefgh", 6);
    release_last(stream);
    write_all(copy, "i", 1);
    release_last(copy);
    assert_stored(message, DATA, "abcdefghi", 9);
    release_last(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(open__what_cannot_be__its_code),
        INBOX_TEST(open__well_known_property_as_another_type__refused),
        INBOX_TEST(write__class_that_is_a_large_value__refused),
        INBOX_TEST(open__read_only__reads_all_writes_nothing),
        INBOX_TEST(open__create__starts_empty),
        INBOX_TEST(write__object_saved_for_reading__refused),
        INBOX_TEST(open__append__positioned_at_the_end),
        INBOX_TEST(open__twice__last_one_counts),
        INBOX_TEST(small__read_write_seek_size__as_documented),
        INBOX_TEST(revert__what_was_not_committed__as_before),
        INBOX_TEST(large__on_attachment__whole_after_saves),
        INBOX_TEST(commit__object_not_saved__lost),
        INBOX_TEST(large__written_after_save__saved_value_stays),
        INBOX_TEST(large__never_saved__gone_after_logoff),
        INBOX_TEST(copy_to__any_stream__both_directions),
        INBOX_TEST(copy_to__itself__ends),
        INBOX_TEST(clone__same_bytes__own_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
