/* SPDX-License-Identifier: MIT */
/*
 * host_prop.h - property values for the reference host: checking, copying, comparing, and a bag.
 */
#ifndef HOST_PROP_H
#define HOST_PROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "host_mem.h"

/* Whether the type is one that a property value may have (no PT_UNSPECIFIED, no MV_INSTANCE). */
bool host_prop_type_known(ULONG type);
/* Deep copy into `to`, parts allocated by `trio->more` on `root`. Caller frees `root`. */
SCODE host_prop_copy(
        const struct host_mem_trio *trio, void *root, const SPropValue *from, SPropValue *to);
/* An array of copies in one block of the trio. */
SCODE host_props_copy(
        const struct host_mem_trio *trio, ULONG count, const SPropValue *values, SPropValue **out);
/* Same tag, same value, byte by byte. */
bool host_prop_same(const SPropValue *a, const SPropValue *b);
/* Bytes a fixed-size type has in memory, 0 for the others. */
size_t host_prop_fixed_size(ULONG type);
/* The value's bytes: the fixed part, the text without terminator, the binary. Not for PT_MV_*,
 * PT_OBJECT, PT_NULL (NULL, 0). */
const void *host_prop_bytes(const SPropValue *value, size_t *out_size);
/* Feeds every byte of a value into `add`, lengths first, multiple values too. */
void host_prop_walk(const SPropValue *value,
        void (*add)(void *context, const void *bytes, size_t size), void *context);
/* For people: "Hello", 12, 2026-11-22 09:15:00, 45 bytes 00ff... At most 200 characters of text. */
void host_prop_print(const SPropValue *value, FILE *out);

/* Values by property id; the bag owns them. Zero-initialised is empty. */
struct host_bag {
    SPropValue **items; /* each one allocation of arena 0's trio */
    size_t count, room;
};

const SPropValue *host_bag_get(const struct host_bag *bag, ULONG tag); /* by id, any type */
SCODE host_bag_set(struct host_bag *bag, const SPropValue *value);
bool host_bag_remove(struct host_bag *bag, ULONG tag);
void host_bag_free(struct host_bag *bag);

SCODE host_bag_set_long(struct host_bag *bag, ULONG tag, LONG value);
SCODE host_bag_set_text(struct host_bag *bag, ULONG tag, const char *utf8); /* tag is PT_UNICODE */
SCODE host_bag_set_binary(struct host_bag *bag, ULONG tag, const void *bytes, size_t size);
/* UTF-8 of a string property of either width, malloc'ed; NULL when absent. */
char *host_bag_text(const struct host_bag *bag, ULONG tag);
LONG host_bag_long(const struct host_bag *bag, ULONG tag, LONG if_absent);

#endif
