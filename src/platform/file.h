/* SPDX-License-Identifier: MIT */
/*
 * file.h - files and their names.
 *
 * Names are UTF-8 and end with NUL, on Windows too, where text that is not valid UTF-8 names no
 * file (MSP_FILE_BAD_PATH). Functions that give back a string take a buffer and return the size
 * they need, the closing NUL included; what does not fit is not written (out becomes "").
 */
#ifndef MSP_PLATFORM_FILE_H
#define MSP_PLATFORM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

#ifdef _WIN32
#define MSP_PATH_SEPARATOR '\\'
#else
#define MSP_PATH_SEPARATOR '/'
#endif

/* What a name stands for. */
enum msp_file_kind {
    MSP_FILE_MISSING, /* nothing there, or a folder on the way is not there */
    MSP_FILE_FILE,    /* a regular file */
    MSP_FILE_FOLDER,
    MSP_FILE_OTHER,    /* a device, pipe, socket */
    MSP_FILE_DENIED,   /* the system does not let us look */
    MSP_FILE_BAD_PATH, /* not a name at all: empty, invalid characters, too long */
    MSP_FILE_ERROR     /* any other failure, such as a drive that is not ready */
};

/* How an operation on a file ended. */
enum msp_io {
    MSP_IO_OK,
    MSP_IO_MISSING,  /* no such file or folder */
    MSP_IO_DENIED,   /* no permission, read-only, in use by someone else */
    MSP_IO_EXISTS,   /* something of that name is already there */
    MSP_IO_FULL,     /* no space left, or over quota */
    MSP_IO_BAD_PATH, /* see MSP_FILE_BAD_PATH */
    MSP_IO_ERROR     /* any other failure */
};

/* How msp_file_open opens. */
enum msp_open_mode {
    MSP_OPEN_READ,    /* an existing file, for reading; others may read and write it */
    MSP_OPEN_CREATE,  /* a new file, for writing; MSP_IO_EXISTS when there is one */
    MSP_OPEN_REPLACE, /* a file for writing, emptied or created */
    MSP_OPEN_APPEND   /* a file for writing, created when it is not there: each write goes to its
                         end, also when other processes write there too */
};

/* An open file; handle is the system's. */
struct msp_file {
    intptr_t handle;
};

/* What the name stands for; links are followed. */
enum msp_file_kind msp_file_kind(const char *path);

/* Size of a regular file in bytes. */
enum msp_io msp_file_size(const char *path, uint64_t *out_size);

/*
 * Whether an existing file cannot be written: by attribute (natively: nobody may write it, which
 * does not stop the superuser but is meant all the same), permission, or because its volume is
 * mounted read-only. False when there is no such file.
 */
bool msp_file_is_read_only(const char *path);

/* Sets or clears the read-only attribute (natively: the write permissions). */
enum msp_io msp_file_set_read_only(const char *path, bool read_only);

/*
 * Whether the name leads to another machine: a UNC name, a remote drive or a link to one on
 * Windows; natively NFS, SMB, CIFS, AFS, Coda, 9P, Ceph, or FUSE with one of the known network
 * file systems behind it. A name that does not exist yet is judged by its folder.
 */
bool msp_path_is_network(const char *path);

/*
 * The absolute form of a name, without "." and ".." parts; it need not exist. Links are kept on
 * Windows and resolved natively, as far as the name exists (".." could not be taken out else).
 * Returns the size needed, 0 when the name is bad.
 */
size_t msp_path_full(const char *path, char *out, size_t out_size);

/* Whether the name is absolute: does not depend on the current folder or drive. */
bool msp_path_is_full(const char *path);

/* The part after the last separator: a pointer into the argument. */
const char *msp_path_base(const char *path);

/* The folder for temporary files, without a separator at its end. Size as above, 0: none. */
size_t msp_path_temp_folder(char *out, size_t out_size);

/* The system's folder for libraries: system32 on Windows; natively "/usr/lib". Size as above. */
size_t msp_path_system_folder(char *out, size_t out_size);

/* Deletes a file. */
enum msp_io msp_file_delete(const char *path);

/* Renames a file, replacing one that is already there in one step. Same volume only. */
enum msp_io msp_file_replace(const char *from, const char *to);

/* Makes a folder; the one above it must exist. */
enum msp_io msp_folder_create(const char *path);

/* Deletes an empty folder. */
enum msp_io msp_folder_delete(const char *path);

/* Opens a file. On success *out is to be closed; else *out is a closed file. */
enum msp_io msp_file_open(const char *path, enum msp_open_mode mode, struct msp_file *out);

/* Reads up to size bytes; *out_size is less than asked only at the end of the file. */
enum msp_io msp_file_read(struct msp_file *file, void *data, size_t size, size_t *out_size);

/* Writes all of it, or fails. */
enum msp_io msp_file_write(struct msp_file *file, const void *data, size_t size);

/* Returns when what was written is on the disk. */
enum msp_io msp_file_flush(struct msp_file *file);

/* Closes the file; a closed one is left alone. */
void msp_file_close(struct msp_file *file);

#ifdef _WIN32
/*
 * File names between UTF-8 and the system's UTF-16, both NUL-terminated. The count or size that is
 * needed is returned, the NUL included; 0 when the text is invalid in its encoding.
 */
size_t msp_path_to_utf16(const char *path, char16_t *out, size_t out_count);
size_t msp_path_from_utf16(const char16_t *path, char *out, size_t out_size);
#endif

#endif
