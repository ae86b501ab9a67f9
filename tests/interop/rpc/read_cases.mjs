// What a worker reads before it sends. Each case: [sentence, run(node)]; run returns
// { shape: answers whose form must agree, meaning: what must be equal }.
import { PublicKey } from '@solana/web3.js';

const LEVELS = ['processed', 'confirmed', 'finalized'];
const NOBODY = new PublicKey(new Uint8Array(32).fill(9)).toBase58();

export const readCases = [
  ['a node says who it is', async node => {
    const shape = [await node.call('getHealth'), await node.call('getIdentity'), await node.call('getGenesisHash'), await node.call('getVersion')];
    return { shape, meaning: shape[0].result };
  }],

  ['heights and slots rise and keep the order of the levels', async node => {
    const read = () => node.batch(...LEVELS.flatMap(commitment => [['getSlot', { commitment }], ['getBlockHeight', { commitment }]]));
    const first = await read();
    await node.passHeight(first[1]);
    const second = await read();
    const isOrdered = ([ps, ph, cs, ch, fs, fh]) => ps >= cs && cs > fs && ph >= ch && ch > fh;
    return { shape: first, meaning: [isOrdered(first), isOrdered(second), second.every((value, i) => value >= first[i])] };
  }],

  ['without a commitment the answer is the finalized one', async node => {
    const [plain, finalized] = await node.batch(['getSlot'], ['getSlot', { commitment: 'finalized' }]);
    return { shape: [plain], meaning: plain === finalized };
  }],

  ['getEpochInfo agrees with height and slot', async node => {
    const commitment = 'confirmed';
    const [epoch, height, slot] = await node.batch(['getEpochInfo', { commitment }], ['getBlockHeight', { commitment }], ['getSlot', { commitment }]);
    return { shape: epoch, meaning: [epoch.blockHeight === height, epoch.absoluteSlot === slot, epoch.slotIndex < epoch.slotsInEpoch] };
  }],

  ['between two blocks as many are listed as their heights span', async node => {
    const to = await node.result('getSlot', { commitment: 'finalized' });
    const blocks = await node.result('getBlocks', Math.max(to - 20, 0), to, { commitment: 'finalized' });
    const bare = { commitment: 'finalized', transactionDetails: 'none', rewards: false };
    const [first, last] = await node.batch(['getBlock', blocks[0], bare], ['getBlock', blocks.at(-1), bare]);
    return { shape: [blocks.slice(0, 1), first], meaning: [blocks.at(-1) === to, last.blockHeight - first.blockHeight + 1 === blocks.length] };
  }],

  ['a blockhash is good for 150 heights from its level', async node => {
    const calls = LEVELS.flatMap(commitment => [['getLatestBlockhash', { commitment }], ['getBlockHeight', { commitment }]]);
    const answers = await node.batch(...calls);
    const lives = LEVELS.map((_, i) => answers[2 * i].value.lastValidBlockHeight - answers[2 * i + 1]);
    return { shape: answers[0], meaning: lives };
  }],

  ['a fresh blockhash is valid and an invented one is not', async node => {
    const { blockhash } = await node.blockhash();
    const fresh = await node.result('isBlockhashValid', blockhash, { commitment: 'processed' });
    const invented = await node.result('isBlockhashValid', NOBODY, { commitment: 'processed' });
    return { shape: [fresh, invented], meaning: [fresh.value, invented.value] };
  }],

  ['a processed blockhash is unknown to the finalized level', async node => {
    const isValid = await node.atOnce(valid => !valid, async () => {
      const { blockhash } = await node.blockhash('processed');
      return (await node.result('isBlockhashValid', blockhash, { commitment: 'finalized' })).value;
    });
    return { meaning: isValid };
  }],

  ['rent exemption is the ledger\'s own', async node => {
    const answers = await node.batch(...[0, 82, 165, 1024].map(space => ['getMinimumBalanceForRentExemption', space]));
    return { shape: answers, meaning: answers };
  }],

  ['an unknown account is null and has nothing', async node => {
    const info = await node.call('getAccountInfo', NOBODY, { encoding: 'base64' });
    const balance = await node.call('getBalance', NOBODY);
    const many = await node.call('getMultipleAccounts', [NOBODY, NOBODY], { encoding: 'base64' });
    return { shape: [info, balance, many], meaning: [info.result.value, balance.result.value, many.result.value] };
  }],

  ['an unknown signature is null everywhere', async node => {
    const unknown = '1'.repeat(64);
    const statuses = await node.call('getSignatureStatuses', [unknown, unknown], { searchTransactionHistory: true });
    const transaction = await node.call('getTransaction', unknown, { commitment: 'confirmed' });
    const list = await node.call('getSignaturesForAddress', NOBODY, { commitment: 'confirmed' });
    return { shape: [statuses, transaction, list], meaning: [statuses.result.value, transaction.result, list.result] };
  }],

  ['a level that is not there yet is said with the slot that is', async node => {
    const reply = await node.call('getBalance', NOBODY, { commitment: 'confirmed', minContextSlot: 999_999_999 });
    return { shape: reply, meaning: [reply.error?.code, typeof reply.error?.data?.contextSlot] };
  }],

  ['a batch keeps ids of any kind and fails by its parts', async node => {
    const calls = [
      { jsonrpc: '2.0', id: 'first', method: 'getSlot', params: [{ commitment: 'confirmed' }] },
      { jsonrpc: '2.0', id: 7, method: 'noSuchMethod' },
      { jsonrpc: '2.0', id: 8, method: 'getBalance', params: ['not base58 !'] },
      { jsonrpc: '2.0', id: 9, method: 'getHealth' },
    ];
    const replies = await node.post(JSON.stringify(calls));
    const byId = Object.fromEntries(replies.map(reply => [reply.id, reply.error?.code ?? 'answered']));
    return { shape: replies, meaning: byId };
  }],
];
