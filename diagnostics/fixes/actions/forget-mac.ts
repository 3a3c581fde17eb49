import type { NamespaceId } from '../../model/ids.ts';
import type { FdbEntry } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeFdb } from '../patch.ts';

/**
 * Makes a bridge forget where a hardware address is, so that it learns it anew. Of what it learned itself, everything behind the
 * port: a single entry may be gone, or behind another port, by the time it is to be deleted.
 */
export interface ForgetMac {
  readonly kind: 'forget-mac';
  readonly namespace: NamespaceId;
  readonly bridge: string;
  readonly port: string;
  readonly mac: string;
  readonly state: FdbEntry['state'];
}

export const forgetMac: ActionKind<ForgetMac> = {
  steps: ({ namespace, port, mac, state }, snapshot) => [
    exec(
      snapshot,
      namespace,
      state === 'learned'
        ? ['ip', 'link', 'set', 'dev', port, 'type', 'bridge_slave', 'fdb_flush']
        : ['bridge', 'fdb', 'del', mac, 'dev', port, 'master'],
    ),
  ],
  undo({ namespace, port, mac, state }, snapshot) {
    if (state === 'learned') return [];
    const word = state === 'permanent' ? 'permanent' : 'static';
    return [exec(snapshot, namespace, ['bridge', 'fdb', 'replace', mac, 'dev', port, 'master', word])];
  },
  change: ({ namespace, bridge, port, mac, state }, snapshot) =>
    changeFdb(snapshot, namespace, (fdb) =>
      fdb.filter(
        (entry) =>
          entry.dev !== port ||
          entry.master !== bridge ||
          (state === 'learned' ? entry.state !== 'learned' : entry.mac !== mac),
      ),
    ),
  text: {
    en: ({ bridge, port, mac }, where) => ({
      title: `Let the bridge ${bridge} of ${where} forget that ${mac} is behind ${port}`,
      permanent: `Where a script or configuration of ${where} writes the entry, correct it there.`,
      sideEffects: [],
    }),
    'zh-cn': ({ bridge, port, mac }, where) => ({
      title: `让 ${where} 的网桥 ${bridge} 忘掉 “${mac} 在 ${port} 后面” 的条目`,
      permanent: `如果条目由 ${where} 的脚本或配置写入，请在那里改正。`,
      sideEffects: [],
    }),
  },
};
