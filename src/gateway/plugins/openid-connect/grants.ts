import { OidcgwError } from '../../../errors.js'
import type { TokenAnswer } from '../../provider/answers.js'
import type { ProviderClient } from '../../provider/client.js'
import type { ProviderTransport } from '../../provider/transport.js'
import type { Exchange } from '../plugin.js'
import { cachedUntil } from './cache/cache-life.js'
import { cacheKey, ExpiringCache, SingleFlight } from './cache/expiring-cache.js'
import { perInstance } from './per-instance.js'
import { callFor, extraArguments, extraHeaders } from './provider-call.js'
import { expiryOf } from './tokens.js'
import type { AuthOutcome, OidcContext } from './types.js'

export type TokenGrant = 'authorization_code' | 'client_credentials' | 'password' | 'refresh_token'

type Stopped = Extract<AuthOutcome, { kind: 'rejected' | 'undetermined' }>

interface TokenCaches {
  readonly answers: ExpiringCache<TokenAnswer>
  readonly flights: SingleFlight<TokenAnswer>
}

const caches = new WeakMap<ProviderTransport, TokenCaches>()

/** One cache for all instances of a gateway: equal salts share their entries, because the salt is part of the key. */
function cachesOf(transport: ProviderTransport): TokenCaches {
  let made = caches.get(transport)
  if (!made) caches.set(transport, (made = { answers: new ExpiringCache(), flights: new SingleFlight() }))
  return made
}

const saltOf = perInstance(({ config, services }) => config.cache_tokens_salt ?? services.random(24).toString('base64url'))

/**
 * One call to the token endpoint for a request: scopes, `token_post_args_*`, `token_headers_*`, replayed answer headers.
 * @throws {OidcgwError} when the endpoint could not be asked.
 */
export async function requestTokens(
  grant: TokenGrant,
  fields: Readonly<Record<string, string>>,
  client: ProviderClient,
  exchange: Exchange,
  context: OidcContext,
): Promise<TokenAnswer> {
  const { config } = context
  const form = await tokenForm(grant, fields, exchange, context)
  const headers = extraHeaders(exchange, {
    names: config.token_headers_names,
    values: config.token_headers_values,
    client: config.token_headers_client,
  })
  context.services.log('info', '[openid-connect] loading tokens from the identity provider')
  const answer = await context.provider.token(form, callFor(exchange, client, headers))
  if (answer.kind === 'tokens') replayHeaders(grant, answer, exchange, context)
  return answer
}

/** The same through the token cache (`cache_tokens`); refusals and failures are not remembered. */
export async function requestTokensCached(
  grant: TokenGrant,
  fields: Readonly<Record<string, string>>,
  client: ProviderClient,
  exchange: Exchange,
  context: OidcContext,
): Promise<TokenAnswer> {
  const { config, services } = context
  const { answers, flights } = cachesOf(services.provider)
  const form = await tokenForm(grant, fields, exchange, context)
  if (!config.token_cache_key_include_scope) form.delete('scope')
  // the secret is part of the key: a wrong one must never find what the right one got (G-90)
  const key = cacheKey(saltOf(context), config.issuer, context.provider.endpoint('token_endpoint')?.href, form.toString(), [
    client.client_id,
    client.client_secret,
  ])
  const now = exchange.now()
  const known = answers.get(key, now)
  if (known) return known
  return flights.run(key, async () => {
    const answer = await requestTokens(grant, fields, client, exchange, context)
    if (answer.kind !== 'tokens') return answer
    const until = cachedUntil(config, now, expiryOf(answer.response.access_token, answer.response.expires_in, now))
    if (until !== undefined && (answer.response.expires_in ?? 1) > 0) answers.set(key, answer, until)
    return answer
  })
}

async function tokenForm(
  grant: TokenGrant,
  fields: Readonly<Record<string, string>>,
  exchange: Exchange,
  { config }: OidcContext,
): Promise<URLSearchParams> {
  const form = new URLSearchParams({ grant_type: grant, ...fields })
  const scope = config.scopes.join(' ')
  if (grant !== 'authorization_code' && scope !== '') form.set('scope', scope)
  for (const [name, value] of await extraArguments(exchange, {
    names: config.token_post_args_names,
    values: config.token_post_args_values,
    client: config.token_post_args_client,
  }))
    form.set(name, value)
  return form
}

function replayHeaders(
  grant: TokenGrant,
  answer: Extract<TokenAnswer, { kind: 'tokens' }>,
  exchange: Exchange,
  { config }: OidcContext,
): void {
  if (config.token_headers_grants !== null && !config.token_headers_grants.includes(grant)) return
  for (const name of config.token_headers_replay ?? []) {
    const value = answer.headers[name.toLowerCase()]
    if (value !== undefined) exchange.downstream.set(`${config.token_headers_prefix ?? ''}${name}`, [value].flat().join(', '))
  }
}

/** A refusal by the token endpoint as the outcome of a method. */
export function refusedGrant({ error, status }: Extract<TokenAnswer, { kind: 'refused' }>, fallthrough: boolean): Stopped {
  return {
    kind: 'rejected',
    reason: error === 'invalid_scope' ? 'scope_refused' : 'grant_refused',
    detail: `the token endpoint answered ${status}${error === undefined ? '' : ` ${error}`}`,
    fallthrough,
  }
}

/** A provider that could not be asked as the outcome of a method. */
export function unreachable(cause: unknown, context: OidcContext): Stopped {
  if (!(cause instanceof OidcgwError)) throw cause
  context.services.log('error', `[openid-connect] ${cause.message}`)
  return { kind: 'undetermined', reason: 'idp_unreachable', detail: cause.message, cause }
}
