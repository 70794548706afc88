/* SPDX-License-Identifier: MIT */
/*
 * mailfile.c - the mails that eml2props.py wrote, one at a time.
 */
#include "mailfile.h"

#include <stdlib.h>
#include <string.h>

#include "../host_os.h"

#define MAGIC "MKMAIL1\n"
#define RECORD_MAX 0x7FFFFFFFu

struct mailfile {
    FILE *file;
    unsigned long count, read;
};

struct block {
    struct block *next;
};

/* What is left of a record, and where its parts are allocated. */
struct reader {
    const unsigned char *at, *end;
    struct block *blocks;
    bool broken;
};

static void *take_memory(struct reader *reader, size_t count, size_t size)
{
    struct block *block;

    if (reader->broken || (size > 0 && count > (SIZE_MAX - 16) / size)) {
        reader->broken = true;
        return NULL;
    }
    block = calloc(1, 16 + count * size);
    if (!block) {
        reader->broken = true;
        return NULL;
    }
    block->next = reader->blocks;
    reader->blocks = block;
    return (char *)block + 16;
}

static const unsigned char *take(struct reader *reader, size_t size)
{
    const unsigned char *at = reader->at;

    if (reader->broken || size > (size_t)(reader->end - reader->at)) {
        reader->broken = true;
        return NULL;
    }
    reader->at += size;
    return at;
}

static ULONG take_u32(struct reader *reader)
{
    const unsigned char *at = take(reader, 4);

    return at ? (ULONG)at[0] | (ULONG)at[1] << 8 | (ULONG)at[2] << 16 | (ULONG)at[3] << 24 : 0;
}

/* A count of things of which each takes at least `least` bytes. */
static ULONG take_count(struct reader *reader, size_t least)
{
    ULONG count = take_u32(reader);

    if (count > (size_t)(reader->end - reader->at) / least)
        reader->broken = true;
    return reader->broken ? 0 : count;
}

static void take_value(struct reader *reader, SPropValue *value)
{
    const unsigned char *bytes;
    unsigned char *copy;
    ULONG type, size;

    value->ulPropTag = take_u32(reader);
    size = take_u32(reader);
    bytes = take(reader, size);
    type = PROP_TYPE(value->ulPropTag);
    if (!bytes)
        return;
    if (type == PT_UNICODE || type == PT_STRING8 || type == PT_BINARY) {
        copy = take_memory(reader, (size_t)size + 2, 1); /* with room for a terminator */
        if (!copy)
            return;
        memcpy(copy, bytes, size);
        if (type == PT_UNICODE && size % 2 == 0) {
            value->Value.lpszW = (LPWSTR)(void *)copy;
        } else if (type == PT_STRING8) {
            value->Value.lpszA = (LPSTR)copy;
        } else if (type == PT_BINARY) {
            value->Value.bin.cb = size;
            value->Value.bin.lpb = copy;
        } else {
            reader->broken = true;
        }
    } else if (!(type & MV_FLAG) && host_prop_fixed_size(type) == size && size > 0 && size <= 8) {
        memcpy(&value->Value, bytes, size);
    } else {
        reader->broken = true;
    }
}

static void take_props(struct reader *reader, struct mail_props *props)
{
    ULONG i;

    props->count = take_count(reader, 8);
    props->values = take_memory(reader, props->count, sizeof(*props->values));
    for (i = 0; i < props->count && !reader->broken; i++)
        take_value(reader, &props->values[i]);
}

static void take_message(struct reader *reader, struct mail_message *message, unsigned depth)
{
    ULONG i;

    if (depth > MAIL_DEPTH_MAX) {
        reader->broken = true;
        return;
    }
    take_props(reader, &message->props);
    message->recipient_count = take_count(reader, 4);
    message->recipients =
            take_memory(reader, message->recipient_count, sizeof(*message->recipients));
    for (i = 0; i < message->recipient_count && !reader->broken; i++)
        take_props(reader, &message->recipients[i]);
    message->attachment_count = take_count(reader, 5);
    message->attachments =
            take_memory(reader, message->attachment_count, sizeof(*message->attachments));
    for (i = 0; i < message->attachment_count && !reader->broken; i++) {
        struct mail_attachment *attachment = &message->attachments[i];
        const unsigned char *nested;

        take_props(reader, &attachment->props);
        nested = take(reader, 1);
        if (!nested || *nested == 0)
            continue;
        attachment->nested = take_memory(reader, 1, sizeof(*attachment->nested));
        if (attachment->nested)
            take_message(reader, attachment->nested, depth + 1);
    }
}

static bool parse(const unsigned char *bytes, size_t size, struct mail *out)
{
    struct reader reader = { .at = bytes, .end = bytes + size };
    const unsigned char *part;
    ULONG length;

    memset(out, 0, sizeof(*out));
    length = take_u32(&reader);
    part = take(&reader, length);
    if (part)
        out->name = take_memory(&reader, (size_t)length + 1, 1);
    if (out->name)
        memcpy(out->name, part, length);
    part = take(&reader, 32);
    if (part)
        memcpy(out->digest, part, 32);
    take_message(&reader, &out->message, 0);
    out->blocks = reader.blocks;
    return !reader.broken && reader.at == reader.end;
}

static bool read_u32(FILE *file, unsigned long *out)
{
    unsigned char bytes[4];

    if (fread(bytes, 1, 4, file) != 4)
        return false;
    *out = (unsigned long)bytes[0] | (unsigned long)bytes[1] << 8 | (unsigned long)bytes[2] << 16 |
           (unsigned long)bytes[3] << 24;
    return true;
}

/* Whoever has .eml files learns the step that is missing. */
static void say_no_mailfile(const char *path, const char *kind, char *why, size_t why_size)
{
    snprintf(why, why_size,
            "The %s %s was not written by %s: make a file of its mails with "
            "\"python3 tests/host/eml2props.py -o mail.mkm PATH\" and take that.",
            kind, path, strcmp(kind, "folder") == 0 ? "export" : "eml2props.py");
}

struct mailfile *mailfile_open(const char *path, char *why, size_t why_size)
{
    struct mailfile *file = calloc(1, sizeof(*file));
    unsigned long zero = 1;
    char magic[8];

    if (file)
        file->file = host_fopen(path, "rb");
    if (file && host_dir_exists(path)) {
        say_no_mailfile(path, "folder", why, why_size);
    } else if (!file || !file->file) {
        snprintf(why, why_size, "The file %s cannot be opened.", path);
    } else if (fread(magic, 1, 8, file->file) != 8 || memcmp(magic, MAGIC, 8) != 0) {
        say_no_mailfile(path, "file", why, why_size);
    } else if (fseek(file->file, -8, SEEK_END) != 0 || !read_u32(file->file, &zero) ||
               !read_u32(file->file, &file->count) || zero != 0 ||
               fseek(file->file, 8, SEEK_SET) != 0) {
        snprintf(why, why_size, "The file %s is cut short.", path);
    } else {
        return file;
    }
    mailfile_close(file);
    return NULL;
}

unsigned long mailfile_count(const struct mailfile *file)
{
    return file->count;
}

int mailfile_next(struct mailfile *file, struct mail *out, char *why, size_t why_size)
{
    unsigned long length, count;
    unsigned char *bytes;
    bool ok;

    snprintf(why, why_size, "Mail %lu of the file is broken.", file->read + 1);
    if (!read_u32(file->file, &length) || length > RECORD_MAX)
        return -1;
    if (length == 0)
        return read_u32(file->file, &count) && count == file->read ? 0 : -1;
    bytes = malloc(length);
    if (!bytes) {
        snprintf(why, why_size, "Mail %lu of the file is too large for this machine.",
                file->read + 1);
        return -1;
    }
    ok = fread(bytes, 1, length, file->file) == length && parse(bytes, length, out);
    free(bytes);
    if (!ok) {
        mail_free(out);
        return -1;
    }
    file->read++;
    return 1;
}

void mailfile_close(struct mailfile *file)
{
    if (!file)
        return;
    if (file->file)
        fclose(file->file);
    free(file);
}

void mail_free(struct mail *mail)
{
    struct block *block = mail->blocks;

    while (block) {
        struct block *next = block->next;

        free(block);
        block = next;
    }
    mail->blocks = NULL;
}
