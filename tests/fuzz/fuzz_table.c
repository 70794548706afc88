/* SPDX-License-Identifier: MIT */
/*
 * fuzz_table.c - calls on a contents table in any order, with sort orders, bookmarks, collapse
 * states, instance keys, counts and restrictions that a client may invent, while messages come, go
 * and change: steps of { u8 what, arguments }.
 *
 * What fails leaves the cursor where it was and its outs empty; positions and counts agree, and
 * rows come in the number that they say. A table without headings has only rows that FindRow finds
 * by its restriction, and none that it finds by the opposite.
 */
#include "fuzz_world.h"

#include "com/table.h"
#include "fuzz_tree.h"
#include "mapi/entryid.h"

enum {
    ROWS = 40,
    MAX_ROWS = 48,
    STEPS = 40,
    SORTS = 8,
    MARKS = 4,
    CHANGE = 0xD0 /* steps from here on change messages; the others are of a table */
};

static const ULONG tags[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_IMPORTANCE,
    PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS, PROP_TAG(PT_MV_UNICODE, 0x6801),
    PROP_TAG(PT_MV_UNICODE | MV_INSTANCE, 0x6801), PROP_TAG(PT_UNSPECIFIED, 0x6802), PR_ENTRYID,
    PROP_TAG(PT_LONG, 0x6802), PROP_TAG(PT_OBJECT, 0x6803), PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH,
    PR_CONTENT_COUNT, PR_SENDER_NAME_A };

struct tables {
    IMAPITable *table;
    struct fuzz_input *input;
    BOOKMARK marks[MARKS]; /* some of the table's, some freed */
    LPBYTE state;          /* the last collapse state, or NULL */
    ULONG state_size;
    bool has_headings;
    bool failed; /* a call ran out of memory */
};

/* The messages; they are made anew when an input has changed them. */
static uint64_t row_ids[MAX_ROWS];
static unsigned row_count;
static bool is_changed;

static ULONG take_tag(struct fuzz_input *input)
{
    uint8_t which = take_u8(input);

    return which == 0xFF ? take_u32(input) : tags[which % (sizeof(tags) / sizeof(tags[0]))];
}

/* --- the rows --------------------------------------------------------------------------------- */

static HRESULT fill_row(IMessage *message, unsigned n)
{
    static char subjects[][8] = { "", "alpha", "ALPHA", "beta", "gamma" };
    static char senders[][8] = { "Ann", "bob", "Cy" };
    LPSTR words[2] = { subjects[1 + n % 4], senders[n % 3] };
    SPropValue values[5] = { { .ulPropTag = PR_SUBJECT_A }, { .ulPropTag = PR_SENDER_NAME_A },
        { .ulPropTag = PR_IMPORTANCE }, { .ulPropTag = PROP_TAG(PT_MV_STRING8, 0x6801) },
        { .ulPropTag = PROP_TAG(PT_LONG, 0x6802) } };

    values[0].Value.lpszA = subjects[n % 5];
    values[1].Value.lpszA = senders[n % 3];
    values[2].Value.l = (LONG)(n % 3);
    values[3].Value.MVszA.cValues = 1 + n % 2;
    values[3].Value.MVszA.lppszA = words;
    values[4].Value.l = (LONG)(n * 7 % 11) - 5;
    return message->lpVtbl->SetProps(message, 3 + n % 3, values, NULL);
}

/* 0: no memory. */
static uint64_t id_of(IMessage *message)
{
    static SizedSPropTagArray(1, tag) = { 1, { PR_RECORD_KEY } };
    LPSPropValue value = NULL;
    ULONG count = 0;
    uint64_t id = 0;

    if (message->lpVtbl->GetProps(message, (LPSPropTagArray)(void *)&tag, 0, &count, &value) ==
                    S_OK &&
            value->ulPropTag == PR_RECORD_KEY)
        id = record_key_id(value->Value.bin.lpb);
    fuzz_free(value);
    return id;
}

/* False: no memory; there is no such message then, or nobody knows it. */
static bool make_row(unsigned n)
{
    IMessage *message = fuzz_message();
    HRESULT hr;

    if (message == NULL)
        return false;
    hr = fill_row(message, n);
    if (hr == S_OK)
        hr = message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE);
    row_ids[row_count] = hr == S_OK ? id_of(message) : 0;
    REQUIRE(message->lpVtbl->Release(message) == 0);
    if (row_ids[row_count] == 0)
        return false;
    row_count++;
    return true;
}

static void drop_rows(void)
{
    struct eng *eng = fuzz_world()->eng;
    struct msp_buf ids = MSP_BUF_INIT;
    const uint64_t *all;

    REQUIRE(eng_msg_ids(eng, ENG_ROOT_FOLDER, false, &ids) == ENG_OK);
    all = (const uint64_t *)(const void *)ids.data;
    for (size_t i = 0; i < ids.size / sizeof(*all); i++)
        REQUIRE(eng_msg_delete(eng, all[i]) == ENG_OK);
    msp_buf_free(&ids);
    row_count = 0;
}

/* With no allocation failing; what was armed and has happened still has, afterwards. */
static void restore_rows(void)
{
    struct eng *eng = fuzz_world()->eng;
    bool has_failed = msp_alloc_fail_disarm();

    REQUIRE(eng_begin(eng, true) == ENG_OK);
    drop_rows();
    for (unsigned n = 0; n < ROWS; n++)
        REQUIRE(make_row(n));
    REQUIRE(eng_commit(eng) == ENG_OK);
    is_changed = false;
    if (has_failed) {
        msp_alloc_fail_at(1);
        REQUIRE(msp_alloc_fail_now());
    }
}

static IMAPITable *open_table(void)
{
    struct logon *logon = fuzz_world()->logon;
    struct table_source *source = NULL;
    IMAPITable *table = NULL;
    struct msp_call call;
    HRESULT hr;

    for (unsigned n = 0; n < ROWS && row_count < ROWS; n++)
        REQUIRE(make_row(n));
    REQUIRE(msp_call_begin(&call, &logon->object) == S_OK);
    hr = source_contents_new(&call, logon, ENG_ROOT_FOLDER, false, &source);
    if (SUCCEEDED(hr))
        hr = table_new(&call, logon, &logon->object, source, MAPI_UNICODE, &table);
    hr = msp_call_end(&call, hr);
    REQUIRE(SUCCEEDED(hr) == (table != NULL));
    return table;
}

/* --- looks ------------------------------------------------------------------------------------ */

static bool is_out_of_memory(struct tables *all, HRESULT hr)
{
    all->failed |= hr == MAPI_E_NOT_ENOUGH_MEMORY;
    return all->failed;
}

/* The cursor and the number of rows; false: no memory for it. */
static bool look(struct tables *all, ULONG *out_row, ULONG *out_count)
{
    ULONG numerator = 7;
    ULONG denominator = 7;
    HRESULT hr = all->table->lpVtbl->QueryPosition(all->table, out_row, &numerator, &denominator);

    if (FAILED(hr)) {
        REQUIRE(is_out_of_memory(all, hr));
        REQUIRE(*out_row == 0 && numerator == 0 && denominator == 0);
        return false;
    }
    hr = all->table->lpVtbl->GetRowCount(all->table, 0, out_count);
    if (FAILED(hr)) {
        REQUIRE(is_out_of_memory(all, hr) && *out_count == 0);
        return false;
    }
    REQUIRE(*out_row <= *out_count && denominator > 0 && numerator <= denominator);
    return true;
}

/* --- calls ------------------------------------------------------------------------------------ */

static void do_columns(struct tables *all)
{
    SizedSPropTagArray(SORTS, columns) = { take_u8(all->input) % (SORTS + 1), { 0 } };

    for (ULONG i = 0; i < columns.cValues; i++)
        columns.aulPropTag[i] = take_tag(all->input);
    (void)all->table->lpVtbl->SetColumns(all->table, (LPSPropTagArray)(void *)&columns, 0);
}

static void do_sort(struct tables *all)
{
    SizedSSortOrderSet(SORTS, order) = { take_u8(all->input) % (SORTS + 1), 0, 0, { { 0 } } };
    LPSSortOrderSet now = (LPSSortOrderSet)(uintptr_t)1;
    HRESULT hr;

    order.cCategories = take_u8(all->input);
    order.cExpanded = take_u8(all->input);
    if (order.cCategories > 0xF0)
        order.cCategories = take_u32(all->input);
    else
        order.cCategories %= order.cSorts + 2;
    if (order.cExpanded > 0xF0)
        order.cExpanded = take_u32(all->input);
    else
        order.cExpanded %= order.cCategories + 2;
    for (ULONG i = 0; i < order.cSorts; i++) {
        uint8_t how = take_u8(all->input);

        order.aSort[i].ulPropTag = take_tag(all->input);
        order.aSort[i].ulOrder = how == 0xFF   ? take_u32(all->input)
                                 : how >= 0xF0 ? how - 0xF0u
                                               : how % 9;
    }
    hr = all->table->lpVtbl->SortTable(all->table, (LPSSortOrderSet)(void *)&order, 0);
    if (is_out_of_memory(all, hr))
        return;
    if (SUCCEEDED(hr))
        all->has_headings = order.cCategories > 0;
    hr = all->table->lpVtbl->QuerySortOrder(all->table, &now);
    REQUIRE(SUCCEEDED(hr) == (now != NULL));
    fuzz_free(now);
    fuzz_free(all->state);
    all->state = NULL;
}

/* A tree of the next bytes of the input; to be freed. */
static struct maker *take_tree(struct tables *all)
{
    struct maker *maker = calloc(1, sizeof(*maker));
    size_t size = take_u8(all->input);

    REQUIRE(maker != NULL);
    size = size < all->input->size ? size : all->input->size;
    maker->tags = tags;
    maker->tag_count = sizeof(tags) / sizeof(tags[0]);
    (void)make_tree(maker, all->input->data, size);
    all->input->data += size;
    all->input->size -= size;
    return maker;
}

/* The rows of a table without headings are those that its restriction finds. */
static void check_restricted(struct tables *all, SRestriction *tree)
{
    SRestriction opposite = { .rt = RES_NOT };
    ULONG row;
    ULONG count;
    HRESULT hr;

    if (all->has_headings || !look(all, &row, &count))
        return;
    REQUIRE(row == 0);
    hr = all->table->lpVtbl->FindRow(all->table, tree, BOOKMARK_BEGINNING, 0);
    if (is_out_of_memory(all, hr))
        return;
    REQUIRE(hr == (count > 0 ? S_OK : MAPI_E_NOT_FOUND));
    opposite.res.resNot.lpRes = tree;
    hr = all->table->lpVtbl->FindRow(all->table, &opposite, BOOKMARK_END, DIR_BACKWARD);
    if (is_out_of_memory(all, hr) || hr == MAPI_E_TOO_COMPLEX) /* one level too many */
        return;
    REQUIRE(hr == MAPI_E_NOT_FOUND);
    if (look(all, &row, &count))
        REQUIRE(row == 0);
}

static void do_restrict_tree(struct tables *all)
{
    struct maker *maker = take_tree(all);
    HRESULT hr = all->table->lpVtbl->Restrict(all->table, &maker->nodes[0], 0);

    if (!is_out_of_memory(all, hr) && SUCCEEDED(hr))
        check_restricted(all, &maker->nodes[0]);
    free(maker);
}

static void do_restrict(struct tables *all)
{
    SPropValue value = { .ulPropTag = take_tag(all->input) };
    SRestriction restriction = { .rt = RES_EXIST };
    uint8_t how = take_u8(all->input);

    if (how >= 0x80) {
        do_restrict_tree(all);
        return;
    }
    restriction.res.resExist.ulPropTag = value.ulPropTag;
    if (how % 3 == 1) {
        value.ulPropTag = PR_IMPORTANCE;
        value.Value.l = how % 4;
        restriction.rt = RES_PROPERTY;
        restriction.res.resProperty.relop = how % 8;
        restriction.res.resProperty.ulPropTag = PR_IMPORTANCE;
        restriction.res.resProperty.lpProp = &value;
    }
    (void)all->table->lpVtbl->Restrict(all->table, how % 3 == 2 ? NULL : &restriction, 0);
}

static BOOKMARK take_mark(struct tables *all)
{
    uint8_t which = take_u8(all->input);

    if (which < 0x40)
        return which % 3; /* the fixed ones */
    return which < 0xF0 ? all->marks[which % MARKS] : take_u32(all->input);
}

static void do_seek(struct tables *all)
{
    BOOKMARK origin = take_mark(all);
    uint8_t how = take_u8(all->input);
    LONG rows = how == 0xFF ? (LONG)take_u32(all->input) : (LONG)how - 100;
    LONG sought = 77;
    ULONG before;
    ULONG after;
    ULONG count;
    HRESULT hr;

    if (!look(all, &before, &count))
        return;
    hr = all->table->lpVtbl->SeekRow(all->table, origin, rows, &sought);
    if (is_out_of_memory(all, hr) || !look(all, &after, &count))
        return;
    if (FAILED(hr)) {
        REQUIRE(sought == 0 && after == before);
        return;
    }
    REQUIRE(rows >= 0 ? sought >= 0 && sought <= rows : sought <= 0 && sought >= rows);
    if (origin == BOOKMARK_BEGINNING)
        REQUIRE(after == (ULONG)sought);
    if (origin == BOOKMARK_CURRENT)
        REQUIRE(after == before + (ULONG)sought);
    if (origin == BOOKMARK_END)
        REQUIRE(after == count + (ULONG)sought);
}

static void do_seek_approx(struct tables *all)
{
    ULONG numerator = take_u32(all->input);
    ULONG denominator = take_u32(all->input);
    ULONG before;
    ULONG after;
    ULONG count;
    HRESULT hr;

    if (!look(all, &before, &count))
        return;
    hr = all->table->lpVtbl->SeekRowApprox(all->table, numerator, denominator);
    if (is_out_of_memory(all, hr) || !look(all, &after, &count))
        return;
    if (FAILED(hr))
        REQUIRE(denominator == 0 && after == before);
    else if (numerator >= denominator)
        REQUIRE(after == count);
}

static void do_rows(struct tables *all)
{
    uint8_t how = take_u8(all->input);
    LONG wanted = how == 0xFF ? (LONG)take_u32(all->input) : (LONG)how - 100;
    ULONG flags = take_u8(all->input) % 2 ? TBL_NOADVANCE : 0;
    LPSRowSet rows = (LPSRowSet)(uintptr_t)1;
    ULONG before;
    ULONG after;
    ULONG count;
    ULONG left;
    HRESULT hr;

    if (!look(all, &before, &count))
        return;
    left = wanted < 0 ? before : count - before;
    hr = all->table->lpVtbl->QueryRows(all->table, wanted, flags, &rows);
    REQUIRE(SUCCEEDED(hr) == (rows != NULL));
    if (SUCCEEDED(hr)) {
        ULONG most = wanted < 0 ? 0u - (ULONG)wanted : (ULONG)wanted;

        REQUIRE(rows->cRows == (most < left ? most : left));
        left = rows->cRows;
        fuzz_free_rows(rows);
    }
    if (is_out_of_memory(all, hr) || !look(all, &after, &count))
        return;
    if (FAILED(hr))
        REQUIRE(after == before);
    else if (wanted < 0) /* TBL_NOADVANCE or not: at the first row returned */
        REQUIRE(after == before - left);
    else
        REQUIRE(after == (flags != 0 ? before : before + left));
}

static void do_mark(struct tables *all)
{
    uint8_t which = take_u8(all->input);
    BOOKMARK *mark = &all->marks[which % MARKS];
    HRESULT hr;

    if (which & 0x80) {
        hr = all->table->lpVtbl->FreeBookmark(all->table, which & 0x40 ? *mark : take_mark(all));
        REQUIRE(hr == S_OK || hr == MAPI_E_INVALID_BOOKMARK);
        return;
    }
    hr = all->table->lpVtbl->CreateBookmark(all->table, mark);
    REQUIRE(SUCCEEDED(hr) || *mark == 0);
}

/* The instance key of the row at the cursor, or bytes that are none. A block to be freed. */
static uint8_t *take_key(struct tables *all, size_t *out_size)
{
    static SizedSPropTagArray(1, key_column) = { 1, { PR_INSTANCE_KEY } };
    LPSPropTagArray old = NULL;
    LPSRowSet rows = NULL;
    uint8_t *key = NULL;

    if (take_u8(all->input) % 4 == 0 ||
            FAILED(all->table->lpVtbl->QueryColumns(all->table, 0, &old)))
        return take_block(all->input, take_u8(all->input) % 20, out_size);
    if (SUCCEEDED(all->table->lpVtbl->SetColumns(
                all->table, (LPSPropTagArray)(void *)&key_column, 0)) &&
            SUCCEEDED(all->table->lpVtbl->QueryRows(all->table, 1, TBL_NOADVANCE, &rows)) &&
            rows->cRows == 1 && rows->aRow[0].lpProps[0].ulPropTag == PR_INSTANCE_KEY) {
        *out_size = rows->aRow[0].lpProps[0].Value.bin.cb;
        key = malloc(*out_size);
        REQUIRE(key != NULL);
        memcpy(key, rows->aRow[0].lpProps[0].Value.bin.lpb, *out_size);
    }
    fuzz_free_rows(rows);
    (void)all->table->lpVtbl->SetColumns(all->table, old, 0);
    fuzz_free(old);
    return key != NULL ? key : take_block(all->input, 8, out_size);
}

static void do_expand(struct tables *all, bool expand)
{
    LPSRowSet rows = (LPSRowSet)(uintptr_t)1;
    ULONG number = 77;
    ULONG before;
    ULONG after;
    ULONG count;
    ULONG new_count;
    size_t key_size;
    uint8_t *key = take_key(all, &key_size);
    ULONG wanted = take_u8(all->input);
    HRESULT hr;

    if (!look(all, &before, &count)) {
        free(key);
        return;
    }
    if (expand) {
        hr = all->table->lpVtbl->ExpandRow(
                all->table, (ULONG)key_size, key, wanted, 0, &rows, &number);
        REQUIRE((rows != NULL) == SUCCEEDED(hr));
    } else {
        hr = all->table->lpVtbl->CollapseRow(all->table, (ULONG)key_size, key, 0, &number);
    }
    free(key);
    if (SUCCEEDED(hr) && expand) {
        REQUIRE(rows == NULL || rows->cRows <= number);
        fuzz_free_rows(rows);
    }
    if (is_out_of_memory(all, hr) || !look(all, &after, &new_count))
        return;
    if (FAILED(hr))
        REQUIRE(number == 0 && after == before && new_count == count);
    else if (expand)
        REQUIRE(new_count == count + number);
    else
        REQUIRE(new_count + number == count);
}

static void do_get_state(struct tables *all)
{
    size_t key_size;
    uint8_t *key = take_key(all, &key_size);
    LPBYTE state = (LPBYTE)(uintptr_t)1;
    ULONG size = 77;
    HRESULT hr = all->table->lpVtbl->GetCollapseState(
            all->table, 0, (ULONG)key_size, key, &size, &state);

    free(key);
    REQUIRE(SUCCEEDED(hr) ? state != NULL && size > 0 : state == NULL && size == 0);
    if (FAILED(hr))
        return;
    fuzz_free(all->state);
    all->state = state;
    all->state_size = size;
}

static void do_set_state(struct tables *all)
{
    uint8_t how = take_u8(all->input);
    BOOKMARK mark = 77;
    uint8_t *state;
    size_t size;
    HRESULT hr;

    if (how % 4 == 0 || all->state == NULL) {
        state = take_block(all->input, take_u8(all->input), &size);
    } else {
        size = all->state_size - (how % 4 == 1 ? take_u16(all->input) % all->state_size : 0);
        state = malloc(size);
        REQUIRE(state != NULL);
        memcpy(state, all->state, size);
        if (how % 4 == 2)
            state[take_u16(all->input) % size] ^= take_u8(all->input);
    }
    hr = all->table->lpVtbl->SetCollapseState(all->table, 0, (ULONG)size, state, &mark);
    REQUIRE(SUCCEEDED(hr) || mark == 0);
    if (how % 4 == 3 && all->state != NULL)
        REQUIRE(SUCCEEDED(hr) || is_out_of_memory(all, hr));
    if (SUCCEEDED(hr) && mark != 0)
        all->marks[how / 4 % MARKS] = mark;
    free(state);
}

static void do_find(struct tables *all)
{
    SPropValue value = { .ulPropTag = take_tag(all->input) };
    SRestriction restriction = { .rt = RES_CONTENT };
    static WCHAR text[] = { 'a', 0 };
    BOOKMARK origin = take_mark(all);
    uint8_t how = take_u8(all->input);
    ULONG flags = how % 2 ? DIR_BACKWARD : 0;
    struct maker *maker = how >= 0x80 ? take_tree(all) : NULL;
    ULONG before;
    ULONG after;
    ULONG count;
    HRESULT hr;

    restriction.res.resContent.ulFuzzyLevel = FL_PREFIX | FL_IGNORECASE;
    restriction.res.resContent.ulPropTag = value.ulPropTag;
    restriction.res.resContent.lpProp = &value;
    if (PROP_TYPE(value.ulPropTag) != PT_UNICODE) {
        restriction.rt = RES_EXIST;
        restriction.res.resExist.ulPropTag = value.ulPropTag;
        restriction.res.resExist.ulReserved1 = restriction.res.resExist.ulReserved2 = 0;
    }
    value.Value.lpszW = text;
    if (!look(all, &before, &count)) {
        free(maker);
        return;
    }
    hr = all->table->lpVtbl->FindRow(
            all->table, maker != NULL ? &maker->nodes[0] : &restriction, origin, flags);
    free(maker);
    if (is_out_of_memory(all, hr) || !look(all, &after, &count))
        return;
    REQUIRE(SUCCEEDED(hr) ? after < count : after == before);
}

/* --- changes of messages ---------------------------------------------------------------------- */

static void change_row(struct tables *all, unsigned which, unsigned n, bool flag)
{
    IMessage *message = NULL;
    HRESULT hr;

    message = fuzz_open(row_ids[which], &hr);
    if (message == NULL) {
        REQUIRE(is_out_of_memory(all, hr));
        return;
    }
    if (flag)
        hr = message->lpVtbl->SetReadFlag(message, n % 2 ? SUPPRESS_RECEIPT : CLEAR_READ_FLAG);
    else
        hr = fill_row(message, n);
    if (hr == S_OK && !flag)
        hr = message->lpVtbl->SaveChanges(message, 0);
    REQUIRE(hr == S_OK || is_out_of_memory(all, hr));
    REQUIRE(message->lpVtbl->Release(message) == 0);
}

static void delete_row(struct tables *all, unsigned which)
{
    struct eng *eng = fuzz_world()->eng;
    enum eng_status status = eng_begin(eng, true);

    if (status == ENG_OK) {
        status = eng_msg_delete(eng, row_ids[which]);
        if (status == ENG_OK)
            status = eng_commit(eng);
        else
            eng_rollback(eng);
    }
    REQUIRE(status == ENG_OK || is_out_of_memory(all, msp_engine_hresult(status)));
    if (status == ENG_OK)
        row_ids[which] = row_ids[--row_count];
}

static void do_change(struct tables *all)
{
    uint8_t how = take_u8(all->input);
    unsigned n = take_u8(all->input);

    is_changed = true;
    if (row_count == 0 || (how % 5 == 0 && row_count < MAX_ROWS))
        all->failed |= !make_row(n);
    else if (how % 5 == 1)
        delete_row(all, n % row_count);
    else
        change_row(all, n % row_count, n / row_count + how / 5u, how % 5 == 2);
}

static void step(struct tables *all)
{
    uint8_t what = take_u8(all->input);

    if (what >= CHANGE) {
        do_change(all);
        return;
    }
    switch (what % 13) {
    case 0:
        do_columns(all);
        break;
    case 1:
    case 2:
        do_sort(all);
        break;
    case 3:
        do_restrict(all);
        break;
    case 4:
        do_seek(all);
        break;
    case 5:
        do_seek_approx(all);
        break;
    case 6:
        do_rows(all);
        break;
    case 7:
        do_mark(all);
        break;
    case 8:
        do_expand(all, true);
        break;
    case 9:
        do_expand(all, false);
        break;
    case 10:
        do_get_state(all);
        break;
    case 11:
        do_set_state(all);
        break;
    default:
        do_find(all);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = { data, size };
    struct tables all = { .table = open_table(), .input = &input };

    if (all.table == NULL)
        return 0;
    for (unsigned i = 0; i < STEPS && input.size > 0 && !all.failed; i++)
        step(&all);
    fuzz_free(all.state);
    REQUIRE(all.table->lpVtbl->Release(all.table) == 0);
    if (is_changed)
        restore_rows();
    return 0;
}
