// Random choices that one printed seed repeats exactly.
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // mulberry32: 32 bits a draw.
  bits() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(count) {
    return this.bits() % count;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  bytes(count) {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  // A u64 of any magnitude: as many small ones as large ones.
  u64() {
    const word = (BigInt(this.bits()) << 32n) | BigInt(this.bits());
    return word >> BigInt(this.below(64));
  }

  // Text of several scripts with at most `max` bytes and at least one.
  text(max) {
    const letters = ['a', 'Z', '7', ' ', '"', '\\', '\n', 'é', 'ж', '語', '🙂', '\u2028', '/', '\u007f'];
    const length = 1 + this.below(max);
    let text = '';
    for (let next = this.pick(letters); Buffer.byteLength(text + next) <= length; next = this.pick(letters)) text += next;
    return text || 'x';
  }

  double() {
    const view = new DataView(this.bytes(8).buffer);
    const value = view.getFloat64(0);
    return Number.isFinite(value) ? value : 0.1;
  }

  // A number that JSON does not write as a long integer.
  fraction() {
    const value = this.double();
    return Math.abs(value) > 2 ** 53 && Math.abs(value) < 1e21 ? 0.5 : value;
  }

  // A JSON document: objects with unsorted keys, lists, texts, numbers of every kind.
  document(depth = 3) {
    const leaf = [() => this.text(12), () => this.below(1000), () => -this.bits(), () => this.fraction(), () => true, () => null,
      () => this.bits() / 1000, () => Number(this.u64() >> 11n)];
    if (depth === 0) return this.pick(leaf)();
    const inner = [() => this.document(depth - 1), ...leaf.slice(0, 2)];
    if (this.below(3) === 0) return Array.from({ length: this.below(4) }, () => this.pick(inner)());
    return Object.fromEntries(Array.from({ length: 1 + this.below(5) }, () => [this.text(8), this.pick(inner)()]));
  }
}
