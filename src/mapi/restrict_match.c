/* SPDX-License-Identifier: MIT */
/*
 * restrict_match.c - compiled restrictions, run on rows.
 *
 * Recursion is as deep as the tree was, which restrict_compile() has bounded.
 */
#include <string.h>

#include "mapi/mapitext.h"
#include "mapi/restrict_program.h"
#include "util/bytes.h"

/* The value of a property, at hand; large ones are read. */
static bool get_cell(const struct restrict_row *row, ULONG tag, struct bag_value *out)
{
    if (!row->get(row->context, tag, out))
        return false;
    if ((out->flags & BAG_LARGE) == 0)
        return true;
    return row->load != NULL && row->load(row->context, out) && (out->flags & BAG_LARGE) == 0;
}

bool restrict_is_of_tag(ULONG stored_tag, ULONG tag)
{
    ULONG stored = PROP_TYPE(stored_tag);
    ULONG wanted = PROP_TYPE(propval_stored_tag(tag & ~(ULONG)MV_INSTANCE));

    if (wanted == PT_UNSPECIFIED || stored == wanted)
        return true;
    /* one value of a multivalued property, in a row of its own */
    return (tag & MV_INSTANCE) != 0 && (stored | MV_FLAG) == wanted;
}

static bool is_order(int order, ULONG relop)
{
    switch (relop) {
    case RELOP_LT:
        return order < 0;
    case RELOP_LE:
        return order <= 0;
    case RELOP_GT:
        return order > 0;
    case RELOP_GE:
        return order >= 0;
    case RELOP_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

static bool is_size_order(size_t size, ULONG relop, ULONG than)
{
    return is_order((size > than) - (size < than), relop);
}

/* Fixed-width values of another width are malformed, and malformed values satisfy nothing. */
static bool is_whole(const struct bag_value *value)
{
    size_t width = propval_width(PROP_TYPE(value->tag));

    if ((value->tag & MV_FLAG) != 0)
        return propval_count(value) > 0;
    return width == 0 || value->size == width;
}

struct test {
    const struct restrict_program *program;
    const struct restrict_node *node;
};

static bool test_content(const struct test *test, const struct bag_value *value)
{
    return textmatch_test(&test->program->matches[test->node->number], value->data, value->size);
}

static bool test_property(const struct test *test, const struct bag_value *value)
{
    struct bag_value constant;

    if (!is_whole(value))
        return false;
    cell_bytes(test->node->type, test->program->data + test->node->at, test->node->size, &constant);
    return is_order(propval_compare_fold(value, &constant), test->node->relop);
}

/* Tests the value when it is of the constant's type, else each of its elements. */
static bool match_values(const struct test *test, const struct restrict_row *row,
        bool (*fn)(const struct test *test, const struct bag_value *value))
{
    struct bag_value cell, value;
    size_t count, i;

    if (!get_cell(row, test->node->tag, &cell) || !restrict_is_of_tag(cell.tag, test->node->tag))
        return false;
    if (PROP_TYPE(cell.tag) == test->node->type)
        return fn(test, &cell);
    count = propval_count(&cell);
    for (i = 0; i < count; i++) {
        if (propval_element(&cell, i, &value) && fn(test, &value))
            return true;
    }
    return false;
}

static bool match_compare(const struct restrict_node *node, const struct restrict_row *row)
{
    struct bag_value a, b;

    if (!get_cell(row, node->tag, &a) || !get_cell(row, node->number, &b))
        return false;
    if (!restrict_is_of_tag(a.tag, node->tag) || !restrict_is_of_tag(b.tag, node->number))
        return false;
    if (PROP_TYPE(a.tag) != PROP_TYPE(b.tag) || !is_whole(&a) || !is_whole(&b))
        return false;
    return is_order(propval_compare_fold(&a, &b), node->relop);
}

static bool match_bitmask(const struct restrict_node *node, const struct restrict_row *row)
{
    struct bag_value cell;

    if (!get_cell(row, node->tag, &cell) || PROP_TYPE(cell.tag) != PT_LONG || cell.size != 4)
        return false;
    return ((get_u32le(cell.data) & node->number) != 0) == (node->relop == BMR_NEZ);
}

/* Bytes of one value as the client would get it. */
static size_t single_size(const struct bag_value *value, bool is_ansi)
{
    const char *text = (const char *)value->data;

    switch (PROP_TYPE(value->tag)) {
    case PT_BOOLEAN:
        return sizeof(unsigned short);
    case PT_UNICODE:
        return is_ansi ? mapitext_to_ansi(text, value->size, NULL, 0) + 1
                       : (mapitext_unit_count(text, value->size) + 1) * sizeof(WCHAR);
    default:
        return value->size;
    }
}

static bool match_size(const struct restrict_node *node, const struct restrict_row *row)
{
    bool is_ansi = (PROP_TYPE(node->tag) & ~(ULONG)MVI_FLAG) == PT_STRING8;
    struct bag_value cell, value;
    struct bag_large large;
    size_t size = 0;
    size_t count, i;

    if (!row->get(row->context, node->tag, &cell) || !restrict_is_of_tag(cell.tag, node->tag))
        return false;
    if (PROP_TYPE(cell.tag) == PT_BINARY && bag_large_get(&cell, &large))
        return is_size_order(
                large.size < SIZE_MAX ? (size_t)large.size : SIZE_MAX, node->relop, node->number);
    if (!get_cell(row, node->tag, &cell) || !is_whole(&cell))
        return false;
    if ((cell.tag & MV_FLAG) == 0)
        return is_size_order(single_size(&cell, is_ansi), node->relop, node->number);
    count = propval_count(&cell);
    for (i = 0; i < count; i++) {
        if (!propval_element(&cell, i, &value))
            return false;
        size += single_size(&value, is_ansi);
    }
    return is_size_order(size, node->relop, node->number);
}

static bool match_exist(const struct restrict_node *node, const struct restrict_row *row)
{
    struct bag_value cell;

    return row->get(row->context, node->tag, &cell);
}

/* RES_AND looks for a false child, RES_OR for a true one. */
static bool has_child(const struct restrict_program *program, size_t index, bool wanted,
        const struct restrict_row *row)
{
    size_t child = index + 1;

    while (child < program->nodes[index].end) {
        if (restrict_match_node(program, child, row) == wanted)
            return true;
        child = program->nodes[child].end;
    }
    return false;
}

bool restrict_match_node(
        const struct restrict_program *program, size_t index, const struct restrict_row *row)
{
    const struct restrict_node *node = &program->nodes[index];
    struct test test = { program, node };

    switch (node->op) {
    case OP_AND:
        return !has_child(program, index, false, row);
    case OP_OR:
        return has_child(program, index, true, row);
    case OP_NOT:
        return !restrict_match_node(program, index + 1, row);
    case OP_CONTENT:
        return match_values(&test, row, test_content);
    case OP_PROPERTY:
        return match_values(&test, row, test_property);
    case OP_COMPARE:
        return match_compare(node, row);
    case OP_BITMASK:
        return match_bitmask(node, row);
    case OP_SIZE:
        return match_size(node, row);
    case OP_EXIST:
        return match_exist(node, row);
    case OP_SUBOBJECT:
        return row->any != NULL && row->any(row->context, node->tag, program, index + 1);
    default:
        return true;
    }
}

bool restrict_match(const struct restrict_program *program, const struct restrict_row *row)
{
    return program == NULL || restrict_match_node(program, 0, row);
}
