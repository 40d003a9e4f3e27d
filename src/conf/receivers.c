#include "conf/receivers.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "conf/address.h"
#include "model/incident.h"

#define MIN_PRIORITY_DEFAULT 5 /* all but what is for the record only */
#define TEXT_MAX             1024

static int time_check(const char *text, const char **ret_why)
{
        *ret_why = "write it like 07:30";
        if (strlen(text) != 5 || text[2] != ':')
                return -EINVAL;
        for (size_t i = 0; i < 5; i++)
                if (i != 2 && !isdigit((unsigned char) text[i]))
                        return -EINVAL;
        return (text[0] - '0') * 10 + text[1] - '0' < 24 && text[3] < '6' ? 0 : -EINVAL;
}

/* What stands in a header of a mail. */
static int mail_check(const char *text, const char **ret_why)
{
        *ret_why = "it must be one address, like ops@example.net";
        for (const char *c = text; *c; c++)
                if (!isgraph((unsigned char) *c) || strchr("<>,;\"'()\\", *c))
                        return -EINVAL;
        return *text != '-' && strchr(text, '@') ? 0 : -EINVAL;
}

static int credential_check(const char *text, const char **ret_why)
{
        *ret_why = "the name of a credential has letters, digits, dots, dashes and underscores";
        for (const char *c = text; *c; c++)
                if (!isalnum((unsigned char) *c) && !strchr("._-", *c))
                        return -EINVAL;
        return *text != '.' ? 0 : -EINVAL;
}

/* A list of kinds of events. */
static int kinds_field(const struct field *field, const struct node *node, void *target,
                       struct problems *problems)
{
        struct receiver *receiver = target;
        enum incident_kind kind;
        char quoted[QUOTE_MAX];

        (void) field;
        if (!node_expect(node, NODE_SEQUENCE, "a list of kinds, like [key-revoked, key-expired],", problems))
                return 0;
        receiver->kinds = calloc(node->n + 1, sizeof(*receiver->kinds));
        if (!receiver->kinds)
                return -ENOMEM;
        for (const struct node *child = node->first; child; child = child->next) {
                if (!node_expect(child, NODE_SCALAR, "the name of a kind", problems))
                        continue;
                if (incident_kind_parse(child->text, &kind) < 0) {
                        problem_error(problems, &child->place,
                                      "“%s” is no kind of event; see keyvigil.journal(7)",
                                      problem_quote(child->text, quoted));
                        continue;
                }
                receiver->kinds[receiver->n_kinds] = strdup(child->text);
                if (!receiver->kinds[receiver->n_kinds++])
                        return -ENOMEM;
        }
        return 0;
}

static int labels_field(const struct field *field, const struct node *node, void *target,
                        struct problems *problems)
{
        struct receiver *receiver = target;

        (void) field;
        if (!node_expect(node, NODE_MAPPING, "labels with their values, like {team: payments},", problems))
                return 0;
        receiver->labels = calloc(node->n + 1, sizeof(*receiver->labels));
        if (!receiver->labels)
                return -ENOMEM;
        for (const struct node *child = node->first; child; child = child->next) {
                if (!node_expect(child, NODE_SCALAR, "the value of a label", problems))
                        continue;
                struct receiver_label *label = &receiver->labels[receiver->n_labels++];
                label->name = strdup(child->name);
                label->value = strdup(child->text);
                if (!label->name || !label->value)
                        return -ENOMEM;
        }
        return 0;
}

static const char *const type_names[] = { "alertmanager", "webhook", "mail" };
static const struct choices types = { type_names, ELEMENTSOF(type_names) };
static const struct check url = { receiver_url_check }, to = { mail_check }, digest = { time_check },
                          credential = { credential_check };

#define AT(member) .offset = offsetof(struct receiver, member)
static const struct field receiver_fields[] = {
        { "type", field_choice, AT(type), .more = &types, .required = true },
        { "url", field_checked, AT(url), .max = TEXT_MAX, .more = &url },
        { "credential", field_checked, AT(credential), .max = TEXT_MAX, .more = &credential },
        { "to", field_checked, AT(to), .max = TEXT_MAX, .more = &to },
        { "digest", field_checked, AT(digest), .max = TEXT_MAX, .more = &digest },
        { "min_priority", field_unsigned, AT(min_priority), 0, 7 },
        { "kinds", kinds_field, .offset = 0 },
        { "labels", labels_field, .offset = 0 },
};

static void needs(const struct receiver *receiver, const char *value, const char *name, bool wanted,
                  const struct node *node, struct problems *problems)
{
        if (wanted && *value == '\0')
                problem_error(problems, &node->place, "a receiver of type %s needs “%s”",
                              type_names[receiver->type], name);
        else if (!wanted && *value != '\0')
                problem_error(problems, &node->place, "a receiver of type %s has no “%s”",
                              type_names[receiver->type], name);
}

static int receiver_read(const struct node *node, struct receiver *receiver, struct problems *problems)
{
        static const struct fields fields = FIELDS(receiver_fields, "setting of a receiver");
        char **const texts[] = { &receiver->url, &receiver->credential, &receiver->to, &receiver->digest };
        size_t before = problems->n + problems->n_more;

        *receiver = (struct receiver){ .min_priority = MIN_PRIORITY_DEFAULT };
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                *texts[i] = strdup("");
                if (!*texts[i])
                        return -ENOMEM;
        }
        int r = fields_read(&fields, node, receiver, problems);
        if (r < 0 || problems->n + problems->n_more > before)
                return r;
        bool mail = receiver->type == RECEIVER_MAIL;
        needs(receiver, receiver->url, "url", !mail, node, problems);
        needs(receiver, receiver->credential, "credential", receiver->type == RECEIVER_WEBHOOK, node,
              problems);
        needs(receiver, receiver->to, "to", mail, node, problems);
        if (!mail)
                needs(receiver, receiver->digest, "digest", false, node, problems);
        return 0;
}

int receivers_field(const struct field *field, const struct node *node, void *target,
                    struct problems *problems)
{
        struct settings *settings = target;

        (void) field;
        if (!node_expect(node, NODE_SEQUENCE, "a list of receivers", problems))
                return 0;
        receivers_clear(settings->notify.receivers, settings->notify.n);
        settings->notify.n = 0;
        settings->notify.receivers = calloc(node->n + 1, sizeof(*settings->notify.receivers));
        if (!settings->notify.receivers)
                return -ENOMEM;
        for (const struct node *child = node->first; child; child = child->next) {
                int r = receiver_read(child, &settings->notify.receivers[settings->notify.n++], problems);
                if (r < 0)
                        return r;
        }
        return 0;
}

void receivers_clear(struct receiver *receivers, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                struct receiver *receiver = &receivers[i];

                free(receiver->url);
                free(receiver->credential);
                free(receiver->to);
                free(receiver->digest);
                for (size_t k = 0; k < receiver->n_kinds; k++)
                        free(receiver->kinds[k]);
                free(receiver->kinds);
                for (size_t k = 0; k < receiver->n_labels; k++) {
                        free(receiver->labels[k].name);
                        free(receiver->labels[k].value);
                }
                free(receiver->labels);
        }
        free(receivers);
}
