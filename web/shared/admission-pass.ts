/**
 * Checks admission passes of a firebrand waiting room (docs/formats/admission-pass.md), for shops
 * that use the queue alone. Web Crypto and nothing else: a shop may copy this file. Runs where
 * crypto.subtle knows Ed25519 (Node 20, current browsers).
 */
export interface AdmissionPass {
  drop: bigint;
  wave: number;
  place: bigint;
  person: bigint;
  /** Milliseconds since 1970. */
  validUntil: number;
}

const passBytes = 34;
const domain = new TextEncoder().encode('firebrand-pass/1\0');

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  // Bits beyond the last byte are zero, so that each pass has one spelling.
  const again = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return again === text ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : undefined;
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The key of GET /v1/admission-pass-key: 64 hexadecimal digits. */
export function passKey(publicKey: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', fromHex(publicKey), 'Ed25519', false, ['verify']);
}

/** What a pass says, or undefined if the key did not sign it or its time is over at `now` (ms). */
export async function checkAdmissionPass(
  text: string,
  key: CryptoKey,
  now: number,
): Promise<AdmissionPass | undefined> {
  const parts = text.split('.');
  if (parts.length !== 3 || parts[0] !== 'fbp1') return undefined;
  const pass = fromBase64(parts[1] ?? '');
  const signature = fromBase64(parts[2] ?? '');
  if (pass?.length !== passBytes || signature?.length !== 64) return undefined;
  const message = new Uint8Array(domain.length + passBytes);
  message.set(domain);
  message.set(pass, domain.length);
  if (!(await crypto.subtle.verify('Ed25519', key, signature, message))) return undefined;
  const view = new DataView(pass.buffer);
  const validUntil = Number(view.getBigInt64(26));
  if (now >= validUntil) return undefined;
  return {
    drop: view.getBigUint64(0),
    wave: view.getUint16(8),
    place: view.getBigUint64(10),
    person: view.getBigUint64(18),
    validUntil,
  };
}
