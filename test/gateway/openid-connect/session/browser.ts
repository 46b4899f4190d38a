import { randomBytes } from 'node:crypto'
import { HeaderEdits } from '../../../../src/gateway/header-edits.js'
import type { Exchange, PluginServices } from '../../../../src/gateway/plugins/plugin.js'
import { createSessionManager } from '../../../../src/gateway/plugins/openid-connect/session/index.js'
import type { SessionData, SessionManager } from '../../../../src/gateway/plugins/openid-connect/types.js'
import type { RequestPath } from '../../../../src/http/path.js'
import type { OpenIdConnectConfig } from '../../../../src/kong/openid-connect/config.js'
import { openIdConnectFields } from '../../../../src/kong/openid-connect/fields.js'

/** Kong's defaults with the settings a test is about. */
export const oidcConfig = (settings: Partial<OpenIdConnectConfig> = {}): OpenIdConnectConfig =>
  ({
    ...openIdConnectFields('3.15').defaults,
    issuer: 'https://idp.example',
    client_id: ['gateway'],
    session_secret: 'a secret of more than sixteen bytes',
    ...settings,
  }) as OpenIdConnectConfig

/** A clock that tests move. Milliseconds. */
export interface Clock {
  ms: number
  forward(seconds: number): void
}

export const createClock = (ms = Date.UTC(2026, 0, 1)): Clock => ({
  ms,
  forward(seconds) {
    this.ms += seconds * 1000
  },
})

export interface Workshop {
  readonly sessions: SessionManager
  readonly clock: Clock
  readonly log: string[]
}

let transports = 0

/** A session manager with a clock; `sessionStore: 'memory'` and an equal `transport` share one memory. */
export function createWorkshop(
  settings: Partial<OpenIdConnectConfig> = {},
  {
    clock = createClock(),
    sessionStore,
    transport = { number: ++transports },
  }: { clock?: Clock; sessionStore?: 'memory'; transport?: object } = {},
): Workshop {
  const log: string[] = []
  const services: PluginServices = {
    now: () => clock.ms,
    random: randomBytes,
    log: (level, message) => void log.push(`${level}: ${message}`),
    provider: transport as PluginServices['provider'],
    ...(sessionStore && { sessionStore }),
  }
  return { sessions: createSessionManager(oidcConfig(settings), services), clock, log }
}

export interface RequestFacts {
  readonly cookie?: string | undefined
  readonly scheme?: 'http' | 'https'
  readonly remoteAddress?: string
  readonly userAgent?: string
}

/** One request as a plugin sees it. */
export function createTestExchange(
  clock: Clock,
  { cookie, scheme = 'http', remoteAddress = '127.0.0.1', userAgent }: RequestFacts = {},
): Exchange {
  return {
    id: '0'.repeat(32),
    request: {
      method: 'GET',
      path: '/' as RequestPath,
      query: '',
      headers: { host: 'gateway.example', ...(cookie && { cookie }), ...(userAgent && { 'user-agent': userAgent }) },
      rawHeaders: [],
      scheme,
      host: 'gateway.example',
      port: 80,
      remoteAddress,
      clientCertificate: undefined,
      sni: undefined,
      body: async () => undefined,
    },
    route: {} as Exchange['route'],
    service: undefined,
    config: {} as Exchange['config'],
    captures: undefined,
    upstream: new HeaderEdits(),
    upstreamQuery: undefined,
    upstreamBody: undefined,
    downstream: new HeaderEdits(),
    consumer: undefined,
    consumerGroups: undefined,
    credential: undefined,
    authenticatedGroups: undefined,
    anonymous: false,
    trace: () => undefined,
    decide: () => undefined,
    now: () => clock.ms,
  }
}

/** A browser's cookies: keeps what answers set, drops what they clear. */
export class Cookies {
  readonly values = new Map<string, string>()

  take(exchange: Exchange): this {
    for (const cookie of exchange.downstream.get('set-cookie') ?? []) {
      const [pair = ''] = cookie.split('; ')
      const equals = pair.indexOf('=')
      const name = pair.slice(0, equals)
      if (cookie.includes('; Max-Age=0')) this.values.delete(name)
      else this.values.set(name, pair.slice(equals + 1))
    }
    return this
  }

  get field(): string | undefined {
    return [...this.values].map(([name, value]) => `${name}=${value}`).join('; ') || undefined
  }
}

export const sessionData = (settings: Partial<SessionData> = {}): SessionData => ({
  method: 'authorization_code',
  tokens: { access_token: 'at-1', refresh_token: 'rt-1', token_type: 'Bearer' },
  subject: 'alice',
  clientIndex: 0,
  ...settings,
})

/** Saves a session for a new browser. */
export async function logIn({ sessions, clock }: Workshop, data = sessionData(), facts: RequestFacts = {}): Promise<Cookies> {
  const exchange = createTestExchange(clock, facts)
  await sessions.save(exchange, data)
  return new Cookies().take(exchange)
}

/** Opens what the browser sends. */
export async function visit({ sessions, clock }: Workshop, cookies: Cookies | string | undefined, facts: RequestFacts = {}) {
  const cookie = typeof cookies === 'string' ? cookies : cookies?.field
  const exchange = createTestExchange(clock, { cookie, ...facts })
  return { exchange, opened: await sessions.open(exchange) }
}
