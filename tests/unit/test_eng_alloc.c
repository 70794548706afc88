/* SPDX-License-Identifier: MIT */
/*
 * test_eng_alloc.c - every function of the engine with its nth allocation failing, for every n: it
 * says ENG_NO_MEMORY, has changed nothing, and works when called again.
 *
 * Where SQLite is linked in, its allocations count, too.
 *
 * Locks: none; each test runs alone.
 */
#include <stdlib.h>

#include "column_fixture.h"
#include "engine/eng_int.h"

#if !MAILKEEP_SQLITE_DYNAMIC

#include "fault/fault_vfs.h"

static sqlite3_mem_methods true_methods;

static void *failing_malloc(int size)
{
    return msp_alloc_fail_now() ? NULL : true_methods.xMalloc(size);
}

static void *failing_realloc(void *block, int size)
{
    return msp_alloc_fail_now() ? NULL : true_methods.xRealloc(block, size);
}

static int group_setup(void **state)
{
    sqlite3_mem_methods methods;

    (void)state;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &true_methods), SQLITE_OK);
    methods = true_methods;
    methods.xMalloc = failing_malloc;
    methods.xRealloc = failing_realloc;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
    /* No small-block cache: every allocation is one that can fail. */
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
    disk_install(); /* one that need not wait for syncs */
    return 0;
}

#else

static int group_setup(void **state)
{
    (void)state;
    return 0;
}

#endif

/* What the steps work on; made anew for each. */
struct scene {
    struct eng *eng;
    uint64_t folder;
    uint64_t full; /* folder with messages */
    uint64_t msg;
    uint64_t value;
    struct msp_buf packed;
    struct msp_buf large;
};

typedef enum eng_status step_fn(struct scene *scene);

static struct scene scene_make(struct fixture *fx)
{
    struct scene scene = { .eng = open_again(fx) };
    struct eng *eng = scene.eng;
    struct eng_part part;
    uint64_t inner;

    scene.packed = record_of(0x3001001F, "Bob", 3);
    scene.folder = new_folder(eng, ENG_ROOT_FOLDER, "folder");
    scene.full = new_folder(eng, scene.folder, "full");
    scene.msg = new_msg(eng, scene.full, "message");
    inner = new_msg(eng, 0, "inner");
    part = (struct eng_part){ 3, inner, scene.packed.data, scene.packed.size };
    assert_ok(eng_attachment_put(eng, scene.msg, &part));
    part.number = 4;
    part.embedded = 0;
    assert_ok(eng_attachment_put(eng, scene.msg, &part));
    assert_ok(eng_recipients_put(eng, scene.msg, &part, 1));
    assert_ok(eng_value_new(eng, &scene.value));
    assert_ok(eng_value_write(eng, scene.value, 300000, "abc", 3));
    scene.large = record_of_values(&scene.value, 1);
    return scene;
}

static void scene_free(struct fixture *fx, struct scene *scene)
{
    eng_close(scene->eng);
    msp_buf_free(&scene->packed);
    msp_buf_free(&scene->large);
    (void)msp_file_delete(fx->path);
}

static enum eng_status step_folder_create(struct scene *scene)
{
    uint64_t id = 9;
    enum eng_status status = eng_folder_create(scene->eng, ENG_ROOT_FOLDER, ENG_FOLDER_GENERIC,
            "new", 3, scene->packed.data, scene->packed.size, &id);

    assert_true((status == ENG_OK) == (id != 0));
    return status;
}

static enum eng_status step_folder_get(struct scene *scene)
{
    struct msp_buf name = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_folder folder;
    enum eng_status status = eng_folder_get(scene->eng, scene->full, &folder, &name, &packed);

    assert_true((status == ENG_OK) == (folder.id != 0));
    msp_buf_free(&name);
    msp_buf_free(&packed);
    return status;
}

static enum eng_status step_folder_set(struct scene *scene)
{
    return eng_folder_set(
            scene->eng, scene->folder, "x", 1, scene->packed.data, scene->packed.size);
}

static enum eng_status step_folder_move(struct scene *scene)
{
    return eng_folder_move(scene->eng, scene->full, ENG_ROOT_FOLDER, NULL, 0);
}

static enum eng_status step_folder_delete(struct scene *scene)
{
    return eng_folder_delete(scene->eng, scene->folder, ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES);
}

static bool any_folder(void *context, const struct eng_folder *folder, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    (void)context;
    (void)folder;
    (void)name;
    (void)name_size;
    (void)packed;
    (void)packed_size;
    return true;
}

static enum eng_status step_folder_children(struct scene *scene)
{
    return eng_folder_children(scene->eng, ENG_ROOT_FOLDER, any_folder, NULL);
}

static enum eng_status step_msg_put_new(struct scene *scene)
{
    struct eng_msg msg = msg_of(900, scene->full, "new");
    uint64_t change = 9;
    enum eng_status status = eng_msg_put(
            scene->eng, &msg, ENG_PUT_NEW, scene->large.data, scene->large.size, &change);

    assert_int_equal(change, status == ENG_OK);
    return status;
}

static enum eng_status step_msg_put_update(struct scene *scene)
{
    struct eng_msg msg = msg_of(scene->msg, 0, "changed");
    uint64_t change;

    msg.change = 1;
    return eng_msg_put(scene->eng, &msg, 0, scene->large.data, scene->large.size, &change);
}

static enum eng_status step_msg_get(struct scene *scene)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_msg row;
    enum eng_status status = eng_msg_get(scene->eng, scene->msg, &row, &texts, &packed);

    assert_true((status == ENG_OK) == (row.id != 0));
    msp_buf_free(&texts);
    msp_buf_free(&packed);
    return status;
}

static enum eng_status step_msg_delete(struct scene *scene)
{
    return eng_msg_delete(scene->eng, scene->msg);
}

static enum eng_status step_msg_flags(struct scene *scene)
{
    return eng_msg_set_flags(scene->eng, scene->msg, 1, 1, NULL);
}

static enum eng_status step_msg_status(struct scene *scene)
{
    return eng_msg_set_status(scene->eng, scene->msg, 1, 1, NULL);
}

static enum eng_status step_msg_move(struct scene *scene)
{
    return eng_msg_move(scene->eng, scene->msg, scene->folder);
}

static bool any_msg(void *context, const struct eng_msg *row, const void *packed, size_t size)
{
    (void)context;
    (void)row;
    (void)packed;
    (void)size;
    return true;
}

static enum eng_status step_msg_scan(struct scene *scene)
{
    return eng_msg_scan(scene->eng, scene->full, ENG_SCAN_PROPS, any_msg, NULL);
}

static enum eng_status step_msg_ids(struct scene *scene)
{
    struct msp_buf ids = MSP_BUF_INIT;
    enum eng_status status = eng_msg_ids(scene->eng, scene->full, false, &ids);

    msp_buf_free(&ids);
    return status;
}

static enum eng_status columns_of(struct scene *scene, uint64_t folder)
{
    struct eng_columns columns;
    enum eng_status status = eng_columns_get(scene->eng, folder, false, ENG_COLUMN_ALL, &columns);

    assert_true((status == ENG_OK) == (columns.ids != NULL));
    if (status == ENG_OK && folder == scene->full)
        assert_true(columns.ids[columns.count - 1] == scene->msg);
    return status;
}

/* What is there, with what the transaction itself has changed; it leaves nothing. */
static enum eng_status step_columns(struct scene *scene)
{
    enum eng_status status = eng_begin(scene->eng, true);

    if (status != ENG_OK)
        return status;
    status = columns_of(scene, scene->full);
    if (status == ENG_OK)
        status = columns_of(scene, scene->folder);
    if (status == ENG_OK)
        status = eng_msg_set_flags(scene->eng, scene->msg, 1, 1, NULL);
    if (status == ENG_OK)
        status = columns_of(scene, scene->full);
    eng_rollback(scene->eng);
    return status;
}

static enum eng_status step_recipients_put(struct scene *scene)
{
    struct eng_part part = { 8, 0, scene->packed.data, scene->packed.size };

    return eng_recipients_put(scene->eng, scene->msg, &part, 1);
}

static bool any_part(void *context, const struct eng_part *part)
{
    (void)context;
    (void)part;
    return true;
}

static enum eng_status step_recipients_get(struct scene *scene)
{
    return eng_recipients_get(scene->eng, scene->msg, any_part, NULL);
}

static enum eng_status step_attachment_put(struct scene *scene)
{
    struct eng_part part = { 3, 0, scene->large.data, scene->large.size };

    return eng_attachment_put(scene->eng, scene->msg, &part); /* deletes the embedded message */
}

static enum eng_status step_attachment_delete(struct scene *scene)
{
    return eng_attachment_delete(scene->eng, scene->msg, 3);
}

static enum eng_status step_attachments_get(struct scene *scene)
{
    struct msp_buf packed = MSP_BUF_INIT;
    uint64_t embedded;
    enum eng_status status = eng_attachments_get(scene->eng, scene->msg, any_part, NULL);

    if (status == ENG_OK)
        status = eng_attachment_get(scene->eng, scene->msg, 3, &embedded, &packed);
    msp_buf_free(&packed);
    return status;
}

static enum eng_status step_value_new(struct scene *scene)
{
    uint64_t id = 9;
    enum eng_status status = eng_value_new(scene->eng, &id);

    assert_true((status == ENG_OK) == (id != 0));
    return status;
}

static enum eng_status step_value_write(struct scene *scene)
{
    return eng_value_write(scene->eng, scene->value, 5, "x", 1);
}

static enum eng_status step_value_read(struct scene *scene)
{
    char bytes[10];
    size_t got = 9;
    enum eng_status status = eng_value_read(scene->eng, scene->value, 5, bytes, 10, &got);

    assert_int_equal(got, status == ENG_OK ? 10 : 0);
    return status;
}

static enum eng_status step_value_resize(struct scene *scene)
{
    return eng_value_resize(scene->eng, scene->value, 7);
}

static enum eng_status step_value_copy(struct scene *scene)
{
    uint64_t id = 9;
    enum eng_status status = eng_value_copy(scene->eng, scene->value, &id);

    assert_true((status == ENG_OK) == (id != 0));
    return status;
}

static enum eng_status step_value_free(struct scene *scene)
{
    return eng_value_free(scene->eng, scene->value);
}

static enum eng_status step_name_create(struct scene *scene)
{
    struct eng_name name = { .is_string = true, .text = "abc", .text_size = 3 };
    uint16_t id = 9;
    enum eng_status status = eng_name_to_id(scene->eng, &name, true, &id);

    assert_int_equal(id, status == ENG_OK ? 0x8000 : 0);
    return status;
}

static enum eng_status step_receive(struct scene *scene)
{
    return eng_receive_set(scene->eng, "IPM", 3, scene->full);
}

static enum eng_status step_store_props(struct scene *scene)
{
    return eng_store_props_set(scene->eng, scene->packed.data, scene->packed.size);
}

static enum eng_status step_id_new(struct scene *scene)
{
    enum eng_status status = ENG_OK;
    uint64_t last = 0;

    for (int i = 0; status == ENG_OK && i < 1200; i++) {
        uint64_t id = 0;

        status = eng_id_new(scene->eng, &id);
        assert_true((status == ENG_OK) == (id > last));
        last = id;
    }
    return status;
}

static enum eng_status step_check(struct scene *scene)
{
    uint64_t found;
    enum eng_status status = eng_check(scene->eng, true, NULL, NULL, &found);

    if (status == ENG_OK)
        assert_int_equal(found, 0);
    return status;
}

static enum eng_status step_journal(struct scene *scene)
{
    uint64_t end;

    (void)eng_change_stamp(scene->eng);
    return eng_journal_end(scene->eng, &end);
}

/* A transaction of several calls, which fails as a whole. */
static enum eng_status step_transaction(struct scene *scene)
{
    enum eng_status status = eng_begin(scene->eng, true);

    if (status != ENG_OK)
        return status;
    status = step_msg_put_new(scene);
    if (status == ENG_OK)
        status = step_folder_create(scene);
    if (status == ENG_OK)
        status = step_name_create(scene);
    if (status == ENG_OK)
        return eng_commit(scene->eng);
    eng_rollback(scene->eng);
    return status;
}

static enum eng_status step_bulk(struct scene *scene)
{
    enum eng_status status = eng_bulk(scene->eng, true);

    if (status == ENG_OK)
        status = step_transaction(scene);
    if (status == ENG_OK)
        return eng_bulk(scene->eng, false);
    (void)eng_bulk(scene->eng, false);
    return status;
}

static const struct {
    const char *name;
    step_fn *fn;
    bool changes; /* a second call after success would fail */
} steps[] = {
    { "folder_create", step_folder_create, true },
    { "folder_get", step_folder_get, false },
    { "folder_set", step_folder_set, true },
    { "folder_move", step_folder_move, true },
    { "folder_delete", step_folder_delete, true },
    { "folder_children", step_folder_children, false },
    { "msg_put_new", step_msg_put_new, true },
    { "msg_put_update", step_msg_put_update, true },
    { "msg_get", step_msg_get, false },
    { "msg_delete", step_msg_delete, true },
    { "msg_flags", step_msg_flags, true },
    { "msg_status", step_msg_status, true },
    { "msg_move", step_msg_move, true },
    { "msg_scan", step_msg_scan, false },
    { "msg_ids", step_msg_ids, false },
    { "columns", step_columns, false },
    { "recipients_put", step_recipients_put, true },
    { "recipients_get", step_recipients_get, false },
    { "attachment_put", step_attachment_put, true },
    { "attachment_delete", step_attachment_delete, true },
    { "attachments_get", step_attachments_get, false },
    { "value_new", step_value_new, true },
    { "value_write", step_value_write, true },
    { "value_read", step_value_read, false },
    { "value_resize", step_value_resize, true },
    { "value_copy", step_value_copy, true },
    { "value_free", step_value_free, true },
    { "name_create", step_name_create, true },
    { "receive", step_receive, true },
    { "store_props", step_store_props, true },
    { "id_new", step_id_new, true },
    { "check", step_check, false },
    { "journal", step_journal, false },
    { "transaction", step_transaction, true },
    { "bulk", step_bulk, true },
};

/* What everybody can see of the store, as one number. */
static int64_t digest(struct eng *eng)
{
    static const char sql[] =
            "SELECT (SELECT total(id*3+parent*5+content*7+unread*11+assoc*13+children*17+change*19"
            "+length(name)+length(packed)) FROM folder)*1000+(SELECT total(id*3+ifnull(place,7)*5"
            "+flags*7+status*11+change*13+length(subject)) FROM msg)*100+(SELECT "
            "total(length(packed)"
            ") FROM prop)*10+(SELECT total(length(list)+id) FROM recipient)+(SELECT total(key"
            "+embedded+length(packed)) FROM attachment)+(SELECT count(*)*3 FROM receive)"
            "+(SELECT total(ifnull(owner,0)) FROM value)+(SELECT total(length(value)) FROM meta "
            "WHERE key=3)*17+(SELECT total(seq+length(events)) FROM journal)*23";
    sqlite3_stmt *stmt = NULL;
    int64_t result;

    assert_int_equal(sqlite3_prepare_v2(eng->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    result = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return result;
}

/* Walks one step: first with statements not yet compiled, then with warm ones. */
static void walk(struct fixture *fx, size_t index)
{
    struct scene scene = scene_make(fx);

    for (unsigned long nth = 1;; nth++) {
        int64_t before = digest(scene.eng);
        enum eng_status status;
        bool failed;

        msp_alloc_fail_at(nth);
        status = steps[index].fn(&scene);
        failed = msp_alloc_fail_disarm();
        if (!failed) {
            if (status != ENG_OK)
                fail_msg("%s: %d after %lu", steps[index].name, (int)status, nth);
            break;
        }

        if (status == ENG_OK) {
            /* Some needs are only wishes: a cache, room for next time. */
            if (steps[index].changes)
                break;
            continue;
        }
        if (status != ENG_NO_MEMORY)
            fail_msg("%s: status %d at allocation %lu", steps[index].name, (int)status, nth);
        if (digest(scene.eng) != before)
            fail_msg("%s: changed something at allocation %lu", steps[index].name, nth);
    }
    assert_whole(scene.eng);
    scene_free(fx, &scene);
}

static void every_function__nth_allocation_fails__nothing_changes(void **state)
{
    struct fixture *fx = *state;

    for (size_t i = 0; i < MSP_COUNT_OF(steps); i++)
        walk(fx, i);
}

static void make_old(const struct fixture *fx)
{
    struct eng *eng = open_again(fx);

    assert_int_equal(sqlite3_exec(eng->db,
                             "DROP TABLE viewhead;DROP TABLE viewcol;PRAGMA user_version=65536",
                             NULL, NULL, NULL),
            SQLITE_OK);
    eng_close(eng);
}

static void open__nth_allocation_fails__leaves_nothing(void **state)
{
    struct fixture *fx = *state;

    for (int existing = 0; existing < 3; existing++) { /* 2: of an older format */
        for (unsigned long nth = 1;; nth++) {
            struct eng_open_params params = { fx->path, true, false, 50 };
            size_t live = msp_alloc_count_live();
            struct eng_error error;
            struct eng *eng = NULL;
            enum eng_status status;

            if (existing == 2)
                make_old(fx);
            msp_alloc_fail_at(nth);
            status = eng_open(&params, &eng, &error);
            if (!msp_alloc_fail_disarm()) {
                assert_ok(status);
                assert_whole(eng);
                eng_close(eng);
                break;
            }
            assert_true((status == ENG_OK) == (eng != NULL));
            if (status != ENG_OK && status != ENG_NO_MEMORY)
                fail_msg("open: status %d at allocation %lu", (int)status, nth);
            eng_close(eng);
            assert_int_equal(msp_alloc_count_live(), live);
            if (existing == 0)
                (void)msp_file_delete(fx->path);
        }
    }
}

static void close__nth_allocation_fails__frees_everything(void **state)
{
    struct fixture *fx = *state;

    for (unsigned long nth = 1;; nth++) {
        struct eng *eng = open_again(fx);
        uint64_t id;

        assert_ok(eng_value_new(eng, &id));
        assert_ok(eng_value_write(eng, id, 0, "x", 1));
        assert_ok(eng_begin(eng, true));
        (void)new_folder(eng, ENG_ROOT_FOLDER, "not kept");
        msp_alloc_fail_at(nth);
        eng_close(eng);
        if (!msp_alloc_fail_disarm())
            break;
    }
    fx->eng = open_again(fx);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    assert_whole(fx->eng);
}

/* Columns that are kept are brought up to date: rows change, come and go. A failure leaves them as
 * they were, to be brought up to date later. */
static void columns_patch__nth_allocation_fails__right_afterwards(void **state)
{
    struct fixture *fx = *state;
    bool failed = true;
    uint64_t first;

    fx->eng = open_again(fx);
    first = new_any_msg(fx->eng, ENG_ROOT_FOLDER, 1);
    fill(fx->eng, ENG_ROOT_FOLDER, 40);
    for (unsigned long nth = 1; failed; nth++) {
        uint64_t last = new_any_msg(fx->eng, ENG_ROOT_FOLDER, (unsigned)nth);
        struct eng_columns columns;
        struct eng_msg msg = any_msg_of(fx->eng, ENG_ROOT_FOLDER, (unsigned)nth + 3);
        enum eng_status status;

        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
        (void)put_msg(fx->eng, msg, ENG_PUT_NEW);
        assert_ok(eng_msg_delete(fx->eng, last));
        assert_ok(eng_msg_set_flags(fx->eng, first, 0x10, (uint32_t)nth << 4, NULL));
        assert_ok(eng_begin(fx->eng, false));
        msp_alloc_fail_at(nth);
        status = eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, &columns);
        failed = msp_alloc_fail_disarm();
        assert_true(status == ENG_OK || (failed && status == ENG_NO_MEMORY));
        assert_true((status == ENG_OK) == (columns.ids != NULL));
        if (status == ENG_OK)
            assert_ok(eng_commit(fx->eng));
        else
            eng_rollback(fx->eng);
        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    }
}

/* Columns are read from where they are stored, and stored again. */
static void columns_stored__nth_allocation_fails__right_afterwards(void **state)
{
    struct fixture *fx = *state;
    bool failed = true;
    uint64_t first;

    fx->eng = open_again(fx);
    first = new_any_msg(fx->eng, ENG_ROOT_FOLDER, 1);
    fill(fx->eng, ENG_ROOT_FOLDER, 60);
    for (unsigned long nth = 1; failed; nth++) {
        struct eng_columns columns;
        enum eng_status status;

        store_always(fx->eng);
        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
        reopen(fx);
        store_always(fx->eng);
        assert_ok(eng_msg_set_flags(fx->eng, first, 0x10, (uint32_t)nth << 4, NULL));
        assert_ok(eng_begin(fx->eng, false));
        msp_alloc_fail_at(nth);
        status = eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, &columns);
        if (status == ENG_OK)
            status = eng_commit(fx->eng);
        else
            eng_rollback(fx->eng);
        failed = msp_alloc_fail_disarm();
        assert_true(status == ENG_OK || (failed && status == ENG_NO_MEMORY));
        assert_whole(fx->eng);
        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    }
}

static int setup_path(void **state)
{
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    eng_close(fx->eng);
    fx->eng = NULL;
    return msp_file_delete(fx->path) == MSP_IO_OK ? 0 : -1;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                every_function__nth_allocation_fails__nothing_changes, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__nth_allocation_fails__leaves_nothing, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                close__nth_allocation_fails__frees_everything, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                columns_patch__nth_allocation_fails__right_afterwards, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                columns_stored__nth_allocation_fails__right_afterwards, setup_path, teardown),
    };

    return cmocka_run_group_tests(tests, group_setup, NULL);
}
