/* A set of kinds of operations, as a worker's: what it may begin. One bit for each kind
 * (1u << kind); 0 stands for all, also those of later versions.
 *
 * People write a list: names of kinds and beginnings of names with a trailing `*`, apart by
 * commas or blanks; a `!` before one takes it out; a list that begins with `!` starts from all;
 * the one word `all` is all: "memo,event", "token.*", "!memo".
 *
 * This has nothing to do with gates, which keep everybody from some kinds. */
#ifndef LOCKSTEP_CORE_KINDS_H
#define LOCKSTEP_CORE_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/op.h"

enum { LS_KINDS_TEXT_BYTES = 256 };
enum { LS_KINDS_EVERY = (1u << (LS_KIND_MAX + 1)) - 2 }; /* a bit for each kind there is */

bool ls_kinds_has(uint32_t kinds, enum ls_kind kind);
/* Every kind named: 0. Bits that are no kind's are dropped. */
uint32_t ls_kinds_whole(uint32_t kinds);
/* Read a list. LS_CODE_INVALID with the word that is no kind and the kinds that there are, or
 * when nothing is left; `*kinds_out` is then untouched. */
LS_MUST_CHECK ls_err ls_kinds_parse(const char *list, uint32_t *kinds_out, struct ls_why *why);
/* The one kind called `name`. LS_CODE_INVALID of `what`, with the name and all kinds there are.
 */
LS_MUST_CHECK ls_err ls_kinds_one(const char *name,
                                  const char *what,
                                  enum ls_kind *kind_out,
                                  struct ls_why *why);
/* As a list that ls_kinds_parse() reads: "all", "memo,event". */
void ls_kinds_text(uint32_t kinds, char out[LS_KINDS_TEXT_BYTES]);
/* The shorter of that and of what is taken out: "all", "memo,event", "!memo". */
void ls_kinds_short(uint32_t kinds, char out[LS_KINDS_TEXT_BYTES]);
/* For people: "all", "memo, event", "all but memo". */
void ls_kinds_words(uint32_t kinds, char out[LS_KINDS_TEXT_BYTES]);

#endif
