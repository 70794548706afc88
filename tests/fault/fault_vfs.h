/* SPDX-License-Identifier: MIT */
/*
 * fault_vfs.h - a disk for SQLite that fails when told, and that remembers what a power cut would
 * leave of it.
 *
 * It lies between SQLite and the system's files. Every call that reaches a file counts; the nth can
 * fail, once or from then on. With recording on, what was written since the last sync of a file is
 * kept apart: disk_image() writes a copy of the disk on which only some of that has arrived, torn
 * at sector borders.
 *
 * Only where SQLite is linked in. Locks: none; one thread, but for the calls that fail.
 */
#ifndef MSP_TEST_FAULT_VFS_H
#define MSP_TEST_FAULT_VFS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sqlite_api.h"
#include "util/buf.h"

enum { DISK_FILES = 8, DISK_SECTOR = 512 };

/* A write, or a new size (data NULL), that is not synced yet. */
struct disk_change {
    size_t offset;
    size_t size;
    uint8_t *data;
    struct disk_change *next;
};

/* What a recorded file has on the platter, and what is on its way. */
struct disk_file {
    char *name; /* NULL: free */
    struct msp_buf durable;
    bool is_there;
    struct disk_change *first;
    struct disk_change **end;
};

struct disk {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    /* A logon's own thread reaches the disk, too. */
    atomic_ulong count;   /* calls so far */
    atomic_ulong fail_at; /* 0: never */
    atomic_bool fail_forever;
    atomic_int fail_code;
    atomic_bool has_failed;
    bool takes_no_new_file; /* a medium on which nothing can be created, removed or written */
    bool is_recording;
    struct disk_file files[DISK_FILES];
    void (*on_event)(void *context); /* before each write and sync while recording */
    void *context;
};

static struct disk disk;

struct disk_handle {
    sqlite3_file base;
    struct disk_file *file; /* NULL: not recorded */
    sqlite3_file *real;     /* lies behind this structure */
};

static inline bool disk_fails(void)
{
    unsigned long count = atomic_fetch_add(&disk.count, 1) + 1;
    unsigned long fail_at = disk.fail_at;

    if (fail_at == 0 || count < fail_at)
        return false;
    if (count > fail_at && !disk.fail_forever)
        return false;
    disk.has_failed = true;
    return true;
}

static inline void disk_arm(unsigned long nth, bool forever, int code)
{
    disk.count = 0;
    disk.fail_at = nth;
    disk.fail_forever = forever;
    disk.fail_code = code;
    disk.has_failed = false;
}

static inline bool disk_disarm(void)
{
    disk.fail_at = 0;
    return disk.has_failed;
}

/* --- the platter ---------------------------------------------------------------------------- */

static inline void buf_size_to(struct msp_buf *buf, size_t size)
{
    if (size < buf->size)
        msp_buf_truncate(buf, size);
    else
        (void)msp_buf_append_zeros(buf, size - buf->size);
}

static inline void change_apply(struct msp_buf *to, const struct disk_change *change)
{
    if (change->data == NULL) {
        buf_size_to(to, change->size);
        return;
    }
    if (to->size < change->offset + change->size)
        buf_size_to(to, change->offset + change->size);
    if (change->size > 0)
        memcpy(to->data + change->offset, change->data, change->size);
}

static inline void changes_free(struct disk_file *file)
{
    while (file->first != NULL) {
        struct disk_change *change = file->first;

        file->first = change->next;
        free(change->data);
        free(change);
    }
    file->end = &file->first;
}

static inline void changes_settle(struct disk_file *file)
{
    for (struct disk_change *change = file->first; change != NULL; change = change->next)
        change_apply(&file->durable, change);
    changes_free(file);
}

static inline void change_add(struct disk_file *file, size_t offset, const void *data, size_t size)
{
    struct disk_change *change = calloc(1, sizeof(*change));

    change->offset = offset;
    change->size = size;
    if (data != NULL) {
        change->data = malloc(size);
        memcpy(change->data, data, size);
    }
    *file->end = change;
    file->end = &change->next;
}

static inline struct disk_file *disk_file(const char *name)
{
    struct disk_file *free_one = NULL;

    for (size_t i = 0; i < DISK_FILES; i++) {
        if (disk.files[i].name != NULL && strcmp(disk.files[i].name, name) == 0)
            return &disk.files[i];
        if (disk.files[i].name == NULL && free_one == NULL)
            free_one = &disk.files[i];
    }
    if (free_one != NULL) {
        free_one->name = strdup(name);
        free_one->end = &free_one->first;
    }
    return free_one;
}

/* Starts recording: what is on the disk now counts as durable. Call it without open files. */
static inline void disk_record(bool on)
{
    for (size_t i = 0; i < DISK_FILES; i++) {
        struct disk_file *file = &disk.files[i];

        if (file->name == NULL)
            continue;
        changes_free(file);
        msp_buf_free(&file->durable);
        free(file->name);
        memset(file, 0, sizeof(*file));
    }
    disk.is_recording = on;
}

/* How much of what is not synced arrives. */
enum disk_luck {
    LUCK_NONE,
    LUCK_ALL,
    LUCK_SOME /* each write as a whole, in part, or not at all */
};

/* Writes what a power cut now would leave of the files whose names begin with `from`, under names
 * that begin with `to` instead. */
static inline void disk_image(const char *from, const char *to, enum disk_luck luck, uint32_t *seed)
{
    for (size_t i = 0; i < DISK_FILES; i++) {
        struct disk_file *file = &disk.files[i];
        struct msp_buf image = MSP_BUF_INIT;
        char name[900];
        FILE *out;

        if (file->name == NULL || strncmp(file->name, from, strlen(from)) != 0)
            continue;
        (void)snprintf(name, sizeof(name), "%s%s", to, file->name + strlen(from));
        (void)remove(name);
        if (!file->is_there)
            continue;
        (void)msp_buf_append(&image, file->durable.data, file->durable.size);
        for (struct disk_change *change = file->first; change != NULL; change = change->next) {
            struct disk_change part = *change;

            if (luck == LUCK_NONE)
                break;
            *seed = *seed * 1664525u + 1013904223u;
            if (luck == LUCK_SOME && (*seed >> 20) % 3 == 0)
                continue;
            if (luck == LUCK_SOME && (*seed >> 20) % 3 == 1 && change->data != NULL)
                part.size = (*seed >> 8) % (change->size / DISK_SECTOR + 1) * DISK_SECTOR;
            change_apply(&image, &part);
        }
        out = fopen(name, "wb");
        if (out == NULL || (image.size > 0 && fwrite(image.data, 1, image.size, out) != image.size))
            abort();
        (void)fclose(out);
        msp_buf_free(&image);
    }
}

/* --- files ---------------------------------------------------------------------------------- */

static inline struct disk_handle *handle_of(sqlite3_file *file)
{
    return (struct disk_handle *)(void *)file;
}

static inline void disk_event(void)
{
    if (disk.is_recording && disk.on_event != NULL)
        disk.on_event(disk.context);
}

static int disk_close(sqlite3_file *file)
{
    struct disk_handle *handle = handle_of(file);

    return handle->real->pMethods->xClose(handle->real);
}

static int disk_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    struct disk_handle *handle = handle_of(file);

    if (disk_fails())
        return SQLITE_IOERR_READ;
    return handle->real->pMethods->xRead(handle->real, data, size, offset);
}

static int disk_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    struct disk_handle *handle = handle_of(file);

    if (disk_fails()) {
        /* A disk that fails in the middle of a write has written some of it. */
        (void)handle->real->pMethods->xWrite(handle->real, data, size / 2, offset);
        return disk.fail_code;
    }
    disk_event();
    if (handle->file != NULL)
        change_add(handle->file, (size_t)offset, data, (size_t)size);
    return handle->real->pMethods->xWrite(handle->real, data, size, offset);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct disk_handle *handle = handle_of(file);

    if (disk_fails())
        return SQLITE_IOERR_TRUNCATE;
    disk_event();
    if (handle->file != NULL)
        change_add(handle->file, 0, NULL, (size_t)size);
    return handle->real->pMethods->xTruncate(handle->real, size);
}

static int disk_sync(sqlite3_file *file, int flags)
{
    struct disk_handle *handle = handle_of(file);

    (void)flags;
    if (disk_fails())
        return SQLITE_IOERR_FSYNC;
    disk_event();
    if (handle->file != NULL)
        changes_settle(handle->file);
    return SQLITE_OK; /* the real disk need not be bothered */
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *out)
{
    struct disk_handle *handle = handle_of(file);

    if (disk_fails())
        return SQLITE_IOERR_FSTAT;
    return handle->real->pMethods->xFileSize(handle->real, out);
}

static int disk_lock(sqlite3_file *file, int level)
{
    struct disk_handle *handle = handle_of(file);

    if (disk_fails())
        return SQLITE_IOERR_LOCK;
    return handle->real->pMethods->xLock(handle->real, level);
}

static int disk_unlock(sqlite3_file *file, int level)
{
    struct disk_handle *handle = handle_of(file);

    return handle->real->pMethods->xUnlock(handle->real, level);
}

static int disk_check_lock(sqlite3_file *file, int *out)
{
    struct disk_handle *handle = handle_of(file);

    return handle->real->pMethods->xCheckReservedLock(handle->real, out);
}

static int disk_control(sqlite3_file *file, int what, void *arg)
{
    struct disk_handle *handle = handle_of(file);

    return handle->real->pMethods->xFileControl(handle->real, what, arg);
}

static int disk_sector_size(sqlite3_file *file)
{
    (void)file;
    return DISK_SECTOR;
}

static int disk_traits(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int disk_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    struct disk_handle *handle = handle_of(file);

    if (disk_fails())
        return SQLITE_IOERR_SHMMAP;
    if (disk.takes_no_new_file)
        return SQLITE_READONLY_CANTINIT;
    return handle->real->pMethods->xShmMap(handle->real, page, size, extend, out);
}

static int disk_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    struct disk_handle *handle = handle_of(file);

    if ((flags & SQLITE_SHM_LOCK) != 0 && disk_fails())
        return SQLITE_IOERR_SHMLOCK;
    return handle->real->pMethods->xShmLock(handle->real, offset, count, flags);
}

static void disk_shm_barrier(sqlite3_file *file)
{
    struct disk_handle *handle = handle_of(file);

    handle->real->pMethods->xShmBarrier(handle->real);
}

static int disk_shm_unmap(sqlite3_file *file, int remove_it)
{
    struct disk_handle *handle = handle_of(file);

    return handle->real->pMethods->xShmUnmap(handle->real, remove_it);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_lock,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector_size,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static int disk_open(
        sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    struct disk_handle *handle = handle_of(file);
    int code;

    (void)vfs;
    memset(handle, 0, sizeof(*handle));
    handle->real = (sqlite3_file *)(void *)(handle + 1);
    if (disk_fails() || (disk.takes_no_new_file && (flags & SQLITE_OPEN_MAIN_DB) == 0))
        return SQLITE_CANTOPEN;
    if (disk.takes_no_new_file) {
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
        if (out_flags != NULL)
            *out_flags = flags;
    }
    code = disk.real->xOpen(disk.real, name, handle->real, flags, out_flags);
    if (code != SQLITE_OK)
        return code;
    handle->base.pMethods = &disk_methods;
    if (disk.is_recording && name != NULL && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0) {
        handle->file = disk_file(name);
        handle->file->is_there = true;
    }
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    if (disk_fails())
        return SQLITE_IOERR_DELETE;
    disk_event();
    if (disk.is_recording) {
        struct disk_file *file = disk_file(name);

        file->is_there = false;
        msp_buf_free(&file->durable);
        changes_free(file);
    }
    return disk.real->xDelete(disk.real, name, sync_folder);
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    if (disk_fails())
        return SQLITE_IOERR_ACCESS;
    return disk.real->xAccess(disk.real, name, flags, out);
}

/* Makes this disk the one SQLite uses. */
static inline void disk_install(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "fault";
    disk.vfs.szOsFile = (int)sizeof(struct disk_handle) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    disk.vfs.xAccess = disk_access;
    if (sqlite3_vfs_register(&disk.vfs, 1) != SQLITE_OK)
        abort();
}

#endif
