/* The engine of lockstep as a model: one operation, WORKERS workers, at most three attempts, one
 * ledger, one database with a replica that lags. Every action of a worker is a step of its own, so
 * that a crash, another worker or the ledger may come between any two. Words are those of
 * docs/blockchain/synchronization-model.md.
 *
 * FENCE is what stops a second landing: EXPIRY, MARKER or NONCE. Each name of the first list takes
 * one defence away, each of the second adds a fault; run.sh says what must come out of each.
 *
 * Defences taken away:                        Faults added:
 *   SEND_FIRST   sent before it is durable      LIES   a node once calls a live attempt dead
 *   NO_TOKEN     writes name no fencing token   LOST   a failover loses what the replica lacks
 *   TIP_EXPIRY   expired where the tip passed,  SPLIT  with LOST: workers go on on the old
 *                not the finalized root                primary until they please to reconnect
 *   ONE_SIBLING  the proof looks at the newest attempt alone
 *   NO_SCAN      after a failover the ledger is not read before signing
 *   NO_WAIT      it is read at once, not when all that was signed before has expired
 *   NO_ADVANCE   after a failover the nonces are used as they stand
 *   FRESH_VALUE  a sibling is signed for the nonce's value of now, not its elder's
 *   BY_SIGNATURE settles by the signatures that the database knows, never by the marker
 */
#define EXPIRY 1
#define MARKER 2
#define NONCE 3
#ifndef FENCE
#define FENCE EXPIRY
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef FORKS
#define FORKS 1
#endif
#ifndef COPIES
#define COPIES 1
#endif
#define ATTEMPTS 3

mtype = { UNSENT, AIR, SEEN, FINAL, GONE }; /* where an attempt's bytes are */
mtype = { READY, LEASED, SUBMITTED, DONE }; /* the operation's row */

/* The ledger's truth. */
mtype at[ATTEMPTS] = UNSENT;
bool tip_passed[ATTEMPTS];  /* the tip is past its last valid height */
bool root_passed[ATTEMPTS]; /* and so is the finalized root */
byte account[ATTEMPTS];     /* of the nonce that it is signed for */
byte value[ATTEMPTS];       /* that nonce's value then */
byte nonce[2];              /* the nonces' finalized values */
byte used;                  /* attempts that were ever signed */
byte landed;                /* finalized effects */

/* The database: db[0] before the failover, db[1] after it. */
typedef table {
    mtype state = READY;
    byte owner; /* who claimed or took over last: stands for the fencing token */
    byte known;  /* set of attempts that are durable */
    byte newest; /* the one that is sent again */
    byte pinned; /* the nonce account, from the first intent on */
};
table db[2];
table replica;
bit timeline;
bool is_caught_up; /* on timeline 1 */
bool is_advanced;

byte crashes = CRASHES;
byte forks = FORKS;
byte lies = 1;
byte copies = COPIES; /* moments at which the replica was up to date */
bool calm; /* no fault comes any more */

#define KNOWS(t, i) ((t.known >> i) & 1)
#define RIVAL(i, where) \
    ((i != 0 && at[0] == where) || (i != 1 && at[1] == where) || (i != 2 && at[2] == where))
#if FENCE == EXPIRY
#define TAKES(i) (at[i] == AIR && !root_passed[i])
#elif FENCE == MARKER
#define TAKES(i) (at[i] == AIR && !root_passed[i] && !RIVAL(i, SEEN) && !RIVAL(i, FINAL))
#else
#define HOLDS(i, j) (i != j && at[j] == SEEN && account[j] == account[i])
#define TAKES(i) \
    (at[i] == AIR && value[i] == nonce[account[i]] && !HOLDS(i, 0) && !HOLDS(i, 1) && !HOLDS(i, 2))
#endif

/* What an honest, finalized look calls dead. */
#if FENCE == NONCE
#define IS_DEAD(i) (at[i] != FINAL && nonce[account[i]] != value[i])
#elif defined(TIP_EXPIRY)
#define IS_DEAD(i) (at[i] != FINAL && at[i] != SEEN && tip_passed[i])
#else
#define IS_DEAD(i) (at[i] != FINAL && root_passed[i])
#endif
#ifdef ONE_SIBLING
#define PROOF(t) IS_DEAD(t.newest)
#else
#define PROOF(t) \
    ((!KNOWS(t, 0) || IS_DEAD(0)) && (!KNOWS(t, 1) || IS_DEAD(1)) && (!KNOWS(t, 2) || IS_DEAD(2)))
#endif
#define SOME_FINAL (at[0] == FINAL || at[1] == FINAL || at[2] == FINAL)
#ifdef ONE_SIBLING
#define KNOWN_FINAL(t) (KNOWS(t, t.newest) && at[t.newest] == FINAL)
#else
#define KNOWN_FINAL(t) \
    ((KNOWS(t, 0) && at[0] == FINAL) || (KNOWS(t, 1) && at[1] == FINAL) || \
     (KNOWS(t, 2) && at[2] == FINAL))
#endif
#if FENCE == MARKER && !defined(BY_SIGNATURE)
#define SEES_LANDING(t) SOME_FINAL
#else
#define SEES_LANDING(t) KNOWN_FINAL(t)
#endif

inline live(i)
{
    if
    :: d_step { TAKES(i) -> at[i] = SEEN }
    :: d_step {
           at[i] == SEEN -> at[i] = FINAL; landed++;
           nonce[account[i]] = nonce[account[i]] + (FENCE == NONCE);
           assert(landed <= 1)
       }
    :: d_step { at[i] == SEEN && forks > 0 && !calm -> forks--; at[i] = AIR }
    :: d_step { i < used && !tip_passed[i] && !(calm && at[i] == AIR) -> tip_passed[i] = true }
    :: d_step {
           tip_passed[i] && !root_passed[i] && at[i] != SEEN -> root_passed[i] = true;
           if
           :: FENCE != NONCE && (at[i] == AIR || at[i] == UNSENT) -> at[i] = GONE
           :: else
           fi
       }
    fi
}

active proctype Ledger()
{
end:
    do
    :: live(0)
    :: live(1)
    :: live(2)
    od
}

inline copy(from, to)
{
    to.state = from.state; to.owner = from.owner; to.known = from.known;
    to.newest = from.newest; to.pinned = from.pinned
}

active proctype World()
{
end:
    do
#ifdef LOST
    :: d_step { timeline == 0 && !calm && copies > 0 -> copies--; copy(db[0], replica) }
    :: d_step { timeline == 0 && !calm -> copy(replica, db[1]); timeline = 1 }
#endif
    :: d_step { !calm -> calm = true }
    od
}

#ifdef SPLIT
#define CONNECTED (line == timeline || !calm)
#else
#define CONNECTED (line == timeline)
#endif
#ifdef NO_TOKEN
#define MAY_WRITE CONNECTED
#else
#define MAY_WRITE (CONNECTED && db[line].owner == number)
#endif
#define SEND(i) if :: at[i] == UNSENT && !(FENCE != NONCE && root_passed[i]) -> at[i] = AIR :: else fi

inline may_crash()
{
    if
    :: atomic { crashes > 0 && !calm -> crashes--; mine = 0; goto start }
    :: skip
    fi
}

/* A worker that finds the database on another timeline reads the ledger before it signs; the
 * database remembers that it was done. */
inline catch_up()
{
#ifdef NO_SCAN
    skip
#else
    if
    :: line == 1 && !is_caught_up ->
#if FENCE == NONCE && !defined(NO_ADVANCE)
        d_step { /* one advance that is final; what is in a block lands or goes first */
            !(at[0] == SEEN || at[1] == SEEN || at[2] == SEEN) && !is_advanced ||
                is_advanced ->
            if
            :: !is_advanced -> nonce[0]++; nonce[1]++; is_advanced = true
            :: else
            fi
        };
#elif FENCE == EXPIRY && !defined(NO_WAIT)
        mine = used;
        (mine < 1 || root_passed[0] || at[0] == FINAL) &&
            (mine < 2 || root_passed[1] || at[1] == FINAL) &&
            (mine < 3 || root_passed[2] || at[2] == FINAL);
        mine = 0;
#endif
        d_step {
            if
            :: SOME_FINAL -> db[1].state = DONE
            :: else
            fi;
            is_caught_up = true
        }
    :: else
    fi
#endif
}

#ifdef NO_TOKEN
#define MAY_RECORD(state_before) (CONNECTED && used < ATTEMPTS)
#else
#define MAY_RECORD(state_before) (MAY_WRITE && db[line].state == state_before && used < ATTEMPTS)
#endif

/* Siblings are signed for one value; a new one is read when all of the old are proved dead. */
#ifdef FRESH_VALUE
#define VALUE(t) nonce[account[mine]]
#else
#define VALUE(t) (t.state == SUBMITTED -> value[t.newest] : nonce[account[mine]])
#endif

/* Sign an attempt and make it durable; what is signed and refused by the database never leaves. */
inline make(state_before)
{
    atomic {
        if
        :: MAY_RECORD(state_before) ->
            mine = used;
            used++;
            account[mine] = (db[line].known != 0 -> db[line].pinned : timeline);
            value[mine] = VALUE(db[line])
        :: else -> mine = 0; goto start
        fi
#ifdef SEND_FIRST
        ;SEND(mine)
    };
    may_crash();
    atomic {
        if
        :: MAY_WRITE && db[line].state == state_before -> skip
        :: else -> mine = 0; goto start
        fi
#endif
        ;db[line].state = SUBMITTED;
        db[line].newest = mine;
        db[line].pinned = account[mine];
        db[line].known = db[line].known | (1 << mine)
    }
}

proctype Worker(byte number)
{
    bit line;
    byte mine;
start:
    line = timeline;
    catch_up();
end:
    do
    :: atomic { !CONNECTED -> mine = 0; goto start }
#ifdef SPLIT
    :: atomic { line != timeline -> mine = 0; goto start }
#endif
    :: CONNECTED && (!calm || number == 1) ->
        d_step { /* claim, or take over what another owned */
            if
            :: db[line].state == LEASED -> db[line].state = READY
            :: else
            fi;
            db[line].owner = number;
            if
            :: db[line].state == READY && used < ATTEMPTS -> db[line].state = LEASED
            :: else
            fi
        };
        may_crash();
        if
        :: db[line].state == LEASED && used < ATTEMPTS ->
            make(LEASED);
            may_crash();
            d_step { SEND(mine); mine = 0 }
#if FENCE == MARKER && !defined(BY_SIGNATURE)
        :: d_step { /* a further attempt, which the marker turns down: that shows the landing */
               db[line].state == READY && used == ATTEMPTS && SOME_FINAL && MAY_WRITE ->
               db[line].state = DONE
           }
#endif
        :: db[line].state == SUBMITTED ->
            d_step { SEND(db[line].newest) };
            d_step {
                if
                :: SEES_LANDING(db[line]) -> mine = 1
                :: else
                fi
            };
            if
            :: d_step { mine == 1 -> if :: MAY_WRITE -> db[line].state = DONE :: else fi; mine = 0 }
            :: d_step {
                   mine == 0 && PROOF(db[line]) && !SEES_LANDING(db[line]) ->
                   if
                   :: MAY_WRITE && db[line].state == SUBMITTED -> mine = 2
                   :: else
                   fi
               };
               may_crash();
               d_step {
                   if
                   :: mine == 2 && MAY_WRITE && db[line].state == SUBMITTED -> db[line].state = READY
                   :: else
                   fi;
                   mine = 0
               }
#ifdef LIES
            :: d_step {
                   mine == 0 && lies > 0 && !calm && MAY_WRITE && db[line].state == SUBMITTED ->
                   lies--; db[line].state = READY
               }
#endif
#if FENCE == NONCE
            :: d_step { mine == 0 && used < ATTEMPTS && MAY_WRITE -> skip }; /* a bumped fee */
               make(SUBMITTED);
               may_crash();
               d_step { SEND(mine); mine = 0 }
#endif
            :: d_step { mine == 0 -> skip }
            fi
        :: else
        fi
    od
}

init
{
    atomic {
        byte i;
        for (i : 1 .. WORKERS) { run Worker(i) }
    }
}

/* Done only what landed; and what landed is known in the end. */
ltl honest { [] ((db[timeline].state == DONE) -> (landed == 1)) }
ltl known { [] ((calm && landed == 1) -> <> (db[timeline].state == DONE)) }
