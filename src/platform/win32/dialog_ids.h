/* SPDX-License-Identifier: MIT */
/*
 * dialog_ids.h - the settings dialog in def/mailkeep32.rc: its number and those of its controls.
 */
#ifndef MSP_PLATFORM_WIN32_DIALOG_IDS_H
#define MSP_PLATFORM_WIN32_DIALOG_IDS_H

#define DIALOG_SETTINGS 100

#define CONTROL_NAME 101
#define CONTROL_PATH 102
#define CONTROL_BROWSE 103
#define CONTROL_REASON 104

#endif
