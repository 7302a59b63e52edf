/** Owns the gateways of a test file and the clients that speak to them byte by byte: closed when the test that opened them is over. */
import { afterEach } from 'vitest';
import type { GatewayOptions } from '../../../src/extension/proxy/types';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { startGateway, type GatewayFixture } from './gatewayFixture';
import { RawClient, type RawStream } from './rawClient';

export interface RawSession {
  readonly fixture: GatewayFixture;
  readonly client: RawClient;
}

export interface RawSessionOptions extends Partial<GatewayOptions> {
  /** `/mcp` where absent. */
  readonly path?: string;
  /** What the client says it can, as JSON text. */
  readonly capabilities?: string;
  /** The version it asks for. */
  readonly protocol?: string;
}

export interface RawGateways {
  start(servers: readonly ConfiguredServer[], options?: Partial<GatewayOptions>): Promise<GatewayFixture>;
  /** The same, and a client that has shaken hands. */
  open(servers: readonly ConfiguredServer[], options?: RawSessionOptions): Promise<RawSession>;
  /** Opens a client's own stream. */
  listen(client: RawClient): Promise<RawStream>;
}

/** To be called once, at the top of a test file. */
export function rawGateways(): RawGateways {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const start: RawGateways['start'] = async (servers, options) => {
    const fixture = await startGateway(servers, options);
    undo.push(() => fixture.close());
    return fixture;
  };
  return {
    start,
    async open(servers, { path = '/mcp', capabilities, protocol, ...options } = {}) {
      const fixture = await start(servers, options);
      const client = new RawClient(fixture.url + path, fixture.headers);
      undo.push(() => client.close());
      await client.open(capabilities, protocol);
      return { fixture, client };
    },
    async listen(client) {
      const stream = await client.stream('GET', undefined);
      undo.push(() => stream.close());
      return stream;
    },
  };
}
