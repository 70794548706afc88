/* SPDX-License-Identifier: MIT */
/*
 * fake_dialog.h - the platform's windows, as a test's own functions: linked before the platform
 * layer, they take the place of those there. A script of the test is the user.
 */
#ifndef FAKE_DIALOG_H
#define FAKE_DIALOG_H

#include <stdint.h>
#include <string.h>

#include "platform/dialog.h"

struct fake_user {
    bool is_away; /* no window can be shown */
    /* What he does with the settings; NULL: he presses Cancel. */
    enum msp_answer (*edit)(struct msp_settings *settings);
    enum msp_answer removal;  /* what he says when asked about that */
    unsigned windows;         /* how many he has seen */
    uintptr_t owner;          /* of the last one */
    struct msp_settings seen; /* the last settings, as they were shown */
    char refused[256];        /* what OK was answered with, "" when it was accepted */
};

static struct fake_user user;

bool msp_dialog_is_possible(void)
{
    return !user.is_away;
}

enum msp_answer msp_dialog_settings(uintptr_t owner, struct msp_settings *settings)
{
    if (user.is_away)
        return MSP_ANSWER_NONE;
    user.windows++;
    user.owner = owner;
    user.seen = *settings;
    return user.edit ? user.edit(settings) : MSP_ANSWER_CANCEL;
}

enum msp_answer msp_dialog_confirm(uintptr_t owner, const char *question)
{
    (void)question;
    if (user.is_away)
        return MSP_ANSWER_NONE;
    user.windows++;
    user.owner = owner;
    return user.removal;
}

/* Types into both fields and presses OK, as far as that ends the dialog. */
static inline bool fake_ok(struct msp_settings *settings, const char *path, const char *name)
{
    if (path)
        snprintf(settings->path, sizeof(settings->path), "%s", path);
    if (name)
        snprintf(settings->name, sizeof(settings->name), "%s", name);
    user.refused[0] = '\0';
    if (settings->read_only || settings->accept(settings))
        return true;
    snprintf(user.refused, sizeof(user.refused), "%s", settings->reason);
    return false;
}

#endif
