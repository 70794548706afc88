/* SPDX-License-Identifier: MIT */
/*
 * host_os.h - what the reference host needs of the operating system.
 *
 * The host stands beside the product, not on it, so it has its own few lines here. All paths and
 * texts are UTF-8. host_os.c is the only file of the host that knows which system it runs on.
 */
#ifndef HOST_OS_H
#define HOST_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "platform/base.h"

struct host_lib;
struct host_thread;

/* A lock without owner checks; static initialisation is all zero. */
struct host_lock {
    void *words[8];
};

void host_lock_enter(struct host_lock *lock);
void host_lock_leave(struct host_lock *lock);

/* Loads a library by its path. NULL with a sentence in `why`. */
struct host_lib *host_lib_open(const char *path, char *why, size_t why_size);
/* An exported function, NULL when there is none of exactly this name. */
void (*host_lib_symbol(struct host_lib *lib, const char *name))(void);
/* The module handle as the loader has it (HINSTANCE on Windows). */
void *host_lib_handle(struct host_lib *lib);
/* One FreeLibrary for one host_lib_open. NULL is fine. */
void host_lib_close(struct host_lib *lib);
/* Whether a library of this path is mapped in the process right now. */
bool host_lib_is_loaded(const char *path);
/* What the system appends to a provider's registered base name: "32.dll" for "x.dll"; natively the
 * registered text is the file name. The result fits `out` or false. */
bool host_lib_registered_path(const char *registered, char *out, size_t out_size);

FILE *host_fopen(const char *path, const char *mode);
bool host_file_exists(const char *path);
bool host_file_remove(const char *path);
/* A new folder; true when it was there already. */
bool host_dir_make(const char *path);
bool host_dir_exists(const char *path);
/* A folder with the files in it, but no folders. */
bool host_dir_remove(const char *path);
/* Replaces `to` with `from` in one step. */
bool host_file_replace(const char *from, const char *to);
/* Nobody in any process has the file open, as far as the system can tell: on Windows an open with
 * no sharing, natively a look at this process's descriptors and the file's locks. */
bool host_file_is_free(const char *path);
/* A path that did not exist a moment ago, in the folder for temporary files. */
void host_temp_path(const char *suffix, char *out, size_t out_size);
/* The absolute form of a path. */
bool host_full_path(const char *path, char *out, size_t out_size);

/* The text in the system's ANSI code page, for functions that know no other. False when it does not
 * survive that, or does not fit. */
bool host_to_ansi(const char *text, char *out, size_t out_size);

uint64_t host_ticks_ms(void);
void host_sleep_ms(unsigned ms);
void host_random(void *out, size_t out_size);
/* An environment variable; false when it is not set or does not fit. */
bool host_env(const char *name, char *out, size_t out_size);
/* Sets it for this process and what it loads; NULL: takes it away. */
void host_env_set(const char *name, const char *value);
/* The system's number of this process. */
unsigned long host_process_id(void);
/* The most memory that this process has had at one time, in bytes. */
size_t host_memory_peak(void);
/* Ends the process without any clean-up code running, as a kill does. */
MSP_NORETURN void host_die(int status);
/* The command line in UTF-8; stays valid until the process ends. */
char **host_args(int argc, char **argv, int *out_count);

struct host_thread *host_thread_start(void (*run)(void *arg), void *arg);
/* Waits for the thread and frees it. */
void host_thread_join(struct host_thread *thread);
uintptr_t host_thread_id(void);
/* Threads of this process. One that has been joined may still be counted for a moment. */
unsigned host_thread_count(void);

#endif
