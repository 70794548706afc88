/* SPDX-License-Identifier: MIT */
/*
 * register.c - MergeWithMAPISVC and RemoveFromMAPISVC, for rundll32: the service's registration in
 * MAPISVC.INF, and for the system's search.
 *
 *   rundll32 C:\path\mailkeep32.dll,MergeWithMAPISVC C:\path\MAPISVC.INF
 *
 * Without an argument the file is the mail client's MAPISVC.INF; without such a client, that in the
 * system's folder.
 *
 * Owns:  nothing beyond one call.
 * Locks: none; two at the same time replace the file as a whole, one after the other.
 */
#include <stdio.h>
#include <string.h>

#include "com/trace.h"
#include "dll/inf.h"
#include "mailkeep.h"
#include "platform/ansi.h"
#include "platform/base.h"
#include "platform/file.h"
#include "platform/library.h"
#include "platform/mail_client.h"
#include "platform/sdk/mapi_sdk.h"
#include "platform/search_index.h"
#include "util/utf.h"

enum { PATH_SIZE = 4096, INF_MAX_SIZE = 16 * 1024 * 1024 };

void WINAPI MergeWithMAPISVC(HWND window, HINSTANCE instance, LPSTR arguments, int show);
void WINAPI RemoveFromMAPISVC(HWND window, HINSTANCE instance, LPSTR arguments, int show);

/* The path in rundll32's argument (ANSI; spaces around it and quotes are not part of it), or the
 * mail client's file. */
static bool inf_path(const char *arguments, char out[PATH_SIZE])
{
    const char *start = arguments != NULL ? arguments : "";
    size_t size = strlen(start);
    char16_t wide[PATH_SIZE];
    size_t count;

    while (size > 0 && strchr(" \t\"", start[0]) != NULL) {
        start++;
        size--;
    }
    while (size > 0 && strchr(" \t\"", start[size - 1]) != NULL)
        size--;
    if (size == 0) {
        size = msp_mail_client_folder(out, PATH_SIZE);
        if (size == 0)
            size = msp_path_system_folder(out, PATH_SIZE);
        if (size == 0 || size + sizeof("\\MAPISVC.INF") > PATH_SIZE)
            return false;
        out[size - 1] = MSP_PATH_SEPARATOR;
        memcpy(out + size, "MAPISVC.INF", sizeof("MAPISVC.INF"));
        return true;
    }
    count = msp_ansi_to_utf16(start, size, wide, PATH_SIZE);
    if (count > PATH_SIZE || utf16_to_utf8(wide, count, NULL, 0) >= PATH_SIZE)
        return false;
    size = utf16_to_utf8(wide, count, out, PATH_SIZE);
    out[size] = '\0';
    return true;
}

/* A file that is not there is an empty one. */
static bool read_file(const char *path, struct msp_buf *out)
{
    enum msp_io io = MSP_IO_OK;
    struct msp_file file;
    uint64_t size = 0;
    size_t got = 0;

    if (msp_file_kind(path) == MSP_FILE_MISSING)
        return true;
    if (msp_file_size(path, &size) != MSP_IO_OK || size > INF_MAX_SIZE)
        return false;
    if (msp_file_open(path, MSP_OPEN_READ, &file) != MSP_IO_OK)
        return false;
    if (msp_buf_extend(out, (size_t)size) == NULL)
        io = MSP_IO_ERROR;
    else
        io = msp_file_read(&file, out->data, (size_t)size, &got);
    msp_file_close(&file);
    return io == MSP_IO_OK && got == size;
}

/* Whole or not at all: a new file beside it, then one rename. */
static bool write_file(const char *path, const struct msp_buf *text)
{
    struct msp_buf temporary = MSP_BUF_INIT;
    struct msp_file file;
    const char *name;
    bool ok = false;

    msp_buf_printf(&temporary, "%s.new", path);
    name = msp_buf_cstr(&temporary);
    if (name != NULL && msp_file_open(name, MSP_OPEN_REPLACE, &file) == MSP_IO_OK) {
        ok = msp_file_write(&file, text->data, text->size) == MSP_IO_OK &&
             msp_file_flush(&file) == MSP_IO_OK;
        msp_file_close(&file);
        ok = ok && msp_file_replace(name, path) == MSP_IO_OK;
        if (!ok)
            (void)msp_file_delete(name);
    }
    msp_buf_free(&temporary);
    return ok;
}

static bool is_equal(const struct msp_buf *a, const struct msp_buf *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* The provider's UID as a GUID is written: its first three parts are numbers, low byte first. */
static void provider_guid(char out[40])
{
    static const MAPIUID uid = MAILKEEP_PROVIDER_UID;
    const BYTE *b = uid.ab;

    (void)snprintf(out, 40,
            "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}", b[3], b[2],
            b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
            b[15]);
}

/* The stores are as good without, so a refusal is no failure. */
static void tell_search(bool index)
{
    char provider[40];

    provider_guid(provider);
    if (!msp_search_index_set(provider, index))
        trace_line("the system's search could not be told to %s these stores",
                index ? "index" : "forget");
}

/* What is as it should be is not written. */
static void edit(const char *arguments, bool merge)
{
    struct msp_buf before = MSP_BUF_INIT;
    struct msp_buf after = MSP_BUF_INIT;
    struct msp_buf dll_name = MSP_BUF_INIT;
    char module_path[PATH_SIZE];
    char path[PATH_SIZE];
    size_t size;
    const char *text;
    bool ok = false;

    if (!inf_path(arguments, path) || !read_file(path, &before))
        goto out;
    text = msp_buf_cstr(&before);
    if (text == NULL)
        goto out;
    if (merge) {
        size = msp_module_path(module_path, sizeof(module_path));
        if (size == 0 || size > sizeof(module_path) || !inf_dll_name(module_path, &dll_name) ||
                !inf_merge(text, before.size, msp_buf_cstr(&dll_name), &after))
            goto out;
    } else if (!inf_remove(text, before.size, &after)) {
        goto out;
    }
    ok = is_equal(&before, &after) || write_file(path, &after);
    if (ok)
        tell_search(merge);
out:
    trace_line("%s: %s", merge ? "MergeWithMAPISVC" : "RemoveFromMAPISVC",
            ok ? "done" : "the file could not be changed");
    msp_buf_free(&before);
    msp_buf_free(&after);
    msp_buf_free(&dll_name);
}

/* Puts the service into MAPISVC.INF and its stores into the search; again changes nothing. A file
 * that cannot be changed stays as it is (rundll32 has no way to say so; MAILKEEP_TRACE has). */
MSP_EXPORT void WINAPI MergeWithMAPISVC(HWND window, HINSTANCE instance, LPSTR arguments, int show)
{
    MSP_UNUSED(window);
    MSP_UNUSED(instance);
    MSP_UNUSED(show);
    edit(arguments, true);
}

/* Takes the service out of both, and nothing else. */
MSP_EXPORT void WINAPI RemoveFromMAPISVC(HWND window, HINSTANCE instance, LPSTR arguments, int show)
{
    MSP_UNUSED(window);
    MSP_UNUSED(instance);
    MSP_UNUSED(show);
    edit(arguments, false);
}
