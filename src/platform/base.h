/* SPDX-License-Identifier: MIT */
/*
 * base.h - what differs between gcc, clang, mingw and MSVC, under one set of names.
 */
#ifndef MSP_PLATFORM_BASE_H
#define MSP_PLATFORM_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __MINGW32__
#include <stdio.h> /* __MINGW_PRINTF_FORMAT: which printf family the build really uses */
#endif

/* The argument at position `fmt` is a printf format for those from `args` on (0: a va_list). */
#if defined(__MINGW32__)
#define MSP_PRINTF(fmt, args) __attribute__((format(__MINGW_PRINTF_FORMAT, fmt, args)))
#elif defined(__GNUC__) || defined(__clang__)
#define MSP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define MSP_PRINTF(fmt, args)
#endif

/* Stands before the declaration of a function that does not return. */
#if defined(_MSC_VER) && !defined(__clang__)
#define MSP_NORETURN __declspec(noreturn)
#else
#define MSP_NORETURN _Noreturn
#endif

/*
 * Stands before the definition of a function that the library shows to the outside. On Windows the
 * module definition file decides what is exported, under undecorated names.
 */
#if defined(_WIN32)
#define MSP_EXPORT
#else
#define MSP_EXPORT __attribute__((visibility("default")))
#endif

/* Stands before a declaration whose result must be looked at. */
#if defined(__GNUC__) || defined(__clang__)
#define MSP_MUST_CHECK __attribute__((warn_unused_result))
#else
#define MSP_MUST_CHECK
#endif

/* A case label that goes on into the next one on purpose. */
#if defined(__GNUC__) || defined(__clang__)
#define MSP_FALLTHROUGH __attribute__((fallthrough))
#else
#define MSP_FALLTHROUGH ((void)0)
#endif

/* Says that a parameter or value is left unused on purpose. */
#define MSP_UNUSED(x) ((void)(x))

/* Number of elements of an array (not of a pointer). */
#define MSP_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/*
 * There is no thread-local storage here: with mingw it needs a runtime library that Windows does
 * not ship, and on Windows it costs every thread of the host. Keep state in objects.
 */

#endif
