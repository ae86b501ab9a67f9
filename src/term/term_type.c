#include "term_type.h"

#include <unistd.h>

#include <curses.h>
#include <term.h>

bool term_type_is_known(const char *type)
{
    int status = 0;
    if (setupterm(type, STDOUT_FILENO, &status) != OK) return false;
    (void)del_curterm(cur_term);
    return true;
}
