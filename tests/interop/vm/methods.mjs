// The JSON-RPC methods: each takes (chain, params) and returns a result or throws RpcError.
import { errorSentence, base58 } from './codec.mjs';
import {
  RpcError, addressParam, commitmentOf, configParam, invalid, listParam, numberParam, requireSlot,
  signatureParam, transactionParam,
} from './params.mjs';
import { AGE_MAX } from './chain.mjs';
import { tokenAccount, tokenAmount, tokenMint } from './tokens.mjs';

const SLOTS_IN_EPOCH = 432_000;
const SIGNATURES_MAX = 1000;
const STATUSES_MAX = 256;
const ACCOUNTS_MAX = 100;

const inContext = (chain, commitment, value) =>
  ({ context: { apiVersion: '3.1.0', slot: chain.tip(commitment).slot }, value });

// Most readers end in the same configuration: a commitment and a least slot.
function levelOf(chain, config, least) {
  const read = configParam(config);
  const commitment = commitmentOf(read.commitment, least);
  requireSlot(chain, read, commitment);
  return commitment;
}

function getLatestBlockhash(chain, [config]) {
  const level = levelOf(chain, config);
  const { blockhash, height } = chain.tip(level);
  return inContext(chain, level, { blockhash, lastValidBlockHeight: height + AGE_MAX });
}

function isBlockhashValid(chain, [blockhash, config]) {
  const level = levelOf(chain, config);
  return inContext(chain, level, chain.isValidIn(chain.tip(level), addressParam(blockhash)));
}

function getEpochInfo(chain, [config]) {
  const { slot, height } = chain.tip(levelOf(chain, config));
  return {
    absoluteSlot: slot, blockHeight: height, epoch: Math.floor(slot / SLOTS_IN_EPOCH),
    slotIndex: slot % SLOTS_IN_EPOCH, slotsInEpoch: SLOTS_IN_EPOCH, transactionCount: chain.landed.size,
  };
}

function preflight(chain, tx, config) {
  const commitment = commitmentOf(config.preflightCommitment);
  requireSlot(chain, config, commitment);
  const { err, logs, units } = chain.simulate(tx, { commitment });
  if (err === null) return;
  const data = {
    accounts: null, err, innerInstructions: null, loadedAccountsDataSize: 0, logs,
    replacementBlockhash: null, returnData: null, unitsConsumed: units,
  };
  throw new RpcError(-32002, `Transaction simulation failed: ${errorSentence(err)}`, data);
}

function sendTransaction(chain, [text, rawConfig]) {
  const config = configParam(rawConfig);
  const tx = transactionParam(text, config.encoding);
  if (!config.skipPreflight) preflight(chain, tx, config);
  chain.submit(tx);
  return tx.signature;
}

function simulateTransaction(chain, [text, rawConfig]) {
  const config = configParam(rawConfig);
  const commitment = levelOf(chain, config);
  if (config.sigVerify && config.replaceRecentBlockhash) throw invalid('sigVerify may not be used with replaceRecentBlockhash');
  const tx = transactionParam(text, config.encoding);
  const { err, logs, units } = chain.simulate(tx, {
    commitment, isBlockhashReplaced: config.replaceRecentBlockhash, isSignatureChecked: Boolean(config.sigVerify),
  });
  return inContext(chain, commitment, {
    accounts: null, err, innerInstructions: null, loadedAccountsDataSize: 0, logs,
    replacementBlockhash: null, returnData: null, unitsConsumed: units,
  });
}

function statusOf(chain, signature, isHistorySearched) {
  const vote = chain.voteIn.get(signatureParam(signature));
  const record = vote ? { err: null, slot: vote.slot, height: vote.height } : chain.landed.get(signature);
  if (chain.faults?.misses(isHistorySearched)) return null;
  if (!record || (chain.isForgotten(record) && !isHistorySearched)) return null;
  const level = chain.commitmentOf(record);
  return {
    confirmationStatus: level, err: record.err, slot: record.slot,
    confirmations: level === 'finalized' ? null : chain.tip().height - record.height,
    status: record.err === null ? { Ok: null } : { Err: record.err },
  };
}

function getSignatureStatuses(chain, [signatures, rawConfig]) {
  const { searchTransactionHistory } = configParam(rawConfig);
  const statuses = listParam(signatures, STATUSES_MAX).map(one => statusOf(chain, one, searchTransactionHistory));
  return inContext(chain, 'processed', statuses);
}

function getSignaturesForAddress(chain, [address, rawConfig]) {
  const config = configParam(rawConfig);
  const level = levelOf(chain, config, 'confirmed');
  const limit = config.limit ?? SIGNATURES_MAX;
  if (!Number.isInteger(limit) || limit < 1 || limit > SIGNATURES_MAX) throw invalid(`Invalid limit; max ${SIGNATURES_MAX}`);
  const newest = [...(chain.byAddress.get(addressParam(address)) ?? [])].reverse();
  const begin = config.before ? newest.indexOf(signatureParam(config.before)) + 1 : 0;
  const until = config.until ? newest.indexOf(signatureParam(config.until)) : -1;
  if (config.before && begin === 0) return [];
  return newest.slice(begin, until < 0 ? undefined : until)
    .map(signature => chain.landed.get(signature))
    .filter(record => record.height <= chain.tip(level).height)
    .slice(0, limit)
    .map(record => ({
      blockTime: record.blockTime, confirmationStatus: chain.commitmentOf(record), err: record.err,
      memo: record.tx.memo, signature: record.tx.signature, slot: record.slot,
    }));
}

function transactionJson(tx, encoding) {
  if (encoding === 'base64') return [Buffer.from(tx.bytes).toString('base64'), 'base64'];
  if (encoding === 'base58') return [base58(tx.bytes), 'base58'];
  const { header, recentBlockhash, compiledInstructions } = tx.message;
  const instructions = compiledInstructions.map(one => ({
    accounts: [...one.accountKeyIndexes], data: base58(one.data), programIdIndex: one.programIdIndex, stackHeight: 1,
  }));
  return { message: { accountKeys: tx.addresses, header: { ...header }, instructions, recentBlockhash }, signatures: tx.signatures };
}

function getTransaction(chain, [signature, rawConfig]) {
  const config = typeof rawConfig === 'string' ? { encoding: rawConfig } : configParam(rawConfig);
  const level = levelOf(chain, config, 'confirmed');
  const encoding = config.encoding ?? 'json';
  if (!['json', 'base58', 'base64'].includes(encoding)) throw invalid(`unsupported encoding: ${encoding}`);
  const record = chain.landed.get(signatureParam(signature));
  if (!record || record.height > chain.tip(level).height) return null;
  const meta = {
    computeUnitsConsumed: record.units, err: record.err, fee: record.fee, innerInstructions: [],
    loadedAddresses: { readonly: [], writable: [] }, logMessages: record.logs,
    postBalances: record.postBalances, postTokenBalances: [], preBalances: record.preBalances,
    preTokenBalances: [], rewards: [], status: record.err === null ? { Ok: null } : { Err: record.err },
  };
  return {
    blockTime: record.blockTime, meta, slot: record.slot, transaction: transactionJson(record.tx, encoding),
    ...(config.maxSupportedTransactionVersion === undefined ? {} : { version: record.tx.version }),
  };
}

function getBlock(chain, [slot, rawConfig]) {
  const config = configParam(rawConfig);
  const level = levelOf(chain, config, 'confirmed');
  const details = config.transactionDetails;
  if (!['signatures', 'none'].includes(details)) throw invalid('this server gives blocks with transactionDetails "signatures" or "none"');
  if (numberParam(slot, 'slot') > chain.tip(level).slot) throw new RpcError(-32004, `Block not available for slot ${slot}`);
  const block = chain.blockAt(slot);
  if (!block) throw new RpcError(-32007, `Slot ${slot} was skipped, or missing due to ledger jump to recent snapshot`);
  const { blockhash, previousBlockhash, parentSlot, blockTime, height, signatures } = block;
  return {
    blockHeight: height, blockTime, blockhash, parentSlot, previousBlockhash,
    ...(details === 'none' ? {} : { signatures }),
    ...(config.rewards === false ? {} : { rewards: [] }),
  };
}

function getBlocks(chain, [from, to, config]) {
  const level = levelOf(chain, config, 'confirmed');
  const last = Math.min(numberParam(to, 'slot'), chain.tip(level).slot);
  return chain.blocks.map(({ slot }) => slot).filter(slot => slot >= numberParam(from, 'slot') && slot <= last);
}

function getBalance(chain, [address, config]) {
  const level = levelOf(chain, config);
  return inContext(chain, level, chain.account(addressParam(address), level)?.lamports ?? 0n);
}

function accountJson(account, encoding = 'base58') {
  if (!['base58', 'base64'].includes(encoding)) throw invalid(`unsupported encoding: ${encoding}`);
  if (!account) return null;
  const { data, executable, lamports, owner, rentEpoch } = account;
  if (encoding === 'base58' && data.length > 128) throw invalid('Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.');
  const text = encoding === 'base64' ? [data.toString('base64'), 'base64'] : base58(data);
  return { data: text, executable, lamports, owner, rentEpoch, space: data.length };
}

function getAccountInfo(chain, [address, config]) {
  const level = levelOf(chain, config);
  return inContext(chain, level, accountJson(chain.account(addressParam(address), level), config?.encoding));
}

function getMultipleAccounts(chain, [addresses, config]) {
  const level = levelOf(chain, config);
  const accounts = listParam(addresses, ACCOUNTS_MAX)
    .map(address => accountJson(chain.account(addressParam(address), level), config?.encoding ?? 'base64'));
  return inContext(chain, level, accounts);
}

function getTokenSupply(chain, [address, config]) {
  const level = levelOf(chain, config);
  const mint = tokenMint(chain.account(addressParam(address), level));
  return inContext(chain, level, tokenAmount(mint.supply, mint.decimals));
}

function getTokenAccountBalance(chain, [address, config]) {
  const level = levelOf(chain, config);
  const held = tokenAccount(chain.account(addressParam(address), level));
  const mint = tokenMint(chain.account(held.mint, level));
  return inContext(chain, level, tokenAmount(held.amount, mint.decimals));
}

export const METHODS = {
  getAccountInfo, getBalance, getBlock, getBlocks, getEpochInfo, getLatestBlockhash, getMultipleAccounts, getSignatureStatuses,
  getSignaturesForAddress, getTokenAccountBalance, getTokenSupply, getTransaction, isBlockhashValid,
  sendTransaction, simulateTransaction,
  getBlockHeight: (chain, [config]) => chain.tip(levelOf(chain, config)).height,
  getFirstAvailableBlock: () => 0, // it holds everything since its first block
  getGenesisHash: chain => chain.genesis,
  getHealth: () => 'ok',
  getIdentity: chain => ({ identity: chain.identity }),
  getMinimumBalanceForRentExemption: (chain, [space]) =>
    chain.svm.minimumBalanceForRentExemption(BigInt(numberParam(space, 'space'))),
  getSlot: (chain, [config]) => chain.tip(levelOf(chain, config)).slot,
  getVersion: () => ({ 'feature-set': 0, 'solana-core': '3.1.0' }),
  requestAirdrop: (chain, [address, lamports]) =>
    chain.airdrop(addressParam(address), numberParam(lamports, 'lamports')),
};
