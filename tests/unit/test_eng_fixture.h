/* SPDX-License-Identifier: MIT */
/*
 * test_eng_fixture.h - what the tests of the engine share: a store file of their own, and short
 * ways to fill it.
 *
 * Locks: none; each test runs alone.
 */
#ifndef MSP_TEST_ENG_FIXTURE_H
#define MSP_TEST_ENG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/eng.h"
#include "platform/file.h"
#include "platform/random.h"
#include "util/alloc.h"
#include "util/bag.h"
#include "util/buf.h"
#include "util/bytes.h"

struct fixture {
    char path[600];
    struct eng *eng;
    size_t live; /* blocks that were out before */
};

#define assert_ok(status) assert_int_equal((status), ENG_OK)

static inline void file_path(char *out, size_t size)
{
    unsigned char random[8];
    size_t used = msp_path_temp_folder(out, size);

    assert_true(used > 0 && used < size - 40);
    assert_true(msp_random_bytes(random, sizeof(random)));
    (void)snprintf(out + used - 1, size - used, "%ct-eng-%02x%02x%02x%02x%02x%02x%02x%02x.mkeep",
            MSP_PATH_SEPARATOR, random[0], random[1], random[2], random[3], random[4], random[5],
            random[6], random[7]);
}

/* Path of the file with something behind it; in a buffer that the next call uses again. */
static inline const char *beside(const struct fixture *fx, const char *suffix)
{
    static char name[700];

    (void)snprintf(name, sizeof(name), "%s%s", fx->path, suffix);
    return name;
}

static inline struct eng *open_again(const struct fixture *fx)
{
    struct eng_open_params params = { fx->path, true, false, 200 };
    struct eng_error error;
    struct eng *eng = NULL;

    if (eng_open(&params, &eng, &error) != ENG_OK)
        fail_msg("open: %d %s", error.sqlite_code, error.text);
    return eng;
}

static inline int setup(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    fixture.live = msp_alloc_count_live();
    file_path(fixture.path, sizeof(fixture.path));
    fixture.eng = open_again(&fixture);
    *state = &fixture;
    return 0;
}

/* Nothing may be left: no block, no file beside the store, and the store itself can be deleted. */
static inline int teardown(void **state)
{
    struct fixture *fx = *state;

    eng_close(fx->eng);
    assert_int_equal(msp_alloc_count_live(), fx->live);
    assert_int_equal(msp_file_kind(beside(fx, "-wal")), MSP_FILE_MISSING);
    assert_int_equal(msp_file_kind(beside(fx, "-shm")), MSP_FILE_MISSING);
    assert_int_equal(msp_file_kind(beside(fx, "-journal")), MSP_FILE_MISSING);
    (void)msp_file_delete(fx->path);
    assert_int_equal(msp_file_kind(fx->path), MSP_FILE_MISSING);
    return 0;
}

static inline void reopen(struct fixture *fx)
{
    eng_close(fx->eng);
    fx->eng = open_again(fx);
}

static inline struct eng_text text_of(const char *text)
{
    struct eng_text result = { text, text != NULL ? strlen(text) : 0 };

    return result;
}

static inline bool text_is(const struct eng_text *text, const char *expected)
{
    return expected == NULL ? text->data == NULL
                            : text->data != NULL && text->size == strlen(expected) &&
                                      memcmp(text->data, expected, text->size) == 0;
}

/* A record with one value. */
static inline struct msp_buf record_of(uint32_t tag, const void *data, size_t size)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag bag;

    bag_init(&bag);
    assert_true(bag_set(&bag, tag, 0, data, size));
    assert_true(bag_pack(&bag, &packed));
    bag_done(&bag);
    return packed;
}

/* A record that names some large values. */
static inline struct msp_buf record_of_values(const uint64_t *ids, size_t count)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag bag;

    bag_init(&bag);
    for (size_t i = 0; i < count; i++) {
        struct bag_large large = { ids[i], 1 };
        uint8_t bytes[16];

        bag_large_put(&large, bytes);
        assert_true(bag_set(&bag, (uint32_t)(0x1000 + i) << 16 | 0x102, BAG_LARGE, bytes, 16));
    }
    assert_true(bag_pack(&bag, &packed));
    bag_done(&bag);
    return packed;
}

static inline uint64_t new_id(struct eng *eng)
{
    uint64_t id = 0;

    assert_ok(eng_id_new(eng, &id));
    return id;
}

static inline uint64_t new_folder(struct eng *eng, uint64_t parent, const char *name)
{
    uint64_t id = 0;

    assert_ok(eng_folder_create(eng, parent, ENG_FOLDER_GENERIC, name, strlen(name), NULL, 0, &id));
    return id;
}

/* A row that says something in every column. */
static inline struct eng_msg msg_of(uint64_t id, uint64_t folder, const char *subject)
{
    struct eng_msg msg = { .id = id, .folder = folder, .flags = 0, .status = 2, .importance = 1 };

    msg.size = 1234;
    msg.delivered = UINT64_C(132500000000000000) + id;
    msg.submitted = msg.delivered - 5;
    msg.created = msg.delivered + 7;
    msg.modified = msg.delivered + 9;
    msg.message_class = text_of("IPM.Note");
    msg.subject = text_of(subject);
    msg.sender = text_of("A. Sender");
    msg.display_to = text_of("B. Receiver; C. Other");
    return msg;
}

static inline uint64_t new_msg(struct eng *eng, uint64_t folder, const char *subject)
{
    struct msp_buf packed = record_of(0x0037001F, subject, strlen(subject));
    uint64_t id = new_id(eng);
    struct eng_msg msg = msg_of(id, folder, subject);
    uint64_t change = 0;

    assert_ok(eng_msg_put(eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change));
    assert_int_equal(change, 1);
    msp_buf_free(&packed);
    return id;
}

static inline void assert_counts(struct eng *eng, uint64_t folder, uint32_t content,
        uint32_t unread, uint32_t assoc, uint32_t children)
{
    struct eng_folder row;

    assert_ok(eng_folder_get(eng, folder, &row, NULL, NULL));
    assert_int_equal(row.content_count, content);
    assert_int_equal(row.unread_count, unread);
    assert_int_equal(row.assoc_count, assoc);
    assert_int_equal(row.child_count, children);
}

static inline void print_line(void *context, const char *line)
{
    (void)context;
    print_message("check: %s\n", line);
}

/* The file is whole, down to every count and owner. */
static inline void assert_whole(struct eng *eng)
{
    uint64_t found = 1;

    assert_ok(eng_check(eng, false, print_line, NULL, &found));
    assert_int_equal(found, 0);
}

#endif
