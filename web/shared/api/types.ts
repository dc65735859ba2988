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

export type WaveRelease = 'automatic' | 'manual' | 'on_sold_out' | 'random';
/** Of units left when the next wave is released. */
export type WaveLeftovers = 'stay' | 'roll_on' | 'withdraw';
export type WaveDecision = 'first_come' | 'waiting_room' | 'draw';

export type WaveAudience = 'everyone' | 'reservation_holders' | 'code_holders';

/** What a wave asks of a buyer beside its audience; what is absent is not asked. */
export interface WaveConditions {
  group?: string;
  members_before?: Instant;
  region?: string;
  channel?: string;
  /** Highest risk score, as the shop gives it, that may buy. */
  risk_max?: number;
  /** Units that one person may buy in this wave. */
  per_person_limit?: number;
}

export interface Wave extends WaveConditions {
  wave: number;
  opens_at: Instant;
  units: number;
  release: WaveRelease;
  audience: WaveAudience;
  /** How it is decided who buys; first come if it is not said. */
  decision?: WaveDecision;
  leftovers?: WaveLeftovers;
  /** What comes within so many milliseconds is decided together; 0: by receipt. */
  tie_batch_ms?: number;
  state: 'scheduled' | 'released';
  available: number;
}

/** How purchases of a drop were ordered. */
export interface Ties {
  windows: number;
  decided: number;
  /** Pairs of accepted purchases that were decided against the order of receipt. */
  inversions: number;
  /** Of a drop with tie windows. */
  commitment?: string;
  /** Once nobody can buy any more. */
  key?: string;
}

export type Pickup = 'by_anyone' | 'by_name';

/** Waves begin with a head start for buyers with a proof of work. */
export interface DropProof {
  bits: number;
  head_start_ms: number;
  /** From then on the server gives the challenge. */
  from: Instant;
}

/** What one person works on. */
export interface ProofTask {
  challenge: string;
  bits: number;
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
  /** Units together, of people of one household and of one address; absent: no limit. */
  per_household_limit?: number;
  per_address_limit?: number;
  payment_window_seconds: number;
  /** Who may take a unit over. */
  pickup?: Pickup;
  proof?: DropProof;
  units: Units;
  waves: Wave[];
  ties?: Ties;
  /** If people may or could reserve. */
  reservations?: DropReservations;
  waitlist?: DropWaitlist;
  log_position: string;
}

export interface DropWaitlist {
  phase: 'open' | 'closed';
  ends_at: Instant;
  /** Most people at the same time. */
  places_max: number;
  waiting: number;
  /** People who got an order by it. */
  served: number;
}

export interface OwnWaitlistPlace {
  drop_id: string;
  state: 'waiting' | 'served' | 'left' | 'passed_over';
  place: number;
  /** People who wait before this one. */
  ahead: number;
  /** Once served: what is to be paid. */
  order_id: string | null;
}

export type ReservationState =
  | 'pending_deposit'
  | 'reserved'
  | 'ordered'
  | 'used'
  | 'withdrawn'
  | 'lapsed'
  | 'defaulted'
  | 'returned';

export interface DropReservations {
  opens_at: Instant;
  closes_at: Instant;
  /** Until when those who reserved must buy. */
  balance_due_at: Instant;
  cap: number;
  deposit_kind: 'none' | 'binding' | 'refundable';
  deposit: Money;
  /** Places that are taken now. */
  taken: number;
  counts: Record<ReservationState, number>;
}

export interface OwnReservation {
  reservation_id: string;
  drop_id: string;
  state: ReservationState;
  deposit: Money;
  deposit_due_at: Instant;
}

export interface PlaceTicket {
  place_token: string;
  place: number;
}

export interface PlaceView {
  state: 'waiting' | 'admitted' | 'used' | 'left' | 'lapsed' | 'expired';
  /** While it is pending nobody knows who is ahead. */
  order: 'pending' | 'revealed' | 'withheld';
  ahead: number;
  waiting: number;
  expected_wait_ms: number;
  wait_low_ms: number;
  wait_high_ms: number;
  ask_again_ms: number;
  /** While admitted: until when to buy. */
  until: Instant;
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
  pickup?: Pickup;
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
}

/** A draw as everybody sees it. */
export interface DrawStatus {
  draw_id: string;
  wave: number;
  state: 'open' | 'closed' | 'decided' | 'completed';
  units: number;
  entrants: number;
  entries: number;
  closes_at: Instant;
  reveal_due_at: Instant;
  beacon_at: Instant;
  beacon_source: string;
  beacon_round: number;
  root_published: boolean;
  root: string;
  revealing: 'awaited' | 'revealed' | 'withheld';
  winners: number;
  reserve: number;
  promoted: number;
}

export interface NewDraw {
  closes_at: Instant;
  reveal_due_at: Instant;
  beacon_at: Instant;
  beacon_source: string;
  beacon_round: number;
  commit: string;
  tickets_max: number;
  reserve_max: number;
  wins: 'one_per_draw' | 'one_per_launch';
}

/** A fan's part in a draw. */
export interface DrawReceipt {
  draw_id: string;
  entrant: string;
  state: 'entered' | 'left' | 'excluded' | 'won' | 'reserve' | 'passed_over';
  tickets: number;
  place: number;
  order_id: string | null;
  reason: string;
}

export type ExclusionReason =
  'automated' | 'several_accounts' | 'reseller' | 'staff_or_family' | 'not_eligible' | 'other';

/** A line of the public list of who is kept out of a drop. */
export interface PublicExclusion {
  exclusion_hash: string;
  reason: ExclusionReason;
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

export const staffRoles = ['owner', 'marketer', 'community', 'expert', 'analyst', 'store'] as const;
export type StaffRole = (typeof staffRoles)[number];

/** Who is signed in. */
export interface Staff {
  staff_id: string;
  login: string;
  role: StaffRole;
  /** Whether sign-in asks for a code; `required`: nothing else opens until there is one. */
  second_factor: 'off' | 'on' | 'required';
}

export interface StaffMember {
  staff_id: string;
  login: string;
  role: StaffRole;
  state: 'active' | 'gone';
  second_factor: boolean;
  joined_at: Instant | null;
  left_at: Instant | null;
}

export interface StaffSession {
  session_id: string;
  staff_id: string;
  login: string;
  /** Browser and system; empty: not known. */
  agent: string;
  opened_at: Instant | null;
  expires_at: Instant;
  current: boolean;
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

export interface NewWave extends WaveConditions {
  opens_at: Instant;
  units: number;
  release: WaveRelease;
  /** How it is decided who buys; first come if it is not said. */
  decision?: WaveDecision;
  leftovers?: WaveLeftovers;
  audience?: WaveAudience;
  /** Of a wave that is released at random; else 0. */
  window_seconds?: number;
  /** Of a first-come wave: 0 to 500. */
  tie_batch_ms?: number;
}

export interface NewDrop {
  code: string;
  sku_id: string;
  currency: string;
  opens_at: Instant;
  per_person_limit: number;
  per_household_limit?: number;
  per_address_limit?: number;
  payment_window_seconds: number;
  proof_bits?: number;
  proof_head_start_ms?: number;
  pickup?: Pickup;
  waves: NewWave[];
}

export interface ApiKey {
  api_key_id: string;
  name: string;
  state: 'active' | 'revoked';
  created_at: Instant;
  /** None: everything. */
  scopes: ApiScope[];
  /** The secret before opens too until then; null if it opens nothing. */
  old_until: Instant | null;
}

/** What a key may be used for; none: everything. */
export const apiScopes = ['buying', 'sessions', 'events', 'draws'] as const;
export type ApiScope = (typeof apiScopes)[number];

/** The only answers that ever hold the key itself: a new one, and one with a new secret. */
/** What a member of staff, or a server with a key, did. */
export interface TrailEntry {
  position: string;
  at: Instant;
  actor: { kind: 'staff' | 'api_key' | 'system'; id: string | null; name: string | null };
  operation: string;
  subject: string | null;
  fields: { readonly [name: string]: unknown };
}

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

export type PaymentProvider = 'wechat' | 'alipay' | 'stripe';

export interface PaymentOffer {
  number: string;
  provider: PaymentProvider;
  amount: Money;
  pay_by: 'code' | 'page';
  url: string;
}

export interface PaymentRecord {
  number: number;
  payment_id: string;
  order_id: string | null;
  /** Of a deposit, and of a penalty: what the seller owes on top of one. */
  reservation_id: string | null;
  outcome: PaymentOutcome | 'unmatched' | 'deposit' | 'penalty';
  amount: Money;
  owed_back: number;
  asked: number;
  refunded: number;
  created_at: Instant;
}

export interface Refund {
  number: number;
  refund_id: string;
  payment_id: string;
  amount: Money;
  state: 'requested' | 'done' | 'failed';
  changed_at: Instant;
  attempts: number;
  reason: string;
}

export type DifferenceKind =
  | 'payment_not_booked'
  | 'payment_not_on_statement'
  | 'refund_not_booked'
  | 'refund_not_on_statement'
  | 'amount_differs'
  | 'refund_of_another_payment'
  | 'refund_not_done'
  | 'line_repeated';

/** A provider's statement beside what was booked. */
export interface Compared {
  lines: number;
  differences: { kind: DifferenceKind; line: number; id: string; there: Money | null; here: Money | null }[];
}

export interface Demo {
  demo: true;
  drop_id: string;
}

export interface Crowd {
  running: boolean;
  report: Record<string, unknown> | null;
}

/** What staff say of an endpoint. */
export interface WebhookSettings {
  url: string;
  note: string;
  types: string[];
  concurrency: number;
  per_second: number;
  mode: WebhookMode;
  batch_events: number;
}

export type WebhookMode = 'structured' | 'binary' | 'batch';
export type WebhookPause = 'by_staff' | 'gone' | 'failing';

export interface Webhook extends WebhookSettings {
  webhook_id: string;
  state: 'running' | 'paused';
  paused_because: WebhookPause | null;
  created_at: Instant;
  secret_version: number;
  old_secret_until: Instant | null;
  delivered_until: string;
  owed: number;
  dead: number;
  failing_since: Instant | null;
  last_status: number;
}

/** Shown once. */
export interface WebhookSecret {
  webhook_id: string;
  secret: string;
}

export interface WebhookAttempt {
  event_id: string;
  type: string;
  at: Instant;
  took_ms: number;
  /** 0: there was no answer; `reason` says why. */
  status: number;
  reason: string;
  answer: string;
}

export interface DeadLetter {
  event_id: string;
  type: string;
  attempts: number;
  at: Instant;
  reason: string;
}

export type DepositKind = DropReservations['deposit_kind'];

/** The terms on which people may reserve; fixed once they are open. */
export interface NewReservations {
  opens_at: Instant;
  closes_at: Instant;
  cap: number;
  deposit_kind: DepositKind;
  deposit_minor: number;
  deposit_window_seconds: number;
  balance_due_at: Instant;
  balance_window_seconds: number;
  reminder_seconds: number;
}

export interface Admission {
  places_per_minute: number;
  inside_max: number;
  lease_seconds: number;
  heartbeat_seconds: number;
  latency_ms_max: number;
  pacing: 'automatic' | 'held';
}

export interface NewWaitingRoom {
  joins_from: Instant;
  ends_at: Instant;
  places_max: number;
  admission: Admission;
}

export const placeEnds = ['waiting', 'inside', 'used', 'left', 'lapsed', 'expired'] as const;

/** What staff see of a waiting room. */
export interface WaitingRoomLive {
  phase: 'open' | 'closed';
  joins_from: Instant;
  opens_at: Instant;
  ends_at: Instant;
  order: PlaceView['order'];
  commitment: string;
  admission: Admission;
  counts: Record<'joined' | 'early' | (typeof placeEnds)[number], number>;
  admitted_per_minute: number;
  latency_ms: number;
  forecasts_within: number;
  forecasts_sooner: number;
  forecasts_later: number;
}

export type CodeKind = 'transferable' | 'bound';

export interface NewCodeBatch {
  count: number;
  kind: CodeKind;
  valid_from: Instant;
  valid_until: Instant;
}

export interface CodeBatch extends NewCodeBatch {
  code_batch_id: string;
  drop_id: string;
  state: 'good' | 'revoked';
  used: number;
  sold: number;
  revoked: number;
}

/** A CloudEvent 1.0 of the feed. */
export interface FeedEvent {
  id: string;
  type: string;
  subject: string;
  time: Instant;
  data: Record<string, unknown>;
}

export interface EventPage {
  data: FeedEvent[];
  next_after: string;
  has_more: boolean;
}

export interface EventType {
  type: string;
  description: string;
}
