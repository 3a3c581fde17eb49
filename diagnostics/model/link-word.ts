import type { LinkKind } from './link.ts';

/** What the kernel calls this kind of interface (`info_kind`). */
export function linkWord(kind: LinkKind): string {
  switch (kind.type) {
    case 'other':
    case 'tunnel':
      return kind.kind;
    case 'macvlan':
      return kind.tap ? 'macvtap' : 'macvlan';
    case 'ipvlan':
      return kind.tap ? 'ipvtap' : 'ipvlan';
    default:
      return kind.type;
  }
}
