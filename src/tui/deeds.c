#include "deeds.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *action, *before, *after; /* of its target */
} deeds[] = {
    {"op.failed", "", " failed"},
    {"op.held", "", " held"},
    {"op.certified", "", " proved dead"},
    {"op.decided", "decided on ", ""},
    {"op.adopted", "adopted ", ""},
    {"op.adopted_from_chain", "adopted ", " from the chain"},
    {"op.rollback", "", " vanished from the chain"},
    {"retry", "retried ", ""},
    {"compensate", "compensated ", ""},
    {"hold", "held ", ""},
    {"release", "released ", ""},
    {"cancel", "cancelled ", ""},
    {"resolve.landed", "resolved ", " as landed"},
    {"resolve.never", "resolved ", " as never landed"},
    {"edit", "edited ", ""},
    {"verify", "asked the ledger for ", ""},
    {"verify.result", "looked for ", " on the ledger"},
    {"note", "wrote on ", ""},
    {"claim", "took ", ""},
    {"claim.release", "gave up ", ""},
    {"undo", "undid the last action on ", ""},
    {"alert.ack", "acknowledged ", ""},
    {"alert.resolve", "closed ", ""},
    {"alert.silence", "silenced ", ""},
    {"alert.unsilence", "hears ", " again"},
    {"gate.on", "put ", " on"},
    {"gate.off", "took ", " off"},
    {"worker.pause", "paused ", ""},
    {"worker.resume", "resumed ", ""},
    {"worker.drain", "drained ", ""},
    {"worker.kinds", "chose the kinds of ", ""},
    {"batch.retry", "retried ", ""},
    {"batch.compensate", "compensated ", ""},
    {"bulk.start", "began in bulk: ", ""},
    {"bulk.pause", "paused ", ""},
    {"bulk.resume", "resumed ", ""},
    {"bulk.abort", "aborted ", ""},
    {"leader.term", "", " leads now"},
    {"ledger.pin", "pinned ", ""},
    {"kind.configure", "configured ", ""},
    {"retention.configure", "configured ", ""},
    {"retention.drop", "dropped ", ""},
    {"marker.reclaim", "emptied ", ""},
    {"nonce.create", "added to ", ""},
    {"nonce.advance", "advanced ", ""},
    {"nonce.close", "closed ", ""},
    {"nonce.suspect", "doubts ", ""},
    {"hook.add", "added a hook to ", ""},
    {"hook.remove", "took a hook from ", ""},
    {"consumer.drop", "dropped ", ""},
};

void deed_words(const char *action, const char *target, char *out, size_t out_bytes)
{
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        if (strcmp(deeds[i].action, action) != 0) continue;
        (void)snprintf(out, out_bytes, "%s%s%s", deeds[i].before, target, deeds[i].after);
        return;
    }
    (void)snprintf(out, out_bytes, "%s %s", action, target);
}
