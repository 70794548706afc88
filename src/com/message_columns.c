/* SPDX-License-Identifier: MIT */
/*
 * message_columns.c - the engine's columns of messages as properties, and as rows.
 *
 * Owns:  nothing.
 * Locks: none of its own.
 */
#include "com/message_columns.h"

#include <string.h>

#include "platform/base.h"

struct described {
    ULONG tag;
    uint32_t wanted;
    enum propcolumn_kind kind;
    bool is_always;
    size_t offset; /* in struct eng_columns */
};

/* clang-format off */
static const struct described all[] = {
    { PR_MESSAGE_CLASS_W,        ENG_COLUMN_CLASS,      PROPCOLUMN_TEXT, false,
        offsetof(struct eng_columns, message_class) },
    { PR_SUBJECT_W,              ENG_COLUMN_SUBJECT,    PROPCOLUMN_TEXT, false,
        offsetof(struct eng_columns, subject) },
    { PR_SENDER_NAME_W,          ENG_COLUMN_SENDER,     PROPCOLUMN_TEXT, false,
        offsetof(struct eng_columns, sender) },
    { PR_DISPLAY_TO_W,           ENG_COLUMN_DISPLAY_TO, PROPCOLUMN_TEXT, true,
        offsetof(struct eng_columns, display_to) },
    { PR_MESSAGE_DELIVERY_TIME,  ENG_COLUMN_DELIVERED,  PROPCOLUMN_TIME, false,
        offsetof(struct eng_columns, delivered) },
    { PR_CLIENT_SUBMIT_TIME,     ENG_COLUMN_SUBMITTED,  PROPCOLUMN_TIME, false,
        offsetof(struct eng_columns, submitted) },
    { PR_CREATION_TIME,          ENG_COLUMN_CREATED,    PROPCOLUMN_TIME, true,
        offsetof(struct eng_columns, created) },
    { PR_LAST_MODIFICATION_TIME, ENG_COLUMN_MODIFIED,   PROPCOLUMN_TIME, true,
        offsetof(struct eng_columns, modified) },
    { PR_MESSAGE_SIZE,           ENG_COLUMN_SIZE,       PROPCOLUMN_SIZE, true,
        offsetof(struct eng_columns, size) },
    { PR_MESSAGE_FLAGS,          ENG_COLUMN_FLAGS,      PROPCOLUMN_LONG, true,
        offsetof(struct eng_columns, flags) },
    { PR_MSG_STATUS,             ENG_COLUMN_STATUS,     PROPCOLUMN_LONG, true,
        offsetof(struct eng_columns, status) },
    { PR_IMPORTANCE,             ENG_COLUMN_IMPORTANCE, PROPCOLUMN_LONG, true,
        offsetof(struct eng_columns, importance) },
};

/* clang-format on */

static const struct described *find(ULONG tag)
{
    for (size_t i = 0; i < MSP_COUNT_OF(all); i++) {
        if (PROP_ID(all[i].tag) == PROP_ID(tag))
            return &all[i];
    }
    return NULL;
}

bool message_column_needs(ULONG tag, uint32_t *wanted)
{
    const struct described *found = find(tag);

    if (PROP_ID(tag) == PROP_ID(PR_HASATTACH))
        *wanted |= ENG_COLUMN_FLAGS;
    else if (found != NULL)
        *wanted |= found->wanted;
    return found != NULL || PROP_ID(tag) == PROP_ID(PR_HASATTACH);
}

bool message_column_get(const struct eng_columns *columns, ULONG tag, struct propcolumn *out)
{
    const struct described *found = find(tag);
    const char *at;

    memset(out, 0, sizeof(*out));
    /* PR_MESSAGE_SIZE_EXTENDED has the same id, and cells of another type. */
    if (found == NULL || (found->kind == PROPCOLUMN_SIZE && PROP_TYPE(tag) == PT_I8))
        return false;
    at = (const char *)columns + found->offset;
    out->kind = found->kind;
    out->tag = found->tag;
    out->is_always = found->is_always;
    if (found->kind == PROPCOLUMN_TEXT) {
        const struct eng_column_text *text = (const struct eng_column_text *)(const void *)at;

        out->bytes = text->bytes;
        out->ends = text->ends;
        out->absent = text->absent;
        return out->ends != NULL;
    }
    if (found->kind == PROPCOLUMN_LONG)
        out->longs = *(const uint32_t *const *)(const void *)at;
    else
        out->numbers = *(const uint64_t *const *)(const void *)at;
    return out->longs != NULL || out->numbers != NULL;
}

static struct eng_text text_at(const struct eng_column_text *text, size_t index)
{
    struct eng_text out = { NULL, 0 };

    if (text->ends == NULL || eng_column_text_is_absent(text, index))
        return out;
    out.data = (const char *)eng_column_text_at(text, index, &out.size);
    if (out.size == 0)
        out.data = ""; /* there, whatever the column points to */
    return out;
}

static uint64_t number_at(const uint64_t *numbers, size_t index)
{
    return numbers != NULL ? numbers[index] : 0;
}

static uint32_t long_at(const uint32_t *longs, size_t index)
{
    return longs != NULL ? longs[index] : 0;
}

void message_column_row(const struct eng_columns *columns, size_t index, struct eng_msg *out)
{
    memset(out, 0, sizeof(*out));
    out->id = columns->ids[index];
    out->delivered = number_at(columns->delivered, index);
    out->submitted = number_at(columns->submitted, index);
    out->created = number_at(columns->created, index);
    out->modified = number_at(columns->modified, index);
    out->size = number_at(columns->size, index);
    out->flags = long_at(columns->flags, index);
    out->status = long_at(columns->status, index);
    out->importance = long_at(columns->importance, index);
    out->message_class = text_at(&columns->message_class, index);
    out->subject = text_at(&columns->subject, index);
    out->sender = text_at(&columns->sender, index);
    out->display_to = text_at(&columns->display_to, index);
}
