import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { bridgeFollows, withMac } from '../bridge-follows.ts';
import { linkNamed } from '../patch.ts';

/** Gives an interface another hardware address. */
export interface SetMac {
  readonly kind: 'set-mac';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly mac: string;
}

const set = (dev: string, mac: string): readonly string[] => [
  'ip',
  'link',
  'set',
  'dev',
  dev,
  'address',
  mac,
];

export const setMac: ActionKind<SetMac> = {
  steps: ({ namespace, dev, mac }, snapshot) => [exec(snapshot, namespace, set(dev, mac))],
  undo({ namespace, dev }, snapshot) {
    const old = linkNamed(snapshot, namespace, dev)?.mac;
    return old ? [exec(snapshot, namespace, set(dev, old))] : [];
  },
  change({ namespace, dev, mac }, snapshot) {
    const link = linkNamed(snapshot, namespace, dev);
    return link
      ? bridgeFollows(withMac(snapshot, namespace, link, mac), snapshot, namespace, link.master)
      : snapshot;
  },
  text: {
    en: ({ dev, mac }, where) => ({
      title: `Give ${dev} in ${where} a hardware address of its own, ${mac}`,
      permanent: `Where the address comes from (a cloned image, a script, the configuration of ${where}), let it be made anew.`,
      sideEffects: [`Neighbours that know ${dev} by its old hardware address need a moment to ask again.`],
    }),
    'zh-cn': ({ dev, mac }, where) => ({
      title: `给 ${where} 的 ${dev} 换上自己的硬件地址 ${mac}`,
      permanent: `在地址的来源处（克隆的镜像、脚本、${where} 的配置）让它重新生成。`,
      sideEffects: [`按旧硬件地址认识 ${dev} 的邻居需要片刻才会重新询问。`],
    }),
  },
};
