import type { Http } from './http.ts';
import type {
  Admission,
  ApiKey,
  ApiScope,
  CodeBatch,
  Compared,
  Crowd,
  DeadLetter,
  Demo,
  DrawReceipt,
  DrawStatus,
  DropLive,
  DropStatus,
  EventPage,
  EventType,
  ExclusionReason,
  FanSession,
  Instant,
  Launch,
  LocalText,
  Money,
  NewApiKey,
  NewCodeBatch,
  NewDraw,
  NewDrop,
  NewReservations,
  NewWaitingRoom,
  Order,
  OrderState,
  OwnReservation,
  OwnWaitlistPlace,
  Page,
  Payment,
  PaymentOffer,
  PaymentProvider,
  PaymentRecord,
  PublicExclusion,
  Refund,
  Sku,
  Staff,
  StaffMember,
  StaffRole,
  StaffSession,
  TrailEntry,
  WaitingRoomLive,
  Webhook,
  WebhookAttempt,
  WebhookSecret,
  WebhookSettings,
} from './types.ts';

const at = encodeURIComponent;

export interface OrderQuery {
  drop_id?: string;
  person_id?: string;
  state?: OrderState | '';
  limit?: number;
  cursor?: string | null;
}

export interface TrailQuery {
  staff_id?: string;
  api_key_id?: string;
  operation?: string;
  from?: string;
  until?: string;
  limit?: number;
  cursor?: string | null;
}

/** What anybody may ask. */
export function publicApi(http: Http) {
  return {
    time: () => http.get<{ server_time: Instant }>('/v1/time', { anonymous: true }),
    drops: () => http.get<Page<DropStatus>>('/v1/drops', { anonymous: true }),
    paymentProviders: () =>
      http.get<{ providers: PaymentProvider[] }>('/v1/payment-providers', { anonymous: true }),
    drop: (dropId: string, signal?: AbortSignal) =>
      http.get<DropStatus>(`/v1/drops/${at(dropId)}`, { anonymous: true, ...(signal ? { signal } : {}) }),
  };
}

/** What a signed-in fan may do. */
export function fanApi(http: Http) {
  return {
    ...publicApi(http),
    buy: (
      dropId: string,
      order: { quantity: number; currency: string; code?: string; proof?: string },
      idempotencyKey: string,
      signal?: AbortSignal,
    ) =>
      http.post<Order>(`/v1/drops/${at(dropId)}/orders`, {
        body: order,
        idempotencyKey,
        ...(signal ? { signal } : {}),
      }),
    draws: (dropId: string) =>
      http.get<Page<DrawStatus>>(`/v1/drops/${at(dropId)}/draws`, { anonymous: true }),
    drawReceipt: (drawId: string) => http.get<DrawReceipt>(`/v1/draws/${at(drawId)}/entry`),
    enterDraw: (drawId: string) => http.post<DrawReceipt>(`/v1/draws/${at(drawId)}/entry`),
    leaveDraw: (drawId: string) => http.post<DrawReceipt>(`/v1/draws/${at(drawId)}/leave`),
    reserve: (dropId: string) => http.post<OwnReservation>(`/v1/drops/${at(dropId)}/reservations`),
    reservation: (dropId: string) => http.get<OwnReservation>(`/v1/drops/${at(dropId)}/reservation`),
    withdrawReservation: (dropId: string) =>
      http.post<OwnReservation>(`/v1/drops/${at(dropId)}/reservation/withdraw`),
    joinWaitlist: (dropId: string) => http.post<OwnWaitlistPlace>(`/v1/drops/${at(dropId)}/waitlist`),
    waitlistPlace: (dropId: string) => http.get<OwnWaitlistPlace>(`/v1/drops/${at(dropId)}/waitlist/place`),
    leaveWaitlist: (dropId: string) => http.post<OwnWaitlistPlace>(`/v1/drops/${at(dropId)}/waitlist/leave`),
    order: (orderId: string) => http.get<Order>(`/v1/orders/${at(orderId)}`),
    payOrder: (orderId: string, provider: PaymentProvider) =>
      http.post<PaymentOffer>(`/v1/orders/${at(orderId)}/payment`, { body: { provider } }),
    payDeposit: (dropId: string, provider: PaymentProvider) =>
      http.post<PaymentOffer>(`/v1/drops/${at(dropId)}/reservation/payment`, { body: { provider } }),
    orders: (query: OrderQuery) => http.get<Page<Order>>('/v1/orders', { query: { ...query } }),
    cancelOrder: (orderId: string) =>
      http.post<Order>(`/v1/orders/${at(orderId)}/cancel`, { idempotencyKey: `cancel-${orderId}` }),
  };
}
export type FanApi = ReturnType<typeof fanApi>;

/** Demo mode, on loopback only; everywhere else each of these answers 404. */
export function demoApi(http: Http) {
  return {
    demo: () => http.get<Demo>('/demo', { anonymous: true }),
    signIn: (name: string) => http.post<FanSession>('/demo/sign-in', { body: { name }, anonymous: true }),
    pay: (orderId: string) => http.post<Payment>('/demo/pay', { body: { order_id: orderId } }),
    payDeposit: (dropId: string) => http.post<unknown>('/demo/pay-deposit', { body: { drop_id: dropId } }),
    sendCrowd: (dropId: string, fans: number, durationSeconds: number) =>
      http.post<unknown>('/demo/crowd', { body: { drop_id: dropId, fans, duration_seconds: durationSeconds } }),
    crowd: () => http.get<Crowd>('/demo/crowd'),
  };
}

export type DropAction = 'pause' | 'resume' | 'cancel';

const roomAt = (dropId: string, wave: number) => `/v1/drops/${at(dropId)}/waves/${wave}/waiting-room`;

/** Lists are newest first; nobody picks from more than the newest ones. */
const newestMax = { limit: 200 };

/** What staff may do; signed in by cookie. */
export function staffApi(http: Http) {
  return {
    ...publicApi(http),
    setup: (token: string, login: string, password: string) =>
      http.post<Staff>('/v1/staff/setup', { body: { token, login, password } }),
    signIn: (login: string, password: string, code: string) =>
      http.post<Staff>('/v1/staff/sign-in', { body: { login, password, ...(code === '' ? {} : { code }) } }),
    signOut: () => http.post<unknown>('/v1/staff/sign-out'),
    me: () => http.get<Staff>('/v1/staff/me'),
    setPassword: (password: string, newPassword: string) =>
      http.post<unknown>('/v1/staff/me/password', { body: { password, new_password: newPassword } }),
    prepareSecondFactor: () => http.post<{ secret: string; uri: string }>('/v1/staff/me/second-factor'),
    confirmSecondFactor: (code: string) =>
      http.post<{ recovery_codes: string[] }>('/v1/staff/me/second-factor/confirm', { body: { code } }),
    removeOwnSecondFactor: (password: string, code: string) =>
      http.post<unknown>('/v1/staff/me/second-factor/remove', { body: { password, code } }),
    sessions: (cursor: string | null) => http.get<Page<StaffSession>>('/v1/staff/sessions', { query: { limit: 20, cursor } }),
    revokeSession: (id: string) => http.post<unknown>(`/v1/staff/sessions/${at(id)}/revoke`),
    staff: (cursor: string | null) => http.get<Page<StaffMember>>('/v1/staff', { query: { limit: 100, cursor } }),
    addStaff: (member: { login: string; role: StaffRole; password: string }, key: string) =>
      http.post<{ staff_id: string }>('/v1/staff', { body: member, idempotencyKey: key }),
    changeRole: (id: string, role: StaffRole) => http.post<unknown>(`/v1/staff/${at(id)}/role`, { body: { role } }),
    removeStaff: (id: string) => http.post<unknown>(`/v1/staff/${at(id)}/remove`),
    removeSecondFactor: (id: string) => http.post<unknown>(`/v1/staff/${at(id)}/remove-second-factor`),

    skus: () => http.get<Page<Sku>>('/v1/skus', { query: newestMax }),
    createSku: (sku: { code: string; name: LocalText; prices: Money[] }, key: string) =>
      http.post<{ sku_id: string }>('/v1/skus', { body: sku, idempotencyKey: key }),
    receiveStock: (skuId: string, quantity: number, key: string) =>
      http.post<unknown>(`/v1/skus/${at(skuId)}/stock`, { body: { quantity }, idempotencyKey: key }),
    launches: () => http.get<Page<Launch>>('/v1/launches', { query: newestMax }),
    createLaunch: (launch: { code: string; name: LocalText }, key: string) =>
      http.post<{ launch_id: string }>('/v1/launches', { body: launch, idempotencyKey: key }),
    createDrop: (launchId: string, drop: NewDrop, key: string) =>
      http.post<{ drop_id: string }>(`/v1/launches/${at(launchId)}/drops`, { body: drop, idempotencyKey: key }),

    drops: () => http.get<Page<DropStatus>>('/v1/drops', { anonymous: true, query: newestMax }),
    live: (dropId: string) => http.get<DropLive>(`/v1/drops/${at(dropId)}/live`),
    act: (dropId: string, action: DropAction) => http.post<unknown>(`/v1/drops/${at(dropId)}/${action}`),
    releaseWave: (dropId: string, wave: number) =>
      http.post<unknown>(`/v1/drops/${at(dropId)}/waves/${wave}/release`),
    moveUnits: (dropId: string, move: { from_wave: number; to_wave: number; units: number }, key: string) =>
      http.post<unknown>(`/v1/drops/${at(dropId)}/moves`, { body: move, idempotencyKey: key }),
    exclusions: (dropId: string) =>
      http.get<Page<PublicExclusion>>(`/v1/drops/${at(dropId)}/exclusions`, { anonymous: true }),
    exclude: (dropId: string, exclusion: { person_id: string; reason: ExclusionReason }) =>
      http.post<unknown>(`/v1/drops/${at(dropId)}/exclusions`, { body: exclusion }),
    openReservations: (dropId: string, terms: NewReservations, key: string) =>
      http.post<unknown>(`/v1/drops/${at(dropId)}/reservations/open`, { body: terms, idempotencyKey: key }),
    room: (dropId: string, wave: number) => http.get<WaitingRoomLive>(`${roomAt(dropId, wave)}/live`),
    openRoom: (dropId: string, wave: number, room: NewWaitingRoom) =>
      http.post<unknown>(roomAt(dropId, wave), { body: room }),
    changeAdmission: (dropId: string, wave: number, admission: Admission) =>
      http.post<unknown>(`${roomAt(dropId, wave)}/admission`, { body: { admission } }),
    closeRoom: (dropId: string, wave: number) => http.post<unknown>(`${roomAt(dropId, wave)}/close`),
    createCodes: (dropId: string, batch: NewCodeBatch, key: string) =>
      http.post<{ code_batch_id: string }>(`/v1/drops/${at(dropId)}/code-batches`, { body: batch, idempotencyKey: key }),
    /** As they were made; what each brought is asked for by its id. */
    codeBatches: (dropId: string, cursor: string | null) =>
      http.get<Page<{ code_batch_id: string }>>(`/v1/drops/${at(dropId)}/code-batches`, { query: { limit: 20, cursor } }),
    codeBatch: (batchId: string) => http.get<CodeBatch>(`/v1/code-batches/${at(batchId)}`),
    revokeCodes: (batchId: string) => http.post<unknown>(`/v1/code-batches/${at(batchId)}/revoke`),
    revokeCode: (code: string) => http.post<{ code_batch_id: string }>('/v1/codes/revoke', { body: { code } }),
    events: (query: { after?: string; limit?: number; type?: string }) =>
      http.get<EventPage>('/v1/events', { query: { ...query } }),
    eventTypes: () => http.get<{ data: EventType[] }>('/v1/event-types', { anonymous: true }),
    draws: (dropId: string) => http.get<Page<DrawStatus>>(`/v1/drops/${at(dropId)}/draws`, { anonymous: true }),
    openDraw: (dropId: string, wave: number, draw: NewDraw) =>
      http.post<{ draw_id: string }>(`/v1/drops/${at(dropId)}/waves/${wave}/draw`, { body: draw }),
    revealDraw: (drawId: string, reveal: string) =>
      http.post<unknown>(`/v1/draws/${at(drawId)}/reveal`, { body: { reveal } }),
    postBeacon: (drawId: string, value: string) =>
      http.post<unknown>(`/v1/draws/${at(drawId)}/beacon`, { body: { value } }),
    openWaitlist: (dropId: string, list: { ends_at: Instant; places_max: number }) =>
      http.post<unknown>(`/v1/drops/${at(dropId)}/waitlist/open`, { body: list }),
    closeWaitlist: (dropId: string) => http.post<unknown>(`/v1/drops/${at(dropId)}/waitlist/close`),
    orders: (query: OrderQuery) => http.get<Page<Order>>('/v1/orders', { query: { ...query } }),

    payments: (owed: boolean, cursor: string | null) =>
      http.get<Page<PaymentRecord>>('/v1/payments', { query: { limit: 20, cursor, ...(owed ? { owed: 'true' } : {}) } }),
    refunds: (cursor: string | null) => http.get<Page<Refund>>('/v1/refunds', { query: { limit: 20, cursor } }),
    requestRefund: (refund: { refund_id: string; payment_id: string; amount: Money }) =>
      http.post<unknown>('/v1/refunds', { body: refund }),
    confirmRefund: (refund: { refund_id: string; payment_id: string; amount: Money; outcome: 'done' | 'failed' }) =>
      http.post<unknown>('/v1/refunds/outcomes', { body: refund }),
    reconcile: (statement: { from: Instant; until: Instant; provider: string; csv: string }) =>
      http.post<Compared>('/v1/payments/reconcile', { body: statement }),
    apiKeys: () => http.get<Page<ApiKey>>('/v1/api-keys', { query: newestMax }),
    createApiKey: (name: string, scopes: ApiScope[]) =>
      http.post<NewApiKey>('/v1/api-keys', { body: { name, scopes } }),
    auditTrail: (query: TrailQuery) =>
      http.get<Page<TrailEntry> & { log_position: string }>('/v1/audit-trail', { query: { ...query } }),
    webhooks: () => http.get<{ data: Webhook[] }>('/v1/webhooks'),
    addWebhook: (settings: WebhookSettings, key: string) =>
      http.post<WebhookSecret>('/v1/webhooks', { body: settings, idempotencyKey: key }),
    changeWebhook: (id: string, settings: WebhookSettings, key: string) =>
      http.post<unknown>(`/v1/webhooks/${at(id)}/change`, { body: settings, idempotencyKey: key }),
    actOnWebhook: (id: string, action: 'pause' | 'resume' | 'remove') =>
      http.post<unknown>(`/v1/webhooks/${at(id)}/${action}`),
    rotateWebhookSecret: (id: string) =>
      http.post<WebhookSecret>(`/v1/webhooks/${at(id)}/rotate-secret`, { body: {} }),
    testWebhook: (id: string) => http.post<{ event_id: string }>(`/v1/webhooks/${at(id)}/test`),
    replayWebhook: (id: string, after: string) =>
      http.post<unknown>(`/v1/webhooks/${at(id)}/replay`, { body: { after } }),
    webhookAttempts: (id: string, cursor: string | null) =>
      http.get<Page<WebhookAttempt>>(`/v1/webhooks/${at(id)}/attempts`, { query: { limit: 20, cursor } }),
    deadLetters: (id: string, cursor: string | null) =>
      http.get<Page<DeadLetter>>(`/v1/webhooks/${at(id)}/dead-letters`, { query: { limit: 20, cursor } }),
    retryDeadLetters: (id: string, eventId: string | null) =>
      http.post<unknown>(`/v1/webhooks/${at(id)}/dead-letters/retry`, {
        body: eventId === null ? {} : { event_id: eventId },
      }),
    revokeApiKey: (keyId: string) => http.post<unknown>(`/v1/api-keys/${at(keyId)}/revoke`),
    rotateApiKey: (keyId: string) => http.post<NewApiKey>(`/v1/api-keys/${at(keyId)}/rotate`, { body: {} }),
  };
}
export type StaffApi = ReturnType<typeof staffApi>;
