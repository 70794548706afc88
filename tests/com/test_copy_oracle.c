/* SPDX-License-Identifier: MIT */
/*
 * test_copy_oracle.c - random copies and moves of messages and folders against a plain model: which
 * folder lies where, and which messages are in it. MAILKEEP_ROUNDS: how many rounds, instead of a
 * few; MAILKEEP_SEED: the number of the first one.
 */
#include "copy_world.h"

enum { FOLDERS = 40, MESSAGES = 600, STEPS = 400, CHECK_EVERY = 25, ROUNDS = 2, ROOT = 0 };

struct model_folder {
    bool exists;
    int parent; /* ROOT's own is itself */
    unsigned name;
};

struct model_message {
    bool exists;
    int folder;
    LONG value;
};

struct model {
    struct model_folder folders[FOLDERS];
    struct model_message messages[MESSAGES];
    LONG next_value;
    unsigned next_name;
};

static uint32_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* --- the model -------------------------------------------------------------------------------- */

static int free_folder(const struct model *model)
{
    for (int i = 0; i < FOLDERS; i++) {
        if (!model->folders[i].exists)
            return i;
    }
    return -1;
}

static bool add_message(struct model *model, int folder, LONG value)
{
    for (int i = 0; i < MESSAGES; i++) {
        if (model->messages[i].exists)
            continue;
        model->messages[i] = (struct model_message){ true, folder, value };
        return true;
    }
    return false;
}

static int room(const struct model *model)
{
    int left = 0;

    for (int i = 0; i < MESSAGES; i++)
        left += !model->messages[i].exists;
    return left;
}

static int count_in(const struct model *model, int folder)
{
    int count = 0;

    for (int i = 0; i < MESSAGES; i++)
        count += model->messages[i].exists && model->messages[i].folder == folder;
    return count;
}

static bool is_below(const struct model *model, int folder, int above)
{
    while (folder != above && folder != ROOT)
        folder = model->folders[folder].parent;
    return folder == above;
}

static int find_child(const struct model *model, int parent, unsigned name)
{
    for (int i = 1; i < FOLDERS; i++) {
        if (model->folders[i].exists && model->folders[i].parent == parent &&
                model->folders[i].name == name)
            return i;
    }
    return -1;
}

/* Messages and folders of a tree; whether a copy of it finds room. */
static bool fits(const struct model *model, int top)
{
    int folders = 0;
    int messages = 0;
    int slots = 0;

    for (int i = 0; i < FOLDERS; i++) {
        slots += !model->folders[i].exists;
        if (model->folders[i].exists && is_below(model, i, top)) {
            folders++;
            messages += count_in(model, i);
        }
    }
    return folders <= slots && messages <= room(model);
}

static void copy_content(struct model *model, int from, int to)
{
    struct model before = *model;

    for (int i = 0; i < MESSAGES; i++) {
        if (before.messages[i].exists && before.messages[i].folder == from)
            assert_true(add_message(model, to, before.messages[i].value));
    }
}

static void copy_tree(struct model *model, int from, int parent, unsigned name, bool deep)
{
    struct model before = *model;
    int to = free_folder(model);

    model->folders[to] = (struct model_folder){ true, parent, name };
    copy_content(model, from, to);
    for (int i = 1; deep && i < FOLDERS; i++) {
        if (before.folders[i].exists && before.folders[i].parent == from)
            copy_tree(model, i, to, before.folders[i].name, true);
    }
}

/* --- the store -------------------------------------------------------------------------------- */

static void name_of(unsigned name, char *out, size_t size)
{
    snprintf(out, size, "f%u", name);
}

/* A folder by the names on the way down to it, opened for writing. */
static IMAPIFolder *open(struct fixture *fx, const struct model *model, int folder)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_DISPLAY_NAME_W };
    IMAPIFolder *parent;
    IMAPIFolder *found = NULL;
    IMAPITable *table = NULL;
    LPSRowSet rows;
    char wanted[20];

    if (folder == ROOT) {
        SPropValue *id = prop_get(fx->inbox, PR_ENTRYID);

        found = folder_open(fx->store, id);
        mapi_free(id);
        return found;
    }
    parent = open(fx, model, model->folders[folder].parent);
    name_of(model->folders[folder].name, wanted, sizeof(wanted));
    assert_ok(parent->lpVtbl->GetHierarchyTable(parent, 0, &table));
    rows = table_rows(table, tags, 2);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        char *name =
                host_text_to_utf8((const uint16_t *)(const void *)row[1].Value.lpszW, SIZE_MAX);
        LPUNKNOWN object = NULL;
        ULONG type = 0;

        if (strcmp(name, wanted) == 0) {
            assert_null(found);
            assert_ok(parent->lpVtbl->OpenEntry(parent, row[0].Value.bin.cb,
                    raw_id(row[0].Value.bin.lpb), NULL, MAPI_MODIFY, &type, &object));
            found = (IMAPIFolder *)(void *)object;
        }
        free(name);
    }
    mapi_free_rows(rows);
    release_last(table);
    release_last(parent);
    assert_non_null(found);
    return found;
}

static int by_value(const void *one, const void *other)
{
    LONG left = *(const LONG *)one;
    LONG right = *(const LONG *)other;

    return (left > right) - (left < right);
}

/* One folder says the same as the model: its messages, its counts, its subfolders. */
static void check_folder(struct fixture *fx, const struct model *model, int folder)
{
    static const ULONG tags[] = { PROP_TAG(PT_LONG, 0x6801) };
    IMAPIFolder *opened = open(fx, model, folder);
    IMAPITable *table = NULL;
    LONG expected[MESSAGES];
    LONG found[MESSAGES];
    ULONG count = 0;
    ULONG children = 0;
    LPSRowSet rows;

    for (int i = 0; i < MESSAGES; i++) {
        if (model->messages[i].exists && model->messages[i].folder == folder)
            expected[count++] = model->messages[i].value;
    }
    assert_ok(opened->lpVtbl->GetContentsTable(opened, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_int_equal(rows->cRows, count);
    assert_int_equal(prop_long(opened, PR_CONTENT_COUNT), count);
    for (ULONG i = 0; i < count; i++)
        found[i] = rows->aRow[i].lpProps[0].Value.l;
    qsort(expected, count, sizeof(LONG), by_value);
    qsort(found, count, sizeof(LONG), by_value);
    if (count > 0)
        assert_memory_equal(found, expected, count * sizeof(LONG));
    mapi_free_rows(rows);
    release_last(table);
    assert_ok(opened->lpVtbl->GetHierarchyTable(opened, 0, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &children));
    release_last(table);
    for (int i = 1; i < FOLDERS; i++)
        children -= model->folders[i].exists && model->folders[i].parent == folder;
    assert_int_equal(children, 0);
    release_last(opened);
}

static void check(struct fixture *fx, const struct model *model)
{
    for (int i = 0; i < FOLDERS; i++) {
        if (model->folders[i].exists)
            check_folder(fx, model, i);
    }
}

/* --- steps ------------------------------------------------------------------------------------ */

static int any_folder(const struct model *model)
{
    int folder;

    do
        folder = (int)any(FOLDERS);
    while (!model->folders[folder].exists);
    return folder;
}

static void make_folder(struct fixture *fx, struct model *model)
{
    int slot = free_folder(model);
    int parent = any_folder(model);
    IMAPIFolder *opened;
    IMAPIFolder *made;
    char name[20];

    if (slot < 0)
        return;
    opened = open(fx, model, parent);
    name_of(model->next_name, name, sizeof(name));
    made = folder_make(opened, name);
    model->folders[slot] = (struct model_folder){ true, parent, model->next_name++ };
    release_last(made);
    release_last(opened);
}

static void make_message(struct fixture *fx, struct model *model)
{
    int folder = any_folder(model);
    IMAPIFolder *opened = open(fx, model, folder);
    IMessage *message = NULL;
    LONG value = model->next_value++;

    assert_ok(opened->lpVtbl->CreateMessage(opened, NULL, 0, &message));
    prop_set_long(message, PROP_TAG(PT_LONG, 0x6801), value);
    if (value % 5 == 0) {
        unsigned char *bytes = copy_bytes(50000, (unsigned)value);

        prop_set_binary(message, PROP_TAG(PT_BINARY, 0x6800), bytes, 50000);
        free(bytes);
    }
    if (add_message(model, folder, value))
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    release_last(opened);
}

/* Some messages of a folder, with their values. */
static ULONG pick(IMAPIFolder *folder, SPropValue **ids, LONG *values, ULONG most)
{
    static const ULONG tags[] = { PR_ENTRYID, PROP_TAG(PT_LONG, 0x6801) };
    IMAPITable *table = NULL;
    ULONG count = 0;
    LPSRowSet rows;

    assert_ok(folder->lpVtbl->GetContentsTable(folder, 0, &table));
    rows = table_rows(table, tags, 2);
    for (ULONG i = 0; i < rows->cRows && count < most; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;

        if (any(3) == 0)
            continue;
        ids[count] = calloc(1, sizeof(SPropValue) + row[0].Value.bin.cb);
        assert_non_null(ids[count]);
        *ids[count] = row[0];
        ids[count]->Value.bin.lpb = (BYTE *)(ids[count] + 1);
        memcpy(ids[count]->Value.bin.lpb, row[0].Value.bin.lpb, row[0].Value.bin.cb);
        values[count++] = row[1].Value.l;
    }
    mapi_free_rows(rows);
    release_last(table);
    return count;
}

static void model_move(struct model *model, int from, int to, LONG value)
{
    for (int i = 0; i < MESSAGES; i++) {
        struct model_message *message = &model->messages[i];

        if (message->exists && message->folder == from && message->value == value) {
            message->folder = to;
            return;
        }
    }
    fail_msg("a message that the model does not have");
}

static void copy_some(struct fixture *fx, struct model *model, bool move)
{
    int from = any_folder(model);
    int to = any_folder(model);
    IMAPIFolder *source = open(fx, model, from);
    IMAPIFolder *target = open(fx, model, to);
    SPropValue *ids[30];
    LONG values[30];
    ULONG count = pick(source, ids, values, 1 + any(30));

    if (move || room(model) >= (int)count) {
        assert_ok(copy_call(source, ids, count, target, move ? MESSAGE_MOVE : 0));
        for (ULONG i = 0; i < count; i++) {
            if (move)
                model_move(model, from, to, values[i]);
            else
                assert_true(add_message(model, to, values[i]));
        }
    }
    for (ULONG i = 0; i < count; i++)
        free(ids[i]);
    release_last(target);
    release_last(source);
}

static void copy_folder(struct fixture *fx, struct model *model, bool move)
{
    int from = any_folder(model);
    int to = any_folder(model);
    bool deep = any(2) == 0;
    unsigned name = any(3) == 0 ? model->next_name++ : model->folders[from].name;
    bool cycle = is_below(model, to, from);
    int there = find_child(model, to, name);
    bool taken = there >= 0 && !(move && there == from);
    IMAPIFolder *parent;
    IMAPIFolder *folder;
    IMAPIFolder *target;
    SPropValue *id;
    uint16_t *wide;
    char text[20];
    HRESULT hr;

    if (from == ROOT || (!move && !fits(model, from)))
        return;
    parent = open(fx, model, model->folders[from].parent);
    folder = open(fx, model, from);
    target = open(fx, model, to);
    id = prop_get(folder, PR_ENTRYID);
    name_of(name, text, sizeof(text));
    wide = host_text_to_utf16(text);
    hr = parent->lpVtbl->CopyFolder(parent, id->Value.bin.cb, copy_id(id), NULL, target,
            (LPTSTR)(void *)wide, 0, NULL,
            MAPI_UNICODE | (move ? FOLDER_MOVE : 0) | (deep ? COPY_SUBFOLDERS : 0));
    if (cycle) {
        assert_hr(hr, MAPI_E_FOLDER_CYCLE);
    } else if (taken) {
        assert_hr(hr, MAPI_E_COLLISION);
    } else {
        assert_ok(hr);
        if (move) {
            model->folders[from].parent = to;
            model->folders[from].name = name;
        } else {
            copy_tree(model, from, to, name, deep);
        }
    }
    free(wide);
    mapi_free(id);
    release_last(target);
    release_last(folder);
    release_last(parent);
}

static void delete_folder(struct fixture *fx, struct model *model)
{
    int victim = any_folder(model);
    IMAPIFolder *parent;
    IMAPIFolder *folder;
    SPropValue *id;
    struct model before = *model;

    if (victim == ROOT)
        return;
    parent = open(fx, model, model->folders[victim].parent);
    folder = open(fx, model, victim);
    id = prop_get(folder, PR_ENTRYID);
    release_last(folder);
    assert_ok(parent->lpVtbl->DeleteFolder(
            parent, id->Value.bin.cb, copy_id(id), 0, NULL, DEL_FOLDERS | DEL_MESSAGES));
    for (int i = 0; i < FOLDERS; i++) {
        if (before.folders[i].exists && is_below(&before, i, victim))
            model->folders[i].exists = false;
    }
    for (int i = 0; i < MESSAGES; i++) {
        if (model->messages[i].exists && !model->folders[model->messages[i].folder].exists)
            model->messages[i].exists = false;
    }
    mapi_free(id);
    release_last(parent);
}

static void step(struct fixture *fx, struct model *model)
{
    uint32_t what = any(20);

    if (what < 3)
        make_folder(fx, model);
    else if (what < 8)
        make_message(fx, model);
    else if (what < 11)
        copy_some(fx, model, false);
    else if (what < 14)
        copy_some(fx, model, true);
    else if (what < 16)
        copy_folder(fx, model, false);
    else if (what < 18)
        copy_folder(fx, model, true);
    else
        delete_folder(fx, model);
}

static void random_copies_and_moves__model__say_the_same(void **state)
{
    struct fixture *fx = *state;
    uint32_t first = env_number("MAILKEEP_SEED", 1);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", ROUNDS);

    for (uint32_t round = first; round - first < rounds; round++) {
        struct model model;

        print_message("round %u\n", (unsigned)round);
        memset(&model, 0, sizeof(model));
        model.folders[ROOT].exists = true;
        seed = round * 7919;
        for (int i = 0; i < STEPS; i++) {
            step(fx, &model);
            if (i % CHECK_EVERY == 0)
                check(fx, &model);
        }
        check(fx, &model);
        fixture_reopen(fx);
        check(fx, &model);
        assert_ok(fx->inbox->lpVtbl->EmptyFolder(fx->inbox, 0, NULL, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_copies_and_moves__model__say_the_same,
                fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
