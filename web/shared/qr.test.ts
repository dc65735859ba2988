import { expect, test } from 'vitest';
import { qrCode } from './qr.ts';

const drawn = (text: string) => qrCode(text)?.map((row) => row.map((is) => (is ? '#' : '.')).join('')) ?? [];

// Made once, and read by an independent decoder.
test('a code is drawn as it was read', () => {
  expect(drawn('a')).toMatchInlineSnapshot(`
    [
      "#######.....#.#######",
      "#.....#.###.#.#.....#",
      "#.###.#...##..#.###.#",
      "#.###.#..#..#.#.###.#",
      "#.###.#.#.#.#.#.###.#",
      "#.....#..##.#.#.....#",
      "#######.#.#.#.#######",
      "...........##........",
      "#.#.#.#..#.#....#..#.",
      ".##..#.####...#...##.",
      "...#.##.#...#...#...#",
      "#.......##....#...#..",
      "#....##.#...#.#.#.#.#",
      "........#..#.#.#.#.##",
      "#######....#.###.####",
      "#.....#..#.###.###...",
      "#.###.#.#..#.###.##.#",
      "#.###.#.......#...##.",
      "#.###.#.#...#...#...#",
      "#.....#..##...#...##.",
      "#######.##..#.#.#.###",
    ]
  `);
});

test('a longer text makes a larger code, one that is too long none', () => {
  const sizes = [14, 15, 26, 27, 42, 43, 62, 63, 84, 85, 106].map((length) => drawn('x'.repeat(length)).length);
  expect(sizes).toEqual([21, 25, 25, 29, 29, 33, 33, 37, 37, 41, 41]);
  expect(qrCode('x'.repeat(107))).toBeNull();
  // Bytes count, not characters.
  expect(qrCode('手'.repeat(36))).toBeNull();
});
