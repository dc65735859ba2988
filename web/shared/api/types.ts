// The JSON of the HTTP API (`/openapi.json` is the authority). Members the pages do not use are left out.

/** Minor units (fen, cents) of an ISO 4217 currency. */
export interface Money {
  amount: number;
  currency: string;
}

/** A text that staff wrote in each language the pages speak. */
export interface LocalText {
  zh: string;
  en: string;
}

/** RFC 3339, UTC, milliseconds. */
export type Instant = string;

/** `between_waves`: everything released so far is taken, and more is still to come. */
export type DropState = 'scheduled' | 'open' | 'between_waves' | 'paused' | 'sold_out' | 'cancelled';

export interface Units {
  total: number;
  unreleased: number;
  available: number;
  held: number;
  sold: number;
  withdrawn: number;
  returned: number;
}

export type WaveRelease = 'automatic' | 'manual';

export interface Wave {
  wave: number;
  opens_at: Instant;
  units: number;
  release: WaveRelease;
  state: 'scheduled' | 'released';
  available: number;
}

export interface DropStatus {
  drop_id: string;
  launch_id: string;
  launch_name: LocalText;
  sku_id: string;
  sku_name: LocalText;
  prices: Money[];
  /** Of orders that name none. */
  currency: string;
  state: DropState;
  /** `state` says it only once the drop has opened. */
  pausing: 'running' | 'paused';
  opens_at: Instant;
  per_person_limit: number;
  payment_window_seconds: number;
  units: Units;
  waves: Wave[];
  log_position: string;
}

export const orderStates = ['pending_payment', 'paid', 'expired', 'cancelled', 'returned'] as const;
export type OrderState = (typeof orderStates)[number];

export interface Order {
  order_id: string;
  drop_id: string;
  wave: number;
  person_id: string;
  quantity: number;
  total: Money;
  state: OrderState;
  created_at: Instant;
  expires_at: Instant;
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
}

export interface OrderCounts {
  placed: number;
  paid: number;
  expired: number;
  cancelled: number;
}

/** What staff see of a drop: its status, with orders and refusals counted. */
export interface DropLive extends DropStatus {
  orders: OrderCounts;
  refusals: Record<string, number>;
}

export interface FanSession {
  token: string;
  person_id: string;
  expires_at: Instant;
}

export interface Staff {
  staff_id: string;
  login: string;
  role: string;
}

export interface Sku {
  sku_id: string;
  code: string;
  name: LocalText;
  prices: Money[];
}

export interface Launch {
  launch_id: string;
  code: string;
  name: LocalText;
}

export interface NewWave {
  opens_at: Instant;
  units: number;
  release: WaveRelease;
}

export interface NewDrop {
  code: string;
  sku_id: string;
  currency: string;
  opens_at: Instant;
  per_person_limit: number;
  payment_window_seconds: number;
  waves: NewWave[];
}

export interface ApiKey {
  api_key_id: string;
  name: string;
  state: 'active' | 'revoked';
  created_at: Instant;
}

/** The only answer that ever holds the key itself. */
export interface NewApiKey {
  api_key_id: string;
  key: string;
}

export type PaymentOutcome = 'paid' | 'refund_due';

export interface Payment {
  order_id: string;
  payment_id: string;
  outcome: PaymentOutcome;
}

export interface Demo {
  demo: true;
  drop_id: string;
}

export interface Crowd {
  running: boolean;
  report: Record<string, unknown> | null;
}
