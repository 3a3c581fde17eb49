/** The invariants of ARCHITECTURE.md that an import can break. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'model-and-simulate-do-no-io',
      comment: 'Same facts, same answer: these rooms are pure.',
      severity: 'error',
      from: { path: '^diagnostics/(model|simulate)/' },
      to: { pathNot: '^(diagnostics/(model|simulate)/|node_modules/ipaddr\\.js/)' },
    },
    {
      name: 'causes-fixes-report-do-no-io',
      comment: 'They reason on facts; running a command is for host/, collect/, probe/ and the callers.',
      severity: 'error',
      from: { path: '^diagnostics/(causes|effects|fixes|report|sayings)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-knows-no-client',
      severity: 'error',
      from: { path: '^diagnostics/' },
      to: { path: '^(labs|extension|webview|cli)/' },
    },
    {
      name: 'labs-know-no-client',
      severity: 'error',
      from: { path: '^labs/' },
      to: { path: '^(extension|webview|cli)/' },
    },
    {
      name: 'vscode-only-in-extension',
      severity: 'error',
      from: { pathNot: '^(extension|test/workbench)/' },
      to: { path: '^(vscode$|node_modules/@types/vscode/)' },
    },
    {
      name: 'webview-is-browser-code',
      comment: 'No Node, no engine at run time: types of the engine may be imported, its code not.',
      severity: 'error',
      from: { path: '^webview/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'webview-imports-only-the-model',
      comment:
        'Types, the pure helpers of the model (displayText), how a command is written, and how a sentence is said. The rest of the engine stays on the other side.',
      severity: 'error',
      from: { path: '^webview/' },
      to: {
        path: '^(diagnostics|labs|cli|extension)/',
        pathNot: '^diagnostics/(model/|sayings/|report/(command|way-words)\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'extension-and-webview-share-only-the-messages-and-the-page',
      severity: 'error',
      from: { path: '^extension/' },
      to: { path: '^webview/', pathNot: '^webview/(messages|page)\\.ts$' },
    },
    {
      name: 'no-development-packages-at-run-time',
      severity: 'error',
      from: { path: '^(cli|diagnostics|extension|labs|webview)/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
