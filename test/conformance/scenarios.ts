/**
 * Owns the list of what the suite asks of a server at 2025-11-25, in its order: 33 of the 65 server scenarios that
 * 0.2.0-alpha.12 has. Of the others 19 are for 2026-07-28 only (stateless, caching, headers, input required), 13 for
 * extensions (tasks, skills). A test holds this list and the suite's own together, so that an update cannot lose any.
 */
export const SCENARIOS = [
  'server-initialize',
  'server-session-lifecycle',
  'logging-set-level',
  'ping',
  'completion-complete',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-error',
  'tools-call-with-progress',
  'tools-call-sampling',
  'tools-call-elicitation',
  'json-schema-2020-12',
  'elicitation-sep1034-defaults',
  'server-sse-polling',
  'server-sse-multiple-streams',
  'elicitation-sep1330-enums',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'resources-subscribe',
  'resources-unsubscribe',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
  'dns-rebinding-protection',
] as const;

/**
 * Checks that may be a success directly and only INFO through a gateway, which has choices of its own at the HTTP level:
 * when a server closes a call's stream, the client's may stay open, and then there is nothing to resume;
 * an answer that comes alone and at once may be plain JSON, and then there are no streams to read from.
 */
export const MAY_BE_INFO: ReadonlySet<string> = new Set([
  'server-sse-polling:server-sse-disconnect-resume',
  'server-sse-multiple-streams:server-sse-streams-functional',
]);
