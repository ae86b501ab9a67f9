#include "lockstep/trial/fault.h"

#include <assert.h>
#include <string.h>

enum { WORD_BYTES_MAX = 40 };

_Static_assert(LS_FAULT_COUNT < 64, "a set has a bit for each kind");

static const struct {
    const char *name;
    const char *what;
} rows[LS_FAULT_COUNT] = {
    [LS_FAULT_REFUSE] = {"refuse", "no connection to the ledger"},
    [LS_FAULT_LOSE_REQUEST] = {"lose-request", "written, never carried out, no reply"},
    [LS_FAULT_LOSE_REPLY] = {"lose-reply", "carried out, and the reply is lost"},
    [LS_FAULT_STRAGGLE] = {"straggle", "carried out long after its caller gave up"},
    [LS_FAULT_DUPLICATE] = {"duplicate", "the same request arrives twice"},
    [LS_FAULT_RATE_LIMIT] = {"rate-limit", "429 with Retry-After"},
    [LS_FAULT_GARBAGE] = {"garbage", "HTML in place of JSON"},
    [LS_FAULT_TRUNCATE] = {"truncate", "half a reply"},
    [LS_FAULT_SLOW] = {"slow", "late replies"},
    [LS_FAULT_LEDGER_DOWN] = {"ledger-down", "nobody reaches the ledger for a while"},
    [LS_FAULT_CUT_LEDGER] = {"cut-ledger", "one worker does not reach the ledger for a while"},
    [LS_FAULT_UNHEALTHY] = {"unhealthy", "-32005"},
    [LS_FAULT_LAG] = {"lag", "nodes show older states of the chain"},
    [LS_FAULT_BALANCE] = {"balance", "consecutive calls reach different nodes"},
    [LS_FAULT_SPLIT] = {"split", "even the calls of one batch do"},
    [LS_FAULT_FALSE_NULL] = {"false-null", "a status cache that misses now and then"},
    [LS_FAULT_STALE] = {"stale", "a node that knows no newer status and tells new heights"},
    [LS_FAULT_PURGE] = {"purge", "the history forgets what is old"},
    [LS_FAULT_HOLE] = {"hole", "stretches are missing from the history"},
    [LS_FAULT_EMPTY_LIST] = {"empty-list", "a list of transactions comes empty"},
    [LS_FAULT_CONGEST] = {"congest", "blocks are full, low fees wait"},
    [LS_FAULT_FOREIGN] = {"foreign", "an endpoint answers for another cluster"},
    [LS_FAULT_DENY] = {"deny", "an endpoint denies every signature"},
    [LS_FAULT_DROP_TX] = {"drop-tx", "accepted, and never landed"},
    [LS_FAULT_LATE_TX] = {"late-tx", "lands late"},
    [LS_FAULT_LAST_MOMENT] = {"last-moment", "lands in the last block that may hold it"},
    [LS_FAULT_FORK] = {"fork", "blocks that are not final vanish"},
    [LS_FAULT_FORK_LOSE] = {"fork-lose", "and no node has their transactions any more"},
    [LS_FAULT_SKIP] = {"skip", "slots without a block"},
    [LS_FAULT_HALT] = {"halt", "no block for a while"},
    [LS_FAULT_STORE_REFUSE] = {"store-refuse", "the store is not reached"},
    [LS_FAULT_STORE_LOSE_REPLY] = {"store-lose-reply",
                                   "a COMMIT that happened, with unknown outcome"},
    [LS_FAULT_STORE_LOSE_REQUEST] = {"store-lose-request",
                                     "a COMMIT that did not happen, with unknown outcome"},
    [LS_FAULT_STORE_SLOW] = {"store-slow", "a slow store"},
    [LS_FAULT_STORE_DOWN] = {"store-down", "nobody reaches the store for a while"},
    [LS_FAULT_CUT_STORE] = {"cut-store", "one worker does not reach the store for a while"},
    [LS_FAULT_PROMOTE] = {"promote", "the store fails over and loses nothing"},
    [LS_FAULT_FAILOVER] = {"failover", "the store fails over and loses commits"},
    [LS_FAULT_KILL] = {"kill", "a worker dies at an effect"},
    [LS_FAULT_STALL] = {"stall", "a worker stands still, longer than its lease"},
    [LS_FAULT_STOP] = {"stop", "a worker is told to stop"},
    [LS_FAULT_SECOND_WORKER] = {"second-worker", "two workers"},
    [LS_FAULT_THIRD_WORKER] = {"third-worker", "three workers"},
    [LS_FAULT_CLOCK] = {"clock", "the wall clock jumps by hours and days"},
    [LS_FAULT_ACTION] = {"action", "any verb on any operation at any time"},
    [LS_FAULT_REPEAT] = {"repeat", "the same action twice"},
    [LS_FAULT_GATE] = {"gate", "a gate on everything, on and off"},
    [LS_FAULT_PAUSE] = {"pause", "workers are paused and resumed, or drained"},
    [LS_FAULT_POOR] = {"poor", "the payer runs dry"},
    [LS_FAULT_BURST] = {"burst", "all operations at once"},
    [LS_FAULT_AGAIN] = {"again", "an application enqueues the same key again"},
    [LS_FAULT_OPEN] = {"open", "an application commits late, out of order"},
    [LS_FAULT_KINDS] = {"kinds", "operations of the kinds program.invoke and account.create"},
    [LS_FAULT_TOKENS] = {"tokens", "token.burn, token.transfer, Token-2022, max_supply"},
    [LS_FAULT_RECLAIM] = {"reclaim", "markers are emptied soon"},
    [LS_FAULT_AIM] = {"aim", "what was just claimed is held or cancelled"},
    [LS_FAULT_STEAL] = {"steal", "one lease of a shared transaction is taken back"},
    [LS_FAULT_GAP] = {"gap", "a node's lists and blocks lack what happened while it was away"},
    [LS_FAULT_WORK] = {"work", "workers begin some kinds alone for a while"},
    [LS_FAULT_STRANGER] = {"stranger", "somebody pays to a marker's address"},
    [LS_FAULT_REDO] = {"redo", "what a failover took of compensations is asked for again"},
    [LS_FAULT_KEYS] = {"keys", "several keys that sign, of which a worker may lack one"},
};

const char *ls_fault_name(enum ls_fault fault)
{
    assert(fault < LS_FAULT_COUNT);
    return rows[fault].name;
}

const char *ls_fault_what(enum ls_fault fault)
{
    assert(fault < LS_FAULT_COUNT);
    return rows[fault].what;
}

/* The bits that a word stands for; 0 for an unknown one. */
static uint64_t bits_of(const char *word)
{
    if (strcmp(word, "all") == 0) return LS_FAULTS_ALL;
    for (size_t i = 0; i < LS_FAULT_COUNT; i++)
        if (strcmp(word, rows[i].name) == 0) return LS_FAULT_BIT(i);
    return 0;
}

static ls_err read_word(const char *word, uint64_t *set, struct ls_why *why)
{
    const bool is_out = word[0] == '-';
    if (strcmp(word, "none") == 0) {
        *set = LS_FAULTS_NONE;
        return LS_OK;
    }
    const uint64_t bits = bits_of(word + (is_out ? 1 : 0));
    if (bits == 0) {
        return ls_refuse(why, LS_CODE_INVALID, "faults",
                         "'%s' is no kind of fault; write all, none, or names as in "
                         "fork,lose-reply or all,-kill (lockstep sim faults lists them)",
                         word);
    }
    *set = is_out ? *set & ~bits : *set | bits;
    return LS_OK;
}

ls_err ls_faults_read(const char *text, uint64_t *set_out, struct ls_why *why)
{
    uint64_t set = LS_FAULTS_NONE;
    for (const char *at = text;; at++) {
        char word[WORD_BYTES_MAX];
        const size_t length = strcspn(at, ",");
        const size_t kept = length < sizeof word ? length : sizeof word - 1;
        memcpy(word, at, kept);
        word[kept] = '\0';
        LS_TRY(read_word(word, &set, why));
        at += length;
        if (*at == '\0') break;
    }
    *set_out = set;
    return LS_OK;
}

static void add_words(uint64_t set, const char *sign, struct ls_buf *out)
{
    for (size_t i = 0; i < LS_FAULT_COUNT; i++)
        if ((set >> i & 1) != 0) ls_buf_printf(out, ",%s%s", sign, rows[i].name);
}

static int count_bits(uint64_t set)
{
    int count = 0;
    for (; set != 0; set &= set - 1) count++;
    return count;
}

void ls_faults_write(uint64_t set, struct ls_buf *out)
{
    struct ls_buf words;
    ls_buf_init(&words, 4096);
    const uint64_t missing = LS_FAULTS_ALL & ~set;
    if (count_bits(missing) < count_bits(set)) {
        ls_buf_add_text(&words, ",all");
        add_words(missing, "-", &words);
        add_words(set & ~LS_FAULTS_ALL, "", &words);
    } else {
        add_words(set, "", &words);
    }
    ls_buf_add_text(out, set == LS_FAULTS_NONE ? "none" : ls_buf_text(&words) + 1);
    ls_buf_done(&words);
}
