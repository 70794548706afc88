/* SPDX-License-Identifier: MIT */
/*
 * test_eng_check.c - damage: found, said, repaired; and whatever is in a file, nothing crashes.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng_int.h"
#include "test_eng_fixture.h"

/* A store with one of everything. */
struct scene {
    uint64_t folder;
    uint64_t below;
    uint64_t msg;
    uint64_t inner;
    uint64_t value;
};

static struct scene make(struct eng *eng)
{
    struct scene scene;
    struct msp_buf packed = record_of(0x3001001F, "Bob", 3);
    struct msp_buf large = MSP_BUF_INIT;
    struct eng_part part = { 2, 0, packed.data, packed.size };

    scene.folder = new_folder(eng, ENG_ROOT_FOLDER, "folder");
    scene.below = new_folder(eng, scene.folder, "below");
    scene.msg = new_msg(eng, scene.folder, "message");
    (void)new_msg(eng, scene.folder, "another");
    scene.inner = new_msg(eng, 0, "inner");
    assert_ok(eng_recipients_put(eng, scene.msg, &part, 1));
    part.embedded = scene.inner;
    assert_ok(eng_attachment_put(eng, scene.msg, &part));
    assert_ok(eng_value_new(eng, &scene.value));
    assert_ok(eng_value_write(eng, scene.value, 0, "large", 5));
    large = record_of_values(&scene.value, 1);
    part = (struct eng_part){ 3, 0, large.data, large.size };
    assert_ok(eng_attachment_put(eng, scene.msg, &part));
    assert_ok(eng_receive_set(eng, "IPM", 3, scene.below));
    msp_buf_free(&packed);
    msp_buf_free(&large);
    return scene;
}

/* Runs SQL in which each %llu stands for the next number. */
static void damage(struct eng *eng, const char *format, uint64_t first, uint64_t second)
{
    struct msp_buf text = MSP_BUF_INIT;
    const char *sql;
    bool is_first = true;

    for (; *format != '\0'; format++) {
        if (strncmp(format, "%llu", 4) != 0) {
            (void)msp_buf_append(&text, format, 1);
            continue;
        }
        (void)msp_buf_printf(&text, "%llu", (unsigned long long)(is_first ? first : second));
        is_first = false;
        format += 3;
    }
    sql = msp_buf_cstr(&text);
    if (sqlite3_exec(eng->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sql);
    msp_buf_free(&text);
}

static void first_line(void *context, const char *line)
{
    char *out = context;

    if (out[0] == '\0')
        (void)snprintf(out, 300, "%s", line);
}

/* The damage is found under that name, left alone by a look, and gone after the repair. */
static void assert_repaired(struct eng *eng, const char *expected)
{
    char line[300] = "";
    uint64_t found = 0;
    uint64_t again = 0;

    assert_ok(eng_check(eng, false, first_line, line, &found));
    if (found == 0 || strstr(line, expected) == NULL)
        fail_msg("found %d: '%s', expected '%s'", (int)found, line, expected);
    assert_ok(eng_check(eng, false, NULL, NULL, &again));
    assert_int_equal(found, again);
    assert_ok(eng_check(eng, true, NULL, NULL, &again));
    assert_whole(eng);
}

struct case_row {
    const char *sql; /* %llu: the folder */
    const char *expected;
};

static void check__each_kind_of_damage__is_found_and_repaired(void **state)
{
    static const struct case_row cases[] = {
        { "UPDATE folder SET content=9,unread=7 WHERE id=%llu", "wrong counts" },
        { "UPDATE folder SET parent=777 WHERE id=%llu", "without a parent" },
        { "UPDATE folder SET parent=(SELECT max(id) FROM folder) WHERE id=%llu", "in a loop" },
        { "UPDATE folder SET packed=x'FFFF' WHERE id=%llu", "damaged properties" },
        { "DELETE FROM prop WHERE id>%llu", "without properties" },
        { "UPDATE prop SET packed=x'0903' WHERE id>%llu", "damaged properties" },
        { "UPDATE recipient SET list=x'00'", "lists of recipients" },
        { "UPDATE attachment SET packed=x'07'", "damaged attachments" },
        { "UPDATE attachment SET embedded=0", "without an attachment" },
        { "UPDATE attachment SET embedded=999 WHERE embedded<>0", "not embedded" },
        { "UPDATE msg SET place=888 WHERE place IS NOT NULL", "in no folder" },
        { "DELETE FROM msg WHERE place IS NOT NULL", "without a message" },
        { "INSERT INTO stream VALUES(99<<20,x'00')", "without a large value" },
        { "UPDATE value SET size=1", "smaller than their bytes" },
        { "UPDATE value SET owner=1", "wrong owner" },
        { "UPDATE attachment SET packed=x''", "does not name" },
        { "UPDATE meta SET value=2 WHERE key=1", "count as free" },
        { "UPDATE receive SET folder=99", "receive folders" },
        { "INSERT INTO outgoing VALUES(1,999,0,0,0,0)", "to be sent that do not exist" },
        { "UPDATE msg SET flags=flags|4", "wrong about waiting to be sent" },
        { "INSERT INTO outgoing SELECT 1,max(id),0,0,0,0 FROM msg WHERE place IS NOT NULL",
                "wrong about waiting to be sent" },

        { "UPDATE meta SET value=x'0908' WHERE key=3", "of the store" },
    };
    struct fixture *fx = *state;

    for (size_t i = 0; i < MSP_COUNT_OF(cases); i++) {
        struct eng_open_params params = { ":memory:", false, false, 0 };
        struct scene scene;

        assert_ok(eng_open(&params, &fx->eng, NULL));
        scene = make(fx->eng);
        assert_whole(fx->eng);
        damage(fx->eng, cases[i].sql, scene.folder, scene.below);
        assert_repaired(fx->eng, cases[i].expected);
        eng_close(fx->eng);
        fx->eng = NULL;
    }
}

static void check__named_value_is_gone__is_said(void **state)
{
    struct fixture *fx = *state;
    uint64_t found = 0;
    char line[300] = "";

    (void)make(fx->eng);
    damage(fx->eng, "DELETE FROM stream;DELETE FROM value", 0, 0);

    assert_ok(eng_check(fx->eng, true, first_line, line, &found));
    assert_int_equal(found, 1);
    assert_non_null(strstr(line, "named but not there"));
}

static void check__inside_a_transaction__is_refused(void **state)
{
    struct fixture *fx = *state;
    uint64_t found = 9;

    assert_ok(eng_begin(fx->eng, true));
    assert_int_equal(eng_check(fx->eng, true, NULL, NULL, &found), ENG_INVALID);
    assert_int_equal(found, 0);
    assert_ok(eng_commit(fx->eng));
}

/* --- damage concerns one object only -------------------------------------------------------- */

static bool count_part(void *context, const struct eng_part *part)
{
    (void)part;
    ++*(int *)context;
    return true;
}

static bool count_msg(void *context, const struct eng_msg *row, const void *packed, size_t size)
{
    (void)row;
    assert_true(packed_check(packed, size));
    ++*(int *)context;
    return true;
}

static void damaged_record__is_corrupt_for_that_object_only(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = make(fx->eng);
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_error error;
    struct eng_msg row;
    int count = 0;

    damage(fx->eng, "UPDATE prop SET packed=x'0105' WHERE id=%llu", scene.msg, 0);
    damage(fx->eng, "UPDATE recipient SET list=x'0000000000000001' WHERE id=%llu", scene.msg, 0);

    assert_int_equal(eng_msg_get(fx->eng, scene.msg, &row, &texts, &packed), ENG_CORRUPT);
    assert_int_equal(row.id, 0);
    eng_last_error(fx->eng, &error);
    assert_string_equal(error.text, "The message is damaged.");
    assert_ok(eng_msg_get(fx->eng, scene.msg, &row, &texts, NULL));
    assert_int_equal(eng_recipients_get(fx->eng, scene.msg, count_part, &count), ENG_CORRUPT);
    assert_int_equal(count, 0);
    assert_ok(eng_attachments_get(fx->eng, scene.msg, count_part, &count));
    assert_int_equal(count, 2);
    count = 0;
    assert_ok(eng_msg_scan(fx->eng, scene.folder, ENG_SCAN_PROPS, count_msg, &count));
    assert_int_equal(count, 2);
    assert_ok(eng_msg_delete(fx->eng, scene.msg));
    assert_whole(fx->eng);
    msp_buf_free(&texts);
    msp_buf_free(&packed);
}

static void damaged_attachment__that_embeds_a_normal_message__does_not_delete_it(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = make(fx->eng);
    uint64_t other = new_msg(fx->eng, scene.below, "innocent");
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;

    damage(fx->eng, "UPDATE attachment SET embedded=%llu WHERE embedded<>0", other, 0);
    assert_ok(eng_msg_delete(fx->eng, scene.msg));

    assert_ok(eng_msg_get(fx->eng, other, &row, &texts, NULL));
    assert_counts(fx->eng, scene.below, 1, 1, 0, 0);
    msp_buf_free(&texts);
}

static void damaged_attachment__that_embeds_its_own_message__is_deleted(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = make(fx->eng);

    damage(fx->eng, "UPDATE attachment SET embedded=%llu WHERE embedded<>0", scene.msg, 0);
    damage(fx->eng, "UPDATE msg SET place=NULL WHERE id=%llu", scene.msg, 0);
    assert_ok(eng_msg_delete(fx->eng, scene.msg));
    assert_repaired(fx->eng, "");
}

static void damaged_tree__operations_end(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = make(fx->eng);

    damage(fx->eng, "UPDATE folder SET parent=%llu WHERE id=%llu", scene.below, scene.folder);

    assert_int_equal(eng_folder_move(fx->eng, new_folder(fx->eng, ENG_ROOT_FOLDER, "x"),
                             scene.below, NULL, 0),
            ENG_CORRUPT);
    assert_int_equal(
            eng_folder_delete(fx->eng, scene.folder, ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES),
            ENG_CORRUPT);
    assert_repaired(fx->eng, "loop");
}

/* --- any bytes ------------------------------------------------------------------------------ */

static bool any_folder(void *context, const struct eng_folder *folder, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    (void)context;
    (void)folder;
    (void)name;
    (void)name_size;
    assert_true(packed_check(packed, packed_size));
    return true;
}

static bool any_name(void *context, uint16_t id, const struct eng_name *name)
{
    (void)context;
    (void)id;
    (void)name;
    return true;
}

static void read_everything(struct eng *eng, const struct scene *scene)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_folder folder;
    struct eng_msg row;
    char bytes[100];
    int count = 0;
    size_t got;
    uint64_t found;
    uint64_t id;

    (void)eng_folder_get(eng, scene->folder, &folder, &texts, &packed);
    (void)eng_folder_children(eng, ENG_ROOT_FOLDER, any_folder, NULL);
    (void)eng_msg_get(eng, scene->msg, &row, &texts, &packed);
    (void)eng_msg_scan(eng, scene->folder, ENG_SCAN_PROPS, count_msg, &count);
    (void)eng_recipients_get(eng, scene->msg, count_part, &count);
    (void)eng_attachments_get(eng, scene->msg, count_part, &count);
    (void)eng_value_read(eng, scene->value, 0, bytes, sizeof(bytes), &got);
    (void)eng_names(eng, any_name, NULL);
    (void)eng_check(eng, false, NULL, NULL, &found);
    (void)eng_folder_create(eng, scene->folder, ENG_FOLDER_GENERIC, "n", 1, NULL, 0, &id);
    (void)eng_msg_delete(eng, scene->msg);
    (void)eng_folder_delete(eng, scene->folder, ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES);
    (void)eng_check(eng, true, NULL, NULL, &found);
    msp_buf_free(&texts);
    msp_buf_free(&packed);
}

static void write_file(const char *path, const void *data, size_t size)
{
    struct msp_file file;

    assert_int_equal(msp_file_open(path, MSP_OPEN_REPLACE, &file), MSP_IO_OK);
    assert_int_equal(msp_file_write(&file, data, size), MSP_IO_OK);
    msp_file_close(&file);
}

/* Bytes of the file are changed at random; there is a status for whatever comes of it. */
static void random_bytes__anywhere__never_crash(void **state)
{
    static uint8_t content[600000];
    static uint8_t changed[600000];
    struct fixture *fx = *state;
    struct scene scene = make(fx->eng);
    struct msp_file file;
    uint32_t seed = 99;
    size_t size = 0;
    int opened = 0;

    eng_close(fx->eng);
    fx->eng = NULL;
    assert_int_equal(msp_file_open(fx->path, MSP_OPEN_READ, &file), MSP_IO_OK);
    assert_int_equal(msp_file_read(&file, content, sizeof(content), &size), MSP_IO_OK);
    msp_file_close(&file);
    assert_true(size < sizeof(content));
    for (int round = 0; round < 150; round++) {
        struct eng_open_params params = { fx->path, true, false, 10 };
        struct eng *eng = NULL;

        memcpy(changed, content, size);
        for (int i = 0; i < 1 + round % 40; i++) {
            size_t offset;

            seed = seed * 1664525u + 1013904223u;
            offset = (seed >> 4) % (uint32_t)size;
            if (i % 2 == 0) /* pages are mostly empty: look for a place where something is */
                while (offset < size - 1 && content[offset] == 0)
                    offset++;
            changed[offset] = (uint8_t)(seed >> 24);
        }
        write_file(fx->path, changed, size);
        if (eng_open(&params, &eng, NULL) == ENG_OK) {
            opened++;
            read_everything(eng, &scene);
        }
        eng_close(eng);
        (void)msp_file_delete(beside(fx, "-wal"));
        (void)msp_file_delete(beside(fx, "-shm"));
    }
    assert_in_range(opened, 20, 150);
}

static int setup_path(void **state)
{
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    eng_close(fx->eng);
    fx->eng = NULL;
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                check__each_kind_of_damage__is_found_and_repaired, setup_path, teardown),
        cmocka_unit_test_setup_teardown(check__named_value_is_gone__is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(check__inside_a_transaction__is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(
                damaged_record__is_corrupt_for_that_object_only, setup, teardown),
        cmocka_unit_test_setup_teardown(
                damaged_attachment__that_embeds_a_normal_message__does_not_delete_it, setup,
                teardown),
        cmocka_unit_test_setup_teardown(
                damaged_attachment__that_embeds_its_own_message__is_deleted, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_tree__operations_end, setup, teardown),
        cmocka_unit_test_setup_teardown(random_bytes__anywhere__never_crash, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
