// The VM itself: the native part of the package litesvm, which takes bytes. (The wrapper
// takes objects, and its lock names packages of other platforms that do not all exist.)
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
export default require('litesvm-linux-x64-gnu');

// The code of memo v3, which an older release of the VM brings.
export function memoV3(address) {
  const older = require('litesvm-with-memo-v3');
  return Buffer.from(new older.LiteSvm().getAccount(address).data());
}
