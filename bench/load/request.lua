-- What wrk sends, and its figures in full: `wrk -s request.lua URL -- [METHOD SIZE]`.
-- There is no response function: with one, wrk would be slower than what it measures.

function init(args)
   if args[1] then
      wrk.method = args[1]
      wrk.body = string.rep("x", tonumber(args[2]))
      wrk.headers["Content-Type"] = "application/octet-stream"
   end
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\nresult {"count":%d,"seconds":%.6f,"bytes":%d,"p50":%.3f,"p99":%.3f,' ..
      '"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}\n',
      summary.requests, summary.duration / 1e6, summary.bytes,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
