/* SPDX-License-Identifier: MIT */
/*
 * object.pml - the life of objects: src/com/object.c and src/com/call.c, step by step.
 *
 * A root that owns its children (the logon), a message below it, an attachment that may be opened
 * below that. CLIENTS threads AddRef, Release, call, open the attachment or are handed the one that
 * is open, put work off and step out around callbacks that release; one thread logs off, up to
 * twice, and releases the root, all in any order; a call-out may take a reference on what is just
 * going. Checked: no use after free, nothing freed twice, disposed twice or left, no work on a dead
 * object, no call-out under the lock, no reference released too often, nobody waits for ever.
 *
 * How to read it. A thread is a little machine: `pc` is the place in the C code, named
 * <function>[_<where>]; each line of the big loop is one step that other threads see as a whole:
 * one access to an atomic, or what is done under the lock up to the next one. CALL pushes where to
 * go on, RETURN pops it; unlock() pushes the locals of msp_domain_unlock() too, because what it
 * runs may end in another unlock. Memory is sequentially consistent, as it is for the atomics of
 * object.c (the relaxed AddRef orders nothing).
 *
 * The steps are bounded and no thread spins, so that no run is endless (check.sh --ends looks for a
 * cycle of states): where no end state is invalid, every Logoff returns.
 */
#ifndef CLIENTS
#define CLIENTS 2
#endif
#ifndef STEPS
#define STEPS 2 /* free choices of each client */
#endif

#define NOBODY 15 /* as owner of the lock */
#define HOST 0    /* thread number; clients are 1 to CLIENTS */

/* objects */
#define ROOT 0
#define MESSAGE 1
#define ATTACH 2
#define OBJECTS 3
#define NIL 7

/* nodes of the put-off queue */
#define ENDING 0 /* queued once, by the root's dispose: logon_dispose(), run_ending() */
#define EVENT 1  /* queued again and again: notify_events(), run_delivery() */

mtype = { NEW, LIVE, DEAD };
mtype = {
    client_next, client_release, method, callback, call_begin, call_resume, call_resumed, call_end,
    call_end_unlocked, release, release_lock, release_late, end_unreferenced, end_chain, kill,
    kill_more, end_leaf, end_leaf_refs, unlock, unlock_next, unlock_clear, unlock_run, unlock_ran,
    unlock_free, host_next, logon_end, logon_ended, halt
};

/* struct msp_domain */
byte lock = NOBODY;
byte domain_refs = 2; /* root and message */
bool domain_memory = true;
byte later_first = NIL;
byte gone = 0; /* the gone list, as bits */

/* struct msp_later */
byte later_next[2];
bool queued[2];

/* struct msp_object */
byte refs[OBJECTS];
mtype state[OBJECTS];
bool linked[OBJECTS]; /* into its parent; the tree is ROOT - MESSAGE - ATTACH */
bool memory[OBJECTS];
bool disposed[OBJECTS];
bool is_gone[OBJECTS];

byte shell_count = 0;
bool taken_again = false; /* the host has taken a reference on what was going */
byte threads_left = CLIENTS + 1;

#define PUSH(x) stack[sp] = x; sp++
#define POP(x) sp--; x = stack[sp]; stack[sp] = 0
#define CALL(function, back) PUSH(back); pc = function
#define RETURN POP(pc)
#define AT(place) pc == place ->
#define AT_LOCK(place) pc == place && lock == NOBODY ->

#define use(o) assert(memory[o])
#define parent_of(o) (o - 1) /* of MESSAGE and ATTACH */
#define has_children(o) (o != ATTACH && linked[o + 1])
#define owns_children(o) (o == ROOT)
#ifdef MUTATION_CHILDREN_DO_NOT_KEEP_THE_PARENT
#define is_kept(o) false
#else
#define is_kept(o) has_children(o)
#endif
#define take_lock assert(domain_memory); lock = me
#define call_out assert(lock != me) /* foreign code runs here */

#ifdef MUTATION_WHAT_GOES_IS_NOT_LOOKED_AT_AGAIN
#define may_free true
#else
#define may_free (!called_out)
#endif

/* msp_domain_later(): to the end of the queue, unless it is there. */
inline domain_later(node)
{
    assert(lock == me);
    if
    :: queued[node]
    :: else ->
        queued[node] = true;
        later_next[node] = NIL;
        if
        :: later_first == NIL -> later_first = node
        :: else -> later_next[later_first] = node /* there are two nodes */
        fi
    fi
}

/* push_gone(): the list has a reference of its own. */
inline push_gone(o)
{
    assert(lock == me && !is_gone[o]);
    is_gone[o] = true;
    refs[o] = 1;
    gone = gone | (1 << o)
}

/* free_gone(), under the lock: an object that the host has taken meanwhile stays, as a shell. */
inline settle(o)
{
    if
    :: mine & (1 << o) ->
        use(o);
        refs[o]--;
        if
        :: refs[o] > 0 -> mine = mine ^ (1 << o); is_gone[o] = false; shell_count++
        :: else
        fi
    :: else
    fi
}

/* object_free(), and msp_domain_release() in it */
inline object_free(o)
{
    assert(memory[o] && !linked[o] && state[o] == DEAD && disposed[o] && refs[o] <= 1);
    memory[o] = false;
    assert(domain_memory && domain_refs > 0);
    domain_refs--;
    if
    :: domain_refs == 0 ->
        assert(later_first == NIL && gone == 0 && lock == NOBODY);
        domain_memory = false
    :: else
    fi
}

/* A method at work: everything it touches must be there. */
inline work(o)
{
    use(o);
    assert(lock == me && state[o] == LIVE && !disposed[o] && !disposed[ROOT])
}

proctype thread(byte me)
{
    mtype pc = client_next;
    byte stack[18];
    byte sp = 0;
    byte later = NIL, mine = 0;      /* locals of msp_domain_unlock() */
    bool called_out = false;         /* ... one more */
    byte obj = NIL;                  /* argument of release and kill */
    byte node = NIL;                 /* end_leaf()'s */
    byte subject = NIL;              /* the object of the client's call */
    bool paused = false;             /* call->paused_once */
    byte own[OBJECTS];               /* references of this thread */
    byte steps = STEPS;
    byte running = NIL;              /* the node that unlock_next has taken */

    if
    :: me == HOST -> pc = host_next; own[ROOT] = 1; steps = 2
    :: else -> own[MESSAGE] = 1
    fi;

    do
    /* --- a client, at will ------------------------------------------------------------------- */

    :: atomic { pc == client_next && steps > 0 && own[MESSAGE] + own[ATTACH] > 0 ->
        steps--;
        if
        :: own[MESSAGE] > 0 -> subject = MESSAGE
        :: own[ATTACH] > 0 -> subject = ATTACH
        fi;
        if
        :: own[subject] < 2 -> /* msp_object_addref() */
            use(subject);
            refs[subject]++;
            own[subject]++;
            subject = NIL
        :: pc = client_release
        :: pc = call_begin
        fi }
    :: atomic { pc == client_next && (steps == 0 || own[MESSAGE] + own[ATTACH] == 0) ->
        steps = 0;
        if
        :: own[MESSAGE] > 0 -> subject = MESSAGE; pc = client_release
        :: own[ATTACH] > 0 -> subject = ATTACH; pc = client_release
        :: own[MESSAGE] + own[ATTACH] == 0 -> pc = halt
        fi }
    :: atomic { AT(client_release)
        own[subject]--;
        obj = subject;
        subject = NIL;
        CALL(release, client_next) }

    /* --- call.c ------------------------------------------------------------------------------ */

    :: atomic { AT_LOCK(call_begin)
        take_lock;
        use(subject);
        if
#ifdef MUTATION_KILL_FORGETS_WAITING_CALL
        :: pc = method
#else
        :: state[subject] == LIVE -> pc = method
        :: else -> subject = NIL; CALL(unlock, client_next)
#endif
        fi }
    :: atomic { AT(method)
        work(subject);
        if
        :: pc = call_end
        :: subject == MESSAGE && state[ATTACH] == NEW -> /* msp_object_start() */
            memory[ATTACH] = true;
            linked[ATTACH] = true;
            state[ATTACH] = LIVE;
            refs[ATTACH] = 1;
            own[ATTACH] = 1;
            domain_refs++;
            pc = call_end
        :: subject == MESSAGE && state[ATTACH] == LIVE && own[ATTACH] == 0 ->
            /* msp_object_ref_locked(): handed out again, as status_open() and find_listed() do */
            use(ATTACH);
            refs[ATTACH]++;
            own[ATTACH] = 1;
            pc = call_end
        :: !queued[EVENT] -> /* notify_events() */
            refs[ROOT]++;
            domain_later(EVENT);
            pc = call_end
        :: !paused -> /* msp_call_pause() */
            paused = true;
#ifndef MUTATION_PAUSE_TAKES_NO_REFERENCE
            refs[subject]++;
#endif
            CALL(unlock, callback)
        fi }
    :: atomic { AT(callback)
        call_out;
        if
        :: pc = call_resume
        :: own[subject] > 0 -> own[subject]--; obj = subject; CALL(release, call_resume)
        fi }
    :: atomic { AT_LOCK(call_resume)
        take_lock;
        use(subject);
        if
#ifdef MUTATION_RESUME_DOES_NOT_LOOK
        :: pc = call_resumed
#else
        :: state[subject] == LIVE -> pc = call_resumed
        :: else -> pc = call_end
#endif
        fi }
    :: atomic { AT(call_resumed)
        work(subject);
        pc = call_end }
    :: atomic { AT(call_end)
        use(subject); /* keep_error() */
        CALL(unlock, call_end_unlocked) }
    :: atomic { AT(call_end_unlocked)
        if
#ifndef MUTATION_PAUSE_TAKES_NO_REFERENCE
        :: paused -> paused = false; obj = subject; subject = NIL; CALL(release, client_next)
        :: !paused -> subject = NIL; pc = client_next
#else
        :: paused = false; subject = NIL; pc = client_next
#endif
        fi }

    /* --- msp_object_release() ---------------------------------------------------------------- */

    :: atomic { AT(release)
        use(obj);
        if
#ifdef MUTATION_LAST_REFERENCE_DROPPED_OUTSIDE_THE_LOCK
        :: refs[obj] > 1 -> refs[obj]--; obj = NIL; RETURN
        :: refs[obj] <= 1 -> assert(refs[obj] > 0); refs[obj]--; pc = release_late
#else
        :: refs[obj] > 1 -> refs[obj]--; obj = NIL; RETURN /* atomic_compare_exchange_weak() */
        :: else -> pc = release_lock
#endif
        fi }
    :: atomic { AT_LOCK(release_lock)
        take_lock;
        use(obj);
        assert(refs[obj] > 0 && !is_gone[obj]);
        refs[obj]--;
        if
#ifdef MUTATION_LAST_RELEASE_DOES_NOT_LOOK_AGAIN
        :: pc = end_unreferenced
#else
        :: refs[obj] == 0 -> pc = end_unreferenced
        :: else -> obj = NIL; pc = unlock
#endif
        fi }
    :: atomic { AT_LOCK(release_late)
        take_lock;
        use(obj);
        pc = end_unreferenced }

    /* --- death ------------------------------------------------------------------------------- */

    :: atomic { AT(end_unreferenced)
        if
        :: state[obj] == DEAD ->
            shell_count--;
            push_gone(obj);
            obj = NIL;
            pc = unlock
        :: state[obj] == LIVE && owns_children(obj) -> CALL(kill, unlock)
        :: else -> pc = end_chain
        fi }
    :: atomic { AT(end_chain)
        if
        :: obj != NIL && !is_kept(obj) && refs[obj] == 0 && !owns_children(obj) ->
            node = obj;
            obj = parent_of(obj);
            CALL(end_leaf, end_chain)
        :: else -> obj = NIL; pc = unlock
        fi }
    :: atomic { AT(kill) /* msp_object_kill() */
        assert(lock == me);
        use(obj);
        if
        :: state[obj] != LIVE -> obj = NIL; RETURN
        :: else -> node = obj; pc = kill_more
        fi }
    :: atomic { AT(kill_more)
        if
        :: node == NIL -> obj = NIL; RETURN
        :: else ->
            do
            :: has_children(node) -> node++
            :: else -> break
            od;
            CALL(end_leaf, kill_more)
        fi }
    :: atomic { AT(end_leaf)
        use(node);
        assert(lock == me && state[node] == LIVE && !disposed[node]);
        state[node] = DEAD;
        disposed[node] = true;
        if
        :: node == ROOT -> /* logon_dispose() */
#ifndef MUTATION_ENDING_HOLDS_NO_REFERENCE
            refs[ROOT]++;
#endif
            domain_later(ENDING)
        :: else -> use(parent_of(node)) /* unlink_from_parent() */
        fi;
        linked[node] = false;
        pc = end_leaf_refs }
    :: atomic { AT(end_leaf_refs)
        if
#ifdef MUTATION_KILL_FREES_WHAT_IS_HELD
        :: push_gone(node)
#else
        :: refs[node] > 0 ->
            shell_count++
#ifdef MUTATION_SHELL_WITHOUT_DOMAIN
            ; domain_refs--
#endif
        :: refs[node] == 0 -> push_gone(node)
#endif
        fi;
        /* kill_more goes on with the parent; end_chain has taken it already */
        if
        :: stack[sp - 1] == kill_more && node != obj -> node = parent_of(node)
        :: else -> node = NIL
        fi;
        RETURN }

    /* --- msp_domain_unlock() ----------------------------------------------------------------- */

    :: atomic { AT(unlock)
        assert(lock == me);
        PUSH(later);
        PUSH(mine);
        PUSH(called_out);
        later = later_first;
        called_out = (later != NIL);
        mine = gone;
        later_first = NIL;
        gone = 0;
#ifndef MUTATION_QUEUE_DRAINED_UNDER_THE_LOCK
        lock = NOBODY;
#endif
        pc = unlock_next }
    :: atomic { AT(unlock_next)
        if
        :: later != NIL ->
            running = later;
#ifndef MUTATION_NEXT_READ_AFTER_RUN
            later = later_next[running];
#endif
            pc = unlock_clear
        :: else -> pc = unlock_free
        fi }
    :: atomic { AT(unlock_clear)
        use(ROOT); /* the node lives in it */
        queued[running] = false;
        PUSH(running);
        pc = unlock_run }
    :: atomic { AT(unlock_run) /* run_ending(), run_delivery(): a call-out, and Release */
        running = NIL;
        use(ROOT);
        call_out;
        if
        :: (mine & (1 << MESSAGE)) && !taken_again -> /* by a pointer that the host still knows */
            use(MESSAGE);
            taken_again = true;
            refs[MESSAGE]++;
            own[MESSAGE]++
        :: true
        fi;
        obj = ROOT;
        CALL(release, unlock_ran) }
    :: atomic { AT(unlock_ran)
        POP(running);
#ifdef MUTATION_NEXT_READ_AFTER_RUN
        use(ROOT);
        later = later_next[running];
#endif
        running = NIL;
        pc = unlock_next }
#ifndef MUTATION_WHAT_GOES_IS_NOT_LOOKED_AT_AGAIN
    :: atomic { pc == unlock_free && called_out && mine == 0 ->
        called_out = false }
    :: atomic { pc == unlock_free && called_out && mine != 0 && lock == NOBODY ->
        take_lock;
        settle(MESSAGE);
        settle(ATTACH);
        settle(ROOT);
        assert(later_first == NIL && gone == 0);
        lock = NOBODY;
        called_out = false }
#endif
    :: atomic { pc == unlock_free && may_free ->
        if
        :: mine & (1 << ATTACH) -> mine = mine ^ (1 << ATTACH); object_free(ATTACH)
        :: mine & (1 << MESSAGE) -> mine = mine ^ (1 << MESSAGE); object_free(MESSAGE)
        :: mine & (1 << ROOT) -> mine = mine ^ (1 << ROOT); object_free(ROOT)
        :: mine == 0 ->
#ifdef MUTATION_QUEUE_DRAINED_UNDER_THE_LOCK
            lock = NOBODY;
#endif
            POP(called_out);
            POP(mine);
            POP(later);
            RETURN
        fi }

    /* --- the host: Logoff once, twice or never, then the logon's Release --------------------- */

    :: atomic { AT(host_next)
        if
        :: steps > 0 -> /* logon_Logoff() */
            steps--;
            use(ROOT);
            refs[ROOT]++;
            pc = logon_end
        :: own[ROOT] > 0 -> own[ROOT] = 0; steps = 0; obj = ROOT; CALL(release, host_next)
        :: own[ROOT] == 0 && own[MESSAGE] == 0 -> pc = halt
        :: own[ROOT] == 0 && own[MESSAGE] > 0 ->
            own[MESSAGE]--;
            obj = MESSAGE;
            CALL(release, host_next)
        fi }
    :: atomic { AT_LOCK(logon_end)
        take_lock;
        obj = ROOT;
        PUSH(logon_ended);
        CALL(kill, unlock) }
    :: atomic { AT(logon_ended)
        assert(state[ROOT] == DEAD && state[MESSAGE] == DEAD && state[ATTACH] != LIVE);
        obj = ROOT;
        CALL(release, host_next) }

    :: atomic { AT(halt)
        assert(sp == 0 && lock != me && mine == 0);
        threads_left--;
        break }
    od
}

init
{
    byte i = 0;

    atomic {
        refs[ROOT] = 1;
        refs[MESSAGE] = CLIENTS;
        state[ROOT] = LIVE;
        state[MESSAGE] = LIVE;
        state[ATTACH] = NEW;
        linked[MESSAGE] = true;
        memory[ROOT] = true;
        memory[MESSAGE] = true;
        do
        :: i <= CLIENTS -> run thread(i); i++
        :: else -> break
        od
    };
    threads_left == 0;
    assert(!memory[ROOT] && !memory[MESSAGE] && !memory[ATTACH]);
    assert(!domain_memory && domain_refs == 0 && shell_count == 0)
}
