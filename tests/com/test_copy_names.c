/* SPDX-License-Identifier: MIT */
/*
 * test_copy_names.c - CopyTo and CopyProps between objects of two stores in which the same names
 * have other ids: every value arrives under its name, on messages and on all that is inside them.
 */
#include "copy_world.h"

/* A message of each store. Names 1, 2 and 3 have ids in the first; in the second those ids belong
 * to name 77, to name 2, and to nobody. */
struct messages {
    struct pair pair;
    IMessage *from;
    IMessage *to;
};

static IMessage *create_in(IMAPIFolder *folder)
{
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    return message;
}

static ULONG number_tag(void *object, LONG number)
{
    return copy_named(object, number);
}

static void messages_open(struct fixture *fx, struct messages *messages)
{
    SPropValue *id = copy_make_rich(fx->inbox, "rich");

    messages->from = message_open(fx->store, id);
    mapi_free(id);
    pair_open(fx, &messages->pair);
    messages->to = create_in(messages->pair.to);
    assert_int_equal(number_tag(messages->from, 1), number_tag(messages->to, 77));
    assert_int_not_equal(number_tag(messages->from, 2), number_tag(messages->to, 2));
}

static void messages_close(struct messages *messages)
{
    release_last(messages->from);
    release_last(messages->to);
    pair_close(&messages->pair);
}

/* What is computed cannot be copied; nothing else is missing. */
static void assert_only_computed(LPSPropProblemArray problems)
{
    for (ULONG i = 0; problems != NULL && i < problems->cProblem; i++)
        assert_hr(problems->aProblem[i].scode, MAPI_E_COMPUTED);
    mapi_free(problems);
}

static void copy_all(void *from, void *to, LPCIID iid, ULONG flags)
{
    IMAPIProp *prop = from;
    LPSPropProblemArray problems = NULL;

    assert_ok(prop->lpVtbl->CopyTo(prop, 0, NULL, NULL, 0, NULL, iid, to, flags, &problems));
    assert_only_computed(problems);
}

/* The message that an attachment holds. */
static IMessage *open_held(LPATTACH attach, ULONG flags)
{
    LPUNKNOWN inner = NULL;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, flags, &inner));
    return (IMessage *)(void *)inner;
}

static LPATTACH open_attach(IMessage *message, ULONG number)
{
    LPATTACH attach = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach));
    return attach;
}

static void save(void *object)
{
    IMAPIProp *prop = object;

    assert_ok(prop->lpVtbl->SaveChanges(prop, KEEP_OPEN_READWRITE));
}

/* named-property.Copy.1 IMAPIProp.CopyTo.8 IMAPIProp.CopyTo.10: message, recipients, attachments,
 * and the messages in them. */
static void copy_to__message_of_another_store__names_kept_everywhere(void **state)
{
    struct messages messages;
    ULONG other;

    messages_open(*state, &messages);
    other = number_tag(messages.to, 77);
    copy_all(messages.from, messages.to, &IID_IMessage, 0);
    save(messages.to);
    assert_null(prop_get(messages.to, other));
    assert_int_equal(prop_long(messages.to, number_tag(messages.to, 1)), 11);
    copy_assert_equal(copy_print_of(messages.to), copy_print_of(messages.from));
    release_last(messages.to);

    messages.to = create_in(messages.pair.to);
    prop_set_long(messages.to, other, 770);
    copy_all(messages.from, messages.to, &IID_IMessage, 0);
    assert_int_equal(prop_long(messages.to, other), 770);
    assert_int_equal(prop_long(messages.to, number_tag(messages.to, 1)), 11);
    messages_close(&messages);
}

/* IMAPIProp.CopyTo.3 IMAPIProp.CopyTo.7: the excluded ids are the source's; what is there already
 * goes by name. */
static void copy_to__another_store_excluded_or_not_replaced__by_name(void **state)
{
    struct messages messages;
    SizedSPropTagArray(1, excluded) = { 1, { PR_NULL } };
    ULONG mine, other;

    messages_open(*state, &messages);
    mine = number_tag(messages.to, 1);
    other = number_tag(messages.to, 77);
    excluded.aulPropTag[0] = number_tag(messages.from, 1);
    assert_ok(messages.from->lpVtbl->CopyTo(messages.from, 0, NULL, (LPSPropTagArray)&excluded, 0,
            NULL, &IID_IMessage, messages.to, 0, NULL));
    assert_null(prop_get(messages.to, mine));
    assert_null(prop_get(messages.to, other));
    excluded.aulPropTag[0] = mine; /* another name's in the source, which the message has not */
    assert_int_equal(mine, number_tag(messages.from, 2));
    prop_set_long(messages.to, other, 770);
    assert_ok(messages.from->lpVtbl->CopyTo(messages.from, 0, NULL, (LPSPropTagArray)&excluded, 0,
            NULL, &IID_IMessage, messages.to, MAPI_NOREPLACE, NULL));
    assert_int_equal(prop_long(messages.to, mine), 11);
    assert_int_equal(prop_long(messages.to, other), 770);
    prop_set_long(messages.to, mine, 5);
    copy_all(messages.from, messages.to, &IID_IMessage, MAPI_NOREPLACE);
    assert_int_equal(prop_long(messages.to, mine), 5);
    messages_close(&messages);
}

/* named-property.Copy.1 IMAPIProp.CopyProps.2 IMAPIProp.CopyProps.4 */
static void copy_props__message_of_another_store__listed_names_alone(void **state)
{
    struct messages messages;
    SizedSPropTagArray(3, tags) = { 1, { PR_NULL, PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS } };
    LPSPropProblemArray problems = NULL;
    struct copy_print prints[2] = { { 0 } };

    messages_open(*state, &messages);
    tags.aulPropTag[0] = number_tag(messages.from, 1);
    assert_ok(messages.from->lpVtbl->CopyProps(messages.from, (LPSPropTagArray)&tags, 0, NULL,
            &IID_IMessage, messages.to, 0, &problems));
    assert_null(problems);
    assert_int_equal(prop_long(messages.to, number_tag(messages.to, 1)), 11);
    assert_null(prop_get(messages.to, number_tag(messages.to, 77)));
    assert_null(prop_get(messages.to, PR_SUBJECT_W));
    tags.cValues = 3;
    assert_ok(messages.from->lpVtbl->CopyProps(messages.from, (LPSPropTagArray)&tags, 0, NULL,
            &IID_IMessage, messages.to, 0, &problems));
    assert_null(problems);
    copy_print_recipients(messages.from, &prints[0]);
    copy_print_recipients(messages.to, &prints[1]);
    for (ULONG number = 0; number < 2; number++) {
        copy_print_attachment(messages.from, number, &prints[0]);
        copy_print_attachment(messages.to, number, &prints[1]);
    }
    copy_assert_equal(prints[1], prints[0]);
    messages_close(&messages);
}

/* named-property.Copy.1: what lies inside, each by itself. */
static void copy__parts_of_another_stores_message__names_kept(void **state)
{
    struct messages messages;
    SizedSPropTagArray(1, tags) = { 1, { PR_NULL } };
    LPATTACH from[2], to[2];
    IMessage *inner, *held, *fresh;
    ULONG number = 0;

    messages_open(*state, &messages);
    for (ULONG i = 0; i < 2; i++) {
        from[i] = open_attach(messages.from, i);
        assert_ok(messages.to->lpVtbl->CreateAttach(messages.to, NULL, 0, &number, &to[i]));
        assert_int_equal(number, i);
        copy_all(from[i], to[i], &IID_IAttachment, 0);
        save(to[i]);
    }
    assert_int_equal(prop_long(to[0], number_tag(to[0], 2)), 22);
    tags.aulPropTag[0] = number_tag(from[0], 2);
    prop_set_long(to[0], number_tag(to[0], 2), 0);
    assert_ok(from[0]->lpVtbl->CopyProps(
            from[0], (LPSPropTagArray)&tags, 0, NULL, &IID_IAttachment, to[0], 0, NULL));
    assert_int_equal(prop_long(to[0], number_tag(to[0], 2)), 22);

    /* From inside out, and into what is inside. */
    inner = open_held(from[1], 0);
    held = open_held(to[1], MAPI_CREATE | MAPI_MODIFY);
    fresh = create_in(messages.pair.to);
    copy_all(inner, fresh, &IID_IMessage, 0);
    save(fresh);
    copy_assert_equal(copy_print_of(fresh), copy_print_of(inner));
    release_last(fresh);
    copy_all(messages.from, held, &IID_IMessage, 0);
    save(held);
    copy_assert_equal(copy_print_of(held), copy_print_of(messages.from));
    assert_int_equal(prop_long(held, number_tag(held, 1)), 11);
    release_last(held);
    release_last(inner);
    for (ULONG i = 0; i < 2; i++) {
        release_last(from[i]);
        release_last(to[i]);
    }
    messages_close(&messages);
}

/* Both files say that their ids mean the same, and it is true no longer. */
static void copy_to__file_that_was_copied__names_by_name(void **state)
{
    struct fixture *fx = *state;
    struct fixture *other = raw_copy_of_the_file(fx);
    IMessage *from = NULL;
    IMessage *to = NULL;
    ULONG here;
    ULONG there;

    fixture_logon(other);
    fixture_open_inbox(other);
    copy_named((IMAPIProp *)other->inbox, 77);
    here = PROP_TAG(PT_LONG, PROP_ID(copy_named((IMAPIProp *)fx->inbox, 1)));
    there = PROP_TAG(PT_LONG, PROP_ID(copy_named((IMAPIProp *)other->inbox, 1)));
    assert_int_not_equal(here, there);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &from));
    assert_ok(other->inbox->lpVtbl->CreateMessage(other->inbox, NULL, 0, &to));
    prop_set_long(from, here, 5);

    assert_ok(from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, 0, NULL));

    assert_int_equal(prop_long(to, there), 5);
    release_last(to);
    release_last(from);
    fixture_check_and_free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_to__message_of_another_store__names_kept_everywhere),
        TEST(copy_to__another_store_excluded_or_not_replaced__by_name),
        TEST(copy_props__message_of_another_store__listed_names_alone),
        TEST(copy__parts_of_another_stores_message__names_kept),
        TEST(copy_to__file_that_was_copied__names_by_name),
    };

    return cmocka_run_group_tests_name("copy_names", tests, NULL, NULL);
}
