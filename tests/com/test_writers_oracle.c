/* SPDX-License-Identifier: MIT */
/*
 * test_writers_oracle.c - two clients have one message open and change properties, streams,
 * recipients and attachments at random, save, force, collide and delete, against a model of plain
 * structs: what each of them sees, and what is stored, after every step and after reopening.
 */
#include "model_run.h"

enum {
    SLOTS = 5,   /* properties */
    PEOPLE = 12, /* at most */
    PARTS = 200, /* attachment numbers */
    WRITERS = 2,
    STEPS = 1200,
    ROUNDS = 4,
    INLINE_MAX = 32 * 1024
};

/* Content that is known by a number: `count` bytes, or units of text. */
struct value {
    unsigned id; /* 0: none */
    size_t count;
    bool is_stored; /* what the store has, or had, under this number */
};

struct person {
    LONG row;
    unsigned id;
};

struct part {
    struct value value; /* id 0: there is no such attachment */
    bool is_removed;    /* by this writer, and not saved yet */
};

struct model {
    struct value slots[SLOTS];
    struct person people[PEOPLE];
    size_t people_count;
    struct part parts[PARTS];
};

/* A client: its object, what it sees, and a stream that it may hold with changes. */
struct writer {
    IMessage *message;
    struct model now;
    unsigned base; /* version it was read from */
    IStream *stream;
    size_t stream_slot;
    struct value pending; /* id 0: the stream has nothing new */
};

struct world {
    struct fixture *fx;
    SPropValue *id;
    bool exists;
    unsigned version;
    struct model stored;
    struct writer writers[WRITERS];
};

static uint32_t seed;
static unsigned last_id;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* --- content ---------------------------------------------------------------------------------- */

static const ULONG slot_tags[SLOTS] = { PROP_TAG(PT_BINARY, 0x6700), PROP_TAG(PT_BINARY, 0x6701),
    PROP_TAG(PT_UNICODE, 0x6702), PROP_TAG(PT_STRING8, 0x6703), PROP_TAG(PT_BINARY, 0x6704) };

static struct value new_value(void)
{
    static const size_t sizes[] = { 0, 1, 100, 5000, INLINE_MAX, INLINE_MAX + 1, 70000, 300000 };
    struct value value = { ++last_id, sizes[any(sizeof(sizes) / sizeof(sizes[0]))], false };

    return value;
}

/* As SetProps takes it: a NUL of any width follows. */
static BYTE *make_bytes(const struct value *value, ULONG tag, size_t *out_size)
{
    size_t width = PROP_TYPE(tag) == PT_UNICODE ? sizeof(WCHAR) : 1;
    BYTE *bytes = calloc(value->count + 1, width);

    assert_non_null(bytes);
    for (size_t i = 0; i < value->count; i++)
        bytes[i * width] = (BYTE)('a' + (value->id * 7 + i + (i >> 9)) % 26);
    *out_size = value->count * width;
    return bytes;
}

static bool is_outside(const struct value *value)
{
    return value->is_stored && value->count > INLINE_MAX;
}

/* Another save has replaced what this writer knows by reference only. */
static bool is_lost(const struct world *world, const struct value *mine, const struct value *stored)
{
    return is_outside(mine) && (!world->exists || mine->id != stored->id);
}

static HRESULT open_stream(void *object, ULONG tag, ULONG flags, IStream **out)
{
    IMAPIProp *prop = object;
    LPUNKNOWN unknown = POISON;
    HRESULT hr = prop->lpVtbl->OpenProperty(prop, tag, &IID_IStream, 0, flags, &unknown);

    *out = (IStream *)(void *)unknown;
    if (FAILED(hr))
        assert_null(unknown);
    return hr;
}

/* Its size, and its first bytes up to `max`. */
static void check_head(const struct world *world, void *object, ULONG tag, const struct value *mine,
        const struct value *stored, size_t max)
{
    IStream *stream;
    HRESULT hr = open_stream(object, tag, 0, &stream);
    struct value head = *mine;
    size_t width = PROP_TYPE(tag) == PT_UNICODE ? sizeof(WCHAR) : 1;
    size_t size = 0;
    BYTE *expected, *room;
    ULONG done = 0;
    STATSTG stat;

    if (mine->id == 0) {
        assert_hr(hr, MAPI_E_NOT_FOUND);
        return;
    }
    if (is_lost(world, mine, stored)) {
        assert_hr(hr, MAPI_E_OBJECT_CHANGED);
        return;
    }
    assert_ok(hr);
    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    assert_int_equal(stat.cbSize.QuadPart, mine->count * width);
    if (head.count > max)
        head.count = max;
    expected = make_bytes(&head, tag, &size);
    room = malloc(size + 10);
    assert_ok(stream->lpVtbl->Read(
            stream, room, (ULONG)(head.count < mine->count ? size : size + 10), &done));
    assert_int_equal(done, size);
    assert_memory_equal(room, expected, size);
    free(room);
    free(expected);
    release_last(stream);
}

static void check_value(const struct world *world, void *object, ULONG tag,
        const struct value *mine, const struct value *stored)
{
    check_head(world, object, tag, mine, stored, SIZE_MAX);
}

static void put_value(void *object, ULONG tag, const struct value *value)
{
    IMAPIProp *prop = object;
    SPropValue set = { .ulPropTag = tag };
    LPSPropProblemArray problems = NULL;
    size_t size = 0;
    BYTE *bytes = make_bytes(value, tag, &size);
    IStream *stream;

    if (any(2) == 0) {
        if (PROP_TYPE(tag) == PT_BINARY) {
            set.Value.bin.cb = (ULONG)size;
            set.Value.bin.lpb = bytes;
        } else {
            set.Value.lpszA = (LPSTR)bytes;
        }
        assert_ok(prop->lpVtbl->SetProps(prop, 1, &set, &problems));
        assert_null(problems);
    } else {
        assert_ok(open_stream(object, tag, MAPI_CREATE | MAPI_MODIFY, &stream));
        assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)size / 2, NULL));
        assert_ok(stream->lpVtbl->Write(stream, bytes + size / 2, (ULONG)(size - size / 2), NULL));
        if (any(2) == 0)
            assert_ok(stream->lpVtbl->Commit(stream, 0));
        release_last(stream);
    }
    free(bytes);
}

/* --- what a writer sees ----------------------------------------------------------------------- */

static void check_people(IMessage *message, const struct model *model)
{
    static const ULONG tags[] = { PR_ROWID, PR_DISPLAY_NAME_A };
    LPMAPITABLE table = NULL;
    LPSRowSet rows;

    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    rows = table_rows(table, tags, 2);
    assert_int_equal(rows->cRows, model->people_count);
    for (ULONG i = 0; i < rows->cRows; i++) {
        char name[20];

        snprintf(name, sizeof(name), "p%u", model->people[i].id);
        assert_int_equal(rows->aRow[i].lpProps[0].Value.l, model->people[i].row);
        assert_string_equal(rows->aRow[i].lpProps[1].Value.lpszA, name);
    }
    mapi_free_rows(rows);
    release_last(table);
}

static void check_part_count(IMessage *message, ULONG expected)
{
    LPMAPITABLE table = NULL;
    ULONG count = 0;

    assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(count, expected);
    release_last(table);
}

static void check_parts(const struct world *world, IMessage *message, const struct model *model)
{
    ULONG expected = 0;

    for (ULONG number = 0; number < PARTS; number++) {
        const struct part *part = &model->parts[number];
        LPATTACH attach = NULL;

        if (part->value.id == 0)
            continue;
        expected++;
        assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach));
        check_value(world, attach, PR_ATTACH_DATA_BIN, &part->value,
                &world->stored.parts[number].value);
        release_last(attach);
    }
    check_part_count(message, expected);
}

static void check_model(const struct world *world, IMessage *message, const struct model *model)
{
    for (size_t i = 0; i < SLOTS; i++)
        check_value(world, message, slot_tags[i], &model->slots[i], &world->stored.slots[i]);
    check_people(message, model);
    check_parts(world, message, model);
}

/* How both writers see it, less what takes long. */
static void check_surface(const struct world *world)
{
    enum { HEAD = 100 };

    for (size_t w = 0; w < WRITERS; w++) {
        const struct writer *writer = &world->writers[w];
        ULONG parts = 0;

        for (size_t i = 0; i < SLOTS; i++)
            check_head(world, writer->message, slot_tags[i], &writer->now.slots[i],
                    &world->stored.slots[i], HEAD);
        check_people(writer->message, &writer->now);
        for (ULONG number = 0; number < PARTS; number++)
            parts += writer->now.parts[number].value.id != 0;
        check_part_count(writer->message, parts);
    }
}

/* What anybody sees who opens the message now. */
static void check_stored(const struct world *world)
{
    IMessage *message = message_open(world->fx->store, world->id);
    bool has_parts = false;
    char names[PEOPLE * 20] = "";
    size_t at = 0;

    check_model(world, message, &world->stored);
    for (ULONG number = 0; number < PARTS; number++)
        has_parts = has_parts || world->stored.parts[number].value.id != 0;
    assert_int_equal(prop_bool(message, PR_HASATTACH), has_parts);
    for (size_t i = 0; i < world->stored.people_count; i++)
        at += (size_t)snprintf(names + at, sizeof(names) - at, "%sp%u", i > 0 ? "; " : "",
                world->stored.people[i].id);
    prop_assert_text(message, PR_DISPLAY_TO_W, names);
    release_last(message);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void open_writer(struct world *world, struct writer *writer)
{
    writer->message = message_open(world->fx->store, world->id);
    writer->now = world->stored;
    writer->base = world->version;
    check_people(writer->message, &writer->now); /* from now on it knows them */
    check_parts(world, writer->message, &writer->now);
}

static void flush_stream(struct writer *writer)
{
    if (writer->pending.id != 0)
        writer->now.slots[writer->stream_slot] = writer->pending;
    writer->pending.id = 0;
}

/* Sometimes what is pending is taken back first. */
static void close_stream(struct writer *writer)
{
    HRESULT hr;

    if (writer->stream == NULL)
        return;
    if (any(3) == 0) {
        hr = writer->stream->lpVtbl->Revert(writer->stream);
        if (hr != MAPI_E_OBJECT_CHANGED) /* it should go back to a value that is lost */
            assert_ok(hr);
        writer->pending.id = 0;
    }
    release_last(writer->stream);
    flush_stream(writer);
}

static void close_writer(struct writer *writer)
{
    close_stream(writer);
    release_last(writer->message);
}

static void change_slot(struct world *world, struct writer *writer)
{
    size_t slot = any(SLOTS);
    SPropTagArray tags = { 1, { slot_tags[slot] } };

    (void)world;
    if (any(4) == 0) {
        assert_ok(writer->message->lpVtbl->DeleteProps(writer->message, &tags, NULL));
        writer->now.slots[slot] = (struct value){ 0 };
        return;
    }
    writer->now.slots[slot] = new_value();
    put_value(writer->message, slot_tags[slot], &writer->now.slots[slot]);
}

/* A stream that is written and stays open: its bytes count from the next save or its Release on. */
static void hold_stream(struct writer *writer)
{
    size_t size = 0;
    BYTE *bytes;

    if (writer->stream != NULL) {
        close_stream(writer);
        return;
    }
    writer->stream_slot = any(SLOTS);
    writer->pending = new_value();
    bytes = make_bytes(&writer->pending, slot_tags[writer->stream_slot], &size);
    assert_ok(open_stream(writer->message, slot_tags[writer->stream_slot],
            MAPI_CREATE | MAPI_MODIFY, &writer->stream));
    assert_ok(writer->stream->lpVtbl->Write(writer->stream, bytes, (ULONG)size, NULL));
    free(bytes);
}

static HRESULT modify(struct writer *writer, ULONG flags, LONG row, unsigned id)
{
    SPropValue values[3] = { { .ulPropTag = PR_ROWID }, { .ulPropTag = PR_DISPLAY_NAME_A },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    SizedADRLIST(1, list) = { 1, { { 0, 3, values } } };
    char name[20];

    snprintf(name, sizeof(name), "p%u", id);
    values[0].Value.l = row;
    values[1].Value.lpszA = name;
    values[2].Value.l = MAPI_TO;
    return writer->message->lpVtbl->ModifyRecipients(writer->message, flags, (LPADRLIST)&list);
}

/* The row that a new recipient was given: the last of the table, and nobody else's. */
static LONG last_row(const struct writer *writer)
{
    static const ULONG tags[] = { PR_ROWID };
    LPMAPITABLE table = NULL;
    LPSRowSet rows;
    LONG row;

    assert_ok(writer->message->lpVtbl->GetRecipientTable(writer->message, 0, &table));
    rows = table_rows(table, tags, 1);
    row = rows->aRow[rows->cRows - 1].lpProps[0].Value.l;
    for (size_t i = 0; i < writer->now.people_count; i++)
        assert_int_not_equal(writer->now.people[i].row, row);
    mapi_free_rows(rows);
    release_last(table);
    return row;
}

static void change_people(struct writer *writer)
{
    struct model *now = &writer->now;
    size_t which = now->people_count > 0 ? any((uint32_t)now->people_count) : 0;
    unsigned id = ++last_id;

    switch (any(6)) {
    case 0:
        assert_ok(modify(writer, 0, 77, id));
        now->people_count = 0;
        now->people[0].row = last_row(writer);
        now->people[0].id = id;
        now->people_count = 1;
        break;
    case 1:
        if (now->people_count == 0) {
            assert_hr(modify(writer, MODRECIP_MODIFY, 5, id), MAPI_E_NOT_FOUND);
            break;
        }
        assert_ok(modify(writer, MODRECIP_MODIFY, now->people[which].row, id));
        now->people[which].id = id;
        break;
    case 2:
        if (now->people_count == 0)
            break;
        assert_ok(modify(writer, MODRECIP_REMOVE, now->people[which].row, 0));
        now->people_count--;
        memmove(&now->people[which], &now->people[which + 1],
                (now->people_count - which) * sizeof(now->people[0]));
        break;
    default:
        if (now->people_count == PEOPLE)
            break;
        assert_ok(modify(writer, MODRECIP_ADD, 0, id));
        now->people[now->people_count].row = last_row(writer);
        now->people[now->people_count++].id = id;
        break;
    }
}

static void add_part(struct writer *writer)
{
    LPATTACH attach = NULL;
    ULONG number = 0;
    struct value value = new_value();

    assert_ok(writer->message->lpVtbl->CreateAttach(writer->message, NULL, 0, &number, &attach));
    assert_true(number < PARTS);
    assert_int_equal(writer->now.parts[number].value.id, 0);
    put_value(attach, PR_ATTACH_DATA_BIN, &value);
    if (any(5) != 0) {
        assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
        writer->now.parts[number] = (struct part){ value, false };
    }
    release_last(attach);
}

static void change_parts(struct writer *writer)
{
    ULONG number = any(PARTS);
    LPATTACH attach = NULL;

    for (ULONG tried = 0; tried < PARTS && writer->now.parts[number].value.id == 0; tried++)
        number = (number + 1) % PARTS;
    if (writer->now.parts[number].value.id == 0 || any(4) == 0) {
        add_part(writer);
    } else if (any(2) == 0) {
        assert_ok(writer->message->lpVtbl->DeleteAttach(writer->message, number, 0, NULL, 0));
        writer->now.parts[number] = (struct part){ { 0 }, true };
    } else {
        struct value value = new_value();

        assert_ok(writer->message->lpVtbl->OpenAttach(
                writer->message, number, NULL, MAPI_MODIFY, &attach));
        put_value(attach, PR_ATTACH_DATA_BIN, &value);
        assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
        release_last(attach);
        writer->now.parts[number] = (struct part){ value, false };
    }
}

/* --- saving ----------------------------------------------------------------------------------- */

/* Over somebody else's save: what this one knows by reference only, and did not change, is what the
 * other made of it, also where the other removed it. */
static void mend_slots(const struct world *world, struct model *now)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (is_lost(world, &now->slots[i], &world->stored.slots[i]))
            now->slots[i] = world->stored.slots[i];
    }
}

static void store_model(struct world *world, struct model *now)
{
    for (size_t i = 0; i < SLOTS; i++)
        now->slots[i].is_stored = true;
    for (ULONG number = 0; number < PARTS; number++) {
        struct part *part = &now->parts[number];

        /* An attachment that this writer did not touch is as the store has it. */
        if (!part->is_removed && (part->value.id == 0 || part->value.is_stored))
            *part = world->stored.parts[number];
        part->is_removed = false;
        part->value.is_stored = true;
    }
    world->stored = *now;
}

static void save(struct world *world, struct writer *writer)
{
    bool force = any(3) == 0;
    ULONG flags = KEEP_OPEN_READWRITE | (force ? FORCE_SAVE : 0);
    HRESULT hr;

    if (any(4) == 0)
        flags |= MAPI_DEFERRED_ERRORS;
    hr = writer->message->lpVtbl->SaveChanges(writer->message, flags);
    flush_stream(writer);
    if (!world->exists) {
        assert_hr(hr, MAPI_E_OBJECT_DELETED);
        return;
    }
    if (writer->base != world->version && !force) {
        assert_hr(hr, MAPI_E_OBJECT_CHANGED);
        return;
    }
    mend_slots(world, &writer->now);
    assert_ok(hr);
    store_model(world, &writer->now);
    writer->base = ++world->version;
}

static void make_message(struct world *world)
{
    mapi_free(world->id);
    world->id = message_make(world->fx->inbox, "two writers");
    memset(&world->stored, 0, sizeof(world->stored));
    world->exists = true;
    world->version++;
}

static void open_writers(struct world *world)
{
    for (size_t i = 0; i < WRITERS; i++)
        open_writer(world, &world->writers[i]);
}

static void close_writers(struct world *world)
{
    for (size_t i = 0; i < WRITERS; i++)
        close_writer(&world->writers[i]);
}

static void delete_message(struct world *world)
{
    SBinary id = world->id->Value.bin;
    ENTRYLIST list = { 1, &id };

    if (!world->exists)
        return;
    assert_ok(world->fx->inbox->lpVtbl->DeleteMessages(world->fx->inbox, &list, 0, NULL, 0));
    world->exists = false;
}

static void begin_again(struct world *world, bool new_session)
{
    close_writers(world);
    if (new_session)
        fixture_reopen(world->fx);
    if (!world->exists) {
        assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_COUNT), 0);
        make_message(world);
    }
    open_writers(world);
}

static void step(struct world *world)
{
    struct writer *writer = &world->writers[any(WRITERS)];

    switch (any(12)) {
    case 0:
    case 1:
        change_slot(world, writer);
        break;
    case 2:
        hold_stream(writer);
        break;
    case 3:
    case 4:
        change_people(writer);
        break;
    case 5:
    case 6:
        change_parts(writer);
        break;
    case 7:
        if (any(30) == 0)
            delete_message(world);
        else if (any(5) == 0)
            begin_again(world, any(4) == 0);
        break;
    case 8:
        if (world->exists) {
            close_writer(writer);
            open_writer(world, writer);
        }
        break;
    default:
        save(world, writer);
        break;
    }
}

/* IMAPIProp.SaveChanges.2 IMAPIProp.SaveChanges.3 IMAPIProp.SaveChanges.4 IMAPIProp.SaveChanges.5
 * IMAPIProp.SaveChanges.6 IMAPIProp.SaveChanges.8 IMAPIProp.SaveChanges.16 IMAPIProp.Transaction.1
 * IMAPIProp.Transaction.2 IMAPIProp.Transaction.7 */
static void two_writers__random_work__same_as_model(void **state)
{
    static struct world world;
    struct model_run run = model_run(ROUNDS, STEPS);

    memset(&world, 0, sizeof(world));
    world.fx = *state;
    for (uint32_t round = run.first; round <= run.last; round++) {
        seed = round * 2654435761u;
        print_message("seed %u\n", (unsigned)round);
        make_message(&world);
        open_writers(&world);
        for (unsigned i = 0; i < run.steps; i++) {
            step(&world);
            if (round % 2 == 0) /* not always: a look may load what was not loaded yet */
                check_surface(&world);
            if (any(8) == 0)
                check_model(&world, world.writers[0].message, &world.writers[0].now);
            if (any(8) == 0)
                check_model(&world, world.writers[1].message, &world.writers[1].now);
            if (world.exists && any(6) == 0)
                check_stored(&world);
        }
        if (!world.exists)
            begin_again(&world, true);
        delete_message(&world);
        close_writers(&world);
    }
    mapi_free(world.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                two_writers__random_work__same_as_model, fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests_name("writers_oracle", tests, NULL, NULL);
}
