import { execa } from 'execa';

/** Once before the page tests: the views as users get them. */
export async function setup(): Promise<void> {
  if (!process.env['HOPLAB_BUILT'])
    await execa(process.execPath, ['.ci/build.mjs', '--only', 'webview'], { stdio: 'inherit' });
}
