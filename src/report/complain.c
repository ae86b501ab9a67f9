#include "lockstep/report/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "lockstep/report/out.h"

void ls_complain(const char *thing, const char *format, ...)
{
    char text[1024];
    struct ls_buf line;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);

    ls_buf_init(&line, 16384);
    ls_buf_add_text(&line, "lockstep: ");
    ls_out_gated_for(&line, STDERR_FILENO, thing);
    ls_buf_add_text(&line, ": ");
    ls_out_gated_for(&line, STDERR_FILENO, text);
    ls_buf_add_char(&line, '\n');
    (void)fputs(ls_buf_text(&line), stderr); /* nothing is left to tell it to */
    ls_buf_done(&line);
}

static enum ls_exit exit_of(enum ls_code code, enum ls_exit unavailable)
{
    switch (code) {
    case LS_CODE_OK: return LS_EXIT_DONE;
    case LS_CODE_INVALID: return LS_EXIT_USAGE;
    case LS_CODE_NOT_FOUND: return LS_EXIT_NO_MATCH;
    case LS_CODE_REFUSED: return LS_EXIT_REFUSED;
    case LS_CODE_UNAVAILABLE: return unavailable;
    case LS_CODE_FULL:
    case LS_CODE_CORRUPT:
    case LS_CODE_UNKNOWN:
    case LS_CODE_NO_MEMORY:
    case LS_CODE_STOPPED: break;
    }
    return LS_EXIT_FAILED;
}

static void complain_code(const char *thing, ls_err err, const struct ls_why *why)
{
    if (why != NULL && why->text[0] != '\0') {
        ls_complain(thing, "%s", why->text);
    } else {
        ls_complain(thing, "%s (%s, %d)", err.what == NULL ? "failed" : err.what,
                    ls_code_name(err.code), (int)err.native);
    }
}

enum ls_exit ls_complain_err(const char *thing, ls_err err, const struct ls_why *why)
{
    complain_code(thing, err, why);
    return exit_of(err.code, LS_EXIT_NO_DATABASE);
}

enum ls_exit ls_complain_ledger(const char *thing, ls_err err, const struct ls_why *why)
{
    complain_code(thing, err, why);
    return exit_of(err.code, LS_EXIT_NO_LEDGER);
}

enum ls_exit ls_complain_memory(const char *thing)
{
    ls_complain(thing, "memory is exhausted");
    return LS_EXIT_FAILED;
}
