import type { NamespaceId } from '../../model/ids.ts';
import { known } from '../../model/fact.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours } from '../patch.ts';

/** Lets an interface take part in finding neighbours again (IFF_NOARP). */
export interface ArpOn {
  readonly kind: 'arp-on';
  readonly namespace: NamespaceId;
  readonly dev: string;
}

const command = (dev: string, word: 'on' | 'off'): readonly string[] => [
  ...['ip', 'link', 'set', 'dev', dev],
  ...['arp', word],
];

export const arpOn: ActionKind<ArpOn> = {
  steps: ({ namespace, dev }, snapshot) => [exec(snapshot, namespace, command(dev, 'on'))],
  undo: ({ namespace, dev }, snapshot) => [exec(snapshot, namespace, command(dev, 'off'))],
  // arp_netdev_event(), ndisc_netdev_event(): with the flag goes what the interface knew of its neighbours.
  change: ({ namespace, dev }, snapshot) =>
    forgetFailedNeighbours(
      withFacts(
        changeLink(
          snapshot,
          namespace,
          ({ name }) => name === dev,
          (link) => ({ ...link, flags: link.flags.filter((flag) => flag !== 'NOARP') }),
        ),
        namespace,
        (facts) => ({
          ...facts,
          neighbours:
            facts.neighbours.state === 'known'
              ? known(
                  facts.neighbours.value.filter((entry) => entry.dev !== dev || entry.state === 'permanent'),
                )
              : facts.neighbours,
        }),
      ),
    ),
  text: {
    en: ({ dev }, where) => ({
      title: `Let ${dev} in ${where} answer who asks for its addresses (ARP)`,
      permanent: `Take “arp off” out of the network configuration of ${where} (systemd-networkd: ARP=yes in its .link or .network file, or the script that sets it).`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev }, where) => ({
      title: `让 ${where} 的 ${dev} 应答对其地址的询问（ARP）`,
      permanent: `从 ${where} 的网络配置中去掉“arp off”（systemd-networkd：在 .link 或 .network 文件中设 ARP=yes；或修改设置它的脚本）。`,
      sideEffects: [],
    }),
  },
};
