/* SPDX-License-Identifier: MIT */
/*
 * mail_client.c - the mail client's MAPI, as registered (docs page
 * how-to-choose-a-specific-version-of-mapi-to-load).
 */
#include "platform/mail_client.h"

#include <string.h>
#include <windows.h>

#include "platform/base.h"
#include "platform/file.h"
#include "platform/library.h"
#include "platform/win32/wide.h"

enum { PATH_COUNT = 1024 };

typedef BOOL(WINAPI *component_path_fn)(
        LPSTR component, LPSTR qualifier, LPSTR path, DWORD path_size, BOOL install);

static const char16_t clients_key[] = u"Software\\Clients\\Mail";

/* A text value of any kind, such as it is (MSIApplicationLCID is a list of strings), with two NULs
 * behind it. */
static bool read_ansi(HKEY client, const char *name, char out[PATH_COUNT])
{
    DWORD size = PATH_COUNT - 2;

    if (RegQueryValueExA(client, name, NULL, NULL, (BYTE *)out, &size) != ERROR_SUCCESS ||
            size == 0)
        return false;
    out[size] = out[size + 1] = '\0';
    return out[0] != '\0';
}

/* The system's MAPI stub, by its full path: whatever else has such a name is not meant. */
static component_path_fn open_stub(const char *name, struct msp_library *out)
{
    char path[PATH_COUNT];
    size_t size = msp_path_system_folder(path, sizeof(path));
    component_path_fn found;

    out->handle = NULL;
    if (size == 0 || size + strlen(name) + 1 > sizeof(path))
        return NULL;
    path[size - 1] = MSP_PATH_SEPARATOR;
    memcpy(path + size, name, strlen(name) + 1);
    if (!msp_library_open(out, path))
        return NULL;
    found = (component_path_fn)msp_library_symbol(out, "FGetComponentPath");
    return found ? found : (component_path_fn)msp_library_symbol(out, "FGetComponentPath@20");
}

/* The path of an installed component, for the client's languages and then Office's. */
static bool component_path(HKEY client, char16_t out[PATH_COUNT])
{
    static const char *const languages[] = { "MSIApplicationLCID", "MSIOfficeLCID" };
    static const char *const stubs[] = { "mapi32.dll", "mapistub.dll" };
    struct msp_library stub = { NULL };
    component_path_fn get_path = NULL;
    char component[PATH_COUNT];
    bool found = false;

    if (!read_ansi(client, "MSIComponentID", component))
        return false;
    for (size_t i = 0; !get_path && i < MSP_COUNT_OF(stubs); i++) {
        msp_library_close(&stub);
        get_path = open_stub(stubs[i], &stub);
    }
    for (size_t i = 0; get_path && !found && i < MSP_COUNT_OF(languages); i++) {
        char qualifier[PATH_COUNT], path[PATH_COUNT] = "";

        found = read_ansi(client, languages[i], qualifier) &&
                get_path(component, qualifier, path, sizeof(path), FALSE) && path[0] != '\0' &&
                MultiByteToWideChar(CP_ACP, 0, path, -1, out, PATH_COUNT) > 0;
    }
    msp_library_close(&stub);
    return found;
}

static bool client_path(HKEY clients, const char16_t *name, char16_t out[PATH_COUNT])
{
    DWORD size = PATH_COUNT * sizeof(*out);
    bool found;
    HKEY client;

    if (RegOpenKeyExW(clients, name, 0, KEY_READ, &client) != ERROR_SUCCESS)
        return false;
    found = component_path(client, out) || RegGetValueW(client, NULL, u"DLLPathEx", RRF_RT_REG_SZ,
                                                   NULL, out, &size) == ERROR_SUCCESS;
    RegCloseKey(client);
    return found;
}

size_t msp_mail_client_folder(char *out, size_t out_size)
{
    char16_t name[PATH_COUNT], path[PATH_COUNT];
    DWORD size = sizeof(name);
    size_t length = 0;
    HKEY clients;
    bool found;

    if (out_size > 0)
        out[0] = '\0';
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, clients_key, 0, KEY_READ, &clients) != ERROR_SUCCESS)
        return 0;
    found = RegGetValueW(clients, NULL, NULL, RRF_RT_REG_SZ, NULL, name, &size) == ERROR_SUCCESS &&
            name[0] != 0 && client_path(clients, name, path);
    if (!found)
        found = client_path(clients, u"Microsoft Outlook", path);
    RegCloseKey(clients);
    for (size_t i = 0; found && path[i] != 0; i++) {
        if (path[i] == '\\')
            length = i;
    }
    if (length == 0)
        return 0; /* a name without a folder says nothing */
    path[length] = 0;
    return wide_to_utf8(path, out, out_size);
}
