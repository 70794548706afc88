/* SPDX-License-Identifier: MIT */
/*
 * host_error.h - result codes as names and sentences, and what an object says about its last error.
 */
#ifndef HOST_ERROR_H
#define HOST_ERROR_H

#include <stddef.h>

#include "platform/sdk/mapi_sdk.h"

/* "MAPI_E_NOT_FOUND"; "0x8004ABCD" for codes that are not in the list (static text, the last few
 * results stay valid). */
const char *host_hr_name(HRESULT hr);
/* A plain sentence for people. */
const char *host_hr_sentence(HRESULT hr);
/* The sentence of a MAPIERROR (its strings UTF-16), else of the code. NULL error is fine. */
void host_error_text(const MAPIERROR *error, HRESULT hr, char *out, size_t out_size);
/* Asks the object; `release` frees what it answers. */
void host_prop_error(
        IMAPIProp *object, HRESULT hr, LPFREEBUFFER release, char *out, size_t out_size);

#endif
