// Counts what was proved. A check's name is the sentence it proves.
let passed = 0;
let failed = 0;

export async function check(sentence, prove) {
  try {
    await prove();
    passed += 1;
    console.log(`ok      ${sentence}`);
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
