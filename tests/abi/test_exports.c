/* SPDX-License-Identifier: MIT */
/*
 * test_exports.c - the built library, from outside: its entry points are found by their names and
 * treat the stack as their callers expect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/sdk/mapi_sdk.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

typedef void (*any_function)(void);

static any_function entry(const char *name)
{
    const char *path = getenv("MAILKEEP_DLL");
    any_function function = NULL;
    void *module;
    void *symbol = NULL;

    assert_non_null(path);
#ifdef _WIN32
    module = LoadLibraryExA(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    assert_non_null(module);
    function = (any_function)GetProcAddress((HMODULE)module, name);
    (void)symbol;
#else
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(module);
    symbol = dlsym(module, name);
    memcpy(&function, &symbol, sizeof(function));
#endif
    return function;
}

/* MSProviderInit.Export.1 ServiceEntry.Call.1 */
static void entry_points__by_exact_name__are_found(void **state)
{
    (void)state;
    assert_non_null(entry("MSProviderInit"));
    assert_non_null(entry("MSGServiceEntry"));
    assert_non_null(entry("MergeWithMAPISVC"));
    assert_non_null(entry("RemoveFromMAPISVC"));
}

static void other_names__of_our_functions__are_not_found(void **state)
{
    (void)state;
    assert_null(entry("provider_new"));
    assert_null(entry("_MSGServiceEntry@40"));
    assert_null(entry("MSGServiceEntry@40"));
    assert_null(entry("DllRegisterServer"));
}

#if defined(__i386__) && defined(_WIN32)

/* Calls the function with that many zeros; returns how many bytes it took off the stack itself. */
static unsigned taken_by_callee(any_function function, unsigned args)
{
    unsigned taken;

    /* clang-format off */
    __asm__ volatile(
        "movl %%esp, %%esi\n"
        "1: pushl $0\n"
        "decl %%ecx\n"
        "jnz 1b\n"
        "movl %%esp, %%edi\n"
        "call *%%eax\n"
        "movl %%esp, %%eax\n"
        "subl %%edi, %%eax\n"
        "movl %%esi, %%esp\n"
        : "=a"(taken), "+c"(args)
        : "a"(function)
        : "edx", "esi", "edi", "memory", "cc");
    /* clang-format on */
    return taken;
}

/* MSProviderInit.Export.2 */
static void ms_provider_init__on_x86__leaves_its_arguments_to_the_caller(void **state)
{
    (void)state;
    assert_int_equal(taken_by_callee(entry("MSProviderInit"), 9), 0);
}

/* ServiceEntry.Call.1 */
static void service_entry__on_x86__takes_its_arguments_off_the_stack(void **state)
{
    (void)state;
    assert_int_equal(taken_by_callee(entry("MSGServiceEntry"), 10), 40);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entry_points__by_exact_name__are_found),
        cmocka_unit_test(other_names__of_our_functions__are_not_found),
#if defined(__i386__) && defined(_WIN32)
        cmocka_unit_test(ms_provider_init__on_x86__leaves_its_arguments_to_the_caller),
        cmocka_unit_test(service_entry__on_x86__takes_its_arguments_off_the_stack),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
