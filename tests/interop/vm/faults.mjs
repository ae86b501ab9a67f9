// A bad day for the chain around the VM and for who asks it: transactions are dropped once or for good,
// land late or in the last block that may hold them, blocks lose against a fork and everything in
// them is undone, statuses are missed, answers come mangled.
import { AGE_MAX } from './chain.mjs';

// What becomes of a new transaction: dealt from a shuffled deck for each fence, so that none is left out.
const DECK = [
  ...Array(4).fill('drop'), // this once
  ...Array(3).fill('lost'), // however often it is sent
  ...Array(3).fill('last'),
  ...Array(3).fill('late'),
  ...Array(7).fill('lands'),
];
const LATE_HEIGHTS_MIN = 35; // later than a higher fee under the same nonce would come
const FORK_DEPTH_MIN = 3;
const FORK_DEPTH_MAX = 25; // a fork older than this would have been final
const FIRST_FORK_HEIGHTS = 12;
const DAY_HEIGHTS = 450; // then it is over, but for statuses and answers
const FORK_EVERY_HEIGHTS = 30;
const RETURN_HEIGHTS_MAX = 20;
const MANGLED = ['cut', 'gateway', 'html', 'half'];
const FATES = ['drop', 'lost', 'last', 'late', 'fork'];

export class Faults {
  // `deck`: what new transactions meet; `hasForks`: whether blocks lose. Chances out of 100: again (a transaction that is sent again is dropped again), miss (a status), mangle
  // (an answer), return (what a fork undid comes back by itself). `random` is the one source of choice;
  // `fenceOf` says under what a transaction stands.
  constructor(random, fenceOf, chances, { deck = DECK, hasForks = true } = {}) {
    Object.assign(this, { random, fenceOf, chances, deck, hasForks });
    this.decks = new Map();
    this.fates = new Map(); // signature -> what its first arrival met
    this.swallows = () => false; // which new transactions are lost whatever the deck says
    this.values = new Set(); // of nonces, for which something came
    this.forkHeight = null;
    this.endHeight = Infinity;
    this.counts = { miss: 0, mangle: 0, forks: 0 };
    this.perFence = new Map(); // fence -> { drop, lost, last, late, fork }
  }

  #happens(what) {
    return this.random.below(100) < (this.chances[what] ?? 0);
  }

  #count(tx, what) {
    const fence = this.fenceOf(tx);
    if (!this.perFence.has(fence)) this.perFence.set(fence, Object.fromEntries(FATES.map(fate => [fate, 0])));
    if (what in this.perFence.get(fence)) this.perFence.get(fence)[what] += 1;
  }

  #deal(name) {
    const deck = this.decks.get(name) ?? [];
    if (deck.length === 0) deck.push(...this.deck);
    this.decks.set(name, deck);
    return deck.splice(this.random.below(deck.length), 1)[0];
  }

  // Of those that share a nonce's value only the first can be lost for good: none of them ever expires, and it
  // is the newest that is sent again.
  #fateOf(tx, next) {
    if (this.swallows(tx)) return 'lost';
    if (next >= this.endHeight) return 'lands';
    const fence = this.fenceOf(tx);
    const isLater = fence === 'nonce' && this.values.has(tx.blockhash);
    if (fence === 'nonce') this.values.add(tx.blockhash);
    const fate = this.#deal(isLater ? 'nonce again' : fence);
    return fate === 'lost' && isLater ? 'drop' : fate;
  }

  // The height at which a transaction that arrives now lands; null: never. `lastHeight`: of its blockhash.
  landingHeight(tx, tip, lastHeight) {
    const next = tip.height + 1;
    if (this.forkHeight === null) [this.forkHeight, this.endHeight] = [next + FIRST_FORK_HEIGHTS, next + DAY_HEIGHTS];
    const known = this.fates.get(tx.signature);
    if (known !== undefined) return known === 'lost' || (next < this.endHeight && this.#happens('again')) ? null : next;
    const fate = this.#fateOf(tx, next);
    this.fates.set(tx.signature, fate);
    this.#count(tx, fate);
    if (fate === 'drop' || fate === 'lost') return null;
    if (fate === 'last') return Math.max(next, lastHeight);
    if (fate === 'late') return next + LATE_HEIGHTS_MIN + this.random.below(AGE_MAX - LATE_HEIGHTS_MIN);
    return next;
  }

  // How many of the newest blocks lose now: 0 for none.
  forkDepth(tip) {
    if (!this.hasForks || this.forkHeight === null || tip.height >= this.endHeight || tip.height < this.forkHeight) return 0;
    const isFirst = this.counts.forks === 0;
    this.forkHeight = tip.height + FORK_EVERY_HEIGHTS + this.random.below(FORK_EVERY_HEIGHTS);
    this.counts.forks += 1;
    return isFirst ? FIRST_FORK_HEIGHTS : FORK_DEPTH_MIN + this.random.below(FORK_DEPTH_MAX - FORK_DEPTH_MIN + 1);
  }

  // The height at which what a fork undid lands again; null: no node has it any more.
  returnHeight(tx, tip) {
    this.#count(tx, 'fork');
    return this.#happens('return') ? tip.height + 1 + this.random.below(RETURN_HEIGHTS_MAX) : null;
  }

  // A node's recent statuses miss one now and then; its history does not.
  misses(isHistorySearched) {
    const isMissed = !isHistorySearched && this.#happens('miss');
    if (isMissed) this.counts.miss += 1;
    return isMissed;
  }

  // What becomes of an answer, or undefined.
  mangled() {
    if (!this.#happens('mangle')) return undefined;
    this.counts.mangle += 1;
    return this.random.pick(MANGLED);
  }
}
