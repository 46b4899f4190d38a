import { readSecret } from '../../config/secret-reference.js'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { formatBasic } from '../../http/authorization.js'
import type { Project } from '../../profile/load.js'
import { resolveProfile, type ProfileOverrides } from '../../profile/resolve.js'
import { withHeader } from '../../probe/request.js'
import type { Authorize } from '../../probe/authorize.js'

export interface IdentityContext {
  readonly host: Host
  readonly project: Project
  readonly overrides: ProfileOverrides
}

/**
 * Who a request is made as: `none`, a profile, `basic:PROFILE` (the client's own id and secret as Basic) or `basic:USER:REFERENCE`.
 * @throws {OidcgwError} when the identity is unknown or its credential cannot be had.
 */
export function createAuthorize(context: IdentityContext): Authorize {
  return async (request, identity) => {
    if (identity === 'none') return request
    if (identity.startsWith('basic:')) {
      return { ...request, headers: withHeader(request.headers, 'authorization', await basic(identity.slice(6), context)) }
    }
    const profile = resolveProfile(context.project, identity, context.overrides)
    throw new OidcgwError('ERR_UNSUPPORTED', `cannot log in as ${profile.name} yet`)
  }
}

async function basic(text: string, { host, project, overrides }: IdentityContext): Promise<string> {
  const colon = text.indexOf(':')
  if (colon >= 0) {
    return formatBasic({ username: text.slice(0, colon), password: await readSecret(text.slice(colon + 1), { host, what: '--as basic' }) })
  }
  const { name, client } = resolveProfile(project, text, overrides)
  if (client.secret === undefined) throw new OidcgwError('ERR_USAGE', `${name} has no client secret to present as Basic`)
  return formatBasic({ username: client.id, password: await readSecret(client.secret, { host, what: `profiles.${name}.client.secret` }) })
}
