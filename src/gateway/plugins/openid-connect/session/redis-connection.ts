import type { Cluster as ClusterClient, Redis as RedisClient, RedisOptions } from 'ioredis'
import type { Redis as RedisConfig } from '../../../../kong/openid-connect/records.js'
import type { PluginServices } from '../../plugin.js'

/** Longest pause between two attempts to reach a server that went away. Milliseconds. */
const RECONNECT_MS = 500
const pause = (times: number): number => Math.min(50 * times, RECONNECT_MS)

type Log = PluginServices['log']

/**
 * A client for one server, a Sentinel group or a Cluster, as the `redis` record says; connects with the first command.
 * Commands fail after `read_timeout`, when the server takes no bytes for `send_timeout`, or when the second attempt to connect fails, so that
 * a request is never held by a dead server.
 */
export async function connectRedis(config: RedisConfig | null, log: Log): Promise<RedisClient | ClusterClient> {
  const { Redis, Cluster } = await import('ioredis')
  const client = config?.cluster_nodes?.length
    ? new Cluster(
        config.cluster_nodes.map(({ ip, port }) => ({ host: ip, port })),
        {
          redisOptions: commonOptions(config),
          lazyConnect: true,
          maxRedirections: config.cluster_max_redirections,
          clusterRetryStrategy: (times) => (times > 2 ? null : 50 * times),
          slotsRefreshTimeout: config.connect_timeout,
          // certificates name hosts, the cluster names addresses: both must reach tls.connect unchanged
          dnsLookup: (address, callback) => callback(null, address),
        },
      )
    : new Redis(serverOptions(config))
  sayOnce(client, log)
  const sendTimeout = config?.send_timeout ?? 2000
  if (client instanceof Cluster) client.on('+node', (node: RedisClient) => limitSending(node, sendTimeout))
  else limitSending(client, sendTimeout)
  return client
}

const serverOptions = (config: RedisConfig | null): Omit<RedisOptions, 'replyMapping'> => ({
  ...commonOptions(config),
  ...addressOptions(config),
  lazyConnect: true,
  retryStrategy: pause,
})

function commonOptions(config: RedisConfig | null) {
  return {
    connectTimeout: config?.connect_timeout ?? 2000,
    commandTimeout: config?.read_timeout ?? 2000,
    maxRetriesPerRequest: 1,
    disableClientInfo: true,
    reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false), // after a failover: the new master, and again
    protocol: 2, // servers before Redis 6 know no HELLO
    ...(config?.username && { username: config.username }),
    ...(config?.password && { password: config.password }),
    ...(config?.ssl && { tls: { rejectUnauthorized: config.ssl_verify, ...(config.server_name && { servername: config.server_name }) } }),
  } satisfies RedisOptions
}

function addressOptions(config: RedisConfig | null): RedisOptions {
  const db = config?.database ?? 0
  if (config?.sentinel_nodes?.length || config?.sentinel_master || config?.sentinel_role) {
    return {
      db,
      name: config.sentinel_master ?? 'mymaster',
      sentinels: (config.sentinel_nodes ?? []).map(({ host, port }) => ({ host, port })),
      role: config.sentinel_role === 'slave' ? 'slave' : 'master',
      ...(config.sentinel_username && { sentinelUsername: config.sentinel_username }),
      ...(config.sentinel_password && { sentinelPassword: config.sentinel_password }),
      ...(config.ssl && { enableTLSForSentinelMode: true }),
      sentinelRetryStrategy: () => null, // else a command waits for ever when no sentinel answers
      sentinelCommandTimeout: config.read_timeout, // else one that hangs keeps the next from being asked
    }
  }
  return config?.socket ? { db, path: config.socket } : { db, host: config?.host ?? '127.0.0.1', port: config?.port ?? 6379 }
}

/** Gives a connection up when bytes wait and the server takes none for that long; what was asked over it fails. ioredis has no such limit. */
function limitSending(redis: RedisClient, timeoutMs: number): void {
  redis.on('connect', () => {
    const { stream } = redis
    // the socket's timer begins anew with every byte that moves, so one that only idles goes off too
    stream.setTimeout(timeoutMs).on('timeout', () => {
      if (stream.writableLength === 0) return
      redis.disconnect()
      stream.destroy(new Error(`the server took no bytes for ${timeoutMs} ms`))
    })
  })
}

/** One line when the server goes, one when it is back. Without a listener ioredis prints stack traces of its own. */
function sayOnce(client: RedisClient | ClusterClient, log: Log): void {
  let isDown = false
  client.on('error', (error: Error) => {
    if (!isDown) log('error', `[openid-connect] redis: ${error.message}`)
    isDown = true
  })
  client.on('ready', () => {
    if (isDown) log('notice', '[openid-connect] redis answers again')
    isDown = false
  })
}
