/* SPDX-License-Identifier: MIT */
/*
 * fake_mapi.c - a MAPI stub for test_setup: FGetComponentPath, which answers from the environment
 * of the process and writes down there what it was asked.
 *
 *   FAKE_MAPI_<qualifier>   the path to give for it; not set: there is no such component
 *   FAKE_MAPI_ASKED         "<component>,<qualifier>;" for each call
 */
#include <stdio.h>
#include <windows.h>

enum { ASKED_SIZE = 4096, NAME_SIZE = 256 };

__declspec(dllexport) BOOL WINAPI FGetComponentPath(
        LPSTR component, LPSTR qualifier, LPSTR path, DWORD path_size, BOOL install);

BOOL WINAPI FGetComponentPath(
        LPSTR component, LPSTR qualifier, LPSTR path, DWORD path_size, BOOL install)
{
    char asked[ASKED_SIZE] = "", name[NAME_SIZE];
    DWORD size = GetEnvironmentVariableA("FAKE_MAPI_ASKED", asked, ASKED_SIZE);

    (void)snprintf(asked + size, ASKED_SIZE - size, "%s,%s%s;", component, qualifier,
            install ? ",install" : "");
    SetEnvironmentVariableA("FAKE_MAPI_ASKED", asked);
    (void)snprintf(name, NAME_SIZE, "FAKE_MAPI_%s", qualifier);
    size = GetEnvironmentVariableA(name, path, path_size);
    return size > 0 && size < path_size;
}
