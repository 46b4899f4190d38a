import { isOlder } from '../openid-connect/fields.js'
import type { PluginRule, Spot } from './rule.js'

/** Fields whose default a version changed (section 1.20). */
const CHANGED: readonly { readonly path: readonly string[]; readonly since: string; readonly before: string; readonly after: string }[] = [
  { path: ['hide_credentials'], since: '3.14', before: 'false', after: 'true' },
  { path: ['ssl_verify'], since: '3.14', before: 'false', after: 'true' },
  { path: ['redis', 'ssl_verify'], since: '3.14', before: 'false', after: 'true' },
]

export const VERSION_RULES: readonly PluginRule[] = [
  {
    id: 'default-changes',
    severity: 'info',
    advice: 'write the value you mean',
    find: (config, { kongVersion, isGiven }, plugin): readonly Spot[] => {
      if (kongVersion === undefined) return []
      return CHANGED.filter(
        ({ path, since }) =>
          isOlder(kongVersion, since) && !isGiven(plugin, 'config', ...path) && (path[0] !== 'redis' || config.redis !== null),
      ).map(({ path, since, before, after }) => ({
        at: path,
        message: `${path.join('.')} is ${before} in ${kongVersion} and ${after} from ${since} on`,
      }))
    },
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
