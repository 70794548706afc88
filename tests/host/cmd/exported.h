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

#endif
