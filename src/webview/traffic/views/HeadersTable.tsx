/** Owns the HTTP headers a message came with, as a table; what was hidden when it was recorded is marked. */
import type { VNode } from 'preact';
import { visibleLine } from '../../components/visibleText';
import { detailStrings } from './detailStrings';

const words = detailStrings.body;
const MAX_VALUE = 4_000;

export function HeadersTable({ headers, label }: { readonly headers: Readonly<Record<string, string>>; readonly label: string }): VNode {
  const entries = Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <div class="headers" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.header}</th>
            <th scope="col">{words.value}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <bdi>{visibleLine(name)}</bdi>
              </th>
              <td>
                <bdi>{visibleLine(value.slice(0, MAX_VALUE))}</bdi>
                {/\[redacted:[^\]]*\]/.test(value) && <span class="header-note">{words.redacted}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
