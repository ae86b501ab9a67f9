#include "demo_traffic.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/host/clock.h"

enum {
    MEMBERS_MIN = 60,
    MEMBERS_MAX = 5000,
    MEMBERS_A_RATE = 20, /* so that no member's own order slows the whole */
    SHARE_TYPES = 3,
    TURN_MS = 200,
    BEHIND_MAX = 5000, /* operations to catch up with after a pause; more are dropped */
    PAYLOAD_BYTES = 512,
    BATCH_FIRST =
        30, /* the item that the first batch begins with, and so many later the next */
    BATCH_EVERY = 300,
    DIVIDENDS = 20,
    INCREASES = 6, /* one after the other: more would wait for longer than is fine */
};

struct item {
    char kind[24];
    char key[64];
    char entity[64]; /* "" for none */
    char payload[PAYLOAD_BYTES];
};

/* The batch that is filled: its operations come one by one, then it is sealed. */
struct filling {
    int64_t number; /* of the present or last one */
    int64_t id;     /* 0: none is open */
    int made;       /* its operations so far */
};

struct demo_traffic {
    uint64_t random;
    int64_t rate;
    int64_t started_ms; /* 0 before the first turn */
    int64_t made;       /* items taken by the database or refused for good */
    int64_t enqueued;
    int64_t refused;
    int64_t treasury; /* operations on it so far */
    char payer[LS_ADDRESS_TEXT_BYTES];
    int64_t proposal;   /* number of the present one */
    int proposal_stage; /* 0 opened, 1 closed, 2 finalized */
    ls_session *session;
    struct filling batch;
    bool has_item; /* `item` waits for the database */
    struct item item;
    uint32_t member_count;
    char (*members)[LS_ADDRESS_TEXT_BYTES];
};

static const char *const shares[SHARE_TYPES] = {"ordinary", "preferred", "founder"};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(demo_traffic *traffic)
{
    traffic->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = traffic->random;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

static uint32_t draw_below(demo_traffic *traffic, uint32_t bound)
{
    return (uint32_t)(draw(traffic) % bound);
}

static void make_members(demo_traffic *traffic)
{
    for (size_t i = 0; i < traffic->member_count; i++) {
        uint8_t seed[crypto_sign_SEEDBYTES];
        uint8_t secret[crypto_sign_SECRETKEYBYTES];
        struct ls_address address;
        for (size_t j = 0; j < sizeof seed; j++) seed[j] = (uint8_t)draw(traffic);
        (void)crypto_sign_seed_keypair(address.bytes, secret, seed); /* always 0 */
        ls_address_text(&address, traffic->members[i]);
    }
}

static uint32_t count_members(int64_t rate)
{
    const int64_t wanted = rate * MEMBERS_A_RATE;
    if (wanted < MEMBERS_MIN) return MEMBERS_MIN;
    return wanted > MEMBERS_MAX ? MEMBERS_MAX : (uint32_t)wanted;
}

demo_traffic *demo_traffic_new(const struct demo_traffic_options *options)
{
    const struct ls_session_options session = {
        .url = options->database_url,
        .application = "members' organisation",
        .connect_timeout_s = 2,
        .statement_timeout_ms = 5000,
    };
    demo_traffic *traffic = calloc(1, sizeof *traffic);
    if (traffic == NULL) return NULL;
    traffic->random = options->seed;
    traffic->rate = options->rate;
    ls_address_text(&options->payer, traffic->payer);
    traffic->member_count = count_members(options->rate);
    traffic->members = calloc(traffic->member_count, sizeof *traffic->members);
    traffic->session = ls_session_new(&session);
    if (traffic->session == NULL || traffic->members == NULL) {
        demo_traffic_free(traffic);
        return NULL;
    }
    make_members(traffic);
    return traffic;
}

void demo_traffic_free(demo_traffic *traffic)
{
    if (traffic == NULL) return;
    ls_session_free(traffic->session);
    free(traffic->members);
    free(traffic);
}

int64_t demo_traffic_refused(const demo_traffic *traffic)
{
    return traffic->refused;
}

int64_t demo_traffic_enqueued(const demo_traffic *traffic)
{
    return traffic->enqueued;
}

static void set_kind(struct item *item, const char *kind)
{
    (void)snprintf(item->kind, sizeof item->kind, "%s", kind);
}

static void make_share(const demo_traffic *traffic, struct item *item)
{
    const char *share = shares[traffic->made % SHARE_TYPES];
    set_kind(item, "token.create_mint");
    (void)snprintf(item->key, sizeof item->key, "share:%s", share);
    (void)snprintf(item->payload, sizeof item->payload, "{\"decimals\":0}");
}

static void make_issuance(demo_traffic *traffic, struct item *item)
{
    const char *share = shares[draw_below(traffic, SHARE_TYPES)];
    const uint32_t member = draw_below(traffic, traffic->member_count);
    set_kind(item, "token.mint_to");
    (void)snprintf(item->key, sizeof item->key, "issue:%06" PRId64, traffic->made);
    (void)snprintf(item->entity, sizeof item->entity, "member:%04" PRIu32, member);
    (void)snprintf(item->payload, sizeof item->payload,
                   "{\"mint\":{\"key\":\"share:%s\"},\"to\":\"%s\",\"amount\":\"%" PRIu32 "\"}",
                   share, traffic->members[member], 1 + draw_below(traffic, 500));
}

static void make_proposal(demo_traffic *traffic, struct item *item)
{
    static const char *const stages[] = {"opened", "closed", "finalized"};
    const char *stage = stages[traffic->proposal_stage];
    set_kind(item, "event");
    (void)snprintf(item->key, sizeof item->key, "proposal:%04" PRId64 ":%s", traffic->proposal,
                   stage);
    (void)snprintf(item->entity, sizeof item->entity, "proposal:%04" PRId64, traffic->proposal);
    (void)snprintf(item->payload, sizeof item->payload,
                   "{\"type\":\"proposal.%s\",\"subject\":\"proposal %" PRId64
                   "\",\"document\":{\"number\":%" PRId64 ",\"stage\":\"%s\",\"yes\":%" PRIu32
                   ",\"no\":%" PRIu32 ",\"quorum\":true}}",
                   stage, traffic->proposal, traffic->proposal, stage,
                   draw_below(traffic, traffic->member_count),
                   draw_below(traffic, traffic->member_count));
    traffic->proposal_stage = (traffic->proposal_stage + 1) % 3;
    if (traffic->proposal_stage == 0) traffic->proposal++;
}

static void make_note(demo_traffic *traffic, struct item *item)
{
    static const char *const notes[] = {"minutes approved", "board elected", "Satzung geändert",
                                        "address book checked"};
    set_kind(item, "memo");
    (void)snprintf(item->key, sizeof item->key, "note:%06" PRId64, traffic->made);
    (void)snprintf(item->payload, sizeof item->payload, "{\"text\":\"%s %" PRId64 "\"}",
                   notes[draw_below(traffic, 4)], traffic->made);
}

static void make_dividend(demo_traffic *traffic, struct item *item)
{
    set_kind(item, "sol.transfer");
    (void)snprintf(item->key, sizeof item->key, "dividend:%06" PRId64, traffic->made);
    (void)snprintf(item->payload, sizeof item->payload,
                   "{\"to\":\"%s\",\"lamports\":\"%" PRIu32 "\"}",
                   traffic->members[draw_below(traffic, traffic->member_count)],
                   1000000 + draw_below(traffic, 1000000));
}

/* Shares that members give back are redeemed: they return to the treasury, which is the
 * payer, and end there. Each return and its redemption are an entity, in this order. */
static void make_treasury(demo_traffic *traffic, struct item *item)
{
    const int64_t pair = traffic->treasury / 2;
    const bool is_return = traffic->treasury++ % 2 == 0;
    set_kind(item, is_return ? "token.mint_to" : "token.burn");
    (void)snprintf(item->key, sizeof item->key, "%s:%06" PRId64,
                   is_return ? "return" : "redeem", traffic->made);
    (void)snprintf(item->entity, sizeof item->entity, "redemption:%05" PRId64, pair);
    if (is_return) {
        (void)snprintf(item->payload, sizeof item->payload,
                       "{\"mint\":{\"key\":\"share:ordinary\"},\"to\":\"%s\",\"amount\":\"9\"}",
                       traffic->payer);
    } else {
        (void)snprintf(item->payload, sizeof item->payload,
                       "{\"mint\":{\"key\":\"share:ordinary\"},\"amount\":\"7\"}");
    }
}

/* More than the treasury holds: the token program refuses. */
static void make_buy_back(demo_traffic *traffic, struct item *item)
{
    set_kind(item, "token.burn");
    (void)snprintf(item->key, sizeof item->key, "buyback:%06" PRId64, traffic->made);
    (void)snprintf(item->payload, sizeof item->payload,
                   "{\"mint\":{\"key\":\"share:ordinary\"},\"amount\":\"999999999999\"}");
}

/* A new account cannot live on ten lamports: the ledger refuses for want of rent. */
static void make_dust(demo_traffic *traffic, struct item *item)
{
    struct ls_address address;
    char text[LS_ADDRESS_TEXT_BYTES];
    for (size_t i = 0; i < sizeof address.bytes; i++) address.bytes[i] = (uint8_t)draw(traffic);
    ls_address_text(&address, text);
    set_kind(item, "sol.transfer");
    (void)snprintf(item->key, sizeof item->key, "dust:%06" PRId64, traffic->made);
    (void)snprintf(item->payload, sizeof item->payload, "{\"to\":\"%s\",\"lamports\":\"10\"}",
                   text);
}

/* Every second batch registers a capital increase, step by step in this order; the others pay
 * a dividend to members, each for itself. */
static bool is_ordered(const struct filling *batch)
{
    return batch->number % 2 == 0;
}

static int batch_size(const struct filling *batch)
{
    return is_ordered(batch) ? INCREASES : DIVIDENDS;
}

/* The dividend of one member; one of a run is too small for an account to live on. */
static void make_batch_dividend(demo_traffic *traffic, struct item *item)
{
    enum { TOO_SMALL = 13 };
    if (traffic->batch.made == TOO_SMALL) {
        make_dust(traffic, item);
    } else {
        make_dividend(traffic, item);
    }
    (void)snprintf(item->key, sizeof item->key, "dividend-%04" PRId64 ":%02d",
                   traffic->batch.number, traffic->batch.made + 1);
}

/* The resolution, the new shares, and the entry in the register. */
static void make_batch_increase(demo_traffic *traffic, struct item *item)
{
    const struct filling *batch = &traffic->batch;
    const bool is_first = batch->made == 0;
    if (!is_first && batch->made + 1 < INCREASES) {
        make_issuance(traffic, item);
        item->entity[0] = '\0';
    } else {
        set_kind(item, "event");
        (void)snprintf(item->payload, sizeof item->payload,
                       "{\"type\":\"capital.%s\",\"subject\":\"capital increase %" PRId64
                       "\",\"document\":{\"number\":%" PRId64 ",\"holders\":%d}}",
                       is_first ? "resolved" : "registered", batch->number, batch->number,
                       INCREASES - 2);
    }
    (void)snprintf(item->key, sizeof item->key, "capital-%04" PRId64 ":%02d", batch->number,
                   batch->made + 1);
}

static void make_item(demo_traffic *traffic, struct item *item)
{
    *item = (struct item){0};
    if (traffic->batch.id != 0) {
        if (is_ordered(&traffic->batch)) {
            make_batch_increase(traffic, item);
        } else {
            make_batch_dividend(traffic, item);
        }
        return;
    }
    if (traffic->made < SHARE_TYPES) {
        make_share(traffic, item);
        return;
    }
    const uint32_t chance = draw_below(traffic, 200);
    if (chance < 80) {
        make_issuance(traffic, item);
    } else if (chance < 130) {
        make_proposal(traffic, item);
    } else if (chance < 164) {
        make_note(traffic, item);
    } else if (chance < 182) {
        make_dividend(traffic, item);
    } else if (chance < 198) {
        make_treasury(traffic, item);
    } else if (chance == 198) {
        make_buy_back(traffic, item);
    } else {
        make_dust(traffic, item);
    }
}

static bool is_away(ls_err err)
{
    return err.code == LS_CODE_UNAVAILABLE || err.code == LS_CODE_UNKNOWN;
}

bool demo_traffic_end(demo_traffic *traffic)
{
    struct filling *batch = &traffic->batch;
    struct ls_why why = {0};
    if (batch->id == 0) return true;
    const ls_err err = ls_session_batch_seal(traffic->session, batch->id, &why);
    if (is_away(err)) return false;
    if (ls_failed(err)) traffic->refused++;
    batch->id = 0;
    return true;
}

/* Open the next batch, or seal the one that is full; false when the database is away: both
 * may be asked for again. */
static bool turn_batch(demo_traffic *traffic)
{
    struct filling *batch = &traffic->batch;
    struct ls_why why = {0};
    char name[48];
    if (batch->made == batch_size(batch) && !demo_traffic_end(traffic)) return false;
    const int64_t due = batch->number * BATCH_EVERY + BATCH_FIRST;
    if (batch->id != 0 || traffic->made < due) return true;
    struct filling next = {.number = batch->number + 1};
    const char *policy = is_ordered(&next) ? "ordered" : "best_effort";
    (void)snprintf(name, sizeof name, "%s-%04" PRId64,
                   is_ordered(&next) ? "capital" : "dividend", next.number);
    const ls_err err = ls_session_batch_open(traffic->session, name, policy, &next.id, &why);
    if (is_away(err)) return false;
    if (ls_failed(err)) traffic->refused++;
    *batch = next;
    return true;
}

/* Offer the present item; whether the next may follow now. */
static bool offer(demo_traffic *traffic)
{
    struct item *item = &traffic->item;
    struct ls_why why = {0};
    ls_op_id op = {0};
    if (!traffic->has_item && !turn_batch(traffic)) return false;
    if (!traffic->has_item) make_item(traffic, item);
    traffic->has_item = true;
    const struct ls_enqueue request = {
        .kind = item->kind,
        .payload = item->payload,
        .key = item->key,
        .entity = item->entity[0] == '\0' ? NULL : item->entity,
        .lane = 1,
        .batch = traffic->batch.id,
    };
    const ls_err err = ls_session_enqueue(traffic->session, &request, &op, &why);
    /* An unknown outcome is offered again: the key makes it one operation. */
    if (is_away(err)) return false;
    traffic->has_item = false;
    if (traffic->batch.id != 0) traffic->batch.made++;
    traffic->made++;
    if (ls_failed(err)) {
        traffic->refused++;
    } else {
        traffic->enqueued++;
    }
    return true;
}

void demo_traffic_turn(demo_traffic *traffic, int64_t now_ms)
{
    const struct ls_clock clock = ls_system_clock();
    if (traffic->started_ms == 0) traffic->started_ms = now_ms;
    if (traffic->rate == 0) return;
    int64_t due = (now_ms - traffic->started_ms) * traffic->rate / 1000 - traffic->made;
    if (due > BEHIND_MAX) {
        traffic->started_ms += (due - BEHIND_MAX) * 1000 / traffic->rate;
        due = BEHIND_MAX;
    }
    for (; due > 0 && clock.monotonic_ms(clock.self) - now_ms < TURN_MS; due--) {
        if (!offer(traffic)) return;
    }
}
