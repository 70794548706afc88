/* SPDX-License-Identifier: MIT */
/*
 * test_slots.c - every method is in its slot, takes its arguments at their width and cleans the
 * stack as the binary interface wants it.
 *
 * On x86 the linker is the judge: it knows a stdcall function by its name and the bytes it takes
 * off the stack. For each entry of slots.list.h a function of that name is defined in assembler and
 * referred to through our declaration. A declaration with other arguments finds no such function,
 * and the test does not link; one of another convention finds another function.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/sdk/mapi_sdk.h"

/* ---- Slots ----------------------------------------------------------------------------------- */

struct slot {
    const char *name;
    size_t is;
    size_t expected;
};

/* clang-format off */
static const struct slot slots[] = {
#define TABLE(iface, count) { #iface, sizeof(struct iface##Vtbl) / sizeof(void *), count },
#define SLOT(iface, method, at, bytes) \
    { #iface "::" #method, offsetof(struct iface##Vtbl, method) / sizeof(void *), at },
#define FUNCTION(type, bytes)
#define C_FUNCTION(type)
#include "abi/slots.list.h"
#undef TABLE
#undef SLOT
#undef FUNCTION
#undef C_FUNCTION
};

/* clang-format on */

/* MSProviderInit.Export.4 IMAPISupport.Object.1 */
static void methods__every_interface__are_in_their_slots(void **state)
{
    const size_t count = sizeof(slots) / sizeof(slots[0]);
    size_t wrong = 0;

    (void)state;
    assert_true(count > 350);
    for (size_t i = 0; i < count; i++) {
        if (slots[i].is != slots[i].expected) {
            print_error("%s: %u, not %u\n", slots[i].name, (unsigned)slots[i].is,
                    (unsigned)slots[i].expected);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* The table's address is the object's first and only field. MSProviderInit.Export.4 */
static void objects__every_interface__start_with_their_table(void **state)
{
    (void)state;
#define TABLE(iface, count)                                                                        \
    assert_int_equal(offsetof(iface, lpVtbl), 0);                                                  \
    assert_int_equal(sizeof(iface), sizeof(void *));
#define SLOT(iface, method, at, bytes)
#define FUNCTION(type, bytes)
#define C_FUNCTION(type)
#include "abi/slots.list.h"
#undef TABLE
#undef SLOT
#undef FUNCTION
#undef C_FUNCTION
}

/* ---- Calling convention on x86 --------------------------------------------------------------- */

#if defined(__i386__) && defined(__MINGW32__)

/*
 * Two functions per entry: the one of the right convention, and one that a declaration without
 * stdcall would find (ld would otherwise lend it the first, with a warning).
 */
/* clang-format off */
#define TEXT_OF(x) #x
#define C_SYMBOL(name) "_probe_" #name
#define STDCALL_SYMBOL(name, bytes) "_probe_" #name "@" TEXT_OF(bytes)
#define DEFINE(symbol, leave) __asm__(".text\n.globl " symbol "\n" symbol ":\n" leave "\n");

#define STDCALL_PROBE(name, bytes)                                            \
    extern const char right_##name __asm__(STDCALL_SYMBOL(name, bytes));      \
    DEFINE(STDCALL_SYMBOL(name, bytes), "movl $" TEXT_OF(bytes) ", %eax\nret $" TEXT_OF(bytes)) \
    DEFINE(C_SYMBOL(name), "movl $-1, %eax\nret")
#define C_PROBE(name)                                                         \
    extern const char right_##name __asm__(C_SYMBOL(name));                   \
    DEFINE(C_SYMBOL(name), "movl $-1, %eax\nret")

#define TABLE(iface, count)
#define SLOT(iface, method, at, bytes)                                              \
    extern __typeof__(*((struct iface##Vtbl *)0)->method) probe_##iface##_##method; \
    STDCALL_PROBE(iface##_##method, bytes)
#define FUNCTION(type, bytes) \
    extern type probe_##type; \
    STDCALL_PROBE(type, bytes)
#define C_FUNCTION(type)      \
    extern type probe_##type; \
    C_PROBE(type)
#include "abi/slots.list.h"
#undef SLOT
#undef FUNCTION
#undef C_FUNCTION

struct probe {
    const char *name;
    void (*declared)(void);
    const char *right;
};

static const struct probe probes[] = {
#define PROBE(name) { #name, (void (*)(void))probe_##name, &right_##name },
#define SLOT(iface, method, at, bytes) PROBE(iface##_##method)
#define FUNCTION(type, bytes) PROBE(type)
#define C_FUNCTION(type) PROBE(type)
#include "abi/slots.list.h"
};

/* clang-format on */

static void methods__on_x86__have_the_documented_convention(void **state)
{
    static const IMAPITableVtbl table_methods = { .Unadvise = probe_IMAPITable_Unadvise };
    IMAPITable table = { &table_methods };
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
        if ((uintptr_t)probes[i].declared != (uintptr_t)probes[i].right) {
            print_error("%s: another convention\n", probes[i].name);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(table.lpVtbl->Unadvise(&table, 1), 8);
}

#endif

/* ---- Width of arguments on 64 bits ----------------------------------------------------------- */

#define WIDE ((ULONG_PTR)UINT64_C(0xFEDCBA9876543210))

static uintptr_t got[12];

/* Takes what it is given, each argument at its full width. */
static HRESULT STDMETHODCALLTYPE take(uintptr_t a0, uintptr_t a1, uintptr_t a2, uintptr_t a3,
        uintptr_t a4, uintptr_t a5, uintptr_t a6, uintptr_t a7, uintptr_t a8, uintptr_t a9,
        uintptr_t a10, uintptr_t a11)
{
    const uintptr_t all[12] = { a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11 };

    memcpy(got, all, sizeof(got));
    return S_OK;
}

typedef void (*any_function)(void);

/* Volatile: the compiler must not know whom the methods below really call. */
static volatile any_function taker = (any_function)take;

/*
 * Calls the method with WIDE somewhere in its arguments and checks that it arrived whole, at the
 * given place (0 is This). Filler arguments may follow; the taker looks at more than there are.
 */
#define ARRIVES_WIDE(iface, method, place, ...)                                                    \
    do {                                                                                           \
        struct iface##Vtbl table_ = { 0 };                                                         \
        iface object_ = { &table_ };                                                               \
        any_function taker_ = taker;                                                               \
                                                                                                   \
        memset(got, 0, sizeof(got));                                                               \
        memcpy((char *)&table_ + offsetof(struct iface##Vtbl, method), &taker_, sizeof(taker_));   \
        assert_int_equal(object_.lpVtbl->method(&object_, __VA_ARGS__), S_OK);                     \
        assert_ptr_equal((void *)got[0], &object_);                                                \
        if (got[place] != WIDE)                                                                    \
            fail_msg("%s::%s, argument %d", #iface, #method, place);                               \
    } while (0)

static void ui_handles__on_64_bits__arrive_whole(void **state)
{
    (void)state;
    if (sizeof(void *) != 8)
        skip();

    ARRIVES_WIDE(IMAPIControl, Activate, 2, 0, WIDE);
    ARRIVES_WIDE(IMAPIProp, CopyTo, 4, 0, NULL, NULL, WIDE, NULL, NULL, NULL, 0, NULL);
    ARRIVES_WIDE(IMAPIProp, CopyProps, 2, NULL, WIDE, NULL, NULL, NULL, 0, NULL);
    ARRIVES_WIDE(IMAPIStatus, ValidateState, 1, WIDE, 0);
    ARRIVES_WIDE(IMAPIStatus, SettingsDialog, 1, WIDE, 0);
    ARRIVES_WIDE(IMAPIStatus, FlushQueues, 1, WIDE, 0, NULL, 0);
    ARRIVES_WIDE(IMAPIFolder, CopyMessages, 4, NULL, NULL, NULL, WIDE, NULL, 0);
    ARRIVES_WIDE(IMAPIFolder, DeleteMessages, 2, NULL, WIDE, NULL, 0);
    ARRIVES_WIDE(IMAPIFolder, CopyFolder, 6, 0, NULL, NULL, NULL, NULL, WIDE, NULL, 0);
    ARRIVES_WIDE(IMAPIFolder, DeleteFolder, 3, 0, NULL, WIDE, NULL, 0);
    ARRIVES_WIDE(IMAPIFolder, SetReadFlags, 2, NULL, WIDE, NULL, 0);
    ARRIVES_WIDE(IMAPIFolder, EmptyFolder, 1, WIDE, NULL, 0);
    ARRIVES_WIDE(IMessage, DeleteAttach, 2, 0, WIDE, NULL, 0);
    ARRIVES_WIDE(IProviderAdmin, CreateProvider, 4, NULL, 0, NULL, WIDE, 0, NULL);
    ARRIVES_WIDE(IMSProvider, Logon, 2, NULL, WIDE, NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL,
            NULL);
    ARRIVES_WIDE(IMSProvider, SpoolerLogon, 2, NULL, WIDE, NULL, 0, NULL, 0, NULL, 0, NULL, NULL,
            NULL, NULL);
}

static void ui_handles_of_hosts__on_64_bits__arrive_whole(void **state)
{
    (void)state;
    if (sizeof(void *) != 8)
        skip();

    ARRIVES_WIDE(IMAPISupport, NewEntry, 1, WIDE, 0, 0, NULL, 0, NULL, NULL, NULL);
    ARRIVES_WIDE(IMAPISupport, DoConfigPropsheet, 1, WIDE, 0, NULL, NULL, NULL, 0);
    ARRIVES_WIDE(IMAPISupport, CopyMessages, 6, NULL, NULL, NULL, NULL, NULL, WIDE, NULL, 0);
    ARRIVES_WIDE(IMAPISupport, CopyFolder, 8, NULL, NULL, 0, NULL, NULL, NULL, NULL, WIDE, NULL, 0);
    ARRIVES_WIDE(
            IMAPISupport, DoCopyTo, 6, NULL, NULL, 0, NULL, NULL, WIDE, NULL, NULL, NULL, 0, NULL);
    ARRIVES_WIDE(IMAPISupport, DoCopyProps, 4, NULL, NULL, NULL, WIDE, NULL, NULL, NULL, 0, NULL);
    ARRIVES_WIDE(IMAPISupport, DoProgressDialog, 1, WIDE, 0, NULL);
    ARRIVES_WIDE(IMAPISession, OpenMsgStore, 1, WIDE, 0, NULL, NULL, 0, NULL);
    ARRIVES_WIDE(IMAPISession, OpenAddressBook, 1, WIDE, NULL, 0, NULL);
    ARRIVES_WIDE(IMAPISession, MessageOptions, 1, WIDE, 0, NULL, NULL);
    ARRIVES_WIDE(IMAPISession, Logoff, 1, WIDE, 0, 0);
    ARRIVES_WIDE(IMAPISession, ShowForm, 1, WIDE, NULL, NULL, NULL, 0, NULL, 0, 0, 0, 0, NULL);
    ARRIVES_WIDE(IMAPISession, ShowForm, 5, 0, NULL, NULL, NULL, WIDE, NULL, 0, 0, 0, 0, NULL);
}

static void connections_and_bookmarks__on_64_bits__arrive_whole(void **state)
{
    ULONG_PTR connection = 0;
    BOOKMARK bookmark = 0;

    (void)state;
    if (sizeof(void *) != 8)
        skip();

    ARRIVES_WIDE(IMAPITable, Unadvise, 1, WIDE);
    ARRIVES_WIDE(IMsgStore, Unadvise, 1, WIDE);
    ARRIVES_WIDE(IMSLogon, Unadvise, 1, WIDE);
    ARRIVES_WIDE(IMAPISession, Unadvise, 1, WIDE);
    ARRIVES_WIDE(IMAPISupport, Unsubscribe, 1, WIDE);
    ARRIVES_WIDE(IMAPITable, SeekRow, 1, WIDE, 0, NULL);
    ARRIVES_WIDE(IMAPITable, FindRow, 2, NULL, WIDE, 0);
    ARRIVES_WIDE(IMAPITable, FreeBookmark, 1, WIDE);

    /* Where they come out, the compiler is the judge: a pointer to ULONG would not do. */
    ARRIVES_WIDE(IMAPITable, Advise, 2, 0, (LPMAPIADVISESINK)WIDE, &connection);
    ARRIVES_WIDE(IMsgStore, Advise, 4, 0, NULL, 0, (LPMAPIADVISESINK)WIDE, &connection);
    ARRIVES_WIDE(IMSLogon, Advise, 4, 0, NULL, 0, (LPMAPIADVISESINK)WIDE, &connection);
    ARRIVES_WIDE(IMAPISession, Advise, 4, 0, NULL, 0, (LPMAPIADVISESINK)WIDE, &connection);
    ARRIVES_WIDE(IMAPISupport, Subscribe, 4, NULL, 0, 0, (LPMAPIADVISESINK)WIDE, &connection);
    ARRIVES_WIDE(IMAPISupport, Address, 2, &connection, (LPADRPARM)WIDE, NULL);
    ARRIVES_WIDE(IMAPISession, PrepareForm, 2, NULL, (LPMESSAGE)WIDE, &connection);
    ARRIVES_WIDE(IMAPITable, SetCollapseState, 3, 0, 0, (LPBYTE)WIDE, &bookmark);
    ARRIVES_WIDE(IMAPITable, CreateBookmark, 1, (BOOKMARK *)WIDE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods__every_interface__are_in_their_slots),
        cmocka_unit_test(objects__every_interface__start_with_their_table),
#if defined(__i386__) && defined(__MINGW32__)
        cmocka_unit_test(methods__on_x86__have_the_documented_convention),
#endif
        cmocka_unit_test(ui_handles__on_64_bits__arrive_whole),
        cmocka_unit_test(ui_handles_of_hosts__on_64_bits__arrive_whole),
        cmocka_unit_test(connections_and_bookmarks__on_64_bits__arrive_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
