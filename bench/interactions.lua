-- For wrk: POSTs of interactions as footfall.js sends them, each with an id of its own: wrk ... -- BATCH SEED
-- A request is one table.concat: what changes between two requests is the same text in all of its ids, and stands between fixed pieces.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local KINDS = 20000 -- interactions that a thread has, in requests of BATCH; 50 targets on 20 pages
local kinds, next_kind, request_number, id, head, length = {}, 0, 0, nil, nil, nil
local batch, seed, second

local function uuid(ms)
  local high = math.floor(ms / 65536)
  return string.format("%08x-%04x-7%03x-8%03x-%06x%06x", high, ms % 65536, math.random(0, 4095), math.random(0, 4095), math.random(0, 16777215), math.random(0, 16777215))
end

-- The first 24 of an id's 36 characters, without the request's number: its time, and whose it is.
local function tick(now)
  second = now
  local ms = now * 1000
  id = string.format("%08x-%04x-7%03x-8%03x-", math.floor(ms / 65536), ms % 65536, seed % 4096, number)
  head = string.format("POST /v1/interactions?key=&sent=%d HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\r\nAccept: */*\r\nOrigin: http://localhost:8081\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: %d\r\n\r\n", ms, length)
end

function init(args)
  batch, seed = tonumber(args[1]), tonumber(args[2])
  math.randomseed(seed * 100 + number)
  local ms = os.time() * 1000
  for kind = 1, math.ceil(KINDS / batch) do
    local pieces, text = {}, '{"id":"'
    for i = 1, batch do
      pieces[i] = text
      text = string.format(
        '%04x","app":"demo","type":"click","target":"Enroll in course %02d","page":"/courses/%s-for-beginners","visitor":"%s","view":"%s","n":%d,"at":%d}',
        i, math.random(0, 49), string.char(96 + math.random(1, 20)), uuid(ms - math.random(0, 80000000000)), uuid(ms), math.random(1, 9), ms)
        .. (i < batch and '\n{"id":"' or '')
    end
    pieces[batch + 1] = text
    kinds[kind] = pieces
  end
  length = #table.concat(kinds[1]) + batch * 32
  tick(os.time())
end

function request()
  request_number = request_number + 1
  next_kind = next_kind % #kinds + 1
  if request_number % 64 == 0 then
    local now = os.time()
    if now ~= second then tick(now) end
  end
  return head .. table.concat(kinds[next_kind], id .. string.format("%08x", request_number))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("\nanswered=%d microseconds=%d refused=%d broken=%d p50=%d p99=%d\n", summary.requests, summary.duration,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
