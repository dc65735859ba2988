#pragma once

/// Tables of records.db. Raise kRecordsSchema with every change: a database of another one is
/// built again from facts/. Documented in docs/formats/records.md.
namespace firebrand {

inline constexpr int kRecordsSchema = 5;

inline constexpr char kRecordsTables[] = R"sql(
CREATE TABLE cursor (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  fact_offset  INTEGER NOT NULL,
  fact_index   INTEGER NOT NULL
);
INSERT INTO cursor VALUES (1, 0, 0);
CREATE TABLE orders (
  order_id    INTEGER PRIMARY KEY,
  person_id   INTEGER NOT NULL,
  drop_id     INTEGER NOT NULL,
  wave        INTEGER NOT NULL,
  quantity    INTEGER NOT NULL,
  amount      INTEGER NOT NULL,
  currency    TEXT    NOT NULL,
  state       INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  returned    INTEGER NOT NULL
);
-- Each ends with order_id, because that is the row's number.
CREATE INDEX orders_of_person ON orders (person_id);
CREATE INDEX orders_of_drop ON orders (drop_id);
CREATE INDEX orders_of_drop_in_state ON orders (drop_id, state);
CREATE INDEX orders_in_state ON orders (state);
CREATE TABLE payments (
  number      INTEGER PRIMARY KEY,
  payment_id  TEXT    NOT NULL UNIQUE,
  order_id    INTEGER NOT NULL,
  outcome     INTEGER NOT NULL,
  amount      INTEGER NOT NULL,
  currency    TEXT    NOT NULL,
  owed        INTEGER NOT NULL,
  asked       INTEGER NOT NULL,
  refunded    INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  reservation_id  INTEGER NOT NULL
);
CREATE INDEX payments_of_order ON payments (order_id);
CREATE INDEX payments_owed ON payments (number) WHERE owed > asked;
CREATE TABLE refunds (
  number      INTEGER PRIMARY KEY,
  refund_id   TEXT    NOT NULL UNIQUE,
  payment_id  TEXT    NOT NULL,
  amount      INTEGER NOT NULL,
  currency    TEXT    NOT NULL,
  state       INTEGER NOT NULL,
  changed_at  INTEGER NOT NULL
);
CREATE INDEX refunds_requested ON refunds (number) WHERE state = 0;
CREATE TABLE reservations (
  reservation_id  INTEGER PRIMARY KEY,
  drop_id         INTEGER NOT NULL,
  person_id       INTEGER NOT NULL,
  state           INTEGER NOT NULL,
  deposit         INTEGER NOT NULL,
  currency        TEXT    NOT NULL,
  reserved_at     INTEGER NOT NULL,
  kept            INTEGER NOT NULL,
  owed            INTEGER NOT NULL,
  paid_by         TEXT    NOT NULL
);
CREATE INDEX reservations_of_drop ON reservations (drop_id);
CREATE TABLE code_batches (
  code_batch_id  INTEGER PRIMARY KEY,
  drop_id        INTEGER NOT NULL,
  count          INTEGER NOT NULL,
  kind           INTEGER NOT NULL,
  valid_from     INTEGER NOT NULL,
  valid_until    INTEGER NOT NULL
);
CREATE INDEX code_batches_of_drop ON code_batches (drop_id);
CREATE TABLE skus (
  sku_id    INTEGER PRIMARY KEY,
  code      TEXT    NOT NULL,
  name_zh   TEXT    NOT NULL,
  name_en   TEXT    NOT NULL,
  received  INTEGER NOT NULL
);
CREATE TABLE prices (
  sku_id    INTEGER NOT NULL,
  place     INTEGER NOT NULL,
  amount    INTEGER NOT NULL,
  currency  TEXT    NOT NULL,
  PRIMARY KEY (sku_id, place)
) WITHOUT ROWID;
CREATE TABLE launches (
  launch_id  INTEGER PRIMARY KEY,
  code       TEXT    NOT NULL,
  name_zh    TEXT    NOT NULL,
  name_en    TEXT    NOT NULL
);
CREATE TABLE api_keys (
  api_key_id  INTEGER PRIMARY KEY,
  name        TEXT    NOT NULL,
  state       INTEGER NOT NULL,
  created_at  INTEGER NOT NULL
);
CREATE TABLE drop_events (
  drop_id      INTEGER NOT NULL,
  fact_offset  INTEGER NOT NULL,
  fact_index   INTEGER NOT NULL,
  name         TEXT    NOT NULL,
  data         TEXT    NOT NULL,
  PRIMARY KEY (drop_id, fact_offset, fact_index)
) WITHOUT ROWID;
)sql";

}  // namespace firebrand
