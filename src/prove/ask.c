/* The asking: one question after the other, as many at a time and a second as an account may be asked. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-event.h>

#include "base/hash.h"
#include "base/macros.h"
#include "http/http.h"
#include "prove/blank.h"
#include "prove/part.h"
#include "prove/prove.h"

#define PLACES_MAX  16
#define REPEATS_MAX 4
#define BODY_MAX    ((size_t) 1 << 20)

/* So many replies in a row that are no answer of Stripe's: nobody is there to be asked. */
#define SILENT_MAX 8
/* So many first answers of a key that are about its account, and about no permission. */
#define UNSERVED_MAX 5
/* Nobody waits longer at a terminal. Seconds. */
#define PATIENCE 300
/* A server in trouble may wish for hours; its question is asked again sooner, and then given up. Seconds. */
#define TROUBLE_WAIT_MAX 30
/* So many wishes in a row to be asked more slowly: it will not end soon. */
#define THROTTLED_MAX 12

struct question {
        struct asking *asking;
        struct prove_row *row;
        enum prove_key key;
        unsigned repeats;
        struct call *call; /* NULL: the place is free, or waits for its repeat */
        usec_t again;      /* when to ask once more; 0: not */
};

struct asking {
        const struct prove_run *run;
        sd_event *event;
        sd_event_source *timer;
        struct transport *transport;
        struct question places[PLACES_MAX];
        size_t n_places;
        usec_t pace;
        size_t next, of, asked; /* of all questions: row by row, a key after the other */
        usec_t rest_until;      /* Stripe asked for patience: no question before that */
        unsigned silent;        /* replies in a row that are no answer */
        unsigned throttled;     /* answers in a row that wish for patience */
        unsigned unserved[_PROVE_KEY_MAX];
        char *why;
        int result;
};

static void finish(struct asking *a, int result)
{
        a->result = result;
        (void) sd_event_exit(a->event, 0);
}

static _printf_(3, 4) void stop(struct asking *a, int result, const char *format, ...)
{
        va_list ap;

        free(a->why);
        va_start(ap, format);
        if (vasprintf(&a->why, format, ap) < 0)
                a->why = NULL;
        va_end(ap);
        finish(a, result);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void) source;
        (void) info;
        finish(userdata, -EINTR);
        return 0;
}

/* A key that is not accepted proves nothing: whoever asked has to hear it at once. */
static const char *key_trouble(struct asking *a, enum prove_key key, const struct judgement *j)
{
        bool unserved = j->answer == ANSWER_ACCOUNT_REFUSED || j->status == 401;

        if (answer_is_dead(j->answer))
                return "Stripe does not accept it: it is no valid key, or not any more";
        if (j->answer == ANSWER_BLOCKED)
                return "Stripe does not accept it from this address";
        if (!unserved)
                a->unserved[key] = UNSERVED_MAX; /* some endpoint may refuse an account later */
        else if (a->unserved[key] < UNSERVED_MAX && ++a->unserved[key] == UNSERVED_MAX)
                return "Stripe refuses whatever is asked with it, for another reason than a permission";
        return NULL;
}

/* Refusals name the key's account. */
static bool is_of_another_account(struct asking *a, enum prove_key key, const struct judgement *j)
{
        uint64_t *accounts = a->run->proof->accounts;

        if (j->account[0] == '\0')
                return false;
        accounts[key] = hash_text(j->account);
        for (int other = 0; other < _PROVE_KEY_MAX; other++)
                if (accounts[other] != 0 && accounts[other] != accounts[key])
                        return true;
        return false;
}

static void keep(struct asking *a, struct question *q, const struct judgement *j)
{
        struct prove_answer *answer = &q->row->answers[q->key];

        *answer = (struct prove_answer){
                .asked = true, .answer = j->answer, .stale = j->stale_probe, .status = j->status
        };
        blank(j->code, answer->code, sizeof(answer->code));
        blank(j->permission, answer->permission, sizeof(answer->permission));
        blank(j->text, answer->text, sizeof(answer->text));
        if (a->run->part && prove_is_told(answer))
                part_add(a->run->part, a->run->proof, q->row, q->key);
        a->asked++;
        if (a->run->progress)
                a->run->progress(a->asked, a->of, a->run->userdata);
}

static usec_t now_of(struct asking *a)
{
        uint64_t now = 0;

        (void) sd_event_now(a->event, CLOCK_BOOTTIME, &now);
        return now;
}

/* No answer: the question is repeated, and where Stripe asks for it all of them wait. False: it was repeated
 * often enough. */
static bool repeat(struct asking *a, struct question *q, const struct judgement *j)
{
        int64_t wait = MAX(INT64_C(1) << q->repeats, j->retry_after);

        if (j->answer != ANSWER_THROTTLED)
                wait = MIN(wait, INT64_C(1) * TROUBLE_WAIT_MAX);
        else
                a->rest_until = now_of(a) + (usec_t) wait * USEC_PER_SEC;
        if (q->repeats == REPEATS_MAX)
                return false;
        q->repeats++;
        q->again = now_of(a) + (usec_t) wait * USEC_PER_SEC;
        return true;
}

/* Does the run end here? */
static bool ends(struct asking *a, const struct question *q, const struct judgement *j)
{
        const char *trouble = key_trouble(a, q->key, j);

        a->throttled = j->answer == ANSWER_THROTTLED ? a->throttled + 1 : 0;
        a->silent = j->answer == ANSWER_UNCLEAR && j->cause != CAUSE_UNLISTED ? a->silent + 1 : 0;
        if (trouble)
                stop(a, -EKEYREVOKED, "the key %s: %s", prove_key_title(q->key), trouble);
        else if (is_of_another_account(a, q->key, j))
                stop(a, -EXDEV, "the keys are of different accounts; make all of them in one");
        else if (a->silent == SILENT_MAX)
                stop(a, -ENETUNREACH, "no answer from %s (%s)", a->run->proof->conf->settings.stripe.api_base,
                     j->text);
        else if (j->retry_after > PATIENCE && j->answer == ANSWER_THROTTLED)
                stop(a, -EBUSY, "Stripe asks to be left alone for %" PRId64 " seconds", j->retry_after);
        else if (a->throttled == THROTTLED_MAX)
                stop(a, -EBUSY, "Stripe answers nothing but that there are too many requests");
        else
                return false;
        return true;
}

static void on_reply(const struct reply *reply, void *userdata)
{
        struct question *q = userdata;
        struct asking *a = q->asking;
        struct judgement j;

        q->call = NULL;
        judge(reply, q->row->probe, &j);
        if (ends(a, q, &j))
                return;
        if ((j.answer == ANSWER_THROTTLED || (j.answer == ANSWER_UNCLEAR && !j.stale_probe)) &&
            repeat(a, q, &j))
                return;
        keep(a, q, &j);
        q->row = NULL;
}

static void random_letters(char *to, size_t n)
{
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        unsigned char bytes[32];

        if (getrandom(bytes, n, 0) != (ssize_t) n)
                memset(bytes, 7, n); /* absent all the same */
        for (size_t i = 0; i < n; i++)
                to[i] = letters[bytes[i] % (sizeof(letters) - 1)];
        to[n] = '\0';
}

static int send(struct asking *a, struct question *q)
{
        char absent[sizeof("keyvigil_absent_") + 16] = "keyvigil_absent_";
        _cleanup_free_ char *path = NULL;

        random_letters(absent + strlen(absent), 16);
        int r = probe_path(q->row->probe, absent, &path);
        if (r < 0)
                return r;
        struct request request = { .method = q->row->probe->method,
                                   .path = path,
                                   .key = a->run->keys[q->key],
                                   .body_max = BODY_MAX };
        q->again = 0;
        return a->transport->start(a->transport, &request, on_reply, q, &q->call);
}

/* The next question that was not answered in an earlier run. */
static bool take(struct asking *a, struct question *q)
{
        const struct prove_run *run = a->run;

        while (a->next < (run->proof->n + run->proof->n_lists) * _PROVE_KEY_MAX) {
                struct prove_row *row = &run->proof->rows[a->next / _PROVE_KEY_MAX];
                enum prove_key key = (enum prove_key)(a->next++ % _PROVE_KEY_MAX);

                if (!run->keys[key] || row->answers[key].asked)
                        continue;
                *q = (struct question){ .asking = a, .row = row, .key = key };
                return true;
        }
        return false;
}

/* At each beat one question, if a place is free for it. */
static int on_beat(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct asking *a = userdata;
        bool busy = false, sent = false;

        (void) usec;
        for (size_t i = 0; i < a->n_places; i++) {
                struct question *q = &a->places[i];
                bool resting = now_of(a) < a->rest_until;
                bool due = q->row ? !q->call && q->again <= now_of(a) : !sent && !resting && take(a, q);

                if (due && !sent && !resting) {
                        int r = send(a, q);

                        if (r < 0) {
                                finish(a, r);
                                return 0;
                        }
                        sent = true;
                }
                busy = busy || q->row || resting;
        }
        if (!busy) {
                finish(a, 0);
                return 0;
        }
        (void) sd_event_source_set_time_relative(source, a->pace);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int open_world(struct asking *a)
{
        const struct settings *s = &a->run->proof->conf->settings;
        struct http_options options = { .api_base = s->stripe.api_base,
                                        .ca_file = s->stripe.ca_file,
                                        .proxy = s->stripe.proxy,
                                        .api_version = s->stripe.api_version,
                                        .timeout = s->stripe.timeout,
                                        .concurrency = (unsigned) a->n_places };
        sigset_t set;
        int r = sd_event_new(&a->event);

        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        (void) sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
        if (r >= 0)
                r = sd_event_add_signal(a->event, NULL, SIGINT, on_signal, a);
        if (r >= 0)
                r = sd_event_add_signal(a->event, NULL, SIGTERM, on_signal, a);
        if (r >= 0)
                r = sd_event_add_time_relative(a->event, &a->timer, CLOCK_BOOTTIME, 0, 1, on_beat, a);
        return r >= 0 ? http_new(a->event, &options, &a->transport) : r;
}

int prove_ask(const struct prove_run *run, char **ret_why)
{
        const struct settings *s = &run->proof->conf->settings;
        struct asking a = { .run = run,
                            .n_places = MIN(s->stripe.account_concurrency, PLACES_MAX),
                            .pace = USEC_PER_SEC / s->stripe.account_rate };

        for (size_t i = 0; i < run->proof->n + run->proof->n_lists; i++)
                for (int key = 0; key < _PROVE_KEY_MAX; key++) {
                        a.of += run->keys[key] != NULL;
                        a.asked += run->proof->rows[i].answers[key].asked;
                }
        int r = open_world(&a);
        if (r >= 0)
                r = sd_event_loop(a.event);
        if (r >= 0)
                r = a.result;
        for (size_t i = 0; i < a.n_places; i++)
                if (a.places[i].call)
                        a.transport->cancel(a.transport, a.places[i].call);
        http_free(a.transport);
        sd_event_source_unref(a.timer);
        sd_event_unref(a.event);
        *ret_why = a.why;
        return r;
}
