/* SPDX-License-Identifier: MIT */
/*
 * mapiflags.h - the flags, kinds and states that go with MAPI's types and interfaces.
 *
 * Grouped by what they belong to. Flags of the provider interface are in mapispi.h, those of the
 * session in mapix.h. Part of mapidefs.h.
 */
#ifndef MAILKEEP_MAPIFLAGS_H
#define MAILKEEP_MAPIFLAGS_H

#include "mapi/mapidefs.h"

/* clang-format off */

/* ---- Everywhere ----------------------------------------------------------------------------- */

/* Access asked for, and character width of strings. */
#define MAPI_MODIFY          ((ULONG)0x00000001)
#define MAPI_UNICODE         ((ULONG)0x80000000)
#define hrSuccess            0
#define MAPI_CREATE          ((ULONG)0x00000002)
#define MAPI_BEST_ACCESS     ((ULONG)0x00000010)
#define MAPI_DEFERRED_ERRORS ((ULONG)0x00000008)
#define MAPI_ASSOCIATED      ((ULONG)0x00000040)

/* PR_ACCESS and the access columns of tables. */
#define MAPI_ACCESS_MODIFY            ((ULONG)0x00000001)
#define MAPI_ACCESS_READ              ((ULONG)0x00000002)
#define MAPI_ACCESS_DELETE            ((ULONG)0x00000004)
#define MAPI_ACCESS_CREATE_HIERARCHY  ((ULONG)0x00000008)
#define MAPI_ACCESS_CREATE_CONTENTS   ((ULONG)0x00000010)
#define MAPI_ACCESS_CREATE_ASSOCIATED ((ULONG)0x00000020)

/* PR_OBJECT_TYPE and object types in calls. */
#define MAPI_STORE    ((ULONG)0x00000001)
#define MAPI_ADDRBOOK ((ULONG)0x00000002)
#define MAPI_FOLDER   ((ULONG)0x00000003)
#define MAPI_ABCONT   ((ULONG)0x00000004)
#define MAPI_MESSAGE  ((ULONG)0x00000005)
#define MAPI_MAILUSER ((ULONG)0x00000006)
#define MAPI_ATTACH   ((ULONG)0x00000007)
#define MAPI_DISTLIST ((ULONG)0x00000008)
#define MAPI_PROFSECT ((ULONG)0x00000009)
#define MAPI_STATUS   ((ULONG)0x0000000A)
#define MAPI_SESSION  ((ULONG)0x0000000B)
#define MAPI_FORMINFO ((ULONG)0x0000000C)

/* Names in the profile: longest length without the terminator. */
#ifndef cchProfileNameMax
#define cchProfileNameMax 0x40
#define cchProfilePassMax 0x40
#endif

/* ---- Entry ids ------------------------------------------------------------------------------ */

/* First and second flag byte. */
#define MAPI_SHORTTERM   0x80
#define MAPI_NOTRECIP    0x40
#define MAPI_THISSESSION 0x20
#define MAPI_NOW         0x10
#define MAPI_NOTRESERVED 8
#define MAPI_COMPOUND    0x80

/* One-off recipients. */
#define MAPI_ONE_OFF_UNICODE      0x8000
#define MAPI_ONE_OFF_NO_RICH_INFO 1
#define MAPI_SEND_NO_RICH_INFO    ((ULONG)0x00010000)

/* ---- Properties ----------------------------------------------------------------------------- */

/* IMAPIProp: SaveChanges, OpenProperty, CopyTo and CopyProps. */
#define KEEP_OPEN_READONLY  ((ULONG)0x00000001)
#define KEEP_OPEN_READWRITE ((ULONG)0x00000002)
#define FORCE_SAVE          ((ULONG)0x00000004)
#define STREAM_APPEND       ((ULONG)0x00000004)
#define MAPI_MOVE           ((ULONG)0x00000001)
#define MAPI_NOREPLACE      ((ULONG)0x00000002)
#define MAPI_DECLINE_OK     ((ULONG)0x00000004)
#ifndef MAPI_DIALOG
#define MAPI_DIALOG ((ULONG)0x00000008)
#endif
#ifndef MAPI_USE_DEFAULT
#define MAPI_USE_DEFAULT 0x40
#endif

/* Named properties. */
#define MAPI_NO_STRINGS ((ULONG)0x00000001)
#define MAPI_NO_IDS     ((ULONG)0x00000002)
#define MNID_ID         0
#define MNID_STRING     1

/* MAPIERROR.ulVersion. */
#define MAPI_ERROR_VERSION 0

/* IMAPIProgress. */
#define MAPI_TOP_LEVEL ((ULONG)0x00000001)

/* ---- Notifications -------------------------------------------------------------------------- */

/* NOTIFICATION.ulEventType and event masks. */
#define fnevCriticalError        ((ULONG)0x00000001)
#define fnevNewMail              ((ULONG)0x00000002)
#define fnevObjectCreated        ((ULONG)0x00000004)
#define fnevObjectDeleted        ((ULONG)0x00000008)
#define fnevObjectModified       ((ULONG)0x00000010)
#define fnevObjectMoved          ((ULONG)0x00000020)
#define fnevObjectCopied         ((ULONG)0x00000040)
#define fnevSearchComplete       ((ULONG)0x00000080)
#define fnevTableModified        ((ULONG)0x00000100)
#define fnevStatusObjectModified ((ULONG)0x00000200)
#define fnevReservedForMapi      ((ULONG)0x40000000)
#define fnevExtended             ((ULONG)0x80000000)

/* TABLE_NOTIFICATION.ulTableEvent. */
#define TABLE_CHANGED       1
#define TABLE_ERROR         2
#define TABLE_ROW_ADDED     3
#define TABLE_ROW_DELETED   4
#define TABLE_ROW_MODIFIED  5
#define TABLE_SORT_DONE     6
#define TABLE_RESTRICT_DONE 7
#define TABLE_SETCOL_DONE   8
#define TABLE_RELOAD        9

/* ---- Tables --------------------------------------------------------------------------------- */

/* GetStatus. */
#define TBLSTAT_COMPLETE       ((ULONG)0x00000000)
#define TBLSTAT_QCHANGED       ((ULONG)0x00000007)
#define TBLSTAT_SORTING        ((ULONG)0x00000009)
#define TBLSTAT_SORT_ERROR     ((ULONG)0x0000000A)
#define TBLSTAT_SETTING_COLS   ((ULONG)0x0000000B)
#define TBLSTAT_SETCOL_ERROR   ((ULONG)0x0000000D)
#define TBLSTAT_RESTRICTING    ((ULONG)0x0000000E)
#define TBLSTAT_RESTRICT_ERROR ((ULONG)0x0000000F)
#define TBLTYPE_SNAPSHOT       ((ULONG)0x00000000)
#define TBLTYPE_KEYSET         ((ULONG)0x00000001)
#define TBLTYPE_DYNAMIC        ((ULONG)0x00000002)

/* SSortOrder.ulOrder. */
#define TABLE_SORT_ASCEND    ((ULONG)0x00000000)
#define TABLE_SORT_DESCEND   ((ULONG)0x00000001)
#define TABLE_SORT_COMBINE   ((ULONG)0x00000002)
#define TABLE_SORT_CATEG_MAX ((ULONG)0x00000004)
#define TABLE_SORT_CATEG_MIN ((ULONG)0x00000008)

/* Fixed bookmarks. */
#define BOOKMARK_BEGINNING ((BOOKMARK)0)
#define BOOKMARK_CURRENT   ((BOOKMARK)1)
#define BOOKMARK_END       ((BOOKMARK)2)

/* Flags of the methods. */
#define TBL_ALL_COLUMNS ((ULONG)0x00000001)
#define TBL_NOWAIT      ((ULONG)0x00000001)
#define TBL_ASYNC       ((ULONG)0x00000001)
#define TBL_BATCH       ((ULONG)0x00000002)
#define DIR_BACKWARD    ((ULONG)0x00000001)
#define TBL_NOADVANCE   ((ULONG)0x00000001)

/* PR_ROW_TYPE. */
#define TBL_LEAF_ROW           ((ULONG)0x00000001)
#define TBL_EMPTY_CATEGORY     ((ULONG)0x00000002)
#define TBL_EXPANDED_CATEGORY  ((ULONG)0x00000003)
#define TBL_COLLAPSED_CATEGORY ((ULONG)0x00000004)

/* ---- Restrictions --------------------------------------------------------------------------- */

/* SRestriction.rt. */
#define RES_AND            ((ULONG)0x00000000)
#define RES_OR             ((ULONG)0x00000001)
#define RES_NOT            ((ULONG)0x00000002)
#define RES_CONTENT        ((ULONG)0x00000003)
#define RES_PROPERTY       ((ULONG)0x00000004)
#define RES_COMPAREPROPS   ((ULONG)0x00000005)
#define RES_BITMASK        ((ULONG)0x00000006)
#define RES_SIZE           ((ULONG)0x00000007)
#define RES_EXIST          ((ULONG)0x00000008)
#define RES_SUBRESTRICTION ((ULONG)0x00000009)
#define RES_COMMENT        ((ULONG)0x0000000A)
#define RES_COUNT          ((ULONG)0x0000000B)
#define RES_ANNOTATION     ((ULONG)0x0000000C)

/* Operators of comparison and of bit masks. */
#define RELOP_LT ((ULONG)0x00000000)
#define RELOP_LE ((ULONG)0x00000001)
#define RELOP_GT ((ULONG)0x00000002)
#define RELOP_GE ((ULONG)0x00000003)
#define RELOP_EQ ((ULONG)0x00000004)
#define RELOP_NE ((ULONG)0x00000005)
#define RELOP_RE ((ULONG)0x00000006)
#define BMR_EQZ  ((ULONG)0x00000000)
#define BMR_NEZ  ((ULONG)0x00000001)

/* SContentRestriction.ulFuzzyLevel. */
#define FL_FULLSTRING     ((ULONG)0x00000000)
#define FL_SUBSTRING      ((ULONG)0x00000001)
#define FL_PREFIX         ((ULONG)0x00000002)
#define FL_IGNORECASE     ((ULONG)0x00010000)
#define FL_IGNORENONSPACE ((ULONG)0x00020000)
#define FL_LOOSE          ((ULONG)0x00040000)

/* ---- Stores --------------------------------------------------------------------------------- */

/* PR_STORE_SUPPORT_MASK, PR_STORE_STATE. */
#define STORE_ENTRYID_UNIQUE   ((ULONG)0x00000001)
#define STORE_READONLY         ((ULONG)0x00000002)
#define STORE_SEARCH_OK        ((ULONG)0x00000004)
#define STORE_MODIFY_OK        ((ULONG)0x00000008)
#define STORE_CREATE_OK        ((ULONG)0x00000010)
#define STORE_ATTACH_OK        ((ULONG)0x00000020)
#define STORE_OLE_OK           ((ULONG)0x00000040)
#define STORE_SUBMIT_OK        ((ULONG)0x00000080)
#define STORE_NOTIFY_OK        ((ULONG)0x00000100)
#define STORE_MV_PROPS_OK      ((ULONG)0x00000200)
#define STORE_CATEGORIZE_OK    ((ULONG)0x00000400)
#define STORE_RTF_OK           ((ULONG)0x00000800)
#define STORE_RESTRICTION_OK   ((ULONG)0x00001000)
#define STORE_SORT_OK          ((ULONG)0x00002000)
#define STORE_PUBLIC_FOLDERS   ((ULONG)0x00004000)
#define STORE_UNCOMPRESSED_RTF ((ULONG)0x00008000)
#define STORE_HAS_SEARCHES     ((ULONG)0x01000000)

/* PR_VALID_FOLDER_MASK. */
#define FOLDER_IPM_SUBTREE_VALID     ((ULONG)0x00000001)
#define FOLDER_IPM_INBOX_VALID       ((ULONG)0x00000002)
#define FOLDER_IPM_OUTBOX_VALID      ((ULONG)0x00000004)
#define FOLDER_IPM_WASTEBASKET_VALID ((ULONG)0x00000008)
#define FOLDER_IPM_SENTMAIL_VALID    ((ULONG)0x00000010)
#define FOLDER_VIEWS_VALID           ((ULONG)0x00000020)
#define FOLDER_COMMON_VIEWS_VALID    ((ULONG)0x00000040)
#define FOLDER_FINDER_VALID          ((ULONG)0x00000080)

/* OpenMsgStore, IMSProvider::Logon. */
#define MDB_NO_DIALOG ((ULONG)0x00000001)
#define MDB_WRITE     ((ULONG)0x00000004)
#define MDB_TEMPORARY ((ULONG)0x00000020)
#define MDB_NO_MAIL   ((ULONG)0x00000080)

/* StoreLogoff: asked for, and answered. */
#define LOGOFF_NO_WAIT        ((ULONG)0x00000001)
#define LOGOFF_ORDERLY        ((ULONG)0x00000002)
#define LOGOFF_PURGE          ((ULONG)0x00000004)
#define LOGOFF_ABORT          ((ULONG)0x00000008)
#define LOGOFF_QUIET          ((ULONG)0x00000010)
#define LOGOFF_COMPLETE       ((ULONG)0x00010000)
#define LOGOFF_INBOUND        ((ULONG)0x00020000)
#define LOGOFF_OUTBOUND       ((ULONG)0x00040000)
#define LOGOFF_OUTBOUND_QUEUE ((ULONG)0x00080000)

/* SetLockState. */
#define MSG_LOCKED   ((ULONG)0x00000001)
#define MSG_UNLOCKED ((ULONG)0x00000000)

/* ---- Folders -------------------------------------------------------------------------------- */

/* PR_FOLDER_TYPE. */
#define FOLDER_ROOT    ((ULONG)0x00000000)
#define FOLDER_GENERIC ((ULONG)0x00000001)
#define FOLDER_SEARCH  ((ULONG)0x00000002)

/* CreateFolder, CopyFolder, DeleteFolder, EmptyFolder, CopyMessages, SaveContentsSort. */
#define MESSAGE_MOVE    ((ULONG)0x00000001)
#define MESSAGE_DIALOG  ((ULONG)0x00000002)
#define OPEN_IF_EXISTS  ((ULONG)0x00000001)
#define DEL_MESSAGES    ((ULONG)0x00000001)
#define FOLDER_DIALOG   ((ULONG)0x00000002)
#define DEL_FOLDERS     ((ULONG)0x00000004)
#define DEL_ASSOCIATED  ((ULONG)0x00000008)
#define FOLDER_MOVE     ((ULONG)0x00000001)
#define COPY_SUBFOLDERS ((ULONG)0x00000010)
#define RECURSIVE_SORT  ((ULONG)0x00000002)

/* GetHierarchyTable. */
#define CONVENIENT_DEPTH ((ULONG)0x00000001)

/* Search folders: what is going on, and what is asked for. */
#define SEARCH_RUNNING    ((ULONG)0x00000001)
#define SEARCH_REBUILD    ((ULONG)0x00000002)
#define SEARCH_RECURSIVE  ((ULONG)0x00000004)
#define SEARCH_FOREGROUND ((ULONG)0x00000008)
#define STOP_SEARCH       ((ULONG)0x00000001)
#define RESTART_SEARCH    ((ULONG)0x00000002)
#define RECURSIVE_SEARCH  ((ULONG)0x00000004)
#define SHALLOW_SEARCH    ((ULONG)0x00000008)
#define FOREGROUND_SEARCH ((ULONG)0x00000010)
#define BACKGROUND_SEARCH ((ULONG)0x00000020)

/* Message status and PR_STATUS of folders. */
#define MSGSTATUS_HIGHLIGHTED     ((ULONG)0x00000001)
#define MSGSTATUS_TAGGED          ((ULONG)0x00000002)
#define MSGSTATUS_HIDDEN          ((ULONG)0x00000004)
#define MSGSTATUS_DELMARKED       ((ULONG)0x00000008)
#define MSGSTATUS_REMOTE_DOWNLOAD ((ULONG)0x00001000)
#define MSGSTATUS_REMOTE_DELETE   ((ULONG)0x00002000)
#define FLDSTATUS_HIGHLIGHTED     ((ULONG)0x00000001)
#define FLDSTATUS_TAGGED          ((ULONG)0x00000002)
#define FLDSTATUS_HIDDEN          ((ULONG)0x00000004)
#define FLDSTATUS_DELMARKED       ((ULONG)0x00000008)

/* ---- Messages, recipients, attachments ------------------------------------------------------ */

/* PR_MESSAGE_FLAGS, PR_SUBMIT_FLAGS. */
#define MSGFLAG_READ          ((ULONG)0x00000001)
#define MSGFLAG_UNMODIFIED    ((ULONG)0x00000002)
#define MSGFLAG_SUBMIT        ((ULONG)0x00000004)
#define MSGFLAG_UNSENT        ((ULONG)0x00000008)
#define MSGFLAG_HASATTACH     ((ULONG)0x00000010)
#define MSGFLAG_FROMME        ((ULONG)0x00000020)
#define MSGFLAG_ASSOCIATED    ((ULONG)0x00000040)
#define MSGFLAG_RESEND        ((ULONG)0x00000080)
#define MSGFLAG_RN_PENDING    ((ULONG)0x00000100)
#define MSGFLAG_NRN_PENDING   ((ULONG)0x00000200)
#define SUBMITFLAG_LOCKED     ((ULONG)0x00000001)
#define SUBMITFLAG_PREPROCESS ((ULONG)0x00000002)

/* SubmitMessage, ModifyRecipients, SetReadFlag, DeleteAttach. */
#define FORCE_SUBMIT          ((ULONG)0x00000001)
#define MODRECIP_ADD          ((ULONG)0x00000002)
#define MODRECIP_MODIFY       ((ULONG)0x00000004)
#define MODRECIP_REMOVE       ((ULONG)0x00000008)
#define SUPPRESS_RECEIPT      ((ULONG)0x00000001)
#define CLEAR_READ_FLAG       ((ULONG)0x00000004)
#define GENERATE_RECEIPT_ONLY ((ULONG)0x00000010)
#define CLEAR_RN_PENDING      ((ULONG)0x00000020)
#define CLEAR_NRN_PENDING     ((ULONG)0x00000040)
#define ATTACH_DIALOG         ((ULONG)0x00000001)

/* PR_RECIPIENT_TYPE. */
#ifndef MAPI_ORIG
#define MAPI_ORIG      0
#define MAPI_TO        1
#define MAPI_CC        2
#define MAPI_BCC       3
#define MAPI_P1        0x10000000
#define MAPI_SUBMITTED 0x80000000
#endif

/* PR_SECURITY, PR_PRIORITY, PR_SENSITIVITY, PR_IMPORTANCE. */
#define SECURITY_SIGNED                  ((ULONG)0x00000001)
#define SECURITY_ENCRYPTED               ((ULONG)0x00000002)
#define PRIO_URGENT                      ((LONG)1)
#define PRIO_NORMAL                      ((LONG)0)
#define PRIO_NONURGENT                   ((LONG)-1)
#define SENSITIVITY_NONE                 ((ULONG)0x00000000)
#define SENSITIVITY_PERSONAL             ((ULONG)0x00000001)
#define SENSITIVITY_PRIVATE              ((ULONG)0x00000002)
#define SENSITIVITY_COMPANY_CONFIDENTIAL ((ULONG)0x00000003)
#define IMPORTANCE_LOW                   ((LONG)0)
#define IMPORTANCE_NORMAL                ((LONG)1)
#define IMPORTANCE_HIGH                  ((LONG)2)

/* PR_ATTACH_METHOD. */
#define NO_ATTACHMENT          ((ULONG)0x00000000)
#define ATTACH_BY_VALUE        ((ULONG)0x00000001)
#define ATTACH_BY_REFERENCE    ((ULONG)0x00000002)
#define ATTACH_BY_REF_RESOLVE  ((ULONG)0x00000003)
#define ATTACH_BY_REF_ONLY     ((ULONG)0x00000004)
#define ATTACH_EMBEDDED_MSG    ((ULONG)0x00000005)
#define ATTACH_OLE             ((ULONG)0x00000006)
#define ATTACH_BY_WEBREFERENCE ((ULONG)0x00000007)

/* Native bodies. */
#define MAPI_NATIVE_BODY                0x10000
#define MAPI_NATIVE_BODY_TYPE_RTF       1
#define MAPI_NATIVE_BODY_TYPE_HTML      2
#define MAPI_NATIVE_BODY_TYPE_PLAINTEXT 4

/* ---- Status objects ------------------------------------------------------------------------- */

/* PR_RESOURCE_TYPE. */
#define MAPI_STORE_PROVIDER     ((ULONG)0x00000021)
#define MAPI_AB                 ((ULONG)0x00000022)
#define MAPI_AB_PROVIDER        ((ULONG)0x00000023)
#define MAPI_TRANSPORT_PROVIDER ((ULONG)0x00000024)
#define MAPI_SPOOLER            ((ULONG)0x00000025)
#define MAPI_PROFILE_PROVIDER   ((ULONG)0x00000026)
#define MAPI_SUBSYSTEM          ((ULONG)0x00000027)
#define MAPI_HOOK_PROVIDER      ((ULONG)0x00000028)

/* PR_RESOURCE_METHODS. */
#define STATUS_VALIDATE_STATE  ((ULONG)0x00000001)
#define STATUS_SETTINGS_DIALOG ((ULONG)0x00000002)
#define STATUS_CHANGE_PASSWORD ((ULONG)0x00000004)
#define STATUS_FLUSH_QUEUES    ((ULONG)0x00000008)

/* PR_STATUS_CODE. */
#define STATUS_AVAILABLE        ((ULONG)0x00000001)
#define STATUS_OFFLINE          ((ULONG)0x00000002)
#define STATUS_FAILURE          ((ULONG)0x00000004)
#define STATUS_INBOUND_ENABLED  ((ULONG)0x00010000)
#define STATUS_INBOUND_ACTIVE   ((ULONG)0x00020000)
#define STATUS_INBOUND_FLUSH    ((ULONG)0x00040000)
#define STATUS_OUTBOUND_ENABLED ((ULONG)0x00100000)
#define STATUS_OUTBOUND_ACTIVE  ((ULONG)0x00200000)
#define STATUS_OUTBOUND_FLUSH   ((ULONG)0x00400000)
#define STATUS_REMOTE_ACCESS    ((ULONG)0x00800000)

/* PR_RESOURCE_FLAGS. */
#define STATUS_DEFAULT_OUTBOUND    ((ULONG)0x00000001)
#define STATUS_DEFAULT_STORE       ((ULONG)0x00000002)
#define STATUS_PRIMARY_IDENTITY    ((ULONG)0x00000004)
#define STATUS_SIMPLE_STORE        ((ULONG)0x00000008)
#define STATUS_XP_PREFER_LAST      ((ULONG)0x00000010)
#define STATUS_NO_PRIMARY_IDENTITY ((ULONG)0x00000020)
#define STATUS_NO_DEFAULT_STORE    ((ULONG)0x00000040)
#define STATUS_TEMP_SECTION        ((ULONG)0x00000080)
#define STATUS_OWN_STORE           ((ULONG)0x00000100)
#define STATUS_NEED_IPM_TREE       ((ULONG)0x00000800)
#define STATUS_PRIMARY_STORE       ((ULONG)0x00001000)
#define STATUS_SECONDARY_STORE     ((ULONG)0x00002000)

/* ValidateState, SettingsDialog, FlushQueues. */
#define SUPPRESS_UI               ((ULONG)0x00000001)
#define REFRESH_XP_HEADER_CACHE   ((ULONG)0x00010000)
#define PROCESS_XP_HEADER_CACHE   ((ULONG)0x00020000)
#define FORCE_XP_CONNECT          ((ULONG)0x00040000)
#define FORCE_XP_DISCONNECT       ((ULONG)0x00080000)
#define CONFIG_CHANGED            ((ULONG)0x00100000)
#define ABORT_XP_HEADER_OPERATION ((ULONG)0x00200000)
#define SHOW_XP_SESSION_UI        ((ULONG)0x00400000)
#define UI_READONLY               ((ULONG)0x00000001)
#define FLUSH_UPLOAD              ((ULONG)0x00000002)
#define FLUSH_DOWNLOAD            ((ULONG)0x00000004)
#define FLUSH_FORCE               ((ULONG)0x00000008)
#define FLUSH_NO_UI               ((ULONG)0x00000010)
#define FLUSH_ASYNC_OK            ((ULONG)0x00000020)

/* ---- Services and providers ----------------------------------------------------------------- */

/* ConfigureMsgService and MSGServiceEntry. */
#define UI_SERVICE                2
#define SERVICE_UI_ALWAYS         2
#define SERVICE_UI_ALLOWED        0x10
#define UI_CURRENT_PROVIDER_FIRST 4

/* IMAPIControl::GetState. */
#define MAPI_ENABLED  ((ULONG)0x00000000)
#define MAPI_DISABLED ((ULONG)0x00000001)

/* ---- Display tables ------------------------------------------------------------------------- */

/* PR_CONTROL_TYPE. */
#define DTCT_LABEL       ((ULONG)0x00000000)
#define DTCT_EDIT        ((ULONG)0x00000001)
#define DTCT_LBX         ((ULONG)0x00000002)
#define DTCT_COMBOBOX    ((ULONG)0x00000003)
#define DTCT_DDLBX       ((ULONG)0x00000004)
#define DTCT_CHECKBOX    ((ULONG)0x00000005)
#define DTCT_GROUPBOX    ((ULONG)0x00000006)
#define DTCT_BUTTON      ((ULONG)0x00000007)
#define DTCT_PAGE        ((ULONG)0x00000008)
#define DTCT_RADIOBUTTON ((ULONG)0x00000009)
#define DTCT_MVLISTBOX   ((ULONG)0x0000000B)
#define DTCT_MVDDLBX     ((ULONG)0x0000000C)

/* PR_CONTROL_FLAGS; list boxes without a scroll bar. */
#define DT_MULTILINE     ((ULONG)0x00000001)
#define DT_EDITABLE      ((ULONG)0x00000002)
#define DT_REQUIRED      ((ULONG)0x00000004)
#define DT_SET_IMMEDIATE ((ULONG)0x00000008)
#define DT_PASSWORD_EDIT ((ULONG)0x00000010)
#define DT_ACCEPT_DBCS   ((ULONG)0x00000020)
#define DT_SET_SELECTION ((ULONG)0x00000040)
#define MAPI_NO_HBAR     ((ULONG)0x00000001)
#define MAPI_NO_VBAR     ((ULONG)0x00000002)

/* ---- Address book --------------------------------------------------------------------------- */

/* PR_CONTAINER_FLAGS. */
#define AB_RECIPIENTS    ((ULONG)0x00000001)
#define AB_SUBCONTAINERS ((ULONG)0x00000002)
#define AB_MODIFIABLE    ((ULONG)0x00000004)
#define AB_UNMODIFIABLE  ((ULONG)0x00000008)
#define AB_FIND_ON_OPEN  ((ULONG)0x00000010)
#define AB_NOT_DEFAULT   ((ULONG)0x00000020)

/* CreateEntry, ResolveNames. */
#define CREATE_CHECK_DUP_STRICT ((ULONG)0x00000001)
#define CREATE_CHECK_DUP_LOOSE  ((ULONG)0x00000002)
#define CREATE_REPLACE          ((ULONG)0x00000004)
#define MAPI_UNRESOLVED         ((ULONG)0x00000000)
#define MAPI_AMBIGUOUS          ((ULONG)0x00000001)
#define MAPI_RESOLVED           ((ULONG)0x00000002)

/* PR_DISPLAY_TYPE. */
#define DT_MAILUSER         ((ULONG)0x00000000)
#define DT_DISTLIST         ((ULONG)0x00000001)
#define DT_FORUM            ((ULONG)0x00000002)
#define DT_AGENT            ((ULONG)0x00000003)
#define DT_ORGANIZATION     ((ULONG)0x00000004)
#define DT_PRIVATE_DISTLIST ((ULONG)0x00000005)
#define DT_REMOTE_MAILUSER  ((ULONG)0x00000006)
#define DT_MODIFIABLE       ((ULONG)0x00010000)
#define DT_GLOBAL           ((ULONG)0x00020000)
#define DT_LOCAL            ((ULONG)0x00030000)
#define DT_WAN              ((ULONG)0x00040000)
#define DT_NOT_SPECIFIC     ((ULONG)0x00050000)
#define DT_FOLDER           ((ULONG)0x01000000)
#define DT_FOLDER_LINK      ((ULONG)0x02000000)
#define DT_FOLDER_SPECIAL   ((ULONG)0x04000000)

/* ADRPARM.ulFlags, OpenAddressBook. */
#define ADRPARM_HELP_CTX ((ULONG)0x00000000)
#define DIALOG_MODAL     ((ULONG)0x00000001)
#define DIALOG_SDI       ((ULONG)0x00000002)
#define DIALOG_OPTIONS   ((ULONG)0x00000004)
#define ADDRESS_ONE      ((ULONG)0x00000008)
#define AB_SELECTONLY    ((ULONG)0x00000010)
#define AB_RESOLVE       ((ULONG)0x00000020)
#define AB_NO_DIALOG     ((ULONG)0x00000001)
#define AB_UNICODEUI     ((ULONG)0x00000040)

/* ---- PR_ICON_INDEX -------------------------------------------------------------------------- */

/* Mail, post. */
#define ICON_INDEX_NEW_MAIL                    ((LONG)-1)
#define ICON_INDEX_POST                        ((LONG)1)
#define ICON_INDEX_OTHER                       ((LONG)3)
#define ICON_INDEX_READ_MAIL                   ((LONG)0x00000100)
#define ICON_INDEX_UNREAD_MAIL                 ((LONG)0x00000101)
#define ICON_INDEX_SUBMITTED_MAIL              ((LONG)0x00000102)
#define ICON_INDEX_UNSENT_MAIL                 ((LONG)0x00000103)
#define ICON_INDEX_RECEIPT_MAIL                ((LONG)0x00000104)
#define ICON_INDEX_REPLIED_MAIL                ((LONG)0x00000105)
#define ICON_INDEX_FORWARDED_MAIL              ((LONG)0x00000106)
#define ICON_INDEX_REMOTE_MAIL                 ((LONG)0x00000107)
#define ICON_INDEX_DELIVERY_MAIL               ((LONG)0x00000108)
#define ICON_INDEX_READ_RECEIPT_MAIL           ((LONG)0x00000109)
#define ICON_INDEX_NONDELIVERY_MAIL            ((LONG)0x0000010A)
#define ICON_INDEX_NONREAD_MAIL                ((LONG)0x0000010B)
#define ICON_INDEX_RECALL_S_MAIL               ((LONG)0x0000010C)
#define ICON_INDEX_RECALL_F_MAIL               ((LONG)0x0000010D)
#define ICON_INDEX_TRACKING_MAIL               ((LONG)0x0000010E)
#define ICON_INDEX_MAIL_SIGNED                 ((LONG)0x0000010F)
#define ICON_INDEX_MAIL_ENCRYPTED              ((LONG)0x00000110)
#define ICON_INDEX_MAIL_SMIME_SIGNED           ((LONG)0x00000111)
#define ICON_INDEX_MAIL_SMIME_RECEIPT          ((LONG)0x00000112)
#define ICON_INDEX_MAIL_ENCRYPTED_REPLIED      ((LONG)0x00000113)
#define ICON_INDEX_MAIL_SMIME_SIGNED_REPLIED   ((LONG)0x00000114)
#define ICON_INDEX_MAIL_ENCRYPTED_FORWARDED    ((LONG)0x00000115)
#define ICON_INDEX_MAIL_SMIME_SIGNED_FORWARDED ((LONG)0x00000116)
#define ICON_INDEX_MAIL_ENCRYPTED_READ         ((LONG)0x00000117)
#define ICON_INDEX_MAIL_SMIME_SIGNED_READ      ((LONG)0x00000118)
#define ICON_INDEX_OUT_OF_OFFICE_MAIL          ((LONG)0x0000011B)
#define ICON_INDEX_RECALL_MAIL                 ((LONG)0x0000011C)
#define ICON_INDEX_TRACKED_MAIL                ((LONG)0x00000130)
#define ICON_INDEX_IRM_READ_MAIL               ((LONG)0x00000131)
#define ICON_INDEX_IRM_UNREAD_MAIL             ((LONG)0x00000132)
#define ICON_INDEX_IRM_FORWARDED_MAIL          ((LONG)0x00000133)
#define ICON_INDEX_IRM_REPLIED_MAIL            ((LONG)0x00000134)
#define ICON_INDEX_IRM_COMPOSE_MAIL            ((LONG)0x00000135)
#define ICON_INDEX_JOURNAL_EMAIL_MESSAGE       ((LONG)0x00000602)

/* Contacts, notes, calendar, tasks, journal. */
#define ICON_INDEX_CONTACT                              ((LONG)0x00000200)
#define ICON_INDEX_DISTRIBUTION_LIST                    ((LONG)0x00000202)
#define ICON_INDEX_STICKY_NOTE_BLUE                     ((LONG)0x00000300)
#define ICON_INDEX_STICKY_NOTE_GREEN                    ((LONG)0x00000301)
#define ICON_INDEX_STICKY_NOTE_PINK                     ((LONG)0x00000302)
#define ICON_INDEX_STICKY_NOTE_YELLOW                   ((LONG)0x00000303)
#define ICON_INDEX_STICKY_NOTE_WHITE                    ((LONG)0x00000304)
#define ICON_INDEX_SINGLE_INSTANCE_APPOINTMENT          ((LONG)0x00000400)
#define ICON_INDEX_RECURRING_APPOINTMENT                ((LONG)0x00000401)
#define ICON_INDEX_SINGLE_INSTANCE_MEETING              ((LONG)0x00000402)
#define ICON_INDEX_RECURRING_MEETING                    ((LONG)0x00000403)
#define ICON_INDEX_MEETING_REQUEST                      ((LONG)0x00000404)
#define ICON_INDEX_ACCEPT                               ((LONG)0x00000405)
#define ICON_INDEX_DECLINE                              ((LONG)0x00000406)
#define ICON_INDEX_TENTATIVE                            ((LONG)0x00000407)
#define ICON_INDEX_CANCELATION                          ((LONG)0x00000408)
#define ICON_INDEX_INFORMATIONAL_UPDATE                 ((LONG)0x00000409)
#define ICON_INDEX_TASK                                 ((LONG)0x00000500)
#define ICON_INDEX_UNASSIGNED_RECURRING_TASK            ((LONG)0x00000501)
#define ICON_INDEX_ASSIGNEE_TASK                        ((LONG)0x00000502)
#define ICON_INDEX_ASSIGNER_TASK                        ((LONG)0x00000503)
#define ICON_INDEX_TASK_REQUEST                         ((LONG)0x00000504)
#define ICON_INDEX_TASK_ACCEPTANCE                      ((LONG)0x00000505)
#define ICON_INDEX_TASK_REJECTION                       ((LONG)0x00000506)
#define ICON_INDEX_JOURNAL_CONVERSATION                 ((LONG)0x00000601)
#define ICON_INDEX_JOURNAL_MEETING_REQUEST              ((LONG)0x00000603)
#define ICON_INDEX_JOURNAL_MEETING_RESPONSE             ((LONG)0x00000604)
#define ICON_INDEX_JOURNAL_TASK_REQUEST                 ((LONG)0x00000606)
#define ICON_INDEX_JOURNAL_TASK_RESPONSE                ((LONG)0x00000607)
#define ICON_INDEX_JOURNAL_NOTE                         ((LONG)0x00000608)
#define ICON_INDEX_JOURNAL_FAX                          ((LONG)0x00000609)
#define ICON_INDEX_JOURNAL_PHONE_CALL                   ((LONG)0x0000060A)
#define ICON_INDEX_JOURNAL_LETTER                       ((LONG)0x0000060C)
#define ICON_INDEX_JOURNAL_MICROSOFT_OFFICE_WORD        ((LONG)0x0000060D)
#define ICON_INDEX_JOURNAL_MICROSOFT_OFFICE_EXCEL       ((LONG)0x0000060E)
#define ICON_INDEX_JOURNAL_MICROSOFT_OFFICE_POWER_POINT ((LONG)0x0000060F)
#define ICON_INDEX_JOURNAL_MICROSOFT_OFFICE_ACCESS      ((LONG)0x00000610)
#define ICON_INDEX_JOURNAL_DOCUMENT                     ((LONG)0x00000612)
#define ICON_INDEX_JOURNAL_MEETING                      ((LONG)0x00000613)
#define ICON_INDEX_JOURNAL_MEETING_CANCELLATION         ((LONG)0x00000614)
#define ICON_INDEX_JOURNAL_REMOTE_SESSION               ((LONG)0x00000615)

/* The provider of one-off recipients, as it stands in their entry ids. */
#define MAPI_ONE_OFF_UID \
    { 0x81, 0x2b, 0x1f, 0xa4, 0xbe, 0xa3, 0x10, 0x19, 0x9d, 0x6e, 0x00, 0xdd, 0x01, 0x0f, 0x54, 0x02 }

/* The section of a profile that every provider may read. */
#define PS_PROFILE_PROPERTIES_INIT \
    { 0x98, 0x15, 0xac, 0x08, 0xaa, 0xb0, 0x10, 0x1a, 0x8c, 0x93, 0x08, 0x00, 0x2b, 0x2a, 0x56, 0xc2 }

/* clang-format on */

#endif /* MAILKEEP_MAPIFLAGS_H */
