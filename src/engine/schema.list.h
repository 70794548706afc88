/* SPDX-License-Identifier: MIT */
/*
 * schema.list.h - tables and indexes of a store file: ENG_TABLE(minor, name, sql), ENG_INDEX(minor,
 * name, table, sql), in the order they are made. eng_open() refuses a file that has anything else.
 * `minor` is the first minor format that has it; older files get it when they are opened.
 *
 * Ids of folders, messages and values come from one counter (meta 1) and stay below 2^43, so that
 * (id << 20 | number) is the key of the parts of an object: one integer key, no second index.
 */
/* clang-format off */

/* Single values, see enum meta_key. */
ENG_TABLE(0, meta, "CREATE TABLE meta(key INTEGER PRIMARY KEY,value)")

/* Counts are maintained, folded is the name without case, packed the other properties. */
ENG_TABLE(0, folder, "CREATE TABLE folder(id INTEGER PRIMARY KEY,parent INTEGER NOT NULL,"
        "type INTEGER NOT NULL,content INTEGER NOT NULL,unread INTEGER NOT NULL,"
        "assoc INTEGER NOT NULL,children INTEGER NOT NULL,created INTEGER NOT NULL,"
        "modified INTEGER NOT NULL,change INTEGER NOT NULL,name TEXT NOT NULL,"
        "folded BLOB NOT NULL,packed BLOB NOT NULL)")
ENG_INDEX(0, folder_name, folder, "CREATE UNIQUE INDEX folder_name ON folder(parent,folded)")

/* place: folder * 2 + (1 when associated), NULL for a message embedded in another. */
ENG_TABLE(0, msg, "CREATE TABLE msg(id INTEGER PRIMARY KEY,place INTEGER,flags INTEGER NOT NULL,"
        "status INTEGER NOT NULL,change INTEGER NOT NULL,importance INTEGER NOT NULL,"
        "size INTEGER NOT NULL,delivered INTEGER NOT NULL,submitted INTEGER NOT NULL,"
        "created INTEGER NOT NULL,modified INTEGER NOT NULL,class TEXT,subject TEXT,sender TEXT,"
        "display_to TEXT)")
ENG_INDEX(0, msg_order, msg, "CREATE INDEX msg_order ON msg(place,delivered) "
        "WHERE place IS NOT NULL")

/* Properties of a message: read in place. */
ENG_TABLE(0, prop, "CREATE TABLE prop(id INTEGER PRIMARY KEY,packed BLOB NOT NULL)")

/* All recipients of a message in one record: { u32 number, u32 size, packed } each. */
ENG_TABLE(0, recipient, "CREATE TABLE recipient(id INTEGER PRIMARY KEY,list BLOB NOT NULL)")

/* key: message << 20 | number. */
ENG_TABLE(0, attachment, "CREATE TABLE attachment(key INTEGER PRIMARY KEY,"
        "embedded INTEGER NOT NULL,packed BLOB NOT NULL)")

/* Large values. owner: the object that names it; token: the connection that has not given it to
   any object yet, or 0 when it is only waiting to be removed. Exactly one of the two is NULL. */
ENG_TABLE(0, value, "CREATE TABLE value(id INTEGER PRIMARY KEY,size INTEGER NOT NULL,owner INTEGER,"
        "token INTEGER)")
ENG_INDEX(0, value_owner, value, "CREATE INDEX value_owner ON value(owner) WHERE owner IS NOT NULL")
ENG_INDEX(0, value_token, value, "CREATE INDEX value_token ON value(token) WHERE token IS NOT NULL")

/* key: value << 20 | number of the chunk. What a chunk lacks at its end, or altogether, is zeros. */
ENG_TABLE(0, stream, "CREATE TABLE stream(key INTEGER PRIMARY KEY,data BLOB NOT NULL)")

/* Names of properties: number or text, the other is NULL. */
ENG_TABLE(0, named, "CREATE TABLE named(id INTEGER PRIMARY KEY,guid BLOB NOT NULL,number INTEGER,"
        "text BLOB)")
ENG_INDEX(0, named_name, named, "CREATE UNIQUE INDEX named_name ON named(guid,ifnull(number,text))")

ENG_TABLE(0, receive, "CREATE TABLE receive(folded BLOB PRIMARY KEY,class TEXT NOT NULL,"
        "folder INTEGER NOT NULL,modified INTEGER NOT NULL) WITHOUT ROWID")

/* Searches: what the client asked for, as the caller packed it; scope: u64 ids of folders. */
ENG_TABLE(0, search, "CREATE TABLE search(folder INTEGER PRIMARY KEY,state INTEGER NOT NULL,"
        "change INTEGER NOT NULL,criteria BLOB NOT NULL,scope BLOB NOT NULL)")

/* What a search had found when it was stopped. A message that is gone may still be in here: its id
   is never used again. */
ENG_TABLE(0, search_hit, "CREATE TABLE search_hit(folder INTEGER,msg INTEGER,"
        "PRIMARY KEY(folder,msg)) WITHOUT ROWID")

/* Messages that wait to be sent, in the order of seq. owner: the connection that has locked it, and
   its process, or 0. */
ENG_TABLE(0, outgoing, "CREATE TABLE outgoing(seq INTEGER PRIMARY KEY,msg INTEGER NOT NULL,"
        "flags INTEGER NOT NULL,owner INTEGER NOT NULL,process INTEGER NOT NULL,"
        "started INTEGER NOT NULL)")
ENG_INDEX(0, outgoing_msg, outgoing, "CREATE UNIQUE INDEX outgoing_msg ON outgoing(msg)")

/* What commits have changed: first event's number, packed events (eng_event.c). Bounded. */
ENG_TABLE(0, journal, "CREATE TABLE journal(seq INTEGER PRIMARY KEY,events BLOB NOT NULL)")

/* Columns of large places (eng_column_store.c), packed by eng_column_pack.c; made from the rows, and
   of use only as long as the journal reaches back to `number`. */
ENG_TABLE(1, viewhead, "CREATE TABLE viewhead(place INTEGER PRIMARY KEY,number INTEGER NOT NULL,"
        "repaired INTEGER NOT NULL,directory BLOB NOT NULL)")
ENG_TABLE(1, viewcol, "CREATE TABLE viewcol(id INTEGER PRIMARY KEY,place INTEGER NOT NULL,"
        "data BLOB NOT NULL)")
ENG_INDEX(1, viewcol_place, viewcol, "CREATE INDEX viewcol_place ON viewcol(place)")

/* clang-format on */
