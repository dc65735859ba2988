import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { solveProof } from './proofOfWork.ts';

const hashOf = (challenge: string, nonce: string) =>
  createHash('sha256')
    .update('firebrand-proof/1\0')
    .update(Buffer.from(challenge + nonce, 'hex'))
    .digest('hex');

describe('solveProof', () => {
  it('finds what docs/proof-of-work.md says', () => {
    const challenge = '000102030405060708090a0b0c0d0e0f';
    expect(solveProof(challenge, 8)).toBe('00000000000001ca');
    expect(solveProof(challenge, 12)).toBe('0000000000000ed9');
    expect(solveProof(challenge, 16)).toBe('000000000002066f');
    expect(hashOf(challenge, '000000000002066f')).toBe('0000a4256cc62afa20a7952a21eb2e4052e2c467da4a24d084aa39ae86c26099');
  });

  it('finds nonces that another SHA-256 agrees with', () => {
    for (let i = 0; i < 50; i += 1) {
      const challenge = createHash('sha256').update(`${i}`).digest('hex').slice(0, 32);
      const first = Number.parseInt(hashOf(challenge, solveProof(challenge, 10)).slice(0, 8), 16);
      expect(first).toBeLessThan(2 ** 22);
    }
  });
});
