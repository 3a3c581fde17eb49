import type { Language } from '../model/language.ts';

/**
 * Facts carry the reason why they could not be read as one English sentence, which a snapshot keeps and replays anywhere. Here
 * such a sentence is said in another language: by its pattern, its names as they are. A sentence without one stays as it is.
 */
export function said(sentence: string, language: Language): string {
  switch (language) {
    case 'en':
      return sentence;
    case 'zh-cn':
      return inChinese(sentence);
  }
}

type Saying = readonly [pattern: RegExp, say: (...names: readonly string[]) => string];

const WHATS: Readonly<Record<string, string>> = {
  'interfaces and routes': '接口和路由',
  'firewall rules': '防火墙规则',
  'kernel settings': '内核参数',
  'listening sockets': '监听中的套接字',
  'tracked connections': '连接跟踪表',
  'forwarding tables of bridges': '网桥转发表',
  links: '接口',
  routes: '路由',
  rules: '策略路由规则',
  neighbours: '邻居表',
  fdb: '网桥转发表',
  sysctls: '内核参数',
  ruleset: '防火墙规则',
  sockets: '监听中的套接字',
  conntrack: '连接跟踪表',
  resolver: '名字解析配置',
};
const what = (english: string): string => WHATS[english] ?? english;

const SAYINGS: readonly Saying[] = [
  [
    /^the (\w+) of (.*) could not be read: nothing on this machine tells them$/s,
    (fact = '', label = '') => `无法读取 ${label} 的${what(fact)}：这台机器上没有可用的途径`,
  ],
  [
    /^the (\w+) of (.*) could not be read: (.*)$/s,
    (fact = '', label = '', why = '') => `无法读取 ${label} 的${what(fact)}：${inChinese(why)}`,
  ],
  [
    /^how (.*) resolves names could not be read: (.*)$/s,
    (label = '', why = '') => `无法读取 ${label} 如何解析名字：${inChinese(why)}`,
  ],
  [
    /^who listens in (.*?) could not be read(?:: (.*))?$/s,
    (label = '', why = '') => `无法得知 ${label} 中谁在监听${why === '' ? '' : `：${inChinese(why)}`}`,
  ],
  [
    /^the other end of (.*) of (.*) is in a namespace that cannot be seen$/s,
    (dev = '', label = '') => `${label} 中 ${dev} 的另一端在一个看不到的命名空间里`,
  ],
  [
    /^the device below (.*) of (.*) is in a namespace that cannot be seen$/s,
    (dev = '', label = '') => `${label} 中 ${dev} 的下层设备在一个看不到的命名空间里`,
  ],
  [
    /^The (.*) may only be read by an administrator: run the same with sudo to see them\.$/s,
    (it = '') => `只有管理员才能读取${what(it)}：请在同一命令前加上 sudo。`,
  ],
  [
    /^The (.*) could not be read, because (.*) is not installed\.$/s,
    (it = '', tool = '') => `无法读取${what(it)}，因为没有安装 ${tool}。`,
  ],
  [
    /^The (.*) could not be read, because the network namespace is gone\.$/s,
    (it = '') => `无法读取${what(it)}，因为这个网络命名空间已经不在了。`,
  ],
  [
    /^The (.*) could not be read, because (.*) did not answer in time\.$/s,
    (it = '', tool = '') => `无法读取${what(it)}，因为 ${tool} 没有及时应答。`,
  ],
  [
    /^The (.*) were not read, because the question was cancelled\.$/s,
    (it = '') => `没有读取${what(it)}，因为提问已被取消。`,
  ],
  [
    /^The (.*) could not be understood: (.*) printed damaged output\.$/s,
    (it = '', tool = '') => `无法理解${what(it)}：${tool} 的输出已损坏。`,
  ],
  [
    /^The files that resolve names could not be read: (.*)\.$/s,
    (why = '') => `无法读取用于解析名字的文件：${why}。`,
  ],
  [
    /^The network of this container may only be seen by an administrator: run the same with sudo\.$/,
    () => '只有管理员才能查看这个容器的网络：请在同一命令前加上 sudo。',
  ],
  [/^The network namespace is gone\.$/, () => '这个网络命名空间已经不在了。'],
  [/^This is not in the snapshot\.$/, () => '快照中没有这一项。'],
  [
    /^The Docker engine at (.*) may not be asked by this user: run the same with sudo to see its containers\.$/s,
    (url = '') => `当前用户无权访问 ${url} 上的 Docker 引擎：请在同一命令前加上 sudo，才能看到其中的容器。`,
  ],
  [
    /^There is no Docker engine at (.*): start it, or correct DOCKER_HOST or the docker context\.$/s,
    (url = '') => `${url} 上没有 Docker 引擎：请启动它，或者改正 DOCKER_HOST 或 docker context。`,
  ],
  [
    /^The Docker engine at (.*) did not answer: see whether "docker version" does\.$/s,
    (url = '') => `${url} 上的 Docker 引擎没有应答：请看看“docker version”有没有结果。`,
  ],
  [
    /^What answers at (.*) is not a Docker engine: correct DOCKER_HOST or the docker context\.$/s,
    (url = '') => `${url} 上应答的不是 Docker 引擎：请改正 DOCKER_HOST 或 docker context。`,
  ],
  [
    /^The Docker engine at (.*) answered with an error \(HTTP status (\d+)\): see what "docker version" says\.$/s,
    (url = '', status = '') =>
      `${url} 上的 Docker 引擎返回了错误（HTTP 状态 ${status}）：请看看“docker version”怎么说。`,
  ],
  [
    /^The Docker engine at (.*) was not asked: only unix and tcp endpoints are, set DOCKER_HOST to one\.$/s,
    (url = '') => `没有询问 ${url} 上的 Docker 引擎：只支持 unix 和 tcp 地址，请相应设置 DOCKER_HOST。`,
  ],
  [
    /^The Docker engine at (.*) was not asked: its certificate (.*) could not be read \((.*)\), correct DOCKER_CERT_PATH or the docker context\.$/s,
    (url = '', file = '', why = '') =>
      `没有询问 ${url} 上的 Docker 引擎：无法读取证书 ${file}（${why}），请改正 DOCKER_CERT_PATH 或 docker context。`,
  ],
  [
    /^No probe was made, because only an administrator may enter this network namespace: run the same with sudo\.$/,
    () => '没有实际探测，因为只有管理员才能进入这个网络命名空间：请在同一命令前加上 sudo。',
  ],
  [
    /^No probe was made, because (.*) is not installed\.$/s,
    (tool = '') => `没有实际探测，因为没有安装 ${tool}。`,
  ],
  [
    /^No probe was made, because the network namespace is gone\.$/,
    () => '没有实际探测，因为这个网络命名空间已经不在了。',
  ],
  [/^No probe was made, because (.*) failed\.$/s, (tool = '') => `没有实际探测，因为 ${tool} 运行失败。`],
  [/^No probe was made: this user may not send pings\.$/, () => '没有实际探测：当前用户无权发送 ping。'],
  [
    /^There is no container or network namespace “(.*)”, and it cannot be a DNS name$/s,
    (name = '') => `没有名为“${name}”的容器或网络命名空间，它也不可能是 DNS 名字`,
  ],
  [
    /^There is no container or network namespace “(.*)”$/s,
    (name = '') => `没有名为“${name}”的容器或网络命名空间`,
  ],
  [
    /^There is no container “(.*)”: no container engine answers here$/s,
    (name = '') => `没有名为“${name}”的容器：这里没有容器引擎应答`,
  ],
  [/^There is no container “(.*)”$/s, (name = '') => `没有名为“${name}”的容器`],
  [/^There is no network namespace “(.*)”$/s, (name = '') => `没有名为“${name}”的网络命名空间`],
  [/^There is no host “(.*)”$/s, (name = '') => `没有名为“${name}”的主机`],
  [
    /^The container “(.*?)” cannot be looked up: (.*)$/s,
    (name = '', why = '') => `无法查找容器“${name}”：${inChinese(why)}`,
  ],
  [
    /^The container “(.*)” is not running \((\w+)\): nothing can be sent from it$/s,
    (name = '', state = '') => `容器“${name}”没有在运行（${state}）：无法从它发送数据`,
  ],
  [
    /^Only an administrator may see which network process (\d+) is in: run the same with sudo$/,
    (pid = '') => `只有管理员才能查看进程 ${pid} 所在的网络：请在同一命令前加上 sudo`,
  ],
  [
    /^“(.*)” is not a port: a port is a number from 1 to 65535$/s,
    (text = '') => `“${text}”不是端口：端口是 1 到 65535 的数字`,
  ],
  [/^“(.*)” is not an IP address$/s, (text = '') => `“${text}”不是 IP 地址`],
  [
    /^A question about (\w+) needs a port: --port N$/,
    (protocol = '') => `询问 ${protocol} 需要端口：--port N`,
  ],
  [
    /^ICMP has no ports: leave out the port, or ask for tcp or udp$/,
    () => 'ICMP 没有端口：请去掉端口，或者询问 tcp 或 udp',
  ],
  [/^The probe was cancelled\.$/, () => '探测已被取消。'],
  [/^The probe did not end in time\.$/, () => '探测没有按时结束。'],
];

function inChinese(sentence: string): string {
  for (const [pattern, say] of SAYINGS) {
    const names = pattern.exec(sentence)?.slice(1);
    if (names) return say(...names.map((name: string | undefined) => name ?? ''));
  }
  return sentence;
}
