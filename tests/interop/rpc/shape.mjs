// What an answer is made of: names and types, without the values.

// These differ from one release of the validator to the next, and nothing of ours reads
// them; those that have a fixed meaning are compared by value where a case says so.
const VERSION_DEPENDENT = new Set(['apiVersion', 'loadedAccountsDataSize', 'replacementBlockhash', 'innerInstructions', 'accounts',
  'returnData', 'unitsConsumed', 'costUnits', 'computeUnitsConsumed', 'rewards', 'loadedAddresses', 'stackHeight', 'fee', 'preBalances',
  'postBalances', 'preTokenBalances', 'postTokenBalances', 'transactionCount', 'version']);

function typeOf(value) {
  if (value === null) return 'null';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

// A list has the shapes of its items, each once.
export function shapeOf(value) {
  if (Array.isArray(value)) {
    const shapes = new Set(value.map(item => JSON.stringify(shapeOf(item))));
    return [...shapes].sort().map(text => JSON.parse(text));
  }
  if (typeOf(value) !== 'object') return typeOf(value);
  const names = Object.keys(value).filter(name => !VERSION_DEPENDENT.has(name)).sort();
  return Object.fromEntries(names.map(name => [name, shapeOf(value[name])]));
}
