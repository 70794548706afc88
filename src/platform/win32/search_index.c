/* SPDX-License-Identifier: MIT */
/*
 * search_index.c - the stores that Windows Search indexes (docs page
 * about-registering-stores-for-indexing).
 */
#include "platform/search_index.h"

#include <stdlib.h>
#include <windows.h>

#include "platform/win32/wide.h"

/* The first that has a provider decides; a provider may stand in one of them only. Windows Search
 * has the system's own width, whatever ours is. */
static const char16_t policy_key[] = u"Software\\Policies\\Microsoft\\Windows\\Windows Search";
static const char16_t machine_key[] = u"Software\\Microsoft\\Windows\\Windows Search\\Preferences";

static bool is_in_policy(const char16_t *provider)
{
    HKEY key;
    bool found;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, policy_key, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key) !=
            ERROR_SUCCESS)
        return false;
    found = RegQueryValueExW(key, provider, NULL, NULL, NULL, NULL) == ERROR_SUCCESS;
    RegCloseKey(key);
    return found;
}

static bool add(const char16_t *provider)
{
    const DWORD yes = 1;
    HKEY key;
    bool done;

    if (is_in_policy(provider))
        return true;
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, machine_key, 0, NULL, 0,
                KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, NULL) != ERROR_SUCCESS)
        return false;
    done = RegSetValueExW(key, provider, 0, REG_DWORD, (const BYTE *)&yes, sizeof(yes)) ==
           ERROR_SUCCESS;
    RegCloseKey(key);
    return done;
}

static bool take_out(const char16_t *provider)
{
    LSTATUS status;
    HKEY key;

    status = RegOpenKeyExW(
            HKEY_LOCAL_MACHINE, machine_key, 0, KEY_SET_VALUE | KEY_WOW64_64KEY, &key);
    if (status == ERROR_SUCCESS) {
        status = RegDeleteValueW(key, provider);
        RegCloseKey(key);
    }
    return status == ERROR_SUCCESS || status == ERROR_FILE_NOT_FOUND;
}

bool msp_search_index_set(const char *provider, bool index)
{
    char16_t *wide = wide_dup(provider);
    bool done = wide && (index ? add(wide) : take_out(wide));

    free(wide);
    return done;
}
