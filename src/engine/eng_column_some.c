/* SPDX-License-Identifier: MIT */
/*
 * eng_column_some.c - some rows of a place from columns: rows that lie side by side, and rows by
 * their ids.
 *
 * Nothing is brought up to date for them: rows that have changed since are left out, and the caller
 * reads those singly. Where all have to be, columns are read only once that has cost as much.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/bytes.h"

enum {
    /* So many rows are read singly, of each of the place, before it pays to... */
    SINGLE_PART_INDEX = 256,  /* ...find out where each is, */
    SINGLE_PART_STORED = 128, /* ...read columns that are stored, */
    SINGLE_PART_ROWS = 4      /* ...read all rows */
};

/* --- rows that lie side by side ------------------------------------------------------------- */

/* The rows between two keys, either of which may be the first. */
static struct column_span span_of(
        const struct column_set *set, const struct eng_msg *a, const struct eng_msg *b)
{
    size_t first = column_set_find(set, a->delivered, a->id);
    size_t last = column_set_find(set, b->delivered, b->id);
    struct column_span span = { msp_min(first, last), msp_max(first, last) };

    span.end += span.end < set->count;
    return span;
}

/* Do the rows between two keys lie within a set, or at that end of it that is an end of the place?
 */
static bool is_within(
        const struct column_set *set, struct column_span span, bool is_first, bool is_last)
{
    return span.first < span.end && (is_first || span.first > 0) &&
           (is_last || span.end < set->count);
}

/* Without keys in memory only the ends of a place can be told where they are: there most tables
 * are looked at. */
static enum eng_status read_end(struct eng *eng, struct column_window *window, uint64_t place,
        const struct column_state *state, uint32_t wanted, const struct eng_msg *a,
        const struct eng_msg *b, size_t most, bool *out_good)
{
    enum eng_status status = ENG_OK;

    for (int end = 0; status == ENG_OK && end < 2; end++) {
        status =
                column_window_read_end(eng, window, place, state, end == 0, most, wanted, out_good);
        if (status != ENG_OK || !*out_good)
            return status;
        *out_good = is_within(&window->set, span_of(&window->set, a, b), window->first == 0,
                window->end == window->head.segments.count);
        if (*out_good)
            return ENG_OK;
    }
    return status;
}

/* *out NULL: not to be had. */
static enum eng_status get_near(struct eng *eng, uint64_t place, uint32_t wanted,
        const struct eng_msg *a, const struct eng_msg *b, size_t most,
        const struct column_set **out)
{
    struct column_cache *cache = columns_cache(eng);
    const struct column_place *kept = cache != NULL ? column_place_find(cache, place) : NULL;
    struct column_state state;
    struct column_span span = { 0, 0 };
    enum eng_status status;
    bool is_good = false;

    *out = NULL;
    if (cache == NULL || columns_are_touched(eng, place >> 1))
        return ENG_OK;
    if (kept != NULL)
        span = span_of(&kept->set, a, b);
    if (span.end - span.first > most)
        return ENG_OK;
    status = columns_state(eng, &state);
    if (status != ENG_OK)
        return status;
    if (kept != NULL && state.number == kept->state.number &&
            state.repaired == kept->state.repaired && (wanted & ~kept->set.has) == 0) {
        *out = &kept->set;
        return ENG_OK;
    }
    if (kept != NULL)
        status = column_window_read(eng, &cache->window, place, &state, &span, wanted, &is_good);
    else
        status = read_end(eng, &cache->window, place, &state, wanted, a, b, most, &is_good);
    if (status == ENG_OK && is_good)
        *out = &cache->window.set;
    return status == ENG_OK || status == eng->error.status ? status : eng_fail(eng, status);
}

enum eng_status eng_columns_near(struct eng *eng, bool associated, uint32_t wanted,
        const struct eng_msg *a, const struct eng_msg *b, size_t most, struct eng_columns_part *out)
{
    const struct column_set *set = NULL;
    struct column_span span;
    enum eng_status status;

    memset(out, 0, sizeof(*out));
    status = columns_begin(eng);
    if (status != ENG_OK)
        return status;
    if (a->folder == b->folder && id_is_good(a->folder))
        status = get_near(eng, a->folder << 1 | associated, wanted, a, b, most, &set);
    status = op_end(eng, status);
    if (status != ENG_OK || set == NULL)
        return status;
    span = span_of(set, a, b);
    if (span.end - span.first > most)
        return ENG_OK;
    column_set_publish(set, wanted, &out->columns);
    out->first = span.first;
    out->end = span.end;
    return ENG_OK;
}

/* --- rows by their ids ---------------------------------------------------------------------- */

/* Counts rows that are about to be read singly; true once all of them have cost as much as what
 * would have made that needless, which takes as long as reading one row in so many. */
static bool does_pay(uint64_t *singles, size_t reads, uint64_t rows, unsigned part)
{
    *singles += reads;
    if (*singles < rows / part)
        return false;
    *singles = 0;
    return true;
}

/* The counter of a place that is not kept: the last few that were asked for have one. */
static uint64_t *reading_of(struct column_cache *cache, uint64_t place)
{
    struct column_reading found = { place, 0 };
    size_t at = 0;

    while (at + 1 < COLUMN_READINGS && cache->readings[at].place != place)
        at++;
    if (cache->readings[at].place == place)
        found = cache->readings[at];
    memmove(&cache->readings[1], &cache->readings[0], at * sizeof(found));
    cache->readings[0] = found;
    return &cache->readings[0].singles;
}

/* Reads columns that are to be kept, or brings them up to date, once that pays, with an index; *out
 * NULL: not yet. */
static enum eng_status read_once_it_pays(struct eng *eng, struct column_cache *cache,
        uint64_t place, uint32_t wanted, size_t reads, struct column_place **out)
{
    struct column_place *kept = column_place_find(cache, place);
    uint64_t *singles = kept != NULL ? &kept->singles : reading_of(cache, place);
    const struct column_set *set;
    struct column_state state;
    bool is_stored = false;
    uint64_t rows = 0;
    enum eng_status status = columns_count(eng, place, &rows);

    *out = NULL;
    if (status == ENG_OK)
        status = columns_head_state(eng, place, &state, &is_stored);
    if (status != ENG_OK)
        return status;
    if (!does_pay(singles, reads, rows, is_stored ? SINGLE_PART_STORED : SINGLE_PART_ROWS))
        return ENG_OK;
    status = columns_kept_get(eng, cache, place, wanted, &set);
    if (status != ENG_OK)
        return status;
    *out = column_place_find(cache, place);
    column_place_index(*out);
    return ENG_OK;
}

/* Reads what the journal says since the columns were right. *out_good false: too much, or they are
 * of no use. */
static enum eng_status read_changes(struct eng *eng, struct column_place *kept, bool *out_good)
{
    struct column_state state;
    enum eng_status status = columns_state(eng, &state);

    *out_good = status == ENG_OK && state.repaired == kept->state.repaired &&
                state.number >= kept->changes.upto;
    if (*out_good)
        status = column_changes_read(eng, &kept->changes, kept->place >> 1, state.number, out_good);
    if (status == ENG_OK)
        return ENG_OK;
    column_changes_free(&kept->changes);
    kept->changes.upto = kept->state.number;
    return status == eng->error.status ? status : eng_fail(eng, status);
}

/* Where rows can be found by id now; *out NULL: nowhere. */
static enum eng_status get_by_id(struct eng *eng, uint64_t place, uint32_t wanted, size_t reads,
        const struct column_place **out)
{
    struct column_cache *cache = columns_cache(eng);
    struct column_place *kept = cache != NULL ? column_place_find(cache, place) : NULL;
    enum eng_status status = ENG_OK;
    bool is_good = true;

    *out = NULL;
    if (cache == NULL || columns_are_touched(eng, place >> 1))
        return ENG_OK;
    if (kept != NULL)
        status = read_changes(eng, kept, &is_good);
    if (status != ENG_OK)
        return status;
    if (kept == NULL || !is_good || (wanted & ~kept->set.has) != 0)
        status = read_once_it_pays(eng, cache, place, wanted, reads, &kept);
    else if (!column_index_is_good(&kept->index, &kept->set) &&
             does_pay(&kept->singles, reads, kept->set.count, SINGLE_PART_INDEX))
        column_place_index(kept);
    if (status != ENG_OK || kept == NULL || !column_index_is_good(&kept->index, &kept->set))
        return status;
    kept->used = ++cache->clock;
    *out = kept;
    return ENG_OK;
}

enum eng_status eng_columns_by_id(struct eng *eng, uint64_t folder, bool associated,
        uint32_t wanted, size_t reads, struct eng_columns *out)
{
    const struct column_place *kept = NULL;
    enum eng_status status;

    memset(out, 0, sizeof(*out));
    status = columns_begin(eng);
    if (status != ENG_OK)
        return status;
    if (id_is_good(folder))
        status = get_by_id(eng, folder << 1 | associated, wanted, reads, &kept);
    status = op_end(eng, status);
    if (status == ENG_OK && kept != NULL)
        column_set_publish(&kept->set, wanted, out);
    return status;
}

bool eng_columns_row(
        const struct eng *eng, uint64_t folder, bool associated, uint64_t id, size_t *out)
{
    const struct column_place *kept = column_place_find(eng->columns, folder << 1 | associated);

    return !column_changes_has(&kept->changes, id) &&
           column_index_find(&kept->index, &kept->set, id, out);
}
