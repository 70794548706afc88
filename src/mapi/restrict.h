/* SPDX-License-Identifier: MIT */
/*
 * restrict.h - SRestriction trees: checked, compiled into a flat program, evaluated on rows.
 *
 * A program owns everything it needs; the client's tree may be freed as soon as restrict_compile()
 * returns. Evaluation is total: a missing property makes a comparison false, malformed cells too.
 *
 * What the clauses leave open is read so:
 *   - relational operators compare text without regard to case, which is also how tables sort, so
 *     that a FindRow with RELOP_GE lands where the order says; RES_CONTENT regards case unless its
 *     fuzzy level says otherwise (PR_MESSAGE_CLASS: never);
 *   - with a multivalued tag, a single constant asks for any element, a multivalued one compares
 *     tuples; the same holds for RES_CONTENT, which knows no tuples;
 *   - MV_INSTANCE tags read the row's own value when it is single, else as above;
 *   - RES_COMMENT is its child, or true without one; RES_COUNT and RES_ANNOTATION are refused.
 */
#ifndef MSP_MAPI_RESTRICT_H
#define MSP_MAPI_RESTRICT_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/propval.h"

struct restrict_program;

enum {
    RESTRICT_MAX_DEPTH = 64,
    RESTRICT_MAX_NODES = 65536,
};

/*
 * S_OK; MAPI_E_NOT_ENOUGH_MEMORY;
 * MAPI_E_TOO_COMPLEX: too deep, too many nodes, unknown restriction types, RELOP_RE, fuzzy levels
 * that do not exist, tag and constant of different types, RES_CONTENT of anything but text and
 * bytes, RES_BITMASK of anything but PT_LONG, RES_EXIST of PT_OBJECT, unknown subobjects;
 * MAPI_E_INVALID_PARAMETER: NULL parts, unknown operators and types, PT_OBJECT or PT_ERROR values.
 * NULL restriction: S_OK, *out NULL.
 */
HRESULT restrict_compile(const SRestriction *restriction, struct restrict_program **out);
void restrict_free(struct restrict_program *program);

/* How a program reads a row. What is handed out stays valid while the row is being matched. */
struct restrict_row {
    void *context;
    /* Finds the cell of a property (by id; any stored type); false: absent. The tag has the type
     * the client gave; with MV_INSTANCE the row's own single value is meant. */
    bool (*get)(void *context, ULONG tag, struct bag_value *out);
    /* Does any row of the subobject table (PR_MESSAGE_RECIPIENTS or PR_MESSAGE_ATTACHMENTS) satisfy
     * the part of the program that starts at `node`? Implementations call restrict_match_node() per
     * subobject. NULL: never. */
    bool (*any)(
            void *context, ULONG subobject, const struct restrict_program *program, size_t node);
    /* Reads a BAG_LARGE cell: replaces the reference by the value itself. False, or NULL: the value
     * cannot be had, and whatever looks at it is false (RES_EXIST and the size of bytes do not). */
    bool (*load)(void *context, struct bag_value *cell);
};

/* NULL program matches everything. */
bool restrict_match(const struct restrict_program *program, const struct restrict_row *row);
bool restrict_match_node(
        const struct restrict_program *program, size_t node, const struct restrict_row *row);

/* Calls fn for every property the program looks at on the row itself (not in subobjects). */
void restrict_tags(const struct restrict_program *program, void (*fn)(void *context, ULONG tag),
        void *context);

/* Calls fn for every single value that a match must be equal to: at the root, or below nothing but
 * RES_AND. The value is as stored. Until fn answers true, which is then the result. */
bool restrict_find_equal(const struct restrict_program *program,
        bool (*fn)(void *context, ULONG tag, const void *value, size_t value_size), void *context);

/* Does the program look at subobjects? Tables that have none refuse it: MAPI_E_TOO_COMPLEX. */
bool restrict_has_subobjects(const struct restrict_program *program);

#endif
