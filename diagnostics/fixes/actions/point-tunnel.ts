import { absent, valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { FdbEntry } from '../../model/route.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeFdb, factsOf, forgetFailedNeighbours } from '../patch.ts';

/** Tells a vxlan interface where a hardware address is, or (00:00:00:00:00:00) whatever it does not know. */
export interface PointTunnel {
  readonly kind: 'point-tunnel';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly mac: string;
  /** The remote that was there; null: none was. */
  readonly before: string | null;
  readonly remote: string;
}

const NOBODY = '00:00:00:00:00:00';

/** One remote in place of another; an entry for everything may have others beside it, which stay. */
const write = (
  { mac, dev }: PointTunnel,
  from: Target | null,
  to: Target | null,
): readonly (readonly string[])[] => {
  const entry = (word: string, { remote, via }: Target): readonly string[] => [
    ...['bridge', 'fdb', word, mac, 'dev', dev, 'dst', remote],
    ...(via === undefined ? [] : ['via', via]),
  ];
  return [...(from === null ? [] : [entry('del', from)]), ...(to === null ? [] : [entry('append', to)])];
};

/** Where an entry leads, and the device that it is bound to. */
interface Target {
  readonly remote: string;
  readonly via?: string;
}

const isOld =
  ({ dev, mac, before }: PointTunnel) =>
  (entry: FdbEntry): boolean =>
    entry.dev === dev && entry.mac === mac && entry.remote === before;

/** As it was: only so does the kernel find it (vxlan_fdb_find_rdst()). */
const old = (action: PointTunnel, snapshot: Snapshot): Target | null => {
  if (action.before === null) return null;
  const via = valueOr(factsOf(snapshot, action.namespace)?.fdb ?? absent, []).find(isOld(action))?.remoteDev;
  return { remote: action.before, ...(via === undefined ? {} : { via }) };
};

export const pointTunnel: ActionKind<PointTunnel> = {
  steps: (action, snapshot) =>
    write(action, old(action, snapshot), { remote: action.remote }).map((argv) =>
      exec(snapshot, action.namespace, argv),
    ),
  undo: (action, snapshot) =>
    write(action, { remote: action.remote }, old(action, snapshot)).map((argv) =>
      exec(snapshot, action.namespace, argv),
    ),
  change(action, snapshot) {
    const { namespace, dev, mac, remote } = action;
    const replaced = isOld(action);
    return forgetFailedNeighbours(
      changeFdb(snapshot, namespace, (fdb) => [
        ...fdb.filter((entry) => !replaced(entry)),
        { mac, dev, remote, state: 'permanent' },
      ]),
    );
  },
  text: {
    en: ({ dev, mac, remote }, where) => ({
      title:
        mac === NOBODY
          ? `Let the tunnel ${dev} of ${where} send to ${remote}`
          : `Tell the tunnel ${dev} of ${where} that ${mac} is behind ${remote}`,
      permanent: `Correct it where ${dev} is configured, or in the program that writes its entries (flannel, Docker, a script).`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, mac, remote }, where) => ({
      title:
        mac === NOBODY
          ? `让 ${where} 的隧道 ${dev} 发往 ${remote}`
          : `告诉 ${where} 的隧道 ${dev}：${mac} 在 ${remote} 那边`,
      permanent: `在配置 ${dev} 的地方，或写入这些条目的程序（flannel、Docker、脚本）里改正。`,
      sideEffects: [],
    }),
  },
};
