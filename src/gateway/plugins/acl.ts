import type { Exchange, Plugin, Reply } from './plugin.js'
import { coreError } from '../core-error.js'

/** Validated by the fields of `acl` in the kong room. */
interface AclConfig {
  readonly allow: readonly string[] | null
  readonly deny: readonly string[] | null
  readonly hide_groups_header: boolean
  readonly include_consumer_groups: boolean
  readonly always_use_authenticated_groups: boolean
}

/** Where the groups of a request come from decides which header names them. */
interface Groups {
  readonly names: readonly string[]
  readonly header: 'X-Consumer-Groups' | 'X-Authenticated-Groups'
}

/** Kong's `acl`: lets groups in or keeps them out, by the table of section 7.3. */
export const acl: Plugin = {
  name: 'acl',
  priority: 950,
  create({ config }) {
    const settings = config as unknown as AclConfig
    return {
      managedHeaders: settings.hide_groups_header ? [] : ['x-consumer-groups', 'x-authenticated-groups'],
      access(exchange) {
        const groups = groupsOf(exchange, settings)
        const refusal = judge(exchange, settings, groups)
        exchange.decide({
          name: 'acl',
          outcome: refusal ? 'fail' : 'pass',
          ...(refusal?.reason && { reason: refusal.reason }),
          detail: groups ? `groups: ${groups.names.join(', ')}` : 'no group information',
        })
        if (refusal) return refusal
        if (groups && !settings.hide_groups_header) exchange.upstream.set(groups.header, groups.names.join(', '))
        return undefined
      },
    }
  },
}

/** A mapped consumer's own groups count, unless it came without a credential or the claim's groups are asked for. */
function groupsOf({ consumer, credential, authenticatedGroups, consumerGroups }: Exchange, settings: AclConfig): Groups | undefined {
  const authenticated: Groups | undefined = authenticatedGroups?.length
    ? { names: authenticatedGroups, header: 'X-Authenticated-Groups' }
    : undefined
  if (!consumer) return authenticated
  if ((settings.always_use_authenticated_groups || !credential) && authenticated) return authenticated
  const attached = settings.include_consumer_groups ? [...consumer.groups, ...(consumerGroups ?? [])] : []
  const names = [...new Set([...consumer.acls, ...attached])]
  return names.length > 0 ? { names, header: 'X-Consumer-Groups' } : undefined
}

function judge({ consumer, credential }: Exchange, { allow, deny }: AclConfig, groups: Groups | undefined): Reply | undefined {
  if (!groups) {
    // A consumer in no group is in no denied group either; without a consumer nothing vouches for that.
    if (consumer && deny && !allow) return undefined
    return credential ? DENIED : coreError(401, 'Unauthorized', 'no_credential')
  }
  const isListed = (list: readonly string[]) => groups.names.some((name) => list.includes(name))
  return (allow ? isListed(allow) : !isListed(deny ?? [])) ? undefined : DENIED
}

const DENIED = coreError(403, 'You cannot consume this service', 'acl_denied')
