import type { NamespaceId } from '../../model/ids.ts';
import { known } from '../../model/fact.ts';
import type { Link, LinkKind } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Lets the ipvlan interfaces on a device hand packets to each other: the flag is that of all of them. */
export interface SetIpvlanBridge {
  readonly kind: 'set-ipvlan-bridge';
  readonly namespace: NamespaceId;
  /** One of them. */
  readonly dev: string;
}

type Ipvlan = Extract<LinkKind, { type: 'ipvlan' }>;

const set = (dev: string, { mode }: Ipvlan, flag: string): readonly string[] => [
  ...['ip', 'link', 'set', 'dev', dev, 'type', 'ipvlan', 'mode', mode, flag],
];

const kindOf = (snapshot: Snapshot, { namespace, dev }: SetIpvlanBridge): Ipvlan | null => {
  const kind = linkNamed(snapshot, namespace, dev)?.kind;
  return kind?.type === 'ipvlan' ? kind : null;
};

export const setIpvlanBridge: ActionKind<SetIpvlanBridge> = {
  steps(action, snapshot) {
    const kind = kindOf(snapshot, action);
    return kind ? [exec(snapshot, action.namespace, set(action.dev, kind, 'bridge'))] : [];
  },
  undo(action, snapshot) {
    const kind = kindOf(snapshot, action);
    return kind ? [exec(snapshot, action.namespace, set(action.dev, kind, kind.flag ?? 'bridge'))] : [];
  },
  change({ namespace, dev }, snapshot) {
    const peer = linkNamed(snapshot, namespace, dev)?.peer;
    const onIt = (link: Link): boolean =>
      link.kind.type === 'ipvlan' &&
      link.peer?.namespace === peer?.namespace &&
      link.peer?.index === peer?.index;
    return forgetFailedNeighbours({
      ...snapshot,
      namespaces: snapshot.namespaces.map((one) => {
        const { links } = one.facts;
        if (links.state !== 'known' || !links.value.some(onIt)) return one;
        return {
          ...one,
          facts: {
            ...one.facts,
            links: known(links.value.map((link) => (onIt(link) ? bridged(link) : link))),
          },
        };
      }),
    });
  },
  text: {
    en: ({ dev }, where) => ({
      title: `Let the ipvlan interfaces on the device below ${dev} of ${where} reach each other (flag bridge)`,
      permanent: `Give them the flag bridge where they are created (Docker: docker network create -d ipvlan -o ipvlan_flag=bridge).`,
      sideEffects: [],
      opens: [`All ipvlan interfaces on that device reach each other then, not only these two.`],
    }),
    'zh-cn': ({ dev }, where) => ({
      title: `让 ${where} 的 ${dev} 的下层设备上的 ipvlan 接口可以互相到达（bridge 标志）`,
      permanent: `在创建它们的地方使用 bridge 标志（Docker：docker network create -d ipvlan -o ipvlan_flag=bridge）。`,
      sideEffects: [],
      opens: [`此后该设备上的所有 ipvlan 接口都能互相到达，而不只是这两个。`],
    }),
  },
};

const bridged = (link: Link): Link =>
  link.kind.type === 'ipvlan'
    ? {
        ...link,
        kind: { type: 'ipvlan', mode: link.kind.mode, ...(link.kind.tap ? { tap: true } : {}) },
      }
    : link;
