/* SPDX-License-Identifier: MIT */
/*
 * test_view_key.c - sort keys: their bytes order as the values do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "com/view.h"
#include "util/alloc.h"
#include "util/bytes.h"

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

enum { ROUNDS = 20000 };

static uint64_t seed;

static uint32_t roll(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

/* --- values ----------------------------------------------------------------------------------- */

static size_t random_bytes(uint8_t *out, bool text)
{
    static const char *const pieces[] = { "a", "A", "b", "\xC3\x84", "\xC3\xA4", "z", " ", "\x01",
        "", "ab", "\xF0\x9F\x98\x80" };
    size_t size = 0;

    for (uint32_t left = roll(6); left > 0; left--) {
        if (text) {
            const char *piece = pieces[roll(COUNT_OF(pieces))];

            /* the empty piece stands for a NUL inside */
            memcpy(out + size, piece, strlen(piece) + 1);
            size += strlen(piece) > 0 ? strlen(piece) : 1;
        } else {
            out[size++] = (uint8_t)(roll(4) == 0 ? 0xFF : roll(3));
        }
    }
    return size;
}

/* Few different values, so that equal ones and near ones come up. */
static void random_single(ULONG type, uint8_t room[64], struct bag_value *out)
{
    static const uint64_t numbers[] = { 0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF,
        0x7FFFFFFF, 0x80000000u, 0xFFFFFFFFu, 0x7FFFFFFFFFFFFFFFu, 0x8000000000000000u,
        0xFFFFFFFFFFFFFFFFu };
    static const double reals[] = { 0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 5e-324, -5e-324 };
    uint64_t number = numbers[roll(COUNT_OF(numbers))];
    double real = reals[roll(COUNT_OF(reals))];
    float small = (float)real;

    put_u64le(room, number);
    out->tag = PROP_TAG(type, 0x6800);
    out->flags = 0;
    out->data = room;
    out->size = propval_width(type);
    switch (type) {
    case PT_DOUBLE:
    case PT_APPTIME:
        memcpy(&number, &real, sizeof(number));
        put_u64le(room, roll(10) == 0 ? 0x7FF8000000000000u : number);
        break;
    case PT_R4:
        memcpy(room, &small, sizeof(small));
        break;
    case PT_BOOLEAN:
        room[0] = (uint8_t)roll(2);
        break;
    case PT_CLSID:
        memset(room, 0, 16);
        room[roll(16)] = (uint8_t)roll(3);
        break;
    case PT_UNICODE:
    case PT_BINARY:
        out->size = random_bytes(room, type == PT_UNICODE);
        break;
    default:
        break;
    }
}

static struct msp_buf key_of(const struct bag_value *cell, ULONG tag, bool descending)
{
    struct view_key key = { tag, descending };
    struct msp_buf out = MSP_BUF_INIT;

    assert_true(view_key_put(cell, &key, &out));
    assert_int_equal(view_key_part_size(out.data, &key), out.size);
    return out;
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* As sorting compares: over the common size; that must be enough unless the keys are the same. */
static int compare_keys(const struct msp_buf *a, const struct msp_buf *b)
{
    int order = memcmp(a->data, b->data, msp_min(a->size, b->size));

    if (order == 0)
        assert_int_equal(a->size, b->size);
    return sign(order);
}

static void check_pair(const struct bag_value *a, const struct bag_value *b, ULONG tag)
{
    struct msp_buf up_a = key_of(a, tag, false), up_b = key_of(b, tag, false);
    struct msp_buf down_a = key_of(a, tag, true), down_b = key_of(b, tag, true);
    int order = sign(propval_compare_fold(a, b));

    assert_int_equal(compare_keys(&up_a, &up_b), order);
    assert_int_equal(compare_keys(&down_a, &down_b), -order);
    msp_buf_free(&up_a);
    msp_buf_free(&up_b);
    msp_buf_free(&down_a);
    msp_buf_free(&down_b);
}

static const ULONG types[] = { PT_I2, PT_LONG, PT_R4, PT_DOUBLE, PT_CURRENCY, PT_APPTIME,
    PT_BOOLEAN, PT_I8, PT_UNICODE, PT_SYSTIME, PT_CLSID, PT_BINARY };

/* --- tests ------------------------------------------------------------------------------------ */

/* IMAPITable.SortTable.10 IMAPITable.SortTable.25 */
static void view_key_put__two_values__orders_as_they_compare(void **state)
{
    MSP_UNUSED(state);
    for (int i = 0; i < ROUNDS; i++) {
        ULONG type = types[roll(COUNT_OF(types))];
        uint8_t a_room[64], b_room[64];
        struct bag_value a, b;

        random_single(type, a_room, &a);
        random_single(type, b_room, &b);
        check_pair(&a, &b, PROP_TAG(type, 0x6800));
        check_pair(&a, &b, PROP_TAG(PT_UNSPECIFIED, 0x6800));
    }
}

/* IMAPITable.SortTable.2 */
static void view_key_put__absent__is_last_in_both_directions(void **state)
{
    MSP_UNUSED(state);
    for (int i = 0; i < 200; i++) {
        ULONG type = types[roll(COUNT_OF(types))];
        ULONG tag = PROP_TAG(type, 0x6800);
        uint8_t room[64];
        struct bag_value cell;

        random_single(type, room, &cell);
        for (int descending = 0; descending < 2; descending++) {
            struct msp_buf there = key_of(&cell, tag, descending);
            struct msp_buf absent = key_of(NULL, tag, descending);

            assert_true(compare_keys(&there, &absent) < 0);
            msp_buf_free(&there);
            msp_buf_free(&absent);
        }
    }
}

static void view_key_put__other_type_or_large_or_damaged__counts_as_absent(void **state)
{
    static const uint8_t bytes[16] = { 1 };
    struct bag_value number = { PROP_TAG(PT_LONG, 0x6800), 0, bytes, 4 };
    struct bag_value large = { PROP_TAG(PT_UNICODE, 0x6800), BAG_LARGE, bytes, 16 };
    struct bag_value damaged = { PROP_TAG(PT_LONG, 0x6800), 0, bytes, 3 };

    const struct {
        const struct bag_value *cell;
        ULONG tag;
    } cases[] = {
        { &number, PROP_TAG(PT_UNICODE, 0x6800) },
        { &large, PROP_TAG(PT_UNICODE, 0x6800) },
        { &damaged, PROP_TAG(PT_LONG, 0x6800) },
        { &number, PROP_TAG(PT_MV_LONG, 0x6800) },
    };

    MSP_UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct msp_buf key = key_of(cases[i].cell, cases[i].tag, false);
        struct msp_buf absent = key_of(NULL, cases[i].tag, false);

        assert_int_equal(key.size, absent.size);
        assert_memory_equal(key.data, absent.data, key.size);
        msp_buf_free(&key);
        msp_buf_free(&absent);
    }
}

/* A tuple of up to three values of a type, and its key. */
static size_t random_tuple(ULONG type, struct msp_buf *packed)
{
    uint8_t rooms[3][64];
    struct bag_value values[3];
    uint32_t count = 1 + roll(3);
    uint32_t end = 0;

    msp_buf_append_u32(packed, count);
    for (uint32_t i = 0; i < count; i++) {
        random_single(type, rooms[i], &values[i]);
        end += (uint32_t)values[i].size;
        if (propval_width(type) == 0)
            msp_buf_append_u32(packed, end);
    }
    for (uint32_t i = 0; i < count; i++)
        msp_buf_append(packed, values[i].data, values[i].size);
    return count;
}

/* Order of tuples, written down again: the first difference decides; who has no value there any
 * more is last. */
static int compare_tuples(const struct bag_value *a, const struct bag_value *b)
{
    for (size_t i = 0;; i++) {
        struct bag_value a_value, b_value;
        bool a_has = propval_element(a, i, &a_value);
        bool b_has = propval_element(b, i, &b_value);
        int order;

        if (!a_has || !b_has)
            return (b_has && !a_has) - (a_has && !b_has);
        order = propval_compare_fold(&a_value, &b_value);
        if (order != 0)
            return sign(order);
    }
}

/* IMAPITable.SortTable.8 */
static void view_key_put__multivalues__order_as_tuples_shorter_last(void **state)
{
    MSP_UNUSED(state);
    for (int i = 0; i < ROUNDS; i++) {
        ULONG type = types[roll(COUNT_OF(types))];
        ULONG tag = PROP_TAG(type | MV_FLAG, 0x6800);
        struct msp_buf a_packed = MSP_BUF_INIT, b_packed = MSP_BUF_INIT;
        struct msp_buf a_key, b_key;
        struct bag_value a, b;

        if (type == PT_BOOLEAN) /* has no multivalue */
            continue;
        (void)random_tuple(type, &a_packed);
        (void)random_tuple(type, &b_packed);
        cell_bytes(tag, a_packed.data, a_packed.size, &a);
        cell_bytes(tag, b_packed.data, b_packed.size, &b);
        assert_true(propval_cell_ok(&a));
        a_key = key_of(&a, tag, false);
        b_key = key_of(&b, tag, false);

        assert_int_equal(compare_keys(&a_key, &b_key), compare_tuples(&a, &b));

        msp_buf_free(&a_key);
        msp_buf_free(&b_key);
        msp_buf_free(&a_packed);
        msp_buf_free(&b_packed);
    }
}

/* Texts that often have long beginnings in common, or are equal. */
static void random_keys(uint32_t count, struct view_keys *keys)
{
    struct view_key key = { PROP_TAG(PT_UNICODE, 0x6800), false };

    memset(keys, 0, sizeof(*keys));
    keys->count = count;
    keys->offsets = msp_calloc(count + 1, sizeof(*keys->offsets));
    assert_non_null(keys->offsets);
    for (uint32_t i = 0; i < count; i++) {
        char text[80];
        size_t size = roll(3) * 10;
        uint8_t room[64];
        struct bag_value cell;

        memset(text, 'x', size);
        random_single(PT_UNICODE, room, &cell);
        memcpy(text + size, cell.data, msp_min(cell.size, sizeof(text) - size));
        cell_bytes(key.tag, text, msp_min(size + cell.size, sizeof(text)), &cell);
        keys->offsets[i] = keys->bytes.size;
        assert_true(view_key_put(&cell, &key, &keys->bytes));
        keys->offsets[i + 1] = keys->bytes.size;
    }
}

static void check_shared(
        uint32_t shared, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    size_t common = 0;

    while (common < msp_min(a_size, b_size) && a[common] == b[common])
        common++;
    if (common == a_size && common == b_size)
        assert_int_equal(shared, UINT32_MAX);
    else
        assert_int_equal(shared, common);
}

static void check_sorted(uint32_t count)
{
    struct msp_domain *domain = msp_domain_new();
    struct msp_call call = { .domain = domain };
    uint32_t *shared = msp_calloc(count, sizeof(*shared));
    struct view_keys keys;
    struct view_entry *entries;

    random_keys(count, &keys);
    entries = view_entries_new(&keys);
    assert_non_null(entries);
    assert_non_null(shared);

    assert_int_equal(view_sort_entries(&call, &keys, entries, shared), S_OK);

    for (uint32_t i = 1; i < count; i++) {
        uint32_t a = entries[i - 1].index, b = entries[i].index;
        const uint8_t *a_key = keys.bytes.data + keys.offsets[a];
        const uint8_t *b_key = keys.bytes.data + keys.offsets[b];
        size_t a_size = keys.offsets[a + 1] - keys.offsets[a];
        size_t b_size = keys.offsets[b + 1] - keys.offsets[b];
        int order = memcmp(a_key, b_key, msp_min(a_size, b_size));

        assert_true(order < 0 || (order == 0 && a < b));
        check_shared(shared[i], a_key, a_size, b_key, b_size);
    }
    view_keys_free(&keys);
    msp_free(entries);
    msp_free(shared);
    msp_domain_release(domain);
}

/* IMAPITable.SortTable.8 */
static void view_sort_entries__many_keys__are_in_order_and_stable(void **state)
{
    MSP_UNUSED(state);
    check_sorted(1);
    check_sorted(7);
    check_sorted(300);    /* merged */
    check_sorted(20000);  /* by radix */
    check_sorted(100000); /* with looks at whether to go on */
}

/* IMAPITable.SortTable.8 */
static void view_sort_numbers__many__are_in_order_and_stable(void **state)
{
    enum { COUNT = 5000 };
    struct msp_domain *domain = msp_domain_new();
    struct msp_call call = { .domain = domain };
    struct view_entry *entries = msp_calloc(COUNT, sizeof(*entries));

    MSP_UNUSED(state);
    assert_non_null(entries);
    for (uint32_t i = 0; i < COUNT; i++) {
        entries[i].prefix = (uint64_t)roll(1000) << (roll(2) * 40);
        entries[i].index = i;
    }

    assert_int_equal(view_sort_numbers(&call, entries, COUNT), S_OK);

    for (uint32_t i = 1; i < COUNT; i++)
        assert_true(entries[i - 1].prefix < entries[i].prefix ||
                    (entries[i - 1].prefix == entries[i].prefix &&
                            entries[i - 1].index < entries[i].index));
    msp_free(entries);
    msp_domain_release(domain);
}

/* Every entry once, whatever their order. */
static void check_complete(const struct view_entry *entries, uint32_t count)
{
    uint8_t *seen = msp_calloc(count, 1);

    assert_non_null(seen);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(entries[i].index < count);
        assert_false(seen[entries[i].index]++);
    }
    msp_free(seen);
}

/* More entries than lie between two looks; whoever says that it is enough. */
static void view_sort__logon_goes_away_or_aborted__stops(void **state)
{
    enum { COUNT = 100000 };

    MSP_UNUSED(state);
    for (int aborted = 0; aborted < 2; aborted++) {
        struct msp_domain *domain = msp_domain_new();
        atomic_bool stop = aborted != 0;
        struct msp_call call = { .domain = domain, .stop = &stop };
        struct view_keys keys;
        struct view_entry *entries;

        random_keys(COUNT, &keys);
        entries = view_entries_new(&keys);
        assert_non_null(entries);
        atomic_store(&domain->closing, !aborted);

        assert_int_equal(view_sort_entries(&call, &keys, entries, NULL), MAPI_E_INVALID_OBJECT);
        check_complete(entries, COUNT);
        assert_int_equal(view_sort_numbers(&call, entries, COUNT), MAPI_E_INVALID_OBJECT);
        check_complete(entries, COUNT);

        view_keys_free(&keys);
        msp_free(entries);
        msp_domain_release(domain);
    }
}

/* --- keys of columns -------------------------------------------------------------------------- */

enum { COLUMN_ROWS = 200 };

struct columns {
    struct msp_buf bytes;
    uint32_t ends[COLUMN_ROWS];
    uint8_t absent[COLUMN_ROWS / 8 + 1];
    uint32_t longs[COLUMN_ROWS];
    uint64_t numbers[COLUMN_ROWS];
};

static void random_columns(struct columns *columns)
{
    static const char *const texts[] = { "", "abc", "ABC", "Z\xC3\xA4h", "a\x01z", "\x02",
        "a text of more than sixteen BYTES, twice and a bit", "[@`{" };

    memset(columns, 0, sizeof(*columns));
    for (uint32_t i = 0; i < COLUMN_ROWS; i++) {
        if (roll(10) == 0)
            columns->absent[i / 8] |= (uint8_t)(1u << i % 8);
        else if (roll(20) == 0) /* more than takes part */
            msp_buf_append_zeros(&columns->bytes, VIEW_KEY_MAX + 5);
        else
            msp_buf_append_str(&columns->bytes, texts[roll(COUNT_OF(texts))]);
        columns->ends[i] = (uint32_t)columns->bytes.size;
        columns->longs[i] = (uint32_t)roll(1000) - 500;
        columns->numbers[i] = roll(4) == 0 ? 0 : (uint64_t)roll(1000) << (roll(2) * 40);
    }
    assert_false(columns->bytes.failed);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Are the keys those of the cells, and the numbers in their order? */
static void check_column(const struct propcolumn *column, bool descending)
{
    struct view_key key = { column->tag, descending };

    assert_true(view_key_fits_column(column, &key));
    for (size_t i = 0; i < COLUMN_ROWS; i++) {
        struct msp_buf made = MSP_BUF_INIT, last = MSP_BUF_INIT, expected = MSP_BUF_INIT;
        uint8_t scratch[16], last_scratch[16];
        struct bag_value cell, last_cell;
        bool has = propcolumn_cell(column, i, scratch, &cell);

        assert_true(view_key_put_column(column, i, &key, &made));
        assert_true(view_key_put(has ? &cell : NULL, &key, &expected));
        assert_int_equal(made.size, expected.size);
        assert_memory_equal(made.data, expected.data, made.size);
        if (has && i > 0 && column->kind != PROPCOLUMN_TEXT &&
                propcolumn_cell(column, i - 1, last_scratch, &last_cell)) {
            assert_true(view_key_put(&last_cell, &key, &last));
            assert_int_equal(sign(memcmp(last.data, made.data, made.size)),
                    compare_numbers(view_key_number(column, i - 1, descending),
                            view_key_number(column, i, descending)));
        }
        msp_buf_free(&made);
        msp_buf_free(&last);
        msp_buf_free(&expected);
    }
}

/* IMAPITable.SortTable.8 */
static void view_key_put_column__any__is_the_key_of_the_cell(void **state)
{
    struct columns columns;

    MSP_UNUSED(state);
    random_columns(&columns);
    for (int i = 0; i < 2; i++) {
        check_column(&(struct propcolumn){ .kind = PROPCOLUMN_TEXT,
                             .tag = PR_SUBJECT_W,
                             .bytes = columns.bytes.data,
                             .ends = columns.ends,
                             .absent = columns.absent },
                i != 0);
        check_column(&(struct propcolumn){ .kind = PROPCOLUMN_LONG,
                             .tag = PR_IMPORTANCE,
                             .is_always = true,
                             .longs = columns.longs },
                i != 0);
        check_column(&(struct propcolumn){ .kind = PROPCOLUMN_TIME,
                             .tag = PR_CLIENT_SUBMIT_TIME,
                             .numbers = columns.numbers },
                i != 0);
        check_column(&(struct propcolumn){ .kind = PROPCOLUMN_SIZE,
                             .tag = PR_MESSAGE_SIZE,
                             .is_always = true,
                             .numbers = columns.numbers },
                i != 0);
    }
    msp_buf_free(&columns.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view_key_put__two_values__orders_as_they_compare),
        cmocka_unit_test(view_key_put__absent__is_last_in_both_directions),
        cmocka_unit_test(view_key_put__other_type_or_large_or_damaged__counts_as_absent),
        cmocka_unit_test(view_key_put__multivalues__order_as_tuples_shorter_last),
        cmocka_unit_test(view_sort_entries__many_keys__are_in_order_and_stable),
        cmocka_unit_test(view_sort_numbers__many__are_in_order_and_stable),
        cmocka_unit_test(view_sort__logon_goes_away_or_aborted__stops),
        cmocka_unit_test(view_key_put_column__any__is_the_key_of_the_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
