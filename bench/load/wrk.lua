-- wrk's report as one line of JSON; latencies in microseconds. With a number as argument, each request is a POST of as
-- many bytes; with "queries", each has a query of its own. With "first", the requests that come before the second answer
-- to any connection, and a few more for each, are for the page at the root; with "mixed", every tenth is.
function init(args)
  if args[1] == "queries" then
    local path, count = wrk.path, 0
    request = function()
      count = count + 1
      return wrk.format(nil, path .. "?since=" .. count)
    end
  elseif args[1] == "first" or args[1] == "mixed" then
    local count, pages = 0, tonumber(args[2]) * 4
    local page, path = wrk.format(nil, "/"), wrk.format()
    local first = args[1] == "first"
    request = function()
      count = count + 1
      if first and count <= pages or not first and count % 10 == 0 then return page end
      return path
    end
  elseif args[1] then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.body = string.rep("x", tonumber(args[1]))
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p99":%d,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout
  ))
end
