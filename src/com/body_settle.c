/* SPDX-License-Identifier: MIT */
/*
 * body_settle.c - before a save: stored bodies that do not say what the new ones say are dropped.
 *
 * "PR_BODY", "PR_RTF_COMPRESSED": a change of white space alone is none. What a client has set
 * since the last save stays in any case. Texts that are too large to be compared, or for which
 * there is no memory, count as different: a stored form that may be out of step is worse than one
 * that is made anew or missing, and no comparison is to fail a save.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything here runs under the domain lock.
 */
#include <string.h>

#include "com/body_text.h"
#include "com/logon.h"
#include "util/buf.h"

enum { FORM_HTML, FORM_RTF, FORM_TEXT, FORM_COUNT };

static const ULONG form_tags[FORM_COUNT] = { PR_HTML, PR_RTF_COMPRESSED, PR_BODY_W };
/* What is said of the forms. */
static const ULONG sayings[] = { PR_NATIVE_BODY_INFO, PR_RTF_IN_SYNC };

struct settling {
    struct body now;
    struct body before; /* as last saved */
    struct bag *bag;
    bool is_new[FORM_COUNT];   /* set since then */
    bool is_stale[FORM_COUNT]; /* there, and not set since then */
    bool is_told;              /* the client itself has said that RTF and text agree */
    struct msp_buf reference;  /* the text that counts */
    bool has_reference;
    bool is_incomparable; /* there is a new text, but none that can be held */
};

/* Set or removed since the last save? */
static bool is_changed(const struct settling *settling, ULONG tag)
{
    struct bag_value before = { 0 };
    struct bag_value now = { 0 };
    bool was = body_find(&settling->before, tag, &before);
    bool is = body_find(&settling->now, tag, &now);

    return was != is || before.data != now.data || before.tag != now.tag;
}

static bool has_any(const bool forms[FORM_COUNT])
{
    return forms[FORM_HTML] || forms[FORM_RTF] || forms[FORM_TEXT];
}

static void look(struct settling *settling)
{
    struct bag_value cell;

    for (unsigned form = 0; form < FORM_COUNT; form++) {
        bool is_there = body_find(&settling->now, form_tags[form], &cell);
        bool changed = is_changed(settling, form_tags[form]);

        settling->is_new[form] = is_there && changed;
        settling->is_stale[form] = is_there && !changed;
    }
    settling->is_told = is_changed(settling, PR_RTF_IN_SYNC) &&
                        body_find(&settling->now, PR_RTF_IN_SYNC, &cell) &&
                        cell_get_bool(&cell, false);
}

/* No comparison ends a save; only the logon's end does. */
static HRESULT unless_ended(HRESULT hr)
{
    return hr == MAPI_E_INVALID_OBJECT ? hr : S_OK;
}

/* There is a text, and it cannot be held. */
static bool is_too_much(HRESULT hr)
{
    return hr == MAPI_E_TOO_BIG || hr == MAPI_E_NOT_ENOUGH_MEMORY;
}

/* The text of the best new form that can be read. */
static HRESULT find_reference(struct settling *settling)
{
    struct bag_value cell;
    HRESULT hr = MAPI_E_NOT_FOUND;

    for (unsigned form = 0; form < FORM_COUNT; form++) {
        if (hr != MAPI_E_NOT_FOUND && !is_too_much(hr))
            break;
        if (!settling->is_new[form] || !body_find(&settling->now, form_tags[form], &cell))
            continue;
        msp_buf_free(&settling->reference);
        hr = body_text_of(&settling->now, &cell, &settling->reference);
        settling->is_incomparable = settling->is_incomparable || is_too_much(hr);
    }
    settling->has_reference = hr == S_OK;
    return unless_ended(hr);
}

/* The size of the white space at a place; 0: none. */
static size_t blank_size(const struct msp_buf *from, size_t at)
{
    size_t size = from->size - at;
    const unsigned char *text;

    if (size == 0)
        return 0;
    text = from->data + at;
    if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r'))
        return 1;
    return size >= 2 && text[0] == 0xC2 && text[1] == 0xA0 ? 2 : 0; /* U+00A0 */
}

static size_t skip_blanks(const struct msp_buf *text, size_t at)
{
    size_t blank;

    do {
        blank = blank_size(text, at);
        at += blank;
    } while (blank > 0);
    return at;
}

/* The same but for white space? */
static bool is_same_text(const struct msp_buf *a, const struct msp_buf *b)
{
    size_t at_a = skip_blanks(a, 0);
    size_t at_b = skip_blanks(b, 0);

    while (at_a < a->size && at_b < b->size && a->data[at_a] == b->data[at_b]) {
        at_a = skip_blanks(a, at_a + 1);
        at_b = skip_blanks(b, at_b + 1);
    }
    return at_a == a->size && at_b == b->size;
}

/* Does a form, of which the cell is given, say what the reference says? One that is no text at all,
 * or too much of it, does not; of one that the store cannot read at the moment nobody knows. */
static HRESULT agrees(
        struct settling *settling, const struct body *body, const struct bag_value *cell, bool *out)
{
    struct msp_buf text = MSP_BUF_INIT;
    HRESULT hr = body_text_of(body, cell, &text);

    if (hr == S_OK)
        *out = is_same_text(&text, &settling->reference);
    else
        *out = hr != MAPI_E_NOT_FOUND && !is_too_much(hr);
    msp_buf_free(&text);
    return unless_ended(hr);
}

/* A new PR_BODY that is the old one, or what clients were given as such, but for white space: the
 * other forms stay however their own text differs. */
static HRESULT is_touched_up(struct settling *settling, bool *out)
{
    struct msp_buf text = MSP_BUF_INIT;
    struct bag_value cell;
    HRESULT hr;

    *out = false;
    if (!settling->is_new[FORM_TEXT] || settling->is_new[FORM_RTF] || settling->is_new[FORM_HTML])
        return S_OK;
    if (body_find(&settling->before, PR_BODY_W, &cell))
        return agrees(settling, &settling->before, &cell, out);
    hr = body_make_text(&settling->before, &text);
    *out = hr == S_OK && is_same_text(&text, &settling->reference);
    msp_buf_free(&text);
    return unless_ended(hr);
}

/* RTF and text of which the client has said that they agree are believed to. */
static bool is_vouched_for(const struct settling *settling, unsigned form)
{
    if (!settling->is_told || settling->is_new[FORM_HTML])
        return false;
    return (form == FORM_TEXT && settling->is_new[FORM_RTF]) ||
           (form == FORM_RTF && settling->is_new[FORM_TEXT]);
}

static void drop(struct settling *settling, ULONG tag)
{
    (void)bag_remove(settling->bag, tag); /* there is room */
}

/* What the dropped ones were said to be goes with them, unless it has just been said. */
static void drop_all(struct settling *settling, const bool drops[FORM_COUNT])
{
    if (!has_any(drops))
        return;
    for (size_t i = 0; i < MSP_COUNT_OF(sayings); i++) {
        if (!is_changed(settling, sayings[i]))
            drop(settling, sayings[i]);
    }
    for (unsigned form = 0; form < FORM_COUNT; form++) {
        if (drops[form])
            drop(settling, form_tags[form]);
    }
}

static HRESULT drop_stale(struct settling *settling)
{
    bool drops[FORM_COUNT] = { false };
    HRESULT hr = S_OK;

    for (unsigned form = 0; form < FORM_COUNT && SUCCEEDED(hr); form++) {
        struct bag_value cell;
        bool agreed = false;

        if (!settling->is_stale[form] || is_vouched_for(settling, form) ||
                !body_find(&settling->now, form_tags[form], &cell))
            continue;
        if (settling->has_reference)
            hr = agrees(settling, &settling->now, &cell, &agreed);
        drops[form] = !agreed;
    }
    if (SUCCEEDED(hr))
        drop_all(settling, drops);
    return hr;
}

HRESULT body_settle(struct msp_call *call, struct logon *logon, struct bag *bag)
{
    struct settling settling = { .now = { .logon = logon, .bag = bag }, .bag = bag };
    bool touched_up = false;
    HRESULT hr;

    settling.before.logon = logon;
    settling.before.packed = bag->base;
    settling.before.packed_size = bag->base_size;
    look(&settling);
    if (!has_any(settling.is_new) || !has_any(settling.is_stale))
        return S_OK;
    /* First of all, since the texts may take what memory there is. */
    if (!bag_reserve(bag, FORM_COUNT + MSP_COUNT_OF(sayings)))
        return msp_fail(call, MAPI_E_NOT_ENOUGH_MEMORY, 0, "There is not enough memory to save.");
    hr = find_reference(&settling);
    if (SUCCEEDED(hr) && settling.has_reference)
        hr = is_touched_up(&settling, &touched_up);
    if (SUCCEEDED(hr) && (settling.has_reference || settling.is_incomparable) && !touched_up)
        hr = drop_stale(&settling);
    msp_buf_free(&settling.reference);
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "The texts of the message could not be compared.");
    return S_OK;
}
