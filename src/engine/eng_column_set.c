/* SPDX-License-Identifier: MIT */
/*
 * eng_column_set.c - the memory of columns: growing, reading rows in, and sorting.
 *
 * Default order is that of SQL's ORDER BY delivered,id: signed numbers. Rows that come in that
 * order, as nearly all do, are not sorted. Others are, by radix: eleven bits a pass, and only bits
 * in which rows differ; then every column is brought into the order found.
 *
 * Owns:  what a struct column_set points to, freed by column_set_free().
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum { RADIX_BITS = 11, RADIX_SIZE = 1 << RADIX_BITS, SMALLEST_TEXT = 64 };

void column_set_init(struct column_set *set, uint32_t has)
{
    memset(set, 0, sizeof(*set));
    set->has = has | COLUMN_KEY_MASK;
}

void column_set_free(struct column_set *set)
{
    for (int i = 0; i < COLUMN_NUMBERS; i++)
        msp_free(set->numbers[i]);
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        msp_free(set->texts[i].bytes);
        msp_free(set->texts[i].ends);
        msp_free(set->texts[i].absent);
    }
    memset(set, 0, sizeof(*set));
}

size_t column_set_size(const struct column_set *set)
{
    size_t size = sizeof(*set);

    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if (set->numbers[i] != NULL)
            size += set->cap * column_width((enum column_kind)i);
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        const struct column_text *text = &set->texts[i];

        size += text->cap;
        if (text->ends != NULL)
            size += set->cap * sizeof(*text->ends);
        if (text->absent != NULL)
            size += set->cap / 8 + 1;
    }
    return size;
}

/* --- growing -------------------------------------------------------------------------------- */

static bool grow(void **block, size_t count, size_t width)
{
    void *grown = msp_realloc_array(*block, count, width);

    if (grown == NULL)
        return false;
    *block = grown;
    return true;
}

/* Sets the room of everything that has one item per row. */
static bool set_cap(struct column_set *set, size_t cap)
{
    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if ((set->has >> i & 1) != 0 &&
                !grow(&set->numbers[i], cap, column_width((enum column_kind)i)))
            return false;
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        struct column_text *text = &set->texts[i];
        uint8_t *absent;
        uint32_t *ends;

        if ((set->has & column_text_bit(i)) == 0)
            continue;
        ends = msp_realloc_array(text->ends, cap, sizeof(*ends));
        if (ends == NULL)
            return false;
        text->ends = ends;
        if (text->absent == NULL)
            continue;
        absent = msp_realloc(text->absent, cap / 8 + 1);
        if (absent == NULL)
            return false;
        text->absent = absent;
    }
    return true;
}

enum eng_status column_set_reserve(struct column_set *set, size_t rows)
{
    size_t cap = msp_max(rows, 1);

    if (rows > COLUMN_MAX_ROWS)
        return ENG_INVALID;
    if (cap > set->cap) {
        if (!set_cap(set, cap))
            return ENG_NO_MEMORY;
        set->cap = cap;
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        enum eng_status status = column_set_reserve_text(set, i, 0);

        if (status != ENG_OK)
            return status;
    }
    return ENG_OK;
}

enum eng_status column_set_reserve_text(struct column_set *set, int text, size_t more)
{
    struct column_text *column = &set->texts[text];
    uint8_t *bytes;
    size_t used;
    size_t cap;

    if ((set->has & column_text_bit(text)) == 0)
        return ENG_OK;
    used = column_text_begin(column, set->count);
    if (more > UINT32_MAX - used)
        return ENG_INVALID;
    if (used + more <= column->cap && column->bytes != NULL)
        return ENG_OK;
    cap = msp_max(used + more, SMALLEST_TEXT);
    bytes = msp_realloc(column->bytes, cap);
    if (bytes == NULL)
        return ENG_NO_MEMORY;
    column->bytes = bytes;
    column->cap = cap;
    return ENG_OK;
}

enum eng_status column_set_grow_text(struct column_set *set, int text, size_t more)
{
    const struct column_text *column = &set->texts[text];
    size_t used = column_text_begin(column, set->count);

    if (more <= column->cap - used)
        return ENG_OK;
    return column_set_reserve_text(set, text, msp_max(more, msp_min(used / 2, UINT32_MAX - used)));
}

bool column_set_need_absent(struct column_set *set, int text)
{
    struct column_text *column = &set->texts[text];

    if (column->absent == NULL)
        column->absent = msp_calloc(set->cap / 8 + 1, 1);
    return column->absent != NULL;
}

void column_set_shrink(struct column_set *set)
{
    size_t cap = set->count + set->count / 64 + 1;

    if (cap < set->cap && set_cap(set, cap)) /* what is too large does no harm */
        set->cap = cap;
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        struct column_text *text = &set->texts[i];
        size_t used = text->ends != NULL ? column_text_begin(text, set->count) : 0;
        uint8_t *bytes = NULL;

        used += used / 64 + SMALLEST_TEXT;
        if (text->bytes != NULL && used < text->cap)
            bytes = msp_realloc(text->bytes, used);
        if (bytes != NULL) {
            text->bytes = bytes;
            text->cap = used;
        }
    }
}

static bool has_same_keys(const struct column_set *a, const struct column_set *b)
{
    size_t size = a->count * sizeof(uint64_t);

    return a->count == b->count &&
           memcmp(column_u64(a, COLUMN_ID), column_u64(b, COLUMN_ID), size) == 0 &&
           memcmp(column_u64(a, COLUMN_DELIVERED), column_u64(b, COLUMN_DELIVERED), size) == 0;
}

enum eng_status column_set_adopt(struct column_set *set, struct column_set *other)
{
    enum eng_status status;

    if (!has_same_keys(set, other))
        return ENG_INVALID;
    status = column_set_reserve(set, other->cap);
    if (status == ENG_OK)
        status = column_set_reserve(other, set->cap);
    if (status != ENG_OK)
        return status;
    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if (set->numbers[i] == NULL) {
            set->numbers[i] = other->numbers[i];
            other->numbers[i] = NULL;
        }
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        if ((set->has & column_text_bit(i)) == 0) {
            set->texts[i] = other->texts[i];
            memset(&other->texts[i], 0, sizeof(other->texts[i]));
        }
    }
    set->has |= other->has;
    set->max_id = other->max_id > set->max_id ? other->max_id : set->max_id;
    column_set_free(other);
    return ENG_OK;
}

/* --- rows ----------------------------------------------------------------------------------- */

static enum eng_status push_text(struct column_set *set, int index, const struct eng_text *value)
{
    struct column_text *text = &set->texts[index];
    enum eng_status status;
    size_t used;

    if ((set->has & column_text_bit(index)) == 0)
        return ENG_OK;
    used = column_text_begin(text, set->count);
    status = column_set_grow_text(set, index, value->size);
    if (status != ENG_OK)
        return status;
    if (value->size > 0)
        memcpy(text->bytes + used, value->data, value->size);
    text->ends[set->count] = (uint32_t)(used + value->size);
    if (value->data == NULL && !column_set_need_absent(set, index))
        return ENG_NO_MEMORY;
    if (text->absent != NULL)
        column_absent_set(text, set->count, value->data == NULL);
    return ENG_OK;
}

static void put_u64(struct column_set *set, enum column_kind kind, size_t at, uint64_t value)
{
    if (set->numbers[kind] != NULL)
        column_u64(set, kind)[at] = value;
}

static void put_u32(struct column_set *set, enum column_kind kind, size_t at, uint32_t value)
{
    if (set->numbers[kind] != NULL)
        column_u32(set, kind)[at] = value;
}

static void put_numbers(struct column_set *set, size_t at, const struct eng_msg *row)
{
    put_u64(set, COLUMN_ID, at, row->id);
    put_u64(set, COLUMN_DELIVERED, at, row->delivered);
    put_u64(set, COLUMN_SUBMITTED, at, row->submitted);
    put_u64(set, COLUMN_CREATED, at, row->created);
    put_u64(set, COLUMN_MODIFIED, at, row->modified);
    put_u64(set, COLUMN_SIZE, at, row->size);
    put_u32(set, COLUMN_FLAGS, at, row->flags);
    put_u32(set, COLUMN_STATUS, at, row->status);
    put_u32(set, COLUMN_IMPORTANCE, at, row->importance);
    set->max_id = row->id > set->max_id ? row->id : set->max_id;
}

static const struct eng_text *row_text(const struct eng_msg *row, int index)
{
    const struct eng_text *const texts[COLUMN_TEXTS] = { &row->message_class, &row->subject,
        &row->sender, &row->display_to };

    return texts[index];
}

enum eng_status column_set_push(struct column_set *set, const struct eng_msg *row)
{
    enum eng_status status = ENG_OK;

    if (set->count == set->cap)
        status = column_set_reserve(set, set->count + set->count / 2 + 8);
    for (int i = 0; status == ENG_OK && i < COLUMN_TEXTS; i++)
        status = push_text(set, i, row_text(row, i));
    if (status != ENG_OK)
        return status;
    put_numbers(set, set->count, row);
    set->count++;
    return ENG_OK;
}

bool column_set_overwrite(struct column_set *set, size_t at, const struct eng_msg *row)
{
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        const struct column_text *text = &set->texts[i];
        const struct eng_text *value = row_text(row, i);

        if ((set->has & column_text_bit(i)) != 0 &&
                (value->size != text->ends[at] - column_text_begin(text, at) ||
                        (value->data == NULL) != column_is_absent(text, at)))
            return false;
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        const struct column_text *text = &set->texts[i];
        const struct eng_text *value = row_text(row, i);

        if ((set->has & column_text_bit(i)) != 0 && value->size > 0)
            memcpy(text->bytes + column_text_begin(text, at), value->data, value->size);
    }
    put_numbers(set, at, row);
    return true;
}

/* Compares a row with a key. */
static int compare(const struct column_set *set, size_t row, uint64_t delivered, uint64_t id)
{
    int64_t left = (int64_t)column_u64(set, COLUMN_DELIVERED)[row];
    int64_t right = (int64_t)delivered;

    if (left == right) {
        left = (int64_t)column_u64(set, COLUMN_ID)[row];
        right = (int64_t)id;
    }
    return left < right ? -1 : left > right;
}

size_t column_set_find(const struct column_set *set, uint64_t delivered, uint64_t id)
{
    size_t low = 0;
    size_t high = set->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare(set, mid, delivered, id) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* --- sorting -------------------------------------------------------------------------------- */

struct sort_item {
    uint64_t key;
    uint32_t row;
};

/* One pass by some bits of the key; stable. */
static void radix_pass(
        const struct sort_item *from, struct sort_item *to, size_t count, unsigned shift)
{
    size_t places[RADIX_SIZE] = { 0 };
    size_t sum = 0;

    for (size_t i = 0; i < count; i++)
        places[from[i].key >> shift & (RADIX_SIZE - 1)]++;
    for (size_t i = 0; i < RADIX_SIZE; i++) {
        size_t some = places[i];

        places[i] = sum;
        sum += some;
    }
    for (size_t i = 0; i < count; i++)
        to[places[from[i].key >> shift & (RADIX_SIZE - 1)]++] = from[i];
}

/* Sorts items by a number of each row, as one with a sign. `items` and `spare` change roles with
 * every pass. */
static void sort_by(
        const uint64_t *numbers, size_t count, struct sort_item **items, struct sort_item **spare)
{
    uint64_t differ = 0;

    for (size_t i = 0; i < count; i++) {
        struct sort_item *item = &(*items)[i];

        item->key = numbers[item->row] ^ UINT64_C(1) << 63;
        differ |= numbers[i] ^ numbers[0];
    }
    for (unsigned shift = 0; shift < 64; shift += RADIX_BITS) {
        struct sort_item *from = *items;

        if ((differ >> shift & (RADIX_SIZE - 1)) == 0)
            continue;
        radix_pass(from, *spare, count, shift);
        *items = *spare;
        *spare = from;
    }
}

/* Columns that say the same of all rows, as many do, are in every order. */
static bool are_numbers_uniform(const struct column_set *set, enum column_kind kind)
{
    size_t width = column_width(kind);

    /* Each row is compared with the one before. */
    return memcmp(set->numbers[kind], (const uint8_t *)set->numbers[kind] + width,
                   (set->count - 1) * width) == 0;
}

static bool is_text_uniform(const struct column_set *set, const struct column_text *text)
{
    size_t size = text->ends[0];

    for (size_t row = 1; row < set->count; row++) {
        if (text->ends[row] - text->ends[row - 1] != size ||
                memcmp(text->bytes + text->ends[row - 1], text->bytes, size) != 0 ||
                column_is_absent(text, row) != column_is_absent(text, 0))
            return false;
    }
    return true;
}

static void permute_numbers(
        struct column_set *set, enum column_kind kind, const struct sort_item *items, void *to)
{
    if (column_width(kind) == sizeof(uint64_t)) {
        const uint64_t *from = column_u64(set, kind);

        for (size_t i = 0; i < set->count; i++)
            ((uint64_t *)to)[i] = from[items[i].row];
    } else {
        const uint32_t *from = column_u32(set, kind);

        for (size_t i = 0; i < set->count; i++)
            ((uint32_t *)to)[i] = from[items[i].row];
    }
    memcpy(set->numbers[kind], to, set->count * column_width(kind));
}

static enum eng_status permute_text(
        struct column_set *set, int index, const struct sort_item *items)
{
    struct column_text *text = &set->texts[index];
    struct column_text next = { NULL, NULL, NULL, text->cap };
    size_t used = 0;

    if ((set->has & column_text_bit(index)) == 0 || is_text_uniform(set, text))
        return ENG_OK;
    next.bytes = msp_alloc(text->cap);
    next.ends = msp_alloc_array(set->cap, sizeof(*next.ends));
    if (text->absent != NULL)
        next.absent = msp_calloc(set->cap / 8 + 1, 1);
    if (next.bytes == NULL || next.ends == NULL || (text->absent != NULL && next.absent == NULL)) {
        msp_free(next.bytes);
        msp_free(next.ends);
        msp_free(next.absent);
        return ENG_NO_MEMORY;
    }
    for (size_t i = 0; i < set->count; i++) {
        size_t row = items[i].row;
        size_t begin = column_text_begin(text, row);
        size_t size = text->ends[row] - begin;

        memcpy(next.bytes + used, text->bytes + begin, size);
        used += size;
        next.ends[i] = (uint32_t)used;
        if (column_is_absent(text, row))
            next.absent[i / 8] |= (uint8_t)(1U << i % 8);
    }
    msp_free(text->bytes);
    msp_free(text->ends);
    msp_free(text->absent);
    *text = next;
    return ENG_OK;
}

/* Texts first: they are what can fail, and rows are torn apart then. */
static enum eng_status permute(
        struct column_set *set, const struct sort_item *items, struct sort_item *spare)
{
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        enum eng_status status = permute_text(set, i, items);

        if (status != ENG_OK)
            return status;
    }
    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if (set->numbers[i] != NULL && !are_numbers_uniform(set, (enum column_kind)i))
            permute_numbers(set, (enum column_kind)i, items, spare);
    }
    return ENG_OK;
}

static bool is_ascending(const uint64_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if ((int64_t)numbers[i - 1] > (int64_t)numbers[i])
            return false;
    }
    return true;
}

bool column_set_is_sorted(const struct column_set *set)
{
    for (size_t i = 1; i < set->count; i++) {
        if (compare(set, i - 1, column_u64(set, COLUMN_DELIVERED)[i],
                    column_u64(set, COLUMN_ID)[i]) >= 0)
            return false;
    }
    return true;
}

enum eng_status column_set_sort(struct column_set *set)
{
    enum eng_status status = ENG_NO_MEMORY;
    struct sort_item *items;
    struct sort_item *spare;

    if (column_set_is_sorted(set))
        return ENG_OK;
    items = msp_alloc_array(set->count, sizeof(*items));
    spare = msp_alloc_array(set->count, sizeof(*spare));
    if (items != NULL && spare != NULL) {
        for (size_t i = 0; i < set->count; i++)
            items[i].row = (uint32_t)i;
        if (!is_ascending(column_u64(set, COLUMN_ID), set->count))
            sort_by(column_u64(set, COLUMN_ID), set->count, &items, &spare);
        sort_by(column_u64(set, COLUMN_DELIVERED), set->count, &items, &spare);
        status = permute(set, items, spare);
    }
    msp_free(items);
    msp_free(spare);
    return status;
}

/* --- handing out ---------------------------------------------------------------------------- */

static void publish_text(
        const struct column_set *set, int index, uint32_t wanted, struct eng_column_text *out)
{
    const struct column_text *text = &set->texts[index];

    if ((wanted & column_text_bit(index)) == 0)
        return;
    out->bytes = text->bytes;
    out->ends = text->ends;
    out->absent = text->absent;
}

void column_set_publish(const struct column_set *set, uint32_t wanted, struct eng_columns *out)
{
    const void *numbers[COLUMN_NUMBERS] = { NULL };

    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if (i == COLUMN_ID || (wanted >> i & 1) != 0)
            numbers[i] = set->numbers[i];
    }
    out->count = set->count;
    out->ids = numbers[COLUMN_ID];
    out->delivered = numbers[COLUMN_DELIVERED];
    out->submitted = numbers[COLUMN_SUBMITTED];
    out->created = numbers[COLUMN_CREATED];
    out->modified = numbers[COLUMN_MODIFIED];
    out->size = numbers[COLUMN_SIZE];
    out->flags = numbers[COLUMN_FLAGS];
    out->status = numbers[COLUMN_STATUS];
    out->importance = numbers[COLUMN_IMPORTANCE];
    publish_text(set, 0, wanted, &out->message_class);
    publish_text(set, 1, wanted, &out->subject);
    publish_text(set, 2, wanted, &out->sender);
    publish_text(set, 3, wanted, &out->display_to);
}
