/** Owns the small buttons of rows, and links to places in files. */
import type { ComponentChildren, VNode } from 'preact';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';

export interface TextButtonProps {
  readonly children: ComponentChildren;
  readonly onPress: () => void;
  readonly primary?: boolean;
  /** Where the text alone does not say what it is about. */
  readonly label?: string;
  readonly title?: string;
  readonly disabled?: boolean;
}

export function TextButton({ children, onPress, primary, label, title, disabled }: TextButtonProps): VNode {
  return (
    <button type="button" class={primary ? 'text-button small primary' : 'text-button small'} aria-label={label} title={title ?? label} disabled={disabled} onClick={onPress}>
      {children}
    </button>
  );
}

export interface FileLinkProps {
  readonly model: SetupModel;
  readonly file: string;
  readonly line: number;
  readonly label: string;
}

export function FileLink({ model, file, line, label }: FileLinkProps): VNode {
  const place = strings.fileLine(visibleLine(label), line);
  return (
    <button type="button" class="link-button file-link" title={strings.open(visibleLine(file))} onClick={() => void model.act(`open ${file}`, () => model.host.api.openFile(file, line))}>
      {place}
    </button>
  );
}
