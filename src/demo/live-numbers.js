// Keeps the numbers on the page fresh over the websocket, and says when that is lost.
const retryAfter = 5;
const connection = document.getElementById('connection');
const chart = document.getElementById('throughput');
const number = new Intl.NumberFormat('en');

// This script lies at the tool's root, whatever page it is on and whatever path the tool is served under.
const address = new URL('chsk', import.meta.url);
address.protocol = address.protocol.replace('http', 'ws');

function connect() {
  const socket = new WebSocket(address);
  socket.onopen = () => say('Live', 'live');
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'snapshot') show(message);
  };
  socket.onclose = () => {
    say(`Connection lost. Retrying in ${retryAfter} seconds`, 'lost');
    setTimeout(connect, retryAfter * 1000);
  };
}

function show({ snapshot, throughput }) {
  for (const element of document.querySelectorAll('[data-live]')) {
    const value = element.dataset.live.split('/').reduce((part, name) => part?.[name], snapshot);
    if (typeof value === 'number') element.textContent = number.format(value);
  }
  chart?.setAttribute('points', throughput);
}

function say(text, state) {
  connection.textContent = text;
  connection.dataset.state = state;
}

connect();
