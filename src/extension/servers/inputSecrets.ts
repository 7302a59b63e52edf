/** Owns which values given for `${input:…}` are secrets: those that are asked for as passwords. Whoever keeps texts is told of them. */
import type { InputPort } from './resolver';

/** `note` gets each secret that is handed out, before anybody else has it. */
export function notingSecrets(port: InputPort, note: (secret: string) => void): InputPort {
  return {
    async get(input, server) {
      const value = await port.get(input, server);
      if (value !== undefined && input.type === 'promptString' && input.password === true) note(value);
      return value;
    },
  };
}
