/* SPDX-License-Identifier: MIT */
/*
 * test_copy_command.c - mailhost copy: a store copied into another one is the same to every reader.
 */
#include "copy_world.h"
#include "two_stores.h"

static void fill(IMAPIFolder *inbox)
{
    IMAPIFolder *below = folder_make(inbox, "Below");
    IMessage *message = NULL;

    mapi_free(copy_make_rich(inbox, "rich"));
    mapi_free(message_make(inbox, "plain"));
    mapi_free(copy_make_rich(below, "rich, too"));
    prop_set_text(below, PR_COMMENT_W, "a comment");
    assert_ok(below->lpVtbl->CreateMessage(below, NULL, MAPI_ASSOCIATED, &message));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    release_last(below);
}

/* The ids of names mean other names there. Recipients have such ones, too. named-property.Copy.1 */
static void copy__to_a_store_with_other_names__digest_is_equal(void **state)
{
    struct two_stores *world = *state;
    char before[65];
    char after[65];

    for (LONG name = 77; name > 70; name--)
        (void)copy_named((IMAPIProp *)world->to->inbox, name);
    mapi_free(copy_make_rich(world->from->inbox, "rich"));
    digest_of(world, 0, before);
    free(mailhost(world, 1, 0, "copy", world->from->path, "/"));
    digest_of(world, 1, after);
    assert_string_equal(before, after);
}

static void copy__whole_store__digest_is_equal(void **state)
{
    struct two_stores *world = *state;
    char before[65];
    char after[65];
    char *said;

    fill(world->from->inbox);
    digest_of(world, 0, before);
    digest_of(world, 1, after);
    assert_string_not_equal(before, after);
    said = mailhost(world, 1, 0, "copy", world->from->path, "/");
    assert_non_null(strstr(said, "copied 1 of 1"));
    free(said);
    digest_of(world, 1, after);
    assert_string_equal(before, after);
    digest_of(world, 0, after); /* the original is as it was */
    assert_string_equal(before, after);
    free(mailhost(world, 1, 0, "check", NULL, NULL));
}

static void copy__one_message_and_one_folder__by_id_and_by_name(void **state)
{
    struct two_stores *world = *state;
    SPropValue *id;
    char hex[200];

    fill(world->from->inbox);
    id = copy_nth(world->from->inbox, 0, 1);
    host_hex_write(id->Value.bin.lpb, id->Value.bin.cb, hex);
    free(mailhost(world, 1, 0, "copy", world->from->path, hex));
    assert_int_equal(copy_rows(world->to->inbox, 0), 1);
    free(mailhost(world, 1, 0, "copy", world->from->path, "Below"));
    assert_int_equal(prop_bool(world->to->inbox, PR_SUBFOLDERS), true);
    free(mailhost(world, 1, 1, "copy", world->from->path, "Below")); /* it is there already */
    free(mailhost(world, 1, 1, "copy", world->from->path, "No such folder"));
    free(mailhost(world, 1, 1, "copy", "no-such-store.mkeep", "/"));
    mapi_free(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                copy__whole_store__digest_is_equal, two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(copy__to_a_store_with_other_names__digest_is_equal,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(copy__one_message_and_one_folder__by_id_and_by_name,
                two_stores_setup, two_stores_teardown),
    };

    return cmocka_run_group_tests_name("copy command", tests, NULL, NULL);
}
