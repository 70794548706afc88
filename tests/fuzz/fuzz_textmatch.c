/* SPDX-License-Identifier: MIT */
/*
 * fuzz_textmatch.c - one text in another, against the slowest way there is:
 * { u8 flags and place, u8 size, search text, value }.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/textmatch.h"
#include "util/bytes.h"
#include "util/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 512 };

static size_t codes_of(const uint8_t *text, size_t size, unsigned flags, uint32_t *out)
{
    size_t count = 0, pos = 0;

    while (pos < size) {
        uint32_t code = text[pos];

        pos += flags == 0 ? 1 : utf8_next((const char *)text + pos, size - pos, &code);
        if ((flags & TEXTMATCH_NO_MARKS) != 0 && code != 0) {
            code = textmatch_bare_code(code);
            if (code == 0)
                continue;
        }
        out[count++] = (flags & TEXTMATCH_FOLD) != 0 ? utf_fold_code(code) : code;
    }
    return count;
}

static bool slowly(enum textmatch_where where, const uint32_t *a, size_t a_count, const uint32_t *b,
        size_t b_count)
{
    size_t at;

    if (where == TEXTMATCH_WHOLE && a_count != b_count)
        return false;
    for (at = 0; at + a_count <= b_count; at++) {
        if (memcmp(a, b + at, a_count * sizeof(*a)) == 0)
            return true;
        if (where != TEXTMATCH_ANYWHERE)
            return false;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t a[MAX], b[MAX];
    struct textmatch match;
    enum textmatch_where where;
    unsigned flags;
    size_t length;

    if (size < 2 || size > MAX)
        return 0;
    flags = data[0] & 3;
    where = (enum textmatch_where)(data[0] / 4 % 3);
    length = msp_min(data[1], size - 2);
    if (!textmatch_init(&match, where, flags, data + 2, length))
        return 0;
    if (textmatch_test(&match, data + 2 + length, size - 2 - length) !=
            slowly(where, a, codes_of(data + 2, length, flags, a), b,
                    codes_of(data + 2 + length, size - 2 - length, flags, b)))
        abort();
    textmatch_done(&match);
    return 0;
}
