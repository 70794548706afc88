/* SPDX-License-Identifier: MIT */
/*
 * process.h - programs that a test starts (itself again, above all) and kills, and a registry of
 * its own.
 *
 * Children get the environment of this process: see host_env_set().
 */
#ifndef TESTS_SUPPORT_PROCESS_H
#define TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>

#include "platform/base.h"

struct process;

/* What process_wait() answers for a child that a signal or TerminateProcess has ended. */
#define PROCESS_KILLED (-1)

/* A program with its arguments, the last one NULL; NULL in the place of the program: this one
 * again. Output and errors go to the file, which is replaced; NULL: where the parent's go. NULL: it
 * could not be started. */
struct process *process_start(const char *const *arguments, const char *output_path);
struct process *process_start_self(const char *output_path);
bool process_is_running(struct process *process);
/* Ends it as the system does it, without a word: SIGKILL, TerminateProcess. */
void process_kill(struct process *process);
/* The same for this process. */
MSP_NORETURN void process_kill_self(void);
/* Waits for its end and frees it; its exit status, or PROCESS_KILLED (which on Windows a crash is,
 * too). */
int process_wait(struct process *process);

/* Where there is a registry: HKEY_CURRENT_USER and HKEY_LOCAL_MACHINE are keys of this process
 * alone, and empty, until the end; false: there is none. */
bool process_registry_begin(void);
/* A text below HKEY_CURRENT_USER. */
void process_registry_set(const char *key, const char *name, const char *value);
/* A text below HKEY_LOCAL_MACHINE; no name: the key's own value. And what is there: a number; false
 * when there is none. */
void process_registry_set_machine(const char *key, const char *name, const char *value);
bool process_registry_get_machine(const char *key, const char *name, unsigned *out);
void process_registry_end(void);

#endif
