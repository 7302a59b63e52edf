/**
 * Owns telling who is left of a process group whose leader is gone. A system gives a group's number away only once all of the
 * group has ended. So what is left is ours where it was started no earlier than the leader, in the leader's own session (which
 * only a process with the leader's number can have begun), by this user, and where no process has the leader's number by
 * now: where any of this does not hold, nothing is taken for ours.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** One process as the system lists it. */
export interface ListedProcess {
  readonly pid: number;
  readonly group: number;
  /** `undefined` where the system does not tell. */
  readonly session: number | undefined;
  readonly user: number | undefined;
  /** When it was started; to be compared within one list, and with `startOf` of an identity of the same system. */
  readonly started: number;
}

/** What differs between systems; tests put another one in its place. */
export interface ProcessTable {
  /** All processes that run; zombies are none. `undefined`: they cannot be told. */
  list(): Promise<readonly ListedProcess[] | undefined>;
  /** The start that an identity of `processIdentity` stands for; `undefined` where it is of another boot, or unreadable. */
  startOf(identity: string): Promise<number | undefined>;
  /** This user; `undefined` where there are none. */
  readonly user: number | undefined;
}

/** The ids of what is left of the group that the process `pid` of this identity has led and left; sorted. */
export async function orphansOf(pid: number, identity: string, table: ProcessTable | undefined = thisTable): Promise<number[]> {
  const [start, processes] = await Promise.all([table?.startOf(identity), table?.list()]);
  if (start === undefined || !processes || processes.some((one) => one.pid === pid)) return [];
  const members = processes.filter(({ group }) => group === pid);
  // One that cannot be ours says that the number is somebody else's now, and so may be the others.
  const areOurs = members.every(
    ({ started, session, user }) => started >= start && (session === undefined || session === pid) && user === table?.user,
  );
  return areOurs ? members.map((one) => one.pid).toSorted((a, b) => a - b) : [];
}

/** Fields of `/proc/<pid>/stat` after the name, which may hold anything: state, parent, group, session; the 20th is the start in ticks. */
export async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** What tells this run of a Linux system from others, whose ticks mean nothing here. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
}

const linux: ProcessTable = {
  user: process.getuid?.(),
  async list() {
    const names = await readdir('/proc').catch(() => undefined);
    if (!names) return undefined;
    const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => linuxProcess(Number(name))));
    return found.filter((one) => one !== undefined);
  },
  async startOf(identity) {
    const match = /^(\S+) (\d+)$/.exec(identity);
    const boot = await bootId().catch(() => undefined);
    return match && match[1] === boot ? Number(match[2]) : undefined;
  },
};

async function linuxProcess(pid: number): Promise<ListedProcess | undefined> {
  try {
    const [fields, status] = await Promise.all([statOf(pid), readFile(`/proc/${pid}/status`, 'latin1')]);
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    // The second of four: the effective user.
    const user = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
    return { pid, group: Number(fields[2]), session: Number(fields[3]), user: user === undefined ? undefined : Number(user), started: Number(fields[19]) };
  } catch {
    // Gone meanwhile.
    return undefined;
  }
}

/** `ps` of macOS and the BSDs tells no session number that could be compared, and starts in whole seconds. */
const bsd: ProcessTable = {
  user: process.getuid?.(),
  list: () =>
    new Promise((resolve) => {
      execFile('ps', ['-axo', 'pid=,pgid=,uid=,stat=,lstart='], { maxBuffer: 16 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) =>
        resolve(error ? undefined : readPs(stdout)),
      );
    }),
  startOf(identity) {
    const start = Date.parse(identity);
    return Promise.resolve(Number.isNaN(start) ? undefined : start);
  },
};

/** Lines of `ps -o pid=,pgid=,uid=,stat=,lstart=`. */
export function readPs(text: string): ListedProcess[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
    const started = match ? Date.parse(match[5]!) : Number.NaN;
    if (!match || Number.isNaN(started) || match[4]!.startsWith('Z')) return [];
    return [{ pid: Number(match[1]), group: Number(match[2]), session: undefined, user: Number(match[3]), started }];
  });
}

const thisTable = process.platform === 'linux' ? linux : process.platform === 'win32' ? undefined : bsd;
