/* SPDX-License-Identifier: MIT */
/*
 * test_save_flags.c - every combination of SaveChanges' flags, on every kind of object: what is
 * stored, and what may be done with the object afterwards.
 */
#include "support/support.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6800)

enum { MESSAGE, ATTACHMENT, INNER, FOLDER, STORE, KINDS };

/* The object of a kind, and what holds it. */
struct chain {
    IMessage *message;
    LPATTACH attach;
    IMessage *inner;
    IMAPIProp *object; /* one of them, or a folder or the store */
    SPropValue *id;
    ULONG number;
};

static void open_chain(struct fixture *fx, unsigned kind, struct chain *chain)
{
    LPUNKNOWN inner = NULL;

    chain->message = message_open(fx->store, chain->id);
    assert_ok(chain->message->lpVtbl->OpenAttach(
            chain->message, chain->number, NULL, MAPI_MODIFY, &chain->attach));
    assert_ok(chain->attach->lpVtbl->OpenProperty(
            chain->attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_MODIFY, &inner));
    chain->inner = (IMessage *)(void *)inner;

    IMAPIProp *const objects[KINDS] = { (IMAPIProp *)(void *)chain->message,
        (IMAPIProp *)(void *)chain->attach, (IMAPIProp *)(void *)chain->inner,
        (IMAPIProp *)(void *)fx->inbox, (IMAPIProp *)(void *)fx->store };

    chain->object = objects[kind];
}

static void close_chain(struct chain *chain)
{
    release_last(chain->inner);
    release_last(chain->attach);
    release_last(chain->message);
}

static HRESULT save(void *object, ULONG flags)
{
    IMAPIProp *prop = object;

    return prop->lpVtbl->SaveChanges(prop, flags);
}

/* A message with an attachment with a message, all saved. */
static void make_chain(struct fixture *fx, struct chain *chain)
{
    LPUNKNOWN inner = NULL;

    chain->id = message_make(fx->inbox, "chain");
    chain->message = message_open(fx->store, chain->id);
    assert_ok(chain->message->lpVtbl->CreateAttach(
            chain->message, NULL, 0, &chain->number, &chain->attach));
    assert_ok(chain->attach->lpVtbl->OpenProperty(chain->attach, PR_ATTACH_DATA_OBJ, &IID_IMessage,
            0, MAPI_CREATE | MAPI_MODIFY, &inner));
    chain->inner = (IMessage *)(void *)inner;
    assert_ok(save(chain->inner, KEEP_OPEN_READWRITE));
    assert_ok(save(chain->attach, KEEP_OPEN_READWRITE));
    assert_ok(save(chain->message, KEEP_OPEN_READWRITE));
    close_chain(chain);
}

/* What lies around the object is saved, too, so that the store gets it. */
static void save_around(struct chain *chain, unsigned kind)
{
    if (kind == INNER)
        assert_ok(save(chain->attach, KEEP_OPEN_READWRITE));
    if (kind == INNER || kind == ATTACHMENT)
        assert_ok(save(chain->message, KEEP_OPEN_READWRITE));
}

static void assert_stored(struct fixture *fx, unsigned kind, struct chain *chain, LONG expected)
{
    struct chain other = { .id = chain->id, .number = chain->number };

    open_chain(fx, kind, &other);
    assert_int_equal(prop_long(other.object, NUMBER), expected);
    close_chain(&other);
}

/* Is it read-only after such a save? Folders and stores never lose what they were opened with. */
static bool gives_up_writing(unsigned kind, ULONG flags)
{
    return kind <= INNER && (flags & KEEP_OPEN_READONLY) != 0 && (flags & KEEP_OPEN_READWRITE) == 0;
}

/* IMAPIProp.SaveChanges.1 IMAPIProp.SaveChanges.9 IMAPIProp.SaveChanges.10
 * IMAPIProp.SaveChanges.13 IMAPIProp.SaveChanges.14
 * IMAPIProp.SaveChanges.16 IMAPIProp.SaveChanges.19 */
static void save__every_combination__stored_and_as_writable_as_asked(void **state)
{
    static const ULONG bits[] = { KEEP_OPEN_READONLY, KEEP_OPEN_READWRITE, FORCE_SAVE,
        MAPI_DEFERRED_ERRORS, NON_EMS_XP_SAVE, SPAMFILTER_ONSAVE };

    enum { BITS = sizeof(bits) / sizeof(bits[0]) };
    struct fixture *fx = *state;
    struct chain chain = { 0 };
    LONG last = 0;

    make_chain(fx, &chain);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned set = 0; set < 1u << BITS; set++) {
            SPropValue value = { .ulPropTag = NUMBER };
            ULONG flags = 0;
            HRESULT again;

            for (unsigned i = 0; i < BITS; i++)
                flags |= (set & 1u << i) != 0 ? bits[i] : 0;
            open_chain(fx, kind, &chain);
            prop_set_long(chain.object, NUMBER, ++last);
            assert_ok(save(chain.object, flags));
            assert_int_equal(prop_long(chain.object, NUMBER), last);
            again = gives_up_writing(kind, flags) ? MAPI_E_NO_ACCESS : S_OK;
            value.Value.l = last;
            assert_hr(chain.object->lpVtbl->SetProps(chain.object, 1, &value, NULL), again);
            assert_hr(save(chain.object, KEEP_OPEN_READWRITE), again);
            save_around(&chain, kind);
            close_chain(&chain);
            assert_stored(fx, kind, &chain, last);
        }
    }
    mapi_free(chain.id);
}

/* IMAPIProp.General.3: nothing is stored, and the object stays as it was. */
static void save__any_other_flag__unknown_and_nothing_stored(void **state)
{
    const ULONG known = KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE |
                        MAPI_DEFERRED_ERRORS | NON_EMS_XP_SAVE | SPAMFILTER_ONSAVE;
    struct fixture *fx = *state;
    struct chain chain = { 0 };

    make_chain(fx, &chain);
    for (unsigned kind = 0; kind <= INNER; kind++) {
        open_chain(fx, kind, &chain);
        prop_set_long(chain.object, NUMBER, 1);
        assert_ok(save(chain.object, KEEP_OPEN_READWRITE));
        save_around(&chain, kind);
        prop_set_long(chain.object, NUMBER, 2);
        for (unsigned bit = 0; bit < 32; bit++) {
            if ((known & 1u << bit) != 0)
                continue;
            assert_hr(save(chain.object, 1u << bit), MAPI_E_UNKNOWN_FLAGS);
            assert_int_equal(prop_long(chain.object, NUMBER), 2);
        }
        close_chain(&chain);
        assert_stored(fx, kind, &chain, 1);
    }
    mapi_free(chain.id);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(save__every_combination__stored_and_as_writable_as_asked),
        INBOX(save__any_other_flag__unknown_and_nothing_stored),
    };

    return cmocka_run_group_tests_name("save_flags", tests, NULL, NULL);
}
