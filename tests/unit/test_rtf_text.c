/* SPDX-License-Identifier: MIT */
/*
 * test_rtf_text.c - texts and HTML out of RTF, RTF out of texts and HTML, texts out of HTML.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/html_text.h"
#include "mapi/rtf_html.h"
#include "mapi/rtf_text.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

#define MANY ((size_t)1 << 24)

static enum rtf_status read_rtf(enum rtf_want want, const void *rtf, size_t size, size_t piece,
        size_t max, struct msp_buf *out)
{
    struct rtf_reader *reader = malloc(sizeof(*reader));
    enum rtf_status status;

    assert_non_null(reader);
    rtf_reader_init(reader, want, out, max);
    for (size_t at = 0; at < size; at += piece) {
        if (!rtf_reader_feed(reader, (const char *)rtf + at, msp_min(piece, size - at)))
            break;
    }
    status = rtf_reader_end(reader);
    rtf_reader_done(reader);
    free(reader);
    return status;
}

/* Whole and byte by byte. */
static void assert_reads(enum rtf_want want, const char *rtf, const char *expected)
{
    for (size_t piece = strlen(rtf); piece > 0; piece = piece > 1 ? 1 : 0) {
        struct msp_buf out = MSP_BUF_INIT;

        assert_int_equal(read_rtf(want, rtf, strlen(rtf), piece, MANY, &out), RTF_OK);
        assert_string_equal(msp_buf_cstr(&out), expected);
        msp_buf_free(&out);
    }
}

static void assert_no(enum rtf_want want, const char *rtf)
{
    struct msp_buf out = MSP_BUF_INIT;

    assert_int_equal(read_rtf(want, rtf, strlen(rtf), 7, MANY, &out), RTF_NOT);
    msp_buf_free(&out);
}

static void assert_html_text(const char *html, const char *expected)
{
    struct msp_buf out = MSP_BUF_INIT;

    assert_true(html_to_text(html, strlen(html), MANY, &out));
    assert_string_equal(msp_buf_cstr(&out), expected);
    msp_buf_free(&out);
}

/* --- text out of RTF -------------------------------------------------------------------------- */

static void text__plain_rtf__its_words(void **state)
{
    (void)state;
    assert_reads(RTF_WANT_TEXT,
            "{\\rtf1\\ansi\\pard Hello {\\b bold} \\i world\\i0 !\\par\r\nnext}",
            "Hello bold world!\r\nnext");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1 a\\tab b\\line c\\~d\\_e\\-f\\{\\}\\\\}",
            "a\tb\r\nc\xC2\xA0"
            "d\xE2\x80\x91"
            "ef{}\\");
    assert_reads(RTF_WANT_TEXT,
            "{\\rtf1\\lquote a\\rquote\\ldblquote b\\rdblquote\\endash\\emdash\\bullet}",
            "\xE2\x80\x98"
            "a\xE2\x80\x99\xE2\x80\x9C"
            "b\xE2\x80\x9D\xE2\x80\x93\xE2\x80\x94"
            "\xE2\x80\xA2");
}

static void text__destinations__are_not_in_it(void **state)
{
    (void)state;
    assert_reads(RTF_WANT_TEXT,
            "{\\rtf1{\\fonttbl{\\f0\\fswiss Arial;}}{\\colortbl;\\red1;}{\\stylesheet{\\s0 "
            "Normal;}}"
            "{\\info{\\title T}{\\author A}}{\\*\\generator G;}{\\header H}"
            "{\\field{\\*\\fldinst{HYPERLINK \"u\"}}{\\fldrslt link}}{\\pict 0102ab} end}",
            "link end");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1 a{\\v hidden}b\\v c\\v0 d{\\*\\unknown {x}y}}", "abd");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1 a{\\pict\\bin5 }}{{\\b}b}", "ab");
}

static void text__code_pages__by_document_and_font(void **state)
{
    (void)state;
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\ansi\\ansicpg1251 \\'ef\\'f0}", "\xD0\xBF\xD1\x80");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\ansi \\'80\\'e4}", "\xE2\x82\xAC\xC3\xA4");
    assert_reads(RTF_WANT_TEXT,
            "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}"
            "{\\f2\\fnil\\fcharset128 C;}{\\f3\\cpg1253 "
            "D;}}\\'e4{\\f1\\'e4}\\'e4\\f2\\'93\\'fa\\'96"
            "{\\'7b}\\f3\\'e1\\plain\\'e1}",
            "\xC3\xA4\xD0\xB4\xC3\xA4\xE6\x97\xA5\xE6\x9C\xAC\xCE\xB1\xC3\xA1");
    assert_reads(
            RTF_WANT_TEXT, "{\\rtf1\\ansicpg65001 \xC3\xA4\xE2\x82\xAC}", "\xC3\xA4\xE2\x82\xAC");
}

static void text__unicode__with_fallbacks_passed_over(void **state)
{
    (void)state;
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\u228?\\u8364\\'80x}", "\xC3\xA4\xE2\x82\xACx");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\uc0\\u228x\\uc2\\u228\\'aa\\'bbx{\\uc0\\u228x}\\u228??x}",
            "\xC3\xA4x\xC3\xA4x\xC3\xA4x\xC3\xA4x");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\u-10179?\\u-8704?}", "\xF0\x9F\x98\x80");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\u55357?\\u56832 ?}", "\xF0\x9F\x98\x80");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\u-10179?x}", "\xED\xA0\xBDx");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\uc1\\u228}?}", "\xC3\xA4");
    assert_reads(RTF_WANT_TEXT, "{\\rtf1\\uc1\\u228\\tab x}", "\xC3\xA4x");
}

static void text__of_encapsulated_html__what_rtf_readers_see(void **state)
{
    (void)state;
    assert_reads(RTF_WANT_TEXT,
            "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf \\par \\htmlrtf0 one"
            "{\\*\\htmltag84 &nbsp;}\\htmlrtf \\'a0\\htmlrtf0 two{\\*\\htmltag72 </p>}}",
            "\r\none\xC2\xA0two");
}

/* --- HTML out of RTF -------------------------------------------------------------------------- */

/* As in the published examples: tags, what RTF alone has, line ends, entities. */
static void html__encapsulated__comes_out(void **state)
{
    (void)state;
    assert_reads(RTF_WANT_HTML,
            "{\\rtf1\\ANSI\\ansicpg1251\\fromhtml1 \\deff0{\\fonttbl {\\f0\\fmodern Courier New;}"
            "{\\f1\\fswiss\\fcharset204 Arial;}}{\\colortbl\\red0\\green0\\blue0;}"
            "{\\*\\htmltag64}\\uc1\\pard\\plain\\deftab360 \\f0\\fs24 "
            "{\\*\\htmltag <HTML>}{\\*\\htmltag \\par }{\\*\\htmltag84 <B>}\\htmlrtf {\\b "
            "\\htmlrtf0 "
            "bold\\htmlrtf }\\htmlrtf0 {\\*\\htmltag92 </B>}{\\*\\mhtmltag 1}\\f1 \\'ef "
            "{\\*\\htmltag84 &lt;}\\htmlrtf <\\htmlrtf0\\tab\\{ \\u8364?"
            "{\\*\\htmltag \\'20\\u228?}\\rquote\\~\\line{\\*\\htmltag </HTML>}}",
            "<HTML>\r\n<B>bold</B>\xD0\xBF &lt;\t{ \xE2\x82\xAC \xC3\xA4&rsquo;&nbsp;\r\n</HTML>");
}

static void html__not_encapsulated__there_is_none(void **state)
{
    (void)state;
    assert_no(RTF_WANT_HTML, "{\\rtf1\\ansi\\fromtext text}");
    assert_no(RTF_WANT_HTML, "{\\rtf1\\ansi text}");
    assert_no(RTF_WANT_HTML, "{\\rtf1\\ansi}");
}

static void any__no_rtf__is_said(void **state)
{
    (void)state;
    assert_no(RTF_WANT_TEXT, "");
    assert_no(RTF_WANT_TEXT, "text");
    assert_no(RTF_WANT_TEXT, "{\\html}");
    assert_no(RTF_WANT_TEXT, "{text}");
    assert_no(RTF_WANT_TEXT, "\\rtf1");
}

static void any__nested_too_deeply__is_refused(void **state)
{
    struct msp_buf rtf = MSP_BUF_INIT;
    struct msp_buf out = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_append_str(&rtf, "{\\rtf1"));
    for (unsigned i = 0; i < RTF_DEPTH_MAX - 2; i++)
        assert_true(msp_buf_append_u8(&rtf, '{'));
    assert_true(msp_buf_append_u8(&rtf, 'x'));
    assert_int_equal(read_rtf(RTF_WANT_TEXT, rtf.data, rtf.size, 99, MANY, &out), RTF_OK);
    assert_int_equal(out.size, 1);
    assert_true(msp_buf_append_u8(&rtf, '{'));
    assert_int_equal(read_rtf(RTF_WANT_TEXT, rtf.data, rtf.size, 99, MANY, &out), RTF_NOT);
    msp_buf_free(&out);
    msp_buf_free(&rtf);
}

static void any__more_than_allowed__is_refused(void **state)
{
    static const char rtf[] = "{\\rtf1\\ansi abc\\'e4\\u228?\\par}";
    size_t whole = 3 + 2 + 2 + 2;

    (void)state;
    for (size_t max = 0; max <= whole; max++) {
        struct msp_buf out = MSP_BUF_INIT;

        assert_int_equal(read_rtf(RTF_WANT_TEXT, rtf, sizeof(rtf) - 1, 99, max, &out),
                max < whole ? RTF_TOO_LARGE : RTF_OK);
        msp_buf_free(&out);
    }
}

/* --- text out of HTML ------------------------------------------------------------------------- */

static void html_text__blocks_and_spaces__lines(void **state)
{
    (void)state;
    assert_html_text("<html><head><title>T</title><style>p {}</style></head><body>\r\n"
                     "<p>one  <b>two</b>\n three </p>\n<p>four</p></body></html>",
            "one two three\r\n\r\nfour");
    assert_html_text("<div>a</div><div>b<br>c<br/></div><div><br></div>d", "a\r\nb\r\nc\r\n\r\nd");
    assert_html_text("a<div><div>b</div></div>c", "a\r\nb\r\nc");
    assert_html_text(
            "<ul><li>a</li><li>b</li></ul><ol><li>c<li>d</ol>e", "* a\r\n* b\r\n1. c\r\n2. d\r\ne");
    assert_html_text(
            "<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>x", "a\tb\r\nc\td\r\nx");
    assert_html_text("a<pre>\r\n x  y\r\n\tz</pre>b", "a\r\n\r\n x  y\r\n\tz\r\n\r\nb");
    assert_html_text("a<hr>b", "a\r\n________________________________\r\nb");
}

static void html_text__references__their_characters(void **state)
{
    (void)state;
    assert_html_text("&lt;&amp;&gt;&quot;&apos;&nbsp;&euro;&#228;&#xE4;&#x1F600;&#128;",
            "<&>\"'\xC2\xA0\xE2\x82\xAC\xC3\xA4\xC3\xA4\xF0\x9F\x98\x80\xE2\x82\xAC");
    assert_html_text("a&b &amp &copy2 &euro &nosuch; &#; &#x; &; &", "a&b & &copy2 &euro &nosuch; "
                                                                     "&#; &#x; &; &");
    assert_html_text("a&#10;&#32; &#9;b&#xD;", "a b");
    assert_html_text("&#0;&#xD800;&#99999999;", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void html_text__odd_markup__is_not_text(void **state)
{
    (void)state;
    assert_html_text("<!DOCTYPE html><!-- <p>no</p> -->a<script>if (a<b) x</script>b", "ab");
    assert_html_text(
            "<a title=\"x>y\" href='z>'>a</a> < b <3 <![if !x]>c<![endif]><?xml x?>", "a < b <3 c");
    assert_html_text("a<b", "a");
    assert_html_text("a<!-- b", "a");
    assert_html_text("a<style>b", "a");
    assert_html_text("a</b x=\"", "a");
}

static void html_code_page__named_inside__is_found(void **state)
{
    (void)state;
    assert_int_equal(html_code_page("<meta charset=utf-8>", 20), 65001);
    assert_int_equal(html_code_page("\xEF\xBB\xBF", 3), 65001);
    assert_int_equal(
            html_code_page("<META http-equiv=c content=\"text/html; charset=KOI8-R\">", 55), 20866);
    assert_int_equal(html_code_page("<p>charset=utf-8</p>", 20), 0);
    assert_int_equal(html_code_page("<meta charset=no-such>", 22), 0);
    assert_int_equal(html_code_page("<meta charset=", 14), 0);
    assert_int_equal(html_code_page("", 0), 0);
}

/* Each of them is found, whatever its place among the others. */
static void html_text__every_element__brings_its_lines(void **state)
{
    static const char *const blocks[] = { "address", "article", "blockquote", "body", "center",
        "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "li", "ol", "p", "pre", "section", "table", "tr", "ul", "DIV", "P", "hR" };
    static const char *const others[] = { "a", "aa", "b", "em", "font", "span", "td", "th", "u",
        "zz", "o:p", "divx", "di", "abcdefghijklmnopqrstuvwxyz" };
    static const char *const unseen[] = { "iframe", "noembed", "noframes", "script", "style",
        "title", "STYLE" };
    char html[100];

    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        struct msp_buf out = MSP_BUF_INIT;

        snprintf(html, sizeof(html), "x<%s>y", blocks[i]);
        assert_true(html_to_text(html, strlen(html), MANY, &out));
        if (strncmp(msp_buf_cstr(&out), "x\r\n", 3) != 0)
            fail_msg("%s: %s", html, msp_buf_cstr(&out));
        msp_buf_free(&out);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        snprintf(html, sizeof(html), "x<%s>y</%s>", others[i], others[i]);
        assert_html_text(html, "xy");
    }
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
        snprintf(html, sizeof(html), "x<%s>y</%s >z", unseen[i], unseen[i]);
        assert_html_text(html, "xz");
    }
}

/* --- round trips ------------------------------------------------------------------------------ */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Pieces of a text that are likely to mean something, and any others. */
static void add_piece(struct msp_buf *text, uint32_t *seed, bool is_html)
{
    static const char *const pieces[] = { "<p>", "</p>", "<br>", "<div", ">", "</div>", "<pre>",
        "</pre>", "<ul><li>", "</ul>", "<ol><li>", "<td>", "<tr>", "<!--", "-->", "<script>",
        "</script>", "<hr>", "&nbsp;", "&#8364;", "&amp", "&", "&#10;", "<", "\"", "'", "=" };
    static const char *const others[] = { " ", "  ", "\r\n", "\n", "\r", "\t", "word", "{", "}",
        "\\", "\\par", "\xC3\xA4", "\xF0\x9F\x98\x80", "\xED\xA0\xBD", "x", "\x01", "1", "-" };
    bool is_piece = is_html && next_random(seed) % 2 == 0;
    const char *const *from = is_piece ? pieces : others;
    size_t count =
            is_piece ? sizeof(pieces) / sizeof(pieces[0]) : sizeof(others) / sizeof(others[0]);

    assert_true(msp_buf_append_str(text, from[next_random(seed) % count]));
}

/* The HTML comes back byte for byte, and the RTF reads as the HTML does. */
static void round_trip__random_html__same_and_same_text(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct msp_buf html = MSP_BUF_INIT, rtf = MSP_BUF_INIT, back = MSP_BUF_INIT;
        struct msp_buf text = MSP_BUF_INIT, rtf_text = MSP_BUF_INIT;

        for (uint32_t left = next_random(&seed) % 40; left > 0; left--)
            add_piece(&html, &seed, true);
        assert_true(rtf_from_html((char *)html.data, html.size, MANY, &rtf));
        assert_int_equal(read_rtf(RTF_WANT_HTML, rtf.data, rtf.size, 13, MANY, &back), RTF_OK);
        assert_string_equal(msp_buf_cstr(&back), msp_buf_cstr(&html));
        assert_true(html_to_text((char *)html.data, html.size, MANY, &text));
        assert_int_equal(
                read_rtf(RTF_WANT_TEXT, rtf.data, rtf.size, 4096, MANY, &rtf_text), RTF_OK);
        assert_string_equal(msp_buf_cstr(&rtf_text), msp_buf_cstr(&text));
        msp_buf_free(&html);
        msp_buf_free(&rtf);
        msp_buf_free(&back);
        msp_buf_free(&text);
        msp_buf_free(&rtf_text);
    }
}

/* The same text with CR LF at the end of each line. */
static void normalize(const char *text, struct msp_buf *out)
{
    for (; *text != '\0'; text++) {
        if (text[0] == '\r' && text[1] == '\n')
            text++;
        if (*text == '\r' || *text == '\n')
            assert_true(msp_buf_append_str(out, "\r\n"));
        else
            assert_true(msp_buf_append(out, text, 1));
    }
}

static void round_trip__random_text__same_but_for_line_ends(void **state)
{
    uint32_t seed = 8;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct msp_buf text = MSP_BUF_INIT, rtf = MSP_BUF_INIT, back = MSP_BUF_INIT;
        struct msp_buf expected = MSP_BUF_INIT;

        for (uint32_t left = next_random(&seed) % 40; left > 0; left--)
            add_piece(&text, &seed, false);
        assert_true(rtf_from_text((char *)text.data, text.size, MANY, &rtf));
        assert_int_equal(read_rtf(RTF_WANT_TEXT, rtf.data, rtf.size, 11, MANY, &back), RTF_OK);
        normalize(msp_buf_cstr(&text), &expected);
        assert_string_equal(msp_buf_cstr(&back), msp_buf_cstr(&expected));
        msp_buf_free(&text);
        msp_buf_free(&rtf);
        msp_buf_free(&back);
        msp_buf_free(&expected);
    }
}

static void writers__more_than_allowed__refused(void **state)
{
    static const char html[] = "<p>a\xC3\xA4{&amp;</p>\r\n";
    struct msp_buf whole = MSP_BUF_INIT;

    (void)state;
    assert_true(rtf_from_html(html, sizeof(html) - 1, MANY, &whole));
    for (size_t max = 0; max <= whole.size; max++) {
        struct msp_buf out = MSP_BUF_INIT;

        assert_int_equal(rtf_from_html(html, sizeof(html) - 1, max, &out), max == whole.size);
        msp_buf_free(&out);
    }
    msp_buf_free(&whole);
}

/* All conversions in a row; false: no memory. */
static bool convert_all(void)
{
    static const char html[] = "<p>a&nbsp;\xC3\xA4</p>";
    struct msp_buf rtf = MSP_BUF_INIT, text = MSP_BUF_INIT, back = MSP_BUF_INIT;
    static const char fonts[] = "{\\rtf1{\\fonttbl{\\f0\\fcharset204 A;}}\\f0\\'e4}";
    bool ok = rtf_from_html(html, sizeof(html) - 1, MANY, &rtf) &&
              html_to_text(html, sizeof(html) - 1, MANY, &text) &&
              read_rtf(RTF_WANT_HTML, rtf.data, rtf.size, 50, MANY, &back) == RTF_OK &&
              read_rtf(RTF_WANT_TEXT, fonts, sizeof(fonts) - 1, 50, MANY, &back) == RTF_OK;

    if (ok)
        assert_string_equal(msp_buf_cstr(&back), "<p>a&nbsp;\xC3\xA4</p>\xD0\xB4");
    msp_buf_free(&rtf);
    msp_buf_free(&text);
    msp_buf_free(&back);
    return ok;
}

static void conversions__each_allocation_fails_once__say_so(void **state)
{
    bool ok;

    (void)state;
    for (unsigned long nth = 1;; nth++) {
        msp_alloc_fail_at(nth);
        ok = convert_all();
        if (!msp_alloc_fail_disarm())
            break;
        assert_false(ok);
    }
    assert_true(ok);
    assert_int_equal(msp_alloc_count_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__plain_rtf__its_words),
        cmocka_unit_test(text__destinations__are_not_in_it),
        cmocka_unit_test(text__code_pages__by_document_and_font),
        cmocka_unit_test(text__unicode__with_fallbacks_passed_over),
        cmocka_unit_test(text__of_encapsulated_html__what_rtf_readers_see),
        cmocka_unit_test(html__encapsulated__comes_out),
        cmocka_unit_test(html__not_encapsulated__there_is_none),
        cmocka_unit_test(any__no_rtf__is_said),
        cmocka_unit_test(any__nested_too_deeply__is_refused),
        cmocka_unit_test(any__more_than_allowed__is_refused),
        cmocka_unit_test(html_text__blocks_and_spaces__lines),
        cmocka_unit_test(html_text__references__their_characters),
        cmocka_unit_test(html_text__odd_markup__is_not_text),
        cmocka_unit_test(html_text__every_element__brings_its_lines),
        cmocka_unit_test(html_code_page__named_inside__is_found),
        cmocka_unit_test(round_trip__random_html__same_and_same_text),
        cmocka_unit_test(round_trip__random_text__same_but_for_line_ends),
        cmocka_unit_test(writers__more_than_allowed__refused),
        cmocka_unit_test(conversions__each_allocation_fails_once__say_so),
    };

    return cmocka_run_group_tests_name("rtf_text", tests, NULL, NULL);
}
