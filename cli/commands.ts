import type { CommandContext } from './command-context.ts';

interface CommandEntry {
  readonly name: string;
  readonly load: (context: CommandContext) => Promise<void>;
}

/**
 * Each command's module is loaded only when it is asked for, so that `hoplab` starts fast. An entry reads
 * `{ name: 'why', load: async (context) => (await import('./why.ts')).registerWhy(context) }`.
 */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'why', load: async (context) => (await import('./why.ts')).registerWhy(context) },
  { name: 'map', load: async (context) => (await import('./map.ts')).registerMap(context) },
  { name: 'matrix', load: async (context) => (await import('./matrix.ts')).registerMatrix(context) },
  { name: 'snapshot', load: async (context) => (await import('./snapshot.ts')).registerSnapshot(context) },
  { name: 'demo', load: async (context) => (await import('./demo.ts')).registerDemo(context) },
  { name: 'doctor', load: async (context) => (await import('./doctor.ts')).registerDoctor(context) },
  { name: 'lab', load: async (context) => (await import('./lab.ts')).registerLab(context) },
  { name: 'session', load: async (context) => (await import('./session.ts')).registerSession(context) },
  { name: 'guard', load: async (context) => (await import('./guard.ts')).registerGuard(context) },
];
