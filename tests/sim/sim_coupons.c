#include "sim_coupons.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WALL_START INT64_C(1800000000)
#define GRACE      (15 * SEC_PER_MINUTE)
#define FRESH      (10 * USEC_PER_SEC)

int64_t sim_stripe_wall(const struct sim *sim)
{
        return WALL_START + (int64_t) (sim->now / USEC_PER_SEC);
}

size_t sim_coupon_add(struct sim *sim, unsigned account, const char *id, int64_t age)
{
        if (sim->n_coupons == sim->coupons_room) {
                sim->coupons_room = MAX(256, 2 * sim->coupons_room);
                sim->coupons = reallocarray(sim->coupons, sim->coupons_room, sizeof(*sim->coupons));
        }
        struct sim_coupon *c = &sim->coupons[sim->n_coupons];
        *c = (struct sim_coupon){
                .account = account, .live = true, .created = sim_stripe_wall(sim) - age, .appeared = sim->now
        };
        snprintf(c->id, sizeof(c->id), "%s", id);
        return sim->n_coupons++;
}

struct sim_coupon *sim_coupon(struct sim *sim, size_t i)
{
        return &sim->coupons[i];
}

/* Said in other words than the program's own, on purpose. */
static bool is_probe(const char *id)
{
        size_t n = 0;

        if (strncmp(id, "selgeo_probe_", 13) != 0)
                return false;
        for (const char *p = id + 13; *p; p++, n++)
                if (!isascii((unsigned char) *p) || !(isalnum((unsigned char) *p) || *p == '_' || *p == '-'))
                        return false;
        return n > 0;
}

bool sim_coupon_may_go(const struct sim *sim, const struct sim_coupon *c)
{
        return is_probe(c->id) && c->live && c->redeemed == 0 && c->promoted == 0 &&
               sim_stripe_wall(sim) - c->created > GRACE;
}

static void error(struct reply *reply, long status, const char *code, const char *message, char **ret)
{
        reply->status = status;
        if (asprintf(ret,
                     "{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"type\":\"invalid_request_error\"}}",
                     code, message) < 0)
                abort();
}

static void coupon_print(FILE *out, const struct sim *sim, const struct sim_coupon *c)
{
        bool valid = c->redeem_by == 0 || c->redeem_by > sim_stripe_wall(sim);

        fprintf(out,
                "{\"id\":\"%s\",\"object\":\"coupon\",\"created\":%" PRId64
                ",\"livemode\":%s,\"times_redeemed\":%d,\"percent_off\":1.0,\"valid\":%s,\"metadata\":{}}",
                c->id, c->created, c->live ? "true" : "false", c->redeemed, valid ? "true" : "false");
}

static struct sim_coupon *find(struct sim *sim, unsigned account, const char *id, size_t n)
{
        for (size_t i = 0; i < sim->n_coupons; i++) {
                struct sim_coupon *c = &sim->coupons[i];

                if (!c->deleted && c->account == account && strlen(c->id) == n && memcmp(c->id, id, n) == 0)
                        return c;
        }
        return NULL;
}

static const char *parameter(const char *path, const char *name)
{
        const char *at = strstr(path, name);

        return at ? at + strlen(name) : NULL;
}

/* The value that begins at `text`, without its escapes. */
static void decode(const char *text, char *ret, size_t size)
{
        size_t n = 0;

        for (; *text && *text != '&' && n + 1 < size; text++) {
                char hex[3] = { 0 };

                if (*text == '%' && text[1] && text[2]) {
                        memcpy(hex, text + 1, 2);
                        ret[n++] = (char) strtoul(hex, NULL, 16);
                        text += 2;
                } else {
                        ret[n++] = *text;
                }
        }
        ret[n] = '\0';
}

/* Newest first, as they were made. */
static int compare_created(const void *a, const void *b)
{
        const struct sim_coupon *l = *(struct sim_coupon *const *) a, *r = *(struct sim_coupon *const *) b;

        return l->created != r->created ? (l->created < r->created ? 1 : -1) : strcmp(l->id, r->id);
}

static void list(struct sim *sim, unsigned account, const char *path, char **ret, struct reply *reply)
{
        const char *limit_text = parameter(path, "limit="), *after = parameter(path, "starting_after="),
                   *since_text = parameter(path, "created%5Bgte%5D="),
                   *until_text = parameter(path, "created%5Blte%5D=");
        size_t limit = limit_text ? strtoul(limit_text, NULL, 10) : 10, size, n = 0, given = 0, i = 0;
        int64_t since = since_text ? strtoll(since_text, NULL, 10) : 0;
        int64_t until = until_text ? strtoll(until_text, NULL, 10) : INT64_MAX;
        struct sim_coupon **all = calloc(sim->n_coupons + 1, sizeof(*all));
        FILE *out = open_memstream(ret, &size);

        for (size_t k = 0; k < sim->n_coupons; k++)
                if (!sim->coupons[k].deleted && sim->coupons[k].account == account &&
                    sim->coupons[k].created >= since && sim->coupons[k].created <= until)
                        all[n++] = &sim->coupons[k];
        qsort(all, n, sizeof(*all), compare_created);
        if (after) {
                char id[sizeof(all[0]->id)];

                decode(after, id, sizeof(id));
                while (i < n && strcmp(all[i]->id, id) != 0)
                        i++;
                if (i++ == n) {
                        fclose(out);
                        free(*ret);
                        free(all);
                        error(reply, 400, "resource_missing", "No such coupon: 'x'", ret);
                        return;
                }
        }
        fprintf(out, "{\"object\":\"list\",\"url\":\"/v1/coupons\",\"data\":[");
        for (; i < n && given < limit; i++, given++) {
                fputs(given ? "," : "", out);
                coupon_print(out, sim, all[i]);
        }
        fprintf(out, "],\"has_more\":%s}", i < n ? "true" : "false");
        fclose(out);
        free(all);
        reply->status = 200;
}

static void promotions(struct sim *sim, unsigned account, const char *path, char **ret, struct reply *reply)
{
        const char *id = parameter(path, "coupon=");
        size_t size, n = id ? strcspn(id, "&") : 0;
        struct sim_coupon *c = id ? find(sim, account, id, n) : NULL;

        if (!c) {
                error(reply, 400, "resource_missing", "No such coupon: 'x'", ret);
                return;
        }
        c->asked = sim->now;
        FILE *out = open_memstream(ret, &size);
        fprintf(out, "{\"object\":\"list\",\"data\":[");
        if (c->promoted == 1)
                fprintf(out,
                        "{\"object\":\"promotion_code\",\"id\":\"promo_1\",\"promotion\":{\"type\":"
                        "\"coupon\",\"coupon\":\"%s\"}}",
                        c->id);
        if (c->promoted == 2) {
                fprintf(out, "{\"object\":\"promotion_code\",\"id\":\"promo_1\",\"coupon\":");
                coupon_print(out, sim, c);
                fputc('}', out);
        }
        fprintf(out, "],\"has_more\":false}");
        fclose(out);
        reply->status = 200;
}

static void create(struct sim *sim, unsigned account, const char *form, char **ret, struct reply *reply)
{
        const char *id = parameter(form, "id=");
        char text[80];
        size_t size;

        snprintf(text, sizeof(text), "%.*s", (int) strcspn(id, "&"), id);
        if (find(sim, account, text, strlen(text))) {
                error(reply, 400, "resource_already_exists", "Coupon already exists.", ret);
                return;
        }
        struct sim_coupon *c = sim_coupon(sim, sim_coupon_add(sim, account, text, 0));
        c->redeem_by = strtoll(parameter(form, "redeem_by="), NULL, 10);
        FILE *out = open_memstream(ret, &size);
        coupon_print(out, sim, c);
        fclose(out);
        reply->status = 200;
        sim->created++;
}

static void one(struct sim *sim, unsigned account, enum method method, const char *id, char **ret,
                struct reply *reply)
{
        struct sim_coupon *c = find(sim, account, id, strlen(id));
        size_t size;

        if (!c) {
                error(reply, 404, "resource_missing", "No such coupon: 'x'", ret);
                return;
        }
        if (method == METHOD_DELETE && sim->refuse_deletes) {
                error(reply, 400, "coupon_in_use", "This coupon cannot be deleted.", ret);
                return;
        }
        reply->status = 200;
        if (method == METHOD_GET) {
                c->fetched = sim->now;
                FILE *out = open_memstream(ret, &size);

                coupon_print(out, sim, c);
                fclose(out);
                return;
        }
        bool fresh_of_ours = strlen(c->id) == 13 + 16 && sim->now - c->appeared < USEC_PER_MINUTE;
        /* Of a spent coupon of a connection check the promotion codes do not matter. */
        bool spent = c->redeem_by > 0 && c->redeem_by <= sim_stripe_wall(sim);
        bool fresh_facts = sim->asked_at - c->fetched < FRESH && (spent || sim->asked_at - c->asked < FRESH);
        if (!(sim_coupon_may_go(sim, c) && fresh_facts) && !(sim->created > 0 && fresh_of_ours)) {
                fprintf(stderr, "seed %llu: wrongly deleted %s, redeemed %d, promoted %d, %lld s old%s\n",
                        (unsigned long long) sim->options.seed, c->id, c->redeemed, c->promoted,
                        (long long) (sim_stripe_wall(sim) - c->created), fresh_facts ? "" : ", on old facts");
                sim->wrong_deletes++;
        }
        c->deleted = true;
        c->deleted_at = sim->now;
        if (asprintf(ret, "{\"id\":\"%s\",\"object\":\"coupon\",\"deleted\":true}", c->id) < 0)
                abort();
}

static bool may(struct sim *sim, const struct sim_key *key, const char *permission, bool write)
{
        unsigned row;

        if (catalogue_find(sim->conf->catalogue, permission, &row) < 0)
                abort();
        return key->granted[row][1] || (!write && key->granted[row][0]);
}

static void serve(struct sim *sim, struct sim_key *key, enum method method, const char *path,
                  const char *form, char **ret, struct reply *reply)
{
        bool promotion = strncmp(path, "/v1/promotion_codes", 19) == 0;

        if (!may(sim, key, promotion ? "promotion_code" : "coupon", method != METHOD_GET))
                error(reply, 403, "more_permissions_required",
                      "The provided key does not have the required permissions for this endpoint.", ret);
        else if (promotion)
                promotions(sim, key->account, path, ret, reply);
        else if (method == METHOD_POST)
                create(sim, key->account, form, ret, reply);
        else if (path[11] == '/')
                one(sim, key->account, method, path + 12, ret, reply);
        else
                list(sim, key->account, path, ret, reply);
        if (sim->body_max > 0 && strlen(*ret) > sim->body_max) {
                (*ret)[0] = '\0';
                reply->status = 0;
                reply->error = TRANSPORT_TOO_LARGE;
        }
}

bool sim_coupons_answer(struct sim *sim, struct sim_key *key, enum method method, const char *path,
                        const char *form, enum sim_fault fault, char **ret_body, struct reply *reply)
{
        if (strstr(path, "absent") ||
            (strncmp(path, "/v1/coupons", 11) != 0 && strncmp(path, "/v1/promotion_codes", 19) != 0))
                return false;
        if (sim->before_coupon)
                sim->before_coupon(sim, method, path);
        sim->deletes += method == METHOD_DELETE;
        sim->lists += method == METHOD_GET && path[11] == '?';
        sim->reads += method == METHOD_GET;
        if (key->life != SIM_ALIVE)
                return false;
        switch (fault) {
        case SIM_NONE:
                serve(sim, key, method, path, form, ret_body, reply);
                return true;
        case SIM_TRUNCATED:
                serve(sim, key, method, path, form, ret_body, reply);
                (*ret_body)[strlen(*ret_body) / 2] = '\0';
                return true;
        case SIM_500:
        case SIM_502_HTML:
        case SIM_TIMEOUT:
                if (sim_chance(sim, 0.5)) { /* it was done, and the answer lost */
                        serve(sim, key, method, path, form, ret_body, reply);
                        free(*ret_body);
                        *ret_body = NULL;
                }
                return false;
        default:
                return false;
        }
}
