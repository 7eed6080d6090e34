/**
 * A chat: what one says, all hear, whichever worker has their sockets.
 */

const others = new BroadcastChannel("chat");
const sockets = new Set<WebSocket>();

function tell(text: string): void {
  for (const socket of sockets) socket.send(text);
}

others.onmessage = ({ data }) => tell(data);

function join(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = ({ data }) => {
    const text = `${data}`.slice(0, 500);
    tell(text);
    others.postMessage(text);
  };
  return response;
}

const page = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Chat</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem }
form { display: flex; gap: .5rem }
input { flex: 1; font: inherit }
</style>
<h1>Chat</h1>
<form><label for="text">Message</label><input id="text" autocomplete="off"><button>Send</button></form>
<p id="state" role="status"></p>
<ul id="said"></ul>
<script type="module">
const text = document.querySelector("#text");
const state = document.querySelector("#state");
let socket;
function connect(before = "") {
  socket = new WebSocket(location.href.replace(/^http/, "ws"));
  socket.onopen = () => state.textContent = "Connected" + before;
  socket.onmessage = ({ data }) => {
    const line = document.createElement("li");
    line.textContent = data;
    document.querySelector("#said").append(line);
  };
  // A reload of the server closes with 1012: come again.
  socket.onclose = ({ code }) => {
    state.textContent = "Closed";
    setTimeout(connect, 200, " again, after a close with " + code);
  };
}
connect();
document.querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  socket.send(text.value);
  text.value = "";
};
</script>
`;

export default {
  fetch(request) {
    if (request.headers.get("upgrade") === "websocket") return join(request);
    return new Response(page, {
      headers: { "Content-Type": "text/html; charset=utf-8" },
    });
  },
} satisfies Deno.ServeDefaultExport;
