/* SPDX-License-Identifier: MIT */
/*
 * check.c - mailhost check: the store's own check, and counts against tables.
 */
#include "cmd.h"

struct checker {
    unsigned long folders, messages, wrong;
};

static HRESULT row_count(IMAPIFolder *folder, ULONG flags, bool contents, ULONG *out)
{
    IMAPITable *table = NULL;
    HRESULT hr;

    if (contents)
        hr = folder->lpVtbl->GetContentsTable(folder, flags, &table);
    else
        hr = folder->lpVtbl->GetHierarchyTable(folder, flags, &table);
    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->GetRowCount(table, 0, out);
    table->lpVtbl->Release(table);
    return hr;
}

/* Rows whose PR_MESSAGE_FLAGS lack MSGFLAG_READ. */
static HRESULT unread_count(IMAPIFolder *folder, ULONG *out)
{
    SRestriction restriction = { .rt = RES_BITMASK };
    IMAPITable *table = NULL;
    HRESULT hr;

    hr = folder->lpVtbl->GetContentsTable(folder, 0, &table);
    if (FAILED(hr))
        return hr;
    restriction.res.resBitMask.relBMR = BMR_EQZ;
    restriction.res.resBitMask.ulPropTag = PR_MESSAGE_FLAGS;
    restriction.res.resBitMask.ulMask = MSGFLAG_READ;
    hr = table->lpVtbl->Restrict(table, &restriction, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->GetRowCount(table, 0, out);
    table->lpVtbl->Release(table);
    return hr;
}

static void compare(struct checker *checker, const char *path, const char *what,
        const SPropValue *value, ULONG rows)
{
    LONG count = PROP_TYPE(value->ulPropTag) == PT_BOOLEAN ? value->Value.b != 0 : value->Value.l;

    if (PROP_TYPE(value->ulPropTag) == PT_ERROR || count != (LONG)rows) {
        complain("Folder %s: %s says %ld, the table has %lu.", *path ? path : "(root)", what,
                (long)count, (unsigned long)rows);
        checker->wrong++;
    }
}

static int check_folder(
        struct client *client, IMAPIFolder *folder, const char *path, unsigned depth, void *context)
{
    static SizedSPropTagArray(4, tags) = { 4,
        { PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_ASSOC_CONTENT_COUNT, PR_SUBFOLDERS } };
    struct checker *checker = context;
    ULONG count = 0, contents = 0, unread = 0, associated = 0, subfolders = 0;
    SPropValue *values = NULL;
    HRESULT hr;

    (void)client;
    (void)depth;
    hr = folder->lpVtbl->GetProps(folder, (LPSPropTagArray)&tags, 0, &count, &values);
    if (SUCCEEDED(hr))
        hr = row_count(folder, 0, true, &contents);
    if (SUCCEEDED(hr))
        hr = unread_count(folder, &unread);
    if (SUCCEEDED(hr))
        hr = row_count(folder, MAPI_ASSOCIATED, true, &associated);
    if (SUCCEEDED(hr))
        hr = row_count(folder, 0, false, &subfolders);
    if (FAILED(hr)) {
        give_back(values);
        return complain_hr(folder, hr, "A folder cannot be read");
    }
    compare(checker, path, "PR_CONTENT_COUNT", &values[0], contents);
    compare(checker, path, "PR_CONTENT_UNREAD", &values[1], unread);
    compare(checker, path, "PR_ASSOC_CONTENT_COUNT", &values[2], associated);
    compare(checker, path, "PR_SUBFOLDERS", &values[3], subfolders > 0);
    give_back(values);
    checker->folders++;
    checker->messages += contents + associated;
    return 0;
}

int verb_check(const struct cmd *cmd)
{
    struct checker checker = { 0 };
    struct client client;
    IMAPIStatus *status_object = NULL;
    int status = client_open(&client, cmd, true);
    HRESULT hr;

    if (status == 0) {
        hr = host_session_open_status(&client.session, client.support, 0, &status_object);
        if (SUCCEEDED(hr))
            hr = status_object->lpVtbl->ValidateState(status_object, 0, 0);
        if (FAILED(hr))
            status = complain_hr(status_object, hr, "The store's own check failed");
        if (status_object)
            status_object->lpVtbl->Release(status_object);
    }
    if (status == 0)
        status = walk_folders(&client, check_folder, &checker);
    if (status == 0) {
        printf("check: %lu folders, %lu messages, %lu wrong\n", checker.folders, checker.messages,
                checker.wrong);
        status = checker.wrong > 0;
    }
    return client_close(&client, status);
}
