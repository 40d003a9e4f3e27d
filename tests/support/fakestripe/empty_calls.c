#include "empty_calls.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "refuse.h"
#include "route.h"

/* Something in a list that must not stay in anybody's log or store. */
static void write_sample(struct buf *b, const struct call *c)
{
        buf_printf(b,
                   "\n    {\n      \"id\": \"obj_1SampleObject\",\n      \"object\": \"sample\",\n"
                   "      \"email\": \"canary.person@example.com\",\n      \"name\": \"Canary Person\",\n"
                   "      \"livemode\": %s\n    }\n  ",
                   c->key->realm->live ? "true" : "false");
}

/* Nothing is there, so no cursor can be. Its object goes by the name of the row. */
static bool refuse_cursors(struct call *c)
{
        const char *after = form_get(&c->query_form, "starting_after");
        const char *before = form_get(&c->query_form, "ending_before");

        if (after && before)
                answer_refuse(&c->answer, 400, NULL, NULL,
                              "You cannot parameterize with both starting_after and ending_before.");
        else if (after || before)
                refuse_object(c, 400, c->route->noun ? c->route->noun : "object", after ? after : before,
                              after ? "starting_after" : "ending_before");
        return after || before;
}

static void answer_list(struct call *c, bool v2)
{
        struct buf *b = &c->answer.body;
        int64_t limit = 10;
        int r = form_get_number(&c->query_form, "limit", &limit);

        if (r == -EINVAL || limit < 1 || limit > 100)
                return answer_refuse(&c->answer, 400, "parameter_invalid_integer", "limit",
                                     "Invalid integer: %s", form_get(&c->query_form, "limit"));
        if (refuse_cursors(c))
                return;
        answer_reset(&c->answer);
        buf_puts(b, "{\n");
        if (!v2) {
                buf_puts(b, "  \"object\": \"list\",\n  \"url\": ");
                buf_json(b, c->path);
                buf_puts(b, ",\n  \"has_more\": false,\n");
        }
        buf_puts(b, "  \"data\": [");
        if (c->world->samples)
                write_sample(b, c);
        buf_puts(b, v2 ? "],\n  \"next_page_url\": null,\n  \"previous_page_url\": null\n}\n" : "]\n}\n");
        c->answer.effect = EFFECT_READ;
}

static void answer_account(struct call *c)
{
        answer_reset(&c->answer);
        buf_printf(
                &c->answer.body,
                "{\n  \"id\": \"%s\",\n  \"object\": \"account\",\n  \"charges_enabled\": true,\n"
                "  \"country\": \"DE\",\n  \"default_currency\": \"eur\",\n  \"details_submitted\": true,\n"
                "  \"email\": \"canary.owner@example.com\",\n  \"payouts_enabled\": true,\n"
                "  \"type\": \"standard\"\n}\n",
                c->key->realm->account);
        c->answer.effect = EFFECT_READ;
}

static void answer_object(struct call *c, enum effect effect)
{
        answer_reset(&c->answer);
        buf_printf(&c->answer.body, "{\n");
        if (effect == EFFECT_CREATED)
                buf_printf(&c->answer.body, "  \"id\": \"obj_%016" PRIx64 "\",\n", world_random(c->world));
        buf_printf(&c->answer.body, "  \"object\": \"%s\",\n  \"livemode\": %s\n}\n", c->route->noun,
                   c->key->realm->live ? "true" : "false");
        c->answer.effect = effect;
}

/* Next to no parameter is known here; a made-up one is not known there either. */
static bool refuse_made_up(struct call *c, const struct form *f)
{
        static const char *const known[] = { "expand[", NULL };

        return refuse_unknown_names(c, f, known);
}

void empty_call(struct call *c)
{
        const struct route *r = c->route;

        if (strncmp(c->path, "/v1/test_helpers/", 17) == 0 && c->key->realm->live)
                return answer_refuse(&c->answer, 400, NULL, NULL,
                                     "This endpoint is only available to test mode keys.");
        switch (r->outcome) {
        case OUTCOME_LIST:
        case OUTCOME_LIST_V2:
                return answer_list(c, r->outcome == OUTCOME_LIST_V2);
        case OUTCOME_ACCOUNT:
                return answer_account(c);
        case OUTCOME_OBJECT:
                return refuse_made_up(c, &c->query_form) ? (void) 0 : answer_object(c, EFFECT_READ);
        case OUTCOME_NO_OBJECT:
                return refuse_object(c, 404, r->noun, c->id, r->param);
        case OUTCOME_BAD_OBJECT:
                return refuse_object(c, 400, r->noun, c->id, r->param);
        case OUTCOME_NEEDS:
                return refuse_made_up(c, &c->body_form) ? (void) 0 : refuse_missing(c, r->param);
        default:
                return refuse_made_up(c, &c->body_form) ? (void) 0 : answer_object(c, EFFECT_CREATED);
        }
}
