/**
 * Owns the one error class of the product. Callers switch on `code`, never on text; `message` says what happened,
 * where, and what to do. `userFacing` errors may be shown as they are; all others are logged and shown in general words.
 */
export type ErrorCode =
  | 'config.invalid'
  | 'config.missing'
  | 'config.unresolvedVariable'
  | 'server.startFailed'
  | 'server.exited'
  | 'server.unreachable'
  | 'server.notAllowed'
  | 'gateway.listenFailed'
  | 'gateway.closed'
  | 'store.unavailable'
  | 'store.corrupt'
  | 'store.newerFormat'
  | 'routing.changed'
  | 'routing.notWritable'
  | 'routing.failed'
  | 'routing.busy'
  | 'routing.ledger'
  | 'query.invalid'
  | 'rpc.closed'
  | 'rpc.unknownMethod'
  | 'rpc.remote'
  | 'cancelled'
  | 'notFound'
  | 'internal';

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly userFacing: boolean;
  /** Structured facts for the log and for tests, for example `{ line: 3, file: '…' }`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; userFacing?: boolean; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.userFacing = options.userFacing ?? true;
    this.details = options.details ?? {};
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return 'Unknown error'; // an object that has no text
  }
}
