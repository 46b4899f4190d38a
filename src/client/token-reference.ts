import { OidcgwError } from '../errors.js'
import type { HttpResponse } from '../host.js'
import type { ClientHost } from './client-options.js'
import type { Provider } from './connect.js'
import type { GrantRequest } from './grants/grant.js'
import { assertSecure } from './transport.js'

/** Where a GitLab job finds its ID token unless told otherwise (`id_tokens:` lets each job choose the name). */
const GITLAB_VARIABLE = 'OIDCGW_ID_TOKEN'

/**
 * The token behind a reference: another profile's (`profile:NAME`), this CI job's identity (`github`, `github:AUDIENCE`, `gitlab`,
 * `gitlab:VARIABLE`), or a secret reference (`env:`, `file:`, `cmd:`).
 *
 * @throws {OidcgwError} `ERR_SECRET_UNAVAILABLE` outside the CI it names, `ERR_NO_TOKEN` when GitHub refuses, `ERR_PROVIDER_RESPONSE` when its
 * answer is none; and as the other profile's grant does.
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
  if (kind === 'github') return githubToken(name || provider.metadata.issuer, what, provider, host)
  if (kind === 'gitlab') return gitlabToken(name || GITLAB_VARIABLE, what, provider, host)
  return provider.secrets(reference, what)
}

/** GitLab puts the ID tokens that a job asks for into variables of its choice. */
function gitlabToken(variable: string, what: string, { secrets, metadata }: Provider, { env }: ClientHost): Promise<string> {
  if (env[variable]) return secrets(`env:${variable}`, what)
  throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `${what}: GitLab gave this job no ${variable}`, {
    hint: `Write id_tokens: { ${variable}: { aud: ${metadata.issuer} } } in the job, or name its variable: gitlab:VARIABLE`,
  })
}

/** GitHub gives a job its ID token over HTTP, when the workflow has `permissions: id-token: write`. */
async function githubToken(audience: string, what: string, { options }: Provider, { env, request, signal }: ClientHost): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env
  if (!address || !bearer || !URL.canParse(address)) {
    throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `${what}: GitHub offers no identity to this job`, { hint: PERMISSIONS })
  }
  const url = new URL(address)
  assertSecure(url, options)
  url.searchParams.set('audience', audience)
  const answer = await request({
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
    signal,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  })
  const value = answer.status === 200 ? tokenIn(answer.body.toString('utf8')) : undefined
  if (value !== undefined) return value
  throw refusedIdentity(answer, what)
}

const PERMISSIONS = 'Write permissions: { id-token: write } in the workflow'

function refusedIdentity({ status }: Pick<HttpResponse, 'status'>, what: string): OidcgwError {
  return status >= 400 && status < 500
    ? new OidcgwError('ERR_NO_TOKEN', `${what}: GitHub refused this job an identity (HTTP ${status})`, { hint: PERMISSIONS })
    : new OidcgwError('ERR_PROVIDER_RESPONSE', `${what}: GitHub answered HTTP ${status} without a token`, { hint: 'Try again later' })
}

function tokenIn(text: string): string | undefined {
  try {
    const { value } = JSON.parse(text) as { value?: unknown }
    return typeof value === 'string' && value !== '' ? value : undefined
  } catch {
    return undefined
  }
}
