import type { FanApi } from '../../../shared/api/client.ts';
import type { Order } from '../../../shared/api/types.ts';

/** A fan's orders of one drop, newest first. */
export class MyOrders {
  list: Order[] = $state.raw([]);
  loaded: boolean = $state(false);

  constructor(
    private readonly api: FanApi,
    private readonly dropId: string,
  ) {}

  readonly pending: Order[] = $derived(this.list.filter((order) => order.state === 'pending_payment'));

  /** Units that count against the limit at `nowMs`: bought, or still held. */
  owned(nowMs: number): number {
    return this.list
      .filter((order) => order.state === 'paid' || isHeld(order, nowMs))
      .reduce((sum, order) => sum + order.quantity, 0);
  }

  async refresh(): Promise<void> {
    const page = await this.api.orders({ drop_id: this.dropId, limit: 50 });
    this.list = merge(
      this.list,
      page.data.filter((order) => order.drop_id === this.dropId),
    );
    this.loaded = true;
  }

  put(order: Order): void {
    this.list = merge(this.list, [order]);
  }

  async reload(orderId: string): Promise<void> {
    this.put(await this.api.order(orderId));
  }

  async cancel(orderId: string): Promise<void> {
    this.put(await this.api.cancelOrder(orderId));
  }

  clear(): void {
    this.list = [];
    this.loaded = false;
  }
}

/**
 * Lists come from a view that may lag behind the answers this page already has: an order that was made
 * does not vanish, and one that has ended does not come back to life.
 */
export function merge(known: readonly Order[], arrived: readonly Order[]): Order[] {
  const orders = new Map(known.map((order) => [order.order_id, order]));
  for (const order of arrived) {
    const before = orders.get(order.order_id);
    if (before === undefined || before.state === 'pending_payment') orders.set(order.order_id, order);
  }
  return [...orders.values()].sort(newestFirst);
}

/** A hold ends at its deadline, whether or not the server has got round to saying so. */
export function isHeld(order: Order, nowMs: number): boolean {
  return order.state === 'pending_payment' && nowMs < Date.parse(order.expires_at);
}

const newestFirst = (a: Order, b: Order) => Date.parse(b.created_at) - Date.parse(a.created_at);
