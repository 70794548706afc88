/* SPDX-License-Identifier: MIT */
/*
 * eng_column_splice.c - rows taken out of columns and put into them, in place.
 *
 * First the rows that go are closed up, front to back; then gaps are opened, back to front. What
 * lies before the first change is not touched, so new mail, which comes at the end, costs next to
 * nothing.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/alloc.h"

/* Rows that come in: row k of `fresh` goes before row at[k] of the set. */
struct coming {
    const struct column_set *fresh;
    const size_t *at;
};

/* --- taking out ----------------------------------------------------------------------------- */

static void close_numbers(
        uint8_t *items, size_t width, size_t count, const size_t *gone, size_t gone_count)
{
    size_t to = gone[0];

    for (size_t k = 0; k < gone_count; k++) {
        size_t begin = gone[k] + 1;
        size_t end = k + 1 < gone_count ? gone[k + 1] : count;

        memmove(items + to * width, items + begin * width, (end - begin) * width);
        to += end - begin;
    }
}

static void close_text(
        struct column_text *text, size_t count, const size_t *gone, size_t gone_count)
{
    size_t to = gone[0];
    size_t shift = 0; /* bytes that are gone so far */

    for (size_t k = 0; k < gone_count; k++) {
        size_t row = gone[k] + 1;
        size_t end = k + 1 < gone_count ? gone[k + 1] : count;
        size_t from = text->ends[gone[k]];

        shift += from - column_text_begin(text, gone[k]);
        /* The end of the last row before `end` is still there: rows only move to the front. */
        memmove(text->bytes + from - shift, text->bytes + from,
                column_text_begin(text, end) - from);
        for (; row < end; row++, to++) {
            if (text->absent != NULL)
                column_absent_set(text, to, column_is_absent(text, row));
            text->ends[to] = text->ends[row] - (uint32_t)shift;
        }
    }
}

static void close_up(struct column_set *set, const size_t *gone, size_t gone_count)
{
    if (gone_count == 0)
        return;
    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if (set->numbers[i] != NULL)
            close_numbers(set->numbers[i], column_width((enum column_kind)i), set->count, gone,
                    gone_count);
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        if ((set->has & column_text_bit(i)) != 0)
            close_text(&set->texts[i], set->count, gone, gone_count);
    }
    set->count -= gone_count;
}

/* --- putting in ----------------------------------------------------------------------------- */

static void open_numbers(
        uint8_t *items, const uint8_t *fresh, size_t width, size_t count, const struct coming *in)
{
    size_t end = count;

    for (size_t k = in->fresh->count; k-- > 0;) {
        size_t at = in->at[k];

        memmove(items + (at + k + 1) * width, items + at * width, (end - at) * width);
        memcpy(items + (at + k) * width, fresh + k * width, width);
        end = at;
    }
}

static void open_text(struct column_text *text, const struct column_text *fresh, size_t count,
        const struct coming *in)
{
    size_t end = count;
    size_t bytes_end = column_text_begin(text, count);

    for (size_t k = in->fresh->count; k-- > 0;) {
        size_t at = in->at[k];
        size_t from = column_text_begin(text, at);
        size_t before = column_text_begin(fresh, k); /* bytes that come in before this one */
        size_t shift = fresh->ends[k];

        memmove(text->bytes + from + shift, text->bytes + from, bytes_end - from);
        memcpy(text->bytes + from + before, fresh->bytes + before, shift - before);
        for (size_t row = end; row-- > at;) {
            if (text->absent != NULL)
                column_absent_set(text, row + k + 1, column_is_absent(text, row));
            text->ends[row + k + 1] = text->ends[row] + (uint32_t)shift;
        }
        if (text->absent != NULL)
            column_absent_set(text, at + k, column_is_absent(fresh, k));
        text->ends[at + k] = (uint32_t)(from + shift);
        end = at;
        bytes_end = from;
    }
}

static void open_gaps(struct column_set *set, const struct coming *in)
{
    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if (set->numbers[i] != NULL)
            open_numbers(set->numbers[i], in->fresh->numbers[i], column_width((enum column_kind)i),
                    set->count, in);
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        if ((set->has & column_text_bit(i)) != 0)
            open_text(&set->texts[i], &in->fresh->texts[i], set->count, in);
    }
    set->count += in->fresh->count;
    if (in->fresh->max_id > set->max_id)
        set->max_id = in->fresh->max_id;
}

/* Room for what comes in, and a little more for the next time. */
static enum eng_status reserve(struct column_set *set, const struct column_set *fresh)
{
    size_t rows = set->count + fresh->count;
    enum eng_status status = ENG_OK;

    if (rows > set->cap)
        status = column_set_reserve(set, rows + rows / 64 + 8);
    for (int i = 0; status == ENG_OK && i < COLUMN_TEXTS; i++) {
        const struct column_text *text = &set->texts[i];
        size_t more;

        if ((set->has & column_text_bit(i)) == 0)
            continue;
        more = column_text_begin(&fresh->texts[i], fresh->count);
        if (more > text->cap - column_text_begin(text, set->count))
            status = column_set_reserve_text(set, i, more + text->cap / 64);
        if (status == ENG_OK && fresh->texts[i].absent != NULL && !column_set_need_absent(set, i))
            status = ENG_NO_MEMORY;
    }
    return status;
}

enum eng_status column_set_splice(struct column_set *set, const size_t *gone, size_t gone_count,
        const struct column_set *fresh)
{
    struct coming in = { fresh, NULL };
    enum eng_status status;
    size_t *at;

    if (gone_count == 0 && fresh->count == 0)
        return ENG_OK;
    status = reserve(set, fresh);
    if (status != ENG_OK)
        return status;
    at = msp_alloc_array(fresh->count, sizeof(*at));
    if (at == NULL)
        return ENG_NO_MEMORY;
    in.at = at;
    close_up(set, gone, gone_count);
    for (size_t k = 0; k < fresh->count; k++)
        at[k] = column_set_find(
                set, column_u64(fresh, COLUMN_DELIVERED)[k], column_u64(fresh, COLUMN_ID)[k]);
    open_gaps(set, &in);
    set->moves += gone_count + fresh->count;
    msp_free(at);
    return ENG_OK;
}
