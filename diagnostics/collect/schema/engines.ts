import * as z from 'zod';
import { fact, maybe, text, texts } from './parts.ts';
import { resolver } from './resolver.ts';

const proxyPlace = z.object({ host: text, port: z.number() });

const publishedPort = z.object({
  protocol: z.enum(['tcp', 'udp', 'sctp']),
  containerPort: z.number(),
  hostPort: z.number(),
  hostAddress: text,
});

const container = z.object({
  id: text,
  name: text,
  image: text,
  state: z.enum(['running', 'paused', 'restarting', 'exited', 'created', 'dead', 'removing']),
  restartCount: z.number(),
  ended: maybe(z.object({ status: z.number(), error: maybe(text), outOfMemory: maybe(z.literal(true)) })),
  pid: z.number(),
  namespace: text.nullable(),
  networkMode: text,
  networks: z.array(
    z.object({
      network: text,
      networkId: text,
      address: maybe(text),
      address6: maybe(text),
      mac: maybe(text),
      gateway: maybe(text),
      aliases: texts,
    }),
  ),
  publishedPorts: z.array(publishedPort),
  unpublishedPorts: maybe(z.array(publishedPort)),
  exposedPorts: texts,
  resolver: fact(resolver),
  files: maybe(z.object({ hosts: maybe(text), resolvConf: maybe(text) })),
  nameServers: maybe(texts),
  proxies: maybe(
    z.object({ http: maybe(proxyPlace), https: maybe(proxyPlace), all: maybe(proxyPlace), noProxy: texts }),
  ),
  service: maybe(text),
  pod: maybe(text),
});

/** Engines and their containers in a snapshot file, after diagnostics/model/container.ts. */
export const engine = z.object({
  kind: z.enum(['docker', 'podman', 'containerd']),
  tag: maybe(text),
  version: text,
  endpoint: text,
  client: maybe(texts),
  foreign: z.boolean(),
  rootless: maybe(z.boolean()),
  namespace: maybe(text),
  containers: z.array(container),
  networks: z.array(
    z.object({
      id: text,
      name: text,
      driver: text,
      internal: z.boolean(),
      subnets: z.array(z.object({ subnet: text, gateway: maybe(text) })),
      options: z.record(text, text),
      bridge: maybe(text),
      named: maybe(z.boolean()),
    }),
  ),
  settings: maybe(
    z.object({
      iptables: maybe(z.literal(false)),
      writesTo: maybe(z.enum(['iptables-nft', 'legacy'])),
      nameServers: maybe(texts),
    }),
  ),
});
