import type { KongConfig, Plugin, Route } from '../../kong/entities.js'
import type { OpenIdConnectConfig } from '../../kong/openid-connect/config.js'
import { effectivePlugins } from '../../kong/precedence.js'
import type { Presentation } from '../../profile/profile.js'
import { ANONYMOUS } from '../authorize.js'
import type { Expectation } from '../expect/index.js'
import type { RequestTemplate } from '../suite/suite.js'

/** Who plays which part. A part that nobody plays gives no cases. */
export interface KongIdentities {
  /** Let in wherever a token lets in. */
  readonly good?: string
  readonly wrong_audience?: string
  readonly missing_scope?: string
  readonly missing_group?: string
}

export interface KongImportOptions extends KongIdentities {
  /** Added to a route's path, so that the upstream has something there. Default none. */
  readonly suffix?: string
  /** What one route needs otherwise, by its name. */
  readonly routes?: Readonly<Record<string, KongIdentities & { readonly suffix?: string; readonly skip?: string }>>
  /** Whether the gateway is spoken to by https. */
  readonly https: boolean
}

/** One case that a route's configuration promises. */
export interface DerivedCase {
  readonly name: string
  readonly as: string
  readonly present?: Presentation
  readonly request: RequestTemplate
  readonly expect: Expectation
  readonly skip?: string
}

const OPEN: Expectation = { status: ['2xx'] }
const FORBIDDEN: Expectation = { status: [403], challenge: { scheme: 'Bearer', error: 'insufficient_scope' } }
const INVALID: Expectation = { status: [401], challenge: { scheme: 'Bearer', error: 'invalid_token' } }

/** The cases that every route's plugins promise, in the order of the document (outcomes: kong-openid-connect.md section 2.4). */
export function deriveCases(config: KongConfig, options: KongImportOptions): DerivedCase[] {
  return config.routes.flatMap((route) => {
    const own = options.routes?.[route.name ?? ''] ?? {}
    const label = route.name ?? route.paths?.[0] ?? route.id
    const parts = { ...options, ...own }
    const request = requestOf(route, parts.suffix ?? '')
    const why = own.skip ?? unaskable(route, options.https)
    const base = { request: request ?? EMPTY }
    if (why !== undefined || !request)
      return [{ ...base, name: `${label}: not asked`, as: ANONYMOUS, expect: {}, skip: why ?? 'its path is a regular expression' }]
    return routeCases(effectivePlugins(config, route), request, parts).map((one) => ({ ...one, name: `${label}: ${one.name}` }))
  })
}

const EMPTY: RequestTemplate = { method: 'GET', target: '/', query: [], headers: [], cookies: [] }

function unaskable({ protocols }: Route, https: boolean): string | undefined {
  if (!protocols.some((protocol) => protocol === 'http' || protocol === 'https')) return `it speaks ${protocols.join(', ')}`
  return !https && !protocols.includes('http') ? 'it wants https' : undefined
}

function requestOf({ paths, methods, hosts, headers }: Route, suffix: string): RequestTemplate | undefined {
  const path = paths === undefined ? '/' : paths.find((candidate) => candidate.startsWith('/'))
  if (path === undefined) return undefined
  const required = Object.entries(headers ?? {}).flatMap(([name, values]) => (values[0] === undefined ? [] : [[name, values[0]] as const]))
  const host = hosts?.[0]?.replace('*', 'probe')
  return {
    ...EMPTY,
    method: methods?.includes('GET') === false ? (methods[0] ?? 'GET') : 'GET',
    target: `${suffix.startsWith('/') ? path.replace(/\/$/, '') : path}${suffix}`,
    headers: [...(host === undefined ? [] : [['host', host] as const]), ...required],
  }
}

function routeCases(plugins: readonly Plugin[], request: RequestTemplate, parts: KongIdentities): DerivedCase[] {
  const named = (name: string): Plugin | undefined => plugins.find((plugin) => plugin.name === name)
  const oidc = named('openid-connect')?.config as OpenIdConnectConfig | undefined
  const termination = named('request-termination')?.config
  if (!oidc)
    return [
      { name: 'anonymous', as: ANONYMOUS, request, expect: termination ? { status: [Number(termination['status_code'] ?? 503)] } : OPEN },
    ]
  const open: Expectation = termination ? { status: [Number(termination['status_code'] ?? 503)] } : OPEN
  return [
    anonymousCase(oidc, request, open),
    ...credentialCases(oidc, request, parts, open),
    ...authorizationCases(oidc, request, parts, named('acl') !== undefined),
  ]
}

function anonymousCase({ auth_methods, anonymous }: OpenIdConnectConfig, request: RequestTemplate, open: Expectation): DerivedCase {
  const base = { name: 'anonymous', as: ANONYMOUS, request }
  if (anonymous !== null) return { ...base, expect: open }
  if (!auth_methods.includes('authorization_code'))
    return { ...base, expect: { status: [401], challenge: { scheme: 'Bearer', error: null } } }
  return {
    ...base,
    request: browserRequest(request),
    expect: { status: [302], login: true, redirect: { parameters: { response_type: { present: true }, state: { present: true } } } },
  }
}

const browserRequest = (request: RequestTemplate): RequestTemplate => ({
  ...request,
  headers: [...request.headers, ['accept', 'text/html']],
})

const takesTokens = ({ auth_methods }: OpenIdConnectConfig): boolean =>
  auth_methods.some((method) => ['bearer', 'introspection', 'userinfo'].includes(method))

function credentialCases(oidc: OpenIdConnectConfig, request: RequestTemplate, { good }: KongIdentities, open: Expectation): DerivedCase[] {
  const cases: DerivedCase[] = []
  if (takesTokens(oidc)) {
    if (good !== undefined) cases.push({ name: 'a good token', as: good, present: 'bearer', request, expect: open })
    const authorization = ['authorization', `Bearer ${forgedToken(oidc.issuer)}`] as const
    const forged = { ...request, headers: [...request.headers, authorization] }
    cases.push({ name: 'a forged token', as: ANONYMOUS, request: forged, expect: oidc.anonymous === null ? INVALID : open })
  }
  if (oidc.auth_methods.includes('client_credentials') && good !== undefined) {
    cases.push({ name: 'client credentials', as: good, present: 'basic', request, expect: open })
  }
  return cases
}

function authorizationCases(oidc: OpenIdConnectConfig, request: RequestTemplate, parts: KongIdentities, acl: boolean): DerivedCase[] {
  if (!takesTokens(oidc)) return []
  const refused = (name: string, identity: string | undefined, asked: boolean, expect: Expectation = FORBIDDEN): DerivedCase[] =>
    identity === undefined || !asked ? [] : [{ name, as: identity, present: 'bearer', request, expect }]
  return [
    ...refused('a token for another audience', parts.wrong_audience, oidc.audience_required !== null),
    ...refused('a token without the scope', parts.missing_scope, oidc.scopes_required !== null),
    ...refused('a token without the group', parts.missing_group, oidc.groups_required !== null || oidc.roles_required !== null),
    ...refused('a token without the group', parts.missing_group, acl, { status: [403] }),
  ]
}

/** A well-formed token of that issuer that nobody signed; fixed, so that runs are alike. */
function forgedToken(issuer: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: issuer, sub: 'oidcgw-probe', aud: 'oidcgw-probe', iat: 1_700_000_000, exp: 4_100_000_000 }
  return `${part({ alg: 'RS256', typ: 'at+jwt', kid: 'oidcgw-probe' })}.${part(claims)}.${Buffer.alloc(256, 1).toString('base64url')}`
}
