/* A moment as a person writes it: `02:31`, `-2h`, `2026-11-24T02:31Z`, `now`. */
#ifndef LOCKSTEP_CORE_MOMENT_H
#define LOCKSTEP_CORE_MOMENT_H

#include <stdint.h>

#include "lockstep/base/err.h"

/* Read `text` as ms since 1970; `now_ms` is now. Forms:
 *   now               now_ms
 *   -2h, -30m, -90s   so long ago (a duration as in filters)
 *   02:31, 02:31:05   the last time that a clock `offset_s` east of UTC said so
 *   2026-11-24T02:31, with seconds or not, a blank for the T, that clock; with a Z at the end
 * of either form it is UTC's LS_CODE_INVALID with `why` for all else, for days that no calendar
 * has and for the future. */
LS_MUST_CHECK ls_err ls_moment_parse(
    const char *text, int64_t now_ms, int32_t offset_s, int64_t *ms_out, struct ls_why *why);

#endif
