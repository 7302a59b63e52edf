/**
 * Owns the only call of `acquireVsCodeApi` (VS Code allows one per page). Everything else that talks to VS Code is
 * given a `VsCodeApi`, so that tests and the development page can bring their own.
 */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): unknown;
}

declare function acquireVsCodeApi(): VsCodeApi;

let api: VsCodeApi | undefined;

export function vsCodeApi(): VsCodeApi {
  api ??= acquireVsCodeApi();
  return api;
}
