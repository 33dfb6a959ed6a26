// Keeps the portal page up to date: the gateway sends every change over a websocket, and where websockets do not
// get through, the page is asked for as JSON now and then. Data goes into the page as text only.

const part = (name, within = document) => within.querySelector(`[data-part="${name}"]`);
const { title, revision } = document.body.dataset;

const tools = new Map();
for (const row of document.querySelectorAll('.tool')) tools.set(row.dataset.path, { row });
for (const mark of document.querySelectorAll('.ribbon i')) {
  const tool = tools.get(mark.dataset.path);
  if (tool) tool.mark = mark;
}

// --- Times -----------------------------------------------------------------------------------------------------

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

// The gateway's clock less this one's: times must be right where one of the two is wrong.
let skew = Date.parse(document.body.dataset.now) - Date.now();

function showTime(element) {
  const moment = Date.parse(element.dateTime);
  if (Number.isNaN(moment)) return;
  const seconds = Math.max(0, (Date.now() + skew - moment) / 1000);
  const [size, unit] =
    seconds < 90 ? [1, 'second'] : seconds < 5400 ? [60, 'minute'] : seconds < 129600 ? [3600, 'hour'] : [86400, 'day'];
  const text = seconds < 10 ? 'just now' : ago.format(-Math.round(seconds / size), unit);
  if (element.textContent !== text) element.textContent = text;
  element.title = exact.format(moment - skew);
}

function showTimes() {
  for (const { row } of tools.values()) showTime(part('since', row));
}

// --- States ----------------------------------------------------------------------------------------------------

let news = [];
let newsTimer;

// Screen readers hear of states that changed, together, and never of latencies.
function announce(text) {
  news.push(text);
  clearTimeout(newsTimer);
  newsTimer = setTimeout(() => {
    part('news').textContent =
      news.length > 3 ? `${news.length} tools changed. ${part('headline').textContent}.` : news.join('. ');
    news = [];
  }, 1500);
}

// What stands between backticks becomes code.
function showText(element, text) {
  if (element.textContent === text.replaceAll('`', '')) return;
  element.replaceChildren(
    ...text.split('`').map((piece, index) => {
      if (index % 2 === 0) return piece;
      const code = document.createElement('code');
      code.textContent = piece;
      return code;
    }),
  );
}

// A page that knows other targets is loaded anew, for their number is part of its revision.
function showTargets(list, targets) {
  for (const [index, item] of [...list.children].entries()) {
    const { state, name, text } = targets[index] ?? {};
    if (name === undefined) return;
    item.dataset.state = state;
    item.querySelector('use').setAttribute('href', `#state-${state}`);
    showText(item.querySelector('span'), `${name}: ${text}`);
  }
}

function showTool(status, quietly) {
  const tool = tools.get(status.path);
  if (!tool) return;
  const { row, mark } = tool;
  const word = part('word', row);
  if (word.textContent !== status.word) {
    word.textContent = status.word;
    if (!quietly) announce(`${row.querySelector('.name a').textContent}: ${status.word}`);
  }
  if (row.dataset.state !== status.state) {
    row.dataset.state = status.state;
    if (mark) mark.dataset.state = status.state;
    row.querySelector('.shape use').setAttribute('href', `#state-${status.state}`);
  }

  const since = part('since', row);
  if (status.since === null) {
    since.removeAttribute('datetime');
    since.textContent = '–';
  } else {
    since.dateTime = status.since;
    showTime(since);
  }
  part('latency', row).textContent = status.latencyText;

  showTargets(part('targets', row), status.targets);

  const trouble = part('trouble', row);
  trouble.hidden = status.detail === '' && status.advice.length === 0;
  showText(part('detail', row), status.detail);
  part('help', row).hidden = status.advice.length === 0;
  const advice = part('advice', row);
  while (advice.children.length > status.advice.length) advice.lastElementChild.remove();
  while (advice.children.length < status.advice.length) advice.append(document.createElement('li'));
  status.advice.forEach((text, index) => showText(advice.children[index], text));
}

// Other tools, or other scripts: the page has to be loaded anew. Once for each revision, so that two gateways with
// different configurations behind one address cannot make the page reload for ever; and not all pages at once.
function reloadFor(other) {
  try {
    if (window.sessionStorage.getItem('kpow-gateway.revision') === other) return;
    window.sessionStorage.setItem('kpow-gateway.revision', other);
  } catch {
    return;
  }
  setTimeout(() => location.reload(), Math.random() * 1500);
}

function show(message, quietly) {
  if (message.revision !== revision) reloadFor(message.revision);
  skew = Date.parse(message.now) - Date.now();
  for (const status of message.tools) showTool(status, quietly);
  const { headline, note, troubled } = message.summary;
  showText(part('headline'), headline);
  showText(part('note'), note);
  part('note').hidden = note === '';
  document.title = troubled > 0 ? `(${troubled}) ${title}` : title;
  applyFilter();
}

// --- The connection to the gateway -------------------------------------------------------------------------------

const connection = part('connection');

function showConnection(live, text) {
  document.body.dataset.live = live;
  connection.dataset.live = live;
  if (connection.textContent === text) return;
  connection.textContent = text;
}

const patience = 75_000; // The gateway says something every 30 seconds.
let socket;
let failures = 0;
let lost = false;
let retryTimer;
let watchdog;

function watch() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => drop(socket), patience);
}

// Not left to the socket's close event, which on a dead connection comes late.
function drop(closing) {
  if (!closing || socket !== closing) return;
  socket = undefined;
  closing.close();
  void disconnected();
}

function connected(text) {
  showConnection('live', text);
  if (lost) announce('Connected to the gateway again');
  lost = false;
}

async function disconnected() {
  clearTimeout(watchdog);
  failures += 1;
  const delay = Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 5)) * (0.75 + Math.random() / 2);
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, delay);
  if (failures > 1 && (await refresh())) {
    connected('Brought up to date now and then: something on the way stops websockets.');
    return;
  }
  if (socket) return;
  showConnection('lost', 'No connection to the gateway. What you see may be out of date; trying again.');
  if (!lost) announce('The connection to the gateway is lost');
  lost = true;
}

async function refresh() {
  try {
    const response = await fetch(location.pathname, { headers: { accept: 'application/json' }, cache: 'no-store' });
    if (!response.ok) return false;
    show(await response.json(), false);
    return true;
  } catch {
    return false;
  }
}

function connect() {
  clearTimeout(retryTimer);
  if (socket) return;
  const url = new URL('../live', import.meta.url);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const opening = new WebSocket(url);
  socket = opening;
  watch();
  let first = true;
  opening.onmessage = ({ data }) => {
    watch();
    const message = JSON.parse(data);
    if (!Array.isArray(message.tools)) return;
    failures = 0;
    show(message, first && !lost);
    first = false;
    connected('Live');
  };
  opening.onclose = () => drop(opening);
}

window.addEventListener('online', connect);
// A page that comes back from the browser's cache has lost its socket without being told.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

// --- The filter ------------------------------------------------------------------------------------------------

const form = part('filter');
const input = form?.querySelector('input');
const onlyTrouble = part('only-trouble');

function applyFilter() {
  if (!form) return;
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const pressed = onlyTrouble?.getAttribute('aria-pressed') === 'true';
  let found = 0;
  let troubled = 0;
  for (const { row } of tools.values()) {
    const inTrouble = !part('trouble', row).hidden;
    const text = `${row.querySelector('.who').textContent} ${part('word', row).textContent}`.toLowerCase();
    const fits = words.every((word) => text.includes(word)) && (inTrouble || !pressed);
    if (row.hidden === fits) row.hidden = !fits;
    if (fits) found += 1;
    if (inTrouble) troubled += 1;
  }
  if (onlyTrouble) onlyTrouble.hidden = troubled === 0 && !pressed;
  part('nothing-found').hidden = found > 0;
}

onlyTrouble?.addEventListener('click', () => {
  onlyTrouble.setAttribute('aria-pressed', String(onlyTrouble.getAttribute('aria-pressed') !== 'true'));
  applyFilter();
});

if (form) {
  form.hidden = false;
  input.addEventListener('input', applyFilter);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (input.value === '') input.blur();
    input.value = '';
    applyFilter();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value.trim() !== '') document.querySelector('.tool:not([hidden]) .name a')?.click();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target === input) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  applyFilter();
}

// -----------------------------------------------------------------------------------------------------------------

showTimes();
setInterval(showTimes, 5000);
connect();
