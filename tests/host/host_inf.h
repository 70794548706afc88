/* SPDX-License-Identifier: MIT */
/*
 * host_inf.h - MAPISVC.INF: sections of name=value lines, as MAPI reads them.
 *
 * Broken text never fails a reader hard: a line that is neither a section, an entry, a comment nor
 * blank is an error with its line number.
 */
#ifndef HOST_INF_H
#define HOST_INF_H

#include <stdbool.h>
#include <stddef.h>

#include "host_prop.h"

struct host_inf_entry {
    char *key, *value;
    unsigned line;
};

struct host_inf_section {
    char *name;
    struct host_inf_entry *entries;
    size_t count;
};

struct host_inf {
    struct host_inf_section *sections;
    size_t count;
};

/* Reads a file. False with a sentence in `why`; `out` is then empty. */
bool host_inf_read(const char *path, struct host_inf *out, char *why, size_t why_size);
/* The same from text in memory. */
bool host_inf_parse(
        const char *text, size_t size, struct host_inf *out, char *why, size_t why_size);
void host_inf_free(struct host_inf *inf);

/* Names are compared without case, as the profile functions of Windows do. NULL: not there. */
const struct host_inf_section *host_inf_section(const struct host_inf *inf, const char *name);
const char *host_inf_value(const struct host_inf_section *section, const char *key);

/* Makes a property of an entry: PR_ names that MAPISVC.INF knows and 8-digit hex tags; numbers,
 * names of flags joined by |, text, hex bytes. Entries that are no properties (Providers, Sections,
 * WIZARD_ENTRY_NAME) set *out_is_property false and succeed. */
bool host_inf_property(const struct host_inf_entry *entry, struct host_bag *bag,
        bool *out_is_property, char *why, size_t why_size);

#endif
