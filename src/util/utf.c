/* SPDX-License-Identifier: MIT */
/*
 * utf.c - UTF-8 and UTF-16, total on any input, and comparison without regard to case.
 */
#include "util/utf.h"

#include <string.h>

#include "util/alloc.h"
#include "util/bytes.h"

/* -- Single characters ------------------------------------------------------------------------- */

static bool is_high(uint32_t unit)
{
    return (unit & 0xFFFFFC00) == 0xD800;
}

static bool is_low(uint32_t unit)
{
    return (unit & 0xFFFFFC00) == 0xDC00;
}

/*
 * What may follow a lead byte: how many bytes, and the range of the first of them, which shuts out
 * overlong forms and what is above 0x10FFFF. False for a byte that leads nothing.
 */
static bool lead_rule(
        unsigned char lead, size_t *out_follow, unsigned char *out_low, unsigned char *out_high)
{
    *out_low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *out_high = lead == 0xF4 ? 0x8F : 0xBF;
    *out_follow = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    return lead >= 0xC2 && lead <= 0xF4;
}

size_t utf8_next(const char *text, size_t size, uint32_t *out_code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char low, high;
    size_t follow;
    uint32_t code = bytes[0];

    *out_code = code;
    if (code < 0x80)
        return 1;
    *out_code = UTF_REPLACEMENT;
    if (!lead_rule(bytes[0], &follow, &low, &high))
        return 1;
    code &= 0x3Fu >> follow;
    for (size_t i = 1; i <= follow; i++) {
        if (i == size || bytes[i] < low || bytes[i] > high)
            return i;
        code = code << 6 | (bytes[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *out_code = code;
    return follow + 1;
}

size_t utf8_put(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Reads one character from count (> 0) units; a surrogate without partner stands for itself. */
static size_t utf16_next(const char16_t *text, size_t count, uint32_t *out_code)
{
    *out_code = text[0];
    if (!is_high(text[0]) || count < 2 || !is_low(text[1]))
        return 1;
    *out_code = 0x10000 + ((text[0] & 0x3FFu) << 10) + (text[1] & 0x3FFu);
    return 2;
}

/* -- Whole texts ------------------------------------------------------------------------------- */

/*
 * Mail is mostly ASCII, so runs of it are taken in one piece: these count how many bytes (units)
 * from the start on are ASCII.
 */
static size_t ascii_run(const char *text, size_t size)
{
    size_t run = 0;

    while (size - run >= 8 && (get_u64le(text + run) & UINT64_C(0x8080808080808080)) == 0)
        run += 8;
    while (run < size && (unsigned char)text[run] < 0x80)
        run++;
    return run;
}

/* Units that are taken together, by vector instructions where there are some. */
enum { BLOCK = 16 };

static size_t ascii_run16(const char16_t *text, size_t count)
{
    size_t run = 0;

    while (count - run >= BLOCK) {
        unsigned all = 0;

        for (size_t i = 0; i < BLOCK; i++)
            all |= text[run + i];
        if (all >= 0x80)
            break;
        run += BLOCK;
    }
    while (run < count && text[run] < 0x80)
        run++;
    return run;
}

size_t utf16_len(const char16_t *text)
{
    size_t count = 0;

    while (text[count] != 0)
        count++;
    return count;
}

size_t utf16_nlen(const char16_t *text, size_t max)
{
    size_t count = 0;

    while (count < max && text[count] != 0)
        count++;
    return count;
}

size_t utf8_to_utf16(const char *text, size_t size, char16_t *out, size_t out_count)
{
    size_t count = 0;

    for (size_t pos = 0; pos < size;) {
        size_t run = ascii_run(text + pos, size - pos);
        size_t fits = count < out_count ? msp_min(run, out_count - count) : 0;
        uint32_t code;
        size_t units;

        for (size_t i = 0; i < fits; i++)
            out[count + i] = (unsigned char)text[pos + i];
        count += run;
        pos += run;
        if (pos == size)
            break;
        pos += utf8_next(text + pos, size - pos, &code);
        units = code >= 0x10000 ? 2 : 1;
        if (!out || count + units > out_count) {
            out_count = 0; /* from here on only counted: a later, shorter one must not slip in */
        } else if (units == 1) {
            out[count] = (char16_t)code;
        } else {
            out[count] = (char16_t)(0xD800 + ((code - 0x10000) >> 10));
            out[count + 1] = (char16_t)(0xDC00 + (code & 0x3FF));
        }
        count += units;
    }
    return count;
}

/* A run of ASCII. The blocks are copies, which do not overlap with `out`. */
static void narrow(const char16_t *text, size_t count, char *out)
{
    size_t done = 0;

    for (; count - done >= BLOCK; done += BLOCK) {
        char16_t units[BLOCK];
        char bytes[BLOCK];

        memcpy(units, text + done, sizeof(units));
        for (size_t i = 0; i < BLOCK; i++)
            bytes[i] = (char)units[i];
        memcpy(out + done, bytes, sizeof(bytes));
    }
    for (; done < count; done++)
        out[done] = (char)text[done];
}

size_t utf16_to_utf8(const char16_t *text, size_t count, char *out, size_t out_size)
{
    size_t size = 0;

    for (size_t pos = 0; pos < count;) {
        size_t run = ascii_run16(text + pos, count - pos);
        size_t fits = size < out_size ? msp_min(run, out_size - size) : 0;
        char bytes[4];
        uint32_t code;
        size_t length;

        if (fits > 0)
            narrow(text + pos, fits, out + size);
        size += run;
        pos += run;
        if (pos == count)
            break;
        pos += utf16_next(text + pos, count - pos, &code);
        length = utf8_put(code, bytes);
        if (!out || size + length > out_size)
            out_size = 0; /* as above */
        else
            memcpy(out + size, bytes, length);
        size += length;
    }
    return size;
}

char16_t *utf8_dup_utf16(const char *text, size_t size, size_t *out_count)
{
    size_t count = utf8_to_utf16(text, size, NULL, 0);
    char16_t *copy = msp_alloc_array(count + 1, sizeof(*copy));

    if (!copy)
        return NULL;
    utf8_to_utf16(text, size, copy, count);
    copy[count] = 0;
    if (out_count)
        *out_count = count;
    return copy;
}

char *utf16_dup_utf8(const char16_t *text, size_t count, size_t *out_size)
{
    size_t size = utf16_to_utf8(text, count, NULL, 0);
    char *copy = msp_alloc_array(size + 1, 1);

    if (!copy)
        return NULL;
    utf16_to_utf8(text, count, copy, size);
    copy[size] = '\0';
    if (out_size)
        *out_size = size;
    return copy;
}

bool utf16_append_utf8(struct msp_buf *buf, const char16_t *text, size_t count)
{
    size_t run = ascii_run16(text, count);
    size_t size = run + utf16_to_utf8(text + run, count - run, NULL, 0);
    unsigned char *to = msp_buf_extend(buf, size);

    if (!to)
        return false;
    narrow(text, run, (char *)to);
    utf16_to_utf8(text + run, count - run, (char *)to + run, size - run);
    return true;
}

bool utf8_is_valid(const char *text, size_t size)
{
    uint32_t before = 0;

    for (size_t pos = 0; pos < size;) {
        size_t run = ascii_run(text + pos, size - pos);
        uint32_t code;
        size_t length;

        if (run > 0)
            before = 0;
        pos += run;
        if (pos == size)
            break;
        length = utf8_next(text + pos, size - pos, &code);
        /* A real U+FFFD has three bytes of its own, beginning with EF BF. */
        if (code == UTF_REPLACEMENT && (length != 3 || (unsigned char)text[pos] != 0xEF))
            return false;
        if (is_high(before) && is_low(code))
            return false;
        before = code;
        pos += length;
    }
    return true;
}

/* -- Folding ----------------------------------------------------------------------------------- */

static char fold_ascii(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Every step-th code point from first to last folds to itself + delta. Sorted, not overlapping. */
struct fold_run {
    uint32_t first;
    uint32_t last;
    uint32_t step;
    int32_t delta;
};

static const struct fold_run fold_runs[] = {
#include "util/fold_table.inc"
};

uint32_t utf_fold_code(uint32_t code)
{
    size_t low = 0, high = MSP_COUNT_OF(fold_runs);

    if (code < 0x80)
        return (uint32_t)fold_ascii((char)code);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (fold_runs[middle].last < code)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == MSP_COUNT_OF(fold_runs) || code < fold_runs[low].first ||
            (code - fold_runs[low].first) % fold_runs[low].step != 0)
        return code;
    return (uint32_t)((int32_t)code + fold_runs[low].delta);
}

bool utf8_fold(const char *text, size_t size, struct msp_buf *out)
{
    size_t before = out->size;

    /* Nearly always enough; a few letters grow when folded. */
    if (!msp_buf_reserve(out, size))
        return false;
    for (size_t pos = 0; pos < size;) {
        size_t run = ascii_run(text + pos, size - pos);
        unsigned char *to = msp_buf_extend(out, run);
        char bytes[4];
        uint32_t code;

        if (!to)
            break;
        for (size_t i = 0; i < run; i++)
            to[i] = (unsigned char)fold_ascii(text[pos + i]);
        pos += run;
        if (pos == size)
            break;
        pos += utf8_next(text + pos, size - pos, &code);
        msp_buf_append(out, bytes, utf8_put(utf_fold_code(code), bytes));
    }
    if (out->failed)
        msp_buf_truncate(out, before);
    return !out->failed;
}

int utf8_compare_fold(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t a_pos = 0, b_pos = 0;

    while (a_pos < a_size && b_pos < b_size) {
        uint32_t a_code, b_code;

        /* Equal letters are equal in ASCII already, mostly. */
        if (((unsigned char)a[a_pos] | (unsigned char)b[b_pos]) < 0x80 &&
                fold_ascii(a[a_pos]) == fold_ascii(b[b_pos])) {
            a_pos++;
            b_pos++;
            continue;
        }
        a_pos += utf8_next(a + a_pos, a_size - a_pos, &a_code);
        b_pos += utf8_next(b + b_pos, b_size - b_pos, &b_code);
        a_code = utf_fold_code(a_code);
        b_code = utf_fold_code(b_code);
        if (a_code != b_code)
            return a_code < b_code ? -1 : 1;
    }
    return (a_pos < a_size) - (b_pos < b_size);
}

int utf16_compare_fold(const char16_t *a, size_t a_count, const char16_t *b, size_t b_count)
{
    size_t a_pos = 0, b_pos = 0;

    while (a_pos < a_count && b_pos < b_count) {
        uint32_t a_code, b_code;

        a_pos += utf16_next(a + a_pos, a_count - a_pos, &a_code);
        b_pos += utf16_next(b + b_pos, b_count - b_pos, &b_code);
        a_code = utf_fold_code(a_code);
        b_code = utf_fold_code(b_code);
        if (a_code != b_code)
            return a_code < b_code ? -1 : 1;
    }
    return (a_pos < a_count) - (b_pos < b_count);
}
