import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { familyOf } from '../../model/ip.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';

/** Lets a router answer for an address that is behind another of its interfaces (`proxy` of ip-neighbour(8)). */
export interface AddProxyNeighbour {
  readonly kind: 'add-proxy-neighbour';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly address: string;
}

const written = (
  verb: 'add' | 'del',
  { dev, address }: Pick<AddProxyNeighbour, 'dev' | 'address'>,
): readonly string[] => ['ip', 'neighbour', verb, 'proxy', address, 'dev', dev];

const lastingEn = ({ address, dev }: AddProxyNeighbour): string =>
  familyOf(address) === 6
    ? `ndppd, or a script of ${dev} (such as “up” in /etc/network/interfaces), writes it at each start; systemd-networkd: IPv6ProxyNDPAddress=${address}.`
    : `A script of ${dev} (such as “up” in /etc/network/interfaces) writes it at each start.`;

const lastingZh = ({ address, dev }: AddProxyNeighbour): string =>
  familyOf(address) === 6
    ? `由 ndppd 或 ${dev} 的脚本（例如 /etc/network/interfaces 里的“up”）在每次启动时写入；systemd-networkd 用 IPv6ProxyNDPAddress=${address}。`
    : `由 ${dev} 的脚本（例如 /etc/network/interfaces 里的“up”）在每次启动时写入。`;

export const addProxyNeighbour: ActionKind<AddProxyNeighbour> = {
  steps: (action, snapshot) => [exec(snapshot, action.namespace, written('add', action))],
  undo: (action, snapshot) => [exec(snapshot, action.namespace, written('del', action))],
  change: ({ namespace, dev, address }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      neighbours:
        facts.neighbours.state === 'known'
          ? known([...facts.neighbours.value, { address, dev, state: 'none', proxy: true }])
          : facts.neighbours,
    })),
  text: {
    en: (action, where) => ({
      title: `Let ${where} answer for ${action.address} on ${action.dev}`,
      permanent: lastingEn(action),
      sideEffects: [],
    }),
    'zh-cn': (action, where) => ({
      title: `让 ${where} 在 ${action.dev} 上代为应答 ${action.address}`,
      permanent: lastingZh(action),
      sideEffects: [],
    }),
  },
};
