/* SPDX-License-Identifier: MIT */
/*
 * restrict.h - SRestriction trees: checked, compiled into a flat program, evaluated on rows,
 * copied.
 *
 * A program owns everything it needs; the client's tree may be freed as soon as restrict_compile()
 * returns. Evaluation is total: a missing property makes a comparison false, malformed cells too.
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

/* S_OK; MAPI_E_TOO_COMPLEX (too deep, too many, what we cannot evaluate); MAPI_E_INVALID_PARAMETER
 * (NULL parts, PT_OBJECT or PT_ERROR properties, types that do not match, unknown relop or type);
 * MAPI_E_NOT_ENOUGH_MEMORY. NULL restriction: S_OK, *out NULL. */
HRESULT restrict_compile(const SRestriction *restriction, struct restrict_program **out);
void restrict_free(struct restrict_program *program);

/* How a program reads a row. */
struct restrict_row {
    void *context;
    /* Finds the cell of a property (by id; any stored type); false: absent. */
    bool (*get)(void *context, ULONG tag, struct bag_value *out);
    /* Does any row of the subobject table (PR_MESSAGE_RECIPIENTS or PR_MESSAGE_ATTACHMENTS) satisfy
     * the part of the program that starts at `node`? Implementations call restrict_match_node() per
     * subobject. NULL: never. */
    bool (*any)(
            void *context, ULONG subobject, const struct restrict_program *program, size_t node);
};

/* NULL program matches everything. */
bool restrict_match(const struct restrict_program *program, const struct restrict_row *row);
bool restrict_match_node(
        const struct restrict_program *program, size_t node, const struct restrict_row *row);

/* Calls fn for every property the program looks at on the row itself (not in subobjects). */
void restrict_tags(const struct restrict_program *program, void (*fn)(void *context, ULONG tag),
        void *context);

#endif
