import type { Link } from '../../model/link.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn, linksIn } from '../situation.ts';

const listed = ({ vlans = [] }: Link): string =>
  vlans
    .map(({ id, pvid, untagged }) =>
      [id, ...(pvid ? ['PVID'] : []), ...(untagged ? ['untagged'] : [])].join(' '),
    )
    .join(', ') || 'none';

/** Two ports of a VLAN-aware bridge have no VLAN in common by which the frame could pass. */
export const vlanMismatch: CauseKind = {
  id: 'vlan-mismatch',
  lists: ['inVlans', 'outVlans'],
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = situation;
    if (step.kind !== 'bridge' || step.problem !== 'vlan') return null;
    const bridge = linkIn(snapshot, namespace, step.bridge);
    if (bridge?.ovs) return null;
    const inPort = linkIn(snapshot, namespace, step.inPort ?? step.bridge);
    // Without a PVID nothing comes in untagged, whatever the others have.
    const shut = step.outPort === null && inPort?.vlans?.some(({ pvid }) => pvid) !== true;
    const outPort = shut
      ? inPort
      : step.outPort === null
        ? bridge
        : linkIn(snapshot, namespace, step.outPort);
    if (!bridge || !inPort || !outPort) return null;
    const join = (port: Link, like: Link): readonly Remedy[] => {
      const vlan = like.vlans?.find(({ pvid }) => pvid) ?? like.vlans?.[0];
      return vlan
        ? [
            {
              actions: [
                { kind: 'set-port-vlan', namespace, dev: port.name, id: vlan.id, untagged: vlan.untagged },
              ],
            },
          ]
        : [];
    };
    const others = linksIn(snapshot, namespace).filter(
      (link) => link.master === bridge.index && link !== inPort,
    );
    return {
      id: 'vlan-mismatch',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        bridge: bridge.name,
        inPort: inPort.name,
        inVlans: listed(inPort),
        outPort: outPort === inPort ? null : outPort.name,
        outVlans: outPort === inPort ? null : listed(outPort),
      },
      evidence: [inPort, ...(outPort === inPort ? [] : [outPort])].map((port) => ({
        source: readIn(snapshot, namespace, ['bridge', 'vlan', 'show', 'dev', port.name]),
        text: `${port.name}: ${listed(port)}`,
      })),
      remedies:
        outPort === inPort
          ? others.flatMap((other) => join(inPort, other))
          : [...join(outPort, inPort), ...join(inPort, outPort)],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('outPort') === ''
          ? `The port ${p('inPort')} of the bridge ${p('bridge')} in ${p('namespace')} is in no VLAN for this frame`
          : `The ports ${p('inPort')} and ${p('outPort')} of the bridge ${p('bridge')} in ${p('namespace')} are in different VLANs`,
      explanation: (p) =>
        `A bridge that looks at VLANs is several bridges in one: a frame belongs to the VLAN of its tag, or without one to the PVID of the port it came by, and leaves only by ports of the same VLAN. ${p('inPort')} has: ${p('inVlans')}.${p('outPort') === '' ? '' : ` ${p('outPort')} has: ${p('outVlans')}.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('outPort') === ''
          ? `${p('namespace')} 的网桥 ${p('bridge')} 的端口 ${p('inPort')} 没有适合这个帧的 VLAN`
          : `${p('namespace')} 的网桥 ${p('bridge')} 的端口 ${p('inPort')} 和 ${p('outPort')} 在不同的 VLAN 里`,
      explanation: (p) =>
        `区分 VLAN 的网桥相当于几个网桥合在一起：帧属于标签所写的 VLAN，没有标签就属于进来端口的 PVID，并且只能从同一 VLAN 的端口出去。${p('inPort')} 的 VLAN：${p('inVlans')}。${p('outPort') === '' ? '' : `${p('outPort')} 的 VLAN：${p('outVlans')}。`}`,
    },
  },
};
