/* Memory for one turn: many small allocations, freed all at once.
 *
 * Nothing allocated here outlives the next ls_arena_reset(). Not for secrets. */
#ifndef LOCKSTEP_BASE_ARENA_H
#define LOCKSTEP_BASE_ARENA_H

#include <stddef.h>

typedef struct ls_arena ls_arena;

/* An arena that hands out at most `max_bytes` between two resets. NULL when memory is
 * exhausted; the caller frees it with ls_arena_free() (NULL is allowed). */
ls_arena *ls_arena_new(size_t max_bytes);
void ls_arena_free(ls_arena *arena);
/* Take everything back at once; memory is kept for reuse. */
void ls_arena_reset(ls_arena *arena);

/* `bytes` zeroed bytes aligned for any type; NULL at the maximum or when memory is
 * exhausted. */
void *ls_arena_take(ls_arena *arena, size_t bytes);
/* A NUL-terminated copy of `text_bytes` bytes of `text`; NULL as above. */
char *ls_arena_copy(ls_arena *arena, const char *text, size_t text_bytes);

#endif
