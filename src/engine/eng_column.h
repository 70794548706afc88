/* SPDX-License-Identifier: MIT */
/*
 * eng_column.h - columns of a place: rows of struct eng_msg turned on their side.
 *
 * A place is a folder's messages or its associated ones: folder * 2 + associated, as in the table
 * msg. A struct column_set is plain memory; it knows nothing of SQLite, and what fails leaves it as
 * it was unless said otherwise.
 *
 * Locks: as eng.h says, one caller at a time.
 */
#ifndef MSP_ENGINE_ENG_COLUMN_H
#define MSP_ENGINE_ENG_COLUMN_H

#include "engine/eng.h"
#include "engine/eng_int.h"

/* The order of the ENG_COLUMN_ bits: 64-bit numbers, 32-bit numbers, texts. */
enum column_kind {
    COLUMN_ID,
    COLUMN_DELIVERED,
    COLUMN_SUBMITTED,
    COLUMN_CREATED,
    COLUMN_MODIFIED,
    COLUMN_SIZE,
    COLUMN_FLAGS, /* the first of 32 bits */
    COLUMN_STATUS,
    COLUMN_IMPORTANCE,
    COLUMN_NUMBERS, /* how many of them */
    COLUMN_TEXTS = 4,
    COLUMN_NUMBER_MASK = (1 << COLUMN_NUMBERS) - 1
};

struct column_text {
    uint8_t *bytes;
    uint32_t *ends;
    uint8_t *absent; /* NULL: none is; bits from set->count on say nothing */
    size_t cap;      /* of bytes */
};

struct column_set {
    uint32_t has; /* ENG_COLUMN_ bits; all numbers always */
    size_t count;
    size_t cap;      /* rows there is room for */
    uint64_t max_id; /* no id that is or was in here is above */
    void *numbers[COLUMN_NUMBERS];
    struct column_text texts[COLUMN_TEXTS];
};

/* --- eng_column_set.c ----------------------------------------------------------------------- */

static inline size_t column_width(enum column_kind kind)
{
    return kind < COLUMN_FLAGS ? sizeof(uint64_t) : sizeof(uint32_t);
}

static inline uint32_t column_text_bit(int text)
{
    return (uint32_t)ENG_COLUMN_CLASS << text;
}

static inline uint64_t *column_u64(const struct column_set *set, enum column_kind kind)
{
    return set->numbers[kind];
}

static inline uint32_t *column_u32(const struct column_set *set, enum column_kind kind)
{
    return set->numbers[kind];
}

static inline size_t column_text_begin(const struct column_text *text, size_t row)
{
    return row > 0 ? text->ends[row - 1] : 0;
}

static inline bool column_is_absent(const struct column_text *text, size_t row)
{
    return text->absent != NULL && (text->absent[row / 8] >> row % 8 & 1) != 0;
}

enum { COLUMN_MAX_ROWS = 0x7FFFFFFF };

/* Makes an empty set for the texts in `has`. Cannot fail; column_set_reserve() makes it good. */
void column_set_init(struct column_set *set, uint32_t has);
void column_set_free(struct column_set *set);
/* Memory that the set takes. */
size_t column_set_size(const struct column_set *set);
/* Room for so many rows in all, at least one. ENG_NO_MEMORY or ENG_INVALID (both without a
 * sentence, as everywhere below). */
enum eng_status column_set_reserve(struct column_set *set, size_t rows);
/* Room for so many more bytes of a text. ENG_NO_MEMORY, or ENG_INVALID: that would be too many. */
enum eng_status column_set_reserve_text(struct column_set *set, int text, size_t more);
/* Makes room for the column's absent bits, all zero. */
bool column_set_need_absent(struct column_set *set, int text);
/* Adds a row at the end. */
enum eng_status column_set_push(struct column_set *set, const struct eng_msg *row);
/* Gives back what was reserved in vain, but for some room for rows to come. */
void column_set_shrink(struct column_set *set);
/* Puts new values into a row, where its key is the same and its texts are of the same sizes; false:
 * nothing was changed, for they are not. */
bool column_set_overwrite(struct column_set *set, size_t at, const struct eng_msg *row);
/* The first row that is not before a key. */
size_t column_set_find(const struct column_set *set, uint64_t delivered, uint64_t id);
/* Brings the rows into default order. */
enum eng_status column_set_sort(struct column_set *set);
void column_set_publish(const struct column_set *set, uint32_t wanted, struct eng_columns *out);

/* --- eng_column_splice.c -------------------------------------------------------------------- */

/* Takes rows out (`gone`: where they are, ascending), and puts in those of another set, which is in
 * default order and has the same columns. */
enum eng_status column_set_splice(struct column_set *set, const size_t *gone, size_t gone_count,
        const struct column_set *fresh);

/* --- eng_column_patch.c --------------------------------------------------------------------- */

/* Whether an event may be about a message of a folder. */
bool column_event_concerns(const struct eng_event *event, uint64_t folder);
/* Brings a place up to date with what the journal says from number `from` on. *out_done false: too
 * much has changed, or the journal does not go back so far. After a failure the set is to be
 * brought up to date again from the same number, or not to be used. */
enum eng_status columns_patch(
        struct eng *eng, uint64_t place, uint64_t from, struct column_set *set, bool *out_done);

/* --- eng_column_read.c ---------------------------------------------------------------------- */

/* Reads a place from the rows; the set is new. What fails has its sentence, and the set is empty.
 */
enum eng_status columns_read(
        struct eng *eng, uint64_t place, uint32_t wanted, struct column_set *set);

#endif
