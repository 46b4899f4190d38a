import type { KongConfig, Plugin, Route } from './entities.js'
import { effectivePlugins } from './precedence.js'

/** Other plugins that authenticate; the local gateway does not imitate them. */
const AUTHENTICATING: ReadonlySet<string> = new Set([
  'basic-auth',
  'header-cert-auth',
  'hmac-auth',
  'jwt',
  'jwt-signer',
  'key-auth',
  'key-auth-enc',
  'ldap-auth',
  'ldap-auth-advanced',
  'mtls-auth',
  'oauth2',
  'oauth2-introspection',
  'saml',
  'upstream-oauth-terminator',
  'vault-auth',
])

/** Keep requests out by other means than authentication; not imitated either. */
const RESTRICTING: ReadonlySet<string> = new Set(['bot-detection', 'ip-restriction', 'opa', 'request-validator'])

/** Whether a plugin keeps requests out in Kong and does nothing here: what it protects is open. */
export const isOpenHere = (name: string): boolean => AUTHENTICATING.has(name) || RESTRICTING.has(name)

/** What stands between a request and the upstream of a route. */
export type Protection =
  | { readonly kind: 'open' }
  | { readonly kind: 'openid-connect'; readonly plugin: Plugin }
  /** Some other plugin, or `request-termination` for everybody. */
  | { readonly kind: 'other'; readonly plugin: Plugin }

export function protectionOf(config: KongConfig, route: Route): Protection {
  const plugins = effectivePlugins(config, route)
  const oidc = plugins.find(({ name }) => name === 'openid-connect')
  if (oidc) return { kind: 'openid-connect', plugin: oidc }
  const other = plugins.find(
    ({ name, config: { trigger } }) => AUTHENTICATING.has(name) || (name === 'request-termination' && trigger === null),
  )
  return other ? { kind: 'other', plugin: other } : { kind: 'open' }
}
