import type { Sender } from '../types.ts';
import { ABSENT, UNKNOWN, known, type FieldReader, type FieldValue } from './field-value.ts';

/** `nobody`: what is held where no process here made the packet. */
const ofSender =
  (read: (sender: Sender) => number | string | null, nobody: FieldValue): FieldReader =>
  ({ scope: { input } }) => {
    if (input.sender === undefined) return UNKNOWN;
    return input.sender === null ? nobody : known(read(input.sender));
  };

/** Of the process that made the packet (`meta skuid` and `skgid`, xt_owner, xt_cgroup); which control group it is in is not read. */
export const SENDER_FIELDS = {
  uid: ofSender(({ uid }) => uid, ABSENT),
  gid: ofSender(({ gid }) => gid, ABSENT),
  'owner uid': ofSender(({ uid }) => uid, 'none'),
  'owner gid': ofSender(({ gid }) => gid, 'none'),
  'socket owner': ofSender(() => 'exists', 'missing'),
  cgroup: ofSender(() => null, 'none'),
  'meta cgroup': ofSender(() => null, ABSENT),
} satisfies Record<string, FieldReader>;
