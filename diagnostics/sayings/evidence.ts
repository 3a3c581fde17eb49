import type { Saying } from './saying.ts';

/** What a cause was seen by, where a command prints nothing that could be quoted. */
export const EVIDENCE: readonly Saying[] = [
  ['table {table}: no flow matches', '表 {table}：没有匹配的流表项'],
  ['lo only', '只有 lo'],
  ['no entry for {mac}', '没有 {mac} 的条目'],
  ['no --dport {port}', '没有 --dport {port} 的规则'],
  ['no line for {name}', '没有 {name} 这一行'],
  ['nothing on {address} port {port}', '{address} 的端口 {port} 上没有程序监听'],
  [
    'no masquerade or snat rule for {source} on {dev}',
    '{dev} 上没有针对 {source} 的 masquerade 或 snat 规则',
  ],
  [
    'no masquerade or snat rule for {source} to itself',
    '没有针对 {source} 访问自身的 masquerade 或 snat 规则',
  ],
  ['no line “nameserver”', '没有“nameserver”一行'],
  ['no {protocol} socket listens on port {port}', '没有 {protocol} 套接字在端口 {port} 上监听'],
  ['no {protocol} socket listens', '没有监听中的 {protocol} 套接字'],
  ['{dev}: no master', '{dev}：没有 master'],
  ['{port}/{protocol} -> {address}, {why}', '{port}/{protocol} -> {address}，{why}'],
  ['which the engine discards: network mode host', '引擎会忽略它：网络模式为 host'],
  ['not published: no IPv6 address', '没有发布：没有 IPv6 地址'],
  ['not published', '没有发布'],
  ['without a rule of ip6tables for it', 'ip6tables 中没有与之对应的规则'],
  ['without a rule for it', '没有与之对应的规则'],
  ['on no network', '不在任何网络上'],
  ['no rule for port {port}', '没有端口 {port} 的规则'],
  ['{port}/{protocol} is not published', '{port}/{protocol} 没有发布'],
  ['there is no way back to {source}', '没有回到 {source} 的路由'],
  ['the way to {address} does not lead by {namespace}', '去往 {address} 的路不经过 {namespace}'],
  ['the way back to {source} does not lead through {dev}', '回到 {source} 的路由不经过 {dev}'],
];
