/* SPDX-License-Identifier: MIT */
/*
 * eng_model.h - work on a store, and beside it what must be in the store afterwards.
 *
 * A step that returns ENG_OK is noted at once; one that fails must have changed nothing. After a
 * power cut the step that was under way may or may not have happened, the ones before it must.
 *
 * Locks: none; one thread.
 */
#ifndef MSP_TEST_ENG_MODEL_H
#define MSP_TEST_ENG_MODEL_H

#include "unit/column_fixture.h"

enum {
    MODEL_MSGS = 400,
    MODEL_VALUE_SIZE = 300000 /* bytes: more than one chunk */
};

enum model_state {
    MODEL_ABSENT, /* never there */
    MODEL_THERE,
    MODEL_DELETED
};

struct model_msg {
    uint64_t id;
    uint64_t value; /* large value it owns, or 0 */
    uint32_t flags;
    enum model_state state;
    bool in_bulk; /* touched since the import began: not sure yet */
    bool is_open; /* the import has failed: it may be there or not */
};

struct model {
    struct model_msg msgs[MODEL_MSGS];
    size_t count;
    uint64_t folder;  /* 0 until it was made */
    size_t under_way; /* message that a step is about; MODEL_MSGS: none */
    bool is_bulk;
    uint64_t highest_id; /* that was ever given out */
};

static inline void model_init(struct model *model)
{
    memset(model, 0, sizeof(*model));
    model->under_way = MODEL_MSGS;
}

static inline uint8_t value_byte(uint64_t id, size_t offset)
{
    return (uint8_t)(id * 31 + offset * 7 + offset / 251);
}

/* An import begins, makes sure of what it has, or ends. */
static inline enum eng_status model_bulk(struct eng *eng, struct model *model, bool on)
{
    enum eng_status status = eng_bulk(eng, on);

    if (on) {
        model->is_bulk = status == ENG_OK;
        return status;
    }
    model->is_bulk = false;
    for (size_t i = 0; i < model->count; i++) {
        if (model->msgs[i].in_bulk && status != ENG_OK)
            model->msgs[i].is_open = true;
        model->msgs[i].in_bulk = false;
    }
    return status;
}

/* Writes a large value; *out_id 0 when that fails. */
static inline enum eng_status model_value(struct eng *eng, uint64_t *out_id)
{
    static uint8_t bytes[10000];
    enum eng_status status = eng_value_new(eng, out_id);

    for (size_t done = 0; status == ENG_OK && done < MODEL_VALUE_SIZE; done += sizeof(bytes)) {
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = value_byte(*out_id, done + i);
        status = eng_value_write(eng, *out_id, done, bytes, sizeof(bytes));
    }
    if (status != ENG_OK && *out_id != 0) {
        (void)eng_value_free(eng, *out_id);
        *out_id = 0;
    }
    return status;
}

static inline enum eng_status model_put(struct eng *eng, struct model *model, bool with_value)
{
    struct model_msg *noted = &model->msgs[model->count];
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_part part = { 1, 0, NULL, 0 };
    char subject[40];
    struct eng_msg msg;
    uint64_t id = 0;
    uint64_t value = 0;
    uint64_t change;
    enum eng_status status;

    if (model->count == MODEL_MSGS)
        return ENG_OK;
    status = eng_id_new(eng, &id);
    if (status == ENG_OK) {
        assert_true(id > model->highest_id || model->folder == 0);
        model->highest_id = id;
    }
    if (status == ENG_OK && with_value)
        status = model_value(eng, &value);
    if (status != ENG_OK)
        return status;
    (void)snprintf(subject, sizeof(subject), "message %llu", (unsigned long long)id);
    packed = value != 0 ? record_of_values(&value, 1)
                        : record_of(0x0037001F, subject, strlen(subject));
    msg = msg_of(id, model->folder, subject);
    noted->id = id;
    noted->value = value;
    noted->flags = 0;
    noted->state = MODEL_ABSENT;
    noted->in_bulk = model->is_bulk;
    model->under_way = model->count++;
    status = eng_begin(eng, true);
    if (status == ENG_OK) {
        status = eng_msg_put(eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change);
        if (status == ENG_OK)
            status = eng_recipients_put(eng, id, &part, 1);
        if (status == ENG_OK)
            status = eng_commit(eng);
        else
            eng_rollback(eng);
    }
    if (status == ENG_OK)
        noted->state = MODEL_THERE;
    else if (value != 0)
        (void)eng_value_free(eng, value);
    model->under_way = MODEL_MSGS;
    msp_buf_free(&packed);
    return status;
}

static inline enum eng_status model_flag(struct eng *eng, struct model *model, size_t index)
{
    struct model_msg *noted = &model->msgs[index];
    enum eng_status status;

    if (noted->state != MODEL_THERE || noted->is_open)
        return ENG_OK;
    noted->in_bulk = noted->in_bulk || model->is_bulk;
    model->under_way = index;
    status = eng_msg_set_flags(eng, noted->id, 1, 1, NULL);
    if (status == ENG_OK)
        noted->flags |= 1;
    model->under_way = MODEL_MSGS;
    return status;
}

static inline enum eng_status model_delete(struct eng *eng, struct model *model, size_t index)
{
    struct model_msg *noted = &model->msgs[index];
    enum eng_status status;

    if (noted->state != MODEL_THERE || noted->is_open)
        return ENG_OK;
    noted->in_bulk = noted->in_bulk || model->is_bulk;
    model->under_way = index;
    status = eng_msg_delete(eng, noted->id);
    if (status == ENG_OK)
        noted->state = MODEL_DELETED;
    model->under_way = MODEL_MSGS;
    return status;
}

/* A look at the columns, after which they are stored. */
static inline enum eng_status model_columns(struct eng *eng, const struct model *model)
{
    static const struct column_policy always = { SIZE_MAX, 1, 1, 16 };
    struct eng_columns columns;
    enum eng_status status;

    if (!columns_policy(eng, &always))
        return ENG_NO_MEMORY;
    status = eng_begin(eng, false);
    if (status != ENG_OK)
        return status;
    status = eng_columns_get(eng, model->folder, false, ENG_COLUMN_ALL, &columns);
    if (status == ENG_OK)
        return eng_commit(eng);
    eng_rollback(eng);
    return status;
}

static inline void model_verify_value(struct eng *eng, uint64_t id)
{
    static uint8_t bytes[MODEL_VALUE_SIZE + 1];
    size_t got = 0;

    assert_ok(eng_value_read(eng, id, 0, bytes, sizeof(bytes), &got));
    assert_int_equal(got, MODEL_VALUE_SIZE);
    for (size_t i = 0; i < got; i++) {
        if (bytes[i] != value_byte(id, i))
            fail_msg("value %llu is wrong at %zu", (unsigned long long)id, i);
    }
}

/* Compares; `after_cut`: the step under way may have happened, and what bulk wrote may be gone. */
static inline void model_verify(struct eng *eng, const struct model *model, bool after_cut)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    uint32_t there = 0;
    uint32_t unread = 0;
    struct eng_folder folder;

    for (size_t i = 0; i < model->count; i++) {
        const struct model_msg *noted = &model->msgs[i];
        bool is_open = noted->is_open || (after_cut && (i == model->under_way || noted->in_bulk));
        struct eng_msg row;
        enum eng_status status;

        msp_buf_clear(&packed);
        status = eng_msg_get(eng, noted->id, &row, &texts, &packed);
        if (status == ENG_OK) {
            char subject[40];

            (void)snprintf(subject, sizeof(subject), "message %llu", (unsigned long long)noted->id);
            if (!is_open && noted->state != MODEL_THERE)
                fail_msg("message %zu of %zu should not be there (state %d)", i, model->count,
                        (int)noted->state);
            assert_true(text_is(&row.subject, subject));
            assert_int_equal(row.folder, model->folder);
            if (!is_open)
                assert_int_equal(row.flags, noted->flags);
            if (noted->value != 0)
                model_verify_value(eng, noted->value);
            there++;
            unread += (row.flags & 1) == 0;
        } else {
            assert_int_equal(status, ENG_NOT_FOUND);
            if (!is_open && noted->state == MODEL_THERE)
                fail_msg("message %zu of %zu is lost", i, model->count);
        }
    }
    if (model->folder != 0) {
        assert_ok(eng_folder_get(eng, model->folder, &folder, NULL, NULL));
        assert_int_equal(folder.content_count, there);
        assert_int_equal(folder.unread_count, unread);
        assert_int_equal(assert_columns(eng, model->folder, false, ENG_COLUMN_ALL), there);
    }
    assert_whole(eng);
    msp_buf_free(&texts);
    msp_buf_free(&packed);
}

#endif
