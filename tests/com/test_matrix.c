/* SPDX-License-Identifier: MIT */
/*
 * test_matrix.c - every class, every way in which a logon ends, every state in which that can
 * happen: one function for all cells of the matrix.
 *
 * All cells share one store. Each begins with a look at what the one before has left on disk, so
 * every ending is followed by a new logon that finds all that was acknowledged and nothing else.
 *
 * Locks: none; see matrix.h.
 */
#include "matrix_cell.h"

#include "support/process.h"

/* ---- The end of the process ---- */

/* All classes at once, since a process has one end. What happens afterwards is the system's. */
static void check_dying(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    IMSLogon *logon = side->raw.logon;
    IMSProvider *provider = side->fx->session.provider;
    ULONG flags = 0;

    if (cell->thread && cell->class->call == call_attach)
        side->calls++; /* the host writes down a call when it is over */
    end_call(cell);
    if (side->object)
        (void)side->object->lpVtbl->Release(side->object);
    if (side->child)
        (void)side->child->lpVtbl->Release(side->child);
    if (side->trigger)
        (void)side->trigger->lpVtbl->Release(side->trigger);
    (void)side->raw.store->lpVtbl->Release(side->raw.store);
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    assert_ok(provider->lpVtbl->Shutdown(provider, &flags));
    (void)provider->lpVtbl->Release(provider);
    if (host_support_log_size(side->raw.support) != side->calls ||
            atomic_load(&side->sink.told) != side->told || side->told > 1)
        fail_msg("%s: somebody was called when it was over", cell->name);
    assert_int_equal(atomic_load(&side->canary.told), 0);
    cell->book->cells++;
}

/* Where what a child knows is handed on. */
static void book_to_file(const struct matrix_book *book, const char *path)
{
    FILE *file = host_fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(book, sizeof(*book), 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

static void book_from_file(struct matrix_book *book, const char *path)
{
    FILE *file = host_fopen(path, "rb");

    assert_non_null(file);
    assert_int_equal(fread(book, sizeof(*book), 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

static struct {
    const char *book_path;
    unsigned state;
} child;

static struct matrix_cell *make_cells(struct matrix_book *book, struct host_profile *profile)
{
    const struct matrix_ending *dying = &matrix_endings[MATRIX_ENDINGS - 1];
    struct matrix_cell *first = NULL;
    struct matrix_cell **at = &first;

    assert_true(dying->how & DIES);
    for (unsigned i = 0; i < MATRIX_CLASSES; i++) {
        if (matrix_senseless(child.state, &matrix_classes[i], dying))
            continue;
        *at = calloc(1, sizeof(**at));
        assert_non_null(*at);
        (*at)->book = book;
        (*at)->class = &matrix_classes[i];
        (*at)->ending = dying;
        (*at)->state = child.state;
        (*at)->first = first;
        set_up(*at, profile);
        at = &(*at)->next;
    }
    return first;
}

/* IMSProvider.FastShutdown.3 Teardown.Data.4 */
static void child__process_ends__nobody_is_called_afterwards(void **state)
{
    static struct matrix_book book;
    struct fixture *fx = fixture_new();
    struct matrix_cell *first;

    (void)state;
    book_from_file(&book, child.book_path);
    book.is_shared = true;
    assert_int_equal(host_bag_set_text(&raw_section(fx)->props, PR_MKEEP_PATH_W, book.path), S_OK);
    first = make_cells(&book, fx->profile);
    if (child.state == STATE_PENDING)
        end_by_notify(first);
    else
        end_all(first);
    for (struct matrix_cell *cell = first; cell; cell = cell->next)
        check_dying(cell);
    snprintf(book.cell_before, sizeof(book.cell_before), "%s, %s", first->ending->name,
            matrix_states[child.state].name);
    book.is_shared = false;
    book.is_all_due = true;
    book_to_file(&book, child.book_path);
}

static int run_child(char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child__process_ends__nobody_is_called_afterwards),
    };

    child.state = (unsigned)strtoul(argv[2], NULL, 10);
    child.book_path = argv[3];
    assert_true(child.state < MATRIX_STATES);
    host_mem_on_allocate(matrix_wait_once);
    return cmocka_run_group_tests_name("a process that ends", tests, NULL, NULL);
}

/* ---- The matrix ---- */

enum { MATRIX_REASONS = 8 };

struct matrix {
    struct fixture *fx;
    struct matrix_book book;

    struct {
        const char *why;
        unsigned cells;
    } senseless[MATRIX_REASONS];
};

static void count_senseless(struct matrix *matrix, const char *why)
{
    unsigned i = 0;

    while (i < MATRIX_REASONS && matrix->senseless[i].why &&
            strcmp(matrix->senseless[i].why, why) != 0)
        i++;
    assert_true(i < MATRIX_REASONS);
    matrix->senseless[i].why = why;
    matrix->senseless[i].cells++;
}

static void print_file(const char *path)
{
    FILE *file = host_fopen(path, "rb");
    char line[300];

    while (file && fgets(line, sizeof(line), file))
        print_error("%s", line);
    if (file)
        fclose(file);
}

/* The child's cells; what it left is looked at by the next cell. */
static unsigned run_in_child(struct matrix *matrix, unsigned state)
{
    char number[8];
    char book_path[1100];
    char output[1100];
    const char *arguments[] = { NULL, "--dying", number, book_path, NULL };
    unsigned before = matrix->book.cells;
    struct process *process;
    int status;

    snprintf(number, sizeof(number), "%u", state);
    snprintf(book_path, sizeof(book_path), "%s.book", matrix->book.path);
    snprintf(output, sizeof(output), "%s.out", matrix->book.path);
    book_to_file(&matrix->book, book_path);
    process = process_start(arguments, output);
    assert_non_null(process);
    status = process_wait(process);
    if (status != 0)
        print_file(output);
    assert_int_equal(status, 0);
    book_from_file(&matrix->book, book_path);
    (void)host_file_remove(book_path);
    (void)host_file_remove(output);
    return matrix->book.cells - before;
}

/* IMSProvider.FastShutdown.1 IMSProvider.FastShutdown.2 IMSProvider.FastShutdown.3 Teardown.Data.4
 */
static void matrix__process_ends__what_was_acknowledged_is_on_disk(void **state)
{
    struct matrix *matrix = *state;
    const struct matrix_ending *dying = &matrix_endings[MATRIX_ENDINGS - 1];
    unsigned ran = 0;
    unsigned expected = 0;
    struct matrix_cell *cell;

    for (unsigned i = 0; i < MATRIX_STATES; i++) {
        ran += run_in_child(matrix, i);
        cell = calloc(1, sizeof(*cell)); /* looks at what the child left */
        assert_non_null(cell);
        cell->book = &matrix->book;
        cell->class = &matrix_classes[0];
        cell->ending = &matrix_endings[0];
        run_cell(cell, matrix->fx->profile);
        matrix->book.cells--; /* not one of the matrix */
        matrix->book.is_all_due = false;
        free(cell);
    }
    for (unsigned i = 0; i < MATRIX_STATES * MATRIX_CLASSES; i++) {
        const char *why =
                matrix_senseless(i / MATRIX_CLASSES, &matrix_classes[i % MATRIX_CLASSES], dying);

        if (why)
            count_senseless(matrix, why);
        else
            expected++;
    }
    assert_int_equal(ran, expected);
    print_message("%s: %u cells\n", dying->name, ran);
}

/* From here on it is a message that was opened and changed, as in many cells. */
static void change_once(struct matrix_side *side, void *(*open)(struct matrix_side *side))
{
    IMessage *message = open(side);

    assert_ok(call_save(side, message));
    release_last(message);
}

/* A store in memory, where there is such a folder: the disk is not what is tested here. */
static struct fixture *new_store(void)
{
    static const char *const folders[] = { "/dev/shm", "Z:\\dev\\shm" }; /* as Wine shows it */
    struct fixture *fx = fixture_new();

    for (size_t i = 0; i < 2; i++) {
        const char *name = strrchr(fx->path, i == 0 ? '/' : '\\');
        char path[sizeof(fx->path)];

        if (!name || !host_file_exists(folders[i]))
            continue;
        snprintf(path, sizeof(path), "%s%s", folders[i], name);
        memcpy(fx->path, path, sizeof(path));
        break;
    }
    assert_ok(host_session_configure(&fx->session, fx->path));
    fixture_logon(fx);
    fixture_open_inbox(fx);
    return fx;
}

static int matrix_setup(void **state)
{
    struct matrix *matrix = calloc(1, sizeof(*matrix));
    struct matrix_cell *cell = calloc(1, sizeof(*cell));

    assert_non_null(matrix);
    assert_non_null(cell);
    host_mem_on_allocate(matrix_wait_once);
    matrix->fx = new_store();
    matrix_make_store(&matrix->book, matrix->fx);
    release_last(matrix->fx->inbox);
    release_last(matrix->fx->store);
    host_session_logoff(&matrix->fx->session);
    *state = matrix;
    cell->book = &matrix->book;
    cell->class = &matrix_classes[0];
    cell->ending = &matrix_endings[0];
    log_on_all(cell, matrix->fx->profile);
    change_once(&cell->side[0], open_message);
    change_once(&cell->side[0], open_associated);
    matrix->book.digest = matrix_digest(&cell->side[0]);
    let_go(&cell->side[0]);
    unload(&cell->side[0]);
    end_session(&cell->side[0]);
    free(cell);
    return 0;
}

static int matrix_teardown(void **state)
{
    struct matrix *matrix = *state;

    print_message("%u cells ran\n", matrix->book.cells);
    for (unsigned i = 0; i < MATRIX_REASONS && matrix->senseless[i].why; i++)
        print_message(
                "%u make no sense: %s\n", matrix->senseless[i].cells, matrix->senseless[i].why);
    host_mem_on_allocate(NULL);
    fixture_check_and_free(matrix->fx);
    free(matrix);
    return 0;
}

static void run_column(struct matrix *matrix, const struct matrix_ending *ending)
{
    unsigned ran = 0;
    unsigned senseless = 0;

    for (unsigned state = 0; state < MATRIX_STATES; state++) {
        for (unsigned class = 0; class < MATRIX_CLASSES; class ++) {
            const char *why = matrix_senseless(state, &matrix_classes[class], ending);
            struct matrix_cell *cell;

            if (why) {
                count_senseless(matrix, why);
                senseless++;
                continue;
            }
            cell = calloc(1, sizeof(*cell));
            assert_non_null(cell);
            cell->book = &matrix->book;
            cell->class = &matrix_classes[class];
            cell->ending = ending;
            cell->state = state;
            run_cell(cell, matrix->fx->profile);
            free(cell);
            ran++;
        }
    }
    assert_int_equal(ran + senseless, MATRIX_STATES * MATRIX_CLASSES);
    print_message("%s: %u cells, %u without sense\n", ending->name, ran, senseless);
}

/* Teardown.StoreClose.1-3 Teardown.StoreClose.5-9 Teardown.SessionLogoff.1-3 Teardown.Invalid.1-5
   Teardown.Data.1-3 IMSLogon.Logoff.1-7 IMSProvider.Shutdown.1 IMSProvider.SpoolerLogon.11
   IMAPISupport.StoreLogoffTransports.2 */
static void matrix__every_ending__leaves_nothing(void **state)
{
    for (unsigned i = 0; i < MATRIX_ENDINGS; i++) {
        if (!(matrix_endings[i].how & DIES))
            run_column(*state, &matrix_endings[i]);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrix__every_ending__leaves_nothing),
        cmocka_unit_test(matrix__process_ends__what_was_acknowledged_is_on_disk),
    };

    argv = host_args(argc, argv, &argc);
    if (argc == 4 && strcmp(argv[1], "--dying") == 0) {
        int failed = run_child(argv);

        fflush(NULL);
        host_die(failed);
    }
    return cmocka_run_group_tests_name("matrix", tests, matrix_setup, matrix_teardown);
}
