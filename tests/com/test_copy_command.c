/* SPDX-License-Identifier: MIT */
/*
 * test_copy_command.c - mailhost copy: a store copied into another one is the same to every reader.
 */
#include "copy_world.h"
#include "support/process.h"

struct world {
    struct fixture *from, *to;
    char profile[2][1024];
    char said[1024];
};

/* Beside the library, under the name that programs have there. */
static const char *mailhost_name(void)
{
    return strstr(fixture_dll(), ".dll") != NULL ? "mailhost.exe" : "./mailhost";
}

/* Runs a verb on one of the stores; what it said is to be freed. */
static char *mailhost(struct world *world, unsigned store, int expected, const char *verb,
        const char *first, const char *second)
{
    const char *const arguments[] = { mailhost_name(), "--quiet", "--profile",
        world->profile[store], verb, first, second, NULL };
    struct process *process = process_start(arguments, world->said);
    char *text = calloc(1, 4096);
    FILE *file;
    int status;

    assert_non_null(process);
    assert_non_null(text);
    status = process_wait(process);
    file = host_fopen(world->said, "rb");
    assert_non_null(file);
    (void)fread(text, 1, 4095, file);
    fclose(file);
    if (status != expected)
        fail_msg("mailhost %s: %d, %s", verb, status, text);
    return text;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct fixture **fixtures[2];
    char why[300];

    assert_non_null(world);
    fixtures[0] = &world->from;
    fixtures[1] = &world->to;
    for (unsigned i = 0; i < 2; i++) {
        *fixtures[i] = fixture_new();
        assert_ok(host_session_configure(&(*fixtures[i])->session, (*fixtures[i])->path));
        fixture_logon(*fixtures[i]);
        fixture_open_inbox(*fixtures[i]);
        host_temp_path(".profile", world->profile[i], sizeof(world->profile[i]));
        assert_true(
                host_profile_save((*fixtures[i])->profile, world->profile[i], why, sizeof(why)));
    }
    host_temp_path(".said", world->said, sizeof(world->said));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    fixture_check_and_free(world->to);
    fixture_check_and_free(world->from);
    host_file_remove(world->profile[0]);
    host_file_remove(world->profile[1]);
    host_file_remove(world->said);
    free(world);
    return 0;
}

/* The digest's 64 digits. */
static void digest_of(struct world *world, unsigned store, char out[65])
{
    char *said = mailhost(world, store, 0, "digest", NULL, NULL);
    const char *at = strstr(said, "digest ");

    assert_non_null(at);
    memcpy(out, at + 7, 64);
    out[64] = '\0';
    free(said);
}

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
    struct world *world = *state;
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
    struct world *world = *state;
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
    struct world *world = *state;
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
        cmocka_unit_test_setup_teardown(copy__whole_store__digest_is_equal, setup, teardown),
        cmocka_unit_test_setup_teardown(
                copy__to_a_store_with_other_names__digest_is_equal, setup, teardown),
        cmocka_unit_test_setup_teardown(
                copy__one_message_and_one_folder__by_id_and_by_name, setup, teardown),
    };

    return cmocka_run_group_tests_name("copy command", tests, NULL, NULL);
}
