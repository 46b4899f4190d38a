import type { OpenIdConnectConfig } from '../openid-connect/config.js'
import { isOlder } from '../openid-connect/fields.js'
import { spotIf, type PluginRule, type Spot } from './rule.js'

/** Fields whose default a version changed (section 1.20). */
const CHANGED: readonly { readonly path: readonly string[]; readonly since: string; readonly before: string; readonly after: string }[] = [
  { path: ['hide_credentials'], since: '3.14', before: 'false', after: 'true' },
  { path: ['ssl_verify'], since: '3.14', before: 'false', after: 'true' },
  { path: ['redis', 'ssl_verify'], since: '3.14', before: 'false', after: 'true' },
  { path: ['session_memcached_ssl_verify'], since: '3.14', before: 'false', after: 'true' },
]
/** Whether a default can matter: nobody asks a Redis or a memcached that is not there. */
const matters = (config: OpenIdConnectConfig, [field = '']: readonly string[]): boolean =>
  field === 'redis' ? config.redis !== null : !field.startsWith('session_memcached') || config.session_storage === 'memcached'

const NESTABLE = ['scopes_claim', 'audience_claim', 'groups_claim', 'roles_claim'] as const

export const VERSION_RULES: readonly PluginRule[] = [
  {
    id: 'default-changes',
    severity: 'info',
    advice: 'write the value you mean',
    find: (config, { kongVersion, isGiven }, plugin): readonly Spot[] => {
      if (kongVersion === undefined) return []
      return CHANGED.filter(
        ({ path, since }) => isOlder(kongVersion, since) && !isGiven(plugin, 'config', ...path) && matters(config, path),
      ).map(({ path, since, before, after }) => ({
        at: path,
        message: `${path.join('.')} is ${before} in ${kongVersion} and ${after} from ${since} on`,
      }))
    },
  },
  {
    id: 'forbidden-goes-to-unauthorized',
    severity: 'info',
    advice: 'set forbidden_redirect_uri from 3.10 on',
    find: ({ unauthorized_redirect_uri, forbidden_redirect_uri }, { kongVersion }) =>
      spotIf(
        kongVersion !== undefined && isOlder(kongVersion, '3.10') && (unauthorized_redirect_uri ?? forbidden_redirect_uri) !== null,
        unauthorized_redirect_uri === null ? 'forbidden_redirect_uri' : 'unauthorized_redirect_uri',
        `Kong ${kongVersion ?? ''} sends who is forbidden to unauthorized_redirect_uri too; the local gateway never does`,
      ),
  },
  {
    id: 'nested-claims-in-3-14',
    severity: 'info',
    advice: 'run 3.14.0.1 or later',
    find: (config, { kongVersion }): readonly Spot[] =>
      kongVersion === '3.14'
        ? NESTABLE.filter((field) => (config[field]?.length ?? 0) > 1).map((field) => ({
            at: [field],
            message: '3.14.0.0 answers 403 whenever a claim lies inside another',
          }))
        : [],
  },
  {
    id: 'deprecated-header-lists',
    severity: 'info',
    advice: 'write upstream_headers: [{ header: X-User, path: [sub] }] where only 3.14 and later read it',
    find: ({ upstream_headers_claims, downstream_headers_claims }): readonly Spot[] => {
      const message = 'the two parallel lists are deprecated since 3.14'
      return [
        ...(upstream_headers_claims === null ? [] : [{ at: ['upstream_headers_claims'], message }]),
        ...(downstream_headers_claims === null ? [] : [{ at: ['downstream_headers_claims'], message }]),
      ]
    },
  },
]
