import type { Flow } from './flow.ts';
import { matchAll, type Seen } from './match.ts';

/** Where a flow sends a frame, and with what tag. */
export interface Output {
  /** `normal`: as a learning switch would; `all`: every port but the one it came in by; else a port's name or number. */
  readonly to:
    { readonly type: 'normal' | 'all' | 'back' } | { readonly type: 'port'; readonly port: string };
  readonly vlan: number | null;
}

export type Decision =
  | { readonly type: 'sent'; readonly outputs: readonly Output[]; readonly by: Reference }
  /** No action sends it anywhere. */
  | { readonly type: 'dropped'; readonly by: Reference }
  /** A flow asks for something, or does something, that is not modelled. */
  | { readonly type: 'unknown'; readonly what: string };

/** The flow that decided; null: none of the table did, which drops the frame. */
export interface Reference {
  readonly table: number;
  readonly flow: Flow | null;
}

interface State {
  seen: Seen;
  readonly outputs: Output[];
  by: Reference;
  unknown: string | null;
  /** Lookups so far: tables that lead in a circle end like the daemon ends them. */
  lookups: number;
}

/** MAX_RESUBMITS is larger; no network needs as many. */
const MOST_LOOKUPS = 256;

/** ofproto-dpif-xlate.c: the frame goes through the flow tables, from table 0 on. */
export function decide(tables: ReadonlyMap<number, readonly Flow[]>, seen: Seen): Decision {
  const state: State = { seen, outputs: [], by: { table: 0, flow: null }, unknown: null, lookups: 0 };
  lookUp(tables, 0, state);
  if (state.unknown !== null) return { type: 'unknown', what: state.unknown };
  return state.outputs.length > 0
    ? { type: 'sent', outputs: state.outputs, by: state.by }
    : { type: 'dropped', by: state.by };
}

function lookUp(tables: ReadonlyMap<number, readonly Flow[]>, table: number, state: State): void {
  state.lookups += 1;
  if (state.lookups > MOST_LOOKUPS) {
    state.unknown = 'its flow tables lead in a circle';
    return;
  }
  for (const flow of tables.get(table) ?? []) {
    const match = matchAll(flow.matches, state.seen);
    if (match === 'no') continue;
    if (match === 'maybe') {
      state.unknown = flow.text;
      return;
    }
    if (state.outputs.length === 0) state.by = { table, flow };
    for (const action of flow.actions) {
      act(tables, flow, action, state);
      if (state.unknown !== null) return;
    }
    return;
  }
  if (state.outputs.length === 0) state.by = { table, flow: null };
}

const NOTHING = /^(?:drop|note:.*|set_queue:.*|pop_queue|fin_timeout\(.*\)|mod_vlan_pcp:.*)$/;

function act(tables: ReadonlyMap<number, readonly Flow[]>, flow: Flow, action: string, state: State): void {
  const send = (to: Output['to']): void => void state.outputs.push({ to, vlan: state.seen.vlan });
  const tag = (vlan: number | null): void => void (state.seen = { ...state.seen, vlan });
  const set = /^(?:mod_vlan_vid:|set_vlan_vid:)(\d+)$/.exec(action)?.[1];
  const field = /^set_field:(\d+|0x[\da-f]+)(?:\/0x[\da-f]+)?->vlan_vid$/i.exec(action)?.[1];
  const goto = /^goto_table:(\d+)$/.exec(action)?.[1];
  const resubmit = /^resubmit\(([^,]*),(\d*)\)$|^resubmit:(.+)$/.exec(action);
  const port = /^(?:output:|output\(|enqueue:|enqueue\()?("[^"]*"|[^:(),]+)/.exec(action)?.[1];
  if (NOTHING.test(action)) return;
  if (action === 'NORMAL') send({ type: 'normal' });
  else if (action === 'ALL' || action === 'FLOOD') send({ type: 'all' });
  else if (action === 'IN_PORT') send({ type: 'back' });
  else if (set !== undefined) tag(Number(set));
  else if (field !== undefined) tag(Number(field) & 0xfff);
  else if (action === 'strip_vlan' || action === 'pop_vlan') tag(null);
  else if (action === 'push_vlan:0x8100' && state.seen.vlan === null) tag(0);
  else if (goto !== undefined) lookUp(tables, Number(goto), state);
  else if (resubmit && (resubmit[1] ?? '') === '' && resubmit[3] === undefined)
    lookUp(tables, Number(resubmit[2] === '' ? flow.table : resubmit[2]), state);
  else if (port !== undefined && (action === 'LOCAL' || /^(?:output|enqueue)[:(]|^\d+$/.test(action)))
    send({ type: 'port', port: port.replace(/^"(.*)"$/, '$1') });
  else state.unknown = flow.text;
}
