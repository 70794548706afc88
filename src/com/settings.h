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

/* A copy: nothing of it reaches the profile before settings_save(). */
struct settings {
    LPMAPISUP support;     /* borrowed; for wrapping the store's entry id */
    LPPROVIDERADMIN admin; /* borrowed; opens the sections, NULL: the support object does */
    struct mapi_alloc alloc;
    struct msp_buf path;         /* UTF-8 */
    struct msp_buf display_name; /* UTF-8; empty: the file's name */
    bool must_exist;             /* the file is not made when it is not there */
    bool for_reading;            /* it is not written */
    const uint8_t *store_uid;    /* the store must be this one; NULL or zeros: any */
    struct eng *eng;             /* the file, once settings_open() or settings_ask() has it */
    char reason[256];            /* the first failure, a sentence for people */
    ULONG low;                   /* ... and its SQLite code */
};

void settings_done(struct settings *settings);

/* The path and the name among a caller's values, in either width; other properties are not ours to
 * look at. */
HRESULT settings_read_values(struct settings *settings, ULONG count, const SPropValue *values);
/* What is not there yet, from the section, as an earlier configuration left it. */
HRESULT settings_load(struct settings *settings);

/* Opens the store file; a relative path becomes a full one.
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

/* Writes the section of the store that is open, and its name into the service's own section. */
HRESULT settings_save(struct settings *settings);

#endif
