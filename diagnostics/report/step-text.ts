import { said } from '../sayings/sayings.ts';
import { displayText } from '../model/display-text.ts';
import { addressAndPort } from '../model/ip.ts';
import { ipsecPolicyText } from '../model/ipsec.ts';
import type { Language } from '../model/language.ts';
import type { RuleReference, Step } from '../model/trace.ts';
import { filterText, queueText } from '../model/traffic-control.ts';

/** One step of a way as a short phrase, or null where it is not worth telling. Safe to show. */
export function stepText(step: Step, language: Language): string | null {
  const text = language === 'en' ? english(step) : chinese(step);
  return text === null ? null : displayText(text);
}

/** Where and what decided: `rule 3 of FORWARD (filter, iptables-nft): -A FORWARD …`. */
const ruleEn = ({ rule, chain, table, backend }: RuleReference): string =>
  rule === null
    ? `the policy of ${chain} (${table}, ${backend})`
    : `rule ${rule.number} of ${chain} (${table}, ${backend}): ${rule.text}`;
const ruleZh = ({ rule, chain, table, backend }: RuleReference): string =>
  rule === null
    ? `链 ${chain} 的默认策略（${table}，${backend}）`
    : `链 ${chain} 第 ${rule.number} 条规则（${table}，${backend}）：${rule.text}`;

function english(step: Step): string | null {
  switch (step.kind) {
    case 'send':
      return `sends from ${step.packet.source}`;
    case 'route':
      if (step.route === null) return `no route to ${step.destination}`;
      if (step.route.type === 'local') return null;
      return `route ${step.route.text}`;
    case 'filter':
      if (step.verdict === 'accept')
        return step.decidedBy.rule === null ? null : `accepted by ${ruleEn(step.decidedBy)}`;
      if (step.unclaimed)
        return `dropped by ${ruleEn(step.decidedBy)}: no transparent socket takes it on ${addressAndPort(step.unclaimed.address, step.unclaimed.port)}`;
      return step.verdict === 'drop'
        ? `dropped by ${ruleEn(step.decidedBy)}`
        : `rejected (${step.answer ?? 'error'}) by ${ruleEn(step.decidedBy)}`;
    case 'translate':
      return `${step.what} ${step.before} becomes ${step.after}`;
    case 'neighbour':
      return step.by === 'nobody' ? `nobody on ${step.dev} answers for ${step.address}` : null;
    case 'transmit':
      if (step.problem === 'down') return `${step.dev} is switched off`;
      return step.problem === 'no-carrier' ? `${step.dev} has no carrier` : null;
    case 'receive':
      if (step.problem === 'down') return `${step.dev} is switched off`;
      if (step.problem === 'ipv6-off') return `${step.dev} throws it away: IPv6 is switched off there`;
      if (step.problem === 'waits')
        return `${step.dev} throws it away: its bond sends and receives by another interface`;
      if (step.problem === 'for-many')
        return `thrown away: its frame was for everybody on the network of ${step.dev}, and not for one machine`;
      if (step.problem === 'no-such-vlan') return `${step.dev} ignores the frame: it has no such VLAN`;
      return step.problem === 'not-for-this-mac'
        ? `${step.dev} ignores the frame: it is for another hardware address`
        : null;
    case 'bridge':
      switch (step.problem) {
        case undefined:
          return `bridge ${step.bridge} passes it${step.outPort === null ? '' : ` on to ${step.outPort}`}`;
        case 'port-not-forwarding':
          return `bridge ${step.bridge}: port ${step.outPort ?? step.inPort ?? ''} is not forwarding`;
        case 'isolated':
          return `bridge ${step.bridge}: the ports are isolated from each other`;
        case 'hairpin-off':
          return `bridge ${step.bridge} does not send a frame back out of the port it came by`;
        case 'bridge-down':
          return `bridge ${step.bridge} is switched off`;
        case 'no-port-leads-there':
          return `bridge ${step.bridge} has no port that leads there`;
        case 'vlan':
          return `bridge ${step.bridge}: its VLANs do not let the frame ${step.outPort === null ? `in by ${step.inPort ?? step.bridge}` : `out by ${step.outPort}`}`;
        case 'locked':
          return `bridge ${step.bridge}: the port ${step.inPort ?? ''} is locked, and does not know the sender`;
        case 'not-flooded':
          return `bridge ${step.bridge} does not know the address, and may not try ${step.outPort ?? ''}`;
        case 'not-broadcast':
          return `bridge ${step.bridge} sends no broadcasts out by ${step.outPort ?? ''}`;
        case 'not-joined':
          return `bridge ${step.bridge}: nobody ${step.outPort === null ? 'in its own stack' : `behind port ${step.outPort}`} has joined the group ${step.group ?? ''}`;
        case 'not-multicast':
          return `bridge ${step.bridge} sends no multicasts out by ${step.outPort ?? ''}`;
      }
      break;
    case 'flow':
      return `Open vSwitch ${step.bridge}: ${step.flow === null ? `no flow of table ${step.table} matches, which drops it` : `${step.verdict === 'dropped' ? 'dropped' : 'sent elsewhere'} by the flow ${step.flow}`}`;
    case 'macvlan':
      return macvlanEn(step);
    case 'tunnel':
      return tunnelEn(step);
    case 'forward':
      if (step.claimed)
        return `dropped instead of forwarded: a rule gave it to the socket on ${addressAndPort(step.claimed.address, step.claimed.port)} (TPROXY), and its route leads elsewhere`;
      return step.enabled ? null : `does not forward what comes in by ${step.dev} (${step.sysctl} = 0)`;
    case 'source-check':
      return step.passed
        ? null
        : `${step.dev}: the source ${step.source} is not accepted here (${step.reason ?? 'martian'})`;
    case 'track':
      return `no connection is begun: ${step.count} of at most ${step.limit} are being followed`;
    case 'zone':
      return `not recognised: connection tracking looks for it in zone ${step.asked}, and follows the connection in zone ${step.followed}`;
    case 'ipsec':
      return ipsecEn(step);
    case 'traffic-control':
      return `traffic control on ${step.dev} ${step.filter?.to ? 'gives it to another device' : 'throws it away'}: ${step.queue ? queueText(step.queue) : step.filter ? filterText(step.filter) : ''}`;
    case 'checksum':
      return `thrown away: its checksum was never finished (${step.by.dev} left it so, ${step.at.dev} took it so)`;
    case 'ttl':
      return step.passed ? null : 'the packet has been forwarded too often (TTL)';
    case 'size':
      if (step.passed)
        return `${step.size} bytes leave ${step.dev} in pieces of at most ${step.mtu} (fragmentation)`;
      return `${step.size} bytes are too many for ${step.dev}: its MTU is ${step.mtu}`;
    case 'deliver':
      if (!step.accepted) return 'arrives, and nothing takes it';
      if (step.held === true) return 'arrives at a socket that only keeps the port, and that nobody reads';
      return step.socket === null
        ? 'arrives'
        : `arrives at ${step.socket.process?.name ?? 'a program'} on ${step.socket.address}:${step.socket.port}`;
    case 'exit':
      return `leaves the machine by ${step.dev}`;
    case 'doubt':
      return `not certain: ${step.text}`;
  }
  return null;
}

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

const macvlanEn = ({ lower, dev, mode, problem, driver: other }: StepOf<'macvlan'>): string => {
  const driver = other ?? 'macvlan';
  switch (problem) {
    case 'host-and-child':
      return `${dev} and ${lower}, on which it stands, never hear each other (${driver})`;
    case 'siblings':
      return `${dev} keeps away from the others on ${lower} (${driver}, mode ${mode})`;
    case 'source':
      return `${dev} does not listen to this sender (macvlan, mode ${mode})`;
  }
};

const macvlanZh = ({ lower, dev, mode, problem, driver: other }: StepOf<'macvlan'>): string => {
  const driver = other ?? 'macvlan';
  switch (problem) {
    case 'host-and-child':
      return `${dev} 与它所在的 ${lower} 互相听不见（${driver}）`;
    case 'siblings':
      return `${dev} 与 ${lower} 上的其他接口互相隔离（${driver}，${mode} 模式）`;
    case 'source':
      return `${dev} 不接收这个发送者的帧（macvlan，${mode} 模式）`;
  }
};

const ipsecEn = ({ policy, problem }: StepOf<'ipsec'>): string => {
  if (policy === null) return 'blocked by IPsec: no policy speaks of the packet';
  const text = ipsecPolicyText(policy);
  switch (problem) {
    case 'blocked':
      return `blocked by the IPsec policy ${text}`;
    case 'unprotected':
      return `thrown away by the IPsec policy ${text}: it is not protected`;
    case 'no-state':
      return `lost: the IPsec policy ${text} wants it protected, and there is no association to do it by`;
  }
};

const ipsecZh = ({ policy, problem }: StepOf<'ipsec'>): string => {
  if (policy === null) return '被 IPsec 阻止：没有策略提到这个数据包';
  const text = ipsecPolicyText(policy);
  switch (problem) {
    case 'blocked':
      return `被 IPsec 策略 ${text} 阻止`;
    case 'unprotected':
      return `被 IPsec 策略 ${text} 丢弃：它没有受到保护`;
    case 'no-state':
      return `丢失：IPsec 策略 ${text} 要求保护它，却没有可用的安全关联`;
  }
};

const tunnelEn = ({ dev, id, remote, problem }: StepOf<'tunnel'>): string => {
  switch (problem ?? null) {
    case null:
      return `tunnel ${dev}${id === null ? '' : ` (number ${id})`}, other end ${remote ?? '?'}`;
    case 'no-entry':
      return `tunnel ${dev} does not know where to send the frame`;
    case 'other-id':
      return `tunnel ${dev}: nothing at the other end has the number ${id ?? '?'}`;
    case 'other-port':
      return `tunnel ${dev}: the other end listens on another port`;
    case 'sender-elsewhere':
      return `tunnel ${dev}: it does not take what comes from ${remote ?? '?'}`;
    case 'own-mac':
      return `tunnel ${dev}: the frame has its own hardware address as the sender`;
    case 'other-options':
      return `tunnel ${dev}: the two ends disagree on the header (checksum, counter) or on what is carried`;
    case 'other-family':
      return `tunnel ${dev} carries the other IP family only`;
    case 'no-peer':
      return `tunnel ${dev}: no peer has the destination among its allowed addresses`;
    case 'no-endpoint':
      return `tunnel ${dev}: the address of the peer is not known`;
    case 'unknown-key':
      return `tunnel ${dev}: the keys of the two ends do not belong together`;
    case 'source-not-allowed':
      return `tunnel ${dev}: the peer may not send from this source address`;
  }
};

const tunnelZh = ({ dev, id, remote, problem }: StepOf<'tunnel'>): string => {
  switch (problem ?? null) {
    case null:
      return `隧道 ${dev}${id === null ? '' : `（编号 ${id}）`}，另一端 ${remote ?? '?'}`;
    case 'no-entry':
      return `隧道 ${dev} 不知道该把帧送到哪里`;
    case 'other-id':
      return `隧道 ${dev}：另一端没有编号为 ${id ?? '?'} 的隧道`;
    case 'other-port':
      return `隧道 ${dev}：另一端使用别的端口`;
    case 'sender-elsewhere':
      return `隧道 ${dev}：不接收来自 ${remote ?? '?'} 的内容`;
    case 'own-mac':
      return `隧道 ${dev}：帧的发送者用的正是它自己的硬件地址`;
    case 'other-options':
      return `隧道 ${dev}：两端的头部选项（校验和、序号）或承载的内容不一致`;
    case 'other-family':
      return `隧道 ${dev} 只承载另一种 IP 协议族`;
    case 'no-peer':
      return `隧道 ${dev}：没有哪个对端的允许地址包含这个目的地址`;
    case 'no-endpoint':
      return `隧道 ${dev}：不知道对端的地址`;
    case 'unknown-key':
      return `隧道 ${dev}：两端的密钥对不上`;
    case 'source-not-allowed':
      return `隧道 ${dev}：对端不允许使用这个源地址`;
  }
};

function chinese(step: Step): string | null {
  switch (step.kind) {
    case 'send':
      return `从 ${step.packet.source} 发出`;
    case 'route':
      if (step.route === null) return `没有到 ${step.destination} 的路由`;
      if (step.route.type === 'local') return null;
      return `路由 ${step.route.text}`;
    case 'filter':
      if (step.verdict === 'accept')
        return step.decidedBy.rule === null ? null : `被放行：${ruleZh(step.decidedBy)}`;
      if (step.unclaimed)
        return `被丢弃：${ruleZh(step.decidedBy)}；${addressAndPort(step.unclaimed.address, step.unclaimed.port)} 上没有透明套接字接收它`;
      return step.verdict === 'drop'
        ? `被丢弃：${ruleZh(step.decidedBy)}`
        : `被拒绝（${step.answer ?? 'error'}）：${ruleZh(step.decidedBy)}`;
    case 'translate':
      return `${step.what === 'source' ? '源地址' : '目的地址'} ${step.before} 改为 ${step.after}`;
    case 'neighbour':
      return step.by === 'nobody' ? `${step.dev} 上没有人应答 ${step.address}` : null;
    case 'transmit':
      if (step.problem === 'down') return `${step.dev} 处于关闭状态`;
      return step.problem === 'no-carrier' ? `${step.dev} 没有载波` : null;
    case 'receive':
      if (step.problem === 'down') return `${step.dev} 处于关闭状态`;
      if (step.problem === 'ipv6-off') return `${step.dev} 丢弃了它：那里关闭了 IPv6`;
      if (step.problem === 'waits') return `${step.dev} 丢弃了它：它所属的 bond 用另一个接口收发`;
      if (step.problem === 'for-many')
        return `被丢弃：装着它的帧是发给 ${step.dev} 所在网络的所有机器，而不是发给一台机器的`;
      if (step.problem === 'no-such-vlan') return `${step.dev} 不理会这个帧：它没有这个 VLAN`;
      return step.problem === 'not-for-this-mac'
        ? `${step.dev} 不理会这个帧：它是发给另一个硬件地址的`
        : null;
    case 'bridge':
      switch (step.problem) {
        case undefined:
          return `网桥 ${step.bridge} 转发${step.outPort === null ? '' : `到 ${step.outPort}`}`;
        case 'port-not-forwarding':
          return `网桥 ${step.bridge}：端口 ${step.outPort ?? step.inPort ?? ''} 不在转发状态`;
        case 'isolated':
          return `网桥 ${step.bridge}：两个端口被互相隔离`;
        case 'hairpin-off':
          return `网桥 ${step.bridge} 不会把帧从进来的端口再送出去`;
        case 'bridge-down':
          return `网桥 ${step.bridge} 处于关闭状态`;
        case 'no-port-leads-there':
          return `网桥 ${step.bridge} 没有通往那里的端口`;
        case 'vlan':
          return `网桥 ${step.bridge}：VLAN 设置不让这个帧${step.outPort === null ? `从 ${step.inPort ?? step.bridge} 进入` : `从 ${step.outPort} 出去`}`;
        case 'locked':
          return `网桥 ${step.bridge}：端口 ${step.inPort ?? ''} 已锁定（locked），不认识发送者`;
        case 'not-flooded':
          return `网桥 ${step.bridge} 不知道这个地址在哪里，又不许尝试 ${step.outPort ?? ''}`;
        case 'not-broadcast':
          return `网桥 ${step.bridge} 不把广播从 ${step.outPort ?? ''} 发出去`;
        case 'not-joined':
          return `网桥 ${step.bridge}：${step.outPort === null ? '它自己的协议栈' : `端口 ${step.outPort} 后面`}没有谁加入组 ${step.group ?? ''}`;
        case 'not-multicast':
          return `网桥 ${step.bridge} 不把组播从 ${step.outPort ?? ''} 发出去`;
      }
      break;
    case 'flow':
      return `Open vSwitch ${step.bridge}：${step.flow === null ? `表 ${step.table} 中没有匹配的流表项，因此被丢弃` : `流表项“${step.flow}”${step.verdict === 'dropped' ? '把它丢弃' : '把它送到了别处'}`}`;
    case 'macvlan':
      return macvlanZh(step);
    case 'tunnel':
      return tunnelZh(step);
    case 'forward':
      if (step.claimed)
        return `没有转发而是被丢弃：有规则把它交给了 ${addressAndPort(step.claimed.address, step.claimed.port)} 上的套接字（TPROXY），但路由把它带向别处`;
      return step.enabled ? null : `不转发从 ${step.dev} 进来的数据包（${step.sysctl} = 0）`;
    case 'source-check':
      return step.passed
        ? null
        : `${step.dev}：不接受来源 ${step.source}（${said(step.reason ?? 'martian', 'zh-cn')}）`;
    case 'track':
      return `不再开始新的连接：正在跟踪 ${step.count} 个，上限 ${step.limit} 个`;
    case 'zone':
      return `认不出来：连接跟踪在区域 ${step.asked} 中查找它，而该连接记在区域 ${step.followed} 中`;
    case 'ipsec':
      return ipsecZh(step);
    case 'traffic-control':
      return `${step.dev} 上的流量控制${step.filter?.to ? '把它交给了别的设备' : '丢弃了它'}：${step.queue ? queueText(step.queue) : step.filter ? filterText(step.filter) : ''}`;
    case 'checksum':
      return `被丢弃：它的校验和没有算完（${step.by.dev} 没有算，${step.at.dev} 原样取走）`;
    case 'ttl':
      return step.passed ? null : '数据包被转发的次数过多（TTL）';
    case 'size':
      if (step.passed) return `${step.size} 字节在 ${step.dev} 上被切成不超过 ${step.mtu} 字节的分片`;
      return `${step.size} 字节对 ${step.dev} 来说太大：它的 MTU 是 ${step.mtu}`;
    case 'deliver':
      if (!step.accepted) return '到达，但没有人接收';
      if (step.held === true) return '到达一个只用来占住端口的套接字，没有程序从中读取';
      return step.socket === null
        ? '到达'
        : `到达 ${step.socket.process?.name ?? '程序'}（${step.socket.address}:${step.socket.port}）`;
    case 'exit':
      return `从 ${step.dev} 离开这台机器`;
    case 'doubt':
      return `不能确定：${said(step.text, 'zh-cn')}`;
  }
  return null;
}
