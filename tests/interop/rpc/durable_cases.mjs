// Transactions under a durable nonce, by an official client alone. Each case says what the runtime
// does, and both ledgers must do it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Keypair, NONCE_ACCOUNT_LENGTH, NonceAccount, PublicKey, SystemProgram, Transaction } from '@solana/web3.js';

const RENT = 1_447_680;
const FEE = 5000;
const FINAL_HEIGHTS = 33;
const GONE = 'BlockhashNotFound';
const nobody = Keypair.fromSeed(new Uint8Array(32).fill(61)).publicKey;
const accounts = [62, 63].map(byte => Keypair.fromSeed(new Uint8Array(32).fill(byte)));
const [nonceA, nonceB] = accounts.map(one => one.publicKey);

const payerOf = node => node.setup.signers[0];
const advance = (node, noncePubkey = nonceA, authority = payerOf(node)) =>
  SystemProgram.nonceAdvance({ noncePubkey, authorizedPubkey: authority.publicKey });
const pay = (node, lamports) => SystemProgram.transfer({ fromPubkey: payerOf(node).publicKey, toPubkey: nobody, lamports });

async function valueOf(node, nonce = nonceA) {
  const { value } = await node.result('getAccountInfo', nonce.toBase58(), { encoding: 'base64', commitment: 'processed' });
  return NonceAccount.fromAccountData(Buffer.from(value.data[0], 'base64')).nonce;
}

function sign(node, blockhash, instructions, signers = []) {
  const tx = new Transaction({ feePayer: payerOf(node).publicKey, recentBlockhash: blockhash }).add(...instructions);
  tx.sign(payerOf(node), ...signers);
  return tx.serialize();
}

// As an official client writes one: it puts the advance in front by itself.
function signUnder(node, nonce, ...instructions) {
  const tx = new Transaction({ feePayer: payerOf(node).publicKey, nonceInfo: { nonce, nonceInstruction: advance(node) } }).add(...instructions);
  tx.sign(payerOf(node));
  return tx.serialize();
}

const blindly = { skipPreflight: true };
const pass = async (node, heights) => node.passHeight(await node.result('getBlockHeight', { commitment: 'processed' }) + heights);
const refusalOf = async (node, bytes) => (await node.send(bytes)).error?.data?.err ?? 'taken';

async function land(node, bytes, config) {
  const reply = await node.send(bytes, config);
  assert.ok(reply.result, JSON.stringify(reply.error));
  return node.reach(reply.result);
}

// What the bank of that slot gives to a nonce that moves in it.
async function nextValueIn(node, slot) {
  const { previousBlockhash } = await node.result('getBlock', slot, { commitment: 'confirmed', transactionDetails: 'none', rewards: false });
  return new PublicKey(createHash('sha256').update('DURABLE_NONCE').update(new PublicKey(previousBlockhash).toBytes()).digest()).toBase58();
}

// Sent without preflight it never lands either.
async function assertDead(node, bytes) {
  const before = await node.balance(node.payer);
  assert.equal(await refusalOf(node, bytes), GONE);
  await node.send(bytes, blindly);
  await pass(node, 4);
  assert.equal(await node.balance(node.payer), before);
}

const livingCases = [
  ['nonce accounts take their first value from the block they are made in', async node => {
    const { blockhash } = await node.blockhash();
    const made = accounts.flatMap(({ publicKey }) => [
      SystemProgram.createAccount({
        fromPubkey: payerOf(node).publicKey, newAccountPubkey: publicKey, lamports: RENT, space: NONCE_ACCOUNT_LENGTH, programId: SystemProgram.programId,
      }),
      SystemProgram.nonceInitialize({ noncePubkey: publicKey, authorizedPubkey: payerOf(node).publicKey }),
    ]);
    const { err, slot } = await land(node, sign(node, blockhash, made, accounts));
    assert.deepEqual([err, await valueOf(node), await valueOf(node, nonceB)], [null, ...Array(2).fill(await nextValueIn(node, slot))]);
    node.oldBytes = sign(node, await valueOf(node, nonceB), [advance(node, nonceB), pay(node, 1_234_567)]);
    return { meaning: err };
  }],

  ['under a nonce a transaction lands, and the nonce moves by the block it landed in', async node => {
    const value = await valueOf(node);
    node.used = signUnder(node, value, pay(node, 1_000_000));
    node.sibling = signUnder(node, value, pay(node, 1_000_001));
    const before = await node.balance(node.payer);
    const { err, slot } = await land(node, node.used);
    assert.deepEqual([err, await valueOf(node)], [null, await nextValueIn(node, slot)]);
    assert.equal(before - await node.balance(node.payer), 1_000_000 + FEE);
    return { meaning: err };
  }],

  ['what used its nonce, and what was signed for the same value, never land again', async node => {
    await assertDead(node, node.used);
    await assertDead(node, node.sibling);
    return { meaning: (await node.send(node.used)).error.code };
  }],

  ['of two under one value one lands', async node => {
    const value = await valueOf(node);
    const replies = [];
    for (const lamports of [1, 2]) replies.push(await node.send(signUnder(node, value, pay(node, lamports)), blindly));
    await node.until('one of them', async () => await valueOf(node) !== value);
    await pass(node, 4);
    const statuses = (await node.result('getSignatureStatuses', replies.map(reply => reply.result))).value;
    assert.deepEqual(statuses.map(status => status?.err), [null, undefined]);
    return { meaning: statuses.filter(Boolean).length };
  }],

  ['what fails pays its fee and moves its nonce all the same', async node => {
    const before = await node.balance(node.payer);
    const bytes = signUnder(node, await valueOf(node), pay(node, 10 ** 15));
    const { err, slot } = await land(node, bytes, blindly);
    assert.deepEqual(err, { InstructionError: [1, { Custom: 1 }] });
    assert.equal(before - await node.balance(node.payer), FEE);
    assert.equal(await valueOf(node), await nextValueIn(node, slot));
    await assertDead(node, bytes);
    return { meaning: err };
  }],

  ['what a preflight refuses moves nothing', async node => {
    const value = await valueOf(node);
    const refusal = await refusalOf(node, signUnder(node, value, pay(node, 10 ** 15)));
    await pass(node, 4);
    assert.equal(await valueOf(node), value);
    return { meaning: refusal };
  }],

  ['a preflight sees a nonce as it stands at its own level', async node => {
    const outcome = await node.atOnce(({ isInTime }) => isInTime, async attempt => {
      await pass(node, FINAL_HEIGHTS);
      const value = await valueOf(node);
      const { slot } = await land(node, signUnder(node, value, pay(node, 1)));
      const reply = await node.send(signUnder(node, value, pay(node, 1 + attempt)), { preflightCommitment: 'finalized' });
      const { absoluteSlot } = await node.result('getEpochInfo', { commitment: 'finalized' });
      return { isInTime: absoluteSlot < slot, refusal: reply.error?.data?.err ?? 'taken' };
    });
    assert.equal(outcome.refusal, 'taken');
    return { meaning: outcome.refusal };
  }],

  ['a simulation under a nonce goes through and moves nothing', async node => {
    const value = await valueOf(node);
    const text = Buffer.from(signUnder(node, value, pay(node, 1))).toString('base64');
    const { value: { err } } = await node.result('simulateTransaction', text, { encoding: 'base64', commitment: 'processed', sigVerify: true });
    assert.deepEqual([err, await valueOf(node)], [null, value]);
    return { meaning: err };
  }],
];

const refusedCases = [
  ['a nonce lets in only what begins with its own advance, may write it, and is signed by its authority', async node => {
    const stranger = node.setup.signers[1];
    const value = await valueOf(node);
    const readonly = advance(node);
    readonly.keys[0].isWritable = false;
    const outcomes = [
      await refusalOf(node, sign(node, value, [pay(node, 1), advance(node)])),
      await refusalOf(node, sign(node, value, [pay(node, 1)])),
      await refusalOf(node, sign(node, value, [readonly, pay(node, 1)])),
      await refusalOf(node, sign(node, value, [advance(node, nonceA, stranger), pay(node, 1)], [stranger])),
      await refusalOf(node, sign(node, value, [advance(node, nonceB), pay(node, 1)])),
      await refusalOf(node, sign(node, value, [advance(node, nobody), pay(node, 1)])),
    ];
    assert.deepEqual(outcomes, Array(6).fill(GONE));
    assert.equal(await valueOf(node), value);
    return { meaning: outcomes };
  }],

  ['under a recent blockhash what fails leaves the nonce as it was', async node => {
    const value = await valueOf(node);
    const { err } = await land(node, sign(node, (await node.blockhash()).blockhash, [advance(node), pay(node, 10 ** 15)]), blindly);
    assert.deepEqual([err, await valueOf(node)], [{ InstructionError: [1, { Custom: 1 }] }, value]);
    return { meaning: err };
  }],

  ['two under one blockhash move a nonce in two blocks', async node => {
    const { blockhash } = await node.blockhash();
    const values = [await valueOf(node)];
    for (const lamports of [1, 2]) {
      const { err } = await land(node, sign(node, blockhash, [advance(node), pay(node, lamports)]));
      assert.equal(err, null);
      values.push(await valueOf(node));
    }
    assert.equal(new Set(values).size, 3);
    return { meaning: values.length };
  }],
];

export const durableCases = [...livingCases, ...refusedCases];

// After everything that waits for blocks.
export const oldDurableCases = [
  ['what was signed under a nonce lands however old it is, once', async node => {
    const before = await node.balance(nobody.toBase58());
    const { err } = await land(node, node.oldBytes);
    assert.deepEqual([err, await node.balance(nobody.toBase58()) - before], [null, 1_234_567]);
    await assertDead(node, node.oldBytes);
    return { meaning: err };
  }],
];
