/* What is under way about one key. */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "engine/keys/keys.h"
#include "engine/request.h"
#include "engine/requests/ask.h"

#define ROW_NONE UINT16_MAX /* no catalogue row: any object that cannot exist */

/* One question of a check. */
struct item {
        uint16_t row;
        uint8_t level;
};

static inline bool item_same(struct item a, struct item b)
{
        return a.row == b.row && a.level == b.level;
}

/* One answer about a required permission that contradicts what is believed; the second one decides. */
struct doubt {
        struct item item;
        bool granted;
        usec_t since; /* the first such answer */
        int64_t since_wall;
        usec_t when; /* when it is asked again */
};

/* Two different questions decide whether Stripe serves the account: it does not once both were refused for
 * the account's sake, and does again once both were answered well. */
struct account_refused {
        struct item items[2];
        uint8_t n;    /* how many were refused */
        uint8_t well; /* of them, one bit each: answered well since */
        usec_t again; /* when the other one is asked; 0: not */
};

/* Answers in a row that no rule lists. */
struct unlisted {
        uint8_t n;
        usec_t since; /* the first of them */
        int64_t since_wall;
};

/* The dead answer that counts. */
struct evidence {
        enum answer answer;
        long status;
        char code[CODE_SIZE], request[64];
};

/* A report that somebody waits for: which kind of check, and whom to tell. */
struct reporter {
        enum check_kind kind;
        check_done_fn done;
        void *userdata;
        struct reporter *next;
};

/* Up to so many are tried until one gives a verdict. */
#define WITNESSES_MAX 3

/* What a key needs only while something goes on about it. */
struct work {
        struct ask *ask; /* waits or flies; nothing else is asked of the key by the schedule meanwhile */
        /* Life. Only keys/wait.c sets the first two. */
        usec_t again;      /* what it waits for ends then; 0: it waits for nothing beyond the schedule */
        bool holds;        /* it waits for the end of a hold */
        unsigned repeats;  /* unclear answers in a row, for the growing wait */
        usec_t first_dead; /* the connection must be younger than this */
        usec_t last_dead;  /* the last judged answer of this doubt */
        uint64_t dead_connection; /* that it came on: the witness is asked on the same one */
        int64_t first_dead_wall;
        struct evidence *evidence;   /* NULL: there is none */
        struct suspicion *suspicion; /* watch/burst.c: it is one of those that are suspected */
        struct ask *witness;         /* somebody else is being asked about us */
        usec_t vouched;              /* when a healthy witness answered: one more answer of ours decides */
        usec_t decides_after;        /* the connection of that answer must be younger than this */
        int64_t witnesses_tried[WITNESSES_MAX]; /* key ids, of this round */
        unsigned witness_tries;

        struct series *series; /* a check under way; NULL: none */

        struct doubt *doubts; /* as many as there are contradictions */
        size_t n_doubts;
        int64_t missing_since; /* the first refusal of what was found missing since the last look; 0: none */
        bool lost, gained;     /* since then an answer took away what it had, or gave what it was not known to
                                  have */
        usec_t missing_read_asked; /* when missing read permissions were last asked */

        struct account_refused account_refused;
        struct unlisted unlisted;

        struct reporter *reporters;
        enum answer last_answer;
        char *last_text; /* NULL: it said nothing */
};

/* The key's work, made if there is none. Aborts without memory. */
struct work *key_work(struct key *key);
/* Free the work if nothing goes on. */
void key_rest(struct key *key);
void work_free(struct engine *e, struct key *key);

#endif
