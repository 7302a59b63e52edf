/**
 * Owns `npm run gateway`: the same gateway and store without VS Code, for tests and benchmarks. Prints one JSON line
 * `{"url","token","pid"}` to stdout when it serves; everything else goes to stderr. Runs until it is killed;
 * SIGINT, SIGTERM and SIGHUP stop the servers and close the store first.
 */
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { Application } from '../application';
import { createRedactor } from '../capture/redactor';
import { hidingLogger, SecretValues, withSecretValues } from '../capture/secretValues';
import { MAX_BODY_MB, maxBodyBytesOf, MIN_BODY_MB } from '../proxy/bodyLimit';
import { notingSecrets } from '../servers/inputSecrets';
import { createServerRegistry } from '../servers/registry';
import { createResolver } from '../servers/resolver';
import { systemClock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import { environmentInputs, stderrLogger, workspaceFolderOf } from './ports';

const USAGE = 'usage: npm run -s gateway -- --config FILE --store DIR [--token TOKEN] [--port PORT] [--max-body-mb N] [--verbose]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      store: { type: 'string' },
      token: { type: 'string' },
      port: { type: 'string', default: '0' },
      'max-body-mb': { type: 'string', default: '64' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const { config, store } = values;
  const port = Number(values.port);
  if (!config || !store) throw new AppError('config.missing', `--config and --store are needed. ${USAGE}`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AppError('config.invalid', `--port must be a whole number from 0 to 65535. ${USAGE}`);
  }
  const maxBodyMb = Number(values['max-body-mb']);
  if (!(maxBodyMb >= MIN_BODY_MB && maxBodyMb <= MAX_BODY_MB)) {
    throw new AppError('config.invalid', `--max-body-mb must be a number from ${MIN_BODY_MB} to ${MAX_BODY_MB}. ${USAGE}`);
  }

  const secrets = new SecretValues();
  const logger = hidingLogger(stderrLogger(values.verbose), secrets);
  const file = path.resolve(config);
  const folder = workspaceFolderOf(file);
  const registry = createServerRegistry({ files: [file], clock: systemClock, logger });
  const application = new Application({
    storeDir: path.resolve(store),
    distDir: path.resolve(__dirname, '..'),
    version: process.env['npm_package_version'] ?? 'headless',
    clock: systemClock,
    logger,
    randomId: (bytes) => randomBytes(bytes).toString('base64url'),
    registry,
    resolver: createResolver({
      folders: [{ name: path.basename(folder), path: folder }],
      inputs: () => registry.inputs,
      input: notingSecrets(environmentInputs(process.env), (secret) => secrets.add(secret)),
      env: process.env,
      logger,
    }),
    redactor: withSecretValues(createRedactor(), secrets),
    token: values.token ?? randomBytes(32).toString('base64url'),
    port: () => port,
    maxBodyBytes: () => maxBodyBytesOf(maxBodyMb),
    trusted: () => true,
  });

  let ending: Promise<void> | undefined;
  const end = (): Promise<void> =>
    (ending ??= application.close().then(
      () => registry.dispose(),
      (error: unknown) => {
        logger.error(`The gateway did not end cleanly: ${messageOf(error)}`);
        process.exitCode = 1;
      },
    ));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void end().then(() => process.exit()));
  }

  await registry.reload();
  const [problem] = registry.problems;
  if (problem && registry.servers.length === 0) {
    throw new AppError('config.invalid', `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`);
  }
  for (const { file: where, line, message } of registry.problems) logger.warn(`${where}:${line}: ${message}`);
  if (registry.servers.length === 0) throw new AppError('config.missing', `${file} configures no server.`);

  await application.setRouting(true);
  const { gateway } = application.status;
  if (gateway.kind !== 'on') {
    throw new AppError('gateway.listenFailed', gateway.kind === 'failed' ? gateway.message : 'The gateway did not start.');
  }
  const offer = application.offer;
  process.stdout.write(`${JSON.stringify({ url: offer?.url, token: offer?.token, pid: process.pid })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`gateway: ${messageOf(error)}\n`);
  process.exit(1);
});
