// How large what an operation creates will be, by the official packages.
import { ExtensionType, MINT_SIZE, getMintLen } from '@solana/spl-token';
import { pack } from '@solana/spl-token-metadata';
import { PublicKey } from '@solana/web3.js';

const MULTISIG_SIZE = 355;

export const hasMetadata = payload => [payload.name, payload.symbol, payload.uri].some(text => text !== undefined);

export function metadataOf({ name = '', symbol = '', uri = '' }, mint = PublicKey.default) {
  return { mint, name, symbol, uri, additionalMetadata: [] };
}

// The program adds two bytes where an account would look like a multisig; getMintLen does so too,
// but it is given no metadata here.
function mintSpace(payload) {
  if (!hasMetadata(payload)) return MINT_SIZE;
  const space = getMintLen([ExtensionType.MetadataPointer]) + 4 + pack(metadataOf(payload)).length;
  return space === MULTISIG_SIZE ? space + 2 : space;
}

export function spaceOf({ kind, payload }) {
  if (kind === 'account.create' && typeof payload !== 'string') return payload.space;
  return kind === 'token.create_mint' && typeof payload !== 'string' ? mintSpace(payload) : 0;
}
