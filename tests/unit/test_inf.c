/* SPDX-License-Identifier: MIT */
/*
 * test_inf.c - our sections in the text of MAPISVC.INF: put in, put in again, taken out.
 */
#include "dll/inf.h"
#include "host/host_inf.h"
#include "platform/ansi.h"
#include "support/support.h"
#include "util/alloc.h"

static const char dll[] = "C:\\Mail\\mailkeep.dll";

/* What a machine with Outlook has, cut down. */
static const char outlook[] = "[Services]\r\n"
                              "MSPST MS=Outlook Data File\r\n"
                              "MSEMS=Microsoft Exchange Server\r\n"
                              "\r\n"
                              "; by hand: do not touch\r\n"
                              "[MSPST MS]\r\n"
                              "PR_DISPLAY_NAME=Outlook Data File\r\n"
                              "Providers=MSPST MSP\r\n"
                              "[MSPST MSP]\r\n"
                              "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\r\n"
                              "\t66000003=1\r\n";

static struct msp_buf merge_n(const void *text, size_t size)
{
    struct msp_buf out = MSP_BUF_INIT;

    assert_true(inf_merge(text, size, dll, &out));
    assert_non_null(msp_buf_cstr(&out));
    return out;
}

static struct msp_buf merge(const char *text)
{
    return merge_n(text, strlen(text));
}

static struct msp_buf remove_n(const void *text, size_t size)
{
    struct msp_buf out = MSP_BUF_INIT;

    assert_true(inf_remove(text, size, &out));
    assert_non_null(msp_buf_cstr(&out));
    return out;
}

static const char *str(const struct msp_buf *buf)
{
    return (const char *)buf->data;
}

static void assert_text(struct msp_buf got, const void *expected, size_t size)
{
    assert_int_equal(got.size, size);
    assert_memory_equal(got.data, expected, size);
    msp_buf_free(&got);
}

/* Merging again changes nothing, and taking out gives back the text. */
static void assert_there_and_back(const void *text, size_t size)
{
    struct msp_buf merged = merge_n(text, size);

    assert_text(merge_n(merged.data, merged.size), merged.data, merged.size);
    assert_text(remove_n(merged.data, merged.size), text, size);
    assert_text(remove_n(text, size), text, size);
    msp_buf_free(&merged);
}

static struct host_inf parse(const struct msp_buf *text)
{
    struct host_inf inf;
    char why[200];

    if (!host_inf_parse(str(text), text->size, &inf, why, sizeof(why)))
        fail_msg("%s", why);
    return inf;
}

static const char *value_of(const struct host_inf *inf, const char *section, const char *key)
{
    const struct host_inf_section *found = host_inf_section(inf, section);

    return found ? host_inf_value(found, key) : NULL;
}

/* --- what is written ----------------------------------------------------------------------------
 */

/* Registration.Sections.1-5 Registration.ResourceFlags.1-2 Registration.ResourceFlags.6 */
static void merge__into_a_file__a_whole_service(void **state)
{
    struct msp_buf merged = merge(outlook);
    struct host_inf inf = parse(&merged);
    const struct host_inf_section *services = host_inf_section(&inf, "Services");
    const char *provider = value_of(&inf, "MAILKEEP", "Providers");

    (void)state;
    assert_non_null(services);
    assert_non_null(host_inf_value(services, "MAILKEEP"));
    assert_int_equal(services->count, 3);
    assert_non_null(provider);
    assert_string_equal(value_of(&inf, "MAILKEEP", "PR_SERVICE_DLL_NAME"), dll);
    assert_string_equal(value_of(&inf, "MAILKEEP", "PR_SERVICE_ENTRY_NAME"), "MSGServiceEntry");
    assert_string_equal(
            value_of(&inf, "MAILKEEP", "PR_RESOURCE_FLAGS"), "SERVICE_NO_PRIMARY_IDENTITY");
    assert_non_null(host_inf_section(&inf, provider));
    assert_true(strlen(value_of(&inf, provider, "PR_DISPLAY_NAME")) > 0);
    assert_true(strlen(value_of(&inf, provider, "PR_PROVIDER_DISPLAY")) > 0);
    assert_string_equal(value_of(&inf, provider, "PR_PROVIDER_DLL_NAME"), dll);
    assert_string_equal(value_of(&inf, provider, "PR_RESOURCE_TYPE"), "MAPI_STORE_PROVIDER");
    assert_string_equal(value_of(&inf, provider, "PR_RESOURCE_FLAGS"),
            "STATUS_NO_PRIMARY_IDENTITY|STATUS_DEFAULT_STORE");
    host_inf_free(&inf);
    msp_buf_free(&merged);
}

/* Registration.Sections.6 Registration.Sections.7 */
static void merge__into_a_file__nothing_that_does_not_belong_there(void **state)
{
    static const char *const never[] = { "PR_SERVICE_UID", "PR_SERVICES", "PR_STORE_PROVIDERS",
        "3D0C", "3D0E", "3D00", "PASSWORD", "6704", "67F0" };
    struct msp_buf merged = merge("");
    struct host_inf inf = parse(&merged);

    (void)state;
    for (size_t i = 0; i < inf.count; i++) {
        for (size_t k = 0; k < inf.sections[i].count; k++) {
            for (size_t n = 0; n < sizeof(never) / sizeof(never[0]); n++)
                assert_int_not_equal(
                        strncmp(inf.sections[i].entries[k].key, never[n], strlen(never[n])), 0);
        }
    }
    assert_true(inf.count == 3);
    host_inf_free(&inf);
    msp_buf_free(&merged);
}

/* The host reads every property of it: no line is misspelt. */
static void merge__into_nothing__every_line_is_a_property(void **state)
{
    struct msp_buf merged = merge("");
    struct host_inf inf = parse(&merged);
    struct host_bag bag = { 0 };

    (void)state;
    for (size_t i = 1; i < inf.count; i++) {
        for (size_t k = 0; k < inf.sections[i].count; k++) {
            const struct host_inf_entry *entry = &inf.sections[i].entries[k];
            bool is_property;
            char why[200];

            if (!host_inf_property(entry, &bag, &is_property, why, sizeof(why)))
                fail_msg("%s", why);
            assert_true(is_property || strcmp(entry->key, "Providers") == 0);
        }
    }
    assert_string_equal(inf.sections[0].name, "Services");
    host_bag_free(&bag);
    host_inf_free(&inf);
    msp_buf_free(&merged);
}

/* --- everybody else's lines ---------------------------------------------------------------------
 */

/* Registration.Setup.4 Registration.Setup.5 */
static void merge__any_kind_of_lines__is_undone_byte_for_byte(void **state)
{
    static const char *const texts[] = {
        "[Services]\r\n",
        "[Services]",
        "[Services]\n",
        "\n[Services]",
        "\r\n\r\n[Services]\r\nA=b",
        "[Services]\nA=b\n[A]\nPR_DISPLAY_NAME=a\n",
        "[Services]\nA=b\n[A]\nPR_DISPLAY_NAME=a",
        "[Services]\r\nA=b\r\n[A]\r\nPR_DISPLAY_NAME=a",
        "[Services]\nA=b\r\n[A]\n\rPR_DISPLAY_NAME=a\r",
        "[Services]\r\nA=b\n[A]\r\nPR_DISPLAY_NAME=a\r",
        "[Services]\r",
        "; nothing\r\n[sErViCeS]\r\nA=b\r\n[A]\r\n\r\n\r\n",
        "  [SERVICES]  \r\n  A = b  \r\n\t[A]\t\r\n",
        "[Services] ; of this machine\r\nA=b\r\n",
        "[Default Services]\r\nMAILKEEP=not ours\r\n[Services]\r\nA=b\r\n",
        "[Services]\r\nMAILKEEP2=x\r\nMAIL KEEP=y\r\nMAILKEE=z\r\n=\r\nMAILKEEP\r\n",
        "[Services]\r\n[MAILKEEPER]\r\nMAILKEEP=x\r\n[MAILKEEP_Store2]\r\ny=z\r\n",
        "[Services]\r\n;MAILKEEP=off\r\n;[MAILKEEP]\r\n",
        "[Services]\r\nA=b\r\n[Services]\r\nC=d\r\n",
        "MAILKEEP=lost\r\n[\r\n]\r\n[]\r\n[[Services]]\r\n[Services]\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_there_and_back(texts[i], strlen(texts[i]));
    assert_there_and_back(outlook, strlen(outlook));
}

/* Registration.Setup.4 */
static void merge__into_a_file__other_lines_stay_and_ours_are_in_its_kind(void **state)
{
    struct msp_buf merged;

    (void)state;
    merged = merge(outlook);
    assert_memory_equal(merged.data, "[Services]\r\nMAILKEEP=", 21);
    assert_non_null(strstr(str(&merged), strchr(outlook, '\n') + 1)); /* all the rest, in one */
    msp_buf_free(&merged);

    merged = merge("[Services]\nA=b\n");
    assert_null(memchr(merged.data, '\r', merged.size));
    msp_buf_free(&merged);
}

/* Registration.Sections.1 */
static void merge__no_services_yet__makes_them_once(void **state)
{
    static const char *const texts[] = { "", "[A]\r\nx=y\r\n", "[A]\nx=y", "x", "\xEF\xBB\xBF" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t size = strlen(texts[i]);
        struct msp_buf merged = merge(texts[i]);
        struct msp_buf bare = remove_n(merged.data, merged.size);

        assert_non_null(strstr(str(&merged), "[Services]"));
        assert_memory_equal(bare.data, texts[i], size);
        assert_int_equal(
                strncmp(str(&bare) + size + strspn(str(&bare) + size, "\r\n"), "[Services]", 10),
                0);
        assert_text(merge_n(bare.data, bare.size), merged.data, merged.size);
        assert_text(merge_n(merged.data, merged.size), merged.data, merged.size);
        msp_buf_free(&bare);
        msp_buf_free(&merged);
    }
}

/* Registration.Setup.5 */
static void remove__ours_in_the_middle_in_any_case__leaves_the_rest(void **state)
{
    static const char text[] = "[SERVICES]\r\n"
                               "A=b\r\n"
                               "mailkeep = an older one\r\n"
                               "C=d\r\n"
                               "[A]\r\n"
                               "MAILKEEP=mine\r\n"
                               "[mailkeep]\r\n"
                               "PR_DISPLAY_NAME=x\r\n"
                               "\r\n"
                               "; inside\r\n"
                               "66000003=1\r\n"
                               "[MailKeep_Store]\r\n"
                               "junk\r\n"
                               "\r\n"
                               "; about C\r\n"
                               "[C]\r\n"
                               "x=y\r\n"
                               "[MAILKEEP]\r\n"
                               "twice=1\r\n";
    static const char rest[] = "[SERVICES]\r\n"
                               "A=b\r\n"
                               "C=d\r\n"
                               "[A]\r\n"
                               "MAILKEEP=mine\r\n"
                               "\r\n"
                               "; about C\r\n"
                               "[C]\r\n"
                               "x=y\r\n";
    struct msp_buf merged;

    (void)state;
    assert_text(remove_n(text, sizeof(text) - 1), rest, sizeof(rest) - 1);
    merged = merge(text);
    assert_text(remove_n(merged.data, merged.size), rest, sizeof(rest) - 1);
    msp_buf_free(&merged);
}

static void remove__remarks_behind_ours__stay(void **state)
{
    struct msp_buf merged = merge("[Services]\r\n");
    struct msp_buf bare;

    (void)state;
    msp_buf_append_str(&merged, "\r\n; seen by me");
    bare = remove_n(merged.data, merged.size);
    assert_text(bare, "[Services]\r\n\r\n; seen by me", 26);
    msp_buf_free(&merged);
}

static void remove__ours_is_all_there_is__nothing_is_left_but_the_head(void **state)
{
    struct msp_buf merged = merge("");

    (void)state;
    assert_text(remove_n(merged.data, merged.size), "[Services]\r\n", 12);
    assert_text(remove_n("", 0), "", 0);
    assert_text(remove_n("[MAILKEEP]", 10), "", 0);
    msp_buf_free(&merged);
}

/* --- odd files ----------------------------------------------------------------------------------
 */

static void merge__zero_bytes_in_it__they_stay_where_they_are(void **state)
{
    static const char text[] = "\0\0[Services]\r\n"
                               "[Services]\r\n"
                               "A=b\0c\r\n"
                               "\0MAILKEEP=x\r\n"
                               "[MAILKEEP\0]\r\n"
                               "x=y\0\r\n"
                               "\0";

    (void)state;
    assert_there_and_back(text, sizeof(text) - 1);
}

/* Windows reads UTF-16 files of this kind; half a character put in would ruin one. */
static void merge__utf16__is_left_alone(void **state)
{
    static const char little[] = "\xFF\xFE[\0S\0]\0\r\0\n";
    static const char big[] = "\xFE\xFF\0[\0S\0]\0\r\0\n";
    struct msp_buf out = MSP_BUF_INIT;

    (void)state;
    assert_false(inf_merge(little, sizeof(little), dll, &out));
    assert_false(inf_merge(big, sizeof(big) - 1, dll, &out));
    assert_false(inf_remove(little, sizeof(little), &out));
    assert_int_equal(out.size, 0);
    msp_buf_free(&out);
}

static void merge__a_large_file__is_undone_byte_for_byte(void **state)
{
    enum { SIZE = 4 * 1024 * 1024 };

    char *text = test_malloc(SIZE);
    size_t size = 0;

    (void)state;
    size += (size_t)sprintf(text, "[Services]\r\n");
    for (unsigned n = 0; size < SIZE - 200; n++)
        size += (size_t)sprintf(text + size, n % 7 == 0 ? "[S%u]\r\n" : "%08X=some value\r\n", n);
    assert_there_and_back(text, size);
    memset(text + size, 'x', SIZE - size); /* and one line without an end */
    assert_there_and_back(text, SIZE);
    test_free(text);
}

/* Lines of all kinds in any order: what is not ours is there afterwards, in its order. */
static void merge__random_lines__idempotent_and_undone(void **state)
{
    static const char *const lines[] = { "[Services]", "[MAILKEEP]", "[mailkeep_store]", "[A]",
        "MAILKEEP=x", "A=b", "", "; c", " [services] ", "[MAILKEEP" };
    static const char *const ends[] = { "\r\n", "\n", "\r\n", "" };
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct msp_buf text = MSP_BUF_INIT;
        struct msp_buf bare, merged, again;

        for (unsigned n = (seed >> 8) % 9; n > 0; n--) {
            seed = seed * 1664525u + 1013904223u;
            assert_true(msp_buf_append_str(&text, lines[(seed >> 16) % 10]));
            assert_true(msp_buf_append_str(&text, ends[n == 1 ? (seed >> 24) % 4 : seed >> 31]));
        }
        seed = seed * 1664525u + 1013904223u;
        assert_non_null(msp_buf_cstr(&text));

        bare = remove_n(text.data, text.size);
        assert_text(remove_n(bare.data, bare.size), bare.data, bare.size);
        merged = merge_n(text.data, text.size);
        assert_text(merge_n(merged.data, merged.size), merged.data, merged.size);
        again = remove_n(merged.data, merged.size);
        if (again.size == bare.size) {
            assert_memory_equal(again.data, bare.data, bare.size);
        } else { /* there was no [Services] */
            assert_true(again.size > bare.size);
            assert_memory_equal(again.data, bare.data, bare.size);
            assert_non_null(strstr(str(&again) + bare.size, "[Services]"));
        }
        msp_buf_free(&again);
        msp_buf_free(&merged);
        msp_buf_free(&bare);
        msp_buf_free(&text);
    }
}

static void merge__no_memory__says_so(void **state)
{
    (void)state;
    for (unsigned long nth = 1;; nth++) {
        struct msp_buf out = MSP_BUF_INIT;
        bool failed;
        bool ok;

        msp_alloc_fail_at(nth);
        ok = inf_merge(outlook, strlen(outlook), dll, &out);
        failed = msp_alloc_fail_disarm();
        msp_buf_free(&out);
        assert_int_equal(ok, !failed);
        if (!failed)
            break;
    }
}

/* --- the library's name -------------------------------------------------------------------------
 */

static void assert_dll_name(const char *path, const char *expected)
{
    struct msp_buf out = MSP_BUF_INIT;

    assert_true(inf_dll_name(path, &out));
    assert_string_equal(msp_buf_cstr(&out), expected);
    msp_buf_free(&out);
}

/* Registration.DllName.1 Registration.DllName.3 Registration.DllName.5 */
static void dll_name__of_a_path__is_the_path_less_32(void **state)
{
    (void)state;
    assert_dll_name("C:\\Program Files\\Mailkeep\\mailkeep32.dll",
            "C:\\Program Files\\Mailkeep\\mailkeep.dll");
    assert_dll_name("C:\\M\\MAILKEEP32.DLL", "C:\\M\\MAILKEEP.dll");
    assert_dll_name("mailkeep32.dll", "mailkeep.dll");
    assert_dll_name("C:\\a3232.dll", "C:\\a32.dll");
    assert_dll_name("32.dll", ".dll");
}

/* Registration.DllName.3 */
static void dll_name__another_period_in_the_path__is_the_bare_name(void **state)
{
    (void)state;
    assert_dll_name("C:\\Mailkeep 1.0\\mailkeep32.dll", "mailkeep.dll");
    assert_dll_name("\\\\?\\C:\\.x\\mailkeep32.dll", "mailkeep.dll");
    assert_dll_name("C:\\M\\mail.keep32.dll", "mail.keep.dll");
}

/* Registration.DllName.4 */
static void dll_name__letters_outside_the_code_page__is_the_bare_name(void **state)
{
    (void)state;
    if (msp_ansi_code_page() == 65001)
        skip();                                                          /* it has them all */
    assert_dll_name("C:\\\xE2\x98\x83\\mailkeep32.dll", "mailkeep.dll"); /* a snowman */
    assert_dll_name("C:\\\xF0\x9F\x93\xAB\\mailkeep32.dll", "mailkeep.dll");
    assert_dll_name("C:\\bad \xFF utf\\mailkeep32.dll", "mailkeep.dll");
}

/* Registration.DllName.4 */
static void dll_name__letters_of_the_code_page__come_in_it(void **state)
{
    (void)state;
    if (msp_ansi_code_page() != 1252)
        skip();
    assert_dll_name("C:\\J\xC3\xB6rg\\mailkeep32.dll", "C:\\J\xF6rg\\mailkeep.dll");
}

static void dll_name__not_of_windows__is_as_it_is(void **state)
{
    (void)state;
    assert_dll_name("/opt/mail.keep/libmailkeep.so", "/opt/mail.keep/libmailkeep.so");
    assert_dll_name("C:\\mailkeep.dll", "C:\\mailkeep.dll");
    assert_dll_name("", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge__into_a_file__a_whole_service),
        cmocka_unit_test(merge__into_a_file__nothing_that_does_not_belong_there),
        cmocka_unit_test(merge__into_nothing__every_line_is_a_property),
        cmocka_unit_test(merge__any_kind_of_lines__is_undone_byte_for_byte),
        cmocka_unit_test(merge__into_a_file__other_lines_stay_and_ours_are_in_its_kind),
        cmocka_unit_test(merge__no_services_yet__makes_them_once),
        cmocka_unit_test(remove__ours_in_the_middle_in_any_case__leaves_the_rest),
        cmocka_unit_test(remove__remarks_behind_ours__stay),
        cmocka_unit_test(remove__ours_is_all_there_is__nothing_is_left_but_the_head),
        cmocka_unit_test(merge__zero_bytes_in_it__they_stay_where_they_are),
        cmocka_unit_test(merge__utf16__is_left_alone),
        cmocka_unit_test(merge__a_large_file__is_undone_byte_for_byte),
        cmocka_unit_test(merge__random_lines__idempotent_and_undone),
        cmocka_unit_test(merge__no_memory__says_so),
        cmocka_unit_test(dll_name__of_a_path__is_the_path_less_32),
        cmocka_unit_test(dll_name__another_period_in_the_path__is_the_bare_name),
        cmocka_unit_test(dll_name__letters_outside_the_code_page__is_the_bare_name),
        cmocka_unit_test(dll_name__letters_of_the_code_page__come_in_it),
        cmocka_unit_test(dll_name__not_of_windows__is_as_it_is),
    };

    return cmocka_run_group_tests_name("inf", tests, NULL, NULL);
}
