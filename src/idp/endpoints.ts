/** Paths under the issuer. Okta's spelling, so that diagrams and logs read like the tutorials. */
export const PATHS = {
  authorization: '/v1/authorize',
  token: '/v1/token',
  introspection: '/v1/introspect',
  revocation: '/v1/revoke',
  jwks: '/v1/keys',
  userinfo: '/v1/userinfo',
  end_session: '/v1/logout',
  par: '/v1/par',
  device_authorization: '/v1/device/authorize',
  device: '/activate',
  login: '/login',
} as const

/** What is counted, and what a fault can name. `login` holds the sign-in pages and the way back from them. */
export type EndpointName = keyof typeof PATHS | 'discovery' | 'other'

export const ENDPOINTS: readonly EndpointName[] = ['discovery', ...(Object.keys(PATHS) as (keyof typeof PATHS)[]), 'other']

const BY_PATH = new Map<string, EndpointName>([
  ['/.well-known/openid-configuration', 'discovery'],
  ['/.well-known/oauth-authorization-server', 'discovery'],
  ...(Object.entries(PATHS) as [EndpointName, string][]).map(([name, path]): [string, EndpointName] => [path, name]),
])

/** @param path below the issuer, without query. */
export function endpointOf(path: string): EndpointName {
  const exact = BY_PATH.get(path)
  if (exact) return exact
  if (path.startsWith(`${PATHS.login}/`) || path.startsWith(`${PATHS.authorization}/`)) return 'login'
  if (path.startsWith(`${PATHS.device}/`)) return 'device'
  if (path.startsWith(`${PATHS.end_session}/`)) return 'end_session'
  return 'other'
}
