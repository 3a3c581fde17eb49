import type { FixStep } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import { enteringContainer } from '../model/entering-container.ts';
import { shellWord } from '../model/shell-word.ts';

/** The command of a step as a person can paste it into a root shell of the machine: with the way into its namespace. */
function copyableCommand({ namespace, argv }: FixStep): string {
  return displayText([...entering(namespace), ...argv].map(shellWord).join(' '));
}

function entering(namespace: string | null): readonly string[] {
  const [, kind, name = ''] = /^(netns|pid|fd):(.*)$/s.exec(namespace ?? '') ?? [];
  switch (kind) {
    case 'netns':
      return ['ip', 'netns', 'exec', name];
    case 'pid':
      return ['nsenter', '--net', '--target', name];
    case 'fd':
      return ['nsenter', `--net=/proc/${name.replace('.', '/fd/')}`];
    default:
      return [];
  }
}

/** What cannot be said in the words of a command: a container's network, entered through its engine. */
export function commandLine(step: FixStep): string {
  const [, engine, container] =
    /^(container|(?:docker|podman|containerd)(?:@[^:]*)?):(.*)$/s.exec(step.namespace ?? '') ?? [];
  const command = copyableCommand(step);
  if (engine === undefined || container === undefined) return command;
  return `${enteringContainer(engine === 'container' ? undefined : engine, container, step.client)} ${command}`;
}
