/* The desk: what people leave for each other, as the console knows it. Included by
 * ui_model.h; the actions stand in desk.c. */
#ifndef LOCKSTEP_TUI_DESK_H
#define LOCKSTEP_TUI_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/core/people.h"

struct desk {
    bool has_facts;
    struct ls_people facts;
};

#endif
