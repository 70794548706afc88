/* SPDX-License-Identifier: MIT */
/*
 * dialog.h - windows that ask the user.
 *
 * Text is UTF-8. An owner is a window handle as wide as a pointer, 0: none. No lock is held by the
 * caller: while a window is open the host's own windows go on working, and anything may be called
 * on this thread.
 */
#ifndef MSP_PLATFORM_DIALOG_H
#define MSP_PLATFORM_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

enum msp_answer {
    MSP_ANSWER_OK,
    MSP_ANSWER_CANCEL,
    MSP_ANSWER_NONE /* there is nobody to ask, or the window could not be made */
};

/* The settings of a store, a copy for the user to edit. What does not fit is to be left empty. */
struct msp_settings {
    char name[1024];
    char path[4096];
    char reason[256]; /* shown below the fields: why they are asked for, what is wrong with them */
    bool read_only;   /* shows them only */
    bool must_exist;  /* the file is looked for, not made */
    /* OK was pressed and the fields are filled in. True ends the dialog; false leaves it open with
     * what `reason` says now. Not asked when the dialog is read-only. */
    bool (*accept)(struct msp_settings *settings);
    void *context; /* accept's */
};

/* Could a window be seen by anybody? Natively never; on Windows not in a service, and not where the
 * environment has MAILKEEP_NO_DIALOGS. */
bool msp_dialog_is_possible(void);

/* Lets the user edit. The fields are valid only after MSP_ANSWER_OK. */
enum msp_answer msp_dialog_settings(uintptr_t owner, struct msp_settings *settings);

/* A question with Yes (MSP_ANSWER_OK) and No. */
enum msp_answer msp_dialog_confirm(uintptr_t owner, const char *question);

#endif
