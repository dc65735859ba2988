-- wrk script: each request is a purchase by another fan under a key of its own.
--
--   FB_TOKENS=tokens.txt FB_DROP=drop_1 wrk -t1 -c64 -d5s --latency -s bench/place_order.lua \
--     http://127.0.0.1:8080
--
-- How to start a server with units and to make the tokens: README.md beside this script.
--
-- FB_TOKENS  a file of session tokens, one a line (firebrand bench tokens ...); needed
-- FB_DROP    the drop, drop_1 if not given
-- FB_ENDLESS when the tokens are used up: 1 starts again with the first, otherwise wrk stops. A fan
--            who comes again is refused by the limit, which is cheaper than selling.
-- FB_THREADS the number behind -t, 1 if not given: the threads share the tokens out.

local threads = 0

function setup(thread)
  thread:set('thread_number', threads)
  threads = threads + 1
end

function init()
  local path = os.getenv('FB_TOKENS')
  if not path then
    error('FB_TOKENS must name a file of session tokens')
  end
  tokens = {}
  for line in io.lines(path) do
    if #line > 0 then
      tokens[#tokens + 1] = line
    end
  end
  if #tokens == 0 then
    error(path .. ' holds no token')
  end
  target = '/v1/drops/' .. (os.getenv('FB_DROP') or 'drop_1') .. '/orders'
  endless = os.getenv('FB_ENDLESS') == '1'
  stride = tonumber(os.getenv('FB_THREADS') or '1')  -- wrk does not tell its threads.
  sent = 0
  run = string.format('%08x', os.time() % 2 ^ 32)
end

function request()
  local nth = sent * stride + thread_number
  sent = sent + 1
  if nth >= #tokens and not endless then
    wrk.thread:stop()
  end
  return wrk.format('POST', target, {
    ['Authorization'] = 'Bearer ' .. tokens[nth % #tokens + 1],
    ['Idempotency-Key'] = string.format('wrk-%s-%02d-%012d', run, thread_number, sent),
    ['Content-Type'] = 'application/json',
  }, '{"quantity":1}')
end

-- A refusal (409) is a good answer too; wrk counts it among its errors of status.
function done(summary, latency)
  io.write(string.format('answers/s %.0f, p50 %.3f ms, p99 %.3f ms, max %.3f ms\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000))
  io.write(string.format('sold %d, refused %d\n', summary.requests - summary.errors.status,
    summary.errors.status))
end
