/* SPDX-License-Identifier: MIT */
/*
 * test_stream_sparse.c - an attachment of 5 GiB that is nearly all holes: what was written is there
 * after a save, beyond what 31 and 32 bits can count, and neither the memory nor the file grows
 * with the size.
 *
 * The process's peak of memory counts, so this test has a program of its own.
 */
#include "random_values.h"

#define GIB ((uint64_t)1 << 30)
#define WHOLE (5 * GIB)
#define SHORTER (3 * GIB + 5)

enum {
    MARK = 11, /* bytes */
    READS = 300,
    READ_MAX = 70000,
    FILE_MAX = 16 * 1024 * 1024,
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    MEMORY_MAX = 1024 * 1024 * 1024 /* they keep what is freed */
#else
    MEMORY_MAX = 16 * 1024 * 1024
#endif
};

/* Where something was written: across each boundary, and at both ends. */
static const uint64_t marks[] = { 0, 256 * 1024 - 5, GIB, 2 * GIB - 5, 2 * GIB + 256 * 1024 - 3,
    3 * GIB - 2, 4 * GIB - 5, 4 * GIB + 1000, WHOLE - MARK };

enum { MARKS = sizeof(marks) / sizeof(marks[0]) };

static char mark_byte(size_t mark, size_t i)
{
    return (char)('A' + mark * 3 + i);
}

/* What stands at a place of a value that was cut to `cut` bytes once. */
static void expect(uint64_t at, size_t size, uint64_t cut, char *out)
{
    memset(out, 0, size);
    for (size_t mark = 0; mark < MARKS; mark++) {
        for (size_t i = 0; i < MARK; i++) {
            uint64_t place = marks[mark] + i;

            if (place < cut && place >= at && place - at < size)
                out[place - at] = mark_byte(mark, i);
        }
    }
}

static uint64_t seek(IStream *stream, uint64_t to, DWORD origin)
{
    LARGE_INTEGER by;
    ULARGE_INTEGER at;

    by.QuadPart = (LONGLONG)to;
    assert_ok(stream->lpVtbl->Seek(stream, by, origin, &at));
    return at.QuadPart;
}

static void set_size(IStream *stream, uint64_t size)
{
    ULARGE_INTEGER to;

    to.QuadPart = size;
    assert_ok(stream->lpVtbl->SetSize(stream, to));
}

static void write_marks(IStream *stream)
{
    for (size_t mark = 0; mark < MARKS; mark++) {
        char bytes[MARK];
        ULONG done = POISON_LONG;

        for (size_t i = 0; i < MARK; i++)
            bytes[i] = mark_byte(mark, i);
        assert_int_equal(seek(stream, marks[mark], STREAM_SEEK_SET), marks[mark]);
        assert_ok(stream->lpVtbl->Write(stream, bytes, MARK, &done));
        assert_int_equal(done, MARK);
    }
}

static void check_place(IStream *stream, uint64_t at, size_t size, uint64_t cut)
{
    static char room[READ_MAX], expected[READ_MAX];
    ULONG done = POISON_LONG;

    assert_true(size <= READ_MAX);
    assert_true(seek(stream, at, STREAM_SEEK_SET) == at);
    assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)size, &done));
    if (size > WHOLE - at)
        size = (size_t)(WHOLE - at);
    assert_int_equal(done, size);
    expect(at, size, cut, expected);
    if (memcmp(room, expected, size) != 0)
        fail_msg(
                "other bytes in the %lu from %llu on", (unsigned long)size, (unsigned long long)at);
}

/* All marks, and anywhere. */
static void check(IStream *stream, uint64_t cut)
{
    struct random random = { 4711 };
    STATSTG stat;

    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    assert_true(stat.cbSize.QuadPart == WHOLE);
    assert_true(seek(stream, 0, STREAM_SEEK_END) == WHOLE);
    for (size_t mark = 0; mark < MARKS; mark++)
        check_place(stream, marks[mark], MARK, cut);
    for (unsigned i = 0; i < READS; i++) {
        uint64_t close_by = marks[any(&random, MARKS)];
        uint64_t at = any(&random, 2) == 0 ? close_by - any(&random, close_by < 1000 ? 1 : 1000)
                                           : (uint64_t)any(&random, WHOLE >> 10) << 10;

        check_place(stream, at, any(&random, READ_MAX), cut);
    }
}

static IStream *open_data(LPATTACH attach, ULONG flags)
{
    LPUNKNOWN stream = NULL;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, flags, &stream));
    return (IStream *)(void *)stream;
}

static void save_both(IMessage *message, LPATTACH attach)
{
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static long file_size(const char *path)
{
    FILE *file = host_fopen(path, "rb");
    long size;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    fclose(file);
    return size;
}

static void check_stored(struct fixture *fx, const SPropValue *id, uint64_t cut)
{
    IMessage *message = message_open(fx->store, id);
    LPATTACH attach = NULL;
    SPropValue *size;
    IStream *stream;

    assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, 0, &attach));
    assert_int_equal(prop_long(attach, PR_ATTACH_SIZE), INT32_MAX); /* as much as it can say */
    size = prop_get(message, PR_MESSAGE_SIZE_EXTENDED);
    assert_non_null(size);
    assert_true((uint64_t)size->Value.li.QuadPart >= WHOLE);
    mapi_free(size);
    stream = open_data(attach, 0);
    check(stream, cut);
    release_last(stream);
    release_last(attach);
    release_last(message);
}

/* IStream.Read.2 IStream.Write.1 IStream.Seek.1 IStream.SetSize.1 attachment.PR_ATTACH_SIZE.1 */
static void sparse__five_gib__read_anywhere_without_memory_or_disk(void **state)
{
    struct fixture *fx = *state;
    size_t before = host_memory_peak();
    IMessage *message = NULL;
    LPATTACH attach = NULL;
    SPropValue *id;
    IStream *stream;
    ULONG number = POISON_LONG;

    assert_true(before > 0);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_int_equal(number, 0);
    stream = open_data(attach, MAPI_CREATE | MAPI_MODIFY);
    set_size(stream, WHOLE);
    write_marks(stream);
    check(stream, WHOLE);
    assert_ok(stream->lpVtbl->Commit(stream, STGC_DEFAULT));
    release_last(stream);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);
    check_stored(fx, id, WHOLE);

    /* Made shorter and longer again, what was behind does not come back. */
    message = message_open(fx->store, id);
    assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, MAPI_MODIFY, &attach));
    stream = open_data(attach, MAPI_MODIFY);
    set_size(stream, SHORTER);
    set_size(stream, WHOLE);
    check(stream, SHORTER);
    assert_ok(stream->lpVtbl->Commit(stream, STGC_DEFAULT));
    release_last(stream);
    check_stored(fx, id, WHOLE); /* not saved yet */
    save_both(message, attach);
    fixture_reopen(fx);
    check_stored(fx, id, SHORTER);
    mapi_free(id);

    print_message("%lu KiB of memory, %ld KiB of disk\n",
            (unsigned long)(host_memory_peak() - before) / 1024, file_size(fx->path) / 1024);
    assert_true(host_memory_peak() - before <= MEMORY_MAX);
    assert_true(file_size(fx->path) <= FILE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sparse__five_gib__read_anywhere_without_memory_or_disk,
                fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests_name("stream_sparse", tests, NULL, NULL);
}
