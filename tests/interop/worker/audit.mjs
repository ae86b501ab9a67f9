// What the ledger holds after a bad day, judged by official clients and the instructions' own bytes: it
// shares nothing with lockstep but the text of a memo and the addresses that were asked for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ComputeBudgetInstruction, NonceAccount, PublicKey, SystemInstruction, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import { unbase58 } from '../vm/codec.mjs';
import { ataOf } from '../wire/with_web3.mjs';

const SYSTEM = SystemProgram.programId;
const BUDGET_PROGRAM = 'ComputeBudget111111111111111111111111111111';

// The instructions of a transaction as the official decoders want them.
function instructionsOf({ message }) {
  const { accountKeys: keys, header, instructions } = message;
  const isSigner = index => index < header.numRequiredSignatures;
  const isWritable = index => (isSigner(index) ? index < header.numRequiredSignatures - header.numReadonlySignedAccounts
    : index < keys.length - header.numReadonlyUnsignedAccounts);
  return instructions.map(({ programIdIndex, accounts, data }) => new TransactionInstruction({
    programId: new PublicKey(keys[programIdIndex]), data: Buffer.from(unbase58(data)),
    keys: accounts.map(index => ({ pubkey: new PublicKey(keys[index]), isSigner: isSigner(index), isWritable: isWritable(index) })),
  }));
}

const isSystem = (instruction, type) => instruction.programId.equals(SYSTEM) && SystemInstruction.decodeInstructionType(instruction) === type;
const isBudget = instruction => instruction.programId.toBase58() === BUDGET_PROGRAM;

// What a transaction as web3.js reads it stands under.
export function fenceOf({ message, addresses }) {
  const numbers = message.compiledInstructions.filter(one => addresses[one.programIdIndex] === SYSTEM.toBase58())
    .map(({ data }) => Buffer.from(data).readUInt32LE(0));
  return numbers[0] === 4 ? 'nonce' : numbers.includes(3) ? 'marker' : 'expiry';
}

export class Audit {
  constructor(world) {
    Object.assign(this, { world, transactions: new Map() });
  }

  async instructions(signature) {
    if (!this.transactions.has(signature)) this.transactions.set(signature, await this.world.transaction(signature));
    return instructionsOf(this.transactions.get(signature).transaction);
  }

  // The signatures of what took effect for an operation: by its memo's text, else by the address that it paid,
  // which nothing else ever names.
  async landingsOf({ kind, payload }, payerRows) {
    if (kind === 'memo') return payerRows.filter(row => row.err === null && row.memo?.includes(` ${payload.text}`)).map(row => row.signature);
    const address = kind === 'sol.transfer' ? payload.to : ataOf(new PublicKey(payload.to), new PublicKey(payload.mint)).toBase58();
    return (await this.world.rows(address)).filter(row => row.err === null).map(row => row.signature);
  }

  // Each operation landed once, with the signature that the database names, and moved what it says.
  async assertOnce(operations, ops) {
    const payerRows = await this.world.rows(this.world.payer);
    for (const one of operations) {
      const { signature } = ops.find(op => op.key === one.key);
      assert.deepEqual(await this.landingsOf(one, payerRows), [signature], `${one.key}: its landings, and the signature in the database`);
      if (one.kind === 'sol.transfer') assert.equal(await this.world.node.balance(one.payload.to), Number(one.payload.lamports), one.key);
      if (one.kind === 'token.mint_to') assert.equal(await this.world.tokens(one.payload.to, one.payload.mint), one.payload.amount, one.key);
    }
  }

  // Nothing of them took effect.
  async assertNever(operations) {
    const payerRows = await this.world.rows(this.world.payer);
    for (const one of operations) assert.deepEqual(await this.landingsOf(one, payerRows), [], one.key);
  }

  // The markers of these operations: one each, made by its landing before anything else, rent exempt, and
  // made by nothing else. Resolves to their addresses.
  async markers(ops) {
    const rent = await this.world.node.result('getMinimumBalanceForRentExemption', 0);
    const markers = [];
    for (const { key, signature } of ops) {
      const [first] = (await this.instructions(signature)).filter(one => !isBudget(one));
      assert.ok(isSystem(first, 'CreateWithSeed'), `${key} makes its marker first`);
      const made = SystemInstruction.decodeCreateWithSeed(first);
      const marker = made.newAccountPubkey.toBase58();
      assert.ok(made.newAccountPubkey.equals(await PublicKey.createWithSeed(made.basePubkey, made.seed, SYSTEM)));
      assert.deepEqual([made.basePubkey.toBase58(), made.fromPubkey.toBase58(), made.lamports, made.space, made.programId.equals(SYSTEM)],
        [this.world.payer, this.world.payer, rent, 0, true]);
      const { lamports, owner, space } = await this.world.account(marker);
      assert.deepEqual([lamports, owner, space], [rent, SYSTEM.toBase58(), 0], key);
      const makers = (await this.world.rows(marker)).filter(row => row.err === null).map(row => row.signature);
      assert.deepEqual(makers, [signature], `${key}: what made its marker`);
      markers.push(marker);
    }
    assert.equal(new Set(markers).size, ops.length, 'a marker each');
    return markers;
  }

  // The markers are gone and their rent is back with the payer, who paid fees alone. Several share a transaction.
  async assertReclaimed(markers, ops) {
    const signatures = new Set(ops.map(op => op.signature));
    let gained = 0;
    for (const signature of signatures) {
      const { meta } = (await this.instructions(signature), this.transactions.get(signature));
      gained += meta.postBalances[0] - meta.preBalances[0] + meta.fee;
    }
    const rent = await this.world.node.result('getMinimumBalanceForRentExemption', 0);
    assert.equal(gained, markers.length * rent);
    for (const marker of markers) assert.equal(await this.world.account(marker), null);
    assert.ok(signatures.size < markers.length, 'several share a transaction');
  }

  // What landed for these operations began with the advance of a nonce account, signed for its value then: each
  // value was used by one transaction, and the next is what the bank of that block gives. Resolves to the
  // number of those that offered a higher fee.
  async nonces(signatures) {
    const values = new Set();
    const last = new Map(); // nonce account -> { slot, next }
    let bumps = 0;
    for (const signature of signatures) {
      const instructions = await this.instructions(signature);
      const { slot, transaction } = this.transactions.get(signature);
      assert.ok(isSystem(instructions[0], 'AdvanceNonceAccount'), `${signature} advances a nonce first`);
      const { noncePubkey, authorizedPubkey } = SystemInstruction.decodeNonceAdvance(instructions[0]);
      assert.equal(authorizedPubkey.toBase58(), this.world.payer);
      const used = `${noncePubkey} ${transaction.message.recentBlockhash}`; // accounts that moved in one block have one value
      assert.ok(!values.has(used), 'a value lets one transaction in');
      values.add(used);
      const { previousBlockhash } = await this.world.node.result('getBlock', slot, { commitment: 'confirmed', transactionDetails: 'none', rewards: false });
      const next = createHash('sha256').update('DURABLE_NONCE').update(unbase58(previousBlockhash)).digest();
      const nonce = noncePubkey.toBase58();
      if ((last.get(nonce)?.slot ?? -1) < slot) last.set(nonce, { slot, next: new PublicKey(next).toBase58() });
      bumps += instructions.some(one => isBudget(one) && ComputeBudgetInstruction.decodeInstructionType(one) === 'SetComputeUnitPrice');
    }
    for (const [nonce, { next }] of last) {
      const account = await this.world.account(nonce);
      assert.equal(NonceAccount.fromAccountData(Buffer.from(account.data[0], 'base64')).nonce, next, `${nonce} holds what its last landing left`);
    }
    return { bumps, accounts: last.size };
  }
}
