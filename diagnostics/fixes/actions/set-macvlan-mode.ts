import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Puts a macvlan interface into mode bridge, in which it meets its siblings. */
export interface SetMacvlanMode {
  readonly kind: 'set-macvlan-mode';
  readonly namespace: NamespaceId;
  readonly dev: string;
}

const set = (dev: string, mode: string): readonly string[] => [
  ...['ip', 'link', 'set', 'dev', dev, 'type', 'macvlan', 'mode', mode],
];

export const setMacvlanMode: ActionKind<SetMacvlanMode> = {
  steps: ({ namespace, dev }, snapshot) => [exec(snapshot, namespace, set(dev, 'bridge'))],
  undo({ namespace, dev }, snapshot) {
    const kind = linkNamed(snapshot, namespace, dev)?.kind;
    return kind?.type === 'macvlan' ? [exec(snapshot, namespace, set(dev, kind.mode))] : [];
  },
  change: ({ namespace, dev }, snapshot) =>
    forgetFailedNeighbours(
      changeLink(
        snapshot,
        namespace,
        ({ name }) => name === dev,
        (link) => (link.kind.type === 'macvlan' ? { ...link, kind: { ...link.kind, mode: 'bridge' } } : link),
      ),
    ),
  text: {
    en: ({ dev }, where) => ({
      title: `Put ${dev} in ${where} into the macvlan mode bridge`,
      permanent: `Make the interface with “mode bridge” from the start (for Docker: the network option macvlan_mode).`,
      sideEffects: [],
      opens: [`${dev} then meets all others on its lower device that are in mode bridge.`],
    }),
    'zh-cn': ({ dev }, where) => ({
      title: `把 ${where} 的 ${dev} 改为 macvlan 的 bridge 模式`,
      permanent: `创建接口时就用 “mode bridge”（Docker：网络选项 macvlan_mode）。`,
      sideEffects: [],
      opens: [`此后 ${dev} 能见到同一下层设备上所有 bridge 模式的接口。`],
    }),
  },
};
