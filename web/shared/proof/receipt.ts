// A buyer's receipt (docs/formats/receipt.md).

import type { Leaf } from './leaf.ts';
import { proofName, readLeaf } from './leaf.ts';
import type { Hash } from './merkle.ts';
import { merkleLeaf, verifyInclusion } from './merkle.ts';
import type { NoteKey, Signature } from './note.ts';
import { checkSignature, readTreeHead } from './note.ts';
import { fromHex, toHex, utf8 } from './sha256.ts';

export type ReceiptFault =
  | 'no_receipt'
  | 'malformed'
  | 'head_malformed'
  | 'head_unknown_key'
  | 'head_wrong_signature'
  | 'not_in_log'
  | 'other_order'
  | 'other_buyer'
  | 'more_came_back';

export type ReceiptCheck =
  | { readonly fault: ReceiptFault; readonly leaf?: number }
  | {
      readonly fault?: undefined;
      readonly order: string;
      readonly origin: string;
      readonly steps: readonly Leaf[];
      /** Units that were paid and have not come back, as far as the receipt goes. */
      readonly kept: number;
      readonly signature: Signature;
    };

const form =
  /^firebrand-receipt\/1\norder ([^\n]+)\norder_opening ([0-9a-f]{32})\nbuyer ([^\n]+)\nbuyer_opening ([0-9a-f]{32})\n((?:leaf [^\n]+\npath[^\n]*\n)+)head\n([^]*)$/;
const stampedForm = /leaf (0|[1-9][0-9]{0,14}) ([^\n]+)\npath((?: [0-9a-f]{64}){0,64})\n/y;
const steps = ['order_paid', 'order_expired', 'order_cancelled', 'units_returned'];

export async function checkReceipt(text: string, keys: readonly NoteKey[]): Promise<ReceiptCheck> {
  if (!text.startsWith('firebrand-receipt/1\n')) return { fault: 'no_receipt' };
  const match = form.exec(text);
  if (match === null) return { fault: 'malformed' };
  const [, order, orderOpening, buyer, buyerOpening, stamped, note] = match as unknown as string[];
  const head = readTreeHead(note as string);
  if (head === undefined) return { fault: 'head_malformed' };
  const signature = await checkSignature(note as string, keys);
  if (signature === 'wrong') return { fault: 'head_wrong_signature' };
  if (signature === 'no_known_key') return { fault: 'head_unknown_key' };

  const name = toHex(proofName('order', order as string, fromHex(orderOpening as string, 16) as Hash));
  const found: Leaf[] = [];
  let before = -1;
  let units = 0;
  let isPaid = false;
  stampedForm.lastIndex = 0;
  while (stampedForm.lastIndex < (stamped as string).length) {
    const each = stampedForm.exec(stamped as string);
    if (each === null) return { fault: 'malformed' };
    const number = Number(each[1]);
    const line = each[2] as string;
    const path = (each[3] as string).split(' ').slice(1).map((digits) => fromHex(digits, 32) as Hash);
    if (!verifyInclusion(merkleLeaf(utf8(line)), number, path, head)) return { fault: 'not_in_log', leaf: number };
    const leaf = readLeaf(line);
    if (leaf === undefined || number <= before) return { fault: 'malformed' };
    before = number;
    if (leaf.fields.get('order') !== name) return { fault: 'other_order', leaf: number };
    if (found.length === 0 ? leaf.kind !== 'order_placed' : !steps.includes(leaf.kind)) return { fault: 'malformed' };
    if (found.length === 0) {
      const about = `${leaf.fields.get('drop')} ${buyer}`;
      const opening = fromHex(buyerOpening as string, 16) as Hash;
      if (leaf.fields.get('buyer') !== toHex(proofName('buyer', about, opening))) {
        return { fault: 'other_buyer', leaf: number };
      }
    }
    const some = Number(leaf.fields.get('units'));
    if (found.length === 0) units = some;
    if (leaf.kind === 'order_paid') isPaid = true;
    if (leaf.kind === 'units_returned') {
      if (!isPaid || !(some >= 1 && some <= units)) return { fault: 'more_came_back', leaf: number };
      units -= some;
    }
    found.push(leaf);
  }
  return { order: order as string, origin: head.origin, steps: found, kept: isPaid ? units : 0, signature };
}
