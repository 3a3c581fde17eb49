import type { Saying } from './saying.ts';

/** What the kernel answered, and why it was not asked. */
export const PROBE: readonly Saying[] = [
  ['The connection was accepted.', '连接已被接受。'],
  ['An answer came back.', '收到了应答。'],
  [
    'The connection was accepted and closed at once: what accepted it may be a proxy with nothing behind it.',
    '连接刚被接受就关闭了：接受它的可能是一个后面没有服务的代理。',
  ],
  ['No answer came.', '没有收到应答。'],
  [
    'No answer came, which says little of UDP: a server may have taken the packet and not answered.',
    '没有收到应答，但对 UDP 来说这说明不了什么：服务器可能收下了数据包而不回应。',
  ],
  ['Connection refused ({code}).', '连接被拒绝（{code}）。'],
  ['The kernel here forbids it: permission denied (EACCES).', '本机内核不允许：权限不足（EACCES）。'],
  ['A firewall rule here forbids sending it (EPERM).', '本机的防火墙规则禁止发送（EPERM）。'],
  ['The packet is larger than the way allows (EMSGSIZE).', '数据包超过了路径允许的大小（EMSGSIZE）。'],
  ['No route to host (EHOSTUNREACH).', '无法到达目标主机（EHOSTUNREACH）。'],
  ['The network is unreachable (ENETUNREACH).', '网络不可达（ENETUNREACH）。'],
  ['No answer came (ETIMEDOUT).', '没有收到应答（ETIMEDOUT）。'],
  ['There is no address here to send from (EADDRNOTAVAIL).', '本机没有可用作源地址的地址（EADDRNOTAVAIL）。'],
  ['The kernel here discards it (EINVAL).', '本机内核把它丢弃了（EINVAL）。'],
  ['The far end does not speak this protocol (ENOPROTOOPT).', '对端不支持这个协议（ENOPROTOOPT）。'],
  ['It could not be sent ({why}).', '无法发送（{why}）。'],
  ['no reason given', '没有说明原因'],
  ['An echo reply came back.', '收到了回显应答。'],
  ['{who} answered: {what}.', '{who} 应答：{what}。'],
  ['The kernel here said: {words}.', '本机内核的回答：{words}。'],
  ['Permission denied', '权限不足'],
  ['No echo reply came.', '没有收到回显应答。'],
  ['A {protocol} probe needs a port.', '{protocol} 探测需要端口。'],
  ['no address', '没有地址'],
  ['The probe said nothing that could be understood.', '无法理解探测程序的输出。'],
  [
    'No probe was made, because only an administrator may enter this network namespace: run the same with sudo.',
    '没有实际探测，因为只有管理员才能进入这个网络命名空间：请在同一命令前加上 sudo。',
  ],
  ['No probe was made, because {tool} is not installed.', '没有实际探测，因为没有安装 {tool}。'],
  [
    'No probe was made, because the network namespace is gone.',
    '没有实际探测，因为这个网络命名空间已经不在了。',
  ],
  ['No probe was made, because {tool} failed.', '没有实际探测，因为 {tool} 运行失败。'],
  ['No probe was made: this user may not send pings.', '没有实际探测：当前用户无权发送 ping。'],
  ['The probe was cancelled.', '探测已被取消。'],
  ['The probe did not end in time.', '探测没有按时结束。'],
  [
    '{program} accepted the connection; its own one, to {address}: {why}',
    '{program} 接受了连接；它自己到 {address} 的连接：{why}',
  ],
];
