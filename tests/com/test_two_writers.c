/* SPDX-License-Identifier: MIT */
/*
 * test_two_writers.c - two clients have one message with a message inside it open, and what one
 * does to the inner one meets what the other has done to it.
 */
#include "support/support.h"

static IMessage *open_inner(LPATTACH attach, ULONG flags, HRESULT expected)
{
    LPUNKNOWN inner = POISON;

    assert_hr(attach->lpVtbl->OpenProperty(
                      attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, flags, &inner),
            expected);
    if (FAILED(expected))
        assert_null(inner);
    return (IMessage *)(void *)inner;
}

static LPATTACH open_attach(IMessage *message, ULONG number, HRESULT expected)
{
    LPATTACH attach = POISON;

    assert_hr(message->lpVtbl->OpenAttach(message, number, NULL, MAPI_MODIFY, &attach), expected);
    if (FAILED(expected))
        assert_null(attach);
    return attach;
}

static HRESULT save(void *object, ULONG flags)
{
    IMAPIProp *prop = object;

    return prop->lpVtbl->SaveChanges(prop, KEEP_OPEN_READWRITE | flags);
}

/* One side: the message, its attachment, the message in that. */
struct side {
    IMessage *message;
    LPATTACH attach;
    IMessage *inner;
};

struct pair {
    struct fixture *fx;
    SPropValue *id;
    ULONG number;
    struct side a, b;
};

static void open_side(struct pair *pair, struct side *side)
{
    side->message = message_open(pair->fx->store, pair->id);
    side->attach = open_attach(side->message, pair->number, S_OK);
    side->inner = open_inner(side->attach, MAPI_MODIFY, S_OK);
}

static void add_recipient(IMessage *message)
{
    static char name[] = "anna";
    SPropValue values[2] = { { .ulPropTag = PR_DISPLAY_NAME_A },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    SizedADRLIST(1, list) = { 1, { { 0, 2, values } } };

    values[0].Value.lpszA = name;
    values[1].Value.l = MAPI_TO;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)&list));
}

static void pair_open(struct fixture *fx, struct pair *pair)
{
    struct side first = { 0 };

    pair->fx = fx;
    pair->id = message_make(fx->inbox, "outer");
    first.message = message_open(fx->store, pair->id);
    assert_ok(first.message->lpVtbl->CreateAttach(
            first.message, NULL, 0, &pair->number, &first.attach));
    first.inner = open_inner(first.attach, MAPI_CREATE | MAPI_MODIFY, S_OK);
    prop_set_text(first.inner, PR_SUBJECT_W, "inner");
    add_recipient(first.inner);
    assert_ok(save(first.inner, 0));
    assert_ok(save(first.attach, 0));
    assert_ok(save(first.message, 0));
    release_last(first.inner);
    release_last(first.attach);
    release_last(first.message);
    open_side(pair, &pair->a);
    open_side(pair, &pair->b);
}

static void close_side(struct side *side)
{
    if (side->inner != NULL)
        release_last(side->inner);
    if (side->attach != NULL)
        release_last(side->attach);
    release_last(side->message);
}

/* Subjects of the message and of the one inside it as the store has them; NULL: there is none. */
static void assert_stored(struct pair *pair, const char *outer, const char *subject)
{
    IMessage *message = message_open(pair->fx->store, pair->id);
    LPATTACH attach;
    IMessage *inner;

    prop_assert_text(message, PR_SUBJECT_W, outer);
    assert_int_equal(prop_bool(message, PR_HASATTACH), subject != NULL);
    attach = open_attach(message, pair->number, subject != NULL ? S_OK : MAPI_E_NOT_FOUND);
    if (subject != NULL) {
        inner = open_inner(attach, 0, S_OK);
        prop_assert_text(inner, PR_SUBJECT_W, subject);
        release_last(inner);
        release_last(attach);
    }
    release_last(message);
}

static void pair_close(struct pair *pair)
{
    close_side(&pair->a);
    close_side(&pair->b);
    mapi_free(pair->id);
}

static void save_all(struct side *side, ULONG flags, HRESULT expected)
{
    assert_ok(save(side->inner, 0));
    assert_ok(save(side->attach, 0));
    assert_hr(save(side->message, flags), expected);
}

/* IMAPIProp.SaveChanges.3 IMAPIProp.SaveChanges.4 */
static void inner__changed_by_both__forced_one_counts(void **state)
{
    struct pair pair = { 0 };

    pair_open(*state, &pair);
    prop_set_text(pair.a.inner, PR_SUBJECT_W, "from a");
    add_recipient(pair.a.inner);
    save_all(&pair.a, 0, S_OK);
    assert_stored(&pair, "outer", "from a");
    prop_set_text(pair.b.inner, PR_SUBJECT_W, "from b");
    save_all(&pair.b, 0, MAPI_E_OBJECT_CHANGED);
    assert_stored(&pair, "outer", "from a");
    assert_ok(save(pair.b.message, FORCE_SAVE));
    assert_stored(&pair, "outer", "from b");
    pair_close(&pair);
}

/* The message that this side has changed is gone: even a forced save does not bring it back, and
 * stores nothing else. Without it, the rest goes through. */
static void assert_not_resurrected(struct pair *pair, const char *there)
{
    prop_set_text(pair->b.message, PR_SUBJECT_W, "outer from b");
    prop_set_text(pair->b.inner, PR_SUBJECT_W, "from b");
    save_all(&pair->b, 0, MAPI_E_OBJECT_CHANGED);
    assert_hr(save(pair->b.message, FORCE_SAVE), MAPI_E_OBJECT_DELETED);
    assert_stored(pair, "outer", there);

    release_last(pair->b.inner);
    release_last(pair->b.attach);
    assert_ok(pair->b.message->lpVtbl->DeleteAttach(pair->b.message, pair->number, 0, NULL, 0));
    assert_ok(save(pair->b.message, FORCE_SAVE));
    assert_stored(pair, "outer from b", NULL);
}

/* IMAPIProp.SaveChanges.6 IMAPIProp.SaveChanges.8 */
static void inner__removed_by_the_other__never_resurrected(void **state)
{
    struct pair pair = { 0 };

    pair_open(*state, &pair);
    release_last(pair.a.inner);
    release_last(pair.a.attach);
    assert_ok(pair.a.message->lpVtbl->DeleteAttach(pair.a.message, pair.number, 0, NULL, 0));
    assert_ok(save(pair.a.message, 0));
    assert_stored(&pair, "outer", NULL);

    assert_not_resurrected(&pair, NULL);
    pair_close(&pair);
}

/* IMAPIProp.SaveChanges.6: the other has put a new message in the place of the old one. */
static void inner__replaced_by_the_other__never_resurrected(void **state)
{
    struct pair pair = { 0 };

    pair_open(*state, &pair);
    release_last(pair.a.inner);
    pair.a.inner = open_inner(pair.a.attach, MAPI_CREATE | MAPI_MODIFY, S_OK);
    prop_set_text(pair.a.inner, PR_SUBJECT_W, "another");
    save_all(&pair.a, 0, S_OK);
    assert_stored(&pair, "outer", "another");

    assert_not_resurrected(&pair, "another");
    pair_close(&pair);
}

/* IMAPIProp.SaveChanges.4: what this side did not touch is as the other has made it, in the object
 * and in the store. */
static void attachments__of_the_other__there_after_a_forced_save(void **state)
{
    struct pair pair = { 0 };
    LPATTACH attach = NULL;
    LPMAPITABLE table = NULL;
    ULONG number = 0, count = 0;

    pair_open(*state, &pair);
    assert_ok(pair.a.message->lpVtbl->CreateAttach(pair.a.message, NULL, 0, &number, &attach));
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, "data", 4);
    assert_ok(save(attach, 0));
    release_last(attach);
    release_last(pair.a.inner);
    release_last(pair.a.attach);
    assert_ok(pair.a.message->lpVtbl->DeleteAttach(pair.a.message, pair.number, 0, NULL, 0));
    assert_ok(save(pair.a.message, 0));

    release_last(pair.b.inner);
    release_last(pair.b.attach);
    assert_ok(pair.b.message->lpVtbl->GetAttachmentTable(pair.b.message, 0, &table));
    prop_set_text(pair.b.message, PR_SUBJECT_W, "outer from b");
    assert_ok(save(pair.b.message, FORCE_SAVE));

    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(count, 1);
    release_last(table);
    assert_true(prop_bool(pair.b.message, PR_HASATTACH));
    (void)open_attach(pair.b.message, pair.number, MAPI_E_NOT_FOUND);
    attach = open_attach(pair.b.message, number, S_OK);
    release_last(attach);
    pair_close(&pair);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(inner__changed_by_both__forced_one_counts),
        INBOX(inner__removed_by_the_other__never_resurrected),
        INBOX(inner__replaced_by_the_other__never_resurrected),
        INBOX(attachments__of_the_other__there_after_a_forced_save),
    };

    return cmocka_run_group_tests_name("two_writers", tests, NULL, NULL);
}
