// What the passing of blocks changes. They wait for hundreds of blocks and come last.
import { PublicKey } from '@solana/web3.js';

const NOBODY = new PublicKey(new Uint8Array(32).fill(9)).toBase58();
const LEVELS = ['processed', 'confirmed', 'finalized'];
const STATUS_ROOTS = 300;
const FINALITY_HEIGHTS = 32;
const FORWARDING_HEIGHTS = 6;

export const timeCases = [
  ['a status goes from processed over confirmed to finalized and never back', async node => {
    const bytes = await node.build('memo', { text: 'rise' }, 'rise:1');
    const { result: signature } = await node.send(bytes);
    const seen = [];
    await node.until('finality', async () => {
      const status = await node.status(signature);
      if (status || seen.length > 0) seen.push(status);
      return status?.confirmationStatus === 'finalized';
    });
    const ranks = seen.map(status => LEVELS.indexOf(status?.confirmationStatus));
    const isRising = ranks.every((rank, i) => rank >= 0 && (i === 0 || rank >= ranks[i - 1]));
    const isRootedLast = seen.every(status => (status.confirmations === null) === (status.confirmationStatus === 'finalized'));
    return { meaning: [isRising, isRootedLast, new Set(seen.map(status => status.slot)).size] };
  }],

  ['a signature is given for what can never land', async node => {
    const invented = await node.send(await node.build('memo', { text: 'x' }, 'never:1', NOBODY), { skipPreflight: true });
    const bytes = await node.build('memo', { text: 'x' }, 'never:2');
    bytes[10] ^= 1;
    const unsigned = await node.send(bytes, { skipPreflight: true });
    await node.passHeight(await node.result('getBlockHeight', { commitment: 'processed' }) + 5);
    const statuses = await node.result('getSignatureStatuses', [invented.result, unsigned.result], { searchTransactionHistory: true });
    return { shape: [invented, unsigned], meaning: statuses.value };
  }],

  ['a blockhash is valid to its last height and not one longer', async node => {
    const { blockhash, lastValidBlockHeight } = await node.blockhash();
    const config = { commitment: 'processed' };
    const isRight = [];
    await node.until('expiry', async () => {
      const [height, { value }] = await node.batch(['getBlockHeight', config], ['isBlockhashValid', blockhash, config]);
      isRight.push(value === height <= lastValidBlockHeight);
      return height > lastValidBlockHeight;
    });
    return { meaning: isRight.every(Boolean) };
  }],

  ['a preflight refuses a blockhash near its end, which without preflight still lands', async node => {
    const [meaning] = await node.atOnce(([, isInTime]) => isInTime, async attempt => {
      const { blockhash, lastValidBlockHeight } = await node.blockhash();
      const bytes = await node.build('memo', { text: 'nearly late' }, `near:${attempt}`, blockhash);
      await node.passHeight(lastValidBlockHeight - FORWARDING_HEIGHTS);
      const checked = await node.send(bytes);
      const { result: signature } = await node.send(bytes, { skipPreflight: true });
      const isInTime = await node.result('getBlockHeight', { commitment: 'processed' }) < lastValidBlockHeight;
      return [isInTime && [checked.error?.code, checked.error?.data?.err, (await node.reach(signature)).err], isInTime];
    });
    return { meaning };
  }],

  ['an expired blockhash is invalid, and what it signed never lands', async node => {
    const { blockhash, lastValidBlockHeight } = await node.blockhash();
    const late = await node.build('memo', { text: 'late' }, 'late:1', blockhash);
    const before = await node.balance(node.payer, 'processed');
    await node.passHeight(lastValidBlockHeight);
    const isValid = await node.result('isBlockhashValid', blockhash, { commitment: 'processed' });
    const preflight = await node.send(late);
    const sent = await node.send(late, { skipPreflight: true });
    await node.passHeight(lastValidBlockHeight + 5);
    const status = await node.status(sent.result, { searchTransactionHistory: true });
    return { shape: [preflight], meaning: [isValid.value, preflight.error?.code, preflight.error?.data?.err, status, await node.balance(node.payer, 'processed') === before] };
  }],

  ['the status cache forgets after 300 roots, and history does not', async node => {
    const { signature } = await node.land('memo', { text: 'old' }, 'old:1');
    await node.reach(signature, 'finalized');
    const remembered = await node.status(signature);
    const height = await node.result('getBlockHeight', { commitment: 'processed' });
    await node.passHeight(height + STATUS_ROOTS + 2 * FINALITY_HEIGHTS);
    const forgotten = await node.status(signature);
    const found = await node.status(signature, { searchTransactionHistory: true });
    return { shape: [found], meaning: [remembered?.confirmationStatus, forgotten, found?.confirmationStatus, found?.confirmations] };
  }],
];
