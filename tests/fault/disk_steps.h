/* SPDX-License-Identifier: MIT */
/*
 * disk_steps.h - a look at every step that the provider's SQLite makes towards the disk, before it
 * is made.
 *
 * It lies between SQLite and the system's files, in the SQLite that this process and the provider
 * share: the system's library natively, winsqlite3.dll on Windows. Everything is passed on.
 *
 * Locks: none; install it before the provider is loaded, and take the steps on one thread.
 */
#ifndef DISK_STEPS_H
#define DISK_STEPS_H

#include <stdbool.h>
#include <string.h>

#include "engine/sqlite_api.h"
#include "host/host_os.h"
#include "support/system.h"

struct disk_steps {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    void (*before)(void *context, const char *step); /* NULL: nobody looks */
    void *context;
};

static struct disk_steps disk_steps;

struct disk_steps_file {
    sqlite3_file base;
    sqlite3_file *real; /* lies behind this structure */
};

static void disk_steps_tell(const char *step)
{
    if (disk_steps.before)
        disk_steps.before(disk_steps.context, step);
}

static sqlite3_file *disk_steps_real(sqlite3_file *file)
{
    return ((struct disk_steps_file *)(void *)file)->real;
}

static int SQLITE_CALL disk_steps_close(sqlite3_file *file)
{
    disk_steps_tell("close");
    return disk_steps_real(file)->pMethods->xClose(disk_steps_real(file));
}

static int SQLITE_CALL disk_steps_read(
        sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    return disk_steps_real(file)->pMethods->xRead(disk_steps_real(file), data, size, offset);
}

static int SQLITE_CALL disk_steps_write(
        sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    disk_steps_tell("write");
    return disk_steps_real(file)->pMethods->xWrite(disk_steps_real(file), data, size, offset);
}

static int SQLITE_CALL disk_steps_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    disk_steps_tell("truncate");
    return disk_steps_real(file)->pMethods->xTruncate(disk_steps_real(file), size);
}

/* A killed process has lost nothing that it has written: the disk itself need not be waited for. */
static int SQLITE_CALL disk_steps_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    disk_steps_tell("sync");
    return SQLITE_OK;
}

static int SQLITE_CALL disk_steps_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return disk_steps_real(file)->pMethods->xFileSize(disk_steps_real(file), out);
}

static int SQLITE_CALL disk_steps_lock(sqlite3_file *file, int level)
{
    disk_steps_tell("lock");
    return disk_steps_real(file)->pMethods->xLock(disk_steps_real(file), level);
}

static int SQLITE_CALL disk_steps_unlock(sqlite3_file *file, int level)
{
    disk_steps_tell("unlock");
    return disk_steps_real(file)->pMethods->xUnlock(disk_steps_real(file), level);
}

static int SQLITE_CALL disk_steps_check_lock(sqlite3_file *file, int *out)
{
    return disk_steps_real(file)->pMethods->xCheckReservedLock(disk_steps_real(file), out);
}

static int SQLITE_CALL disk_steps_control(sqlite3_file *file, int what, void *arg)
{
    return disk_steps_real(file)->pMethods->xFileControl(disk_steps_real(file), what, arg);
}

static int SQLITE_CALL disk_steps_sector_size(sqlite3_file *file)
{
    return disk_steps_real(file)->pMethods->xSectorSize(disk_steps_real(file));
}

static int SQLITE_CALL disk_steps_traits(sqlite3_file *file)
{
    return disk_steps_real(file)->pMethods->xDeviceCharacteristics(disk_steps_real(file));
}

static int SQLITE_CALL disk_steps_shm_map(
        sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    disk_steps_tell("map");
    return disk_steps_real(file)->pMethods->xShmMap(disk_steps_real(file), page, size, extend, out);
}

static int SQLITE_CALL disk_steps_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    disk_steps_tell("lock of the index");
    return disk_steps_real(file)->pMethods->xShmLock(disk_steps_real(file), offset, count, flags);
}

static void SQLITE_CALL disk_steps_shm_barrier(sqlite3_file *file)
{
    disk_steps_real(file)->pMethods->xShmBarrier(disk_steps_real(file));
}

static int SQLITE_CALL disk_steps_shm_unmap(sqlite3_file *file, int remove_it)
{
    disk_steps_tell("unmap");
    return disk_steps_real(file)->pMethods->xShmUnmap(disk_steps_real(file), remove_it);
}

static const sqlite3_io_methods disk_steps_methods = {
    .iVersion = 2,
    .xClose = disk_steps_close,
    .xRead = disk_steps_read,
    .xWrite = disk_steps_write,
    .xTruncate = disk_steps_truncate,
    .xSync = disk_steps_sync,
    .xFileSize = disk_steps_size,
    .xLock = disk_steps_lock,
    .xUnlock = disk_steps_unlock,
    .xCheckReservedLock = disk_steps_check_lock,
    .xFileControl = disk_steps_control,
    .xSectorSize = disk_steps_sector_size,
    .xDeviceCharacteristics = disk_steps_traits,
    .xShmMap = disk_steps_shm_map,
    .xShmLock = disk_steps_shm_lock,
    .xShmBarrier = disk_steps_shm_barrier,
    .xShmUnmap = disk_steps_shm_unmap,
};

static int SQLITE_CALL disk_steps_open(
        sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    struct disk_steps_file *handle = (struct disk_steps_file *)(void *)file;
    int code;

    (void)vfs;
    disk_steps_tell("open");
    memset(handle, 0, sizeof(*handle));
    handle->real = (sqlite3_file *)(void *)(handle + 1);
    code = disk_steps.real->xOpen(disk_steps.real, name, handle->real, flags, out_flags);
    if (code == SQLITE_OK)
        handle->base.pMethods = &disk_steps_methods;
    return code;
}

static int SQLITE_CALL disk_steps_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    disk_steps_tell("delete");
    return disk_steps.real->xDelete(disk_steps.real, name, sync_folder);
}

/* False: there is no such library. It stays loaded. */
static bool disk_steps_install(void)
{
    typedef sqlite3_vfs *(SQLITE_CALL * find_fn)(const char *);
    typedef int(SQLITE_CALL * register_fn)(sqlite3_vfs *, int);
    typedef int(SQLITE_CALL * initialize_fn)(void);
    char why[200];
    struct host_lib *lib = host_lib_open(SQLITE_LIBRARY, why, sizeof(why));
    find_fn find;
    register_fn add;
    initialize_fn initialize;

    if (!lib)
        return false;
    find = (find_fn)host_lib_symbol(lib, "sqlite3_vfs_find");
    add = (register_fn)host_lib_symbol(lib, "sqlite3_vfs_register");
    initialize = (initialize_fn)host_lib_symbol(lib, "sqlite3_initialize");
    if (!find || !add || !initialize || initialize() != SQLITE_OK)
        return false;
    disk_steps.real = find(NULL);
    disk_steps.vfs = *disk_steps.real;
    disk_steps.vfs.zName = "steps";
    disk_steps.vfs.szOsFile = (int)sizeof(struct disk_steps_file) + disk_steps.real->szOsFile;
    disk_steps.vfs.xOpen = disk_steps_open;
    disk_steps.vfs.xDelete = disk_steps_delete;
    return add(&disk_steps.vfs, 1) == SQLITE_OK;
}

#endif
