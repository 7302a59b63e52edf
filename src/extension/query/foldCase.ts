/**
 * Owns what "in any case" means in filters: A to Z and nothing else, as SQLite compares, so that the predicate, the SQL
 * compiler and the regex engine agree on every text.
 */

/** The text with A to Z in lower case. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}
