/* SPDX-License-Identifier: MIT */
/*
 * restrict_program.h - inside of a compiled restriction: between restrict.c, which makes it, and
 * restrict_match.c and restrict_columns.c, which run it.
 *
 * The nodes stand in preorder: the first child of a node follows it, and `end` is the place behind
 * its whole subtree, so also that of its next sibling.
 */
#ifndef MSP_MAPI_RESTRICT_PROGRAM_H
#define MSP_MAPI_RESTRICT_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "mapi/restrict.h"
#include "mapi/textmatch.h"

enum restrict_op {
    OP_TRUE,
    OP_AND,
    OP_OR,
    OP_NOT,
    OP_CONTENT,
    OP_PROPERTY,
    OP_COMPARE,
    OP_BITMASK,
    OP_SIZE,
    OP_EXIST,
    OP_SUBOBJECT
};

struct restrict_node {
    enum restrict_op op;
    ULONG relop;  /* or BMR_... */
    ULONG tag;    /* as the client gave it; OP_SUBOBJECT: which one */
    ULONG number; /* OP_COMPARE: second tag; OP_BITMASK: mask; OP_SIZE: size; OP_CONTENT: match */
    size_t end;   /* index behind the subtree */
    ULONG type;   /* OP_PROPERTY, OP_CONTENT: stored type of the constant */
    size_t at;    /* OP_PROPERTY: where in data the constant begins */
    size_t size;  /* OP_PROPERTY: its bytes */
};

struct restrict_program {
    struct restrict_node *nodes;
    size_t node_count;
    struct textmatch *matches;
    size_t match_count;
    unsigned char *data; /* stored bytes of the constants */
};

/* Are values of this stored tag what the client means by `tag`? */
bool restrict_is_of_tag(ULONG stored_tag, ULONG tag);

#endif
