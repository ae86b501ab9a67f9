/* The command line: one table of commands, from which help and dispatch come. */
#ifndef LOCKSTEP_APP_CLI_H
#define LOCKSTEP_APP_CLI_H

enum ls_exit {
    LS_EXIT_DONE = 0,
    LS_EXIT_FAILED = 1,
    LS_EXIT_USAGE = 2,
    LS_EXIT_NO_MATCH = 3,
    LS_EXIT_REFUSED = 4,
    LS_EXIT_NO_DATABASE = 5,
    LS_EXIT_NO_LEDGER = 6,
    LS_EXIT_DIFFERENCE = 7,
};

/* Run one command; returns the process's exit status. */
int ls_cli_main(int argc, char **argv);

#endif
