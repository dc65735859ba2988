// Signed texts and tree heads (docs/formats/tree-head.md).

import type { MerkleHead } from './merkle.ts';
import { isSame } from './merkle.ts';
import { sha256, toHex, utf8 } from './sha256.ts';

export interface NoteKey {
  readonly name: string;
  readonly key: Uint8Array<ArrayBuffer>;
}
export interface TreeHead extends MerkleHead {
  readonly origin: string;
}
/** `unchecked`: this browser does not know Ed25519. */
export type Signature = 'good' | 'wrong' | 'no_known_key' | 'unchecked';

/** Standard base64 in its one spelling. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const binary = atob(text);
  return btoa(binary) === text ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : undefined;
}

function idOf(key: NoteKey): Uint8Array<ArrayBuffer> {
  return sha256(utf8(`${key.name}\n`), Uint8Array.of(1), key.key).slice(0, 4);
}

function readKey(text: string): NoteKey | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  const bytes = fromBase64(match?.[3] ?? '');
  if (match === null || bytes?.length !== 33 || bytes[0] !== 1) return undefined;
  const key = { name: match[1] as string, key: bytes.slice(1) };
  return toHex(idOf(key)) === match[2] ? key : undefined;
}

/** One a line; undefined if one is no key. */
export function readKeys(text: string): NoteKey[] | undefined {
  const keys = text.split('\n').filter((line) => line !== '').map(readKey);
  return keys.includes(undefined) ? undefined : (keys as NoteKey[]);
}

/** What the head says, whoever signed it; undefined if it is malformed. */
export function readTreeHead(note: string): TreeHead | undefined {
  const match = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{44})\n\n(?:\u2014 [^ \n]+ [A-Za-z0-9+/=]+\n)+$/.exec(note);
  const root = fromBase64(match?.[3] ?? '');
  if (match === null || root?.length !== 32) return undefined;
  return { origin: match[1] as string, size: Number(match[2]), root };
}

/** Whether one of the keys signed the note, and none of them another text. */
export async function checkSignature(note: string, keys: readonly NoteKey[]): Promise<Signature> {
  const gap = note.lastIndexOf('\n\n');
  const text = utf8(note.slice(0, gap + 1));
  let found: Signature = 'no_known_key';
  for (const line of note.slice(gap + 2).split('\n')) {
    const [mark, name, base64] = line.split(' ');
    const bytes = fromBase64(base64 ?? '');
    if (mark !== '\u2014' || bytes?.length !== 68) continue;
    for (const key of keys) {
      if (key.name !== name || !isSame(idOf(key), bytes.slice(0, 4))) continue;
      try {
        const known = await crypto.subtle.importKey('raw', key.key, 'Ed25519', false, ['verify']);
        if (!(await crypto.subtle.verify('Ed25519', known, bytes.slice(4), text))) return 'wrong';
        found = 'good';
      } catch {
        return 'unchecked';
      }
    }
  }
  return found;
}
