import { describe, expect, test } from 'vitest';
import { checksOf, otherSystem } from '../../../cli/doctor/checks.ts';
import type { Findings } from '../../../cli/doctor/findings.ts';
import { doctorText, isAble } from '../../../cli/doctor/text.ts';
import { absent, denied } from '../../../diagnostics/model/fact.ts';
import type { Language } from '../../../diagnostics/model/language.ts';
import { SandboxError } from '../../../labs/sandbox/problem.ts';

/** A machine with everything, but for an engine of its own. */
const COMPLETE: Findings = {
  missing: [],
  sandbox: { ok: true, map: 'helpers', engines: true },
  kernel: { present: ['veth', 'nat'], missing: [], modules: [] },
  engines: { missing: [], ids: true },
  triedEngine: { seconds: 1.94 },
  privileged: true,
  programs: 'seen',
  engine: absent,
  inContainer: false,
};

const refused = (...problem: ConstructorParameters<typeof SandboxError>): Partial<Findings> => ({
  sandbox: { ok: false, problem: new SandboxError(...problem) },
  kernel: null,
  triedEngine: null,
});

const text = (findings: Partial<Findings>, language: Language = 'en'): string =>
  doctorText(checksOf({ ...COMPLETE, ...findings }, language), { language, colour: false, columns: 100 });

describe('hoplab doctor says what was tried, what happened, and what to do', () => {
  test('on a complete machine', () => {
    expect(text({})).toBe(`Labs can run on this machine.

✔ Programs
  All that diagnosis and labs run are installed.
✔ Sandbox
  A user namespace with a network, mounts and processes of its own was made, and a veth pair in it.
✔ Kernel
  A sandbox can use veth, nat.
✔ Docker in labs
  An engine with two containers and a published port ran in a sandbox, ready after 1.9 s.
✔ Diagnosing this machine
  This user may look into every network namespace and firewall.
✔ eBPF programs
  Programs that meet packets can be listed, those of cgroups too.
◐ Docker on this machine
  None answers. Only the diagnosis of containers needs one; labs bring their own.
`);
  });

  test('in Chinese', () => {
    expect(text({ missing: ['nftables'] }, 'zh-cn')).toContain(
      '◐ 程序\n  缺少一些程序，它们在这些 Debian 软件包里：nftables。\n    $ sudo apt-get install nftables\n',
    );
  });

  test.each<[string, Partial<Findings>, string]>([
    [
      'programs are missing',
      { missing: ['iproute2', 'conntrack'] },
      '◐ Programs\n  Some are missing; these Debian packages have them: iproute2, conntrack.\n    $ sudo apt-get install iproute2 conntrack\n',
    ],
    [
      'Docker and newuidmap are missing',
      { engines: { missing: ['docker.io', 'uidmap'], ids: true }, triedEngine: null },
      '◐ Docker in labs\n  Not tried, because Debian packages are missing: docker.io, uidmap.\n    $ sudo apt-get install docker.io uidmap\n',
    ],
    [
      'the user has no subordinate ids',
      { engines: { missing: [], ids: false }, triedEngine: null },
      '    $ sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"\n',
    ],
    [
      'the engine does not start',
      { triedEngine: { problem: 'The engine \u001b[2J said no.' } },
      '◐ Docker in labs\n  The engine \\u{001b}[2J said no.\n  Labs without containers run all the same.\n',
    ],
    [
      'modules are missing',
      { kernel: { present: ['veth'], missing: ['vxlan', 'nat'], modules: ['vxlan', 'nft_chain_nat'] } },
      '    $ sudo modprobe -a vxlan nft_chain_nat\n',
    ],
    [
      'the user is an ordinary one',
      { privileged: false },
      '◐ Diagnosing this machine\n  This user may not look into other network namespaces and firewalls. Labs do not need it.\n  To ask about this machine, ask as root:\n    $ sudo hoplab why FROM TO\n',
    ],
    [
      'bpftool is missing',
      { programs: 'no-tool' },
      'lost without a reason.\n    $ sudo apt-get install bpftool\n',
    ],
    [
      'an ordinary user may not list programs',
      { programs: 'refused', privileged: false },
      '  Root may, outside of containers:\n    $ sudo hoplab doctor\n',
    ],
    [
      'root of a container may not list programs either',
      { programs: 'refused' },
      'because the kernel does not let this user list them: a\n  packet that one of them throws away gets lost without a reason.\n◐ Docker on',
    ],
    [
      'the engine of the machine may not be asked',
      { engine: denied('The Docker engine may not be asked.') },
      '◐ Docker on this machine\n  The Docker engine may not be asked.\n',
    ],
  ])('labs can run where %s', (_name, findings, expected) => {
    const said = text(findings);
    expect(said).toMatch(/^Labs can run on this machine\.\n/);
    expect(said).toContain(expected);
  });

  const FORBIDDEN = ['no-user-namespaces', 'It was refused.', 'See the kernel log.'] as const;

  test.each<[string, Partial<Findings>, string]>([
    [
      'a setting forbids user namespaces',
      refused('no-user-namespaces', 'They are off.', 'Switch them on.', 'sudo sysctl -w user.x=1'),
      '✘ Sandbox\n  They are off.\n    $ sudo sysctl -w user.x=1\n',
    ],
    [
      'the profile of a container forbids them',
      { ...refused(...FORBIDDEN), inContainer: true },
      '    $ docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined …\n',
    ],
    [
      'something unknown forbids them',
      refused(...FORBIDDEN),
      '✘ Sandbox\n  It was refused.\n  See the kernel log.\n',
    ],
    [
      'a tool is missing, also in a container',
      { ...refused('missing-tool', 'No ip.', '', 'sudo apt-get install iproute2'), inContainer: true },
      '✘ Sandbox\n  No ip.\n    $ sudo apt-get install iproute2\n',
    ],
  ])('labs cannot run where %s', (_name, findings, expected) => {
    const said = text(findings);
    expect(said).toMatch(/^Labs cannot run on this machine yet\.\n/);
    expect(said).toContain(expected);
    expect(said).toContain('Docker in labs\n  Not tried, because there is no sandbox.\n');
  });

  test.each(['en', 'zh-cn'] as const)('nor on another system (%s)', (language) => {
    const checks = otherSystem('darwin', language);
    expect(isAble(checks)).toBe(false);
    expect(doctorText(checks, { language, colour: false, columns: 100 })).toMatch(
      /darwin[^]*WSL 2, Lima|darwin[^]*WSL 2、Lima/,
    );
  });
});
