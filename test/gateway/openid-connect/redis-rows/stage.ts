import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { redisConfig } from '../../../contracts/redis-server.js'
import { startProtected, type ProtectedOptions } from '../../../support/protected-gateway.js'
import { alice, client } from '../field-rows/row.js'
import type { Kept, RedisRow, RedisSeen } from './row.js'

const ARMS = ['default', 'changed'] as const
type Arm = (typeof ARMS)[number]

/** How a test itself reaches a server. */
export interface Reach {
  readonly port: number
  readonly host?: string
  readonly password?: string
}

export interface RedisStageOptions<Places> {
  readonly at: Places
  /** Servers in which sessions may lie, by name: all are emptied before an arm and searched after it. */
  readonly servers: Readonly<Record<string, Reach>>
  /** The one whose users count. */
  readonly guarded?: string
  /** Server names that TLS clients sent so far; an arm begins with none. */
  readonly serverNames?: string[]
  readonly until: NonNullable<ProtectedOptions['until']>
}

export interface RedisStage<Places> {
  play(row: RedisRow<Places>): Promise<Readonly<Record<Arm, unknown>>>
}

/** One gateway for all rows, with a route and a connection for each arm. */
export async function startRedisStage<Places>(
  rows: readonly RedisRow<Places>[],
  { at, servers, guarded, serverNames = [], until }: RedisStageOptions<Places>,
): Promise<RedisStage<Places>> {
  const plain = Object.entries(servers).map(([name, options]) => ({ name, redis: new Redis({ host: '127.0.0.1', ...options }) }))
  const setup = await startProtected({
    until,
    routes: Object.fromEntries(
      rows.flatMap((row, index) =>
        ARMS.map((arm) => [
          `/${arm}-${index}`,
          {
            auth_methods: ['session', 'password'],
            ...client,
            session_secret: 'a-session-secret-of-32-characters',
            session_storage: 'redis',
            upstream_access_token_header: null,
            redis: redisConfig({ ...row.base(at), ...(arm === 'changed' && row.set(at)) }),
          },
        ]),
      ),
    ),
  })
  until(async () => plain.forEach(({ redis }) => redis.disconnect()))

  const run = async (row: RedisRow<Places>, arm: Arm): Promise<RedisSeen> => {
    for (const { redis } of plain) await redis.flushall()
    serverNames.length = 0
    // random, so that nothing can be squeezed out of it
    const access_token = randomBytes(row.tokenBytes ?? 30).toString('base64url')
    setup.provider.script('/token', { access_token, token_type: 'Bearer', expires_in: 3600 })
    const answer = await setup.ask({ ...alice, path: `/${arm}-${rows.indexOf(row)}/anything` })
    const kept = await Promise.all(
      plain.map(async ({ name, redis }) => (await sessionsIn(redis)).map((found) => ({ server: name, ...found }))),
    )
    const users = plain.find(({ name }) => name === guarded)
    return { answer, kept: kept.flat(), users: users ? await usersOf(users.redis) : [], serverNames: [...serverNames] }
  }
  return { play: async (row) => ({ default: row.observe(await run(row, 'default')), changed: row.observe(await run(row, 'changed')) }) }
}

async function sessionsIn(redis: Redis): Promise<readonly Omit<Kept, 'server'>[]> {
  const found: Omit<Kept, 'server'>[] = []
  for (const [, number] of (await redis.info('keyspace')).matchAll(/^db(\d+):/gm)) {
    const database = Number(number)
    if (database > 0) await redis.select(database)
    for (const key of await redis.keys('*session:*')) found.push({ database, key })
    if (database > 0) await redis.select(0)
  }
  return found
}

/** Users of all connections but our own. */
async function usersOf(redis: Redis): Promise<readonly string[]> {
  const own = await redis.client('ID')
  const lines = String(await redis.client('LIST'))
    .trim()
    .split('\n')
  return lines.filter((line) => !line.startsWith(`id=${own} `)).map((line) => /\buser=(\S+)/.exec(line)?.[1] ?? '')
}
