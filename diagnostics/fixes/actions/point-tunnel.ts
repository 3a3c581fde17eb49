import type { NamespaceId } from '../../model/ids.ts';
import type { FdbEntry } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeFdb, forgetFailedNeighbours } from '../patch.ts';

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
  from: string | null,
  to: string | null,
): readonly (readonly string[])[] => {
  const entry = (word: string, remote: string): readonly string[] => [
    ...['bridge', 'fdb', word, mac, 'dev', dev, 'dst', remote],
  ];
  return [...(from === null ? [] : [entry('del', from)]), ...(to === null ? [] : [entry('append', to)])];
};

export const pointTunnel: ActionKind<PointTunnel> = {
  steps: (action, snapshot) =>
    write(action, action.before, action.remote).map((argv) => exec(snapshot, action.namespace, argv)),
  undo: (action, snapshot) =>
    write(action, action.remote, action.before).map((argv) => exec(snapshot, action.namespace, argv)),
  change({ namespace, dev, mac, before, remote }, snapshot) {
    const isOld = (entry: FdbEntry): boolean =>
      entry.dev === dev && entry.mac === mac && entry.remote === before;
    return forgetFailedNeighbours(
      changeFdb(snapshot, namespace, (fdb) => [
        ...fdb.filter((entry) => !isOld(entry)),
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
