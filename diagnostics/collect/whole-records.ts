import type { Fact } from '../model/fact.ts';
import type { JsonObject } from '../host/external-json.ts';
import type { IpFact, IpRecords, ReadRecords } from './ip-records.ts';
import { damaged } from './read-context.ts';
import { areWhole } from './record-shapes.ts';

type Printed = Exclude<IpFact, 'ipsec'>;
type Records = readonly JsonObject[];

/** Records as tools printed them, without those of a fact of which one is damaged: it is a named unknown. */
export const wholeRecords = (read: ReadRecords): ReadRecords => ({
  ...read,
  ...(read.links && { links: whole('links', read.links, ({ records }) => [records]) }),
  ...(read.routes && { routes: whole('routes', read.routes, ({ records, learnt }) => [records, learnt]) }),
  ...(read.rules && { rules: whole('rules', read.rules, ({ four, six }) => [four, six]) }),
  ...(read.neighbours && { neighbours: whole('neighbours', read.neighbours, (records) => [records]) }),
  ...(read.fdb && { fdb: whole('fdb', read.fdb, (records) => [records]) }),
});

/** What is read, and by which tool. */
const WORDS: Readonly<Record<Printed, readonly [string, string]>> = {
  links: ['interfaces', 'ip'],
  routes: ['routes', 'ip'],
  rules: ['routing rules', 'ip'],
  neighbours: ['neighbours', 'ip'],
  fdb: ['forwarding tables of bridges', 'bridge'],
};

/** The same, unless a record in it is none of its kind. */
function whole<K extends Printed>(
  kind: K,
  fact: Fact<IpRecords[K]>,
  recordsOf: (value: IpRecords[K]) => readonly Records[],
): Fact<IpRecords[K]> {
  if (fact.state !== 'known' || recordsOf(fact.value).every((records) => areWhole(records, kind)))
    return fact;
  const [what, tool] = WORDS[kind];
  return damaged(what, tool);
}
