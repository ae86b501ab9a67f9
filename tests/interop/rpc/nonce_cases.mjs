// Nonce accounts: made, moved on, handed over, drained and closed, under ordinary blockhashes. What
// stands under a nonce instead of one is in durable_cases.mjs.
import { NONCE_ACCOUNT_LENGTH, NonceAccount, PublicKey, SystemProgram, TransactionMessage, VersionedTransaction } from '@solana/web3.js';

const RENT = 1_447_680;
const SEED = 'nonce case';

const payerOf = node => node.setup.signers[0].publicKey;
const nonceOf = node => PublicKey.createWithSeed(payerOf(node), SEED, SystemProgram.programId);

async function build(node, signers, instructions) {
  const { blockhash } = await node.blockhash();
  const message = new TransactionMessage({ payerKey: payerOf(node), recentBlockhash: blockhash, instructions }).compileToLegacyMessage();
  const tx = new VersionedTransaction(message);
  tx.sign(signers.map(index => node.setup.signers[index]));
  return tx.serialize();
}

// What the preflight says of it, or else what became of it.
async function outcome(node, signers, ...instructions) {
  const reply = await node.send(await build(node, signers, instructions));
  if (reply.error) return { refused: reply.error.data.err };
  const status = await node.reach(reply.result);
  return { err: status.err };
}

async function account(node) {
  const { value } = await node.result('getAccountInfo', (await nonceOf(node)).toBase58(), { encoding: 'base64', commitment: 'confirmed' });
  return value && { lamports: value.lamports, owner: value.owner, space: value.space, data: Buffer.from(value.data[0], 'base64') };
}

export const nonceCases = [
  ['a nonce account is made in one transaction', async node => {
    const noncePubkey = await nonceOf(node);
    const made = await outcome(node, [0],
      SystemProgram.createAccountWithSeed({
        fromPubkey: payerOf(node), newAccountPubkey: noncePubkey, basePubkey: payerOf(node), seed: SEED,
        lamports: RENT, space: NONCE_ACCOUNT_LENGTH, programId: SystemProgram.programId,
      }),
      SystemProgram.nonceInitialize({ noncePubkey, authorizedPubkey: payerOf(node) }));
    const { data, ...rest } = await account(node);
    const read = NonceAccount.fromAccountData(data);
    return { meaning: [made, rest, read.authorizedPubkey.equals(payerOf(node)), read.feeCalculator.lamportsPerSignature, data.length, data.subarray(0, 8).toString('hex')] };
  }],

  ['initializing it again fails', async node => ({
    meaning: await outcome(node, [0], SystemProgram.nonceInitialize({ noncePubkey: await nonceOf(node), authorizedPubkey: payerOf(node) })),
  })],

  ['advancing changes its value', async node => {
    const before = NonceAccount.fromAccountData((await account(node)).data).nonce;
    const moved = await outcome(node, [0], SystemProgram.nonceAdvance({ noncePubkey: await nonceOf(node), authorizedPubkey: payerOf(node) }));
    return { meaning: [moved, NonceAccount.fromAccountData((await account(node)).data).nonce !== before] };
  }],

  ['its value moves once a block', async node => {
    const advance = SystemProgram.nonceAdvance({ noncePubkey: await nonceOf(node), authorizedPubkey: payerOf(node) });
    return { meaning: await outcome(node, [0], advance, advance) };
  }],

  ['a stranger may not advance it', async node => ({
    meaning: await outcome(node, [0, 1], SystemProgram.nonceAdvance({ noncePubkey: await nonceOf(node), authorizedPubkey: node.setup.signers[1].publicKey })),
  })],

  ['advancing what is no nonce account fails', async node => ({
    meaning: await outcome(node, [0], SystemProgram.nonceAdvance({ noncePubkey: node.setup.signers[1].publicKey, authorizedPubkey: payerOf(node) })),
  })],

  ['it is handed over to another authority', async node => {
    const noncePubkey = await nonceOf(node);
    const [first, second] = node.setup.signers.map(signer => signer.publicKey);
    const there = await outcome(node, [0], SystemProgram.nonceAuthorize({ noncePubkey, authorizedPubkey: first, newAuthorizedPubkey: second }));
    const refused = await outcome(node, [0], SystemProgram.nonceAuthorize({ noncePubkey, authorizedPubkey: first, newAuthorizedPubkey: first }));
    const back = await outcome(node, [0, 1], SystemProgram.nonceAuthorize({ noncePubkey, authorizedPubkey: second, newAuthorizedPubkey: first }));
    return { meaning: [there, refused, back] };
  }],

  ['it keeps its rent or gives all of it', async node => {
    const withdraw = async lamports => SystemProgram.nonceWithdraw(
      { noncePubkey: await nonceOf(node), authorizedPubkey: payerOf(node), toPubkey: payerOf(node), lamports });
    const part = await outcome(node, [0], await withdraw(1));
    const more = await outcome(node, [0], await withdraw(RENT + 1));
    const all = await outcome(node, [0], await withdraw(RENT));
    return { meaning: [part, more, all, await account(node)] };
  }],
];
