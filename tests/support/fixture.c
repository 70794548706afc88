/* SPDX-License-Identifier: MIT */
/*
 * fixture.c - a new store behind the loaded library for one test, and the questions asked after it.
 */
#include "support.h"

#ifdef _WIN32
#define DEFAULT_DLL "mailkeep32.dll"
#else
#define DEFAULT_DLL "./libmailkeep.so"
#endif

uint32_t env_number(const char *name, uint32_t otherwise)
{
    char text[32];

    return host_env(name, text, sizeof(text)) ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

const char *fixture_dll(void)
{
    static char path[1024];

    if (!host_env("MAILKEEP_DLL", path, sizeof(path)))
        snprintf(path, sizeof(path), "%s", DEFAULT_DLL);
    return path;
}

/* The name under which MAPI would know this file: without the 32 that the loader puts in. */
static void registered_name(const char *path, char *out, size_t out_size)
{
    size_t length = strlen(path);

    if (length > 6 && host_text_same_nocase(path + length - 6, "32.dll"))
        snprintf(out, out_size, "%.*s.dll", (int)length - 6, path);
    else
        snprintf(out, out_size, "%s", path);
}

struct fixture *fixture_new(void)
{
    struct fixture *fx = calloc(1, sizeof(*fx));
    char dll[1024];

    assert_non_null(fx);
    fx->live_before = host_mem_live(0);
    host_temp_path(".mkeep", fx->path, sizeof(fx->path));
    registered_name(fixture_dll(), dll, sizeof(dll));
    fx->profile = host_profile_new("test");
    assert_non_null(fx->profile);
    assert_non_null(host_profile_add_plain(fx->profile, dll, NULL));
    host_session_init(&fx->session, fx->profile, 0);
    return fx;
}

void fixture_logon(struct fixture *fx)
{
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG };
    HRESULT hr = host_session_logon(&fx->session, &params, &fx->store, &fx->support);

    if (FAILED(hr))
        fail_msg("logon: %s (%s)", fx->session.error, host_hr_name(hr));
}

void fixture_open_inbox(struct fixture *fx)
{
    ULONG size = 0, type = 0;
    LPENTRYID id = NULL;
    LPUNKNOWN object = NULL;

    assert_ok(fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, MAPI_UNICODE, &size, &id, NULL));
    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, size, id, NULL, MAPI_MODIFY, &type, &object));
    mapi_free(id);
    fx->inbox = (IMAPIFolder *)(void *)object;
}

int fixture_session_setup(void **state)
{
    struct fixture *fx = fixture_new();
    HRESULT hr = host_session_load(&fx->session);

    if (FAILED(hr))
        fail_msg("loading: %s", fx->session.error);
    *state = fx;
    return 0;
}

int fixture_configured_setup(void **state)
{
    struct fixture *fx;

    fixture_session_setup(state);
    fx = *state;
    assert_ok(host_session_configure(&fx->session, fx->path));
    return 0;
}

int fixture_store_setup(void **state)
{
    struct fixture *fx = fixture_new();
    HRESULT hr = host_session_configure(&fx->session, fx->path);

    if (FAILED(hr))
        fail_msg("configuration: %s (%s)", fx->session.error, host_hr_name(hr));
    fixture_logon(fx);
    *state = fx;
    return 0;
}

int fixture_inbox_setup(void **state)
{
    fixture_store_setup(state);
    fixture_open_inbox(*state);
    return 0;
}

static void let_go(struct fixture *fx)
{
    if (fx->inbox)
        release_last(fx->inbox);
    if (fx->store)
        release_last(fx->store);
    fx->support = NULL;
    host_session_logoff(&fx->session);
}

void fixture_reopen(struct fixture *fx)
{
    bool inbox = fx->inbox != NULL;

    let_go(fx);
    assert_int_equal(host_session_done(&fx->session), 0);
    host_session_init(&fx->session, fx->profile, 0);
    fixture_logon(fx);
    if (inbox)
        fixture_open_inbox(fx);
}

void fixture_check_and_free(struct fixture *fx)
{
    static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
    unsigned breaches;
    char path[1100];
    size_t i;

    let_go(fx);
    breaches = host_session_done(&fx->session);
    if (breaches > 0)
        fail_msg("%u breaches of the contract, the last: %s", breaches,
                fx->session.world.last_breach);
    host_mem_check();
    if (host_mem_live(0) != fx->live_before)
        host_mem_report(0, stderr);
    assert_int_equal(host_mem_live(0), fx->live_before);
    if (host_mem_faults() != 0)
        fail_msg("memory: %s", host_mem_last_fault());
    if (host_file_exists(fx->path))
        assert_true(host_file_is_free(fx->path));
    for (i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", fx->path, beside[i]);
        host_file_remove(path);
    }
    host_profile_free(fx->profile);
    free(fx);
}

int fixture_teardown(void **state)
{
    fixture_check_and_free(*state);
    *state = NULL;
    return 0;
}
