import type { Saying } from './saying.ts';

/** What is read of a machine, as the reasons name it. */
export const FACT_NOUNS: Readonly<Record<string, string>> = {
  'interfaces and routes': '接口和路由',
  'firewall rules': '防火墙规则',
  'sockets of UDP': 'UDP 套接字',
  'kernel settings': '内核参数',
  'listening sockets': '监听中的套接字',
  'tracked connections': '连接跟踪表',
  'forwarding tables of bridges': '网桥转发表',
  'bridges of Open vSwitch': 'Open vSwitch 网桥',
  'flow tables of Open vSwitch': 'Open vSwitch 流表',
  answers: '接口和路由',
  links: '接口',
  interfaces: '接口',
  'VLANs of bridges': '网桥的 VLAN',
  'routing rules': '策略路由规则',
  routes: '路由',
  'IPsec policies': 'IPsec 策略',
  'queues of interfaces': '接口的排队规则',
  'offloads of interfaces': '接口的卸载设置',
  'peers of WireGuard': 'WireGuard 的对端',
  ipsec: 'IPsec 策略',
  rules: '策略路由规则',
  neighbours: '邻居表',
  fdb: '网桥转发表',
  sysctls: '内核参数',
  ruleset: '防火墙规则',
  sockets: '监听中的套接字',
  'eBPF programs of sockets': '套接字的 eBPF 程序',
  socketPrograms: '套接字的 eBPF 程序',
  conntrack: '连接跟踪表',
  resolver: '名字解析配置',
};

/** Why a fact is not there. */
export const FACTS: readonly Saying[] = [
  ['The {what} could not be read: {why}.', '无法读取{what}：{why}。'],
  [
    'The {what} may only be read by an administrator: run the same with sudo to see them.',
    '只有管理员才能读取{what}，请在同一命令前加上 sudo。',
  ],
  ['The {what} could not be read, because {tool} is not installed.', '无法读取{what}，因为没有安装 {tool}。'],
  [
    'The {what} could not be read, because the network namespace is gone.',
    '无法读取{what}，因为这个网络命名空间已经不在了。',
  ],
  [
    'The {what} could not be read, because {tool} did not answer in time.',
    '无法读取{what}，因为 {tool} 没有及时应答。',
  ],
  ['The {what} were not read, because the question was cancelled.', '没有读取{what}，因为提问已被取消。'],
  [
    'The {what} could not be understood: {tool} printed damaged output.',
    '无法理解{what}：{tool} 的输出已损坏。',
  ],
  [
    'The eBPF programs of sockets could not be read, because bpftool is not installed: sudo apt-get install bpftool.',
    '无法读取套接字的 eBPF 程序，因为没有安装 bpftool：sudo apt-get install bpftool。',
  ],
  ['{tool} failed', '{tool} 运行失败'],
  ['The files that resolve names could not be read: {why}.', '无法读取用于解析名字的文件：{why}。'],
  [
    'The network of this container may only be seen by an administrator: run the same with sudo.',
    '只有管理员才能查看这个容器的网络，请在同一命令前加上 sudo。',
  ],
  ['The network namespace is gone.', '这个网络命名空间已经不在了。'],
  ['This network namespace is not there.', '没有这个网络命名空间。'],
  ['There is no host {name}.', '没有名为“{name}”的主机。'],
  ['{path} is another network namespace by now.', '{path} 如今已是另一个网络命名空间。'],
  [
    'Native nftables rules could not be read, because nft is not installed.',
    '无法读取原生的 nftables 规则，因为没有安装 nft。',
  ],
  [
    'The rules of legacy {tool} could not be read: its save command does not work here.',
    '无法读取旧式 {tool} 的规则：它的 save 命令在这里不能用。',
  ],
  [
    'The rules of legacy arptables could not be read: its command does not work here.',
    '无法读取旧式 arptables 的规则：它的命令在这里不能用。',
  ],
  [
    'Legacy ebtables may have rules here, which cannot be read without making its tables.',
    '这里可能有旧式 ebtables 的规则，但不建立它的表就无法读取。',
  ],
  [
    'Rules of legacy iptables may be here that only an administrator of the machine may see: run the same with sudo to see them.',
    '这里可能有旧式 iptables 的规则，只有这台机器的管理员才能看到：请用 sudo 运行同样的命令来查看。',
  ],
  [
    'Rules in the table broute of legacy ebtables take frames past bridges: they are not modelled.',
    '旧式 ebtables 的 broute 表中的规则让帧绕过网桥，这一点没有建模。',
  ],
  ['{path} did not answer in time', '读取 {path} 超时'],
  ['{path} is a chain of links', '{path} 是一长串符号链接'],
  ['{path} is not a file', '{path} 不是文件'],
  ['{path} is not a plain file', '{path} 不是普通文件'],
  ['{path} is too large', '{path} 太大'],
  ['{path} may only be read by an administrator', '只有管理员才能读取 {path}'],
  ['{path} could not be read', '无法读取 {path}'],
];

/** Why the container engine was not asked, or gave no answer. */
export const ENGINES: readonly Saying[] = [
  [
    'The Docker engine at {url} may not be asked by this user: run the same with sudo to see its containers.',
    '当前用户无权访问 {url} 上的 Docker 引擎，请在同一命令前加上 sudo，才能看到其中的容器。',
  ],
  [
    'There is no Docker engine at {url}: start it, or correct DOCKER_HOST or the docker context.',
    '{url} 上没有 Docker 引擎：请启动它，或者改正 DOCKER_HOST 或 docker context。',
  ],
  [
    'The Docker engine at {url} did not answer: see whether "docker version" does.',
    '{url} 上的 Docker 引擎没有应答：请看看“docker version”有没有结果。',
  ],
  [
    'What answers at {url} is not a Docker engine: correct DOCKER_HOST or the docker context.',
    '{url} 上应答的不是 Docker 引擎：请改正 DOCKER_HOST 或 docker context。',
  ],
  [
    'The Docker engine at {url} answered with an error (HTTP status {status}): see what "docker version" says.',
    '{url} 上的 Docker 引擎返回了错误（HTTP 状态码 {status}）：请看看“docker version”怎么说。',
  ],
  [
    'Podman did not answer in time: see whether "{client} ps" does.',
    'Podman 没有及时应答：请看看“{client} ps”有没有结果。',
  ],
  [
    'Podman did not tell of its containers: see what "{client} ps" says.',
    'Podman 没有给出它的容器：请看看“{client} ps”怎么说。',
  ],
  [
    'The Docker engine at {url} was not asked: only unix and tcp endpoints are, set DOCKER_HOST to one.',
    '没有询问 {url} 上的 Docker 引擎：只支持 unix 和 tcp 地址，请相应设置 DOCKER_HOST。',
  ],
  [
    'The Docker engine at {url} was not asked: its certificate {file} could not be read ({why}), correct DOCKER_CERT_PATH or the docker context.',
    '没有询问 {url} 上的 Docker 引擎：无法读取证书 {file}（{why}），请改正 DOCKER_CERT_PATH 或 docker context。',
  ],
  ['the system refused', '系统拒绝访问'],
];

/** What is wrong with a file of facts. */
export const SNAPSHOTS: readonly Saying[] = [
  ['This is not in the snapshot.', '快照中没有这一项。'],
  ['{file} is not a snapshot: it holds no JSON object.', '{file} 不是快照：里面没有 JSON 对象。'],
  [
    '{file} was written by a newer Hoplab (schema {schema}): update Hoplab to read it.',
    '{file} 是由更新版本的 Hoplab 写的（schema {schema}）：请升级 Hoplab 再读取。',
  ],
  [
    '{file} is not a complete snapshot: something is wrong{where}.',
    '{file} 不是完整的快照：内容有误{where}。',
  ],
  [
    '{file} is not a complete snapshot: something is wrong at {where}.',
    '{file} 不是完整的快照：{where} 处有误。',
  ],
  ['{file} is not a file.', '{file} 不是文件。'],
  ['{file} is too large to be a snapshot.', '{file} 太大，不可能是快照。'],
  ['{file} could not be read: {why}.', '无法读取 {file}：{why}。'],
  ['there is no such file', '没有这个文件'],
  ['this user may not read it', '当前用户无权读取'],
  ['it is a directory', '它是一个目录'],
  ['the system could not give its contents', '系统无法给出它的内容'],
];
