/* The keys of lockstep's own operations that follow from an application's: what undoes an
 * operation, and what takes the rent of its marker back. On the ledger an operation is its key
 * (solana/tag.h), so these derive from the key that the application gave, never from an id,
 * which a failover that lost commits gives to another operation.
 *
 *   ls:undo:KEY    ls:rent:KEY
 *   ls:undo#HEX    ls:rent#HEX    HEX: SHA-256 of KEY, where the first form has over 200 bytes
 *
 * No application's key begins with "ls:". PostgreSQL's own_key() is the same. Does not say
 * which operations of an older installation kept the forms of before, ls:comp:ID and
 * ls:reclaim:ID: undo_key() and rent_key() do. */
#ifndef LOCKSTEP_SOLANA_OWN_KEY_H
#define LOCKSTEP_SOLANA_OWN_KEY_H

#include <stdbool.h>

enum ls_own { LS_OWN_UNDO, LS_OWN_RENT };

enum { LS_OWN_KEY_BYTES_MAX = 200 }; /* as of every key */

/* `key` is that of the operation that it follows from, 1 to 200 bytes. */
void ls_own_key(enum ls_own what, const char *key, char key_out[LS_OWN_KEY_BYTES_MAX + 1]);

/* Whether an operation with this key takes rent back; in the form of before also. */
bool ls_own_is_rent(const char *key);

#endif
