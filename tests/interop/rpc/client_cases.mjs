// An official client, which checks the form of every answer by itself, as the reader.
import { Connection, PublicKey, VersionedTransaction } from '@solana/web3.js';
import { ataOf, mintOf } from '../wire/with_web3.mjs';

const connect = node => new Connection(node.url, { commitment: 'confirmed', disableRetryOnRateLimit: true });

export const clientCases = [
  ['web3.js reads the chain', async node => {
    const client = connect(node);
    const { blockhash } = await client.getLatestBlockhash('processed');
    const epoch = await client.getEpochInfo();
    return {
      shape: [await client.getVersion(), epoch],
      meaning: [await client.getSlot() >= epoch.absoluteSlot, await client.getBlockHeight() >= epoch.blockHeight,
        (await client.isBlockhashValid(blockhash, { commitment: 'processed' })).value, (await client.getGenesisHash()).length > 40,
        await client.getMinimumBalanceForRentExemption(165)],
    };
  }],

  ['web3.js reads accounts and tokens', async node => {
    const client = connect(node);
    const payer = new PublicKey(node.payer);
    const mint = await mintOf(node.setup, 'mint:1');
    const info = await client.getAccountInfo(mint);
    const several = await client.getMultipleAccountsInfo([mint, payer, ataOf(payer, mint)]);
    const text = account => [account.data.toString('base64'), account.owner.toBase58(), account.executable];
    return {
      meaning: [await client.getBalance(payer), text(info), several.map(text), (await client.getTokenSupply(mint)).value,
        (await client.getTokenAccountBalance(ataOf(payer, mint))).value],
    };
  }],

  ['web3.js sends, waits and looks back', async node => {
    const client = connect(node);
    const bytes = await node.build('memo', { text: 'by the client' }, 'client:1');
    const simulated = await client.simulateTransaction(VersionedTransaction.deserialize(bytes), { commitment: 'processed', sigVerify: true });
    const signature = await client.sendRawTransaction(bytes, { preflightCommitment: 'processed', maxRetries: 0 });
    const status = await node.until('the client\'s transaction', async () => {
      const { value } = await client.getSignatureStatus(signature, { searchTransactionHistory: true });
      return value?.confirmationStatus === 'confirmed' || value?.confirmationStatus === 'finalized' ? value : null;
    });
    const [row] = await client.getSignaturesForAddress(new PublicKey(node.payer), { limit: 1 });
    const kept = await client.getTransaction(signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 });
    const block = await client.getBlockSignatures(kept.slot, 'confirmed');
    return {
      meaning: [simulated.value.err, status.err, row.signature === signature, row.memo, kept.meta.err, kept.meta.fee,
        kept.transaction.signatures[0] === signature, block.signatures.includes(signature)],
    };
  }],

  ['web3.js asks for an airdrop', async node => {
    const client = connect(node);
    const before = await client.getBalance(new PublicKey(node.other));
    const signature = await client.requestAirdrop(new PublicKey(node.other), 1_000_000);
    await node.reach(signature);
    return { meaning: await client.getBalance(new PublicKey(node.other)) - before };
  }],

  ['the health of a node can be asked for without JSON', async node => {
    const response = await fetch(`${node.url}/health`);
    return { meaning: [response.status, await response.text()] };
  }],
];
