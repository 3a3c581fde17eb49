import { entry } from '../host/external-json.ts';
import { formatAddress } from '../model/ip.ts';
import type { VirtualServer, VirtualService } from '../model/virtual-service.ts';

/** A file of /proc/net. */
export const VIRTUAL_SERVICES = 'ip_vs';

const PROTOCOLS: Readonly<Record<string, VirtualService['protocol']>> = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
  FWM: 'mark',
};

/** `0A60000A:0035`, `[fd00:0000:…:0001]:0035`: ip_vs_info_seq_show() of net/netfilter/ipvs/ip_vs_ctl.c. */
function place(text: string): { readonly address: string; readonly port: number } | null {
  const [, bracketed, four, port] = /^(?:\[([\da-f:]+)\]|([\da-f]{8})):([\da-f]{4})$/i.exec(text) ?? [];
  const number = Number.parseInt(port ?? '', 16);
  if (four !== undefined)
    return { address: formatAddress({ family: 4, value: BigInt(`0x${four}`) }), port: number };
  if (bracketed === undefined) return null;
  const value = BigInt(`0x${bracketed.replaceAll(':', '')}`);
  return { address: formatAddress({ family: 6, value }), port: number };
}

/** Services of /proc/net/ip_vs, each with the servers on the lines below it. */
export function parseVirtualServices(text: string): readonly VirtualService[] {
  const services: { service: Omit<VirtualService, 'servers'>; servers: VirtualServer[] }[] = [];
  for (const line of text.split('\n')) {
    const [first = '', second = '', forward = '', weight] = line.trim().split(/\s+/);
    if (first === '->') {
      const server = place(second);
      if (server)
        services
          .at(-1)
          ?.servers.push({ ...server, forward: forward.toLowerCase(), weight: Number(weight ?? 0) });
      continue;
    }
    const protocol = entry(PROTOCOLS, first);
    if (protocol === undefined) continue;
    if (protocol === 'mark')
      services.push({ service: { protocol, mark: Number.parseInt(second, 16) }, servers: [] });
    else {
      const own = place(second);
      if (own) services.push({ service: { protocol, ...own }, servers: [] });
    }
  }
  return services.map(({ service, servers }) => ({ ...service, servers }));
}
