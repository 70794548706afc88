/* SPDX-License-Identifier: MIT */
/*
 * index.h - which mails a folder holds, by the digest of their original bytes and their names: a
 * corpus may hold one mail twice.
 */
#ifndef INDEX_H
#define INDEX_H

#include "cmd.h"
#include "mailfile.h"

struct indexed {
    unsigned char digest[32];
    char *name;       /* malloc'ed */
    SBinary entry_id; /* malloc'ed */
    bool taken;       /* found once; the same mail imported twice is two messages */
};

struct mail_index {
    struct indexed *items; /* sorted */
    size_t count, room;
    unsigned long rows; /* of the folder, also those without a digest */
};

/* Reads the contents table of the folder. 0, or 1 after a complaint. */
int mail_index_fill(struct mail_index *index, struct client *client, IMAPIFolder *folder);
/* Reads the acknowledged messages of a journal. */
int mail_index_journal(struct mail_index *index, const char *path);
/* A message of this mail that was not taken yet (any, when `out_item` is NULL). */
bool mail_index_find(
        const struct mail_index *index, const struct mail *mail, struct indexed **out_item);
void mail_index_free(struct mail_index *index);

#endif
