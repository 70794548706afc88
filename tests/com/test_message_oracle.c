/* SPDX-License-Identifier: MIT */
/*
 * test_message_oracle.c - random work on messages, attachments and messages inside them, against a
 * model of plain structs that is copied wherever SaveChanges copies.
 */
#include "model_run.h"

enum {
    ATTACHMENTS = 4, /* of one message, at most */
    DEPTH = 4,
    ROWS = 65536,
    STEPS = 1500,
    ROUNDS = 6
};

enum data_kind { NOTHING, BYTES, MESSAGE };

struct model_message;

struct model_attach {
    bool exists;
    ULONG number;
    enum data_kind kind;
    uint32_t seed;
    size_t size;
    struct model_message *inner;
};

struct model_message {
    unsigned row;     /* what it is in the store; 0: the outermost */
    unsigned subject; /* 0: none */
    unsigned recipients;
    struct model_attach attachments[ATTACHMENTS];
};

/* An open attachment and an open message: the pointer, and what its client sees in it. */
struct open_message;

struct open_attach {
    LPATTACH attach; /* NULL: not open */
    struct model_attach now;
    struct open_message *inner; /* open, or NULL */
};

struct open_message {
    IMessage *message;
    struct open_attach *holder; /* NULL: the outermost */
    unsigned depth;
    struct model_message *now;
    struct open_attach attachments[ATTACHMENTS];
};

static uint32_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* --- the model -------------------------------------------------------------------------------- */

static struct model_message *model_copy(const struct model_message *from);

static void model_free(struct model_message *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < ATTACHMENTS; i++)
        model_free(model->attachments[i].inner);
    free(model);
}

static void attach_assign(struct model_attach *to, const struct model_attach *from)
{
    struct model_message *inner = model_copy(from->inner);

    model_free(to->inner);
    *to = *from;
    to->inner = inner;
}

static struct model_message *model_copy(const struct model_message *from)
{
    struct model_message *copy;

    if (from == NULL)
        return NULL;
    copy = malloc(sizeof(*copy));
    assert_non_null(copy);
    *copy = *from;
    for (size_t i = 0; i < ATTACHMENTS; i++)
        copy->attachments[i].inner = model_copy(from->attachments[i].inner);
    return copy;
}

/* Rows that the store has, or had. */
static bool was_stored[ROWS];
static unsigned last_row;

/* The message that an attachment holds: other content leaves it behind. */
static const struct model_message *held(const struct model_attach *attach)
{
    return attach->kind == MESSAGE ? attach->inner : NULL;
}

static void note_stored(const struct model_message *model)
{
    if (model == NULL)
        return;
    was_stored[model->row] = true;
    for (size_t i = 0; i < ATTACHMENTS; i++)
        note_stored(held(&model->attachments[i]));
}

static bool has_row(const struct model_message *model, unsigned row)
{
    bool found = model != NULL && model->row == row;

    for (size_t i = 0; model != NULL && !found && i < ATTACHMENTS; i++)
        found = has_row(held(&model->attachments[i]), row);
    return found;
}

/* Is something in it that the store had once, and has given up for other content? */
static bool is_gone(const struct model_message *model, const struct model_message *stored)
{
    bool gone = model != NULL && was_stored[model->row] && !has_row(stored, model->row);

    for (size_t i = 0; model != NULL && !gone && i < ATTACHMENTS; i++)
        gone = is_gone(held(&model->attachments[i]), stored);
    return gone;
}

static BYTE *make_bytes(uint32_t from, size_t size)
{
    BYTE *bytes = malloc(size + 1);

    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (BYTE)((size_t)from * 31 + i * 7 + (i >> 8));
    return bytes;
}

static size_t any_size(void)
{
    static const size_t sizes[] = { 0, 1, 4000, 32768, 32769, 70000, 300000 };

    return sizes[any(sizeof(sizes) / sizeof(sizes[0]))];
}

/* --- checking --------------------------------------------------------------------------------- */

static void check_message(IMessage *message, const struct model_message *model);

static ULONG rows_in(LPMAPITABLE table)
{
    ULONG count = 0;

    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

static void check_bytes(LPATTACH attach, const struct model_attach *model)
{
    BYTE *expected = make_bytes(model->seed, model->size);
    BYTE *room = malloc(model->size + 1);
    IStream *stream = NULL;
    ULONG done = 0;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream));
    assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)model->size + 1, &done));
    assert_int_equal(done, model->size);
    assert_memory_equal(room, expected, model->size);
    release_last(stream);
    free(expected);
    free(room);
}

static void check_attach(IMessage *message, const struct model_attach *model)
{
    LPATTACH attach = NULL;
    IMessage *inner = NULL;
    HRESULT hr;

    assert_ok(message->lpVtbl->OpenAttach(message, model->number, NULL, 0, &attach));
    hr = attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, (LPUNKNOWN *)&inner);
    assert_hr(hr, model->kind == MESSAGE ? S_OK : MAPI_E_NOT_FOUND);
    if (model->kind == BYTES)
        check_bytes(attach, model);
    else
        assert_null(prop_get(attach, PR_ATTACH_DATA_BIN));
    if (inner != NULL) {
        check_message(inner, model->inner);
        release_last(inner);
    }
    release_last(attach);
}

/* All but what is inside the attachments. */
static void check_surface(IMessage *message, const struct model_message *model)
{
    LPMAPITABLE table = NULL;
    ULONG attachments = 0;
    char text[32];

    snprintf(text, sizeof(text), "subject %u", model->subject);
    if (model->subject != 0)
        prop_assert_text(message, PR_SUBJECT_W, text);
    else
        assert_null(prop_get(message, PR_SUBJECT_W));
    for (size_t i = 0; i < ATTACHMENTS; i++)
        attachments += model->attachments[i].exists;
    assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table));
    assert_int_equal(rows_in(table), attachments);
    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    assert_int_equal(rows_in(table), model->recipients);
}

static void check_message(IMessage *message, const struct model_message *model)
{
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        if (model->attachments[i].exists)
            check_attach(message, &model->attachments[i]);
    }
    check_surface(message, model);
}

/* Of the bytes only how many there are, where they are set. */
static void check_open_attach(const struct open_attach *open)
{
    LPUNKNOWN stream = NULL;
    STATSTG stat;
    HRESULT hr;

    if (open->attach == NULL)
        return;
    hr = open->attach->lpVtbl->OpenProperty(
            open->attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, &stream);
    assert_hr(hr, open->now.kind == BYTES ? S_OK : MAPI_E_NOT_FOUND);
    if (stream == NULL)
        return;
    assert_ok(((IStream *)(void *)stream)
                      ->lpVtbl->Stat((IStream *)(void *)stream, &stat, STATFLAG_NONAME));
    assert_int_equal(stat.cbSize.QuadPart, open->now.size);
    release_last(stream);
}

/* The surface of everything that is open: cheap enough for every step. */
static void check_open(const struct open_message *open)
{
    check_surface(open->message, open->now);
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        check_open_attach(&open->attachments[i]);
        if (open->attachments[i].inner != NULL)
            check_open(open->attachments[i].inner);
    }
}

/* --- the work --------------------------------------------------------------------------------- */

static void close_message(struct open_message *open);

static void close_attach(struct open_attach *open)
{
    if (open->attach == NULL)
        return;
    if (open->inner != NULL)
        close_message(open->inner);
    release_last(open->attach);
    model_free(open->now.inner);
    memset(open, 0, sizeof(*open));
}

static void close_message(struct open_message *open)
{
    for (size_t i = 0; i < ATTACHMENTS; i++)
        close_attach(&open->attachments[i]);
    if (open->holder != NULL)
        open->holder->inner = NULL;
    release_last(open->message);
    model_free(open->now);
    free(open);
}

static struct open_message *note_open(IMessage *message, struct open_attach *holder, unsigned depth,
        const struct model_message *model)
{
    struct open_message *open = calloc(1, sizeof(*open));
    struct model_message empty = { 0 };

    assert_non_null(open);
    open->message = message;
    open->holder = holder;
    open->depth = depth;
    open->now = model_copy(model != NULL ? model : &empty);
    return open;
}

static void set_subject(struct open_message *open)
{
    char text[32];

    open->now->subject = 1 + any(1000000);
    snprintf(text, sizeof(text), "subject %u", open->now->subject);
    prop_set_text(open->message, PR_SUBJECT_W, text);
}

static void add_recipient(struct open_message *open)
{
    static char name[] = "anna";
    SPropValue values[2] = { { .ulPropTag = PR_DISPLAY_NAME_A },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    SizedADRLIST(1, list) = { 1, { { 0, 2, values } } };

    values[0].Value.lpszA = name;
    values[1].Value.l = MAPI_TO;
    assert_ok(
            open->message->lpVtbl->ModifyRecipients(open->message, MODRECIP_ADD, (LPADRLIST)&list));
    open->now->recipients++;
}

/* A new attachment where there is none, else the one that is there. */
static void open_attachment(struct open_message *open, size_t slot)
{
    struct open_attach *attach = &open->attachments[slot];
    const struct model_attach *model = &open->now->attachments[slot];

    if (attach->attach != NULL)
        return;
    if (model->exists) {
        assert_ok(open->message->lpVtbl->OpenAttach(
                open->message, model->number, NULL, MAPI_MODIFY, &attach->attach));
        attach_assign(&attach->now, model);
    } else {
        ULONG number = 0;

        assert_ok(open->message->lpVtbl->CreateAttach(
                open->message, NULL, 0, &number, &attach->attach));
        attach->now.exists = true;
        attach->now.number = number;
    }
}

static void set_data(struct open_attach *open)
{
    BYTE *bytes;
    IStream *stream = NULL;

    open->now.kind = BYTES;
    open->now.seed = any(1000);
    open->now.size = any_size();
    bytes = make_bytes(open->now.seed, open->now.size);
    if (any(2) == 0) {
        prop_set_binary(open->attach, PR_ATTACH_DATA_BIN, bytes, open->now.size);
    } else {
        assert_ok(open->attach->lpVtbl->OpenProperty(open->attach, PR_ATTACH_DATA_BIN, &IID_IStream,
                0, MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)&stream));
        assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)open->now.size, NULL));
        release_last(stream);
    }
    free(bytes);
}

static void save_attachment(
        struct open_message *parent, size_t slot, const struct model_message *stored)
{
    struct open_attach *open = &parent->attachments[slot];
    HRESULT hr = open->attach->lpVtbl->SaveChanges(open->attach, KEEP_OPEN_READWRITE);

    if (hr == MAPI_E_OBJECT_DELETED && is_gone(held(&open->now), stored))
        return;
    assert_ok(hr);
    attach_assign(&parent->now->attachments[slot], &open->now);
}

static void open_inner(struct open_message *parent, struct open_attach *open)
{
    bool create = open->now.kind != MESSAGE || any(4) == 0;
    IMessage *inner = NULL;

    if (open->inner != NULL || parent->depth + 1 >= DEPTH)
        return;
    assert_ok(open->attach->lpVtbl->OpenProperty(open->attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
            create ? MAPI_CREATE | MAPI_MODIFY : MAPI_MODIFY, (LPUNKNOWN *)&inner));
    open->inner = note_open(inner, open, parent->depth + 1, create ? NULL : open->now.inner);
    assert_true(last_row + 1 < ROWS);
    if (create)
        open->inner->now->row = ++last_row;
}

/* Into the attachment around it; the outermost goes to the store. What the store has given up for
 * other content may be refused, or is written anew as a whole. */
static void save_message(struct open_message *open, struct model_message **stored)
{
    struct model_message **to = open->holder != NULL ? &open->holder->now.inner : stored;
    HRESULT hr = open->message->lpVtbl->SaveChanges(open->message, KEEP_OPEN_READWRITE);

    if (hr == MAPI_E_OBJECT_DELETED && open->holder != NULL && is_gone(open->now, *stored))
        return;
    assert_ok(hr);
    model_free(*to);
    *to = model_copy(open->now);
    if (open->holder != NULL)
        open->holder->now.kind = MESSAGE;
    else
        note_stored(*stored);
}

static void delete_attachment(struct open_message *open, size_t slot)
{
    struct model_attach *model = &open->now->attachments[slot];

    if (open->attachments[slot].attach != NULL || !model->exists)
        return;
    assert_ok(open->message->lpVtbl->DeleteAttach(open->message, model->number, 0, NULL, 0));
    model_free(model->inner);
    memset(model, 0, sizeof(*model));
}

/* The open messages, outermost first; returns how many. */
static size_t list_open(struct open_message *open, struct open_message **out, size_t count)
{
    out[count++] = open;
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        if (open->attachments[i].inner != NULL)
            count = list_open(open->attachments[i].inner, out, count);
    }
    return count;
}

static struct open_message *pick(struct open_message *top)
{
    struct open_message *all[1 + ATTACHMENTS + ATTACHMENTS * ATTACHMENTS +
                             ATTACHMENTS * ATTACHMENTS * ATTACHMENTS];

    return all[any((uint32_t)list_open(top, all, 0))];
}

static void step(struct open_message *top, struct model_message **stored)
{
    struct open_message *open = pick(top);
    size_t slot = any(ATTACHMENTS);
    struct open_attach *attach = &open->attachments[slot];

    switch (any(13)) {
    case 0:
        set_subject(open);
        break;
    case 1:
        add_recipient(open);
        break;
    case 2:
    case 3:
        open_attachment(open, slot);
        break;
    case 4:
        if (attach->attach != NULL)
            set_data(attach);
        break;
    case 5:
    case 6:
        if (attach->attach != NULL)
            save_attachment(open, slot, *stored);
        break;
    case 7:
    case 8:
        if (attach->attach != NULL)
            open_inner(open, attach);
        break;
    case 9:
        if (any(4) == 0)
            delete_attachment(open, slot);
        else if (any(6) == 0)
            close_attach(attach);
        break;
    case 10:
        save_message(top, stored);
        break;
    default:
        save_message(open, stored);
        break;
    }
}

/* In every second round after every step: a look may load what was not loaded yet. */
static void play(struct fixture *fx, const SPropValue *id, struct model_message **stored,
        unsigned steps, bool look_always)
{
    struct open_message *top = note_open(message_open(fx->store, id), NULL, 0, *stored);

    for (unsigned i = 0; i < steps; i++) {
        step(top, stored);
        if (look_always)
            check_open(top);
        if (any(40) == 0) {
            IMessage *other = message_open(fx->store, id);

            check_message(top->message, top->now);
            check_message(other, *stored);
            release_last(other);
        }
        if (any(100) == 0) {
            close_message(top);
            if (any(3) == 0)
                fixture_reopen(fx);
            top = note_open(message_open(fx->store, id), NULL, 0, *stored);
            check_message(top->message, *stored);
        }
    }
    close_message(top);
}

/* IMessage.CreateAttach.2 IMessage.DeleteAttach.1 IMessage.Embedded.3 IMessage.Embedded.4
 * IMAPIProp.Transaction.3 IMAPIProp.Transaction.7 IStream.Commit.3 */
static void random_work__every_save__same_as_model(void **state)
{
    struct fixture *fx = *state;
    struct model_run run = model_run(ROUNDS, STEPS);

    for (uint32_t round = run.first; round <= run.last; round++) {
        SPropValue *id = message_make(fx->inbox, "subject 7");
        struct model_message *stored = calloc(1, sizeof(*stored));

        print_message("seed %u\n", (unsigned)round);
        seed = round;
        last_row = 0;
        memset(was_stored, 0, sizeof(was_stored));
        stored->subject = 7;
        play(fx, id, &stored, run.steps, round % 2 == 0);
        model_free(stored);
        mapi_free(id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                random_work__every_save__same_as_model, fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
