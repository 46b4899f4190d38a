import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { eventually, freePort, startRedis, type RedisServer } from '../../../contracts/redis-server.js'
import type { Reach, RedisStageOptions } from './stage.js'
import type { TopologyPlaces } from './topology-rows.js'

type Until = (close: () => unknown) => void

const MOVING = '{moving}'

/** Starts every server, Sentinel and Cluster that `TOPOLOGY_ROWS` speaks of. */
export async function startTopologyPlaces(until: Until): Promise<Omit<RedisStageOptions<TopologyPlaces>, 'until'>> {
  const start: Start = async (...given) => {
    const server = await startRedis(...given)
    until(() => server.kill())
    return server
  }
  const [one, two, three] = await Promise.all([start(), start(), start(['--repl-diskless-sync-delay', '0'])])
  const copy = await start(['--replicaof', '127.0.0.1', String(three.port), '--replica-read-only', 'no'])
  const [sentinels, clusters] = await Promise.all([startSentinels({ one, two, three }, start, until), startClusters(start)])
  const servers = { one, two, three, copy, nodeOne: clusters.one, nodeTwo: clusters.two, nodeNext: clusters.next }
  return {
    at: { port: two.port, ...sentinels, clusterPort: clusters.one.port, otherClusterPort: clusters.two.port, movingPrefix: MOVING },
    servers: {
      ...Object.fromEntries(Object.entries(servers).map(([name, { port }]): [string, Reach] => [name, { port }])),
      nodeFar: { port: clusters.one.port, host: '127.0.0.2' },
    },
  }
}

type Start = (...given: Parameters<typeof startRedis>) => Promise<RedisServer>

async function startSentinels(
  { one, two, three }: Readonly<Record<'one' | 'two' | 'three', RedisServer>>,
  start: Start,
  until: Until,
): Promise<Pick<TopologyPlaces, 'sentinelPort' | 'otherSentinelPort' | 'guardedSentinelPort'>> {
  const folder = mkdtempSync(join(tmpdir(), 'oidcgw-sentinel-'))
  until(() => rmSync(folder, { recursive: true, force: true }))
  const startSentinel = async (port: number, lines: readonly string[], host = '127.0.0.1'): Promise<void> => {
    const sentinelConfig = join(folder, `${host}-${port}.conf`)
    writeFileSync(sentinelConfig, [`port ${port}`, `bind ${host}`, `dir ${folder}`, ...lines].join('\n'))
    await start([], { port, sentinelConfig })
  }
  const watch = (name: string, { port }: RedisServer) => `sentinel monitor ${name} 127.0.0.1 ${port} 1`
  const [sentinelPort, otherSentinelPort, guardedSentinelPort] = [await freePort(), await freePort(), await freePort()]
  const replicas = async ({ port }: RedisServer) => /slave0:.*state=online/.test(await once(port, (redis) => redis.info('replication')))
  await eventually(() => replicas(three)) // a Sentinel that comes later sees it at once
  await Promise.all([
    startSentinel(sentinelPort, [watch('sessions', one), watch('others', two), watch('pair', three)]),
    startSentinel(otherSentinelPort, [watch('sessions', two)]),
    startSentinel(sentinelPort, [watch('sessions', two)], '127.0.0.2'),
    startSentinel(guardedSentinelPort, ['requirepass hunter2', 'user kong on >password-of-kong ~* &* +@all', watch('sessions', one)]),
  ])
  await eventually(async () => /name=pair,.*slaves=1/.test(await once(sentinelPort, (redis) => redis.info('sentinel'))))
  return { sentinelPort, otherSentinelPort, guardedSentinelPort }
}

async function startClusters(start: Start): Promise<Readonly<Record<'one' | 'two' | 'next', RedisServer>>> {
  const startNode = (name: string, host = '127.0.0.1', port?: number): Promise<RedisServer> =>
    start(['--bind', host, '--cluster-announce-ip', host, '--cluster-enabled', 'yes', '--cluster-config-file', `${name}.conf`], {
      ...(port !== undefined && { port }),
    })
  const [one, two, next] = await Promise.all([startNode('one'), startNode('two'), startNode('next')])
  await startNode('far', '127.0.0.2', one.port)
  const places: readonly Reach[] = [one, two, { port: one.port, host: '127.0.0.2' }]
  for (const { port, host } of places) await once(port, (redis) => redis.cluster('ADDSLOTSRANGE', '0', '16383'), host)
  await once(one.port, (redis) => redis.cluster('MEET', '127.0.0.1', String(next.port)))
  for (const { port, host } of [...places, next as Reach]) {
    await eventually(
      async () => /cluster_state:ok/.test(await once(port, (redis) => redis.cluster('INFO') as Promise<string>, host)),
      20_000,
    )
  }
  const idOf = ({ port }: RedisServer) => once(port, async (redis) => String(await redis.cluster('MYID')))
  const slot = await once(one.port, async (redis) => String(await redis.cluster('KEYSLOT', MOVING)))
  const [from, to] = [await idOf(one), await idOf(next)]
  await once(next.port, (redis) => redis.cluster('SETSLOT', slot, 'IMPORTING', from))
  await once(one.port, (redis) => redis.cluster('SETSLOT', slot, 'MIGRATING', to))
  return { one, two, next }
}

/** One question, over a connection of its own. */
async function once<Value>(port: number, ask: (redis: Redis) => Promise<Value>, host = '127.0.0.1'): Promise<Value> {
  const redis = new Redis({ port, host })
  try {
    return await ask(redis)
  } finally {
    redis.disconnect()
  }
}
