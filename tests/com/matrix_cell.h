/* SPDX-License-Identifier: MIT */
/*
 * matrix_cell.h - one cell of the teardown matrix: log on, open, enter the state, end it, look.
 *
 * Locks: none; see matrix.h.
 */
#ifndef MATRIX_CELL_H
#define MATRIX_CELL_H

#include "matrix_endings.h"

/* ---- Logging on ---- */

static inline void new_session(struct matrix_side *side)
{
    side->fx = &side->own;
    side->own.profile = side->cell->side[0].own.profile;
    host_session_init(&side->own.session, side->own.profile, 0);
    assert_ok(host_session_load(&side->own.session));
}

static inline void log_on(struct matrix_side *side, bool spooler)
{
    side->raw = (struct raw_logon){ .flags = MDB_WRITE, .spooler = spooler };
    assert_ok(raw_logon(side->fx, &side->raw));
    raw_drop_support(&side->raw);
    assert_ok(side->raw.store->lpVtbl->Advise(side->raw.store, 0, NULL, fnevNewMail,
            &side->canary.IMAPIAdviseSink_iface, &side->connection));
    side->connection = 0; /* the canary is never taken back */
}

static inline void canary_released(struct matrix_sink *sink)
{
    struct matrix_side *side = sink->context;

    if (side->cell->gate_kind == GATE_CANARY && side == &side->cell->side[0])
        matrix_gate_open(&side->cell->gate);
}

static inline void log_on_all(struct matrix_cell *cell, struct host_profile *profile)
{
    unsigned how = cell->ending->how;
    bool second = (how & (BESIDE | SPOOLER)) != 0;

    cell->side_count = second ? 2 : 1;
    for (unsigned i = 0; i < cell->side_count; i++) {
        struct matrix_side *side = &cell->side[i];

        side->cell = cell;
        side->book = cell->book;
        matrix_sink_init(&side->sink, side);
        matrix_sink_init(&side->canary, side);
        side->canary.on_release = canary_released;
        cell->side[0].own.profile = profile;
        if (i == 0 || (how & BESIDE))
            new_session(side);
        else
            side->fx = cell->side[0].fx;
        if (how & SPOOLER)
            log_on(side, (i == 0) == !(how & CLIENT_ENDS));
        else
            log_on(side, cell->class->is_spoolers);
    }
}

/* ---- States ---- */

static inline void give_back(struct matrix_side *side)
{
    if (side->cell->class->role == ROLE_ADVISE) {
        assert_ok(side->raw.store->lpVtbl->Unadvise(side->raw.store, side->connection));
        side->connection = 0;
        assert_int_equal(atomic_load(&side->sink.refs), 1);
    } else if (side->object) {
        (void)side->object->lpVtbl->Release(side->object);
    }
    side->object = NULL;
}

/* An advise connection is the class's own already. */
static inline void advise_sink(struct matrix_side *side, unsigned which)
{
    if (side->connection == 0)
        advise_of(side, which != 0 ? which : trigger_of(side->cell));
}

static inline void run_call(void *arg)
{
    struct matrix_cell *cell = arg;

    cell->call_hr = cell->class->call(&cell->side[0], cell->thread_object);
}

/* The thread is in the gate when this returns. */
static inline void start_call(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    unsigned how = cell->ending->how;

    cell->gate_kind = cell->class->gate;
    if (cell->gate_kind == GATE_CANARY && (how & DIES))
        cell->gate_kind = GATE_LATE; /* nobody is released any more */
    if (cell->class->call == call_attach && (how & BY_STORE))
        cell->gate_kind = GATE_START; /* StoreLogoffTransports waits for the support object */
    if (cell->class->role == ROLE_ADVISE)
        side->trigger = open_trigger(side);
    if (cell->class->gate == GATE_CANARY && cell->class->call != call_attach) {
        side->sink.on_notify = matrix_sink_waits;
        advise_sink(side, cell->class->told);
    }
    if (side->object)
        side->object->lpVtbl->AddRef(side->object);
    cell->thread_object = side->object;
    if (held_is_no_end(cell->class, cell->ending)) {
        give_back(side); /* the thread's reference is the last one */
    }
    cell->thread = host_thread_start(run_call, cell);
    matrix_gate_await(&cell->gate);
}

static inline void end_call(struct matrix_cell *cell)
{
    if (!cell->thread)
        return;
    matrix_gate_open(&cell->gate);
    host_thread_join(cell->thread);
    cell->thread = NULL;
    if (cell->call_hr != S_OK && cell->call_hr != MAPI_E_INVALID_OBJECT)
        fail_msg("%s: the call returned %s", cell->name, host_hr_name(cell->call_hr));
    if (cell->thread_object && !(cell->ending->how & DIES)) {
        ULONG left = cell->thread_object->lpVtbl->Release(cell->thread_object);
        bool is_store = cell->class->role == ROLE_STORE && cell->side[0].raw.store;

        assert_int_equal(left, (cell->side[0].object != NULL) + is_store);
    }
    cell->thread_object = NULL;
}

static inline void end_now(struct matrix_cell *cell);

static inline void acknowledge(struct matrix_cell *cell)
{
    matrix_acknowledge(cell->book, cell->side[0].trigger, trigger_of(cell));
}

static inline void end_all(struct matrix_cell *cell)
{
    for (; cell; cell = cell->next)
        end_now(cell);
}

/* Until it is this thread that tells of the change: the logon's own may be quicker, or just busy.
 */
static inline void end_by_notify(struct matrix_cell *cell)
{
    while (!atomic_load(&cell->has_ended))
        acknowledge(cell);
}

/* In OnNotify: a second event is queued, and then it is all over. */
static inline void end_in_notify(struct matrix_sink *sink)
{
    struct matrix_side *side = sink->context;
    struct matrix_cell *cell = side->cell;

    if (atomic_load(&cell->has_ended))
        return; /* told once too often; the checks see that */
    if (host_thread_id() != cell->thread_id) {
        atomic_fetch_sub(&sink->told, 1);
        return;
    }
    acknowledge(cell);
    if (cell->next)
        end_by_notify(cell->next);
    else if (cell->first)
        end_all(cell->first);
    else
        end_now(cell);
}

static inline void enter_state(struct matrix_cell *cell)
{
    for (unsigned i = 0; i < cell->side_count; i++) {
        struct matrix_side *side = &cell->side[i];

        switch ((enum matrix_state)cell->state) {
        case STATE_IDLE:
            give_back(side);
            break;
        case STATE_CHILDREN:
            side->child = cell->class->child(side->object);
            give_back(side);
            break;
        case STATE_UNSAVED:
            cell->class->change(side->object);
            break;
        case STATE_PENDING:
            if (held_is_no_end(cell->class, cell->ending) && i == 0)
                give_back(side);
            if (i > 0)
                break;
            side->trigger = open_trigger(side);
            side->sink.on_notify = end_in_notify;
            advise_sink(side, 0);
            break;
        case STATE_IN_CALL:
        case STATE_HELD:
            break;
        }
    }
    if (cell->state == STATE_IN_CALL)
        start_call(cell);
}

static inline void set_up(struct matrix_cell *cell, struct host_profile *profile)
{
    IMAPIFolder *folder;

    cell->thread_id = host_thread_id();
    snprintf(cell->name, sizeof(cell->name), "%s, %s, %s", cell->class->name, cell->ending->name,
            matrix_states[cell->state].name);
    log_on_all(cell, profile);
    matrix_check_store(&cell->side[0]);
    folder = matrix_open(&cell->side[0], MATRIX_FOLDER);
    matrix_acknowledge(cell->book, folder, MATRIX_FOLDER);
    release_last(folder);
    for (unsigned i = 0; i < cell->side_count; i++)
        cell->side[i].object = cell->class->open(&cell->side[i]);
    enter_state(cell);
}

/* ---- The end, and what is to be found then ---- */

static inline void note_end(struct matrix_side *side)
{
    side->calls = host_support_log_size(side->raw.support);
    side->told = atomic_load(&side->sink.told);
}

static inline void end_now(struct matrix_cell *cell)
{
    if (cell->gate_kind == GATE_START)
        matrix_gate_open(&cell->gate);
    cell->ending->begin(cell);
    atomic_store(&cell->has_ended, true);
    note_end(&cell->side[0]);
}

static inline void make_end(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];

    if (cell->state == STATE_PENDING)
        end_by_notify(cell);
    else
        end_now(cell);
    if (cell->thread && held_is_no_end(cell->class, cell->ending)) {
        assert_int_equal(host_support_calls(side->raw.support, HOST_StoreLogoffTransports), 0);
        assert_int_equal(host_support_refs(side->raw.support), 1);
        end_call(cell); /* here the end comes */
        note_end(side);
    }
    end_call(cell);
    if (cell->ending->how & BY_LOGON)
        note_end(side); /* it comes when a delivery that is under way is over */
}

/* The support object and the sinks are back where they were, and nobody was called afterwards. */
static inline void check_let_go(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    struct host_support *support = side->raw.support;
    size_t transports = host_support_calls(support, HOST_StoreLogoffTransports);
    struct host_call call;

    assert_true(support->dead);
    assert_int_equal(host_support_refs(support), 0);
    assert_int_equal(
            host_support_calls(support, HOST_Release), host_support_calls(support, HOST_AddRef));
    if (cell->ending->how & BY_STORE) {
        ULONG flags = cell->ending->store_flags ? cell->ending->store_flags : LOGOFF_ABORT;

        if (transports != 1)
            fail_msg("%s: StoreLogoffTransports was called %zu times", cell->name, transports);
        assert_true(host_support_call(support, HOST_StoreLogoffTransports, 0, &call));
        assert_int_equal(call.flags, flags);
        /* and from then on nothing but Release */
        assert_int_equal(
                side->calls - host_support_position(support, HOST_StoreLogoffTransports, 0) - 1,
                1 + host_support_calls(support, HOST_did_Logoff) +
                        host_support_calls(support, HOST_did_release_logon));
    } else {
        assert_true(transports <= 1);
    }
    assert_int_equal(host_support_calls(support, HOST_MakeInvalid), 0);
    assert_int_equal(atomic_load(&side->sink.refs), 1);
    assert_int_equal(atomic_load(&side->canary.refs), 1);
    assert_int_equal(atomic_load(&side->canary.told), 0);
    assert_true(atomic_load(&side->sink.told) <= (cell->ending->how & BY_LOGON ? 2u : 1u));
    assert_int_equal(host_support_log_size(support), side->calls);
    assert_int_equal(atomic_load(&side->sink.told), side->told);
    if (cell->side_count == 1)
        assert_true(host_file_is_free(cell->book->path));
}

/* Every method of a dead object. */
static inline void check_dead(struct matrix_cell *cell, IUnknown *object)
{
    static struct walk_world dead;
    struct walk_world *w = &dead;
    void *out = POISON;
    HRESULT hr;

    if (!w->in.target)
        host_sink_init(&w->in.sink);
    w->in.target = host_stream_new("", 0);
    w->in.tags.cValues = 1;
    w->in.tags.aulPropTag[0] = PR_SUBJECT_W;
    w->in.value.ulPropTag = MATRIX_MARK;
    w->in.restriction.rt = RES_EXIST;
    w->in.order.cSorts = 1;
    w->in.message.cb = w->in.other.cb = w->in.folder.cb = cell->book->id[MATRIX_MESSAGE].size;
    w->in.message.lpb = w->in.other.lpb = w->in.folder.lpb = cell->book->id[MATRIX_MESSAGE].bytes;
    w->in.messages.cValues = 1;
    w->in.messages.lpbin = &w->in.message;
    w->in.name.ulKind = MNID_ID;
    w->in.event.ulEventType = fnevNewMail;
    for (size_t list = 0; list < WALK_LISTS; list++) {
        const struct walk_call *call = walk_classes[cell->class->walk].calls[list];

        for (; call && call->name; call++) {
            struct walk_args a;

            walk_prepare(w, &a);
            hr = call->run(&a, object);
            if (hr != MAPI_E_INVALID_OBJECT)
                fail_msg("%s: %s returned %s", cell->name, call->name, host_hr_name(hr));
            assert_true(walk_outs_are_null(&a));
        }
    }
    hr = object->lpVtbl->QueryInterface(object, walk_classes[cell->class->walk].iids[0], &out);
    assert_true(hr == MAPI_E_INVALID_OBJECT || hr == E_NOINTERFACE);
    assert_null(out);
    release_last(w->in.target);
    assert_int_equal(w->in.sink.refs, 1);
}

static inline void check_alive(struct matrix_cell *cell, struct matrix_side *side)
{
    uint64_t hash = WALK_DIGEST_SEED;
    IMAPIFolder *folder;
    void *same = NULL;

    if (cell->class->role == ROLE_OBJECT && side->object) {
        if (walk_is_stream(cell->class->walk))
            (void)walk_digest_stream((IStream *)(void *)side->object, hash);
        else if (walk_classes[cell->class->walk].calls[0] == walk_table_calls)
            (void)walk_digest_table((IMAPITable *)(void *)side->object, hash);
        else
            (void)walk_digest_props(side->object, hash);
    }
    if (side->child) {
        assert_ok(side->child->lpVtbl->QueryInterface(side->child, &IID_IUnknown, &same));
        assert_ptr_equal(same, side->child);
        side->child->lpVtbl->Release(side->child);
    }
    folder = open_trigger(side);
    side->sink.on_notify = NULL;
    matrix_acknowledge(cell->book, folder, trigger_of(cell));
    /* the logon's own thread may be the one that tells; a sink that is never told hangs here */
    while (cell->class->role == ROLE_ADVISE && side->connection &&
            atomic_load(&side->sink.told) == 0)
        host_sleep_ms(0);
    release_last(folder);
}

static inline void let_go(struct matrix_side *side)
{
    if (side->object)
        (void)side->object->lpVtbl->Release(side->object);
    if (side->child)
        matrix_release(side->child, "a child");
    if (side->trigger)
        matrix_release(side->trigger, "the folder");
    if (side->raw.store)
        matrix_release(side->raw.store, "the store");
    side->object = NULL;
    side->child = NULL;
    side->trigger = NULL;
    side->raw.store = NULL;
}

/* What a host does that has forgotten nothing. */
static inline void unload(struct matrix_side *side)
{
    struct host_session *session = &side->own.session;
    ULONG flags = 0;

    if (side->fx != &side->own || !session->lib)
        return;
    if (session->provider) {
        assert_ok(session->provider->lpVtbl->Shutdown(session->provider, &flags));
        release_last(session->provider);
    }
    host_lib_close(session->lib);
    session->lib = NULL;
}

static inline void end_session(struct matrix_side *side)
{
    if (side->fx != &side->own)
        return;
    if (host_session_done(&side->own.session) != 0)
        fail_msg("%s: %s", side->cell->name, side->own.session.world.last_breach);
}

/* A library that stayed for the sake of orphans goes with the next session, if nothing of it is
 * left. */
static inline void check_library_goes(struct matrix_cell *cell)
{
    struct host_session session;
    char path[1024];

    snprintf(path, sizeof(path), "%s", cell->side[0].own.session.dll_path);
    if (!host_lib_is_loaded(path))
        return;
    host_session_init(&session, cell->side[0].own.profile, 0);
    assert_ok(host_session_load(&session));
    host_session_logoff(&session);
    assert_int_equal(host_session_done(&session), 0);
    if (host_lib_is_loaded(path))
        fail_msg("%s: an object is left in the library", cell->name);
}

static inline void take_down(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];

    if (cell->ending->how & UNLOADS) {
        unload(side);
        assert_true(host_lib_is_loaded(side->own.session.dll_path));
    }
    if (side->object)
        check_dead(cell, side->object);
    let_go(side);
    if (cell->side_count == 2)
        check_alive(cell, &cell->side[1]);
    for (unsigned i = 1; i < cell->side_count; i++) {
        IMSLogon *logon = host_support_unbind(cell->side[i].raw.support);
        ULONG flags = 0;

        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
        (void)logon->lpVtbl->Release(logon);
        if (cell->side[i].object)
            check_dead(cell, cell->side[i].object);
        let_go(&cell->side[i]);
        assert_int_equal(atomic_load(&cell->side[i].sink.refs), 1);
        unload(&cell->side[i]);
    }
    unload(side);
    /* nothing that came after the end has called anybody */
    assert_int_equal(host_support_log_size(side->raw.support), side->calls);
    assert_int_equal(atomic_load(&side->sink.told), side->told);
    for (unsigned i = cell->side_count; i-- > 0;)
        end_session(&cell->side[i]);
    assert_true(host_file_is_free(cell->book->path));
    check_library_goes(cell);
}

static inline void run_cell(struct matrix_cell *cell, struct host_profile *profile)
{
    size_t live = host_mem_live(0);

    set_up(cell, profile);
    make_end(cell);
    check_let_go(cell);
    take_down(cell);
    if (host_mem_live(0) != live || host_mem_faults() != 0)
        fail_msg("%s: %s", cell->name,
                host_mem_faults() ? host_mem_last_fault() : "a buffer was not freed");
    snprintf(cell->book->cell_before, sizeof(cell->book->cell_before), "%s", cell->name);
    cell->book->class_before = (unsigned)(cell->class - matrix_classes);
    cell->book->cells++;
}

#endif
