// A bad day for the chain around the VM: transactions are dropped, land late or in the last block that
// may hold them, are seen in a fork that loses, and statuses are missed. The VM itself carries a
// transaction out once, on the fork that wins; a losing fork is something that clients are shown.
import { AGE_MAX } from './chain.mjs';

const FORK_HEIGHTS_MAX = 25; // a fork older than this would have been final

export class Faults {
  // Chances out of 100: drop (this once), lost (however often it is sent), late, last, fork, miss. `random` is the one source of choice.
  constructor(random, chances) {
    Object.assign(this, { random, chances });
    this.sightings = new Map(); // signature -> { slot, height, end }: seen in a fork
    this.lost = new Set();
    this.counts = { drop: 0, lost: 0, late: 0, last: 0, fork: 0, miss: 0 };
  }

  #happens(what) {
    const happens = this.random.below(100) < this.chances[what];
    if (happens) this.counts[what] += 1;
    return happens;
  }

  // The height at which a transaction that arrives now lands; null: never.
  landingHeight(signature, tip, lastHeight) {
    const next = tip.height + 1;
    if (this.lost.has(signature) || this.#happens('drop')) return null;
    if (this.#happens('lost')) {
      this.lost.add(signature);
      return null;
    }
    if (this.#happens('last')) return Math.max(next, lastHeight);
    if (this.#happens('late')) return next + this.random.below(AGE_MAX);
    return next;
  }

  // Show it in a fork first; resolves to the height from which it may land on the other one.
  maybeFork(signature, tip) {
    if (this.sightings.has(signature) || !this.#happens('fork')) return tip.height + 1;
    const end = tip.height + 3 + this.random.below(FORK_HEIGHTS_MAX);
    this.sightings.set(signature, { slot: tip.slot + 1, height: tip.height + 1, end });
    return end;
  }

  // What a client is told of a transaction that stands in a fork, or undefined.
  sightingAt(signature, tip) {
    const seen = this.sightings.get(signature);
    if (!seen || tip.height < seen.height || tip.height >= seen.end) return undefined;
    const confirmations = tip.height - seen.height;
    return {
      confirmationStatus: confirmations > 0 ? 'confirmed' : 'processed', confirmations,
      err: null, slot: seen.slot, status: { Ok: null },
    };
  }

  // A node's recent statuses miss one now and then; its history does not.
  misses(isHistorySearched) {
    return !isHistorySearched && this.#happens('miss');
  }
}
