/* SPDX-License-Identifier: MIT */
/*
 * settings.c - the settings of a store: read, asked for, tried out, written.
 *
 * Owns:  the strings and the open file in struct settings, until settings_done().
 * Locks: none; the host's objects and the dialog are called without any.
 */
#include "com/settings.h"

#include <stdio.h>
#include <string.h>

#include "com/call.h"
#include "com/profile.h"
#include "com/store.h"
#include "mailkeep.h"
#include "mapi/mapitext.h"
#include "platform/dialog.h"
#include "platform/file.h"

void settings_done(struct settings *settings)
{
    eng_close(settings->eng);
    settings->eng = NULL;
    msp_buf_free(&settings->path);
    msp_buf_free(&settings->display_name);
}

HRESULT settings_fail(struct settings *settings, HRESULT hr, const char *reason)
{
    if (settings->reason[0] == '\0')
        (void)snprintf(settings->reason, sizeof(settings->reason), "%s", reason);
    return hr;
}

/* --- reading ---------------------------------------------------------------------------------- */

HRESULT settings_read_values(struct settings *settings, ULONG count, const SPropValue *values)
{
    for (ULONG i = 0; i < count; i++) {
        ULONG type = PROP_TYPE(values[i].ulPropTag);
        ULONG id = PROP_ID(values[i].ulPropTag);
        struct msp_buf *out = NULL;

        if (id == PROP_ID(PR_MKEEP_PATH_W))
            out = &settings->path;
        else if (id == PROP_ID(PR_DISPLAY_NAME_W))
            out = &settings->display_name;
        if (out == NULL || (type != PT_UNICODE && type != PT_STRING8) ||
                values[i].Value.lpszW == NULL)
            continue;
        msp_buf_clear(out);
        if (!mapitext_append_tstr(out, values[i].Value.lpszW, type == PT_UNICODE))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

HRESULT settings_read_section(struct settings *settings, LPPROFSECT section)
{
    struct msp_buf path = MSP_BUF_INIT;
    struct msp_buf display_name = MSP_BUF_INIT;
    HRESULT hr;

    hr = profile_read(section, &settings->alloc, &path, &display_name);
    if (SUCCEEDED(hr) && settings->path.size == 0 &&
            !msp_buf_append(&settings->path, path.data, path.size))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr) && settings->display_name.size == 0 &&
            !msp_buf_append(&settings->display_name, display_name.data, display_name.size))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&path);
    msp_buf_free(&display_name);
    return hr;
}

/* --- the file --------------------------------------------------------------------------------- */

/* What the profile keeps must mean the same in every process. */
static HRESULT make_path_full(struct settings *settings)
{
    const char *path = msp_buf_cstr(&settings->path);
    struct msp_buf full = MSP_BUF_INIT;
    size_t size;
    uint8_t *room;
    HRESULT hr = S_OK;

    if (path == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (msp_path_is_full(path))
        return S_OK;
    size = msp_path_full(path, NULL, 0);
    if (size == 0)
        return settings_fail(
                settings, MAPI_E_INVALID_PARAMETER, "The path of the store file is not valid.");
    room = msp_buf_extend(&full, size);
    if (room == NULL || msp_path_full(path, (char *)room, size) != size)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_clear(&settings->path);
    if (SUCCEEDED(hr) && !msp_buf_append(&settings->path, full.data, size - 1))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&full);
    return hr;
}

static HRESULT open_file(struct settings *settings)
{
    struct eng_open_params params = { .path = msp_buf_cstr(&settings->path), .create = true };
    struct eng_error error = { 0 };
    enum eng_status status;

    if (params.path == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    status = eng_open(&params, &settings->eng, &error);
    if (status == ENG_OK) {
        status = store_template_apply(settings->eng);
        if (status != ENG_OK)
            eng_last_error(settings->eng, &error);
    }
    if (status == ENG_OK)
        return S_OK;
    eng_close(settings->eng);
    settings->eng = NULL;
    settings->low = (ULONG)error.sqlite_code;
    return settings_fail(settings, msp_engine_hresult(status),
            error.text[0] != '\0' ? error.text : msp_engine_sentence(status));
}

HRESULT settings_open(struct settings *settings)
{
    HRESULT hr;

    if (settings->path.size == 0)
        return settings_fail(settings, MAPI_E_UNCONFIGURED,
                "The profile does not say which store file to open.");
    hr = make_path_full(settings);
    return FAILED(hr) ? hr : open_file(settings);
}

/* --- the user --------------------------------------------------------------------------------- */

/* What does not fit into a field is not shown: half a path would be another one. */
static void show(const struct msp_buf *text, char *field, size_t field_size)
{
    field[0] = '\0';
    if (text->size >= field_size)
        return;
    if (text->size > 0)
        memcpy(field, text->data, text->size);
    field[text->size] = '\0';
}

/* Blanks around it are not meant, nor are the quotes that the shell puts around a copied path. */
static bool take(const char *field, struct msp_buf *out)
{
    size_t size;

    field += strspn(field, " \t\"");
    size = strlen(field);
    while (size > 0 && strchr(" \t\"", field[size - 1]) != NULL)
        size--;
    msp_buf_clear(out);
    return msp_buf_append(out, field, size);
}

/* OK was pressed: is there a store to be had? */
static HRESULT try_fields(struct settings *settings, const struct msp_settings *fields)
{
    const char *path;

    if (!take(fields->path, &settings->path) || !take(fields->name, &settings->display_name))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    path = msp_buf_cstr(&settings->path);
    if (path == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (path[0] == '\0')
        return settings_fail(
                settings, MAPI_E_UNCONFIGURED, "Please say in which file the store is to be kept.");
    /* The current folder of a mail client is no place that its user knows. */
    if (!msp_path_is_full(path))
        return settings_fail(settings, MAPI_E_INVALID_PARAMETER,
                "Please give the whole path of the store file, with drive and folder.");
    return open_file(settings);
}

static bool accept_fields(struct msp_settings *fields)
{
    struct settings *settings = fields->context;
    HRESULT hr;

    settings->reason[0] = '\0';
    hr = try_fields(settings, fields);
    if (SUCCEEDED(hr))
        return true;
    (void)snprintf(fields->reason, sizeof(fields->reason), "%s",
            settings->reason[0] != '\0' ? settings->reason
                                        : "There is not enough memory to open the store.");
    return false;
}

HRESULT settings_ask(struct settings *settings, ULONG_PTR owner, bool read_only, const char *reason)
{
    struct msp_settings fields = {
        .read_only = read_only, .accept = accept_fields, .context = settings
    };

    show(&settings->path, fields.path, sizeof(fields.path));
    show(&settings->display_name, fields.name, sizeof(fields.name));
    (void)snprintf(fields.reason, sizeof(fields.reason), "%s", reason);
    switch (msp_dialog_settings(owner, &fields)) {
    case MSP_ANSWER_OK:
        return S_OK;
    case MSP_ANSWER_CANCEL:
        settings->reason[0] = '\0'; /* the user knows */
        return MAPI_E_USER_CANCEL;
    default:
        return MAPI_E_NO_SUPPORT;
    }
}

/* --- writing ---------------------------------------------------------------------------------- */

HRESULT settings_write(struct settings *settings, LPPROFSECT section)
{
    struct profile_store store = { .path = msp_buf_cstr(&settings->path) };
    LPENTRYID wrapped = NULL;
    ULONG wrapped_size = 0;
    struct eng_info info;
    HRESULT hr;

    if (store.path == NULL || (settings->display_name.size == 0 &&
                                      !profile_default_name(store.path, &settings->display_name)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    store.display_name = msp_buf_cstr(&settings->display_name);
    if (store.display_name == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    eng_info(settings->eng, &info);
    memcpy(store.store_uid, info.store_uid, sizeof(store.store_uid));
    hr = profile_wrap_entryid(
            settings->support, info.store_uid, store.path, &wrapped_size, &wrapped);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    /* A support object for configuration need not wrap identifiers; then the first Logon writes
     * PR_ENTRYID. */
    store.wrapped = wrapped;
    store.wrapped_size = wrapped_size;
    hr = profile_write(section, &store);
    mapibuf_free(&settings->alloc, wrapped);
    return FAILED(hr) ? settings_fail(
                                settings, hr, "The profile section of the store cannot be written.")
                      : hr;
}
