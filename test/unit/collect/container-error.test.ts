import { expect, test } from 'vitest';
import { parseContainer } from '../../../diagnostics/collect/docker/parse.ts';

const failed = (path: string, args: readonly string[], error: string): string | undefined =>
  parseContainer({
    ...{ Id: '0123456789ab', Name: '/job', Path: path, Args: args },
    State: { Status: 'exited', ExitCode: 127, Pid: 0, Error: error },
  })?.ended?.error;

const START = 'OCI runtime create failed: unable to start container process: ';

test('what a container could not start is told without the arguments of its command', () => {
  expect(
    failed(
      '--password=hunter2',
      [],
      `${START}exec: "--password=hunter2": executable file not found in $PATH`,
    ),
  ).toBe(`${START}exec: "…": executable file not found in $PATH`);
  expect(
    failed('/init', ['/opt/tok3n'], `${START}exec: "/opt/tok3n": stat /opt/tok3n: no such file or directory`),
  ).toBe(`${START}exec: "…": stat …: no such file or directory`);
});

test('a program that is not there is told by its name', () => {
  const error = `${START}exec: "serve": executable file not found in $PATH`;
  expect(failed('serve', ['start', '80'], error)).toBe(error);
});
