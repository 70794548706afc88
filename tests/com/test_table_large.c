/* SPDX-License-Identifier: MIT */
/*
 * test_table_large.c - values that are too large for a row: cut there, whole everywhere else.
 */
#include "com/table_line.h"

enum { VALUE_SIZE = 200000, INLINE_MAX = 32 * 1024, CUT = 255 };

#define TEXT_TAG PROP_TAG(PT_UNICODE, 0x6830)
#define BYTES_TAG PROP_TAG(PT_BINARY, 0x6831)

static IMessage *create(struct fixture *fx, ULONG flags)
{
    IMessage *message = POISON;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, flags, &message));
    return message;
}

static void save_and_release(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* IMAPITable.QueryRows.12 restriction.General.5 restriction.CONTENT.12 */
static void large_values__in_rows__are_cut_and_searched_whole(void **state)
{
    struct fixture *fx = *state;
    static const ULONG tags[] = { PR_BODY_W, PR_RTF_COMPRESSED, PR_SUBJECT_W };
    char *body = malloc(VALUE_SIZE + 1);
    SRestriction search = { .rt = RES_CONTENT };
    SPropValue needle = text_value(PR_BODY_W, u"needle");
    IMessage *message = create(fx, 0);
    IMAPITable *table;
    SPropValue *value;
    LPSRowSet rows;

    memset(body, 'a', VALUE_SIZE);
    body[VALUE_SIZE] = '\0';
    memcpy(body + VALUE_SIZE - 10, "needle", 6);
    prop_set_text(message, PR_SUBJECT_W, "large");
    prop_set_text(message, PR_BODY_W, body);
    prop_set_binary(message, PR_RTF_COMPRESSED, body, VALUE_SIZE);
    save_and_release(message);
    message = create(fx, 0);
    prop_set_text(message, PR_SUBJECT_W, "small");
    prop_set_text(message, PR_BODY_W, "short");
    save_and_release(message);

    table = contents_table(fx->inbox);
    set_columns(table, tags, 3);
    rows = query(table, 9, 0);
    value = values_of(rows, 0);
    assert_int_equal(value[0].ulPropTag, PR_BODY_W);
    assert_int_equal(host_text_utf16_length((const uint16_t *)value[0].Value.lpszW), 255);
    assert_int_equal(value[1].ulPropTag, PR_RTF_COMPRESSED);
    assert_int_equal(value[1].Value.bin.cb, 510);
    value = values_of(rows, 1);
    assert_int_equal(host_text_utf16_length((const uint16_t *)value[0].Value.lpszW), 5);
    mapi_free_rows(rows);

    search.res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    search.res.resContent.ulPropTag = PR_BODY_W;
    search.res.resContent.lpProp = &needle;
    assert_ok(table->lpVtbl->Restrict(table, &search, 0));
    set_line_columns(table);
    assert_string_equal(table_line(table), "large");
    release_last(table);
    free(body);
}

/* What the stream of a property has from a place on, of the message that a row is about. */
static void assert_stream_has(struct fixture *fx, const SPropValue *id, ULONG tag, size_t at,
        const void *bytes, ULONG size)
{
    IMessage *message = message_open(fx->store, id);
    LPUNKNOWN object = NULL;
    LARGE_INTEGER to = { .QuadPart = (LONGLONG)at };
    BYTE *read = malloc(size + 1);
    IStream *stream;
    ULONG got = 0;

    assert_ok(message->lpVtbl->OpenProperty(message, tag, &IID_IStream, 0, 0, &object));
    stream = (IStream *)(void *)object;
    assert_ok(stream->lpVtbl->Seek(stream, to, STREAM_SEEK_SET, NULL));
    assert_ok(stream->lpVtbl->Read(stream, read, size + 1, &got));
    assert_int_equal(got, size); /* and no more */
    assert_memory_equal(read, bytes, size);
    release_last(stream);
    release_last(message);
    free(read);
}

/* IMAPITable.QueryRows.12 IMAPITable.QueryRows.13 */
static void cut_values__of_their_messages__are_whole(void **state)
{
    static const ULONG tags[] = { PR_ENTRYID, TEXT_TAG, BYTES_TAG };
    struct fixture *fx = *state;
    char16_t *text = calloc(VALUE_SIZE + 1, sizeof(*text));
    SPropValue values[2] = { text_value(TEXT_TAG, text), { .ulPropTag = BYTES_TAG } };
    IMessage *message = create(fx, 0);
    IMAPITable *table = contents_table(fx->inbox);
    const SPropValue *cells;
    LPSRowSet rows;

    for (size_t i = 0; i < VALUE_SIZE; i++)
        text[i] = (char16_t)(u'a' + i % 23);
    values[1].Value.bin.cb = VALUE_SIZE;
    values[1].Value.bin.lpb = (LPBYTE)text;
    assert_ok(message->lpVtbl->SetProps(message, 2, values, NULL));
    save_and_release(message);
    rows = table_rows(table, tags, COUNT_OF(tags));
    cells = values_of(rows, 0);
    assert_int_equal(cells[1].ulPropTag, TEXT_TAG);
    assert_int_equal(host_text_utf16_length((const uint16_t *)cells[1].Value.lpszW), CUT);
    assert_memory_equal(cells[1].Value.lpszW, text, CUT * sizeof(*text));
    assert_int_equal(cells[2].ulPropTag, BYTES_TAG);
    assert_int_equal(cells[2].Value.bin.cb, 2 * CUT);
    assert_memory_equal(cells[2].Value.bin.lpb, text, 2 * CUT);
    assert_stream_has(fx, &cells[0], TEXT_TAG, (VALUE_SIZE - 10) * sizeof(*text),
            text + VALUE_SIZE - 10, 10 * sizeof(*text));
    assert_stream_has(
            fx, &cells[0], BYTES_TAG, VALUE_SIZE - 10, (LPBYTE)text + VALUE_SIZE - 10, 10);
    mapi_free_rows(rows);
    release_last(table);
    free(text);
}

/* A row shows so many units of a text that has so many characters of a kind. */
static void assert_cut(
        struct fixture *fx, const char16_t *unit, size_t units, size_t count, size_t expected)
{
    char16_t *text = calloc(units * count + 2, sizeof(*text));
    SPropValue value = text_value(TEXT_TAG, text);
    SPropValue *id;
    IMessage *message = create(fx, 0);
    IMAPITable *table = contents_table(fx->inbox);
    const SPropValue *cell;
    LPSRowSet rows;
    SBinary bin;
    ENTRYLIST list = { 1, &bin };

    for (size_t i = 0; i < units * count; i++)
        text[i] = unit[i % units];
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    rows = table_rows(table, &value.ulPropTag, 1);
    cell = values_of(rows, 0);
    assert_int_equal(cell->ulPropTag, TEXT_TAG);
    assert_int_equal(host_text_utf16_length((const uint16_t *)cell->Value.lpszW), expected);
    assert_memory_equal(cell->Value.lpszW, text, expected * sizeof(*text));
    mapi_free_rows(rows);
    bin = id->Value.bin;
    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
    mapi_free(id);
    release_last(table);
    free(text);
}

/* What a row shows of a text is all of it, or so many units that clients know it for cut.
 * IMAPITable.QueryRows.12 */
static void texts__at_the_limit__whole_or_their_first_units(void **state)
{
    struct fixture *fx = *state;

    assert_cut(fx, u"a", 1, CUT + 1, CUT + 1); /* longer than a cut one, and whole */
    assert_cut(fx, u"a", 1, INLINE_MAX, INLINE_MAX);
    assert_cut(fx, u"a", 1, INLINE_MAX + 1, CUT);
    assert_cut(fx, u"\u20AC", 1, INLINE_MAX / 3, INLINE_MAX / 3);
    assert_cut(fx, u"\u20AC", 1, INLINE_MAX / 3 + 1, CUT);
    assert_cut(fx, u"\U0001F600", 2, INLINE_MAX / 4, INLINE_MAX / 2);
    assert_cut(fx, u"\U0001F600", 2, INLINE_MAX / 4 + 1, CUT); /* half a character, too */
}

/* A message with one recipient or attachment of that name, which has a large text and large bytes.
 */
static void add_with_large_part(struct fixture *fx, const char *subject, bool is_attachment,
        const SPropValue *text, const SPropValue *bytes)
{
    SPropValue values[4] = { long_value(PR_RECIPIENT_TYPE, MAPI_TO),
        text_value(PR_DISPLAY_NAME_W, u"Anna"), *text, *bytes };
    ADRLIST list = { 1, { { 0, 4, values } } };
    IMessage *message = create(fx, 0);
    IAttach *attach = NULL;
    ULONG number;

    prop_set_text(message, PR_SUBJECT_W, subject);
    if (is_attachment) {
        assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
        assert_ok(attach->lpVtbl->SetProps(attach, 2, &values[2], NULL));
        assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
        release_last(attach);
    } else {
        assert_ok(message->lpVtbl->ModifyRecipients(message, 0, &list));
    }
    save_and_release(message);
}

/* restriction.SUBRESTRICTION.1 restriction.CONTENT.12 restriction.General.5 */
static void subobject_restrictions__large_values__are_read(void **state)
{
    struct fixture *fx = *state;
    char16_t *large = calloc(VALUE_SIZE + 1, sizeof(*large));
    SPropValue text = text_value(PROP_TAG(PT_UNICODE, 0x6830), large);
    SPropValue bytes = { .ulPropTag = PROP_TAG(PT_BINARY, 0x6831) };
    SPropValue needle = text_value(text.ulPropTag, u"needle");
    SPropValue needle_bytes = { .ulPropTag = bytes.ulPropTag };
    SRestriction contains = { .rt = RES_CONTENT }, relates;
    SRestriction sub = { .rt = RES_SUBRESTRICTION };
    IMAPITable *table;

    for (size_t i = 0; i < VALUE_SIZE; i++)
        large[i] = u'a';
    bytes.Value.bin.cb = 2 * VALUE_SIZE;
    bytes.Value.bin.lpb = (LPBYTE)large;
    add_with_large_part(fx, "no", false, &text, &bytes);
    add_with_large_part(fx, "no-file", true, &text, &bytes);
    memcpy(large + VALUE_SIZE - 10, u"needle", 6 * sizeof(*large));
    add_with_large_part(fx, "to", false, &text, &bytes);
    add_with_large_part(fx, "file", true, &text, &bytes);

    table = contents_table(fx->inbox);
    for (int i = 0; i < 4; i++) {
        sub.res.resSub.ulSubObject = i % 2 ? PR_MESSAGE_ATTACHMENTS : PR_MESSAGE_RECIPIENTS;
        sub.res.resSub.lpRes = &contains;
        needle_bytes.Value.bin.cb = 12;
        needle_bytes.Value.bin.lpb = (LPBYTE)(large + VALUE_SIZE - 10);
        contains.res.resContent.ulFuzzyLevel = FL_SUBSTRING;
        contains.res.resContent.lpProp = i < 2 ? &needle : &needle_bytes;
        contains.res.resContent.ulPropTag = contains.res.resContent.lpProp->ulPropTag;
        assert_ok(table->lpVtbl->Restrict(table, &sub, 0));
        assert_string_equal(table_line(table), i % 2 ? "file" : "to");
        relates = compare_with(RELOP_EQ, i < 2 ? &text : &bytes);
        sub.res.resSub.lpRes = &relates;
        assert_ok(table->lpVtbl->Restrict(table, &sub, 0));
        assert_string_equal(table_line(table), i % 2 ? "file" : "to");
    }
    release_last(table);
    free(large);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(large_values__in_rows__are_cut_and_searched_whole),
        TEST(cut_values__of_their_messages__are_whole),
        TEST(texts__at_the_limit__whole_or_their_first_units),
        TEST(subobject_restrictions__large_values__are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
