/* SPDX-License-Identifier: MIT */
/*
 * settings.h - the settings of a store on their way: from the profile section, past the user, to
 * the file and back into the section.
 */
#ifndef MSP_COM_SETTINGS_H
#define MSP_COM_SETTINGS_H

#include "engine/eng.h"
#include "mapi/mapibuf.h"
#include "util/buf.h"

/* A copy: nothing of it reaches the profile before settings_write(). */
struct settings {
    LPMAPISUP support; /* borrowed; for wrapping the store's entry id */
    struct mapi_alloc alloc;
    struct msp_buf path;         /* UTF-8 */
    struct msp_buf display_name; /* UTF-8; empty: the file's name */
    struct eng *eng;             /* the file, once settings_open() has it */
    char reason[256];            /* the first failure, a sentence for people */
    ULONG low;                   /* ... and its SQLite code */
};

void settings_done(struct settings *settings);

/* Keeps the sentence, unless there is one already; returns hr. */
HRESULT settings_fail(struct settings *settings, HRESULT hr, const char *reason);

/* The path and the name among a caller's values, in either width; other properties are not ours to
 * look at. */
HRESULT settings_read_values(struct settings *settings, ULONG count, const SPropValue *values);
/* What is not there yet, from a section as an earlier configuration left it. */
HRESULT settings_read_section(struct settings *settings, LPPROFSECT section);

/* Opens the store file, which is made when it is not there; a relative path becomes a full one.
 * MAPI_E_UNCONFIGURED without a path, else what opening a file can give. */
HRESULT settings_open(struct settings *settings);

/*
 * Shows the dialog with `reason` in it. S_OK: the user has pressed OK, and the file he chose is
 * open (not when read-only: then nothing has changed). MAPI_E_USER_CANCEL; MAPI_E_NO_SUPPORT: no
 * window can be shown, and nothing has changed. No lock held: any code of the host may run
 * meanwhile.
 */
HRESULT settings_ask(
        struct settings *settings, ULONG_PTR owner, bool read_only, const char *reason);

/* Writes the section of the store that is open. */
HRESULT settings_write(struct settings *settings, LPPROFSECT section);

#endif
