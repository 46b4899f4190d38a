import { OidcgwError } from '../../../errors.js'
import type { TokenAnswer } from '../../provider/answers.js'
import type { ProviderClient } from '../../provider/client.js'
import type { ProviderTransport } from '../../provider/transport.js'
import type { Exchange } from '../plugin.js'
import { cachedUntil } from './cache/cache-life.js'
import { cacheKey, ExpiringCache, SingleFlight } from './cache/expiring-cache.js'
import { perInstance } from './per-instance.js'
import { callFor, extraArguments, extraHeaders } from './provider-call.js'
import { isPrincipal, principalOfTokens, readTokenResponse } from './tokens.js'
import type { AuthOutcome, CredentialSource, OidcContext } from './types.js'

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

/** A grant as a method of authentication. */
export interface GrantAttempt {
  readonly grant: 'client_credentials' | 'password' | 'refresh_token'
  readonly fields: Readonly<Record<string, string>>
  readonly client: ProviderClient
  readonly source: CredentialSource
  /** Whether the credential may still be another method's when the token endpoint refuses it. */
  readonly fallthrough: boolean
  /** Whether `cache_tokens` applies. */
  readonly cached: boolean
}

/**
 * Exchanges a caller's credential for tokens and takes the principal from them. Through the token cache, what is remembered is an answer
 * that made a principal: never a refusal, a failure, or tokens that did not verify.
 */
export async function authenticateByGrant(attempt: GrantAttempt, exchange: Exchange, context: OidcContext): Promise<AuthOutcome> {
  const { grant, fields, client, source, fallthrough } = attempt
  const { answers, flights } = cachesOf(context.services.provider)
  const cached = attempt.cached && context.config.cache_tokens
  const key = cached ? await tokenKey(attempt, exchange, context) : ''
  const now = exchange.now()
  const ask = () => requestTokens(grant, fields, client, exchange, context)
  try {
    const answer = cached ? (answers.get(key, now) ?? (await flights.run(key, ask))) : await ask()
    if (answer.kind === 'refused') return refusedGrant(answer, fallthrough)
    // without rotation the refresh token just used stays the one to use
    const tokens = {
      ...(fields['refresh_token'] && { refresh_token: fields['refresh_token'] }),
      ...readTokenResponse(answer.response, now),
    }
    const principal = await principalOfTokens(grant, tokens, { source }, exchange, context)
    if (!isPrincipal(principal)) return principal
    const until = cached && tokens.access_token !== undefined ? cachedUntil(context.config, now, tokens.expires_at) : undefined
    if (until !== undefined && !answers.get(key, now)) answers.set(key, answer, until)
    return { kind: 'accepted', principal: { ...principal, tokenResponse: answer.response.raw } }
  } catch (cause) {
    return unreachable(cause, context)
  }
}

/** The secret is part of the key: a wrong one must never find what the right one got (G-90). */
async function tokenKey({ grant, fields, client }: GrantAttempt, exchange: Exchange, context: OidcContext): Promise<string> {
  const { config, provider } = context
  const form = await tokenForm(grant, fields, exchange, context)
  if (!config.token_cache_key_include_scope) form.delete('scope')
  const endpoint = provider.endpoint('token_endpoint')?.href
  return cacheKey(saltOf(context), config.issuer, endpoint, form.toString(), [client.client_id, client.client_secret])
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
