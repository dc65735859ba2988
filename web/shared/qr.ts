/** Of each version: error correction bytes of a block, blocks, data bytes of a block; level M. */
const versions = [
  [10, 1, 16],
  [16, 1, 28],
  [26, 1, 44],
  [18, 2, 32],
  [24, 2, 43],
  [16, 4, 27],
] as const;

function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product;
}

/** Reed-Solomon: the remainder of the data by the generator of this degree. */
function corrections(data: readonly number[], degree: number): number[] {
  const generator: number[] = [...new Array<number>(degree - 1).fill(0), 1];
  for (let i = 0, root = 1; i < degree; i += 1, root = times(root, 2)) {
    for (let j = 0; j < degree; j += 1) generator[j] = times(generator[j] ?? 0, root) ^ (generator[j + 1] ?? 0);
  }
  const rest = new Array<number>(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    for (let j = 0; j < degree; j += 1) rest[j] = (rest[j] ?? 0) ^ times(generator[j] ?? 0, factor);
  }
  return rest;
}

/** The text's bytes with their corrections, in the order in which they are drawn. */
function codewords(bytes: Uint8Array, [degree, blocks, size]: (typeof versions)[number]): number[] {
  const bits = [0x4, ...[bytes.length >> 4, bytes.length & 15], ...[...bytes].flatMap((b) => [b >> 4, b & 15]), 0];
  const data: number[] = [];
  for (let i = 0; i + 1 < bits.length; i += 2) data.push(((bits[i] ?? 0) << 4) | (bits[i + 1] ?? 0));
  for (let pad = 0xec; data.length < size * blocks; pad ^= 0xec ^ 0x11) data.push(pad);
  const parts = Array.from({ length: blocks }, (_, i) => data.slice(i * size, (i + 1) * size));
  const fixes = parts.map((part) => corrections(part, degree));
  const woven = (of: number[][]) => (of[0] ?? []).flatMap((_, i) => of.map((part) => part[i] ?? 0));
  return [...woven(parts), ...woven(fixes)];
}

/**
 * A QR code (ISO/IEC 18004) of up to 106 bytes, level M, mask 0: rows of modules, true is dark.
 * Null: the text is too long.
 */
export function qrCode(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text);
  const index = versions.findIndex(([, blocks, size]) => bytes.length + 2 <= blocks * size);
  const version = versions[index];
  if (version === undefined) return null;
  const size = 21 + 4 * index;
  const dark = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const set = (x: number, y: number, is: boolean) => {
    const row = dark[y];
    const mark = fixed[y];
    if (row === undefined || mark === undefined || x < 0 || x >= size) return;
    row[x] = is;
    mark[x] = true;
  };
  const square = (x: number, y: number, reach: number, light: number[]) => {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  for (let i = 0; i < size; i += 1) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) square(x, y, 4, [2, 4]);
  if (index > 0) square(size - 7, size - 7, 2, [1]);
  // Level M and mask 0 are always these fifteen bits.
  const format = 0b101010000010010;
  for (let i = 0; i < 15; i += 1) {
    const is = ((format >> i) & 1) === 1;
    if (i < 6) set(8, i, is);
    else if (i < 8) set(8, i + 1, is);
    else if (i === 8) set(7, 8, is);
    else set(14 - i, 8, is);
    if (i < 8) set(size - 1 - i, 8, is);
    else set(8, size - 15 + i, is);
  }
  set(8, size - 8, true);

  const words = codewords(bytes, version);
  let bit = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        const row = dark[y];
        if (row === undefined || fixed[y]?.[x]) continue;
        const is = (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
        row[x] = is !== ((x + y) % 2 === 0);
        bit += 1;
      }
    }
  }
  return dark;
}
