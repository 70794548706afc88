/* SPDX-License-Identifier: MIT */
/*
 * copy_parcel.h - messages and attachments on their way to another object of ours, as plain data.
 *
 * A parcel is taken under the lock of the source and put under that of the destination, which may
 * be one of another logon: nothing in it is shared with either. It holds what the interfaces would
 * have handed over: values as GetProps gives them, but for large ones, which it names.
 */
#ifndef MSP_COM_COPY_PARCEL_H
#define MSP_COM_COPY_PARCEL_H

#include "com/copy_object.h"
#include "com/message_impl.h"

struct copy_parcel {
    struct bag values;
    bool is_partial;                  /* something could not be taken */
    struct recipient_list recipients; /* of a message */
    struct msp_array attachments;     /* of a message: struct copy_parcel *, owned */
    struct copy_parcel *inner;        /* of an attachment: the message in it, or NULL; owned */
};

/* Where a large value belongs: to the pair of the same index. */
struct copy_large {
    struct copy_parcel *parcel;
    ULONG tag;
};

/* The large values of a parcel and of all below it. */
struct copy_values {
    struct msp_array places; /* struct copy_large */
    struct msp_array pairs;  /* struct eng_value_pair */
};

/* NULL: no memory. */
struct copy_parcel *copy_parcel_new(void);
/* NULL is fine. */
void copy_parcel_free(struct copy_parcel *parcel);
void copy_values_init(struct copy_values *values);
void copy_values_done(struct copy_values *values);

/* --- under the lock of the source ------------------------------------------------------------- */

/* The values of a task's items, under the destination's ids; what cannot be taken is noted in its
 * item. */
HRESULT copy_take_items(struct msp_call *call, struct prop_object *source, struct copy_task *task,
        struct copy_parcel *parcel, struct copy_values *values);
/* The recipients of a message. */
HRESULT copy_take_recipients(
        struct msp_call *call, struct message *source, struct copy_parcel *parcel);
/* One attachment whole. MAPI_E_NOT_FOUND. */
HRESULT copy_take_attachment(struct msp_call *call, struct message *source, uint32_t number,
        struct copy_parcel *parcel, struct copy_values *values);
/* What PR_ATTACH_DATA_OBJ of an attachment holds, message or storage. MAPI_E_NOT_FOUND: neither. */
HRESULT copy_take_object(struct msp_call *call, struct attach *source, struct copy_parcel *parcel,
        struct copy_values *values);

/* --- under the lock of the destination, when the large values are its own --------------------- */

/* The values of a task's items; what is refused is noted in its item. */
HRESULT copy_put_items(struct msp_call *call, struct prop_object *target, struct copy_task *task,
        struct copy_parcel *parcel);
/* A new attachment of a message, saved into it. *out_partial: not all of it. */
HRESULT copy_put_attachment(struct msp_call *call, struct message *target,
        struct copy_parcel *parcel, bool *out_partial);
/* What was taken with copy_take_object(). */
HRESULT copy_put_object(struct msp_call *call, struct attach *target, struct copy_parcel *parcel,
        bool *out_partial);

/* --- copy_between.c: from one file to another. No lock held ----------------------------------- */

/* What a parcel and those below it have of named properties gets the destination's ids. One without
 * a name is left behind. */
HRESULT copy_rename(const struct copy_task *task, struct prop_object *source,
        struct prop_object *target, struct copy_parcel *parcel, struct copy_values *values);
/* The large values go over; a pair's `to` stays 0 where the value is gone, and everywhere when the
 * destination is open for reading only. */
HRESULT copy_carry_values(const struct copy_task *task, struct prop_object *source,
        struct prop_object *target, struct copy_values *values);

/* --- copy_direct.c ---------------------------------------------------------------------------- */

/* The object of ours behind a destination, when a message or attachment can be copied to it without
 * its interfaces: one of the same kind. NULL: it cannot. No lock held. */
struct prop_object *copy_direct_target(
        struct prop_object *source, IMAPIProp *target, bool *out_same_file);
HRESULT copy_direct_count(struct prop_object *source, size_t *out_attachments);
/* What copy_item_values(), copy_message_parts() and copy_attachment_data() do. No lock held. */
HRESULT copy_direct_values(
        struct copy_task *task, struct prop_object *source, struct prop_object *target);
HRESULT copy_direct_parts(
        struct copy_task *task, struct prop_object *source, struct prop_object *target);

#endif
