// Token accounts as the token RPC methods show them.
import { AccountLayout, MintLayout, TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { invalid } from './params.mjs';

const isExtended = account => account.owner === TOKEN_2022_PROGRAM_ID.toBase58() && account.data.length > AccountLayout.span;
const isToken = (account, bytes) => isExtended(account)
  || ([TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID].some(id => account.owner === id.toBase58()) && account.data.length === bytes);

export function tokenMint(account) {
  if (!account) throw invalid('Invalid param: could not find mint');
  if (!isToken(account, MintLayout.span)) throw invalid('Invalid param: not a Token mint');
  return MintLayout.decode(account.data);
}

export function tokenAccount(account) {
  if (!account) throw invalid('Invalid param: could not find account');
  if (!isToken(account, AccountLayout.span)) throw invalid('Invalid param: not a Token account');
  const { mint, amount } = AccountLayout.decode(account.data);
  return { mint: mint.toBase58(), amount };
}

export function tokenAmount(amount, decimals) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const text = fraction ? `${whole}.${fraction}` : whole;
  return { amount: amount.toString(), decimals, uiAmount: Number(text), uiAmountString: text };
}
