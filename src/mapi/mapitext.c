/* SPDX-License-Identifier: MIT */
/*
 * mapitext.c - text between UTF-8, 16-bit units and the system's code page.
 */
#include "mapi/mapitext.h"

#include <string.h>

#include "platform/ansi.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

#define HIGH_BITS 0x8080808080808080u

enum {
    CHUNK_SIZE = 512 /* bytes of UTF-8 that are converted at a time, on the stack */
};

size_t mapitext_ascii_size(const void *text, size_t size)
{
    const uint8_t *bytes = text;
    size_t i = 0;

    for (; size - i >= 2 * sizeof(uint64_t); i += 2 * sizeof(uint64_t)) {
        uint64_t words[2];

        memcpy(words, bytes + i, sizeof(words));
        if (((words[0] | words[1]) & HIGH_BITS) != 0)
            break;
    }
    while (i < size && bytes[i] < 0x80)
        i++;
    return i;
}

bool mapitext_is_ascii(const void *text, size_t size)
{
    return mapitext_ascii_size(text, size) == size;
}

bool mapitext_append_ansi(struct msp_buf *out, const char *text, size_t size)
{
    char16_t *units;
    size_t count;
    bool ok;

    if (mapitext_is_ascii(text, size))
        return msp_buf_append(out, text, size);
    count = msp_ansi_to_utf16(text, size, NULL, 0);
    if (count == MSP_ANSI_TOO_LONG)
        return false;
    units = msp_alloc_array(count, sizeof(*units));
    if (units == NULL)
        return false;
    count = msp_min(count, msp_ansi_to_utf16(text, size, units, count));
    ok = utf16_append_utf8(out, units, count);
    msp_free(units);
    return ok;
}

/* Size of the next piece of a text that does not end inside a character. */
static size_t chunk_size(const char *text, size_t size)
{
    size_t end = CHUNK_SIZE;

    if (size <= CHUNK_SIZE)
        return size;
    while (end > CHUNK_SIZE - 4 && ((uint8_t)text[end] & 0xC0) == 0x80)
        end--;
    return end;
}

size_t mapitext_to_ansi(const char *text, size_t size, char *out, size_t out_size)
{
    size_t total = 0;

    while (size > 0) {
        char16_t units[CHUNK_SIZE];
        char bytes[3 * CHUNK_SIZE];
        size_t chunk = chunk_size(text, size);
        size_t count = utf8_to_utf16(text, chunk, units, CHUNK_SIZE);
        size_t made = msp_utf16_to_ansi(units, count, bytes, sizeof(bytes), NULL);

        made = msp_min(made, chunk); /* no code page takes more bytes than UTF-8 */
        if (total < out_size)
            memcpy(out + total, bytes, msp_min(made, out_size - total));
        total += made;
        text += chunk;
        size -= chunk;
    }
    return total;
}

enum {
    BLOCK = 16 /* bytes that are widened together, by vector instructions where there are some */
};

/* Widens bytes up to the first that is not ASCII; returns how many. */
static size_t widen_ascii(const char *text, size_t size, char16_t *out)
{
    size_t done = 0;
    size_t i;

    while (size - done >= BLOCK) {
        uint8_t bytes[BLOCK]; /* a copy, which does not overlap with `out` */
        uint64_t words[2];

        memcpy(bytes, text + done, BLOCK);
        memcpy(words, bytes, sizeof(words));
        if (((words[0] | words[1]) & HIGH_BITS) != 0)
            break;
        for (i = 0; i < BLOCK; i++)
            out[done + i] = bytes[i];
        done += BLOCK;
    }
    while (done < size && (uint8_t)text[done] < 0x80) {
        out[done] = (uint8_t)text[done];
        done++;
    }
    return done;
}

size_t mapitext_to_wide(const char *text, size_t size, char16_t *out)
{
    size_t done = widen_ascii(text, size, out);

    return done + utf8_to_utf16(text + done, size - done, out + done, size - done);
}

size_t mapitext_unit_count(const char *text, size_t size)
{
    if (mapitext_is_ascii(text, size))
        return size;
    return utf8_to_utf16(text, size, NULL, 0);
}

bool mapitext_append_tstr(struct msp_buf *out, const void *text, bool unicode)
{
    if (unicode)
        return utf16_append_utf8(out, text, utf16_len(text));
    return mapitext_append_ansi(out, text, strlen(text));
}
