// Owns cutting a byte stream into lines, each byte looked at once and copied at most once.
const NEWLINE = 10;

/** Calls `onLine` with each complete line of `stream` as a Buffer, without its newline. */
export function readLines(stream, onLine) {
  let kept = [];
  stream.on('data', (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      start = end + 1;
      if (kept.length === 0) onLine(tail);
      else {
        kept.push(tail);
        onLine(Buffer.concat(kept));
        kept = [];
      }
    }
    if (start < chunk.length) kept.push(chunk.subarray(start));
  });
}
