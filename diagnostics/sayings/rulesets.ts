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
    'rules of iptables table {table} are for a chain that is not listed: {chain}',
    'iptables 表 {table} 中有规则属于未列出的链：{chain}',
  ],
  [
    'the policy of chain {chain} of iptables table {table} is not known: {policy}',
    '不清楚 iptables 表 {table} 中链 {chain} 的默认策略：{policy}',
  ],
  ['the listing of nft is without table {table}', 'nft 的列表中缺少表 {table}'],
  ['the listing of legacy {tool} is without table {table}', '旧版 {tool} 的列表中缺少表 {table}'],
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
  [
    'it accepts connections for the destination (SYNPROXY), and asks that one only when the sender has answered',
    '它替目的地接受连接（SYNPROXY），等发起方回应之后才去询问目的地',
  ],
  ['changes the packet in a way that is not modelled', '它以尚未建模的方式改动数据包'],
  ['what becomes of the packet is not known ({rule})', '不清楚数据包会怎样（{rule}）'],
  ['chance decides which port it is mapped to', '映射到哪个端口由随机决定'],
  ['whether it matches depends on how many packets came lately', '它是否匹配取决于最近来了多少数据包'],
  ['whether it matches depends on how much has passed by then', '它是否匹配取决于到那时已通过多少流量'],
  [
    'whether it matches depends on which processor handles the packet',
    '它是否匹配取决于由哪个 CPU 处理该数据包',
  ],
  [
    'whether it matches depends on how the sender’s system builds its packets',
    '它是否匹配取决于发送方系统构造数据包的方式',
  ],
  ['whether it matches depends on when the connection was last used', '它是否匹配取决于该连接上次活动的时间'],
  [
    'whether it matches depends on a hash that only the kernel can make',
    '它是否匹配取决于只有内核才能算出的散列值',
  ],
  ['whether it matches depends on the control group of the program', '它是否匹配取决于程序所在的控制组'],
  [
    'whether it matches depends on the program that sends the packet, or takes it',
    '它是否匹配取决于收发该数据包的程序',
  ],
  [
    'whether it matches depends on what the sender writes into the headers',
    '它是否匹配取决于发送方写进报头的内容',
  ],
  [
    'whether it matches depends on what IPsec does with the packet',
    '它是否匹配取决于 IPsec 如何处理该数据包',
  ],
  ['whether it matches depends on what the connection has seen before', '它是否匹配取决于该连接此前的经历'],
  ['whether it matches depends on the time', '它是否匹配取决于时间'],
  [
    'whether it matches depends on something that is not known ({what})',
    '它是否匹配取决于某个未知因素（{what}）',
  ],
  ['whether it matches depends on something that is not modelled', '它是否匹配取决于尚未建模的因素'],
  [
    'whether it matches depends on what the set {name} holds by then',
    '它是否匹配取决于集合 {name} 届时的内容',
  ],
  ['whether it matches depends on who came lately', '它是否匹配取决于最近来访的地址'],
  ['whether it matches depends on how many connections there are by then', '它是否匹配取决于届时有多少连接'],
  [
    'whether it matches depends on bytes of the packet that only its sender knows',
    '它是否匹配取决于只有发送方知道的数据包内容',
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
