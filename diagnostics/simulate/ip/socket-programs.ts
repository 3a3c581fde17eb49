import type { SocketProgram } from '../../model/socket-program.ts';
import { withDoubts, type Journey } from '../journey.ts';
import type { View } from '../view.ts';

/** What meets the packet that a process or a socket sends; the kernel's own packets are met by none. */
export const programsOfSender = (view: View, journey: Journey): readonly SocketProgram[] => {
  if (journey.programs) return journey.programs;
  return journey.expected === null && journey.sender !== null ? view.socketPrograms : [];
};

/**
 * BPF_CGROUP_RUN_PROG_INET4_CONNECT() and the like: what a program decides nobody knows but itself, so that from here on nothing is
 * certain.
 */
export const meetPrograms = (
  view: View,
  journey: Journey,
  at: SocketProgram['at'],
  programs: readonly SocketProgram[],
): Journey => {
  const { family, protocol } = journey.packet;
  const met = programs.filter(
    (program) =>
      program.at === at &&
      (program.family ?? family) === family &&
      (program.protocol === undefined || program.protocol === protocol),
  );
  return withDoubts(
    journey,
    met.map((program) => doubt(view, program)),
  );
};

function doubt({ label }: View, { at, id, name: own, type, cgroup }: SocketProgram): string {
  const name = own === '' ? String(id) : own;
  if (cgroup === undefined)
    return `the eBPF program ${name} (${type}) of ${label} may give the packet to another socket: bpftool prog show id ${id} tells what it is`;
  // IPAddressAllow= and IPAddressDeny= of systemd.resource-control(5).
  if (name.startsWith('sd_fw_'))
    return `the eBPF program ${name} of ${cgroup}, by which systemd keeps to IPAddressAllow= and IPAddressDeny=, may throw the packet away in ${label}: systemctl show -p IPAddressAllow -p IPAddressDeny ${unitOf(cgroup)} tells what it lets through`;
  switch (at) {
    case 'call':
      return `the eBPF program ${name} (${type}) of ${cgroup} may refuse what is sent in ${label}, or send it elsewhere: bpftool cgroup show ${cgroup} lists it`;
    case 'egress':
      return `the eBPF program ${name} (${type}) of ${cgroup} may throw away what is sent in ${label}: bpftool cgroup show ${cgroup} lists it`;
    case 'ingress':
    case 'lookup':
      return `the eBPF program ${name} (${type}) of ${cgroup} may throw away what comes to a socket in ${label}: bpftool cgroup show ${cgroup} lists it`;
  }
}

const unitOf = (cgroup: string): string => cgroup.slice(cgroup.lastIndexOf('/') + 1);
