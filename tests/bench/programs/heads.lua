-- wrk's requests with ten different sets of fields in turn, as ten clients would send them:
-- a server that knows requests by their bytes has to know ten. With the argument "one" they
-- all have the second set, which is a little longer than the ten are on average.

local agents = {
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:127.0) Gecko/20100101 Firefox/127.0",
  "curl/8.5.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
  "Wget/1.21.4",
  "python-requests/2.32.3",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/126.0",
  "okhttp/4.12.0",
  "Go-http-client/1.1",
  "Prometheus/2.53.0",
}

local requests = {}
local sent = 0

function init(args)
  for index, agent in ipairs(agents) do
    local headers = { ["User-Agent"] = agent }
    if index % 2 == 0 then
      headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
      headers["Accept-Language"] = "en-US,en;q=0." .. index % 10
    end
    if index % 3 == 0 then headers["Cookie"] = "session=abcdef" .. index .. "; theme=dark" end
    if index % 5 == 0 then headers["Cache-Control"] = "no-cache" end
    requests[index] = wrk.format("GET", nil, headers)
  end
  if args[1] == "one" then requests = { requests[2] } end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end
