// Owns the command line of the benchmark and the plan it stands for: how much of what is measured.
import { parseArgs } from 'node:util';
import { commonOptions, oneOf, wholeNumber } from '../lib/options.mjs';
import { CLIENTS } from './clients/session.mjs';
import { GATEWAY } from './hosts.mjs';
import { PAYLOADS } from './payload.mjs';

export const USAGE = `usage: npm run bench:gateway -- [options]
  --rounds N        interleaved rounds (default 11)
  --quick           2 short rounds and 2,000 calls for memory: to see that it runs, not to compare
  --peers           also measure mcp-hub, mcp-proxy and supergateway, installed from npm into a cache folder
  --only A,B        only subjects whose id contains A or B, and their floors (ids: direct, bridge, relay, shark-stdio-one,
                    shark-stdio-all, shark-http-one, shark-http-all, mcp-hub, mcp-proxy, supergateway)
  --client NAME     sdk or light (default: both)
  --upstream NAME   raw or sdk: how the echo servers are made (default raw)
  --payload NAME    prose or base64 (default prose)
  --no-memory       leave out the memory measure
  --gateway FILE    another build of the headless gateway (default dist/headless/gateway.js)
  --out FILE        where the JSON goes (default test-results/bench-gateway.json)
  --strict          exit with 1 when a target is missed
  --profile [UPSTREAM:ENDPOINT:CLIENT:SIZE:IN_FLIGHT]
                    profile the gateway in one scenario instead (default stdio:one:light:100:1)`;

const FULL = {
  rounds: 11,
  calls: { '100 B': 150, '10 KB': 100, '1 MB': 12 },
  throughputMs: 400,
  warmUpCalls: 400,
  warmUpMs: 300,
  memory: { calls: 10_000, warmUpCalls: 1000, settleMs: 2000 },
};
const QUICK = {
  rounds: 2,
  calls: { '100 B': 100, '10 KB': 60, '1 MB': 8 },
  throughputMs: 300,
  warmUpCalls: 200,
  warmUpMs: 150,
  memory: { calls: 2000, warmUpCalls: 500, settleMs: 1000 },
};

const TYPES = {
  rounds: { type: 'string' },
  peers: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  client: { type: 'string' },
  upstream: { type: 'string', default: 'raw' },
  payload: { type: 'string', default: 'prose' },
  'no-memory': { type: 'boolean', default: false },
  gateway: { type: 'string', default: GATEWAY },
  profile: { type: 'boolean', default: false },
  ...commonOptions('test-results/bench-gateway.json'),
};

/** Throws an Error with a sentence for the user. */
export function readOptions(argv) {
  const { values, positionals } = parseArgs({ args: argv, options: TYPES, allowPositionals: true });
  const plan = { ...(values.quick ? QUICK : FULL) };
  if (values.rounds !== undefined) plan.rounds = wholeNumber(values.rounds, '--rounds', 1, 1000);
  plan.clients = values.client === undefined ? Object.keys(CLIENTS) : [oneOf(values.client, CLIENTS, '--client')];
  oneOf(values.upstream, { raw: 1, sdk: 1 }, '--upstream');
  oneOf(values.payload, PAYLOADS, '--payload');
  if (positionals.length > (values.profile ? 1 : 0)) throw new Error(`what is ${positionals.join(' ')}?`);
  return {
    ...values,
    plan,
    only: values.only.split(',').filter(Boolean),
    memory: !values['no-memory'],
    scenario: values.profile ? scenarioOf(positionals[0] ?? 'stdio:one:light:100:1') : undefined,
  };
}

function scenarioOf(text) {
  const [upstream, endpoint = 'one', client = 'light', size = '100', inFlight = '1'] = text.split(':');
  return {
    upstream: oneOf(upstream, { stdio: 1, http: 1 }, 'the upstream of --profile'),
    endpoint: oneOf(endpoint, { one: 1, all: 1 }, 'the endpoint of --profile'),
    client: oneOf(client, CLIENTS, 'the client of --profile'),
    size: wholeNumber(size, 'the size of --profile', 12, 1_000_000),
    inFlight: wholeNumber(inFlight, 'the calls in flight of --profile', 1, 128),
  };
}
