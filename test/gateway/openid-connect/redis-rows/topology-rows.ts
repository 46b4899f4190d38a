import { keeper, type RedisRow } from './row.js'

/** Where Sentinels and Clusters are. */
export interface TopologyPlaces {
  /** `two`, asked without any Sentinel. */
  readonly port: number
  /** A Sentinel on 127.0.0.1 that watches `sessions` (`one`), `others` (`two`) and `pair` (`three` with its replica `copy`). */
  readonly sentinelPort: number
  /** A Sentinel on 127.0.0.1 for which `sessions` is `two`; on the port of the first one, 127.0.0.2 has such a one too. */
  readonly otherSentinelPort: number
  /** The first one's `sessions`, for those who log in: `hunter2` for the users `default` and `kong`. */
  readonly guardedSentinelPort: number
  /** A Cluster of the one node `nodeOne`, and of `nodeFar` on 127.0.0.2: one port for both. */
  readonly clusterPort: number
  /** A Cluster of the one node `nodeTwo`. */
  readonly otherClusterPort: number
  /** In `nodeOne`, keys that begin with this are on their way to `nodeNext`: who asks for one is redirected. */
  readonly movingPrefix: string
}

const sentinel = (port: number, host = '127.0.0.1') => ({ sentinel_nodes: [{ host, port }] })
const cluster = (port: number, ip = '127.0.0.1') => ({ cluster_nodes: [{ ip, port }] })

/** Section 1.16: Sentinel and Cluster. */
export const TOPOLOGY_ROWS: readonly RedisRow<TopologyPlaces>[] = [
  {
    field: 'redis.sentinel_nodes',
    base: ({ port }) => ({ port }),
    set: ({ sentinelPort }) => ({ ...sentinel(sentinelPort), sentinel_master: 'sessions' }),
    observe: keeper,
    default: 'two',
    changed: 'one',
  },
  {
    field: 'redis.sentinel_nodes[].port',
    base: ({ sentinelPort }) => ({ ...sentinel(sentinelPort), sentinel_master: 'sessions' }),
    set: ({ otherSentinelPort }) => sentinel(otherSentinelPort),
    observe: keeper,
    default: 'one',
    changed: 'two',
  },
  {
    field: 'redis.sentinel_nodes[].host',
    base: ({ sentinelPort }) => ({ ...sentinel(sentinelPort), sentinel_master: 'sessions' }),
    set: ({ sentinelPort }) => sentinel(sentinelPort, '127.0.0.2'),
    observe: keeper,
    default: 'one',
    changed: 'two',
  },
  {
    field: 'redis.sentinel_master',
    base: ({ sentinelPort }) => ({ ...sentinel(sentinelPort), sentinel_master: 'sessions' }),
    set: () => ({ sentinel_master: 'others' }),
    observe: keeper,
    default: 'one',
    changed: 'two',
  },
  {
    field: 'redis.sentinel_role',
    base: ({ sentinelPort }) => ({ ...sentinel(sentinelPort), sentinel_master: 'pair' }),
    set: () => ({ sentinel_role: 'slave' }),
    // a master hands everything on to its replica, a replica nothing to its master
    observe: ({ kept }) => kept.find(({ server }) => server === 'three')?.server ?? kept[0]?.server,
    default: 'three',
    changed: 'copy',
  },
  {
    field: 'redis.sentinel_password',
    base: ({ guardedSentinelPort }) => ({ ...sentinel(guardedSentinelPort), sentinel_master: 'sessions' }),
    set: () => ({ sentinel_password: 'hunter2' }),
    observe: keeper,
    default: 503,
    changed: 'one',
  },
  {
    field: 'redis.sentinel_username',
    base: ({ guardedSentinelPort }) => ({
      ...sentinel(guardedSentinelPort),
      sentinel_master: 'sessions',
      sentinel_password: 'password-of-kong',
    }),
    set: () => ({ sentinel_username: 'kong' }),
    observe: keeper,
    default: 503,
    changed: 'one',
  },
  {
    field: 'redis.cluster_nodes',
    base: ({ port }) => ({ port }),
    set: ({ clusterPort }) => cluster(clusterPort),
    observe: keeper,
    default: 'two',
    changed: 'nodeOne',
  },
  {
    field: 'redis.cluster_nodes[].port',
    base: ({ clusterPort }) => cluster(clusterPort),
    set: ({ otherClusterPort }) => cluster(otherClusterPort),
    observe: keeper,
    default: 'nodeOne',
    changed: 'nodeTwo',
  },
  {
    field: 'redis.cluster_nodes[].ip',
    base: ({ clusterPort }) => cluster(clusterPort),
    set: ({ clusterPort }) => cluster(clusterPort, '127.0.0.2'),
    observe: keeper,
    default: 'nodeOne',
    changed: 'nodeFar',
  },
  {
    field: 'redis.cluster_max_redirections',
    base: ({ clusterPort, movingPrefix }) => ({ ...cluster(clusterPort), prefix: movingPrefix }),
    set: () => ({ cluster_max_redirections: 0 }),
    observe: keeper,
    default: 'nodeNext',
    changed: 503,
  },
]
