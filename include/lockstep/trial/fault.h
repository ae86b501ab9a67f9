/* The kinds of faults that a trial knows, by name.
 *
 * A set of them is one bit each. Which of a set are on in a trial, and how often each
 * strikes, its seed chooses: about half, so that none hides another. */
#ifndef LOCKSTEP_TRIAL_FAULT_H
#define LOCKSTEP_TRIAL_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"

enum ls_fault {
    /* the way to the ledger */
    LS_FAULT_REFUSE,       /* no connection */
    LS_FAULT_LOSE_REQUEST, /* written, never carried out, no reply */
    LS_FAULT_LOSE_REPLY,   /* carried out, no reply */
    LS_FAULT_STRAGGLE,     /* carried out long after its caller gave up */
    LS_FAULT_DUPLICATE,    /* carried out twice */
    LS_FAULT_RATE_LIMIT,
    LS_FAULT_GARBAGE,
    LS_FAULT_TRUNCATE, /* half a reply */
    LS_FAULT_SLOW,
    LS_FAULT_LEDGER_DOWN,
    LS_FAULT_CUT_LEDGER, /* one worker alone does not reach it */
    /* its nodes */
    LS_FAULT_UNHEALTHY,
    LS_FAULT_LAG,        /* nodes show older states of the chain */
    LS_FAULT_BALANCE,    /* consecutive calls reach different nodes */
    LS_FAULT_SPLIT,      /* even the calls of one batch */
    LS_FAULT_FALSE_NULL, /* a status cache that misses now and then */
    LS_FAULT_STALE,      /* a node knows no newer status, and tells new heights: it lies */
    LS_FAULT_PURGE,      /* the history forgets what is old */
    LS_FAULT_HOLE,       /* and has holes */
    LS_FAULT_EMPTY_LIST, /* a list of an address' transactions comes empty */
    LS_FAULT_CONGEST,    /* blocks are full: low fees wait */
    LS_FAULT_FOREIGN,    /* an endpoint answers for another cluster */
    LS_FAULT_DENY,       /* an endpoint denies every signature */
    /* the chain */
    LS_FAULT_DROP_TX,
    LS_FAULT_LATE_TX,
    LS_FAULT_LAST_MOMENT, /* lands in the last block that may hold it */
    LS_FAULT_FORK,
    LS_FAULT_FORK_LOSE, /* and nobody but us still has the bytes */
    LS_FAULT_SKIP,
    LS_FAULT_HALT,
    /* the store */
    LS_FAULT_STORE_REFUSE,
    LS_FAULT_STORE_LOSE_REPLY, /* a COMMIT with unknown outcome, that happened */
    LS_FAULT_STORE_LOSE_REQUEST,
    LS_FAULT_STORE_SLOW,
    LS_FAULT_STORE_DOWN,
    LS_FAULT_CUT_STORE, /* one worker alone does not reach it */
    LS_FAULT_PROMOTE,   /* a failover that loses nothing */
    LS_FAULT_FAILOVER,  /* a failover that loses commits */
    /* the workers */
    LS_FAULT_KILL,  /* at an effect's boundary */
    LS_FAULT_STALL, /* longer than the lease: a zombie */
    LS_FAULT_STOP,  /* an orderly stop */
    LS_FAULT_SECOND_WORKER,
    LS_FAULT_THIRD_WORKER,
    LS_FAULT_CLOCK, /* the wall clock jumps by days */
    /* people and applications */
    LS_FAULT_ACTION, /* any verb on any operation */
    LS_FAULT_REPEAT, /* the same request twice: a double press */
    LS_FAULT_GATE,
    LS_FAULT_PAUSE,
    LS_FAULT_POOR,     /* the payer runs dry */
    LS_FAULT_BURST,    /* all operations at once */
    LS_FAULT_AGAIN,    /* an application enqueues the same key again */
    LS_FAULT_OPEN,     /* and commits late, out of order */
    LS_FAULT_KINDS,    /* and asks for instructions of its own, and for accounts */
    LS_FAULT_TOKENS,   /* and burns and sends tokens of both programs, some of limited supply */
    LS_FAULT_RECLAIM,  /* markers are emptied as soon as nothing of them can land any more */
    LS_FAULT_KEYS,     /* and takes from other keys than the payer's, that a worker may lack */
    LS_FAULT_AIM,      /* a person acts on what was just claimed */
    LS_FAULT_STEAL,    /* of several that share a transaction one lease is taken back */
    LS_FAULT_GAP,      /* a node lacks blocks, and entries of lists, of when it was away */
    LS_FAULT_WORK,     /* a person lets workers begin some kinds alone, and all again */
    LS_FAULT_STRANGER, /* somebody pays to the address of a marker before it is made */
    LS_FAULT_REDO,     /* a person compensates again what a failover took of it */
    LS_FAULT_COUNT
};

#define LS_FAULT_BIT(fault_) (UINT64_C(1) << (fault_))
#define LS_FAULTS_NONE       UINT64_C(0)
/* Under all of these, and those that are asked for by name alone, the promise holds whatever
 * the fence. */
#define LS_FAULTS_ALL ((LS_FAULT_BIT(LS_FAULT_COUNT) - 1) & ~LS_FAULT_BIT(LS_FAULT_WORK))

/* "lose-reply". */
const char *ls_fault_name(enum ls_fault fault);
/* In a few words. */
const char *ls_fault_what(enum ls_fault fault);
/* "all", "none", names, and names to be left out, as in "all,-kill,failover", from left to
 * right. LS_CODE_INVALID with `why`, naming the word. */
LS_MUST_CHECK ls_err ls_faults_read(const char *text, uint64_t *set_out, struct ls_why *why);
/* Append the shortest such text. */
void ls_faults_write(uint64_t set, struct ls_buf *out);

#endif
