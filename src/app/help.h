/* Help, made from the tables of commands and options. */
#ifndef LOCKSTEP_APP_HELP_H
#define LOCKSTEP_APP_HELP_H

#include "command.h"

/* Every command, one a line; with `group` those of one group and their options. */
enum ls_exit help_all(const char *group);
enum ls_exit help_command(const struct command *command);

#endif
