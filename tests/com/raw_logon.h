/* SPDX-License-Identifier: MIT */
/*
 * raw_logon.h - IMSProvider::Logon and SpoolerLogon by hand, with every out in sight.
 *
 * What a raw_logon holds belongs to the test: the store is to be released, an error freed. The
 * logon object goes to the support object at once, as in MAPI, so that the fixture's teardown logs
 * off what a test leaves open.
 */
#ifndef RAW_LOGON_H
#define RAW_LOGON_H

#include "mailkeep.h"
#include "support/support.h"

struct raw_logon {
    ULONG flags; /* set before the call; MAPI_UNICODE is not added */
    LPCIID iid;
    const void *entry_id; /* unwrapped */
    size_t entry_id_size;
    bool spooler;
    const void *spool_security; /* for SpoolerLogon */
    size_t spool_security_size;
    /* Scripts the support object before the call, NULL: nothing. */
    void (*script)(struct host_support *support);

    HRESULT hr; /* valid after the call */
    struct host_support *support;
    IMSLogon *logon; /* borrowed from the support object */
    IMsgStore *store;
    LPMAPIERROR error;
    LPBYTE security;
    ULONG security_size;
};

static inline struct host_section *raw_section(struct fixture *fx)
{
    return host_profile_find(fx->profile, HOST_SECTION_PROVIDER, NULL);
}

static inline LPENTRYID raw_id(const void *bytes)
{
    union {
        const void *given;
        LPENTRYID taken;
    } pointer = { .given = bytes };

    return pointer.taken;
}

/* Every out is poisoned before and looked at after: valid on success, NULL on failure. */
static inline HRESULT raw_logon(struct fixture *fx, struct raw_logon *raw)
{
    IMSProvider *provider = fx->session.provider;

    union {
        const void *given;
        LPBYTE taken;
    } spool = { .given = raw->spool_security };

    raw->support = host_support_new(&fx->session.world, HOST_SUPPORT_STORE, &raw_section(fx)->uid);
    assert_non_null(raw->support);
    raw->support->is_spooler = raw->spooler;
    if (raw->script)
        raw->script(raw->support);
    raw->logon = POISON;
    raw->store = POISON;
    raw->error = POISON;
    raw->security = POISON;
    raw->security_size = POISON_LONG;
    if (raw->spooler) {
        raw->hr = provider->lpVtbl->SpoolerLogon(provider, host_support_iface(raw->support), 0,
                NULL, (ULONG)raw->entry_id_size, raw_id(raw->entry_id), raw->flags, raw->iid,
                (ULONG)raw->spool_security_size, spool.taken, &raw->error, &raw->logon,
                &raw->store);
        raw->security = NULL;
        raw->security_size = 0;
    } else {
        raw->hr = provider->lpVtbl->Logon(provider, host_support_iface(raw->support), 0, NULL,
                (ULONG)raw->entry_id_size, raw_id(raw->entry_id), raw->flags, raw->iid,
                &raw->security_size, &raw->security, &raw->error, &raw->logon, &raw->store);
    }
    assert_ptr_not_equal(raw->error, POISON);
    if (FAILED(raw->hr)) {
        assert_null(raw->logon);
        assert_null(raw->store);
        assert_null(raw->security);
        assert_int_equal(raw->security_size, 0);
        assert_int_equal(host_support_refs(raw->support), 1);
    } else {
        assert_non_null(raw->store);
        if (raw->logon)
            host_support_bind(raw->support, raw->logon, raw->store);
    }
    return raw->hr;
}

/* The host's own reference, as MAPI gives it back when Logon has returned. */
static inline void raw_drop_support(struct raw_logon *raw)
{
    host_support_release(raw->support);
}

/* What the store's last Release brings about takes the logon along. */
static inline void raw_close(struct raw_logon *raw)
{
    mapi_free(raw->error);
    raw->error = NULL;
    if (raw->store)
        release_last(raw->store);
}

/* Logs on, for writing; the store is open when it returns. */
static inline void raw_open(struct fixture *fx, struct raw_logon *raw, ULONG flags)
{
    *raw = (struct raw_logon){ .flags = flags };
    assert_ok(raw_logon(fx, raw));
    raw_drop_support(raw);
}

/* The provider object's other face, of which the caller has a reference. */
static inline IMAPIProviderShutdown *raw_shutdown(struct fixture *fx)
{
    IMSProvider *provider = fx->session.provider;
    void *out = NULL;

    assert_ok(provider->lpVtbl->QueryInterface(provider, &IID_IMAPIProviderShutdown, &out));
    return out;
}

/* The provider section's unwrapped store id; in the section's memory. */
static inline const ENTRYID *raw_section_id(struct fixture *fx, ULONG *out_size)
{
    const SPropValue *value = host_bag_get(&raw_section(fx)->props, PR_ENTRYID);
    const ENTRYID *inner = NULL;
    const char *dll = NULL;

    assert_non_null(value);
    assert_true(host_unwrap_entry_id(
            value->Value.bin.cb, raw_id(value->Value.bin.lpb), out_size, &inner, &dll));
    return inner;
}

/* The same as a copy in at least 2,048 bytes; returns its size. */
static inline size_t raw_copy_id(struct fixture *fx, unsigned char *out)
{
    ULONG size = 0;
    const ENTRYID *id = raw_section_id(fx, &size);

    assert_true(size <= 2048);
    memcpy(out, id, size);
    return size;
}

/* What a new process would find if this one ended now: another fixture, not logged on, whose store
 * is a copy of the file and its log. */
static inline struct fixture *raw_copy_of_the_file(struct fixture *fx)
{
    struct fixture *other = fixture_new();
    FILE *in;
    FILE *out;
    char buffer[65536];
    size_t got;

    for (int wal = 0; wal < 2; wal++) {
        char from[1100];
        char to[1100];

        snprintf(from, sizeof(from), "%s%s", fx->path, wal ? "-wal" : "");
        snprintf(to, sizeof(to), "%s%s", other->path, wal ? "-wal" : "");
        in = host_fopen(from, "rb");
        if (!in)
            continue;
        out = host_fopen(to, "wb");
        assert_non_null(out);
        while ((got = fread(buffer, 1, sizeof(buffer), in)) > 0)
            assert_int_equal(fwrite(buffer, 1, got, out), got);
        fclose(in);
        fclose(out);
    }
    assert_int_equal(
            host_bag_set_text(&raw_section(other)->props, PR_MKEEP_PATH_W, other->path), S_OK);
    return other;
}

#endif
