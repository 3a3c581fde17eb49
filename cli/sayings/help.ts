import type { Saying } from '../../diagnostics/sayings/saying.ts';

/** What `--help` says of the commands and their options. */
export const HELP: readonly Saying[] = [
  ['Usage:', '用法：'],
  ['Arguments:', '参数：'],
  ['Options:', '选项：'],
  ['Commands:', '命令：'],
  ['Examples:', '示例：'],
  ['display help for command', '显示帮助'],
  ['the version of Hoplab', 'Hoplab 的版本'],
  [
    'Learn container networking in real labs, and find out why A cannot reach B.',
    '在真实的实验中学习容器网络，查明 A 为什么到不了 B。',
  ],
  ['en or zh-cn; default: HOPLAB_LANGUAGE, or the locale', 'en 或 zh-cn；默认取 HOPLAB_LANGUAGE 或系统语言'],
  ['print data', '以 JSON 输出'],
  ['one JSON object', '输出一个 JSON 对象'],
  ['of a running lab', '运行中的实验'],
  [
    'of a file that “hoplab snapshot” wrote; - is standard input',
    '“hoplab snapshot”写出的文件；- 表示标准输入',
  ],
  [
    'facts of a file that “hoplab snapshot” wrote; - is standard input',
    '采用“hoplab snapshot”写出的文件中的信息；- 表示标准输入',
  ],
  // why
  [
    'why FROM cannot reach TO, with evidence and a proven fix',
    'FROM 为什么到不了 TO：证据，以及验证过的解决办法',
  ],
  [
    'Why can FROM not reach TO? The packet’s way there and back, what stops it, and a fix that is proven before it is offered.',
    'FROM 为什么到不了 TO？给出数据包往返的路径、是什么拦住了它，以及事先验证过的解决办法。',
  ],
  [
    'where the packet starts; left out for a file that “--save-case” wrote',
    '数据包的起点；若文件由“--save-case”写出，则可省略',
  ],
  [
    'where it should get to; in a terminal of a lab’s node FROM may be left out',
    '数据包的终点；在实验节点的终端里可以省略 FROM',
  ],
  ['default: tcp where there is a port, else icmp', '默认：有端口时为 tcp，否则为 icmp'],
  ['the port of TO', 'TO 的端口'],
  [
    'whether packets of so many bytes pass whole (headers included)',
    '这么大的数据包（含包头，以字节计）能否不经分片通过',
  ],
  [
    'what FROM sends is bound to this interface, or VRF, of its own',
    'FROM 发出的数据绑定到它自己的这个接口或 VRF',
  ],
  ['from inside a VRF', '从 VRF 里面出发'],
  ['for a ticket', '用于工单'],
  ['do not ask the kernel: follow the facts only', '不向内核求证，只按读到的信息推演'],
  [
    'run the first fix of each cause, after asking; taken back where it does not help',
    '征得同意后执行每个原因的第一个解决办法；若无效则撤销',
  ],
  ['with --apply: do not ask', '与 --apply 一起使用：不再询问'],
  [
    'all facts, the question and the answer in one file, to be asked again elsewhere',
    '把全部信息、问题和回答存入一个文件，可在别处重新提问',
  ],
  ['ask about a running lab', '就运行中的实验提问'],
  ['FROM and TO are one of', 'FROM 和 TO 可以是下列之一'],
  ['this machine', '这台机器'],
  ['a named network namespace, a container', '有名字的网络命名空间、容器'],
  ['of several engines, the container of that one', '有几个引擎时，该引擎的容器'],
  ['where that process is; what it has open as its file M', '该进程所在的网络；它以文件 M 打开着的网络'],
  ['an address, or a name as FROM resolves it (TO only)', '地址，或由 FROM 解析的名字（仅用于 TO）'],
  [
    'a client elsewhere whose packet comes in there (FROM only)',
    '别处的客户端，其数据包从该接口进来（仅用于 FROM）',
  ],
  [
    'A bare word is a container, else a namespace, else a name. TO may end in :PORT or :PORT/udp; [ADDRESS]:PORT for IPv6. HOST/END where there are several hosts.',
    '不带前缀的词依次当作容器、命名空间、名字。TO 可以以 :PORT 或 :PORT/udp 结尾，IPv6 写作 [ADDRESS]:PORT。有多台主机时写 HOST/END。',
  ],
  ["can the container web reach db's port 5432?", '容器 web 能到达 db 的 5432 端口吗？'],
  ['a published port, from the LAN', '从局域网访问发布的端口'],
  [
    'Exit status: 0 reachable, 1 unreachable or partly, 2 cannot tell, 64 wrong usage, 70 a defect of Hoplab, 130 stopped.',
    '退出状态：0 可达；1 不可达或部分可达；2 无法判断；64 用法错误；70 Hoplab 的缺陷；130 被中止。',
  ],
  // map, matrix, snapshot
  ['what exists: hosts, namespaces, interfaces, bridges, wires', '有哪些主机、命名空间、接口、网桥和连线'],
  [
    'What exists: hosts, namespaces, containers, interfaces, bridges, and the wires between them.',
    '列出主机、命名空间、容器、接口、网桥，以及它们之间的连线。',
  ],
  ['one JSON object: nodes and edges', '输出一个 JSON 对象：节点和边'],
  [
    'Exit status: 0 shown, 64 wrong usage or a file that cannot be used, 130 stopped.',
    '退出状态：0 已显示；64 用法错误或文件不能用；130 被中止。',
  ],
  [
    'who can reach whom: every namespace and container from every other',
    '谁能到达谁：所有命名空间和容器两两相问',
  ],
  [
    'Who can reach whom? Every namespace and container is asked from every other, on paper; what stops those that fail, in one line each.',
    '谁能到达谁？在纸面上推演所有命名空间和容器之间的两两连通；不通的各用一行说明是什么拦住了。',
  ],
  ['ports of the receivers; without one: ping', '接收方的端口；不给出则用 ping'],
  ['of the ports; default: tcp', '这些端口的协议；默认 tcp'],
  ['over IPv4 only', '只按 IPv4'],
  [
    'over IPv6 only; without either: IPv4 where both ends have it, else IPv6',
    '只按 IPv6；都不给出：双方都有 IPv4 时按 IPv4，否则按 IPv6',
  ],
  ['over IPv6?', '按 IPv6 呢？'],
  ['one JSON object: ends and pairs', '输出一个 JSON 对象：端点和配对'],
  [
    'Nothing is sent: every packet is followed on paper, there and back, on facts that were read once.',
    '不发送任何数据包：根据一次读取的信息，在纸面上推演每个数据包的往返。',
  ],
  ['who can ping whom?', '谁能 ping 通谁？'],
  ['who reaches these ports of whom?', '谁能到达谁的这些端口？'],
  ['in a running lab', '在运行中的实验里'],
  [
    'Exit status: 0 shown (whoever reaches whom), 64 wrong usage or a file that cannot be used, 70 a defect of Hoplab, 130 stopped.',
    '退出状态：0 已显示（无论谁能到达谁）；64 用法错误或文件不能用；70 Hoplab 的缺陷；130 被中止。',
  ],
  [
    'all facts of the network in one file, to be asked about elsewhere',
    '把网络的全部信息存入一个文件，可在别处提问',
  ],
  [
    'Writes all facts of the network (no environment variables, no process arguments) into one JSON file. “hoplab why --from-snapshot FILE” answers from it anywhere, without root.',
    '把网络的全部信息（不含环境变量和进程参数）写入一个 JSON 文件。之后可以在任何地方用“hoplab why --from-snapshot FILE”提问，无需 root。',
  ],
  [
    'the file to write; only its owner may read it; - is standard output',
    '要写入的文件，只有所有者能读取；- 表示标准输出',
  ],
  [
    'with other names and numbers for everything: the same answers, and nobody sees whose network it is',
    '所有名字和编号都换成别的：回答不变，但看不出是谁的网络',
  ],
  ['says what is called how now; keep that to yourself', '会列出新旧名字的对照，请自行妥善保存'],
  [
    'Exit status: 0 written, 64 wrong usage or a file that cannot be written, 130 stopped.',
    '退出状态：0 已写入；64 用法错误或文件无法写入；130 被中止。',
  ],
];
