import type { Field } from '../../model/rule-field.ts';
import type { Because, Match } from '../../model/rule-match.ts';

export const BY_RATE = 'whether it matches depends on how many packets came lately';

const UNMODELLED: Readonly<Record<Because, string>> = {
  rate: BY_RATE,
  amount: 'whether it matches depends on how much has passed by then',
  processor: 'whether it matches depends on which processor handles the packet',
  fingerprint: 'whether it matches depends on how the sender’s system builds its packets',
};

/** What fields are about that may not be known. */
const FIELDS: readonly (readonly [RegExp, string])[] = [
  [/^(?:j?hash|cluster)/, 'whether it matches depends on a hash that only the kernel can make'],
  [/cgroup/, 'whether it matches depends on the control group of the program'],
  [
    /^(?:[ug]id|owner|socket)/,
    'whether it matches depends on the program that sends the packet, or takes it',
  ],
  [/^(?:[nt]h|tcp|mss|icmp) ?/, 'whether it matches depends on what the sender writes into the headers'],
  [/^ipsec/, 'whether it matches depends on what IPsec does with the packet'],
  [/^ct expiration/, 'whether it matches depends on when the connection was last used'],
  [/^ct/, 'whether it matches depends on what the connection has seen before'],
  [/^(?:hour|day|time)/, 'whether it matches depends on the time'],
];

const ofFields = (fields: readonly Field[]): string => {
  const names = fields.map((field) => field.replace(/^bits \d+ /, ''));
  const found = FIELDS.find(([is]) => names.some((name) => is.test(name)));
  return found?.[1] ?? `whether it matches depends on something that is not known (${names.join(', ')})`;
};

/** Why nobody can tell whether a match holds for the packet. */
export function whyOpen(match: Match): string {
  switch (match.type) {
    case 'unmodelled':
      return match.because
        ? UNMODELLED[match.because]
        : 'whether it matches depends on something that is not modelled';
    case 'compare':
      return match.values.type === 'set'
        ? `whether it matches depends on what the set ${match.values.name} holds by then`
        : ofFields(match.fields);
    case 'noted':
      return 'whether it matches depends on who came lately';
    case 'connection-count':
      return 'whether it matches depends on how many connections there are by then';
    case 'quota':
      return UNMODELLED.amount;
    case 'time':
      return 'whether it matches depends on the time';
    case 'u32':
    case 'bytecode':
    case 'text':
      return 'whether it matches depends on bytes of the packet that only its sender knows';
  }
}
