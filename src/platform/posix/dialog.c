/* SPDX-License-Identifier: MIT */
/*
 * dialog.c - there are no windows here.
 */
#include "platform/dialog.h"

#include "platform/base.h"

bool msp_dialog_is_possible(void)
{
    return false;
}

enum msp_answer msp_dialog_settings(uintptr_t owner, struct msp_settings *settings)
{
    MSP_UNUSED(owner);
    MSP_UNUSED(settings);
    return MSP_ANSWER_NONE;
}

enum msp_answer msp_dialog_confirm(uintptr_t owner, const char *question)
{
    MSP_UNUSED(owner);
    MSP_UNUSED(question);
    return MSP_ANSWER_NONE;
}
