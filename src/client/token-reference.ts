import { OidcgwError } from '../errors.js'
import type { ClientHost } from './client-options.js'
import type { Provider } from './connect.js'
import type { GrantRequest } from './grants/grant.js'

/**
 * The token behind a reference: another profile's (`profile:NAME`), this CI job's identity (`github`, `github:AUDIENCE`, `gitlab`,
 * `gitlab:VARIABLE`), or a secret reference (`env:`, `file:`, `cmd:`).
 *
 * @throws {OidcgwError} `ERR_SECRET_UNAVAILABLE` outside the CI it names; and as the other profile's grant does.
 */
export async function readTokenReference(
  reference: string,
  what: string,
  provider: Provider,
  request: GrantRequest,
  host: ClientHost,
): Promise<string> {
  const [kind = '', ...rest] = reference.split(':')
  const name = rest.join(':')
  if (kind === 'profile') return request.tokenOf(name)
  if (kind === 'github') return githubToken(name || provider.metadata.issuer, what, host)
  if (kind === 'gitlab') return provider.secrets(`env:${name || 'OIDCGW_ID_TOKEN'}`, what)
  return provider.secrets(reference, what)
}

/** GitHub gives a job its ID token over HTTP, when the workflow has `permissions: id-token: write`. */
async function githubToken(audience: string, what: string, { env, request, signal }: ClientHost): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env
  const unavailable = (reason: string, hint: string) => new OidcgwError('ERR_SECRET_UNAVAILABLE', `${what}: ${reason}`, { hint })
  if (!address || !bearer || !URL.canParse(address)) {
    throw unavailable('GitHub offers no identity to this job', 'Write permissions: { id-token: write } in the workflow')
  }
  const url = new URL(address)
  url.searchParams.set('audience', audience)
  const answer = await request({ method: 'GET', url, headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' }, signal })
  const value = answer.status === 200 ? tokenIn(answer.body.toString('utf8')) : undefined
  if (value === undefined)
    throw unavailable(`GitHub answered HTTP ${answer.status} without a token`, 'Check the permissions of the workflow')
  return value
}

function tokenIn(text: string): string | undefined {
  try {
    const { value } = JSON.parse(text) as { value?: unknown }
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
