/* A bounded mailbox of pointers between threads: many post, one takes.
 *
 * It never blocks a poster: a full mailbox refuses and keeps what it has. */
#ifndef LOCKSTEP_BASE_MAILBOX_H
#define LOCKSTEP_BASE_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

typedef struct ls_mailbox ls_mailbox;

/* Room for `max` (>= 1) pointers. NULL when memory is exhausted. */
ls_mailbox *ls_mailbox_new(size_t max);
/* What is still inside is not freed: take it first. NULL is allowed. */
void ls_mailbox_free(ls_mailbox *mailbox);

/* Post `item` (not NULL); it is the taker's from now on. LS_CODE_FULL, or LS_CODE_STOPPED
 * after ls_mailbox_close(): then it is still the caller's. Any thread. */
LS_MUST_CHECK ls_err ls_mailbox_post(ls_mailbox *mailbox, void *item);
/* The oldest item, waiting until `until_ms` of the monotonic clock (0, or a time that has
 * passed: not at all); NULL when none came or the mailbox is closed and empty. Any thread. */
void *ls_mailbox_take(ls_mailbox *mailbox, int64_t until_ms);
/* Refuse further posts and wake the taker. Any thread. */
void ls_mailbox_close(ls_mailbox *mailbox);
size_t ls_mailbox_count(ls_mailbox *mailbox);

#endif
