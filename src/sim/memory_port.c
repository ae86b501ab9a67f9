/* One worker's connection: requests wait their turn and their delays, then their fate. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "memory_copy.h"
#include "memory_journal.h"
#include "memory_rows.h"

enum { CALL_BYTES_MAX = 64 << 20 };

struct entry {
    ls_arena *arena; /* made at first use: the request's copy and the reply's arrays */
    const struct ls_store_request *request;
    struct ls_store_reply reply;
    enum memory_fate fate;
    int64_t happens_ms;
    int64_t replies_ms;
    bool has_happened;
};

struct ls_memory_port {
    struct ls_memory_store *store;
    int64_t worker_id; /* 0: none yet */
    int64_t timeline;  /* of the store when it connected */
    bool is_connected;
    bool is_cut;
    size_t first; /* the oldest entry under way */
    size_t count;
    struct entry entries[LS_STORE_QUEUE_MAX];
};

static struct entry *entry_at(ls_memory_port *port, size_t offset)
{
    return &port->entries[(port->first + offset) % LS_STORE_QUEUE_MAX];
}

static void carry_out_gate(const struct memory_call *call)
{
    const struct ls_gate_change *gate = &call->request->gate;
    call->reply->err =
        memory_set_gate(call->store, gate->selector, gate->on, true, &call->reply->why);
}

void memory_carry_out(const struct memory_call *call)
{
    call->store->place.position++;
    switch (call->request->verb) {
    case LS_STORE_HELLO: memory_hello(call); break;
    case LS_STORE_TICK: memory_tick(call); break;
    case LS_STORE_CLAIM: memory_claim(call); break;
    case LS_STORE_INTENT: memory_intent(call); break;
    case LS_STORE_MOVE: memory_move_rows(call); break;
    case LS_STORE_ADOPT: memory_adopt(call); break;
    case LS_STORE_GATE: carry_out_gate(call); break;
    case LS_STORE_OBSERVE: memory_observe(call); break;
    case LS_STORE_RAISE: memory_raise(call); break;
    case LS_STORE_BYE: memory_bye(call); break;
    case LS_STORE_LANDED: memory_landed(call); break;
    case LS_STORE_FIND: memory_find_rows(call); break;
    case LS_STORE_MARK: memory_watermark(call); break;
    case LS_STORE_BULK: call->reply->bulk_due_ms = -1; break; /* persons make jobs by SQL */
    }
    memory_settle_batches(call->store);
}

static void lose(ls_memory_port *port, struct entry *entry, enum ls_code code, const char *what)
{
    port->is_connected = false;
    entry->reply = (struct ls_store_reply){
        .verb = entry->request->verb, .id = entry->request->id, .err = LS_FAIL(code, 0, what)};
}

static void follow_connection(ls_memory_port *port, const struct entry *entry)
{
    if (ls_failed(entry->reply.err)) return;
    if (entry->request->verb == LS_STORE_HELLO) {
        port->worker_id = entry->reply.worker_id;
        port->timeline = port->store->timeline;
        port->is_connected = true;
    }
    if (entry->request->verb == LS_STORE_BYE) {
        port->worker_id = 0;
        port->is_connected = false;
    }
}

/* The server that it was connected to is not the one that answers now. */
static void notice_restore(ls_memory_port *port)
{
    if (port->timeline == port->store->timeline) return;
    port->is_connected = false;
    port->timeline = port->store->timeline;
    for (size_t i = 0; i < port->count; i++) {
        struct entry *entry = entry_at(port, i);
        if (entry->has_happened) continue;
        entry->has_happened = true;
        lose(port, entry, LS_CODE_UNKNOWN, "store connection");
    }
}

/* The entry's fate comes to pass. */
static void happen(ls_memory_port *port, struct entry *entry)
{
    int64_t worker_id = port->worker_id;
    struct memory_call call = {.store = port->store,
                               .arena = entry->arena,
                               .worker_id = &worker_id,
                               .request = entry->request,
                               .reply = &entry->reply};
    bool is_hello = entry->request->verb == LS_STORE_HELLO;
    entry->has_happened = true;
    if (entry->fate == MEMORY_REFUSED || port->store->faults.is_down ||
        (!port->is_connected && !is_hello)) {
        lose(port, entry, LS_CODE_UNAVAILABLE, "store connection");
        return;
    }
    if (port->is_cut) {
        entry->fate = memory_draw_coin(port->store) ? MEMORY_REPLY_LOST : MEMORY_REQUEST_LOST;
        if (is_hello) entry->fate = MEMORY_REFUSED;
    }
    if (entry->fate == MEMORY_REFUSED) {
        lose(port, entry, LS_CODE_UNAVAILABLE, "store connection");
        return;
    }
    if (entry->fate == MEMORY_REQUEST_LOST) {
        lose(port, entry, LS_CODE_UNKNOWN, "store commit");
        return;
    }
    memory_journal_request(port->store, worker_id, entry->request);
    memory_carry_out(&call);
    if (entry->fate == MEMORY_REPLY_LOST) {
        lose(port, entry, LS_CODE_UNKNOWN, "store commit");
        return;
    }
    follow_connection(port, entry);
}

static ls_err fill_entry(struct entry *entry, const struct ls_store_request *request)
{
    if (entry->arena == NULL) entry->arena = ls_arena_new(CALL_BYTES_MAX);
    if (entry->arena == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "store request");
    ls_arena_reset(entry->arena);
    entry->request = memory_copy(entry->arena, request);
    if (entry->request == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "store request");
    entry->reply = (struct ls_store_reply){.verb = request->verb, .id = request->id};
    entry->has_happened = false;
    return LS_OK;
}

static ls_err begin(void *self, const struct ls_store_request *request)
{
    ls_memory_port *port = self;
    notice_restore(port);
    if (!port->is_connected && request->verb != LS_STORE_HELLO)
        return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "store connection");
    LS_TRY(memory_check(request));
    if (port->count == LS_STORE_QUEUE_MAX) return LS_FAIL(LS_CODE_FULL, 0, "store queue");
    struct entry *entry = entry_at(port, port->count);
    LS_TRY(fill_entry(entry, request));

    int64_t from_ms = memory_now(port->store);
    if (port->count > 0 && entry_at(port, port->count - 1)->happens_ms > from_ms)
        from_ms = entry_at(port, port->count - 1)->happens_ms;
    entry->fate = memory_draw_fate(port->store);
    entry->happens_ms = from_ms + memory_draw_delay(port->store);
    entry->replies_ms = entry->happens_ms + memory_draw_delay(port->store);
    port->count++;
    return LS_OK;
}

void ls_memory_port_advance(ls_memory_port *port)
{
    int64_t now = memory_now(port->store);
    notice_restore(port);
    for (size_t i = 0; i < port->count; i++) {
        struct entry *entry = entry_at(port, i);
        if (entry->happens_ms > now) break;
        if (!entry->has_happened) happen(port, entry);
    }
}

static bool take(void *self, struct ls_store_reply *reply_out)
{
    ls_memory_port *port = self;
    int64_t now = memory_now(port->store);
    ls_memory_port_advance(port);
    if (port->count == 0) return false;
    const struct entry *oldest = entry_at(port, 0);
    if (!oldest->has_happened || oldest->replies_ms > now) return false;
    *reply_out = oldest->reply;
    port->first = (port->first + 1) % LS_STORE_QUEUE_MAX;
    port->count--;
    return true;
}

ls_memory_port *ls_memory_port_new(ls_memory_store *store)
{
    assert(store != NULL);
    ls_memory_port *port = calloc(1, sizeof *port);
    if (port == NULL) return NULL;
    port->store = store;
    port->timeline = store->timeline;
    return port;
}

void ls_memory_port_free(ls_memory_port *port)
{
    if (port == NULL) return;
    notice_restore(port);
    for (size_t i = 0; i < port->count; i++) {
        struct entry *entry = entry_at(port, i);
        if (entry->has_happened) continue;
        if (!memory_draw_coin(port->store)) break;
        happen(port, entry);
    }
    for (size_t i = 0; i < LS_STORE_QUEUE_MAX; i++) ls_arena_free(port->entries[i].arena);
    free(port);
}

void ls_memory_port_cut(ls_memory_port *port, bool is_cut)
{
    port->is_cut = is_cut;
}

struct ls_store_port ls_memory_port_face(ls_memory_port *port)
{
    return (struct ls_store_port){.self = port, .begin = begin, .take = take};
}

int64_t ls_memory_port_next_ms(const ls_memory_port *port)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < port->count; i++) {
        const struct entry *entry = &port->entries[(port->first + i) % LS_STORE_QUEUE_MAX];
        if (i == 0 && entry->has_happened) next_ms = entry->replies_ms;
        if (entry->has_happened) continue;
        return entry->happens_ms < next_ms ? entry->happens_ms : next_ms;
    }
    return next_ms;
}
