import { existsSync } from 'node:fs';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import { probeSandbox } from '../../labs/sandbox/probe-sandbox.ts';
import { findTool } from '../../labs/sandbox/tools.ts';
import { tryKernelParts } from './kernel-parts.ts';
import { DOCTOR_WORDS } from './words.ts';

/** One thing that was tried. */
export interface Check {
  readonly id: 'platform' | 'tools' | 'sandbox' | 'engines-in-labs' | 'kernel' | 'privileges' | 'engine';
  /** `limited`: labs run, but not all, or diagnosis sees less; `missing`: no lab runs. */
  readonly state: 'ok' | 'limited' | 'missing';
  readonly title: string;
  readonly detail: string;
  /** What provides it; null where nothing is missing, or where no one command does. */
  readonly command: string | null;
}

/** Programs beside those that every sandbox needs, and the Debian package that has each. */
const TOOLS: readonly (readonly [tool: string, debianPackage: string])[] = [
  ['ip', 'iproute2'],
  ['ss', 'iproute2'],
  ['bridge', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['sysctl', 'procps'],
  ['nft', 'nftables'],
  ['iptables-nft', 'iptables'],
  ['conntrack', 'conntrack'],
  ['ping', 'iputils-ping'],
];

/** What a lab with containers needs beside. */
const ENGINE_TOOLS: readonly (readonly [tool: string, debianPackage: string])[] = [
  ['dockerd', 'docker.io'],
  ['newuidmap', 'uidmap'],
  ['busybox', 'busybox-static'],
];

/** Tries everything; each part is gone again when this returns. */
export async function examine(language: Language): Promise<readonly Check[]> {
  const words = DOCTOR_WORDS[language];
  if (process.platform !== 'linux')
    return [{ id: 'platform', state: 'missing', ...words.platform(process.platform), command: null }];
  const [tools, engineTools, sandbox, engine] = await Promise.all([
    missingPackages(TOOLS),
    missingPackages(ENGINE_TOOLS),
    probeSandbox(),
    createLiveSource(openMachine())
      .discover()
      .then(({ machine, hosts }) => ({
        privileged: machine.privileged,
        fact: hosts[0]?.engine ?? { state: 'absent' as const },
      })),
  ]);
  const install = (packages: readonly string[]): string | null =>
    packages.length === 0 ? null : `sudo apt-get install ${packages.join(' ')}`;
  const kernel = sandbox.ok ? await tryKernelParts() : null;
  const { fact } = engine;
  return [
    {
      id: 'tools',
      state: tools.length === 0 ? 'ok' : 'limited',
      ...words.tools(tools),
      command: install(tools),
    },
    sandbox.ok
      ? { id: 'sandbox', state: 'ok', ...words.sandbox, command: null }
      : {
          id: 'sandbox',
          state: 'missing',
          title: words.sandbox.title,
          detail: sandbox.problem.message,
          command: inContainer() ? CONTAINER_OPTIONS : sandbox.problem.remedy,
        },
    {
      id: 'engines-in-labs',
      state: sandbox.ok && sandbox.engines && engineTools.length === 0 ? 'ok' : 'limited',
      ...words.enginesInLabs(engineTools, sandbox.ok && sandbox.engines),
      command:
        install(engineTools) ??
        (sandbox.ok && !sandbox.engines
          ? `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"`
          : null),
    },
    ...(kernel === null
      ? []
      : [
          {
            id: 'kernel',
            state: kernel.missing.length === 0 ? 'ok' : 'limited',
            ...words.kernel(kernel.present, kernel.missing),
            command: kernel.modules.length === 0 ? null : `sudo modprobe -a ${kernel.modules.join(' ')}`,
          } as const,
        ]),
    {
      id: 'privileges',
      state: engine.privileged ? 'ok' : 'limited',
      ...words.privileges(engine.privileged),
      command: engine.privileged ? null : 'sudo hoplab why …',
    },
    {
      id: 'engine',
      state: fact.state === 'known' ? 'ok' : 'limited',
      ...words.engine(
        fact.state === 'known' ? fact.value.version : null,
        fact.state === 'denied' ? fact.reason : null,
      ),
      command: null,
    },
  ];
}

async function missingPackages(tools: readonly (readonly [string, string])[]): Promise<readonly string[]> {
  const found = await Promise.all(
    tools.map(async ([tool, debianPackage]) => ((await findTool(tool)) === null ? [debianPackage] : [])),
  );
  return [...new Set(found.flat())];
}

/** Docker and Podman leave these files in a container. */
const inContainer = (): boolean => existsSync('/.dockerenv') || existsSync('/run/.containerenv');

/** What lets a dev container make namespaces: the default seccomp and AppArmor profiles forbid it. */
const CONTAINER_OPTIONS =
  'docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined …   (devcontainer.json: "runArgs")';
