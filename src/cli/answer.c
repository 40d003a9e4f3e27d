/* What the daemon answered, or why it did not, as it is said to people and to programs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/failure.h"

const char *answer_error(const struct answer *answer)
{
        return answer->status < 300 ? NULL : json_string_value(json_object_get(answer->json, "detail"));
}

void answer_clear(struct answer *answer)
{
        json_decref(answer->json);
        free(answer->body);
        *answer = (struct answer){ 0 };
}

void answer_print(const struct answer *answer)
{
        size_t size = answer->body ? strlen(answer->body) : 0;

        if (size == 0)
                return;
        failure_is_answered();
        printf("%s%s", answer->body, answer->body[size - 1] == '\n' ? "" : "\n");
}

void json_print(const json_t *json)
{
        failure_is_answered();
        (void) json_dumpf(json, stdout, JSON_INDENT(2));
        putchar('\n');
}

static void json_print_line(const json_t *json)
{
        failure_is_answered();
        (void) json_dumpf(json, stdout, JSON_COMPACT);
        putchar('\n');
}

void client_complain(const struct cli *cli, int error)
{
        const char *socket = cli->settings.control.socket;

        switch (-error) {
        case ECONNREFUSED:
                complain_as(FAILURE_UNREACHABLE,
                            "keyvigild is not running: nobody answers at %s; start it with 'systemctl start "
                            "keyvigild'",
                            socket);
                break;
        case EACCES:
                complain_as(FAILURE_NO_ACCESS,
                            "you may not use %s: whoever changes something must be a member of the group "
                            "keyvigil, "
                            "whoever looks of keyvigil-read; or use sudo",
                            socket);
                break;
        case EPROTO:
                complain_as(
                        FAILURE_UNREACHABLE,
                        "the connection to keyvigild broke; see 'journalctl -u keyvigild', then try again");
                break;
        default:
                complain_as(FAILURE_UNREACHABLE, "keyvigild could not be asked: %s", strerror(-error));
                break;
        }
}

int client_check(const struct cli *cli, const struct answer *answer)
{
        const char *message = answer_error(answer);

        if (answer->status < 300)
                return 0;
        if (cli->json && message)
                json_print_line(answer->json);
        if (message)
                complain("%s", message);
        else
                complain("keyvigild answered with status %ld and no reason", answer->status);
        return -EBADMSG;
}

int client_call(const struct cli *cli, const char *method, struct url url, const struct upload *upload,
                struct answer *ret)
{
        struct answer answer;
        int r = client_ask(cli, method, url, upload, &answer);

        if (r < 0) {
                client_complain(cli, r);
                return r;
        }
        r = client_check(cli, &answer);
        *ret = answer;
        return r;
}
