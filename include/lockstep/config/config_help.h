/* What each key of the configuration means: lockstep.conf(5) is made of it. */
#ifndef LOCKSTEP_CONFIG_CONFIG_HELP_H
#define LOCKSTEP_CONFIG_CONFIG_HELP_H

#include <stddef.h>

struct ls_config_help {
    const char *section, *key;
    const char *value; /* the default; "" for none */
    const char *help;  /* a sentence */
};

/* Rows stand by section, in the order of the manual; NULL beyond the last. */
const struct ls_config_help *ls_config_help_at(size_t index);

#endif
