import * as z from 'zod';
import { checkSchema } from './check-schema.ts';
import { identifier, localised, nodeCommand } from './common-schema.ts';
import { topologySchema } from './topology-schema.ts';

/** By degrees: where to look, what to think of, the command. */
const hints = z.array(localised);
const commands = z.array(nodeCommand).min(1);

const quiz = z
  .strictObject({
    question: localised,
    answers: z.array(localised).min(2),
    right: z.int().min(0).describe('Which answer is right, counted from 0'),
    because: localised,
  })
  .refine((question) => question.right < question.answers.length, {
    message: 'there is no such answer',
    path: ['right'],
  });

const step = z.strictObject({
  id: identifier,
  title: localised,
  quiet: z
    .boolean()
    .default(false)
    .describe('Never send a packet to confirm a check: it would disturb the lesson'),
  checks: z.array(checkSchema).min(1),
  hints,
  solution: commands,
  alternative: commands.optional().describe('A different way to the same state: the tester takes it too'),
  quiz: z.array(quiz).default([]),
});

const fault = z.strictObject({
  id: identifier,
  title: localised,
  inject: commands,
  symptom: checkSchema.describe('A check that is green before the fault and red with it'),
  cause: identifier.describe('What `why` must say'),
  where: identifier.describe('The node where it is'),
  hints,
});

const variable = z.union([
  z.string(),
  z.array(z.string()).min(1).describe('One of these, chosen for each learner'),
]);

export const labSchema = z
  .strictObject({
    id: identifier,
    number: z.int().min(1),
    title: localised,
    summary: localised,
    level: z.int().min(1).max(5),
    minutes: z.int().min(1),
    tags: z.array(z.string()).default([]),
    needs: z
      .array(
        z
          .string()
          .regex(
            /^(docker|kernel:[a-z0-9_-]+|tool:[a-z0-9._-]+)$/,
            'a need is docker, kernel:MODULE or tool:NAME',
          ),
      )
      .default([]),
    vars: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/), variable)
      .default({})
      .describe('Used as ${name} in every text'),
    topology: topologySchema,
    steps: z.array(step).default([]).describe('None: a network to break and to ask about'),
    faults: z.array(fault).default([]),
    references: z.array(z.strictObject({ title: localised, url: z.url() })).default([]),
  })
  // A transformation, not a refinement: it runs only where every part is in itself as it should be.
  .transform((lab, context) => {
    const nodes = nodesOf(lab.topology);
    const report = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const mustExist = (path: (string | number)[], node: string): void => {
      if (!nodes.has(node)) report(path, `there is no node ${node}; there are ${[...nodes].join(', ')}`);
    };
    const unique = (path: string, ids: readonly string[]): void => {
      ids.forEach((id, index) => {
        if (ids.indexOf(id) !== index) report([path, index, 'id'], `${id} is used twice`);
      });
    };
    unique(
      'steps',
      lab.steps.map((entry) => entry.id),
    );
    unique(
      'faults',
      lab.faults.map((entry) => entry.id),
    );
    lab.topology.links.forEach((link, index) => {
      mustExist(['topology', 'links', index, 'a', 'node'], link.a.node);
      mustExist(['topology', 'links', index, 'b', 'node'], link.b.node);
    });
    lab.topology.processes.forEach((entry, index) =>
      mustExist(['topology', 'processes', index, 'node'], entry.node),
    );
    lab.topology.commands.forEach((entry, index) =>
      mustExist(['topology', 'commands', index, 'node'], entry.node),
    );
    const checkNodes = (path: (string | number)[], check: z.output<typeof checkSchema>): void => {
      for (const key of ['node', 'from', 'at', 'host'] as const) {
        const named = (check.what as Record<string, unknown>)[key];
        if (typeof named === 'string') mustExist([...path, check.kind, key], named);
      }
    };
    lab.steps.forEach((entry, index) => {
      entry.checks.forEach((check, number) => checkNodes(['steps', index, 'checks', number], check));
      entry.solution.forEach((command, number) =>
        mustExist(['steps', index, 'solution', number, 'node'], command.node),
      );
      entry.alternative?.forEach((command, number) =>
        mustExist(['steps', index, 'alternative', number, 'node'], command.node),
      );
    });
    lab.faults.forEach((entry, index) => {
      checkNodes(['faults', index, 'symptom'], entry.symptom);
      mustExist(['faults', index, 'where'], entry.where);
      entry.inject.forEach((command, number) =>
        mustExist(['faults', index, 'inject', number, 'node'], command.node),
      );
    });
    if (
      Object.values(lab.topology.hosts).some((host) => host.docker !== false) &&
      !lab.needs.includes('docker')
    )
      report(['needs'], 'a host runs Docker: say so with needs: [docker]');
    return lab;
  });

/** A lab.yaml that fits the schema, with defaults filled in. */
export type Lab = Readonly<z.output<typeof labSchema>>;
/** What a learner is to do next, and how it is checked. */
export type LabStep = Lab['steps'][number];
/** Something that breaks on purpose, and the question that then fails. */
export type LabFault = Lab['faults'][number];
/** A command, and the node that it runs in. */
export type NodeCommand = z.output<typeof nodeCommand>;

/** Names of all nodes of a topology. */
const nodesOf = (topology: z.output<typeof topologySchema>): ReadonlySet<string> =>
  new Set(
    Object.entries(topology.hosts).flatMap(([name, host]) => [
      ...Object.keys(host.namespaces),
      ...Object.keys(host.containers),
      name,
    ]),
  );
