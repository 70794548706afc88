/* SPDX-License-Identifier: MIT */
/*
 * json.h - as much JSON as export and import of mail need: writing values, reading one line.
 *
 * Texts are UTF-16, so that every property text comes back unit by unit.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A text with its quotes; what is not ASCII is UTF-8, halves of pairs are escaped. */
void json_put_utf16(FILE *out, const uint16_t *text, size_t count);
/* The same for UTF-8. */
void json_put_text(FILE *out, const char *text);
/* Bytes as a text of hex digits. */
void json_put_hex(FILE *out, const void *bytes, size_t size);

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    const char *key;      /* in an object; ASCII, without escapes */
    const char *number;   /* as it stands */
    const uint16_t *text; /* with a terminator that does not count */
    size_t count;         /* units of the text; items of an array or object */
    struct json *first;
    struct json *next;
};

struct json_document;

/* NULL: no memory, or it is not JSON (or nested too deeply), with the place in *out_at. */
struct json_document *json_read(const char *text, size_t size, size_t *out_at);
const struct json *json_root(const struct json_document *document);
void json_free(struct json_document *document);

/* The member of an object; NULL: it has none, or is no object. */
const struct json *json_member(const struct json *object, const char *key);
/* A number, 0 when it is none. */
long long json_number(const struct json *value);
/* UTF-8 of a text, malloc'ed; NULL: it is none, or no memory. */
char *json_utf8(const struct json *value);
/* The bytes of a text of hex digits, malloc'ed; NULL: it is none, or no memory. */
unsigned char *json_bytes(const struct json *value, size_t *out_size);

#endif
