// Owns what the command lines of the benchmarks have in common, and reading their values. What is thrown is a sentence for the user.

/** For `parseArgs`: what every benchmark takes. `out` is where the JSON goes unless it is told. */
export const commonOptions = (out) => ({
  quick: { type: 'boolean', default: false },
  out: { type: 'string', default: out },
  strict: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** Digits may be grouped by commas or underscores. */
export function wholeNumber(text, what, least, most) {
  const value = Number(String(text).replaceAll(/[,_]/g, ''));
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${what} is a whole number from ${least} to ${most}, not ${text}`);
}

/** `allowed` has what is allowed as its keys. */
export function oneOf(value, allowed, what) {
  if (Object.hasOwn(allowed, value)) return value;
  throw new Error(`${what} is one of ${Object.keys(allowed).join(', ')}, not ${value}`);
}
