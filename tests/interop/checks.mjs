// Counts what was proved. A check's name is the sentence it proves.
let passed = 0;
let failed = 0;

const SLOW_MS = 1000; // what takes longer says so

export async function check(sentence, prove) {
  const beganMs = Date.now();
  try {
    await prove();
    passed += 1;
    const tookMs = Date.now() - beganMs;
    console.log(`ok      ${sentence}${tookMs < SLOW_MS ? '' : ` (${(tookMs / 1000).toFixed(1)} s)`}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${sentence}`);
    console.log(String(error.stack ?? error).replace(/^/gm, '        '));
  }
}

// The closing line, and the exit status that goes with it. No check at all is a failure.
export function close() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
