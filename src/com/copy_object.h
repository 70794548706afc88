/* SPDX-License-Identifier: MIT */
/*
 * copy_object.h - one object's properties and subobjects go to another, through interfaces.
 *
 * Either side may be anybody's: nothing of ours is touched but through its methods, so this is work
 * of a client, done on the client's thread without any lock. An object that dies on the way answers
 * MAPI_E_INVALID_OBJECT, which ends it.
 */
#ifndef MSP_COM_COPY_OBJECT_H
#define MSP_COM_COPY_OBJECT_H

#include "com/copy.h"
#include "mapi/mapibuf.h"

/* One property on its way. */
struct copy_item {
    ULONG tag;    /* as the source lists it */
    ULONG target; /* the same under the destination's id */
    ULONG index;  /* in the client's list, or among all */
    HRESULT hr;   /* S_OK: to do, or done; S_FALSE: left out; else why not */
};

struct copy_task {
    const struct mapi_alloc *alloc;
    struct msp_domain *domain; /* of the source: closing ends the task */
    bool move;
    bool no_replace;
    bool only_listed;               /* CopyProps */
    const SPropTagArray *tags;      /* excluded, or the only ones; NULL: no tags */
    bool same_names;                /* named ids mean the same on both sides: one file */
    bool other_file;                /* both sides are ours; PR_MAPPING_SIGNATURE is not asked, for
                                       a file that was copied has kept it */
    bool without_parts;             /* IMessage and the like are excluded: properties alone */
    bool of_folder;                 /* the source is a folder */
    struct copy_progress *progress; /* NULL: nobody is told */
    struct msp_array items;         /* struct copy_item */
};

void copy_task_init(
        struct copy_task *task, const struct mapi_alloc *alloc, struct msp_domain *domain);
void copy_task_done(struct copy_task *task);

/* Is its value the store's own affair, or does it belong to the one object alone? No destination
 * takes it over. */
bool copy_is_computed(ULONG tag);
/* A property that is to be copied and no subobject. */
bool copy_is_value(const struct copy_item *item);
/* All that is to be copied of a source, into task->items: properties and subobjects alike. */
HRESULT copy_list_items(struct copy_task *task, IMAPIProp *source, IMAPIProp *target);
/* The item of a subobject's property, when it is to be copied; NULL when not. */
struct copy_item *copy_find_part(struct copy_task *task, ULONG tag);
/* Excluding PR_BODY counts on PR_RTF_COMPRESSED; when that is damaged, the text goes along all the
 * same (Supporting Formatted Text: Message Store Responsibilities). */
HRESULT copy_keep_text(struct copy_task *task, IMAPIProp *source);
/* Copies the listed properties. What fails is noted in its item; a failure that concerns all of
 * them is returned. */
HRESULT copy_item_values(struct copy_task *task, IMAPIProp *source, IMAPIProp *target);
/* With task->move: deletes from the source what was copied. */
HRESULT copy_remove_moved(struct copy_task *task, IMAPIProp *source);

/* Notes in its item what became of a subobject. S_FALSE: it was left out;
 * MAPI_W_PARTIAL_COMPLETION: some of it could not be copied. Returns what ends the call. */
HRESULT copy_settle_part(struct copy_item *item, HRESULT hr);
/* copy_parts.c: the listed recipients and attachments of a message, the data of an attachment. */
HRESULT copy_message_parts(struct copy_task *task, IMAPIProp *source, IMAPIProp *target);
HRESULT copy_count_attachments(const struct copy_task *task, IMAPIProp *source, size_t *out);
HRESULT copy_attachment_data(struct copy_task *task, IMAPIProp *source, IMAPIProp *target);
/* A whole message into a new one, which is not saved. S_OK, or S_FALSE when something of it could
 * not be copied. */
HRESULT copy_whole_message(const struct copy_task *outer, IMAPIProp *source, IMAPIProp *target);

/* copy_names.c: gives the items with named ids the ids that the destination has for the names. */
HRESULT copy_map_names(struct copy_task *task, IMAPIProp *source, IMAPIProp *target);
/* The same for plain tags: one that cannot be mapped becomes PR_NULL. */
HRESULT copy_map_tags(const struct copy_task *task, IMAPIProp *source, IMAPIProp *target,
        ULONG *tags, size_t tag_count);

#endif
