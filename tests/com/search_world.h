/* SPDX-License-Identifier: MIT */
/*
 * search_world.h - search folders for tests: made, told what to find, and told as a line of the
 * subjects they have found.
 */
#ifndef SEARCH_WORLD_H
#define SEARCH_WORLD_H

#include "table_line.h"

enum { MAX_PLACES = 4 };

/* Folders to search in. */
struct places {
    ENTRYLIST list;
    SBinary bins[MAX_PLACES];
    SPropValue *ids[MAX_PLACES];
};

static inline void places_add(struct places *places, void *folder)
{
    ULONG n = places->list.cValues++;

    assert_true(n < MAX_PLACES);
    places->ids[n] = prop_get(folder, PR_ENTRYID);
    assert_non_null(places->ids[n]);
    places->bins[n] = places->ids[n]->Value.bin;
    places->list.lpbin = places->bins;
}

static inline void places_done(struct places *places)
{
    for (ULONG i = 0; i < places->list.cValues; i++)
        mapi_free(places->ids[i]);
    memset(places, 0, sizeof(*places));
}

/* Messages whose subject has this text in it. `value` lives as long as the restriction. */
static inline SRestriction subject_has(SPropValue *value, const char16_t *text)
{
    SRestriction restriction = { .rt = RES_CONTENT };

    *value = text_value(PR_SUBJECT_W, text);
    restriction.res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction.res.resContent.ulPropTag = PR_SUBJECT_W;
    restriction.res.resContent.lpProp = value;
    return restriction;
}

static inline LPTSTR wide_name(const char16_t *text)
{
    return (LPTSTR)(uintptr_t)text;
}

static inline IMAPIFolder *search_folder_make(IMAPIFolder *parent, const char16_t *name)
{
    IMAPIFolder *folder = POISON;

    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, wide_name(name), NULL, NULL, MAPI_UNICODE, &folder));
    return folder;
}

/* SetSearchCriteria over one folder, or the one used last (NULL); NULL text: the last restriction.
 */
static inline HRESULT search_set(
        IMAPIFolder *search, const char16_t *text, IMAPIFolder *place, ULONG flags)
{
    struct places places = { { 0, NULL }, { { 0, NULL } }, { NULL } };
    SRestriction restriction;
    SPropValue value;
    HRESULT hr;

    if (text != NULL)
        restriction = subject_has(&value, text);
    if (place != NULL)
        places_add(&places, place);
    hr = search->lpVtbl->SetSearchCriteria(
            search, text != NULL ? &restriction : NULL, place != NULL ? &places.list : NULL, flags);
    places_done(&places);
    return hr;
}

static inline ULONG search_state(IMAPIFolder *search)
{
    ULONG state = POISON_LONG;

    assert_ok(search->lpVtbl->GetSearchCriteria(search, 0, NULL, NULL, &state));
    return state;
}

/* The subjects of a folder's contents table, a new one. */
static inline const char *found(IMAPIFolder *folder)
{
    IMAPITable *table = contents_table(folder);
    const char *line = table_line(table);

    release_last(table);
    return line;
}

static inline void assert_found(IMAPIFolder *folder, const char *expected)
{
    assert_string_equal(found(folder), expected);
}

static inline void subject_change(IMsgStore *store, const SPropValue *id, const char *subject)
{
    IMessage *message = message_open(store, id);

    prop_set_text(message, PR_SUBJECT_W, subject);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static inline void message_delete(IMAPIFolder *folder, const SPropValue *id)
{
    SBinary bin = id->Value.bin;
    ENTRYLIST list = { 1, &bin };

    assert_ok(folder->lpVtbl->DeleteMessages(folder, &list, 0, NULL, 0));
}

#endif
