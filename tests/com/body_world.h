/* SPDX-License-Identifier: MIT */
/*
 * body_world.h - messages with bodies for tests: one form set, the others looked at.
 */
#ifndef BODY_WORLD_H
#define BODY_WORLD_H

#include "support/support.h"

#define DICTIONARY                                                                                 \
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "     \
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"   \
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

static const char plain_rtf[] = "{\\rtf1\\ansi\\pard Hello {\\b bold} world\\par}";
static const char html_rtf[] =
        "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf \\par\\htmlrtf0 "
        "gr\\'fc\\u8364?n{\\*\\htmltag72 </p>}}";

static inline IMessage *create(struct fixture *fx)
{
    IMessage *message = POISON;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static inline void save(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

/* Closed and opened again from what is on disk. */
static inline IMessage *saved(struct fixture *fx, IMessage *message)
{
    SPropValue *id;

    save(message);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    mapi_free(id);
    return message;
}

/* An uncompressed stream. */
static inline void set_rtf(IMessage *message, const char *rtf)
{
    size_t size = strlen(rtf);
    unsigned char *bytes = malloc(16 + size);
    const ULONG head[4] = { (ULONG)size + 12, (ULONG)size, 0x414C454D, 0 };

    assert_non_null(bytes);
    memcpy(bytes, head, 16);
    memcpy(bytes + 16, rtf, size);
    prop_set_binary(message, PR_RTF_COMPRESSED, bytes, 16 + size);
    free(bytes);
}

static inline void set_html(IMessage *message, const char *html)
{
    prop_set_binary(message, PR_HTML, html, strlen(html));
}

/* The RTF of a compressed stream, the slow way. To be freed. */
static inline char *unpack(const unsigned char *bytes, size_t size)
{
    char window[4096] = DICTIONARY;
    size_t write = sizeof(DICTIONARY) - 1, at = 16, length = 0;
    char *out = malloc(size * 20 + 1);

    assert_non_null(out);
    assert_true(size >= 16 && memcmp(bytes + 8, "LZFu", 4) == 0);
    for (;;) {
        unsigned control = bytes[at++];

        for (unsigned bit = 0; bit < 8; bit++, control >>= 1) {
            size_t from = write, run = 1;

            assert_true(at < size);
            if ((control & 1) != 0) {
                from = (size_t)bytes[at] << 4 | bytes[at + 1] >> 4;
                run = (bytes[at + 1] & 15u) + 2;
                at += 2;
                if (from == write) {
                    assert_int_equal(at, size);
                    out[length] = '\0';
                    return out;
                }
            } else {
                window[write] = (char)bytes[at++];
            }
            for (; run > 0; run--, from = (from + 1) % 4096, write = (write + 1) % 4096)
                out[length++] = window[write] = window[from];
        }
    }
}

static inline void assert_rtf_has(IMessage *message, const char *piece)
{
    SPropValue *value = prop_get(message, PR_RTF_COMPRESSED);
    char *rtf;

    assert_non_null(value);
    rtf = unpack(value->Value.bin.lpb, value->Value.bin.cb);
    if (strstr(rtf, piece) == NULL)
        fail_msg("'%s' is not in: %s", piece, rtf);
    free(rtf);
    mapi_free(value);
}

static inline void assert_binary(IMessage *message, ULONG tag, const char *expected)
{
    SPropValue *value = prop_get(message, tag);

    assert_non_null(value);
    assert_int_equal(value->Value.bin.cb, strlen(expected));
    assert_memory_equal(value->Value.bin.lpb, expected, strlen(expected));
    mapi_free(value);
}

/* Does the message list the property: is it stored? */
static inline bool lists(IMessage *message, ULONG tag)
{
    LPSPropTagArray tags = NULL;
    SPropValue *values = NULL;
    ULONG count = 0;
    bool listed = false, returned = false;

    assert_ok(message->lpVtbl->GetPropList(message, MAPI_UNICODE, &tags));
    for (ULONG i = 0; i < tags->cValues; i++)
        listed = listed || PROP_ID(tags->aulPropTag[i]) == PROP_ID(tag);
    (void)message->lpVtbl->GetProps(message, NULL, MAPI_UNICODE, &count, &values);
    for (ULONG i = 0; i < count; i++)
        returned = returned || PROP_ID(values[i].ulPropTag) == PROP_ID(tag);
    assert_int_equal(listed, returned);
    mapi_free(values);
    mapi_free(tags);
    return listed;
}

static inline LONG native_of(IMessage *message)
{
    return prop_long(message, PR_NATIVE_BODY_INFO);
}

/* The whole of a property through a stream. To be freed. */
static inline char *read_stream(IMessage *message, ULONG tag, size_t *out_size)
{
    IStream *stream = NULL;
    STATSTG stat = { 0 };
    ULONG done = 0;
    char *bytes;

    assert_ok(
            message->lpVtbl->OpenProperty(message, tag, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream));
    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    bytes = malloc((size_t)stat.cbSize.QuadPart + 1);
    assert_non_null(bytes);
    assert_ok(stream->lpVtbl->Read(stream, bytes, (ULONG)stat.cbSize.QuadPart, &done));
    assert_int_equal(done, stat.cbSize.QuadPart);
    *out_size = done;
    release_last(stream);
    return bytes;
}

/* Pieces of one MiB of one byte, and `more` bytes. */
static inline void write_large(IMessage *message, ULONG tag, char byte, size_t pieces, ULONG more)
{
    const size_t piece = 1024 * 1024;
    char *bytes = malloc(piece);
    IStream *stream = NULL;

    assert_non_null(bytes);
    memset(bytes, byte, piece);
    assert_ok(message->lpVtbl->OpenProperty(
            message, tag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)&stream));
    for (size_t i = 0; i < pieces; i++)
        assert_ok(stream->lpVtbl->Write(stream, bytes, (ULONG)piece, NULL));
    assert_ok(stream->lpVtbl->Write(stream, bytes, more, NULL));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);
    free(bytes);
}

#endif
