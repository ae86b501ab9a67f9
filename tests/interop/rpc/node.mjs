// One ledger under test, as a client sees it: calls, batches, landing, waiting.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildWithWeb3 } from '../wire/with_web3.mjs';

const WAIT_MS_MAX = 30_000;
const POLL_MS = 10;
const ATTEMPTS_MAX = 5;

// Integers beyond 2^53 stay exact.
function exact(_, value, { source }) {
  const isUnsafe = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
  return isUnsafe ? BigInt(source) : value;
}

export class Node {
  constructor(name, url, setup) {
    Object.assign(this, { name, url, setup: { ...setup } });
    [this.payer, this.other] = setup.signers.map(signer => signer.publicKey.toBase58());
  }

  // Post any body; the parsed answer.
  async post(body) {
    const response = await fetch(this.url, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(10_000),
    });
    assert.equal(response.status, 200, `${this.name}: HTTP ${response.status}`);
    return JSON.parse(await response.text(), exact);
  }

  // The whole reply object, result or error.
  call(method, ...params) {
    return this.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  }

  async result(method, ...params) {
    const reply = await this.call(method, ...params);
    assert.ok('result' in reply, `${this.name}: ${method}: ${JSON.stringify(reply.error)}`);
    return reply.result;
  }

  // Results of calls answered at one instant, in the order asked.
  async batch(...calls) {
    const replies = await this.post(JSON.stringify(calls.map(([method, ...params], id) => ({ jsonrpc: '2.0', id, method, params }))));
    return replies.sort((a, b) => a.id - b.id).map(reply => reply.result);
  }

  async until(what, probe, waitMs = WAIT_MS_MAX) {
    const end = Date.now() + waitMs;
    while (Date.now() < end) {
      const found = await probe();
      if (found) return found;
      await sleep(POLL_MS);
    }
    throw new Error(`${this.name}: waited ${waitMs} ms for ${what}`);
  }

  async blockhash(commitment = 'processed') {
    const { value } = await this.result('getLatestBlockhash', { commitment });
    return value;
  }

  // Bytes of an operation, signed for a fresh blockhash or the one given. `owner` is the program of
  // a mint that the payload names; absent: the classic one.
  async build(kind, payload, key, blockhash, owner) {
    this.setup.blockhash = blockhash ?? (await this.blockhash()).blockhash;
    return (await buildWithWeb3(this.setup, { kind, payload, key, owner })).transaction;
  }

  send(bytes, config = {}) {
    return this.call('sendTransaction', Buffer.from(bytes).toString('base64'),
      { encoding: 'base64', preflightCommitment: 'processed', maxRetries: 0, ...config });
  }

  async status(signature, config = {}) {
    return (await this.result('getSignatureStatuses', [signature], config)).value[0];
  }

  reach(signature, level = 'confirmed') {
    const levels = ['processed', 'confirmed', 'finalized'];
    return this.until(`${signature} ${level}`, async () => {
      const status = await this.status(signature, { searchTransactionHistory: true });
      return status && levels.indexOf(status.confirmationStatus) >= levels.indexOf(level) && status;
    });
  }

  // Send and wait until it is confirmed: { signature, status }.
  async land(kind, payload, key, config, owner) {
    const reply = await this.send(await this.build(kind, payload, key, undefined, owner), config);
    assert.ok(reply.result, `${this.name}: ${kind}: ${JSON.stringify(reply.error)}`);
    return { signature: reply.result, status: await this.reach(reply.result) };
  }

  async balance(address, commitment = 'confirmed') {
    return (await this.result('getBalance', address, { commitment })).value;
  }

  // What holds only for some blocks: tried again when the machine was too slow to see it.
  async atOnce(isSeen, attempt) {
    for (let i = 1; i <= ATTEMPTS_MAX; i += 1) {
      const outcome = await attempt(i);
      if (isSeen(outcome)) return outcome;
    }
    throw new Error(`${this.name}: not seen in ${ATTEMPTS_MAX} attempts: ${isSeen}`);
  }

  async passHeight(height, commitment = 'processed') {
    return this.until(`height ${height}`, async () => await this.result('getBlockHeight', { commitment }) > height);
  }
}
