import { describe, expect, it } from 'vitest';
import { checkAdmissionPass, passKey } from './admission-pass.ts';

// The vector of docs/formats/admission-pass.md.
const publicKey = '03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8';
const text =
  'fbp1.AAAAAAAAAAcAAgAAAAAAAKEOAAAAAAAAACoAAAGh_7ZN4A.' +
  'g9o5ECoGpOtJmiASemSCem2mTFSdntacT2NhwrlcqX8ceZvEFgSIDhOXrqAIXCt4MWzQr6o6lM8plJcSfAMLDg';
const validUntil = 1_795_291_500_000;

describe('an admission pass', () => {
  it('says whose turn it is', async () => {
    const key = await passKey(publicKey);
    expect(await checkAdmissionPass(text, key, validUntil - 1)).toEqual({
      drop: 7n,
      wave: 2,
      place: 41_230n,
      person: 42n,
      validUntil,
    });
  });

  it('is over at its instant', async () => {
    expect(await checkAdmissionPass(text, await passKey(publicKey), validUntil)).toBeUndefined();
  });

  it('is refused when any character is changed', async () => {
    const key = await passKey(publicKey);
    for (let i = 0; i < text.length; ++i) {
      const changed = text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1);
      expect(await checkAdmissionPass(changed, key, 0), changed).toBeUndefined();
    }
  });
});
