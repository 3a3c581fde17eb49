import type { Saying } from './saying.ts';

/** Why a question cannot be asked as it stands. */
export const QUESTION: readonly Saying[] = [
  [
    'There is no process {pid} that alone keeps a network open as its file {file}',
    '没有进程 {pid} 独自以文件 {file} 打开着一个网络',
  ],
  [
    'a process number, a dot and the number of an open file follow “fd:”',
    '“fd:”后面是进程号、一个点和打开文件的编号',
  ],
  ['“{text}” cannot be an end of a question: {why}', '“{text}”不能作为问题的一端：{why}'],
  ['it is empty', '它是空的'],
  ['it holds a zero byte', '其中有一个零字节'],
  ['it is {count} characters long', '它长达 {count} 个字符'],
  ['it is a URL; write {end}', '这是一个网址；请写 {end}'],
  ['a port is followed by /tcp or /udp', '端口后面只能跟 /tcp 或 /udp'],
  ['a slash stands between a host and an endpoint on it', '斜杠应当用来隔开主机和主机上的端点'],
  ['it names one address, not a network', '这里要的是一个地址，而不是一个网络'],
  ['only “outside” is followed by an interface', '只有“outside”后面才能跟接口'],
  ['a name follows “netns:”', '“netns:”后面要跟名字'],
  ['a name follows “container:”', '“container:”后面要跟名字'],
  ['a process number follows “pid:”', '“pid:”后面要跟进程号'],
  ['an interface follows “@”', '“@”后面要跟接口'],
  ['an interface follows “%”', '“%”后面要跟接口'],
  [
    'only a link-local address (fe80::…) is followed by an interface',
    '只有链路本地地址（fe80::…）后面才跟接口',
  ],
  ['an IPv6 address with a port is written [ADDRESS]:PORT', '带端口的 IPv6 地址写作 [ADDRESS]:PORT'],
  ['nothing stands before the port', '端口前面什么也没有'],
  [
    '“{text}” is not a port: a port is a number from 1 to 65535',
    '“{text}”不是端口：端口是 1 到 65535 的数字',
  ],
  ['“{text}” is not an IP address', '“{text}”不是 IP 地址'],
  ['There is no host to ask about', '没有可以询问的主机'],
  ['There is no host “{name}”', '没有名为“{name}”的主机'],
  ['There is no network namespace “{name}”', '没有名为“{name}”的网络命名空间'],
  ['Several containers are called “{name}”: say which', '有几个容器都叫“{name}”：请说明是哪一个'],
  ['There is no container “{name}”', '没有名为“{name}”的容器'],
  [
    'There is no container “{name}”: no container engine answers here',
    '没有名为“{name}”的容器：这里没有容器引擎应答',
  ],
  ['There is no container or network namespace “{name}”', '没有名为“{name}”的容器或网络命名空间'],
  [
    'There is no container or network namespace “{name}”, and it cannot be a DNS name',
    '没有名为“{name}”的容器或网络命名空间，它也不可能是 DNS 名字',
  ],
  ['There is no process {pid} whose network can be seen', '没有进程 {pid}，或者看不到它的网络'],
  [
    'Only an administrator may see which network process {pid} is in: run the same with sudo',
    '只有管理员才能查看进程 {pid} 所在的网络，请在同一命令前加上 sudo',
  ],
  ['The container “{name}” cannot be looked up: {why}', '无法查找容器“{name}”：{why}'],
  [
    'The container “{name}” is not running ({state}): nothing can be sent from it',
    '容器“{name}”没有在运行（{state}）：无法从它发送数据',
  ],
  [
    'The container “{name}” runs on an engine elsewhere: nothing can be sent from it here',
    '容器“{name}”运行在别处的引擎上：无法在这里从它发送数据',
  ],
  [
    'The container “{name}” runs on an engine elsewhere, and that engine names no address of it',
    '容器“{name}”运行在别处的引擎上，而那个引擎没有给出它的地址',
  ],
  [
    'A packet from {source} cannot be for {destination}: one is an IPv4 address, the other an IPv6 one',
    '从 {source} 发出的数据包不可能发给 {destination}：一个是 IPv4 地址，另一个是 IPv6 地址',
  ],
  ['There is no interface “{dev}” to send to {address} by', '没有可用来发往 {address} 的接口“{dev}”'],
  ['“{text}” cannot be an interface', '“{text}”不能是接口'],
  [
    'A packet from outside comes in by an interface: outside@INTERFACE; --interface is for what is sent from here',
    '来自外部的数据包从某个接口进来：outside@INTERFACE；--interface 用于从这里发出的数据',
  ],
  ['TO is behind {device}, and --interface says {dev}', 'TO 在 {device} 后面，而 --interface 写的是 {dev}'],
  [
    'The link-local address {address} means something only together with an interface of {place}: say {words}',
    '链路本地地址 {address} 必须连同 {place} 的接口一起才有意义：请写成 {words}',
  ],
  [
    '“{text}” is an IPv6 address without a port: port {port} of {address} is written [{whole}%INTERFACE]:{number}, with an interface of {place} ({words})',
    '“{text}”是一个不带端口的 IPv6 地址：{address} 的端口 {port} 写作 [{whole}%INTERFACE]:{number}，其中 INTERFACE 是 {place} 的一个接口（{words}）',
  ],
  ['There is no interface “{dev}” to come in by', '没有可供数据包进入的接口“{dev}”'],
  [
    'Say by which interface the packet comes in: outside:ADDRESS@INTERFACE',
    '请说明数据包从哪个接口进来：outside:ADDRESS@INTERFACE',
  ],
  ['Only TO has a port: the kernel chooses FROM’s own', '只有 TO 才有端口：FROM 的端口由内核选择'],
  [
    'FROM is a place, not an address: name a namespace, a container, or “outside:ADDRESS” for a client elsewhere',
    'FROM 是一个位置，而不是地址：请写命名空间或容器的名字；若客户端在别处，请写“outside:ADDRESS”',
  ],
  [
    '“outside” can only be FROM; for a TO elsewhere give its address',
    '“outside”只能用作 FROM；若 TO 在别处，请直接写它的地址',
  ],
  ['TO says {one}, and --proto says {other}', 'TO 里写的是 {one}，--proto 却是 {other}'],
  ['TO says port {one}, and --port says {other}', 'TO 里写的端口是 {one}，--port 却是 {other}'],
  ['A question about {protocol} needs a port: --port N', '询问 {protocol} 需要端口：--port N'],
  [
    'ICMP has no ports: leave out the port, or ask for tcp or udp',
    'ICMP 没有端口：请去掉端口，或者询问 tcp 或 udp',
  ],
  [
    'A packet has {least} to {most} bytes, its headers included',
    '一个数据包的大小是 {least} 到 {most} 字节（含包头）',
  ],
  ['TO cannot be outside', 'TO 不能是 outside'],
  [
    'a name ({name}) means something only to somebody who asks from here',
    '名字（{name}）只有从这里发出询问时才有意义',
  ],
  [
    'What /etc/resolv.conf names as server is no address ({servers}); {why}',
    '/etc/resolv.conf 中写的服务器不是地址（{servers}）；{why}',
  ],
  ['/etc/resolv.conf names no server; {why}', '/etc/resolv.conf 没有写任何服务器；{why}'],
  ['FROM is no place that packets start from', 'FROM 不是数据包可以出发的地方'],
  ['{name} is not there any more', '{name} 已经不在了'],
  ['“{command}” failed', '“{command}”执行失败'],
  ['“{command}” failed: {why}', '“{command}”执行失败：{why}'],
];
