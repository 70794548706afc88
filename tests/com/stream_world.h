/* SPDX-License-Identifier: MIT */
/*
 * stream_world.h - what tests of streams share: messages with a stream on a property, bytes of
 * their own, and what is stored of them.
 */
#ifndef STREAM_WORLD_H
#define STREAM_WORLD_H

#include "support/support.h"

#define DATA PROP_TAG(PT_BINARY, 0x6700)

enum { LARGE = 3000000 };

static inline IMessage *create(struct fixture *fx)
{
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static inline void save(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

static inline IMessage *reopen(struct fixture *fx, IMessage *message)
{
    SPropValue *id = prop_get(message, PR_ENTRYID);

    release_last(message);
    message = message_open(fx->store, id);
    mapi_free(id);
    return message;
}

static inline HRESULT try_open(
        void *object, ULONG tag, LPCIID iid, ULONG options, ULONG flags, IStream **out)
{
    IMAPIProp *prop = object;
    LPUNKNOWN stream = POISON;
    HRESULT hr = prop->lpVtbl->OpenProperty(prop, tag, iid, options, flags, &stream);

    if (FAILED(hr))
        assert_null(stream);
    *out = (IStream *)(void *)stream;
    return hr;
}

static inline IStream *open_stream(void *object, ULONG tag, ULONG flags)
{
    IStream *stream = NULL;

    assert_ok(try_open(object, tag, &IID_IStream, 0, flags, &stream));
    return stream;
}

static inline IStream *create_stream(void *object, ULONG tag)
{
    return open_stream(object, tag, MAPI_CREATE | MAPI_MODIFY);
}

static inline void write_all(IStream *stream, const void *bytes, size_t size)
{
    ULONG done = POISON_LONG;

    assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)size, &done));
    assert_int_equal(done, size);
}

static inline uint64_t seek(IStream *stream, int64_t move, DWORD origin)
{
    LARGE_INTEGER by;
    ULARGE_INTEGER at;

    by.QuadPart = move;
    assert_ok(stream->lpVtbl->Seek(stream, by, origin, &at));
    return at.QuadPart;
}

static inline HRESULT set_size(IStream *stream, uint64_t size)
{
    ULARGE_INTEGER to;

    to.QuadPart = size;
    return stream->lpVtbl->SetSize(stream, to);
}

static inline uint64_t size_of(IStream *stream)
{
    STATSTG stat;

    memset(&stat, 0xCC, sizeof(stat));
    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    assert_int_equal(stat.type, STGTY_STREAM);
    assert_null(stat.pwcsName);
    return stat.cbSize.QuadPart;
}

/* The rest of the stream is these bytes. */
static inline void assert_rest(IStream *stream, const void *expected, size_t size)
{
    BYTE *room = malloc(size + 1);
    ULONG done = POISON_LONG;

    assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)size + 1, &done));
    assert_int_equal(done, size);
    assert_memory_equal(room, expected, size);
    free(room);
}

static inline void assert_stored(void *object, ULONG tag, const void *expected, size_t size)
{
    IStream *stream = open_stream(object, tag, 0);

    assert_int_equal(size_of(stream), size);
    assert_rest(stream, expected, size);
    release_last(stream);
}

static inline BYTE *make_bytes(size_t size)
{
    BYTE *bytes = malloc(size);

    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (BYTE)(i * 13 + (i >> 8) * 7 + (i >> 16));
    return bytes;
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

#endif
