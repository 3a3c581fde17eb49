import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Topology } from '../../../diagnostics/model/topology.ts';
import type { Hoplab } from '../../../extension/hoplab.ts';
import type { LabItem } from '../../../extension/views/lab-item.ts';
import type { Row } from '../../../extension/views/rows.ts';
import { ScriptedLab, statusWith, type Answers } from './scripted-lab.ts';
import { activate, until } from './support.ts';

const TOPOLOGY: Topology = {
  schema: 1,
  nodes: [
    node('lab', 'host', null),
    node('ns-red', 'namespace', 'lab', { endpoint: 'netns:red', label: 'red' }),
    node('eth0', 'interface', 'ns-red', { addresses: ['10.0.1.2/24'], up: false }),
  ],
  edges: [],
};

function node(
  id: string,
  kind: Topology['nodes'][number]['kind'],
  parent: string | null,
  more: Partial<Topology['nodes'][number]> = {},
): Topology['nodes'][number] {
  return { id, kind, label: id, parent, endpoint: null, addresses: [], up: true, ...more };
}

describe('a running lab', () => {
  let hoplab: Hoplab;
  let lab: ScriptedLab;

  type LabRow = Row<LabItem>;
  const rows = async (parent?: LabRow): Promise<readonly { row: LabRow; shown: vscode.TreeItem }[]> =>
    (await hoplab.labsTree.rows.getChildren(parent)).map((row) => ({
      row,
      shown: hoplab.labsTree.rows.getTreeItem(row),
    }));
  const running = async (): Promise<LabRow> =>
    until(
      'the lab in the tree',
      async () => (await rows()).find(({ row }) => row.item.kind === 'running')?.row,
    );
  const start = async (status = statusWith(), topology = TOPOLOGY, answers: Answers = {}): Promise<void> => {
    lab = await ScriptedLab.start('scripted', status, topology, answers);
    await until('the lab', () => hoplab.labs.find('scripted'));
  };

  before(async () => {
    hoplab = await activate();
    await hoplab.labs.watch();
  });

  afterEach(async () => {
    await lab[Symbol.asyncDispose]();
    await until('the end of the lab', () => hoplab.labs.running.length === 0);
    // A look that met this lab is over before the next test's lab of the same name comes.
    await hoplab.labs.scan();
  });

  it('appears by itself when it is started elsewhere, with steps, checks, nodes and faults', async () => {
    await start();
    const children = await rows(await running());
    assert.deepEqual(
      children.map(({ shown }) => shown.label),
      ['The only step', 'Nodes', 'Faults to find'],
    );
    const [step, nodes, faults] = children;
    const [check] = await rows(step?.row);
    assert.equal(check?.shown.label, 'red reaches blue');
    assert.equal(check?.shown.description, 'red has no route to 10.0.2.2');
    assert.match(
      check?.shown.accessibilityInformation?.label ?? '',
      /red reaches blue, fails, red has no route/,
    );
    assert.equal((await rows(nodes?.row))[0]?.shown.label, 'red');
    assert.equal((await rows(faults?.row))[0]?.shown.label, 'A cut');
  });

  it('shows a check that turned as soon as the session says so', async () => {
    await start();
    const done = statusWith({ currentStep: null, state: 'finished' });
    const [step] = done.steps;
    if (!step) throw new Error('the lab has a step');
    lab.send({ event: 'status', status: { ...done, steps: [{ ...step, done: true }] } });
    await until('a step that is done', async () =>
      (await rows(await running())).find(({ shown }) =>
        shown.accessibilityInformation?.label.includes('done'),
      ),
    );
    const [first] = await rows();
    assert.equal(first?.shown.description, 'running · 1 of 1 steps done');
  });

  it('keeps the rows that nothing happened to: a click on one of them knows what it is about', async () => {
    await start();
    const all = async (): Promise<readonly LabRow[]> => {
      const list: LabRow[] = [];
      const add = async (parent: LabRow): Promise<void> => {
        list.push(parent);
        for (const { row } of await rows(parent)) await add(row);
      };
      await add(await running());
      return list;
    };
    const before = await all();
    const drawn: (readonly Row<LabItem>[] | undefined)[] = [];
    const listening = hoplab.labsTree.rows.onDidChangeTreeData((changed) => drawn.push(changed));
    const status = statusWith();
    const [step] = status.steps;
    const [check] = step?.checks ?? [];
    if (!step || !check) throw new Error('the lab has a check');
    const passes = { ...check, state: 'pass' as const, message: 'red reaches blue now' };
    lab.send({ event: 'status', status: { ...status, steps: [{ ...step, checks: [passes] }] } });
    await until('what is drawn anew', () => drawn.length > 0);
    listening.dispose();
    assert.deepEqual(
      drawn.map((changed) => changed?.map(({ item }) => item.kind)),
      [['check']],
    );
    assert.deepEqual(await all(), before);
    for (const [index, row] of (await all()).entries()) assert.equal(row, before[index], row.id);
    const turned = before.find(({ item }) => item.kind === 'check')?.item;
    assert.ok(turned?.kind === 'check' && turned.check.state === 'pass');
  });

  it('is the network that is looked at', async () => {
    await start();
    assert.equal(hoplab.networks.current.title, 'Scripted');
    const [host] = await hoplab.networkTree.rows.getChildren();
    const [red] = await hoplab.networkTree.rows.getChildren(host);
    const [eth0] = await hoplab.networkTree.rows.getChildren(red);
    assert.ok(host && red && eth0);
    assert.equal(hoplab.networkTree.rows.getTreeItem(red).contextValue, 'namespace endpoint');
    assert.equal(hoplab.networkTree.rows.getTreeItem(eth0).description, '10.0.1.2/24 · down');
  });

  it('speaks the language of the setting', async () => {
    await start();
    const settings = vscode.workspace.getConfiguration('hoplab');
    const heard = (): string | undefined => {
      const last = lab.requests.findLast(({ method }) => method === 'subscribe');
      return (last?.params as { language: string } | undefined)?.language;
    };
    const before = heard();
    try {
      await settings.update('language', 'zh-cn', vscode.ConfigurationTarget.Global);
      await until('a question in Chinese', () => heard() === 'zh-cn');
      const labels = (await rows(await running())).map(({ shown }) => shown.label);
      assert.deepEqual(labels, ['The only step', '节点', '待排查的故障']);
    } finally {
      await settings.update('language', undefined, vscode.ConfigurationTarget.Global);
    }
    // The next test is asked in the language of this machine again.
    await until('a question in the language before', () => heard() === before);
  });

  it('shows hostile names harmlessly', async () => {
    const hostile = '$(trash) <b>x</b> [y](command:z) \u001b[31m\u202e`rm`';
    await start(statusWith({ nodes: [{ name: hostile, endpoint: `netns:${hostile}`, host: 'lab' }] }), {
      schema: 1,
      nodes: [
        node('lab', 'host', null),
        node('n', 'namespace', 'lab', { label: hostile, endpoint: 'netns:x' }),
      ],
      edges: [],
    });
    const nodes = (await rows(await running())).find(({ shown }) => shown.label === 'Nodes');
    const [shown] = await rows(nodes?.row);
    const [host] = await hoplab.networkTree.rows.getChildren();
    const [namespace] = await hoplab.networkTree.rows.getChildren(host);
    assert.ok(shown && namespace);
    for (const { label, tooltip } of [shown.shown, hoplab.networkTree.rows.getTreeItem(namespace)]) {
      assert.equal(label, '\\$(trash) <b>x</b> [y](command:z) \\u{001b}[31m\\u{202e}`rm`');
      assert.ok(tooltip instanceof vscode.MarkdownString);
      assert.ok(!tooltip.isTrusted && !tooltip.supportHtml && !tooltip.supportThemeIcons);
      assert.doesNotMatch(tooltip.value, /[^\\]\[y\]|<b>|\u001b|\u202e/);
    }
  });

  it('does not type more than one line into a terminal', async () => {
    await start(undefined, undefined, { shell: () => ({ argv: ['cat'], env: {} }) });
    const network = hoplab.labs.active?.network;
    assert.ok(network);
    const open = vscode.window.terminals.length;
    await assert.rejects(hoplab.terminals.insert(network, 'red', 'ip route\nreboot'), /one line/);
    await assert.rejects(hoplab.terminals.insert(network, 'red', 'ip route\r'), /one line/);
    assert.equal(vscode.window.terminals.length, open);
    await hoplab.terminals.insert(network, 'red', 'ip route');
    assert.equal(vscode.window.terminals.length, open + 1);
  });

  it('passes on in words why a request failed', async () => {
    await start();
    await assert.rejects(
      hoplab.labs.active?.act('check', { language: 'en' }) ?? Promise.resolve(),
      /nobody scripted check/,
    );
  });

  it('takes its terminals along when it ends', async () => {
    await start(undefined, undefined, { shell: () => ({ argv: ['cat'], env: {} }) });
    const network = hoplab.labs.active?.network;
    assert.ok(network);
    const terminal = await hoplab.terminals.show(network, 'red');
    lab.send({ event: 'stopping' });
    await until('the end of the terminal', () => !vscode.window.terminals.includes(terminal));
    await assert.rejects(network.why({ from: 'red', to: 'blue' }), /not running any more/);
  });
});
