/* SPDX-License-Identifier: MIT */
/*
 * test_restrict_pack.c - restrictions as bytes, and back: equal to what they were, in one block,
 * whatever the bytes are.
 */
#include "mapi/restrict_pack.h"

#include "mapi/propval.h"
#include "restrict_fixture.h"

/* -- A host that counts its blocks and can fail ------------------------------------------------ */

static size_t host_live;
static bool host_fails;

static SCODE STDMETHODCALLTYPE host_allocate(ULONG size, LPVOID *out)
{
    *out = NULL;
    if (host_fails)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *out = malloc(size);
    memset(*out, 0xA5, size);
    host_live++;
    return S_OK;
}

static SCODE STDMETHODCALLTYPE host_allocate_more(ULONG size, LPVOID root, LPVOID *out)
{
    (void)size;
    (void)root;
    *out = NULL;
    fail_msg("one block is enough");
    return MAPI_E_NOT_ENOUGH_MEMORY;
}

static ULONG STDAPICALLTYPE host_free(LPVOID block)
{
    free(block);
    host_live--;
    return 0;
}

static const struct mapi_alloc host = { host_allocate, host_allocate_more, host_free };

static int reset(void **state)
{
    (void)state;
    host_live = 0;
    host_fails = false;
    return 0;
}

static int nothing_left(void **state)
{
    (void)state;
    assert_int_equal(host_live, 0);
    assert_int_equal(msp_alloc_count_live(), 0);
    return 0;
}

/* -- Trees told as text ------------------------------------------------------------------------ */

static void tell_value(const SPropValue *value, struct msp_buf *line)
{
    struct msp_buf stored = MSP_BUF_INIT;

    (void)msp_buf_printf(line, "%08X=", (unsigned)value->ulPropTag);
    if (PROP_TYPE(value->ulPropTag) == PT_ERROR) {
        (void)msp_buf_printf(line, "%08X", (unsigned)value->Value.err);
    } else if (!propval_is_skipped(value)) {
        assert_int_equal(propval_check(value), S_OK);
        assert_int_equal(propval_encode(value, &stored), S_OK);
    }
    for (size_t i = 0; i < stored.size; i++)
        (void)msp_buf_printf(line, "%02X", stored.data[i]);
    msp_buf_free(&stored);
}

static void tell(const SRestriction *node, struct msp_buf *line)
{
    (void)msp_buf_printf(line, "%u(", (unsigned)node->rt);
    switch (node->rt) {
    case RES_AND:
    case RES_OR:
        (void)msp_buf_printf(line, "%u:", (unsigned)node->res.resAnd.cRes);
        for (ULONG i = 0; i < node->res.resAnd.cRes; i++)
            tell(&node->res.resAnd.lpRes[i], line);
        break;
    case RES_NOT:
        tell(node->res.resNot.lpRes, line);
        break;
    case RES_CONTENT:
    case RES_PROPERTY: /* one layout */
        (void)msp_buf_printf(line, "%X,%08X,", (unsigned)node->res.resContent.ulFuzzyLevel,
                (unsigned)node->res.resContent.ulPropTag);
        tell_value(node->res.resContent.lpProp, line);
        break;
    case RES_COMPAREPROPS:
    case RES_BITMASK:
    case RES_SIZE: /* one layout */
        (void)msp_buf_printf(line, "%X,%08X,%08X", (unsigned)node->res.resCompareProps.relop,
                (unsigned)node->res.resCompareProps.ulPropTag1,
                (unsigned)node->res.resCompareProps.ulPropTag2);
        break;
    case RES_EXIST:
        (void)msp_buf_printf(line, "%08X", (unsigned)node->res.resExist.ulPropTag);
        break;
    case RES_SUBRESTRICTION:
        (void)msp_buf_printf(line, "%08X,", (unsigned)node->res.resSub.ulSubObject);
        tell(node->res.resSub.lpRes, line);
        break;
    case RES_COMMENT:
        for (ULONG i = 0; i < node->res.resComment.cValues; i++) {
            tell_value(&node->res.resComment.lpProp[i], line);
            (void)msp_buf_append_u8(line, ',');
        }
        if (node->res.resComment.lpRes != NULL)
            tell(node->res.resComment.lpRes, line);
        break;
    default:
        fail();
    }
    (void)msp_buf_append_u8(line, ')');
}

static void assert_same(const SRestriction *actual, const SRestriction *expected)
{
    struct msp_buf a = MSP_BUF_INIT;
    struct msp_buf b = MSP_BUF_INIT;

    tell(actual, &a);
    tell(expected, &b);
    assert_string_equal(msp_buf_cstr(&a), msp_buf_cstr(&b));
    msp_buf_free(&a);
    msp_buf_free(&b);
}

/* There and back, both ways back. */
static void assert_kept(const SRestriction *restriction, bool unicode)
{
    struct msp_buf packed = MSP_BUF_INIT;
    SRestriction *own = (void *)&own;
    SRestriction *given = (void *)&given;

    assert_int_equal(compile_only(restriction), S_OK);
    assert_int_equal(restrict_pack(restriction, &packed), S_OK);
    assert_int_equal(restrict_unpack_own(packed.data, packed.size, &own), S_OK);
    assert_same(own, restriction);
    assert_int_equal(restrict_unpack(&host, packed.data, packed.size, unicode, &given), S_OK);
    assert_int_equal(host_live, 1);
    assert_same(given, restriction);
    msp_free(own);
    (void)host.free(given);
    msp_buf_free(&packed);
}

/* A tree with a node of every kind. */
struct tree {
    SPropValue text;
    SPropValue number;
    SPropValue bytes;
    SPropValue comment[3];
    SRestriction leaves[6];
    SRestriction deep[4];
    SRestriction root;
};

static void tree_make(struct tree *tree)
{
    memset(tree, 0, sizeof(*tree));
    tree->text = text(TAG_TEXT, MSP_W("W\u00F6rld"));
    tree->number = number(TAG_NUMBER, -5);
    tree->bytes = bytes(TAG_BYTES, "a\0c", 3);
    tree->comment[0] = text(TAG_ABSENT_TEXT, MSP_W(""));
    tree->comment[1].ulPropTag = PROP_TAG(PT_ERROR, 0x6801);
    tree->comment[1].Value.err = MAPI_E_NOT_FOUND;
    tree->comment[2].ulPropTag = PR_NULL;
    tree->leaves[0] = res_content(FL_SUBSTRING | FL_IGNORECASE, TAG_TEXT, &tree->text);
    tree->leaves[1] = res_property(RELOP_GE, TAG_NUMBER, &tree->number);
    tree->leaves[2] = res_three(RES_COMPAREPROPS, RELOP_LT, TAG_NUMBER, TAG_NUMBER_2);
    tree->leaves[3] = res_three(RES_BITMASK, BMR_NEZ, TAG_NUMBER, 0x80000001);
    tree->leaves[4] = res_three(RES_SIZE, RELOP_LE, TAG_BYTES, 77);
    tree->leaves[5] = res_exist(TAG_FLAG);
    tree->deep[0] = res_list(RES_OR, 6, tree->leaves);
    tree->deep[1] = res_property(RELOP_EQ, TAG_BYTES, &tree->bytes);
    tree->deep[2] = res_sub(PR_MESSAGE_RECIPIENTS, &tree->deep[1]);
    tree->deep[3].rt = RES_COMMENT;
    tree->deep[3].res.resComment.cValues = 3;
    tree->deep[3].res.resComment.lpProp = tree->comment;
    tree->deep[3].res.resComment.lpRes = &tree->deep[2];
    tree->root = res_list(RES_AND, 4, tree->deep);
}

/* -- Tests ------------------------------------------------------------------------------------- */

/* IMAPIContainer.GetSearchCriteria.3 */
static void unpack__every_kind_of_node__is_what_was_packed(void **state)
{
    struct tree tree;
    SRestriction negated;
    SRestriction empty = res_list(RES_AND, 0, NULL);
    SRestriction plain = { .rt = RES_COMMENT };

    (void)state;
    tree_make(&tree);
    negated = res_not(&tree.root);
    assert_kept(&tree.root, true);
    assert_kept(&negated, true);
    assert_kept(&empty, false);
    assert_kept(&plain, false);
}

static void unpack__every_type_of_value__is_what_was_packed(void **state)
{
    static LONG longs[] = { 3, -7, 40 };
    static GUID guid = { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };
    static WCHAR red[] = MSP_W("Red"), none[] = MSP_W("");
    static BYTE raw[] = { 0, 1, 2 };
    LPWSTR texts[] = { red, none };
    SBinary bins[] = { { 3, raw }, { 0, NULL } };
    SPropValue values[12];
    SRestriction nodes[12];
    SRestriction root = res_list(RES_OR, 12, nodes);

    (void)state;
    memset(values, 0, sizeof(values));
    values[0].ulPropTag = TAG_FLAG;
    values[0].Value.b = 1;
    values[1].ulPropTag = TAG_LONGLONG;
    values[1].Value.li.QuadPart = INT64_MIN;
    values[2].ulPropTag = TAG_SHORT;
    values[2].Value.i = -2;
    values[3].ulPropTag = TAG_TIME;
    values[3].Value.ft.dwHighDateTime = 0x01D00000;
    values[4].ulPropTag = TAG_DOUBLE;
    values[4].Value.dbl = 0.5;
    values[5].ulPropTag = TAG_GUID;
    values[5].Value.lpguid = &guid;
    values[6].ulPropTag = TAG_NUMBERS;
    values[6].Value.MVl.cValues = 3;
    values[6].Value.MVl.lpl = longs;
    values[7].ulPropTag = TAG_TEXTS;
    values[7].Value.MVszW.cValues = 2;
    values[7].Value.MVszW.lppszW = texts;
    values[8].ulPropTag = PROP_TAG(PT_MV_BINARY, 0x6820);
    values[8].Value.MVbin.cValues = 2;
    values[8].Value.MVbin.lpbin = bins;
    values[9].ulPropTag = PROP_TAG(PT_R4, 0x6821);
    values[9].Value.flt = -1.5f;
    values[10].ulPropTag = PROP_TAG(PT_CURRENCY, 0x6822);
    values[10].Value.cur.int64 = -12345;
    values[11] = bytes(TAG_BYTES, "", 0);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        nodes[i] = res_property(RELOP_EQ, values[i].ulPropTag, &values[i]);
    assert_kept(&root, true);
}

/* IMAPIContainer.GetSearchCriteria.6 */
static void unpack__texts__in_the_width_asked_for(void **state)
{
    SPropValue narrow = text_a(TAG_TEXT_A, "Caf\xE9");
    SPropValue wide = text(TAG_TEXT, MSP_W("Caf\u00E9"));
    SRestriction nodes[4] = { res_content(FL_PREFIX, TAG_TEXT_A, &narrow),
        res_property(RELOP_EQ, TAG_TEXT, &wide), res_exist(TAG_TEXT_A),
        res_three(RES_SIZE, RELOP_EQ, TAG_TEXT_A, 4) };
    SRestriction root = res_list(RES_AND, 4, nodes);
    struct msp_buf packed = MSP_BUF_INIT;
    SRestriction *out;

    (void)state;
    assert_int_equal(restrict_pack(&root, &packed), S_OK);
    for (int unicode = 0; unicode < 2; unicode++) {
        ULONG tag = unicode ? TAG_TEXT : TAG_TEXT_A;
        const SRestriction *found;

        out = NULL;
        assert_int_equal(
                restrict_unpack(&host, packed.data, packed.size, unicode != 0, &out), S_OK);
        found = out->res.resAnd.lpRes;
        assert_int_equal(found[0].res.resContent.ulPropTag, tag);
        assert_int_equal(found[0].res.resContent.lpProp->ulPropTag, tag);
        assert_int_equal(found[1].res.resProperty.ulPropTag, tag);
        assert_int_equal(found[1].res.resProperty.lpProp->ulPropTag, tag);
        assert_int_equal(found[2].res.resExist.ulPropTag, tag);
        assert_int_equal(found[3].res.resSize.ulPropTag, TAG_TEXT_A); /* 4 is a count of these */
        for (int i = 0; i < 2; i++) {
            const SPropValue *value = found[i].res.resContent.lpProp;

            if (unicode)
                assert_memory_equal(value->Value.lpszW, MSP_W("Caf\u00E9"), 5 * sizeof(WCHAR));
            else
                assert_string_equal(value->Value.lpszA, "Caf\xE9");
        }
        (void)host.free(out);
    }
    /* As it was packed: nothing changes its width. */
    assert_int_equal(restrict_unpack_own(packed.data, packed.size, &out), S_OK);
    assert_int_equal(out->res.resAnd.lpRes[0].res.resContent.lpProp->ulPropTag, TAG_TEXT_A);
    assert_string_equal(out->res.resAnd.lpRes[0].res.resContent.lpProp->Value.lpszA, "Caf\xE9");
    assert_int_equal(out->res.resAnd.lpRes[1].res.resContent.lpProp->ulPropTag, TAG_TEXT);
    msp_free(out);
    msp_buf_free(&packed);
}

/* IMAPIContainer.GetSearchCriteria.5 */
static void unpack__host_without_memory__says_so(void **state)
{
    struct msp_buf packed = MSP_BUF_INIT;
    SRestriction *out = (void *)&out;
    struct tree tree;

    (void)state;
    tree_make(&tree);
    assert_int_equal(restrict_pack(&tree.root, &packed), S_OK);
    host_fails = true;
    assert_int_equal(
            restrict_unpack(&host, packed.data, packed.size, true, &out), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(out);
    msp_buf_free(&packed);
}

static void pack__nth_allocation_fails__says_so(void **state)
{
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;
    struct tree tree;

    (void)state;
    tree_make(&tree);
    for (unsigned long nth = 1; hr != S_OK; nth++) {
        struct msp_buf packed = MSP_BUF_INIT;
        SRestriction *own = NULL;

        msp_alloc_fail_at(nth);
        hr = restrict_pack(&tree.root, &packed);
        if (SUCCEEDED(hr))
            hr = restrict_unpack_own(packed.data, packed.size, &own);
        if (!msp_alloc_fail_disarm())
            assert_int_equal(hr, S_OK);
        else
            assert_int_equal(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        msp_free(own);
        msp_buf_free(&packed);
    }
}

static void pack__comment_with_broken_values__invalid(void **state)
{
    SPropValue value = text(TAG_TEXT, NULL);
    SRestriction comment = { .rt = RES_COMMENT };
    struct msp_buf packed = MSP_BUF_INIT;

    (void)state;
    comment.res.resComment.cValues = 1;
    assert_int_equal(restrict_pack(&comment, &packed), MAPI_E_INVALID_PARAMETER);
    comment.res.resComment.lpProp = &value;
    assert_int_equal(restrict_pack(&comment, &packed), MAPI_E_INVALID_PARAMETER);
    value.ulPropTag = PROP_TAG(PT_OBJECT, 0x6800);
    assert_int_equal(restrict_pack(&comment, &packed), MAPI_E_INVALID_PARAMETER);
    msp_buf_free(&packed);
}

static void pack__too_big__too_complex(void **state)
{
    SRestriction *many = calloc(RESTRICT_MAX_NODES, sizeof(*many));
    char *large = calloc(1, RESTRICT_PACK_MAX);
    SPropValue value = bytes(TAG_BYTES, large, RESTRICT_PACK_MAX);
    SRestriction root = res_property(RELOP_EQ, TAG_BYTES, &value);
    struct msp_buf packed = MSP_BUF_INIT;

    (void)state;
    assert_int_equal(restrict_pack(&root, &packed), MAPI_E_TOO_COMPLEX);
    msp_buf_free(&packed);
    for (size_t i = 0; i < RESTRICT_MAX_NODES; i++)
        many[i].rt = RES_COMMENT;
    root = res_list(RES_AND, RESTRICT_MAX_NODES, many);
    assert_int_equal(restrict_pack(&root, &packed), MAPI_E_TOO_COMPLEX);
    msp_buf_free(&packed);
    root = res_list(RES_AND, RESTRICT_MAX_NODES - 1, many);
    assert_int_equal(restrict_pack(&root, &packed), S_OK);
    msp_buf_free(&packed);
    free(large);
    free(many);
}

/* Bytes of a file are refused, or make a tree; they never do harm (run with ASan). */
static void try_bytes(const unsigned char *bytes_in, size_t size)
{
    unsigned char *exact = malloc(size > 0 ? size : 1);
    SRestriction *out = (void *)&out;
    HRESULT hr;

    memcpy(exact, bytes_in, size);
    hr = restrict_unpack(&host, exact, size, true, &out);
    if (SUCCEEDED(hr)) {
        struct msp_buf line = MSP_BUF_INIT;

        (void)compile_only(out);
        tell(out, &line);
        msp_buf_free(&line);
        (void)host.free(out);
    } else {
        assert_int_equal(hr, MAPI_E_CORRUPT_DATA);
        assert_null(out);
    }
    free(exact);
}

static void unpack__damaged_bytes__refused_or_harmless(void **state)
{
    struct msp_buf packed = MSP_BUF_INIT;
    SRestriction *out = (void *)&out;
    struct tree tree;

    (void)state;
    tree_make(&tree);
    assert_int_equal(restrict_pack(&tree.root, &packed), S_OK);
    for (size_t size = 0; size < packed.size; size++) {
        assert_int_equal(restrict_unpack_own(packed.data, size, &out), MAPI_E_CORRUPT_DATA);
        assert_null(out);
        try_bytes(packed.data, size);
    }
    for (size_t i = 0; i < packed.size; i++) {
        static const unsigned char tries[] = { 0x00, 0x01, 0x7F, 0x80, 0xFF };
        unsigned char was = packed.data[i];

        for (size_t k = 0; k < COUNT_OF(tries); k++) {
            packed.data[i] = tries[k];
            try_bytes(packed.data, packed.size);
        }
        packed.data[i] = was;
    }
    (void)msp_buf_append_u8(&packed, 0);
    assert_int_equal(restrict_unpack_own(packed.data, packed.size, &out), MAPI_E_CORRUPT_DATA);
    msp_buf_free(&packed);
}

static void unpack__too_deep__corrupt(void **state)
{
    struct msp_buf packed = MSP_BUF_INIT;
    SRestriction *out = (void *)&out;

    (void)state;
    (void)msp_buf_append_u8(&packed, 1);
    for (int i = 0; i < 100000; i++)
        (void)msp_buf_append_u32(&packed, RES_NOT);
    (void)msp_buf_append_u32(&packed, RES_EXIST);
    (void)msp_buf_append_u32(&packed, TAG_FLAG);
    assert_int_equal(restrict_unpack_own(packed.data, packed.size, &out), MAPI_E_CORRUPT_DATA);
    assert_null(out);
    msp_buf_free(&packed);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                unpack__every_kind_of_node__is_what_was_packed, reset, nothing_left),
        cmocka_unit_test_setup_teardown(
                unpack__every_type_of_value__is_what_was_packed, reset, nothing_left),
        cmocka_unit_test_setup_teardown(unpack__texts__in_the_width_asked_for, reset, nothing_left),
        cmocka_unit_test_setup_teardown(unpack__host_without_memory__says_so, reset, nothing_left),
        cmocka_unit_test_setup_teardown(pack__nth_allocation_fails__says_so, reset, nothing_left),
        cmocka_unit_test_setup_teardown(
                pack__comment_with_broken_values__invalid, reset, nothing_left),
        cmocka_unit_test_setup_teardown(pack__too_big__too_complex, reset, nothing_left),
        cmocka_unit_test_setup_teardown(
                unpack__damaged_bytes__refused_or_harmless, reset, nothing_left),
        cmocka_unit_test_setup_teardown(unpack__too_deep__corrupt, reset, nothing_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
