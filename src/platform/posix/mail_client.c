/* SPDX-License-Identifier: MIT */
/*
 * mail_client.c - there is no MAPI here.
 */
#include "platform/mail_client.h"

size_t msp_mail_client_folder(char *out, size_t out_size)
{
    if (out_size > 0)
        out[0] = '\0';
    return 0;
}
