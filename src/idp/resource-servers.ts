import type { KoaContextWithOIDC, ResourceServer } from 'oidc-provider'
import { DEFAULT_AUDIENCE, audienceOf, scopesOf } from './resources.js'
import type { IdpState } from './state.js'

/** What the library needs to know about one resource (RFC 8707). An unknown one is `invalid_target`. */
export function resourceServerOf(state: IdpState, identifier: string, clientId: string): ResourceServer {
  const resource = state.resources.find((candidate) => candidate.identifier === identifier)
  if (!resource) throw new state.library.errors.InvalidTarget(`unknown resource ${identifier}`)
  const { accessTokenFormat, accessTokenAlg } = state.settings
  return {
    scope: scopesOf(resource),
    audience: audienceOf(resource),
    accessTokenFormat: resource.accessTokenFormat ?? state.applications.find(clientId)?.accessTokenFormat ?? accessTokenFormat,
    jwt: { sign: { alg: accessTokenAlg } },
  } as ResourceServer
}

/** The resource meant when none is named: the one with the `audience` asked for, else the default API. */
export function defaultResource(state: IdpState, ctx: KoaContextWithOIDC, oneOf?: string | string[]): string {
  if (oneOf) return [oneOf].flat()[0] ?? DEFAULT_AUDIENCE
  const audience = ctx.oidc.params?.['audience'] ?? ctx.oidc.body?.['audience']
  if (audience === undefined) return state.resources[0]?.identifier ?? DEFAULT_AUDIENCE
  const resource = state.resources.find((candidate) => audienceOf(candidate) === audience)
  if (!resource) throw new state.library.errors.InvalidTarget('unknown audience')
  return resource.identifier
}
