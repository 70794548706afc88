/* SPDX-License-Identifier: MIT */
/*
 * small_mail.c - mails of words that nobody knows.
 */
#include "small_mail.h"

#include <stdio.h>
#include <string.h>

enum { WORDS = 1200, SENDERS = 2000 };

static uint32_t mix(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* The n-th word of a language of our own. */
static size_t put_word(uint32_t n, char *out)
{
    uint32_t seed = n * 2654435761u + 17;
    size_t size = 3 + mix(&seed) % 7;

    for (size_t i = 0; i < size; i++)
        out[i] = i % 2 == 0 ? "bcdfglmnprstvw"[mix(&seed) % 14] : "aeiou"[mix(&seed) % 5];
    return size;
}

void small_mail_make(unsigned n, struct small_mail *out)
{
    uint32_t seed = n * 2246822519u + 3;
    size_t size = 0;

    memset(out, 0, sizeof(*out));
    if (mix(&seed) % 3 == 0)
        size = (size_t)snprintf(out->subject, sizeof(out->subject), "Re: ");
    for (int i = 0; i < 5; i++) {
        size += put_word(mix(&seed) % WORDS, out->subject + size);
        out->subject[size++] = ' ';
    }
    snprintf(out->subject + size, sizeof(out->subject) - size, "%s",
            n % 1000 == 7   ? RARE_WORD
            : n % 1000 == 8 ? OTHER_WORD
                            : "end");
    size = put_word(100000 + mix(&seed) % SENDERS, out->sender);
    out->sender[size++] = ' ';
    (void)put_word(200000 + mix(&seed) % 3, out->sender + size);
    out->sender[0] = (char)(out->sender[0] - 32);
    out->delivered = 132000000000000000u + (uint64_t)mix(&seed) * 100000000u;
    out->importance = mix(&seed) % 3;
}
