/* SPDX-License-Identifier: MIT */
/*
 * user.h - a person in front of the screen: looks at what the windows of this thread show, types
 * and presses, while the call that shows them has not returned yet.
 */
#ifndef TESTS_SUPPORT_USER_H
#define TESTS_SUPPORT_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum user_verb {
    USER_SEES,    /* the control shows exactly this text */
    USER_READS,   /* ... something that has this text in it */
    USER_TYPES,   /* key by key in place of what is there */
    USER_PRESSES, /* the button */
    USER_ESCAPES, /* the key */
    USER_THINKS   /* runs a function; nothing of CMocka may be called in there */
};

/* One act. Before it he waits until there is a dialog. */
struct user_act {
    enum user_verb verb;
    int control;
    const char *text;                               /* UTF-8 */
    bool (*think)(void *context, uintptr_t dialog); /* false: not what he has expected */
    void *context;
};

/* clang-format off */
#define SEES(id, what)    { .verb = USER_SEES, .control = (id), .text = (what) }
#define READS(id, what)   { .verb = USER_READS, .control = (id), .text = (what) }
#define TYPES(id, what)   { .verb = USER_TYPES, .control = (id), .text = (what) }
#define PRESSES(id)       { .verb = USER_PRESSES, .control = (id) }
#define ESCAPES()         { .verb = USER_ESCAPES }
#define THINKS(what, with) { .verb = USER_THINKS, .think = (what), .context = (with) }
/* clang-format on */

/* Puts this thread before a screen of its own, where that is possible; false: there are no windows
 * on this system. Once in a process. */
bool user_begin(void);
/* Until user_done(): what he will do, in this order. The acts stay where they are. */
void user_plan(const struct user_act *acts, size_t count);
/* Fails the test when something was not as planned. */
void user_done(void);
/* How many windows this thread has made since user_plan(). */
unsigned user_windows(void);

/* A window of the test's own, to own others; and who owns a window. 0: none. */
uintptr_t user_own_window(void);
void user_close_window(uintptr_t window);
uintptr_t user_owner_of(uintptr_t window);
/* Can its text be changed, the button be pressed? */
bool user_can_change(uintptr_t dialog, int control);

#endif
