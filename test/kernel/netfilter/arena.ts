import { execa } from 'execa';
import { createInterface } from 'node:readline';
import { assembleRuleset } from '../../../diagnostics/collect/assemble-ruleset.ts';
import { aheadOfUtc } from '../../../diagnostics/collect/nftables/clock.ts';
import { parseBoundQueues, parsePolicyCount } from '../../../diagnostics/collect/ruleset-surroundings.ts';
import type { Ruleset } from '../../../diagnostics/model/ruleset.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

export type Backend = 'iptables-nft' | 'legacy' | 'nft';

/** A packet to send: through the router, or from it. Every probe has a source port of its own, by which it is found again. */
export interface Probe {
  readonly from: 'left' | 'router';
  readonly protocol: 'tcp' | 'udp';
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** What the kernel made of a probe. `forwarded`: it came to the right; `delivered`: to the router itself. */
export interface Observed {
  readonly end: 'forwarded' | 'delivered' | 'lost';
  readonly source?: string;
  readonly destination?: string;
  readonly destinationPort?: number;
  /** `3/13` (ICMP type and code) or `rst`, where an answer came and the packet did not arrive. */
  readonly answer?: string;
}

export const FAMILIES = {
  4: {
    left: ['10.1.0.1', '10.1.0.2', '10.1.0.3'],
    right: ['10.2.0.1', '10.2.0.2', '10.2.0.3'],
    in: '10.1.0.254',
    out: '10.2.0.254',
  },
  6: {
    left: ['fd01::1', 'fd01::2', 'fd01::3'],
    right: ['fd02::1', 'fd02::2', 'fd02::3'],
    in: 'fd01::fe',
    out: 'fd02::fe',
  },
} as const;

/** left – router – right. Tables named `seen` write down what arrives where. */
export interface Arena extends AsyncDisposable {
  readonly net: TestNetwork;
  /** Replaces the router's rules. */
  load(backend: Backend, family: 4 | 6, text: string): Promise<void>;
  /** What the product reads of the router's rules. */
  ruleset(): Promise<Ruleset>;
  send(probes: readonly Probe[]): Promise<void>;
  observe(probe: Probe): Promise<Observed>;
  /** Reads what was seen again. */
  refresh(): Promise<void>;
}

/** Writes every new flow's addresses and ports into a set, before any other rule of the hook or after all. */
const recorder = (name: string, hook: string, priority: number): string => `
  set ${name}4 { type ipv4_addr . ipv4_addr . inet_service . inet_service; flags dynamic; size 65535; }
  set ${name}6 { type ipv6_addr . ipv6_addr . inet_service . inet_service; flags dynamic; size 65535; }
  chain ${name} { type filter hook ${hook} priority ${priority};
    meta l4proto { tcp, udp } add @${name}4 { ip saddr . ip daddr . th sport . th dport }
    meta l4proto { tcp, udp } add @${name}6 { ip6 saddr . ip6 daddr . th sport . th dport }
  }`;

/** ICMP errors and resets, by the port of the probe they answer. */
const ANSWERS = `
  set icmp4 { type inet_service . icmp_type . icmp_code; flags dynamic; size 65535; }
  set icmp6 { type inet_service . icmpv6_type . icmpv6_code; flags dynamic; size 65535; }
  set resets { type inet_service; flags dynamic; size 65535; }
  chain answers { type filter hook prerouting priority -150;
    ct state related meta l4proto icmp add @icmp4 { ct original proto-src . icmp type . icmp code }
    ct state related meta l4proto icmpv6 add @icmp6 { ct original proto-src . icmpv6 type . icmpv6 code }
    tcp flags & rst == rst add @resets { tcp dport }
  }`;

/** Sets for `-m set`, of every kind that the kernel here has. */
const IPSETS = ([4, 6] as const)
  .flatMap((family) => {
    const plan = FAMILIES[family];
    const word = family === 4 ? 'inet' : 'inet6';
    const net = family === 4 ? '10.2.0.0/24' : 'fd02::/64';
    return [
      `create hosts${family} hash:ip family ${word}`,
      `add hosts${family} ${plan.left[0]}`,
      `add hosts${family} ${plan.left[1]}`,
      `create nets${family} hash:net family ${word}`,
      `add nets${family} ${net}`,
      `add nets${family} ${plan.right[1]} nomatch`,
      `create pairs${family} hash:ip,port family ${word}`,
      `add pairs${family} ${plan.right[0]},tcp:80`,
      `add pairs${family} ${plan.right[1]},udp:8080`,
      `create devices${family} hash:net,iface family ${word}`,
      `add devices${family} ${family === 4 ? '10.1.0.0/24' : 'fd01::/64'},r0`,
      `create more${family} hash:ip family ${word}`,
      `add more${family} ${plan.left[2]}`,
      `create list${family} list:set`,
      `add list${family} hosts${family}`,
      `add list${family} more${family}`,
    ];
  })
  .concat('create ports bitmap:port range 0-65535', 'add ports 80-81', '')
  .join('\n');

const AGENT = `
const send = (probe) => new Promise((resolve) => {
  const { protocol, source, sourcePort, destination, destinationPort } = probe;
  if (protocol === 'udp') {
    const socket = require('node:dgram').createSocket(source.includes(':') ? 'udp6' : 'udp4');
    const done = () => { try { socket.close(); } catch {} resolve(); };
    socket.on('error', done);
    socket.bind(sourcePort, source, () => socket.send('0123456789', destinationPort, destination, done));
  } else {
    const socket = require('node:net').connect({
      host: destination, port: destinationPort, localAddress: source, localPort: sourcePort });
    socket.on('error', () => {});
    setImmediate(() => setImmediate(() => { socket.destroy(); resolve(); }));
  }
});
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  for (const probe of JSON.parse(line)) await send(probe);
  console.log('sent');
});`;

interface Agent {
  send(probes: readonly Probe[]): Promise<void>;
  stop(): Promise<void>;
}

function startAgent(namespace: string): Agent {
  const child = execa('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, '-e', AGENT], {
    reject: false,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async send(probes) {
      child.stdin.write(`${JSON.stringify(probes)}\n`);
      const { done } = await lines.next();
      if (done) throw new Error(`the agent in ${namespace} ended: ${(await child).stderr}`);
    },
    async stop() {
      child.kill('SIGKILL');
      await child;
    },
  };
}

const SYSCTLS = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
  'net.ipv4.icmp_ratelimit=0',
  'net.ipv6.icmp.ratelimit=0',
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.default.rp_filter=0',
  'net.ipv4.conf.r0.rp_filter=0',
  'net.ipv4.conf.r1.rp_filter=0',
];

export async function buildArena(): Promise<Arena> {
  const net = await buildNetwork();
  await net.namespaces('left', 'router', 'right');
  const v = FAMILIES;
  await net.wire(
    `left/eth0 ${v[4].left.map((a) => `${a}/24`).join(' ')} ${v[6].left.map((a) => `${a}/64`).join(' ')}`,
    `router/r0 ${v[4].in}/24 ${v[6].in}/64`,
  );
  await net.wire(
    `right/eth0 ${v[4].right.map((a) => `${a}/24`).join(' ')} ${v[6].right.map((a) => `${a}/64`).join(' ')}`,
    `router/r1 ${v[4].out}/24 ${v[6].out}/64`,
  );
  for (const setting of SYSCTLS) await net.run('router', ['sysctl', '-qw', setting]);
  for (const end of ['left', 'right'] as const) {
    await net.run(end, `ip route add default via ${end === 'left' ? v[4].in : v[4].out}`);
    await net.run(end, `ip -6 route add default via ${end === 'left' ? v[6].in : v[6].out}`);
  }
  await warmNeighbours(net);
  await net.run(
    'right',
    'nft -f -',
    `table inet seen { ${recorder('arrived', 'prerouting', -400)}
}`,
  );
  await net.run(
    'left',
    'nft -f -',
    `table inet seen { ${ANSWERS}
}`,
  );
  await net.run('router', 'ipset restore', IPSETS);
  const agents = { left: startAgent('left'), router: startAgent('router') };
  let seen = new Map<string, readonly (readonly (string | number)[])[]>();
  let routerIsClean = false;

  async function flush(): Promise<void> {
    await net.run('router', 'nft flush ruleset');
    for (const family of ['', '6'])
      for (const table of ['raw', 'mangle', 'nat', 'filter'])
        if ((await net.run('router', `cat /proc/net/ip${family}_tables_names`)).split('\n').includes(table)) {
          await net.run('router', `ip${family}tables-legacy-restore`, emptyTable(table));
        }
    await net.run(
      'router',
      'nft -f -',
      `table inet seen { ${recorder('arrived', 'input', 10_000)}
${ANSWERS}
}`,
    );
    routerIsClean = true;
  }

  return {
    net,
    async load(backend, family, text) {
      if (!routerIsClean) await flush();
      routerIsClean = false;
      const tool = family === 4 ? 'iptables' : 'ip6tables';
      if (backend === 'nft') await loadNft(net, text);
      else await net.run('router', `${tool}-${backend === 'legacy' ? 'legacy' : 'nft'}-restore`, text);
    },
    ruleset: () => readRouter(net),
    async send(probes) {
      await agents.left.send(probes.filter(({ from }) => from === 'left'));
      await agents.router.send(probes.filter(({ from }) => from === 'router'));
    },
    async refresh() {
      seen = new Map();
      for (const namespace of ['left', 'router', 'right'])
        for (const [name, elements] of await readSets(net, namespace))
          seen.set(`${namespace} ${name}`, elements);
    },
    async observe(probe) {
      const family = probe.source.includes(':') ? 6 : 4;
      for (const [end, namespace] of [
        ['forwarded', 'right'],
        ['delivered', 'router'],
      ] as const) {
        const found = seen
          .get(`${namespace} arrived${family}`)
          ?.find(([, , port]) => port === probe.sourcePort);
        if (found)
          return {
            end,
            source: String(found[0]),
            destination: String(found[1]),
            destinationPort: Number(found[3]),
          };
      }
      const icmp = seen.get(`${probe.from} icmp${family}`)?.find(([port]) => port === probe.sourcePort);
      const reset = seen.get(`${probe.from} resets`)?.some(([port]) => port === probe.sourcePort);
      return {
        end: 'lost',
        ...(icmp ? { answer: `${icmp[1]}/${icmp[2]}` } : reset ? { answer: 'rst' } : {}),
      };
    },
    async [Symbol.asyncDispose]() {
      await agents.left.stop();
      await agents.router.stop();
      await net.close();
    },
  };
}

/** Loads what nft takes of random rules: a line that it refuses (`tcp dport 80 icmp type 8`) is left out. */
async function loadNft(net: TestNetwork, text: string): Promise<void> {
  const lines = text.split('\n');
  for (;;) {
    const refusal = await net.run('router', 'nft -f -', lines.join('\n')).then(
      () => null,
      (error: unknown) => String(error),
    );
    if (refusal === null) return;
    const refused = [...refusal.matchAll(/^\/dev\/stdin:(\d+):[\d-]+: Error/gm)].map(
      ([, line]) => Number(line) - 1,
    );
    const rules = refused.filter((line) => lines[line]?.startsWith('    '));
    if (rules.length === 0) throw new Error(`${refusal}\n${lines.join('\n')}`);
    for (const line of rules) lines[line] = '';
  }
}

/** Every neighbour is known beforehand: no packet waits for an answer. */
async function warmNeighbours(net: TestNetwork): Promise<void> {
  const mac = async (namespace: string, device: string): Promise<string> =>
    (await net.run(namespace, `cat /sys/class/net/${device}/address`)).trim();
  const macOf = async (namespace: string, device: string): Promise<string> => {
    const links = JSON.parse(await net.run(namespace, `ip -j link show dev ${device}`)) as {
      address: string;
    }[];
    return links[0]?.address ?? (await mac(namespace, device));
  };
  const router = { left: await macOf('router', 'r0'), right: await macOf('router', 'r1') };
  for (const family of [4, 6] as const) {
    const plan = FAMILIES[family];
    for (const [end, device] of [
      ['left', 'r0'],
      ['right', 'r1'],
    ] as const) {
      const own = await macOf(end, 'eth0');
      for (const address of plan[end])
        await net.run('router', `ip neigh replace ${address} lladdr ${own} dev ${device} nud permanent`);
      await net.run(
        end,
        `ip neigh replace ${end === 'left' ? plan.in : plan.out} lladdr ${router[end]} dev eth0 nud permanent`,
      );
    }
  }
}

const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

const emptyTable = (table: string): string =>
  [`*${table}`, ...(BUILTINS[table] ?? []).map((chain) => `:${chain} ACCEPT [0:0]`), 'COMMIT', ''].join('\n');

async function readRouter(net: TestNetwork): Promise<Ruleset> {
  const save = (tool: string): Promise<string> => net.run('router', `${tool}-save`);
  const names = await net.run('router', 'cat /proc/net/ip_tables_names /proc/net/ip6_tables_names');
  const listed = assembleRuleset({
    ipsets: await net.run('router', 'ipset save'),
    recent: await net.run('router', ['sh', '-c', 'grep -rs "" /proc/net/xt_recent || true']),
    compat: { ip: await save('iptables-nft'), ip6: await save('ip6tables-nft') },
    ...(names.trim() === ''
      ? {}
      : { legacy: { ip: await save('iptables-legacy'), ip6: await save('ip6tables-legacy') } }),
    nft: {
      json: await net.run('router', 'nft -j list ruleset'),
      bytecode: await net.run('router', 'nft --debug=netlink list ruleset'),
      text: await net.run('router', 'nft -a list ruleset'),
    },
  });
  return {
    ...listed,
    boundQueues: parseBoundQueues(await net.run('router', 'cat /proc/net/netfilter/nfnetlink_queue')),
    clock: Math.floor(Date.now() / 1000),
    clockAhead: aheadOfUtc(),
    ipsecPolicies: parsePolicyCount(await net.run('router', 'ip xfrm policy count')) ?? true,
  };
}

type Element = { readonly concat?: readonly (string | number)[] } | string | number;

async function readSets(
  net: TestNetwork,
  namespace: string,
): Promise<readonly (readonly [string, readonly (readonly (string | number)[])[]])[]> {
  const listing = JSON.parse(await net.run(namespace, 'nft -n -j list table inet seen')) as {
    readonly nftables: readonly {
      readonly set?: { readonly name: string; readonly elem?: readonly Element[] };
    }[];
  };
  return listing.nftables.flatMap(({ set }) =>
    set
      ? [
          [
            set.name,
            (set.elem ?? []).map((one) => (typeof one === 'object' ? (one.concat ?? []) : [one])),
          ] as const,
        ]
      : [],
  );
}
