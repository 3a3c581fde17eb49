#!/usr/bin/env node
/**
 * Stands in for a desktop VS Code where none can be had: takes the flags that @vscode/test-electron passes and runs the
 * suite in code-server's extension host. Its exit status is the suite's.
 */
import { resolve } from 'node:path';
import { format } from 'node:util';
import { launchBrowser } from './browser.mjs';
import { startServer } from './server.mjs';

const TIMEOUT_MILLISECONDS = 300_000;
/** Said by code-server on every start; nothing to do with a suite. */
const CHATTER =
  /^(Canceled: |No search provider|Ignoring fetching|Creating a socket|Resolv(ing|ed) connection token|\[AgentHost|\[AccountPolicyGate|\[reconnection|Updating additional|\[Service Worker)/;

const flag = (name) =>
  process.argv.filter((word) => word.startsWith(`--${name}=`)).map((word) => word.slice(name.length + 3));
const folder = process.argv.slice(2).find((word) => !word.startsWith('-'));
const developed = flag('extensionDevelopmentPath');
const [tests] = flag('extensionTestsPath');

const server = await startServer({ args: ['--vscode-option', 'enable-smoke-test-driver'] });
const browser = await launchBrowser();
try {
  const ended = new Promise((resolve) => {
    void browser.page.exposeFunction('codeAutomationExit', resolve);
    browser.page.on('crash', () => resolve('the page crashed'));
    setTimeout(() => resolve(`no end after ${TIMEOUT_MILLISECONDS / 1000} s`), TIMEOUT_MILLISECONDS).unref();
  });
  await browser.page.exposeFunction('codeAutomationLog', (type, words) => {
    const line = format(...words);
    if (!CHATTER.test(line)) (type === 'error' ? console.error : console.log)(line);
  });
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${resolve(path)}`;
  const payload = [
    ...developed.map((path) => ['extensionDevelopmentPath', remote(path)]),
    ['extensionTestsPath', remote(tests)],
  ];
  const query = new URLSearchParams([
    folder === undefined ? ['ew', 'true'] : ['folder', resolve(folder)],
    ['payload', JSON.stringify(payload)],
  ]);
  await browser.page.goto(`${server.url}/?${query}`);
  const status = await ended;
  if (typeof status !== 'number') console.error(`The suite did not end: ${status}.`);
  process.exitCode = typeof status === 'number' ? status : 1;
} finally {
  await browser.close();
  await server.stop();
}
