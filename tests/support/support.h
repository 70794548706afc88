/* SPDX-License-Identifier: MIT */
/*
 * support.h - CMocka, and what tests of the interfaces share: a store to work on, readable
 * assertions, short ways to set and get a property.
 *
 * Tests of the interfaces go through vtables only. The library comes from MAILKEEP_DLL.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#include <cmocka.h>

#include "host/host_session.h"
#include "host/host_sink.h"
#include "host/host_text.h"

/* What outs hold before a call that must not leave them so: poisoned pointers and numbers. */
#define POISON ((void *)(uintptr_t)0xDEADBEEF)
#define POISON_LONG ((ULONG)0xDEADBEEF)
#define POISON_CONN ((ULONG_PTR)0xDEADBEEF)

/* Both names on failure: "MAPI_E_NOT_FOUND, expected S_OK". Evaluates each argument once. */
#define assert_hr(actual, expected)                                                                \
    support_assert_hr((actual), (expected), #actual, __FILE__, __LINE__)
#define assert_ok(actual) assert_hr(actual, S_OK)

/* The last reference: Release must answer 0. NULLs the variable. */
#define release_last(object)                                                                       \
    do {                                                                                           \
        ULONG left_ = (object)->lpVtbl->Release(object);                                           \
        support_assert_released(left_, #object, __FILE__, __LINE__);                               \
        (object) = NULL;                                                                           \
    } while (0)

void support_assert_hr(
        HRESULT actual, HRESULT expected, const char *what, const char *file, int line);
void support_assert_released(ULONG left, const char *what, const char *file, int line);

/* ---- A store ---- */

struct fixture {
    struct host_profile *profile;
    struct host_session session;  /* arena 0 */
    struct host_support *support; /* of the logon below */
    IMsgStore *store;             /* open for writing; NULL when a test gave it back */
    IMAPIFolder *inbox;           /* the receive folder, or NULL when a test gave it back */
    char path[1024];              /* of the store file, new for each test */
    size_t live_before;           /* memory of arena 0 */
};

/* cmocka setup and teardown: a profile and a session with the library loaded; logged on to a new
 * store (`fixture_store_*`), with the inbox open (`fixture_inbox_*`), or only loaded
 * (`fixture_session_*`), with the service configured (`fixture_configured_*`). Teardown releases
 * what is still there, logs off, and asserts: last Releases returned 0, no buffer of MAPI or
 * IMalloc left, the support object gone, no breach of the contract, the store file free, and
 * removes it. *state is a struct fixture. */
int fixture_session_setup(void **state);
int fixture_configured_setup(void **state);
int fixture_store_setup(void **state);
int fixture_inbox_setup(void **state);
int fixture_teardown(void **state);

/* The same by hand, for tests with their own order. */
struct fixture *fixture_new(void);
void fixture_logon(struct fixture *fx);
void fixture_open_inbox(struct fixture *fx);
/* Releases inbox and store, and ends the session; then a new one on the same file: what was not on
 * disk is gone. */
void fixture_reopen(struct fixture *fx);
void fixture_check_and_free(struct fixture *fx);

/* How long random work goes on, and where it begins: an environment variable as a number, or
 * `otherwise` when it is not set. MAILKEEP_ROUNDS and MAILKEEP_SEED, the number of the first round,
 * are the ones of all tests against a model. */
uint32_t env_number(const char *name, uint32_t otherwise);

/* The path of the library under test. Fails the test when MAILKEEP_DLL is not set. */
const char *fixture_dll(void);

/* ---- Properties ---- */

/* MAPIFreeBuffer of arena 0; NULL is fine. */
void mapi_free(void *buffer);
void mapi_free_rows(LPSRowSet rows);

/* One property, to be freed with mapi_free; NULL when it is not there (or not of this type). */
SPropValue *prop_get(void *object, ULONG tag);
LONG prop_long(void *object, ULONG tag); /* asserts that it is there */
bool prop_bool(void *object, ULONG tag);
/* UTF-8 of a PT_UNICODE property; asserts that it is there. Free with free(). */
char *prop_text(void *object, ULONG tag);
void prop_assert_text(void *object, ULONG tag, const char *expected);
void prop_set_text(void *object, ULONG tag, const char *utf8);
void prop_set_long(void *object, ULONG tag, LONG value);
void prop_set_bool(void *object, ULONG tag, bool value);
void prop_set_time(void *object, ULONG tag, uint64_t ticks);
void prop_set_binary(void *object, ULONG tag, const void *bytes, size_t size);

/* A new message in the folder with a subject, saved, released; its entry id (mapi_free). */
SPropValue *message_make(IMAPIFolder *folder, const char *subject);
/* The provider has functions of these names too, and tests of single functions link both. */
#define message_open support_message_open
#define folder_open support_folder_open

/* Opens by a PT_BINARY value with MAPI_MODIFY; asserts. */
IMessage *message_open(IMsgStore *store, const SPropValue *entry_id);
IMAPIFolder *folder_open(IMsgStore *store, const SPropValue *entry_id);
/* The folder whose id the object has in the property, opened with MAPI_MODIFY. */
IMAPIFolder *folder_by_prop(IMsgStore *store, void *object, ULONG tag);
/* A new folder below the parent. */
IMAPIFolder *folder_make(IMAPIFolder *parent, const char *name);
/* Rows of the whole table with these columns (mapi_free_rows). */
LPSRowSet table_rows(IMAPITable *table, const ULONG *tags, ULONG count);

#endif
