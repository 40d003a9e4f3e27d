/* Whatever keeps an event back, lowers its priority, or stops questions stands here, with the longest that it
 * may last and where people see it; the code takes its limits from here. A test holds doc/design.md and the
 * engine to this table: what would be silent without standing here fails it. */
#ifndef MODEL_SILENCE_H
#define MODEL_SILENCE_H

#include "base/usec.h"

/*      name, the longest in seconds (0: as long as what it waits for), what it is, when it ends at the
 *      latest, where it is seen */
/* clang-format off */
#define SILENCES(X) \
        X(CONFIRMATION, SEC_PER_HOUR, "confirmation of a dead answer", \
          "35 s and five answers (20 s more in a burst); an hour if unanswered", "`list` DOUBT, `status`") \
        X(HOLD, 30 * SEC_PER_MINUTE, "a hold", \
          "30 min and four answers, 5 min if there is but one; an hour if unanswered", \
          "the same; `mass-revocation`, `unconfirmed` after the first") \
        X(AGREEMENT, 30, "a second answer that must agree: a permission, the address, the account", \
          "30 s and two answers", "`check`, `show`") \
        X(OUTAGE, 10 * SEC_PER_MINUTE, "`key-unverified` waits for an outage", \
          "the outage; 10 min after the last newly troubled key", "`stripe-outage`") \
        X(TROUBLED, 0, "a troubled key is asked ever more slowly", "50 pulses; the outage", \
          "`stripe-outage`, `status` waiting") \
        X(MEMBER, SEC_PER_HOUR, "a member of a group is told at priority 6", "an hour; 10 min without joiners", \
          "the group's count, every list of incidents") \
        X(SHRUNK, 0, "less is missing, or too much, than was told: priority 6", "the end of the incident, or growth", \
          "`list`, `show`") \
        X(CROWD, SEC_PER_MINUTE, \
          "more than 60 entries a minute of priority 4 and lesser; 60 of 3 and worse have their own allowance; " \
          "members' entries and heartbeats go behind all others, up to 1,000 a minute", \
          "the next minute", "`journal-summary`, replay") \
        X(FLAPPING, 7 * SEC_PER_DAY, "a kind that opens and ends too often, per key; a stale row that is answered in between", \
          "a quiet day; told again after 7 days", "`key-flapping`; `catalogue-stale` that ended by `answers-again`") \
        X(ACKNOWLEDGED, 30 * SEC_PER_DAY, "an acknowledgement", "its date; without one 30 days; growth", "`incidents`") \
        X(PAUSED, 7 * SEC_PER_DAY, "a pause", "its date; without one a note each week", "`list`, `status`") \
        X(DEAD, SEC_PER_HOUR, "a dead key is asked slowly", "1 h", "`show`") \
        X(SUCCESSOR, SEC_PER_HOUR, "a new secret of a list that nobody could judge yet is asked ever more slowly", \
          "a minute, doubled up to 1 h; `check` asks at once", "`show`, `import --sync`") \
        X(BACK_OFF, SEC_PER_HOUR, "back-off of one account", "a minute; 1 h where Stripe asks for it", \
          "`status` (waiting, and why)") \
        X(STALE, SEC_PER_HOUR, "a stale row (three accounts and half of those asked)", \
          "asked hourly of three accounts; the first listed answer ends it", "`catalogue-stale`") \
        X(SWEEP, 0, "too much is told in one list, once the riskiest was asked", "two pulses for each question", \
          "`list` EXCESS, `check`") \
        X(JOURNAL, 5, "`journald` away, store in trouble", "when they are back; all unsent, without a restart", \
          "`status` unsent, `store-trouble`") \
        X(REMINDER, 7 * SEC_PER_DAY, "reminders", "four hours at first, a week at last", "`incidents`")
/* clang-format on */

/* SILENCE_…_MAX: the longest, in seconds. */
enum {
#define X(name, longest, what, ends, seen) SILENCE_##name##_MAX = longest,
        SILENCES(X)
#undef X
};

#endif
