/* SPDX-License-Identifier: MIT */
/*
 * test_eng_name.c - names of properties and their ids.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng.h"
#include "test_eng_fixture.h"

static struct eng_name number_name(uint8_t guid, uint32_t number)
{
    struct eng_name name = { .number = number };

    memset(name.guid, guid, sizeof(name.guid));
    return name;
}

static struct eng_name text_name(uint8_t guid, const char *text, size_t size)
{
    struct eng_name name = { .is_string = true, .text = text, .text_size = size };

    memset(name.guid, guid, sizeof(name.guid));
    return name;
}

static uint16_t id_of(struct eng *eng, const struct eng_name *name, bool create)
{
    uint16_t id = 9;
    enum eng_status status = eng_name_to_id(eng, name, create, &id);

    if (status == ENG_NOT_FOUND) {
        assert_false(create);
        assert_int_equal(id, 0);
    } else {
        assert_ok(status);
    }
    return id;
}

static void name_to_id__unknown_name__is_made_only_on_demand(void **state)
{
    struct fixture *fx = *state;
    struct eng_name name = number_name(1, 0x8503);

    assert_int_equal(id_of(fx->eng, &name, false), 0);
    assert_int_equal(id_of(fx->eng, &name, true), 0x8000);
    assert_int_equal(id_of(fx->eng, &name, false), 0x8000);
}

static void name_to_id__names_that_differ_in_one_thing__differ(void **state)
{
    struct fixture *fx = *state;
    struct eng_name names[] = { number_name(1, 5), number_name(2, 5), number_name(1, 6),
        number_name(1, 0), number_name(1, 0xFFFFFFFF), text_name(1, "", 0), text_name(1, "5", 1),
        text_name(1, "a", 1), text_name(1, "A", 1), text_name(2, "a", 1), text_name(1, "a\0", 2),
        text_name(1, "a\0b", 3) };
    struct eng_name back;

    for (size_t i = 0; i < MSP_COUNT_OF(names); i++)
        assert_int_equal(id_of(fx->eng, &names[i], true), 0x8000 + i);
    for (int round = 0; round < 2; round++) { /* once from memory, once from the file */
        for (size_t i = 0; i < MSP_COUNT_OF(names); i++) {
            assert_ok(eng_id_to_name(fx->eng, (uint16_t)(0x8000 + i), &back));
            assert_int_equal(back.is_string, names[i].is_string);
            assert_int_equal(back.number, names[i].number);
            assert_int_equal(back.text_size, names[i].text_size);
            assert_memory_equal(back.guid, names[i].guid, 16);
            if (back.text_size > 0)
                assert_memory_equal(back.text, names[i].text, back.text_size);
            assert_int_equal(id_of(fx->eng, &names[i], true), 0x8000 + i);
        }
        reopen(fx);
    }
    assert_whole(fx->eng);
}

static void id_to_name__unknown_id__is_not_found(void **state)
{
    struct fixture *fx = *state;
    struct eng_name back;

    assert_int_equal(eng_id_to_name(fx->eng, 0x8000, &back), ENG_NOT_FOUND);
    assert_int_equal(eng_id_to_name(fx->eng, 0, &back), ENG_NOT_FOUND);
    assert_int_equal(eng_id_to_name(fx->eng, 0xFFFF, &back), ENG_NOT_FOUND);
}

static void name_to_id__rolled_back__the_id_stays(void **state)
{
    struct fixture *fx = *state;
    struct eng_name a = text_name(1, "a", 1);
    struct eng_name b = text_name(1, "b", 1);

    assert_ok(eng_begin(fx->eng, true));
    assert_int_equal(id_of(fx->eng, &a, true), 0x8000);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "not kept");
    eng_rollback(fx->eng);
    assert_int_equal(id_of(fx->eng, &a, false), 0x8000);
    reopen(fx);

    assert_int_equal(id_of(fx->eng, &b, true), 0x8001);
    assert_int_equal(id_of(fx->eng, &a, false), 0x8000);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
}

static void name_to_id__in_bulk_rolled_back__the_id_stays(void **state)
{
    struct fixture *fx = *state;
    struct eng_name a = text_name(1, "a", 1);
    struct eng_name b = text_name(1, "b", 1);

    assert_ok(eng_bulk(fx->eng, true));
    assert_int_equal(id_of(fx->eng, &a, true), 0x8000);
    assert_ok(eng_begin(fx->eng, true));
    assert_int_equal(id_of(fx->eng, &b, true), 0x8001);
    eng_rollback(fx->eng);
    assert_int_equal(id_of(fx->eng, &b, false), 0x8001);
    assert_ok(eng_bulk(fx->eng, false));
    reopen(fx);

    assert_int_equal(id_of(fx->eng, &a, false), 0x8000);
    assert_int_equal(id_of(fx->eng, &b, false), 0x8001);
}

static void name_to_id__two_connections__agree(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    struct eng_name a = text_name(1, "a", 1);
    struct eng_name b = number_name(1, 7);
    struct eng_name back;

    assert_int_equal(id_of(fx->eng, &a, true), 0x8000);
    assert_int_equal(id_of(other, &a, true), 0x8000);
    assert_int_equal(id_of(other, &b, true), 0x8001);
    assert_ok(eng_id_to_name(fx->eng, 0x8001, &back));
    assert_int_equal(back.number, 7);
    eng_close(other);
}

static bool name_count(void *context, uint16_t id, const struct eng_name *name)
{
    uint32_t *count = context;

    assert_int_equal(id, 0x8000 + *count);
    assert_int_equal(name->number, *count);
    return ++*count != 40000;
}

static void name_to_id__whole_range__then_full(void **state)
{
    struct fixture *fx = *state;
    struct eng_name name;
    uint32_t count = 0;
    uint16_t id = 9;

    assert_ok(eng_begin(fx->eng, true));
    for (uint32_t i = 0; i < 0x7FFF; i++) {
        name = number_name(3, i);
        assert_int_equal(id_of(fx->eng, &name, true), 0x8000 + i);
    }
    assert_ok(eng_commit(fx->eng));

    name = number_name(3, 0x7FFF);
    assert_int_equal(eng_name_to_id(fx->eng, &name, true, &id), ENG_FULL);
    assert_int_equal(id, 0);
    name = number_name(3, 0x7FFE);
    assert_int_equal(id_of(fx->eng, &name, true), 0xFFFE);
    reopen(fx);
    assert_int_equal(id_of(fx->eng, &name, false), 0xFFFE);
    assert_ok(eng_names(fx->eng, name_count, &count));
    assert_int_equal(count, 0x7FFF);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                name_to_id__unknown_name__is_made_only_on_demand, setup, teardown),
        cmocka_unit_test_setup_teardown(
                name_to_id__names_that_differ_in_one_thing__differ, setup, teardown),
        cmocka_unit_test_setup_teardown(id_to_name__unknown_id__is_not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(name_to_id__rolled_back__the_id_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(
                name_to_id__in_bulk_rolled_back__the_id_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(name_to_id__two_connections__agree, setup, teardown),
        cmocka_unit_test_setup_teardown(name_to_id__whole_range__then_full, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
