/* SPDX-License-Identifier: MIT */
/*
 * library.c - DLLs.
 */
#include "platform/library.h"

#include <stdlib.h>
#include <windows.h>

#include "platform/atomic.h"
#include "platform/file.h"
#include "platform/win32/own_module.h"
#include "platform/win32/wide.h"

static atomic_bool is_dying;
static const char16_t in_this_module = 0; /* for its address */

HMODULE own_module(void)
{
    HMODULE module = NULL;

    GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
            &in_this_module, &module);
    return module;
}

/* Path of this module with room for so many more units behind it; to be freed with free(). */
static char16_t *own_path(size_t room)
{
    char16_t *path = NULL;

    for (DWORD count = MAX_PATH; count <= 0x10000; count *= 2) {
        char16_t *larger = realloc(path, (count + room) * sizeof(*path));
        DWORD length;

        if (!larger)
            break;
        path = larger;
        length = GetModuleFileNameW(own_module(), path, count);
        if (length == 0)
            break;
        if (length < count)
            return path;
    }
    free(path);
    return NULL;
}

/* Loads by full path; what it needs itself is looked for beside it and in the system. */
static void *load_full(const char16_t *path)
{
    return LoadLibraryExW(
            path, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
}

static void *load_beside(const char16_t *name)
{
    size_t length = (size_t)lstrlenW(name);
    char16_t *path = own_path(length + 1);
    size_t folder_length = 0;
    void *handle;

    if (!path)
        return NULL;
    for (size_t i = 0; path[i] != 0; i++) {
        if (path[i] == '\\')
            folder_length = i + 1;
    }
    for (size_t i = 0; i <= length; i++)
        path[folder_length + i] = name[i];
    handle = load_full(path);
    free(path);
    return handle;
}

bool msp_library_open(struct msp_library *out, const char *name)
{
    bool is_full = msp_path_is_full(name);
    char16_t *wide;

    out->handle = NULL;
    if (name[0] == '\0' || (!is_full && (msp_path_base(name) != name || name[1] == ':')))
        return false;
    wide = wide_dup(name);
    if (!wide)
        return false;
    if (is_full) {
        out->handle = load_full(wide);
    } else {
        out->handle = LoadLibraryExW(wide, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
        if (!out->handle)
            out->handle = load_beside(wide);
    }
    free(wide);
    return out->handle != NULL;
}

void msp_library_close(struct msp_library *library)
{
    if (library->handle)
        FreeLibrary(library->handle);
    library->handle = NULL;
}

msp_proc *msp_library_symbol(const struct msp_library *library, const char *name)
{
    return library->handle ? (msp_proc *)GetProcAddress(library->handle, name) : NULL;
}

size_t msp_module_path(char *out, size_t out_size)
{
    char16_t *path = own_path(0);
    size_t size = 0;

    if (path)
        size = wide_to_utf8(path, out, out_size);
    else if (out_size > 0)
        out[0] = '\0';
    free(path);
    return size;
}

bool msp_module_pin(void)
{
    HMODULE module = NULL;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, &in_this_module, &module) !=
           0;
}

void msp_module_unpin(void)
{
    FreeLibrary(own_module());
}

unsigned long msp_process_id(void)
{
    return GetCurrentProcessId();
}

bool msp_process_is_dying(void)
{
    /* Not in the SDK's headers, but documented by name and exported since Windows XP. Asked for
       once: the loader's lock is nothing to wait for in a Release. */
    typedef BOOLEAN(NTAPI * shutdown_fn)(void);
    static _Atomic(shutdown_fn) known;
    shutdown_fn in_progress = atomic_load(&known);

    if (atomic_load(&is_dying))
        return true;
    if (!in_progress) {
        HMODULE ntdll = GetModuleHandleW(u"ntdll.dll");

        if (ntdll)
            in_progress =
                    (shutdown_fn)(msp_proc *)GetProcAddress(ntdll, "RtlDllShutdownInProgress");
        atomic_store(&known, in_progress);
    }
    return in_progress && in_progress();
}

void msp_process_set_dying(void)
{
    atomic_store(&is_dying, true);
}
