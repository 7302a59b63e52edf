/** Owns starting the small WebAssembly modules that stand in the source as base64. */

/** What of WebAssembly is used here. Its types are those of browsers. */
interface Wasm {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
}

/** What the module exports; `undefined` where there is no WebAssembly, or none that can do what the module needs. */
export function startWasm<Exports>(base64: string): Exports | undefined {
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: Wasm };
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  try {
    if (!wasm?.validate(bytes)) return undefined;
    return new wasm.Instance(new wasm.Module(bytes)).exports as Exports;
  } catch {
    // Not allowed here, or no memory for it.
    return undefined;
  }
}
