import * as vscode from 'vscode';
import type { Topology } from '../../diagnostics/model/topology.ts';
import { say } from '../language.ts';
import type { Question } from '../networks/network.ts';
import { kindName, label, nodeIcon } from '../views/labels.ts';
import { themeIcon } from '../views/look.ts';

interface EndpointItem extends vscode.QuickPickItem {
  readonly endpoint: string;
  /** Typed by the user, who has then said everything, the port too. */
  readonly typed: boolean;
}

/** Asks for what is missing of a question; undefined where the user gave up. */
export async function askQuestion(
  topology: Topology | null,
  known: { readonly from?: string; readonly to?: string },
): Promise<Question | undefined> {
  const from = known.from ?? (await pickEndpoint(say('From where?'), topology, null))?.endpoint;
  if (from === undefined) return undefined;
  const to =
    known.to === undefined
      ? await pickEndpoint(say('Why can’t {0} reach …?', label(from)), topology, from)
      : { endpoint: known.to, typed: false };
  if (!to) return undefined;
  if (to.typed) return { from, to: to.endpoint };
  const port = await askPort(to.endpoint);
  return port === undefined ? undefined : { from, to: to.endpoint, ...port };
}

/** A list of the network's ends, in which anything else can be typed as well: `db:5432`. */
function pickEndpoint(
  title: string,
  topology: Topology | null,
  except: string | null,
): Promise<EndpointItem | undefined> {
  const items = endpointItems(topology).filter((item) => item.endpoint !== except);
  const pick = vscode.window.createQuickPick<EndpointItem>();
  pick.title = title;
  pick.placeholder = say('Choose, or type a name or address; a port may follow: db:5432');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = items;
  pick.onDidChangeValue((value) => {
    const typed = value.trim();
    pick.items = typed === '' ? items : [...items, typedItem(typed)];
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

const typedItem = (value: string): EndpointItem => ({
  label: say('Use “{0}”', label(value)),
  iconPath: new vscode.ThemeIcon('edit'),
  alwaysShow: true,
  endpoint: value,
  typed: true,
});

function endpointItems(topology: Topology | null): readonly EndpointItem[] {
  if (!topology) return [];
  return topology.nodes.flatMap((node) =>
    node.endpoint === null
      ? []
      : [
          {
            label: label(node.label),
            description: label([kindName(node.kind), ...addressesIn(topology, node.id)].join(' · ')),
            iconPath: themeIcon(nodeIcon(node)),
            endpoint: node.endpoint,
            typed: false,
          },
        ],
  );
}

/** A node's own addresses and those of what is in it. */
function addressesIn(topology: Topology, id: string): readonly string[] {
  const own = topology.nodes.filter((node) => node.id === id || node.parent === id);
  const addresses = new Set(own.flatMap((node) => node.addresses));
  return [...addresses].filter((address) => !/^(127\.|::1|fe80:)/i.test(address));
}

async function askPort(endpoint: string): Promise<{ readonly port?: number } | undefined> {
  const text = await vscode.window.showInputBox({
    title: say('Which port of {0}?', label(endpoint)),
    prompt: say('A TCP port, or nothing to ask with a ping.'),
    validateInput: (value) =>
      value.trim() === '' || isPort(value) ? undefined : say('A port is a number from 1 to 65535.'),
  });
  if (text === undefined) return undefined;
  return text.trim() === '' ? {} : { port: Number(text) };
}

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 65535;
