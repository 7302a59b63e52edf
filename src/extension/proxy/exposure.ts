/** Owns how a server's message leaves for the client of the aggregate: byte for byte but for the URIs and task ids that are mapped. */
import type { Envelope } from '../mcp/envelope';
import type { ResourceTable } from '../mcp/resourceTable';
import { edited, type Frame, type Outgoing } from './frame';
import { exposedTaskEdits } from './taskRewriter';
import type { TaskTable } from './taskTable';
import { exposedUriEdits } from './uriRewriter';

export interface ExposureTables {
  readonly resources: ResourceTable;
  readonly tasks: TaskTable;
}

/** `request`: of an answer, the request it is for. */
export function exposed(
  frame: Frame,
  server: string,
  { resources, tasks }: ExposureTables,
  request?: Envelope,
  cause?: number,
): Outgoing {
  const { bytes, envelope } = frame;
  const uris = exposedUriEdits(bytes, envelope, server, resources);
  const ids = exposedTaskEdits(bytes, envelope, server, tasks, request);
  return edited(frame, [...uris, ...ids], server, cause);
}
