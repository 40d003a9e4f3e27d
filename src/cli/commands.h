/* All commands; the table is in commands.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

const struct command *commands_all(size_t *ret_n);
/* NULL: there is none of that name. */
const struct command *command_find(const char *name);

int command_add(struct cli *cli, const struct command *command, int argc, char **argv);
int command_rotate(struct cli *cli, const struct command *command, int argc, char **argv);
int command_import(struct cli *cli, const struct command *command, int argc, char **argv);
int command_list(struct cli *cli, const struct command *command, int argc, char **argv);
int command_show(struct cli *cli, const struct command *command, int argc, char **argv);
int command_history(struct cli *cli, const struct command *command, int argc, char **argv);
int command_status(struct cli *cli, const struct command *command, int argc, char **argv);
int command_check(struct cli *cli, const struct command *command, int argc, char **argv);
int command_coupons(struct cli *cli, const struct command *command, int argc, char **argv);
int command_incidents(struct cli *cli, const struct command *command, int argc, char **argv);
int command_events(struct cli *cli, const struct command *command, int argc, char **argv);
int command_ack(struct cli *cli, const struct command *command, int argc, char **argv);
int command_set(struct cli *cli, const struct command *command, int argc, char **argv);
int command_pause(struct cli *cli, const struct command *command, int argc, char **argv);
int command_resume(struct cli *cli, const struct command *command, int argc, char **argv);
int command_remove(struct cli *cli, const struct command *command, int argc, char **argv);
int command_profiles(struct cli *cli, const struct command *command, int argc, char **argv);
int command_link(struct cli *cli, const struct command *command, int argc, char **argv);
int command_prove(struct cli *cli, const struct command *command, int argc, char **argv);
int command_plan(struct cli *cli, const struct command *command, int argc, char **argv);
int command_check_config(struct cli *cli, const struct command *command, int argc, char **argv);
int command_reload(struct cli *cli, const struct command *command, int argc, char **argv);
int command_backup(struct cli *cli, const struct command *command, int argc, char **argv);
int command_metrics(struct cli *cli, const struct command *command, int argc, char **argv);
int command_notify(struct cli *cli, const struct command *command, int argc, char **argv);
int command_web(struct cli *cli, const struct command *command, int argc, char **argv);
int command_doctor(struct cli *cli, const struct command *command, int argc, char **argv);
int command_test_alert(struct cli *cli, const struct command *command, int argc, char **argv);
int command_plugin(struct cli *cli, const struct command *command, int argc, char **argv);
int command_complete(struct cli *cli, const struct command *command, int argc, char **argv);

#endif
