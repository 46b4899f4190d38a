import type { Redis as RedisClient, Cluster as ClusterClient } from 'ioredis'
import { OidcgwError } from '../../../../errors.js'
import type { Redis as RedisConfig } from '../../../../kong/openid-connect/records.js'
import type { PluginServices } from '../../plugin.js'
import { connectRedis } from './redis-connection.js'
import type { SessionIndex, SessionStore } from './store.js'

/** Gives a lease back only when it is still ours: get and delete in one step. */
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

/** What a key of ours may look like: checked before any command, whatever a cookie said (G-130). */
const KEY = /^[\w!#$%&'*+.^`|~-]{1,128}:[\w-]{1,128}$/

/** A store that is somewhere else: everything is waited for. */
export interface RemoteStore extends SessionStore {
  load(handle: string): Promise<Buffer | undefined>
}

/**
 * Sessions in Redis: `[prefix:]<cookie name>:<id>`, sealed, with a TTL. Connects on first use; a server that cannot be asked is `ERR_STORE`,
 * and the next command tries again.
 */
export function createRedisStore(config: RedisConfig | null, services: Pick<PluginServices, 'now' | 'random' | 'log'>): RemoteStore {
  let client: Promise<RedisClient | ClusterClient> | undefined
  const prefix = config?.prefix ? `${config.prefix}:` : ''
  const connect = async (): Promise<RedisClient | ClusterClient> => {
    const redis = await connectRedis(config, services.log)
    redis.once('end', () => (client = undefined)) // it gave up: the next command begins anew
    return redis
  }
  const ask = async <Value>(command: (client: RedisClient | ClusterClient) => Promise<Value>): Promise<Value> => {
    try {
      const redis = await (client ??= connect())
      return await command(redis)
    } catch (cause) {
      throw new OidcgwError('ERR_STORE', `redis could not be asked: ${(cause as Error).message}`, { cause })
    }
  }
  const keyed = (key: string): string => {
    if (!KEY.test(key)) throw new TypeError('not a key of a session')
    return prefix + key
  }
  return {
    handles: 'kept',
    async save(key, sealed, ttlSeconds) {
      const name = keyed(key)
      await ask((redis) => (ttlSeconds === undefined ? redis.set(name, sealed) : redis.set(name, sealed, 'EX', ttlSeconds)))
      return key
    },
    async load(handle) {
      const name = keyed(handle)
      return (await ask((redis) => redis.getBuffer(name))) ?? undefined
    },
    async destroy(handle) {
      const name = keyed(handle)
      await ask((redis) => redis.del(name))
    },
    async acquire(name, ttlMs) {
      const key = `${prefix}lease:${name}`
      const mine = services.random(16).toString('base64url')
      if ((await ask((redis) => redis.set(key, mine, 'PX', ttlMs, 'NX'))) !== 'OK') return undefined
      return { release: async () => void (await ask((redis) => redis.eval(RELEASE, 1, key, mine))) }
    },
    index: createRedisIndex(prefix, ask, () => services.now() / 1000),
    async close() {
      const open = client
      client = undefined
      await open?.then((redis) => redis.disconnect()).catch(() => undefined)
    },
  }
}

/** A sorted set a group: members are session keys, scores when they end. */
function createRedisIndex(
  prefix: string,
  ask: <Value>(command: (client: RedisClient | ClusterClient) => Promise<Value>) => Promise<Value>,
  now: () => number,
): SessionIndex {
  return {
    async add(group, key, expiresAt) {
      const name = prefix + group
      await ask((redis) => redis.zremrangebyscore(name, '-inf', Math.floor(now())))
      await ask((redis) => redis.zadd(name, Number.isFinite(expiresAt) ? Math.ceil(expiresAt) : '+inf', key))
      if (Number.isFinite(expiresAt)) await ask((redis) => redis.expire(name, Math.max(1, Math.ceil(expiresAt - now())), 'GT'))
      // a set that never had an end takes this one: GT alone treats "no end" as the longest
      if (Number.isFinite(expiresAt)) await ask((redis) => redis.expire(name, Math.max(1, Math.ceil(expiresAt - now())), 'NX'))
    },
    async remove(group, key) {
      await ask((redis) => redis.zrem(prefix + group, key))
    },
  }
}
