-- wrk's requests with content: the same POST again and again. Its argument is the content.

function init(args)
  wrk.method = "POST"
  wrk.body = args[1]
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  return wrk.format()
end
