/* SPDX-License-Identifier: MIT */
/*
 * test_subject_prefix.c - where the prefix of a subject ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "com/props_message.h"

static size_t prefix(const char *subject, const char *set)
{
    struct bag_value whole;
    struct bag_value chosen = { 0 };

    cell_bytes(PR_SUBJECT_W, subject, strlen(subject), &whole);
    if (set != NULL)
        cell_bytes(PR_SUBJECT_PREFIX_W, set, strlen(set), &chosen);
    return message_subject_prefix(&whole, set != NULL ? &chosen : NULL);
}

/* message.PR_SUBJECT_PREFIX.1 */
static void prefix__one_to_three_letters__found(void **state)
{
    (void)state;
    assert_int_equal(prefix("RE: x", NULL), 4);
    assert_int_equal(prefix("R: x", NULL), 3);
    assert_int_equal(prefix("Fwd: x", NULL), 5);
    assert_int_equal(prefix("\xC3\x84W: x", NULL), 5);
    assert_int_equal(prefix("RE: ", NULL), 4);
}

/* message.PR_SUBJECT_PREFIX.2 */
static void prefix__anything_else__none(void **state)
{
    (void)state;
    assert_int_equal(prefix("Mail: x", NULL), 0);
    assert_int_equal(prefix("R2: x", NULL), 0);
    assert_int_equal(prefix("12: x", NULL), 0);
    assert_int_equal(prefix(": x", NULL), 0);
    assert_int_equal(prefix("RE:x", NULL), 0);
    assert_int_equal(prefix("RE", NULL), 0);
    assert_int_equal(prefix("RE:", NULL), 0);
    assert_int_equal(prefix("", NULL), 0);
    assert_int_equal(prefix("\xE2\x80\xA6: x", NULL), 0);
    assert_int_equal(prefix("\xFF: x", NULL), 0);
}

/* message.PR_SUBJECT_PREFIX.3 message.PR_SUBJECT_PREFIX.4 */
static void prefix__set_by_client__counts_when_it_starts_the_subject(void **state)
{
    (void)state;
    assert_int_equal(prefix("[list] RE: x", "[list] RE: "), 11);
    assert_int_equal(prefix("RE: x", "FW: "), 4);
    assert_int_equal(prefix("x", "FW: "), 0);
    assert_int_equal(prefix("x", "x and more"), 0);
    assert_int_equal(prefix("RE: x", ""), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefix__one_to_three_letters__found),
        cmocka_unit_test(prefix__anything_else__none),
        cmocka_unit_test(prefix__set_by_client__counts_when_it_starts_the_subject),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
