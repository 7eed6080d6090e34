-- wrk's requests for the files of scenarios/static.ts, one after the other. Its argument
-- is how many there are. The requests are made before the first one is sent, so that the
-- client has as little to do for each as with a single URL.

local requests = {}
local sent = 0

function init(args)
  for index = 0, tonumber(args[1]) - 1 do
    local path = string.format("/part-%02d/page-%03d.html", index % 20, index)
    requests[index + 1] = wrk.format("GET", path)
  end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end
