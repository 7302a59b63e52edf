/** Owns the text a new `.vscode/mcp-shark.json` starts with: valid as it is, configures nothing yet, explains itself. */
export const EXAMPLE_CONFIG = `{
  // MCP Shark starts these servers and shows their traffic ("MCP Shark: Show Traffic").
  // Same schema as VS Code's .vscode/mcp.json: entries can be moved here as they are.
  "servers": {
    // A program on this machine, spoken to over stdin and stdout:
    // "everything": {
    //   "command": "npx",
    //   "args": ["-y", "@modelcontextprotocol/server-everything@2026.8.31"],
    //   "env": { "LOG_LEVEL": "info" }
    // },

    // A server on the network. The token is asked for once and kept in VS Code's secret storage:
    // "github": {
    //   "url": "https://api.githubcopilot.com/mcp/",
    //   "headers": { "Authorization": "Bearer \${input:github-token}" }
    // }
  },
  "inputs": [
    // { "type": "promptString", "id": "github-token", "description": "GitHub token", "password": true }
  ]
}
`;
