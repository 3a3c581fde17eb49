import type { RawProbe } from '../source.ts';
import type { SocketReport } from './ask-socket.ts';

/** What a socket's experience means. Errors as connect(2), ip(7) and icmp_err_convert[] in net/ipv4/icmp.c have them. */
export function socketOutcome(report: SocketReport, protocol: 'tcp' | 'udp'): RawProbe {
  switch (report.event) {
    case 'connected':
      return reply(report.milliseconds, 'The connection was accepted.');
    case 'datagram':
      return reply(report.milliseconds, 'An answer came back.');
    case 'closed-early':
      return {
        outcome: 'closed-early',
        milliseconds: report.milliseconds,
        detail:
          'The connection was accepted and closed at once: what accepted it may be a proxy with nothing behind it.',
      };
    case 'silence':
      if (report.elsewhere !== undefined)
        return {
          outcome: 'timeout',
          milliseconds: null,
          detail: `An answer came from ${report.elsewhere}, which was not asked.`,
          elsewhere: report.elsewhere,
        };
      return {
        outcome: 'timeout',
        milliseconds: null,
        detail:
          protocol === 'tcp'
            ? 'No answer came.'
            : 'No answer came, which says little of UDP: a server may have taken the packet and not answered.',
      };
    case 'not-run':
      return { outcome: 'not-run', milliseconds: null, detail: report.reason };
    case 'error':
      return {
        ...errorOutcome(report.code),
        milliseconds: report.milliseconds,
        ...(report.code === 'EADDRNOTAVAIL' ? { noSource: true } : {}),
        ...(report.code === 'EADDRINUSE' ? { noPort: true } : {}),
      };
  }
}

const reply = (milliseconds: number, detail: string): RawProbe => ({
  outcome: 'reply',
  milliseconds,
  detail,
});

/** `milliseconds` are the caller's: how long it took until the error came. */
export function errorOutcome(code: string): Pick<RawProbe, 'outcome' | 'detail'> {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return { outcome: 'refused', detail: `Connection refused (${code}).` };
    case 'EACCES':
      return { outcome: 'prohibited', detail: 'The kernel here forbids it: permission denied (EACCES).' };
    case 'EPERM':
      return { outcome: 'prohibited', detail: 'A firewall rule here forbids sending it (EPERM).' };
    case 'EMSGSIZE':
      return { outcome: 'too-big', detail: 'The packet is larger than the way allows (EMSGSIZE).' };
    case 'EHOSTUNREACH':
      return { outcome: 'unreachable', detail: 'No route to host (EHOSTUNREACH).' };
    case 'ENETUNREACH':
      return { outcome: 'unreachable', detail: 'The network is unreachable (ENETUNREACH).' };
    case 'ETIMEDOUT':
      return { outcome: 'timeout', detail: 'No answer came (ETIMEDOUT).' };
    case 'EADDRNOTAVAIL':
      return {
        outcome: 'unreachable',
        detail: 'There is no address, or no port, here to send from (EADDRNOTAVAIL).',
      };
    case 'EADDRINUSE':
      return { outcome: 'unreachable', detail: 'There is no port here to send from (EADDRINUSE).' };
    // A blackhole route answers connect() so.
    case 'EINVAL':
      return { outcome: 'unreachable', detail: 'The kernel here discards it (EINVAL).' };
    case 'ENOPROTOOPT':
      return { outcome: 'unreachable', detail: 'The far end does not speak this protocol (ENOPROTOOPT).' };
    default:
      return { outcome: 'unreachable', detail: `It could not be sent (${code || 'no reason given'}).` };
  }
}
