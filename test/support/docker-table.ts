import { snapshotSource } from '../../diagnostics/collect/snapshot-file.ts';
import { takeSnapshot } from '../../diagnostics/collect/take-snapshot.ts';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { why } from '../../diagnostics/why.ts';
import { brief } from './cause-case.ts';
import type { DockerCase } from './docker-case.ts';

/** One question of the table: the answer from facts alone, and the kernel's. */
export interface TableRow {
  readonly question: string;
  /** From a snapshot file, without any probe. */
  readonly predicted: Diagnosis;
  /** With a probe. */
  readonly probed: Diagnosis;
}

/** `FROM TO[:PORT][/udp]`, as hoplab why takes them. */
function parse(question: string) {
  const [from = '', rest = ''] = question.split(' ');
  const [to = '', protocol] = rest.split('/');
  return { from, to, protocol: protocol === 'udp' ? ('udp' as const) : null, port: null };
}

/** Asks everything twice: of one snapshot, and live. */
export async function askTable(
  docker: DockerCase,
  questions: readonly string[],
): Promise<readonly TableRow[]> {
  const replay = snapshotSource(await takeSnapshot(createLiveSource(docker.machine)));
  const rows: TableRow[] = [];
  for (const question of questions) {
    const asked = parse(question);
    const options = { language: 'en', timeoutMilliseconds: 1200 } as const;
    const predicted = await why(replay, asked, { ...options, probe: false });
    const probed = await why(createLiveSource(docker.machine), asked, { ...options, probe: true });
    rows.push({ question, predicted, probed });
  }
  return rows;
}

/** `QUESTION  VERDICT  CAUSES` a line: what the kernel said, and what explains it. */
export const tableText = (rows: readonly TableRow[]): string =>
  rows
    .map(({ question, probed }) =>
      [
        question.padEnd(36),
        probed.verdict.padEnd(12),
        probed.causes.map(({ id, params }) => [id, params['because']].filter(Boolean).join(': ')).join(', '),
      ]
        .join(' ')
        .trimEnd(),
    )
    .join('\n');

/** Rows in which facts and kernel say different things, or in which what does not work is not explained. */
export const differences = (rows: readonly TableRow[]): readonly string[] =>
  rows.flatMap(({ question, predicted, probed }) => {
    const ids = ({ causes }: Diagnosis): string => causes.map(({ id }) => id).join(' ');
    const wrong = [
      ...(predicted.verdict === probed.verdict
        ? []
        : [`the facts say ${predicted.verdict}, the kernel ${probed.verdict}`]),
      ...(probed.probe.agrees === false ? ['the probe disagrees'] : []),
      ...(probed.verdict === 'unreachable' && probed.causes.length === 0 ? ['no cause'] : []),
      ...(ids(predicted) === ids(probed) ? [] : [`causes: ${ids(predicted)} / ${ids(probed)}`]),
    ];
    return wrong.length === 0 ? [] : [`${question}: ${wrong.join('; ')}\n${brief(probed)}`];
  });
