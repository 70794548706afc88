/* SPDX-License-Identifier: MIT */
/*
 * test_walk_calls.c - every class, every method, while the objects live: all slots are filled; a
 * call that is refused for its flags, for an out that is missing or for want of memory clears its
 * outs and changes nothing.
 */
#include "walk_world.h"

/* ---- Slots ---- */

struct any {
    void (*const *slots)(void);
};

static void check_slots(const struct walk_class *class, void *object, size_t count)
{
    const struct any *any = object;

    for (size_t i = 0; i < count; i++) {
        if (!any->slots[i])
            fail_msg("%s: slot %u is empty", class->name, (unsigned)i);
    }
}

/* Memory.COM.3 */
static void every_class__vtable__has_no_empty_slot(void **state)
{
    struct walk_world *w = *state;

    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        const struct walk_class *class = &walk_classes[i];

        check_slots(class, w->object[i], class->slots);
        /* and this walk knows them all; of a logon, Logoff is not walked */
        assert_int_equal(walk_count(class) + (i == WALK_O_LOGON), class->slots);
    }
}

static void provider__vtables__have_no_empty_slot(void **state)
{
    static const struct walk_class provider = { .name = "provider" };
    struct fixture *fx = *state;
    IMSProvider *object = fx->session.provider;
    void *shutdown = POISON;

    check_slots(&provider, object, SLOTS(IMSProviderVtbl));
    assert_ok(object->lpVtbl->QueryInterface(object, &IID_IMAPIProviderShutdown, &shutdown));
    check_slots(&provider, shutdown, SLOTS(IMAPIProviderShutdownVtbl));
    (void)((IUnknown *)shutdown)->lpVtbl->Release(shutdown);
}

/* Memory.COM.1 Memory.Ownership.6 */
static void every_class__query_interface__same_identity_and_a_reference(void **state)
{
    struct walk_world *w = *state;

    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        const struct walk_class *class = &walk_classes[i];
        IUnknown *object = w->object[i];
        void *unknown = POISON, *out = POISON;

        assert_ok(object->lpVtbl->QueryInterface(object, &IID_IUnknown, &unknown));
        for (size_t k = 0; k < 4 && class->iids[k]; k++) {
            void *again = POISON;

            assert_ok(object->lpVtbl->QueryInterface(object, class->iids[k], &out));
            check_slots(class, out, 3);
            assert_ok(((IUnknown *)out)->lpVtbl->QueryInterface(out, &IID_IUnknown, &again));
            assert_ptr_equal(again, unknown);
            (void)((IUnknown *)again)->lpVtbl->Release(again);
            (void)((IUnknown *)out)->lpVtbl->Release(out);
        }
        out = POISON;
        assert_hr(object->lpVtbl->QueryInterface(object, &IID_IMAPISup, &out), E_NOINTERFACE);
        assert_null(out);
        (void)((IUnknown *)unknown)->lpVtbl->Release(unknown);
    }
}

/* ---- Refused calls ---- */

static unsigned refused; /* calls of the walk that runs, that were refused as they should */

static void complain(enum walk_object which, const struct walk_call *call, const char *what)
{
    fail_msg("%s of %s: %s", call->name, walk_classes[which].name, what);
}

static void check_result(enum walk_object which, const struct walk_call *call,
        const struct walk_args *a, HRESULT hr, HRESULT expected)
{
    /* what is not offered need not look at what it does not use */
    if (hr != expected && hr != MAPI_E_NO_SUPPORT)
        complain(which, call, host_hr_name(hr));
    if (!walk_outs_are_null(a))
        complain(which, call, "left an out");
    refused += hr == expected;
}

static void check_bad_flags(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    static const ULONG bits[] = { 0x01000000, 0x08000000, 0x40000000 };
    uint64_t before = walk_digest(w);

    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]) && walk_has(call, "FLAGS("); i++) {
        struct walk_args a;
        HRESULT hr;

        walk_prepare(w, &a);
        a.bad_flags = bits[i];
        hr = call->run(&a, w->object[which]);
        check_result(which, call, &a, hr, MAPI_E_UNKNOWN_FLAGS);
    }
    if (walk_digest(w) != before)
        complain(which, call, "changed something");
}

/* Memory.Failure.1 Errors.Codes.1 Errors.Codes.2 */
static void every_method__unknown_flag__refused_and_nothing_changed(void **state)
{
    refused = 0;
    walk_each(*state, check_bad_flags);
    print_message("%u calls\n", refused);
    assert_true(refused >= 300);
}

static void check_missing_outs(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    HRESULT expected = walk_is_stream(which) ? STG_E_INVALIDPOINTER : MAPI_E_INVALID_PARAMETER;
    uint64_t before = walk_digest(w);

    for (unsigned nth = 1; nth <= walk_has(call, "NEED("); nth++) {
        struct walk_args a;
        HRESULT hr;

        walk_prepare(w, &a);
        a.null_out = nth;
        hr = call->run(&a, w->object[which]);
        check_result(which, call, &a, hr, expected);
    }
    if (walk_digest(w) != before)
        complain(which, call, "changed something");
}

/* Memory.Failure.1 Errors.Codes.2 */
static void every_method__required_out_missing__refused_and_nothing_changed(void **state)
{
    refused = 0;
    walk_each(*state, check_missing_outs);
    print_message("%u calls\n", refused);
    assert_true(refused >= 150);
}

/* What goes wrong must be sayable: GetLastError gives a sentence for each refused call, or none. */
static void check_sentence(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    IMAPIProp *prop = w->object[which];
    LPMAPIERROR error = POISON;
    struct walk_args a;
    char *text;
    HRESULT hr;

    if (walk_classes[which].calls[0] != walk_prop_calls || call->run == walk_IMsgStore_StoreLogoff)
        return;
    walk_prepare(w, &a);
    hr = call->run(&a, w->object[which]);
    if (SUCCEEDED(hr)) {
        walk_free_outs(&a);
        return;
    }
    assert_ok(prop->lpVtbl->GetLastError(prop, hr, MAPI_UNICODE, &error));
    if (!error)
        return;
    assert_true(host_mem_is_root(error));
    assert_int_equal(error->ulVersion, MAPI_ERROR_VERSION);
    text = host_text_to_utf8((const uint16_t *)(const void *)error->lpszError, SIZE_MAX);
    assert_non_null(text);
    if (strlen(text) < 10 || text[strlen(text) - 1] != '.')
        complain(which, call, text);
    free(text);
    mapi_free(error);
}

/* Errors.GetLastError.1 IMAPIProp.GetLastError.1 */
static void every_method__whole_arguments__success_or_a_sentence(void **state)
{
    walk_each(*state, check_sentence);
}

/* ---- The host has no memory ---- */

/* What a call does when nothing fails may change what the next one finds; so be it. */
static void check_no_memory(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    HRESULT expected = walk_is_stream(which) ? E_OUTOFMEMORY : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t nth = 1;; nth++) {
        uint64_t before = walk_digest(w);
        size_t live = host_mem_live(0);
        struct walk_args a;
        HRESULT hr;

        walk_prepare(w, &a);
        host_mem_fail_at(nth);
        hr = call->run(&a, w->object[which]);
        if (!host_mem_fail_done()) {
            walk_free_outs(&a);
            return;
        }
        check_result(which, call, &a, hr, expected);
        if (host_mem_live(0) != live)
            complain(which, call, "kept memory");
        if (walk_digest(w) != before)
            complain(which, call, "changed something");
    }
}

/* Memory.Failure.1 Memory.Failure.2 */
static void every_method__nth_allocation_of_the_host_fails__says_so_and_nothing_changed(
        void **state)
{
    refused = 0;
    walk_each(*state, check_no_memory);
    print_message("%u calls\n", refused);
    assert_true(refused >= 40);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, walk_setup, walk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_class__vtable__has_no_empty_slot),
        cmocka_unit_test_setup_teardown(
                provider__vtables__have_no_empty_slot, fixture_session_setup, fixture_teardown),
        TEST(every_class__query_interface__same_identity_and_a_reference),
        TEST(every_method__unknown_flag__refused_and_nothing_changed),
        TEST(every_method__required_out_missing__refused_and_nothing_changed),
        TEST(every_method__whole_arguments__success_or_a_sentence),
        TEST(every_method__nth_allocation_of_the_host_fails__says_so_and_nothing_changed),
    };

    return cmocka_run_group_tests_name("walk_calls", tests, NULL, NULL);
}
