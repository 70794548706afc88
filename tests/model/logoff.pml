/* SPDX-License-Identifier: MIT */
/*
 * logoff.pml - how a logon ends: src/com/logon_end.c, with its part of notify.c, watch.c and
 * status.c, step by step.
 *
 * One logon with its store; the host's support object, which on its last Release comes back on our
 * stack with Logoff and the logon's Release; a session that logs off, once or twice, shuts down and
 * releases the provider at any moment; a client that calls through the support object; a client
 * that changes the store, so that a sink is told. Both hold the store and release it in the end. In
 * each call-out the foreign code may log off, too, or release the store. Checked: nothing is used
 * after it was freed, freed twice or left; the support object and the sink are given back once;
 * StoreLogoffTransports is called once when the store ended by itself and never otherwise; no
 * call-out under a lock, nor after Logoff or Shutdown has returned; when Logoff returns the file is
 * closed; all of it ends.
 *
 * With BACKGROUND the third thread is not a client but the logon's own (watch.c), which tells the
 * sink what others have changed, and which must be gone after Logoff.
 *
 * How to read it: as object.pml, with its notation. The object primitives are coarse here (that
 * file has them in detail): a kill is one step.
 *
 * Waiting. Logoff waits for call-outs of other threads, but not for ever: foreign code may wait for
 * the thread that logs off, and here it does. The time is up exactly when nobody else can do
 * anything, or with IMPATIENT at any moment; what is promised for after Logoff is not promised then,
 * all the rest is.
 */
#if defined(MUTATION_LOGOFF_FORGETS_ITS_THREAD) || defined(MUTATION_NOBODY_WAITS_FOR_THE_JOIN) || \
    defined(MUTATION_THE_STORE_WAITS_FOR_WHAT_IS_BEHIND_IT)
#define BACKGROUND
#endif
#ifndef CALLS
#define CALLS 1 /* calls of each client before its Release of the store */
#endif
#ifndef LOGOFFS
#define LOGOFFS 0 /* of the session that are not needed */
#endif

#define NOBODY 15

/* threads */
#define SESSION 0
#define CLIENT 1
#define WRITER 2
#define WATCH 2 /* with BACKGROUND, in place of the writer */
#define THREADS 3

/* nodes of the put-off queue, in the order in which one hold of the lock queues them */
#define STORE_GONE 1
#define CLOSING 2
#define ENDING 4
#define DELIVERY 8

/* objects, also as bits of the gone list */
#define LOGON 1
#define STORE 2

mtype = {
    client_next, client_released, writer_next, session_next, session_logged_off, session_shutdown,
    foreign, foreign_wait, foreign_release, foreign_released,
    release, release_lock,
    unlock, unlock_next, unlock_free,
    status_ValidateState, status_call_out, logon_await_support, logon_return_support, logon_return_support_back,
    status_resume, status_end,
    commit,
    run_store_gone, run_store_gone_wait, run_store_gone_take, run_store_gone_took, run_store_gone_given, run_store_gone_ended,
    run_closing, run_closing_sink, run_closing_done,
    run_ending, run_ending_joined, run_ending_given,
    watch_main, watch_look, watch_join, watch_end_thread, watch_joined,
    run_delivery, run_delivery_next, run_delivery_sink, run_delivery_told, run_delivery_lock,
    run_delivery_end,
    give_back_support, give_back_due, give_back_transports, give_back_release, give_back_host,
    give_back_host_end, give_back_done, give_back_none, unlist,
    logon_Logoff, logon_Logoff_ended, logon_end, logon_end_lock, logon_end_quiet, logon_end_wait,
    end_all_logons, end_all_logons_ended,
    halt
};

/* the domain */
byte lock = NOBODY;
bool closing = false;
byte later_first = 0; /* bits of nodes */
byte gone = 0;        /* bits of objects */

/* the objects */
byte logon_refs = 1; /* the host's */
#ifdef BACKGROUND
byte store_refs = 1; /* the client's */
#else
byte store_refs = 2; /* the two clients' */
#endif
bool logon_live = true, store_live = true;
bool logon_memory = true, store_memory = true;

/* struct logon */
bool support_here = true; /* logon->support */
byte support_user = NOBODY;
bool ending_support = false;
bool transports_due = false;
bool store_gone_queued = false; /* store_gone.queued */
bool died_with_store = false;
bool file_open = true;
#ifdef BACKGROUND
bool watch_here = true; /* logon->watch */
#else
bool watch_here = false;
#endif
byte joining = NOBODY;

/* struct watch */
bool watch_logon = true; /* watch->logon */
bool watch_stopping = false;
bool watch_done = false;

/* struct notify_center: one sink */
byte advise_refs = 1;
bool advise_ended = false;
byte events = 0;
byte deliverer = NOBODY;
byte closer = NOBODY;
bool delivery_queued = false;

/* struct provider_core; its lock is held within single steps only */
bool is_listed = true;

/* the host */
bool bound = true;       /* the support object holds the logon's reference */
byte support_refs = 1;   /* ours */
byte sink_refs = 1;      /* ours */
byte transports = 0;     /* calls of StoreLogoffTransports */

/* what has happened */
bool store_ended = false; /* by its last Release, before any Logoff */
byte over = 0;            /* threads in which a Logoff has returned */
byte over_top = 0;        /* ... that no call-out of the same thread had called */
bool shut_down = false;
bool gave_up = false;
bool detached = false;    /* by itself or by who has given up waiting */
byte waiting = 0;         /* threads that wait for others: logon_end(), foreign code */
byte threads_left = THREADS;

#define PUSH(x) stack[sp] = x; sp++
#define POP(x) sp--; x = stack[sp]; stack[sp] = 0
#define CALL(function, back) PUSH(back); pc = function
#define RETURN POP(pc)
#define AT(place) pc == place ->
#define AT_LOCK(place) pc == place && lock == NOBODY ->
#define bit_of(thread) (1 << (thread))

#define use_logon assert(logon_memory)
#define take_lock use_logon; lock = me
/* a raw msp_mutex_unlock(): nothing may have been put off */
#define leave_lock assert(lock == me && later_first == 0 && gone == 0); lock = NOBODY

/* Foreign code begins to run. */
#define call_out \
    assert(lock != me); \
    assert(gave_up || (over & ~bit_of(me)) == 0); \
    assert(gave_up || (over_top & bit_of(me)) == 0); \
    assert(gave_up || !shut_down)
#define call_support assert(support_refs == 1); call_out

#define is_borrowed (support_user != NOBODY && support_user != me)
#define is_told (deliverer != NOBODY && deliverer != me)
#ifdef MUTATION_NOBODY_WAITS_FOR_THE_SINKS
#define is_closed false
#else
#define is_closed (closer != NOBODY && closer != me)
#endif
#ifdef MUTATION_NOBODY_WAITS_FOR_THE_JOIN
#define is_joined false
#else
#define is_joined (me != WATCH && (joining != NOBODY || watch_here))
#endif
#ifdef MUTATION_LOGOFF_WAITS_FOR_ITSELF
#define is_busy_elsewhere (support_user != NOBODY || is_told || is_closed || is_joined)
#else
#define is_busy_elsewhere (is_borrowed || is_told || is_closed || is_joined)
#endif

/* end_thread(): a thread does not wait for itself. */
#ifdef MUTATION_LOGOFF_FORGETS_ITS_THREAD
#define can_skip_join true
#define mutated_join true
#else
#define can_skip_join (me == WATCH)
#define mutated_join false
#endif

#ifdef MUTATION_LOGOFF_HOLDS_NO_REFERENCE
#define start_Logoff use_logon; CALL(logon_end, logon_Logoff_ended)
#else
#define start_Logoff use_logon; logon_refs++; CALL(logon_end, logon_Logoff_ended)
#endif

/* Whoever goes on in spite of `why` does so because all others wait, too. */
#ifdef IMPATIENT
#define time_is_up true
#define give_up(why) gave_up = gave_up || (why)
#else
#define time_is_up timeout
#define give_up(why) \
    assert(!(why) || (waiting & ~bit_of(me)) != 0 || gave_up); \
    gave_up = gave_up || (why)
#endif

/* Leaves the lock and returns. A dead logon that nobody is busy for leaves the provider's list:
 * logon_is_over(), unlist() */
#define leave_list_if_over \
    if \
    :: !logon_live && support_user == NOBODY && deliverer == NOBODY && closer == NOBODY && \
       !watch_here && joining == NOBODY -> \
        PUSH(unlist) \
    :: else \
    fi; \
    pc = unlock

/* Under the lock. The pointer is the flag: who takes it gives it back, and tells the transports. */
inline take_support(out)
{
    assert(lock == me);
    out = support_here;
    if
    :: support_here -> support_here = false; support_user = me
    :: else
    fi
}

/* msp_object_kill() of the store: store_dispose(), logon_store_gone() */
inline kill_store(by_release)
{
    assert(lock == me && store_live);
    store_live = false;
    if
    :: closing
    :: else ->
        transports_due = true;
        store_ended = true;
#ifndef MUTATION_STORE_GONE_HOLDS_NO_REFERENCE
        logon_refs++;
#endif
        store_gone_queued = true;
        later_first = later_first | STORE_GONE
    fi;
    if
    :: store_refs == 0 -> gone = gone | STORE
    :: else
    fi
}

/* msp_object_kill() of the logon: the store first, then logon_dispose() */
inline kill_logon()
{
    assert(lock == me && logon_live);
    if
    :: store_live -> kill_store(false)
    :: else
    fi;
    logon_live = false;
    /* notify_close() */
    events = 0;
    advise_ended = true;
    closer = me;
    later_first = later_first | CLOSING;
    /* watch_close() */
    watch_logon = false;
    watch_stopping = true;
    /* close_file() */
    file_open = false;
    died_with_store = store_gone_queued;
    take_support(ending_support);
#ifndef MUTATION_ENDING_HOLDS_NO_REFERENCE
    logon_refs++;
#endif
    later_first = later_first | ENDING
}

proctype thread(byte me)
{
    mtype pc;
    byte stack[40];
    byte sp = 0;
    byte later = 0, mine = 0; /* locals of msp_domain_unlock() */
    byte obj = 0;             /* argument of release */
    bool got = false;         /* a local `support` that is not NULL */
    byte depth = 0;           /* call-outs under way on this thread's stack */
    byte calls = CALLS;
    bool has_store = false;   /* this thread's reference */
    bool has_logon = false;   /* the session's, once unbound */
    bool may_log_off = true;  /* in a call-out: once for each thread */

    if
    :: me == SESSION -> pc = session_next; calls = LOGOFFS
    :: me == CLIENT -> pc = client_next; has_store = true
#ifdef BACKGROUND
    :: me == WATCH -> pc = watch_main
#else
    :: me == WRITER -> pc = writer_next; has_store = true
#endif
    fi;

    do
    /* --- clients ----------------------------------------------------------------------------- */

    :: atomic { AT(client_next)
        if
        :: calls > 0 && has_store -> calls--; pc = status_ValidateState
        :: has_store -> has_store = false; obj = STORE; CALL(release, client_next)
        :: !has_store -> pc = halt
        fi }
    :: atomic { AT(writer_next)
        if
        :: calls > 0 && has_store -> calls--; pc = commit
        :: has_store -> has_store = false; obj = STORE; CALL(release, writer_next)
        :: !has_store -> pc = halt
        fi }

    /* The end of the session. The logon is the session's when it has taken it from the support
     * object in time. */
    :: atomic { AT(session_next)
        if
        :: bound -> bound = false; has_logon = true; CALL(logon_Logoff, session_logged_off)
        :: bound && calls > 0 -> /* its Release may come in the middle of it */
            calls--;
            PUSH(session_next);
            start_Logoff
        :: bound -> /* a host that forgets Logoff */
            bound = false;
            obj = LOGON;
            CALL(release, session_next)
        :: CALL(end_all_logons, session_shutdown)
        fi }
    :: atomic { AT(session_logged_off)
        assert(!file_open);
        if
        :: calls > 0 -> calls--; CALL(logon_Logoff, session_logged_off)
        :: has_logon = false; obj = LOGON; CALL(release, session_next)
        fi }
    :: atomic { AT(session_shutdown) /* provider_Shutdown() returns */
        shut_down = true;
        if
        :: bound -> bound = false; obj = LOGON; CALL(release, halt)
        :: else -> pc = halt
        fi }

    /* --- foreign code in a call-out: nothing, Logoff, or the store's Release ----------------- */

    :: atomic { AT(foreign)
        if
        :: RETURN
        :: may_log_off && bound -> /* with a reference of its own */
            may_log_off = false;
            use_logon;
            logon_refs++;
            depth++;
            CALL(logon_Logoff, foreign_release)
        :: has_store -> has_store = false; obj = STORE; depth++; CALL(release, foreign_released)
        :: over == 0 -> waiting = waiting | bit_of(me); pc = foreign_wait
        fi }
    /* ... or it waits for a Logoff on another thread, or for what will never be */
    :: atomic { pc == foreign_wait && (over != 0 || timeout) ->
        waiting = waiting & ~bit_of(me);
        RETURN }
    :: atomic { AT(foreign_release)
        obj = LOGON;
        CALL(release, foreign_released) }
    :: atomic { AT(foreign_released)
        depth--;
        RETURN }

    /* --- object.c: msp_object_release(), msp_domain_unlock() --------------------------------- */

    :: atomic { AT(release)
        if
        :: obj == LOGON ->
            use_logon;
            if
            :: logon_refs > 1 -> logon_refs--; obj = 0; RETURN
            :: else -> pc = release_lock
            fi
        :: obj == STORE ->
            assert(store_memory);
            if
            :: store_refs > 1 -> store_refs--; obj = 0; RETURN
            :: else -> pc = release_lock
            fi
        fi }
    :: atomic { AT_LOCK(release_lock)
        lock = me;
        if
        :: obj == LOGON ->
            use_logon;
            assert(logon_refs > 0);
            logon_refs--;
            if
            :: logon_refs == 0 && logon_live -> kill_logon()
            :: logon_refs == 0 && !logon_live -> gone = gone | LOGON
            :: else
            fi
        :: obj == STORE ->
            assert(store_memory && store_refs > 0);
            store_refs--;
            if
            :: store_refs == 0 && store_live -> kill_store(true)
            :: store_refs == 0 && !store_live -> gone = gone | STORE
            :: else
            fi
        fi;
        obj = 0;
        pc = unlock }
    :: atomic { AT(unlock)
        assert(lock == me);
#ifdef MUTATION_QUEUE_DRAINED_UNDER_THE_LOCK
        if
        :: (later_first & ENDING) && ending_support -> call_support
        :: else
        fi;
#endif
        PUSH(later);
        PUSH(mine);
        later = later_first;
        mine = gone;
        later_first = 0;
        gone = 0;
        lock = NOBODY;
        pc = unlock_next }
    :: atomic { AT(unlock_next)
        if
        :: later & STORE_GONE ->
            later = later ^ STORE_GONE;
            store_gone_queued = false;
            CALL(run_store_gone, unlock_next)
        :: else ->
            if
            :: later & CLOSING -> later = later ^ CLOSING; CALL(run_closing, unlock_next)
            :: else ->
                if
                :: later & ENDING -> later = later ^ ENDING; CALL(run_ending, unlock_next)
                :: later & DELIVERY ->
                    later = later ^ DELIVERY;
                    delivery_queued = false;
                    CALL(run_delivery, unlock_next)
                :: later == 0 -> pc = unlock_free
                fi
            fi
        fi }
    :: atomic { AT(unlock_free)
        if
        :: mine & STORE ->
            assert(store_memory && store_refs == 0 && !store_live);
            store_memory = false
        :: else
        fi;
        if
        :: mine & LOGON ->
            assert(logon_memory && logon_refs == 0 && !logon_live && !is_listed && !support_here);
            logon_memory = false
        :: else
        fi;
        POP(mine);
        POP(later);
        RETURN }

    /* --- status.c and attach.c: a call that uses the support object -------------------------- */

    :: atomic { AT_LOCK(status_ValidateState) /* msp_call_begin(), logon_borrow_support() */
        lock = me;
        assert(store_memory); /* the object of the call is the client's */
        if
        :: logon_live && support_user == NOBODY && support_here ->
            support_here = false;
            support_user = me;
            logon_refs++;
            leave_lock; /* msp_call_pause() */
            pc = status_call_out
        :: logon_live && store_live -> /* attach.c: lay_storage() */
            logon_refs++;
            leave_lock; /* msp_call_pause() */
            waiting = waiting | bit_of(me);
            pc = logon_await_support
        :: !logon_live -> CALL(unlock, client_next)
        fi }
    :: atomic { pc == logon_await_support && lock == NOBODY && (!is_borrowed || time_is_up) ->
        give_up(is_borrowed);
        waiting = waiting & ~bit_of(me);
        take_lock;
        got = false;
        if
        :: logon_live && support_user == NOBODY && support_here -> take_support(got)
        :: else
        fi;
        leave_lock;
        if
        :: got -> got = false; pc = status_call_out
        :: else -> pc = status_resume
        fi }
    :: atomic { AT(status_call_out)
        call_support;
        CALL(foreign, logon_return_support) }
    :: atomic { AT_LOCK(logon_return_support)
        take_lock;
        if
#ifdef MUTATION_RETURNED_TO_A_DEAD_LOGON
        :: true ->
#else
        :: logon_live ->
#endif
            support_here = true;
            support_user = NOBODY;
            CALL(unlock, status_resume)
        :: !logon_live -> got = true; CALL(unlock, logon_return_support_back)
        fi }
    :: atomic { AT(logon_return_support_back)
        CALL(give_back_support, status_resume) }
    :: atomic { AT_LOCK(status_resume) /* msp_call_resume(), msp_call_end() */
        take_lock;
        CALL(unlock, status_end) }
    :: atomic { AT(status_end)
        obj = LOGON;
        CALL(release, client_next) }

    /* --- notify.c ---------------------------------------------------------------------------- */

    :: atomic { AT_LOCK(commit) /* a method of the writer; notify_events() */
        lock = me;
        assert(store_memory);
        if
        :: store_live ->
            assert(file_open);
            events++;
            if
            :: delivery_queued
            :: else ->
                delivery_queued = true;
                logon_refs++;
                later_first = later_first | DELIVERY
            fi
        :: else
        fi;
        CALL(unlock, writer_next) }
    :: atomic { AT_LOCK(run_delivery)
        take_lock;
        if
        :: deliverer == NOBODY -> deliverer = me; pc = run_delivery_next
        :: else -> obj = LOGON; PUSH(release); pc = unlock
        fi }
    :: atomic { AT(run_delivery_next)
        if
        :: events > 0 ->
            events--;
            assert(advise_refs > 0);
            advise_refs++;
            CALL(unlock, run_delivery_sink)
        :: else ->
            deliverer = NOBODY;
            PUSH(run_delivery_end);
            leave_list_if_over
        fi }
    :: atomic { AT(run_delivery_end)
        obj = LOGON;
        pc = release }
    :: atomic { AT(run_delivery_sink) /* deliver_event() */
        if
        :: advise_ended -> pc = run_delivery_told
        :: else -> call_out; assert(sink_refs == 1); CALL(foreign, run_delivery_told)
        fi }
    :: atomic { AT(run_delivery_told) /* advise_release() */
        advise_refs--;
        if
        :: advise_refs == 0 -> call_out; assert(sink_refs == 1); sink_refs--
        :: else
        fi;
        pc = run_delivery_lock }
    :: atomic { AT_LOCK(run_delivery_lock)
        take_lock;
        pc = run_delivery_next }
    :: atomic { AT(run_closing)
        use_logon;
        advise_refs--;
        if
        :: advise_refs == 0 -> pc = run_closing_sink
        :: else -> pc = run_closing_done
        fi }
    :: atomic { AT(run_closing_sink)
        call_out;
        assert(sink_refs == 1);
        sink_refs--;
        pc = run_closing_done }
    :: atomic { AT_LOCK(run_closing_done)
        take_lock;
        closer = NOBODY;
        pc = unlock }

    /* --- watch.c ----------------------------------------------------------------------------- */

    :: atomic { pc == watch_main && calls > 0 && !watch_stopping -> /* wait_for_work() */
        calls--;
        pc = watch_look }
    :: atomic { pc == watch_main && watch_stopping ->
        watch_done = true;
        pc = halt }
    :: atomic { AT_LOCK(watch_look) /* look(), notify_poke() */
        lock = me;
        if
        :: watch_logon && !delivery_queued ->
            use_logon;
            events++;
            delivery_queued = true;
            logon_refs++;
            later_first = later_first | DELIVERY
        :: else
        fi;
        CALL(unlock, watch_main) }
    :: atomic { AT_LOCK(watch_join)
        take_lock;
        if
        :: watch_here ->
            watch_here = false;
            joining = WATCH;
            waiting = waiting | bit_of(me);
            CALL(unlock, watch_end_thread)
        :: else -> pc = unlock
        fi }
    :: atomic { pc == watch_end_thread && (watch_done || can_skip_join || time_is_up) ->
        give_up(!watch_done && !can_skip_join);
        if
        :: watch_done
        :: else -> detached = !mutated_join
        fi;
        waiting = waiting & ~bit_of(me);
        pc = watch_joined }
    :: atomic { AT_LOCK(watch_joined)
        take_lock;
        joining = NOBODY;
        pc = unlock }

    /* --- the end of the store ---------------------------------------------------------------- */

    :: atomic { AT_LOCK(run_store_gone)
        take_lock;
        if
#ifndef MUTATION_THE_STORE_WAITS_FOR_WHAT_IS_BEHIND_IT
        :: died_with_store -> CALL(unlock, run_store_gone_ended)
        :: !died_with_store && is_borrowed ->
#else
        :: is_borrowed ->
#endif
            leave_lock;
            waiting = waiting | bit_of(me);
            pc = run_store_gone_wait
        :: else -> pc = run_store_gone_take
        fi }
    :: atomic { pc == run_store_gone_wait && lock == NOBODY && (!is_borrowed || time_is_up) ->
        give_up(is_borrowed);
        waiting = waiting & ~bit_of(me);
        take_lock;
        pc = run_store_gone_take }
    :: atomic { AT(run_store_gone_take)
#ifdef MUTATION_SUPPORT_TAKEN_WITHOUT_THE_LOCK
        got = support_here;
        PUSH(run_store_gone_took);
#else
        take_support(got);
        PUSH(run_store_gone_took);
#endif
        pc = unlock }
    :: atomic { AT(run_store_gone_took)
#ifdef MUTATION_SUPPORT_TAKEN_WITHOUT_THE_LOCK
        support_here = false;
        support_user = me;
#endif
        CALL(give_back_support, run_store_gone_given) }
    :: atomic { AT(run_store_gone_given)
        CALL(logon_end, run_store_gone_ended) }
    :: atomic { AT(run_store_gone_ended)
        obj = LOGON;
        pc = release }

    /* --- the support object goes back -------------------------------------------------------- */

    :: atomic { AT(give_back_support)
        if
        :: got -> got = false; pc = give_back_due
        :: else -> pc = give_back_none
        fi }
    :: atomic { AT_LOCK(give_back_due) /* take_transports() */
        take_lock;
        if
#ifdef MUTATION_ONLY_THE_STORE_TELLS_THE_TRANSPORTS
        :: stack[sp - 1] == run_store_gone_given -> CALL(unlock, give_back_transports)
        :: else -> CALL(unlock, give_back_release)
#else
        :: transports_due -> transports_due = false; CALL(unlock, give_back_transports)
        :: else -> CALL(unlock, give_back_release)
#endif
        fi }
    :: atomic { AT(give_back_transports) /* StoreLogoffTransports() */
        transports++;
        assert(transports == 1 && store_ended);
        call_support;
        CALL(foreign, give_back_release) }
    :: atomic { AT(give_back_release) /* Release, and in it what the host does */
        call_support;
        support_refs = 0;
        depth++;
        if
        :: bound -> bound = false; CALL(logon_Logoff, give_back_host)
        :: else -> pc = give_back_host_end
        fi }
    :: atomic { AT(give_back_host)
        obj = LOGON;
        CALL(release, give_back_host_end) }
    :: atomic { AT(give_back_host_end)
        depth--;
        pc = give_back_done }
    :: atomic { AT_LOCK(give_back_done)
        take_lock;
        assert(support_user == me);
        support_user = NOBODY;
        leave_list_if_over }
    :: atomic { AT_LOCK(give_back_none)
        take_lock;
        leave_list_if_over }
    :: atomic { AT(unlist)
        use_logon;
        is_listed = false;
        RETURN }

    /* --- the end of the logon ---------------------------------------------------------------- */

    :: atomic { AT(run_ending)
        use_logon;
        CALL(watch_join, run_ending_joined) }
    :: atomic { AT(run_ending_joined)
        got = ending_support;
        ending_support = false;
#ifdef MUTATION_ENDED_LOGON_LEAVES_THE_LIST_AT_ONCE
        is_listed = false;
#endif
        CALL(give_back_support, run_ending_given) }
    :: atomic { AT(run_ending_given)
        obj = LOGON;
        pc = release }
    :: atomic { AT(logon_Logoff)
        start_Logoff }
    :: atomic { AT(logon_Logoff_ended)
        assert(!file_open && !logon_live);
        assert(!watch_here || me == WATCH || gave_up);
#ifdef BACKGROUND
        assert(watch_done || detached || gave_up || me == WATCH || depth > 0);
#endif
        over = over | bit_of(me);
        if
        :: depth == 0 -> over_top = over_top | bit_of(me)
        :: else
        fi;
#ifdef MUTATION_LOGOFF_HOLDS_NO_REFERENCE
        RETURN }
#else
        obj = LOGON;
        pc = release }
#endif
    :: atomic { AT(logon_end)
        use_logon;
        closing = true;
        pc = logon_end_lock }
    :: atomic { AT_LOCK(logon_end_lock)
        take_lock;
        if
        :: logon_live -> kill_logon()
        :: else
        fi;
        CALL(unlock, logon_end_quiet) }
    :: atomic { AT_LOCK(logon_end_quiet) /* wait_until_quiet() */
        take_lock;
#ifdef MUTATION_ENDED_LOGON_LEAVES_THE_LIST_AT_ONCE
        is_listed = false;
#endif
        if
#ifdef MUTATION_LOGOFF_FORGETS_CALLS_OUT_ELSEWHERE
        :: pc = unlock
#endif
        :: is_busy_elsewhere -> leave_lock; waiting = waiting | bit_of(me); pc = logon_end_wait
        :: else -> pc = unlock
        fi }
    :: atomic { pc == logon_end_wait && lock == NOBODY && (!is_busy_elsewhere || time_is_up) ->
        give_up(is_busy_elsewhere);
        waiting = waiting & ~bit_of(me);
        take_lock;
        pc = unlock }

    /* --- provider.c: Shutdown, and the last Release ------------------------------------------ */

    :: atomic { AT(end_all_logons)
        if
        :: is_listed -> use_logon; logon_refs++; CALL(logon_end, end_all_logons_ended)
        :: else -> RETURN
        fi }
    :: atomic { AT(end_all_logons_ended) /* unlist() */
        use_logon;
        is_listed = false;
        obj = LOGON;
        CALL(release, end_all_logons) }

    :: atomic { AT(halt)
        assert(sp == 0 && lock != me && depth == 0);
        threads_left--;
        break }
    od
}

init
{
    atomic {
        run thread(SESSION);
        run thread(CLIENT);
        run thread(WRITER)
    };
    threads_left == 0;
    assert(!logon_memory && !store_memory && !is_listed);
    assert(support_refs == 0 && sink_refs == 0 && advise_refs == 0);
    assert(transports == (store_ended -> 1 : 0))
}
