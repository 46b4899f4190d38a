import type { JsonObject } from '../../../../src/jwt/types.js'
import type { Answer, Ask } from '../../../support/protected-gateway.js'
import type { ProviderRequestSeen, Scripted, ScriptedProvider } from '../../../support/scripted-provider.js'

/** What one arm of a row saw: all answers, and the calls that reached the provider meanwhile. */
export interface Seen {
  readonly answers: readonly Answer[]
  /** The last one. */
  readonly answer: Answer
  readonly calls: readonly ProviderRequestSeen[]
  readonly logs: readonly string[]
  /** Names of what lies in Redis afterwards; a sorted set is `name = members`. Empty for rows without a server. */
  readonly stored: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>
export type Asked = Ask | ((provider: ScriptedProvider, answers: readonly Answer[], routeUrl: string) => Ask)

/**
 * One field of the plugin: a setting and a request whose result differs from the default's. In values `$ISSUER` is the provider's issuer,
 * `$PATH` the path of the arm's route, `$SECURE` a token endpoint behind TLS and `$REDIS_PORT` a port. A field that only works beside another one names it in `set` too.
 */
export interface FieldRow {
  readonly field: string
  /** Fields of both arms. */
  readonly base: Fields
  /** What the second arm adds. */
  readonly set: Fields
  /** A second instance of the plugin, on `/beside` below the route: the fields of the arm, then these. */
  readonly beside?: Fields
  /** Further plugins on both routes. */
  readonly plugins?: readonly Fields[]
  /** One request, or several in a row. Default: a good bearer token. */
  readonly ask?: Asked | readonly Asked[]
  /** Seconds that pass between two requests. */
  readonly pause?: number
  /** Provider endpoints as both arms find them. */
  readonly script?: (provider: ScriptedProvider) => Readonly<Record<string, Scripted | ((request: ProviderRequestSeen) => Scripted)>>
  readonly observe: (seen: Seen) => unknown
  readonly default: unknown
  readonly changed: unknown
}

export const bearer = { auth_methods: ['bearer'] }
export const client = { client_id: ['demo'], client_secret: ['demo-secret'] }
export const introspection = { auth_methods: ['introspection'], ...client }
export const userinfo = { auth_methods: ['userinfo'] }
export const password = { auth_methods: ['password'], ...client }
export const clientCredentials = { auth_methods: ['client_credentials'] }
export const refreshToken = { auth_methods: ['refresh_token'], ...client, refresh_token_param_name: 'refresh_token' }

export const alice: Ask = { basic: 'alice:wonderland' }
export const demo: Ask = { basic: 'demo:demo-secret' }
export const opaque: Ask = { bearer: 'opaque' }
export const withToken =
  (claims: Fields = {}, rest: Ask = {}, header: JsonObject = {}): Asked =>
  (provider) => ({ bearer: provider.token({ claims, header }), ...rest })

export const status = ({ answer }: Seen): number => answer.status
export const upstream =
  (name: string) =>
  ({ answer }: Seen): string | undefined =>
    answer.upstream?.headers[name]
export const downstream =
  (name: string) =>
  ({ answer }: Seen): unknown =>
    answer.headers[name]
export const count =
  (path: string) =>
  ({ calls }: Seen): number =>
    calls.filter((call) => call.path === path).length
export const form =
  (path: string, name: string) =>
  ({ calls }: Seen): string | null | undefined =>
    calls.findLast((call) => call.path === path)?.form.get(name)
export const sent =
  (path: string, name: string) =>
  ({ calls }: Seen): unknown =>
    calls.findLast((call) => call.path === path)?.headers[name]
export const base64Json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')

/** The cookies that the answers so far have set, as a browser would send them back. */
export function cookies(answers: readonly Answer[]): string {
  const jar = new Map<string, string>()
  for (const field of answers.flatMap(({ headers }) => headers['set-cookie'] ?? [])) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(field) ?? []
    if (value === '' || /Max-Age=0/i.test(field)) jar.delete(name)
    else jar.set(name, value)
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
}

/** The same browser again, with nothing but its cookies. */
export const comeBack = (_provider: ScriptedProvider, answers: readonly Answer[]): Ask => ({ headers: { cookie: cookies(answers) } })
