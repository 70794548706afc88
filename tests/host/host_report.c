/* SPDX-License-Identifier: MIT */
/*
 * host_report.c - read and nonread reports as MAPI writes them: class, subject, who gets it, and
 * what was sent.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host_report.h"

/* A text property of the message as UTF-8, malloc'ed; NULL when absent. */
static char *text_of(const struct host_mem_trio *trio, LPMESSAGE message, ULONG tag)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    struct host_bag bag = { 0 };
    SPropValue *value = NULL;
    char *text = NULL;
    ULONG count = 0;

    if (message->lpVtbl->GetProps(message, (LPSPropTagArray)&tags, MAPI_UNICODE, &count, &value) ==
                    S_OK &&
            SUCCEEDED(host_bag_set(&bag, value)))
        text = host_bag_text(&bag, tag);
    host_bag_free(&bag);
    trio->release(value);
    return text;
}

/* The sender becomes the one recipient. */
static HRESULT address(const struct host_mem_trio *trio, LPMESSAGE about, LPMESSAGE report)
{
    static const ULONG from[] = { PR_SENDER_NAME_W, PR_SENDER_ADDRTYPE_W,
        PR_SENDER_EMAIL_ADDRESS_W };
    static const ULONG to[] = { PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W };
    SPropValue values[4] = { { .ulPropTag = PR_RECIPIENT_TYPE, .Value.l = MAPI_TO } };
    SizedADRLIST(1, list) = { 1, { { 0, 1, values } } };
    struct host_bag bag = { 0 };
    HRESULT hr;

    for (int i = 0; i < 3; i++) {
        char *text = text_of(trio, about, from[i]);

        if (text || i == 0)
            host_bag_set_text(&bag, to[i], text ? text : "Sender");
        free(text);
    }
    for (size_t i = 0; i < bag.count; i++)
        values[list.aEntries[0].cValues++] = *bag.items[i];
    hr = report->lpVtbl->ModifyRecipients(report, MODRECIP_ADD, (LPADRLIST)&list);
    host_bag_free(&bag);
    return hr;
}

HRESULT host_report_make(
        const struct host_mem_trio *trio, LPMESSAGE about, LPMESSAGE report, bool nonread)
{
    char *subject = text_of(trio, about, PR_SUBJECT_W);
    struct host_bag bag = { 0 };
    char line[300];
    HRESULT hr = S_OK;

    snprintf(line, sizeof(line), "%s: %s", nonread ? "Not read" : "Read", subject ? subject : "");
    host_bag_set_text(
            &bag, PR_MESSAGE_CLASS_W, nonread ? "REPORT.IPM.Note.IPNNRN" : "REPORT.IPM.Note.IPNRN");
    host_bag_set_text(&bag, PR_SUBJECT_W, line);
    host_bag_set_text(&bag, PR_ORIGINAL_SUBJECT_W, subject ? subject : "");
    free(subject);
    for (size_t i = 0; SUCCEEDED(hr) && i < bag.count; i++)
        hr = report->lpVtbl->SetProps(report, 1, bag.items[i], NULL);
    host_bag_free(&bag);
    return SUCCEEDED(hr) ? address(trio, about, report) : hr;
}
