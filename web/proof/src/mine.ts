// A signed-in fan's own orders: each receipt is fetched and checked.

import type { Http } from '../../shared/api/http.ts';
import type { Order, Page } from '../../shared/api/types.ts';
import type { NoteKey } from '../../shared/proof/note.ts';
import { checkReceipt, type ReceiptCheck } from '../../shared/proof/receipt.ts';

export interface OwnReceipt {
  readonly orderId: string;
  readonly text: string;
  readonly check: ReceiptCheck;
}

/** The token of the fan page in this tab; it hands its session over with a link. */
export function fanToken(store: Pick<Storage, 'getItem'>): string | null {
  try {
    const session = JSON.parse(store.getItem('firebrand.session') ?? 'null') as { token?: unknown } | null;
    return typeof session?.token === 'string' ? session.token : null;
  } catch {
    return null;
  }
}

/** Those that the log tells of; the others come a moment later. */
export async function ownReceipts(http: Http, keys: readonly NoteKey[]): Promise<OwnReceipt[]> {
  const orders = await http.get<Page<Order>>('/v1/orders', { query: { limit: 20 } });
  const receipts: OwnReceipt[] = [];
  for (const { order_id: orderId } of orders.data) {
    const path = `${http.server}/v1/orders/${encodeURIComponent(orderId)}/receipt`;
    const answer = await http.fetch(path, { headers: http.headers() });
    if (!answer.ok) continue;
    const text = await answer.text();
    receipts.push({ orderId, text, check: await checkReceipt(text, keys) });
  }
  return receipts;
}
