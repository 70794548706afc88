/* SPDX-License-Identifier: MIT */
/*
 * mailhost.c - the reference host as a command: runs a message store provider on real mail.
 *
 * usage: mailhost [--profile FILE] [--quiet] VERB [ARGUMENT | --OPTION VALUE]...
 *
 *   register --dll PATH --store FILE [--inf FILE]
 *         Writes the service's sections into the MAPISVC.INF file (default: mapisvc.inf beside the
 *         profile; the library's own MergeWithMAPISVC does it), makes a service of them in the
 *         profile and has the library configure it for the store file, which is created.
 *   unregister [--inf FILE]
 *         Takes the service out of the profile and the sections out of the file; the store stays.
 *   import FILE... [--folder NAME] [--batch] [--resume] [--journal FILE] [--kill-after N]
 *         Stores the mails of files written by eml2props.py, by default in the Inbox: a folder of
 *         .eml files takes two steps, eml2props.py -o FILE DIR, then import FILE. --batch asks
 *         the store for bulk mode. --journal appends one line per message whose SaveChanges
 *         returned S_OK: "<entry id, hex> <sha256 of the mail> <source name>", flushed each time.
 *         --resume leaves out the mails that the folder already has. --kill-after ends the process
 *         without a word after N acknowledged messages. Prints "imported N of M".
 *   export ENTRYID|FOLDER DIR
 *         One message, or a folder with all below it ("/": the whole store), as JSON in the new or
 *         empty folder DIR: DIR/mail.jsonl, and files for attachments, structured storages and long
 *         values.
 *   import DIR [--folder NAME]
 *         The same back, below the folder (the top of the store when "/" was exported, else the
 *         Inbox), with everything but ids, record keys, and the creation times of messages, which
 *         every store sets itself: digest is equal.
 *   copy STORE WHAT... [--folder NAME]
 *         Copies messages and folders of another store file into this store, below the folder (by
 *         default the Inbox), with the store's own methods. WHAT is an entry id, the name of a
 *         folder, or "/": everything, each folder into its like; digest is equal then.
 *   verify FILE... [--folder NAME] [--journal FILE]
 *         Reads every message back through the interfaces and compares each property, recipient
 *         and attachment byte with the mail files. With --journal only the messages that the
 *         journal acknowledges must be there (after a kill). Prints
 *         "verify: S stored, V verified, L lost"; the exit status is 0 when nothing is lost.
 *   send [ENTRYID] [--list]
 *         Submits the message, if one is named, and then does what the MAPI spooler does with all
 *         that wait to be sent, over a wire that leads back: what is sent arrives in the Inbox of
 *         the same store. --list only lists what waits. Prints "sent N, delivered N".
 *   deliver FILE...
 *         The mails of files written by eml2props.py come in through the spooler's store, as new
 *         mail of which everybody is told. Prints "delivered N".
 *   ls [FOLDER] [--sort date|subject|from|size] [--desc] [--from ROW] [--rows N]
 *         Without a folder: the folder tree with counts. With one: its messages.
 *   show ENTRYID
 *         One message: properties, recipients, attachments.
 *   find WORDS [--folder NAME] [--rows N]
 *         Messages whose subject holds the words, found with a restriction and with FindRow, which
 *         must agree.
 *   watch [FOLDER] [--rows N]
 *         The rows of a folder as they change, through whatever program: "+" new, "*" changed or
 *         moved, "-" gone, each with the row it now stands behind. Ends after N changes (default
 *         50; 0: never).
 *   digest [--list]
 *         A hash over every folder, message, recipient, attachment and property, whatever ids,
 *         record keys, and creation times of messages the store gave out. What a client can set
 *         counts: search keys and the other times, too. --list prints one line per object.
 *   check
 *         The store's own check (status object) and every folder's counts against its tables.
 *   endings [--rounds N]
 *         Logs on and off along every path below, holding open objects of each class, and checks
 *         references, memory and the store file after each.
 *
 *   --shutdown HOW goes with every verb that opens the store (all but register, unregister and
 *   endings). HOW is one of:
 *         store-release  last Release of the store, nothing else said
 *         store-logoff   StoreLogoff, then Release
 *         session        the session ends while the client still holds the store (the default)
 *         fast           fast shutdown through IMAPIProviderShutdown, then the process ends
 *         kill           the process ends without a word
 *
 * At the end the logons of the run are shown on stderr: how long each logoff took, and what was
 * left open (MAILKEEP_TRACE's lines; not with --quiet).
 *
 * The profile is a text file (default mailhost.profile). Exit status: 0 done, 1 it failed or
 * something is lost, 2 wrong usage. Errors are one line in plain words on stderr; progress too.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

struct verb {
    const char *name;
    int (*run)(const struct cmd *cmd);
    int least, most; /* arguments that are no options */
    const char *help;
};

static const struct verb verbs[] = {
    { "register", verb_register, 0, 0, "--dll PATH --store FILE [--inf FILE]" },
    { "unregister", verb_unregister, 0, 0, "[--inf FILE]" },
    { "export", verb_export, 2, 2, "ENTRYID|FOLDER|/ DIR" },
    { "import", verb_import, 1, 1000,
            "FILE...|DIR [--folder NAME] [--batch] [--resume] [--journal FILE]" },
    { "copy", verb_copy, 2, 1000, "STORE ENTRYID|FOLDER|/... [--folder NAME]" },
    { "send", verb_send, 0, 1, "[ENTRYID] [--list]" },
    { "deliver", verb_deliver, 1, 1000, "FILE..." },
    { "verify", verb_verify, 1, 1000, "FILE... [--folder NAME] [--journal FILE]" },
    { "ls", verb_ls, 0, 1,
            "[FOLDER] [--sort date|subject|from|size] [--desc] [--from ROW] [--rows N]" },
    { "show", verb_show, 1, 1, "ENTRYID" },
    { "find", verb_find, 1, 1000, "WORDS... [--folder NAME] [--rows N]" },
    { "digest", verb_digest, 0, 0, "[--list]" },
    { "watch", verb_watch, 0, 1, "[FOLDER] [--rows N]" },
    { "check", verb_check, 0, 0, "" },
    { "endings", verb_endings, 0, 0, "[--rounds N]" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void print_verbs(FILE *out)
{
    fputs("usage: mailhost [--profile FILE] [--quiet] VERB [ARGUMENT | --OPTION VALUE]...\n"
          "       --shutdown store-release|store-logoff|session|fast|kill   how it ends\nverbs:\n",
            out);
    for (size_t i = 0; i < COUNT(verbs); i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
    fputs("A FILE of mails is made of .eml files by \"python3 tests/host/eml2props.py -o FILE "
          "DIR\";\n"
          "a DIR is what export wrote. The head of tests/host/mailhost.c describes the verbs.\n",
            out);
}

static int usage(const char *what)
{
    fprintf(stderr, "mailhost: %s\n", what);
    print_verbs(stderr);
    return 2;
}

static bool parse_ending(const char *text, enum ending *out)
{
    unsigned i;

    for (i = 0; i < END_COUNT; i++) {
        if (strcmp(text, ending_names[i]) == 0) {
            *out = (enum ending)i;
            return true;
        }
    }
    return false;
}

static bool parse_count(const char *text, unsigned long *out)
{
    char *end;

    *out = strtoul(text, &end, 10);
    return end != text && *end == 0;
}

/* An option without a value. */
static bool parse_switch(struct cmd *cmd, const char *name)
{
    const struct {
        const char *name;
        bool *target;
    } switches[] = { { "--quiet", &cmd->quiet }, { "--batch", &cmd->batch },
        { "--resume", &cmd->resume }, { "--list", &cmd->list }, { "--desc", &cmd->desc } };

    size_t i;

    for (i = 0; i < COUNT(switches); i++) {
        if (strcmp(name, switches[i].name) == 0) {
            *switches[i].target = true;
            return true;
        }
    }
    return false;
}

/* An option with a value: 1 taken, 0 no such option, -1 a bad value. */
static int parse_option(struct cmd *cmd, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **target;
    } texts[] = { { "--profile", &cmd->profile_path }, { "--dll", &cmd->dll },
        { "--store", &cmd->store }, { "--inf", &cmd->inf }, { "--folder", &cmd->folder },
        { "--journal", &cmd->journal }, { "--sort", &cmd->sort } };

    const struct {
        const char *name;
        unsigned long *target;
    } counts[] = { { "--from", &cmd->from }, { "--rows", &cmd->rows }, { "--rounds", &cmd->rounds },
        { "--kill-after", &cmd->kill_after } };

    size_t i;

    for (i = 0; i < COUNT(texts); i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].target = value;
            return value ? 1 : -1;
        }
    }
    for (i = 0; i < COUNT(counts); i++) {
        if (strcmp(name, counts[i].name) == 0)
            return value && parse_count(value, counts[i].target) ? 1 : -1;
    }
    if (strcmp(name, "--shutdown") == 0)
        return value && parse_ending(value, &cmd->ending) ? 1 : -1;
    return 0;
}

/* Sorts the command line into cmd; 0, or the exit status. */
static int parse(struct cmd *cmd, char **args, int count)
{
    int i;

    for (i = 1; i < count; i++) {
        int taken;

        if (strncmp(args[i], "--", 2) != 0) {
            if (cmd->verb)
                cmd->args[cmd->arg_count++] = args[i];
            else
                cmd->verb = args[i];
            continue;
        }
        if (parse_switch(cmd, args[i]))
            continue;
        if (strcmp(args[i], "--help") == 0) {
            cmd->verb = args[i];
            return 0;
        }
        taken = parse_option(cmd, args[i], i + 1 < count ? args[i + 1] : NULL);
        if (taken == 0)
            return usage("An option is not known.");
        if (taken < 0)
            return usage("An option has no value or a wrong one.");
        i++;
    }
    return cmd->verb ? 0 : usage("What to do?");
}

static int run(const struct cmd *cmd)
{
    size_t v;

    if (strcmp(cmd->verb, "--help") == 0) {
        print_verbs(stdout);
        return 0;
    }
    for (v = 0; v < COUNT(verbs); v++) {
        if (strcmp(cmd->verb, verbs[v].name) != 0)
            continue;
        if (cmd->arg_count < verbs[v].least || cmd->arg_count > verbs[v].most)
            return usage("The verb has too few or too many arguments.");
        return verbs[v].run(cmd);
    }
    return usage("There is no such verb.");
}

int main(int argc, char **argv)
{
    struct cmd cmd = { .profile_path = "mailhost.profile", .rows = 50, .rounds = 1 };
    int count, status;
    char **args = host_args(argc, argv, &count);

    cmd.args = calloc((size_t)count + 1, sizeof(*cmd.args));
    if (!cmd.args)
        return complain("Out of memory.");
    status = parse(&cmd, args, count);
    if (status == 0)
        status = run(&cmd);
    free(cmd.args);
    return status;
}
