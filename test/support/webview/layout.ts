/** Owns pretending to have a layout where there is none (happy-dom): every element is as large as the test says. */
export function giveSize(width: number, height: number): () => void {
  const proto = HTMLElement.prototype;
  const before = ['clientWidth', 'clientHeight'].map((name) => [name, Object.getOwnPropertyDescriptor(proto, name)] as const);
  Object.defineProperty(proto, 'clientWidth', { configurable: true, get: () => width });
  Object.defineProperty(proto, 'clientHeight', { configurable: true, get: () => height });
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(proto, name, descriptor);
      else Reflect.deleteProperty(proto, name);
    }
  };
}
