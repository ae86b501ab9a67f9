// Transactions of every kind as they pass through a node. The cases build on each other.
import { TOKEN_2022_PROGRAM_ID } from '@solana/spl-token';
import { Keypair, PublicKey } from '@solana/web3.js';
import { base58 } from '../vm/codec.mjs';
import { ataOf, buildWithWeb3, createdOf, mintOf } from '../wire/with_web3.mjs';

const ALICE = new PublicKey(Uint8Array.from({ length: 32 }, (_, i) => i + 40)).toBase58();
const ataText = (owner, mint) => ataOf(new PublicKey(owner), new PublicKey(mint)).toBase58();
const mintText = async node => (await mintOf(node.setup, 'mint:1')).toBase58();
const NAMED = { decimals: 2, program: 'token-2022', name: 'Share', symbol: 'SHR', uri: 'https://shares.example/a.json' };
const namedMint = async node => (await createdOf(node.setup, { key: 'mint:named', payload: NAMED })).toBase58();
const PROGRAM_2022 = TOKEN_2022_PROGRAM_ID.toBase58();
const FULL = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };

// What a transaction did to lamports, without what differs between chains.
async function effectOf(node, signature) {
  const { meta } = await node.result('getTransaction', signature, { ...FULL, encoding: 'json' });
  const moved = meta.postBalances.map((after, i) => after - meta.preBalances[i]);
  return { fee: meta.fee, err: meta.err, status: meta.status, moved };
}

async function landed(node, kind, payload, key, config, owner) {
  const { signature, status } = await node.land(kind, payload, key, config, owner);
  return { shape: status, meaning: { err: status.err, status: status.status, effect: await effectOf(node, signature) } };
}

export const sendCases = [
  ['an airdrop arrives', async node => {
    const signature = await node.result('requestAirdrop', node.payer, 5_000_000_000);
    const status = await node.reach(signature, 'finalized');
    return { shape: status, meaning: [status.err, status.confirmationStatus, status.confirmations, await node.balance(node.payer, 'finalized')] };
  }],

  ['a balance is processed before it is finalized', async node => {
    const levels = ['processed', 'finalized'];
    const balances = await node.atOnce(([newest, rooted]) => newest !== rooted, async attempt => {
      const address = new PublicKey(new Uint8Array(32).fill(100 + attempt)).toBase58();
      await node.reach(await node.result('requestAirdrop', address, 1_000_000), 'processed');
      return (await node.batch(...levels.map(commitment => ['getBalance', address, { commitment }]))).map(({ value }) => value);
    });
    return { meaning: balances };
  }],

  ['an airdrop to a second signer is another transaction', async node => {
    const two = await node.batch(['requestAirdrop', node.other, 1_000_000_000], ['requestAirdrop', node.other, 1_000_000_000]);
    for (const signature of two) await node.reach(signature);
    return { meaning: [two[0] !== two[1], await node.balance(node.other)] };
  }],

  ['a memo lands and costs its fee', node => landed(node, 'memo', { text: 'hello 語' }, 'note:1')],

  ['a landed memo is listed with its bytes and its text', async node => {
    const [row] = await node.result('getSignaturesForAddress', node.payer, { commitment: 'confirmed', limit: 1 });
    return { shape: [row], meaning: [row.memo, row.err] };
  }],

  ['a transaction is kept as it was sent', async node => {
    const bytes = await node.build('memo', { text: 'kept' }, 'note:2');
    const { result: signature } = await node.send(bytes);
    await node.reach(signature);
    const base64 = await node.result('getTransaction', signature, { ...FULL, encoding: 'base64' });
    const json = await node.result('getTransaction', signature, { ...FULL, encoding: 'json' });
    const { message } = json.transaction;
    return {
      shape: [base64, json],
      meaning: [base64.transaction[0] === Buffer.from(bytes).toString('base64'), base64.transaction[1], json.transaction.signatures[0] === signature,
        message.accountKeys, message.header, message.instructions.map(({ accounts, data, programIdIndex }) => ({ accounts, data, programIdIndex }))],
    };
  }],

  ['a block lists the signatures that landed in it', async node => {
    const { signature, status } = await node.land('memo', { text: 'in a block' }, 'note:3');
    const block = await node.result('getBlock', status.slot,
      { commitment: 'confirmed', transactionDetails: 'signatures', rewards: false, maxSupportedTransactionVersion: 0 });
    const parent = await node.result('getBlock', block.parentSlot,
      { commitment: 'confirmed', transactionDetails: 'signatures', rewards: false, maxSupportedTransactionVersion: 0 });
    return {
      shape: block,
      meaning: [block.signatures.includes(signature), parent.blockhash === block.previousBlockhash, block.blockHeight - parent.blockHeight],
    };
  }],

  ['an event lands', node => landed(node, 'event', { type: 't', subject: 's', document: { a: 1 } }, 'event:1')],

  ['lamports move', node => landed(node, 'sol.transfer', { to: ALICE, lamports: '2000000' }, 'pay:1')],

  ['lamports move to oneself', node => landed(node, 'sol.transfer', { to: node.payer, lamports: '2000000' }, 'pay:2')],

  ['a mint is created', node => landed(node, 'token.create_mint', { decimals: 2 }, 'mint:1')],

  ['a mint\'s account is the same to the byte', async node => {
    const reply = await node.call('getAccountInfo', await mintText(node), { commitment: 'confirmed', encoding: 'base64' });
    return { shape: reply, meaning: reply.result.value };
  }],

  ['a mint of token-2022 with metadata is created', node => landed(node, 'token.create_mint', NAMED, 'mint:named')],

  ['its account has the same size, owner and rent, and the same bytes up to its metadata', async node => {
    const { value } = await node.result('getAccountInfo', await namedMint(node), { commitment: 'confirmed', encoding: 'base64' });
    const bytes = Buffer.from(value.data[0], 'base64');
    return { meaning: [value.owner, value.lamports, value.space, bytes.subarray(0, 170).toString('hex'), bytes.readUInt16LE(234), bytes.readUInt16LE(236)] };
  }],

  ['a mint of token-2022 one byte of text before, at and after a multisig\'s size', async node => {
    const outcomes = [];
    for (const bytes of [36, 37, 38]) {
      const payload = { decimals: 0, program: 'token-2022', name: 'n'.repeat(bytes) };
      outcomes.push((await landed(node, 'token.create_mint', payload, `mint:${bytes}`)).meaning);
    }
    return { meaning: outcomes };
  }],

  ['tokens of token-2022 are minted, moved and burned', async node => {
    const mint = await namedMint(node);
    const outcomes = [];
    for (const [kind, payload] of [['token.mint_to', { mint, to: node.payer, amount: '90' }], ['token.transfer', { mint, to: ALICE, amount: '40' }],
      ['token.burn', { mint, amount: '5' }]]) {
      outcomes.push((await landed(node, kind, payload, `2022:${kind}`, {}, PROGRAM_2022)).meaning);
    }
    return { meaning: outcomes };
  }],

  ['a token account of token-2022 is the same to the byte', async node => {
    const account = ataOf(new PublicKey(node.payer), new PublicKey(await namedMint(node)), TOKEN_2022_PROGRAM_ID).toBase58();
    const reply = await node.call('getAccountInfo', account, { commitment: 'confirmed', encoding: 'base64' });
    return { shape: reply, meaning: reply.result.value };
  }],

  ['tokens are minted into a new account', async node =>
    landed(node, 'token.mint_to', { mint: await mintText(node), to: ALICE, amount: '500' }, 'issue:1')],

  ['tokens are minted into an account that is there', async node =>
    landed(node, 'token.mint_to', { mint: await mintText(node), to: ALICE, amount: '250' }, 'issue:2')],

  ['tokens are minted to the payer and to another signer', async node => {
    const mint = await mintText(node);
    const first = await landed(node, 'token.mint_to', { mint, to: node.payer, amount: '100' }, 'issue:3');
    const second = await landed(node, 'token.mint_to', { mint, to: node.other, amount: '100' }, 'issue:4');
    return { meaning: [first.meaning, second.meaning] };
  }],

  ['tokens are burned', async node => landed(node, 'token.burn', { mint: await mintText(node), amount: '40' }, 'burn:1')],

  ['tokens of another signer are burned under two signatures', async node =>
    landed(node, 'token.burn', { mint: await mintText(node), from: node.other, amount: '30' }, 'burn:2')],

  ['tokens are transferred', async node =>
    landed(node, 'token.transfer', { mint: await mintText(node), to: ALICE, amount: '15' }, 'move:1')],

  ['tokens are transferred to oneself', async node =>
    landed(node, 'token.transfer', { mint: await mintText(node), to: node.payer, amount: '15' }, 'move:2')],

  ['tokens reach an account whose address somebody funded before', async node => {
    const mint = await mintText(node);
    await node.land('sol.transfer', { to: ataText(mint, mint), lamports: '1000000' }, 'squat:1');
    return landed(node, 'token.mint_to', { mint, to: mint, amount: '1' }, 'issue:5');
  }],

  ['nothing is an amount too', async node => {
    const mint = await mintText(node);
    const outcomes = [];
    for (const [kind, payload] of [['sol.transfer', { to: ALICE, lamports: '0' }], ['token.mint_to', { mint, to: ALICE, amount: '0' }],
      ['token.burn', { mint, amount: '0' }], ['token.transfer', { mint, to: ALICE, amount: '0' }]]) {
      outcomes.push((await landed(node, kind, payload, `zero:${kind}`)).meaning);
    }
    return { meaning: outcomes };
  }],

  ['a batch of transactions lands whole', async node => {
    const texts = [];
    for (let i = 0; i < 5; i += 1) texts.push(Buffer.from(await node.build('memo', { text: `batch ${i}` }, `batch:${i}`)).toString('base64'));
    const config = { encoding: 'base64', preflightCommitment: 'processed', maxRetries: 0 };
    const signatures = await node.batch(...texts.map(text => ['sendTransaction', text, config]));
    for (const signature of signatures) await node.reach(signature);
    const statuses = await node.result('getSignatureStatuses', signatures);
    return { shape: statuses, meaning: [new Set(signatures).size, statuses.value.map(status => status.err)] };
  }],

  ['a payer may be emptied, and is then no account', async node => {
    const signer = Keypair.fromSeed(new Uint8Array(32).fill(80));
    const poor = signer.publicKey.toBase58();
    await node.reach(await node.result('requestAirdrop', poor, 2_000_000));
    const setup = { ...node.setup, signers: [signer], blockhash: (await node.blockhash()).blockhash };
    const one = { kind: 'sol.transfer', payload: { to: ALICE, lamports: '1995000' }, key: 'empty:1' };
    const { result: signature } = await node.send((await buildWithWeb3(setup, one)).transaction);
    const status = await node.reach(signature);
    const info = await node.result('getAccountInfo', poor, { commitment: 'confirmed', encoding: 'base64' });
    return { meaning: [status.err, info.value, await node.balance(poor)] };
  }],

  ['supply and balances are what all this leaves', async node => {
    const mint = await mintText(node);
    const config = { commitment: 'confirmed' };
    const supply = await node.call('getTokenSupply', mint, config);
    const balances = [];
    for (const owner of [ALICE, node.payer, node.other]) balances.push(await node.call('getTokenAccountBalance', ataText(owner, mint), config));
    return { shape: [supply, ...balances], meaning: [supply.result.value, ...balances.map(reply => reply.result.value)] };
  }],

  ['several accounts come at once, the missing one null, the same to the byte', async node => {
    const mint = await mintText(node);
    const nobody = ataText(ataText(ALICE, mint), mint);
    const addresses = [mint, ataText(ALICE, mint), nobody, ALICE, ataText(mint, mint)];
    const reply = await node.call('getMultipleAccounts', addresses, { commitment: 'confirmed', encoding: 'base64' });
    return { shape: reply, meaning: reply.result.value };
  }],

  ['a mint and a token account have their own histories', async node => {
    const mint = await mintText(node);
    const read = address => node.result('getSignaturesForAddress', address, { commitment: 'confirmed' });
    const rows = [...await read(mint), ...await read(ataText(ALICE, mint))];
    return { shape: rows, meaning: rows.map(row => [row.memo, row.err]) };
  }],

  ['a transaction may come in base58, the default', async node => {
    const text = base58(await node.build('memo', { text: 'b58' }, 'note:4'));
    const reply = await node.call('sendTransaction', text, { preflightCommitment: 'processed' });
    return { shape: reply, meaning: (await node.reach(reply.result)).err };
  }],

  ['a failure sent without preflight lands, costs its fee and keeps its error', async node => {
    const mint = await mintText(node);
    const outcome = await landed(node, 'token.burn', { mint, amount: '1000000' }, 'burn:3', { skipPreflight: true });
    const [row] = await node.result('getSignaturesForAddress', node.payer, { commitment: 'confirmed', limit: 1 });
    return { shape: [outcome.shape, row], meaning: [outcome.meaning, row.err] };
  }],

  ['the same bytes sent twice land once', async node => {
    const before = await node.balance(node.payer);
    const bytes = await node.build('sol.transfer', { to: ALICE, lamports: '1000' }, 'pay:3');
    const [one, two] = [await node.send(bytes, { skipPreflight: true }), await node.send(bytes, { skipPreflight: true })];
    await node.reach(one.result);
    await node.passHeight(await node.result('getBlockHeight', { commitment: 'processed' }) + 3);
    return { meaning: [one.result === two.result, before - await node.balance(node.payer)] };
  }],

  ['history is listed newest first, page by page', async node => {
    const list = options => node.result('getSignaturesForAddress', node.payer, { commitment: 'confirmed', ...options });
    const all = await list({});
    const signatures = all.map(row => row.signature);
    const page = await list({ limit: 3 });
    const next = await list({ limit: 3, before: page[2].signature });
    const newer = await list({ until: signatures[4] });
    const same = (rows, part) => JSON.stringify(rows.map(row => row.signature)) === JSON.stringify(part);
    return {
      shape: [all[0]],
      meaning: [all.length, all.every((row, i) => i === 0 || all[i - 1].slot >= row.slot), same(page, signatures.slice(0, 3)),
        same(next, signatures.slice(3, 6)), same(newer, signatures.slice(0, 4)), all.map(row => [row.memo, row.err])],
    };
  }],
];
