/* SPDX-License-Identifier: MIT */
/*
 * table_kinds.h - every kind of table that the store has, each with rows that come and go one by
 * one and are called by a name: what holds for all tables is tested on all of them.
 */
#ifndef TABLE_KINDS_H
#define TABLE_KINDS_H

#include "com/mail_world.h"
#include "com/search_world.h"

/* A row that a kind has made. */
struct kind_row {
    char name[16];
    char parent[16];  /* of a folder below another one: its name */
    SPropValue *id;   /* of a message or a folder */
    LONG number;      /* of a recipient or an attachment */
    unsigned ordinal; /* in the order of making */
};

struct kinds_world;

struct table_kind {
    const char *name;
    ULONG name_tag;
    bool is_unique; /* two rows cannot have one name */
    bool is_known;  /* by its name: made anew, a row is the one that was there */
    bool can_categorize;
    bool has_widths; /* it can be opened with MAPI_UNICODE or without */
    IMAPITable *(*open)(struct kinds_world *world, ULONG flags);
    void (*add)(struct kinds_world *world, struct kind_row *row);
    /* With what is below it. */
    void (*remove)(struct kinds_world *world, const struct kind_row *row);
    /* Default order. */
    int (*compare)(const struct kind_row *a, const struct kind_row *b);
};

/* Where the rows of one kind are. */
struct kinds_world {
    struct fixture *fx;
    const struct table_kind *kind;
    IMAPIFolder *folder;
    IMAPIFolder *search; /* over the folder */
    IMessage *message;   /* open, not saved */
    struct spooler spooler;
    unsigned next_ordinal;
};

/* --- messages --------------------------------------------------------------------------------- */

static inline int kind_by_age(const struct kind_row *a, const struct kind_row *b)
{
    return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

static inline void kind_make_message(struct kinds_world *world, struct kind_row *row, ULONG flags)
{
    IMessage *message = NULL;

    assert_ok(world->folder->lpVtbl->CreateMessage(world->folder, NULL, flags, &message));
    prop_set_text(message, PR_SUBJECT_W, row->name);
    prop_set_text(message, PR_SENDER_NAME_W, row->ordinal % 2 ? "anna" : "bob");
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    row->id = prop_get(message, PR_ENTRYID);
    assert_non_null(row->id);
    release_last(message);
}

static inline void kind_add_normal(struct kinds_world *world, struct kind_row *row)
{
    kind_make_message(world, row, 0);
}

static inline void kind_add_associated(struct kinds_world *world, struct kind_row *row)
{
    kind_make_message(world, row, MAPI_ASSOCIATED);
}

static inline void kind_remove_message(struct kinds_world *world, const struct kind_row *row)
{
    message_delete(world->folder, row->id);
}

static inline IMAPITable *kind_open_contents(struct kinds_world *world, ULONG flags)
{
    IMAPITable *table = POISON;

    assert_ok(world->folder->lpVtbl->GetContentsTable(world->folder, flags, &table));
    return table;
}

static inline IMAPITable *kind_open_associated(struct kinds_world *world, ULONG flags)
{
    return kind_open_contents(world, flags | MAPI_ASSOCIATED);
}

static inline IMAPITable *kind_open_results(struct kinds_world *world, ULONG flags)
{
    IMAPITable *table = POISON;

    if (world->search == NULL) {
        IMAPIFolder *parent = folder_by_prop(world->fx->store, world->fx->store, PR_FINDER_ENTRYID);

        world->search = search_folder_make(parent, u"kinds");
        assert_ok(search_set(world->search, u"", world->folder, 0));
        release_last(parent);
    }
    assert_ok(world->search->lpVtbl->GetContentsTable(world->search, flags, &table));
    return table;
}

/* --- folders ---------------------------------------------------------------------------------- */

static inline int kind_by_path(const struct kind_row *a, const struct kind_row *b)
{
    char paths[2][40];
    const struct kind_row *rows[2] = { a, b };

    for (int i = 0; i < 2; i++) {
        if (rows[i]->parent[0] != '\0')
            snprintf(paths[i], sizeof(paths[i]), "%s\001%s", rows[i]->parent, rows[i]->name);
        else
            snprintf(paths[i], sizeof(paths[i]), "%s", rows[i]->name);
        for (char *c = paths[i]; *c != '\0'; c++)
            *c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
    }
    return strcmp(paths[0], paths[1]);
}

static inline IMAPITable *kind_open_flat(struct kinds_world *world, ULONG flags)
{
    IMAPITable *table = POISON;

    assert_ok(world->folder->lpVtbl->GetHierarchyTable(world->folder, flags, &table));
    return table;
}

static inline IMAPITable *kind_open_deep(struct kinds_world *world, ULONG flags)
{
    return kind_open_flat(world, flags | CONVENIENT_DEPTH);
}

/* The folder of that name directly below the world's one; "": that one. */
static inline IMAPIFolder *kind_open_parent(struct kinds_world *world, const char *name)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_W, PR_ENTRYID };
    IMAPIFolder *parent = NULL;
    IMAPITable *table;
    LPSRowSet rows;

    if (name[0] == '\0') {
        world->folder->lpVtbl->AddRef(world->folder);
        return world->folder;
    }
    table = kind_open_flat(world, MAPI_UNICODE);
    rows = table_rows(table, tags, 2);
    for (ULONG i = 0; i < rows->cRows && parent == NULL; i++) {
        char text[64] = "";

        put_text(text, sizeof(text), &values_of(rows, i)[0]);
        if (strcmp(text, name) == 0)
            parent = folder_open(world->fx->store, &values_of(rows, i)[1]);
    }
    assert_non_null(parent);
    mapi_free_rows(rows);
    release_last(table);
    return parent;
}

static inline void kind_add_folder(struct kinds_world *world, struct kind_row *row)
{
    IMAPIFolder *parent = kind_open_parent(world, row->parent);
    IMAPIFolder *made = folder_make(parent, row->name);

    row->id = prop_get(made, PR_ENTRYID);
    release_last(made);
    parent->lpVtbl->Release(parent);
}

static inline void kind_remove_folder(struct kinds_world *world, const struct kind_row *row)
{
    IMAPIFolder *parent = kind_open_parent(world, row->parent);

    assert_ok(parent->lpVtbl->DeleteFolder(
            parent, row->id->Value.bin.cb, raw_id(row->id->Value.bin.lpb), 0, NULL, DEL_FOLDERS));
    parent->lpVtbl->Release(parent);
}

/* --- parts of a message ----------------------------------------------------------------------- */

static inline IMAPITable *kind_open_recipients(struct kinds_world *world, ULONG flags)
{
    IMAPITable *table = POISON;

    assert_ok(world->message->lpVtbl->GetRecipientTable(world->message, flags, &table));
    return table;
}

static inline void kind_change_recipient(
        struct kinds_world *world, ULONG flags, const char *name, LONG number)
{
    char16_t wide[16] = { 0 };
    SPropValue values[3] = { long_value(PR_RECIPIENT_TYPE, MAPI_TO),
        text_value(PR_DISPLAY_NAME_W, wide), long_value(PR_ROWID, number) };
    ADRLIST list = { 1, { { 0, flags == MODRECIP_ADD ? 2 : 3, values } } };

    for (size_t i = 0; name[i] != '\0'; i++)
        wide[i] = (BYTE)name[i];
    assert_ok(world->message->lpVtbl->ModifyRecipients(world->message, flags, &list));
}

static inline void kind_add_recipient(struct kinds_world *world, struct kind_row *row)
{
    static const ULONG tag = PR_ROWID;
    IMAPITable *table;
    LPSRowSet rows;

    kind_change_recipient(world, MODRECIP_ADD, row->name, 0);
    table = kind_open_recipients(world, 0);
    rows = table_rows(table, &tag, 1);
    row->number = values_of(rows, rows->cRows - 1)->Value.l;
    mapi_free_rows(rows);
    release_last(table);
}

static inline void kind_remove_recipient(struct kinds_world *world, const struct kind_row *row)
{
    kind_change_recipient(world, MODRECIP_REMOVE, row->name, row->number);
}

static inline IMAPITable *kind_open_attachments(struct kinds_world *world, ULONG flags)
{
    IMAPITable *table = POISON;

    assert_ok(world->message->lpVtbl->GetAttachmentTable(world->message, flags, &table));
    return table;
}

static inline void kind_add_attachment(struct kinds_world *world, struct kind_row *row)
{
    IAttach *attach = NULL;
    ULONG number = POISON_LONG;

    assert_ok(world->message->lpVtbl->CreateAttach(world->message, NULL, 0, &number, &attach));
    prop_set_text(attach, PR_DISPLAY_NAME_W, row->name);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    row->number = (LONG)number;
}

static inline void kind_remove_attachment(struct kinds_world *world, const struct kind_row *row)
{
    assert_ok(world->message->lpVtbl->DeleteAttach(world->message, (ULONG)row->number, 0, NULL, 0));
}

/* --- of the store ----------------------------------------------------------------------------- */

static inline IMAPITable *kind_open_receive(struct kinds_world *world, ULONG flags)
{
    IMAPITable *table = POISON;

    assert_ok(world->fx->store->lpVtbl->GetReceiveFolderTable(world->fx->store, flags, &table));
    return table;
}

static inline void kind_set_receive(struct kinds_world *world, const char *name, SPropValue *id)
{
    union {
        const char *given;
        LPTSTR taken;
    } text = { .given = name };

    assert_ok(world->fx->store->lpVtbl->SetReceiveFolder(world->fx->store, text.taken, 0,
            id != NULL ? id->Value.bin.cb : 0, id != NULL ? raw_id(id->Value.bin.lpb) : NULL));
}

static inline void kind_add_class(struct kinds_world *world, struct kind_row *row)
{
    SPropValue *id = prop_get(world->folder, PR_ENTRYID);

    kind_set_receive(world, row->name, id);
    mapi_free(id);
}

static inline void kind_remove_class(struct kinds_world *world, const struct kind_row *row)
{
    kind_set_receive(world, row->name, NULL);
}

static inline IMAPITable *kind_open_outgoing(struct kinds_world *world, ULONG flags)
{
    IMAPITable *table = POISON;

    (void)flags; /* there are none */
    assert_ok(world->spooler.store->lpVtbl->GetOutgoingQueue(world->spooler.store, 0, &table));
    return table;
}

static inline void kind_add_outgoing(struct kinds_world *world, struct kind_row *row)
{
    row->id = mail_submit(world->folder, row->name);
}

static inline void kind_remove_outgoing(struct kinds_world *world, const struct kind_row *row)
{
    assert_ok(world->fx->store->lpVtbl->AbortSubmit(
            world->fx->store, row->id->Value.bin.cb, raw_id(row->id->Value.bin.lpb), 0));
}

/* --- all of them ------------------------------------------------------------------------------ */

/* clang-format off */
static const struct table_kind table_kinds[] = {
    { "contents", PR_SUBJECT_W, false, false, true, true,
            kind_open_contents, kind_add_normal, kind_remove_message, kind_by_age },
    { "associated contents", PR_SUBJECT_W, false, false, true, true,
            kind_open_associated, kind_add_associated, kind_remove_message, kind_by_age },
    { "search results", PR_SUBJECT_W, false, false, true, true,
            kind_open_results, kind_add_normal, kind_remove_message, kind_by_age },
    { "hierarchy", PR_DISPLAY_NAME_W, true, false, false, true,
            kind_open_flat, kind_add_folder, kind_remove_folder, kind_by_path },
    { "deep hierarchy", PR_DISPLAY_NAME_W, true, false, false, true,
            kind_open_deep, kind_add_folder, kind_remove_folder, kind_by_path },
    { "recipients", PR_DISPLAY_NAME_W, false, false, false, true,
            kind_open_recipients, kind_add_recipient, kind_remove_recipient, kind_by_age },
    { "attachments", PR_DISPLAY_NAME_W, false, false, false, true,
            kind_open_attachments, kind_add_attachment, kind_remove_attachment, kind_by_age },
    { "receive folders", PR_MESSAGE_CLASS_W, true, true, false, true,
            kind_open_receive, kind_add_class, kind_remove_class, kind_by_path },
    { "outgoing queue", PR_SUBJECT_W, false, false, false, false,
            kind_open_outgoing, kind_add_outgoing, kind_remove_outgoing, kind_by_age },
};

/* clang-format on */

enum { KINDS = COUNT_OF(table_kinds), KIND_DEEP = 4 };

static inline void kind_row_done(struct kind_row *row)
{
    mapi_free(row->id);
    row->id = NULL;
}

/* A world of one kind without rows. */
static inline void kinds_begin(
        struct kinds_world *world, struct fixture *fx, const struct table_kind *kind)
{
    static const char *const classes[] = { "", "IPM", "REPORT", "IPC" };
    static unsigned made;
    char name[48];

    memset(world, 0, sizeof(*world));
    world->fx = fx;
    world->kind = kind;
    snprintf(name, sizeof(name), "%s %u", kind->name, ++made);
    world->folder = folder_make(fx->inbox, name);
    assert_ok(world->folder->lpVtbl->CreateMessage(world->folder, NULL, 0, &world->message));
    world->spooler = spooler_logon(fx);
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        kind_set_receive(world, classes[i], NULL);
}

static inline void kinds_end(struct kinds_world *world)
{
    if (world->search != NULL) {
        SPropValue *id = prop_get(world->search, PR_ENTRYID);
        IMAPIFolder *parent = folder_by_prop(world->fx->store, world->fx->store, PR_FINDER_ENTRYID);

        release_last(world->search);
        assert_ok(parent->lpVtbl->DeleteFolder(
                parent, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0, NULL, 0));
        release_last(parent);
        mapi_free(id);
    }
    release_last(world->message);
    release_last(world->folder);
    release_last(world->spooler.store);
}

/* A row of that name. */
static inline void kinds_add(struct kinds_world *world, struct kind_row *row, const char *name)
{
    memset(row, 0, sizeof(*row));
    snprintf(row->name, sizeof(row->name), "%s", name);
    row->ordinal = world->next_ordinal++;
    world->kind->add(world, row);
}

/* --- with rows ---------------------------------------------------------------------------------
 */

enum { FILLED = 5 };

static const char *const filled_names[FILLED] = { "b2", "D4", "a1", "E5", "c3" };

struct filled {
    struct kinds_world world;
    struct kind_row rows[FILLED];
    IMAPITable *table;
};

static inline void filled_begin(
        struct filled *filled, struct fixture *fx, const struct table_kind *kind)
{
    kinds_begin(&filled->world, fx, kind);
    for (size_t i = 0; i < FILLED; i++)
        kinds_add(&filled->world, &filled->rows[i], filled_names[i]);
    filled->table = kind->open(&filled->world, MAPI_UNICODE);
}

static inline void filled_end(struct filled *filled)
{
    for (size_t i = 0; i < FILLED; i++) {
        filled->world.kind->remove(&filled->world, &filled->rows[i]);
        kind_row_done(&filled->rows[i]);
    }
    assert_int_equal(row_count(filled->table), 0);
    release_last(filled->table);
    kinds_end(&filled->world);
}

static inline void for_every_kind(struct fixture *fx, void (*test)(struct filled *filled))
{
    for (size_t i = 0; i < KINDS; i++) {
        struct filled filled;

        print_message("%s\n", table_kinds[i].name);
        filled_begin(&filled, fx, &table_kinds[i]);
        test(&filled);
        filled_end(&filled);
    }
}

/* The names of the rows that QueryRows gives, separated by spaces. */
static inline const char *names_of(struct filled *filled, IMAPITable *table)
{
    static char line[256];
    LPSRowSet rows = table_rows(table, &filled->world.kind->name_tag, 1);

    line[0] = '\0';
    for (ULONG i = 0; i < rows->cRows; i++) {
        if (i > 0)
            strcat(line, " ");
        put_text(line, sizeof(line), values_of(rows, i));
    }
    mapi_free_rows(rows);
    return line;
}

#endif
