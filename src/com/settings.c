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

/* Keeps the sentence, unless there is one already; returns hr. */
static HRESULT fail(struct settings *settings, HRESULT hr, const char *reason)
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

static HRESULT open_section(struct settings *settings, MAPIUID *uid, ULONG flags, LPPROFSECT *out)
{
    HRESULT hr;

    *out = NULL;
    if (settings->admin != NULL)
        hr = settings->admin->lpVtbl->OpenProfileSection(settings->admin, uid, NULL, flags, out);
    else
        hr = settings->support->lpVtbl->OpenProfileSection(settings->support, uid, flags, out);
    if (SUCCEEDED(hr) && *out == NULL)
        hr = MAPI_E_CALL_FAILED;
    return hr;
}

HRESULT settings_load(struct settings *settings)
{
    struct msp_buf path = MSP_BUF_INIT;
    struct msp_buf display_name = MSP_BUF_INIT;
    LPPROFSECT section;
    HRESULT hr;

    hr = open_section(settings, NULL, 0, &section);
    if (FAILED(hr))
        return fail(settings, hr, "The profile section of the store cannot be opened.");
    hr = profile_read(section, &settings->alloc, &path, &display_name);
    section->lpVtbl->Release(section);
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
        return fail(settings, MAPI_E_INVALID_PARAMETER, "The path of the store file is not valid.");
    room = msp_buf_extend(&full, size);
    if (room == NULL || msp_path_full(path, (char *)room, size) != size)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_clear(&settings->path);
    if (SUCCEEDED(hr) && !msp_buf_append(&settings->path, full.data, size - 1))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&full);
    return hr;
}

static HRESULT check_store(struct settings *settings)
{
    static const uint8_t any[16];
    struct eng_info info;

    if (settings->store_uid == NULL || memcmp(settings->store_uid, any, sizeof(any)) == 0)
        return S_OK;
    eng_info(settings->eng, &info);
    if (memcmp(settings->store_uid, info.store_uid, sizeof(info.store_uid)) == 0)
        return S_OK;
    return fail(settings, MAPI_E_FAILONEPROVIDER, "This file is another store.");
}

static HRESULT open_file(struct settings *settings)
{
    struct eng_open_params params = { .path = msp_buf_cstr(&settings->path),
        .create = !settings->must_exist,
        .read_only = settings->for_reading };
    struct eng_error error = { 0 };
    enum eng_status status;
    HRESULT hr;

    if (params.path == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    status = eng_open(&params, &settings->eng, &error);
    if (status == ENG_OK) {
        status = store_template_apply(settings->eng);
        if (status != ENG_OK)
            eng_last_error(settings->eng, &error);
    }
    if (status == ENG_OK) {
        hr = check_store(settings);
    } else {
        settings->low = (ULONG)error.sqlite_code;
        hr = fail(settings, msp_engine_hresult(status),
                error.text[0] != '\0' ? error.text : msp_engine_sentence(status));
    }
    if (FAILED(hr)) {
        eng_close(settings->eng);
        settings->eng = NULL;
    }
    return hr;
}

HRESULT settings_open(struct settings *settings)
{
    HRESULT hr;

    if (settings->path.size == 0)
        return fail(settings, MAPI_E_UNCONFIGURED,
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
        return fail(
                settings, MAPI_E_UNCONFIGURED, "Please say in which file the store is to be kept.");
    /* The current folder of a mail client is no place that its user knows. */
    if (!msp_path_is_full(path))
        return fail(settings, MAPI_E_INVALID_PARAMETER,
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
    struct msp_settings fields = { .read_only = read_only,
        .must_exist = settings->must_exist,
        .accept = accept_fields,
        .context = settings };

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

static HRESULT write_section(struct settings *settings, LPPROFSECT section)
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
    return hr;
}

/* The service's own section, if there is one beside the one of the store, shows the same name. */
static void write_service_name(struct settings *settings, LPPROFSECT section)
{
    LPPROFSECT service = NULL;
    MAPIUID uid;

    if (!profile_service_uid(section, &settings->alloc, &uid) ||
            FAILED(open_section(settings, &uid, MAPI_MODIFY, &service)))
        return;
    (void)profile_write_name(service, msp_buf_cstr(&settings->display_name));
    service->lpVtbl->Release(service);
}

HRESULT settings_save(struct settings *settings)
{
    LPPROFSECT section;
    HRESULT hr;

    hr = open_section(settings, NULL, MAPI_MODIFY, &section);
    if (SUCCEEDED(hr)) {
        hr = write_section(settings, section);
        if (SUCCEEDED(hr))
            write_service_name(settings, section);
        section->lpVtbl->Release(section);
    }
    if (FAILED(hr) && hr != MAPI_E_NOT_ENOUGH_MEMORY)
        return fail(settings, hr, "The profile section of the store cannot be written.");
    return hr;
}
