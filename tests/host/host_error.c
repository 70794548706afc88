/* SPDX-License-Identifier: MIT */
/*
 * host_error.c - result codes as names and sentences, and what an object says about its last error.
 */
#include "host_error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "host_text.h"

struct code {
    HRESULT hr;
    const char *name, *sentence;
};

/* clang-format off */
static const struct code codes[] = {
    { S_OK,                            "S_OK",                            "It worked." },
    { S_FALSE,                         "S_FALSE",                         "It worked, with less than asked for." },
    { E_NOINTERFACE,                   "E_NOINTERFACE",                   "The object does not have this interface." },
    { E_POINTER,                       "E_POINTER",                       "A pointer is missing." },
    { E_FAIL,                          "E_FAIL",                          "It failed." },
    { E_UNEXPECTED,                    "E_UNEXPECTED",                    "Something unexpected happened." },
    { E_OUTOFMEMORY,                   "MAPI_E_NOT_ENOUGH_MEMORY",        "There is not enough memory." },
    { E_INVALIDARG,                    "MAPI_E_INVALID_PARAMETER",        "The call had a wrong argument." },
    { E_ACCESSDENIED,                  "MAPI_E_NO_ACCESS",                "Access is denied." },
    { MAPI_E_CALL_FAILED,              "MAPI_E_CALL_FAILED",              "The call failed." },
    { MAPI_E_NO_SUPPORT,               "MAPI_E_NO_SUPPORT",               "This is not supported." },
    { MAPI_E_BAD_CHARWIDTH,            "MAPI_E_BAD_CHARWIDTH",            "This width of characters is not supported." },
    { MAPI_E_STRING_TOO_LONG,          "MAPI_E_STRING_TOO_LONG",          "A text is too long." },
    { MAPI_E_UNKNOWN_FLAGS,            "MAPI_E_UNKNOWN_FLAGS",            "The call had an unknown flag." },
    { MAPI_E_INVALID_ENTRYID,          "MAPI_E_INVALID_ENTRYID",          "This is not an entry id." },
    { MAPI_E_INVALID_OBJECT,           "MAPI_E_INVALID_OBJECT",           "The object is no longer valid." },
    { MAPI_E_OBJECT_CHANGED,           "MAPI_E_OBJECT_CHANGED",           "The object was changed by someone else." },
    { MAPI_E_OBJECT_DELETED,           "MAPI_E_OBJECT_DELETED",           "The object was deleted by someone else." },
    { MAPI_E_BUSY,                     "MAPI_E_BUSY",                     "The store is busy." },
    { MAPI_E_NOT_ENOUGH_DISK,          "MAPI_E_NOT_ENOUGH_DISK",          "The disk is full." },
    { MAPI_E_NOT_ENOUGH_RESOURCES,     "MAPI_E_NOT_ENOUGH_RESOURCES",     "There are not enough resources." },
    { MAPI_E_NOT_FOUND,                "MAPI_E_NOT_FOUND",                "It was not found." },
    { MAPI_E_VERSION,                  "MAPI_E_VERSION",                  "The versions do not fit." },
    { MAPI_E_LOGON_FAILED,             "MAPI_E_LOGON_FAILED",             "The logon failed." },
    { MAPI_E_SESSION_LIMIT,            "MAPI_E_SESSION_LIMIT",            "There are too many sessions." },
    { MAPI_E_USER_CANCEL,              "MAPI_E_USER_CANCEL",              "The user cancelled." },
    { MAPI_E_UNABLE_TO_ABORT,          "MAPI_E_UNABLE_TO_ABORT",          "It cannot be stopped." },
    { MAPI_E_NETWORK_ERROR,            "MAPI_E_NETWORK_ERROR",            "The network failed." },
    { MAPI_E_DISK_ERROR,               "MAPI_E_DISK_ERROR",               "The disk failed." },
    { MAPI_E_TOO_COMPLEX,              "MAPI_E_TOO_COMPLEX",              "The request is too complex." },
    { MAPI_E_BAD_COLUMN,               "MAPI_E_BAD_COLUMN",               "There is no such column." },
    { MAPI_E_EXTENDED_ERROR,           "MAPI_E_EXTENDED_ERROR",           "It failed." },
    { MAPI_E_COMPUTED,                 "MAPI_E_COMPUTED",                 "The property cannot be set." },
    { MAPI_E_CORRUPT_DATA,             "MAPI_E_CORRUPT_DATA",             "The data is damaged." },
    { MAPI_E_UNCONFIGURED,             "MAPI_E_UNCONFIGURED",             "The service is not configured." },
    { MAPI_E_FAILONEPROVIDER,          "MAPI_E_FAILONEPROVIDER",          "This store cannot be opened." },
    { MAPI_E_UNKNOWN_CPID,             "MAPI_E_UNKNOWN_CPID",             "The code page is unknown." },
    { MAPI_E_UNKNOWN_LCID,             "MAPI_E_UNKNOWN_LCID",             "The language is unknown." },
    { MAPI_E_CORRUPT_STORE,            "MAPI_E_CORRUPT_STORE",            "The store is damaged." },
    { MAPI_E_NOT_IN_QUEUE,             "MAPI_E_NOT_IN_QUEUE",             "The message is not in the queue." },
    { MAPI_E_NO_SUPPRESS,              "MAPI_E_NO_SUPPRESS",              "It cannot be suppressed." },
    { MAPI_E_COLLISION,                "MAPI_E_COLLISION",                "There is one of that name already." },
    { MAPI_E_NOT_INITIALIZED,          "MAPI_E_NOT_INITIALIZED",          "It is not initialized." },
    { MAPI_E_NON_STANDARD,             "MAPI_E_NON_STANDARD",             "This takes too long to be usual." },
    { MAPI_E_NO_RECIPIENTS,            "MAPI_E_NO_RECIPIENTS",            "The message has no recipients." },
    { MAPI_E_SUBMITTED,                "MAPI_E_SUBMITTED",                "The message is already submitted." },
    { MAPI_E_HAS_FOLDERS,              "MAPI_E_HAS_FOLDERS",              "The folder has subfolders." },
    { MAPI_E_HAS_MESSAGES,             "MAPI_E_HAS_MESSAGES",             "The folder has messages." },
    { MAPI_E_FOLDER_CYCLE,             "MAPI_E_FOLDER_CYCLE",             "A folder cannot be put into itself." },
    { MAPI_E_UNEXPECTED_TYPE,          "MAPI_E_UNEXPECTED_TYPE",          "The type is wrong." },
    { MAPI_E_UNEXPECTED_ID,            "MAPI_E_UNEXPECTED_ID",            "The property id is wrong." },
    { MAPI_E_UNABLE_TO_COMPLETE,       "MAPI_E_UNABLE_TO_COMPLETE",       "It could not be completed." },
    { MAPI_E_TIMEOUT,                  "MAPI_E_TIMEOUT",                  "It took too long." },
    { MAPI_E_TABLE_EMPTY,              "MAPI_E_TABLE_EMPTY",              "The table is empty." },
    { MAPI_E_TABLE_TOO_BIG,            "MAPI_E_TABLE_TOO_BIG",            "The table is too large." },
    { MAPI_E_INVALID_BOOKMARK,         "MAPI_E_INVALID_BOOKMARK",         "The bookmark is not valid." },
    { MAPI_E_WAIT,                     "MAPI_E_WAIT",                     "It has to wait." },
    { MAPI_E_CANCEL,                   "MAPI_E_CANCEL",                   "It was cancelled." },
    { MAPI_E_TYPE_NO_SUPPORT,          "MAPI_E_TYPE_NO_SUPPORT",          "The type is not supported." },
    { MAPI_E_TOO_BIG,                  "MAPI_E_TOO_BIG",                  "It is too large." },
    { MAPI_E_INVALID_TYPE,             "MAPI_E_INVALID_TYPE",             "The type is not valid." },
    { MAPI_E_UNKNOWN_ENTRYID,          "MAPI_E_UNKNOWN_ENTRYID",          "No open store knows this entry id." },
    { MAPI_E_INTERFACE_NOT_SUPPORTED,  "MAPI_E_INTERFACE_NOT_SUPPORTED",  "The object does not have this interface." },
    { MAPI_W_NO_SERVICE,               "MAPI_W_NO_SERVICE",               "There is no such service." },
    { MAPI_W_ERRORS_RETURNED,          "MAPI_W_ERRORS_RETURNED",          "Some of it failed." },
    { MAPI_W_POSITION_CHANGED,         "MAPI_W_POSITION_CHANGED",         "The position changed." },
    { MAPI_W_APPROX_COUNT,             "MAPI_W_APPROX_COUNT",             "The count is not exact." },
    { MAPI_W_CANCEL_MESSAGE,           "MAPI_W_CANCEL_MESSAGE",           "The message was cancelled." },
    { MAPI_W_PARTIAL_COMPLETION,       "MAPI_W_PARTIAL_COMPLETION",       "Only part of it was done." },
    { STG_E_ACCESSDENIED,              "STG_E_ACCESSDENIED",              "Access to the stream is denied." },
    { STG_E_INVALIDFUNCTION,           "STG_E_INVALIDFUNCTION",           "The stream cannot do this." },
    { STG_E_INVALIDPOINTER,            "STG_E_INVALIDPOINTER",            "A pointer is missing." },
    { STG_E_MEDIUMFULL,                "STG_E_MEDIUMFULL",                "The disk is full." },
    { STG_E_REVERTED,                  "STG_E_REVERTED",                  "The stream is no longer valid." },
};

/* clang-format on */

static const struct code *find(HRESULT hr)
{
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].hr == hr)
            return &codes[i];
    }
    return NULL;
}

const char *host_hr_name(HRESULT hr)
{
    static char texts[8][16];
    static _Atomic unsigned next;
    const struct code *code = find(hr);
    char *text;

    if (code)
        return code->name;
    text = texts[next++ % 8];
    snprintf(text, 16, "0x%08lX", (unsigned long)(ULONG)hr);
    return text;
}

const char *host_hr_sentence(HRESULT hr)
{
    const struct code *code = find(hr);

    return code ? code->sentence : "It failed.";
}

void host_error_text(const MAPIERROR *error, HRESULT hr, char *out, size_t out_size)
{
    char *text = NULL;

    if (error && error->lpszError)
        text = host_text_to_utf8((const uint16_t *)(const void *)error->lpszError, SIZE_MAX);
    if (text && *text)
        snprintf(out, out_size, "%s", text);
    else
        snprintf(out, out_size, "%s (%s)", host_hr_sentence(hr), host_hr_name(hr));
    free(text);
}

void host_prop_error(
        IMAPIProp *object, HRESULT hr, LPFREEBUFFER release, char *out, size_t out_size)
{
    LPMAPIERROR error = NULL;

    if (object && SUCCEEDED(object->lpVtbl->GetLastError(object, hr, MAPI_UNICODE, &error)))
        host_error_text(error, hr, out, out_size);
    else
        host_error_text(NULL, hr, out, out_size);
    if (error)
        release(error);
}
