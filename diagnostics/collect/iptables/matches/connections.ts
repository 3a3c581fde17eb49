import { lowerWords, masked, prefix, type Readers } from './reader.ts';
import { port, protocol } from './transport.ts';

/** What conntrack knows, and marks. */
export const CONNECTIONS: Readers = {
  conntrack: {
    '--ctstate': lowerWords('ct state'),
    '--ctstatus': lowerWords('ct status', ['seen-reply', 'confirmed', 'expected']),
    '--ctdir': lowerWords('ct direction'),
    '--ctorigsrc': prefix('ct original saddr'),
    '--ctorigdst': prefix('ct original daddr'),
    '--ctorigsrcport': port('ct original sport'),
    '--ctorigdstport': port('ct original dport'),
    '--ctreplsrc': prefix('ct reply saddr'),
    '--ctrepldst': prefix('ct reply daddr'),
    '--ctreplsrcport': port('ct reply sport'),
    '--ctrepldstport': port('ct reply dport'),
    '--ctproto': protocol,
  },
  state: { '--state': lowerWords('ct state') },
  mark: { '--mark': masked('mark') },
  connmark: { '--mark': masked('ct mark') },
};
