#include "lockstep/base/err.h"

#include <stdarg.h>
#include <stdio.h>

const char *ls_code_name(enum ls_code code)
{
    switch (code) {
    case LS_CODE_OK: return "ok";
    case LS_CODE_INVALID: return "invalid";
    case LS_CODE_FULL: return "full";
    case LS_CODE_NOT_FOUND: return "not-found";
    case LS_CODE_REFUSED: return "refused";
    case LS_CODE_CORRUPT: return "corrupt";
    case LS_CODE_UNAVAILABLE: return "unavailable";
    case LS_CODE_UNKNOWN: return "unknown";
    case LS_CODE_NO_MEMORY: return "no-memory";
    case LS_CODE_STOPPED: return "stopped";
    }
    return "unnamed";
}

ls_err
ls_refuse(struct ls_why *why, enum ls_code code, const char *what, const char *format, ...)
{
    if (why != NULL) {
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(why->text, sizeof why->text, format, arguments); /* cut by design */
        va_end(arguments);
    }
    return LS_FAIL(code, 0, what);
}
