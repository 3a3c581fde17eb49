import type { Packet, TcpOptions } from '../../model/packet.ts';
import { TCP_OVERHEAD } from '../link/mtu.ts';
import { sysctlNumber } from '../sysctl.ts';
import type { View } from '../view.ts';
import { TCP_OPTION, tcpOptionsSize } from './tcp-header.ts';

/** A SYN, or the answer to it (which still has what the SYN said), with what its sender's settings make it say. */
export function introduced(view: View, { tcpOptions: asked, congestion, ...packet }: Packet): Packet {
  const first = packet.tcpFlags === 'S';
  const tcpOptions = first || asked ? offeredOptions(view, first ? null : (asked ?? null)) : undefined;
  return {
    ...packet,
    ...(tcpOptions && { tcpOptions, size: TCP_OVERHEAD[packet.family] + tcpOptionsSize(tcpOptions) }),
    ...(speaksOfCongestion(view, first ? null : congestion === true) && { congestion: true }),
  };
}

/** tcp_syn_options(), tcp_synack_options(): what the sender's settings offer, of which an answer has no more than was asked. */
function offeredOptions(view: View, asked: TcpOptions | null): TcpOptions | undefined {
  const wants = (key: string, option: number): boolean | null => {
    const value = view.sysctls[`net/ipv4/${key}`];
    if (value === undefined) return null;
    const offered = asked === null || !(asked.removed ?? []).includes(option);
    return sysctlNumber(view, `net/ipv4/${key}`, 1) !== 0 && offered;
  };
  const sack = wants('tcp_sack', TCP_OPTION.sackPermitted);
  const timestamps = wants('tcp_timestamps', TCP_OPTION.timestamps);
  const scaling = wants('tcp_window_scaling', TCP_OPTION.scaling);
  if (sack === null || timestamps === null || scaling === null) return undefined;
  return {
    sack: sack && (asked?.sack ?? true),
    timestamps: timestamps && (asked?.timestamps ?? true),
    scaling: scaling && (asked?.scaling ?? true),
  };
}

/** Values of net.ipv4.tcp_ecn by which a SYN asks for notifications; the default only agrees to them. */
const ASKS_FOR_CONGESTION: readonly number[] = [1, 3, 4];
const AGREES = 2;

/** tcp_ecn_send_syn(), tcp_ecn_create_request(): whether the segment says that it can be told of congestion. */
const speaksOfCongestion = (view: View, asked: boolean | null): boolean => {
  const setting = sysctlNumber(view, 'net/ipv4/tcp_ecn', AGREES);
  return asked === null ? ASKS_FOR_CONGESTION.includes(setting) : asked && setting !== 0;
};
