/* SPDX-License-Identifier: MIT */
/*
 * process.h - a test program that runs itself again, kills what it started, and has surroundings
 * of its own.
 *
 * A child learns from the environment what it is for; it shares the parent's output, unless it is
 * given a file.
 */
#ifndef TESTS_SUPPORT_PROCESS_H
#define TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>

struct process;

/* What process_wait() answers for a child that a signal or TerminateProcess has ended. */
#define PROCESS_KILLED (-1)

/* This program again, without arguments. Output and errors go to the file, which is replaced; NULL:
 * where the parent's go. NULL: it could not be started. */
struct process *process_start_self(const char *output_path);
bool process_is_running(struct process *process);
/* Ends it as the system does it, without a word: SIGKILL, TerminateProcess. */
void process_kill(struct process *process);
/* Waits for its end and frees it; its exit status, or PROCESS_KILLED (which on Windows a crash is,
 * too). */
int process_wait(struct process *process);

unsigned long process_id(void);

/* An environment variable of this process and of the children it starts from now on; NULL: takes it
 * away. "" sets an empty one. */
void process_env_set(const char *name, const char *value);

/* Where there is a registry: HKEY_CURRENT_USER is a key of this process alone until the end; false:
 * there is none. */
bool process_registry_begin(void);
/* A text below it. */
void process_registry_set(const char *key, const char *name, const char *value);
void process_registry_end(void);

#endif
