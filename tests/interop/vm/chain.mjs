// A chain around the VM: blocks, heights, commitment, expiry, a cache that forgets, forks.
// The VM knows one state and one moment; everything about time is added here.
//
// What the bank decides before and after an execution is played here, by the rules of the validator's
// runtime, because the VM has one newest blockhash and no queue of them:
// - a transaction is let in by a blockhash of the last 150 heights, else by a nonce account's value
//   (nonce.mjs), else it is refused with BlockhashNotFound; then one that has landed with AlreadyProcessed;
// - signatures are checked on the bytes that came; nothing without them reaches the VM;
// - what fails pays its fee, and where a nonce let it in that nonce is moved on all the same. Under a
//   recent blockhash a failed transaction leaves its nonce account as it was.
// The VM executes the instructions, takes fees and checks rent. It takes the blockhash of the message for
// the bank's last one, from which AdvanceNonceAccount and InitializeNonceAccount derive the next
// value; so it is given the transaction with the bank's in place of its own.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Keypair, PublicKey, SystemProgram, TransactionMessage, VersionedTransaction } from '@solana/web3.js';
import { base58, errorToJson, readTransaction, withBlockhash } from './codec.mjs';
import { advanced, nonceUsed } from './nonce.mjs';
import vm from './vm.mjs';

export const AGE_MAX = 150; // heights for which a blockhash is accepted
const FORWARDING_HEIGHTS = 6; // a preflight refuses this much earlier
const STATUS_ROOTS = 300; // finalized blocks whose statuses are found without history
const FIRST_SLOT = 1000;
const BLOCKS_KEPT_MAX = 200_000;
const PENDING_MAX = 10_000;
const DEPTH = { processed: 0, confirmed: 1, finalized: 31 };
const FAUCET_LAMPORTS = 5n * 10n ** 14n; // half of what the VM has to give

const VOTES = 2; // in every block, as every block of a living cluster holds some

const NO_ACCOUNT = { lamports: 0n, data: Buffer.alloc(0), owner: SystemProgram.programId.toBase58(), executable: false, rentEpoch: 0n };

const sha256 = text => createHash('sha256').update(text).digest();
const sha512 = text => createHash('sha512').update(text).digest();
const isSkipped = slot => slot % 16 === 7; // so that heights and slots differ

export class Chain {
  // `slotsPerCallMax`: it waits for its clients; time beyond so many slots since the last call
  // passes without blocks. A starved client is then slow, and not hundreds of blocks behind.
  constructor({ slotMs, seed, nowMs, slotsPerCallMax = Infinity }) {
    Object.assign(this, { slotMs, seed, slotsPerCallMax, nextMs: nowMs + slotMs });
    this.svm = new vm.LiteSvm();
    this.svm.setBlockhashCheck(false); // it knows only its newest; see #admit
    this.svm.setSigverify(false); // it is given other bytes than were signed; see #run
    this.svm.setTransactionHistory(0n); // duplicates are found here
    this.genesis = base58(sha256(`genesis ${seed}`));
    this.identity = base58(sha256(`identity ${seed}`));
    this.blocks = [];
    this.heightOf = new Map(); // blockhash -> height
    this.voteIn = new Map(); // signature of a vote -> block
    this.pending = new Map(); // signature -> { tx, height: where it lands at the earliest }
    this.faults = null;
    this.arrived = new Map(); // signature -> whatever a node was ever given
    this.landed = new Map(); // signature -> record
    this.byAddress = new Map(); // address -> signatures, oldest first
    this.states = new Map(); // address -> [{height, account}], oldest first
    this.airdrops = 0;
    this.forks = 0;
    this.faucet = Keypair.fromSeed(sha256(`faucet ${seed}`));
    this.svm.airdrop(this.faucet.publicKey.toBytes(), FAUCET_LAMPORTS);
    this.slot = FIRST_SLOT;
    while (this.blocks.length < 40) this.#nextSlot(nowMs, this.pending);
  }

  // A client calls: produce every block that is due.
  advance(nowMs) {
    for (let slots = 0; this.nextMs <= nowMs && slots < this.slotsPerCallMax; slots += 1) {
      this.#nextSlot(nowMs, this.pending);
      const depth = this.faults?.forkDepth(this.tip()) ?? 0;
      if (depth > 0) this.#fork(depth, nowMs);
      this.nextMs += this.slotMs;
    }
    if (this.nextMs <= nowMs) this.nextMs = nowMs + this.slotMs;
  }

  tip(commitment = 'processed') {
    return this.blocks[this.blocks.length - 1 - DEPTH[commitment]];
  }

  blockAt(slot) {
    return this.blocks.find(block => block.slot === slot);
  }

  // Whether a blockhash is known to a block and young enough to be used `margin` later.
  isValidIn(block, blockhash, margin = 0) {
    const height = this.heightOf.get(blockhash);
    return height !== undefined && height <= block.height && block.height - height + margin <= AGE_MAX;
  }

  commitmentOf(record) {
    return ['finalized', 'confirmed', 'processed'].find(level => this.tip(level).height >= record.height);
  }

  isForgotten(record) {
    return this.tip('finalized').height - record.height > STATUS_ROOTS;
  }

  // The account as it stood at a commitment level, or null.
  account(address, commitment) {
    const states = this.states.get(address);
    if (!states) return this.#account(address);
    const { height } = this.tip(commitment);
    return states.findLast(state => state.height <= height)?.account ?? null;
  }

  // What lets a transaction into a bank, { nonce: the address of an account or null }; null when nothing does.
  #admit(tx, block, blockhash, accountAt, margin = 0) {
    if (this.isValidIn(block, tx.blockhash, margin)) return { nonce: null };
    const nonce = nonceUsed(tx, accountAt, blockhash);
    return nonce && { nonce };
  }

  // Have the VM carry it out, or try it, in a bank whose last blockhash is this one.
  #run(tx, blockhash, isTried) {
    const bytes = withBlockhash(tx, blockhash);
    if (tx.version === 'legacy') return isTried ? this.svm.simulateLegacyTransaction(bytes) : this.svm.sendLegacyTransaction(bytes);
    return isTried ? this.svm.simulateVersionedTransaction(bytes) : this.svm.sendVersionedTransaction(bytes);
  }

  // Have the VM try it on its accounts as they stand at this level.
  #tryAt(tx, commitment, blockhash) {
    const newest = new Map(tx.addresses.map(address => [address, this.#account(address)]));
    const older = tx.addresses.filter(address => !isDeepStrictEqual(this.account(address, commitment), newest.get(address)));
    for (const address of older) this.#put(address, this.account(address, commitment) ?? NO_ACCOUNT);
    const result = this.#run(tx, blockhash, true);
    for (const address of older) this.#put(address, newest.get(address) ?? NO_ACCOUNT);
    return result;
  }

  // As a node's preflight would: what the bank at this level says of it, err null when it would carry it out.
  simulate(tx, { commitment, isBlockhashReplaced = false, isSignatureChecked = true }) {
    const block = this.tip(commitment);
    const refused = err => ({ err, logs: [], units: 0n });
    if (!isBlockhashReplaced) {
      const accountAt = address => this.account(address, commitment);
      if (this.#admit(tx, block, block.blockhash, accountAt, FORWARDING_HEIGHTS) === null) return refused('BlockhashNotFound');
      const seen = this.landed.get(tx.signature);
      if (seen && seen.height <= block.height) return refused('AlreadyProcessed');
    }
    if (isSignatureChecked && !tx.isSigned) return refused('SignatureFailure');
    const result = this.#tryAt(tx, commitment, block.blockhash);
    const meta = result.meta();
    const err = result instanceof vm.FailedTransactionMetadata ? errorToJson(result.err()) : null;
    return { err, logs: meta.logs(), units: meta.computeUnitsConsumed() };
  }

  // Take a transaction for the next block; says nothing about whether it will land.
  submit(tx) {
    if (this.pending.size >= PENDING_MAX || this.pending.has(tx.signature)) return;
    this.arrived.set(tx.signature, tx);
    const height = this.#landingHeight(tx);
    if (height !== null) this.pending.set(tx.signature, { tx, height });
  }

  #landingHeight(tx) {
    const tip = this.tip();
    if (this.faults === null || this.landed.has(tx.signature)) return tip.height + 1;
    const lastHeight = (this.heightOf.get(tx.blockhash) ?? tip.height) + AGE_MAX;
    return this.faults.landingHeight(tx, tip, lastHeight);
  }

  airdrop(address, lamports) {
    this.airdrops += 1;
    const from = this.faucet.publicKey;
    const message = new TransactionMessage({
      payerKey: from,
      recentBlockhash: this.tip().blockhash,
      instructions: [
        SystemProgram.transfer({ fromPubkey: from, toPubkey: new PublicKey(address), lamports }),
        SystemProgram.transfer({ fromPubkey: from, toPubkey: from, lamports: this.airdrops }), // makes it unique
      ],
    }).compileToLegacyMessage();
    const signed = new VersionedTransaction(message);
    signed.sign([this.faucet]);
    const tx = readTransaction(signed.serialize());
    this.submit(tx);
    return tx.signature;
  }

  // The next block, with what of `pending` is due; or a slot without one.
  #nextSlot(nowMs, pending) {
    this.slot += 1;
    if (isSkipped(this.slot)) return;
    const parent = this.blocks.at(-1);
    const block = {
      slot: this.slot,
      height: (parent?.height ?? FIRST_SLOT - 200) + 1,
      parentSlot: parent?.slot ?? 0,
      previousBlockhash: parent?.blockhash ?? this.genesis,
      blockhash: base58(sha256(`block ${this.seed} ${this.forks} ${this.slot}`)),
      blockTime: Math.floor(nowMs / 1000),
      signatures: [],
    };
    if (pending.size > 0) this.#land(block, pending);
    for (let i = 0; i < VOTES; i++) {
      const vote = base58(sha512(`vote ${i} ${block.blockhash}`));
      block.signatures.push(vote);
      this.voteIn.set(vote, block);
    }
    this.blocks.push(block);
    this.heightOf.set(block.blockhash, block.height);
    if (this.blocks.length > BLOCKS_KEPT_MAX) this.#forgetBlock(this.blocks.shift());
  }

  // The newest blocks lose: everything in them is undone, on the VM too, and as many empty ones win, the
  // other versions of the same slots. What was undone may be signed for a blockhash that they never had.
  #fork(depth, nowMs) {
    const { slot } = this;
    this.forks += 1;
    const lost = this.blocks.splice(-depth);
    const { height: root } = this.tip();
    for (const [address, states] of this.states) {
      const kept = states.filter(state => state.height <= root);
      if (kept.length === states.length) continue;
      const { account } = kept.at(-1);
      if (!isDeepStrictEqual(account, this.#account(address))) this.#put(address, account ?? NO_ACCOUNT); // programs do not change
      this.states.set(address, kept);
    }
    lost.forEach(block => this.#forgetBlock(block));
    this.slot = this.tip().slot;
    while (this.slot < slot) this.#nextSlot(nowMs, new Map());
    for (const signature of lost.flatMap(block => block.signatures)) this.#undo(signature);
  }

  #undo(signature) {
    const record = this.landed.get(signature);
    if (record === undefined) return; // a vote
    this.landed.delete(signature);
    for (const address of record.tx.addresses) {
      this.byAddress.set(address, this.byAddress.get(address).filter(one => one !== signature));
    }
    const height = this.faults.returnHeight(record.tx, this.tip());
    if (height !== null) this.pending.set(signature, { tx: record.tx, height });
  }

  #forgetBlock(block) {
    this.heightOf.delete(block.blockhash);
    block.signatures.forEach(signature => this.voteIn.delete(signature));
  }

  #land(block, pending) {
    this.svm.warpToSlot(BigInt(block.slot));
    for (const [signature, { tx, height }] of pending) {
      if (height > block.height) continue;
      pending.delete(signature);
      if (this.landed.has(signature) || !tx.isSigned) continue;
      const admitted = this.#admit(tx, block, block.previousBlockhash, address => this.#account(address));
      if (admitted !== null) this.#execute(tx, block, admitted.nonce);
    }
  }

  // `nonce`: the account that let it in, or null.
  #execute(tx, block, nonce) {
    const before = tx.addresses.map(address => this.#account(address));
    const result = this.#run(tx, block.previousBlockhash, false);
    const hasFailed = result instanceof vm.FailedTransactionMetadata;
    const hasPaid = before[0]?.lamports !== this.#account(tx.addresses[0])?.lamports;
    if (hasFailed && !hasPaid) return; // no block takes what cannot pay its fee
    if (hasFailed && nonce !== null) {
      const account = this.#account(nonce);
      this.#put(nonce, { ...account, data: advanced(account.data, block.previousBlockhash) });
    }
    const after = tx.addresses.map(address => this.#account(address));
    const meta = hasFailed ? result.meta() : result;
    this.landed.set(tx.signature, {
      tx, slot: block.slot, height: block.height, blockTime: block.blockTime,
      err: hasFailed ? errorToJson(result.err()) : null,
      logs: meta.logs(), units: meta.computeUnitsConsumed(),
      fee: 5000n * BigInt(tx.signatures.length),
      preBalances: before.map(account => account?.lamports ?? 0n),
      postBalances: after.map(account => account?.lamports ?? 0n),
    });
    block.signatures.push(tx.signature);
    tx.addresses.forEach((address, index) => this.#remember(address, tx, block, before[index], after[index]));
  }

  #remember(address, tx, block, before, after) {
    if (!this.byAddress.has(address)) this.byAddress.set(address, []);
    this.byAddress.get(address).push(tx.signature);
    const states = this.states.get(address) ?? [{ height: 0, account: before }];
    const rooted = states.findLastIndex(state => state.height <= this.tip('finalized').height);
    this.states.set(address, [...states.slice(Math.max(rooted, 0)), { height: block.height, account: after }]);
  }

  #account(address) {
    const found = this.svm.getAccount(new PublicKey(address).toBytes());
    if (!found || found.lamports() === 0n) return null;
    return {
      lamports: found.lamports(), data: Buffer.from(found.data()), owner: base58(found.owner()),
      executable: found.executable(), rentEpoch: 2n ** 64n - 1n,
    };
  }

  #put(address, { lamports, data, owner, executable, rentEpoch }) {
    const account = new vm.Account(lamports, data, new PublicKey(owner).toBytes(), executable, rentEpoch);
    this.svm.setAccount(new PublicKey(address).toBytes(), account);
  }
}
