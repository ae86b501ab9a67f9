/* Whether an endpoint answers getBlock and getBlocks. Plans of providers can leave them out,
 * and without them no list of our transactions is known to be whole, which counts after commits
 * were lost, and no attempt is proved dead once the window of a node's memory is past. */
#ifndef LOCKSTEP_APP_BLOCKS_PROBE_H
#define LOCKSTEP_APP_BLOCKS_PROBE_H

#include <stdint.h>

#include "lockstep/ledger/http_ledger.h"

enum method_answer {
    METHOD_UNKNOWN = 0, /* no answer that tells */
    METHOD_ANSWERED,
    METHOD_REFUSED,
};

struct blocks_probe {
    enum method_answer block, blocks; /* getBlock, getBlocks */
};

/* Ask `endpoint` of `ledger` for the newest finalized blocks; some calls, one after the other.
 */
struct blocks_probe blocks_probe_ask(ls_http_ledger *ledger, int32_t endpoint);
/* "yes": both are answered; "no": one is refused; "unknown". Static storage. */
const char *blocks_probe_name(const struct blocks_probe *probe);
/* What it means that one is refused, with the cure, as the end of a sentence that begins with
 * the endpoint's name; "" where none is. */
enum { BLOCKS_WORDS_BYTES = 240 };
void blocks_probe_words(const struct blocks_probe *probe, char out[BLOCKS_WORDS_BYTES]);

#endif
