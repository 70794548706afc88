/* SPDX-License-Identifier: MIT */
/*
 * system.h - what a test must know of the system it runs on.
 */
#ifndef TESTS_SUPPORT_SYSTEM_H
#define TESTS_SUPPORT_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h> /* chmod, stat */

#ifdef _WIN32

#include <io.h>

#define ON_WINDOWS 1

/* SQLite itself, for a test that holds a file as another program would. */
#define SQLITE_LIBRARY "winsqlite3.dll"
#define SQLITE_CALL __stdcall

/* What system() takes: a program and two arguments, each quoted. */
#define COMMAND_FORMAT "\"\"%s\" %s \"%s\"\""

#else

#define ON_WINDOWS 0
#define SQLITE_LIBRARY "libsqlite3.so.0"
#define SQLITE_CALL
#define COMMAND_FORMAT "'%s' %s '%s'"

#endif

/* Windows as Wine plays it, whose system folder is the project's own: a test may put files there.
 */
bool system_is_wine(void);

/*
 * Lets no file of this process grow beyond a size, like a full disk; 0: as it was. False where the
 * system cannot do that.
 */
bool system_limit_files(size_t size);

#endif
