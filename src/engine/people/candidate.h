/* A secret that proves itself before it is stored; for candidate.c, which asks, and candidate_store.c, which
 * stores. */
#ifndef ENGINE_CANDIDATE_H
#define ENGINE_CANDIDATE_H

#include "engine/people/people.h"

struct candidate {
        struct engine *engine;
        struct key *key; /* not in the list of keys; until it is stored */
        struct secret *secret;
        int64_t replaces; /* id of the key that is rotated; 0: a new one */
        bool force, replace_account;
        char declared[40];  /* whose the new secret of a key must be; "": whose the old one is */
        bool wants_excess;  /* to look at once for what is too much, before it is stored */
        bool sweeping;      /* that is what is asked now */
        bool swept;         /* all of it was asked */
        bool wrong_account; /* why it is refused */
        struct label labels[LABELS_MAX];
        size_t n_labels;
        char *warning;

        struct series *series; /* what is asked: first what it must prove, then what could be too much */
        struct ask *ask;
        char account[40], key_object[64];
        enum answer answer;
        char text[256];
        bool incomplete; /* something that it must prove was not told */

        bool has_actor; /* who asked, when it began */
        uint32_t actor;

        check_done_fn done;
        void *userdata;
        LIST_ENTRY(candidate) in_engine;
};

/* Tell whoever waits. `refusal`: why it was not stored, if the answers do not say. */
void candidate_tell(struct candidate *c, bool stored, const char *refusal);

/* Did it prove all that it must? */
bool candidate_is_complete(const struct candidate *c);

/* Store it, or swap it in, or say why not. */
void candidate_store(struct candidate *c);

#endif
