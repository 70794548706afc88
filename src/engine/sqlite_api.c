/* SPDX-License-Identifier: MIT */
/*
 * sqlite_api.c - finding SQLite: linked in, or winsqlite3.dll taken from the system.
 *
 * Owns:  the table of functions; the library stays loaded for the life of the process, because
 *        SQLite keeps global state that an unload would leak each time.
 * Locks: load_lock around loading; readers of the table have called sqlite_load() before.
 */
#include "engine/sqlite_api.h"

#if MAILKEEP_SQLITE_DYNAMIC

#include "platform/library.h"
#include "platform/mutex.h"

struct sqlite_api sqlite_api;

static struct msp_mutex load_lock = MSP_MUTEX_INIT;
static bool is_loaded; /* under load_lock */

static bool load_table(const struct msp_library *library, struct sqlite_api *out)
{
    msp_proc *proc;

#define SQLITE_API_LOAD(type, name, args)                                                          \
    proc = msp_library_symbol(library, "sqlite3_" #name);                                          \
    if (proc == NULL)                                                                              \
        return false;                                                                              \
    out->name = (type(SQLITE_CALL *) args)proc;

    SQLITE_API_LIST(SQLITE_API_LOAD)
#undef SQLITE_API_LOAD
    return true;
}

static bool load(void)
{
    struct sqlite_api table;
    struct msp_library library;

    if (!msp_library_open(&library, "winsqlite3.dll"))
        return false;
    if (!load_table(&library, &table) || table.libversion_number() < SQLITE_OLDEST) {
        msp_library_close(&library);
        return false;
    }
    sqlite_api = table;
    return true;
}

bool sqlite_load(void)
{
    bool loaded;

    msp_mutex_lock(&load_lock);
    if (!is_loaded)
        is_loaded = load();
    loaded = is_loaded;
    msp_mutex_unlock(&load_lock);
    return loaded;
}

#else

bool sqlite_load(void)
{
    return sqlite3_libversion_number() >= SQLITE_OLDEST;
}

#endif
