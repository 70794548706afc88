/* SPDX-License-Identifier: MIT */
/*
 * file.c - files and their names.
 *
 * Every function widens its name first (wide_dup sets the last error), so that one table of error
 * codes serves all.
 */
#include "platform/file.h"

#include <stdlib.h>
#include <windows.h>

#include "platform/win32/wide.h"

#define CLOSED ((intptr_t)-1)
#define DISK_QUOTA_EXCEEDED 1295 /* ERROR_..., which not every SDK declares */

static enum msp_io io_from_error(DWORD error)
{
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
        return MSP_IO_MISSING;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_WRITE_PROTECT:
        return MSP_IO_DENIED;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
    case ERROR_DIR_NOT_EMPTY:
        return MSP_IO_EXISTS;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case DISK_QUOTA_EXCEEDED:
        return MSP_IO_FULL;
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_DIRECTORY:
    case ERROR_NO_UNICODE_TRANSLATION:
        return MSP_IO_BAD_PATH;
    default:
        return MSP_IO_ERROR;
    }
}

static enum msp_io io_result(BOOL ok)
{
    return ok ? MSP_IO_OK : io_from_error(GetLastError());
}

/* free() may change the last error; this keeps it. */
static void free_wide(char16_t *wide)
{
    DWORD error = GetLastError();

    free(wide);
    SetLastError(error);
}

size_t msp_path_to_utf16(const char *path, char16_t *out, size_t out_count)
{
    char16_t *wide = wide_dup(path);
    size_t count = wide ? (size_t)lstrlenW(wide) + 1 : 0;

    if (out_count > 0)
        out[0] = 0;
    for (size_t i = 0; count <= out_count && i < count; i++)
        out[i] = wide[i];
    free(wide);
    return count;
}

size_t msp_path_from_utf16(const char16_t *path, char *out, size_t out_size)
{
    return wide_to_utf8(path, out, out_size);
}

/* Opens for looking at; everything the system lets one look at, folders too. */
static HANDLE open_to_look(const char16_t *path)
{
    return CreateFileW(path, FILE_READ_ATTRIBUTES,
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
            FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

static bool is_device_name(const char16_t *path)
{
    return (path[0] == '\\' || path[0] == '/') && (path[1] == '\\' || path[1] == '/') &&
           path[2] == '.';
}

static enum msp_file_kind kind_of(const char16_t *path)
{
    DWORD attributes;
    HANDLE handle;
    DWORD type;

    if (is_device_name(path))
        return MSP_FILE_OTHER; /* opening it could have effects */
    attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES) {
        switch (io_from_error(GetLastError())) {
        case MSP_IO_MISSING:
            return MSP_FILE_MISSING;
        case MSP_IO_DENIED:
            return MSP_FILE_DENIED;
        case MSP_IO_BAD_PATH:
            return MSP_FILE_BAD_PATH;
        default:
            return MSP_FILE_ERROR;
        }
    }
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return MSP_FILE_FOLDER;
    if (attributes & FILE_ATTRIBUTE_DEVICE)
        return MSP_FILE_OTHER;
    handle = open_to_look(path);
    if (handle == INVALID_HANDLE_VALUE)
        return MSP_FILE_FILE; /* in use; only files can be */
    type = GetFileType(handle);
    CloseHandle(handle);
    return type == FILE_TYPE_DISK ? MSP_FILE_FILE : MSP_FILE_OTHER;
}

enum msp_file_kind msp_file_kind(const char *path)
{
    char16_t *wide = path[0] != '\0' ? wide_dup(path) : NULL;
    enum msp_file_kind kind = MSP_FILE_BAD_PATH;

    if (wide)
        kind = kind_of(wide);
    free(wide);
    return kind;
}

enum msp_io msp_file_size(const char *path, uint64_t *out_size)
{
    char16_t *wide = wide_dup(path);
    WIN32_FILE_ATTRIBUTE_DATA data;
    enum msp_io io;

    *out_size = 0;
    io = io_result(wide && GetFileAttributesExW(wide, GetFileExInfoStandard, &data));
    if (io == MSP_IO_OK && (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        io = MSP_IO_ERROR;
    if (io == MSP_IO_OK)
        *out_size = (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow;
    free_wide(wide);
    return io;
}

bool msp_file_is_read_only(const char *path)
{
    char16_t *wide = wide_dup(path);
    bool read_only = false;
    DWORD attributes = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    HANDLE handle;

    /* On a folder the attribute means something else. */
    if (attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
        handle = CreateFileW(wide, FILE_WRITE_DATA,
                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0,
                NULL);
        if (handle != INVALID_HANDLE_VALUE)
            CloseHandle(handle);
        else
            read_only =
                    GetLastError() == ERROR_ACCESS_DENIED || GetLastError() == ERROR_WRITE_PROTECT;
        if (attributes & FILE_ATTRIBUTE_READONLY)
            read_only = true;
    }
    free(wide);
    return read_only;
}

enum msp_io msp_file_set_read_only(const char *path, bool read_only)
{
    char16_t *wide = wide_dup(path);
    DWORD attributes = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    enum msp_io io;

    if (attributes == INVALID_FILE_ATTRIBUTES) {
        io = io_from_error(GetLastError());
    } else {
        attributes &= ~(DWORD)FILE_ATTRIBUTE_READONLY;
        if (read_only)
            attributes |= FILE_ATTRIBUTE_READONLY;
        io = io_result(SetFileAttributesW(wide, attributes));
    }
    free(wide);
    return io;
}

/* The absolute form, to be freed with free(), or NULL. */
static char16_t *full_wide(const char *path)
{
    char16_t *wide = path[0] != '\0' ? wide_dup(path) : NULL;
    char16_t *full = NULL;
    DWORD count = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;

    if (count > 0)
        full = malloc(count * sizeof(*full));
    if (full && GetFullPathNameW(wide, count, full, NULL) >= count) {
        free(full); /* the current folder changed in between */
        full = NULL;
    }
    free(wide);
    return full;
}

size_t msp_path_full(const char *path, char *out, size_t out_size)
{
    char16_t *full = full_wide(path);
    size_t size = 0;

    if (full)
        size = wide_to_utf8(full, out, out_size);
    else if (out_size > 0)
        out[0] = '\0';
    free(full);
    return size;
}

/* Asks the file system of an existing file or folder whether a protocol is behind it. */
static bool is_remote_handle(const char16_t *path)
{
    FILE_REMOTE_PROTOCOL_INFO info;
    HANDLE handle = open_to_look(path);
    bool remote;

    if (handle == INVALID_HANDLE_VALUE)
        return false;
    remote = GetFileInformationByHandleEx(handle, FileRemoteProtocolInfo, &info, sizeof(info));
    CloseHandle(handle);
    return remote;
}

/* Whether \\?\ or \\.\ is in front; *out_rest is what follows. */
static bool skip_prefix(char16_t *path, char16_t **out_rest)
{
    *out_rest = path;
    if (path[0] != '\\' || path[1] != '\\' || (path[2] != '?' && path[2] != '.') || path[3] != '\\')
        return false;
    *out_rest = path + 4;
    return true;
}

static bool is_network(char16_t *full)
{
    char16_t root[4] = u"?:\\";
    char16_t *rest, *base;

    if (skip_prefix(full, &rest)) {
        if ((rest[0] | 0x20) == 'u' && (rest[1] | 0x20) == 'n' && (rest[2] | 0x20) == 'c' &&
                rest[3] == '\\')
            return true;
    } else if (full[0] == '\\' && full[1] == '\\') {
        return true;
    }
    if (rest[0] != 0 && rest[1] == ':') {
        root[0] = rest[0];
        if (GetDriveTypeW(root) == DRIVE_REMOTE)
            return true;
    }
    if (is_device_name(full))
        return false;
    /* A local drive may still hold a link to a share. */
    if (GetFileAttributesW(full) != INVALID_FILE_ATTRIBUTES)
        return is_remote_handle(full);
    base = full;
    for (char16_t *p = full; *p != 0; p++) {
        if (*p == '\\')
            base = p + 1;
    }
    *base = 0;
    return is_remote_handle(full);
}

bool msp_path_is_network(const char *path)
{
    char16_t *full = full_wide(path);
    bool network = full && is_network(full);

    free(full);
    return network;
}

size_t msp_path_temp_folder(char *out, size_t out_size)
{
    char16_t folder[MAX_PATH + 1];
    DWORD length = GetTempPathW(MAX_PATH + 1, folder);

    if (out_size > 0)
        out[0] = '\0';
    if (length == 0 || length > MAX_PATH)
        return 0;
    if (length > 3 && folder[length - 1] == '\\')
        folder[length - 1] = 0;
    return wide_to_utf8(folder, out, out_size);
}

size_t msp_path_system_folder(char *out, size_t out_size)
{
    char16_t folder[MAX_PATH + 1];
    UINT length = GetSystemDirectoryW(folder, MAX_PATH + 1);

    if (out_size > 0)
        out[0] = '\0';
    if (length == 0 || length > MAX_PATH)
        return 0;
    return wide_to_utf8(folder, out, out_size);
}

enum msp_io msp_file_delete(const char *path)
{
    char16_t *wide = wide_dup(path);
    enum msp_io io = io_result(wide && DeleteFileW(wide));

    free(wide);
    return io;
}

enum msp_io msp_file_replace(const char *from, const char *to)
{
    char16_t *wide_from = wide_dup(from);
    char16_t *wide_to = wide_from ? wide_dup(to) : NULL;
    enum msp_io io =
            io_result(wide_to && MoveFileExW(wide_from, wide_to,
                                         MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH));

    free(wide_to);
    free(wide_from);
    return io;
}

enum msp_io msp_folder_create(const char *path)
{
    char16_t *wide = wide_dup(path);
    enum msp_io io = io_result(wide && CreateDirectoryW(wide, NULL));

    free(wide);
    return io;
}

enum msp_io msp_folder_delete(const char *path)
{
    char16_t *wide = wide_dup(path);
    enum msp_io io = io_result(wide && RemoveDirectoryW(wide));

    free(wide);
    return io;
}

enum msp_io msp_file_open(const char *path, enum msp_open_mode mode, struct msp_file *out)
{
    DWORD share = FILE_SHARE_READ, access = GENERIC_WRITE, disposition = CREATE_ALWAYS;
    char16_t *wide;
    HANDLE handle;
    enum msp_io io;

    if (mode == MSP_OPEN_READ) {
        share |= FILE_SHARE_WRITE | FILE_SHARE_DELETE;
        access = GENERIC_READ;
        disposition = OPEN_EXISTING;
    } else if (mode == MSP_OPEN_CREATE) {
        disposition = CREATE_NEW;
    } else if (mode == MSP_OPEN_APPEND) {
        share |= FILE_SHARE_WRITE | FILE_SHARE_DELETE;
        access = FILE_APPEND_DATA | SYNCHRONIZE;
        disposition = OPEN_ALWAYS;
    }
    out->handle = CLOSED;
    if (path[0] == '\0')
        return MSP_IO_BAD_PATH;
    wide = wide_dup(path);
    if (!wide)
        return io_from_error(GetLastError());
    handle = CreateFileW(wide, access, share, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
    io = io_result(handle != INVALID_HANDLE_VALUE);
    out->handle = (intptr_t)handle;
    free(wide);
    return io;
}

/* The system's functions count in 32 bits. */
static DWORD part_of(size_t size)
{
    return size < 0x10000000 ? (DWORD)size : 0x10000000;
}

enum msp_io msp_file_read(struct msp_file *file, void *data, size_t size, size_t *out_size)
{
    char *to = data;

    *out_size = 0;
    while (*out_size < size) {
        DWORD got = 0;

        if (!ReadFile((HANDLE)file->handle, to + *out_size, part_of(size - *out_size), &got, NULL))
            return io_from_error(GetLastError());
        if (got == 0)
            break;
        *out_size += got;
    }
    return MSP_IO_OK;
}

enum msp_io msp_file_write(struct msp_file *file, const void *data, size_t size)
{
    const char *from = data;

    while (size > 0) {
        DWORD done = 0;

        if (!WriteFile((HANDLE)file->handle, from, part_of(size), &done, NULL))
            return io_from_error(GetLastError());
        if (done == 0)
            return MSP_IO_FULL;
        from += done;
        size -= done;
    }
    return MSP_IO_OK;
}

enum msp_io msp_file_flush(struct msp_file *file)
{
    return io_result(FlushFileBuffers((HANDLE)file->handle));
}

void msp_file_close(struct msp_file *file)
{
    if (file->handle != CLOSED)
        CloseHandle((HANDLE)file->handle);
    file->handle = CLOSED;
}
