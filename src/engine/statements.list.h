/* SPDX-License-Identifier: MIT */
/*
 * statements.list.h - every statement the engine runs, as ENG_STMT(name, sql); prepared at its
 * first use and kept. Parameters are bound in order; SQL stays within SQLite 3.12. Those that
 * change rows begin with I, U or D, and nothing else does (eng_stmt.c).
 */
/* clang-format off */

/* transactions */
ENG_STMT(BEGIN_READ, "BEGIN")
ENG_STMT(BEGIN_WRITE, "BEGIN IMMEDIATE")
ENG_STMT(COMMIT, "COMMIT")
ENG_STMT(ROLLBACK, "ROLLBACK")
ENG_STMT(GROUP_BEGIN, "SAVEPOINT g")
ENG_STMT(GROUP_ROLLBACK, "ROLLBACK TO g")
ENG_STMT(DATA_VERSION, "PRAGMA data_version")
ENG_STMT(FORMAT, "PRAGMA user_version")

/* meta */
ENG_STMT(META_GET, "SELECT value FROM meta WHERE key=?")
ENG_STMT(META_SET, "INSERT OR REPLACE INTO meta(key,value) VALUES(?,?)")
ENG_STMT(META_BUMP, "UPDATE meta SET value=value+1 WHERE key=?")

/* journal */
ENG_STMT(JOURNAL_LAST, "SELECT seq,length(events) FROM journal ORDER BY seq DESC LIMIT 1")
ENG_STMT(JOURNAL_ADD, "INSERT INTO journal(seq,events) VALUES(?,?)")
ENG_STMT(JOURNAL_SINCE, "SELECT seq,events FROM journal WHERE seq>=? ORDER BY seq")
ENG_STMT(JOURNAL_TRIM, "DELETE FROM journal WHERE seq<?")

/* folders; FOLDER_COLUMNS are read by folder_from_row() */
#define FOLDER_COLUMNS \
    "id,parent,type,content,unread,assoc,children,created,modified,change,name,packed"
ENG_STMT(FOLDER_GET, "SELECT " FOLDER_COLUMNS " FROM folder WHERE id=?")
ENG_STMT(FOLDER_CHILDREN, "SELECT " FOLDER_COLUMNS " FROM folder WHERE parent=? "
        "ORDER BY folded")
ENG_STMT(FOLDER_CHILD_IDS, "SELECT id FROM folder WHERE parent=?")
ENG_STMT(FOLDER_PARENT, "SELECT parent FROM folder WHERE id=?")
ENG_STMT(FOLDER_ROWS, "SELECT content,assoc FROM folder WHERE id=?")
ENG_STMT(FOLDER_TOTAL, "SELECT total(content+assoc) FROM folder")
ENG_STMT(FOLDER_FIND, "SELECT id FROM folder WHERE parent=? AND folded=?")
ENG_STMT(FOLDER_INSERT, "INSERT INTO folder(id,parent,type,content,unread,assoc,children,created,"
        "modified,change,name,folded,packed) VALUES(?1,?2,?3,0,0,0,0,?4,?4,1,?5,?6,?7)")
ENG_STMT(FOLDER_COUNT, "UPDATE folder SET content=content+?,unread=unread+?,assoc=assoc+?,"
        "children=children+? WHERE id=?")
ENG_STMT(FOLDER_PLACE, "UPDATE folder SET parent=?,name=?,folded=?,modified=?,change=change+1 "
        "WHERE id=?")
ENG_STMT(FOLDER_PACKED, "UPDATE folder SET packed=?,modified=?,change=change+1 WHERE id=?")
ENG_STMT(FOLDER_DELETE, "DELETE FROM folder WHERE id=?")

/* messages; MSG_COLUMNS are read by msg_from_row() */
#define MSG_COLUMNS                                                                             \
    "m.id,m.place,m.flags,m.status,m.change,m.importance,m.size,m.delivered,m.submitted,"       \
    "m.created,m.modified,m.class,m.subject,m.sender,m.display_to"
ENG_STMT(MSG_ROW, "SELECT " MSG_COLUMNS " FROM msg m WHERE m.id=?")
ENG_STMT(MSG_GET, "SELECT " MSG_COLUMNS ",p.packed FROM msg m LEFT JOIN prop p ON p.id=m.id "
        "WHERE m.id=?")
ENG_STMT(MSG_STATE, "SELECT place,flags,status,change,delivered FROM msg WHERE id=?")
ENG_STMT(MSG_INSERT, "INSERT INTO msg(id,place,flags,status,change,importance,size,delivered,"
        "submitted,created,modified,class,subject,sender,display_to) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
ENG_STMT(MSG_COPY, "INSERT INTO msg(id,place,flags,status,change,importance,size,delivered,"
        "submitted,created,modified,class,subject,sender,display_to) SELECT ?1,?2,flags&?3,0,1,"
        "importance,size,delivered,submitted,created,modified,class,subject,sender,display_to "
        "FROM msg WHERE id=?4")
ENG_STMT(MSG_UPDATE, "UPDATE msg SET flags=?,change=?,importance=?,size=?,submitted=?,created=?,"
        "modified=?,class=?,subject=?,sender=?,display_to=? WHERE id=?")
ENG_STMT(MSG_ORDER, "UPDATE msg SET place=?,delivered=? WHERE id=?")
ENG_STMT(MSG_PLACE, "UPDATE msg SET place=? WHERE id=?")
ENG_STMT(MSG_FLAGS, "UPDATE msg SET flags=? WHERE id=?")
ENG_STMT(MSG_STATUS, "UPDATE msg SET status=? WHERE id=?")
ENG_STMT(MSG_DELETE, "DELETE FROM msg WHERE id=?")
ENG_STMT(MSG_SCAN, "SELECT " MSG_COLUMNS " FROM msg m WHERE m.place=? "
        "ORDER BY m.delivered,m.id")
ENG_STMT(MSG_SCAN_PROPS, "SELECT " MSG_COLUMNS ",p.packed FROM msg m LEFT JOIN prop p "
        "ON p.id=m.id WHERE m.place=? ORDER BY m.delivered,m.id")
ENG_STMT(MSG_KEYS, "SELECT delivered,id FROM msg WHERE place=? ORDER BY delivered,id")
ENG_STMT(MSG_KEYS_BACK, "SELECT delivered,id FROM msg WHERE place=? "
        "ORDER BY delivered DESC,id DESC")
ENG_STMT(MSG_IDS, "SELECT id FROM msg WHERE place=? ORDER BY delivered,id")
/* The columns of a place (eng_column_read.c); ?2 says which texts. COLUMN_TABLE reads the table in
   its own order: faster than by the index, where most of its rows are wanted. The one that gives
   all texts need not choose in every row. */
#define COLUMN_COLUMNS                                                                          \
    "id,delivered,submitted,created,modified,size,flags,status,importance,"                     \
    "CASE WHEN ?2&0x200 THEN class END,CASE WHEN ?2&0x400 THEN subject END,"                    \
    "CASE WHEN ?2&0x800 THEN sender END,CASE WHEN ?2&0x1000 THEN display_to END"
#define COLUMN_ALL_COLUMNS                                                                      \
    "id,delivered,submitted,created,modified,size,flags,status,importance,"                     \
    "class,subject,sender,display_to"
ENG_STMT(COLUMN_INDEX, "SELECT " COLUMN_COLUMNS " FROM msg WHERE place=?1 ORDER BY delivered,id")
ENG_STMT(COLUMN_TABLE, "SELECT " COLUMN_COLUMNS " FROM msg NOT INDEXED WHERE place=?1")
ENG_STMT(COLUMN_TABLE_ALL, "SELECT " COLUMN_ALL_COLUMNS " FROM msg NOT INDEXED WHERE place=?1")
ENG_STMT(PROP_GET, "SELECT packed FROM prop WHERE id=?")
ENG_STMT(PROP_INSERT, "INSERT OR REPLACE INTO prop(id,packed) VALUES(?,?)")
ENG_STMT(PROP_DELETE, "DELETE FROM prop WHERE id=?")

/* recipients and attachments */
ENG_STMT(RECIPIENT_GET, "SELECT list FROM recipient WHERE id=?")
ENG_STMT(RECIPIENT_SET, "INSERT OR REPLACE INTO recipient(id,list) VALUES(?,?)")
ENG_STMT(RECIPIENT_COPY, "INSERT OR REPLACE INTO recipient(id,list) SELECT ?1,list FROM recipient "
        "WHERE id=?2")
ENG_STMT(RECIPIENT_DELETE, "DELETE FROM recipient WHERE id=?")
ENG_STMT(ATTACHMENT_GET, "SELECT embedded,packed FROM attachment WHERE key=?")
ENG_STMT(ATTACHMENT_LIST, "SELECT key,embedded,packed FROM attachment WHERE key>=? AND key<? "
        "ORDER BY key")
ENG_STMT(ATTACHMENT_SET, "INSERT OR REPLACE INTO attachment(key,embedded,packed) VALUES(?,?,?)")
ENG_STMT(ATTACHMENT_EMBEDDED, "SELECT embedded FROM attachment WHERE key>=? AND key<? "
        "AND embedded<>0")
ENG_STMT(ATTACHMENT_DELETE, "DELETE FROM attachment WHERE key>=? AND key<?")

/* large values */
ENG_STMT(VALUE_GET, "SELECT size,owner,token FROM value WHERE id=?")
ENG_STMT(VALUE_INSERT, "INSERT INTO value(id,size,owner,token) VALUES(?,0,NULL,?)")
ENG_STMT(VALUE_SIZE, "UPDATE value SET size=? WHERE id=?")
ENG_STMT(VALUE_ADOPT, "UPDATE value SET owner=?,token=NULL WHERE id=? AND token=?")
ENG_STMT(VALUE_OF_OWNER, "SELECT id,size FROM value WHERE owner=?")
ENG_STMT(VALUE_BURY, "UPDATE value SET owner=NULL,token=0 WHERE id=?")
ENG_STMT(VALUE_BURY_TOKEN, "UPDATE value SET token=0 WHERE token=?")
ENG_STMT(VALUE_BURY_ALL, "UPDATE value SET token=0 WHERE token IS NOT NULL AND token<>?")
ENG_STMT(VALUE_DEAD, "SELECT id FROM value WHERE token=0 LIMIT 1")
ENG_STMT(VALUE_FOREIGN, "SELECT 1 FROM value WHERE token IS NOT NULL AND token<>? LIMIT 1")
ENG_STMT(VALUE_DELETE, "DELETE FROM value WHERE id=?")
ENG_STMT(STREAM_HAS, "SELECT 1 FROM stream WHERE key=?")
ENG_STMT(STREAM_SET, "INSERT OR REPLACE INTO stream(key,data) VALUES(?,?)")
ENG_STMT(STREAM_COPY, "INSERT OR REPLACE INTO stream(key,data) SELECT ?1,data FROM stream "
        "WHERE key=?2")
ENG_STMT(STREAM_DELETE, "DELETE FROM stream WHERE key>=? AND key<?")
ENG_STMT(STREAM_DELETE_SOME, "DELETE FROM stream WHERE key IN (SELECT key FROM stream "
        "WHERE key>=? AND key<? ORDER BY key LIMIT ?)")

/* named properties, receive folders */
ENG_STMT(NAMED_FIND, "SELECT id FROM named WHERE guid=? AND ifnull(number,text)=?")
ENG_STMT(NAMED_GET, "SELECT id,guid,number,text FROM named WHERE id=?")
ENG_STMT(NAMED_ALL, "SELECT id,guid,number,text FROM named ORDER BY id")
ENG_STMT(NAMED_LAST, "SELECT max(id) FROM named WHERE id>?")
ENG_STMT(NAMED_ADD, "INSERT INTO named(id,guid,number,text) VALUES(?,?,?,?)")
ENG_STMT(RECEIVE_ALL, "SELECT class,folder,modified FROM receive ORDER BY folded")
ENG_STMT(RECEIVE_SET, "INSERT OR REPLACE INTO receive(folded,class,folder,modified) "
        "VALUES(?,?,?,?)")
ENG_STMT(RECEIVE_DELETE, "DELETE FROM receive WHERE folded=?")
ENG_STMT(RECEIVE_FOLDER_GONE, "DELETE FROM receive WHERE folder=?")

/* messages that wait to be sent; columns are read by entry_from_row() */
ENG_STMT(OUTGOING_GET, "SELECT msg,flags,owner,process,started,seq FROM outgoing WHERE msg=?")
ENG_STMT(OUTGOING_ALL, "SELECT msg,flags,owner,process,started,seq FROM outgoing ORDER BY seq")
ENG_STMT(OUTGOING_ADD, "INSERT INTO outgoing(seq,msg,flags,owner,process,started) "
        "SELECT ifnull(max(seq),0)+1,?,?,0,0,0 FROM outgoing")
ENG_STMT(OUTGOING_FLAGS, "UPDATE outgoing SET flags=? WHERE msg=?")
ENG_STMT(OUTGOING_LOCK, "UPDATE outgoing SET owner=?,process=?,started=? WHERE msg=?")
ENG_STMT(OUTGOING_UNLOCK_ALL, "UPDATE outgoing SET owner=0,process=0,started=0 WHERE owner=?")
ENG_STMT(OUTGOING_DELETE, "DELETE FROM outgoing WHERE msg=?")

/* searches */
ENG_STMT(SEARCH_GET, "SELECT state,change,criteria,scope FROM search WHERE folder=?")
ENG_STMT(SEARCH_SET, "INSERT OR REPLACE INTO search(folder,state,change,criteria,scope) "
        "VALUES(?,?,?,?,?)")
ENG_STMT(SEARCH_DELETE, "DELETE FROM search WHERE folder=?")
ENG_STMT(SEARCH_HIT_ADD, "INSERT OR IGNORE INTO search_hit(folder,msg) VALUES(?,?)")
ENG_STMT(SEARCH_HITS_DELETE, "DELETE FROM search_hit WHERE folder=?")
ENG_STMT(SEARCH_HITS, "SELECT m.id,m.place,m.delivered,m.flags FROM search_hit h "
        "JOIN msg m ON m.id=h.msg WHERE h.folder=? AND m.place&1=0 ORDER BY m.delivered,m.id")

/* stored columns */
ENG_STMT(VIEW_HEAD, "SELECT number,repaired,directory FROM viewhead WHERE place=?")
ENG_STMT(VIEW_HEAD_SET, "INSERT OR REPLACE INTO viewhead(place,number,repaired,directory) "
        "VALUES(?,?,?,?)")
ENG_STMT(VIEW_HEAD_DELETE, "DELETE FROM viewhead WHERE place=?")
ENG_STMT(VIEW_NEXT, "SELECT place FROM viewhead WHERE place>=? ORDER BY place LIMIT 1")
ENG_STMT(VIEW_PART, "SELECT data FROM viewcol WHERE id=?")
ENG_STMT(VIEW_PART_LAST, "SELECT max(id) FROM viewcol")
ENG_STMT(VIEW_PART_IDS, "SELECT id FROM viewcol WHERE place=? ORDER BY id")
ENG_STMT(VIEW_PART_ADD, "INSERT INTO viewcol(id,place,data) VALUES(?,?,?)")
ENG_STMT(VIEW_PART_DELETE, "DELETE FROM viewcol WHERE id=?")
ENG_STMT(VIEW_PLACE_DELETE, "DELETE FROM viewcol WHERE place=?")

/* clang-format on */
