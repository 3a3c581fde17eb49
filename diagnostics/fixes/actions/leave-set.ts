import type { FixStep } from '../../model/diagnosis.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { isNftName } from '../nft-text.ts';
import { ipsetName, withoutElement, type SetPlace } from '../set-patch.ts';

/** Takes an address out of a set that rules look into: a list of those who are banned. */
export interface LeaveSet {
  readonly kind: 'leave-set';
  readonly place: SetPlace;
  readonly address: string;
}

export const leaveSet: ActionKind<LeaveSet> = {
  steps: (action, snapshot) => change(action, snapshot, { nft: 'delete', ipset: 'del' }),
  undo: (action, snapshot) => change(action, snapshot, { nft: 'add', ipset: 'add' }),
  change: ({ place, address }, snapshot) => withoutElement(snapshot, place, address),
  text: {
    en: ({ place, address }, where) => ({
      title: `Take ${address} out of the set ${shown(place)} in ${where}`,
      permanent: `Let the program that fills the set forget ${address} (fail2ban-client unban, cscli decisions delete), or take it out of the firewall configuration of ${where}.`,
      sideEffects: [],
      opens: [`All else that was kept out because ${address} is in the set is let through as well.`],
    }),
    'zh-cn': ({ place, address }, where) => ({
      title: `把 ${address} 从 ${where} 的集合 ${shown(place)} 中去掉`,
      permanent: `让填充这个集合的程序也忘掉 ${address}（fail2ban-client unban、cscli decisions delete），或者从 ${where} 的防火墙配置中去掉它。`,
      sideEffects: [],
      opens: [`因为 ${address} 在集合里而被拦住的其他流量也会被放行。`],
    }),
  },
};

const shown = (place: SetPlace): string => ipsetName(place) ?? place.set;

function change(
  { place, address }: LeaveSet,
  snapshot: Snapshot,
  verb: { readonly nft: string; readonly ipset: string },
): readonly FixStep[] {
  const ipset = ipsetName(place);
  if (ipset !== null) return [exec(snapshot, place.namespace, ['ipset', verb.ipset, ipset, address])];
  if (![place.table, place.set].every(isNftName)) return [];
  return [
    exec(snapshot, place.namespace, [
      ...['nft', verb.nft, 'element', place.family, place.table, place.set],
      `{ ${address} }`,
    ]),
  ];
}
