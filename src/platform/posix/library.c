/* SPDX-License-Identifier: MIT */
/*
 * library.c - shared libraries.
 */
#include "platform/library.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/atomic.h"
#include "platform/file.h"

static atomic_bool is_dying; /* its address also stands for "this module" */

bool msp_library_open(struct msp_library *out, const char *name)
{
    char module[PATH_MAX], beside[PATH_MAX];
    size_t size;
    int length;

    out->handle = NULL;
    if (name[0] == '\0')
        return false;
    if (msp_path_is_full(name)) {
        out->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        return out->handle != NULL;
    }
    if (msp_path_base(name) != name)
        return false;
    out->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (out->handle)
        return true;
    size = msp_module_path(module, sizeof(module));
    if (size == 0 || size > sizeof(module))
        return false;
    length = snprintf(
            beside, sizeof(beside), "%.*s%s", (int)(msp_path_base(module) - module), module, name);
    if (length > 0 && (size_t)length < sizeof(beside))
        out->handle = dlopen(beside, RTLD_NOW | RTLD_LOCAL);
    return out->handle != NULL;
}

void msp_library_close(struct msp_library *library)
{
    if (library->handle)
        dlclose(library->handle);
    library->handle = NULL;
}

msp_proc *msp_library_symbol(const struct msp_library *library, const char *name)
{
    void *symbol = library->handle ? dlsym(library->handle, name) : NULL;
    msp_proc *proc = NULL;

    /* C has no cast from an object to a function; POSIX says the representation is the same. */
    memcpy(&proc, &symbol, sizeof(proc));
    return proc;
}

/* The entry of this module in the loader's list; its name is "" for the main program. */
static struct link_map *own_map(void)
{
    void *map = NULL;
    Dl_info info;

    return dladdr1(&is_dying, &info, &map, RTLD_DL_LINKMAP) != 0 ? map : NULL;
}

size_t msp_module_path(char *out, size_t out_size)
{
    const struct link_map *map = own_map();

    if (out_size > 0)
        out[0] = '\0';
    if (!map)
        return 0;
    return msp_path_full(map->l_name[0] != '\0' ? map->l_name : "/proc/self/exe", out, out_size);
}

/* A handle to this module, counted; the main program has one too. */
static void *own_handle(void)
{
    const struct link_map *map = own_map();

    if (!map)
        return NULL;
    return dlopen(map->l_name[0] != '\0' ? map->l_name : NULL, RTLD_LAZY | RTLD_NOLOAD);
}

bool msp_module_pin(void)
{
    return own_handle() != NULL;
}

void msp_module_unpin(void)
{
    void *handle = own_handle();

    if (!handle)
        return;
    dlclose(handle); /* the one just taken */
    dlclose(handle); /* the one of msp_module_pin */
}

unsigned long msp_process_id(void)
{
    return (unsigned long)getpid();
}

bool msp_process_is_dying(void)
{
    return atomic_load(&is_dying);
}

void msp_process_set_dying(void)
{
    atomic_store(&is_dying, true);
}
