/* SPDX-License-Identifier: MIT */
/*
 * mapiextags.h - property tags that came after MAPI 1.0: Outlook's and Exchange's, where a store
 * without Exchange meets them.
 */
#ifndef MAILKEEP_MAPIEXTAGS_H
#define MAILKEEP_MAPIEXTAGS_H

#include "mapi/mapicode.h"
#include "mapi/mapidefs.h"

/* clang-format off */

/* ---- Messages ------------------------------------------------------------------------------- */

#define PR_REPORT_DISPOSITION                    PROP_TAG(PT_TSTRING, 0x0080)
#define PR_REPORT_DISPOSITION_W                  PROP_TAG(PT_UNICODE, 0x0080)
#define PR_REPORT_DISPOSITION_A                  PROP_TAG(PT_STRING8, 0x0080)
#define PR_REPORT_DISPOSITION_MODE               PROP_TAG(PT_TSTRING, 0x0081)
#define PR_REPORT_DISPOSITION_MODE_W             PROP_TAG(PT_UNICODE, 0x0081)
#define PR_REPORT_DISPOSITION_MODE_A             PROP_TAG(PT_STRING8, 0x0081)
#define PR_REPORT_ORIGINAL_SENDER                PROP_TAG(PT_TSTRING, 0x0082)
#define PR_REPORT_ORIGINAL_SENDER_W              PROP_TAG(PT_UNICODE, 0x0082)
#define PR_REPORT_ORIGINAL_SENDER_A              PROP_TAG(PT_STRING8, 0x0082)
#define PR_MESSAGE_SIZE_EXTENDED                 PROP_TAG(PT_I8, 0x0E08)
#define PR_INTERNET_ARTICLE_NUMBER               PROP_TAG(PT_LONG, 0x0E23)
#define PR_NT_SECURITY_DESCRIPTOR                PROP_TAG(PT_BINARY, 0x0E27)
#define PR_PRIMARY_SEND_ACCOUNT                  PROP_TAG(PT_TSTRING, 0x0E28)
#define PR_PRIMARY_SEND_ACCOUNT_W                PROP_TAG(PT_UNICODE, 0x0E28)
#define PR_PRIMARY_SEND_ACCOUNT_A                PROP_TAG(PT_STRING8, 0x0E28)
#define PR_NEXT_SEND_ACCT                        PROP_TAG(PT_TSTRING, 0x0E29)
#define PR_NEXT_SEND_ACCT_W                      PROP_TAG(PT_UNICODE, 0x0E29)
#define PR_NEXT_SEND_ACCT_A                      PROP_TAG(PT_STRING8, 0x0E29)
#define PR_TODO_ITEM_FLAGS                       PROP_TAG(PT_LONG, 0x0E2B)
#define PR_SWAPPED_TODO_STORE                    PROP_TAG(PT_BINARY, 0x0E2C)
#define PR_SWAPPED_TODO_DATA                     PROP_TAG(PT_BINARY, 0x0E2D)
#define PR_READ                                  PROP_TAG(PT_BOOLEAN, 0x0E69)
#define PR_EXTENDED_RULE_MSG_ACTIONS             PROP_TAG(PT_BINARY, 0x0E99)
#define PR_EXTENDED_RULE_MSG_CONDITION           PROP_TAG(PT_BINARY, 0x0E9A)
#define PR_EXTENDED_RULE_SIZE_LIMIT              PROP_TAG(PT_LONG, 0x0E9B)
#define PR_BODY_HTML                             PROP_TAG(PT_TSTRING, 0x1013)
#define PR_BODY_HTML_W                           PROP_TAG(PT_UNICODE, 0x1013)
#define PR_BODY_HTML_A                           PROP_TAG(PT_STRING8, 0x1013)
#define PR_BODY_CONTENT_LOCATION                 PROP_TAG(PT_TSTRING, 0x1014)
#define PR_BODY_CONTENT_LOCATION_W               PROP_TAG(PT_UNICODE, 0x1014)
#define PR_BODY_CONTENT_LOCATION_A               PROP_TAG(PT_STRING8, 0x1014)
#define PR_BODY_CONTENT_ID                       PROP_TAG(PT_TSTRING, 0x1015)
#define PR_BODY_CONTENT_ID_W                     PROP_TAG(PT_UNICODE, 0x1015)
#define PR_BODY_CONTENT_ID_A                     PROP_TAG(PT_STRING8, 0x1015)
#define PR_INTERNET_LINES                        PROP_TAG(PT_LONG, 0x1034)
#define PR_INTERNET_ORGANIZATION                 PROP_TAG(PT_TSTRING, 0x1037)
#define PR_INTERNET_ORGANIZATION_W               PROP_TAG(PT_UNICODE, 0x1037)
#define PR_INTERNET_ORGANIZATION_A               PROP_TAG(PT_STRING8, 0x1037)
#define PR_LIST_HELP                             PROP_TAG(PT_TSTRING, 0x1043)
#define PR_LIST_HELP_W                           PROP_TAG(PT_UNICODE, 0x1043)
#define PR_LIST_HELP_A                           PROP_TAG(PT_STRING8, 0x1043)
#define PR_LIST_SUBSCRIBE                        PROP_TAG(PT_TSTRING, 0x1044)
#define PR_LIST_SUBSCRIBE_W                      PROP_TAG(PT_UNICODE, 0x1044)
#define PR_LIST_SUBSCRIBE_A                      PROP_TAG(PT_STRING8, 0x1044)
#define PR_LIST_UNSUBSCRIBE                      PROP_TAG(PT_TSTRING, 0x1045)
#define PR_LIST_UNSUBSCRIBE_W                    PROP_TAG(PT_UNICODE, 0x1045)
#define PR_LIST_UNSUBSCRIBE_A                    PROP_TAG(PT_STRING8, 0x1045)
#define PR_INTERNET_RETURN_PATH                  PROP_TAG(PT_TSTRING, 0x1046)
#define PR_INTERNET_RETURN_PATH_W                PROP_TAG(PT_UNICODE, 0x1046)
#define PR_INTERNET_RETURN_PATH_A                PROP_TAG(PT_STRING8, 0x1046)
#define PR_LAST_VERB_EXECUTED                    PROP_TAG(PT_LONG, 0x1081)
#define PR_LAST_VERB_EXECUTION_TIME              PROP_TAG(PT_SYSTIME, 0x1082)
#define PR_FLAG_COMPLETE_TIME                    PROP_TAG(PT_SYSTIME, 0x1091)
#define PR_FOLLOWUP_ICON                         PROP_TAG(PT_LONG, 0x1095)
#define PR_ITEM_TMPFLAGS                         PROP_TAG(PT_LONG, 0x1097)
#define PR_CONFLICT_ITEMS                        PROP_TAG(PT_MV_BINARY, 0x1098)
#define PR_URL_COMP_NAME                         PROP_TAG(PT_TSTRING, 0x10F3)
#define PR_URL_COMP_NAME_W                       PROP_TAG(PT_UNICODE, 0x10F3)
#define PR_URL_COMP_NAME_A                       PROP_TAG(PT_STRING8, 0x10F3)
#define PR_ATTR_HIDDEN                           PROP_TAG(PT_BOOLEAN, 0x10F4)
#define PR_ATTR_SYSTEM                           PROP_TAG(PT_BOOLEAN, 0x10F5)
#define PR_ATTR_READONLY                         PROP_TAG(PT_BOOLEAN, 0x10F6)

/* ---- Stores and folders --------------------------------------------------------------------- */

#define PR_STORE_UNICODE_MASK                    PROP_TAG(PT_LONG, 0x340F)
#define PR_PROVIDER_DISPLAY_NAME                 PROP_TAG(PT_TSTRING, 0x3418)
#define PR_PROVIDER_DISPLAY_NAME_W               PROP_TAG(PT_UNICODE, 0x3418)
#define PR_PROVIDER_DISPLAY_NAME_A               PROP_TAG(PT_STRING8, 0x3418)
#define PR_IPM_JOURNAL_ENTRYID                   PROP_TAG(PT_BINARY, 0x36D2)
#define PR_IPM_NOTE_ENTRYID                      PROP_TAG(PT_BINARY, 0x36D3)
#define PR_REM_ONLINE_ENTRYID                    PROP_TAG(PT_BINARY, 0x36D5)
#define PR_REM_OFFLINE_ENTRYID                   PROP_TAG(PT_BINARY, 0x36D6)
#define PR_ADDITIONAL_REN_ENTRYIDS               PROP_TAG(PT_MV_BINARY, 0x36D8)
#define PR_ADDITIONAL_REN_ENTRYIDS_EX            PROP_TAG(PT_BINARY, 0x36D9)
#define PR_EXTENDED_FOLDER_FLAGS                 PROP_TAG(PT_BINARY, 0x36DA)
#define PR_FOLDER_WEBVIEWINFO                    PROP_TAG(PT_BINARY, 0x36DF)
#define PR_FOLDER_XVIEWINFO_E                    PROP_TAG(PT_BINARY, 0x36E0)
#define PR_FOLDER_VIEWS_ONLY                     PROP_TAG(PT_LONG, 0x36E1)
#define PR_ORDINAL_MOST                          PROP_TAG(PT_LONG, 0x36E2)
#define PR_USERFIELDS                            PROP_TAG(PT_BINARY, 0x36E3)
#define PR_FREEBUSY_ENTRYIDS                     PROP_TAG(PT_MV_BINARY, 0x36E4)
#define PR_DEF_POST_MSGCLASS                     PROP_TAG(PT_TSTRING, 0x36E5)
#define PR_DEF_POST_MSGCLASS_W                   PROP_TAG(PT_UNICODE, 0x36E5)
#define PR_DEF_POST_MSGCLASS_A                   PROP_TAG(PT_STRING8, 0x36E5)
#define PR_DEF_POST_DISPLAYNAME                  PROP_TAG(PT_TSTRING, 0x36E6)
#define PR_DEF_POST_DISPLAYNAME_W                PROP_TAG(PT_UNICODE, 0x36E6)
#define PR_DEF_POST_DISPLAYNAME_A                PROP_TAG(PT_STRING8, 0x36E6)
#define PR_AGING_PERIOD                          PROP_TAG(PT_LONG, 0x36EC)
#define PR_AGING_GRANULARITY                     PROP_TAG(PT_LONG, 0x36EE)

/* ---- Attachments ---------------------------------------------------------------------------- */

#define PR_ATTACH_MIME_SEQUENCE                  PROP_TAG(PT_LONG, 0x3710)
#define PR_ATTACH_CONTENT_BASE                   PROP_TAG(PT_TSTRING, 0x3711)
#define PR_ATTACH_CONTENT_BASE_W                 PROP_TAG(PT_UNICODE, 0x3711)
#define PR_ATTACH_CONTENT_BASE_A                 PROP_TAG(PT_STRING8, 0x3711)
#define PR_ATTACH_CONTENT_ID                     PROP_TAG(PT_TSTRING, 0x3712)
#define PR_ATTACH_CONTENT_ID_W                   PROP_TAG(PT_UNICODE, 0x3712)
#define PR_ATTACH_CONTENT_ID_A                   PROP_TAG(PT_STRING8, 0x3712)
#define PR_ATTACH_CONTENT_LOCATION               PROP_TAG(PT_TSTRING, 0x3713)
#define PR_ATTACH_CONTENT_LOCATION_W             PROP_TAG(PT_UNICODE, 0x3713)
#define PR_ATTACH_CONTENT_LOCATION_A             PROP_TAG(PT_STRING8, 0x3713)
#define PR_ATTACH_FLAGS                          PROP_TAG(PT_LONG, 0x3714)
#define PR_ATTACH_CONTENT_DISPOSITION            PROP_TAG(PT_TSTRING, 0x3716)
#define PR_ATTACH_CONTENT_DISPOSITION_W          PROP_TAG(PT_UNICODE, 0x3716)
#define PR_ATTACH_CONTENT_DISPOSITION_A          PROP_TAG(PT_STRING8, 0x3716)
#define PR_ATTACH_PAYLOAD_PROV_GUID_STR          PROP_TAG(PT_TSTRING, 0x3719)
#define PR_ATTACH_PAYLOAD_PROV_GUID_STR_W        PROP_TAG(PT_UNICODE, 0x3719)
#define PR_ATTACH_PAYLOAD_PROV_GUID_STR_A        PROP_TAG(PT_STRING8, 0x3719)
#define PR_ATTACH_PAYLOAD_CLASS                  PROP_TAG(PT_TSTRING, 0x371A)
#define PR_ATTACH_PAYLOAD_CLASS_W                PROP_TAG(PT_UNICODE, 0x371A)
#define PR_ATTACH_PAYLOAD_CLASS_A                PROP_TAG(PT_STRING8, 0x371A)
#define PR_ATTACHMENT_LINKID                     PROP_TAG(PT_LONG, 0x7FFA)
#define PR_EXCEPTION_STARTTIME                   PROP_TAG(PT_SYSTIME, 0x7FFB)
#define PR_EXCEPTION_ENDTIME                     PROP_TAG(PT_SYSTIME, 0x7FFC)
#define PR_ATTACHMENT_FLAGS                      PROP_TAG(PT_LONG, 0x7FFD)
#define PR_ATTACHMENT_HIDDEN                     PROP_TAG(PT_BOOLEAN, 0x7FFE)
#define PR_ATTACHMENT_CONTACTPHOTO               PROP_TAG(PT_BOOLEAN, 0x7FFF)

/* ---- Recipients, people --------------------------------------------------------------------- */

#define PR_DISPLAY_TYPE_EX                       PROP_TAG(PT_LONG, 0x3905)
#define PR_SEND_INTERNET_ENCODING                PROP_TAG(PT_LONG, 0x3A71)
#define PR_RECIPIENT_RESOURCESTATE               PROP_TAG(PT_LONG, 0x5FDE)
#define PR_RECIPIENT_ORDER                       PROP_TAG(PT_LONG, 0x5FDF)
#define PR_RECIPIENT_PROPOSED                    PROP_TAG(PT_BOOLEAN, 0x5FE1)
#define PR_RECIPIENT_PROPOSEDSTARTTIME           PROP_TAG(PT_SYSTIME, 0x5FE3)
#define PR_RECIPIENT_PROPOSEDENDTIME             PROP_TAG(PT_SYSTIME, 0x5FE4)
#define PR_RECIPIENT_DISPLAY_NAME                PROP_TAG(PT_TSTRING, 0x5FF6)
#define PR_RECIPIENT_DISPLAY_NAME_W              PROP_TAG(PT_UNICODE, 0x5FF6)
#define PR_RECIPIENT_DISPLAY_NAME_A              PROP_TAG(PT_STRING8, 0x5FF6)
#define PR_RECIPIENT_ENTRYID                     PROP_TAG(PT_BINARY, 0x5FF7)
#define PR_RECIPIENT_TRACKSTATUS_TIME            PROP_TAG(PT_SYSTIME, 0x5FFB)
#define PR_RECIPIENT_FLAGS                       PROP_TAG(PT_LONG, 0x5FFD)
#define PR_RECIPIENT_TRACKSTATUS                 PROP_TAG(PT_LONG, 0x5FFF)

/* ---- Character sets, makers and changers, deferred sending ---------------------------------- */

#define PR_INTERNET_CPID                         PROP_TAG(PT_LONG, 0x3FDE)
#define PR_AUTO_RESPONSE_SUPPRESS                PROP_TAG(PT_LONG, 0x3FDF)
#define PR_RESOLVE_METHOD                        PROP_TAG(PT_LONG, 0x3FE7)
#define PR_DEFERRED_SEND_NUMBER                  PROP_TAG(PT_LONG, 0x3FEB)
#define PR_DEFERRED_SEND_UNITS                   PROP_TAG(PT_LONG, 0x3FEC)
#define PR_EXPIRY_NUMBER                         PROP_TAG(PT_LONG, 0x3FED)
#define PR_EXPIRY_UNITS                          PROP_TAG(PT_LONG, 0x3FEE)
#define PR_DEFERRED_SEND_TIME                    PROP_TAG(PT_SYSTIME, 0x3FEF)
#define PR_CONFLICT_ENTRYID                      PROP_TAG(PT_BINARY, 0x3FF0)
#define PR_MESSAGE_LOCALE_ID                     PROP_TAG(PT_LONG, 0x3FF1)
#define PR_CREATOR_NAME                          PROP_TAG(PT_TSTRING, 0x3FF8)
#define PR_CREATOR_NAME_W                        PROP_TAG(PT_UNICODE, 0x3FF8)
#define PR_CREATOR_NAME_A                        PROP_TAG(PT_STRING8, 0x3FF8)
#define PR_CREATOR_ENTRYID                       PROP_TAG(PT_BINARY, 0x3FF9)
#define PR_LAST_MODIFIER_NAME                    PROP_TAG(PT_TSTRING, 0x3FFA)
#define PR_LAST_MODIFIER_NAME_W                  PROP_TAG(PT_UNICODE, 0x3FFA)
#define PR_LAST_MODIFIER_NAME_A                  PROP_TAG(PT_STRING8, 0x3FFA)
#define PR_LAST_MODIFIER_ENTRYID                 PROP_TAG(PT_BINARY, 0x3FFB)
#define PR_MESSAGE_CODEPAGE                      PROP_TAG(PT_LONG, 0x3FFD)
#define PR_INETMAIL_OVERRIDE_FORMAT              PROP_TAG(PT_LONG, 0x5902)
#define PR_MSG_EDITOR_FORMAT                     PROP_TAG(PT_LONG, 0x5909)

/* ---- Change keys, folder statistics --------------------------------------------------------- */

#define PR_SOURCE_KEY                            PROP_TAG(PT_BINARY, 0x65E0)
#define PR_PARENT_SOURCE_KEY                     PROP_TAG(PT_BINARY, 0x65E1)
#define PR_CHANGE_KEY                            PROP_TAG(PT_BINARY, 0x65E2)
#define PR_PREDECESSOR_CHANGE_LIST               PROP_TAG(PT_BINARY, 0x65E3)
#define PR_FOLDER_CHILD_COUNT                    PROP_TAG(PT_LONG, 0x6638)
#define PR_RIGHTS                                PROP_TAG(PT_LONG, 0x6639)
#define PR_DELETED_MSG_COUNT                     PROP_TAG(PT_LONG, 0x6640)
#define PR_IN_CONFLICT                           PROP_TAG(PT_BOOLEAN, 0x666C)
#define PR_LONGTERM_ENTRYID_FROM_TABLE           PROP_TAG(PT_BINARY, 0x6670)

/* ---- Search definitions, views, settings kept as associated messages ------------------------ */

#define PR_WB_SF_LAST_USED                       PROP_TAG(PT_LONG, 0x6834)
#define PR_WB_SF_EXPIRATION                      PROP_TAG(PT_LONG, 0x683A)
#define PR_WB_SF_TEMPLATE_ID                     PROP_TAG(PT_LONG, 0x6841)
#define PR_WB_SF_ID                              PROP_TAG(PT_BINARY, 0x6842)
#define PR_WB_SF_DEFINITION                      PROP_TAG(PT_BINARY, 0x6845)
#define PR_WB_SF_STORAGE_TYPE                    PROP_TAG(PT_LONG, 0x6846)
#define PR_WB_SF_TAG                             PROP_TAG(PT_LONG, 0x6847)
#define PR_WB_SF_EFP_FLAGS                       PROP_TAG(PT_LONG, 0x6848)
#define PR_VD_NAME                               PROP_TAG(PT_TSTRING, 0x7006)
#define PR_VD_NAME_W                             PROP_TAG(PT_UNICODE, 0x7006)
#define PR_VD_NAME_A                             PROP_TAG(PT_STRING8, 0x7006)
#define PR_VD_VERSION                            PROP_TAG(PT_LONG, 0x7007)
#define PR_ROAMING_DATATYPES                     PROP_TAG(PT_LONG, 0x7C06)
#define PR_ROAMING_DICTIONARY                    PROP_TAG(PT_BINARY, 0x7C07)
#define PR_ROAMING_XMLSTREAM                     PROP_TAG(PT_BINARY, 0x7C08)
#define PR_PROCESSED                             PROP_TAG(PT_BOOLEAN, 0x7D01)

/* PR_ATTACH_FLAGS. */
#define ATT_INVISIBLE_IN_HTML ((ULONG)0x00000001)
#define ATT_INVISIBLE_IN_RTF  ((ULONG)0x00000002)
#define ATT_MHTML_REF         ((ULONG)0x00000004)

/* PR_STORE_SUPPORT_MASK, bits that came later. */
#define STORE_HTML_OK         ((ULONG)0x00010000)
#define STORE_ANSI_OK         ((ULONG)0x00020000)
#define STORE_UNICODE_OK      ((ULONG)0x00040000)
#define STORE_LOCALSTORE      ((ULONG)0x00080000)
#define STORE_ITEMPROC        ((ULONG)0x00200000)
#define STORE_PUSHER_OK       ((ULONG)0x00800000)
#define STORE_RULES_OK        ((ULONG)0x10000000)

/* PR_NATIVE_BODY_INFO. */
#define NATIVE_BODY_UNDEFINED 0
#define NATIVE_BODY_PLAIN     1
#define NATIVE_BODY_RTF       2
#define NATIVE_BODY_HTML      3
#define NATIVE_BODY_CLEAR_SIGNED 4

/* PR_MESSAGE_FLAGS, bits that came later. */
#define MSGFLAG_EVERREAD        ((ULONG)0x00000400)
#define MSGFLAG_ORIGIN_X400     ((ULONG)0x00001000)
#define MSGFLAG_ORIGIN_INTERNET ((ULONG)0x00002000)
#define MSGFLAG_ORIGIN_MISC_EXT ((ULONG)0x00008000)

/* SaveChanges, OpenMsgStore. */
#define SPAMFILTER_ONSAVE     ((ULONG)0x00000080)
#define ITEMPROC_FORCE        ((ULONG)0x00000800)
#define NON_EMS_XP_SAVE       ((ULONG)0x00001000)
#define MDB_ONLINE            ((ULONG)0x00000100)
#define MAPI_NO_CACHE         ((ULONG)0x00000200)
#define SHOW_SOFT_DELETES     ((ULONG)0x00000002)

/* DeleteMessages, DeleteFolder, EmptyFolder: past any soft delete. SetSearchCriteria: without an index. */
#define DELETE_HARD_DELETE         ((ULONG)0x00000010)
#define NON_CONTENT_INDEXED_SEARCH ((ULONG)0x00020000)
#define MAPI_CACHE_ONLY       ((ULONG)0x00004000)
#define MAPI_BG_SESSION       0x00200000

/* The store has no property id left for another name. */
#define MAPI_E_NAMED_PROP_QUOTA_EXCEEDED MAKE_MAPI_E(0x900)

/* The store has reached the size it may have. */
#define MAPI_E_STORE_FULL MAKE_MAPI_E(0x60C)

/* Message status, bits that came later. */
#define MSGSTATUS_DRAFT    ((ULONG)0x00000100)
#define MSGSTATUS_ANSWERED ((ULONG)0x00000200)

/* clang-format on */

#endif /* MAILKEEP_MAPIEXTAGS_H */
