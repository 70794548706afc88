/* SPDX-License-Identifier: MIT */
/*
 * test_prop.c - IMAPIProp on a message and on the store: reading, setting, deleting.
 */
#include "support/support.h"

enum {
    TAG_LONG = PROP_TAG(PT_LONG, 0x6810),
    TAG_TEXT = PROP_TAG(PT_UNICODE, 0x6811),
    TAG_BINARY = PROP_TAG(PT_BINARY, 0x6812),
    TAG_TEXTS = PROP_TAG(PT_MV_UNICODE, 0x6813),
    TAG_NONE = PROP_TAG(PT_LONG, 0x6820)
};

static IMessage *create(struct fixture *fx)
{
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static HRESULT get(void *object, const ULONG *tags, ULONG count, ULONG flags, ULONG *out_count,
        LPSPropValue *out)
{
    IMAPIProp *prop = object;

    struct {
        ULONG count;
        ULONG tags[16];
    } list = { count, { 0 } };

    assert_true(count <= 16);
    memcpy(list.tags, tags, count * sizeof(ULONG));
    *out_count = POISON_LONG;
    *out = POISON;
    return prop->lpVtbl->GetProps(prop, (LPSPropTagArray)(void *)&list, flags, out_count, out);
}

static void assert_error(const SPropValue *value, ULONG tag, SCODE code)
{
    assert_int_equal(value->ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(tag)));
    assert_hr(value->Value.err, code);
}

/* --- GetProps
 * ------------------------------------------------------------------------------------- */

/* IMAPIProp.GetProps.1 IMAPIProp.GetProps.5 IMAPIProp.GetProps.9 IMAPIProp.GetProps.10
 * IMAPIProp.GetProps.11 IMAPIProp.GetProps.18 IMAPIProp.GetProps.20 Memory.Failure.3 */
static void get_props__some_missing__one_value_per_tag_in_order(void **state)
{
    static const ULONG tags[] = { TAG_TEXT, TAG_NONE, PR_NULL, TAG_LONG, PROP_TAG(PT_LONG, 0x6812),
        TAG_BINARY };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPSPropValue values;
    ULONG count;

    prop_set_text(message, TAG_TEXT, "text");
    prop_set_long(message, TAG_LONG, -5);
    prop_set_binary(message, TAG_BINARY, "\0\1", 2);
    assert_hr(get(message, tags, 6, 0, &count, &values), MAPI_W_ERRORS_RETURNED);
    assert_int_equal(count, 6);
    assert_int_equal(values[0].ulPropTag, TAG_TEXT);
    assert_error(&values[1], TAG_NONE, MAPI_E_NOT_FOUND);
    assert_int_equal(values[2].ulPropTag, PR_NULL);
    assert_int_equal(values[3].Value.l, -5);
    assert_error(&values[4], TAG_BINARY, MAPI_E_NOT_FOUND);
    assert_int_equal(values[5].Value.bin.cb, 2);
    assert_memory_equal(values[5].Value.bin.lpb, "\0\1", 2);
    mapi_free(values);
    assert_ok(get(message, tags, 1, 0, &count, &values));
    mapi_free(values);

    release_last(message);
}

/* IMAPIProp.GetProps.12 */
static void get_props__all_missing__still_a_full_array(void **state)
{
    static const ULONG tags[] = { TAG_NONE, PROP_TAG(PT_BINARY, 0x6821) };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPSPropValue values;
    ULONG count;

    assert_hr(get(message, tags, 2, MAPI_UNICODE, &count, &values), MAPI_W_ERRORS_RETURNED);
    assert_int_equal(count, 2);
    assert_error(&values[0], tags[0], MAPI_E_NOT_FOUND);
    assert_error(&values[1], tags[1], MAPI_E_NOT_FOUND);
    mapi_free(values);

    release_last(message);
}

/* IMAPIProp.GetProps.2 IMAPIProp.GetPropList.5 */
static void get_props__no_tags__everything_once(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPSPropValue values = POISON;
    ULONG count = POISON_LONG;
    ULONG found = 0;

    prop_set_text(message, TAG_TEXT, "text");
    prop_set_long(message, TAG_LONG, 3);
    assert_ok(message->lpVtbl->GetProps(message, NULL, MAPI_UNICODE, &count, &values));
    for (ULONG i = 0; i < count; i++) {
        assert_int_not_equal(PROP_TYPE(values[i].ulPropTag), PT_ERROR);
        assert_int_not_equal(PROP_TYPE(values[i].ulPropTag), PT_OBJECT);
        for (ULONG j = 0; j < i; j++)
            assert_int_not_equal(PROP_ID(values[i].ulPropTag), PROP_ID(values[j].ulPropTag));
        found += values[i].ulPropTag == TAG_TEXT || values[i].ulPropTag == TAG_LONG;
    }
    assert_int_equal(found, 2);
    mapi_free(values);

    release_last(message);
}

/* IMAPIProp.GetProps.19 IMAPIProp.GetProps.13 */
static void get_props__multivalued_text__converted_one_by_one(void **state)
{
    static const ULONG tags[] = { PROP_TAG(PT_MV_STRING8, 0x6813), TAG_TEXTS,
        PROP_TAG(PT_UNSPECIFIED, 0x6813) };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char16_t one[] = u"eins";
    char16_t two[] = u"\u00fcber";
    LPWSTR texts[] = { one, two };
    SPropValue value = { .ulPropTag = TAG_TEXTS };
    LPSPropValue values;
    ULONG count;

    value.Value.MVszW.cValues = 2;
    value.Value.MVszW.lppszW = texts;
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));
    assert_ok(get(message, tags, 3, 0, &count, &values));
    assert_int_equal(values[0].Value.MVszA.cValues, 2);
    assert_string_equal(values[0].Value.MVszA.lppszA[0], "eins");
    assert_string_equal(values[0].Value.MVszA.lppszA[1], "\xfc"
                                                         "ber");
    assert_int_equal(values[1].Value.MVszW.cValues, 2);
    assert_memory_equal(values[1].Value.MVszW.lppszW[1], two, sizeof(two));
    assert_int_equal(values[2].ulPropTag, tags[0]);
    mapi_free(values);

    release_last(message);
}

/* IMAPIProp.GetProps.21 */
static void get_props__table_property__never_fails_the_call(void **state)
{
    static const ULONG tags[] = { PR_CONTAINER_CONTENTS, PR_OBJECT_TYPE };
    static const ULONG message_tags[] = { PR_MESSAGE_RECIPIENTS, PR_OBJECT_TYPE };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPSPropValue values;
    ULONG count;

    assert_hr(get(fx->inbox, tags, 2, 0, &count, &values), MAPI_W_ERRORS_RETURNED);
    assert_int_equal(PROP_TYPE(values[0].ulPropTag), PT_ERROR);
    assert_int_equal(values[1].Value.l, MAPI_FOLDER);
    mapi_free(values);
    assert_hr(get(message, message_tags, 2, 0, &count, &values), MAPI_W_ERRORS_RETURNED);
    assert_int_equal(PROP_TYPE(values[0].ulPropTag), PT_ERROR);
    mapi_free(values);

    release_last(message);
}

/* IMAPIProp.GetProps.3 IMAPIProp.General.3 IMAPIProp.General.4 Memory.Failure.1 */
static void get_props__bad_arguments__refused_and_outs_cleared(void **state)
{
    static const ULONG tags[] = { PR_OBJECT_TYPE };
    struct fixture *fx = *state;
    LPSPropValue values;
    ULONG count;

    assert_hr(get(fx->inbox, tags, 0, 0, &count, &values), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(count, 0);
    assert_null(values);
    assert_hr(get(fx->inbox, tags, 1, 0x10, &count, &values), MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(count, 0);
    assert_null(values);
    count = POISON_LONG;
    assert_hr(fx->inbox->lpVtbl->GetProps(fx->inbox, NULL, 0, &count, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_int_equal(count, 0);
    values = POISON;
    assert_hr(fx->inbox->lpVtbl->GetProps(fx->inbox, NULL, 0, NULL, &values),
            MAPI_E_INVALID_PARAMETER);
    assert_null(values);
}

/* --- SetProps
 * ------------------------------------------------------------------------------------- */

/* IMAPIProp.SetProps.1 IMAPIProp.SetProps.3 IMAPIProp.SetProps.4 IMAPIProp.SetProps.5
 * IMAPIProp.SetProps.11 */
static void set_props__one_entry_is_bad__none_is_applied(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[3] = { { .ulPropTag = TAG_LONG, .Value.l = 1 },
        { .ulPropTag = PROP_TAG(PT_OBJECT, 0x6830) },
        { .ulPropTag = PROP_TAG(PT_MV_LONG, 0x6831) } };
    LPSPropProblemArray problems = POISON;

    assert_hr(message->lpVtbl->SetProps(message, 2, values, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    values[1] = values[2];
    problems = POISON;
    assert_hr(message->lpVtbl->SetProps(message, 2, values, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    problems = POISON;
    assert_hr(message->lpVtbl->SetProps(message, 0, values, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    problems = POISON;
    assert_hr(message->lpVtbl->SetProps(message, 1, NULL, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    assert_null(prop_get(message, TAG_LONG));

    release_last(message);
}

/* IMAPIProp.SetProps.2 IMAPIProp.SetProps.6 IMAPIProp.SetProps.7 IMAPIProp.SetProps.9
 * IMAPIProp.SetProps.10 IMAPIProp.SetProps.13 IMAPIProp.SetProps.20 */
static void set_props__skipped_failing_and_doubled__the_rest_is_applied(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[6] = { { .ulPropTag = TAG_LONG, .Value.l = 1 }, { .ulPropTag = PR_NULL },
        { .ulPropTag = PROP_TAG(PT_ERROR, 0x6832), .Value.err = MAPI_E_NOT_FOUND },
        { .ulPropTag = PR_OBJECT_TYPE, .Value.l = 9 }, { .ulPropTag = PROP_TAG(0x0077, 0x6833) },
        { .ulPropTag = TAG_LONG, .Value.l = 2 } };
    LPSPropProblemArray problems = NULL;
    const SPropProblem *problem;

    assert_ok(message->lpVtbl->SetProps(message, 6, values, &problems));
    assert_non_null(problems);
    assert_int_equal(problems->cProblem, 2);
    problem = problems->aProblem; /* declared as one, it holds them all */
    assert_int_equal(problem[0].ulIndex, 3);
    assert_int_equal(problem[0].ulPropTag, PR_OBJECT_TYPE);
    assert_hr(problem[0].scode, MAPI_E_COMPUTED);
    assert_int_equal(problem[1].ulIndex, 4);
    assert_hr(problem[1].scode, MAPI_E_INVALID_TYPE);
    mapi_free(problems);
    assert_int_equal(prop_long(message, TAG_LONG), 2);
    assert_null(prop_get(message, PROP_TAG(PT_LONG, 0x6832)));
    assert_ok(message->lpVtbl->SetProps(message, 6, values, NULL));
    problems = POISON;
    assert_ok(message->lpVtbl->SetProps(message, 1, values, &problems));
    assert_null(problems);

    release_last(message);
}

/* PR_NULL holds a place in every list: it asks for nothing, sets nothing, deletes nothing. PT_NULL
 * is the type of no property, and no reason to keep one. IMAPIProp.GetProps.20 IMAPIProp.SetProps.2
 * IMAPIProp.DeleteProps.2 named-property.Types.3 */
static void check_nulls(void *object)
{
    static const ULONG two[] = { PR_NULL, PR_NULL };
    static const ULONG typed[] = { PROP_TAG(PT_NULL, PROP_ID(TAG_LONG)) };
    SizedSPropTagArray(3, tags) = { 3, { PR_NULL, PROP_TAG(PT_LONG, 0), PR_NULL } };
    SPropValue values[2] = { { .ulPropTag = PR_NULL }, { .ulPropTag = PR_NULL } };
    IMAPIProp *prop = object;
    LPSPropProblemArray problems = POISON;
    LPSPropTagArray before = NULL;
    LPSPropTagArray after = NULL;
    LPSPropValue got;
    ULONG count;

    prop_set_long(prop, TAG_LONG, 7);
    assert_ok(prop->lpVtbl->GetPropList(prop, 0, &before));

    assert_ok(get((IMessage *)(void *)prop, two, 2, 0, &count, &got));
    assert_int_equal(count, 2);
    assert_int_equal(got[0].ulPropTag, PR_NULL);
    assert_int_equal(got[1].ulPropTag, PR_NULL);
    mapi_free(got);
    assert_ok(prop->lpVtbl->SetProps(prop, 2, values, &problems));
    assert_null(problems);
    problems = POISON;
    assert_ok(prop->lpVtbl->DeleteProps(prop, (LPSPropTagArray)(void *)&tags, &problems));
    assert_null(problems);
    assert_hr(get((IMessage *)(void *)prop, typed, 1, 0, &count, &got), MAPI_W_ERRORS_RETURNED);
    assert_error(&got[0], TAG_LONG, MAPI_E_NOT_FOUND);
    mapi_free(got);
    values[0].ulPropTag = typed[0];
    assert_ok(prop->lpVtbl->SetProps(prop, 2, values, &problems));
    assert_int_equal(problems->cProblem, 1);
    assert_int_equal(problems->aProblem[0].ulIndex, 0);
    assert_hr(problems->aProblem[0].scode, MAPI_E_INVALID_TYPE);
    mapi_free(problems);
    assert_int_equal(prop_long(prop, TAG_LONG), 7);
    assert_ok(prop->lpVtbl->GetPropList(prop, 0, &after));
    assert_int_equal(after->cValues, before->cValues);
    assert_memory_equal(after->aulPropTag, before->aulPropTag, before->cValues * sizeof(ULONG));
    mapi_free(after);
    mapi_free(before);

    tags.cValues = 1;
    tags.aulPropTag[0] = typed[0];
    assert_ok(prop->lpVtbl->DeleteProps(prop, (LPSPropTagArray)(void *)&tags, &problems));
    assert_null(problems);
    assert_null(prop_get(prop, TAG_LONG));
}

static void null_tags__every_kind_of_object__no_property(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    check_nulls(message);
    check_nulls(attach);
    check_nulls(fx->inbox);
    check_nulls(fx->store);
    release_last(attach);
    release_last(message);
}

/* IMAPIProp.SetProps.14 IMAPIProp.SetProps.15 IMAPIProp.SetProps.16 */
static void set_props__other_type__free_one_replaced_known_one_refused(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue value = { .ulPropTag = PROP_TAG(PT_BOOLEAN, 0x6810), .Value.b = 1 };
    LPSPropProblemArray problems = NULL;

    prop_set_long(message, TAG_LONG, 1);
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, &problems));
    assert_null(problems);
    assert_null(prop_get(message, TAG_LONG));
    assert_true(prop_bool(message, PROP_TAG(PT_BOOLEAN, 0x6810)));
    value.ulPropTag = PROP_TAG(PT_LONG, PROP_ID(PR_DISPLAY_NAME_W));
    assert_ok(fx->inbox->lpVtbl->SetProps(fx->inbox, 1, &value, &problems));
    assert_non_null(problems);
    assert_hr(problems->aProblem[0].scode, MAPI_E_UNEXPECTED_TYPE);
    mapi_free(problems);

    release_last(message);
}

/* An id that no property has, by every way in. */
static void refuse_id(IMessage *message, ULONG id)
{
    static const ULONG flags[] = { 0, MODRECIP_ADD };
    SPropValue value = { .ulPropTag = PROP_TAG(PT_LONG, id), .Value.l = 1 };
    SizedADRLIST(1, list) = { 1, { { 0, 1, &value } } };
    LPUNKNOWN stream = POISON;

    assert_hr(message->lpVtbl->SetProps(message, 1, &value, NULL), MAPI_E_INVALID_PARAMETER);
    for (size_t i = 0; i < MSP_COUNT_OF(flags); i++)
        assert_hr(message->lpVtbl->ModifyRecipients(message, flags[i], (LPADRLIST)(void *)&list),
                MAPI_E_INVALID_PARAMETER);
    assert_hr(message->lpVtbl->OpenProperty(message, PROP_TAG(PT_BINARY, id), &IID_IStream, 0,
                      MAPI_CREATE | MAPI_MODIFY, &stream),
            MAPI_E_INVALID_PARAMETER);
    assert_null(stream);
    assert_hr(message->lpVtbl->OpenProperty(
                      message, PROP_TAG(PT_BINARY, id), &IID_IStream, 0, 0, &stream),
            MAPI_E_NOT_FOUND);
}

/* named-property.Ranges.1 */
static void ids_0_and_ffff__never_stored(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    refuse_id(message, 0);
    refuse_id(message, 0xFFFF);

    release_last(message);
}

/* IMAPIProp.Transaction.5 StoreProp.Required.4 IMAPIProp.SaveChanges.1 */
static void set_props__store__at_once_and_after_reopening(void **state)
{
    struct fixture *fx = *state;

    prop_set_text(fx->store, PR_DISPLAY_NAME_W, "Another name");
    prop_set_long(fx->store, TAG_LONG, 12);
    prop_assert_text(fx->store, PR_DISPLAY_NAME_W, "Another name");
    assert_ok(fx->store->lpVtbl->SaveChanges(fx->store, 0));
    fixture_reopen(fx);
    prop_assert_text(fx->store, PR_DISPLAY_NAME_W, "Another name");
    assert_int_equal(prop_long(fx->store, TAG_LONG), 12);
}

/* --- DeleteProps
 * ---------------------------------------------------------------------------------- */

/* IMAPIProp.DeleteProps.1 IMAPIProp.DeleteProps.2 IMAPIProp.DeleteProps.3 IMAPIProp.DeleteProps.4
 * IMAPIProp.DeleteProps.6 */
static void delete_props__any_type__gone_and_the_rest_reported(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SizedSPropTagArray(
            4, tags) = { 4, { PROP_TAG(PT_UNSPECIFIED, 0x6810), PROP_TAG(PT_BOOLEAN, 0x6811),
                                    PR_OBJECT_TYPE, TAG_NONE } };
    LPSPropProblemArray problems = NULL;

    prop_set_long(message, TAG_LONG, 1);
    prop_set_text(message, TAG_TEXT, "x");
    assert_ok(message->lpVtbl->DeleteProps(message, (LPSPropTagArray)&tags, &problems));
    assert_non_null(problems);
    assert_int_equal(problems->cProblem, 1);
    assert_int_equal(problems->aProblem[0].ulIndex, 2);
    assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    mapi_free(problems);
    assert_null(prop_get(message, TAG_LONG));
    assert_null(prop_get(message, TAG_TEXT));
    problems = POISON;
    assert_hr(message->lpVtbl->DeleteProps(message, NULL, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    tags.cValues = 0;
    problems = POISON;
    assert_hr(message->lpVtbl->DeleteProps(message, (LPSPropTagArray)&tags, &problems),
            MAPI_E_INVALID_PARAMETER);
    assert_null(problems);

    release_last(message);
}

/* --- GetLastError
 * --------------------------------------------------------------------------------- */

/* IMAPIProp.GetLastError.1 IMAPIProp.GetLastError.2 Errors.GetLastError.1 Errors.GetLastError.2 */
static void get_last_error__after_a_failure__of_this_object_only(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *other = folder_make(fx->inbox, "x");
    LPMAPIERROR error = POISON;
    char16_t name[] = u"X";
    IMAPIFolder *none = POISON;

    assert_ok(fx->inbox->lpVtbl->GetLastError(fx->inbox, MAPI_E_COLLISION, 0, &error));
    assert_null(error);
    assert_hr(fx->inbox->lpVtbl->CreateFolder(fx->inbox, FOLDER_GENERIC, (LPTSTR)(void *)name, NULL,
                      NULL, MAPI_UNICODE, &none),
            MAPI_E_COLLISION);
    error = POISON;
    assert_ok(other->lpVtbl->GetLastError(other, MAPI_E_COLLISION, 0, &error));
    assert_null(error);
    assert_ok(fx->inbox->lpVtbl->GetLastError(fx->inbox, MAPI_E_COLLISION, MAPI_UNICODE, &error));
    assert_non_null(error);
    assert_int_equal(error->ulVersion, MAPI_ERROR_VERSION);
    assert_memory_equal(error->lpszComponent, u"Mailkeep", sizeof(u"Mailkeep"));
    assert_memory_equal(error->lpszError, u"A folder", sizeof(u"A folder") - sizeof(char16_t));
    mapi_free(error);
    error = POISON;
    assert_hr(fx->inbox->lpVtbl->GetLastError(fx->inbox, MAPI_E_COLLISION, 1, &error),
            MAPI_E_UNKNOWN_FLAGS);
    assert_null(error);

    release_last(other);
}

/* --- CopyTo, CopyProps
 * ------------------------------------------------------------------------------ */

/* IMAPIProp.CopyTo.1 IMAPIProp.CopyTo.2 IMAPIProp.CopyProps.1 IMAPIProp.General.5 Memory.COM.3 */
static void copy__arguments__checked_and_a_refusal_has_its_reason(void **state)
{
    struct fixture *fx = *state;
    IMessage *from = create(fx);
    IMessage *to = create(fx);
    SizedSPropTagArray(1, tags) = { 0, { 0 } };
    LPSPropTagArray list = (LPSPropTagArray)&tags;
    LPSPropProblemArray problems = POISON;
    LPMAPIERROR error = NULL;

    assert_hr(from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, NULL, to, 0, &problems),
            MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    assert_hr(from->lpVtbl->CopyTo(from, 0, NULL, list, 0, NULL, &IID_IMessage, to, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(from->lpVtbl->CopyProps(from, NULL, 0, NULL, &IID_IMessage, to, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(from->lpVtbl->CopyProps(from, list, 0, NULL, &IID_IMessage, to, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    /* nothing is left to the support object, so there is nothing to decline */
    assert_ok(from->lpVtbl->CopyTo(
            from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, MAPI_DECLINE_OK, NULL));
    assert_int_equal(host_support_calls(fx->support, HOST_DoCopyTo), 0);
    problems = POISON;
    assert_hr(from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, from, 0, &problems),
            MAPI_E_NO_ACCESS);
    assert_null(problems);
    assert_ok(from->lpVtbl->GetLastError(from, MAPI_E_NO_ACCESS, 0, &error));
    assert_non_null(error);
    mapi_free(error);

    release_last(from);
    release_last(to);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(get_props__some_missing__one_value_per_tag_in_order),
        TEST(get_props__all_missing__still_a_full_array),
        TEST(get_props__no_tags__everything_once),
        TEST(get_props__multivalued_text__converted_one_by_one),
        TEST(get_props__table_property__never_fails_the_call),
        TEST(get_props__bad_arguments__refused_and_outs_cleared),
        TEST(set_props__one_entry_is_bad__none_is_applied),
        TEST(set_props__skipped_failing_and_doubled__the_rest_is_applied),
        TEST(null_tags__every_kind_of_object__no_property),
        TEST(set_props__other_type__free_one_replaced_known_one_refused),
        TEST(ids_0_and_ffff__never_stored),
        TEST(set_props__store__at_once_and_after_reopening),
        TEST(delete_props__any_type__gone_and_the_rest_reported),
        TEST(get_last_error__after_a_failure__of_this_object_only),
        TEST(copy__arguments__checked_and_a_refusal_has_its_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
