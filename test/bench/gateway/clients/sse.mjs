// Owns reading server-sent events from complete text: the data of events, `id` and `retry` lines passed over.

/** The data of the last event that has any: on an answer's stream, the answer. */
export function lastEvent(text) {
  const events = text.replaceAll('\r\n', '\n').split('\n\n');
  for (let index = events.length - 1; index >= 0; index--) {
    const data = dataOf(events[index]);
    if (data !== '') return data;
  }
  throw new Error('the stream ended without an answer');
}

export function dataOf(event) {
  return linesOf(event, 'data');
}

export function typeOf(event) {
  return linesOf(event, 'event');
}

function linesOf(event, field) {
  const lines = event.split('\n').filter((line) => line.startsWith(`${field}:`));
  return lines.map((line) => line.slice(field.length + 1).trimStart()).join('\n');
}
