/* SPDX-License-Identifier: MIT */
/*
 * test_prop_walk.c - what IMAPIProp promises, on an object of every kind that has properties, for
 * each property that it has: listed, read as every type, read as a stream, set, deleted, refused.
 */
#include "walk_world.h"

enum { OBJECTS_MAX = 20, TAGS_AT_ONCE = 8 };

/* The objects that can be written, then those that cannot. */
struct objects {
    struct walk_world *w;
    IMAPIProp *all[OBJECTS_MAX];
    const char *names[OBJECTS_MAX];
    size_t count, writable;
};

static struct objects objects;
static const char *where; /* for failures */

static void add(void *object, const char *name)
{
    assert_true(objects.count < OBJECTS_MAX);
    objects.names[objects.count] = name;
    objects.all[objects.count++] = object;
}

static void *open_entry(struct walk_world *w, ULONG tag, ULONG flags)
{
    SPropValue *id = prop_get(w->fx->store, tag);
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    assert_ok(w->fx->store->lpVtbl->OpenEntry(w->fx->store, id ? id->Value.bin.cb : 0,
            id ? (LPENTRYID)(void *)id->Value.bin.lpb : NULL, NULL, flags, &type, &object));
    mapi_free(id);
    return object;
}

static void *open_attach(IMessage *message, ULONG number, ULONG flags)
{
    LPATTACH attach = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, flags, &attach));
    return attach;
}

static ULONG number_of(struct walk_world *w)
{
    return (ULONG)prop_long(w->object[WALK_O_ATTACH], PR_ATTACH_NUM);
}

static void add_writable(struct walk_world *w)
{
    IMAPIFolder *inbox = w->object[WALK_O_FOLDER];
    IMessage *associated = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;

    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        if (i != WALK_O_STATUS && walk_classes[i].calls[0] == walk_prop_calls)
            add(w->object[i], walk_classes[i].name);
    }
    add(open_entry(w, PR_NULL, MAPI_MODIFY), "root folder");
    add(open_entry(w, PR_IPM_SUBTREE_ENTRYID, MAPI_MODIFY), "top of the user's folders");
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, MAPI_ASSOCIATED, &associated));
    walk_fill_message(w, associated, "associated");
    assert_ok(associated->lpVtbl->SaveChanges(associated, KEEP_OPEN_READWRITE));
    add(associated, "associated message");
    assert_ok(associated->lpVtbl->CreateAttach(associated, NULL, 0, &number, &attach));
    add(attach, "new attachment");
    objects.writable = objects.count;
}

static void add_read_only(struct walk_world *w)
{
    IMessage *message = w->object[WALK_O_MESSAGE];
    SPropValue *id = prop_get(message, PR_ENTRYID);
    LPUNKNOWN read_only = NULL;
    LPUNKNOWN inner = NULL;
    IMAPIProp *attach;
    ULONG type = 0;

    assert_ok(w->fx->store->lpVtbl->OpenEntry(w->fx->store, id->Value.bin.cb,
            (LPENTRYID)(void *)id->Value.bin.lpb, NULL, 0, &type, &read_only));
    mapi_free(id);
    add(read_only, "message for reading");
    add(open_attach((IMessage *)(void *)read_only, number_of(w), 0), "attachment for reading");
    add(open_attach(message, number_of(w), 0), "attachment for reading of one for writing");
    attach = objects.all[objects.count - 1];
    if (SUCCEEDED(attach->lpVtbl->OpenProperty(
                attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &inner)))
        add(inner, "message in a message for reading");
    add(open_entry(w, PR_IPM_OUTBOX_ENTRYID, 0), "folder for reading");
    add(w->object[WALK_O_STATUS], "status");
}

static void open_all(struct walk_world *w)
{
    memset(&objects, 0, sizeof(objects));
    objects.w = w;
    add_writable(w);
    add_read_only(w);
}

static bool is_of_the_world(const void *object)
{
    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        if (objects.w->object[i] == object)
            return true;
    }
    return false;
}

static void close_all(void)
{
    for (size_t i = objects.count; i-- > 0;) {
        if (!is_of_the_world(objects.all[i]))
            release_last(objects.all[i]);
    }
}

#define assert_here(condition)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: %s", where, #condition);                                                 \
    } while (0)

/* --- reading ---------------------------------------------------------------------------------- */

/* One value of one tag; mapi_free. */
static SPropValue *get(IMAPIProp *object, ULONG tag, ULONG flags)
{
    SPropTagArray tags = { 1, { tag } };
    SPropValue *value = POISON;
    ULONG count = POISON_LONG;
    HRESULT hr = object->lpVtbl->GetProps(object, &tags, flags, &count, &value);

    assert_here(SUCCEEDED(hr) && count == 1);
    assert_here((hr == MAPI_W_ERRORS_RETURNED) == (PROP_TYPE(value->ulPropTag) == PT_ERROR));
    assert_here(PROP_ID(value->ulPropTag) == PROP_ID(tag));
    return value;
}

static void check_read(IMAPIProp *object, ULONG tag, ULONG flags, const SPropValue *expected)
{
    SPropValue *value = get(object, tag, flags);

    assert_here(value->ulPropTag == expected->ulPropTag);
    if (PROP_TYPE(value->ulPropTag) != PT_ERROR)
        assert_here(host_prop_same(value, expected));
    mapi_free(value);
}

static void check_not_found(IMAPIProp *object, ULONG tag)
{
    SPropValue *value = get(object, tag, MAPI_UNICODE);

    assert_here(value->ulPropTag == PROP_TAG(PT_ERROR, PROP_ID(tag)));
    assert_here(value->Value.err == MAPI_E_NOT_FOUND);
    mapi_free(value);
}

static bool is_text(ULONG type)
{
    return type == PT_UNICODE || type == PT_MV_UNICODE;
}

static void check_types(IMAPIProp *object, const SPropValue *value, ULONG type)
{
    static const ULONG others[] = { PT_SHORT, PT_LONG, PT_FLOAT, PT_DOUBLE, PT_CURRENCY, PT_APPTIME,
        PT_BOOLEAN, PT_OBJECT, PT_SYSTIME, PT_CLSID, PT_BINARY, PT_MV_LONG, PT_MV_BINARY };
    ULONG tag = value->ulPropTag;
    SPropValue *narrow;

    check_read(object, PROP_TAG(type, PROP_ID(tag)), 0, value);
    check_read(object, PROP_TAG(type, PROP_ID(tag)), MAPI_UNICODE, value);
    check_read(object, PROP_TAG(PT_UNSPECIFIED, PROP_ID(tag)), MAPI_UNICODE, value);
    for (size_t i = 0; i < MSP_COUNT_OF(others); i++) {
        if (others[i] != type)
            check_not_found(object, PROP_TAG(others[i], PROP_ID(tag)));
    }
    if (!is_text(type)) {
        check_read(object, PROP_TAG(PT_UNSPECIFIED, PROP_ID(tag)), 0, value);
        check_not_found(object, PROP_TAG(PT_UNICODE, PROP_ID(tag)));
        check_not_found(object, PROP_TAG(PT_STRING8, PROP_ID(tag)));
        return;
    }
    narrow = get(object, PROP_TAG(PT_STRING8 | (type & MV_FLAG), PROP_ID(tag)), MAPI_UNICODE);
    assert_here(PROP_TYPE(narrow->ulPropTag) == PROP_TYPE(tag) ||
                PROP_TYPE(narrow->ulPropTag) == (PT_STRING8 | (type & MV_FLAG)));
    check_read(object, PROP_TAG(PT_UNSPECIFIED, PROP_ID(tag)), 0, narrow);
    mapi_free(narrow);
}

static void check_stream(IMAPIProp *object, const SPropValue *value, ULONG type)
{
    ULONG tag = PROP_TAG(type, PROP_ID(value->ulPropTag));
    LPUNKNOWN unknown = POISON;
    HRESULT hr = object->lpVtbl->OpenProperty(object, tag, &IID_IStream, 0, 0, &unknown);
    size_t size = 0;
    const void *bytes;
    IStream *stream;
    BYTE *room;
    ULONG got = 0;

    if (type != PT_BINARY && type != PT_UNICODE) {
        assert_here(hr == MAPI_E_INTERFACE_NOT_SUPPORTED && unknown == NULL);
        return;
    }
    assert_here(hr == S_OK);
    stream = (IStream *)(void *)unknown;
    assert_here(stream->lpVtbl->Write(stream, "x", 1, NULL) == STG_E_ACCESSDENIED);
    if (PROP_TYPE(value->ulPropTag) != PT_ERROR) {
        bytes = host_prop_bytes(value, &size);
        room = malloc(size + 1);
        assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)size + 1, &got));
        assert_here(got == size && (size == 0 || memcmp(room, bytes, size) == 0));
        free(room);
    }
    release_last(stream);
}

/* The two lists, and all values, tell of the same properties. */
static void check_lists(
        IMAPIProp *object, const SPropTagArray *wide, const SPropValue *values, ULONG value_count)
{
    LPSPropTagArray narrow = NULL;
    ULONG seen = 0;

    assert_ok(object->lpVtbl->GetPropList(object, 0, &narrow));
    assert_here(narrow->cValues == wide->cValues);
    for (ULONG i = 0; i < wide->cValues; i++) {
        ULONG type = PROP_TYPE(wide->aulPropTag[i]);

        for (ULONG j = 0; j < i; j++)
            assert_here(PROP_ID(wide->aulPropTag[i]) != PROP_ID(wide->aulPropTag[j]));
        assert_here(type != PT_UNSPECIFIED && type != PT_ERROR && type != PT_STRING8);
        if (is_text(type))
            type = PT_STRING8 | (type & MV_FLAG);
        assert_here(narrow->aulPropTag[i] == PROP_TAG(type, PROP_ID(wide->aulPropTag[i])));
        if (type == PT_OBJECT)
            continue;
        assert_here(seen < value_count);
        assert_here(PROP_ID(values[seen].ulPropTag) == PROP_ID(wide->aulPropTag[i]));
        assert_here(PROP_TYPE(values[seen].ulPropTag) != PT_ERROR
                            ? values[seen].ulPropTag == wide->aulPropTag[i]
                            : values[seen].Value.err == MAPI_E_NOT_ENOUGH_MEMORY);
        seen++;
    }
    assert_here(seen == value_count);
    mapi_free(narrow);
}

/* An absent one, PR_NULL, and what there is, in that order. */
static void check_order(IMAPIProp *object, const SPropTagArray *list)
{
    struct {
        ULONG count;
        ULONG tags[TAGS_AT_ONCE + 2];
    } asked = { 2, { PROP_TAG(PT_LONG, 0x67F0), PR_NULL } };

    SPropValue *values = POISON;
    ULONG count = 0;

    for (ULONG i = list->cValues; i > 0 && asked.count < TAGS_AT_ONCE + 2; i--) {
        if (PROP_TYPE(list->aulPropTag[i - 1]) != PT_OBJECT)
            asked.tags[asked.count++] = list->aulPropTag[i - 1];
    }
    assert_hr(object->lpVtbl->GetProps(
                      object, (LPSPropTagArray)(void *)&asked, MAPI_UNICODE, &count, &values),
            MAPI_W_ERRORS_RETURNED);
    assert_here(count == asked.count);
    assert_here(values[0].ulPropTag == PROP_TAG(PT_ERROR, 0x67F0));
    assert_here(values[0].Value.err == MAPI_E_NOT_FOUND);
    assert_here(values[1].ulPropTag == PR_NULL);
    for (ULONG i = 2; i < count; i++)
        check_read(object, asked.tags[i], MAPI_UNICODE, &values[i]);
    mapi_free(values);
}

typedef void (*object_fn)(IMAPIProp *object, const SPropTagArray *list, const SPropValue *values,
        ULONG count, bool can_write);

static void each_object(struct walk_world *w, object_fn fn)
{
    open_all(w);
    for (size_t i = 0; i < objects.count; i++) {
        IMAPIProp *object = objects.all[i];
        LPSPropTagArray list = NULL;
        SPropValue *values = NULL;
        ULONG count = 0;

        where = objects.names[i];
        assert_ok(object->lpVtbl->GetPropList(object, MAPI_UNICODE, &list));
        assert_true(
                SUCCEEDED(object->lpVtbl->GetProps(object, NULL, MAPI_UNICODE, &count, &values)));
        fn(object, list, values, count, i < objects.writable);
        mapi_free(values);
        mapi_free(list);
    }
    close_all();
}

/* The listed type of a value, be it an error. */
static ULONG type_in(const SPropTagArray *list, ULONG tag)
{
    for (ULONG i = 0; i < list->cValues; i++) {
        if (PROP_ID(list->aulPropTag[i]) == PROP_ID(tag))
            return PROP_TYPE(list->aulPropTag[i]);
    }
    return PT_UNSPECIFIED;
}

static void read_one(IMAPIProp *object, const SPropTagArray *list, const SPropValue *values,
        ULONG count, bool can_write)
{
    char place[200];
    const char *name = where;

    (void)can_write;
    check_lists(object, list, values, count);
    check_order(object, list);
    for (ULONG i = 0; i < count; i++) {
        ULONG type = type_in(list, values[i].ulPropTag);

        (void)snprintf(
                place, sizeof(place), "%s, 0x%08lx", name, (unsigned long)values[i].ulPropTag);
        where = place;
        check_types(object, &values[i], type);
        check_stream(object, &values[i], type);
        where = name;
    }
}

/* IMAPIProp.GetPropList.1 IMAPIProp.GetPropList.3 IMAPIProp.GetPropList.5 IMAPIProp.GetProps.1
 * IMAPIProp.GetProps.2 IMAPIProp.GetProps.5 IMAPIProp.GetProps.6 IMAPIProp.GetProps.7
 * IMAPIProp.GetProps.8 IMAPIProp.GetProps.9 IMAPIProp.GetProps.10 IMAPIProp.GetProps.11
 * IMAPIProp.GetProps.15 IMAPIProp.GetProps.18 IMAPIProp.GetProps.20 IMAPIProp.OpenProperty.17
 * IStream.Open.1 IStream.Open.2 IStream.Read.2 */
static void every_object__each_property_read__as_listed(void **state)
{
    each_object(*state, read_one);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* The code of the one entry's problem; S_OK: there is none. */
static SCODE problem_of(LPSPropProblemArray problems, ULONG tag)
{
    SCODE code = S_OK;

    if (problems) {
        assert_here(problems->cProblem == 1);
        assert_here(problems->aProblem[0].ulIndex == 0);
        assert_here(problems->aProblem[0].ulPropTag == tag);
        code = problems->aProblem[0].scode;
    }
    mapi_free(problems);
    return code;
}

/* The name of a folder that the store needs is no computed one. */
static bool is_refusal(HRESULT hr)
{
    return hr == MAPI_E_COMPUTED || hr == MAPI_E_NO_ACCESS;
}

static HRESULT write_and_commit(IStream *stream)
{
    HRESULT hr;

    assert_ok(stream->lpVtbl->Write(stream, "ab", 2, NULL));
    hr = stream->lpVtbl->Commit(stream, STGC_DEFAULT);
    release_last(stream);
    return hr;
}

/* The same property with another value. */
static SPropValue other_than(const SPropValue *value)
{
    static WCHAR text[] = { 'o', 't', 'h', 'e', 'r', 0 };
    static BYTE bytes[] = { 1, 2 };
    SPropValue other = *value;

    if (PROP_TYPE(value->ulPropTag) == PT_UNICODE) {
        other.Value.lpszW = text;
    } else if (PROP_TYPE(value->ulPropTag) == PT_BINARY) {
        other.Value.bin.cb = sizeof(bytes);
        other.Value.bin.lpb = bytes;
    } else if ((PROP_TYPE(value->ulPropTag) & MV_FLAG) == 0) {
        other.Value.l ^= 1;
    }
    return other;
}

/* A computed property refuses every way to change it. */
static void check_computed(IMAPIProp *object, const SPropValue *value)
{
    SPropTagArray tags = { 1, { value->ulPropTag } };
    SPropValue other = other_than(value);
    LPSPropProblemArray problems = NULL;
    LPUNKNOWN stream = POISON;

    assert_ok(object->lpVtbl->SetProps(object, 1, &other, &problems));
    assert_here(is_refusal(problem_of(problems, value->ulPropTag)));
    assert_ok(object->lpVtbl->DeleteProps(object, &tags, &problems));
    assert_here(is_refusal(problem_of(problems, value->ulPropTag)));
    if (PROP_TYPE(value->ulPropTag) == PT_BINARY || PROP_TYPE(value->ulPropTag) == PT_UNICODE) {
        HRESULT hr = object->lpVtbl->OpenProperty(
                object, value->ulPropTag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream);

        if (SUCCEEDED(hr)) /* which it is depends on the object: said when it is to count */
            hr = write_and_commit((IStream *)(void *)stream);
        else
            assert_here(stream == NULL);
        assert_here(is_refusal(hr));
    }
    check_read(object, value->ulPropTag, MAPI_UNICODE, value);
}

/* Set to what it is: taken, and the same afterwards, or said to be computed. */
static void check_set(IMAPIProp *object, const SPropValue *value)
{
    LPSPropProblemArray problems = NULL;
    SPropValue copy = *value;
    SCODE code;

    assert_ok(object->lpVtbl->SetProps(object, 1, &copy, &problems));
    code = problem_of(problems, value->ulPropTag);
    if (value->ulPropTag == PR_LAST_MODIFICATION_TIME)
        return; /* of a folder: it was just modified */
    check_read(object, value->ulPropTag, MAPI_UNICODE, value);
    if (code != S_OK) {
        assert_here(is_refusal(code));
        check_computed(object, value);
    }
}

/* An object for reading, and one of its properties, or one that it has not. */
static void check_refused(IMAPIProp *object, const SPropValue *value)
{
    SPropTagArray tags = { 1, { value->ulPropTag } };
    LPSPropProblemArray problems = POISON;
    LPUNKNOWN stream = POISON;
    SPropValue copy = *value;

    assert_here(object->lpVtbl->SetProps(object, 1, &copy, &problems) == MAPI_E_NO_ACCESS);
    assert_here(problems == NULL);
    problems = POISON;
    assert_here(object->lpVtbl->DeleteProps(object, &tags, &problems) == MAPI_E_NO_ACCESS);
    assert_here(problems == NULL);
    assert_here(object->lpVtbl->OpenProperty(object, PROP_TAG(PT_BINARY, PROP_ID(value->ulPropTag)),
                        &IID_IStream, 0, MAPI_MODIFY, &stream) == MAPI_E_NO_ACCESS);
    assert_here(stream == NULL);
    stream = POISON;
    assert_here(object->lpVtbl->OpenProperty(object, PROP_TAG(PT_BINARY, PROP_ID(value->ulPropTag)),
                        &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream) == MAPI_E_NO_ACCESS);
    assert_here(stream == NULL);
}

static void write_one(IMAPIProp *object, const SPropTagArray *list, const SPropValue *values,
        ULONG count, bool can_write)
{
    SPropValue absent = { .ulPropTag = PROP_TAG(PT_LONG, 0x67F0) };
    uint64_t before = walk_digest_props(object, WALK_DIGEST_SEED);
    char place[200];
    const char *name = where;
    SPropValue *after = NULL;
    const ULONG before_count = count;

    (void)list;
    for (ULONG i = 0; i < count; i++) {
        if (PROP_TYPE(values[i].ulPropTag) == PT_ERROR)
            continue;
        (void)snprintf(
                place, sizeof(place), "%s, 0x%08lx", name, (unsigned long)values[i].ulPropTag);
        where = place;
        if (can_write)
            check_set(object, &values[i]);
        else
            check_refused(object, &values[i]);
        where = name;
    }
    if (!can_write)
        check_refused(object, &absent);
    assert_here(can_write || walk_digest_props(object, WALK_DIGEST_SEED) == before);
    assert_true(SUCCEEDED(object->lpVtbl->GetProps(object, NULL, MAPI_UNICODE, &count, &after)));
    assert_here(count == before_count);
    mapi_free(after);
}

/* IMAPIProp.SetProps.7 IMAPIProp.SetProps.8 IMAPIProp.SetProps.10 IMAPIProp.SetProps.12
 * IMAPIProp.DeleteProps.4 IMAPIProp.DeleteProps.5 IMAPIProp.DeleteProps.9
 * IMAPIProp.OpenProperty.9 */
static void every_object__each_property_set_to_itself__taken_or_computed(void **state)
{
    each_object(*state, write_one);
}

/* --- copying ---------------------------------------------------------------------------------- */

enum { FREE = PROP_TAG(PT_LONG, 0x6812), OTHER = PROP_TAG(PT_LONG, 0x6813) };

static IMessage *new_target(void)
{
    IMAPIFolder *inbox = objects.w->object[WALK_O_FOLDER];
    IMessage *message = NULL;

    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    return message;
}

static HRESULT copy_to(IMAPIProp *from, const ULONG *excluded, ULONG count, LPCIID iid, void *to)
{
    struct {
        ULONG count;
        ULONG tags[2];
    } tags = { count, { 0 } };

    LPSPropProblemArray problems = POISON;
    HRESULT hr;

    if (count > 0)
        memcpy(tags.tags, excluded, count * sizeof(ULONG));
    hr = from->lpVtbl->CopyTo(from, 0, NULL, excluded ? (LPSPropTagArray)(void *)&tags : NULL, 0,
            NULL, iid, to, 0, &problems);
    if (SUCCEEDED(hr))
        mapi_free(problems);
    else
        assert_here(problems == NULL);
    return hr;
}

static HRESULT copy_props(
        IMAPIProp *from, ULONG tag, void *to, ULONG flags, LPSPropProblemArray *problems)
{
    SPropTagArray tags = { 1, { tag } };

    *problems = POISON;
    return from->lpVtbl->CopyProps(from, &tags, 0, NULL, &IID_IMAPIProp, to, flags, problems);
}

static void check_copy_refused(IMAPIProp *object, IMessage *to)
{
    static const ULONG null_tag[] = { PR_NULL };
    LPSPropProblemArray problems = NULL;

    assert_here(copy_to(object, NULL, 0, NULL, to) == MAPI_E_INVALID_PARAMETER);
    assert_here(copy_to(object, null_tag, 0, &IID_IMAPIProp, to) == MAPI_E_INVALID_PARAMETER);
    assert_here(copy_to(object, null_tag, 1, &IID_IMAPIProp, to) == MAPI_E_INVALID_PARAMETER);
    assert_here(copy_to(object, NULL, 0, &IID_IMAPIProp, object) == MAPI_E_NO_ACCESS);
    assert_here(copy_to(object, NULL, 0, &IID_IMAPITable, to) == MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_here(copy_props(object, PR_NULL, to, 0, &problems) == MAPI_E_INVALID_PARAMETER);
    assert_here(problems == NULL);
    assert_here(copy_props(object, FREE, object, 0, &problems) == MAPI_E_NO_ACCESS);
    assert_here(problems == NULL);
    problems = POISON;
    assert_here(object->lpVtbl->CopyTo(object, 1, &IID_IMAPIProp, NULL, 0, NULL, &IID_IMAPIProp, to,
                        0, &problems) == MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_here(problems == NULL);
}

static void copy_one(IMAPIProp *object, const SPropTagArray *list, const SPropValue *values,
        ULONG count, bool can_write)
{
    LPSPropProblemArray problems = NULL;
    IMessage *to = new_target();

    (void)list;
    (void)values;
    (void)count;
    check_copy_refused(object, to);
    if (can_write)
        prop_set_long(object, FREE, 5);
    prop_set_long(to, OTHER, 7);
    assert_ok(copy_props(object, FREE, to, 0, &problems));
    if (can_write) {
        assert_here(problems == NULL && prop_long(to, FREE) == 5);
        prop_set_long(to, FREE, 6);
        assert_ok(copy_props(object, FREE, to, MAPI_NOREPLACE, &problems));
        assert_here(problems == NULL && prop_long(to, FREE) == 6);
        assert_ok(copy_to(object, NULL, 0, &IID_IMAPIProp, to));
        assert_here(prop_long(to, FREE) == 5);
    } else {
        assert_here(problem_of(problems, FREE) == MAPI_E_NOT_FOUND);
        assert_here(copy_props(object, FREE, to, MAPI_MOVE, &problems) == MAPI_E_NO_ACCESS);
    }
    assert_here(prop_long(to, OTHER) == 7);
    assert_ok(copy_props(object, PR_OBJECT_TYPE, to, 0, &problems));
    assert_here(problem_of(problems, PR_OBJECT_TYPE) == MAPI_E_COMPUTED);
    assert_here(prop_long(to, PR_OBJECT_TYPE) == MAPI_MESSAGE);
    release_last(to);
}

/* IMAPIProp.CopyTo.1 IMAPIProp.CopyTo.2 IMAPIProp.CopyTo.4 IMAPIProp.CopyTo.5 IMAPIProp.CopyTo.6
 * IMAPIProp.CopyTo.7 IMAPIProp.CopyTo.8 IMAPIProp.CopyTo.18 IMAPIProp.CopyTo.19
 * IMAPIProp.CopyTo.22 IMAPIProp.CopyTo.23 IMAPIProp.CopyProps.2 IMAPIProp.CopyProps.3 */
static void every_object__copied__as_documented(void **state)
{
    each_object(*state, copy_one);
}

/* --- names ------------------------------------------------------------------------------------ */

/* One mapping for all of them, whoever registers. */
static void names_of_one(IMAPIProp *object, const SPropTagArray *list, const SPropValue *values,
        ULONG count, bool can_write)
{
    GUID set = { 0x7B1D2A10, 4, 5, { 6 } };
    static ULONG first;

    (void)list;
    (void)values;
    (void)count;
    (void)can_write;
    for (LONG number = 1; number < 3; number++) {
        MAPINAMEID name = { .lpguid = &set, .ulKind = MNID_ID };
        LPMAPINAMEID names[] = { &name };
        LPMAPINAMEID *found = NULL;
        LPSPropTagArray tags = NULL;
        ULONG found_count = 0;

        name.Kind.lID = number;
        assert_ok(object->lpVtbl->GetIDsFromNames(object, 1, names, MAPI_CREATE, &tags));
        assert_here(tags->cValues == 1 && PROP_ID(tags->aulPropTag[0]) >= 0x8000);
        if (number == 1 && first == 0)
            first = tags->aulPropTag[0];
        if (number == 1)
            assert_here(tags->aulPropTag[0] == first);
        assert_ok(object->lpVtbl->GetNamesFromIDs(object, &tags, NULL, 0, &found_count, &found));
        assert_here(found_count == 1 && IsEqualGUID(found[0]->lpguid, &set));
        assert_here(found[0]->ulKind == MNID_ID && found[0]->Kind.lID == number);
        mapi_free(found);
        mapi_free(tags);
    }
}

/* named-property.Mapping.1 IMAPIProp.GetIDsFromNames.1 IMAPIProp.GetIDsFromNames.2
 * IMAPIProp.GetIDsFromNames.4 IMAPIProp.GetNamesFromIDs.1 */
static void every_object__names__one_mapping(void **state)
{
    each_object(*state, names_of_one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, walk_setup, walk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_object__each_property_read__as_listed),
        TEST(every_object__each_property_set_to_itself__taken_or_computed),
        TEST(every_object__copied__as_documented),
        TEST(every_object__names__one_mapping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
