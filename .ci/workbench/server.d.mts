export interface ServerOptions {
  /** Where its data, extensions and log lie; a new temporary directory where left out. */
  directory?: string;
  folder?: string;
  /** Packaged extensions to install before it starts. */
  vsix?: readonly string[];
  settings?: Readonly<Record<string, unknown>>;
  environment?: Readonly<Record<string, string>>;
  args?: readonly string[];
  /** Left out: whoever reaches the port is let in. */
  password?: string;
  port?: number;
  trustEverything?: boolean;
}

export interface Server {
  url: string;
  port: number;
  directory: string;
  ended: Promise<number>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
  /** Ends it and keeps its directory. */
  pause(): Promise<void>;
}

export function startServer(options?: ServerOptions): Promise<Server>;
export function freePort(): Promise<number>;
