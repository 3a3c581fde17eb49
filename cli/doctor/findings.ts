import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Engine } from '../../diagnostics/model/container.ts';
import { absent, type Fact } from '../../diagnostics/model/fact.ts';
import { findNamespace, type Snapshot } from '../../diagnostics/model/snapshot.ts';
import { probeEngines, type EngineProbe } from '../../labs/sandbox/probe-engines.ts';
import { probeKernel, type KernelProbe } from '../../labs/sandbox/probe-kernel.ts';
import { probeSandbox, type SandboxProbe } from '../../labs/sandbox/probe-sandbox.ts';
import { SandboxError } from '../../labs/sandbox/problem.ts';
import { missingTools, packagesOf, type NeededTool } from '../../labs/sandbox/tools.ts';
import { withGuardedLab } from '../../labs/session/guarded-lab.ts';
import { findInstallation } from '../../labs/session/installation.ts';

/** What was found by trying; `checksOf` puts it into words. */
export interface Findings {
  /** Debian packages of missing programs. */
  readonly missing: readonly string[];
  readonly sandbox: SandboxProbe;
  /** null where no sandbox can be made. */
  readonly kernel: KernelProbe | null;
  readonly engines: EngineProbe;
  /** A real engine, with a container and a published port, in a sandbox; null: not tried, since something is missing. */
  readonly triedEngine: { readonly seconds: number } | { readonly problem: string } | null;
  /** Whether all namespaces and firewalls of the machine can be read. */
  readonly privileged: boolean;
  /** Whether eBPF programs that meet packets can be listed. */
  readonly programs: 'seen' | 'no-tool' | 'refused';
  /** The machine's own engine. */
  readonly engine: Fact<Engine>;
  /** Whether this is the inside of a container, whose start decides what it may do. */
  readonly inContainer: boolean;
}

/** Programs that diagnosis and labs run, beside those that every sandbox needs. */
const TOOLS: readonly NeededTool[] = [
  { tool: 'ip', debianPackage: 'iproute2' },
  { tool: 'ss', debianPackage: 'iproute2' },
  { tool: 'bridge', debianPackage: 'iproute2' },
  { tool: 'tc', debianPackage: 'iproute2' },
  { tool: 'ethtool', debianPackage: 'ethtool' },
  { tool: 'unshare', debianPackage: 'util-linux' },
  { tool: 'nsenter', debianPackage: 'util-linux' },
  { tool: 'sysctl', debianPackage: 'procps' },
  { tool: 'nft', debianPackage: 'nftables' },
  { tool: 'iptables-nft', debianPackage: 'iptables' },
  { tool: 'conntrack', debianPackage: 'conntrack' },
  { tool: 'ping', debianPackage: 'iputils-ping' },
];

/** Tries everything, on Linux; each part is gone again when this returns. Changes nothing on the machine. */
export async function examine(signal: AbortSignal): Promise<Findings> {
  const [missing, sandbox, engines, { machine, programs }] = await Promise.all([
    missingTools(TOOLS),
    probeSandbox(),
    probeEngines(),
    lookAround(signal),
  ]);
  const complete = sandbox.ok && engines.missing.length === 0 && engines.ids;
  const [kernel, triedEngine] = await Promise.all([
    sandbox.ok ? probeKernel() : null,
    complete ? tryEngine(signal) : null,
  ]);
  return {
    missing: packagesOf(missing),
    sandbox,
    kernel,
    engines,
    triedEngine,
    privileged: machine.machine.privileged,
    programs,
    engine: machine.hosts[0]?.engine ?? absent,
    inContainer: isContainer(),
  };
}

const BPFTOOL: NeededTool = { tool: 'bpftool', debianPackage: 'bpftool' };

/** What this user sees of the machine itself. */
async function lookAround(
  signal: AbortSignal,
): Promise<{ readonly machine: Snapshot } & Pick<Findings, 'programs'>> {
  const source = createLiveSource(openMachine());
  const machine = await source.discover(signal);
  const namespace = machine.hosts[0]?.rootNamespace ?? '';
  const [read, missing] = await Promise.all([
    source.read(machine, [{ namespace, fact: 'socketPrograms' }], signal),
    missingTools([BPFTOOL]),
  ]);
  const fact = findNamespace(read, namespace)?.facts.socketPrograms;
  const programs = missing.length > 0 ? 'no-tool' : fact?.state === 'denied' ? 'refused' : 'seen';
  return { machine, programs };
}

/** By the network of the demo, which has an engine. */
async function tryEngine(signal: AbortSignal): Promise<Findings['triedEngine']> {
  const began = performance.now();
  try {
    const installation = findInstallation(import.meta.url);
    const directory = join(installation.demo, 'with-docker');
    const name = `doctor-${process.pid}`;
    return await withGuardedLab({ directory, name, installation, signal }, async () => ({
      seconds: (performance.now() - began) / 1000,
    }));
  } catch (error) {
    if (error instanceof SandboxError) return { problem: error.message };
    throw error;
  }
}

/** Docker and Podman leave these files in a container; others say so in the environment of what they start. */
const isContainer = (): boolean =>
  existsSync('/.dockerenv') ||
  existsSync('/run/.containerenv') ||
  [process.env['container'], process.env['KUBERNETES_SERVICE_HOST']].some(Boolean);
