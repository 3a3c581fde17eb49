import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activate, hoplabExtension } from './support.ts';

describe('Hoplab in VS Code', () => {
  it('reads no network until a view asks for one', async () => {
    const started = performance.now();
    const hoplab = await activate();
    console.log(`      activated in ${(performance.now() - started).toFixed(0)} ms (wanted: under 100)`);
    assert.equal(hoplab.networks.machine.topology, null);
  });

  it('has every command that it promises, and promises every command that it has', async () => {
    await activate();
    const promised = (hoplabExtension().packageJSON as Manifest).contributes.commands.map(
      ({ command }) => command,
    );
    const registered = (await vscode.commands.getCommands(true)).filter(
      // VS Code makes some for each view by itself.
      (id) => id.startsWith('hoplab.') && !/^hoplab\.(labs|network)\.(?!refresh$|choose$)/.test(id),
    );
    assert.deepEqual(registered.sort(), promised.sort());
  });
});

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}
