import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { ofctl } from '../../model/openvswitch.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { switchOf } from '../../simulate/link/openvswitch/own-port.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Takes one flow out of an Open vSwitch bridge, or adds one. */
export interface ChangeFlow {
  readonly kind: 'change-flow';
  readonly namespace: NamespaceId;
  readonly bridge: string;
  readonly verb: 'add' | 'delete';
  /** As `ovs-ofctl dump-flows` prints it. */
  readonly flow: string;
}

/** What names the flow and no other: `del-flows --strict` wants no actions, timeouts and cookies. */
const named = (flow: string): string =>
  flow
    .replace(/(?:^|[ ,])actions=.*$/, '')
    .split(/,\s*/)
    .filter(
      (word) =>
        !/^(?:cookie|idle_timeout|hard_timeout|importance)=|^(?:send_flow_rem|reset_counts)$/.test(
          word.trim(),
        ),
    )
    .join(',');

const command = (action: ChangeFlow, snapshot: Snapshot, verb: ChangeFlow['verb']) => {
  const { namespace, bridge, flow } = action;
  const ovs = switchOf(linkNamed(snapshot, namespace, bridge));
  if (!ovs) return [];
  const argv =
    verb === 'add'
      ? ofctl(ovs, [], 'add-flow', [flow])
      : ofctl(ovs, ['--strict'], 'del-flows', [named(flow)]);
  return [exec(snapshot, namespace, argv)];
};

export const changeFlow: ActionKind<ChangeFlow> = {
  steps: (action, snapshot) => command(action, snapshot, action.verb),
  undo: (action, snapshot) => command(action, snapshot, action.verb === 'add' ? 'delete' : 'add'),
  change: ({ namespace, bridge, verb, flow }, snapshot) =>
    forgetFailedNeighbours(
      changeLink(
        snapshot,
        namespace,
        ({ name }) => name === bridge,
        (link) => {
          const ovs = switchOf(link);
          if (!ovs || link.kind.type !== 'bridge' || ovs.flows.state !== 'known') return link;
          const lines = ovs.flows.value;
          const flows = known(verb === 'add' ? [...lines, flow] : lines.filter((line) => line !== flow));
          return { ...link, kind: { ...link.kind, openvswitch: { ...ovs, flows } } };
        },
      ),
    ),
  text: {
    en: ({ bridge, verb, flow }, where) => ({
      title:
        verb === 'add'
          ? `Add the flow ${flow} to the Open vSwitch bridge ${bridge} in ${where}`
          : `Delete the flow ${flow} of the Open vSwitch bridge ${bridge} in ${where}`,
      permanent: `Correct the flows of ${bridge} in whatever sets them in ${where}: a script or an OpenFlow controller.`,
      sideEffects: ['Whatever else the bridge kept out for want of that is let through as well.'],
    }),
    'zh-cn': ({ bridge, verb, flow }, where) => ({
      title:
        verb === 'add'
          ? `给 ${where} 的 Open vSwitch 网桥 ${bridge} 添加流表项 “${flow}”`
          : `删除 ${where} 的 Open vSwitch 网桥 ${bridge} 的流表项 “${flow}”`,
      permanent: `在 ${where} 中设置 ${bridge} 流表的脚本或 OpenFlow 控制器里改正它。`,
      sideEffects: ['原本因此被拦住的其他流量也会被放行。'],
    }),
  },
};
