/* Is the catalogue right? Every request of it is sent with test keys of one's own whose rights are known, and
 * what comes back is held against what the catalogue assumes. Nothing is stored, nothing is written or read
 * at Stripe. */
#ifndef PROVE_PROVE_H
#define PROVE_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/secret.h"
#include "conf/conf.h"
#include "stripe/judge.h"

/* The keys, all of one account in test mode. */
enum prove_key {
        PROVE_ALL,     /* may do everything */
        PROVE_NONE,    /* restricted, may do nothing */
        PROVE_PROFILE, /* restricted, may do what a profile requires; optional */
        _PROVE_KEY_MAX,
};

const char *prove_key_name(enum prove_key key);  /* "all", "none", "profile" */
const char *prove_key_title(enum prove_key key); /* "with all rights", "without rights", "of the profile" */

/* What one key was answered. Its texts hold no key, id or account. */
struct prove_answer {
        bool asked;
        enum answer answer;
        bool stale; /* a 400 or 404 that no rule lists */
        long status;
        char code[CODE_SIZE], permission[160], text[256];
};

enum prove_verdict {
        PROVE_RIGHT,         /* granted to the one key, refused to the other */
        PROVE_OFF,           /* the account lacks the product: it cannot show this */
        PROVE_FALSE_GRANTED, /* the key without rights was answered as if it had this one */
        PROVE_UNLISTED,      /* the key with all rights was answered with a code that no rule lists */
        PROVE_CARRIED_OUT,   /* a POST was answered with 2xx: it made or changed something */
        PROVE_GONE,          /* there is no such address */
        PROVE_REFUSED,       /* the key with all rights was refused */
        PROVE_ODD,           /* the key without rights got an answer that is neither */
        PROVE_UNANSWERED,    /* no answer that could be judged */
        _PROVE_VERDICT_MAX,
};

/* One request of the catalogue, or the list of what one asks for singly. */
struct prove_row {
        unsigned row;
        enum level level;
        const struct probe *probe;
        char *asked;                  /* the path that was asked, whatever becomes of the probe */
        struct probe listing;         /* of a list: what `probe` is */
        const struct prove_row *list; /* NULL: it was not asked for */
        struct prove_answer answers[_PROVE_KEY_MAX];
        enum prove_verdict verdict;
        bool other_name;    /* the refusal names another permission */
        bool profile_wrong; /* the profile's key was answered otherwise than its profile says */
        char *mended;       /* for people: what becomes of it in the override; NULL: nothing */
};

struct proof {
        const struct conf *conf;
        const struct profile *profile; /* of PROVE_PROFILE; NULL: there is no such key */
        struct prove_row *rows;
        size_t n, n_lists; /* the lists are behind the others, and in no count */
        size_t counts[_PROVE_VERDICT_MAX];
        uint64_t accounts[_PROVE_KEY_MAX]; /* a hash of what Stripe calls the key's account; 0: not told */
        bool begin_alike;                  /* keys that begin with their account begin with the same */
};

/* Every request that can be asked in test mode. -ENOMEM. */
int proof_new(const struct conf *conf, const struct profile *profile, struct proof **ret);
struct proof *proof_free(struct proof *proof);
DEFINE_CLEANUP(struct proof, proof_free)

/* After the first asking: what a key without rights was granted singly is asked as a list, which nobody looks
 * up before the permission. Gives how many there are: ask again; or -ENOMEM. */
int proof_add_lists(struct proof *proof);

struct prove_run {
        struct proof *proof;
        const struct secret *keys[_PROVE_KEY_MAX]; /* borrowed; the last may be NULL */
        FILE *part;                                /* borrowed: takes each answer at once; NULL: none */
        void (*progress)(size_t asked, size_t of, void *userdata);
        void *userdata;
};

/* Ask what was not told yet, at the pace of an account. 0: all of it was asked. -EINTR: interrupted.
 * -EKEYREVOKED: a key is dead, blocked or of a refused account; -EXDEV: the keys are of different accounts;
 * -ENETUNREACH: nobody answers; -EBUSY: Stripe wants to be left alone for long; *ret_why, which the caller
 * frees, says so for people (NULL without memory). Or another failure of ours, with *ret_why NULL. */
int prove_ask(const struct prove_run *run, char **ret_why);

/* Is there an answer that says something? */
bool prove_is_told(const struct prove_answer *answer);

/* Did anything tell that the key with all rights is of the account of another one? */
bool proof_tells_account(const struct proof *proof);

/* Fill in verdicts and counts. */
void prove_judge(struct proof *proof);

/* After prove_judge(): why these can hardly be the keys that were asked for (static text); NULL: they can. */
const char *proof_doubt(const struct proof *proof);

#endif
