/** Owns what all checks of a webview's questions share: a webview can send anything. Throws `query.invalid` with what is wrong. */
import { AppError } from '../util/errors';

export function invalid(message: string): AppError {
  return new AppError('query.invalid', message);
}

export function checkedText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw invalid(`${what} must be text.`);
  return value;
}
