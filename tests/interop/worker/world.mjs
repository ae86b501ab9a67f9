// A funded installation with its worker, and a node that is asked by nobody else.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keypair, PublicKey } from '@solana/web3.js';
import { ataOf } from '../wire/with_web3.mjs';

const ASK_MS = 200; // between two runs of a command, so that the worker has the machine too
const QUIET_MS_MAX = 120_000;
const PAYER_LAMPORTS = 10_000_000_000;
const ENDS = ['done', 'failed', 'cancelled', 'compensated'];

export class World {
  constructor(site, node, random) {
    Object.assign(this, { site, node, random });
    this.alice = this.somebody();
  }

  // An address that nobody has used.
  somebody() {
    return Keypair.fromSeed(this.random.bytes(32)).publicKey.toBase58();
  }

  async fund() {
    this.payer = await this.site.set();
    await this.node.reach(await this.node.result('requestAirdrop', this.payer, PAYER_LAMPORTS), 'finalized');
  }

  // Every operation, once there are `count` and each has ended. However slow the machine: it gives up only
  // when no operation has changed for a long while, or when one is held, which nobody here will release.
  async settled(count) {
    let seen = '';
    for (let changedMs = Date.now(); ; await sleep(ASK_MS)) {
      const ops = await this.site.ops();
      const open = ops.filter(op => !ENDS.includes(op.state));
      if (ops.length === count && open.length === 0) return ops;
      const now = JSON.stringify(ops.map(({ id, version }) => [id, version]));
      if (now !== seen) [seen, changedMs] = [now, Date.now()];
      const stuck = Date.now() - changedMs > QUIET_MS_MAX ? open : open.filter(op => op.state === 'held');
      if (stuck.length > 0) assert.fail(`${ops.length} of ${count} operations, ${open.length} open; of the first: ${await this.site.lockstep(['show', String(stuck[0].id)])}`);
    }
  }

  // What the ledger lists for an address, newest first.
  async rows(address) {
    const rows = [];
    for (;;) {
      const page = await this.node.result('getSignaturesForAddress', address, { commitment: 'confirmed', limit: 1000, before: rows.at(-1)?.signature });
      rows.push(...page);
      if (page.length < 1000) return rows;
    }
  }

  // Every memo of the payer's transactions that took effect, by tag.
  async landings() {
    const counts = new Map();
    for (const { memo, err, signature } of await this.rows(this.payer)) {
      if (err !== null) continue;
      for (const [tag] of (memo ?? '').matchAll(/ls1:[1-9A-HJ-NP-Za-km-z]+/g)) counts.set(tag, [...counts.get(tag) ?? [], signature]);
    }
    return counts;
  }

  transaction(signature) {
    return this.node.result('getTransaction', signature, { commitment: 'confirmed', encoding: 'json' });
  }

  async account(address) {
    return (await this.node.result('getAccountInfo', address, { commitment: 'confirmed', encoding: 'base64' })).value;
  }

  // What an operation made: the second account that its transaction names.
  async created(ops, key) {
    const { transaction } = await this.transaction(ops.find(op => op.key === key).signature);
    return transaction.message.accountKeys[1];
  }

  // Every memo of one transaction of the payer's.
  async memoOf(signature) {
    return (await this.rows(this.payer)).find(row => row.signature === signature).memo;
  }

  async tokens(owner, mint, program) {
    const account = ataOf(new PublicKey(owner), new PublicKey(mint), program).toBase58();
    return (await this.node.result('getTokenAccountBalance', account, { commitment: 'confirmed' })).value.amount;
  }
}
