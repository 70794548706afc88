/* SPDX-License-Identifier: MIT */
/*
 * test_fault_message.c - a message is written and read while every single allocation fails once:
 * the call that fails says so, changes nothing, and works when it is made again.
 *
 * White box: the objects stand on a store in memory, below a root object of this file in place of a
 * logon.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "com/call.h"
#include "com/logon.h"
#include "com/message.h"
#include "host/host_mem.h"
#include "mapi/mapibuf.h"
#include "util/alloc.h"

#define DATA PROP_TAG(PT_BINARY, 0x6700)
#define LARGE ((size_t)300000)

#define assert_hr(actual, expected) assert_int_equal((uint32_t)(actual), (uint32_t)(expected))
#define assert_ok(actual) assert_hr(actual, S_OK)

#define release_last(object)                                                                       \
    do {                                                                                           \
        assert_int_equal((object)->lpVtbl->Release(object), 0);                                    \
        (object) = NULL;                                                                           \
    } while (0)

static void mapi_free(void *block)
{
    host_mem_trio(0)->release(block);
}

static SPropValue *prop_need(IMessage *message, ULONG tag)
{
    SPropTagArray tags = { 1, { tag } };
    SPropValue *values = NULL;
    ULONG count = 0;

    assert_ok(message->lpVtbl->GetProps(message, &tags, 0, &count, &values));
    return values;
}

static void assert_text(IMessage *message, ULONG tag, const char *expected)
{
    SPropValue *value = prop_need(message, tag);

    assert_string_equal(value->Value.lpszA, expected);
    mapi_free(value);
}

static LONG get_long(IMessage *message, ULONG tag)
{
    SPropValue *value = prop_need(message, tag);
    LONG number = value->Value.l;

    mapi_free(value);
    return number;
}

/* --- a root ----------------------------------------------------------------------------------- */

static const struct msp_iface root_ifaces[] = {
    { &IID_IUnknown, offsetof(struct logon, IMSLogon_iface) },
    { NULL, 0 },
};

static const struct msp_class root_class = {
    .name = "root",
    .size = sizeof(struct logon),
    .object_offset = offsetof(struct logon, object),
    .ifaces = root_ifaces,
    .owns_children = true,
};

struct world {
    struct logon *logon;
    struct msp_domain *domain;
    struct eng *eng;
    BYTE *bytes;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct eng_open_params params = { .path = ":memory:", .create = true };
    const struct host_mem_trio *trio = host_mem_trio(0);

    assert_non_null(world);
    assert_int_equal(eng_open(&params, &world->eng, NULL), ENG_OK);
    world->domain = msp_domain_new();
    world->logon = msp_object_alloc(&root_class);
    assert_non_null(world->domain);
    assert_non_null(world->logon);
    world->logon->eng = world->eng;
    msp_list_init(&world->logon->idle.newest);
    world->logon->can_write = true;
    world->logon->alloc.allocate = trio->allocate;
    world->logon->alloc.allocate_more = trio->more;
    world->logon->alloc.free = trio->release;
    msp_object_start(&world->logon->object, world->domain, NULL);
    world->bytes = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        world->bytes[i] = (BYTE)(i * 3 + (i >> 8));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    assert_int_equal(msp_object_release(&world->logon->object), 0);
    msp_domain_release(world->domain);
    eng_close(world->eng);
    assert_int_equal(msp_object_count(), 0);
    free(world->bytes);
    free(world);
    return 0;
}

/* --- the work, call by call ------------------------------------------------------------------- */

struct work {
    struct world *world;
    IMessage *message;
    LPATTACH attach;
    LPATTACH holder;
    IMessage *inner;
    IStream *stream;
    LPMAPITABLE table;
    LPSRowSet rows;
    SPropValue *values;
    uint64_t id;
    BYTE *room;
};

static HRESULT create_message(struct work *work)
{
    struct logon *logon = work->world->logon;
    LPUNKNOWN object = NULL;
    struct msp_call call;
    HRESULT hr;

    assert_ok(msp_call_begin(&call, &logon->object));
    hr = message_create(&call, logon, ENG_ROOT_FOLDER, false, NULL, &object);
    hr = msp_call_end(&call, hr);
    work->message = (IMessage *)(void *)object;
    return hr;
}

static HRESULT set_props(struct work *work)
{
    static WCHAR subject[] = MSP_W("RE: subject");
    SPropValue values[3] = { { .ulPropTag = PR_SUBJECT_W }, { .ulPropTag = DATA },
        { .ulPropTag = PR_IMPORTANCE } };

    values[0].Value.lpszW = subject;
    values[1].Value.bin.cb = 100000;
    values[1].Value.bin.lpb = work->world->bytes;
    values[2].Value.l = 2;
    return work->message->lpVtbl->SetProps(work->message, 3, values, NULL);
}

static HRESULT add_recipients(struct work *work)
{
    static char name[] = "anna";
    SPropValue values[2] = { { .ulPropTag = PR_DISPLAY_NAME_A },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    SizedADRLIST(2, list) = { 2, { { 0, 2, values }, { 0, 2, values } } };

    values[0].Value.lpszA = name;
    values[1].Value.l = MAPI_TO;
    return work->message->lpVtbl->ModifyRecipients(work->message, MODRECIP_ADD, (LPADRLIST)&list);
}

static HRESULT create_attach(struct work *work)
{
    ULONG number;

    return work->message->lpVtbl->CreateAttach(work->message, NULL, 0, &number, &work->attach);
}

static HRESULT open_stream(struct work *work)
{
    return work->attach->lpVtbl->OpenProperty(work->attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0,
            MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)&work->stream);
}

/* A failed write may have written some: at the same place it is made again. */
static HRESULT write_stream(struct work *work)
{
    LARGE_INTEGER begin = { .QuadPart = 0 };

    assert_ok(work->stream->lpVtbl->Seek(work->stream, begin, STREAM_SEEK_SET, NULL));
    return work->stream->lpVtbl->Write(work->stream, work->world->bytes, (ULONG)LARGE, NULL);
}

static HRESULT commit_stream(struct work *work)
{
    HRESULT hr = work->stream->lpVtbl->Commit(work->stream, 0);

    if (SUCCEEDED(hr))
        release_last(work->stream);
    return hr;
}

static HRESULT save_attach(struct work *work)
{
    return work->attach->lpVtbl->SaveChanges(work->attach, KEEP_OPEN_READWRITE);
}

static HRESULT create_holder(struct work *work)
{
    ULONG number;

    return work->message->lpVtbl->CreateAttach(work->message, NULL, 0, &number, &work->holder);
}

static HRESULT create_inner(struct work *work)
{
    return work->holder->lpVtbl->OpenProperty(work->holder, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
            MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)&work->inner);
}

static HRESULT save_inner(struct work *work)
{
    return work->inner->lpVtbl->SaveChanges(work->inner, KEEP_OPEN_READWRITE);
}

static HRESULT save_holder(struct work *work)
{
    return work->holder->lpVtbl->SaveChanges(work->holder, KEEP_OPEN_READWRITE);
}

static HRESULT save_message(struct work *work)
{
    return work->message->lpVtbl->SaveChanges(work->message, KEEP_OPEN_READWRITE);
}

static HRESULT open_table(struct work *work)
{
    return work->message->lpVtbl->GetAttachmentTable(work->message, MAPI_UNICODE, &work->table);
}

static HRESULT read_rows(struct work *work)
{
    return work->table->lpVtbl->QueryRows(work->table, 10, 0, &work->rows);
}

static HRESULT close_all(struct work *work)
{
    SPropValue *id = prop_need(work->message, PR_RECORD_KEY);

    memcpy(&work->id, id->Value.bin.lpb + 16, 8);
    mapi_free(id);
    for (ULONG i = 0; i < work->rows->cRows; i++)
        mapi_free(work->rows->aRow[i].lpProps);
    mapi_free(work->rows);
    release_last(work->table);
    release_last(work->inner);
    release_last(work->holder);
    release_last(work->attach);
    release_last(work->message);
    return S_OK;
}

static HRESULT open_message(struct work *work)
{
    struct logon *logon = work->world->logon;
    LPUNKNOWN object = NULL;
    struct msp_call call;
    HRESULT hr;

    assert_ok(msp_call_begin(&call, &logon->object));
    hr = message_open(&call, logon, work->id, NULL, MAPI_MODIFY, &object);
    hr = msp_call_end(&call, hr);
    work->message = (IMessage *)(void *)object;
    return hr;
}

static HRESULT get_props(struct work *work)
{
    ULONG count = 0;

    return work->message->lpVtbl->GetProps(work->message, NULL, 0, &count, &work->values);
}

static HRESULT set_read(struct work *work)
{
    return work->message->lpVtbl->SetReadFlag(work->message, SUPPRESS_RECEIPT);
}

static HRESULT open_attach(struct work *work)
{
    return work->message->lpVtbl->OpenAttach(work->message, 0, NULL, 0, &work->attach);
}

static HRESULT open_again(struct work *work)
{
    return work->attach->lpVtbl->OpenProperty(
            work->attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, (LPUNKNOWN *)&work->stream);
}

static HRESULT read_stream(struct work *work)
{
    LARGE_INTEGER begin = { .QuadPart = 0 };
    ULONG done = 0;
    HRESULT hr;

    assert_ok(work->stream->lpVtbl->Seek(work->stream, begin, STREAM_SEEK_SET, NULL));
    hr = work->stream->lpVtbl->Read(work->stream, work->room, (ULONG)LARGE, &done);
    if (SUCCEEDED(hr))
        assert_int_equal(done, LARGE);
    return hr;
}

static HRESULT (*const steps[])(struct work *work) = {
    create_message,
    set_props,
    add_recipients,
    create_attach,
    open_stream,
    write_stream,
    commit_stream,
    save_attach,
    create_holder,
    create_inner,
    save_inner,
    save_holder,
    save_message,
    set_props,
    save_message,
    open_table,
    read_rows,
    close_all,
    open_message,
    get_props,
    set_read,
    open_attach,
    open_again,
    read_stream,
};

static void assert_result(struct work *work)
{
    assert_text(work->message, PR_SUBJECT_A, "RE: subject");
    assert_text(work->message, PR_NORMALIZED_SUBJECT_A, "subject");
    assert_text(work->message, PR_DISPLAY_TO_A, "anna; anna");
    assert_int_equal(get_long(work->message, PR_IMPORTANCE), 2);
    assert_int_equal(get_long(work->message, PR_MESSAGE_FLAGS),
            MSGFLAG_UNSENT | MSGFLAG_HASATTACH | MSGFLAG_READ);
    assert_memory_equal(work->room, work->world->bytes, LARGE);
}

/* One round; false when the nth allocation was never reached. */
static bool round_with(struct world *world, unsigned long nth)
{
    struct work work = { .world = world };
    size_t mapi_live = host_mem_live(0);
    struct eng_folder before, after;
    bool reached = false;

    assert_int_equal(eng_folder_get(world->eng, ENG_ROOT_FOLDER, &before, NULL, NULL), ENG_OK);
    work.room = malloc(LARGE);
    msp_alloc_fail_at(nth);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        HRESULT hr = steps[i](&work);

        if (SUCCEEDED(hr))
            continue;
        reached = msp_alloc_fail_disarm();
        if (!reached || hr != MAPI_E_NOT_ENOUGH_MEMORY)
            print_error("step %u, allocation %lu: 0x%08x\n", (unsigned)i, nth, (unsigned)hr);
        assert_true(reached);
        assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_true(SUCCEEDED(steps[i](&work)));
    }
    reached = msp_alloc_fail_disarm() || reached;
    assert_result(&work);
    assert_int_equal(eng_folder_get(world->eng, ENG_ROOT_FOLDER, &after, NULL, NULL), ENG_OK);
    assert_int_equal(after.content_count, before.content_count + 1);
    release_last(work.stream);
    release_last(work.attach);
    release_last(work.message);
    mapi_free(work.values);
    assert_int_equal(host_mem_live(0), mapi_live);
    free(work.room);
    return reached;
}

static void count_line(void *context, const char *line)
{
    MSP_UNUSED(context);
    print_error("check: %s\n", line);
}

/* Memory.Failure.1 Memory.Failure.2 */
static void message__every_allocation_fails_once__retry_succeeds(void **state)
{
    struct world *world = *state;
    uint64_t found = 1;
    unsigned long nth = 1;
    size_t live;

    assert_false(round_with(world, 1000000)); /* warms up what stays */
    live = msp_alloc_count_live();
    while (round_with(world, nth)) {
        nth += nth < 2000 ? 1 : 97;
        assert_true(nth < 1000000);
    }
    print_message("%lu allocations\n", nth - 1);
    assert_true(nth > 100);
    assert_true(msp_alloc_count_live() <= live + 8); /* the engine's caches may have grown */
    assert_int_equal(eng_check(world->eng, false, count_line, NULL, &found), ENG_OK);
    assert_int_equal(found, 0);
}

/* Bytes that no save took do not stay in the file until logoff. */
static void stream__message_given_up__value_gone(void **state)
{
    struct world *world = *state;
    struct work work = { .world = world };
    uint64_t first = 0;
    uint64_t size;

    assert_ok(create_message(&work));
    assert_ok(create_attach(&work));
    assert_ok(open_stream(&work));
    assert_int_equal(eng_id_new(world->eng, &first), ENG_OK);
    assert_ok(write_stream(&work));
    assert_ok(commit_stream(&work));
    assert_ok(save_attach(&work));
    assert_int_equal(eng_value_size(world->eng, first + 1, &size), ENG_OK);
    assert_int_equal(size, LARGE);
    release_last(work.message);
    release_last(work.attach);
    assert_int_equal(eng_value_size(world->eng, first + 1, &size), ENG_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                message__every_allocation_fails_once__retry_succeeds, setup, teardown),
        cmocka_unit_test_setup_teardown(stream__message_given_up__value_gone, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
