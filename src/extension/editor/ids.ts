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
} as const;

export const SETTINGS = {
  endpointPort: 'mcpShark.endpoint.port',
  storeMaxSizeMb: 'mcpShark.store.maxSizeMb',
  storeMaxAgeDays: 'mcpShark.store.maxAgeDays',
  clientDefinitions: 'mcpShark.client.definitions',
} as const;

export const WEBVIEWS = {
  traffic: 'mcpShark.traffic',
} as const;

export const PROVIDERS = {
  gateway: 'mcpShark.gateway',
} as const;

/** Keys of workspaceState and SecretStorage; never shown. */
export const STATE_KEYS = {
  routing: 'routing',
  trafficSettings: 'traffic.settings',
  inputPrefix: 'input:',
  inputIndex: 'inputs',
} as const;

/** Scheme of the read-only documents that show recorded payloads. */
export const PAYLOAD_SCHEME = 'mcp-shark';
