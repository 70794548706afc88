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
    COLUMN_NUMBER_MASK = (1 << COLUMN_NUMBERS) - 1,
    COLUMN_KEY_MASK = ENG_COLUMN_ID | ENG_COLUMN_DELIVERED /* what every set has */
};

struct column_text {
    uint8_t *bytes;
    uint32_t *ends;
    uint8_t *absent; /* NULL: none is; bits from set->count on say nothing */
    size_t cap;      /* of bytes */
};

struct column_set {
    uint32_t has; /* ENG_COLUMN_ bits */
    size_t count;
    size_t cap;      /* rows there is room for */
    uint64_t max_id; /* no id that is or was in here is above */
    uint64_t moves;  /* how many rows have come and gone since it was made */
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

static inline void column_absent_set(struct column_text *text, size_t row, bool is_absent)
{
    uint8_t bit = (uint8_t)(1U << row % 8);
    uint8_t *byte = &text->absent[row / 8];

    *byte = (uint8_t)(is_absent ? *byte | bit : *byte & ~bit);
}

/* Makes an empty set for the columns in `has`, and the key. Cannot fail; column_set_reserve() makes
 * it good. */
void column_set_init(struct column_set *set, uint32_t has);
void column_set_free(struct column_set *set);
/* Memory that the set takes. */
size_t column_set_size(const struct column_set *set);
/* Room for so many rows in all, at least one. ENG_NO_MEMORY or ENG_INVALID (both without a
 * sentence, as everywhere below). */
enum eng_status column_set_reserve(struct column_set *set, size_t rows);
/* Room for so many more bytes of a text. ENG_NO_MEMORY, or ENG_INVALID: that would be too many. */
enum eng_status column_set_reserve_text(struct column_set *set, int text, size_t more);
/* The same, and more than asked for, where there was not enough: for many in a row. */
enum eng_status column_set_grow_text(struct column_set *set, int text, size_t more);
/* Makes room for the column's absent bits, all zero. */
bool column_set_need_absent(struct column_set *set, int text);
/* Takes over the columns of another set of the same rows that this one lacks; the other one is
 * empty then. ENG_INVALID: those are not the same rows. */
enum eng_status column_set_adopt(struct column_set *set, struct column_set *other);
/* Adds a row at the end. */
enum eng_status column_set_push(struct column_set *set, const struct eng_msg *row);
/* Gives back what was reserved in vain, but for some room for rows to come. */
void column_set_shrink(struct column_set *set);
/* Puts new values into a row, where its key is the same and its texts are of the same sizes; false:
 * nothing was changed, for they are not. */
bool column_set_overwrite(struct column_set *set, size_t at, const struct eng_msg *row);
/* The first row that is not before a key. */
size_t column_set_find(const struct column_set *set, uint64_t delivered, uint64_t id);
/* Whether the rows are in default order, each different from the next. */
bool column_set_is_sorted(const struct column_set *set);
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
/* Sorts ids (uint64_t), and drops those that are there twice. */
void column_sort_ids(struct msp_array *ids);
/* Brings a place up to date with what the journal says from number `from` on. *out_done false: too
 * much has changed, or the journal does not go back so far. After a failure the set is to be
 * brought up to date again from the same number, or not to be used. */
enum eng_status columns_patch(
        struct eng *eng, uint64_t place, uint64_t from, struct column_set *set, bool *out_done);

/* --- eng_column_changes.c ------------------------------------------------------------------- */

/* What the journal says of the rows of a place since its columns were right. */
struct column_changes {
    struct msp_array ids; /* uint64_t, ascending: rows that are not as the columns say */
    uint64_t upto;        /* the first event that they do not tell of */
    bool is_spent;        /* too much has changed */
};

void column_changes_init(struct column_changes *changes, uint64_t from);
void column_changes_free(struct column_changes *changes);
/* Reads on. *out_good false: too much has changed, and that will stay so. */
enum eng_status column_changes_read(struct eng *eng, struct column_changes *changes,
        uint64_t folder, uint64_t upto, bool *out_good);
bool column_changes_has(const struct column_changes *changes, uint64_t id);

/* --- eng_column_index.c --------------------------------------------------------------------- */

/* Where the rows of a set are, by id. All zero: not made yet. */
struct column_index {
    uint32_t *slots; /* row numbers + 1, when it was made; 0: none */
    size_t slot_count;
    bool is_dense;  /* the slots are those of the ids from `least` on; else a power of two */
    uint64_t least; /* id */
    uint64_t moves; /* those of the set then */
};

void column_index_free(struct column_index *index);
size_t column_index_size(const struct column_index *index);
/* Was it made, and have not too many rows moved since? */
bool column_index_is_good(const struct column_index *index, const struct column_set *set);
/* Makes it anew. False: no memory, and there is none. */
bool column_index_make(struct column_index *index, const struct column_set *set);
/* The row of a message. False: it is not there, or came after the index was made. */
bool column_index_find(
        const struct column_index *index, const struct column_set *set, uint64_t id, size_t *out);

/* --- eng_column_read.c ---------------------------------------------------------------------- */

/* What the file says of its changes. */
struct column_state {
    uint64_t number;   /* the next event of the journal gets it */
    uint64_t repaired; /* META_REPAIRED */
};

enum eng_status columns_state(struct eng *eng, struct column_state *out);
/* What the folder's row says of the number of rows in a place; 0 without a folder. */
enum eng_status columns_count(struct eng *eng, uint64_t place, uint64_t *out);
/* Reads a place from the rows, with all numbers; the set is new. What fails has its sentence, and
 * the set is empty.
 */
enum eng_status columns_read(
        struct eng *eng, uint64_t place, uint32_t wanted, struct column_set *set);

/* --- eng_column_pack.c ---------------------------------------------------------------------- */

enum {
    SEGMENT_ROWS = 4096, /* about; a power of two */
    SEGMENT_MAX = 2 * SEGMENT_ROWS,
    COLUMN_PARTS = COLUMN_NUMBERS + COLUMN_TEXTS /* of a segment, in the order of their bits */
};

/* Where a part is, and what it must be. */
struct column_part {
    uint64_t id; /* of its row; 0: not there */
    uint64_t sum;
    uint32_t size;
};

struct column_segment {
    uint32_t rows;
    struct column_part parts[COLUMN_PARTS];
};

/* What is stored of a place. */
struct column_head {
    struct column_state state; /* when it was right */
    uint32_t has;
    uint64_t rows;             /* of all segments */
    struct msp_array segments; /* struct column_segment */
};

void column_head_init(struct column_head *head);
void column_head_free(struct column_head *head);
/* The checksum at the end of a directory; the state is taken up in it. */
uint64_t column_head_sum(
        const struct column_head *head, uint64_t place, const void *data, size_t size);
/* The directory: all but the state. */
void column_head_pack(const struct column_head *head, uint64_t place, struct msp_buf *out);
/* Reads a directory, after the state was set. ENG_CORRUPT, ENG_NO_MEMORY. */
enum eng_status column_head_unpack(
        struct column_head *head, uint64_t place, const void *data, size_t size);
/* The row before which a segment ends that begins at `first`. Where it ends depends on the ids in
 * it alone, not on what is before it, so most segments outlive rows that come and go. */
size_t column_segment_end(const struct column_set *set, size_t first, size_t segment_rows);
/* Appends a column of some rows. */
void column_part_pack(
        const struct column_set *set, size_t first, size_t rows, int part, struct msp_buf *out);
/* Adds the rows of a part behind set->count, which the caller moves on when all parts are in, and
 * for which it has reserved room; the delivery time must come before the other times. ENG_CORRUPT,
 * ENG_NO_MEMORY, ENG_INVALID. */
enum eng_status column_part_unpack(
        struct column_set *set, size_t rows, int part, const void *data, size_t size);
/* A checksum of bytes that belong to a place. */
uint64_t column_sum(const void *data, size_t size, uint64_t place);

/* --- eng_column_store.c --------------------------------------------------------------------- */

/* What the file has of a place. */
struct column_stored {
    bool is_there;   /* and whole */
    bool is_right;   /* could be brought up to date */
    uint64_t number; /* when it was right as it is */
    uint32_t has;
};

/* Reads a place from what is stored, and brings it up to date. The set is new, and empty unless
 * out->is_right. That there is nothing, or damage, is no failure. What is `old` events behind is
 * read with all its columns, so that it can be stored anew. */
enum eng_status columns_stored_read(struct eng *eng, uint64_t place, uint32_t wanted, uint64_t old,
        const struct column_state *state, struct column_stored *out, struct column_set *set);
/* Without a directory, or with one that is damaged, *out_found and *out_good are false, which is no
 * failure. */
enum eng_status columns_head_state(
        struct eng *eng, uint64_t place, struct column_state *out, bool *out_found);
enum eng_status columns_head_read(
        struct eng *eng, uint64_t place, struct column_head *head, bool *out_good);
/* Reads some segments into a new set, which is empty again unless they are whole. */
enum eng_status columns_segments_read(struct eng *eng, uint64_t place,
        const struct column_head *head, size_t first, size_t count, struct column_set *set,
        bool *out_good);
/* Gives SQLite its usual cache back, should that have failed when columns had been read. */
void columns_restore_cache(struct eng *eng);
/* Stores a place as it was at a state; not inside a transaction. With `reuse`, parts that are there
 * and have the same checksum stay: they are known to be whole. A failure leaves what was there. */
enum eng_status columns_store(struct eng *eng, uint64_t place, const struct column_set *set,
        const struct column_state *state, bool reuse, size_t segment_rows);

/* --- eng_column_window.c -------------------------------------------------------------------- */

/* Rows of some segments, the last that were asked for. All zero but for the types of the arrays:
 * none. */
struct column_window {
    uint64_t place; /* 0: none */
    struct column_head head;
    struct column_changes changes; /* spent: until the segments are written anew */
    size_t first;                  /* the segments [first, end) */
    size_t end;
    struct column_set set; /* their rows but those that have changed */
};

/* Rows [first, end) of a place, about. */
struct column_span {
    size_t first;
    size_t end;
};

void column_window_init(struct column_window *window);
void column_window_free(struct column_window *window);
/* Makes window->set hold those rows of a span that are stored and have not changed, and others.
 * *out_good false: that is not to be had, or does not pay. */
enum eng_status column_window_read(struct eng *eng, struct column_window *window, uint64_t place,
        const struct column_state *state, const struct column_span *span, uint32_t wanted,
        bool *out_good);
/* The same of so many rows, about, at one end of the place. */
enum eng_status column_window_read_end(struct eng *eng, struct column_window *window,
        uint64_t place, const struct column_state *state, bool is_last, size_t rows,
        uint32_t wanted, bool *out_good);

/* --- eng_column.c: what is kept ------------------------------------------------------------- */

struct column_place {
    uint64_t place;
    struct column_state state; /* when it was right */
    uint64_t used;             /* the cache's clock when it was last asked for */
    struct column_stored stored;
    bool is_refused; /* it could not be stored, and that will stay so */
    struct column_set set;
    struct column_changes changes; /* since it was right */
    struct column_index index;
    uint64_t singles; /* rows that had to be read singly */
};

/* Rows that were read singly of a place that is not kept. */
struct column_reading {
    uint64_t place;
    uint64_t singles;
};

enum { COLUMN_READINGS = 4 };

struct column_cache {
    struct msp_array places; /* struct column_place */
    uint64_t clock;
    struct column_policy policy;
    struct column_set lent; /* of a place that the open transaction has touched */
    struct column_window window;
    struct column_reading readings[COLUMN_READINGS];
};

/* NULL: no memory. */
struct column_cache *columns_cache(struct eng *eng);
/* Begins what op_end() ends, within a transaction of the caller's, which what is handed out is
 * borrowed from; ENG_INVALID: none is open. */
enum eng_status columns_begin(struct eng *eng);
/* NULL: it is not kept. */
struct column_place *column_place_find(const struct column_cache *cache, uint64_t place);
/* Whether the open transaction (or, in bulk, its group) has changed messages of a folder. */
bool columns_are_touched(const struct eng *eng, uint64_t folder);
/* The place as it was committed; it is read, or brought up to date. */
enum eng_status columns_kept_get(struct eng *eng, struct column_cache *cache, uint64_t place,
        uint32_t wanted, const struct column_set **out);
/* Finds out where each row is; without memory for that it is not known. */
void column_place_index(struct column_place *kept);

#endif
