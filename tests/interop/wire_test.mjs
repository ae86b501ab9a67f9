// Our bytes against those of the official packages.
import assert from 'node:assert/strict';
import { TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { PublicKey, SystemProgram, TransactionMessage } from '@solana/web3.js';
import { check } from './checks.mjs';
import { fixedCases, makeSetup, randomCase } from './wire/cases.mjs';
import { Random } from './wire/random.mjs';
import { canonical, tagOf } from './wire/tag.mjs';
import { runVectors, unhex } from './wire/vectors.mjs';
import { buildWithKit, meaningOf } from './wire/with_kit.mjs';
import { spaceOf } from './wire/space.mjs';
import { ataOf, buildWithWeb3, createdOf, markerOf, takeBackWithWeb3 } from './wire/with_web3.mjs';

const RANDOM_CASES = 400;
const RANDOM_ATAS = 100;
const RANDOM_NONCES = 100;
const RANDOM_SEEDED = 100;
const RANDOM_DOCUMENTS = 1000;
const RANDOM_NUMBERS = 3000;
const NUMBERS = ['0', '-0', '1e21', '1e20', '123456789012345680000', '1e-6', '1e-7', '0.000001', '5e-324', '1.7976931348623157e308',
  '9007199254740991', '9007199254740992', '-9007199254740993', '18446744073709551615', '333333333.33333329', '4.50', '2e-3', '0.1', '-1.5e-10', '4.35', '9.5367431640625e-7'];

async function compare(setup, one, result) {
  assert.equal(result.refused, undefined, `${one.kind} ${JSON.stringify(one.payload)}: refused: ${result.what} ${result.why}`);
  const tag = tagOf(setup, one.key);
  assert.equal(result.tag, tag.text, 'tag');
  assert.equal(result.seed, tag.seed, 'seed');
  if (['token.create_mint', 'account.create'].includes(one.kind)) {
    assert.equal(result.created, (await createdOf(setup, one)).toBase58(), 'created');
    assert.equal(result.space, spaceOf(one), 'space');
  }

  if (one.marker) assert.equal(result.marker, (await markerOf(setup, one)).toBase58(), 'marker');

  const kit = meaningOf(await buildWithKit(setup, one));
  assert.deepEqual(meaningOf(unhex(result.message)), kit, `${one.kind}: meaning by kit`);
  const web3 = await buildWithWeb3(setup, one);
  assert.equal(result.message, Buffer.from(web3.message).toString('hex'), `${one.kind}: message by web3.js`);
  assert.equal(result.transaction, Buffer.from(web3.transaction).toString('hex'), `${one.kind}: signed by web3.js`);
}

async function compareAll(program, setup, cases) {
  const results = runVectors(program, setup, { cases }).cases;
  assert.equal(results.length, cases.length);
  for (const [index, one] of cases.entries()) await compare(setup, one, results[index]);
}

function compareAtas(program, setup, random) {
  const atas = Array.from({ length: RANDOM_ATAS }, () => ({
    owner: new PublicKey(random.bytes(32)), mint: new PublicKey(random.bytes(32)), program: random.pick([TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID]),
  }));
  const texts = atas.map(({ owner, mint, program }) => ({ owner: owner.toBase58(), mint: mint.toBase58(), program: program.toBase58() }));
  const results = runVectors(program, setup, { atas: texts }).atas;
  assert.deepEqual(results, atas.map(({ owner, mint, program }) => ataOf(owner, mint, program).toBase58()));
}

// The instruction of SystemProgram's own makers. Its create-and-initialize pair is ours too: kinds_test runs both.
function nonceInstruction({ do: what, nonce, authority, to, lamports }) {
  const [noncePubkey, authorizedPubkey, toPubkey] = [nonce, authority, to].map(text => new PublicKey(text));
  switch (what) {
    case 'initialize': return SystemProgram.nonceInitialize({ noncePubkey, authorizedPubkey });
    case 'advance': return SystemProgram.nonceAdvance({ noncePubkey, authorizedPubkey });
    case 'authorize': return SystemProgram.nonceAuthorize({ noncePubkey, authorizedPubkey, newAuthorizedPubkey: toPubkey });
    default: return SystemProgram.nonceWithdraw({ noncePubkey, authorizedPubkey, toPubkey, lamports: Number(lamports) });
  }
}

function compareNonces(program, setup, random) {
  const payer = setup.signers[0].publicKey;
  const key = () => new PublicKey(random.bytes(32)).toBase58();
  const nonces = Array.from({ length: RANDOM_NONCES }, (_, i) => ({
    do: ['initialize', 'advance', 'authorize', 'withdraw'][i % 4], nonce: key(), authority: i % 3 === 0 ? payer.toBase58() : key(),
    to: i % 5 === 0 ? payer.toBase58() : key(), lamports: String(i * 1_000_003),
  }));
  const results = runVectors(program, setup, { nonces }).nonces;
  nonces.forEach((one, i) => {
    const message = new TransactionMessage({ payerKey: payer, recentBlockhash: setup.blockhash, instructions: [nonceInstruction(one)] });
    assert.equal(results[i], Buffer.from(message.compileToLegacyMessage().serialize()).toString('hex'), JSON.stringify(one));
  });
}

async function compareSeeded(program, setup, random) {
  const seeded = Array.from({ length: RANDOM_SEEDED }, (_, i) => ({ seed: tagOf(setup, `seeded:${i}`).marker, lamports: random.u64().toString() }));
  const results = runVectors(program, setup, { seeded }).seeded;
  for (const [i, one] of seeded.entries())
    assert.equal(results[i], Buffer.from(await takeBackWithWeb3(setup, one)).toString('hex'), JSON.stringify(one));
}

// An integer that a double may have rounded is refused rather than anchored.
const isRounded = number => /^-?\d+$/.test(number) && (BigInt(number) > 2n ** 53n || BigInt(number) < -(2n ** 53n));

function compareCanonical(program, setup, random) {
  const texts = Array.from({ length: RANDOM_DOCUMENTS }, () => JSON.stringify(random.document()));
  const results = runVectors(program, setup, { canonical: texts }).canonical;
  texts.forEach((text, index) => assert.equal(results[index], canonical(JSON.parse(text)), text));
}

function compareNumbers(program, setup, random) {
  const numbers = [...NUMBERS, ...Array.from({ length: RANDOM_NUMBERS }, () => String(random.double()))];
  const results = runVectors(program, setup, { canonical: numbers.map(number => `[${number}]`) }).canonical;
  numbers.forEach((number, index) => assert.equal(results[index], isRounded(number) ? null : canonical([Number(number)]), number));
}

const REFUSED = [
  ['memo', '{"text":'], ['memo', '{"text":"a","more":1}'], ['memo', '{}'], ['memo', `{"text":"${'x'.repeat(701)}"}`],
  ['sol.transfer', '{"to":"nobody","lamports":"1"}'], ['sol.transfer', `{"to":"${PublicKey.default}","lamports":"18446744073709551616"}`],
  ['sol.transfer', `{"to":"${PublicKey.default}","lamports":"-1"}`], ['sol.transfer', `{"to":"${PublicKey.default}","lamports":1}`],
  ['token.create_mint', '{"decimals":256}'], ['token.create_mint', '{"decimals":0,"program":"token-2023"}'],
  ['token.create_mint', '{"decimals":0,"name":"x"}'],
  ['token.mint_to', `{"mint":"${PublicKey.default}","amount":"1"}`], ['account.create', '{"space":0}'],
  ['account.create', `{"space":10485761,"owner":"${PublicKey.default}"}`], ['program.invoke', '{}'],
  ['program.invoke', `{"program":"${PublicKey.default}","data":{"hex":"0"}}`], ['program.invoke', `{"program":"${PublicKey.default}","data":{"utf8":"${'x'.repeat(1025)}"}}`], ['no.such', '{}'],
];

function refuseAll(program, setup) {
  const cases = REFUSED.map(([kind, payload]) => ({ kind, payload, key: 'k' }));
  const results = runVectors(program, setup, { cases }).cases;
  results.forEach((result, index) => {
    const shown = `${REFUSED[index].join(' ')} -> ${JSON.stringify(result)}`;
    assert.equal(result.refused, results[0].refused, shown);
    assert.ok(result.why.length > 10 && !result.why.includes('\n'), shown);
  });
}

function budgetText({ budget }) {
  if (budget === undefined) return '';
  const parts = [budget.limit && `at most ${budget.limit} units`, budget.price && `a price of ${budget.price}`];
  return ` with ${parts.filter(Boolean).join(' and ')}`;
}

export async function testWire({ program, seed }) {
  const random = new Random(seed);
  const setup = makeSetup(random);
  for (const one of fixedCases(setup, random)) {
    const shown = JSON.stringify(one.payload);
    await check(`our bytes are the official ones: ${one.kind}${one.marker ? ' with its marker' : ''}${budgetText(one)} ${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}`,
      () => compareAll(program, setup, [one]));
  }
  const cases = Array.from({ length: RANDOM_CASES }, () => randomCase(setup, random));
  await check(`our bytes are the official ones: ${RANDOM_CASES} random operations`, () => compareAll(program, setup, cases));
  await check(`associated accounts are the official ones: ${RANDOM_ATAS} random pairs`, () => compareAtas(program, setup, random));
  await check(`nonce instructions are the official ones: ${RANDOM_NONCES} random ones`, () => compareNonces(program, setup, random));
  await check(`transfers with seed are the official ones: ${RANDOM_SEEDED} random ones`, () => compareSeeded(program, setup, random));
  await check(`canonical JSON is JavaScript's own: ${RANDOM_DOCUMENTS} random documents`, () => compareCanonical(program, setup, random));
  await check(`canonical numbers are JavaScript's own, long integers refused: ${RANDOM_NUMBERS} random ones`, () => compareNumbers(program, setup, random));
  await check('what is wrong is refused in one line that names it', () => refuseAll(program, setup));
}
