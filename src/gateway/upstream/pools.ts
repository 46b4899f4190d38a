import { Pool } from 'undici'
import type { Service } from '../../kong/entities.js'
import type { Endpoint } from './balancer.js'

/** Most sockets to one endpoint, whatever clients do. */
export const CONNECTIONS_PER_ENDPOINT = 256

/** Connection pools of one published document, made when first needed, one for each endpoint and set of connection facts. */
export interface Pools {
  get(endpoint: Endpoint, service: Service): Pool
  /** Sockets open now, over all pools. */
  connected(): number
  close(): Promise<void>
}

export function createPools(): Pools {
  const pools = new Map<string, Pool>()
  // every service has endpoints of its own: see createBalancer
  const known = new Map<Endpoint, Pool>()
  const shared = (endpoint: Endpoint, service: Service): Pool => {
    // A structured key: `…:3100` + `1/private` never meets `…:31001` + `/private` (G-11).
    const key = JSON.stringify([originOf(endpoint), service.connect_timeout, service.read_timeout, service.tls_verify])
    let pool = pools.get(key)
    if (!pool) pools.set(key, (pool = createPool(endpoint, service)))
    return pool
  }
  return {
    get(endpoint, service) {
      let pool = known.get(endpoint)
      if (!pool) known.set(endpoint, (pool = shared(endpoint, service)))
      return pool
    },
    connected: () => [...pools.values()].reduce((sum, { stats }) => sum + (stats.connected ?? 0), 0),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

/** Kong verifies the upstream's certificate only when `tls_verify` says so. */
function createPool(endpoint: Endpoint, service: Service): Pool {
  return new Pool(originOf(endpoint), {
    connections: CONNECTIONS_PER_ENDPOINT,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    headersTimeout: service.read_timeout,
    bodyTimeout: service.read_timeout,
    maxHeaderSize: 32 * 1024,
    connect: { timeout: service.connect_timeout, rejectUnauthorized: service.tls_verify === true },
  })
}

/** `host[:port]` as a Host field has it: the port only when it is not the scheme's own. */
export function authorityOf({ protocol, host, port }: Endpoint): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return port === (protocol === 'https' ? 443 : 80) ? name : `${name}:${port}`
}

const originOf = (endpoint: Endpoint): string => `${endpoint.protocol}://${authorityOf(endpoint)}`
