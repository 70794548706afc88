/* SPDX-License-Identifier: MIT */
/*
 * test_user.c - the name of the account.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/user.h"

static void user_name__room__whole_or_its_size(void **state)
{
    char name[1024];
    char small[1] = { 'x' };
    size_t size = msp_user_name(name, sizeof(name));

    (void)state;
    assert_true(size > 1 && size <= sizeof(name));
    assert_int_equal(strlen(name) + 1, size);
    assert_int_equal(msp_user_name(small, sizeof(small)), size);
    assert_int_equal(small[0], '\0');
    assert_int_equal(msp_user_name(NULL, 0), size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_name__room__whole_or_its_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
