/**
 * Proof of work (docs/proof-of-work.md): the nonce that makes SHA-256 over "firebrand-proof/1", a zero
 * byte, the 16 bytes of the challenge and the 8 of the nonce begin with so many zero bits. All of it is
 * one block of SHA-256, and of that only two words change from try to try, so this computes the one
 * block and its first word, some hundred times faster than Web Crypto with its promise a hash.
 */
const primes: number[] = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p !== 0)) primes.push(n);
/** The first 32 bits behind the point, as FIPS 180-4 makes its constants. */
const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const k = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const start = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));

const format = 'firebrand-proof/1\0';
const messageBytes = format.length + 16 + 8;
/** In the tenth word of the block stand the upper bits of a nonce, in the next its lower 16. */
const upperWord = 9;

/** The first word of the hash of a block whose words 0 to 15 are in `w`. */
function firstWord(w: Int32Array): number {
  let a = start[0]!;
  let b = start[1]!;
  let c = start[2]!;
  let d = start[3]!;
  let e = start[4]!;
  let f = start[5]!;
  let g = start[6]!;
  let h = start[7]!;
  for (let i = 0; i < 64; i += 1) {
    if (i >= 16) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    const t1 =
      (h +
        (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
        ((e & f) ^ (~e & g)) +
        k[i]! +
        w[i]!) |
      0;
    const t2 =
      ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) +
        ((a & b) ^ (a & c) ^ (b & c))) |
      0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  return (a + start[0]!) | 0;
}

/**
 * The first nonce from 1 on, as the API takes it: 16 hexadecimal digits.
 * @param challenge  32 hexadecimal digits.
 * @param bits  1 to 32; about 2^bits tries.
 */
export function solveProof(challenge: string, bits: number): string {
  const block = new DataView(new ArrayBuffer(64));
  for (let i = 0; i < format.length; i += 1) block.setUint8(i, format.charCodeAt(i));
  for (let i = 0; i < 16; i += 1) block.setUint8(format.length + i, Number.parseInt(challenge.slice(2 * i, 2 * i + 2), 16));
  block.setUint8(messageBytes, 0x80);
  block.setUint32(60, messageBytes * 8);
  const w = new Int32Array(64);
  for (let i = 0; i < 16; i += 1) w[i] = block.getInt32(4 * i);
  const behind = w[upperWord + 1]! & 0xffff;
  for (let upper = 0; ; upper += 1) {
    w[upperWord] = upper | 0;
    for (let lower = upper === 0 ? 1 : 0; lower < 0x10000; lower += 1) {
      w[upperWord + 1] = (lower << 16) | behind;
      if (Math.clz32(firstWord(w)) >= bits) return (upper * 0x10000 + lower).toString(16).padStart(16, '0');
    }
  }
}
