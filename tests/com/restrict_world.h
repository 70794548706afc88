/* SPDX-License-Identifier: MIT */
/*
 * restrict_world.h - a folder of messages with properties of every type, some of another type than
 * most have, some missing, some too long for a row, with recipients and attachments; what each has
 * is asked of the message. For tests of restrictions over them.
 */
#ifndef RESTRICT_WORLD_H
#define RESTRICT_WORLD_H

#include "com/restrict_random.h"
#include "com/table_line.h"

#define WHO PROP_TAG(PT_LONG, 0x67F0)
#define LONG_BYTES PROP_TAG(PT_BINARY, 0x67F1)
/* Two properties of each type. */
#define USER(type, which) PROP_TAG(type, 0x6800 + ((type)&0xFF00) + 2 * ((type)&0xFF) + (which))
#define BOTH(type) USER(type, 0), USER(type, 1)

enum {
    MAILS = 70,       /* more than a word of bits, and enough for columns to be used */
    MAX_FORMER = 500, /* versions of messages that others have replaced */
    LONG_UNITS = 40000
};

/* clang-format off */
static const ULONG message_tags[] = {
    PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_CLASS_W, PR_DISPLAY_TO_W, PR_IMPORTANCE,
    PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_HASATTACH, PR_MESSAGE_DELIVERY_TIME, PR_CREATION_TIME,
    PR_LAST_MODIFICATION_TIME, PR_CLIENT_SUBMIT_TIME, PR_ENTRYID, PR_RECORD_KEY,
    /* the ones above are those that a narrow round asks for */
    PR_BODY_W, PR_NORMALIZED_SUBJECT_W, PR_SUBJECT_PREFIX_W, PR_SEARCH_KEY, PR_OBJECT_TYPE,
    PR_SENSITIVITY, PR_PRIORITY, PR_DISPLAY_CC_W, WHO, LONG_BYTES,
    BOTH(PT_I2), BOTH(PT_LONG), BOTH(PT_R4), BOTH(PT_DOUBLE), BOTH(PT_CURRENCY), BOTH(PT_APPTIME),
    BOTH(PT_BOOLEAN), BOTH(PT_I8), BOTH(PT_SYSTIME), BOTH(PT_CLSID), BOTH(PT_UNICODE),
    BOTH(PT_BINARY), BOTH(PT_MV_I2), BOTH(PT_MV_LONG), BOTH(PT_MV_R4), BOTH(PT_MV_DOUBLE),
    BOTH(PT_MV_CURRENCY), BOTH(PT_MV_APPTIME), BOTH(PT_MV_I8), BOTH(PT_MV_SYSTIME),
    BOTH(PT_MV_CLSID), BOTH(PT_MV_UNICODE), BOTH(PT_MV_BINARY),
};

static const ULONG recipient_tags[] = {
    PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_ADDRTYPE_W, PR_RECIPIENT_TYPE,
    BOTH(PT_LONG), BOTH(PT_UNICODE), BOTH(PT_BINARY), BOTH(PT_SYSTIME),
};

static const ULONG attachment_tags[] = {
    PR_ATTACH_FILENAME_W, PR_ATTACH_METHOD, PR_ATTACH_NUM, PR_RENDERING_POSITION,
    BOTH(PT_LONG), BOTH(PT_UNICODE), BOTH(PT_BINARY), BOTH(PT_DOUBLE), BOTH(PT_MV_UNICODE),
};

/* clang-format on */

enum { NARROW_TAGS = 14, FIRST_USER_TAG = 24 };

struct part_rows {
    LPSRowSet set;
    struct naive_row rows[4];
};

struct mail {
    SPropValue *entry_id;
    LPSPropValue props; /* as the message has them */
    ULONG prop_count;
    struct part_rows recipients, attachments;
};

struct world {
    struct fixture *fx;
    IMAPIFolder *folder;
    struct forest forest;  /* of restrictions */
    struct forest writing; /* of values that are written */
    struct mail mails[MAILS];
    struct naive_row rows[MAILS];
    struct mail former[MAX_FORMER]; /* whose values restrictions may point to */
    size_t former_count;
    struct ground ground, recipients, attachments;
    char what[4096];
};

/* --- messages --------------------------------------------------------------------------------- */

static WCHAR long_text[LONG_UNITS + 1];
static BYTE long_bytes[LONG_UNITS];

static inline void make_long_values(void)
{
    for (size_t i = 0; i < LONG_UNITS; i++) {
        long_text[i] = (WCHAR)('a' + i % 7);
        long_bytes[i] = (BYTE)(i % 251);
    }
    long_text[LONG_UNITS - 3] = 0xC9; /* found only by who reads to the end */
    long_text[LONG_UNITS - 2] = 'Z';
}

/* What GetProps does not return. */
static inline SPropValue long_value_of(ULONG tag)
{
    SPropValue value = { .ulPropTag = tag };

    if (PROP_ID(tag) == PROP_ID(PR_BODY_W)) {
        value.ulPropTag = PR_BODY_W;
        value.Value.lpszW = long_text;
    } else {
        value.ulPropTag = LONG_BYTES;
        value.Value.bin.cb = LONG_UNITS;
        value.Value.bin.lpb = long_bytes;
    }
    return value;
}

static inline void write_props(IMessage *message, const SPropValue *values, ULONG count)
{
    LPSPropProblemArray problems = NULL;

    union {
        const SPropValue *from;
        LPSPropValue to;
    } cast = { .from = values };

    assert_ok(message->lpVtbl->SetProps(message, count, cast.to, &problems));
    assert_null(problems);
}

/* A value for a property of ours: now and then of another type. */
static inline SPropValue user_value(struct forest *forest, ULONG tag)
{
    static const ULONG types[] = { PT_LONG, PT_UNICODE, PT_MV_LONG, PT_BINARY, PT_SYSTIME };

    if (chance(forest, 10) == 0)
        tag = CHANGE_PROP_TYPE(tag, types[chance(forest, COUNT_OF(types))]);
    return random_value(forest, tag);
}

static inline void write_random(struct forest *forest, IMessage *message)
{
    static const ULONG often[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_CLASS_W,
        PR_CLIENT_SUBMIT_TIME, PR_BODY_W };
    static const WCHAR reply[] = { 'R', 'E', ':', ' ', 'e', 0xE9, 0 };
    SPropValue values[COUNT_OF(message_tags)];
    ULONG count = 0;

    forest->used = 0;
    for (size_t i = 0; i < COUNT_OF(often); i++) {
        if (chance(forest, 5) != 0)
            values[count++] = random_value(forest, often[i]);
        if (count == 1 && chance(forest, 6) == 0 && values[0].ulPropTag == PR_SUBJECT_W)
            values[0].Value.lpszW = random_part(forest, reply);
    }
    values[count] = long_value(PR_IMPORTANCE, (LONG)chance(forest, 3));
    count += chance(forest, 4) != 0;
    values[count] = long_value(PR_SENSITIVITY, (LONG)chance(forest, 3));
    count += chance(forest, 4) != 0;
    if (chance(forest, 6) == 0) {
        values[count++] = long_value_of(LONG_BYTES);
        if (chance(forest, 2) && count > 0 && values[0].ulPropTag != PR_BODY_W) {
            for (ULONG i = 0; i < count; i++) {
                if (values[i].ulPropTag == PR_BODY_W)
                    values[i] = long_value_of(PR_BODY_W);
            }
        }
    }
    for (size_t i = FIRST_USER_TAG; i < COUNT_OF(message_tags); i++) {
        if (chance(forest, 3) != 0)
            values[count++] = user_value(forest, message_tags[i]);
    }
    write_props(message, values, count);
}

static inline void write_recipients(struct forest *forest, IMessage *message)
{
    SPropValue values[4][COUNT_OF(recipient_tags)];
    SizedADRLIST(4, list) = { .cEntries = chance(forest, 4) };

    for (ULONG i = 0; i < list.cEntries; i++) {
        ULONG count = 0;

        for (size_t k = 0; k < COUNT_OF(recipient_tags); k++) {
            if (k < 2 || chance(forest, 3) != 0)
                values[i][count++] = random_value(forest, recipient_tags[k]);
            if (count > 0 && values[i][count - 1].ulPropTag == PR_RECIPIENT_TYPE)
                values[i][count - 1].Value.l = (LONG)(1 + chance(forest, 3));
        }
        list.aEntries[i].cValues = count;
        list.aEntries[i].rgPropVals = values[i];
    }
    if (list.cEntries > 0)
        assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)&list));
}

static inline void write_attachments(struct forest *forest, IMessage *message)
{
    ULONG wanted = chance(forest, 2) * chance(forest, 4);

    for (ULONG i = 0; i < wanted; i++) {
        IAttach *attach = NULL;
        ULONG number;

        assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
        for (size_t k = 0; k < COUNT_OF(attachment_tags); k++) {
            SPropValue value = random_value(forest, attachment_tags[k]);

            if (attachment_tags[k] == PR_ATTACH_METHOD)
                value.Value.l = ATTACH_BY_VALUE;
            if (attachment_tags[k] != PR_ATTACH_NUM && chance(forest, 3) != 0)
                assert_ok(attach->lpVtbl->SetProps(attach, 1, &value, NULL));
        }
        assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
        release_last(attach);
    }
}

static inline void read_parts(
        IMAPITable *table, const ULONG *tags, ULONG count, struct part_rows *out, size_t *out_count)
{
    out->set = table_rows(table, tags, count);
    assert_true(out->set->cRows <= COUNT_OF(out->rows));
    for (ULONG i = 0; i < out->set->cRows; i++)
        out->rows[i] = (struct naive_row){ .props = out->set->aRow[i].lpProps, .count = count };
    *out_count = out->set->cRows;
    release_last(table);
}

static inline void forget_mail(struct mail *mail)
{
    mapi_free(mail->props);
    mapi_free_rows(mail->recipients.set);
    mapi_free_rows(mail->attachments.set);
}

/* What the message says of itself. */
static inline void read_mail(struct world *world, size_t at)
{
    struct mail *mail = &world->mails[at];
    struct naive_row *row = &world->rows[at];
    IMessage *message = message_open(world->fx->store, mail->entry_id);
    IMAPITable *table = NULL;
    HRESULT hr;

    hr = message->lpVtbl->GetProps(message, NULL, MAPI_UNICODE, &mail->prop_count, &mail->props);
    assert_true(SUCCEEDED(hr));
    for (ULONG i = 0; i < mail->prop_count; i++) {
        ULONG id = PROP_ID(mail->props[i].ulPropTag);

        if (PROP_TYPE(mail->props[i].ulPropTag) == PT_ERROR &&
                (id == PROP_ID(PR_BODY_W) || id == PROP_ID(LONG_BYTES)))
            mail->props[i] = long_value_of(mail->props[i].ulPropTag);
    }
    memset(row, 0, sizeof(*row));
    row->props = mail->props;
    row->count = mail->prop_count;
    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    read_parts(table, recipient_tags, COUNT_OF(recipient_tags), &mail->recipients,
            &row->recipient_count);
    row->recipients = mail->recipients.rows;
    assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table));
    read_parts(table, attachment_tags, COUNT_OF(attachment_tags), &mail->attachments,
            &row->attachment_count);
    row->attachments = mail->attachments.rows;
    release_last(message);
}

static inline void add_random_mail(struct world *world, size_t at)
{
    struct forest *forest = &world->writing;
    SPropValue who = long_value(WHO, (LONG)at);
    IMessage *message = NULL;

    assert_ok(world->folder->lpVtbl->CreateMessage(world->folder, NULL, 0, &message));
    write_random(forest, message);
    write_props(message, &who, 1);
    if (chance(forest, 4) != 0)
        prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, 130000000000000000u + chance(forest, 9));
    prop_set_long(message, PR_MESSAGE_FLAGS, chance(forest, 2) ? MSGFLAG_READ : 0);
    write_recipients(forest, message);
    write_attachments(forest, message);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    world->mails[at].entry_id = prop_get(message, PR_ENTRYID);
    assert_non_null(world->mails[at].entry_id);
    release_last(message);
    read_mail(world, at);
}

/* Another value for some properties, none for others. */
static inline void change_random_mail(struct world *world)
{
    size_t at = chance(&world->writing, MAILS);
    IMessage *message = message_open(world->fx->store, world->mails[at].entry_id);
    SPropTagArray gone = { 1,
        { message_tags[FIRST_USER_TAG +
                       chance(&world->writing, COUNT_OF(message_tags) - FIRST_USER_TAG)] } };

    write_random(&world->writing, message);
    assert_ok(message->lpVtbl->DeleteProps(message, &gone, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    assert_true(world->former_count < COUNT_OF(world->former));
    world->former[world->former_count++] = world->mails[at];
    read_mail(world, at);
}

static inline void round_begin(struct world *world, struct fixture *fx, uint64_t seed)
{
    char name[32];

    memset(world, 0, sizeof(*world));
    world->fx = fx;
    forest_init(&world->forest, seed);
    forest_init(&world->writing, seed + 1000);
    snprintf(name, sizeof(name), "round %u", (unsigned)seed);
    world->folder = folder_make(fx->inbox, name);
    for (size_t i = 0; i < MAILS; i++)
        add_random_mail(world, i);
    /* Parts have no parts: nothing is among these. */
    world->recipients = (struct ground){ recipient_tags, COUNT_OF(recipient_tags), NULL, 0,
        &world->recipients, &world->attachments };
    world->attachments = (struct ground){ attachment_tags, COUNT_OF(attachment_tags), NULL, 0,
        &world->recipients, &world->attachments };
    world->ground = (struct ground){ message_tags, COUNT_OF(message_tags), world->rows, MAILS,
        &world->recipients, &world->attachments };
}

static inline void round_end(struct world *world)
{
    for (size_t i = 0; i < world->former_count; i++)
        forget_mail(&world->former[i]);
    for (size_t i = 0; i < MAILS; i++) {
        forget_mail(&world->mails[i]);
        mapi_free(world->mails[i].entry_id);
    }
    release_last(world->folder);
    free(world->forest.block);
    free(world->writing.block);
}

/* The parts of some message are what is looked for in those of all. */
static inline void choose_parts(struct world *world)
{
    for (size_t i = 0; i < MAILS; i++) {
        if (world->rows[i].recipient_count > world->recipients.row_count) {
            world->recipients.rows = world->rows[i].recipients;
            world->recipients.row_count = world->rows[i].recipient_count;
        }
        if (world->rows[i].attachment_count > world->attachments.row_count) {
            world->attachments.rows = world->rows[i].attachments;
            world->attachments.row_count = world->rows[i].attachment_count;
        }
    }
}

static inline struct world *world_new(void)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    make_long_values();
    return world;
}

/* Rounds with a folder of their own each; MAILKEEP_ROUNDS and MAILKEEP_SEED as everywhere. */
static inline void run_rounds(
        struct fixture *fx, uint32_t otherwise, void (*run)(struct world *world))
{
    uint32_t first = env_number("MAILKEEP_SEED", 1);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", otherwise);
    struct world *world = world_new();

    for (uint32_t round = 0; round < rounds; round++) {
        print_message("seed %u\n", (unsigned)(first + round));
        round_begin(world, fx, first + round);
        run(world);
        round_end(world);
    }
    free(world);
}

static inline LPSRestriction next_tree(struct world *world, const char *where, unsigned number)
{
    LPSRestriction restriction = random_restriction_of(&world->forest, &world->ground);

    snprintf(world->what, sizeof(world->what), "%s, restriction %u, ", where, number);
    tell_restriction(restriction, world->what, sizeof(world->what));
    return restriction;
}

#endif
