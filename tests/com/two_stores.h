/* SPDX-License-Identifier: MIT */
/*
 * two_stores.h - two stores with a profile each, open here, on which mailhost is run as a command.
 */
#ifndef TWO_STORES_H
#define TWO_STORES_H

#include "support/command.h"

struct two_stores {
    struct fixture *from, *to;
    char profile[2][1024];
    char said[1024];
    char dir[1024]; /* for a command to write to */
};

/* Runs a verb on one of the stores; what it said is to be freed. */
static inline char *mailhost(struct two_stores *stores, unsigned store, int expected,
        const char *verb, const char *first, const char *second)
{
    const char *const arguments[] = { command_name(), "--quiet", "--profile",
        stores->profile[store], verb, first, second, NULL };
    struct process *process = process_start(arguments, stores->said);
    int status;
    char *text;

    assert_non_null(process);
    status = process_wait(process);
    text = command_read_file(stores->said).data;
    if (status != expected)
        fail_msg("mailhost %s: %d, %s", verb, status, text);
    return text;
}

static inline int two_stores_setup(void **state)
{
    struct two_stores *stores = calloc(1, sizeof(*stores));
    struct fixture **fixtures[2];
    char why[300];

    assert_non_null(stores);
    fixtures[0] = &stores->from;
    fixtures[1] = &stores->to;
    for (unsigned i = 0; i < 2; i++) {
        *fixtures[i] = fixture_new();
        assert_ok(host_session_configure(&(*fixtures[i])->session, (*fixtures[i])->path));
        fixture_logon(*fixtures[i]);
        fixture_open_inbox(*fixtures[i]);
        host_temp_path(".profile", stores->profile[i], sizeof(stores->profile[i]));
        assert_true(
                host_profile_save((*fixtures[i])->profile, stores->profile[i], why, sizeof(why)));
    }
    host_temp_path(".said", stores->said, sizeof(stores->said));
    host_temp_path(".export", stores->dir, sizeof(stores->dir));
    *state = stores;
    return 0;
}

static inline int two_stores_teardown(void **state)
{
    struct two_stores *stores = *state;

    fixture_check_and_free(stores->to);
    fixture_check_and_free(stores->from);
    host_file_remove(stores->profile[0]);
    host_file_remove(stores->profile[1]);
    host_file_remove(stores->said);
    (void)host_dir_remove(stores->dir);
    free(stores);
    return 0;
}

/* The digest's 64 digits. */
static inline void digest_of(struct two_stores *stores, unsigned store, char out[65])
{
    char *said = mailhost(stores, store, 0, "digest", NULL, NULL);
    const char *at = strstr(said, "digest ");

    assert_non_null(at);
    memcpy(out, at + 7, 64);
    out[64] = '\0';
    free(said);
}

#endif
