/* SPDX-License-Identifier: MIT */
/*
 * errors.list.h - engine status, the MAPI code it becomes, the general sentence for people.
 *
 * X(status, hresult, sentence), in the order of enum eng_status. The engine's own sentence, when it
 * has one, says more.
 */
/* clang-format off */
X(ENG_OK,             S_OK,                       "No error.")
X(ENG_NOT_FOUND,      MAPI_E_NOT_FOUND,           "The item does not exist or was deleted.")
X(ENG_EXISTS,         MAPI_E_COLLISION,           "A folder with that name already exists here.")
X(ENG_CHANGED,        MAPI_E_OBJECT_CHANGED,      "The message was changed by someone else since it was opened.")
X(ENG_DELETED,        MAPI_E_OBJECT_DELETED,      "The message was deleted since it was opened.")
X(ENG_HAS_FOLDERS,    MAPI_E_HAS_FOLDERS,         "The folder still has subfolders.")
X(ENG_HAS_MESSAGES,   MAPI_E_HAS_MESSAGES,        "The folder still has messages.")
X(ENG_CYCLE,          MAPI_E_FOLDER_CYCLE,        "A folder cannot be moved below itself.")
X(ENG_DENIED,         MAPI_E_NO_ACCESS,           "This item cannot be changed.")
X(ENG_INVALID,        MAPI_E_INVALID_PARAMETER,   "The request is not valid.")
X(ENG_NO_MEMORY,      MAPI_E_NOT_ENOUGH_MEMORY,   "There is not enough memory.")
X(ENG_INTERRUPTED,    MAPI_E_INVALID_OBJECT,      "The store was closed while the operation was running.")
X(ENG_BUSY,           MAPI_E_BUSY,                "Another program is using the store file. Try again in a moment.")
X(ENG_FULL,           MAPI_E_NOT_ENOUGH_DISK,     "The disk is full.")
X(ENG_READ_ONLY,      MAPI_E_NO_ACCESS,           "The store is open for reading only.")
X(ENG_IO,             MAPI_E_DISK_ERROR,          "The disk that holds the store file reported an error.")
X(ENG_CORRUPT,        MAPI_E_CORRUPT_STORE,       "The store file is damaged.")
X(ENG_PATH_NOT_FOUND, MAPI_E_NOT_FOUND,           "The store file, or the folder it should be in, does not exist.")
X(ENG_PATH_IS_FOLDER, MAPI_E_INVALID_PARAMETER,   "The path of the store file names a folder.")
X(ENG_PATH_DENIED,    MAPI_E_NO_ACCESS,           "Access to the store file was denied.")
X(ENG_PATH_NETWORK,   MAPI_E_NO_SUPPORT,          "The store file is on a network share; it must be on a local disk.")
X(ENG_NOT_A_STORE,    MAPI_E_CORRUPT_STORE,       "The file is not a Mailkeep store.")
X(ENG_TOO_NEW,        MAPI_E_VERSION,             "The store was written by a newer version of Mailkeep.")
X(ENG_NO_SQLITE,      MAPI_E_NOT_FOUND,           "This Windows has no winsqlite3.dll, or one that is too old.")
/* clang-format on */
