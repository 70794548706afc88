/* SPDX-License-Identifier: MIT */
/*
 * host_support.c - the support object's life, log and script, and the world that such objects
 * share.
 *
 * What host_call.arg holds: Subscribe the sink, Unsubscribe the connection, Notify and
 * ModifyStatusRow the count, QueryInterface, AddRef and Release the new count, WrapStoreEntryID the
 * size of the id, SpoolerNotify the data, message methods the message, IStorageFromStream the
 * stream.
 */
#include "host_support.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- World ---- */

void host_world_init(struct host_world *world, struct host_profile *profile, unsigned arena)
{
    *world = (struct host_world){ .arena = arena, .profile = profile };
    world->pending_end = &world->pending;
}

void host_world_breach(struct host_world *world, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(stderr, "host: %s\n", text);
    host_lock_enter(&world->lock);
    world->breaches++;
    memcpy(world->last_breach, text, sizeof(text));
    host_lock_leave(&world->lock);
}

unsigned host_world_breaches(struct host_world *world)
{
    unsigned n;

    host_lock_enter(&world->lock);
    n = world->breaches;
    host_lock_leave(&world->lock);
    return n;
}

void host_world_breaches_clear(struct host_world *world)
{
    host_lock_enter(&world->lock);
    world->breaches = 0;
    world->last_breach[0] = 0;
    host_lock_leave(&world->lock);
}

unsigned host_world_done(struct host_world *world)
{
    struct host_support *support = world->supports;
    unsigned forgotten = host_notify_count(world, NULL);

    if (forgotten > 0)
        host_world_breach(world, "%u event registrations were not taken back", forgotten);
    host_notify_drop(world, NULL);
    host_notify_deliver(world); /* with no registration left, this only frees */
    while (support) {
        struct host_support *next = support->next;

        if (!support->dead)
            host_world_breach(
                    world, "a support object was left with %ld references", (long)support->refs);
        host_support_free(support);
        support = next;
    }
    world->supports = NULL;
    while (world->rows) {
        struct host_status_row *row = world->rows;

        world->rows = row->next;
        host_bag_free(&row->props);
        free(row);
    }
    return world->breaches;
}

const struct host_bag *host_world_status_row(
        struct host_world *world, const struct host_support *owner)
{
    struct host_status_row *row;

    host_lock_enter(&world->lock);
    row = world->rows;
    while (row && row->owner != owner)
        row = row->next;
    host_lock_leave(&world->lock);
    return row ? &row->props : NULL;
}

size_t host_world_status_count(struct host_world *world)
{
    const struct host_status_row *row;
    size_t count = 0;

    host_lock_enter(&world->lock);
    for (row = world->rows; row; row = row->next)
        count++;
    host_lock_leave(&world->lock);
    return count;
}

struct host_support *host_world_route(struct host_world *world, ULONG size, const ENTRYID *entry_id)
{
    struct host_support *support, *found = NULL;

    if (size < 20 || !entry_id)
        return NULL;
    host_lock_enter(&world->lock);
    for (support = world->supports; support && !found; support = support->next) {
        unsigned i;

        for (i = 0; i < support->uid_count && !found; i++) {
            if (memcmp(entry_id->ab, &support->uids[i], sizeof(MAPIUID)) == 0)
                found = support;
        }
    }
    host_lock_leave(&world->lock);
    return found;
}

/* ---- Life ---- */

struct host_support *host_support_from_iface(IMAPISupport *iface)
{
    return CONTAINING_RECORD(iface, struct host_support, IMAPISupport_iface);
}

struct host_support *host_support_new(
        struct host_world *world, enum host_support_kind kind, const MAPIUID *section)
{
    struct host_support *support = calloc(1, sizeof(*support)), **at;

    if (!support)
        return NULL;
    support->IMAPISupport_iface.lpVtbl = &host_support_vtbl;
    support->world = world;
    support->kind = kind;
    support->section = *section;
    support->refs = 1;
    support->logoff_result = LOGOFF_COMPLETE;
    host_lock_enter(&world->lock);
    for (at = &world->supports; *at; at = &(*at)->next)
        ;
    *at = support;
    host_lock_leave(&world->lock);
    return support;
}

void host_support_free(struct host_support *support)
{
    free(support->calls);
    free(support);
}

IMAPISupport *host_support_iface(struct host_support *support)
{
    return &support->IMAPISupport_iface;
}

void host_support_bind(struct host_support *support, IMSLogon *logon, IMsgStore *store)
{
    host_lock_enter(&support->lock);
    support->logon = logon;
    support->store = store;
    host_lock_leave(&support->lock);
}

IMSLogon *host_support_unbind(struct host_support *support)
{
    IMSLogon *logon;

    host_lock_enter(&support->lock);
    logon = support->logon;
    support->logon = NULL;
    support->store = NULL;
    host_lock_leave(&support->lock);
    return logon;
}

IMSLogon *host_support_logon(struct host_support *support)
{
    IMSLogon *logon;

    host_lock_enter(&support->lock);
    logon = support->logon;
    if (logon)
        logon->lpVtbl->AddRef(logon);
    host_lock_leave(&support->lock);
    return logon;
}

IMSLogon *host_world_logon(struct host_world *world, ULONG size, const ENTRYID *entry_id)
{
    struct host_support *support = host_world_route(world, size, entry_id);

    return support ? host_support_logon(support) : NULL;
}

HRESULT host_world_open_entry(struct host_world *world, ULONG size, LPENTRYID entry_id, LPCIID iid,
        ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    IMSLogon *logon = host_world_logon(world, size, entry_id);
    HRESULT hr;

    *out = NULL;
    if (!logon)
        return MAPI_E_UNKNOWN_ENTRYID;
    hr = logon->lpVtbl->OpenEntry(logon, size, entry_id, iid, flags, out_type, out);
    logon->lpVtbl->Release(logon);
    return hr;
}

HRESULT host_world_compare(struct host_world *world, ULONG size1, LPENTRYID entry_id1, ULONG size2,
        LPENTRYID entry_id2, ULONG *out_equal)
{
    IMSLogon *one = host_world_logon(world, size1, entry_id1);
    IMSLogon *two = host_world_logon(world, size2, entry_id2);
    HRESULT hr = S_OK;

    *out_equal = FALSE;
    if (!one || !two)
        hr = MAPI_E_UNKNOWN_ENTRYID;
    else if (one == two)
        hr = one->lpVtbl->CompareEntryIDs(one, size1, entry_id1, size2, entry_id2, 0, out_equal);
    if (one)
        one->lpVtbl->Release(one);
    if (two)
        two->lpVtbl->Release(two);
    return hr;
}

long host_support_refs(struct host_support *support)
{
    return support->refs;
}

static void append_call(struct host_support *support, const struct host_call *call)
{
    host_lock_enter(&support->lock);
    if (support->call_count == support->call_room) {
        size_t room = support->call_room ? 2 * support->call_room : 32;
        struct host_call *more = realloc(support->calls, room * sizeof(*more));

        if (more) {
            support->calls = more;
            support->call_room = room;
        }
    }
    if (support->call_count < support->call_room)
        support->calls[support->call_count++] = *call;
    host_lock_leave(&support->lock);
}

static void log_own(struct host_support *support, enum host_method method, HRESULT hr)
{
    struct host_call call = { .method = method, .hr = hr, .thread = host_thread_id() };

    append_call(support, &call);
}

/* What MAPI does when a provider gives back the last reference of its support object
 * (shutting-down-a-message-store-provider). */
static void last_release(struct host_support *support)
{
    IMSLogon *logon;

    support->dead = true;
    host_lock_enter(&support->world->lock);
    support->uid_count = 0;
    host_lock_leave(&support->world->lock);
    host_status_row_drop(support);
    logon = host_support_unbind(support);
    if (logon) {
        ULONG flags = 0;
        HRESULT hr = logon->lpVtbl->Logoff(logon, &flags);

        log_own(support, HOST_did_Logoff, hr);
        if (hr != S_OK)
            host_world_breach(
                    support->world, "IMSLogon::Logoff returned 0x%08lx", (unsigned long)(ULONG)hr);
        logon->lpVtbl->Release(logon);
        log_own(support, HOST_did_release_logon, S_OK);
    }
    if (host_notify_count(support->world, support) > 0)
        host_world_breach(support->world, "the provider left event registrations behind at its "
                                          "last Release of the support object");
    host_notify_drop(support->world, support);
}

long host_support_release(struct host_support *support)
{
    long refs = --support->refs;

    if (refs == 0)
        last_release(support);
    return refs;
}

/* ---- Calls ---- */

bool host_support_enter(struct host_support *support, struct host_call *call, HRESULT *out_hr)
{
    struct host_script *script = &support->script[call->method];
    HRESULT scripted;
    bool fails;

    call->thread = host_thread_id();
    if (support->dead && call->method != HOST_Release)
        host_world_breach(support->world,
                "%s was called after the last Release of the support object",
                host_method_name(call->method));
    if (support->on_call)
        support->on_call(support, call->method, support->on_call_context);
    host_lock_enter(&support->lock);
    fails = script->nth > 0 && --script->nth == 0;
    scripted = script->hr;
    host_lock_leave(&support->lock);
    if (support->dead)
        *out_hr = MAPI_E_INVALID_OBJECT;
    else if (fails)
        *out_hr = scripted;
    else
        return true;
    host_support_leave(support, call, *out_hr);
    return false;
}

HRESULT host_support_leave(struct host_support *support, struct host_call *call, HRESULT hr)
{
    call->hr = hr;
    append_call(support, call);
    return hr;
}

size_t host_support_calls(struct host_support *support, enum host_method method)
{
    size_t i, n = 0;

    host_lock_enter(&support->lock);
    for (i = 0; i < support->call_count; i++)
        n += support->calls[i].method == method;
    host_lock_leave(&support->lock);
    return n;
}

size_t host_support_position(struct host_support *support, enum host_method method, size_t nth)
{
    size_t i, n = 0, found = SIZE_MAX;

    host_lock_enter(&support->lock);
    for (i = 0; i < support->call_count && found == SIZE_MAX; i++) {
        if (support->calls[i].method == method && n++ == nth)
            found = i;
    }
    host_lock_leave(&support->lock);
    return found;
}

bool host_support_call(
        struct host_support *support, enum host_method method, size_t nth, struct host_call *out)
{
    size_t at = host_support_position(support, method, nth);

    if (at == SIZE_MAX)
        return false;
    host_lock_enter(&support->lock);
    *out = support->calls[at];
    host_lock_leave(&support->lock);
    return true;
}

size_t host_support_log_size(struct host_support *support)
{
    size_t n;

    host_lock_enter(&support->lock);
    n = support->call_count;
    host_lock_leave(&support->lock);
    return n;
}

void host_support_log_clear(struct host_support *support)
{
    host_lock_enter(&support->lock);
    support->call_count = 0;
    host_lock_leave(&support->lock);
}

void host_support_log_print(struct host_support *support, FILE *out)
{
    size_t i;

    host_lock_enter(&support->lock);
    for (i = 0; i < support->call_count; i++) {
        const struct host_call *call = &support->calls[i];

        fprintf(out, "%3zu %-24s hr 0x%08lx flags 0x%lx -> 0x%lx arg %llu\n", i,
                host_method_name(call->method), (unsigned long)(ULONG)call->hr,
                (unsigned long)call->flags, (unsigned long)call->flags_out,
                (unsigned long long)call->arg);
    }
    host_lock_leave(&support->lock);
}

void host_support_fail(
        struct host_support *support, enum host_method method, HRESULT hr, unsigned nth)
{
    host_lock_enter(&support->lock);
    support->script[method].hr = hr;
    support->script[method].nth = nth;
    host_lock_leave(&support->lock);
}

const char *host_method_name(enum host_method method)
{
    /* clang-format off */
    static const char *const names[] = {
        "QueryInterface", "AddRef", "Release", "GetLastError", "GetMemAllocRoutines", "Subscribe",
        "Unsubscribe", "Notify", "ModifyStatusRow", "OpenProfileSection", "RegisterPreprocessor",
        "NewUID", "MakeInvalid", "SpoolerYield", "SpoolerNotify", "CreateOneOff", "SetProviderUID",
        "CompareEntryIDs", "OpenTemplateID", "OpenEntry", "GetOneOffTable", "Address", "Details",
        "NewEntry", "DoConfigPropsheet", "CopyMessages", "CopyFolder", "DoCopyTo", "DoCopyProps",
        "DoProgressDialog", "ReadReceipt", "PrepareSubmit", "ExpandRecips", "UpdatePAB", "DoSentMail",
        "OpenAddressBook", "Preprocess", "CompleteMsg", "StoreLogoffTransports", "StatusRecips",
        "WrapStoreEntryID", "ModifyProfile", "IStorageFromStream", "GetSvcConfigSupportObj",
        "(Logoff)", "(release of the logon)",
    };
    /* clang-format on */

    _Static_assert(sizeof(names) / sizeof(names[0]) == HOST_METHOD_COUNT, "a name for each method");
    return names[method];
}
