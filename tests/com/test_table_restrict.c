/* SPDX-License-Identifier: MIT */
/*
 * test_table_restrict.c - Restrict and FindRow against restrictions evaluated value by value.
 *
 * The messages have properties of every type, some of another type than most have, some missing,
 * some too long for a row, recipients and attachments. What a message has is asked of the message;
 * which rows a table has without a restriction, of the table. Then restrictions of every kind must
 * select the rows that they select when they are evaluated plainly (com/restrict_naive.h), also of
 * messages that change under a live table. By variables:
 *
 *   MAILKEEP_ROUNDS=<n>    how many, instead of a few
 *   MAILKEEP_SEED=<n>      of the first round (default: 1)
 */
#include "com/restrict_random.h"
#include "com/table_line.h"

#define WHO PROP_TAG(PT_LONG, 0x67F0)
#define LONG_BYTES PROP_TAG(PT_BINARY, 0x67F1)
/* Two properties of each type. */
#define USER(type, which) PROP_TAG(type, 0x6800 + ((type)&0xFF00) + 2 * ((type)&0xFF) + (which))
#define BOTH(type) USER(type, 0), USER(type, 1)

enum {
    MAILS = 70, /* more than a word of bits, and enough for columns to be used */
    MAX_ROWS = 1200,
    TREES = 200, /* of a table, before messages change */
    CHANGES = 3,
    ROUNDS = 4,
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
    struct mail former[2 * (TREES / 3) * CHANGES]; /* whose values restrictions may point to */
    size_t former_count;
    struct ground ground, recipients, attachments;
    char what[4096];
};

/* A row as a table has it without a restriction. */
struct seen_row {
    LONG who;
    SPropValue single[2];
    struct naive_row row;
};

struct watched {
    IMAPITable *table;
    LPSRowSet set; /* without a restriction */
    ULONG mvi[2];
    ULONG mvi_count;
    struct seen_row rows[MAX_ROWS];
    size_t count;
};

/* --- messages --------------------------------------------------------------------------------- */

static WCHAR long_text[LONG_UNITS + 1];
static BYTE long_bytes[LONG_UNITS];

static void make_long_values(void)
{
    for (size_t i = 0; i < LONG_UNITS; i++) {
        long_text[i] = (WCHAR)('a' + i % 7);
        long_bytes[i] = (BYTE)(i % 251);
    }
    long_text[LONG_UNITS - 3] = 0xC9; /* found only by who reads to the end */
    long_text[LONG_UNITS - 2] = 'Z';
}

/* What GetProps does not return. */
static SPropValue long_value_of(ULONG tag)
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

static void write_props(IMessage *message, const SPropValue *values, ULONG count)
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
static SPropValue user_value(struct forest *forest, ULONG tag)
{
    static const ULONG types[] = { PT_LONG, PT_UNICODE, PT_MV_LONG, PT_BINARY, PT_SYSTIME };

    if (chance(forest, 10) == 0)
        tag = CHANGE_PROP_TYPE(tag, types[chance(forest, COUNT_OF(types))]);
    return random_value(forest, tag);
}

static void write_random(struct forest *forest, IMessage *message)
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

static void write_recipients(struct forest *forest, IMessage *message)
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

static void write_attachments(struct forest *forest, IMessage *message)
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

static void read_parts(
        IMAPITable *table, const ULONG *tags, ULONG count, struct part_rows *out, size_t *out_count)
{
    out->set = table_rows(table, tags, count);
    assert_true(out->set->cRows <= COUNT_OF(out->rows));
    for (ULONG i = 0; i < out->set->cRows; i++)
        out->rows[i] = (struct naive_row){ .props = out->set->aRow[i].lpProps, .count = count };
    *out_count = out->set->cRows;
    release_last(table);
}

static void forget_mail(struct mail *mail)
{
    mapi_free(mail->props);
    mapi_free_rows(mail->recipients.set);
    mapi_free_rows(mail->attachments.set);
}

/* What the message says of itself. */
static void read_mail(struct world *world, size_t at)
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

static void add_random_mail(struct world *world, size_t at)
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
static void change_random_mail(struct world *world)
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

/* --- tables ----------------------------------------------------------------------------------- */

/* The rows of now, without a restriction. */
static void look(struct world *world, struct watched *watched)
{
    assert_ok(watched->table->lpVtbl->Restrict(watched->table, NULL, 0));
    if (watched->set != NULL)
        mapi_free_rows(watched->set);
    watched->set = query(watched->table, ALL_ROWS, 0);
    assert_true(watched->set->cRows <= MAX_ROWS);
    watched->count = watched->set->cRows;
    for (ULONG i = 0; i < watched->count; i++) {
        const SPropValue *cells = watched->set->aRow[i].lpProps;
        struct seen_row *seen = &watched->rows[i];

        assert_int_equal(cells[0].ulPropTag, WHO);
        seen->who = cells[0].Value.l;
        seen->row = world->rows[seen->who];
        seen->row.single = seen->single;
        for (ULONG k = 0; k < watched->mvi_count; k++) {
            seen->single[seen->row.single_count] = cells[1 + k];
            seen->row.single_count += PROP_TYPE(cells[1 + k].ulPropTag) != PT_ERROR;
        }
    }
}

static struct watched *watch(struct world *world, const ULONG *mvi, ULONG mvi_count)
{
    struct watched *watched = calloc(1, sizeof(*watched));
    ULONG tags[3] = { WHO };

    assert_non_null(watched);
    watched->mvi_count = mvi_count;
    for (ULONG k = 0; k < mvi_count; k++)
        watched->mvi[k] = tags[1 + k] = MVI_PROP(mvi[k]);
    assert_ok(
            world->folder->lpVtbl->GetContentsTable(world->folder, MAPI_UNICODE, &watched->table));
    set_columns(watched->table, tags, 1 + mvi_count);
    look(world, watched);
    return watched;
}

static void unwatch(struct watched *watched)
{
    mapi_free_rows(watched->set);
    release_last(watched->table);
    free(watched);
}

static bool selects(const SRestriction *restriction, const struct seen_row *seen)
{
    return naive_matches(restriction, &seen->row);
}

/* The rows of the restricted table are those that match, in the order of all. */
static size_t check_rows(
        struct world *world, const struct watched *watched, const SRestriction *restriction)
{
    LPSRowSet rows;
    size_t at = 0;

    seek(watched->table, BOOKMARK_BEGINNING, 0);
    rows = query(watched->table, ALL_ROWS, 0);
    for (size_t i = 0; i < watched->count; i++) {
        bool is_there =
                at < rows->cRows && rows->aRow[at].lpProps[0].Value.l == watched->rows[i].who;

        if (selects(restriction, &watched->rows[i])) {
            if (!is_there)
                fail_msg("%s: row %u, message %d, is missing", world->what, (unsigned)i,
                        (int)watched->rows[i].who);
            at++;
        }
    }
    if (at != rows->cRows)
        fail_msg("%s: %u rows instead of %u, message %d first", world->what, (unsigned)rows->cRows,
                (unsigned)at, (int)rows->aRow[at].lpProps[0].Value.l);
    mapi_free_rows(rows);
    return at;
}

/* FindRow in all rows, from any place in both directions. */
static void check_find(
        struct world *world, const struct watched *watched, LPSRestriction restriction)
{
    size_t from = chance(&world->forest, watched->count + 1);
    bool backward = chance(&world->forest, 2) != 0;
    size_t found = from;
    HRESULT expected = MAPI_E_NOT_FOUND;
    HRESULT hr;

    while (FAILED(expected) && (backward ? found > 0 : found < watched->count)) {
        found -= backward;
        if (selects(restriction, &watched->rows[found]))
            expected = S_OK;
        else
            found += !backward;
    }
    seek(watched->table, BOOKMARK_BEGINNING, (LONG)from);
    hr = watched->table->lpVtbl->FindRow(
            watched->table, restriction, BOOKMARK_CURRENT, backward ? DIR_BACKWARD : 0);
    if (FAILED(expected))
        found = from;
    if (hr != expected || cursor_row(watched->table) != found)
        fail_msg("%s: FindRow from %u %s: %s at %u, not %s at %u", world->what, (unsigned)from,
                backward ? "backward" : "forward", host_hr_name(hr),
                (unsigned)cursor_row(watched->table), host_hr_name(expected), (unsigned)found);
}

static LPSRestriction next_tree(struct world *world, const char *where, unsigned number)
{
    LPSRestriction restriction = random_restriction_of(&world->forest, &world->ground);

    snprintf(world->what, sizeof(world->what), "%s, restriction %u, ", where, number);
    tell_restriction(restriction, world->what, sizeof(world->what));
    return restriction;
}

static void try_trees(struct world *world, struct watched *watched, const char *where)
{
    IMAPITable *table = watched->table;
    size_t selective = 0;

    for (unsigned i = 0; i < TREES; i++) {
        LPSRestriction restriction = next_tree(world, where, i);
        size_t count;
        HRESULT hr;

        check_find(world, watched, restriction);
        hr = table->lpVtbl->Restrict(table, restriction, chance(&world->forest, 2) ? TBL_BATCH : 0);
        if (FAILED(hr))
            fail_msg("%s: %s", world->what, host_hr_name(hr));
        count = check_rows(world, watched, restriction);
        selective += count > 0 && count < watched->count;
        assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    }
    assert_true(selective > TREES / 5); /* else little is proven */
}

/* Messages change below a restriction that stays. */
static void try_changes(struct world *world, struct watched *watched, const char *where)
{
    IMAPITable *table = watched->table;

    for (unsigned i = 0; i < TREES / 3; i++) {
        LPSRestriction restriction = next_tree(world, where, i);

        assert_ok(table->lpVtbl->Restrict(table, restriction, 0));
        (void)check_rows(world, watched, restriction);
        for (unsigned k = 0; k < CHANGES; k++)
            change_random_mail(world);
        for (size_t k = 0; k < watched->count; k++) {
            watched->rows[k].row = world->rows[watched->rows[k].who];
            assert_int_equal(watched->mvi_count, 0);
        }
        strncat(world->what, ", after changes", sizeof(world->what) - strlen(world->what) - 1);
        (void)check_rows(world, watched, restriction);
        look(world, watched);
    }
}

/* --- what is refused -------------------------------------------------------------------------- */

/* A restriction that no table takes; the constants are in the forest. */
static HRESULT spoil(struct forest *forest, unsigned kind, SRestriction *out)
{
    SPropValue *number = forest_take(forest, sizeof(*number));
    SPropValue *text = forest_take(forest, sizeof(*text));

    *number = long_value(PR_IMPORTANCE, 1);
    *text = random_value(forest, PR_SUBJECT_W);
    memset(out, 0, sizeof(*out));
    *out = compare_with(RELOP_EQ, number);
    switch (kind) {
    case 0:
        out->res.resProperty.relop = RELOP_RE;
        return MAPI_E_TOO_COMPLEX;
    case 1:
        out->res.resProperty.ulPropTag = PR_SUBJECT_W; /* and a number as its constant */
        return MAPI_E_TOO_COMPLEX;
    case 2:
        out->rt = RES_COUNT;
        return MAPI_E_TOO_COMPLEX;
    case 3:
        out->rt = 0xC; /* RES_ANNOTATION */
        return MAPI_E_TOO_COMPLEX;
    case 4:
        out->rt = 0x77;
        return MAPI_E_TOO_COMPLEX;
    case 5:
        out->rt = RES_CONTENT; /* of a number */
        out->res.resContent.ulFuzzyLevel = FL_PREFIX;
        return MAPI_E_TOO_COMPLEX;
    case 6:
        out->rt = RES_CONTENT;
        out->res.resContent.ulFuzzyLevel = 3;
        out->res.resContent.ulPropTag = PR_SUBJECT_W;
        out->res.resContent.lpProp = text;
        return MAPI_E_TOO_COMPLEX;
    case 7:
        out->rt = RES_COMPAREPROPS;
        out->res.resCompareProps.ulPropTag1 = PR_SUBJECT_W;
        out->res.resCompareProps.ulPropTag2 = PR_IMPORTANCE;
        return MAPI_E_TOO_COMPLEX;
    case 8:
        out->rt = RES_BITMASK;
        out->res.resBitMask.relBMR = BMR_EQZ;
        out->res.resBitMask.ulPropTag = PR_SUBJECT_W;
        return MAPI_E_TOO_COMPLEX;
    case 9:
        out->rt = RES_EXIST;
        out->res.resExist.ulPropTag = PROP_TAG(PT_OBJECT, 0x6800);
        return MAPI_E_TOO_COMPLEX;
    case 10:
        out->rt = RES_SUBRESTRICTION;
        out->res.resSub.ulSubObject = PR_CONTAINER_CONTENTS;
        out->res.resSub.lpRes = forest_take(forest, sizeof(SRestriction));
        return MAPI_E_TOO_COMPLEX;
    case 11:
        out->res.resProperty.lpProp = NULL;
        return MAPI_E_INVALID_PARAMETER;
    case 12:
        out->rt = RES_NOT;
        out->res.resNot.lpRes = NULL;
        return MAPI_E_INVALID_PARAMETER;
    case 13:
        out->rt = RES_AND;
        out->res.resAnd.cRes = 2;
        out->res.resAnd.lpRes = NULL;
        return MAPI_E_INVALID_PARAMETER;
    default:
        text->Value.lpszW = NULL;
        *out = compare_with(RELOP_EQ, text);
        return MAPI_E_INVALID_PARAMETER;
    }
}

enum { SPOILT_KINDS = 15 };

/* Restrictions that are fine but for one part, somewhere in them. */
static void refuse_trees(struct world *world, struct watched *watched)
{
    IMAPITable *table = watched->table;

    for (unsigned i = 0; i < SPOILT_KINDS * 4; i++) {
        struct forest *forest = &world->writing; /* not the one that the filter in force is of */
        LPSRestriction filter = next_tree(world, "refused", i);
        SRestriction *tree, *all;
        HRESULT expected;
        ULONG from;

        forest->used = 0;
        tree = forest_take(forest, sizeof(*tree));
        expected = spoil(forest, i % SPOILT_KINDS, tree);
        for (unsigned depth = chance(forest, RESTRICT_DEPTH); depth > 0; depth--) {
            all = forest_take(forest, 3 * sizeof(*all));
            random_tree(forest, &world->ground, 2, &all[1]);
            all[2] = *tree;
            all[0].rt = depth % 2 ? RES_AND : RES_OR;
            all[0].res.resAnd.cRes = 2;
            all[0].res.resAnd.lpRes = &all[1];
            tree = all;
        }
        assert_ok(table->lpVtbl->Restrict(table, filter, 0));
        seek(table, BOOKMARK_BEGINNING, (LONG)chance(forest, 5));
        from = cursor_row(table);
        assert_hr(table->lpVtbl->Restrict(table, tree, 0), expected);
        assert_hr(table->lpVtbl->FindRow(table, tree, BOOKMARK_BEGINNING, 0), expected);
        assert_int_equal(cursor_row(table), from);
        (void)check_rows(world, watched, filter);
    }
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void round_begin(struct world *world, struct fixture *fx, uint64_t seed)
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

static void round_end(struct world *world)
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
static void choose_parts(struct world *world)
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

static void run_round(struct world *world)
{
    static const ULONG mvi[2] = { USER(PT_MV_LONG, 0), USER(PT_MV_UNICODE, 1) };
    struct watched *plain = watch(world, NULL, 0);
    struct watched *expanded = watch(world, mvi, 2);
    struct watched *live = watch(world, NULL, 0);
    struct host_sink sink;
    ULONG_PTR connection = 0;

    assert_int_equal(plain->count, MAILS);
    assert_true(expanded->count > MAILS);
    choose_parts(world);
    world->ground.tag_count = NARROW_TAGS;
    try_trees(world, plain, "columns");
    world->ground.tag_count = COUNT_OF(message_tags);
    try_trees(world, plain, "all");
    try_trees(world, expanded, "instances");
    try_changes(world, plain, "plain");
    host_sink_init(&sink);
    assert_ok(live->table->lpVtbl->Advise(
            live->table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    look(world, live);
    try_changes(world, live, "live");
    assert_ok(live->table->lpVtbl->Unadvise(live->table, connection));
    host_sink_done(&sink);
    unwatch(plain);
    unwatch(expanded);
    unwatch(live);
}

static struct world *world_new(void)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    make_long_values();
    return world;
}

/* restriction.General.1 restriction.General.4 restriction.General.5 restriction.AND.1
 * restriction.AND.2 restriction.OR.1 restriction.OR.2 restriction.NOT.1 restriction.CONTENT.1
 * restriction.CONTENT.2 restriction.CONTENT.3 restriction.CONTENT.4 restriction.CONTENT.5
 * restriction.CONTENT.6 restriction.CONTENT.7 restriction.CONTENT.10 restriction.CONTENT.11
 * restriction.CONTENT.12 restriction.PROPERTY.1 restriction.PROPERTY.2 restriction.PROPERTY.3
 * restriction.PROPERTY.5 restriction.PROPERTY.7 restriction.PROPERTY.8 restriction.PROPERTY.10
 * restriction.PROPERTY.11 restriction.PROPERTY.12 restriction.COMPAREPROPS.1
 * restriction.COMPAREPROPS.3 restriction.BITMASK.1 restriction.BITMASK.3 restriction.SIZE.1
 * restriction.SIZE.2 restriction.EXIST.1 restriction.EXIST.3 restriction.SUBRESTRICTION.1
 * restriction.SUBRESTRICTION.2 restriction.SUBRESTRICTION.4 restriction.COMMENT.1
 * restriction.COMMENT.2 */
static void random_restrictions__select_what_they_say(void **state)
{
    uint32_t first = env_number("MAILKEEP_SEED", 1);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", ROUNDS);
    struct world *world = world_new();

    for (uint32_t round = 0; round < rounds; round++) {
        print_message("seed %u\n", (unsigned)(first + round));
        round_begin(world, *state, first + round);
        run_round(world);
        round_end(world);
    }
    free(world);
}

/* restriction.General.2 restriction.General.3 restriction.CONTENT.8 restriction.CONTENT.9
 * restriction.PROPERTY.4 restriction.PROPERTY.9 restriction.COMPAREPROPS.2 restriction.BITMASK.2
 * restriction.EXIST.2 restriction.SUBRESTRICTION.3 restriction.COUNT.1 restriction.ANNOTATION.1
 * IMAPITable.Restrict.4 IMAPITable.Restrict.5 */
static void random_restrictions__one_part_is_bad__refused_as_a_whole(void **state)
{
    struct world *world = world_new();
    struct watched *plain;

    round_begin(world, *state, env_number("MAILKEEP_SEED", 1));
    plain = watch(world, NULL, 0);
    choose_parts(world);
    refuse_trees(world, plain);
    unwatch(plain);
    round_end(world);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                random_restrictions__select_what_they_say, fixture_inbox_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(random_restrictions__one_part_is_bad__refused_as_a_whole,
                fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
