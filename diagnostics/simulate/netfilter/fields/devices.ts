import type { View } from '../state.ts';
import type { DeviceSeen } from '../types.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';

type Side = 'inDev' | 'outDev';

/** Nobody's, where there is no such interface (nft_meta_get_eval_ifgroup()). */
const groupOf =
  (side: Side): FieldReader =>
  ({ scope: { input } }) => {
    const dev = input[side];
    return dev === null ? ABSENT : known(input.groupOf?.(dev));
  };

const ofDevice =
  (side: Side, read: (seen: DeviceSeen) => FieldValue | null | undefined): FieldReader =>
  ({ scope: { input } }: View) => {
    const dev = input[side];
    if (dev === null) return ABSENT;
    const seen = input.deviceSeen?.(dev);
    return seen ? (read(seen) ?? UNKNOWN) : UNKNOWN;
  };

const kindOf = ({ kind }: DeviceSeen): FieldValue | undefined => (kind === null ? ABSENT : kind);
const bridgeOf = ({ bridge }: DeviceSeen): FieldValue => bridge ?? ABSENT;

/** Of the interfaces that the packet came in by and leaves by (nft_meta_get_eval(), nft_meta_bridge.c, xt_physdev.c). */
export const DEVICE_FIELDS = {
  iif: ({ scope }) => scope.input.inDev ?? '',
  oif: ({ scope }) => scope.input.outDev ?? '',
  'iif group': groupOf('inDev'),
  'oif group': groupOf('outDev'),
  'iif type': ofDevice('inDev', ({ type }) => type),
  'oif type': ofDevice('outDev', ({ type }) => type),
  'iif kind': ofDevice('inDev', kindOf),
  'oif kind': ofDevice('outDev', kindOf),
  'iif bridge': ofDevice('inDev', bridgeOf),
  'oif bridge': ofDevice('outDev', bridgeOf),
  'vrf port': ({ scope }) => scope.input.vrfPort ?? '',
  'physical in': ({ scope }) => scope.input.physicalIn ?? '',
  'physical out': ({ scope }) => scope.input.physicalOut ?? '',
  // physdev_mt(): only what no port was seen of at all is met by the opposite.
  'physical out by name': ({ scope: { input } }) =>
    input.physicalOut ?? (input.physicalIn === undefined ? '' : ABSENT),
} satisfies Record<string, FieldReader>;
