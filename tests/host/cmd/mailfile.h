/* SPDX-License-Identifier: MIT */
/*
 * mailfile.h - the mails that eml2props.py wrote, one at a time. The format is at its head.
 *
 * Every length is checked against what is left of its record before it is used.
 */
#ifndef MAILFILE_H
#define MAILFILE_H

#include "../host_prop.h"

/* Client properties of a stored mail. */
#define PR_SOURCE_BYTES PROP_TAG(PT_BINARY, 0x6801)
#define PR_SOURCE_NAME PROP_TAG(PT_UNICODE, 0x6802)
#define PR_SOURCE_DIGEST PROP_TAG(PT_BINARY, 0x6803)

#define MAIL_DEPTH_MAX 256

struct mail_props {
    SPropValue *values;
    ULONG count;
};

struct mail_message;

struct mail_attachment {
    struct mail_props props;
    struct mail_message *nested; /* NULL: no message */
};

struct mail_message {
    struct mail_props props;
    struct mail_props *recipients;
    struct mail_attachment *attachments;
    ULONG recipient_count, attachment_count;
};

struct mail {
    char *name;
    unsigned char digest[32]; /* SHA-256 of the original bytes */
    struct mail_message message;
    void *blocks; /* everything above lives in these */
};

struct mailfile;

/* NULL with a sentence in `why`. */
struct mailfile *mailfile_open(const char *path, char *why, size_t why_size);
/* How many mails the file says it has. */
unsigned long mailfile_count(const struct mailfile *file);
/* 1: a mail, to be freed with mail_free. 0: the end. -1: the file is broken, a sentence in `why`.
 */
int mailfile_next(struct mailfile *file, struct mail *out, char *why, size_t why_size);
void mailfile_close(struct mailfile *file);
void mail_free(struct mail *mail);

/* Writes a mail into a new message, which is not saved: import.c. */
HRESULT mail_write(IMessage *message, const struct mail *mail);

#endif
