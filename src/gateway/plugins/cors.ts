import type { Exchange, Plugin, PluginInstance, Reply } from './plugin.js'

/** Validated by the fields of `cors` in the kong room. */
interface CorsConfig {
  readonly origins: readonly string[] | null
  readonly headers: readonly string[] | null
  readonly exposed_headers: readonly string[] | null
  readonly methods: readonly string[]
  readonly max_age: number | null
  readonly credentials: boolean
  readonly private_network: boolean
  readonly preflight_continue: boolean
  readonly allow_origin_absent: boolean
}

/** Kong's `cors`: answers preflights before any authentication, and names the allowed origin on every other answer. */
export const cors: Plugin = {
  name: 'cors',
  priority: 2_000,
  create: ({ config }) => createInstance(config as unknown as CorsConfig),
}

function createInstance(settings: CorsConfig): PluginInstance {
  const origins = createOrigins(settings)
  return {
    access(exchange) {
      const { method, headers } = exchange.request
      const isPreflight = method === 'OPTIONS' && headers['origin'] !== undefined && headers['access-control-request-method'] !== undefined
      if (!isPreflight || settings.preflight_continue) return undefined
      return preflight(exchange, settings, origins(headers['origin']))
    },
    response(exchange) {
      const { request, downstream } = exchange
      if (request.headers['origin'] === undefined && !settings.allow_origin_absent) return
      const allowed = origins(request.headers['origin'])
      for (const [name, value] of Object.entries(allowed)) downstream.set(name, value)
      if (settings.exposed_headers?.length) downstream.set('Access-Control-Expose-Headers', settings.exposed_headers.join(','))
    },
  }
}

type OriginHeaders = Readonly<Record<string, string>>

/** What to say about an origin. A `*` never goes along with credentials: then the origin itself is named, and caches are told. */
function createOrigins({ origins, credentials }: CorsConfig): (origin: string | undefined) => OriginHeaders {
  const patterns = origins ?? ['*']
  const allowsAll = patterns.includes('*')
  const exact = new Set(patterns.map((pattern) => pattern.toLowerCase()))
  const regexes = patterns
    .filter((pattern) => /[*\\^$()[\]|+?]/.test(pattern) && pattern !== '*')
    .map((pattern) => new RegExp(`^(?:${pattern})$`, 'i'))
  const withCredentials: OriginHeaders = credentials ? { 'Access-Control-Allow-Credentials': 'true' } : {}
  return (origin) => {
    if (allowsAll && !credentials) return { 'Access-Control-Allow-Origin': '*' }
    if (origin === undefined)
      return patterns.length === 1 && !allowsAll && regexes.length === 0
        ? { 'Access-Control-Allow-Origin': patterns[0] as string, Vary: 'Origin' }
        : { Vary: 'Origin' }
    const isAllowed =
      allowsAll || exact.has(origin.toLowerCase()) || regexes.some((regex) => regex.test(origin) || regex.test(hostOf(origin)))
    return isAllowed ? { 'Access-Control-Allow-Origin': origin, ...withCredentials, Vary: 'Origin' } : { Vary: 'Origin' }
  }
}

const hostOf = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : '')

function preflight({ request }: Exchange, settings: CorsConfig, allowed: OriginHeaders): Reply {
  if (allowed['Access-Control-Allow-Origin'] === undefined) return { status: 200 }
  const asked = request.headers['access-control-request-headers']
  const headers = settings.headers?.join(',') ?? asked
  return {
    status: 200,
    headers: {
      ...(headers !== undefined && { 'Access-Control-Allow-Headers': headers }),
      'Access-Control-Allow-Methods': settings.methods.join(','),
      ...(settings.max_age !== null && { 'Access-Control-Max-Age': String(settings.max_age) }),
      ...(settings.private_network &&
        request.headers['access-control-request-private-network'] === 'true' && { 'Access-Control-Allow-Private-Network': 'true' }),
    },
  }
}
