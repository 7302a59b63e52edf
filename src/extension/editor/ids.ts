/**
 * Owns every id shared with package.json: commands, settings, views, providers. A test holds the two together, so an
 * id is written here and there, and nowhere else.
 */
export const COMMANDS = {
  trafficShow: 'mcpShark.traffic.show',
  routingToggle: 'mcpShark.routing.toggle',
  configOpen: 'mcpShark.config.open',
  logShow: 'mcpShark.log.show',
  storeReveal: 'mcpShark.store.reveal',
  inputsForget: 'mcpShark.inputs.forget',
  authSignIn: 'mcpShark.auth.signIn',
  authSignOut: 'mcpShark.auth.signOut',
  serverApprove: 'mcpShark.server.approve',
  serverRestart: 'mcpShark.server.restart',
  serverStop: 'mcpShark.server.stop',
  serverShowOutput: 'mcpShark.server.showOutput',
  serverOpenConfig: 'mcpShark.server.openConfig',
  doctorRun: 'mcpShark.doctor.run',
  doctorRunAll: 'mcpShark.doctor.runAll',
  definitionShow: 'mcpShark.definition.show',
  definitionCompare: 'mcpShark.definition.compare',
  definitionApprove: 'mcpShark.definition.approve',
  definitionShowCalls: 'mcpShark.definition.showCalls',
  inventoryExport: 'mcpShark.inventory.export',
  setupShow: 'mcpShark.setup.show',
  playgroundOpen: 'mcpShark.playground.open',
  playgroundOpenDefinition: 'mcpShark.playground.openDefinition',
  playgroundRunSaved: 'mcpShark.playground.runSaved',
} as const;

export const SETTINGS = {
  endpointPort: 'mcpShark.endpoint.port',
  endpointMaxBodyMb: 'mcpShark.endpoint.maxBodyMb',
  storeMaxSizeMb: 'mcpShark.store.maxSizeMb',
  storeMaxAgeDays: 'mcpShark.store.maxAgeDays',
  clientDefinitions: 'mcpShark.client.definitions',
  playgroundConfirm: 'mcpShark.playground.confirm',
  policyServers: 'mcpShark.policy.servers',
  policyAllowList: 'mcpShark.policy.allowList',
  policyToolsNew: 'mcpShark.policy.tools.new',
  policyToolsChanged: 'mcpShark.policy.tools.changed',
  policyFindings: 'mcpShark.policy.findings',
  redactionKeys: 'mcpShark.redaction.keys',
  redactionPatterns: 'mcpShark.redaction.patterns',
  redactionOff: 'mcpShark.redaction.off',
} as const;

export const WEBVIEWS = {
  traffic: 'mcpShark.traffic',
  playground: 'mcpShark.playground',
  setup: 'mcpShark.setup',
} as const;

/** Commands that only MCP Shark itself runs: they are not in package.json, and so in no menu. */
export const INTERNAL_COMMANDS = {
  findingFix: 'mcpShark.internal.findingFix',
} as const;

export const VIEWS = {
  container: 'mcpShark',
  servers: 'mcpShark.servers',
} as const;

export const PROVIDERS = {
  gateway: 'mcpShark.gateway',
} as const;

/** Keys of workspaceState and SecretStorage; never shown. */
export const STATE_KEYS = {
  routing: 'routing',
  trafficSettings: 'traffic.settings',
  playgroundPrefix: 'playground.',
  inputPrefix: 'input:',
  inputIndex: 'inputs',
  clientToken: 'clientToken',
} as const;

/** Scheme of the read-only documents that show recorded payloads. */
export const PAYLOAD_SCHEME = 'mcp-shark';
/** Scheme of the read-only files that show media of recorded messages. */
export const CONTENT_SCHEME = 'mcp-shark-content';
/** Scheme of the read-only documents that show results of Playground runs. */
export const RESULT_SCHEME = 'mcp-shark-result';
/** Scheme of the read-only documents that show archived definitions. */
export const DEFINITION_SCHEME = 'mcp-shark-definition';
/** Scheme of the read-only documents that show planned changes of files, and backups. */
export const SETUP_SCHEME = 'mcp-shark-setup';
