/* SPDX-License-Identifier: MIT */
/*
 * eng_column_window.c - rows that lie side by side, from the columns that are stored.
 *
 * By its id, SQLite looks up each row on its own, in a page of its own as a rule. Rows that follow
 * each other in default order are in the same one or two segments, which are read in a tenth of
 * that time. Which segments these are is only guessed, from the places of the keys in memory: the
 * ids in them tell what has come of it. Rows that the journal has named since the segments were
 * written are taken out, so what is there is right.
 *
 * Owns:  what a struct column_window points to, freed by column_window_free().
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum {
    BYTES_MAX = 8 * 1024 * 1024 /* of all parts that are read */
};

void column_window_init(struct column_window *window)
{
    memset(window, 0, sizeof(*window));
    column_head_init(&window->head);
    column_changes_init(&window->changes, 0);
}

void column_window_free(struct column_window *window)
{
    column_head_free(&window->head);
    column_changes_free(&window->changes);
    column_set_free(&window->set);
    column_window_init(window);
}

/* --- what is stored, and what has changed since ----------------------------------------------- */

/* Brings the directory up to date. *out_good false: there is none that could be used. */
static enum eng_status update_head(struct eng *eng, struct column_window *window, uint64_t place,
        const struct column_state *state, bool *out_good)
{
    const struct column_state *known = &window->head.state;
    struct column_state stored = { 0, 0 };
    enum eng_status status = columns_head_state(eng, place, &stored, out_good);

    if (status != ENG_OK || !*out_good)
        return status;
    *out_good = stored.repaired == state->repaired && stored.number <= state->number;
    if (!*out_good ||
            (window->place == place && known->number == stored.number &&
                    known->repaired == stored.repaired && window->changes.upto <= state->number))
        return ENG_OK;
    column_window_free(window);
    status = columns_head_read(eng, place, &window->head, out_good);
    window->place = *out_good ? place : 0;
    window->changes.upto = window->head.state.number;
    return status;
}

/* Takes the rows that have changed out of the set. */
static enum eng_status drop_changed(struct column_window *window)
{
    struct column_set *set = &window->set;
    const uint64_t *ids = column_u64(set, COLUMN_ID);
    struct msp_array gone = MSP_ARRAY_INIT(size_t);
    enum eng_status status = ENG_OK;
    struct column_set none;

    for (size_t row = 0; window->changes.ids.count > 0 && row < set->count && status == ENG_OK;
            row++) {
        if (column_changes_has(&window->changes, ids[row]) && msp_array_push(&gone, &row) == NULL)
            status = ENG_NO_MEMORY;
    }
    column_set_init(&none, set->has);
    if (status == ENG_OK)
        status = column_set_splice(set, gone.items, gone.count, &none);
    msp_array_free(&gone);
    return status;
}

/* Reads what the journal says beyond what is known. *out_good false: it is too much. */
static enum eng_status update_changed(struct eng *eng, struct column_window *window,
        const struct column_state *state, bool *out_good)
{
    bool is_new = window->changes.upto != state->number;
    enum eng_status status =
            column_changes_read(eng, &window->changes, window->place >> 1, state->number, out_good);

    return status == ENG_OK && *out_good && is_new ? drop_changed(window) : status;
}

/* --- segments --------------------------------------------------------------------------------- */

static const struct column_segment *segment_at(const struct column_window *window, size_t index)
{
    return MSP_ARRAY_AT(struct column_segment, &window->head.segments, index);
}

/* The segments [*out_first, *out_end) that the rows [first, end) may be in, and how many bytes
 * those are. Each row that has come or gone since has moved all behind it by one. */
static uint64_t find_segments(const struct column_window *window, size_t first, size_t end,
        uint32_t wanted, size_t *out_first, size_t *out_end)
{
    size_t slack = window->changes.ids.count;
    size_t begin = 0;
    uint64_t size = 0;
    size_t i = 0;

    first -= msp_min(first, slack);
    for (; i + 1 < window->head.segments.count && begin + segment_at(window, i)->rows <= first; i++)
        begin += segment_at(window, i)->rows;
    *out_first = i;
    for (; i < window->head.segments.count && begin < end + slack; i++) {
        begin += segment_at(window, i)->rows;
        for (int part = 0; part < COLUMN_PARTS; part++)
            size += (wanted >> part & 1) != 0 ? segment_at(window, i)->parts[part].size : 0;
    }
    *out_end = i;
    return size;
}

static enum eng_status update_set(struct eng *eng, struct column_window *window, size_t first,
        size_t end, uint32_t wanted, bool *out_good)
{
    enum eng_status status;
    size_t segment_first;
    size_t segment_end;
    uint64_t size = find_segments(window, first, end, wanted, &segment_first, &segment_end);

    *out_good = size <= BYTES_MAX && segment_first < segment_end;
    if (!*out_good || (window->set.count > 0 && window->first <= segment_first &&
                              segment_end <= window->end && (wanted & ~window->set.has) == 0))
        return ENG_OK;
    column_set_free(&window->set);
    column_set_init(&window->set, wanted);
    status = columns_segments_read(eng, window->place, &window->head, segment_first,
            segment_end - segment_first, &window->set, out_good);
    window->first = segment_first;
    window->end = segment_end;
    return status == ENG_OK && *out_good ? drop_changed(window) : status;
}

/* What is known of the place, brought up to date. */
static enum eng_status update(struct eng *eng, struct column_window *window, uint64_t place,
        const struct column_state *state, uint32_t wanted, bool *out_good)
{
    enum eng_status status = update_head(eng, window, place, state, out_good);

    if (status == ENG_OK && *out_good)
        *out_good = (wanted & ~window->head.has) == 0;
    if (status == ENG_OK && *out_good)
        status = update_changed(eng, window, state, out_good);
    return status;
}

enum eng_status column_window_read(struct eng *eng, struct column_window *window, uint64_t place,
        const struct column_state *state, const struct column_span *span, uint32_t wanted,
        bool *out_good)
{
    enum eng_status status;

    wanted |= COLUMN_KEY_MASK;
    status = update(eng, window, place, state, wanted, out_good);
    if (status == ENG_OK && *out_good)
        status = update_set(eng, window, span->first, span->end, wanted, out_good);
    if (status != ENG_OK)
        column_window_free(window);
    return status;
}

enum eng_status column_window_read_end(struct eng *eng, struct column_window *window,
        uint64_t place, const struct column_state *state, bool is_last, size_t rows,
        uint32_t wanted, bool *out_good)
{
    enum eng_status status;
    size_t count;

    wanted |= COLUMN_KEY_MASK;
    status = update(eng, window, place, state, wanted, out_good);
    count = (size_t)window->head.rows;
    rows = msp_min(rows, count);
    if (status == ENG_OK && *out_good)
        status = update_set(
                eng, window, is_last ? count - rows : 0, is_last ? count : rows, wanted, out_good);
    if (status != ENG_OK)
        column_window_free(window);
    return status;
}
