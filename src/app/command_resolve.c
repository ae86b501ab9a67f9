#include "command.h"

#include "list_view.h"

static const struct list_view resolutions = {
    LS_LIST_RESOLUTIONS,
    7,
    1U << 1 | 1U << 2 | 1U << 5,
    {{"op", "OP", LIST_NUMBER},
     {"key", "KEY", LIST_TEXT},
     {"says", "SAYS", LIST_TEXT},
     {"by", "BY", LIST_TEXT},
     {"at_ms", "AT", LIST_TIME},
     {"reason", "REASON", LIST_TEXT},
     {"confirm", "CONFIRM WITH", LIST_TEXT}},
};

enum ls_exit command_resolve_list(const struct command_call *call)
{
    return list_view_print(call, &resolutions);
}
