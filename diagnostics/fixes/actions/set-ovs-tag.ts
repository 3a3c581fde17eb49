import type { NamespaceId } from '../../model/ids.ts';
import { vsctl, type OvsPort } from '../../model/openvswitch.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { switchOf } from '../../simulate/link/openvswitch/own-port.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Puts a port of an Open vSwitch bridge into one VLAN; null: it carries all, and none without a tag but the untagged. */
export interface SetOvsTag {
  readonly kind: 'set-ovs-tag';
  readonly namespace: NamespaceId;
  readonly bridge: string;
  readonly port: string;
  readonly tag: number | null;
}

const command = (
  { namespace, bridge, port }: SetOvsTag,
  snapshot: Snapshot,
  { tag, mode }: Pick<OvsPort, 'tag' | 'mode'>,
) => {
  const ovs = switchOf(linkNamed(snapshot, namespace, bridge));
  if (!ovs) return [];
  const words =
    tag === null
      ? ['clear', 'port', port, 'tag', 'vlan_mode']
      : ['set', 'port', port, `tag=${tag}`, `vlan_mode=${mode}`];
  return [exec(snapshot, namespace, vsctl(ovs, words))];
};

const wanted = (tag: number | null): Pick<OvsPort, 'tag' | 'mode'> =>
  tag === null ? { tag, mode: 'trunk' } : { tag, mode: 'access' };

export const setOvsTag: ActionKind<SetOvsTag> = {
  steps: (action, snapshot) => command(action, snapshot, wanted(action.tag)),
  undo(action, snapshot) {
    const before = linkNamed(snapshot, action.namespace, action.port)?.ovs;
    return before ? command(action, snapshot, before) : [];
  },
  change: ({ namespace, port, tag }, snapshot) =>
    forgetFailedNeighbours(
      changeLink(
        snapshot,
        namespace,
        ({ name }) => name === port,
        (link) => (link.ovs ? { ...link, ovs: { ...link.ovs, ...wanted(tag) } } : link),
      ),
    ),
  text: {
    en: ({ bridge, port, tag }, where) => ({
      title:
        tag === null
          ? `Take the tag of the port ${port} of the Open vSwitch bridge ${bridge} in ${where} away`
          : `Put the port ${port} of the Open vSwitch bridge ${bridge} in ${where} into VLAN ${tag}`,
      permanent: null,
      sideEffects: [
        `${port} leaves the VLAN that it was in, and meets everybody in ${tag === null ? 'the untagged one' : `VLAN ${tag}`}.`,
      ],
    }),
    'zh-cn': ({ bridge, port, tag }, where) => ({
      title:
        tag === null
          ? `去掉 ${where} 的 Open vSwitch 网桥 ${bridge} 的端口 ${port} 的标签`
          : `把 ${where} 的 Open vSwitch 网桥 ${bridge} 的端口 ${port} 放进 VLAN ${tag}`,
      permanent: null,
      sideEffects: [
        `${port} 会离开原来的 VLAN，与${tag === null ? '不带标签的网络' : `VLAN ${tag}`}中的所有成员互通。`,
      ],
    }),
  },
};
