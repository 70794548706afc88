/* SPDX-License-Identifier: MIT */
/*
 * fuzz_stream.c - calls on streams and their clones, in any order and at any place: { u8 form,
 * steps of { u8 what, u8 size, u32 place } }.
 *
 * What they hold is what an array would hold after the same calls.
 */
#include "fuzz_world.h"

enum { ROOM = 300000, CLONES = 3, STEPS = 60 };

struct streams {
    IStream *streams[CLONES]; /* NULL: not open */
    uint64_t at[CLONES];
    size_t size;
    bool failed; /* a call ran out of memory: the array may say something else */
    uint8_t *bytes;
    uint8_t *room;
};

static void do_seek(struct streams *all, unsigned i, uint8_t how, uint32_t place)
{
    LARGE_INTEGER move = { .QuadPart = place % ROOM };
    ULARGE_INTEGER at = { .QuadPart = 1 };
    uint64_t from = 0;
    HRESULT hr;

    if (how % 4 == 1)
        from = all->at[i];
    else if (how % 4 == 2)
        from = all->size;
    if (how & 4)
        move.QuadPart = -move.QuadPart;
    if (how & 8)
        move.QuadPart = (int64_t)((uint64_t)place << 32 | place);
    hr = all->streams[i]->lpVtbl->Seek(all->streams[i], move, how % 4, &at);
    if (FAILED(hr)) {
        REQUIRE(at.QuadPart == 0);
        return;
    }
    REQUIRE(how % 4 != 3);
    REQUIRE(at.QuadPart == from + (uint64_t)move.QuadPart && at.QuadPart <= INT64_MAX);
    all->at[i] = at.QuadPart;
}

static void do_write(struct streams *all, unsigned i, uint8_t size, uint32_t place)
{
    size_t count = (size_t)size * (place & 1 ? 300 : 1);
    ULONG done = 77;
    HRESULT hr;

    if (all->at[i] > ROOM - count)
        return;
    memset(all->room, (int)(place >> 8), count);
    hr = all->streams[i]->lpVtbl->Write(all->streams[i], all->room, (ULONG)count, &done);
    if (FAILED(hr)) {
        REQUIRE(done == 0);
        all->failed = true;
        return;
    }
    REQUIRE(done == count);
    if (count > 0)
        memcpy(all->bytes + all->at[i], all->room, count);
    all->at[i] += count;
    if (count > 0 && all->at[i] > all->size)
        all->size = (size_t)all->at[i];
}

static void do_read(struct streams *all, unsigned i, uint32_t place)
{
    size_t left = all->at[i] < all->size ? all->size - (size_t)all->at[i] : 0;
    size_t count = place % ROOM;
    ULONG done = 77;
    HRESULT hr = all->streams[i]->lpVtbl->Read(all->streams[i], all->room, (ULONG)count, &done);

    if (FAILED(hr)) {
        REQUIRE(done == 0);
        return;
    }
    if (!all->failed) {
        REQUIRE(done == (count < left ? count : left));
        REQUIRE(done == 0 || memcmp(all->room, all->bytes + all->at[i], done) == 0);
    }
    all->at[i] += done;
}

static void do_resize(struct streams *all, unsigned i, uint8_t how, uint32_t place)
{
    ULARGE_INTEGER size = { .QuadPart = place % ROOM };

    if (how == 0xFF) {
        size.QuadPart = (uint64_t)(place | 0x8000) << 32;
        REQUIRE(FAILED(all->streams[i]->lpVtbl->SetSize(all->streams[i], size)));
        return;
    }
    if (FAILED(all->streams[i]->lpVtbl->SetSize(all->streams[i], size))) {
        all->failed = true;
        return;
    }
    if (size.QuadPart < all->size)
        memset(all->bytes + size.QuadPart, 0, all->size - (size_t)size.QuadPart);
    all->size = (size_t)size.QuadPart;
}

static void do_clone(struct streams *all, unsigned i, unsigned to)
{
    IStream *clone = (IStream *)(uintptr_t)1;

    if (all->streams[to] != NULL) {
        if (to != 0) {
            REQUIRE(all->streams[to]->lpVtbl->Release(all->streams[to]) == 0);
            all->streams[to] = NULL;
        }
        return;
    }
    if (FAILED(all->streams[i]->lpVtbl->Clone(all->streams[i], &clone))) {
        REQUIRE(clone == NULL);
        return;
    }
    all->streams[to] = clone;
    all->at[to] = all->at[i];
}

static void step(struct streams *all, struct fuzz_input *input)
{
    uint8_t what = take_u8(input);
    uint8_t size = take_u8(input);
    uint32_t place = take_u32(input);
    unsigned i = (what >> 4) % CLONES;
    STATSTG stat;

    if (all->streams[i] == NULL)
        i = 0;
    switch (what % 8) {
    case 0:
        do_seek(all, i, size, place);
        break;
    case 1:
    case 2:
        do_write(all, i, size, place);
        break;
    case 3:
        do_read(all, i, place);
        break;
    case 4:
        do_resize(all, i, size, place);
        break;
    case 5:
        do_clone(all, i, size % CLONES);
        break;
    case 6:
        (void)all->streams[i]->lpVtbl->Commit(all->streams[i], size % 8);
        break;
    default:
        if (SUCCEEDED(all->streams[i]->lpVtbl->Stat(all->streams[i], &stat, STATFLAG_NONAME)))
            REQUIRE(all->failed || stat.cbSize.QuadPart == all->size);
        break;
    }
}

static void run(IMessage *message, struct fuzz_input *input)
{
    static const ULONG types[] = { PT_BINARY, PT_UNICODE, PT_STRING8 };
    ULONG tag = PROP_TAG(types[take_u8(input) % 3], 0x6800);
    struct streams all = { .size = 0 };
    LPUNKNOWN object = NULL;

    if (FAILED(message->lpVtbl->OpenProperty(
                message, tag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &object)))
        return;
    all.streams[0] = (IStream *)(void *)object;
    all.bytes = calloc(1, ROOM);
    all.room = malloc(ROOM);
    REQUIRE(all.bytes != NULL && all.room != NULL);
    for (unsigned i = 0; i < STEPS && input->size > 0; i++)
        step(&all, input);
    for (unsigned i = CLONES; i-- > 0;) {
        if (all.streams[i] != NULL)
            REQUIRE(all.streams[i]->lpVtbl->Release(all.streams[i]) == 0);
    }
    free(all.bytes);
    free(all.room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = { data, size };
    IMessage *message = fuzz_message();

    if (message == NULL)
        return 0;
    run(message, &input);
    REQUIRE(message->lpVtbl->Release(message) == 0);
    return 0;
}
