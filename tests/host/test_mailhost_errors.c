/* SPDX-License-Identifier: MIT */
/*
 * test_mailhost_errors.c - the reference host as a command: what goes wrong is said in one sentence
 * on stderr, without a code or a number, and the exit status tells; and the verbs that only a whole
 * demonstration runs.
 */
#include "support/command.h"

#define SUBJECT "A mail of three words"

/* ---- Running it ---- */

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *out = host_fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

/* The verb with up to two arguments, quietly. */
static int run_verb(
        struct command_fixture *cx, const char *verb, const char *first, const char *second)
{
    const char *const arguments[] = { "--quiet", verb, first, second, NULL };

    return command_run(cx, arguments);
}

static void verb_ok(
        struct command_fixture *cx, const char *verb, const char *first, const char *second)
{
    int status = run_verb(cx, verb, first, second);

    if (status != 0)
        fail_msg("%s: status %d: %s", verb, status, cx->text);
}

struct writer {
    unsigned char bytes[256];
    size_t size;
};

static void put_u32(struct writer *out, size_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out->bytes[out->size++] = (unsigned char)(value >> 8 * i & 0xFF);
}

static void put_text(struct writer *out, ULONG tag, const char *ascii)
{
    put_u32(out, tag);
    put_u32(out, 2 * strlen(ascii));
    for (; *ascii; ascii++, out->size += 2)
        out->bytes[out->size] = (unsigned char)*ascii;
}

/* A file as eml2props.py writes it, with one mail: a subject, and its name. */
static void make_mail_file(struct command_fixture *cx)
{
    struct writer file = { .bytes = "MKMAIL1\n", .size = 8 };
    struct writer record = { .size = 0 };

    put_u32(&record, 1);
    record.bytes[record.size++] = 'm';
    memset(record.bytes + record.size, 7, 32); /* a digest: any, but always the same */
    record.size += 32;
    put_u32(&record, 2);
    put_text(&record, PR_SUBJECT_W, SUBJECT);
    put_text(&record, PROP_TAG(PT_UNICODE, 0x6802), "m"); /* where it came from */
    put_u32(&record, 0);                                  /* recipients */
    put_u32(&record, 0);                                  /* attachments */

    put_u32(&file, record.size);
    memcpy(file.bytes + file.size, record.bytes, record.size);
    file.size += record.size;
    put_u32(&file, 0);
    put_u32(&file, 1);
    write_file(cx->mail, file.bytes, file.size);
}

/* A store with that mail in its Inbox, and its entry id. */
static void make_mail(struct command_fixture *cx)
{
    const char *end, *from;

    command_make_store(cx);
    make_mail_file(cx);
    verb_ok(cx, "import", cx->mail, NULL);
    command_has(cx, "imported 1 of 1");
    verb_ok(cx, "ls", "Inbox", NULL);
    command_has(cx, SUBJECT);
    end = strchr(cx->text, '\n');
    assert_non_null(end);
    for (from = end; from > cx->text && from[-1] != ' ';)
        from--;
    assert_in_range(end - from, 40, sizeof(cx->id) - 1);
    snprintf(cx->id, sizeof(cx->id), "%.*s", (int)(end - from), from);
}

/* The last run failed, and has said nothing but one sentence that has the words; apart from the
 * line `beside`, which some verbs print in any case. */
static void failed_with(
        struct command_fixture *cx, int status, const char *words, const char *beside)
{
    static const char *const forbidden[] = { "0x", "MAPI_", "E_", "(null)", "SQLITE", "errno",
        "80040", "8007" };
    static const char head[] = "mailhost: ";
    char *line = cx->text;
    char *end;

    if (beside && strncmp(line, beside, strlen(beside)) == 0)
        line += strlen(beside);
    end = strchr(line, '\n');
    if (end && beside && strcmp(end + 1, beside) == 0)
        end[1] = 0;
    if (status <= 0 || status > 2 || !end || end[1] != 0)
        fail_msg("status %d, and not one line about '%s': %s", status, words, cx->text);
    if (strncmp(line, head, sizeof(head) - 1) != 0 || line[sizeof(head) - 1] < 'A' ||
            line[sizeof(head) - 1] > 'Z' || !strchr(".)", end[-1]))
        fail_msg("no sentence: %s", line);
    if (!strstr(line, words))
        fail_msg("nothing about '%s': %s", words, line);
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        if (strstr(line, forbidden[i]))
            fail_msg("'%s' in: %s", forbidden[i], line);
    }
}

/* ---- Store files ---- */

enum {
    AT_USER_VERSION = 60, /* in the head of an SQLite file, big-endian */
    AT_APPLICATION_ID = 68
};

enum damage { MISSING, EMPTY, TEXT, FOREIGN, CUT_HEAD, CUT_HALF, NEWER, FOLDER };

static void damage_store(const char *path, const struct command_bytes *whole, enum damage damage)
{
    char *data = calloc(1, whole->size);

    assert_non_null(data);
    memcpy(data, whole->data, whole->size);
    if (damage == FOREIGN)
        memset(data + AT_APPLICATION_ID, 0, 4);
    if (damage == NEWER)
        data[AT_USER_VERSION + 1]++; /* the major number is in the upper half */
    if (damage == TEXT)
        write_file(path, "Dear diary,\n", 12);
    else if (damage == MISSING || damage == FOLDER)
        host_file_remove(path);
    else if (damage == EMPTY)
        write_file(path, "", 0);
    else
        write_file(path, data,
                damage == CUT_HEAD   ? 50
                : damage == CUT_HALF ? whole->size / 2
                                     : whole->size);
    if (damage == FOLDER)
        assert_true(host_dir_make(path));
    free(data);
}

static void store_file__bad_in_some_way__one_sentence_says_how(void **state)
{
    static const struct {
        enum damage damage;
        const char *words;
    } rows[] = {
        { MISSING, "not found" },
        { EMPTY, "empty" },
        { TEXT, "not a" },
        { FOREIGN, "not a" },
        { CUT_HEAD, "not a" },
        { CUT_HALF, "damaged" },
        { NEWER, "newer" },
        { FOLDER, "folder" },
    };

    static const char *const verbs[] = { "ls", "check", "digest" };
    struct command_fixture *cx = *state;
    struct command_bytes whole;

    command_make_store(cx);
    whole = command_read_file(cx->store);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        damage_store(cx->store, &whole, rows[i].damage);
        failed_with(cx, run_verb(cx, verbs[i % 3], NULL, NULL), rows[i].words, NULL);
    }
    free(whole.data);
}

/* ---- Profiles ---- */

static void profile__missing_or_broken__one_sentence_says_so(void **state)
{
    struct command_fixture *cx = *state;
    struct command_bytes whole;
    char *at;

    failed_with(cx, run_verb(cx, "ls", NULL, NULL), "cannot be opened", NULL);
    command_make_store(cx);
    whole = command_read_file(cx->profile);

    write_file(cx->profile, "", 0);
    failed_with(cx, run_verb(cx, "ls", NULL, NULL), "is empty", NULL);
    write_file(cx->profile, "Dear diary,\n", 12);
    failed_with(cx, run_verb(cx, "ls", NULL, NULL), "Line 1 ", NULL);
    at = strrchr(whole.data, '[');
    assert_non_null(at);
    write_file(cx->profile, whole.data, (size_t)(at + 8 - whole.data)); /* cut in a line */
    failed_with(cx, run_verb(cx, "ls", NULL, NULL), "cannot be understood", NULL);
    write_file(cx->profile, whole.data, strcspn(whole.data, "\n") + 1); /* no service */
    failed_with(cx, run_verb(cx, "ls", NULL, NULL), "no message store", NULL);
    at = strchr(whole.data, '[');
    assert_non_null(at);
    *at = '<';
    write_file(cx->profile, whole.data, whole.size);
    failed_with(cx, run_verb(cx, "ls", NULL, NULL), "Line 2 ", NULL);
    free(whole.data);
}

/* ---- Entry ids and names ---- */

static void entry_id__malformed_foreign_or_unknown__one_sentence(void **state)
{
    struct command_fixture *cx = *state;
    char id[200];
    char *digit;

    make_mail(cx);
    failed_with(cx, run_verb(cx, "show", "xyz", NULL), "hex digits", NULL);
    failed_with(cx, run_verb(cx, "show", "abc", NULL), "hex digits", NULL);
    failed_with(cx, run_verb(cx, "show", "0011", NULL), "cannot be opened", NULL);
    failed_with(cx, run_verb(cx, "send", "0011", NULL), "does not name", NULL);

    /* The store's identity follows the flags. */
    snprintf(id, sizeof(id), "%s", cx->id);
    digit = id + 8;
    *digit = *digit == '0' ? '1' : '0';
    failed_with(cx, run_verb(cx, "show", id, NULL), "cannot be opened", NULL);
    failed_with(cx, run_verb(cx, "send", id, NULL), "cannot be opened", NULL);

    /* The number of the message is at the end. */
    snprintf(id, sizeof(id), "%s", cx->id);
    digit = id + strlen(id) - 6;
    *digit = *digit == '0' ? '1' : '0';
    failed_with(cx, run_verb(cx, "show", id, NULL), "cannot be opened", NULL);
    failed_with(cx, run_verb(cx, "send", id, NULL), "cannot be opened", NULL);

    failed_with(cx, run_verb(cx, "ls", "No such folder", NULL), "No such folder", NULL);
}

/* ---- Files of mails ---- */

static void mail_file__is_none__the_step_that_is_missing_is_named(void **state)
{
    static const char nothing[] = "imported 0 of 0\n";
    struct command_fixture *cx = *state;
    struct command_bytes whole;

    command_make_store(cx);
    failed_with(cx, run_verb(cx, "import", cx->mail, NULL), "cannot be opened", nothing);
    write_file(cx->mail, "Subject: plain\n\nA mail as it is.\n", 33);
    failed_with(cx, run_verb(cx, "import", cx->mail, NULL), "eml2props.py -o", nothing);
    failed_with(cx, run_verb(cx, "verify", cx->mail, NULL), "eml2props.py -o", NULL);
    host_file_remove(cx->mail);
    assert_true(host_dir_make(cx->mail));
    failed_with(cx, run_verb(cx, "import", cx->mail, NULL), "eml2props.py -o", nothing);
    failed_with(cx, run_verb(cx, "deliver", cx->mail, NULL), "eml2props.py -o", "delivered 0\n");
    assert_true(host_dir_remove(cx->mail));

    make_mail_file(cx);
    whole = command_read_file(cx->mail);
    write_file(cx->mail, whole.data, whole.size - 10);
    failed_with(cx, run_verb(cx, "import", cx->mail, NULL), "cut short", nothing);
    whole.data[50] = 'x'; /* more properties than the record has room for */
    write_file(cx->mail, whole.data, whole.size);
    failed_with(cx, run_verb(cx, "import", cx->mail, NULL), "is broken", "imported 0 of 1\n");
    free(whole.data);
}

/* ---- The verbs ---- */

static void show__a_mail__prints_its_properties(void **state)
{
    struct command_fixture *cx = *state;

    make_mail(cx);
    verb_ok(cx, "show", cx->id, NULL);
    command_has(cx, "0037001f  " SUBJECT "\n");
}

static void find__words__counts_and_lists_what_has_them(void **state)
{
    struct command_fixture *cx = *state;

    make_mail(cx);
    verb_ok(cx, "find", "of", "THREE");
    command_has(cx, cx->id);
    command_has(cx, "\n1 found\n");
    verb_ok(cx, "find", "four", NULL);
    assert_string_equal(cx->text, "0 found\n");
}

static void verify__mail_there_and_gone__is_counted(void **state)
{
    struct command_fixture *cx = *state;

    make_mail(cx);
    verb_ok(cx, "verify", cx->mail, NULL);
    command_has(cx, "verify: 1 stored, 1 verified, 0 lost\n");
    host_file_remove(cx->store);
    host_file_remove(cx->profile);
    host_file_remove(cx->inf);
    command_make_store(cx);
    assert_int_equal(run_verb(cx, "verify", cx->mail, NULL), 1);
    command_has(cx, "verify: 0 stored, 0 verified, 1 lost\n");
    command_has(cx, "is not in the store");
}

static void unregister__service__is_out_of_profile_and_file(void **state)
{
    const char *const arguments[] = { "--quiet", "unregister", "--inf", NULL, NULL };
    struct command_fixture *cx = *state;
    const char *all[5];
    struct command_bytes file;

    memcpy(all, arguments, sizeof(arguments));
    all[3] = cx->inf;
    command_make_store(cx);
    file = command_read_file(cx->inf);
    assert_non_null(strstr(file.data, "[MAILKEEP]"));
    free(file.data);
    assert_int_equal(command_run(cx, all), 0);
    file = command_read_file(cx->inf);
    assert_null(strstr(file.data, "MAILKEEP"));
    free(file.data);
    assert_true(host_file_exists(cx->store));
    failed_with(cx, run_verb(cx, "ls", NULL, NULL), "no message store", NULL);
}

static void shutdown_kill__after_the_verb__no_logoff_and_nothing_lost(void **state)
{
    const char *const arguments[] = { "ls", "--shutdown", "kill", NULL };
    struct command_fixture *cx = *state;

    make_mail(cx);
    assert_int_equal(command_run(cx, arguments), 0);
    command_has(cx, "Inbox  1 messages");
    assert_null(strstr(cx->text, "logoff"));
    verb_ok(cx, "verify", cx->mail, NULL);
    command_has(cx, "1 verified, 0 lost");
    verb_ok(cx, "check", NULL, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, command_setup, command_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(store_file__bad_in_some_way__one_sentence_says_how),
        TEST(profile__missing_or_broken__one_sentence_says_so),
        TEST(entry_id__malformed_foreign_or_unknown__one_sentence),
        TEST(mail_file__is_none__the_step_that_is_missing_is_named),
        TEST(show__a_mail__prints_its_properties),
        TEST(find__words__counts_and_lists_what_has_them),
        TEST(verify__mail_there_and_gone__is_counted),
        TEST(unregister__service__is_out_of_profile_and_file),
        TEST(shutdown_kill__after_the_verb__no_logoff_and_nothing_lost),
    };

    return cmocka_run_group_tests_name("mailhost_errors", tests, NULL, NULL);
}
