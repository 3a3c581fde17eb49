import type { Field } from '../../../model/rule-field.ts';
import { compare, rangeValue, readRange, text } from '../values.ts';
import { one, type Reader, type Readers } from './reader.ts';

const HIGHEST_ID = 0xffffffff;

/** `1000`, `1000-1999`; a name would need the machine's own list of users. */
const owner =
  (field: Field): Reader =>
  ({ values, negate }) => {
    const read = readRange(values[0]?.replace('-', ':'), HIGHEST_ID);
    return read && one(field, rangeValue(read), negate);
  };

/** Which group it is, is not known; but what no socket made is in none. */
const socketGroup: Reader = ({ values, negate }) => one('cgroup', text(values[0] ?? ''), negate);

/** Whoever made a packet. */
export const OWNERS: Readers = {
  owner: {
    '--uid-owner': owner('owner uid'),
    '--gid-owner': owner('owner gid'),
    '--socket-exists': ({ negate }) => [compare('socket owner', [text('exists')], negate)],
  },
  cgroup: { '--path': socketGroup, '--cgroup': socketGroup },
};
