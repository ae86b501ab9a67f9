#include <string.h>

#include "candidate.h"
#include "command.h"
#include "lockstep/report/out.h"
#include "manual.h"

static enum ls_exit print_named(const struct command_call *call,
                                const char *const *names,
                                void (*const *makers)(struct ls_buf *out))
{
    const char *wanted =
        call->arguments->count == 0 ? names[0] : call->arguments->positional[0];
    for (size_t i = 0; names[i] != NULL; i++) {
        struct ls_buf out;
        if (strcmp(names[i], wanted) != 0) continue;
        ls_buf_init(&out, LS_OUT_BYTES_MAX);
        makers[i](&out);
        return ls_out_print(&out);
    }
    ls_complain(wanted, "there is none of that name; there are %s, %s and %s", names[0],
                names[1], names[2]);
    return LS_EXIT_USAGE;
}

enum ls_exit command_man(const struct command_call *call)
{
    static const char *const names[] = {"lockstep", "lockstep.conf", "lockstep-keys", NULL};
    static void (*const makers[])(struct ls_buf * out) = {manual_commands, manual_config,
                                                          manual_keys};
    return print_named(call, names, makers);
}

enum ls_exit command_completion(const struct command_call *call)
{
    static const char *const names[] = {"bash", "zsh", "fish", NULL};
    static void (*const makers[])(struct ls_buf * out) = {completion_bash, completion_zsh,
                                                          completion_fish};
    return print_named(call, names, makers);
}

enum ls_exit command_completion_words(const struct command_call *call)
{
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    candidates(call->arguments->positional, call->arguments->count, &out);
    return ls_out_print(&out);
}
