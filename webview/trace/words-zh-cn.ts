import type { RuleReference } from '../../diagnostics/model/trace.ts';
import { said } from '../../diagnostics/sayings/sayings.ts';
import type { TraceWords } from './words.ts';

const BACKENDS: Readonly<Record<RuleReference['backend'], string>> = {
  legacy: 'iptables（legacy）',
  'iptables-nft': 'iptables（nft）',
  nft: 'nftables',
};

const rule = (by: RuleReference): string => {
  const place = `${BACKENDS[by.backend]} ${by.family} ${by.table} 表 ${by.chain} 链`;
  return by.rule ? `${place}的第 ${by.rule.number} 条规则` : `${place}的默认策略`;
};

export const chinese: TraceWords = {
  rule,
  step: {
    send: ({ packet }) =>
      `发出 ${packet.protocol.toUpperCase()} 数据包：从 ${packet.source} 到 ${packet.destination}${
        packet.protocol !== 'tcp' && packet.protocol !== 'udp' ? '' : ` 端口 ${packet.destinationPort}`
      }。`,
    route: ({ destination, route, via, dev }) => {
      if (!route) return `没有通往 ${destination} 的路由。`;
      switch (route.type) {
        case 'local':
          return `${destination} 是本机地址：数据包留在这里。`;
        case 'blackhole':
          return `通往 ${destination} 的路由是黑洞：数据包被丢弃。`;
        case 'unreachable':
          return `通往 ${destination} 的路由标为不可达。`;
        case 'prohibit':
          return `通往 ${destination} 的路由标为禁止。`;
        case 'unicast':
        case 'broadcast':
        case 'anycast':
        case 'multicast':
        case 'throw': {
          const out = dev ?? '未知接口';
          return via
            ? `通往 ${destination} 的路由：经网关 ${via}，从 ${out} 发出。`
            : `通往 ${destination} 的路由：目的地与 ${out} 直接相连。`;
        }
      }
    },
    filter: ({ verdict, decidedBy, answer }) => {
      const by = rule(decidedBy);
      if (verdict === 'accept') return `${decidedBy.hook} 钩子放行：${by}。`;
      if (verdict === 'drop') return `${decidedBy.hook} 钩子悄悄丢弃：${by}。`;
      return `${decidedBy.hook} 钩子拒绝${answer ? `并回复 ${answer}` : ''}：${by}。`;
    },
    translate: ({ what, before, after, decidedBy }) =>
      `${what === 'source' ? '源' : '目的'} ${before} 改为 ${after}：${
        decidedBy ? rule(decidedBy) : '连接跟踪记住的先前转换'
      }。`,
    neighbour: ({ address, dev, mac, by }) => {
      switch (by) {
        case 'table':
          return `${dev} 的邻居表中有 ${address}${mac ? `，MAC 为 ${mac}` : ''}。`;
        case 'owner':
          return `在 ${dev} 上询问，${address} 的主人应答${mac ? `，MAC 为 ${mac}` : ''}。`;
        case 'nobody':
          return `在 ${dev} 上询问，没有谁为 ${address} 应答。`;
      }
    },
    transmit: ({ dev, problem }) => {
      if (!problem) return `从 ${dev} 发出。`;
      switch (problem) {
        case 'down':
          return `无法发出：${dev} 没有启用（down）。`;
        case 'no-carrier':
          return `无法发出：${dev} 没有载波，对端没有启用或已不存在。`;
      }
    },
    receive: ({ dev, problem }) => {
      if (!problem) return `到达 ${dev}。`;
      switch (problem) {
        case 'down':
          return `到达时丢失：${dev} 没有启用（down）。`;
        case 'waits':
          return `${dev} 丢弃了它：它所属的 bond 用另一个接口收发。`;
        case 'not-for-this-mac':
          return `${dev} 不理会它：目的 MAC 是别人的。`;
        case 'for-many':
          return `被丢弃：装着它的帧发给了 ${dev} 所在网络的所有机器，不是单独发给一台的。`;
        case 'no-such-vlan':
          return `${dev} 不理会它：它带着那里没有的 VLAN 标签。`;
        case 'ipv6-off':
          return `${dev} 丢弃了它：那里关闭了 IPv6。`;
      }
    },
    bridge: ({ bridge, inPort, outPort, by, problem, group }) => {
      const port = outPort ?? '某个端口';
      switch (problem ?? null) {
        case null:
          break;
        case 'port-not-forwarding':
          return `网桥 ${bridge} 丢弃它：有端口不在转发状态。`;
        case 'isolated':
          return `网桥 ${bridge} 丢弃它：${inPort ?? '入端口'} 与 ${port} 互相隔离。`;
        case 'hairpin-off':
          return `网桥 ${bridge} 不会从 ${inPort ?? '来的端口'} 送回：发夹（hairpin）模式关闭。`;
        case 'bridge-down':
          return `网桥 ${bridge} 没有启用（down）。`;
        case 'no-port-leads-there':
          return `网桥 ${bridge} 没有端口通往目的 MAC 地址。`;
        case 'vlan':
          return outPort === null
            ? `网桥 ${bridge} 丢弃它：${inPort ?? bridge} 不属于它的 VLAN。`
            : `网桥 ${bridge} 丢弃它：${outPort} 不属于它的 VLAN。`;
        case 'locked':
          return `网桥 ${bridge} 丢弃它：${inPort ?? '端口'} 已锁定（locked），转发表里没有这个发送者。`;
        case 'not-flooded':
          return `网桥 ${bridge} 不知道这个 MAC 地址在哪里，也不许向 ${port} 泛洪。`;
        case 'not-broadcast':
          return `网桥 ${bridge} 不把广播从 ${port} 发出去。`;
        case 'not-joined':
          return `网桥 ${bridge} 不把它交给 ${outPort ?? '自己的协议栈'}：那里没有谁加入组 ${group ?? ''}。`;
        case 'not-multicast':
          return `网桥 ${bridge} 不把组播从 ${port} 发出去。`;
      }
      switch (by) {
        case 'local':
          return `网桥 ${bridge} 自己收下。`;
        case 'fdb':
          return `网桥 ${bridge} 从 ${port} 送出：它在那里学到了这个 MAC 地址。`;
        case 'flood':
          return `网桥 ${bridge} 向所有端口泛洪；${port} 通往目的地。`;
      }
    },
    flow: ({ bridge, table, flow, verdict, outPort }) =>
      flow === null
        ? `Open vSwitch ${bridge} 的表 ${table} 中没有与之匹配的流表项，因此丢弃它。`
        : verdict === 'dropped'
          ? `Open vSwitch ${bridge} 的一个流表项丢弃了它。`
          : `Open vSwitch ${bridge} 的一个流表项把它送到了别处${outPort === null ? '' : `（${outPort}）`}。`,
    macvlan: ({ lower, dev, mode, problem }) => {
      switch (problem) {
        case 'host-and-child':
          return `${dev} 建在 ${lower} 之上：一方发出的帧，另一方永远听不到。`;
        case 'siblings':
          return `${dev} 以 ${mode} 模式建在 ${lower} 之上：它在那里见不到同级接口。`;
        case 'source':
          return `${dev} 只接收指定发送者的帧，而这个发送者不在其中。`;
      }
    },
    tunnel: ({ dev, tunnel, id, remote, problem }) => {
      switch (problem ?? null) {
        case null:
          return `穿过 ${tunnel} 隧道 ${dev}${id === null ? '' : `，编号 ${id}`}${remote === null ? '' : `，另一端 ${remote}`}。`;
        case 'no-entry':
          return `隧道 ${dev} 不知道这个 MAC 地址在哪个远端：丢弃。`;
        case 'other-id':
          return `${dev} 另一端的隧道没有编号 ${id ?? ''}。`;
        case 'other-port':
          return `${dev} 另一端的隧道使用别的端口。`;
        case 'sender-elsewhere':
          return `${dev} 丢弃它：不接收 ${remote ?? '这个远端'} 为这个发送者发来的内容。`;
        case 'own-mac':
          return `发送者的 MAC 地址与 ${dev} 相同，${dev} 以为是自己发出的帧绕了回来：丢弃。`;
        case 'other-options':
          return `${dev} 两端的头部选项（校验和、序号）或承载的内容不一致：丢弃。`;
        case 'other-family':
          return `${dev} 只承载另一种 IP 协议族：丢弃。`;
        case 'no-peer':
          return `${dev} 没有哪个对端的允许地址包含这个目的地址。`;
        case 'no-endpoint':
          return `${dev} 不知道对端的地址。`;
        case 'unknown-key':
          return `${dev} 两端的密钥对不上：丢弃。`;
        case 'source-not-allowed':
          return `${dev} 丢弃它：对端不允许使用这个源地址。`;
      }
    },
    forward: ({ dev, enabled, claimed }) =>
      claimed
        ? `有规则把数据包交给了这里端口 ${claimed.port} 上的套接字（TPROXY），路由却把它带向别处：它被丢弃。`
        : enabled
          ? `${dev} 的转发已开启：数据包继续前行。`
          : `${dev} 的转发已关闭：给别人的数据包到此为止。`,
    'source-check': ({ dev, source, passed, reason }) => {
      if (passed) return `源地址 ${source} 出现在 ${dev} 上是合理的。`;
      if (!reason) return `${dev} 不接受源地址 ${source}。`;
      switch (reason) {
        case 'rp-filter-strict':
          return `严格反向路径过滤将其丢弃：回到 ${source} 的路由不经过 ${dev}。`;
        case 'rp-filter-loose':
          return `反向路径过滤将其丢弃：没有回到 ${source} 的路由。`;
        case 'martian':
          return `${source} 不可能来自 ${dev}（火星地址）：被丢弃。`;
      }
    },
    zone: ({ asked, followed }) =>
      `连接跟踪在区域 ${asked} 中查找该数据包，而它的连接记在区域 ${followed} 中：因此认不出来。`,
    track: ({ count, limit }) => `不再开始新的连接：这里正在跟踪 ${count} 个，上限 ${limit} 个。`,
    'traffic-control': ({ dev, queue, filter }) =>
      filter?.to
        ? `${dev} 上的流量控制把它改交给了 ${filter.to.dev}。`
        : `${dev} 上的流量控制丢弃了它：${queue ? '队列什么都不收' : '一条过滤器这样规定'}。`,
    ipsec: ({ policy, problem }) => {
      if (!policy) return 'IPsec 阻止没有策略提到的数据包。';
      switch (problem) {
        case 'blocked':
          return '一条 IPsec 策略阻止了它。';
        case 'unprotected':
          return '一条 IPsec 策略要求它受到保护，而它没有：被丢弃。';
        case 'no-state':
          return '一条 IPsec 策略要求保护它，却没有可用的安全关联。';
      }
    },
    checksum: ({ by, at }) => `它的校验和不对，被丢弃：${by.dev} 没有算完，交换机在 ${at.dev} 原样取走。`,
    ttl: ({ passed }) => (passed ? '生存时间（TTL）减一。' : '生存时间（TTL）用尽：数据包到此为止。'),
    size: ({ dev, mtu, size, passed }) =>
      passed
        ? `${size} 字节在 ${dev} 上被切成不超过 ${mtu} 字节的分片。`
        : `${size} 字节，超过了 ${dev} 的 MTU ${mtu}。`,
    deliver: ({ socket, accepted }) => {
      if (!accepted)
        return socket
          ? `套接字 ${socket.address} 端口 ${socket.port} 不接收它。`
          : '这个地址和端口上没有程序在监听。';
      if (!socket) return '由内核收下。';
      const process = socket.process ? `${socket.process.name}（PID ${socket.process.pid}）的` : '';
      return `${process}套接字 ${socket.address} 端口 ${socket.port} 收下它。`;
    },
    exit: ({ dev }) => `从 ${dev} 离开本机；外面发生的事从这里看不到。`,
    doubt: ({ text }) => `不确定：${said(text, 'zh-cn')}`,
  },
  disposition: {
    delivered: '已送达',
    refused: '被拒绝：没有程序在监听',
    rejected: '被规则拒绝',
    dropped: '被规则丢弃',
    'no-route': '没有路由',
    blackhole: '黑洞路由',
    prohibited: '被路由禁止',
    'not-forwarded': '没有转发',
    'neighbour-unresolved': '下一跳无人应答',
    'link-down': '链路断开',
    'filtered-source': '源地址被过滤',
    'too-big': '超过链路的 MTU',
    'ttl-expired': 'TTL 用尽',
    loop: '陷入环路',
    'name-unresolved': '名称无法解析',
    'exits-machine': '离开本机',
    unknown: '未知',
  },
  leg: {
    direct: '直接',
    dns: '名称查询',
    relay: '中继连接',
    underlay: '隧道底层',
  },
  byChance: ({ way, of }) => `（随机选择：${of} 条中的第 ${way} 条）`,
  there: '去程',
  back: '回程',
  between: (inDev, outDev) => {
    if (inDev && outDev) return `由 ${inDev} 进，由 ${outDev} 出`;
    if (inDev) return `由 ${inDev} 进`;
    return outDev ? `由 ${outDev} 出` : '';
  },
};
