import { MASK_ALL } from '../iptables/values.ts';
import { IPV4, IPV6, key, type Key } from './key.ts';

/** `ct state`, `ct original saddr` … */
export function readConnection(
  name: string | null,
  direction: string | null,
  family: string | null,
): Key | null {
  switch (name) {
    case 'state':
      return key('ct state', 'text');
    case 'status':
      return key(`ct status bits ${MASK_ALL}`, 'connection status');
    case 'direction':
      return key('ct direction', 'text');
    case 'mark':
      return key('ct mark', 'number');
    case 'zone':
      return key(
        direction === 'original' || direction === 'reply' ? `ct ${direction} zone` : 'ct zone',
        'number',
      );
    case 'packets':
    case 'bytes':
    case 'avgpkt': {
      const what = name === 'avgpkt' ? 'average' : name;
      const both = direction === 'original' || direction === 'reply' ? direction : 'both';
      return key(`ct ${what} ${both}`, 'number');
    }
    case 'expiration':
      return key('ct expiration', 'number');
    case 'l3proto':
      return key('ct nfproto', 'text');
    // Of a connection that another one announced: those of a walk are none.
    case 'helper':
      return key('exthdr', 'text');
    case 'protocol':
      return key('ct l4proto', 'protocol');
    default:
      return readTuple(name, direction, family);
  }
}

/** The packet that began the connection, as it came; or an answer to it, as it is expected. */
function readTuple(name: string | null, direction: string | null, family: string | null): Key | null {
  if (direction !== 'original' && direction !== 'reply') return null;
  const requires = name?.startsWith('ip6') || family === 'ip6' ? IPV6 : IPV4;
  switch (name) {
    case 'ip saddr':
    case 'ip6 saddr':
      return key(`ct ${direction} saddr`, 'address', requires);
    case 'ip daddr':
    case 'ip6 daddr':
      return key(`ct ${direction} daddr`, 'address', requires);
    case 'saddr':
      return key(`ct ${direction} saddr`, 'address');
    case 'daddr':
      return key(`ct ${direction} daddr`, 'address');
    case 'proto-src':
      return key(`ct ${direction} sport`, 'number');
    case 'proto-dst':
      return key(`ct ${direction} dport`, 'number');
    case 'protocol':
      return key('ct l4proto', 'protocol');
    case 'l3proto':
      return key('ct nfproto', 'text');
    default:
      return null;
  }
}
