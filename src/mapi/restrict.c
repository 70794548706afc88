/* SPDX-License-Identifier: MIT */
/*
 * restrict.c - SRestriction trees: checked and compiled. They run in restrict_match.c.
 *
 * The tree comes from a client: pointers may be NULL, counts wild, nodes may point back at their
 * parents. Depth and number of nodes are bounded before anything is followed.
 */
#include "mapi/restrict.h"

#include <string.h>

#include "mapi/restrict_program.h"
#include "util/alloc.h"
#include "util/array.h"
#include "util/buf.h"

struct compiler {
    struct msp_array nodes;   /* of struct restrict_node */
    struct msp_array matches; /* of struct textmatch */
    struct msp_buf data;
};

static HRESULT compile(struct compiler *compiler, const SRestriction *restriction, unsigned depth);

/* Can this tag be looked at? With its type, or, where the type does not matter, without. */
static HRESULT check_tag(ULONG tag, bool any_type)
{
    ULONG type = PROP_TYPE(tag) & ~(ULONG)MV_INSTANCE;

    if ((PROP_TYPE(tag) & MVI_FLAG) == MV_INSTANCE)
        return MAPI_E_INVALID_PARAMETER;
    if (type == PT_UNSPECIFIED && any_type)
        return S_OK;
    return propval_is_type(type) ? S_OK : MAPI_E_INVALID_PARAMETER;
}

static HRESULT check_relop(ULONG relop)
{
    if (relop == RELOP_RE)
        return MAPI_E_TOO_COMPLEX;
    return relop < RELOP_RE ? S_OK : MAPI_E_INVALID_PARAMETER;
}

/* Can this constant be compared with values of this tag? */
static HRESULT check_constant(ULONG tag, const SPropValue *constant)
{
    ULONG tag_type = PROP_TYPE(tag) & ~(ULONG)MV_INSTANCE;
    ULONG type;
    HRESULT hr;

    if (constant == NULL)
        return MAPI_E_INVALID_PARAMETER;
    type = PROP_TYPE(constant->ulPropTag);
    if (type != tag_type && (type | MV_FLAG) != tag_type)
        return MAPI_E_TOO_COMPLEX;
    hr = check_tag(tag, false);
    if (FAILED(hr))
        return hr;
    if ((type & MV_FLAG) != 0 && (PROP_TYPE(tag) & MV_INSTANCE) != 0)
        return MAPI_E_TOO_COMPLEX; /* one value of the row against a tuple */
    return FAILED(propval_check(constant)) ? MAPI_E_INVALID_PARAMETER : S_OK;
}

static HRESULT add_node(struct compiler *compiler, enum restrict_op op, ULONG tag, size_t *out)
{
    struct restrict_node *node;

    *out = compiler->nodes.count;
    if (compiler->nodes.count >= RESTRICT_MAX_NODES)
        return MAPI_E_TOO_COMPLEX;
    node = msp_array_push(&compiler->nodes, NULL);
    if (node == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    node->op = op;
    node->tag = tag;
    node->end = compiler->nodes.count;
    return S_OK;
}

static struct restrict_node *node_at(struct compiler *compiler, size_t index)
{
    return MSP_ARRAY_AT(struct restrict_node, &compiler->nodes, index);
}

/* A leaf without a constant. */
static HRESULT add_leaf(
        struct compiler *compiler, enum restrict_op op, ULONG relop, ULONG tag, ULONG number)
{
    size_t index;
    HRESULT hr = add_node(compiler, op, tag, &index);

    if (FAILED(hr))
        return hr;
    node_at(compiler, index)->relop = relop;
    node_at(compiler, index)->number = number;
    return S_OK;
}

/* A node with `count` children that stand in an array. */
static HRESULT compile_parent(struct compiler *compiler, enum restrict_op op, ULONG tag,
        ULONG count, const SRestriction *children, unsigned depth)
{
    size_t index;
    ULONG i;
    HRESULT hr;

    if (count > 0 && children == NULL)
        return MAPI_E_INVALID_PARAMETER;
    if (count > RESTRICT_MAX_NODES)
        return MAPI_E_TOO_COMPLEX;
    hr = add_node(compiler, op, tag, &index);
    for (i = 0; i < count && SUCCEEDED(hr); i++)
        hr = compile(compiler, &children[i], depth + 1);
    if (SUCCEEDED(hr))
        node_at(compiler, index)->end = compiler->nodes.count;
    return hr;
}

static HRESULT compile_content(struct compiler *compiler, const SContentRestriction *content)
{
    static const enum textmatch_where where[] = { TEXTMATCH_WHOLE, TEXTMATCH_ANYWHERE,
        TEXTMATCH_PREFIX }; /* FL_FULLSTRING, FL_SUBSTRING, FL_PREFIX */

    ULONG level = content->ulFuzzyLevel;
    ULONG type, stored;
    unsigned flags = 0;
    size_t start = compiler->data.size;
    struct textmatch match;
    HRESULT hr = check_constant(content->ulPropTag, content->lpProp);

    if (FAILED(hr))
        return hr;
    type = PROP_TYPE(content->lpProp->ulPropTag);
    if ((level & 0xFFFF) > FL_PREFIX ||
            (type != PT_UNICODE && type != PT_STRING8 && type != PT_BINARY))
        return MAPI_E_TOO_COMPLEX;
    stored = PROP_TYPE(propval_stored_tag(type));
    if (stored == PT_UNICODE) {
        if ((level & (FL_IGNORECASE | FL_LOOSE)) != 0 ||
                PROP_ID(content->ulPropTag) == PROP_ID(PR_MESSAGE_CLASS_W))
            flags |= TEXTMATCH_FOLD;
        if ((level & (FL_IGNORENONSPACE | FL_LOOSE)) != 0)
            flags |= TEXTMATCH_NO_MARKS;
    }
    hr = add_leaf(compiler, OP_CONTENT, 0, content->ulPropTag, (ULONG)compiler->matches.count);
    if (FAILED(hr))
        return hr;
    node_at(compiler, compiler->nodes.count - 1)->type = stored;
    hr = propval_encode(content->lpProp, &compiler->data);
    if (FAILED(hr))
        return hr;
    if (!textmatch_init(&match, where[level & 0xFFFF], flags, compiler->data.data + start,
                compiler->data.size - start))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_truncate(&compiler->data, start);
    if (msp_array_push(&compiler->matches, &match) == NULL) {
        textmatch_done(&match);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

static HRESULT compile_property(struct compiler *compiler, const SPropertyRestriction *property)
{
    struct restrict_node *node;
    size_t start = compiler->data.size;
    HRESULT hr = check_relop(property->relop);

    if (SUCCEEDED(hr))
        hr = check_constant(property->ulPropTag, property->lpProp);
    if (SUCCEEDED(hr))
        hr = add_leaf(compiler, OP_PROPERTY, property->relop, property->ulPropTag, 0);
    if (SUCCEEDED(hr))
        hr = propval_encode(property->lpProp, &compiler->data);
    if (FAILED(hr))
        return hr;
    node = node_at(compiler, compiler->nodes.count - 1);
    node->type = PROP_TYPE(propval_stored_tag(property->lpProp->ulPropTag));
    node->at = start;
    node->size = compiler->data.size - start;
    return S_OK;
}

static HRESULT compile_compare(struct compiler *compiler, const SComparePropsRestriction *compare)
{
    ULONG a = compare->ulPropTag1;
    ULONG b = compare->ulPropTag2;
    HRESULT hr = check_relop(compare->relop);

    if (FAILED(hr))
        return hr;
    if (PROP_TYPE(a) != PROP_TYPE(b))
        return MAPI_E_TOO_COMPLEX;
    hr = check_tag(a, false);
    if (FAILED(hr))
        return hr;
    return add_leaf(compiler, OP_COMPARE, compare->relop, a, b);
}

static HRESULT compile_bitmask(struct compiler *compiler, const SBitMaskRestriction *bitmask)
{
    if (PROP_TYPE(bitmask->ulPropTag) != PT_LONG)
        return MAPI_E_TOO_COMPLEX;
    if (bitmask->relBMR != BMR_EQZ && bitmask->relBMR != BMR_NEZ)
        return MAPI_E_INVALID_PARAMETER;
    return add_leaf(compiler, OP_BITMASK, bitmask->relBMR, bitmask->ulPropTag, bitmask->ulMask);
}

static HRESULT compile_size(struct compiler *compiler, const SSizeRestriction *size)
{
    HRESULT hr = check_relop(size->relop);

    if (SUCCEEDED(hr))
        hr = check_tag(size->ulPropTag, true);
    if (FAILED(hr))
        return hr;
    return add_leaf(compiler, OP_SIZE, size->relop, size->ulPropTag, size->cb);
}

static HRESULT compile_exist(struct compiler *compiler, const SExistRestriction *exist)
{
    HRESULT hr;

    if (PROP_TYPE(exist->ulPropTag) == PT_OBJECT)
        return MAPI_E_TOO_COMPLEX;
    hr = check_tag(exist->ulPropTag, true);
    if (FAILED(hr))
        return hr;
    return add_leaf(compiler, OP_EXIST, 0, exist->ulPropTag, 0);
}

static HRESULT compile_subobject(
        struct compiler *compiler, const SSubRestriction *sub, unsigned depth)
{
    if (sub->ulSubObject != PR_MESSAGE_RECIPIENTS && sub->ulSubObject != PR_MESSAGE_ATTACHMENTS)
        return MAPI_E_TOO_COMPLEX;
    return compile_parent(compiler, OP_SUBOBJECT, sub->ulSubObject, 1, sub->lpRes, depth);
}

static HRESULT compile(struct compiler *compiler, const SRestriction *restriction, unsigned depth)
{
    if (depth > RESTRICT_MAX_DEPTH)
        return MAPI_E_TOO_COMPLEX;
    switch (restriction->rt) {
    case RES_AND:
        return compile_parent(compiler, OP_AND, 0, restriction->res.resAnd.cRes,
                restriction->res.resAnd.lpRes, depth);
    case RES_OR:
        return compile_parent(compiler, OP_OR, 0, restriction->res.resOr.cRes,
                restriction->res.resOr.lpRes, depth);
    case RES_NOT:
        return compile_parent(compiler, OP_NOT, 0, 1, restriction->res.resNot.lpRes, depth);
    case RES_CONTENT:
        return compile_content(compiler, &restriction->res.resContent);
    case RES_PROPERTY:
        return compile_property(compiler, &restriction->res.resProperty);
    case RES_COMPAREPROPS:
        return compile_compare(compiler, &restriction->res.resCompareProps);
    case RES_BITMASK:
        return compile_bitmask(compiler, &restriction->res.resBitMask);
    case RES_SIZE:
        return compile_size(compiler, &restriction->res.resSize);
    case RES_EXIST:
        return compile_exist(compiler, &restriction->res.resExist);
    case RES_SUBRESTRICTION:
        return compile_subobject(compiler, &restriction->res.resSub, depth);
    case RES_COMMENT: /* its properties are the client's own affair */
        if (restriction->res.resComment.lpRes == NULL)
            return add_leaf(compiler, OP_TRUE, 0, 0, 0);
        return compile(compiler, restriction->res.resComment.lpRes, depth + 1);
    default: /* RES_COUNT and RES_ANNOTATION among them */
        return MAPI_E_TOO_COMPLEX;
    }
}

static void free_matches(struct textmatch *matches, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        textmatch_done(&matches[i]);
    msp_free(matches);
}

HRESULT restrict_compile(const SRestriction *restriction, struct restrict_program **out)
{
    struct compiler compiler = { MSP_ARRAY_INIT(struct restrict_node),
        MSP_ARRAY_INIT(struct textmatch), MSP_BUF_INIT };
    struct restrict_program *program;
    HRESULT hr;

    *out = NULL;
    if (restriction == NULL)
        return S_OK;
    /* One byte at least, so that a constant without bytes has an address. */
    hr = msp_buf_reserve(&compiler.data, 1) ? compile(&compiler, restriction, 1)
                                            : MAPI_E_NOT_ENOUGH_MEMORY;
    program = SUCCEEDED(hr) ? msp_calloc(1, sizeof(*program)) : NULL;
    if (program == NULL) {
        free_matches(compiler.matches.items, compiler.matches.count);
        msp_array_free(&compiler.nodes);
        msp_buf_free(&compiler.data);
        return FAILED(hr) ? hr : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    program->nodes = msp_array_steal(&compiler.nodes, &program->node_count);
    program->matches = msp_array_steal(&compiler.matches, &program->match_count);
    program->data = compiler.data.data; /* the buffer itself is not used any more */
    *out = program;
    return S_OK;
}

void restrict_free(struct restrict_program *program)
{
    if (program == NULL)
        return;
    free_matches(program->matches, program->match_count);
    msp_free(program->nodes);
    msp_free(program->data);
    msp_free(program);
}

void restrict_tags(
        const struct restrict_program *program, void (*fn)(void *context, ULONG tag), void *context)
{
    size_t i = 0;

    while (program != NULL && i < program->node_count) {
        const struct restrict_node *node = &program->nodes[i];

        switch (node->op) {
        case OP_SUBOBJECT:
            i = node->end;
            continue;
        case OP_COMPARE:
            fn(context, node->tag);
            fn(context, node->number);
            break;
        case OP_CONTENT:
        case OP_PROPERTY:
        case OP_BITMASK:
        case OP_SIZE:
        case OP_EXIST:
            fn(context, node->tag);
            break;
        default:
            break;
        }
        i++;
    }
}

bool restrict_find_equal(const struct restrict_program *program,
        bool (*fn)(void *context, ULONG tag, const void *value, size_t value_size), void *context)
{
    size_t i = 0;

    while (program != NULL && i < program->node_count) {
        const struct restrict_node *node = &program->nodes[i];

        if (node->op == OP_PROPERTY && node->relop == RELOP_EQ &&
                PROP_TYPE(propval_stored_tag(node->tag)) == node->type &&
                (node->type & MV_FLAG) == 0 &&
                fn(context, node->tag, program->data + node->at, node->size))
            return true;
        i = node->op == OP_AND ? i + 1 : node->end;
    }
    return false;
}

bool restrict_has_subobjects(const struct restrict_program *program)
{
    size_t i;

    for (i = 0; program != NULL && i < program->node_count; i++) {
        if (program->nodes[i].op == OP_SUBOBJECT)
            return true;
    }
    return false;
}
