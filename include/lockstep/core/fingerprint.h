/* The fingerprint of a cause: what stays of it when keys, numbers, addresses, signatures, slots
 * and quoted values are taken out, so that failures group by what went wrong and not by whom it
 * hit: "insufficient funds 7xQk..9Pda need 123" and its likes become "insufficient funds # need
 * #".
 *
 * What names an error stays: InstructionError:Custom:6001 and Custom:6002 are two causes, and
 * so are `rpc -32005`, `error 1` and `HTTP 503`. `lockstep.fingerprint` (src/store/routines) is
 * the same in SQL; tests/core/fingerprint.txt holds both to it. */
#ifndef LOCKSTEP_CORE_FINGERPRINT_H
#define LOCKSTEP_CORE_FINGERPRINT_H

#include "lockstep/core/op.h"

/* Fingerprint of `cause`, which is valid UTF-8 and at most LS_CAUSE_BYTES_MAX bytes long (more
 * is cut at a character). Never longer than the cause; the fingerprint of a fingerprint is
 * itself.
 *
 * The rules, in this order:
 *   1. a quoted value is `#`: "…", `…`, and '…' at the start or behind one of blank ( = : , [;
 *   2. words are the longest runs of letters, digits and _ . : , / - and the ellipsis, without
 *      what is no letter, digit or ellipsis at their end. A word is `#` when it has a digit, an
 *      ellipsis or `..`, or when it has 32 letters or more and nothing else, unless
 *      a. it is a code: CamelCase words with colons between, behind an optional program's name
 *         ("token:", "token-2022:") and before an optional number: InstructionError:Custom:1;
 *      b. it is a number of at most 10 digits, or hexadecimal of at most 8, with an optional
 * `-` before it, right behind `rpc `, `error `, `error: `, `code `, `code: `, `status `, `HTTP
 * ` or `Custom(`. */
void ls_cause_fingerprint(const char *cause, char out[LS_CAUSE_BYTES_MAX + 1]);

#endif
