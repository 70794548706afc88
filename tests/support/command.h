/* SPDX-License-Identifier: MIT */
/*
 * command.h - mailhost as a command that a test runs: with a profile, a store and files of its own,
 * and what it has said.
 */
#ifndef TESTS_SUPPORT_COMMAND_H
#define TESTS_SUPPORT_COMMAND_H

#include "host/host_os.h"
#include "support/process.h"
#include "support/support.h"

struct command_fixture {
    char store[1024], profile[1024], inf[1024], output[1024], mail[1024];
    char text[65536]; /* what the last run has said, both streams */
    char id[200];     /* of a mail in the store, once a test has put one there */
};

struct command_bytes {
    char *data; /* with a zero behind it */
    size_t size;
};

/* Beside the library, under the name that programs have there. */
static inline const char *command_name(void)
{
    return strstr(fixture_dll(), ".dll") != NULL ? "mailhost.exe" : "./mailhost";
}

/* A whole file; its data is to be freed. */
static inline struct command_bytes command_read_file(const char *path)
{
    struct command_bytes file = { NULL, 0 };
    FILE *in = host_fopen(path, "rb");
    long size;

    assert_non_null(in);
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    size = ftell(in);
    assert_int_equal(fseek(in, 0, SEEK_SET), 0);
    file.data = calloc(1, (size_t)size + 1);
    assert_non_null(file.data);
    file.size = fread(file.data, 1, (size_t)size, in);
    fclose(in);
    return file;
}

static inline int command_setup(void **state)
{
    struct command_fixture *cx = calloc(1, sizeof(*cx));

    assert_non_null(cx);
    host_temp_path(".mkeep", cx->store, sizeof(cx->store));
    host_temp_path(".profile", cx->profile, sizeof(cx->profile));
    host_temp_path(".inf", cx->inf, sizeof(cx->inf));
    host_temp_path(".out", cx->output, sizeof(cx->output));
    host_temp_path(".mkm", cx->mail, sizeof(cx->mail));
    *state = cx;
    return 0;
}

static inline int command_teardown(void **state)
{
    struct command_fixture *cx = *state;

    host_file_remove(cx->store);
    host_dir_remove(cx->store);
    host_file_remove(cx->profile);
    host_file_remove(cx->inf);
    host_file_remove(cx->output);
    host_file_remove(cx->mail);
    host_dir_remove(cx->mail);
    free(cx);
    return 0;
}

/* mailhost --profile P and what follows it; its exit status. */
static inline int command_run(struct command_fixture *cx, const char *const *arguments)
{
    const char *all[16] = { command_name(), "--profile", cx->profile };
    struct process *process;
    struct command_bytes said;
    size_t to = 0;
    int status;

    for (size_t i = 0; arguments[i]; i++)
        all[3 + i] = arguments[i];
    process = process_start(all, cx->output);
    assert_non_null(process);
    status = process_wait(process);
    said = command_read_file(cx->output);
    for (size_t i = 0; i < said.size && to + 1 < sizeof(cx->text); i++) {
        if (said.data[i] != '\r')
            cx->text[to++] = said.data[i];
    }
    cx->text[to] = 0;
    free(said.data);
    return status;
}

static inline void command_run_ok(struct command_fixture *cx, const char *const *arguments)
{
    int status = command_run(cx, arguments);

    if (status != 0)
        fail_msg("%s: status %d: %s", arguments[0], status, cx->text);
}

/* The last run has said so. */
static inline void command_has(struct command_fixture *cx, const char *what)
{
    if (!strstr(cx->text, what))
        fail_msg("\"%s\" is not in: %s", what, cx->text);
}

/* A new store, registered. */
static inline void command_make_store(struct command_fixture *cx)
{
    const char *const arguments[] = { "register", "--dll", fixture_dll(), "--store", cx->store,
        "--inf", cx->inf, NULL };

    command_run_ok(cx, arguments);
}

#endif
