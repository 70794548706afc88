/* SPDX-License-Identifier: MIT */
/*
 * test_restrict_columns.c - restrictions run on columns: random ones on random rows, against the
 * same restrictions run on each row by itself.
 */
#include "mapi/restrict_columns.h"
#include "unit/restrict_fixture.h"
#include "util/utf.h"

#define TAG_SIZE PROP_TAG(PT_LONG, 0x6820)
#define TAG_ASKED PROP_TAG(PT_LONG, 0x6821) /* is in no column */
#define TAG_ALWAYS_TEXT PROP_TAG(PT_UNICODE, 0x6822)
#define TAG_OTHER_TYPE PROP_TAG(PT_LONG, 0x6800) /* the id of TAG_TEXT */

enum { MAX_ROWS = 1500, MAX_TEXT = 40, MAX_NODES = 32 };

/* What a row says, before it is turned on its side. */
struct item {
    bool has_text;
    char text[MAX_TEXT];
    size_t text_size;
    char always[MAX_TEXT];
    size_t always_size;
    uint32_t number;
    uint64_t time;
    uint64_t size;
    uint32_t asked;
};

struct world {
    size_t count;
    struct item items[MAX_ROWS];
    struct msp_buf text, always;
    uint32_t text_ends[MAX_ROWS], always_ends[MAX_ROWS];
    uint8_t absent[MAX_ROWS / 8 + 1];
    uint32_t numbers[MAX_ROWS];
    uint64_t times[MAX_ROWS], sizes[MAX_ROWS];
    size_t asked; /* rows that were asked for singly */
    unsigned looks;
    unsigned stop_at; /* 0: go on to the end */
};

static uint64_t seed;

static uint32_t roll(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

/* Letters with twins beyond ASCII, letters with marks, and marks by themselves. */
static size_t random_text(char *out, unsigned most)
{
    static const char *const pieces[] = { "a", "b", "A", "B", "s", "k", "K", " ", "\xC5\xBF",
        "\xE2\x84\xAA", "\xC3\xA9", "\xC3\x89", "e", "e\xCC\x81", "\xCC\x81", "\xE2\x80\x9C",
        "\xFF", "ab", "sk", "\xC3\x9F" };
    size_t size = 0;

    for (uint32_t left = roll(most + 1); left > 0; left--) {
        const char *piece = pieces[roll(COUNT_OF(pieces))];

        if (size + strlen(piece) > MAX_TEXT)
            break;
        memcpy(out + size, piece, strlen(piece));
        size += strlen(piece);
    }
    return size;
}

static void make_world(struct world *world, size_t count)
{
    memset(world, 0, sizeof(*world));
    world->count = count;
    for (size_t i = 0; i < count; i++) {
        struct item *item = &world->items[i];

        item->has_text = roll(8) != 0;
        if (item->has_text)
            item->text_size = random_text(item->text, 10);
        item->always_size = roll(3) == 0 ? 0 : random_text(item->always, 4);
        item->number = roll(6) - 2;
        item->time = roll(4);
        item->size = roll(3) == 0 ? 0x100000000u + roll(3) : roll(4);
        item->asked = roll(5);
        assert_true(msp_buf_append(&world->text, item->text, item->text_size));
        assert_true(msp_buf_append(&world->always, item->always, item->always_size));
        world->text_ends[i] = (uint32_t)world->text.size;
        world->always_ends[i] = (uint32_t)world->always.size;
        if (!item->has_text)
            world->absent[i / 8] |= (uint8_t)(1u << i % 8);
        world->numbers[i] = item->number;
        world->times[i] = item->time;
        world->sizes[i] = item->size;
    }
}

static void free_world(struct world *world)
{
    msp_buf_free(&world->text);
    msp_buf_free(&world->always);
}

/* --- a row by itself -------------------------------------------------------------------------- */

struct reader {
    const struct item *item;
    uint8_t room[8][16];
    unsigned used;
};

static bool reader_get(void *context, ULONG tag, struct bag_value *out)
{
    struct reader *reader = context;
    const struct item *item = reader->item;
    uint8_t *room = reader->room[reader->used++ % 8];

    switch (PROP_ID(tag)) {
    case PROP_ID(TAG_TEXT):
        cell_bytes(TAG_TEXT, item->text, item->text_size, out);
        return item->has_text;
    case PROP_ID(TAG_ALWAYS_TEXT):
        cell_bytes(TAG_ALWAYS_TEXT, item->always, item->always_size, out);
        return true;
    case PROP_ID(TAG_NUMBER):
        cell_long(TAG_NUMBER, item->number, room, out);
        return true;
    case PROP_ID(TAG_TIME):
        cell_i8(TAG_TIME, item->time, room, out);
        return item->time != 0;
    case PROP_ID(TAG_SIZE):
        cell_long(TAG_SIZE, item->size > 0x7FFFFFFF ? 0x7FFFFFFF : (uint32_t)item->size, room, out);
        return true;
    case PROP_ID(TAG_ASKED):
        cell_long(TAG_ASKED, item->asked, room, out);
        return item->asked != 0;
    default:
        return false;
    }
}

static bool matches_alone(
        const struct world *world, const struct restrict_program *program, size_t node, size_t row)
{
    struct reader reader = { .item = &world->items[row] };
    const struct restrict_row look = { &reader, reader_get, NULL, NULL };

    return restrict_match_node(program, node, &look);
}

/* --- all rows --------------------------------------------------------------------------------- */

static bool world_column(void *context, ULONG tag, struct propcolumn *out)
{
    const struct world *world = context;

    memset(out, 0, sizeof(*out));
    switch (PROP_ID(tag)) {
    case PROP_ID(TAG_TEXT):
        *out = (struct propcolumn){ .kind = PROPCOLUMN_TEXT,
            .tag = TAG_TEXT,
            .bytes = world->text.data,
            .ends = world->text_ends,
            .absent = world->absent };
        return true;
    case PROP_ID(TAG_ALWAYS_TEXT):
        *out = (struct propcolumn){ .kind = PROPCOLUMN_TEXT,
            .tag = TAG_ALWAYS_TEXT,
            .is_always = true,
            .bytes = world->always.data,
            .ends = world->always_ends };
        return true;
    case PROP_ID(TAG_NUMBER):
        *out = (struct propcolumn){
            .kind = PROPCOLUMN_LONG, .tag = TAG_NUMBER, .is_always = true, .longs = world->numbers
        };
        return true;
    case PROP_ID(TAG_TIME):
        *out = (struct propcolumn){
            .kind = PROPCOLUMN_TIME, .tag = TAG_TIME, .numbers = world->times
        };
        return true;
    case PROP_ID(TAG_SIZE):
        *out = (struct propcolumn){
            .kind = PROPCOLUMN_SIZE, .tag = TAG_SIZE, .is_always = true, .numbers = world->sizes
        };
        return true;
    default:
        return false;
    }
}

static bool world_match(
        void *context, const struct restrict_program *program, size_t node, size_t row)
{
    struct world *world = context;

    world->asked++;
    return matches_alone(world, program, node, row);
}

static bool world_goes_on(void *context)
{
    struct world *world = context;

    return ++world->looks != world->stop_at;
}

static bool match_all(struct world *world, const struct restrict_program *program, uint64_t *bits)
{
    const struct restrict_rows rows = { world, world->count, world_column, world_match,
        world_goes_on };

    memset(bits, 0xFF, restrict_bits_words(MAX_ROWS) * sizeof(*bits));
    for (size_t i = world->count; i % 64 != 0; i++)
        bits[i / 64] &= ~((uint64_t)1 << i % 64);
    world->looks = 0;
    world->asked = 0;
    return restrict_match_rows(program, &rows, bits);
}

/* --- random restrictions ---------------------------------------------------------------------- */

struct maker {
    SRestriction nodes[MAX_NODES];
    SPropValue values[MAX_NODES];
    char16_t texts[MAX_NODES][MAX_TEXT + 1];
    size_t count;
};

static void make_value(struct maker *maker, size_t at, ULONG tag)
{
    SPropValue *value = &maker->values[at];
    char text[MAX_TEXT];
    size_t size;

    memset(value, 0, sizeof(*value));
    value->ulPropTag = tag;
    switch (PROP_TYPE(tag)) {
    case PT_UNICODE:
        size = random_text(text, roll(4) == 0 ? 6 : 2);
        maker->texts[at][utf8_to_utf16(text, size, maker->texts[at], MAX_TEXT)] = 0;
        value->Value.lpszW = (LPWSTR)maker->texts[at];
        break;
    case PT_SYSTIME:
        value->Value.ft.dwLowDateTime = roll(4);
        break;
    default:
        value->Value.l = (LONG)roll(6) - 2;
        break;
    }
}

static ULONG random_tag(void)
{
    static const ULONG tags[] = { TAG_TEXT, TAG_TEXT, TAG_ALWAYS_TEXT, TAG_NUMBER, TAG_TIME,
        TAG_SIZE, TAG_ASKED, TAG_OTHER_TYPE, TAG_ABSENT };

    return tags[roll(COUNT_OF(tags))];
}

static void make_leaf(struct maker *maker, size_t at)
{
    static const ULONG kinds[] = { RES_CONTENT, RES_CONTENT, RES_PROPERTY, RES_BITMASK, RES_SIZE,
        RES_EXIST, RES_COMPAREPROPS };
    SRestriction *node = &maker->nodes[at];
    ULONG tag = random_tag();

    node->rt = kinds[roll(COUNT_OF(kinds))];
    switch (node->rt) {
    case RES_CONTENT:
        tag = roll(3) == 0 ? TAG_ALWAYS_TEXT : TAG_TEXT;
        make_value(maker, at, tag);
        node->res.resContent.ulFuzzyLevel = roll(3) | roll(8) << 16;
        node->res.resContent.ulPropTag = tag;
        node->res.resContent.lpProp = &maker->values[at];
        break;
    case RES_PROPERTY:
        make_value(maker, at, tag);
        node->res.resProperty.relop = roll(6);
        node->res.resProperty.ulPropTag = tag;
        node->res.resProperty.lpProp = &maker->values[at];
        break;
    case RES_BITMASK:
        node->res.resBitMask.relBMR = roll(2);
        node->res.resBitMask.ulPropTag = roll(2) ? TAG_NUMBER : TAG_ASKED;
        node->res.resBitMask.ulMask = 1 + roll(3);
        break;
    case RES_SIZE:
        node->res.resSize.relop = roll(6);
        node->res.resSize.ulPropTag = tag;
        node->res.resSize.cb = roll(20);
        break;
    case RES_EXIST:
        node->res.resExist.ulPropTag = tag;
        break;
    default:
        node->res.resCompareProps.relop = roll(6);
        node->res.resCompareProps.ulPropTag1 = roll(2) ? TAG_NUMBER : TAG_SIZE;
        node->res.resCompareProps.ulPropTag2 = roll(2) ? TAG_NUMBER : TAG_ASKED;
        break;
    }
}

static void make_node(struct maker *maker, size_t at, unsigned depth)
{
    SRestriction *node = &maker->nodes[at];
    uint32_t kind = roll(6);
    ULONG children = 1 + roll(3);
    size_t first = maker->count;

    if (depth == 0 || kind > 2 || maker->count + children > MAX_NODES) {
        make_leaf(maker, at);
        return;
    }
    if (kind == 2) {
        children = 1;
        node->rt = RES_NOT;
        node->res.resNot.lpRes = &maker->nodes[first];
    } else {
        node->rt = kind == 0 ? RES_AND : RES_OR;
        node->res.resAnd.cRes = children;
        node->res.resAnd.lpRes = &maker->nodes[first];
    }
    maker->count += children;
    for (ULONG i = 0; i < children; i++)
        make_node(maker, first + i, depth - 1);
}

static struct restrict_program *random_program(struct maker *maker)
{
    struct restrict_program *program = NULL;

    memset(maker, 0, sizeof(*maker));
    maker->count = 1;
    make_node(maker, 0, 3);
    assert_int_equal(restrict_compile(&maker->nodes[0], &program), S_OK);
    return program;
}

/* --- tests ------------------------------------------------------------------------------------ */

static struct world *world_new(size_t count)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    make_world(world, count);
    return world;
}

static void world_done(struct world *world)
{
    free_world(world);
    free(world);
}

/* restriction.CONTENT.1 restriction.CONTENT.2 restriction.CONTENT.3 restriction.CONTENT.4
 * restriction.CONTENT.10 */
static void match_rows__random__as_each_row_by_itself(void **state)
{
    static const size_t counts[] = { 0, 1, 63, 64, 65, 700, MAX_ROWS };
    static struct maker maker;

    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        struct world *world = world_new(counts[round % COUNT_OF(counts)]);

        for (int again = 0; again < 5; again++) {
            uint64_t bits[MAX_ROWS / 64 + 1];
            struct restrict_program *program = random_program(&maker);

            assert_true(match_all(world, program, bits));
            for (size_t i = 0; i < world->count; i++) {
                bool found = (bits[i / 64] >> i % 64 & 1) != 0;

                if (found != matches_alone(world, program, 0, i))
                    fail_msg("round %u, row %u", round, (unsigned)i);
            }
            restrict_free(program);
        }
        world_done(world);
    }
}

static void match_rows__only_columns__asks_for_no_row(void **state)
{
    WCHAR word[] = { 's', 'k', 0 };
    SPropValue value = text(TAG_TEXT, word);
    SRestriction restriction = { .rt = RES_CONTENT };
    struct restrict_program *program = NULL;
    struct world *world = world_new(MAX_ROWS);
    uint64_t bits[MAX_ROWS / 64 + 1];

    (void)state;
    restriction.res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction.res.resContent.ulPropTag = TAG_TEXT;
    restriction.res.resContent.lpProp = &value;
    assert_int_equal(restrict_compile(&restriction, &program), S_OK);

    assert_true(match_all(world, program, bits));

    assert_int_equal(world->asked, 0);
    restrict_free(program);
    world_done(world);
}

static void match_rows__no__stops_at_once(void **state)
{
    SRestriction exist = { .rt = RES_EXIST };
    struct restrict_program *program = NULL;
    struct world *world = world_new(MAX_ROWS);
    uint64_t bits[MAX_ROWS / 64 + 1];

    (void)state;
    exist.res.resExist.ulPropTag = TAG_ASKED;
    assert_int_equal(restrict_compile(&exist, &program), S_OK);
    world->stop_at = 1;

    assert_true(match_all(world, program, bits));

    assert_int_equal(world->asked, 0);
    restrict_free(program);
    world_done(world);
}

static void match_rows__nth_allocation_fails__says_so(void **state)
{
    static struct maker maker;
    struct world *world = world_new(700);

    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        struct restrict_program *program = random_program(&maker);
        uint64_t bits[MAX_ROWS / 64 + 1];
        unsigned nth = 0;
        bool ok = false;

        while (!ok) {
            bool has_failed;

            msp_alloc_fail_at(++nth);
            ok = match_all(world, program, bits);
            has_failed = msp_alloc_fail_disarm();
            assert_int_equal(ok, !has_failed);
        }
        restrict_free(program);
    }
    world_done(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_rows__random__as_each_row_by_itself),
        cmocka_unit_test(match_rows__only_columns__asks_for_no_row),
        cmocka_unit_test(match_rows__no__stops_at_once),
        cmocka_unit_test(match_rows__nth_allocation_fails__says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
