/* SPDX-License-Identifier: MIT */
/*
 * small_mail.h - what a row of a contents table shows of a mail, for many mails.
 */
#ifndef SMALL_MAIL_H
#define SMALL_MAIL_H

#include <stdint.h>

#define RARE_WORD "zanthops"
#define OTHER_WORD "zanthine"

struct small_mail {
    char subject[96];
    char sender[32];
    uint64_t delivered;
    uint32_t importance;
};

/* The n-th mail: the same n gives the same one; a subject of five words, one in a thousand with a
 * rare one. */
void small_mail_make(unsigned n, struct small_mail *out);

#endif
