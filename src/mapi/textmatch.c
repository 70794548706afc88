/* SPDX-License-Identifier: MIT */
/*
 * textmatch.c - one search text in many values.
 *
 * Two ways. Bytes: exact search, or folded search for ASCII text; candidates are found a block at a
 * time by their first two bytes, in a loop that compilers turn into vector instructions. Code
 * points: everything else, by Knuth, Morris and Pratt. The first falls back on the same method when
 * candidates keep disappointing, so that no pair of texts takes quadratic time.
 */
#include "mapi/textmatch.h"

#include <string.h>

#include "mapi/mapitext.h"
#include "platform/base.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/utf.h"

/* The code points from first to last all become base (0: nothing). Sorted, not overlapping. */
struct marks_run {
    uint32_t first;
    uint32_t last;
    uint32_t base;
};

static const struct marks_run marks_runs[] = {
#include "mapi/marks_table.inc"
};

uint32_t textmatch_bare_code(uint32_t code)
{
    size_t low = 0, high = MSP_COUNT_OF(marks_runs);

    if (code < marks_runs[0].first)
        return code;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (marks_runs[middle].last < code)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == MSP_COUNT_OF(marks_runs) || code < marks_runs[low].first)
        return code;
    return marks_runs[low].base;
}

/* -- Code points ------------------------------------------------------------------------------- */

struct code_reader {
    const char *text;
    size_t size;
    size_t pos;
    unsigned flags;
};

/* The next code point that counts, as it is compared. False: no more. */
static bool next_code(struct code_reader *reader, uint32_t *out)
{
    while (reader->pos < reader->size) {
        uint32_t code = (uint8_t)reader->text[reader->pos];

        if (code < 0x80) { /* nearly all of most texts */
            bool is_upper = code - 'A' < 26;

            *out = is_upper && (reader->flags & TEXTMATCH_FOLD) != 0 ? code + 32 : code;
            reader->pos++;
            return true;
        }
        reader->pos += utf8_next(reader->text + reader->pos, reader->size - reader->pos, &code);
        if ((reader->flags & TEXTMATCH_NO_MARKS) != 0) {
            code = textmatch_bare_code(code);
            if (code == 0)
                continue;
        }
        *out = (reader->flags & TEXTMATCH_FOLD) != 0 ? utf_fold_code(code) : code;
        return true;
    }
    return false;
}

/* Whole value or prefix. */
static bool codes_begin(const struct textmatch *match, struct code_reader *reader)
{
    uint32_t code;
    size_t i;

    for (i = 0; i < match->count; i++) {
        if (!next_code(reader, &code) || code != match->codes[i])
            return false;
    }
    return match->where == TEXTMATCH_PREFIX || !next_code(reader, &code);
}

static bool codes_contain(const struct textmatch *match, struct code_reader *reader)
{
    size_t held = 0;
    uint32_t code;

    while (held < match->count && next_code(reader, &code)) {
        while (held > 0 && code != match->codes[held])
            held = match->back[held];
        if (code == match->codes[held])
            held++;
    }
    return held == match->count;
}

static bool test_codes(const struct textmatch *match, const char *text, size_t size)
{
    struct code_reader reader = { text, size, 0, match->flags };

    if (match->where == TEXTMATCH_ANYWHERE)
        return codes_contain(match, &reader);
    return codes_begin(match, &reader);
}

/* -- Bytes ------------------------------------------------------------------------------------- */

static bool byte_equals(const struct textmatch *match, size_t index, uint8_t byte)
{
    return (byte | match->masks[index]) == match->bytes[index];
}

/* How many bytes of the search text agree with the value, both from their start. */
static size_t agreeing(const struct textmatch *match, const uint8_t *text, size_t size)
{
    size_t count = msp_min(match->count, size);
    size_t i = 0;

    while (i < count && byte_equals(match, i, text[i]))
        i++;
    return i;
}

static bool bytes_contain_slowly(const struct textmatch *match, const uint8_t *text, size_t size)
{
    size_t held = 0;
    size_t i;

    for (i = 0; i < size && held < match->count; i++) {
        while (held > 0 && !byte_equals(match, held, text[i]))
            held = match->back[held];
        if (byte_equals(match, held, text[i]))
            held++;
    }
    return held == match->count;
}

enum {
    BLOCK = 16 /* places that are looked at together */
};

/* May the search text begin at one of BLOCK places? Reads one byte more. */
static bool is_block_promising(const struct textmatch *match, const uint8_t *text)
{
    uint8_t first = match->bytes[0], first_mask = match->masks[0];
    uint8_t second = match->bytes[1], second_mask = match->masks[1];
    uint8_t found = 0;
    size_t i;

    for (i = 0; i < BLOCK; i++) {
        uint8_t a = (uint8_t)((text[i] | first_mask) ^ first);
        uint8_t b = (uint8_t)((text[i + 1] | second_mask) ^ second);

        found |= (uint8_t)((a | b) == 0);
    }
    return found != 0;
}

static bool byte_is_in(const struct textmatch *match, const uint8_t *text, size_t size)
{
    uint8_t byte = match->bytes[0];

    return memchr(text, byte, size) != NULL ||
           (match->masks[0] != 0 && memchr(text, byte - match->masks[0], size) != NULL);
}

static bool bytes_contain(const struct textmatch *match, const uint8_t *text, size_t size)
{
    size_t places, wasted = 0;
    size_t at = 0;

    if (match->count == 0)
        return true;
    if (match->count > size)
        return false;
    if (match->count == 1)
        return byte_is_in(match, text, size);
    places = size - match->count + 1;
    while (at < places) {
        size_t end = msp_min(at + BLOCK, places);

        if (end == places && size > BLOCK) /* a whole block, also for the last of them */
            at = msp_min(at, size - 1 - BLOCK);
        if (size - at > BLOCK && !is_block_promising(match, text + at)) {
            at = end;
            continue;
        }
        for (; at < end; at++) {
            size_t held = agreeing(match, text + at, match->count);

            if (held == match->count)
                return true;
            wasted += held;
        }
        if (wasted > 4 * at + 64) /* a repetitive text: one step per byte is better */
            return bytes_contain_slowly(match, text + at, size - at);
    }
    return false;
}

/* Exact bytes. */
static bool test_bytes(const struct textmatch *match, const uint8_t *text, size_t size)
{
    if (match->where == TEXTMATCH_ANYWHERE)
        return bytes_contain(match, text, size);
    if (size < match->count || (match->where == TEXTMATCH_WHOLE && size != match->count))
        return false;
    return match->count == 0 || memcmp(text, match->bytes, match->count) == 0;
}

/*
 * An ASCII search text that the bytes alone do not contain: looks around what is not ASCII. A match
 * has no more ASCII before its first such character, or behind its last, than the search text has.
 */
static bool test_around_foreign(const struct textmatch *match, const uint8_t *text, size_t size)
{
    size_t at = mapitext_ascii_size(text, size);

    while (at < size) {
        size_t begin = at - msp_min(at, match->count);
        size_t run = 0;

        while (at < size && run < match->count) {
            run = text[at] < 0x80 ? run + 1 : 0;
            at++;
        }
        if (test_codes(match, (const char *)text + begin, at - begin))
            return true;
        at += mapitext_ascii_size(text + at, size - at);
    }
    return false;
}

/* Can a character of the value that is not ASCII take part in a match? */
static bool has_foreign(const struct textmatch *match, const uint8_t *text, size_t size)
{
    if (match->is_closed)
        return false;
    if ((match->flags & TEXTMATCH_NO_MARKS) != 0)
        return true;
    /* the first bytes of the long s and of the Kelvin sign */
    return memchr(text, 0xC5, size) != NULL || memchr(text, 0xE2, size) != NULL;
}

/* An ASCII search text, folded: the bytes decide as long as the value is ASCII as well. */
static bool test_ascii(const struct textmatch *match, const uint8_t *text, size_t size)
{
    size_t held;

    if (match->where == TEXTMATCH_ANYWHERE) {
        return bytes_contain(match, text, size) || (size > 0 && has_foreign(match, text, size) &&
                                                           test_around_foreign(match, text, size));
    }
    held = agreeing(match, text, size);
    if (held < size && text[held] >= 0x80)
        return test_codes(match, (const char *)text, size);
    return held == match->count && (match->where == TEXTMATCH_PREFIX || held == size);
}

bool textmatch_test(const struct textmatch *match, const void *text, size_t size)
{
    if (match->flags == 0)
        return test_bytes(match, text, size);
    if (match->is_ascii)
        return test_ascii(match, text, size);
    /* ASCII folds to ASCII, where there is nothing to find. */
    return !mapitext_is_ascii(text, size) && test_codes(match, text, size);
}

/* -- Many values ------------------------------------------------------------------------------- */

/* How a place is recognised: the first two bytes of the search text, or a character that may fold
 * to one of its own. A search text of one byte has no second one: everything is. */
struct places {
    uint8_t first, first_mask;
    uint8_t second, second_mask;
    uint8_t foreign; /* 0x80: bytes that are not ASCII count, 0: they do not */
};

/* Long blocks are told to be empty fastest; in one that is not, short ones are looked at. */
enum { PLACES_LONG = 128, PLACES_SHORT = 32 };

static void places_init(struct places *places, const struct textmatch *match)
{
    memset(places, 0, sizeof(*places));
    if (match->flags != 0 && !match->is_closed)
        places->foreign = 0x80;
    if (match->is_ascii) {
        places->first = match->bytes[0];
        places->first_mask = match->masks[0];
        places->second = match->count > 1 ? match->bytes[1] : 0xFF;
        places->second_mask = match->count > 1 ? match->masks[1] : 0xFF;
    } else { /* no byte is like this */
        places->first = 0x01;
        places->first_mask = 0x02;
    }
}

/* Is there a place to be looked at in the block? Reads one byte more. */
static inline bool is_block_of_interest(
        const struct places *places, const uint8_t *text, size_t block)
{
    uint8_t found = 0;
    size_t i;

    for (i = 0; i < block; i++) {
        uint8_t a = (uint8_t)((text[i] | places->first_mask) ^ places->first);
        uint8_t b = (uint8_t)((text[i + 1] | places->second_mask) ^ places->second);

        found |= (uint8_t)((uint8_t)((a | b) == 0) | (text[i] & places->foreign));
    }
    return found != 0;
}

/* A few bytes are enough to tell most places: the value is tested as a whole anyway. */
static bool is_candidate(const struct textmatch *match, const uint8_t *text, size_t size)
{
    enum { COMPARED = 8 };

    size_t count = msp_min(match->count, (size_t)COMPARED);
    size_t i = 0;

    if (match->flags != 0 && !match->is_closed && text[0] >= 0x80) {
        if (!match->is_ascii || (match->flags & TEXTMATCH_NO_MARKS) != 0)
            return true;
        return text[0] == 0xC5 || text[0] == 0xE2; /* the long s, the Kelvin sign */
    }
    if (!match->is_ascii || count > size)
        return false;
    while (i < count && byte_equals(match, i, text[i]))
        i++;
    return i == count;
}

/* The first candidate before `end`. */
static size_t candidate_in_short(const struct textmatch *match, const struct places *places,
        const uint8_t *bytes, size_t at, size_t end, size_t size)
{
    while (at < end) {
        size_t stop = msp_min(end, at + PLACES_SHORT);

        if (size - at > PLACES_SHORT && !is_block_of_interest(places, bytes + at, PLACES_SHORT)) {
            at = stop;
            continue;
        }
        for (; at < stop; at++) {
            if (is_candidate(match, bytes + at, size - at))
                return at;
        }
    }
    return SIZE_MAX;
}

size_t textmatch_candidate(const struct textmatch *match, const void *text, size_t size)
{
    const uint8_t *bytes = text;
    struct places places;
    size_t found = SIZE_MAX;

    if (match->count == 0)
        return size > 0 ? 0 : SIZE_MAX;
    places_init(&places, match);
    for (size_t at = 0; at < size && found == SIZE_MAX; at += PLACES_LONG) {
        size_t end = size - at > PLACES_LONG ? at + PLACES_LONG : size;

        if (end == size || is_block_of_interest(&places, bytes + at, PLACES_LONG))
            found = candidate_in_short(match, &places, bytes, at, end, size);
    }
    return found;
}

/* -- Preparing --------------------------------------------------------------------------------- */

/* The units that are compared: bytes or codes, read alike. */
static uint32_t unit_at(const struct textmatch *match, size_t index)
{
    return match->codes != NULL ? match->codes[index] : match->bytes[index];
}

/* back[n]: the longest proper beginning of the first n units that is also their end. */
static void fill_back(struct textmatch *match)
{
    size_t held = 0;
    size_t i;

    match->back[0] = 0;
    if (match->count > 0)
        match->back[1] = 0;
    for (i = 1; i < match->count; i++) {
        while (held > 0 && unit_at(match, i) != unit_at(match, held))
            held = match->back[held];
        if (unit_at(match, i) == unit_at(match, held))
            held++;
        match->back[i + 1] = (uint32_t)held;
    }
}

static bool prepare_codes(struct textmatch *match, const char *text, size_t size)
{
    struct code_reader reader = { text, size, 0, match->flags };
    uint32_t code;

    match->codes = msp_alloc_array(size + 1, sizeof(*match->codes));
    if (match->codes == NULL)
        return false;
    match->is_ascii = true;
    while (next_code(&reader, &code)) {
        match->codes[match->count++] = code;
        match->is_ascii = match->is_ascii && code < 0x80;
    }
    return true;
}

/* Of the letters outside of ASCII, two fold into it: the long s and the Kelvin sign. */
static bool has_foreign_twin(uint32_t byte)
{
    return byte == 's' || byte == 'k';
}

static bool prepare_bytes(struct textmatch *match, const uint8_t *text)
{
    size_t i;

    match->bytes = msp_alloc(match->count + 1);
    match->masks = msp_calloc(match->count + 1, 1); /* 0: exactly this byte */
    if (match->bytes == NULL || match->masks == NULL)
        return false;
    match->is_closed = (match->flags & TEXTMATCH_NO_MARKS) == 0;
    for (i = 0; i < match->count; i++) {
        uint8_t byte = match->codes != NULL ? (uint8_t)match->codes[i] : text[i];

        match->bytes[i] = byte;
        if ((match->flags & TEXTMATCH_FOLD) != 0 && byte >= 'a' && byte <= 'z')
            match->masks[i] = 0x20;
        match->is_closed = match->is_closed && !has_foreign_twin(byte);
    }
    return true;
}

bool textmatch_init(struct textmatch *out, enum textmatch_where where, unsigned flags,
        const void *text, size_t size)
{
    bool ok = true;

    memset(out, 0, sizeof(*out));
    out->where = where;
    out->flags = flags;
    if (size >= UINT32_MAX)
        return false;
    if (flags != 0) {
        ok = prepare_codes(out, text, size);
    } else {
        out->count = size;
        out->is_ascii = true;
    }
    if (ok && out->is_ascii)
        ok = prepare_bytes(out, text);
    if (ok) {
        out->back = msp_alloc_array(out->count + 1, sizeof(*out->back));
        ok = out->back != NULL;
    }
    if (!ok) {
        textmatch_done(out);
        return false;
    }
    fill_back(out);
    return true;
}

void textmatch_done(struct textmatch *match)
{
    msp_free(match->bytes);
    msp_free(match->masks);
    msp_free(match->codes);
    msp_free(match->back);
    memset(match, 0, sizeof(*match));
}
