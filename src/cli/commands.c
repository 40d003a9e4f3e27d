#include "cli/commands.h"

#include <string.h>

#define SELECTOR_HELP                                                                                        \
        "Names may be patterns with * and ?. A SELECTOR leaves only keys for which all of it holds:\n"       \
        "  --state S,...    in one of these states, or suspect, or held\n"                                   \
        "  --profile P      of this profile\n"                                                               \
        "  --account A      of this account\n"                                                               \
        "  --mode M         live or test\n"                                                                  \
        "  --label K=V      with this label\n"                                                               \
        "  --missing PERM   that lack this permission, as coupon_write\n"                                    \
        "  --excess PERM    that have this one too much\n"                                                   \
        "  --expiring 30d   whose declared end comes within this time\n"                                     \
        "  --not-well       that are not healthy, or have an open incident\n\n"

#define BULK_HELP "Of more than one it asks before, or wants --yes; --dry-run says which they are.\n"

/* lint-ok: length */
static const struct command commands[] = {
        { "add",
          "NAME [--profile P] [--mode M] [--label K=V]... [--created DATE] [--expires DATE] "
          "[--account acct_...] [--upsert] [--no-excess] [--connect] [--force]",
          "Verify a new key and store it",
          "The secret is read from standard input, or asked for without echo. Every permission of the\n"
          "profile is verified before anything is stored; what is missing is said, and where to mend it.\n"
          "Then the riskiest of what the key should not be able to do is asked, and said, too.\n\n"
          "  --profile P     what the key must be able to do [selgeo]; see 'keyvigil profiles'\n"
          "  --label K=V     a note of your own, to list by\n"
          "  --created DATE  when the key was made, for the reminder to rotate it\n"
          "  --expires DATE  when it will end\n"
          "  --account ID    whose it must be (acct_...)\n"
          "  --mode M        it must be a live or a test key\n"
          "  --upsert        whatever is stored under this name: add it, rotate to it, or find it there\n"
          "  --no-excess     do not look for what is too much now; the watch does so later\n"
          "  --connect       try it with a real coupon, which is deleted at once\n"
          "  --force         store it although something is missing, or could not be told\n",
          command_add },
        { "import",
          "FILE|- [--dry-run] [--sync [--scope K=V] [--prune] [--max-remove 5%] [--max-replace 20%]]",
          "Store many keys; they are checked soon",
          "Each line of FILE is {\"name\", \"key\", \"profile\", \"account\"?, \"created\"?, \"expires\"?, "
          "\"labels\"?}.\n"
          "Bad lines are named by number; the good ones are kept.\n\n"
          "  --dry-run      say what would be done\n"
          "  --sync         make the store equal to the list: add what is new, set what differs, replace\n"
          "                 secrets that are others, each once it has proved itself\n"
          "  --prune        remove what the list lacks; its last line must be {\"end\":COUNT}\n"
          "  --scope K=V    but only keys with this label\n"
          "  --max-remove, --max-replace N|N%\n"
          "                 do nothing if more would be removed [5%] or replaced [20%]\n",
          command_import },
        { "list", "[PATTERN...] [SELECTOR] [--sort COLUMN] [--limit N] [--columns C,...]", "List the keys",
          SELECTOR_HELP "  --columns C,...  these columns; see v_key in keyvigild(8)\n"
                        "  --sort COLUMN    in this order\n"
                        "  --limit N        not more than these\n",
          command_list },
        { "show", "NAME|--unknown", "Show all about a key",
          "  --unknown  permissions that Stripe named in a refusal, and the catalogue does not know\n",
          command_show },
        { "status", "[--brief]", "Show how the watch is doing", "  --brief  in one line\n", command_status },
        { "check", "NAME...|SELECTOR|--all [--full|--excess|--coupons|--connect]",
          "Ask Stripe about a key now",
          "Without an option: is it alive. Exit status: 0 all well, 1 findings, 3 could not tell.\n\n"
          "  --full     ask for every permission of the profile\n"
          "  --excess   ask for every other permission\n"
          "  --coupons  look for probe coupons that were left behind\n"
          "  --connect  try it with a real coupon, which is deleted at once\n\n" SELECTOR_HELP,
          command_check },
        { "history", "NAME [--limit N]", "Show what became of a key", NULL, command_history },
        { "coupons", "[list [NAME]|sweep [NAME]|add NAME ID...|-] [--dry-run] [--force]",
          "Show and remove left-over probe coupons",
          "  list   what the ledger knows (as without a word)\n"
          "  sweep  look in all accounts, or in that of one key, and delete what is stale\n"
          "  add    the same for ids out of another program's logs; '-' reads them from standard input\n\n"
          "  --dry-run  everything but the deleting\n"
          "  --force    delete although there are unusually many\n",
          command_coupons },
        { "incidents",
          "[ID] [--open] [--key NAME] [--kind K] [--since SINCE] [--limit N] [SELECTOR] [--replay SINCE]",
          "Show what is or was wrong",
          "What one cause has opened for many keys stands under it as one line.\n\n"
          "  --open          only what is wrong now\n"
          "  --key NAME      only what is about this key\n"
          "  --kind K        only these, with commas between; see keyvigil.journal(7)\n"
          "  --since SINCE   only what opened since (a date, or 2h, 7d ago)\n"
          "  --limit N       the newest N [1000]\n"
          "  --replay SINCE  write the events since (a date, or 2h, 7d ago) to the journal once "
          "more\n\n" SELECTOR_HELP,
          command_incidents },
        { "events", "[--follow] [--after CURSOR] [--kind K] [--key NAME]", "Show what was told, in order",
          "Every event once, the oldest first; with --json one JSON object a line.\n\n"
          "  --follow        go on with what comes; without --after from now on\n"
          "  --after CURSOR  what came behind the event that had this cursor\n"
          "  --kind K        only these, with commas between; see keyvigil.journal(7)\n"
          "  --key NAME      only what is about this key\n",
          command_events },
        { "ack", "ID...|SELECTOR --reason TEXT [--until DATE] [--yes] [--dry-run]",
          "Stop the reminders of an incident", SELECTOR_HELP BULK_HELP, command_ack },
        { "rotate", "NAME [--created DATE] [--expires DATE] [--force] | --file FILE|- [--yes] [--dry-run]",
          "Replace a key by its successor",
          "The new secret is read from standard input, or asked for without echo. It must be of the same\n"
          "account and grant the same. The old one is watched until it is dead, and then erased.\n\n"
          "  --created DATE  when the new one was made [now]\n"
          "  --expires DATE  when it will end\n"
          "  --force         although it lacks something, or its account could not be told\n"
          "  --file FILE     many of them: lines of {\"name\", \"key\", \"created\"?, \"expires\"?}; what "
          "comes of\n"
          "                  each is said, and the same again does nothing to those that have it already\n"
          "  --dry-run       only look at the lines\n",
          command_rotate },
        { "set",
          "NAME...|SELECTOR [--profile P] [--label K=V]... [--expires DATE] [--account acct_...] [--yes] "
          "[--dry-run]",
          "Change what is said of a key",
          "An empty value takes a label, the expiry or the account away. --profile, --account and --label\n"
          "are what is set, so keys are chosen by\n"
          "  --of-profile P   of this profile\n"
          "  --of-account A   of this account\n"
          "  --of-label K=V   with this label\n\n" SELECTOR_HELP BULK_HELP,
          command_set },
        { "pause", "NAME...|SELECTOR [--until DATE] [--reason TEXT] [--yes] [--dry-run]",
          "Do not ask about a key for a while", SELECTOR_HELP BULK_HELP, command_pause },
        { "resume", "NAME...|SELECTOR [--yes] [--dry-run]", "Ask about it again", SELECTOR_HELP BULK_HELP,
          command_resume },
        { "remove", "NAME...|SELECTOR [--force] [--yes] [--dry-run]", "Forget a key and its secret",
          "Its history stays as long as all history does: see 'keyvigil history NAME'. Stripe does not hear "
          "of\n"
          "it: the key itself lives on. On a terminal it asks before, for a single key, "
          "too.\n\n" SELECTOR_HELP BULK_HELP,
          command_remove },
        { "profiles", "[NAME|--check]", "Show what keys must be able to do",
          "  --check  which requests of the catalogue the configured api_version does not have\n",
          command_profiles },
        { "link", "PROFILE [--test]", "Print the link that creates such a key", NULL, command_link },
        { "prove", "[--all-key FILE] [--none-key FILE] [--profile-key P=FILE] [--write FILE] [--report FILE]",
          "Hold the catalogue of permissions against Stripe itself",
          "Asks every request of the catalogue with test keys of one account of your own, and tells which\n"
          "are as assumed. Nothing is stored, and nothing read or written at Stripe. A key without FILE is\n"
          "asked for; keyvigil(1) tells how to make them. Exit status: 0 all as assumed, 1 not, 3 not "
          "told.\n\n"
          "  --all-key FILE        may do everything: the test secret key, or a restricted one\n"
          "  --none-key FILE       a restricted test key without any permission\n"
          "  --profile-key P=FILE  a restricted test key with just what profile P requires\n"
          "  --write FILE          a permissions.yaml of what was learned\n"
          "  --report FILE         the result, without keys, ids and accounts: it may be published\n",
          command_prove },
        { "plan", "[--coupons N]", "Tell how many requests the watch needs",
          "  --coupons N  how many coupons an account has where they were never counted [1000]\n",
          command_plan },
        { "check-config", "", "Read the configuration and say what is wrong", NULL, command_check_config },
        { "reload", "", "Have the daemon read its configuration anew", NULL, command_reload },
        { "backup", "FILE|-", "Copy the database",
          "Works while the daemon runs. The secrets in it are sealed; the master key is not in it: keep\n"
          "that apart, for without it they cannot be opened again.\n",
          command_backup },
        { "metrics", "[--openmetrics]", "Print numbers for a monitoring system",
          "In the text form that Prometheus' textfile collector reads.\n\n"
          "  --openmetrics  as OpenMetrics 1.0\n",
          command_metrics },
        { "notify", "[--state FOLDER]", "Tell receivers of events; what keyvigil-notify.service runs",
          "Who is told is in keyvigil.yaml, notify:.\n\n"
          "  --state FOLDER  where it remembers what was delivered [$STATE_DIRECTORY]\n",
          command_notify },
        { "web", "", "Serve numbers and pages; what keyvigil-web.service runs",
          "Where it listens is in keyvigil.yaml, web:.\n", command_web },
        { "doctor", "", "Look at what the watch stands on, and say what to do",
          "Settings, daemon, journal, timer, groups, master key, disk, the way to Stripe, the clock,\n"
          "receivers, backup. Exit status 1 if something needs to be done.\n",
          command_doctor },
        { "test-alert", "", "Send a harmless event through everything", NULL, command_test_alert },
        { "plugin", "[--watch] [--warning N] [--critical N]", "Answer a monitoring system",
          "One line, performance data, exit status 0 to 3.\n\n"
          "  --watch       only: does the watch go on?\n"
          "  --warning N   from N keys on that are not as they should be [1]\n"
          "  --critical N  from N dead keys on [1]\n",
          command_plugin },
        /* Hidden: what the completions of the shells ask. */
        { "complete", "line WORD...|WHAT [PREFIX]", NULL, NULL, command_complete },
};

const struct command *commands_all(size_t *ret_n)
{
        *ret_n = ELEMENTSOF(commands);
        return commands;
}

const struct command *command_find(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (strcmp(commands[i].name, name) == 0)
                        return &commands[i];
        return NULL;
}
