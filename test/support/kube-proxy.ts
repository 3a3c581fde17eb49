/** A service as kube-proxy knows it. */
export interface Service {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly nodePort?: number;
  /** `10.0.1.2:8080`; none: it is refused. */
  readonly endpoints: readonly string[];
  /** Who came once comes to the same endpoint again. */
  readonly sticky?: true;
}

/** The addresses of pods, and of services. */
const PODS = '10.0.0.0/16';
const SERVICES = '10.96.0.0/16';

const hash = (text: string): string =>
  [...text]
    .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)
    .toString(36)
    .toUpperCase();
const serviceChain = ({ name }: Service): string => `service-${hash(name)}-default/${name}/tcp/p80`;
const endpointChain = ({ name }: Service, endpoint: string): string =>
  `endpoint-${hash(name + endpoint)}-default/${name}/tcp/p80__${endpoint.replace(':', '/')}`;
const affinity = ({ name }: Service, endpoint: string): string => `affinity-${hash(name + endpoint)}`;

/** The table of kube-proxy in nftables mode, as of Kubernetes 1.31: the same chains, maps, concatenations and order. */
export function kubeProxyNft(services: readonly Service[], nodeAddress: string): string {
  const served = services.filter(({ endpoints }) => endpoints.length > 0);
  const empty = services.filter(({ endpoints }) => endpoints.length === 0);
  const elements = (list: readonly string[]): string =>
    list.length === 0 ? '' : `elements = { ${list.join(', ')} }`;
  const place = ({ address, port }: Service): string => `${address} . tcp . ${port}`;
  const onNode = (list: readonly Service[]): readonly (Service & { nodePort: number })[] =>
    list.flatMap((service) =>
      service.nodePort === undefined ? [] : [{ ...service, nodePort: service.nodePort }],
    );
  return `
table ip kube-proxy {
  comment "rules for kube-proxy"
  set cluster-ips { type ipv4_addr; ${elements(services.map(({ address }) => address))} }
  set nodeport-ips { type ipv4_addr; elements = { ${nodeAddress} } }
  map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict;
    ${elements(empty.map((service) => `${place(service)} : goto reject-chain`))} }
  map no-endpoint-nodeports { type inet_proto . inet_service : verdict;
    ${elements(onNode(empty).map(({ nodePort }) => `tcp . ${nodePort} : goto reject-chain`))} }
  map firewall-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict;
    ${elements(served.map((service) => `${place(service)} : goto ${serviceChain(service)}`))} }
  map service-nodeports { type inet_proto . inet_service : verdict;
    ${elements(onNode(served).map((service) => `tcp . ${service.nodePort} : goto external-${serviceChain(service)}`))} }
  ${served
    .filter(({ sticky }) => sticky)
    .flatMap((service) =>
      service.endpoints.map(
        (endpoint) =>
          `set ${affinity(service, endpoint)} { type ipv4_addr; size 65535; flags dynamic,timeout; timeout 3h; }`,
      ),
    )
    .join('\n  ')}
  chain filter-prerouting { type filter hook prerouting priority -110; policy accept;
    ct state new jump firewall-check
  }
  chain filter-input { type filter hook input priority -110; policy accept;
    ct state new jump nodeport-endpoints-check
    ct state new jump service-endpoints-check
  }
  chain filter-forward { type filter hook forward priority -110; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain filter-output { type filter hook output priority -110; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump firewall-check
  }
  chain filter-output-post-dnat { type filter hook output priority -90; policy accept;
    ct state new jump cluster-ips-check
  }
  chain cluster-ips-check {
    ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"
    ip daddr { ${SERVICES} } drop comment "Drop traffic to unallocated ClusterIPs"
  }
  chain firewall-check { ip daddr . meta l4proto . th dport vmap @firewall-ips; }
  chain mark-for-masquerade { meta mark set meta mark or 0x4000; }
  chain masquerading {
    meta mark & 0x4000 == 0 return
    meta mark set meta mark xor 0x4000
    masquerade fully-random
  }
  chain nat-output { type nat hook output priority -100; policy accept; jump services; }
  chain nat-postrouting { type nat hook postrouting priority 100; policy accept; jump masquerading; }
  chain nat-prerouting { type nat hook prerouting priority -100; policy accept; jump services; }
  chain nodeport-endpoints-check { ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports; }
  chain reject-chain { reject; }
  chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips
    ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
  }
  ${served.map((service) => serviceRules(service)).join('\n')}
}`;
}

function serviceRules(service: Service): string {
  const { endpoints, sticky, address, port } = service;
  const endings = endpoints.map((endpoint, index) => `${index} : goto ${endpointChain(service, endpoint)}`);
  return `
  ${endpoints
    .map(
      (endpoint) => `chain ${endpointChain(service, endpoint)} {
    ip saddr ${endpoint.split(':')[0] ?? ''} jump mark-for-masquerade
    ${sticky ? `update @${affinity(service, endpoint)} { ip saddr }` : ''}
    meta l4proto tcp dnat to ${endpoint}
  }`,
    )
    .join('\n  ')}
  chain ${serviceChain(service)} {
    ip daddr ${address} tcp dport ${port} ip saddr != ${PODS} jump mark-for-masquerade
    ${sticky ? endpoints.map((endpoint) => `ip saddr @${affinity(service, endpoint)} goto ${endpointChain(service, endpoint)}`).join('\n    ') : ''}
    numgen random mod ${endpoints.length} vmap { ${endings.join(', ')} }
  }
  chain external-${serviceChain(service)} {
    jump mark-for-masquerade
    goto ${serviceChain(service)}
  }`;
}

/** What kube-proxy in iptables mode writes for the same services, for iptables-restore. */
export function kubeProxyIptables(services: readonly Service[]): string {
  const served = services.filter(({ endpoints }) => endpoints.length > 0);
  const empty = services.filter(({ endpoints }) => endpoints.length === 0);
  const chain = (kind: string, text: string): string => `KUBE-${kind}-${hash(text)}`;
  const svc = ({ name }: Service): string => chain('SVC', name);
  const ext = ({ name }: Service): string => chain('EXT', name);
  const sep = ({ name }: Service, endpoint: string): string => chain('SEP', name + endpoint);
  const recent = (service: Service, endpoint: string): string =>
    `--name ${sep(service, endpoint)} --mask 255.255.255.255 --rsource`;
  const said = ({ name }: Service): string => `-m comment --comment "default/${name}:p80`;
  return [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-EXTERNAL-SERVICES - [0:0]',
    ':KUBE-FORWARD - [0:0]',
    '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
    '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ...empty.map(
      (service) =>
        `-A KUBE-SERVICES -d ${service.address}/32 -p tcp ${said(service)} has no endpoints" -m tcp --dport ${service.port} -j REJECT --reject-with icmp-port-unreachable`,
    ),
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'COMMIT',
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-NODEPORTS - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ...served.flatMap((service) => [
      `:${svc(service)} - [0:0]`,
      `:${ext(service)} - [0:0]`,
      ...service.endpoints.map((endpoint) => `:${sep(service, endpoint)} - [0:0]`),
    ]),
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ...served.flatMap((service) => [
      `-A KUBE-SERVICES -d ${service.address}/32 -p tcp ${said(service)} cluster IP" -m tcp --dport ${service.port} -j ${svc(service)}`,
      ...(service.nodePort === undefined
        ? []
        : [
            `-A KUBE-NODEPORTS -p tcp ${said(service)}" -m tcp --dport ${service.nodePort} -j ${ext(service)}`,
          ]),
      `-A ${ext(service)} ${said(service)} external destinations" -j KUBE-MARK-MASQ`,
      `-A ${ext(service)} -j ${svc(service)}`,
      `-A ${svc(service)} ! -s ${PODS} -d ${service.address}/32 -p tcp ${said(service)} cluster IP" -m tcp --dport ${service.port} -j KUBE-MARK-MASQ`,
      ...(service.sticky
        ? service.endpoints.map(
            (endpoint) =>
              `-A ${svc(service)} ${said(service)} -> ${endpoint}" -m recent --rcheck --seconds 10800 --reap ${recent(service, endpoint)} -j ${sep(service, endpoint)}`,
          )
        : []),
      ...service.endpoints.map((endpoint, index) => {
        const left = service.endpoints.length - index;
        const draw = left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(11)} `;
        return `-A ${svc(service)} ${said(service)} -> ${endpoint}" ${draw}-j ${sep(service, endpoint)}`;
      }),
      ...service.endpoints.flatMap((endpoint) => [
        `-A ${sep(service, endpoint)} -s ${endpoint.split(':')[0] ?? ''}/32 ${said(service)}" -j KUBE-MARK-MASQ`,
        `-A ${sep(service, endpoint)} -p tcp ${said(service)}" ${service.sticky ? `-m recent --set ${recent(service, endpoint)} ` : ''}-m tcp -j DNAT --to-destination ${endpoint}`,
      ]),
    ]),
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    'COMMIT',
    '',
  ].join('\n');
}
