/* SPDX-License-Identifier: MIT */
/*
 * test_named.c - GetIDsFromNames and GetNamesFromIDs: one mapping for the whole store.
 */
#include "raw_logon.h"

static const GUID set_a = { 0x11111111, 1, 2, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static const GUID set_b = { 0x22222222, 1, 2, { 1, 2, 3, 4, 5, 6, 7, 8 } };

static MAPINAMEID by_number(const GUID *set, LONG number)
{
    MAPINAMEID name = { .lpguid = (LPGUID)(uintptr_t)set, .ulKind = MNID_ID };

    name.Kind.lID = number;
    return name;
}

static MAPINAMEID by_text(const GUID *set, const char16_t *text)
{
    MAPINAMEID name = { .lpguid = (LPGUID)(uintptr_t)set, .ulKind = MNID_STRING };

    name.Kind.lpwstrName = (LPWSTR)(uintptr_t)text;
    return name;
}

static HRESULT ids_of(
        void *object, MAPINAMEID *names, ULONG count, ULONG flags, LPSPropTagArray *out)
{
    IMAPIProp *prop = object;
    LPMAPINAMEID list[16];

    assert_true(count <= 16);
    for (ULONG i = 0; i < count; i++)
        list[i] = &names[i];
    *out = POISON;
    return prop->lpVtbl->GetIDsFromNames(prop, count, list, flags, out);
}

static ULONG id_of(void *object, MAPINAMEID name)
{
    LPSPropTagArray tags;
    ULONG id;

    assert_ok(ids_of(object, &name, 1, MAPI_CREATE, &tags));
    assert_int_equal(tags->cValues, 1);
    assert_int_equal(PROP_TYPE(tags->aulPropTag[0]), PT_UNSPECIFIED);
    id = PROP_ID(tags->aulPropTag[0]);
    mapi_free(tags);
    return id;
}

static void assert_is_name(const MAPINAMEID *actual, const MAPINAMEID *expected)
{
    assert_non_null(actual);
    assert_memory_equal(actual->lpguid, expected->lpguid, sizeof(GUID));
    assert_int_equal(actual->ulKind, expected->ulKind);
    if (expected->ulKind == MNID_ID) {
        assert_int_equal(actual->Kind.lID, expected->Kind.lID);
        return;
    }
    for (size_t i = 0;; i++) {
        assert_int_equal(actual->Kind.lpwstrName[i], expected->Kind.lpwstrName[i]);
        if (expected->Kind.lpwstrName[i] == 0)
            return;
    }
}

/* IMAPIProp.GetIDsFromNames.1 IMAPIProp.GetIDsFromNames.2 IMAPIProp.GetIDsFromNames.4
 * named-property.Mapping.1 named-property.Mapping.5 named-property.Mapping.6
 * named-property.Mapping.7 named-property.Sets.3 */
static void get_ids__many_names__distinct_and_the_same_everywhere(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    MAPINAMEID names[] = { by_number(&set_a, 5), by_text(&set_a, u"5"), by_text(&set_a, u"Color"),
        by_text(&set_a, u"color"), by_number(&set_b, 5), by_text(&set_b, u"Color"),
        by_text(&PS_PUBLIC_STRINGS, u"Keywords"), by_number(&PS_ROUTING_ADDRTYPE, 5) };

    enum { COUNT = sizeof(names) / sizeof(names[0]) };

    LPSPropTagArray first;
    LPSPropTagArray again;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(ids_of(message, names, COUNT, MAPI_CREATE, &first));
    assert_int_equal(first->cValues, COUNT);
    for (ULONG i = 0; i < COUNT; i++) {
        assert_int_equal(PROP_TYPE(first->aulPropTag[i]), PT_UNSPECIFIED);
        assert_in_range(PROP_ID(first->aulPropTag[i]), 0x8000, 0xFFFE);
        for (ULONG j = 0; j < i; j++)
            assert_int_not_equal(first->aulPropTag[i], first->aulPropTag[j]);
    }
    assert_ok(ids_of(fx->inbox, names, COUNT, 0, &again));
    assert_memory_equal(first->aulPropTag, again->aulPropTag, COUNT * sizeof(ULONG));
    mapi_free(again);
    assert_ok(ids_of(fx->store, names, COUNT, MAPI_CREATE, &again));
    assert_memory_equal(first->aulPropTag, again->aulPropTag, COUNT * sizeof(ULONG));
    mapi_free(again);
    mapi_free(first);

    release_last(message);
}

/* named-property.Mapping.3 named-property.Mapping.4 named-property.Mapping.9 */
static void get_ids__created_through_an_unsaved_message__persists(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    ULONG id;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    id = id_of(message, by_text(&set_a, u"kept"));
    release_last(message);
    prop_set_text(fx->store, PROP_TAG(PT_UNICODE, id), "named value");
    fixture_reopen(fx);
    assert_int_equal(id_of(fx->store, by_text(&set_a, u"kept")), id);
    prop_assert_text(fx->store, PROP_TAG(PT_UNICODE, id), "named value");
}

/* IMAPIProp.GetIDsFromNames.3 IMAPIProp.GetIDsFromNames.8 */
static void get_ids__unknown_or_malformed__error_entries(void **state)
{
    struct fixture *fx = *state;
    MAPINAMEID names[] = { by_number(&set_a, 77), by_number(NULL, 5), by_text(&set_a, NULL),
        by_number(&set_a, 78) };
    LPSPropTagArray tags;

    id_of(fx->store, names[3]);
    names[2].ulKind = MNID_STRING;
    assert_hr(ids_of(fx->store, names, 4, 0, &tags), MAPI_W_ERRORS_RETURNED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tags->aulPropTag[i], PROP_TAG(PT_ERROR, 0));
    assert_int_equal(PROP_TYPE(tags->aulPropTag[3]), PT_UNSPECIFIED);
    mapi_free(tags);
    assert_hr(ids_of(fx->store, &names[1], 1, MAPI_CREATE, &tags), MAPI_W_ERRORS_RETURNED);
    assert_int_equal(tags->aulPropTag[0], PROP_TAG(PT_ERROR, 0));
    mapi_free(tags);
}

/* IMAPIProp.GetIDsFromNames.5 IMAPIProp.GetIDsFromNames.6 IMAPIProp.GetIDsFromNames.7 */
static void get_ids__no_names__all_of_them_or_refused(void **state)
{
    struct fixture *fx = *state;
    ULONG one = id_of(fx->store, by_number(&set_a, 1));
    ULONG two = id_of(fx->store, by_number(&set_a, 2));
    LPSPropTagArray tags = POISON;
    ULONG found = 0;

    assert_ok(fx->store->lpVtbl->GetIDsFromNames(fx->store, 0, NULL, 0, &tags));
    for (ULONG i = 0; i < tags->cValues; i++)
        found += PROP_ID(tags->aulPropTag[i]) == one || PROP_ID(tags->aulPropTag[i]) == two;
    assert_int_equal(found, 2);
    mapi_free(tags);
    tags = POISON;
    assert_hr(fx->store->lpVtbl->GetIDsFromNames(fx->store, 0, NULL, MAPI_CREATE, &tags),
            MAPI_E_INVALID_PARAMETER);
    assert_null(tags);
    tags = POISON;
    assert_hr(fx->store->lpVtbl->GetIDsFromNames(fx->store, 2, NULL, 0, &tags),
            MAPI_E_INVALID_PARAMETER);
    assert_null(tags);
}

/* named-property.Sets.1 named-property.Sets.2 */
static void ps_mapi__numbers__are_the_ids(void **state)
{
    struct fixture *fx = *state;
    static const LONG no_ids[] = { 0, -1, 0x8000, 0xFFFF, 0x10037 };
    MAPINAMEID subject = by_number(&PS_MAPI, PROP_ID(PR_SUBJECT_W));
    SizedSPropTagArray(1, list) = { 1, { PR_SUBJECT_W } };
    LPSPropTagArray tags = (LPSPropTagArray)(void *)&list;
    LPMAPINAMEID *names = NULL;
    ULONG count = 0;

    assert_int_equal(id_of(fx->store, subject), PROP_ID(PR_SUBJECT_W));
    assert_ok(fx->store->lpVtbl->GetNamesFromIDs(fx->store, &tags, NULL, 0, &count, &names));
    assert_int_equal(count, 1);
    assert_is_name(names[0], &subject);
    mapi_free(names);

    for (size_t i = 0; i < MSP_COUNT_OF(no_ids); i++) {
        MAPINAMEID none = by_number(&PS_MAPI, no_ids[i]);
        LPMAPINAMEID one[] = { &none };

        tags = POISON;
        assert_hr(fx->store->lpVtbl->GetIDsFromNames(fx->store, 1, one, MAPI_CREATE, &tags),
                MAPI_W_ERRORS_RETURNED);
        assert_int_equal(tags->aulPropTag[0], PROP_TAG(PT_ERROR, 0));
        mapi_free(tags);
    }
}

/* A store for reading knows its names, and takes no new one. */
static void get_ids__store_for_reading__known_ones(void **state)
{
    struct fixture *fx = *state;
    MAPINAMEID known = by_number(&set_a, 77);
    MAPINAMEID unknown = by_number(&set_a, 78);
    LPMAPINAMEID both[] = { &known, &unknown };
    ULONG id = id_of(fx->store, known);
    LPSPropTagArray tags = NULL;
    struct raw_logon raw;

    release_last(fx->inbox);
    release_last(fx->store);
    raw_open(fx, &raw, 0);
    assert_hr(raw.store->lpVtbl->GetIDsFromNames(raw.store, 2, both, MAPI_CREATE, &tags),
            MAPI_W_ERRORS_RETURNED);
    assert_int_equal(tags->aulPropTag[0], PROP_TAG(PT_UNSPECIFIED, id));
    assert_int_equal(tags->aulPropTag[1], PROP_TAG(PT_ERROR, 0));
    mapi_free(tags);
    raw_close(&raw);
}

/* IMAPIProp.GetNamesFromIDs.1 IMAPIProp.GetNamesFromIDs.2 IMAPIProp.GetNamesFromIDs.3
 * IMAPIProp.GetNamesFromIDs.4 named-property.Mapping.8 */
static void get_names__tags_given__names_in_order_and_errors_marked(void **state)
{
    struct fixture *fx = *state;
    MAPINAMEID number = by_number(&set_a, -3);
    MAPINAMEID text = by_text(&set_b, u"\u00fcber \U0001F600");
    SizedSPropTagArray(3, list) = { 3, { 0 } };
    LPSPropTagArray tags = (LPSPropTagArray)(void *)&list;
    LPMAPINAMEID *names = POISON;
    GUID other = set_b;
    ULONG count = POISON_LONG;

    list.aulPropTag[0] = PROP_TAG(PT_LONG, id_of(fx->store, number));
    list.aulPropTag[1] = PROP_TAG(PT_LONG, 0xFFF0);
    list.aulPropTag[2] = PROP_TAG(PT_BINARY, id_of(fx->store, text));
    assert_hr(fx->store->lpVtbl->GetNamesFromIDs(fx->store, &tags, &other, 0, &count, &names),
            MAPI_W_ERRORS_RETURNED);
    assert_int_equal(count, 3);
    assert_is_name(names[0], &number);
    assert_null(names[1]);
    assert_is_name(names[2], &text);
    assert_int_equal(PROP_TYPE(list.aulPropTag[1]), PT_ERROR);
    assert_int_equal(PROP_TYPE(list.aulPropTag[0]), PT_LONG);
    mapi_free(names);
}

/* IMAPIProp.GetNamesFromIDs.5 IMAPIProp.GetNamesFromIDs.7 IMAPIProp.GetNamesFromIDs.8
 * IMAPIProp.GetNamesFromIDs.9 IMAPIProp.GetNamesFromIDs.10 IMAPIProp.GetNamesFromIDs.11 */
static void get_names__no_tags__the_mapping_filtered(void **state)
{
    struct fixture *fx = *state;

    const struct {
        const GUID *set;
        ULONG flags;
        ULONG numbers, texts;
    } cases[] = { { &set_a, 0, 2, 1 }, { &set_a, MAPI_NO_IDS, 0, 1 },
        { &set_a, MAPI_NO_STRINGS, 2, 0 }, { &set_a, MAPI_NO_IDS | MAPI_NO_STRINGS, 0, 0 },
        { &set_b, 0, 0, 1 }, { NULL, MAPI_NO_STRINGS, 2, 0 } };

    id_of(fx->store, by_number(&set_a, 1));
    id_of(fx->store, by_number(&set_a, 2));
    id_of(fx->store, by_text(&set_a, u"three"));
    id_of(fx->store, by_text(&set_b, u"four"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        LPSPropTagArray tags = NULL;
        LPMAPINAMEID *names = POISON;
        ULONG count = POISON_LONG;
        ULONG numbers = 0;
        ULONG texts = 0;

        assert_ok(fx->store->lpVtbl->GetNamesFromIDs(
                fx->store, &tags, (LPGUID)(uintptr_t)cases[i].set, cases[i].flags, &count, &names));
        assert_non_null(tags);
        assert_int_equal(tags->cValues, count);
        for (ULONG n = 0; n < count; n++) {
            numbers += names[n]->ulKind == MNID_ID;
            texts += names[n]->ulKind == MNID_STRING;
            assert_int_equal(id_of(fx->store, *names[n]), PROP_ID(tags->aulPropTag[n]));
        }
        if (count == 0)
            assert_null(names);
        assert_int_equal(numbers, cases[i].numbers);
        assert_int_equal(texts, cases[i].texts);
        mapi_free(tags);
        mapi_free(names);
    }
}

/* IMAPIProp.GetNamesFromIDs.6 IMAPIProp.General.3 IMAPIProp.General.4 */
static void get_names__bad_arguments__refused_and_outs_cleared(void **state)
{
    struct fixture *fx = *state;
    SizedSPropTagArray(1, list) = { 0, { 0 } };
    LPSPropTagArray tags = (LPSPropTagArray)(void *)&list;
    LPMAPINAMEID *names = POISON;
    ULONG count = POISON_LONG;

    assert_hr(fx->store->lpVtbl->GetNamesFromIDs(fx->store, &tags, NULL, 0, &count, &names),
            MAPI_E_INVALID_PARAMETER);
    assert_null(names);
    assert_int_equal(count, 0);
    names = POISON;
    assert_hr(fx->store->lpVtbl->GetNamesFromIDs(fx->store, NULL, NULL, 0, &count, &names),
            MAPI_E_INVALID_PARAMETER);
    assert_null(names);
    list.cValues = 1;
    assert_hr(fx->store->lpVtbl->GetNamesFromIDs(fx->store, &tags, NULL, 0x80, &count, &names),
            MAPI_E_UNKNOWN_FLAGS);
}

/* IMAPIProp.GetIDsFromNames.9 */
static void get_ids__range_used_up__too_big_and_the_known_stay(void **state)
{
    enum { ALL = 0xFFFE - 0x8000 + 1 };
    struct fixture *fx = *state;
    MAPINAMEID *names = calloc(ALL + 1, sizeof(*names));
    LPMAPINAMEID *list = calloc(ALL + 1, sizeof(LPMAPINAMEID));
    LPSPropTagArray tags = POISON;

    assert_non_null(names);
    assert_non_null(list);
    for (ULONG i = 0; i <= ALL; i++) {
        names[i] = by_number(&set_a, (LONG)i);
        list[i] = &names[i];
    }
    assert_hr(fx->store->lpVtbl->GetIDsFromNames(fx->store, ALL + 1, list, MAPI_CREATE, &tags),
            MAPI_E_TOO_BIG);
    assert_null(tags);
    tags = POISON;
    assert_ok(fx->store->lpVtbl->GetIDsFromNames(fx->store, ALL, list, MAPI_CREATE, &tags));
    mapi_free(tags);
    tags = POISON;
    assert_hr(fx->store->lpVtbl->GetIDsFromNames(fx->store, 1, &list[ALL], MAPI_CREATE, &tags),
            MAPI_E_TOO_BIG);
    assert_null(tags);
    assert_in_range(id_of(fx->store, names[ALL - 1]), 0x8000, 0xFFFE);
    free(names);
    free(list);
}

/* named-property.Ranges.3 named-property.Ranges.4 named-property.Mapping.2 */
static void message__any_range__stored_and_ours_stay_hidden(void **state)
{
    static const ULONG ids[] = { 0x6800, 0x7BFF, 0x7C00, 0x7FFF, 0x4000, 0x5FFF, 0x6000, 0x8000 };
    struct fixture *fx = *state;
    IMessage *message = NULL;
    LPSPropTagArray tags = NULL;
    SPropValue *own;
    SPropValue *stores;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        prop_set_long(message, PROP_TAG(PT_LONG, ids[i]), (LONG)i);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_int_equal(prop_long(message, PROP_TAG(PT_LONG, ids[i])), (LONG)i);
    assert_ok(fx->store->lpVtbl->GetPropList(fx->store, 0, &tags));
    for (ULONG i = 0; i < tags->cValues; i++)
        assert_true(PROP_ID(tags->aulPropTag[i]) < 0x6600 || PROP_ID(tags->aulPropTag[i]) > 0x67FF);
    mapi_free(tags);
    own = prop_get(message, PR_MAPPING_SIGNATURE);
    stores = prop_get(fx->store, PR_MAPPING_SIGNATURE);
    assert_int_equal(own->Value.bin.cb, stores->Value.bin.cb);
    assert_memory_equal(own->Value.bin.lpb, stores->Value.bin.lpb, own->Value.bin.cb);
    assert_int_equal(id_of(message, by_number(&set_b, 9)), id_of(fx->store, by_number(&set_b, 9)));
    mapi_free(own);
    mapi_free(stores);

    release_last(message);
}

/* named-property.Mapping.10 */
static void set__id_without_a_name__stored_and_no_name_comes_to_it(void **state)
{
    static const ULONG ids[] = { 0x8000, 0x8003, 0xFFFE };
    struct fixture *fx = *state;
    IMessage *message = NULL;
    MAPINAMEID unknown = by_number(&set_b, 1);
    LPSPropTagArray tags = NULL;
    SPropValue *id;
    ULONG first;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    first = id_of(message, by_number(&set_a, 1));
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        prop_set_long(message, PROP_TAG(PT_LONG, ids[i] == first ? ids[i] + 1 : ids[i]), (LONG)i);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);
    message = message_open(fx->store, id);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        ULONG tag = PROP_TAG(PT_LONG, ids[i] == first ? ids[i] + 1 : ids[i]);
        SizedSPropTagArray(1, one) = { 1, { tag } };
        LPSPropTagArray list = (LPSPropTagArray)&one;
        LPMAPINAMEID *names = NULL;
        ULONG count = 0;

        assert_int_equal(prop_long(message, tag), (LONG)i);
        assert_hr(message->lpVtbl->GetNamesFromIDs(message, &list, NULL, 0, &count, &names),
                MAPI_W_ERRORS_RETURNED);
        assert_int_equal(count, 1);
        assert_null(names[0]);
        mapi_free(names);
    }
    assert_int_equal(id_of(message, by_number(&set_a, 1)), first);
    assert_int_not_equal(id_of(message, by_number(&set_a, 2)), first);
    assert_hr(ids_of(message, &unknown, 1, 0, &tags), MAPI_W_ERRORS_RETURNED);
    mapi_free(tags);
    mapi_free(id);
    release_last(message);
}

/* named-property.Ranges.2 */
static void transmittable__every_id__as_the_ranges_say(void **state)
{
    (void)state;
    for (ULONG id = 1; id < 0xFFFF; id++) {
        bool expected = id <= 0x0DFF || (id >= 0x1000 && id <= 0x5FFF) ||
                        (id >= 0x6800 && id <= 0x7BFF) || id >= 0x8000;

        assert_int_equal(FIsTransmittable(PROP_TAG(PT_LONG, id)) ? 1 : 0, expected);
    }
}

/* named-property.Ranges.5 */
static void message__ids_of_transports_and_clients__come_back(void **state)
{
    static const ULONG ids[] = { 0x4000, 0x4001, 0x57FE, 0x57FF, 0x6000, 0x6001, 0x65FE, 0x65FF };
    struct fixture *fx = *state;
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        prop_set_binary(message, PROP_TAG(PT_BINARY, ids[i]), "transport", i + 1);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);
    message = message_open(fx->store, id);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        SPropValue *value = prop_get(message, PROP_TAG(PT_BINARY, ids[i]));

        assert_non_null(value);
        assert_int_equal(value->Value.bin.cb, i + 1);
        assert_memory_equal(value->Value.bin.lpb, "transport", i + 1);
        mapi_free(value);
    }
    mapi_free(id);
    release_last(message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(get_ids__many_names__distinct_and_the_same_everywhere),
        TEST(get_ids__created_through_an_unsaved_message__persists),
        TEST(get_ids__unknown_or_malformed__error_entries),
        TEST(get_ids__no_names__all_of_them_or_refused),
        TEST(ps_mapi__numbers__are_the_ids),
        TEST(get_ids__store_for_reading__known_ones),
        TEST(get_names__tags_given__names_in_order_and_errors_marked),
        TEST(get_names__no_tags__the_mapping_filtered),
        TEST(get_names__bad_arguments__refused_and_outs_cleared),
        TEST(get_ids__range_used_up__too_big_and_the_known_stay),
        TEST(message__any_range__stored_and_ours_stay_hidden),
        TEST(set__id_without_a_name__stored_and_no_name_comes_to_it),
        cmocka_unit_test(transmittable__every_id__as_the_ranges_say),
        TEST(message__ids_of_transports_and_clients__come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
