import { displayText } from './display-text.ts';
import { shellWord } from './shell-word.ts';

/**
 * The words of a shell that lead into the network of a container, by what its engine says of it. `engine`: as in a namespace's
 * name, Docker where nothing is said.
 */
export function enteringContainer(engine: string | undefined, container: string): string {
  const [kind, tag] = (engine ?? 'docker').split('@');
  const name = displayText(shellWord(container));
  switch (kind) {
    case 'podman': {
      const client = tag === undefined ? 'podman' : `runuser -u ${displayText(shellWord(tag))} -- podman`;
      // A user's podman keeps its namespaces where nobody else sees them: the container's process leads there.
      return `nsenter --net --target "$(${client} inspect -f '{{.State.Pid}}' ${name})"`;
    }
    case 'containerd':
      return `nsenter --net --target "$(ctr -n ${displayText(shellWord(tag ?? 'default'))} task ps ${name} | awk 'NR==2 {print $1}')"`;
    default:
      return `nsenter --net="$(docker inspect -f '{{.NetworkSettings.SandboxKey}}' ${name})"`;
  }
}
