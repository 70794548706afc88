/* SPDX-License-Identifier: MIT */
/*
 * mail_client.h - where the mail client that is installed keeps its MAPI.
 */
#ifndef MSP_PLATFORM_MAIL_CLIENT_H
#define MSP_PLATFORM_MAIL_CLIENT_H

#include <stddef.h>

/*
 * The folder, without a separator at its end, of the DLL in which the default mail client, or else
 * Outlook, has Extended MAPI; the file MAPISVC.INF lies beside it. Returns the size needed with
 * NUL, 0 when no such client is installed (natively always); what does not fit is not written.
 */
size_t msp_mail_client_folder(char *out, size_t out_size);

#endif
