/** One line of /proc/PID/uid_map: `length` ids from `inside` on are those from `outside` on. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly length: number;
}

/**
 * How the ids of a sandbox stand for ids of the machine. `kernel`: we may write the map ourselves (root).
 * `helpers`: newuidmap and newgidmap write it for an ordinary user. `single`: only the user's own id; enough for namespaces
 * and firewalls, not for a container engine, whose images hold files of several users.
 */
export interface IdMap {
  readonly by: 'kernel' | 'helpers' | 'single';
  readonly users: readonly IdRange[];
  readonly groups: readonly IdRange[];
}

const IDS_OF_A_SANDBOX = 65536;
const FIRST_SHIFTED = 100000;

/** The ranges of one user in /etc/subuid or /etc/subgid (subuid(5)): `name-or-id:start:count`. */
export function subordinateRanges(
  file: string,
  user: { readonly name: string; readonly id: number },
): readonly { readonly start: number; readonly count: number }[] {
  return file.split('\n').flatMap((line) => {
    const [owner, start, count] = line.trim().split(':');
    if (owner !== user.name && owner !== String(user.id)) return [];
    const range = { start: Number(start), count: Number(count) };
    return Number.isSafeInteger(range.start) && range.count > 0 ? [range] : [];
  });
}

/** /proc/self/uid_map as text: the ids that exist for us. */
export const parseIdMap = (text: string): readonly IdRange[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [inside = 0, outside = 0, length = 0] = line.trim().split(/\s+/).map(Number);
      return { inside, outside, length };
    });

/**
 * The map for root: shifted, so that root in a sandbox is nobody on the machine. Where we are ourselves in a user namespace
 * with too few ids, it shifts by one: root in it is at least not the root that started it. null: root is our only id.
 */
export function rangeForRoot(ours: readonly IdRange[]): IdRange | null {
  const end = Math.max(...ours.map((range) => range.inside + range.length));
  if (end < 2) return null;
  return end >= FIRST_SHIFTED + IDS_OF_A_SANDBOX
    ? { inside: 0, outside: FIRST_SHIFTED, length: IDS_OF_A_SANDBOX }
    : { inside: 0, outside: 1, length: Math.min(IDS_OF_A_SANDBOX, end - 1) };
}

/** The map for an ordinary user: root in the sandbox is the user, the other ids are the user's subordinate ones. */
export function rangesForUser(
  id: number,
  subordinate: readonly { readonly start: number; readonly count: number }[],
): readonly IdRange[] {
  const ranges: IdRange[] = [{ inside: 0, outside: id, length: 1 }];
  let next = 1;
  for (const { start, count } of subordinate) {
    const length = Math.min(count, IDS_OF_A_SANDBOX - next);
    if (length <= 0) break;
    ranges.push({ inside: next, outside: start, length });
    next += length;
  }
  return ranges;
}
