/* SPDX-License-Identifier: MIT */
/*
 * system.h - what a test must know of the system it runs on.
 */
#ifndef TESTS_SUPPORT_SYSTEM_H
#define TESTS_SUPPORT_SYSTEM_H

#include <sys/stat.h> /* chmod */

#ifdef _WIN32

#include <io.h>

#define ON_WINDOWS 1

/* SQLite itself, for a test that holds a file as another program would. */
#define SQLITE_LIBRARY "winsqlite3.dll"
#define SQLITE_CALL __stdcall

#else

#define ON_WINDOWS 0
#define SQLITE_LIBRARY "libsqlite3.so.0"
#define SQLITE_CALL

#endif

#endif
