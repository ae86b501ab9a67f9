// What a node refuses, and with which code. They follow the sending cases, whose mint
// and balances they use.
import { Keypair, PublicKey } from '@solana/web3.js';
import { base58 } from '../vm/codec.mjs';
import { buildWithWeb3, mintOf } from '../wire/with_web3.mjs';

const NOBODY = new PublicKey(new Uint8Array(32).fill(9)).toBase58();
const FRESH = new PublicKey(Uint8Array.from({ length: 32 }, (_, i) => i + 90)).toBase58();
const base64 = bytes => Buffer.from(bytes).toString('base64');
const mintText = async node => (await mintOf(node.setup, 'mint:1')).toBase58();

// The code of a reply and, for a failed preflight, the transaction's own error.
function refusalOf(reply) {
  const { error } = reply;
  if (!error) return `answered ${JSON.stringify(reply.result)}`;
  return error.data?.err === undefined ? error.code : [error.code, error.data.err];
}
const refused = reply => ({ shape: reply, meaning: refusalOf(reply) });
const codesOf = replies => ({ shape: replies, meaning: replies.map(refusalOf) });

// Newer nodes answer a bad signature with -32002 and SignatureFailure, older with -32003.
function isBadSignature({ error }) {
  return error?.code === -32003 || (error?.code === -32002 && error.data?.err === 'SignatureFailure');
}

async function buildAs(node, signer, kind, payload, key) {
  const { blockhash } = await node.blockhash();
  const setup = { ...node.setup, signers: [signer], blockhash };
  return (await buildWithWeb3(setup, { kind, payload, key })).transaction;
}

// With a blockhash that is too new for its preflight.
const sendTooEarly = (node, key, config) =>
  node.atOnce(reply => reply.error, async attempt => node.send(await node.build('memo', { text: 'x' }, `${key}:${attempt}`), config));

async function broken(node) {
  const bytes = await node.build('memo', { text: 'broken' }, 'broken:1');
  bytes[10] ^= 1;
  return bytes;
}

const preflightCases = [
  ['burning more than there is fails its preflight', async node =>
    refused(await node.send(await node.build('token.burn', { mint: await mintText(node), amount: '1000000' }, 'bad:1')))],

  ['burning of a mint that is not there fails its preflight', async node => {
    const reply = await node.send(await node.build('token.burn', { mint: NOBODY, amount: '1' }, 'bad:2'));
    return refused(reply);
  }],

  ['minting by who is not the authority fails its preflight', async node => {
    const signer = node.setup.signers[1];
    return refused(await node.send(await buildAs(node, signer, 'token.mint_to', { mint: await mintText(node), to: node.payer, amount: '1' }, 'bad:3')));
  }],

  ['minting past the greatest supply fails its preflight', async node =>
    refused(await node.send(await node.build('token.mint_to', { mint: await mintText(node), to: node.payer, amount: '18446744073709551615' }, 'bad:4')))],

  ['paying more than there is fails its preflight', async node =>
    refused(await node.send(await node.build('sol.transfer', { to: NOBODY, lamports: '900000000000' }, 'bad:5')))],

  ['leaving a new account below rent exemption fails its preflight', async node =>
    refused(await node.send(await node.build('sol.transfer', { to: FRESH, lamports: '1000' }, 'bad:6')))],

  ['transferring more than there is fails its preflight', async node =>
    refused(await node.send(await node.build('token.transfer', { mint: await mintText(node), to: NOBODY, amount: '1000000' }, 'bad:14')))],

  ['creating a mint again fails its preflight', async node =>
    refused(await node.send(await node.build('token.create_mint', { decimals: 2 }, 'mint:1')))],

  ['creating a mint at an address that somebody funded fails its preflight', async node => {
    const mint = (await mintOf(node.setup, 'mint:2')).toBase58();
    await node.land('sol.transfer', { to: mint, lamports: '1000000' }, 'squat:1');
    return refused(await node.send(await node.build('token.create_mint', { decimals: 2 }, 'mint:2')));
  }],

  ['a payer without an account fails its preflight', async node => {
    const signer = Keypair.fromSeed(new Uint8Array(32).fill(77));
    return refused(await node.send(await buildAs(node, signer, 'memo', { text: 'poor' }, 'bad:7')));
  }],

  ['a payer whom the fee would leave below rent exemption fails its preflight', async node => {
    const signer = Keypair.fromSeed(new Uint8Array(32).fill(78));
    await node.reach(await node.result('requestAirdrop', signer.publicKey.toBase58(), 893_000));
    return refused(await node.send(await buildAs(node, signer, 'memo', { text: 'poor' }, 'bad:8')));
  }],

  ['an invented blockhash fails its preflight', async node =>
    refused(await node.send(await node.build('memo', { text: 'x' }, 'bad:9', NOBODY)))],

  ['a processed blockhash fails a finalized preflight', async node =>
    refused(await sendTooEarly(node, 'bad:10', { preflightCommitment: 'finalized' }))],

  ['the default preflight is the finalized one', async node =>
    refused(await sendTooEarly(node, 'bad:11', { preflightCommitment: undefined }))],

  ['what has landed fails its preflight as already processed', async node => {
    const bytes = await node.build('memo', { text: 'x' }, 'bad:12');
    const first = await node.send(bytes);
    await node.reach(first.result);
    return refused(await node.send(bytes, { preflightCommitment: 'confirmed' }));
  }],

  ['a bad signature is refused', async node => ({ meaning: isBadSignature(await node.send(await broken(node))) })],

  ['a preflight below minContextSlot is refused', async node =>
    refused(await node.send(await node.build('memo', { text: 'x' }, 'bad:13'), { minContextSlot: 999_999_999 }))],
];

const malformedCases = [
  ['bytes that are no transaction are refused', async node => {
    const bytes = await node.build('memo', { text: 'x' }, 'bad:20');
    const config = { encoding: 'base64', preflightCommitment: 'processed' };
    const texts = ['***', base64(bytes).slice(0, -5), base64([...bytes, 0]), base64(bytes.slice(0, -1)), base64([]), base64(new Uint8Array(1300)), base64(new Uint8Array(100))];
    const replies = [];
    for (const text of texts) replies.push(await node.call('sendTransaction', text, config));
    replies.push(await node.call('sendTransaction', `0${base58(bytes)}`, {}));
    replies.push(await node.call('sendTransaction', base64(bytes), { ...config, encoding: 'base65' }));
    return codesOf(replies);
  }],

  ['parameters of the wrong kind are refused', async node => codesOf([
    await node.call('getBalance'), await node.call('getBalance', 7), await node.call('getBalance', 'abc'),
    await node.call('getBalance', 'O0Il'), await node.call('getBalance', NOBODY, { commitment: 'certain' }),
    await node.call('getBalance', NOBODY, 'confirmed'),
    await node.call('getSignatureStatuses', 'x'), await node.call('getSignatureStatuses', ['abc']), await node.call('getSignatureStatuses', [NOBODY]),
    await node.call('getSignatureStatuses', Array(257).fill('1'.repeat(64))),
    await node.call('getMultipleAccounts', Array(101).fill(NOBODY)),
    await node.call('getSignaturesForAddress', NOBODY, { limit: 0 }), await node.call('getSignaturesForAddress', NOBODY, { limit: 1001 }),
    await node.call('getMinimumBalanceForRentExemption', -1), await node.call('getMinimumBalanceForRentExemption', '82'),
    await node.call('requestAirdrop', NOBODY), await node.call('isBlockhashValid', 'abc'),
    await node.call('sendTransaction'), await node.call('getTransaction', 'abc'),
  ])],

  ['history below confirmed is refused', async node => {
    const config = { commitment: 'processed' };
    return codesOf([
      await node.call('getSignaturesForAddress', NOBODY, config), await node.call('getTransaction', '1'.repeat(64), config),
      await node.call('getBlock', 1, { ...config, transactionDetails: 'signatures' }),
    ]);
  }],

  ['a block of the future is not available', async node =>
    refused(await node.call('getBlock', 999_999_999, { commitment: 'confirmed', transactionDetails: 'signatures', rewards: false }))],

  ['what is no token account is refused as one', async node => {
    const mint = await mintText(node);
    const config = { commitment: 'confirmed' };
    return codesOf([
      await node.call('getTokenSupply', NOBODY, config), await node.call('getTokenSupply', node.payer, config),
      await node.call('getTokenAccountBalance', NOBODY, config), await node.call('getTokenAccountBalance', mint, config),
    ]);
  }],

  ['an unknown method is refused', async node => refused(await node.call('noSuchMethod'))],

  ['what is no call is refused', async node => codesOf([
    await node.post('{"jsonrpc":'), await node.post('not json'), await node.post('{}'),
    await node.post('{"jsonrpc":"2.0","id":1}'), ...await node.post('[{"foo":1}]'),
  ])],
];

const simulationCases = [
  ['a simulation says what would happen and changes nothing', async node => {
    const before = await node.balance(node.payer, 'processed');
    const good = await node.build('memo', { text: 'try' }, 'try:1');
    const bad = await node.build('token.burn', { mint: await mintText(node), amount: '1000000' }, 'try:2');
    const config = { encoding: 'base64', commitment: 'processed', sigVerify: true };
    const replies = [await node.call('simulateTransaction', base64(good), config), await node.call('simulateTransaction', base64(bad), config)];
    const after = await node.balance(node.payer, 'processed');
    return { shape: replies, meaning: [replies.map(({ result }) => [result.value.err, result.value.logs.length > 0]), before === after] };
  }],

  ['a simulation can replace the blockhash', async node => {
    const bytes = await node.build('memo', { text: 'try' }, 'try:3', NOBODY);
    const config = { encoding: 'base64', commitment: 'processed' };
    const plain = await node.call('simulateTransaction', base64(bytes), config);
    const replaced = await node.call('simulateTransaction', base64(bytes), { ...config, replaceRecentBlockhash: true });
    const both = await node.call('simulateTransaction', base64(bytes), { ...config, replaceRecentBlockhash: true, sigVerify: true });
    return { meaning: [plain.result?.value.err, replaced.result?.value.err, refusalOf(both)] };
  }],

  ['a simulation without sigVerify does not look at signatures', async node => {
    const text = base64(await broken(node));
    const config = { encoding: 'base64', commitment: 'processed' };
    const loose = await node.call('simulateTransaction', text, config);
    const strict = await node.call('simulateTransaction', text, { ...config, sigVerify: true });
    const isRefused = isBadSignature(strict) || strict.result?.value.err === 'SignatureFailure';
    return { meaning: [loose.result?.value.err, isRefused] };
  }],
];

export const refusalCases = [...preflightCases, ...malformedCases, ...simulationCases];
