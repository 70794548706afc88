/* SPDX-License-Identifier: MIT */
/*
 * test_guids.c - interface identifiers, property sets and the public identity of Mailkeep.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mailkeep.h"
#include "platform/sdk/mapi_sdk.h"

struct named_guid {
    const char *name;
    const GUID *guid;
    const char *text;
};

#define GUID_IS(name, text) { #name, &name, text },

/* clang-format off */
static const struct named_guid guids[] = {
    GUID_IS(GUID_NULL, "00000000-0000-0000-0000-000000000000")
    GUID_IS(IID_IUnknown, "00000000-0000-0000-C000-000000000046")
    GUID_IS(IID_IMalloc, "00000002-0000-0000-C000-000000000046")
    GUID_IS(IID_IStorage, "0000000B-0000-0000-C000-000000000046")
    GUID_IS(IID_IStream, "0000000C-0000-0000-C000-000000000046")
    GUID_IS(IID_ISequentialStream, "0C733A30-2A1C-11CE-ADE5-00AA0044773D")
    GUID_IS(IID_IMAPISession, "00020300-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPITable, "00020301-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIAdviseSink, "00020302-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIProp, "00020303-0000-0000-C000-000000000046")
    GUID_IS(IID_IProfSect, "00020304-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIStatus, "00020305-0000-0000-C000-000000000046")
    GUID_IS(IID_IMsgStore, "00020306-0000-0000-C000-000000000046")
    GUID_IS(IID_IMessage, "00020307-0000-0000-C000-000000000046")
    GUID_IS(IID_IAttachment, "00020308-0000-0000-C000-000000000046")
    GUID_IS(IID_IAddrBook, "00020309-0000-0000-C000-000000000046")
    GUID_IS(IID_IMailUser, "0002030A-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIContainer, "0002030B-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIFolder, "0002030C-0000-0000-C000-000000000046")
    GUID_IS(IID_IABContainer, "0002030D-0000-0000-C000-000000000046")
    GUID_IS(IID_IDistList, "0002030E-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPISup, "0002030F-0000-0000-C000-000000000046")
    GUID_IS(IID_IMSProvider, "00020310-0000-0000-C000-000000000046")
    GUID_IS(IID_IABProvider, "00020311-0000-0000-C000-000000000046")
    GUID_IS(IID_IXPProvider, "00020312-0000-0000-C000-000000000046")
    GUID_IS(IID_IMSLogon, "00020313-0000-0000-C000-000000000046")
    GUID_IS(IID_IABLogon, "00020314-0000-0000-C000-000000000046")
    GUID_IS(IID_IXPLogon, "00020315-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPITableData, "00020316-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIPropData, "0002031A-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIControl, "0002031B-0000-0000-C000-000000000046")
    GUID_IS(IID_IProfAdmin, "0002031C-0000-0000-C000-000000000046")
    GUID_IS(IID_IMsgServiceAdmin, "0002031D-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIProgress, "0002031F-0000-0000-C000-000000000046")
    GUID_IS(IID_IProviderAdmin, "00020325-0000-0000-C000-000000000046")
    GUID_IS(IID_IStreamDocfile, "0002032C-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIFormContainer, "0002032E-0000-0000-C000-000000000046")
    GUID_IS(IID_IStreamTnef, "00020330-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIClientShutdown, "00020397-0000-0000-C000-000000000046")
    GUID_IS(IID_IMAPIProviderShutdown, "00020398-0000-0000-C000-000000000046")
    GUID_IS(PS_MAPI, "00020328-0000-0000-C000-000000000046")
    GUID_IS(PS_PUBLIC_STRINGS, "00020329-0000-0000-C000-000000000046")
    GUID_IS(PS_ROUTING_EMAIL_ADDRESSES, "00020380-0000-0000-C000-000000000046")
    GUID_IS(PS_ROUTING_ADDRTYPE, "00020381-0000-0000-C000-000000000046")
    GUID_IS(PS_ROUTING_DISPLAY_NAME, "00020382-0000-0000-C000-000000000046")
    GUID_IS(PS_ROUTING_ENTRYID, "00020383-0000-0000-C000-000000000046")
    GUID_IS(PS_ROUTING_SEARCH_KEY, "00020384-0000-0000-C000-000000000046")
    GUID_IS(MUID_PROFILE_INSTANCE, "00020385-0000-0000-C000-000000000046")
    GUID_IS(PS_INTERNET_HEADERS, "00020386-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Appointment, "00062002-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Task, "00062003-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Address, "00062004-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Common, "00062008-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Log, "0006200A-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Note, "0006200E-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Report, "00062013-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Remote, "00062014-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Sharing, "00062040-0000-0000-C000-000000000046")
    GUID_IS(PSETID_PostRss, "00062041-0000-0000-C000-000000000046")
    GUID_IS(PSETID_Meeting, "6ED8DA90-450B-101B-98DA-00AA003F1305")
    GUID_IS(PSETID_Messaging, "41F28F13-83F4-4114-A584-EEDB5A6B0BFF")
    GUID_IS(PSETID_UnifiedMessaging, "4442858E-A9E3-4E80-B900-317A210CC15B")
    GUID_IS(SETID_AirSync, "71035549-0739-4DCB-9163-00F0580DBBDF")
    GUID_IS(PSETID_XmlExtractedEntities, "23239608-685D-4732-9C55-4C95CB4E8E33")
    GUID_IS(PSETID_Attachment, "96357F7F-59E1-47D0-99A7-46515C183B54")
};

/* clang-format on */

static void guid_text(const GUID *guid, char out[37])
{
    (void)snprintf(out, 37, "%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X",
            (unsigned)guid->Data1, (unsigned)guid->Data2, (unsigned)guid->Data3, guid->Data4[0],
            guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5],
            guid->Data4[6], guid->Data4[7]);
}

static void guids__any_build__have_their_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(guids) / sizeof(guids[0]); i++) {
        char text[37];

        guid_text(guids[i].guid, text);
        if (strcmp(text, guids[i].text) != 0)
            print_error("%s\n", guids[i].name);
        assert_string_equal(text, guids[i].text);
    }
}

static void guids__two_of_them__compare_by_bytes(void **state)
{
    const GUID copy = IID_IMAPIProp;

    (void)state;
    assert_true(IsEqualGUID(&copy, &IID_IMAPIProp));
    assert_true(IsEqualIID(&copy, &IID_IMAPIProp));
    assert_false(IsEqualGUID(&copy, &IID_IMAPIStatus));
}

/* The bytes of the registered text are those of the GUID in memory. */
static void provider_uid__as_guid__is_the_published_one(void **state)
{
    static const MAPIUID uid = MAILKEEP_PROVIDER_UID;
    GUID guid;
    char text[37];

    (void)state;
    assert_int_equal(sizeof(uid), sizeof(guid));
    memcpy(&guid, &uid, sizeof(guid));
    guid_text(&guid, text);
    assert_string_equal(text, "998E1F31-E866-4CB7-863D-3EB143C174B5");
}

static void mailkeep_tags__published__do_not_change(void **state)
{
    (void)state;
    assert_int_equal(PR_MKEEP_PATH_W, 0x6600001F);
    assert_int_equal(PR_MKEEP_BULK, 0x6601000B);
    assert_string_equal(MAILKEEP_SERVICE_NAME, "MAILKEEP");
    assert_string_equal(MAILKEEP_FILE_EXTENSION, ".mkeep");
    assert_string_equal(MAILKEEP_DLL_NAME, "mailkeep32.dll");
}

static void well_known_uids__initializers__have_their_bytes(void **state)
{
    static const MAPIUID one_off = { MAPI_ONE_OFF_UID };
    static const MAPIUID section = { PS_PROFILE_PROPERTIES_INIT };
    static const BYTE one_off_bytes[16] = "\x81\x2b\x1f\xa4\xbe\xa3\x10\x19"
                                          "\x9d\x6e\x00\xdd\x01\x0f\x54\x02";
    static const BYTE section_bytes[16] = "\x98\x15\xac\x08\xaa\xb0\x10\x1a"
                                          "\x8c\x93\x08\x00\x2b\x2a\x56\xc2";

    (void)state;
    assert_true(IsEqualMAPIUID(&one_off, one_off_bytes));
    assert_true(IsEqualMAPIUID(&section, section_bytes));
    assert_false(IsEqualMAPIUID(&one_off, &section));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guids__any_build__have_their_bytes),
        cmocka_unit_test(guids__two_of_them__compare_by_bytes),
        cmocka_unit_test(provider_uid__as_guid__is_the_published_one),
        cmocka_unit_test(mailkeep_tags__published__do_not_change),
        cmocka_unit_test(well_known_uids__initializers__have_their_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
