import { displayText } from './display-text.ts';
import { shellWord } from './shell-word.ts';

/**
 * The words of a shell that lead into the network of a container, by what its engine says of it. `engine`: as in a namespace's
 * name, Docker where nothing is said. `client`: the words by which that engine is asked, where they are not the usual ones.
 */
export function enteringContainer(
  engine: string | undefined,
  container: string,
  client?: readonly string[],
): string {
  const [kind = '', tag] = (engine ?? 'docker').split('@');
  const name = displayText(shellWord(container));
  // A user's engine keeps its namespaces where nobody else sees them: the container's process leads there.
  const byProcess = (words: readonly string[]): string =>
    `nsenter --net --target "$(${words.map((word) => displayText(shellWord(word))).join(' ')} inspect -f '{{.State.Pid}}' ${name})"`;
  if (client !== undefined && kind !== 'containerd') return byProcess(client);
  switch (kind) {
    case 'podman':
      return byProcess(['podman']);
    case 'containerd':
      return `nsenter --net --target "$(ctr -n ${displayText(shellWord(tag ?? 'default'))} task ps ${name} | awk 'NR==2 {print $1}')"`;
    default:
      return `nsenter --net="$(docker inspect -f '{{.NetworkSettings.SandboxKey}}' ${name})"`;
  }
}
