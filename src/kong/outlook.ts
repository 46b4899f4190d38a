import type { Consumer, KongConfig, Plugin, Route } from './entities.js'
import type { OpenIdConnectConfig } from './openid-connect/config.js'
import { effectivePlugins } from './precedence.js'
import { protectionOf } from './protection.js'

/** Who comes: with nothing, with a valid access token in `Authorization: Bearer`, or a browser without a session. */
export type Visitor = 'anonymous' | 'bearer' | 'browser'

/** What a visitor would get, read off the configuration; no request is made. */
export interface Answer {
  /** Absent when a plugin that is not imitated decides. */
  readonly status: number | undefined
  /** `upstream`, `login`, `refused`, … for people. */
  readonly outcome: string
  /** What must hold for it, e.g. `scope orders.read`. */
  readonly when: readonly string[]
}

const answer = (status: number | undefined, outcome: string, when: readonly string[] = []): Answer => ({ status, outcome, when })

/** What each visitor would get on one route. */
export function outlook(config: KongConfig, route: Route): Readonly<Record<Visitor, Answer>> {
  const same = (value: Answer): Record<Visitor, Answer> => ({ anonymous: value, bearer: value, browser: value })
  const service = config.services.find(({ id }) => id === route.service)
  if (service?.enabled === false) return same(answer(404, 'the service is disabled'))
  const beyond = arrival(config, route)
  const protection = protectionOf(config, route)
  if (protection.kind === 'open') return same(beyond)
  if (protection.kind === 'other') {
    return same(protection.plugin.name === 'request-termination' ? beyond : answer(undefined, `${protection.plugin.name} decides`))
  }
  const oidc = protection.plugin.config as unknown as OpenIdConnectConfig
  const acl = effectivePlugins(config, route).find(({ name }) => name === 'acl')
  return {
    anonymous: withoutCredential(config, oidc, beyond),
    bearer: withToken(oidc, acl, beyond),
    browser: withoutCredential(config, oidc, beyond),
  }
}

/** What waits behind authentication. */
function arrival(config: KongConfig, route: Route, consumer?: Consumer): Answer {
  const asking = consumer === undefined ? {} : { consumer: consumer.id }
  const termination = effectivePlugins(config, route, asking).find(
    ({ name, config: { trigger } }) => name === 'request-termination' && trigger === null,
  )
  if (termination) return answer(termination.config['status_code'] as number, 'request-termination')
  return route.service === undefined ? answer(503, 'no service') : answer(200, 'upstream')
}

function withoutCredential(config: KongConfig, oidc: OpenIdConnectConfig, beyond: Answer): Answer {
  if (oidc.anonymous !== null) {
    const consumer = config.consumers.find(({ id, username }) => id === oidc.anonymous || username === oidc.anonymous)
    if (consumer === undefined) return answer(500, 'the anonymous consumer does not exist')
    const held = config.plugins.find((plugin) => plugin.enabled && plugin.consumer === consumer.id && plugin.name === 'request-termination')
    if (held) return answer(held.config['status_code'] as number, 'request-termination', [`as consumer ${oidc.anonymous}`])
    return { ...beyond, when: [`as consumer ${oidc.anonymous}`] }
  }
  if (oidc.auth_methods.includes('authorization_code')) return answer(302, 'login')
  return redirected(oidc.unauthorized_redirect_uri) ?? answer(401, 'refused')
}

function withToken(oidc: OpenIdConnectConfig, acl: Plugin | undefined, beyond: Answer): Answer {
  const methods = (['bearer', 'introspection', 'userinfo'] as const).filter((method) => oidc.auth_methods.includes(method))
  const isRead = oidc.bearer_token_param_type.includes('header') && oidc.bearer_token_header_name === null
  if (methods.length === 0 || !isRead) {
    if (oidc.auth_methods.includes('authorization_code')) return answer(302, 'login')
    return redirected(oidc.unauthorized_redirect_uri) ?? answer(401, 'refused')
  }
  return { ...beyond, when: [methods.join(' or '), ...requirements(oidc), ...(acl ? aclRequirements(acl) : []), ...beyond.when] }
}

const redirected = (target: readonly string[] | null): Answer | undefined =>
  target?.[0] === undefined ? undefined : answer(302, target[0])

function requirements(oidc: OpenIdConnectConfig): readonly string[] {
  const pairs = [
    ['scope', oidc.scopes_required],
    ['audience', oidc.audience_required],
    ['group', oidc.groups_required],
    ['role', oidc.roles_required],
  ] as const
  return [
    ...pairs.flatMap(([what, entries]) =>
      entries === null || entries.length === 0
        ? []
        : [`${what} ${entries.map((entry) => entry.trim().split(/\s+/).join(' and ')).join(', or ')}`],
    ),
    ...(oidc.issuers_allowed === null ? [] : [`issuer ${oidc.issuers_allowed.join(', or ')}`]),
    ...(oidc.claims_forbidden === null ? [] : [`no claim ${oidc.claims_forbidden.join(', ')}`]),
    ...(oidc.consumer_claims !== null && !oidc.consumer_optional && oidc.anonymous === null ? ['a consumer'] : []),
    ...(oidc.proof_of_possession_dpop === 'strict' ? ['a DPoP proof'] : []),
    ...(oidc.proof_of_possession_mtls === 'strict' ? ['a client certificate'] : []),
  ]
}

function aclRequirements({ config: { allow, deny } }: Plugin): readonly string[] {
  if (Array.isArray(allow)) return [`acl group ${allow.join(', or ')}`]
  return Array.isArray(deny) ? [`no acl group ${deny.join(', ')}`] : []
}
