/* SPDX-License-Identifier: MIT */
/*
 * test_copy_race.c - CopyTo between two stores, from either to the other at once, while the stores
 * are used otherwise and one of them logs off: nobody waits for ever, and what was saved is whole.
 */
#include <stdatomic.h>

#include "../com/copy_world.h"

enum { ROUNDS = 12, SIDES = 2, COPIERS = 2 /* each way */ };

struct side {
    IMsgStore *store;
    IMAPIFolder *folder;
    SPropValue *id; /* of the message that is copied */
    struct copy_print print;
};

struct race {
    struct side sides[SIDES];
    struct host_session session; /* of the second side */
    struct host_support *support;
    char path[1024];
    atomic_bool stop;
    atomic_uint saved;
};

struct copier {
    struct race *race;
    int from;
};

/* What a call may say when one of the two stores has gone. */
static bool is_over(HRESULT hr)
{
    if (hr == S_OK || hr == MAPI_E_BUSY)
        return false;
    assert_hr(hr, MAPI_E_INVALID_OBJECT);
    return true;
}

static HRESULT copy_one(struct race *race, const struct side *from, const struct side *to)
{
    LPUNKNOWN object = NULL;
    IMessage *target = NULL;
    ULONG type = 0;
    HRESULT hr;

    hr = from->store->lpVtbl->OpenEntry(
            from->store, from->id->Value.bin.cb, copy_id(from->id), NULL, 0, &type, &object);
    if (SUCCEEDED(hr))
        hr = to->folder->lpVtbl->CreateMessage(to->folder, NULL, 0, &target);
    if (SUCCEEDED(hr)) {
        IMAPIProp *source = (IMAPIProp *)(void *)object;

        hr = source->lpVtbl->CopyTo(source, 0, NULL, NULL, 0, NULL, &IID_IMessage, target, 0, NULL);
    }
    if (SUCCEEDED(hr))
        hr = target->lpVtbl->SaveChanges(target, 0);
    if (hr == S_OK)
        atomic_fetch_add(&race->saved, 1);
    if (target)
        target->lpVtbl->Release(target);
    if (object)
        object->lpVtbl->Release(object);
    return hr;
}

static void copy_on(void *arg)
{
    struct copier *copier = arg;
    struct race *race = copier->race;

    while (!atomic_load(&race->stop)) {
        HRESULT hr = copy_one(race, &race->sides[copier->from], &race->sides[1 - copier->from]);

        /* saved over between its opening and the first look at its recipients */
        if (hr != MAPI_E_OBJECT_CHANGED && is_over(hr))
            return;
    }
}

/* The source changes under the copies, large values and all. */
static void change_on(void *arg)
{
    struct copier *copier = arg;
    struct side *side = &copier->race->sides[copier->from];

    while (!atomic_load(&copier->race->stop)) {
        SPropValue values[1] = { { .ulPropTag = PROP_TAG(PT_LONG, 0x6799) } };
        LPUNKNOWN object = NULL;
        IMessage *message;
        ULONG type = 0;
        HRESULT hr = side->store->lpVtbl->OpenEntry(side->store, side->id->Value.bin.cb,
                copy_id(side->id), NULL, MAPI_MODIFY, &type, &object);

        if (is_over(hr))
            return;
        message = (IMessage *)(void *)object;
        if (hr == S_OK && (hr = message->lpVtbl->SetProps(message, 1, values, NULL)) == S_OK)
            hr = message->lpVtbl->SaveChanges(message, 0);
        if (object)
            message->lpVtbl->Release(message);
        if (hr != MAPI_E_OBJECT_CHANGED && is_over(hr))
            return;
    }
}

static void open_sides(struct race *race, struct fixture *fx)
{
    struct host_logon params = { .flags = MDB_NO_DIALOG | MDB_WRITE };
    struct side *second = &race->sides[1];
    LPUNKNOWN root = NULL;
    ULONG type = 0;

    host_temp_path(".mkeep", race->path, sizeof(race->path));
    race->sides[0].store = fx->store;
    race->sides[0].folder = folder_make(fx->inbox, "Copies");
    assert_ok(host_session_configure(&fx->session, race->path));
    host_session_init(&race->session, fx->profile, 0);
    assert_ok(host_session_logon(&race->session, &params, &second->store, &race->support));
    assert_ok(host_session_configure(&fx->session, fx->path));
    assert_ok(second->store->lpVtbl->OpenEntry(
            second->store, 0, NULL, NULL, MAPI_MODIFY, &type, &root));
    second->folder = folder_make((IMAPIFolder *)(void *)root, "Copies");
    copy_named((IMAPIProp *)second->folder, 77); /* the ids are not the same */
    release_last(root);
    for (int i = 0; i < SIDES; i++) {
        race->sides[i].id = copy_make_rich(race->sides[i].folder, "rich");
        race->sides[i].print = copy_print_id(race->sides[i].store, race->sides[i].id);
    }
}

static void close_sides(struct race *race)
{
    for (int i = 0; i < SIDES; i++) {
        release_last(race->sides[i].folder);
        mapi_free(race->sides[i].id);
    }
    release_last(race->sides[1].store);
    host_session_logoff(&race->session);
    assert_int_equal(host_session_done(&race->session), 0);
    assert_true(host_file_remove(race->path));
}

/* Every message that is there has all its parts. */
static void check_copies(struct side *side)
{
    ULONG rows = copy_rows(side->folder, 0);

    for (ULONG i = 0; i < rows; i++) {
        SPropValue *id = copy_nth(side->folder, 0, i);

        assert_int_equal(copy_print_id(side->store, id).parts, side->print.parts);
        mapi_free(id);
    }
}

static void run(struct race *race, unsigned round, IMSLogon *ending)
{
    struct copier copiers[SIDES];
    struct host_thread *threads[SIDES * COPIERS + 1];
    unsigned count = 0;
    ULONG flags = 0;

    for (int i = 0; i < SIDES; i++)
        copiers[i] = (struct copier){ race, i };
    for (int i = 0; i < SIDES * COPIERS; i++)
        threads[count++] = host_thread_start(copy_on, &copiers[i % SIDES]);
    threads[count++] = host_thread_start(change_on, &copiers[0]);
    while (atomic_load(&race->saved) < 4 + round)
        host_sleep_ms(1);
    if (ending)
        assert_ok(ending->lpVtbl->Logoff(ending, &flags));
    atomic_store(&race->stop, true);
    while (count > 0)
        host_thread_join(threads[--count]);
}

/* Threads.Rules.1 */
static void copy_to__both_ways_at_once__nobody_waits_for_ever(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct race race = { .saved = 0 };
        IMSLogon *ending = NULL;
        struct fixture *fx;
        void *made = NULL;

        fixture_inbox_setup(&made);
        fx = made;
        open_sides(&race, fx);
        if (round % 3 == 1)
            ending = host_support_unbind(race.support);
        else if (round % 3 == 2)
            ending = host_support_unbind(fx->support);
        run(&race, round, ending);
        for (int i = 0; i < SIDES && !ending; i++)
            check_copies(&race.sides[i]);
        if (ending)
            release_last(ending);
        close_sides(&race);
        fixture_teardown(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_to__both_ways_at_once__nobody_waits_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
