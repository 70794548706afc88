/* SPDX-License-Identifier: MIT */
/*
 * cmd.h - the verbs of mailhost and what they share: the command line, an open store, errors.
 *
 * Every verb returns the exit status: 0 done, 1 failed (the sentence is on stderr), 2 wrong usage.
 */
#ifndef CMD_H
#define CMD_H

#include "../host_session.h"
#include "../host_sink.h"
#include "../host_text.h"

enum ending {
    END_SESSION, /* the default */
    END_STORE_RELEASE,
    END_STORE_LOGOFF,
    END_FAST,
    END_KILL,
    END_COUNT
};

struct cmd {
    const char *profile_path, *verb;
    char **args; /* what is no option */
    int arg_count;
    bool quiet, batch, resume, list, desc;
    const char *dll, *store, *inf, *folder, *journal, *sort;
    enum ending ending;
    unsigned long from, rows, rounds, kill_after;
};

/* A logged-on client of one store. */
struct client {
    const struct cmd *cmd;
    struct host_profile *profile;
    struct host_session session;
    struct host_support *support;
    IMsgStore *store;
    char trace[1024]; /* the file with the provider's trace; "": there is none */
    long trace_from;  /* where this client's part begins */
    bool trace_is_ours;
};

extern const char *const ending_names[END_COUNT];

/* One line "mailhost: ..." on stderr; returns 1. */
int complain(const char *format, ...) MSP_PRINTF(1, 2);
/* "mailhost: <what>: <the object's sentence>"; returns 1. */
int complain_hr(void *object, HRESULT hr, const char *what);
/* A line on stderr that overwrites the last one, at most a few times a second; nothing with
 * --quiet. done == total ends the line. */
void progress(const struct cmd *cmd, const char *what, unsigned long done, unsigned long total);

void give_back(void *buffer); /* MAPIFreeBuffer; NULL is fine */
void give_back_rows(LPSRowSet rows);
/* Entry ids travel as SBinary; methods want ENTRYID pointers. */
ENTRYID *id_of(const SBinary *id);

/* Loads the profile and logs on. 0, or 1 after a complaint; client_close is due in both cases. */
int client_open(struct client *client, const struct cmd *cmd, bool writable);
/* Ends along the path that the command line asks for (END_FAST and END_KILL do not return: the
 * process ends with `status`). Returns status, or 1 when the end itself broke a rule. */
int client_close(struct client *client, int status);

/* Has the provider write its trace, and shows it at the end on stderr: logons and logoffs, how long
 * they took, and what was left open. Nothing with --quiet. A MAILKEEP_TRACE of the user's own is
 * kept. client_open and client_close do it. */
void trace_begin(struct client *client);
void trace_show(struct client *client);

/* A folder by name (any depth, first found, case ignored) or by path with '/'; NULL name: the
 * receive folder. Opened with MAPI_MODIFY when writable. NULL after a complaint. */
IMAPIFolder *client_folder(struct client *client, const char *name, bool writable);
IMAPIFolder *open_folder(struct client *client, const SBinary *id, ULONG flags);
IMessage *open_message(struct client *client, const SBinary *id, HRESULT *out_hr);

/* Calls `visit` for every folder below and including the root, parents first, siblings by name.
 * Stops at the first nonzero answer and returns it. */
int walk_folders(struct client *client,
        int (*visit)(struct client *client, IMAPIFolder *folder, const char *path, unsigned depth,
                void *context),
        void *context);

/* The whole value of a property as bytes (host_prop_bytes), read by GetProps or, when it is large,
 * as a stream. malloc'ed; S_OK with NULL when it has no bytes. */
HRESULT read_value(IMAPIProp *object, ULONG tag, unsigned char **out, size_t *out_size);

/* An id of the named ones that stands for no name: it means nothing to anybody but this store. */
bool is_nameless(IMAPIProp *object, ULONG tag);

int verb_register(const struct cmd *cmd);
int verb_unregister(const struct cmd *cmd);
int verb_import(const struct cmd *cmd);
int verb_export(const struct cmd *cmd);
/* import of what export has written; false: the argument is no such folder. */
bool verb_reimport(const struct cmd *cmd, int *out_status);
int verb_copy(const struct cmd *cmd);
int verb_send(const struct cmd *cmd);
int verb_deliver(const struct cmd *cmd);
int verb_verify(const struct cmd *cmd);
int verb_ls(const struct cmd *cmd);
int verb_show(const struct cmd *cmd);
int verb_find(const struct cmd *cmd);
int verb_digest(const struct cmd *cmd);
int verb_watch(const struct cmd *cmd);
int verb_check(const struct cmd *cmd);
int verb_endings(const struct cmd *cmd);

#endif
