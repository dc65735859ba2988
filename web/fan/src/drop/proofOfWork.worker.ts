import { solveProof } from '../../../shared/proofOfWork.ts';

// In a thread of its own, so that the countdown goes on; it ends with its answer.
addEventListener('message', ({ data }: MessageEvent<{ challenge: string; bits: number }>) => {
  postMessage(solveProof(data.challenge, data.bits));
});
