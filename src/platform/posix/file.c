/* SPDX-License-Identifier: MIT */
/*
 * file.c - files and their names.
 */
#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/env.h"

static enum msp_io io_from_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return MSP_IO_MISSING;
    case EACCES:
    case EPERM:
    case EROFS:
    case EBUSY:
    case ETXTBSY:
        return MSP_IO_DENIED;
    case EEXIST:
        return MSP_IO_EXISTS;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return MSP_IO_FULL;
    case ENAMETOOLONG:
    case ELOOP:
    case EINVAL:
        return MSP_IO_BAD_PATH;
    default:
        return MSP_IO_ERROR;
    }
}

static enum msp_io io_result(int rc)
{
    return rc == 0 ? MSP_IO_OK : io_from_errno(errno);
}

/* Writes a string if it fits, else ""; returns the size needed. */
static size_t give(const char *text, char *out, size_t out_size)
{
    size_t size = strlen(text) + 1;

    if (size <= out_size)
        memcpy(out, text, size);
    else if (out_size > 0)
        out[0] = '\0';
    return size;
}

enum msp_file_kind msp_file_kind(const char *path)
{
    struct stat st;

    if (path[0] == '\0')
        return MSP_FILE_BAD_PATH;
    if (stat(path, &st) != 0) {
        switch (io_from_errno(errno)) {
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
    if (S_ISREG(st.st_mode))
        return MSP_FILE_FILE;
    return S_ISDIR(st.st_mode) ? MSP_FILE_FOLDER : MSP_FILE_OTHER;
}

enum msp_io msp_file_size(const char *path, uint64_t *out_size)
{
    struct stat st;

    *out_size = 0;
    if (stat(path, &st) != 0)
        return io_from_errno(errno);
    if (!S_ISREG(st.st_mode))
        return MSP_IO_ERROR;
    *out_size = (uint64_t)st.st_size;
    return MSP_IO_OK;
}

bool msp_file_is_read_only(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return false;
    if ((st.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        return true;
    return access(path, W_OK) != 0 && (errno == EACCES || errno == EROFS || errno == EPERM);
}

enum msp_io msp_file_set_read_only(const char *path, bool read_only)
{
    struct stat st;
    mode_t mode;

    if (stat(path, &st) != 0)
        return io_from_errno(errno);
    mode = st.st_mode & 07777;
    if (read_only)
        mode &= (mode_t) ~(S_IWUSR | S_IWGRP | S_IWOTH);
    else
        mode |= S_IWUSR;
    return io_result(chmod(path, mode));
}

size_t msp_path_full(const char *path, char *out, size_t out_size)
{
    char folder[PATH_MAX], full[PATH_MAX];
    const char *base = msp_path_base(path);
    int length;

    if (out_size > 0)
        out[0] = '\0';
    if (path[0] == '\0')
        return 0;
    if (realpath(path, full))
        return give(full, out, out_size);
    /* Not there: then its folder has to be. */
    if (errno != ENOENT || base[0] == '\0' || strcmp(base, "..") == 0 || strcmp(base, ".") == 0)
        return 0;
    length = snprintf(folder, sizeof(folder), "%.*s.", (int)(base - path), path);
    if (length < 0 || (size_t)length >= sizeof(folder) || !realpath(folder, full))
        return 0;
    length = snprintf(folder, sizeof(folder), "%s%s%s", full, full[1] == '\0' ? "" : "/", base);
    if (length < 0 || (size_t)length >= sizeof(folder))
        return 0;
    return give(folder, out, out_size);
}

size_t msp_path_temp_folder(char *out, size_t out_size)
{
    char folder[PATH_MAX];
    size_t size = msp_env_get("TMPDIR", folder, sizeof(folder));

    if (size <= 1 || size > sizeof(folder) || folder[0] != '/')
        return give("/tmp", out, out_size);
    for (size_t last = size - 2; last > 0 && folder[last] == '/'; last--)
        folder[last] = '\0';
    return give(folder, out, out_size);
}

size_t msp_path_system_folder(char *out, size_t out_size)
{
    return give("/usr/lib", out, out_size);
}

enum msp_io msp_file_delete(const char *path)
{
    return io_result(unlink(path));
}

enum msp_io msp_file_replace(const char *from, const char *to)
{
    return io_result(rename(from, to));
}

enum msp_io msp_folder_create(const char *path)
{
    return io_result(mkdir(path, 0777));
}

enum msp_io msp_folder_delete(const char *path)
{
    return io_result(rmdir(path));
}

enum msp_io msp_file_open(const char *path, enum msp_open_mode mode, struct msp_file *out)
{
    int flags = mode == MSP_OPEN_READ ? O_RDONLY : O_WRONLY | O_CREAT;
    int fd;

    if (mode == MSP_OPEN_CREATE)
        flags |= O_EXCL;
    if (mode == MSP_OPEN_REPLACE)
        flags |= O_TRUNC;
    if (mode == MSP_OPEN_APPEND)
        flags |= O_APPEND;
    out->handle = -1;
    if (path[0] == '\0')
        return MSP_IO_BAD_PATH;
    if (mode == MSP_OPEN_READ && msp_file_kind(path) == MSP_FILE_FOLDER)
        return MSP_IO_DENIED; /* open() would succeed and only reading would fail */
    fd = open(path, flags | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno == EISDIR ? MSP_IO_DENIED : io_from_errno(errno);
    out->handle = fd;
    return MSP_IO_OK;
}

enum msp_io msp_file_read(struct msp_file *file, void *data, size_t size, size_t *out_size)
{
    char *to = data;

    *out_size = 0;
    while (*out_size < size) {
        ssize_t got = read((int)file->handle, to + *out_size, size - *out_size);

        if (got == 0)
            break;
        if (got > 0)
            *out_size += (size_t)got;
        else if (errno != EINTR)
            return io_from_errno(errno);
    }
    return MSP_IO_OK;
}

enum msp_io msp_file_write(struct msp_file *file, const void *data, size_t size)
{
    const char *from = data;

    while (size > 0) {
        ssize_t done = write((int)file->handle, from, size);

        if (done >= 0) {
            from += done;
            size -= (size_t)done;
        } else if (errno != EINTR) {
            return io_from_errno(errno);
        }
    }
    return MSP_IO_OK;
}

enum msp_io msp_file_flush(struct msp_file *file)
{
    return io_result(fsync((int)file->handle));
}

void msp_file_close(struct msp_file *file)
{
    if (file->handle >= 0)
        close((int)file->handle);
    file->handle = -1;
}
