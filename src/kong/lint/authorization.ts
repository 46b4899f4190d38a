import type { OpenIdConnectConfig } from '../openid-connect/config.js'
import { effectivePlugins } from '../precedence.js'
import { configOf, spotIf, type DocumentRule, type PluginRule } from './rule.js'

const REQUIRED = ['scopes_required', 'audience_required', 'groups_required', 'roles_required'] as const
const PATHS = ['scopes_claim', 'audience_claim', 'groups_claim', 'roles_claim', 'authenticated_groups_claim', 'credential_claim'] as const
/** Consumer mapping happens when a claim to look at is named. */
const mapsConsumers = ({ consumer_claims }: OpenIdConnectConfig): boolean => consumer_claims !== null

/** Who may pass: claims, consumers, groups, anonymous (section 7). */
export const AUTHORIZATION_RULES: readonly PluginRule[] = [
  {
    id: 'required-entry-with-spaces',
    severity: 'info',
    advice: 'separate entries mean any of them; a group whose name has a space cannot be required',
    find: (config) =>
      REQUIRED.flatMap((field) =>
        (config[field] ?? []).flatMap((entry, index) =>
          /\S\s+\S/.test(entry)
            ? [{ at: [field, index], message: `"${entry}" asks for all of ${entry.trim().split(/\s+/).join(', ')}` }]
            : [],
        ),
      ),
  },
  {
    id: 'numeric-path-segment',
    severity: 'info',
    advice: 'Kong documents no index into arrays; here they count from 1',
    find: (config) =>
      PATHS.flatMap((field) =>
        (config[field] ?? []).flatMap((part, index) =>
          /^\d+$/.test(part) ? [{ at: [field, index], message: `${part} is read as an index` }] : [],
        ),
      ),
  },
  {
    id: 'anonymous-not-found',
    severity: 'warning',
    advice: 'add the consumer; a custom_id does not count',
    find: ({ anonymous }, { config }) =>
      spotIf(
        anonymous !== null && !config.consumers.some(({ id, username }) => id === anonymous || username === anonymous),
        'anonymous',
        'this document has no such consumer: every refusal becomes a 500',
      ),
  },
  {
    id: 'anonymous-open',
    severity: 'warning',
    advice: 'give that consumer a request-termination or a limit, or add acl to the route',
    find: ({ anonymous }, { config }, plugin) => {
      const consumer = config.consumers.find(({ id, username }) => id === anonymous || username === anonymous)
      if (consumer === undefined) return undefined
      const held = config.plugins.some(
        (other) => other.enabled && (other.consumer === consumer.id || (other.name === 'acl' && sameScope(other, plugin))),
      )
      return spotIf(!held, 'anonymous', 'whoever is refused goes on as this consumer, and nothing stops it')
    },
  },
  {
    id: 'consumers-missing',
    severity: 'warning',
    advice: 'add consumers, or write consumer_optional: true',
    find: (config, { config: document }) =>
      spotIf(
        mapsConsumers(config) && !config.consumer_optional && config.anonymous === null && document.consumers.length === 0,
        'consumer_claims',
        'a consumer is looked for, and this document has none: everybody gets 403',
      ),
  },
  {
    id: 'consumer-group-not-found',
    severity: 'warning',
    advice: 'add consumer_groups, or write consumer_groups_optional: true',
    find: ({ consumer_groups_claim, consumer_groups_optional }, { config }) =>
      spotIf(
        consumer_groups_claim !== null && !consumer_groups_optional && config.consumer_groups.length === 0,
        'consumer_groups_claim',
        'consumer groups are looked for, and this document has none: everybody gets 403',
      ),
  },
]

const sameScope = (
  a: { route: string | undefined; service: string | undefined },
  b: { route: string | undefined; service: string | undefined },
): boolean => (a.route === undefined || a.route === b.route) && (a.service === undefined || a.service === b.service)

/** The `acl` plugin behind `openid-connect` on the same route (section 7.3). */
export const ACL_RULES: readonly DocumentRule[] = [
  {
    id: 'acl-ignores-claim-groups',
    severity: 'warning',
    advice: 'write always_use_authenticated_groups: true',
    *find({ config }) {
      for (const { acl, oidc } of aclsOf(config)) {
        if (oidc.authenticated_groups_claim === null || !mapsConsumers(oidc) || acl.config['always_use_authenticated_groups'] === true)
          continue
        yield { entity: acl, at: ['config'], message: 'once a consumer is found its own groups count, and those of the claim do not' }
      }
    },
  },
  {
    id: 'acl-without-groups',
    severity: 'warning',
    advice: 'set authenticated_groups_claim in openid-connect, or give consumers acls',
    *find({ config }) {
      for (const { acl, oidc } of aclsOf(config)) {
        if (oidc.authenticated_groups_claim !== null || acl.config['allow'] === null) continue
        if (mapsConsumers(oidc) && config.consumers.some(({ acls }) => acls.length > 0)) continue
        yield { entity: acl, at: ['config', 'allow'], message: 'nobody ever has a group here: everybody gets 403' }
      }
    },
  },
]

/** Each `acl` once, with the configuration of the `openid-connect` that runs before it. */
function* aclsOf(config: DocumentConfig) {
  const seen = new Set<string>()
  for (const route of config.routes) {
    const plugins = effectivePlugins(config, route)
    const acl = plugins.find(({ name }) => name === 'acl')
    const oidc = plugins.find(({ name }) => name === 'openid-connect')
    if (acl === undefined || oidc === undefined || seen.has(acl.id)) continue
    seen.add(acl.id)
    yield { acl, oidc: configOf(oidc) }
  }
}

type DocumentConfig = Parameters<typeof effectivePlugins>[0]
