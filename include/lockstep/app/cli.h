/* The command line: one table of commands, from which help and dispatch come. */
#ifndef LOCKSTEP_APP_CLI_H
#define LOCKSTEP_APP_CLI_H

/* Run one command; returns the process's exit status (complain.h). */
int ls_cli_main(int argc, char **argv);

#endif
