/** Owns the colours the time line is painted with, read from the theme's variables, and telling when they change. */
import { HUE_COUNT } from '../../components/serverHue';

export interface TimelineColors {
  readonly text: string;
  readonly dim: string;
  readonly border: string;
  readonly hues: readonly string[];
  readonly gateway: string;
  readonly failed: string;
  readonly running: string;
  readonly focus: string;
  readonly background: string;
  readonly mark: string;
  readonly selection: string;
  /** Shapes need an outline of their own. */
  readonly isHighContrast: boolean;
  readonly font: string;
}

/** Reads colours as the page computes them: a probe resolves `color-mix` and fallbacks the canvas cannot. */
export function readColors(element: HTMLElement): TimelineColors {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const color = (value: string, className = ''): string => {
    probe.className = className;
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const style = getComputedStyle(element);
  const colors: TimelineColors = {
    text: color('var(--vscode-foreground)'),
    dim: color('var(--dim)'),
    border: color('var(--border)'),
    hues: Array.from({ length: HUE_COUNT }, (_, hue) => color('var(--hue)', `hue-${hue}`)),
    gateway: color('var(--dim)'),
    failed: color('var(--failed)'),
    running: color('var(--vscode-progressBar-background)'),
    focus: color('var(--vscode-focusBorder)'),
    background: color('var(--vscode-editor-background)'),
    mark: color('var(--vscode-foreground)'),
    selection: color('var(--vscode-list-inactiveSelectionBackground, transparent)'),
    isHighContrast: document.body.classList.contains('vscode-high-contrast') || document.body.classList.contains('vscode-high-contrast-light'),
    font: `${style.getPropertyValue('--small')} ${style.fontFamily}`,
  };
  probe.remove();
  return colors;
}

/** Calls back when VS Code changes the theme: it rewrites the root's style and the body's classes. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  return () => observer.disconnect();
}
