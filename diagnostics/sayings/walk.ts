import type { Saying } from './saying.ts';

/** What the walk of a packet could not see, or does not follow. */
export const WALK: readonly Saying[] = [
  ['{label} was not looked at yet', '尚未查看 {label}'],
  ['the namespace {id} is not in sight', '看不到命名空间 {id}'],
  [
    'the {what} of {label} could not be read: nothing on this machine tells them',
    '无法读取 {label} 的{what}：这台机器上没有可用的途径',
  ],
  ['the {what} of {label} could not be read: {why}', '无法读取 {label} 的{what}：{why}'],
  ['a name server could not be asked for {name}: {why}', '无法向名字服务器查询 {name}：{why}'],
  ['how {label} resolves names could not be read: {why}', '无法得知 {label} 如何解析名字：{why}'],
  ['{label} has no files that tell how names are resolved', '{label} 没有说明如何解析名字的配置文件'],
  [
    'names are also asked of “{source}” (nsswitch.conf), which is not modelled',
    '尚未建模：名字还要向“{source}”查询（nsswitch.conf）',
  ],
  ['/etc/hosts has no line for {name}', '/etc/hosts 中没有 {name} 这一行'],
  ['who listens in {label} was not looked at yet', '尚未查看 {label} 中谁在监听'],
  ['who listens in {label} could not be read: {why}', '无法得知 {label} 中谁在监听：{why}'],
  ['who listens in {label} could not be read', '无法得知 {label} 中谁在监听'],
  ['what {label} does with an anycast address is not modelled', '尚未建模：{label} 如何处理任播地址'],
  [
    'the other end of {dev} of {label} is in a namespace that cannot be seen',
    '{label} 中 {dev} 的另一端在一个看不到的命名空间里',
  ],
  [
    'the device below {dev} of {label} is in a namespace that cannot be seen',
    '{label} 中 {dev} 的下层设备在一个看不到的命名空间里',
  ],
  [
    'a route of {label} leads back into the VRF {dev} that holds it',
    '{label} 的一条路由又指回它所在的 VRF {dev}',
  ],
  ['the other end of the wire was not found in {label}', '在 {label} 中找不到这条链路的另一端'],
  ['the other end of {dev} is in a namespace out of sight', '{dev} 的另一端在一个看不到的命名空间里'],
  ['the lower device of {dev} is in a namespace out of sight', '{dev} 的下层设备在一个看不到的命名空间里'],
  ['the device {dev} of {label} was not found', '在 {label} 中找不到设备 {dev}'],
  ['a device of {label} was not found', '找不到 {label} 中的一个设备'],
  ['the device below {dev} was not found', '找不到 {dev} 的下层设备'],
  ['there is no device {dev} to come in by', '没有可供数据包进入的设备 {dev}'],
  ['a frame was to leave by {dev}', '有一个帧要从 {dev} 发出'],
  ['what stands on {dev} of {label} is not known yet', '还不清楚 {label} 的 {dev} 上面有哪些设备'],
  ['{dev} of {label} is of the kind {kind}: not modelled', '尚未建模：{label} 的 {dev} 属于 {kind} 类型'],
  ['{dev} is of the kind {kind}, which is not modelled', '尚未建模：{dev} 属于 {kind} 类型'],
  ['{dev} of {label} belongs to {master}: not modelled', '尚未建模：{label} 的 {dev} 从属于 {master}'],
  [
    '{dev} of {label} belongs to {master} (Open vSwitch): ovs-appctl ofproto/trace shows what it does with the packet',
    '{label} 的 {dev} 从属于 {master}（Open vSwitch）：用 ovs-appctl ofproto/trace 可以查看它如何处理数据包',
  ],
  [
    '{dev} of {label} belongs to Open vSwitch: ovs-appctl ofproto/trace shows what it does with the packet',
    '{label} 的 {dev} 属于 Open vSwitch：用 ovs-appctl ofproto/trace 可以查看它如何处理数据包',
  ],
  [
    'the eBPF program {name} ({type}) of {label} may give the packet to another socket: {command} tells what it is',
    '{label} 的 eBPF 程序 {name}（{type}）可能把数据包交给别的套接字：用 {command} 可以查看它是什么',
  ],
  [
    'the eBPF program {name} of {cgroup}, by which systemd keeps to IPAddressAllow= and IPAddressDeny=, may throw the packet away in {label}: {command} tells what it lets through',
    'systemd 用 {cgroup} 的 eBPF 程序 {name} 落实 IPAddressAllow= 和 IPAddressDeny=，它可能在 {label} 中丢弃数据包：用 {command} 可以查看它放行什么',
  ],
  [
    'the eBPF program {name} ({type}) of {cgroup} may refuse what is sent in {label}, or send it elsewhere: {command} lists it',
    '{cgroup} 的 eBPF 程序 {name}（{type}）可能拒绝 {label} 中发出的数据，或把它改发到别处：用 {command} 可以列出它',
  ],
  [
    'the eBPF program {name} ({type}) of {cgroup} may throw away what is sent in {label}: {command} lists it',
    '{cgroup} 的 eBPF 程序 {name}（{type}）可能丢弃 {label} 中发出的数据：用 {command} 可以列出它',
  ],
  [
    'the eBPF program {name} ({type}) of {cgroup} may throw away what comes to a socket in {label}: {command} lists it',
    '{cgroup} 的 eBPF 程序 {name}（{type}）可能丢弃要交给 {label} 中套接字的数据：用 {command} 可以列出它',
  ],
  [
    'the flows of the Open vSwitch bridge {bridge} were not read',
    '没有读取 Open vSwitch 网桥 {bridge} 的流表',
  ],
  [
    'the Open vSwitch bridge {bridge} uses {what}, which is not modelled: {command} shows what it does with the packet',
    'Open vSwitch 网桥 {bridge} 使用了尚未建模的功能（{what}）：用 {command} 可以查看它如何处理数据包',
  ],
  [
    'the Open vSwitch bridge {bridge} uses {what}, which is not modelled',
    'Open vSwitch 网桥 {bridge} 使用了尚未建模的功能（{what}）',
  ],
  [
    'a flow of the Open vSwitch bridge {bridge} is not modelled ({flow}): {command} shows what it does with the packet',
    'Open vSwitch 网桥 {bridge} 的一个流表项尚未建模（{flow}）：用 {command} 可以查看它如何处理数据包',
  ],
  ['its flow tables lead in a circle', '流表之间形成了循环'],
  [
    'flows of the Open vSwitch bridge {bridge} change VLAN tags',
    'Open vSwitch 网桥 {bridge} 的流表会改变 VLAN 标签',
  ],
  [
    'where the port {dev} of Open vSwitch leads is not modelled',
    '尚未建模：Open vSwitch 的端口 {dev} 通往哪里',
  ],
  [
    '{dev} belongs to {master}, of a kind that is not modelled',
    '尚未建模：{dev} 从属于 {master}，而 {master} 的类型不在支持之列',
  ],
  [
    'what the bridge {bridge} answers for those behind its port {dev} (proxy_arp) is not modelled',
    '网桥 {bridge} 替端口 {dev} 后面的机器代答些什么（proxy_arp）没有建模',
  ],
  ['a broadcast through {bridge} is not followed', '不跟踪经过 {bridge} 的广播'],
  ['which port of {bridge} leads to {mac} is not known', '不清楚 {bridge} 的哪个端口通往 {mac}'],
  ['{mac} is behind several ports of {bridge}', '{mac} 出现在 {bridge} 的多个端口之后'],
  [
    'whether the IPsec policy “{policy}” of {label} means the packet is not modelled',
    '尚未建模：{label} 的 IPsec 策略“{policy}”是否针对这个数据包',
  ],
  [
    'the packet leaves {label} protected by IPsec ({policy}): its further way is not followed',
    '数据包离开 {label} 时受 IPsec 保护（{policy}）：不再跟踪它之后的路',
  ],
  [
    'traffic control on {dev} of {label} redirects the packet to {to}, and where it goes from there is not followed: {command} tells more',
    '{label} 的 {dev} 上的流量控制把数据包转给了 {to}，它从那里去了哪里没有跟踪，可用 {command} 查看',
  ],
  [
    'what traffic control does with the packet on {dev} of {label} is not modelled: {first} and {second} tell',
    '尚未建模：{label} 的 {dev} 上的流量控制如何处理这个数据包，可用 {first} 和 {second} 查看',
  ],
  [
    'a program ({program}) on {dev} of {label} may drop the packet: {first} tells which, and {second} what it is',
    '{label} 的 {dev} 上有一个程序（{program}）可能丢弃数据包：用 {first} 查看是哪个程序，用 {second} 查看它的内容',
  ],
  [
    'IPVS in {label} has no server for {service}: {command} shows it',
    '{label} 中的 IPVS 没有 {service} 的服务器：可用 {command} 查看',
  ],
  [
    'IPVS in {label} hands what is for {service} on to {servers}, which is not followed: ask for these themselves',
    '{label} 中的 IPVS 把发往 {service} 的数据包转交给 {servers}，不再跟踪：请直接询问这些服务器',
  ],
  [
    'whether {dev} finishes checksums before a program takes its packets as they are is not known: {command} tells (tx-checksumming)',
    '不清楚 {dev} 是否会在程序原样取走数据包之前算完校验和：用 {command} 可以查看（tx-checksumming）',
  ],
  ['whether a device finished the checksum was not looked at yet', '尚未查看校验和是否已由某个接口算完'],
  [
    'Open vSwitch finishes checksums itself only if it was started after userspace-tso-enable was set: its log tells',
    '只有在设置 userspace-tso-enable 之后启动的 Open vSwitch 才会自己算完校验和：它的日志里写着',
  ],
  ['which namespace the port {dev} was given to is not known', '不清楚端口 {dev} 被移到了哪个网络命名空间'],
  [
    '{label} may answer for {address} by {dev} itself before Open vSwitch does: arp_ignore=1 of {port} keeps it silent',
    '{label} 可能抢在 Open vSwitch 之前直接从 {dev} 应答 {address}：把 {port} 的 arp_ignore 设为 1 就不会应答',
  ],
  ['who uses {dev} of {label} is not known yet', '尚不清楚谁在使用 {label} 的 {dev}'],
  ['a multipath route has several next hops', '多路径路由有多个下一跳'],
  ['a multipath route chooses a next hop for each connection', '多路径路由为每条连接另选下一跳'],
  ['the multicast address {address} is not followed', '不跟踪组播地址 {address}'],
  [
    'the link-local address {address} means something only together with an interface',
    '链路本地地址 {address} 必须连同接口一起给出才有意义',
  ],
  [
    'whether the rule "{rule}" applies in {label} is not modelled ({parts})',
    '尚未建模：策略路由规则“{rule}”在 {label} 中是否适用（{parts}）',
  ],
  [
    'whether the kernel of {label} goes by its IPv6 rules, of which one of the first is missing, depends on whether another was ever added',
    '{label} 缺了一条自带的 IPv6 策略路由规则；内核是否照规则行事，取决于那里是否添加过别的规则',
  ],
];

/** Tunnels, and devices that stand on others. */
export const TUNNELS: readonly Saying[] = [
  ['the {kind} tunnel {dev} is not followed', '不跟踪 {kind} 隧道 {dev}'],
  [
    'what becomes of a packet in the {kind} tunnel {dev} of {label} is not modelled',
    '尚未建模：数据包进入 {label} 的 {kind} 隧道 {dev} 之后会怎样',
  ],
  [
    'what becomes of a packet in the {kind} tunnel {dev} of {label} (to {remote}) is not modelled',
    '尚未建模：数据包进入 {label} 的 {kind} 隧道 {dev}（通往 {remote}）之后会怎样',
  ],
  [
    "which interface of {label} takes the tunnel's packet is not known yet",
    '还不清楚 {label} 由哪个接口接收隧道的数据包',
  ],
  [
    'where {dev} sends a packet is said by a program (external)',
    '{dev} 把数据包发往哪里由外部程序决定（external）',
  ],
  [
    'where {dev} of {label} sends a packet is said by a program',
    '{label} 的 {dev} 把数据包发往哪里由一个程序决定',
  ],
  [
    'the packets of the tunnel {dev} are routed in a namespace out of sight',
    '隧道 {dev} 的数据包在一个看不到的命名空间里选路',
  ],
  [
    'what the tunnel {dev} of {label} does ({parts}) is not modelled',
    '尚未建模：{label} 的隧道 {dev} 的行为（{parts}）',
  ],
  ['what the tunnel {dev} does ({parts}) is not modelled', '尚未建模：隧道 {dev} 的行为（{parts}）'],
  [
    '{dev} of {label} has not joined the group {group}: it takes its frames only where the kernel gives it the hash of another group',
    '{label} 的 {dev} 没有加入组播组 {group}：只有内核恰好把它散列到已加入的某个组的位置时，发往该组的帧才会被收下',
  ],
  [
    'which port of {dev} of {label} sends is known to teamd alone',
    '{label} 的 {dev} 用哪个端口发送，只有 teamd 知道',
  ],
  [
    'the peers of {dev} of {label} are not known: wg show tells',
    '不知道 {label} 的 {dev} 有哪些对端：wg show 会显示',
  ],
  [
    'the peers of {dev} of {label} are not known: wg show tells ({reason})',
    '不知道 {label} 的 {dev} 有哪些对端：wg show 会显示（{reason}）',
  ],
  [
    'the keys and the port of {dev} at the other end are not known: wg show tells',
    '不知道另一端 {dev} 的密钥和端口：wg show 会显示',
  ],
  [
    'whether the program on UDP port {port} of {label} answers from {asked}, which is asked, or from {source}, as the routes have it, is its own affair (IP_PKTINFO)',
    '{label} 中 UDP 端口 {port} 上的程序是从被问的 {asked} 回答，还是按路由从 {source} 回答，由程序自己决定（IP_PKTINFO）',
  ],
  [
    'how the route “{route}” of {label} wraps the packet (encap) is not modelled',
    '尚未建模：{label} 的路由“{route}”如何封装数据包（encap）',
  ],
  ['the group {address} of the tunnel {dev} is not followed', '不跟踪隧道 {dev} 的组播组 {address}'],
  ['the group {address} of {dev} is not followed', '不跟踪 {dev} 的组播组 {address}'],
  ['a tunnel of {label} was not found', '找不到 {label} 的一条隧道'],
  ['{dev} of {label} sends the frame to several remotes', '{label} 的 {dev} 会把这个帧发往多个对端'],
  ['the other end of the tunnel was not found', '找不到隧道的另一端'],
  ['a tunnel on the way was not looked at yet', '尚未查看途中的一条隧道'],
  [
    'the tunnel {dev} answers for everybody behind it, and has no entry for {address}',
    '隧道 {dev} 替身后的所有人应答，却没有 {address} 的条目',
  ],
  [
    'the tunnel {dev} at the other end speaks for others (proxy) and lets no answer of ARP out',
    '对端的隧道 {dev} 开了 proxy，由它代答 ARP，因而不放任何 ARP 应答出去',
  ],
];

/** Who answers for an address on a segment, and why nobody does. */
export const NEIGHBOURS: readonly Saying[] = [
  [
    '{label} takes no part in finding neighbours on {dev} (arp off)',
    '{label} 在 {dev} 上不参与邻居查询（arp off）',
  ],
  [
    '{label} speaks for others on {dev} (proxy_arp) only where it forwards, and {key} is 0',
    '{label} 在 {dev} 上代他人应答（proxy_arp）的前提是它会转发，而 {key} 为 0',
  ],
  [
    '{label} speaks for others on {dev} (proxy_arp) only where it has a route to them, and it has none to {address}',
    '{label} 在 {dev} 上代他人应答（proxy_arp）的前提是有去往对方的路由，而它没有去往 {address} 的路由',
  ],
  ['{label} ignores ARP requests on {dev} (arp_ignore)', '{label} 在 {dev} 上不理会 ARP 请求（arp_ignore）'],
  [
    "{label} does not accept the asker's address {address} on {dev} ({why})",
    '{label} 在 {dev} 上不接受询问者的地址 {address}（{why}）',
  ],
  ['rp-filter-strict', 'rp_filter 严格模式'],
  ['rp-filter-loose', 'rp_filter 宽松模式'],
  ['martian', '火星地址'],
  ['{label} does not answer on {dev} (arp_filter)', '{label} 在 {dev} 上不应答（arp_filter）'],
  [
    'IPv6 does not work on {dev} of {label}: its MTU is {mtu}',
    '{label} 的 {dev} 上无法使用 IPv6：它的 MTU 是 {mtu}',
  ],
  ['IPv6 is switched off on {dev} of {label} ({sysctl})', '{label} 的 {dev} 上关闭了 IPv6（{sysctl}）'],
  [
    '{label} does not use {address}: somebody else had it first (duplicate address detection)',
    '{label} 不启用 {address}：别人先占用了它（重复地址检测）',
  ],
  [
    '{label} does not use {address} yet (duplicate address detection)',
    '{label} 还没有启用 {address}（重复地址检测尚未完成）',
  ],
  [
    '{label} has {address} on {dev}, and answers for it only there',
    '{label} 的 {address} 在 {dev} 上，只在那里应答',
  ],
  [
    '{label} has no link-local address on {dev} to ask its neighbours with',
    '{label} 在 {dev} 上没有链路本地地址，无法向邻居发出询问',
  ],
  [
    '{label} has {address} itself on {dev}, and does not use it (duplicate address detection)',
    '{address} 就配在 {label} 自己的 {dev} 上，却没有启用（重复地址检测）',
  ],
  [
    '{child} (macvlan in mode passthru) takes what comes in by {dev} of {label}, its neighbours’ answers too',
    '{label} 的 {dev} 收到的一切都归 {child}（passthru 模式的 macvlan），邻居的应答也不例外',
  ],
  [
    '{address} is answered for by more than one on the segment of {dev}, and the fastest gets the packet: {who}',
    '在 {dev} 所在的网段上，不止一个接口为 {address} 应答，数据包归最先应答的那个：{who}',
  ],
  ['who has {address} behind {dev} is not known yet', '还不清楚 {dev} 后面谁有 {address}'],
  [
    'two connections in {label} would have the same answers: which port the second gets is not modelled',
    '{label} 中有两个连接的应答会相同：第二个会得到哪个端口没有建模',
  ],
  [
    '{label} answers {address} at the hardware address {mac}, which was written by hand and is not its own',
    '{label} 按手工写入的硬件地址 {mac} 应答 {address}，而那不是它的硬件地址',
  ],
  ['nobody that was looked at has {address} behind {dev}', '在 {dev} 后面查看过的各方都没有 {address}'],
  ['who has {address} behind {dev} cannot be seen: {why}', '看不到 {dev} 后面谁有 {address}：{why}'],
];
