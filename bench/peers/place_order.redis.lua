-- One purchase of a limited batch, with the rules that firebrand keeps: a repeat of a key gets its
-- order again, nobody goes over the limit, no unit is sold twice, a refusal leaves no trace. As few
-- commands as that takes: each one that writes goes to the append-only file.
--
-- KEYS  1 drop: hash of left, limit, price, window_ms
--       2 owners: hash person -> units held or owned
--       3 repeats: hash idempotency key -> order
--       4 orders: hash order -> record; an order is named by the units that were left after it
-- ARGV  1 person  2 idempotency key  3 quantity  4 now in ms
-- Answers the order and its record as a string; a refusal's code as a status.
local order = redis.call('HGET', KEYS[3], ARGV[2])
if order then
  return order .. ' ' .. redis.call('HGET', KEYS[4], order)
end
local quantity = tonumber(ARGV[3])
local drop = redis.call('HMGET', KEYS[1], 'left', 'limit', 'price', 'window_ms')
if tonumber(drop[1]) < quantity then
  return { ok = 'sold_out' }
end
local owned = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0') + quantity
if owned > tonumber(drop[2]) then
  return { ok = 'purchase_limit' }
end
order = redis.call('HINCRBY', KEYS[1], 'left', -quantity)
local record = ARGV[1] .. ' x' .. ARGV[3] .. ' ' .. drop[3] .. ' each, pending_payment since ' ..
  ARGV[4] .. ' for ' .. drop[4]
redis.call('HSET', KEYS[2], ARGV[1], owned)
redis.call('HSET', KEYS[4], order, record)
redis.call('HSET', KEYS[3], ARGV[2], order)
return order .. ' ' .. record
