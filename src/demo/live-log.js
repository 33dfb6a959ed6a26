/* global EventSource */
// Appends each log line as it arrives; the browser reconnects by itself.
const shown = 200;
const log = document.getElementById('log');
const connection = document.getElementById('connection');

// This script lies at the tool's root, whatever path the tool is served under.
const events = new EventSource(new URL(`events?after=${log.dataset.last}`, import.meta.url));
events.onopen = () => say('Live', 'live');
events.onerror = () => say('Connection lost. Reconnecting', 'lost');
events.onmessage = ({ data }) => {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(line(JSON.parse(data)));
  while (log.children.length > shown) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
};
log.scrollTop = log.scrollHeight;

function line({ at, level, service, message }) {
  const item = document.createElement('li');
  item.className = level;
  item.append(
    element('time', at.slice(11, 19)),
    ' ',
    element('b', level),
    ' ',
    element('span', service),
    ` ${message}`,
  );
  return item;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function say(text, state) {
  connection.textContent = text;
  connection.dataset.state = state;
}
