import type { KongConfig, Service, Target, Upstream } from '../../kong/entities.js'

/** Where one attempt goes. Belongs to one service: another's endpoint is another object. */
export interface Endpoint {
  readonly protocol: 'http' | 'https'
  readonly host: string
  readonly port: number
}

/** Chooses endpoints for a service: its host, or the targets of the upstream that bears its host's name. */
export interface Balancer {
  /** The next endpoint that was not tried yet; undefined when all were. */
  next(tried?: ReadonlySet<Endpoint>): Endpoint | undefined
  /** A connection to it failed: it is passed over for {@link COOL_DOWN_MS}, unless nobody else is left. */
  failed(endpoint: Endpoint): void
}

/** How long a target that refused connections is passed over, milliseconds. */
const COOL_DOWN_MS = 10_000

export function createBalancer(service: Service, config: Pick<KongConfig, 'upstreams'>, now: () => number): Balancer {
  const upstream = config.upstreams.find(({ name }) => name === service.host)
  return upstream ? createRoundRobin(service, upstream, now) : createSingle(service)
}

function createSingle({ protocol, host, port }: Service): Balancer {
  const endpoint: Endpoint = { protocol, host, port }
  return { next: (tried) => (tried?.has(endpoint) ? undefined : endpoint), failed: () => undefined }
}

interface Weighted {
  readonly endpoint: Endpoint
  readonly weight: number
  current: number
  failedUntil: number
}

/**
 * Smooth weighted round robin: each turn every target gains its weight, the richest is chosen and pays the total; so weights 5, 1, 1
 * give `a a b a c a a` and never a burst. Weight 0 takes a target out.
 */
function createRoundRobin(service: Service, upstream: Upstream, now: () => number): Balancer {
  const all = upstream.targets.filter(({ weight }) => weight > 0).map((target): Weighted => toWeighted(service, target))
  return {
    next(tried) {
      const untried = tried ? all.filter(({ endpoint }) => !tried.has(endpoint)) : all
      const healthy = untried.filter(({ failedUntil }) => failedUntil <= now())
      const candidates = healthy.length > 0 ? healthy : untried
      let best: Weighted | undefined
      let total = 0
      for (const candidate of candidates) {
        candidate.current += candidate.weight
        total += candidate.weight
        if (!best || candidate.current > best.current) best = candidate
      }
      if (best) best.current -= total
      return best?.endpoint
    },
    failed(endpoint) {
      const target = all.find((candidate) => candidate.endpoint === endpoint)
      if (target) target.failedUntil = now() + COOL_DOWN_MS
    },
  }
}

const toWeighted = ({ protocol }: Service, { host, port, weight }: Target): Weighted => ({
  endpoint: { protocol, host, port },
  weight,
  current: 0,
  failedUntil: 0,
})
