/** Owns the log messages of one server (`notifications/message`): the latest ones, each cut to a readable size. */
import { LOG_LEVELS, type LogLevel, type LogMessage } from '../contract/playgroundRuns';
import { memberString, memberText } from './jsonText';

const MAX_MESSAGES = 1_000;
const MAX_TEXT = 10_000;
const MAX_LOGGER = 200;

export class ServerLogs {
  #messages: LogMessage[] = [];
  #count = 0;

  /** Messages ever received. */
  get count(): number {
    return this.#count;
  }

  /** Takes the params of a `notifications/message`. */
  add(params: string, timeMs: number, run: string | undefined): LogMessage {
    const level = memberString(params, 'level');
    const logger = memberString(params, 'logger')?.slice(0, MAX_LOGGER);
    const data = memberString(params, 'data') ?? memberText(params, 'data') ?? '';
    const message: LogMessage = {
      number: ++this.#count,
      timeMs,
      level: isLogLevel(level) ? level : 'info',
      ...(logger === undefined ? {} : { logger }),
      text: data.slice(0, MAX_TEXT),
      ...(run === undefined ? {} : { run }),
    };
    this.#messages.push(message);
    // Cut in one go now and then: a flood must not move a thousand messages for each of its own.
    if (this.#messages.length >= 2 * MAX_MESSAGES) this.#messages = this.#messages.slice(-MAX_MESSAGES);
    return message;
  }

  /** Messages after number `after`, oldest first. */
  after(after: number): readonly LogMessage[] {
    return this.#messages.filter(({ number }) => number > after).slice(-MAX_MESSAGES);
  }
}

export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.includes(value as LogLevel);
}
