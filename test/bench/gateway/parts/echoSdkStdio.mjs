// The SDK's echo server over stdio. Ends with its stdin.
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { sdkServer } from './sdkServer.mjs';

process.stdin.on('end', () => process.exit());
await sdkServer().connect(new StdioServerTransport());
