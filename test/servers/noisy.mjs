// A stdio server whose one tool does what few real ones do at once: lines with colours on stderr while it works, a stray line on
// stdout, Markdown with a link, audio, and structured content that does not fit its own output schema. No SDK.
import { createInterface } from 'node:readline';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const number = (value, bytes) => Array.from({ length: bytes }, (_, i) => String.fromCharCode((value >>> (8 * i)) & 0xff)).join('');
const samples = 4_000;
const wave = Array.from({ length: samples }, (_, i) => String.fromCharCode(128 + Math.round(60 * Math.sin(i / 3)))).join('');
const wav = Buffer.from(`RIFF${number(36 + samples, 4)}WAVEfmt ${number(16, 4)}${number(1, 2)}${number(1, 2)}${number(8_000, 4)}${number(8_000, 4)}${number(1, 2)}${number(8, 2)}data${number(samples, 4)}${wave}`, 'latin1').toString('base64');

const tool = {
  name: 'work',
  description: 'Works loudly.',
  inputSchema: { type: 'object', properties: { what: { type: 'string' } } },
  outputSchema: { type: 'object', properties: { count: { type: 'number' } }, required: ['count'] },
};

async function work(id) {
  process.stderr.write('\u001b[33mwarn\u001b[0m working loudly\n');
  process.stdout.write('a stray line\n');
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.stderr.write('nearly done\n');
  await new Promise((resolve) => setTimeout(resolve, 200));
  send({
    id,
    result: {
      content: [
        { type: 'text', text: '# Done\n\nSee [the manual](https://example.com/manual?page=1) or [this](command:workbench.action.quit).' },
        { type: 'audio', mimeType: 'audio/wav', data: wav },
      ],
      structuredContent: { count: 'three' },
    },
  });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'noisy', version: '1' } } });
  else if (method === 'tools/list') send({ id, result: { tools: [tool] } });
  else if (method === 'tools/call') void work(id);
  else if (id !== undefined) send({ id, result: {} });
});
