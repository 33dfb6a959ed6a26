// Loads a failed page again when its tool is back. The gateway says over a websocket when the tool's health changes;
// where nothing checks the tool, the same address is asked for now and then. Either way the page is only loaded
// again when the answer is no longer the gateway's own failure.

const { mount, reload } = document.body.dataset;
const part = (name) => document.querySelector(`[data-part="${name}"]`);

let pollTimer;
let pollDelay = 2000;
let asking = false;

// The gateway's failures are problem+json for whoever asks for that.
async function isBack() {
  try {
    const response = await fetch(location.href, {
      method: 'HEAD',
      headers: { accept: 'application/problem+json' },
      cache: 'no-store',
      redirect: 'manual',
    });
    return !(response.headers.get('content-type') ?? '').startsWith('application/problem+json');
  } catch {
    return false;
  }
}

async function ask() {
  clearTimeout(pollTimer);
  if (asking) return;
  asking = true;
  const back = !document.hidden && (await isBack());
  asking = false;
  if (back) {
    part('comes-back').textContent = 'It is back. Loading the page again.';
    location.reload();
    return;
  }
  pollTimer = setTimeout(ask, pollDelay * (0.75 + Math.random() / 2));
  pollDelay = Math.min(30_000, pollDelay * 1.5);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && pollTimer !== undefined) void ask();
});

let healthy = false;

function show({ state, word }) {
  const line = part('state');
  if (line && !(line.hidden && (state === 'healthy' || state === 'unchecked'))) {
    line.hidden = false;
    line.dataset.state = state;
    part('word').textContent = word;
    line.querySelector('use').setAttribute('href', `#state-${state}`);
  }
  const recovered = state === 'healthy' && !healthy;
  healthy = state === 'healthy';
  // Not all pages that wait for a tool at once.
  if (recovered) pollTimer = setTimeout(ask, Math.random() * 1000);
  else if (!healthy && reload === 'state') clearTimeout(pollTimer);
}

let failures = 0;

function listen() {
  const url = new URL('../live', import.meta.url);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    failures = 0;
    const status = JSON.parse(data).tools?.find(({ path }) => path === mount);
    if (status) show(status);
  };
  socket.onclose = () => {
    failures += 1;
    // Nobody tells of the state any more.
    if (failures === 2) void ask();
    setTimeout(listen, Math.min(30_000, 1000 * 2 ** failures) * (0.75 + Math.random() / 2));
  };
}

if (reload === 'poll') pollTimer = setTimeout(ask, pollDelay);
listen();
