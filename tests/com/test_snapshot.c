/* SPDX-License-Identifier: MIT */
/*
 * test_snapshot.c - an open message is what it was when it was opened: recipients and attachments
 * that are asked for after another save, or a deletion, are not those of another message, or none.
 * Within one session and between two.
 */
#include "copy_veil.h"
#include "copy_world.h"
#include "second_session.h"

#define LARGE PROP_TAG(PT_BINARY, 0x6800)

struct scene {
    struct fixture *fx;
    struct second second;
    IMsgStore *other; /* the same session's, or the second one's */
    IMAPIFolder *other_inbox;
    struct plain_id id;
};

/* A subject, a large value, recipients, an attachment. */
static void scene_begin(struct scene *scene, struct fixture *fx, bool two)
{
    unsigned char *bytes = copy_bytes(COPY_LARGE, 1);
    IMessage *message = NULL;
    LPATTACH attach = NULL;
    ULONG number;

    memset(scene, 0, sizeof(*scene));
    scene->fx = fx;
    if (two)
        second_open(fx, &scene->second);
    scene->other = two ? scene->second.store : fx->store;
    scene->other_inbox = two ? scene->second.inbox : fx->inbox;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "first");
    prop_set_binary(message, LARGE, bytes, COPY_LARGE);
    copy_add_recipients(message);
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_text(attach, PR_ATTACH_FILENAME_W, "first");
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    scene->id = plain_id_of(message, 0);
    release_last(message);
    free(bytes);
}

static void scene_end(struct scene *scene)
{
    if (scene->second.store != NULL)
        second_close(&scene->second);
}

static IMessage *scene_open(struct scene *scene)
{
    return plain_open(scene->fx->store, &scene->id);
}

/* The other one has no recipients and no attachments any more. */
static void change_it(struct scene *scene)
{
    SPropTagArray recipients = { 1, { PR_MESSAGE_RECIPIENTS } };
    IMessage *message = plain_open(scene->other, &scene->id);

    prop_set_text(message, PR_SUBJECT_W, "second");
    assert_ok(message->lpVtbl->DeleteProps(message, &recipients, NULL));
    assert_ok(message->lpVtbl->DeleteAttach(message, 0, 0, NULL, 0));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static void remove_large(struct scene *scene)
{
    SPropTagArray large = { 1, { LARGE } };
    IMessage *message = plain_open(scene->other, &scene->id);

    assert_ok(message->lpVtbl->DeleteProps(message, &large, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static void delete_it(struct scene *scene)
{
    SBinary id = { scene->id.size, scene->id.bytes };
    ENTRYLIST list = { 1, &id };

    assert_ok(scene->other_inbox->lpVtbl->DeleteMessages(scene->other_inbox, &list, 0, NULL, 0));
}

static HRESULT table_of(IMessage *message, bool attachments, ULONG *out_rows)
{
    LPMAPITABLE table = POISON;
    HRESULT hr = attachments ? message->lpVtbl->GetAttachmentTable(message, 0, &table)
                             : message->lpVtbl->GetRecipientTable(message, 0, &table);

    if (FAILED(hr)) {
        assert_null(table);
        return hr;
    }
    assert_ok(table->lpVtbl->GetRowCount(table, 0, out_rows));
    release_last(table);
    return hr;
}

/* On both roads: the copy is not made of two messages, and the destination stays empty. What needs
 * neither recipients nor attachments is copied. */
static void assert_not_copied(struct scene *scene, IMessage *message, HRESULT expected)
{
    SPropTagArray subject = { 1, { PR_SUBJECT_W } };

    for (int road = 0; road < 2; road++) {
        SPropProblemArray *problems = POISON;
        IMessage *copy = NULL;
        struct veil veil;
        void *target;

        assert_ok(scene->fx->inbox->lpVtbl->CreateMessage(scene->fx->inbox, NULL, 0, &copy));
        target = road == 1 ? veil_over(&veil, copy, &IID_IMessage) : copy;
        assert_hr(message->lpVtbl->CopyTo(
                          message, 0, NULL, NULL, 0, NULL, &IID_IMessage, target, 0, &problems),
                expected);
        assert_null(problems);
        assert_null(prop_get(copy, PR_SUBJECT_W));
        assert_ok(message->lpVtbl->CopyProps(
                message, &subject, 0, NULL, &IID_IMessage, target, 0, &problems));
        assert_null(problems);
        prop_assert_text(copy, PR_SUBJECT_W, "first");
        release_last(copy);
    }
}

/* Every call that needs recipients or attachments which were not read yet. */
static void assert_refused(struct scene *scene, IMessage *message, HRESULT expected)
{
    LPATTACH attach = POISON;
    ULONG number = 0, rows = 0;
    LPUNKNOWN object = POISON;

    assert_hr(table_of(message, false, &rows), expected);
    assert_hr(table_of(message, true, &rows), expected);
    assert_hr(message->lpVtbl->OpenAttach(message, 0, NULL, 0, &attach), expected);
    assert_null(attach);
    attach = POISON;
    assert_hr(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach), expected);
    assert_null(attach);
    assert_hr(message->lpVtbl->DeleteAttach(message, 0, 0, NULL, 0), expected);
    assert_hr(message->lpVtbl->OpenProperty(
                      message, PR_MESSAGE_ATTACHMENTS, &IID_IMAPITable, 0, 0, &object),
            expected);
    assert_null(object);
    assert_not_copied(scene, message, expected);
}

static void set_in_vain(IMessage *message)
{
    LPMAPIERROR error = NULL;
    HRESULT hr = message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE);

    assert_hr(hr, MAPI_E_OBJECT_CHANGED);
    assert_ok(message->lpVtbl->GetLastError(message, hr, 0, &error));
    assert_non_null(error);
    mapi_free(error);
}

/* IMAPIProp.Transaction.6 IMAPIProp.SaveChanges.3 IMAPIProp.SaveChanges.4 */
static void parts__saved_by_another__not_taken_for_ones_own(void **state)
{
    for (int two = 0; two < 2; two++) {
        struct scene scene;
        IMessage *message;
        ULONG rows = 0;

        scene_begin(&scene, *state, two);
        message = scene_open(&scene);
        change_it(&scene);
        assert_refused(&scene, message, MAPI_E_OBJECT_CHANGED);
        prop_assert_text(message, PR_SUBJECT_W, "first");
        set_in_vain(message);
        assert_refused(&scene, message, MAPI_E_OBJECT_CHANGED); /* that save read nothing either */

        /* By force: what this one never knew stays as the other has it. */
        assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE | FORCE_SAVE));
        assert_ok(table_of(message, false, &rows));
        assert_int_equal(rows, 0);
        release_last(message);
        message = scene_open(&scene);
        prop_assert_text(message, PR_SUBJECT_W, "first");
        assert_ok(table_of(message, true, &rows));
        assert_int_equal(rows, 0);
        release_last(message);
        scene_end(&scene);
    }
}

/* IMAPIProp.Transaction.6 */
static void parts__read_before__stay(void **state)
{
    for (int two = 0; two < 2; two++) {
        struct scene scene;
        IMessage *message;
        ULONG before[2] = { 0 }, after[2] = { 0 };

        scene_begin(&scene, *state, two);
        message = scene_open(&scene);
        for (int i = 0; i < 2; i++)
            assert_ok(table_of(message, i, &before[i]));
        assert_true(before[0] > 0 && before[1] == 1);
        change_it(&scene);
        for (int i = 0; i < 2; i++)
            assert_ok(table_of(message, i, &after[i]));
        assert_memory_equal(before, after, sizeof(before));
        delete_it(&scene);
        for (int i = 0; i < 2; i++)
            assert_ok(table_of(message, i, &after[i]));
        assert_memory_equal(before, after, sizeof(before));
        release_last(message);
        scene_end(&scene);
    }
}

/* A copy of it would be one without recipients and attachments, and the original is gone.
 * IMAPIProp.SaveChanges.5 */
static void parts__deleted_by_another__said_so(void **state)
{
    for (int two = 0; two < 2; two++) {
        struct scene scene;
        IMessage *message;

        scene_begin(&scene, *state, two);
        message = scene_open(&scene);
        delete_it(&scene);
        assert_refused(&scene, message, MAPI_E_OBJECT_DELETED);
        prop_assert_text(message, PR_SUBJECT_W, "first");
        assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_OBJECT_DELETED);
        assert_hr(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE | FORCE_SAVE),
                MAPI_E_OBJECT_DELETED);
        assert_refused(&scene, message, MAPI_E_OBJECT_DELETED);
        release_last(message);
        scene_end(&scene);
    }
}

/* Marked as read, or moved: that is no other message. */
static void parts__marked_or_moved_by_another__there(void **state)
{
    for (int two = 0; two < 2; two++) {
        struct scene scene;
        IMessage *message, *marked;
        ULONG rows = 0;

        scene_begin(&scene, *state, two);
        message = scene_open(&scene);
        marked = plain_open(scene.other, &scene.id);
        assert_ok(marked->lpVtbl->SetReadFlag(marked, SUPPRESS_RECEIPT));
        release_last(marked);
        assert_ok(table_of(message, false, &rows));
        assert_true(rows > 0);
        assert_ok(table_of(message, true, &rows));
        assert_int_equal(rows, 1);
        release_last(message);
        scene_end(&scene);
    }
}

/* IMAPIProp.SaveChanges.4: the other has removed what this one knows by reference only. */
static void large_value__removed_by_another__forced_save_goes_through(void **state)
{
    for (int two = 0; two < 2; two++) {
        struct scene scene;
        IMessage *message;

        scene_begin(&scene, *state, two);
        message = scene_open(&scene);
        remove_large(&scene);
        prop_set_text(message, PR_SUBJECT_W, "forced");
        set_in_vain(message);
        assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE | FORCE_SAVE));
        assert_null(prop_get(message, LARGE));
        release_last(message);
        message = scene_open(&scene);
        prop_assert_text(message, PR_SUBJECT_W, "forced");
        assert_null(prop_get(message, LARGE));
        release_last(message);
        scene_end(&scene);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(parts__saved_by_another__not_taken_for_ones_own),
        TEST(parts__read_before__stay),
        TEST(parts__deleted_by_another__said_so),
        TEST(parts__marked_or_moved_by_another__there),
        TEST(large_value__removed_by_another__forced_save_goes_through),
    };

    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
