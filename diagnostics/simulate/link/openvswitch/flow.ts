import { remember } from '../../../model/remember.ts';

/** One entry of a flow table. */
export interface Flow {
  /** As `ovs-ofctl dump-flows` prints it. */
  readonly text: string;
  readonly table: number;
  readonly priority: number;
  /** `nw_src=10.0.0.0/8`, or a word alone (`tcp`). */
  readonly matches: readonly string[];
  readonly actions: readonly string[];
}

/** OFP_DEFAULT_PRIORITY, which is not printed. */
const USUAL_PRIORITY = 32768;

/** What is said of a flow beside what it matches. */
const ABOUT =
  /^(?:cookie|duration|n_packets|n_bytes|idle_timeout|hard_timeout|idle_age|hard_age|importance)=|^(?:send_flow_rem|check_overlap|reset_counts|no_packet_counts|no_byte_counts)$/;

/** Parts between commas that are in no parentheses and no quotes. */
export function splitList(text: string): readonly string[] {
  const parts: string[] = [];
  let [depth, quoted, part] = [0, false, ''];
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === '(') depth += 1;
    else if (!quoted && character === ')') depth -= 1;
    if (character === ',' && depth === 0 && !quoted) {
      parts.push(part.trim());
      part = '';
    } else part += character;
  }
  return [...parts, part.trim()].filter((one) => one !== '');
}

function parseFlow(text: string): Flow {
  const at = text.search(/(?:^|[ ,])actions=/);
  const head = splitList(at < 0 ? text : text.slice(0, at));
  const number = (key: string): number | undefined => {
    const found = head.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
    return found === undefined ? undefined : Number(found);
  };
  return {
    text,
    table: number('table') ?? 0,
    priority: number('priority') ?? USUAL_PRIORITY,
    matches: head.filter((word) => !/^(?:table|priority)=/.test(word) && !ABOUT.test(word)),
    actions: at < 0 ? [] : splitList(text.slice(text.indexOf('actions=', at) + 'actions='.length)),
  };
}

/** By table, the first to be looked at first. */
export const flowTables = remember((lines: readonly string[]): ReadonlyMap<number, readonly Flow[]> => {
  const tables = new Map<number, Flow[]>();
  for (const flow of lines.map(parseFlow)) {
    const table = tables.get(flow.table);
    if (table) table.push(flow);
    else tables.set(flow.table, [flow]);
  }
  for (const table of tables.values()) table.sort((a, b) => b.priority - a.priority);
  return tables;
});

/** Rewrites a tag, or decides by more than the ports of a bridge. */
const rewritesTags = (action: string): boolean => /vlan/.test(action);
const sendsByHand = (action: string): boolean =>
  /^(?:output|enqueue|in_port|local|flood|all|\d+)\b/i.test(action);

/** What kinds of flows a bridge has, for whoever does not look at one packet. */
export const flowManners = remember((lines: readonly string[]) => {
  const actions = lines.flatMap((line) => parseFlow(line).actions);
  return { rewritesTags: actions.some(rewritesTags), sendsByHand: actions.some(sendsByHand) };
});
