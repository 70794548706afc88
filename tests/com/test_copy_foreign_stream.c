/* SPDX-License-Identifier: MIT */
/*
 * test_copy_foreign_stream.c - what the stream of another provider's object sees when a large value
 * of ours is copied to it: whole and committed, or reverted and never committed.
 */
#include "copy_veil.h"
#include "copy_world.h"

#define LARGE PROP_TAG(PT_BINARY, 0x6800)

/* A stream that keeps what it is asked, and fails when told. */
struct tape {
    IStream IStream_iface;
    ULONG refs, options, flags;
    unsigned writes, commits, reverts;
    size_t size;
    unsigned fail_write; /* the nth, 0: none */
    HRESULT write_hr;    /* S_OK: it takes half of what it was given */
    HRESULT commit_hr;
};

static struct tape tape;

static HRESULT STDMETHODCALLTYPE tape_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    (void)iface;
    (void)iid;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE tape_AddRef(IStream *iface)
{
    (void)iface;
    return ++tape.refs;
}

static ULONG STDMETHODCALLTYPE tape_Release(IStream *iface)
{
    (void)iface;
    return --tape.refs;
}

static HRESULT STDMETHODCALLTYPE tape_Write(
        IStream *iface, const void *bytes, ULONG size, ULONG *out_written)
{
    bool fails = ++tape.writes == tape.fail_write;

    (void)iface;
    (void)bytes;
    *out_written = 0;
    if (fails && FAILED(tape.write_hr))
        return tape.write_hr;
    *out_written = fails ? size / 2 : size;
    tape.size += *out_written;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE tape_Commit(IStream *iface, DWORD flags)
{
    (void)iface;
    (void)flags;
    tape.commits++;
    return tape.commit_hr;
}

static HRESULT STDMETHODCALLTYPE tape_Revert(IStream *iface)
{
    (void)iface;
    assert_int_equal(tape.refs, 1);
    tape.reverts++;
    return STG_E_INVALIDFUNCTION; /* one that cannot changes nothing */
}

static const IStreamVtbl tape_vtbl = {
    .QueryInterface = tape_QueryInterface,
    .AddRef = tape_AddRef,
    .Release = tape_Release,
    .Write = tape_Write,
    .Commit = tape_Commit,
    .Revert = tape_Revert,
};

static HRESULT STDMETHODCALLTYPE open_tape(
        IMessage *iface, ULONG tag, LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *out)
{
    (void)iface;
    assert_int_equal(tag, LARGE);
    assert_true(IsEqualGUID(iid, &IID_IStream));
    tape.IStream_iface.lpVtbl = &tape_vtbl;
    tape.refs = 1;
    tape.options = options;
    tape.flags = flags;
    *out = (LPUNKNOWN)(void *)&tape.IStream_iface;
    return S_OK;
}

/* A message of ours with a large value goes to one whose stream is the tape: what became of the
 * value, or of all. */
static SCODE copy_to_tape(struct fixture *fx, bool only_listed)
{
    IMessageVtbl vtbl = veil_vtbl;
    SPropTagArray tags = { 1, { LARGE } };
    unsigned char *bytes = copy_bytes(COPY_LARGE, 5);
    LPSPropProblemArray problems = NULL;
    IMessage *from = NULL;
    IMessage *to = NULL;
    struct veil veil;
    SCODE code = S_OK;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &from));
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &to));
    prop_set_binary(from, LARGE, bytes, COPY_LARGE);
    assert_ok(from->lpVtbl->SaveChanges(from, KEEP_OPEN_READWRITE));
    (void)veil_over(&veil, to, &IID_IMessage);
    vtbl.OpenProperty = open_tape;
    veil.IMessage_iface.lpVtbl = &vtbl;
    code = only_listed ? from->lpVtbl->CopyProps(from, &tags, 0, NULL, &IID_IMessage,
                                 &veil.IMessage_iface, 0, &problems)
                       : from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage,
                                 &veil.IMessage_iface, 0, &problems);
    for (ULONG i = 0; problems && i < problems->cProblem; i++) {
        if (problems->aProblem[i].ulPropTag == LARGE)
            code = problems->aProblem[i].scode;
    }
    mapi_free(problems);
    assert_int_equal(tape.refs, 0);
    assert_int_equal(veil.refs, 1);
    release_last(to);
    release_last(from);
    free(bytes);
    return code;
}

static void copy__foreign_stream_takes_it__committed_once(void **state)
{
    for (int i = 0; i < 2; i++) {
        memset(&tape, 0, sizeof(tape));
        assert_hr(copy_to_tape(*state, i == 0), S_OK);
        assert_int_equal(tape.size, COPY_LARGE);
        assert_int_equal(tape.commits, 1);
        assert_int_equal(tape.reverts, 0);
        assert_int_equal(tape.flags, MAPI_CREATE | MAPI_MODIFY);
        assert_int_equal(tape.options, STGM_READWRITE); /* the page of OpenProperty asks for it */
    }
}

static void copy__foreign_stream_fails__reverted_and_not_committed(void **state)
{
    unsigned writes;

    memset(&tape, 0, sizeof(tape));
    assert_hr(copy_to_tape(*state, true), S_OK);
    writes = tape.writes;
    assert_true(writes > 2);
    for (unsigned i = 0; i < writes * 2; i++) {
        memset(&tape, 0, sizeof(tape));
        tape.fail_write = 1 + i / 2;
        tape.write_hr = i % 2 == 0 ? STG_E_WRITEFAULT : S_OK;
        assert_hr(copy_to_tape(*state, i % 3 == 0),
                i % 2 == 0 ? STG_E_WRITEFAULT : MAPI_E_NOT_ENOUGH_DISK);
        assert_int_equal(tape.commits, 0);
        assert_int_equal(tape.reverts, 1);
        assert_int_equal(tape.writes, tape.fail_write);
    }
}

static void copy__foreign_stream_does_not_commit__reverted(void **state)
{
    memset(&tape, 0, sizeof(tape));
    tape.commit_hr = STG_E_MEDIUMFULL;
    assert_hr(copy_to_tape(*state, true), STG_E_MEDIUMFULL);
    assert_int_equal(tape.commits, 1);
    assert_int_equal(tape.reverts, 1);
}

/* Problems of values that were not in the list. */
static HRESULT STDMETHODCALLTYPE set_with_wild_problems(
        IMessage *iface, ULONG count, LPSPropValue values, LPSPropProblemArray *out)
{
    LPVOID block = NULL;

    (void)iface;
    assert_true(count > 0);
    assert_int_equal(host_mem_trio(0)->allocate(
                             sizeof(SPropProblemArray) + 2 * sizeof(SPropProblem), &block),
            S_OK);
    *out = block;
    (*out)->cProblem = 3;
    for (ULONG i = 0; i < 3; i++) {
        SPropProblem *problem = &(*out)->aProblem[i];

        problem->ulIndex = i == 0 ? 0 : i == 1 ? 0x00FFFFFF : 0xFFFFFFFF;
        problem->ulPropTag = values[0].ulPropTag;
        problem->scode = MAPI_E_UNEXPECTED_TYPE;
    }
    return S_OK;
}

static void copy_props__wild_problems_of_a_foreign_target__passed_over(void **state)
{
    SPropTagArray tags = { 1, { PR_SUBJECT_W } };
    struct fixture *fx = *state;
    IMessageVtbl vtbl = veil_vtbl;
    LPSPropProblemArray problems = NULL;
    IMessage *from = NULL;
    struct veil veil;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &from));
    prop_set_text(from, PR_SUBJECT_W, "subject");
    (void)veil_over(&veil, from, &IID_IMessage);
    vtbl.SetProps = set_with_wild_problems;
    veil.IMessage_iface.lpVtbl = &vtbl;
    assert_ok(from->lpVtbl->CopyProps(
            from, &tags, 0, NULL, &IID_IMessage, &veil.IMessage_iface, 0, &problems));
    assert_int_equal(problems->cProblem, 1);
    assert_hr(problems->aProblem[0].scode, MAPI_E_UNEXPECTED_TYPE);
    mapi_free(problems);
    release_last(from);
}

/* IStream.CopyTo.1: a stream that takes less than it is given is full. */
static void copy_to__stream_takes_half__says_how_far(void **state)
{
    struct fixture *fx = *state;
    unsigned char *bytes = copy_bytes(COPY_LARGE, 5);
    ULARGE_INTEGER all = { .QuadPart = COPY_LARGE };
    ULARGE_INTEGER taken = { .QuadPart = POISON_LONG };
    ULARGE_INTEGER written = { .QuadPart = POISON_LONG };
    IMessage *from = NULL;
    LPUNKNOWN unknown = NULL;
    IStream *stream;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &from));
    prop_set_binary(from, LARGE, bytes, COPY_LARGE);
    assert_ok(from->lpVtbl->OpenProperty(from, LARGE, &IID_IStream, 0, 0, &unknown));
    stream = (IStream *)(void *)unknown;
    memset(&tape, 0, sizeof(tape));
    tape.IStream_iface.lpVtbl = &tape_vtbl;
    tape.fail_write = 2;
    assert_hr(stream->lpVtbl->CopyTo(stream, &tape.IStream_iface, all, &taken, &written),
            STG_E_MEDIUMFULL);
    assert_int_equal(tape.writes, 2);
    assert_true(written.QuadPart == tape.size);
    assert_true(taken.QuadPart > written.QuadPart && taken.QuadPart < COPY_LARGE);
    release_last(stream);
    release_last(from);
    free(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy__foreign_stream_takes_it__committed_once),
        TEST(copy__foreign_stream_fails__reverted_and_not_committed),
        TEST(copy__foreign_stream_does_not_commit__reverted),
        TEST(copy_props__wild_problems_of_a_foreign_target__passed_over),
        TEST(copy_to__stream_takes_half__says_how_far),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
