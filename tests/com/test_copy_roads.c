/* SPDX-License-Identifier: MIT */
/*
 * test_copy_roads.c - CopyTo and CopyProps between objects of ours, of one file or of two, go
 * straight from object to object; to a foreign object they go through interfaces. Random messages
 * are copied both ways, the second time with a veil over the destination: results, problems,
 * progress and everything that can be seen of source and destination are the same.
 */
#include "copy_recorder.h"
#include "copy_veil.h"
#include "copy_world.h"
#include "model_run.h"
#include "random_values.h"

enum {
    ROUNDS = 300,
    FIRST_ID = 0x6800,
    NAMELESS = 0xF000, /* an id that no name was ever given */
    PROPS = 16,
    NAMES = 4,
    MOST_TAGS = 12,
    OLD = 1000000
};

/* --- what can be seen, as text ---------------------------------------------------------------- */

struct text {
    char *data;
    size_t size, room;
};

static void say(struct text *text, const char *what, unsigned long a, unsigned long long b)
{
    if (text->room - text->size < 100) {
        text->room = text->room * 2 + 4096;
        text->data = realloc(text->data, text->room);
        assert_non_null(text->data);
    }
    text->size += (size_t)snprintf(text->data + text->size, 100, "%s %lx %llx\n", what, a, b);
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 1099511628211u;
    return (hash ^ size) * 1099511628211u;
}

static uint64_t hash_many(const SPropValue *value)
{
    size_t width = value_width(PROP_TYPE(value->ulPropTag));
    uint64_t hash = 1;

    if (width > 0)
        return mix(hash, value->Value.MVl.lpl, value->Value.MVl.cValues * width);
    for (ULONG i = 0; i < value->Value.MVbin.cValues; i++) {
        const WCHAR *wide = value->Value.MVszW.lppszW[i];

        if (PROP_TYPE(value->ulPropTag) == PT_MV_UNICODE)
            hash = mix(hash, wide, value_units(wide) * sizeof(WCHAR));
        else
            hash = mix(hash, value->Value.MVbin.lpbin[i].lpb, value->Value.MVbin.lpbin[i].cb);
    }
    return hash;
}

/* Times of this test's making are alike. */
static uint64_t hash_value(const SPropValue *value)
{
    size_t width = value_width(PROP_TYPE(value->ulPropTag));
    const void *bytes;

    if (PROP_TYPE(value->ulPropTag) == PT_SYSTIME && value->Value.ft.dwHighDateTime != 0 &&
            (value->ulPropTag == PR_CREATION_TIME || value->ulPropTag == PR_LAST_MODIFICATION_TIME))
        return 1;
    if ((PROP_TYPE(value->ulPropTag) & MV_FLAG) != 0)
        return hash_many(value);
    if (PROP_TYPE(value->ulPropTag) == PT_CLSID)
        return mix(1, value->Value.lpguid, sizeof(GUID));
    if (width > 0)
        return mix(1, &value->Value, width);
    bytes = value_bytes(value, &width);
    return mix(1, bytes, width);
}

/* What is another one for every object. */
static bool is_own(ULONG tag)
{
    static const ULONG own[] = { PR_ENTRYID, PR_RECORD_KEY, PR_SEARCH_KEY, PR_MESSAGE_SIZE,
        PR_ATTACH_SIZE };

    for (size_t i = 0; i < MSP_COUNT_OF(own); i++) {
        if (PROP_ID(own[i]) == PROP_ID(tag))
            return true;
    }
    return PROP_TYPE(tag) == PT_OBJECT;
}

static void tell_props(struct text *text, void *object)
{
    IMAPIProp *prop = object;
    LPSPropTagArray tags = NULL;
    SPropValue *values = NULL;
    ULONG count = 0;

    assert_ok(prop->lpVtbl->GetPropList(prop, MAPI_UNICODE, &tags));
    assert_true(SUCCEEDED(prop->lpVtbl->GetProps(prop, tags, 0, &count, &values)));
    for (ULONG i = 0; i < count; i++) {
        ULONG tag = tags->aulPropTag[i];

        if (is_own(tag))
            say(text, "own", tag, 0);
        else if (PROP_TYPE(values[i].ulPropTag) != PT_ERROR)
            say(text, "prop", tag, hash_value(&values[i]));
        else if (values[i].Value.err == MAPI_E_NOT_ENOUGH_MEMORY)
            say(text, "large", tag, copy_hash_stream(prop, tag));
        else
            say(text, "error", tag, (ULONG)values[i].Value.err);
    }
    mapi_free(values);
    mapi_free(tags);
}

static void tell_recipients(struct text *text, IMessage *message)
{
    IMAPITable *table = NULL;
    LPSPropTagArray all = NULL;
    LPSRowSet rows;

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &all));
    rows = table_rows(table, all->aulPropTag, all->cValues);
    for (ULONG i = 0; i < rows->cRows; i++) {
        say(text, "recipient", i, 0);
        for (ULONG j = 0; j < all->cValues; j++) {
            const SPropValue *value = &rows->aRow[i].lpProps[j];

            if (PROP_TYPE(value->ulPropTag) != PT_ERROR)
                say(text, "  column", value->ulPropTag, hash_value(value));
        }
    }
    mapi_free_rows(rows);
    mapi_free(all);
    release_last(table);
}

static void tell_message(struct text *text, IMessage *message);

static void tell_attachment(struct text *text, IMessage *message, ULONG number)
{
    IAttach *attach = NULL;
    LPUNKNOWN inner = NULL;

    say(text, "attachment", number, 0);
    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach));
    tell_props(text, attach);
    if (attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &inner) ==
            S_OK) {
        tell_message(text, (IMessage *)(void *)inner);
        release_last(inner);
    }
    release_last(attach);
}

static void tell_message(struct text *text, IMessage *message)
{
    static const ULONG tags[] = { PR_ATTACH_NUM };
    IMAPITable *table = NULL;
    LPSRowSet rows;

    say(text, "message", 0, 0);
    tell_props(text, message);
    tell_recipients(text, message);
    assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table));
    rows = table_rows(table, tags, 1);
    for (ULONG i = 0; i < rows->cRows; i++)
        tell_attachment(text, message, (ULONG)rows->aRow[i].lpProps[0].Value.l);
    mapi_free_rows(rows);
    release_last(table);
    say(text, "end", 0, 0);
}

/* --- random messages -------------------------------------------------------------------------- */

static void set_one(void *object, const SPropValue *value)
{
    IMAPIProp *prop = object;
    SPropValue copy = *value;

    assert_ok(prop->lpVtbl->SetProps(prop, 1, &copy, NULL));
}

static void set_some(struct random *random, void *object)
{
    ULONG count = any(random, PROPS);

    for (ULONG i = 0; i < count; i++) {
        ULONG type = value_types[any(random, VALUE_TYPES)];
        SPropValue value;

        value_random(random, PROP_TAG(type, FIRST_ID + any(random, PROPS)), true, &value);
        set_one(object, &value);
        value_free(&value);
    }
    for (ULONG i = any(random, 3); i > 0; i--) {
        ULONG id = PROP_ID(copy_named(object, (LONG)any(random, NAMES)));
        SPropValue value;

        value_random(random, PROP_TAG(value_types[any(random, VALUE_TYPES)], id), true, &value);
        set_one(object, &value);
        value_free(&value);
    }
    if (any(random, 8) == 0)
        prop_set_long(object, PROP_TAG(PT_LONG, NAMELESS + any(random, 2)), 1);
}

static void set_text(struct random *random, void *object, ULONG tag, const char *prefix)
{
    char text[40];

    snprintf(text, sizeof(text), "%stext %u", prefix, (unsigned)any(random, 3));
    prop_set_text(object, tag, text);
}

/* Properties with rules of their own. */
static void set_special(struct random *random, IMessage *message)
{
    static const unsigned char rtf[] = "\x0e\0\0\0\x04\0\0\0MELA\0\0\0\0{\\rtf1 a}";

    if (any(random, 2) == 0)
        set_text(random, message, PR_SUBJECT_W, any(random, 2) == 0 ? "Re: " : "");
    if (any(random, 3) == 0)
        set_text(random, message, PR_SUBJECT_PREFIX_W, "");
    if (any(random, 3) == 0)
        set_text(random, message, PR_MESSAGE_CLASS_W, "IPM.");
    if (any(random, 3) == 0)
        set_text(random, message, PR_BODY_W, "");
    if (any(random, 4) == 0)
        prop_set_binary(message, PR_RTF_COMPRESSED, rtf, any(random, 2) ? 10 : sizeof(rtf) - 1);
    if (any(random, 4) == 0)
        prop_set_binary(message, PR_HTML, "<p>html</p>", 11);
    if (any(random, 4) == 0)
        prop_set_long(message, PR_IMPORTANCE, (LONG)any(random, 3));
    if (any(random, 4) == 0)
        prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, 132000000000000000 + any(random, 100));
    if (any(random, 4) == 0)
        set_text(random, message, PR_CONVERSATION_TOPIC_W, "");
}

static void set_first(struct random *random, IMessage *message)
{
    if (any(random, 3) == 0)
        prop_set_long(message, PR_MESSAGE_FLAGS, (LONG)any(random, 16));
    if (any(random, 3) == 0)
        prop_set_time(message, PR_LAST_MODIFICATION_TIME, OLD + any(random, 100));
}

static ULONG any_column(struct random *random, IMessage *message)
{
    switch (any(random, 8)) {
    case 0:
        return NAMELESS;
    case 1:
    case 2:
        return PROP_ID(copy_named((IMAPIProp *)message, (LONG)any(random, NAMES)));
    default:
        return FIRST_ID;
    }
}

static void add_recipients(struct random *random, IMessage *message)
{
    ULONG count = any(random, 20) == 0 ? 130 : any(random, 4);

    for (ULONG i = 0; i < count; i++) {
        SPropValue values[4] = { 0 };
        ULONG ids[2] = { any_column(random, message), FIRST_ID + 1 };
        SizedADRLIST(1, list) = { 1, { { 0, 3, values } } };
        ULONG used = 0;

        values[used].ulPropTag = PR_RECIPIENT_TYPE;
        values[used++].Value.l = (LONG)(1 + any(random, 3));
        for (ULONG j = 0; j < 2; j++)
            value_random(random, PROP_TAG(value_types[any(random, VALUE_TYPES)], ids[j]), false,
                    &values[used++]);
        list.aEntries[0].cValues = used;
        assert_ok(
                message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)(void *)&list));
        value_free(&values[1]);
        value_free(&values[2]);
    }
}

static void fill_message(struct random *random, IMessage *message, unsigned depth);

static void add_embedded(struct random *random, IAttach *attach, unsigned depth)
{
    LPUNKNOWN unknown = NULL;
    IMessage *inner;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &unknown));
    inner = (IMessage *)(void *)unknown;
    set_first(random, inner);
    fill_message(random, inner, depth + 1);
    assert_ok(inner->lpVtbl->SaveChanges(inner, 0));
    release_last(inner);
}

static void fill_attachment(struct random *random, IAttach *attach, unsigned depth)
{
    set_some(random, attach);
    if (any(random, 2) == 0)
        prop_set_long(attach, PR_ATTACH_METHOD, (LONG)any(random, 7));
    if (any(random, 3) == 0)
        prop_set_time(attach, PR_CREATION_TIME, OLD + any(random, 100));
    if (any(random, 3) == 0 && depth < 3) {
        add_embedded(random, attach, depth);
    } else if (any(random, 2) == 0) {
        SPropValue value;

        value_random(random, PR_ATTACH_DATA_BIN, true, &value);
        set_one(attach, &value);
        value_free(&value);
    }
}

static void fill_message(struct random *random, IMessage *message, unsigned depth)
{
    ULONG count = any(random, depth == 0 ? 4 : 3);
    ULONG number = 0;

    set_some(random, message);
    set_special(random, message);
    add_recipients(random, message);
    for (ULONG i = 0; i < count; i++) {
        IAttach *attach = NULL;

        assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
        fill_attachment(random, attach, depth);
        assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
        release_last(attach);
    }
    if (count > 0 && any(random, 5) == 0)
        assert_ok(message->lpVtbl->DeleteAttach(message, number, 0, NULL, 0));
}

/* New, or saved and opened again, maybe with changes that wait for a save. */
static IMessage *make(
        struct random *random, IMAPIFolder *folder, IMsgStore *store, bool *out_read_only)
{
    uint32_t how = any(random, 4);
    IMessage *message = NULL;
    LPUNKNOWN again = NULL;
    SPropValue *id;
    ULONG type = 0;

    *out_read_only = how == 3;
    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    set_first(random, message);
    fill_message(random, message, 0);
    if (how == 0)
        return message;
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    assert_ok(store->lpVtbl->OpenEntry(
            store, id->Value.bin.cb, copy_id(id), NULL, how == 3 ? 0 : MAPI_MODIFY, &type, &again));
    mapi_free(id);
    message = (IMessage *)(void *)again;
    if (how == 1)
        fill_message(random, message, 1);
    return message;
}

/* --- random calls ----------------------------------------------------------------------------- */

struct end {
    IMsgStore *store;
    IMAPIFolder *folder;
};

enum { HERE, SESSION, OTHER_FILE, ENDS };

struct scene {
    struct fixture *fx;
    struct host_session session; /* another one on the same file */
    struct pair pair;            /* another file */
    struct end ends[ENDS];
};

struct request {
    bool listed; /* CopyProps */
    ULONG flags;
    bool without_parts;
    SizedSPropTagArray(MOST_TAGS, tags);
    unsigned cancel_at;
};

static struct request any_request(struct random *random)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_BODY_W, PR_RTF_COMPRESSED, PR_MESSAGE_FLAGS,
        PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS, PR_IMPORTANCE, PR_MESSAGE_CLASS_W,
        PR_SEARCH_KEY, PR_MESSAGE_SIZE, PR_ATTACH_METHOD, PR_ATTACH_DATA_OBJ, PR_ATTACH_DATA_BIN,
        PR_NORMALIZED_SUBJECT_W, PR_LAST_MODIFICATION_TIME };
    struct request request = { .listed = any(random, 3) == 0 };

    if (any(random, 3) == 0)
        request.flags |= MAPI_NOREPLACE;
    if (any(random, 4) == 0)
        request.flags |= MAPI_MOVE;
    if (any(random, 3) == 0)
        request.flags |= MAPI_DIALOG;
    if (any(random, 3) == 0)
        request.cancel_at = 1 + any(random, 4);
    request.without_parts = any(random, 6) == 0;
    request.tags.cValues = any(random, MOST_TAGS + 1);
    if (request.listed && request.tags.cValues == 0)
        request.tags.cValues = 1;
    for (ULONG i = 0; i < request.tags.cValues; i++)
        request.tags.aulPropTag[i] = any(random, 3) == 0
                                             ? PROP_TAG(PT_UNSPECIFIED, FIRST_ID + any(random, 16))
                                             : tags[any(random, MSP_COUNT_OF(tags))];
    return request;
}

static void call(struct text *text, struct request *request, void *from, void *to, const IID *iid)
{
    LPSPropTagArray tags = (LPSPropTagArray)(void *)&request->tags;
    LPSPropProblemArray problems = NULL;
    IMAPIProp *source = from;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    HRESULT hr;

    recorder.from = request->cancel_at;
    recorder.answer = MAPI_E_USER_CANCEL;
    if (request->listed)
        hr = source->lpVtbl->CopyProps(
                source, tags, 0, progress, iid, to, request->flags, &problems);
    else
        hr = source->lpVtbl->CopyTo(source, request->without_parts ? 1 : 0, iid,
                request->tags.cValues > 0 ? tags : NULL, 0, progress, iid, to, request->flags,
                &problems);
    say(text, "result", (ULONG)hr, recorder.calls);
    for (unsigned i = 0; i < recorder.calls; i++)
        say(text, "progress", recorder.values[i], recorder.totals[i]);
    for (ULONG i = 0; problems && i < problems->cProblem; i++) {
        say(text, "problem", problems->aProblem[i].ulIndex, problems->aProblem[i].ulPropTag);
        say(text, "  code", (ULONG)problems->aProblem[i].scode, 0);
    }
    mapi_free(problems);
}

static void copy_message(
        struct text *text, struct request *request, IMessage *from, IMessage *to, bool veiled)
{
    struct veil veil;

    call(text, request, from, veiled ? veil_over(&veil, to, &IID_IMessage) : to, &IID_IMessage);
    if (veiled)
        assert_int_equal(veil.refs, 1);
}

/* The first attachment of the one goes to a new one of the other. */
static void copy_attachment(struct text *text, struct request *request, IMessage *from,
        bool read_only, IMessage *to, bool veiled)
{
    IAttach *source = NULL;
    IAttach *target = NULL;
    struct veil veil;
    ULONG number = 0;

    if (from->lpVtbl->OpenAttach(from, 1, NULL, read_only ? 0 : MAPI_MODIFY, &source) != S_OK)
        return;
    assert_ok(to->lpVtbl->CreateAttach(to, NULL, 0, &number, &target));
    call(text, request, source, veiled ? veil_over(&veil, target, &IID_IAttachment) : target,
            &IID_IAttachment);
    assert_ok(target->lpVtbl->SaveChanges(target, 0));
    release_last(target);
    release_last(source);
}

/* Everything from the seed on, by one road. */
static struct text travel(struct scene *scene, uint32_t seed, bool veiled)
{
    static const int ways[][2] = { { HERE, HERE }, { SESSION, HERE }, { OTHER_FILE, HERE },
        { HERE, OTHER_FILE } };
    struct random random = { seed };
    const int *way = ways[any(&random, MSP_COUNT_OF(ways))];
    const struct end *ends[2] = { &scene->ends[way[0]], &scene->ends[way[1]] };
    struct text text = { NULL, 0, 0 };
    bool read_only = false;
    bool ignored = false;
    IMessage *from = make(&random, ends[0]->folder, ends[0]->store, &read_only);
    IMessage *to = make(&random, ends[1]->folder, ends[1]->store, &ignored);
    struct request request = any_request(&random);

    if (request.tags.cValues > 0 && any(&random, 2) == 0)
        request.tags.aulPropTag[0] = copy_named((IMAPIProp *)from, (LONG)any(&random, NAMES));

    if (!ignored && any(&random, 4) == 0)
        copy_attachment(&text, &request, from, read_only, to, veiled);
    else
        copy_message(&text, &request, from, to, veiled);
    tell_message(&text, to);
    if (!ignored) {
        assert_ok(to->lpVtbl->SaveChanges(to, KEEP_OPEN_READWRITE));
        tell_message(&text, to);
    }
    tell_message(&text, from);
    release_last(to);
    release_last(from);
    return text;
}

static void copies_of_random_messages__both_roads__the_same(void **state)
{
    struct scene *scene = *state;
    struct model_run run = model_run(ROUNDS, 0);

    for (uint32_t round = run.first; round <= run.last; round++) {
        struct text straight = travel(scene, round * 2654435761u, false);
        struct text through = travel(scene, round * 2654435761u, true);

        if (straight.size != through.size ||
                memcmp(straight.data, through.data, straight.size) != 0) {
            size_t at = 0;

            while (at < straight.size && straight.data[at] == through.data[at])
                at++;
            while (at > 0 && straight.data[at - 1] != '\n')
                at--;
            print_error("round %u: straight\n%.300s\nthrough interfaces\n%.300s", (unsigned)round,
                    straight.data + at, through.data + at);
            fail();
        }
        free(straight.data);
        free(through.data);
    }
}

static int setup(void **state)
{
    static struct scene scene;
    LPUNKNOWN root = NULL;
    ULONG type = 0;

    memset(&scene, 0, sizeof(scene));
    assert_int_equal(fixture_inbox_setup(state), 0);
    scene.fx = *state;
    scene.ends[HERE] = (struct end){ scene.fx->store, scene.fx->inbox };
    host_session_init(&scene.session, scene.fx->profile, 0);
    assert_ok(host_session_open(&scene.session, &scene.ends[SESSION].store));
    assert_ok(scene.ends[SESSION].store->lpVtbl->OpenEntry(
            scene.ends[SESSION].store, 0, NULL, NULL, MAPI_MODIFY, &type, &root));
    scene.ends[SESSION].folder = folder_make((IMAPIFolder *)(void *)root, "Other");
    release_last(root);
    pair_open(scene.fx, &scene.pair);
    scene.ends[OTHER_FILE] = (struct end){ scene.pair.other.raw.store, scene.pair.to };
    *state = &scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    void *fx = scene->fx;

    pair_close(&scene->pair);
    release_last(scene->ends[SESSION].folder);
    release_last(scene->ends[SESSION].store);
    host_session_logoff(&scene->session);
    assert_int_equal(host_session_done(&scene->session), 0);
    return fixture_teardown(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                copies_of_random_messages__both_roads__the_same, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
