/* SPDX-License-Identifier: MIT */
/*
 * prop.h - IMAPIProp, once, for every object that has properties.
 *
 * An object's class brings a table of rules, sorted by property id, and a few operations. What no
 * rule names is a free property: stored as it comes. Values are cells (util/bag.h, mapi/propval.h)
 * until the last moment.
 */
#ifndef MSP_COM_PROP_H
#define MSP_COM_PROP_H

#include "com/call.h"
#include "mapi/propval.h"
#include "util/bag.h"

struct logon;
struct prop_object;

enum {
    /* Inline values above this are stored as large values (eng_value_*) on messages and
     * attachments, and GetProps answers MAPI_E_NOT_ENOUGH_MEMORY for them: the client opens a
     * stream. */
    PROP_INLINE_MAX = 32 * 1024
};

/* Room for cells that a getter makes up: pieces stay where they are until prop_scratch_done(). */
struct prop_scratch_block;

struct prop_scratch {
    struct prop_scratch_block *blocks;
    size_t used; /* of first[] */
    uint64_t first[64];
};

void prop_scratch_init(struct prop_scratch *scratch);
void prop_scratch_done(struct prop_scratch *scratch);
/* NULL: no memory. 8-byte aligned. */
void *prop_scratch_take(struct prop_scratch *scratch, size_t size);
/* Convenience: cells whose bytes live in the scratch. False: no memory. */
bool prop_scratch_bytes(struct prop_scratch *scratch, ULONG tag, const void *data, size_t size,
        struct bag_value *out);
bool prop_scratch_long(
        struct prop_scratch *scratch, ULONG tag, uint32_t value, struct bag_value *out);
bool prop_scratch_i8(
        struct prop_scratch *scratch, ULONG tag, uint64_t value, struct bag_value *out);
bool prop_scratch_bool(struct prop_scratch *scratch, ULONG tag, bool value, struct bag_value *out);

enum prop_access {
    PROP_WRITE = 1,    /* clients may set and delete it */
    PROP_COMPUTED = 2, /* setting it gives a MAPI_E_COMPUTED problem */
    PROP_OBJECT = 4,   /* PT_OBJECT: listed, never returned, opened with OpenProperty */
    PROP_HIDDEN = 8,   /* not in GetPropList and GetProps(NULL), but answered when asked for */
    PROP_MADE = 16     /* the same while nothing is stored: the getter makes it from others then */
};

struct prop_rule {
    ULONG tag; /* with the stored type (PT_UNICODE for text; PT_UNSPECIFIED: text or bytes) */
    ULONG access;
    /* The value now: S_OK with a cell (borrowed or in scratch), MAPI_E_NOT_FOUND when absent. NULL:
     * the stored value. */
    HRESULT(*get)
    (struct msp_call *call, struct prop_object *prop, ULONG tag, struct prop_scratch *scratch,
            struct bag_value *out);
    /* Judges a checked cell of the rule's type (NULL: a delete) before anything of the call is
     * stored: S_OK, prop.c stores or removes it; S_FALSE, leave it out silently;
     * MAPI_E_INVALID_PARAMETER fails the whole call; another failure becomes the problem entry.
     * Changes nothing itself. NULL: always S_OK. */
    HRESULT(*set)
    (struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell);
};

struct prop_class {
    const struct prop_rule *rules; /* sorted by id */
    size_t rule_count;
    /* Before a call reads or writes: bring the bag up to date (folders, store). NULL: the bag is a
     * snapshot. */
    HRESULT (*refresh)(struct msp_call *call, struct prop_object *prop);
    /* After a call changed the bag: make it so at once (folders, store). NULL: changes wait for
     * SaveChanges. Whether it succeeds or not, the next refresh reads the bag anew. */
    HRESULT (*commit)(struct msp_call *call, struct prop_object *prop);
    /* SaveChanges with checked flags. NULL: S_OK (everything is saved already). */
    HRESULT (*save)(struct msp_call *call, struct prop_object *prop, ULONG flags);
    /* OpenProperty of a PT_OBJECT property or with an interface other than IStream:
     * MAPI_E_INTERFACE_NOT_SUPPORTED when it is none of the class's. NULL: there are none. Returns
     * an interface with a reference. */
    HRESULT(*open)
    (struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid, ULONG options,
            ULONG flags, LPUNKNOWN *out);
    /* DeleteProps of a PROP_OBJECT property. NULL: MAPI_E_COMPUTED. */
    HRESULT (*remove_object)(struct msp_call *call, struct prop_object *prop, ULONG tag);
};

/* Behind the interface of every IMAPIProp object: struct folder { IMAPIFolder IMAPIFolder_iface;
 * struct prop_object prop; ... } */
struct prop_object {
    struct msp_object object; /* first */
    const struct prop_class *props;
    struct logon *logon; /* valid while the object is LIVE */
    bool can_write;      /* opened with write access */
    struct bag bag;      /* stored and pending values */
};

static inline struct prop_object *prop_from_object(struct msp_object *object)
{
    return (struct prop_object *)object;
}

/* What a client calls the object by; no reference is added. No lock needed. */
IMAPIProp *prop_iface(struct prop_object *prop);

/* --- inside: under the lock, trusted arguments
 * ------------------------------------------------------------------------ */

/* The rule of a property id, or NULL for a free property. */
const struct prop_rule *prop_rule_find(const struct prop_class *props, ULONG tag);
/* Whether a value of this tag's type, as stored, may be set: the rule's own type, or for
 * PT_UNSPECIFIED text and bytes. */
bool prop_rule_takes(const struct prop_rule *rule, ULONG tag);
/* The cell of a property as it is now; may be BAG_LARGE. S_OK or MAPI_E_NOT_FOUND (or an error). */
HRESULT prop_cell(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out);
/* A property that the object has. `cell` is NULL for objects. False: no memory. */
typedef bool (*prop_listed_fn)(void *context, ULONG tag, const struct bag_value *cell);

struct prop_lister {
    struct msp_call *call;
    struct prop_object *prop;
    bool objects; /* they are wanted, too */
    prop_listed_fn fn;
    void *context;
    struct prop_scratch *scratch; /* cells that were made up stay in it */
};

/* Tells all properties the object has now, in order of id: rules and free properties merged. */
HRESULT prop_list(const struct prop_lister *lister);
/* May this property take this cell (NULL: be deleted)? S_OK; S_FALSE: it stays as it is, silently;
 * MAPI_E_COMPUTED, MAPI_E_UNEXPECTED_TYPE and what else its rule says. */
HRESULT prop_judge(
        struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell);
/* Stores a value into the bag past all rules (the object's own code). */
HRESULT prop_put(struct msp_call *call, struct prop_object *prop, const struct bag_value *cell);
/* Copies a client's SPropTagArray-shaped request into rows: one decoded value per tag, one root
 * block. `cells` come from a callback so that objects and table rows share it. S_OK or
 * MAPI_W_ERRORS_RETURNED. */
typedef HRESULT (*prop_cell_fn)(
        void *context, ULONG tag, struct prop_scratch *scratch, struct bag_value *out);
HRESULT prop_decode_row(const struct mapi_alloc *alloc, const ULONG *tags, size_t tag_count,
        bool unicode, prop_cell_fn cell, void *context, LPSPropValue *out);

/* --- the methods, behind the thunks of slots.h: arguments straight from the client
 * --------------------------------------- */

HRESULT prop_GetLastError(struct prop_object *prop, HRESULT hr, ULONG flags, LPMAPIERROR *out);
HRESULT prop_SaveChanges(struct prop_object *prop, ULONG flags);
HRESULT prop_GetProps(struct prop_object *prop, LPSPropTagArray tags, ULONG flags, ULONG *out_count,
        LPSPropValue *out);
HRESULT prop_GetPropList(struct prop_object *prop, ULONG flags, LPSPropTagArray *out);
HRESULT prop_OpenProperty(struct prop_object *prop, ULONG tag, LPCIID iid, ULONG options,
        ULONG flags, LPUNKNOWN *out);
HRESULT prop_SetProps(struct prop_object *prop, ULONG count, LPSPropValue values,
        LPSPropProblemArray *out_problems);
HRESULT prop_DeleteProps(
        struct prop_object *prop, LPSPropTagArray tags, LPSPropProblemArray *out_problems);
HRESULT prop_CopyTo(struct prop_object *prop, ULONG iid_count, LPCIID iids, LPSPropTagArray exclude,
        ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid, LPVOID target, ULONG flags,
        LPSPropProblemArray *out_problems);
HRESULT prop_CopyProps(struct prop_object *prop, LPSPropTagArray include, ULONG_PTR ui,
        LPMAPIPROGRESS progress, LPCIID iid, LPVOID target, ULONG flags,
        LPSPropProblemArray *out_problems);
HRESULT prop_GetNamesFromIDs(struct prop_object *prop, LPSPropTagArray *tags, LPGUID guid,
        ULONG flags, ULONG *out_count, LPMAPINAMEID **out_names);
HRESULT prop_GetIDsFromNames(struct prop_object *prop, ULONG count, LPMAPINAMEID *names,
        ULONG flags, LPSPropTagArray *out);

#endif
