/* SPDX-License-Identifier: MIT */
/*
 * exported.h - where export puts things and reimport finds them.
 */
#ifndef EXPORTED_H
#define EXPORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../host_os.h"
#include "platform/sdk/mapi_sdk.h"

#define EXPORTED_PATH_MAX 2048
#define EXPORTED_FILE "mail.jsonl"
/* How it begins when the whole store was exported. */
#define EXPORTED_WHOLE "{\"whole\":true,"

static inline bool exported_dir_make(const char *dir)
{
    return host_dir_make(dir);
}

/* A file in the folder; false: the path is too long. */
static inline bool exported_path(const char *dir, const char *name, char out[EXPORTED_PATH_MAX])
{
    int length = snprintf(out, EXPORTED_PATH_MAX, "%s/%s", dir, name);

    return length > 0 && length < EXPORTED_PATH_MAX;
}

/* Does this property of a folder mean something in another store? Its name is in its path, and what
 * leads to other folders leads to those of its own store. */
static inline bool exported_of_folder(ULONG tag)
{
    return PROP_ID(tag) != PROP_ID(PR_DISPLAY_NAME) &&
           PROP_ID(tag) != PROP_ID(PR_FREEBUSY_ENTRYIDS) &&
           (PROP_ID(tag) < PROP_ID(PR_VALID_FOLDER_MASK) || PROP_ID(tag) > 0x35FF) &&
           (PROP_ID(tag) < PROP_ID(PR_IPM_APPOINTMENT_ENTRYID) ||
                   PROP_ID(tag) > PROP_ID(PR_ADDITIONAL_REN_ENTRYIDS_EX));
}

#endif
