import { words, type At, type PathFault } from './path-fault.ts';

/** Rules that drop or reject the packet at a hook it passes. */
export function filterFaults(at: At, protocol: string): readonly PathFault[] {
  const { node, dice, hop, first, last } = at;
  if (at.drawn.switches.includes(node)) return [];
  const routed = hop.steps.some(({ kind }) => kind === 'forward');
  const hooks = [
    ...(first ? ['output', 'postrouting'] : []),
    ...(last ? ['prerouting', 'input'] : []),
    ...(routed ? ['prerouting', 'forward', 'forward', 'postrouting'] : []),
  ];
  if (hooks.length === 0) return [];
  const hook = dice.pick(hooks);
  const chain = hook.toUpperCase();
  const accepts = [`filter-drop ${node}`, `filter-reject ${node}`];
  const tool = dice.pick(['iptables', 'iptables-legacy']);
  const table = ['prerouting', 'postrouting'].includes(hook)
    ? 'mangle'
    : dice.pick(['mangle', 'filter', 'filter']);
  const verdict = table === 'filter' ? dice.pick(['DROP', 'REJECT']) : 'DROP';
  const match = protocol === 'icmp' ? '-p icmp' : `-p ${protocol}`;
  const place = dice.pick(['-I', '-A']);
  return [
    {
      name: `${tool} ${verdict} in ${table} ${chain}`,
      node,
      commands: words(`${tool} -t ${table} ${place} ${chain} ${match} -j ${verdict}`),
      accepts,
    },
    {
      name: `nft drop at ${hook}`,
      node,
      commands: [
        {
          argv: ['nft', '-f', '-'],
          input: `table inet fault {
            chain inner { meta l4proto ${protocol} counter ${dice.pick(['drop', hook === 'postrouting' ? 'drop' : 'reject'])}
            }
            chain base { type filter hook ${hook} priority ${dice.pick([-290, -10, 0, 20])}; policy accept; ip daddr ${hop.packet.destination} jump inner
            }
          }`,
        },
      ],
      accepts,
    },
    ...(['input', 'output', 'forward'].includes(hook)
      ? [
          {
            name: `policy drop of ${chain}`,
            node,
            commands: words(`${tool} -P ${chain} DROP`),
            accepts: [`policy-drop ${node}`],
          },
        ]
      : []),
    {
      name: 'strict reverse path filter',
      node,
      commands: words('sysctl -qw net.ipv4.conf.all.rp_filter=1'),
      accepts: [`rp-filter ${node}`],
    },
  ];
}
