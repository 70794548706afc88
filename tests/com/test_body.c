/* SPDX-License-Identifier: MIT */
/*
 * test_body.c - PR_BODY, PR_HTML, PR_RTF_COMPRESSED: what is set comes back, the others are made
 * from it.
 */
#include "body_world.h"

/* --- one form is there, the others are made --------------------------------------------------- */

static void mask__store__claims_what_is_true(void **state)
{
    struct fixture *fx = *state;
    LONG mask = prop_long(fx->store, PR_STORE_SUPPORT_MASK);

    assert_int_equal(mask & STORE_RTF_OK, STORE_RTF_OK);
    assert_int_equal(mask & STORE_HTML_OK, STORE_HTML_OK);
    assert_int_equal(mask & STORE_UNCOMPRESSED_RTF, 0);
}

/* IMessage.BodySync.1 StoreProp.SupportMask.16 */
static void body__only_rtf_is_set__is_its_text(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    set_rtf(message, plain_rtf);
    prop_assert_text(message, PR_BODY_W, "Hello bold world\r\n");
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "Hello bold world\r\n");
    assert_true(prop_bool(message, PR_RTF_IN_SYNC));
    assert_int_equal(native_of(message), NATIVE_BODY_RTF);
    assert_null(prop_get(message, PR_HTML));
    assert_true(lists(message, PR_RTF_COMPRESSED));
    assert_false(lists(message, PR_BODY));
    assert_false(lists(message, PR_RTF_IN_SYNC));
    assert_false(lists(message, PR_NATIVE_BODY_INFO));
    release_last(message);
}

/* IMessage.BodySync.2 */
static void rtf__only_body_is_set__is_made_of_it(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_BODY_W, "a {b}\r\n\xE2\x82\xAC");
    message = saved(fx, message);
    assert_rtf_has(message, "\\fromtext");
    assert_rtf_has(message, "a \\{b\\}\\par\r\n\\u8364?}");
    assert_true(prop_bool(message, PR_RTF_IN_SYNC));
    assert_int_equal(native_of(message), NATIVE_BODY_PLAIN);
    assert_null(prop_get(message, PR_HTML));
    assert_true(lists(message, PR_BODY));
    assert_false(lists(message, PR_RTF_COMPRESSED));
    release_last(message);
}

/* IMessage.BodySync.11 */
static void body__only_html_is_set__is_its_text(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    set_html(message, "<html><head><title>no</title></head><p>one&nbsp;<b>two</b></p>\n<p>three");
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "one\xC2\xA0two\r\n\r\nthree");
    assert_rtf_has(message, "\\fromhtml1");
    assert_rtf_has(message, "{\\*\\htmltag64 <b>}");
    assert_int_equal(native_of(message), NATIVE_BODY_HTML);
    assert_false(lists(message, PR_BODY));
    assert_false(lists(message, PR_RTF_COMPRESSED));
    release_last(message);
}

/* Without PR_INTERNET_CPID it is ASCII, and right in any code page. */
static void html__encapsulated_in_rtf__comes_out(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    set_rtf(message, html_rtf);
    message = saved(fx, message);
    assert_binary(message, PR_HTML, "<p>gr&#252;&#8364;n</p>");
    prop_assert_text(message, PR_BODY_HTML_W, "<p>gr\xC3\xBC\xE2\x82\xACn</p>");
    prop_assert_text(message, PR_BODY_W, "\r\ngr\xC3\xBC\xE2\x82\xACn");
    assert_int_equal(native_of(message), NATIVE_BODY_HTML);
    prop_set_long(message, PR_INTERNET_CPID, 28591);
    assert_binary(message, PR_HTML, "<p>gr\xFC&#8364;n</p>");
    prop_set_long(message, PR_INTERNET_CPID, 65001);
    assert_binary(message, PR_HTML, "<p>gr\xC3\xBC\xE2\x82\xACn</p>");
    release_last(message);
}

/* IMessage.BodySync.10 */
static void html__as_bytes_or_as_text__is_one_value(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_long(message, PR_INTERNET_CPID, 1251);
    set_html(message, "<p>\xEF\xF0</p>");
    prop_assert_text(message, PR_BODY_HTML_W, "<p>\xD0\xBF\xD1\x80</p>");
    prop_set_text(message, PR_BODY_HTML_W, "<p>\xD0\xB0</p>");
    assert_binary(message, PR_HTML, "<p>\xE0</p>");
    message = saved(fx, message);
    assert_binary(message, PR_HTML, "<p>\xE0</p>");
    prop_assert_text(message, PR_BODY_HTML_W, "<p>\xD0\xB0</p>");
    prop_assert_text(message, PR_BODY_W, "\xD0\xB0");
    release_last(message);
    message = create(fx);
    set_html(message, "<meta charset=\"koi8-r\"><p>\xD2</p>");
    prop_assert_text(message, PR_BODY_W, "\xD1\x80");
    prop_set_text(message, PR_BODY_HTML_W, "<meta charset=\"koi8-r\"><p>\xD1\x80</p>");
    assert_binary(message, PR_HTML, "<meta charset=\"koi8-r\"><p>\xD2</p>");
    set_html(message, "<p>\xC3\xA4</p>");
    prop_assert_text(message, PR_BODY_W, "\xC3\xA4");
    set_html(message, "<p>\xE4</p>");
    prop_assert_text(message, PR_BODY_W, "\xC3\xA4");
    release_last(message);
}

static void html__of_another_type__is_a_problem(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue value = { .ulPropTag = CHANGE_PROP_TYPE(PR_HTML, PT_LONG) };
    LPSPropProblemArray problems = NULL;

    assert_ok(message->lpVtbl->SetProps(message, 1, &value, &problems));
    assert_non_null(problems);
    assert_hr(problems->aProblem[0].scode, MAPI_E_UNEXPECTED_TYPE);
    mapi_free(problems);
    assert_null(prop_get(message, PR_HTML));
    release_last(message);
}

static void none__nothing_is_set__not_found(void **state)
{
    static const ULONG tags[] = { PR_BODY_W, PR_RTF_COMPRESSED, PR_HTML, PR_BODY_HTML_W,
        PR_RTF_IN_SYNC, PR_NATIVE_BODY_INFO };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream = POISON;

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        assert_null(prop_get(message, tags[i]));
    assert_hr(message->lpVtbl->OpenProperty(
                      message, PR_BODY_W, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream),
            MAPI_E_NOT_FOUND);
    assert_null(stream);
    release_last(message);
}

static void native_info__set_by_client__stays(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_BODY_W, "text");
    set_html(message, "<p>text</p>");
    prop_set_long(message, PR_NATIVE_BODY_INFO, NATIVE_BODY_CLEAR_SIGNED);
    message = saved(fx, message);
    assert_int_equal(native_of(message), NATIVE_BODY_CLEAR_SIGNED);
    assert_true(lists(message, PR_NATIVE_BODY_INFO));
    release_last(message);
}

static void rtf__damaged__other_forms_count(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_binary(message, PR_RTF_COMPRESSED, "not such a stream", 17);
    message = saved(fx, message);
    assert_binary(message, PR_RTF_COMPRESSED, "not such a stream");
    assert_null(prop_get(message, PR_BODY_W));
    assert_null(prop_get(message, PR_HTML));
    assert_null(prop_get(message, PR_NATIVE_BODY_INFO));
    set_html(message, "<p>x</p>");
    prop_set_binary(message, PR_RTF_COMPRESSED, "nor this", 8);
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "x");
    release_last(message);
}

/* What is too long for GetProps is read as a stream, made or not. */
static void body__made_and_long__read_as_a_stream(void **state)
{
    enum { PARAGRAPHS = 20000 };

    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char *html = malloc(PARAGRAPHS * 16 + 1);
    SPropTagArray tags = { 1, { PR_BODY_W } };
    SPropValue *value = NULL;
    ULONG count = 0;
    size_t size = 0;
    char *bytes;

    assert_non_null(html);
    for (size_t i = 0; i < PARAGRAPHS; i++)
        memcpy(html + i * 16, "<p>&#97;bc</p>\r\n", 17);
    set_html(message, html);
    message = saved(fx, message);
    assert_hr(message->lpVtbl->GetProps(message, &tags, 0, &count, &value), MAPI_W_ERRORS_RETURNED);
    assert_hr(value->Value.err, MAPI_E_NOT_ENOUGH_MEMORY);
    mapi_free(value);
    bytes = read_stream(message, PR_BODY_A, &size);
    assert_int_equal(size, PARAGRAPHS * 7 - 4);
    assert_memory_equal(bytes, "abc\r\n\r\nabc\r\n\r\n", 14);
    free(bytes);
    bytes = read_stream(message, PR_BODY_W, &size);
    assert_int_equal(size, 2 * (PARAGRAPHS * 7 - 4));
    free(bytes);
    release_last(message);
    free(html);
}

/* Above the limit nothing is made, and what is stored stays what it is. */
static void body__source_above_the_limit__is_not_made(void **state)
{
    const size_t limit = 8 * 1024 * 1024, piece = 1024 * 1024;
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char *bytes = malloc(piece);
    IStream *stream = NULL;

    assert_non_null(bytes);
    memset(bytes, 'x', piece);
    assert_ok(message->lpVtbl->OpenProperty(
            message, PR_HTML, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)&stream));
    for (size_t done = 0; done < limit; done += piece)
        assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)piece, NULL));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    save(message);
    free(read_stream(message, PR_BODY_W, &(size_t){ 0 }));
    assert_ok(stream->lpVtbl->Write(stream, "x", 1, NULL));
    release_last(stream);
    save(message);
    assert_null(prop_get(message, PR_BODY_W));
    assert_null(prop_get(message, PR_RTF_COMPRESSED));
    assert_int_equal(native_of(message), NATIVE_BODY_HTML);
    release_last(message);
    free(bytes);
}

/* What was made can be changed through a stream; only a change makes it the client's. */
static void body__made_and_opened_for_writing__stored_when_written(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IStream *stream = NULL;

    set_rtf(message, plain_rtf);
    message = saved(fx, message);
    assert_ok(message->lpVtbl->OpenProperty(
            message, PR_BODY_A, &IID_IStream, 0, MAPI_MODIFY, (LPUNKNOWN *)&stream));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    save(message);
    assert_false(lists(message, PR_BODY));
    assert_true(lists(message, PR_RTF_COMPRESSED));
    assert_ok(stream->lpVtbl->Write(stream, "J", 1, NULL));
    release_last(stream);
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "Jello bold world\r\n");
    assert_rtf_has(message, "Jello bold world");
    assert_false(lists(message, PR_RTF_COMPRESSED));
    release_last(message);
}

static void delete_prop(IMessage *message, ULONG tag)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    LPSPropProblemArray problems = NULL;

    assert_ok(message->lpVtbl->DeleteProps(message, (LPSPropTagArray)&tags, &problems));
    assert_null(problems);
}

/* One form less: it is made of the others then, and the last one takes all with it. */
static void bodies__deleted__made_of_what_is_left(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *value;

    prop_set_text(message, PR_BODY_W, "text");
    set_rtf(message, html_rtf);
    save(message);
    delete_prop(message, PR_BODY_W);
    prop_assert_text(message, PR_BODY_W, "\r\ngr\xC3\xBC\xE2\x82\xACn");
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "\r\ngr\xC3\xBC\xE2\x82\xACn");
    delete_prop(message, PR_BODY_W);
    delete_prop(message, PR_HTML);
    value = prop_get(message, PR_RTF_COMPRESSED);
    assert_non_null(value);
    mapi_free(value);
    delete_prop(message, PR_RTF_COMPRESSED);
    message = saved(fx, message);
    assert_null(prop_get(message, PR_BODY_W));
    assert_null(prop_get(message, PR_HTML));
    assert_null(prop_get(message, PR_RTF_IN_SYNC));
    release_last(message);
}

/* A copy has what was stored, and nothing that was made of it. */
static void bodies__copied__copy_has_what_was_stored(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IMessage *copy = create(fx);

    set_html(message, "<p>only</p>");
    message = saved(fx, message);
    assert_ok(
            message->lpVtbl->CopyTo(message, 0, NULL, NULL, 0, NULL, &IID_IMessage, copy, 0, NULL));
    copy = saved(fx, copy);
    assert_true(lists(copy, PR_HTML));
    assert_false(lists(copy, PR_BODY));
    assert_false(lists(copy, PR_RTF_COMPRESSED));
    assert_false(lists(copy, PR_RTF_IN_SYNC));
    prop_assert_text(copy, PR_BODY_W, "only");
    release_last(copy);
    release_last(message);
}

static void body__embedded_message__is_made_there_too(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IMessage *inner = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
    assert_ok(attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
            MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)&inner));
    set_html(inner, "<p>inner</p>");
    save(inner);
    prop_assert_text(inner, PR_BODY_W, "inner");
    release_last(inner);
    release_last(attach);
    release_last(message);
}

/* Columns and restrictions see the text of HTML mail. restriction.CONTENT.12 */
static void body__in_a_contents_table__is_seen_and_found(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SizedSPropTagArray(2, columns) = { 2, { PR_BODY_W, PR_NATIVE_BODY_INFO } };
    SPropValue needle = { .ulPropTag = PR_BODY_W };
    char16_t word[] = u"needle";
    SRestriction find = { .rt = RES_CONTENT };
    LPMAPITABLE table = NULL;
    LPSRowSet rows = NULL;
    ULONG count = 0;

    set_html(message, "<p>hay &amp; <b>nee</b>dle</p>");
    save(message);
    release_last(message);
    mapi_free(message_make(fx->inbox, "nothing in it"));
    needle.Value.lpszW = (LPWSTR)word;
    find.res.resContent.ulFuzzyLevel = FL_SUBSTRING;
    find.res.resContent.ulPropTag = PR_BODY_W;
    find.res.resContent.lpProp = &needle;
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0));
    assert_ok(table->lpVtbl->Restrict(table, &find, 0));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(count, 1);
    assert_ok(table->lpVtbl->QueryRows(table, 5, 0, &rows));
    assert_int_equal(rows->cRows, 1);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, PR_BODY_W);
    assert_int_equal(rows->aRow[0].lpProps[1].Value.l, NATIVE_BODY_HTML);
    mapi_free_rows(rows);
    release_last(table);
}

/* Encoded bytes as text: nothing in it comes twice, and compressed it would be larger. */
static void rtf__text_without_repetitions__goes_as_it_is(void **state)
{
    static const char letters[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char *text = calloc(1, 20001);
    uint32_t seed = 1;
    SPropValue *value;
    size_t size;

    assert_non_null(text);
    for (size_t i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        text[i] = letters[seed >> 26];
    }
    prop_set_text(message, PR_BODY_W, text);

    value = prop_get(message, PR_RTF_COMPRESSED);

    assert_non_null(value);
    size = value->Value.bin.cb;
    assert_true(size > 20016);
    assert_memory_equal(value->Value.bin.lpb + 8, "MELA\0\0\0\0", 8);
    assert_memory_equal(value->Value.bin.lpb + 16, "{\\rtf1", 6);
    value->Value.bin.lpb[size - 1] = 0;
    assert_non_null(strstr((const char *)value->Value.bin.lpb + 16, text));
    mapi_free(value);
    free(text);
    release_last(message);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(mask__store__claims_what_is_true),
        INBOX_TEST(body__only_rtf_is_set__is_its_text),
        INBOX_TEST(rtf__only_body_is_set__is_made_of_it),
        INBOX_TEST(body__only_html_is_set__is_its_text),
        INBOX_TEST(rtf__text_without_repetitions__goes_as_it_is),
        INBOX_TEST(html__encapsulated_in_rtf__comes_out),
        INBOX_TEST(html__as_bytes_or_as_text__is_one_value),
        INBOX_TEST(html__of_another_type__is_a_problem),
        INBOX_TEST(none__nothing_is_set__not_found),
        INBOX_TEST(native_info__set_by_client__stays),
        INBOX_TEST(rtf__damaged__other_forms_count),
        INBOX_TEST(body__made_and_long__read_as_a_stream),
        INBOX_TEST(body__source_above_the_limit__is_not_made),
        INBOX_TEST(body__made_and_opened_for_writing__stored_when_written),
        INBOX_TEST(bodies__deleted__made_of_what_is_left),
        INBOX_TEST(bodies__copied__copy_has_what_was_stored),
        INBOX_TEST(body__embedded_message__is_made_there_too),
        INBOX_TEST(body__in_a_contents_table__is_seen_and_found),
    };

    return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
