import * as vscode from 'vscode';
import type { Hoplab } from '../hoplab.ts';

/** After a reload of the window: the guide and the map come back for what runs now; an answer is asked for anew. */
export function restorePanels(hoplab: Hoplab): vscode.Disposable {
  const restore = (view: string, open: (panel: vscode.WebviewPanel) => Promise<unknown>): vscode.Disposable =>
    vscode.window.registerWebviewPanelSerializer(`hoplab.${view}`, {
      deserializeWebviewPanel: async (panel: vscode.WebviewPanel) => {
        await hoplab.labs.watch().catch(hoplab.report);
        await open(panel);
      },
    });
  return vscode.Disposable.from(
    restore('guide', async (panel) => {
      const lab = hoplab.labs.active;
      if (lab) await hoplab.panels.guide(lab, panel);
      else panel.dispose();
    }),
    restore('map', (panel) => hoplab.panels.map(hoplab.networks.current, panel)),
    restore('diagnosis', async (panel) => panel.dispose()),
  );
}
