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

bool term_type_places_cursor(const char *type)
{
    static char place_cursor[] = "cup";
    int status = 0;
    if (setupterm(type, STDOUT_FILENO, &status) != OK) return false;
    const char *text = tigetstr(place_cursor);
    const bool places = text != NULL && text != (char *)-1; /* no text at all */
    (void)del_curterm(cur_term);
    return places;
}
