/* SPDX-License-Identifier: MIT */
/*
 * textmatch.h - one search text, prepared once and looked for in many values.
 *
 * The time is linear in the value's size, whatever the two texts are. Values are UTF-8 (bytes that
 * are none read as U+FFFD) or plain bytes.
 *
 * Locks: none; a prepared search may be used by several threads.
 */
#ifndef MSP_MAPI_TEXTMATCH_H
#define MSP_MAPI_TEXTMATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum textmatch_where {
    TEXTMATCH_WHOLE, /* the whole value equals the search text */
    TEXTMATCH_PREFIX,
    TEXTMATCH_ANYWHERE
};

enum {
    TEXTMATCH_FOLD = 1,    /* without regard to case (util/utf.h) */
    TEXTMATCH_NO_MARKS = 2 /* without regard to nonspacing marks: an e matches an accented e */
};

/* All zero is fine to be freed. */
struct textmatch {
    enum textmatch_where where;
    unsigned flags;
    bool is_ascii;   /* the search text, after folding, is ASCII, or exact bytes are compared */
    bool is_closed;  /* is_ascii, and nothing but ASCII can fold to its characters */
    size_t count;    /* of bytes, or of codes */
    uint8_t *bytes;  /* is_ascii: the search text */
    uint8_t *masks;  /* is_ascii: or this to a byte of the value before comparing (0x20, letters) */
    uint32_t *codes; /* with flags: the search text as folded code points */
    uint32_t *back;  /* of each place, how much of it still holds when the next one differs */
};

/* Prepares a search; `flags` 0 compares bytes. False, with *out all zero: no memory. */
bool textmatch_init(struct textmatch *out, enum textmatch_where where, unsigned flags,
        const void *text, size_t size);
void textmatch_done(struct textmatch *match);

bool textmatch_test(const struct textmatch *match, const void *text, size_t size);
/* For a search ANYWHERE in many values that lie one after the other: a place before which no value
 * can contain the search text, or SIZE_MAX: none does. The value at that place may not contain it
 * either, which textmatch_test() tells. */
size_t textmatch_candidate(const struct textmatch *match, const void *text, size_t size);

/* The letter under its marks; 0 for a nonspacing mark; most code points as they are. */
uint32_t textmatch_bare_code(uint32_t code);

#endif
