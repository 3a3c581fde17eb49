import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours } from '../patch.ts';

/** Lets a macvlan interface of mode source hear one more sender. */
export interface AllowSource {
  readonly kind: 'allow-source';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly mac: string;
}

const set = (dev: string, word: 'add' | 'del', mac: string): readonly string[] => [
  ...['ip', 'link', 'set', 'dev', dev, 'type', 'macvlan', 'macaddr', word, mac],
];

export const allowSource: ActionKind<AllowSource> = {
  steps: ({ namespace, dev, mac }, snapshot) => [exec(snapshot, namespace, set(dev, 'add', mac))],
  undo: ({ namespace, dev, mac }, snapshot) => [exec(snapshot, namespace, set(dev, 'del', mac))],
  change: ({ namespace, dev, mac }, snapshot) =>
    forgetFailedNeighbours(
      changeLink(
        snapshot,
        namespace,
        ({ name }) => name === dev,
        (link) =>
          link.kind.type === 'macvlan'
            ? { ...link, kind: { ...link.kind, sources: [...(link.kind.sources ?? []), mac] } }
            : link,
      ),
    ),
  text: {
    en: ({ dev, mac }, where) => ({
      title: `Let ${dev} in ${where} listen to ${mac} too`,
      permanent: `Add the address to whatever makes ${dev}.`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, mac }, where) => ({
      title: `让 ${where} 的 ${dev} 也接收来自 ${mac} 的帧`,
      permanent: `在创建 ${dev} 的配置中加上这个地址。`,
      sideEffects: [],
    }),
  },
};
