/** Owns the words of forms and of the JSON editor, so that they can be localised in one place. */
import { formatCount, plural } from '../format';
import type { JsonReason } from './fieldControl';
import type { Shape, TypeName } from './schemaShape';

export const formStrings = {
  required: 'required',
  notSet: 'Not set',
  yes: 'true',
  no: 'false',
  null: 'null',
  setValue: 'Set a value',
  add: 'Add',
  addItem: 'Add item',
  addMember: 'Add property',
  addMemberName: 'Name of the new property',
  memberTaken: 'There is a property of this name.',
  rename: 'Name of this property',
  moveUp: (place: string): string => `Move item ${place} up`,
  moveDown: (place: string): string => `Move item ${place} down`,
  removeItem: (place: string): string => `Remove item ${place}`,
  remove: (name: string): string => `Remove ${name}`,
  removeField: 'Remove',
  more: (name: string): string => `More for ${name}`,
  whole: 'the whole value',
  editAsJson: 'Edit as JSON',
  editAsForm: 'Edit as form',
  setNull: 'Set to null',
  setEmpty: 'Set to an empty text',
  useDefault: (value: string): string => `Use the default, ${value}`,
  useExample: (value: string): string => `Use the example ${value}`,
  insertNow: 'Set to now',
  insertUuid: 'Set to a new UUID',
  default: (value: string): string => `Default: ${value}`,
  example: (value: string): string => `Such as ${value}`,
  deprecated: 'deprecated',
  readOnly: 'read-only',
  writeOnly: 'write-only',
  variant: (name: string): string => `Kind of ${name}`,
  showMore: (count: number): string => `Show ${formatCount(count)} more`,
  findMembers: (count: number): string => `Find among ${formatCount(count)} properties`,
  noMembers: 'No arguments.',
  noMatch: 'No property matches.',
  items: (count: number): string => plural(count, 'item', 'items'),
  members: (count: number): string => plural(count, 'property', 'properties'),
  empty: 'empty',
  others: (count: number): string => `${plural(count, 'other value is', 'other values are')} kept.`,
  notOffered: (value: string): string => `${value} (not offered)`,
  choose: 'Choose…',
  jsonPlaceholder: 'JSON, such as "text", 12 or {"key": "value"}',
  shiftEnter: 'Shift+Enter: new line',
  reasons: {
    any: 'Any JSON value.',
    mismatch: 'This value is not of the type the schema asks for. It is kept as it is.',
    unseen: 'This text has characters an input cannot show. It is kept as it is.',
    elsewhere: 'The schema refers to a definition that is not part of it.',
    deep: 'Nested too deeply for a form.',
    nothing: 'The schema allows no value here.',
    choices: 'Too many choices for a list.',
  } satisfies Record<JsonReason, string>,
  formats: {
    date: 'YYYY-MM-DD',
    time: '12:30:00Z',
    'date-time': '2026-01-31T12:30:00Z',
    duration: 'P1DT2H',
    email: 'name@example.com',
    uri: 'https://example.com/path',
    'uri-reference': '/path or https://example.com/path',
    uuid: '00000000-0000-4000-8000-000000000000',
    ipv4: '192.0.2.1',
    ipv6: '2001:db8::1',
    hostname: 'example.com',
    'json-pointer': '/path/0',
    regex: '^[a-z]+$',
  } as Readonly<Record<string, string>>,
  types: {
    object: 'object', array: 'list', string: 'text', number: 'number', integer: 'whole number', boolean: 'true or false', null: 'null',
  } satisfies Record<TypeName, string>,
  limits: limitsOf,
  unusable: (why: string): string => `There is no form for this: ${why}. Write the arguments as JSON.`,
  broken: (line: number, column: number, message: string): string => `The JSON breaks at line ${line}, column ${column}: ${message}`,
  showJson: 'Show JSON',

  editor: {
    problems: 'Problems',
    place: (line: number, column: number): string => `${line}:${column}`,
    format: 'Format',
    find: 'Find (Ctrl+F)',
    findLabel: 'Find in the JSON',
  },
} as const;

/** What a value must be, in few words. */
function limitsOf({ limits, format }: Shape): string {
  const words: string[] = [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minLength, maxLength, pattern, minItems, maxItems, uniqueItems } = limits;
  const range = (least: unknown, most: unknown, unit: string): void => {
    if (least !== undefined && most !== undefined) words.push(least === most ? `exactly ${String(least)}${unit}` : `${String(least)} to ${String(most)}${unit}`);
    else if (least !== undefined) words.push(`at least ${String(least)}${unit}`);
    else if (most !== undefined) words.push(`at most ${String(most)}${unit}`);
  };
  range(minimum, maximum, '');
  if (exclusiveMinimum !== undefined) words.push(`more than ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined) words.push(`less than ${exclusiveMaximum}`);
  if (multipleOf !== undefined) words.push(`multiple of ${multipleOf}`);
  range(minLength, maxLength, ' characters');
  range(minItems, maxItems, ' items');
  if (uniqueItems) words.push('no duplicates');
  if (format !== undefined) words.push(format);
  if (pattern !== undefined) words.push(`matches ${pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern}`);
  return words.join(', ');
}
