/* SPDX-License-Identifier: MIT */
/*
 * test_body_save.c - PR_BODY, PR_HTML, PR_RTF_COMPRESSED: a save keeps them in step.
 */
#include "body_world.h"

/* IMessage.BodySync.3 */
static void body__white_space_changed__rtf_stays(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    set_rtf(message, plain_rtf);
    save(message);
    prop_set_text(message, PR_BODY_W, " Hello  bold\r\nworld");
    message = saved(fx, message);
    assert_true(lists(message, PR_RTF_COMPRESSED));
    prop_assert_text(message, PR_BODY_W, " Hello  bold\r\nworld");
    release_last(message);
    /* A text of the client's own, which was never quite that of the RTF. */
    message = create(fx);
    set_rtf(message, plain_rtf);
    prop_set_text(message, PR_BODY_W, "Hello *bold* world");
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    save(message);
    prop_set_text(message, PR_BODY_W, "Hello *bold*\r\nworld\r\n");
    message = saved(fx, message);
    assert_true(lists(message, PR_RTF_COMPRESSED));
    assert_true(lists(message, PR_RTF_IN_SYNC));
    release_last(message);
}

/* IMessage.BodySync.4 */
static void body__other_words__rtf_has_them(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    set_rtf(message, plain_rtf);
    save(message);
    prop_set_text(message, PR_BODY_W, "Hello new world");
    message = saved(fx, message);
    assert_rtf_has(message, "Hello new world");
    assert_false(lists(message, PR_RTF_COMPRESSED));
    release_last(message);
    /* HTML is in the way just the same. */
    message = create(fx);
    set_html(message, "<p>old</p>");
    prop_set_long(message, PR_NATIVE_BODY_INFO, NATIVE_BODY_HTML);
    save(message);
    prop_set_text(message, PR_BODY_W, "new");
    message = saved(fx, message);
    assert_null(prop_get(message, PR_HTML));
    assert_int_equal(native_of(message), NATIVE_BODY_PLAIN);
    release_last(message);
}

static void rtf__changed_alone__body_follows(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_BODY_W, "old text");
    set_html(message, "<p>old text</p>");
    save(message);
    assert_true(lists(message, PR_BODY) && lists(message, PR_HTML));
    set_rtf(message, plain_rtf);
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "Hello bold world\r\n");
    assert_null(prop_get(message, PR_HTML));
    /* The same words: nothing is in the way. */
    prop_set_text(message, PR_BODY_W, "Hello bold world");
    save(message);
    set_rtf(message, "{\\rtf1 Hello {\\i bold} world}");
    message = saved(fx, message);
    assert_true(lists(message, PR_BODY));
    release_last(message);
}

static void html__changed_alone__others_follow(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_BODY_W, "old text");
    set_rtf(message, plain_rtf);
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    save(message);
    set_html(message, "<p>new</p>");
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "new");
    assert_rtf_has(message, "new");
    assert_false(lists(message, PR_RTF_IN_SYNC));
    release_last(message);
}

/* Set together they stay, whatever they say. IMessage.BodySync.6 */
static void bodies__set_together__all_stay(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_BODY_W, "text");
    set_html(message, "<p>html</p>");
    set_rtf(message, plain_rtf);
    save(message);
    prop_set_text(message, PR_BODY_W, "text 2");
    set_html(message, "<p>html 2</p>");
    set_rtf(message, html_rtf);
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "text 2");
    assert_binary(message, PR_HTML, "<p>html 2</p>");
    assert_true(lists(message, PR_RTF_COMPRESSED));
    assert_null(prop_get(message, PR_RTF_IN_SYNC));
    prop_set_text(message, PR_SUBJECT_W, "no body");
    message = saved(fx, message);
    assert_true(lists(message, PR_BODY) && lists(message, PR_HTML));
    assert_true(lists(message, PR_RTF_COMPRESSED));
    release_last(message);
}

/* A client that has synchronized them itself is believed; a damaged RTF takes nothing away. */
static void rtf__vouched_for_or_damaged__body_stays(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_BODY_W, "text");
    save(message);
    set_rtf(message, plain_rtf);
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    save(message);
    prop_assert_text(message, PR_BODY_W, "text");
    prop_set_binary(message, PR_RTF_COMPRESSED, "\x10\0\0\0\0\0\0\0LZFu????....", 20);
    message = saved(fx, message);
    prop_assert_text(message, PR_BODY_W, "text");
    release_last(message);
}

/* With a new HTML there is more than the two forms that the client speaks of. */
static void rtf__vouched_for_and_html_new__body_follows(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *value;
    char *text;

    prop_set_text(message, PR_BODY_W, "old");
    save(message);
    set_html(message, "<p>new</p>");
    set_rtf(message, "{\\rtf1 new}");
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    message = saved(fx, message);
    value = prop_get(message, PR_BODY_W);
    text = host_text_to_utf8((const uint16_t *)(const void *)value->Value.lpszW, SIZE_MAX);
    assert_non_null(strstr(text, "new"));
    free(text);
    mapi_free(value);
    release_last(message);
}

static IMessage *create_with_all(struct fixture *fx)
{
    IMessage *message = create(fx);

    prop_set_text(message, PR_BODY_W, "old");
    set_html(message, "<p>old</p>");
    set_rtf(message, "{\\rtf1 old}");
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    save(message);
    return message;
}

/* A new form too large to be compared, or to have its text made: what is left of the old ones would
 * be passed off as current. IMessage.BodySync.4 */
static void bodies__new_one_too_large_to_compare__old_ones_go(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create_with_all(fx);

    write_large(message, PR_BODY_A, 'x', 8, 1);
    message = saved(fx, message);
    assert_true(lists(message, PR_BODY));
    assert_false(lists(message, PR_HTML) || lists(message, PR_RTF_COMPRESSED));
    assert_false(lists(message, PR_RTF_IN_SYNC));
    assert_int_equal(native_of(message), NATIVE_BODY_PLAIN);
    release_last(message);

    message = create_with_all(fx);
    write_large(message, PR_HTML, 'x', 8, 1);
    message = saved(fx, message);
    assert_false(lists(message, PR_BODY) || lists(message, PR_RTF_COMPRESSED));
    assert_null(prop_get(message, PR_BODY_W));
    release_last(message);

    /* Small enough, but not its text: three bytes of UTF-8 for each of these. */
    message = create_with_all(fx);
    {
        const size_t size = 6 * 1024 * 1024;
        char *rtf = malloc(size + 1);

        assert_non_null(rtf);
        memset(rtf, '\x80', size);
        memcpy(rtf, "{\\rtf1\\ansi\\ansicpg1252 ", 25);
        memcpy(rtf + size - 1, "}", 2);
        set_rtf(message, rtf);
        free(rtf);
    }
    message = saved(fx, message);
    assert_true(lists(message, PR_RTF_COMPRESSED));
    assert_false(lists(message, PR_BODY) || lists(message, PR_HTML));
    release_last(message);
}

/* What the client vouches for needs no comparison; a small new form is one to compare with. */
static void bodies__new_one_too_large__what_is_known_to_agree_stays(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    set_rtf(message, plain_rtf);
    save(message);
    write_large(message, PR_BODY_A, 'x', 8, 1);
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    message = saved(fx, message);
    assert_true(lists(message, PR_RTF_COMPRESSED) && lists(message, PR_BODY));
    release_last(message);

    message = create_with_all(fx);
    write_large(message, PR_HTML, 'x', 8, 1);
    prop_set_text(message, PR_BODY_W, "old ");
    message = saved(fx, message);
    assert_true(lists(message, PR_RTF_COMPRESSED));
    release_last(message);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(body__white_space_changed__rtf_stays),
        INBOX_TEST(body__other_words__rtf_has_them),
        INBOX_TEST(rtf__changed_alone__body_follows),
        INBOX_TEST(html__changed_alone__others_follow),
        INBOX_TEST(bodies__set_together__all_stay),
        INBOX_TEST(rtf__vouched_for_or_damaged__body_stays),
        INBOX_TEST(rtf__vouched_for_and_html_new__body_follows),
        INBOX_TEST(bodies__new_one_too_large_to_compare__old_ones_go),
        INBOX_TEST(bodies__new_one_too_large__what_is_known_to_agree_stays),
    };

    return cmocka_run_group_tests_name("body_save", tests, NULL, NULL);
}
