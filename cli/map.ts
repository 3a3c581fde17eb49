import type { Topology } from '../diagnostics/model/topology.ts';
import { topologyOf } from '../diagnostics/model/topology-of.ts';
import { topologyText } from '../diagnostics/report/topology-text.ts';
import type { CommandContext } from './command-context.ts';
import { openSource } from './engine-source.ts';
import { fileName } from './file-option.ts';
import { jsonText } from './json-text.ts';
import { languageOf } from './language.ts';
import { toolSaid } from './sayings.ts';
import { withProgress } from './progress.ts';
import { sayUnseen } from './unseen.ts';

interface Options {
  readonly json?: true;
  readonly fromSnapshot?: string;
  readonly lab?: string;
}

/** Adds `hoplab map`. */
export function registerMap({ program, terminal, exitWith }: CommandContext): void {
  program
    .command('map')
    .summary('what exists: hosts, namespaces, interfaces, bridges, wires')
    .description(
      'What exists: hosts, namespaces, containers, interfaces, bridges, and the wires between them.',
    )
    .option('--json', 'one JSON object: nodes and edges')
    .option('--from-snapshot <file>', 'of a file that “hoplab snapshot” wrote; - is standard input', fileName)
    .option('--lab <id>', 'of a running lab')
    .addHelpText(
      'after',
      '\nExamples:\n  hoplab map\n  hoplab map --json | jq .nodes[].label\n\nExit status: 0 shown, 64 wrong usage or a file that cannot be used, 130 stopped.',
    )
    .action(async ({ json, fromSnapshot, lab }: Options) => {
      const print = (topology: Topology): void =>
        terminal.stdout(json ? jsonText(topology) : topologyText(topology, languageOf(terminal.env)));
      // In a node's own terminal the lab is meant: of the machine only that node is in sight.
      if (fromSnapshot === undefined && (lab ?? terminal.env['HOPLAB_LAB']) !== undefined) {
        const { mapOfLab } = await import('./map-of-lab.ts');
        return print(await mapOfLab(lab, terminal));
      }
      const { source } = await openSource(fromSnapshot, terminal.signal);
      const topology = await withProgress(
        terminal,
        toolSaid('Looking around', languageOf(terminal.env)),
        async () => {
          const found = await source.discover(terminal.signal);
          const missing = found.namespaces.map(({ id }) => ({ namespace: id, fact: 'links' as const }));
          const snapshot = await source.read(found, missing, terminal.signal);
          sayUnseen(snapshot, terminal);
          return topologyOf(snapshot);
        },
      );
      print(topology);
      exitWith(0);
    });
}
