import type { Sandbox } from '../../labs/sandbox/sandbox.ts';
import { Refusal } from '../../labs/session/refusal.ts';

/** The sandbox, which only who is outside of it can see. @throws Refusal `failed` in a node's own terminal */
export function fromOutside({ sandbox }: { readonly sandbox: Sandbox | null }): Sandbox {
  if (sandbox) return sandbox;
  throw new Refusal(
    'failed',
    'This is a node’s own terminal: type this in one outside of the lab.',
    '这里是一个节点自己的终端：请在实验外面的终端里输入。',
  );
}
