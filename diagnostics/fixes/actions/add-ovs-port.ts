import type { NamespaceId } from '../../model/ids.ts';
import { vsctl } from '../../model/openvswitch.ts';
import { switchOf } from '../../simulate/link/openvswitch/own-port.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Makes an interface a port of an Open vSwitch bridge. */
export interface AddOvsPort {
  readonly kind: 'add-ovs-port';
  readonly namespace: NamespaceId;
  readonly bridge: string;
  readonly port: string;
  /** The VLAN that it is put into; null: it carries all. */
  readonly tag: number | null;
}

export const addOvsPort: ActionKind<AddOvsPort> = {
  steps({ namespace, bridge, port, tag }, snapshot) {
    const ovs = switchOf(linkNamed(snapshot, namespace, bridge));
    const words = ['add-port', bridge, port, ...(tag === null ? [] : [`tag=${tag}`])];
    return ovs ? [exec(snapshot, namespace, vsctl(ovs, words))] : [];
  },
  undo({ namespace, bridge, port }, snapshot) {
    const ovs = switchOf(linkNamed(snapshot, namespace, bridge));
    return ovs ? [exec(snapshot, namespace, vsctl(ovs, ['del-port', bridge, port]))] : [];
  },
  change({ namespace, bridge, port, tag }, snapshot) {
    const master = linkNamed(snapshot, namespace, bridge);
    if (!master) return snapshot;
    return forgetFailedNeighbours(
      changeLink(
        snapshot,
        namespace,
        ({ name }) => name === port,
        (link) => ({
          ...link,
          master: master.index,
          promiscuous: true,
          // Which number it gets is the daemon's choice.
          ovs: { role: 'system', number: null, mode: tag === null ? 'trunk' : 'access', tag, trunks: [] },
        }),
      ),
    );
  },
  text: {
    en: ({ bridge, port, tag }, where) => ({
      title: `Make ${port} a port of the Open vSwitch bridge ${bridge} in ${where}${tag === null ? '' : `, in VLAN ${tag}`}`,
      permanent: `Open vSwitch remembers its ports: where ${port} is made anew each time, put the same command into the script that makes it.`,
      sideEffects: [],
      opens: [`Frames of the other ports of ${bridge} reach ${port} too.`],
    }),
    'zh-cn': ({ bridge, port, tag }, where) => ({
      title: `在 ${where} 中把 ${port} 加为 Open vSwitch 网桥 ${bridge} 的端口${tag === null ? '' : `，放进 VLAN ${tag}`}`,
      permanent: `Open vSwitch 会记住自己的端口：如果 ${port} 每次都重新创建，请把同一条命令写进创建它的脚本。`,
      sideEffects: [],
      opens: [`${bridge} 其他端口的帧也会到达 ${port}。`],
    }),
  },
};
