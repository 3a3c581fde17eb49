import type { Saying } from './saying.ts';

/** What was not understood of a ruleset, or cannot be decided by it. */
export const RULESETS: readonly Saying[] = [
  ['table {key} holds rules that only nft can list', '表 {key} 中有只能由 nft 列出的规则'],
  ['a line of the iptables listing was not understood: {line}', '无法理解 iptables 列表中的一行：{line}'],
  [
    'it is not known where the kernel calls chain {chain} of iptables table {table}',
    '不清楚内核在哪里调用 iptables 表 {table} 的链 {chain}',
  ],
  ['the iptables listing of table {table} has no end', 'iptables 对表 {table} 的列表不完整'],
  [
    'it is not known where the kernel calls chain {chain} of nft table {table}',
    '不清楚内核在哪里调用 nft 表 {table} 的链 {chain}',
  ],
  ['a line of the ebtables listing was not understood: {line}', '无法理解 ebtables 列表中的一行：{line}'],
  [
    'whether “{rule}” is for IPv4, IPv6 or both (nft does not list it)',
    '“{rule}”针对的是 IPv4、IPv6 还是两者（nft 没有列出）',
  ],
  ['nft could not list all that its rules hold: {line}', 'nft 未能完整列出规则的内容：{line}'],
  ['the listing of nft was not understood', '无法理解 nft 的列表'],
  ['an object of the nft listing was not understood ({kind})', '无法理解 nft 列表中的一个对象（{kind}）'],
  [
    'a rule of nft table {table} belongs to no chain of the listing',
    'nft 表 {table} 中有一条规则不属于列表里的任何链',
  ],
  ['rule {number} of chain {chain} ({rule}): {why}', '链 {chain} 的第 {number} 条规则（{rule}）：{why}'],
  ['changes the packet in a way that is not modelled', '它以尚未建模的方式改动数据包'],
  ['what becomes of the packet is not known ({rule})', '不清楚数据包会怎样（{rule}）'],
  ['chance decides which port it is mapped to', '映射到哪个端口由随机决定'],
  [
    'whether it matches depends on time, chance, history or something that is not known',
    '它是否匹配取决于时间、随机、过往流量或某个未知因素',
  ],
  ['chance decides whether it matches', '它是否匹配由随机决定'],
  ['a rule has just changed what its map holds', '刚有一条规则改动了该映射的内容'],
  ['chance decides which entry of its map is taken', '选用映射中的哪一项由随机决定'],
  [
    'which entry of its map is taken depends on chance or something that is not known',
    '选用映射中的哪一项取决于随机或某个未知因素',
  ],
  ['a program decides on the packet', '数据包的去留由一个程序决定'],
  ['chain {chain} nests too deeply', '链 {chain} 嵌套过深'],
  ['chain {chain} is not in the listing', '列表中没有链 {chain}'],
  ['too many possibilities to follow them all', '可能性太多，无法一一跟踪'],
  [
    'too many rules cannot be decided: more than 64 ways are possible',
    '无法判定的规则太多：可能的走向超过 64 种',
  ],
  [
    'which of {chains} runs first is not known: their priority is the same',
    '不清楚 {chains} 中哪一个先运行：它们的优先级相同',
  ],
  [
    'which of {chains} is asked first is not known: their priority is the same',
    '不清楚先询问 {chains} 中的哪一个：它们的优先级相同',
  ],
  [
    'whether ARP passes the rules on {dev} of {label} is not modelled',
    '尚未建模：ARP 报文能否通过 {label} 中 {dev} 上的规则',
  ],
  [
    'rules of {label} send frames that ask for a neighbour elsewhere on {bridge}',
    '{label} 的规则把 {bridge} 上查询邻居的帧改送到了别处',
  ],
  ['which rule answers for {target} in its place is not certain', '不确定哪条规则代 {target} 作答'],
  ['whether rules of {label} let ARP through is not certain', '不确定 {label} 的规则是否放行 ARP'],
  [
    'whether rules of {label} let neighbour discovery through is not certain',
    '不能确定 {label} 的规则是否放行邻居发现报文',
  ],
  [
    'a rule on {dev} of {label} hands the packet to a program',
    '{label} 中 {dev} 上有一条规则把数据包交给一个程序处理',
  ],
];
