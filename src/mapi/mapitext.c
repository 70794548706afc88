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

enum {
    CHUNK_SIZE = 512 /* bytes of UTF-8 that are converted at a time, on the stack */
};

bool mapitext_is_ascii(const void *text, size_t size)
{
    const uint8_t *bytes = text;
    uint64_t high = 0;
    size_t i = 0;

    for (; size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, bytes + i, sizeof(word));
        high |= word;
        if ((high & 0x8080808080808080u) != 0)
            return false;
    }
    for (; i < size; i++)
        high |= bytes[i];
    return (high & 0x8080808080808080u) == 0;
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

/* Widens bytes up to the first that is not ASCII, a block at a time; returns how many. */
static size_t widen_ascii(const char *text, size_t size, char16_t *out)
{
    enum { BLOCK = 16 };

    size_t done = 0;
    size_t i;

    while (size - done >= BLOCK) {
        uint8_t high = 0;

        for (i = 0; i < BLOCK; i++) {
            high |= (uint8_t)text[done + i];
            out[done + i] = (uint8_t)text[done + i];
        }
        if (high >= 0x80)
            break;
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
    const char16_t *wide = text;
    size_t count;
    size_t size;
    char *room;

    if (!unicode)
        return mapitext_append_ansi(out, text, strlen(text));
    count = utf16_len(wide);
    size = utf16_to_utf8(wide, count, NULL, 0);
    room = (char *)msp_buf_extend(out, size);
    if (room == NULL)
        return false;
    (void)utf16_to_utf8(wide, count, room, size);
    return true;
}
