/* SPDX-License-Identifier: MIT */
/*
 * test_walk_dead.c - every class, every method, after the end of the logon: the call says that the
 * object is no more, clears its outs, and the last Release frees.
 */
#include "walk_world.h"

/* The ways a logon ends while a client holds objects. */
enum ending {
    LOGOFF,       /* IMSLogon::Logoff, the provider stays */
    STORE_GONE,   /* the client's last Release of the store */
    SESSION_GONE, /* Logoff, Shutdown, the provider's last Release, FreeLibrary */
    FORGOTTEN     /* the same without Shutdown */
};

static const char *const ending_names[] = { "Logoff", "the store's last Release",
    "the end of the session", "FreeLibrary without Shutdown" };

static const char *ending_name; /* of the walk that runs, for messages */

/* The logon object is MAPI's; a client that kept it would be a breach of MAPI's. */
static void end(struct walk_world *w, enum ending ending)
{
    struct fixture *fx = w->fx;
    IMSLogon *logon = w->object[WALK_O_LOGON];
    ULONG flags = 0;

    ending_name = ending_names[ending];
    if (ending != LOGOFF)
        (void)walk_drop(w, WALK_O_LOGON);
    if (ending == STORE_GONE)
        (void)walk_drop(w, WALK_O_STORE);
    switch (ending) {
    case LOGOFF:
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
        logon = host_support_unbind(w->spooler_support);
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
        release_last(logon);
        break;
    case STORE_GONE:
        release_last(fx->store);
        release_last(w->spooler);
        w->spooler = NULL;
        break;
    case SESSION_GONE:
        host_session_logoff(&fx->session);
        break;
    case FORGOTTEN:
        host_session_forget(&fx->session);
        break;
    }
    if (ending != STORE_GONE)
        (void)fx->store->lpVtbl->Release(fx->store);
    if (w->spooler)
        release_last(w->spooler);
    fx->store = NULL;
    w->spooler = NULL;
}

static void check_call(struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    struct walk_args a;
    HRESULT hr;

    walk_prepare(w, &a);
    hr = call->run(&a, w->object[which]);
    if (hr != MAPI_E_INVALID_OBJECT)
        fail_msg("%s: %s of %s returned %s", ending_name, call->name, walk_classes[which].name,
                host_hr_name(hr));
    if (!walk_outs_are_null(&a))
        fail_msg("%s: %s of %s left an out", ending_name, call->name, walk_classes[which].name);
}

static void check_query(IUnknown *object, const IID *iid, ULONG refs)
{
    void *out = POISON;
    HRESULT hr = object->lpVtbl->QueryInterface(object, iid, &out);

    if (hr == S_OK) {
        assert_ptr_equal(iid, &IID_IUnknown);
        assert_ptr_equal(out, object);
        assert_int_equal(object->lpVtbl->Release(object), refs);
        return;
    }
    assert_null(out);
    assert_true(hr == MAPI_E_INVALID_OBJECT || hr == E_NOINTERFACE);
}

static void check_unknown(struct walk_world *w, enum walk_object which)
{
    IUnknown *object = w->object[which];

    assert_int_equal(object->lpVtbl->AddRef(object), 2);
    assert_int_equal(object->lpVtbl->Release(object), 1);
    check_query(object, &IID_IUnknown, 1);
    check_query(object, &IID_IStorage, 1);
    for (size_t i = 0; i < 4 && walk_classes[which].iids[i]; i++)
        check_query(object, walk_classes[which].iids[i], 1);
}

static void check_dead(struct walk_world *w)
{
    walk_each(w, check_call);
    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        if (w->object[i])
            check_unknown(w, i);
    }
}

static void drop_all(struct walk_world *w)
{
    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        if (walk_drop(w, i) != 0)
            fail_msg("%s: the last Release of %s", ending_name, walk_classes[i].name);
    }
}

static void check_ending(struct walk_world *w, enum ending ending)
{
    end(w, ending);
    check_dead(w);
    drop_all(w);
}

/* Teardown.Invalid.1 Teardown.Invalid.2 Teardown.Invalid.3 */
static void every_method__after_logoff__invalid_object(void **state)
{
    struct walk_world *w = *state;
    IMSLogon *logon = w->object[WALK_O_LOGON];

    end(w, LOGOFF);
    check_dead(w);

    assert_ok(logon->lpVtbl->Logoff(logon, NULL)); /* again: nothing is left to do */
    drop_all(w);
}

/* Teardown.Invalid.1 Teardown.Invalid.2 Teardown.Invalid.3 Teardown.StoreClose.8 */
static void every_method__after_the_stores_last_release__invalid_object(void **state)
{
    check_ending(*state, STORE_GONE);
}

/* Teardown.Invalid.1 Teardown.Invalid.2 Teardown.Invalid.4 */
static void every_method__after_free_library__invalid_object(void **state)
{
    check_ending(*state, SESSION_GONE);
}

/* Teardown.Invalid.1 Teardown.Invalid.2 Teardown.Invalid.4 */
static void every_method__library_freed_without_shutdown__invalid_object(void **state)
{
    check_ending(*state, FORGOTTEN);
}

/* One class at a time, so that nothing else keeps what it stands on.
 * Teardown.Invalid.1 Teardown.Invalid.2 Teardown.Invalid.3 Teardown.Invalid.4 */
static void every_method__held_alone__invalid_object(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        enum ending ending = i % 2 == 0 ? SESSION_GONE : STORE_GONE;
        struct walk_world *w;
        void *made = NULL;

        if (i == WALK_O_LOGON)
            ending = LOGOFF;
        if (i == WALK_O_STORE)
            ending = SESSION_GONE;
        walk_setup(&made);
        w = made;
        walk_drop_all_but(w, i);
        check_ending(w, ending);
        walk_teardown(&made);
    }
}

/* Shells are given back in the order in which they were made, and in the other one.
 * Teardown.Invalid.2 */
static void shells__released_backwards__all_go(void **state)
{
    struct walk_world *w = *state;

    end(w, SESSION_GONE);

    for (unsigned i = WALK_O_COUNT; i-- > 0;)
        assert_int_equal(walk_drop(w, i), 0);
}

/* A shell of one session does not hinder the next, and the other way round.
 * Teardown.Invalid.4 */
static void shells__session_begins_again__both_work(void **state)
{
    struct walk_world *w = *state;
    struct fixture *fx = w->fx;

    end(w, SESSION_GONE);
    assert_int_equal(host_session_done(&fx->session), 0);
    host_session_init(&fx->session, fx->profile, 0);

    fixture_logon(fx);
    fixture_open_inbox(fx);
    mapi_free(message_make(fx->inbox, "the next session"));

    check_dead(w);
    drop_all(w);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, walk_setup, walk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_method__after_logoff__invalid_object),
        TEST(every_method__after_the_stores_last_release__invalid_object),
        TEST(every_method__after_free_library__invalid_object),
        TEST(every_method__library_freed_without_shutdown__invalid_object),
        cmocka_unit_test(every_method__held_alone__invalid_object),
        TEST(shells__released_backwards__all_go),
        TEST(shells__session_begins_again__both_work),
    };

    return cmocka_run_group_tests_name("walk_dead", tests, NULL, NULL);
}
