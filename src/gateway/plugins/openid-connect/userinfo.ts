import type { JsonObject } from '../../../jwt/types.js'
import type { Exchange } from '../plugin.js'
import { cachedUntil } from './cache/cache-life.js'
import { cacheKey, ExpiringCache, SingleFlight } from './cache/expiring-cache.js'
import { perInstance } from './per-instance.js'
import { extraArguments, extraHeaders } from './provider-call.js'
import type { OidcContext } from './types.js'
import { verifySignedAnswer } from './verification/signed-answer.js'

export type Userinfo =
  | { readonly kind: 'claims'; readonly claims: JsonObject; readonly jwt?: string }
  | { readonly kind: 'failed'; readonly detail: string; readonly cause: unknown }

const cacheOf = perInstance(() => ({ answers: new ExpiringCache<Userinfo>(), flights: new SingleFlight<Userinfo>() }))

/**
 * Asks the userinfo endpoint with an access token, or remembers (`cache_user_info`) for the token's remaining life.
 * @param expiresAt when the access token ends, seconds since the epoch.
 * @see OIDC Core §5.3
 */
export async function askUserinfo(
  token: string,
  expiresAt: number | undefined,
  exchange: Exchange,
  context: OidcContext,
): Promise<Userinfo> {
  const { config } = context
  const query = new URLSearchParams(
    await extraArguments(exchange, {
      names: config.userinfo_query_args_names,
      values: config.userinfo_query_args_values,
      client: config.userinfo_query_args_client,
    }),
  )
  if (!config.cache_user_info) return ask(token, query, exchange, context)
  const { answers, flights } = cacheOf(context)
  const key = cacheKey(token, query.toString(), config.userinfo_accept)
  const now = exchange.now()
  const known = answers.get(key, now)
  if (known) return known
  return flights.run(key, async () => {
    const answer = await ask(token, query, exchange, context)
    const until = answer.kind === 'claims' ? cachedUntil(config, now, expiresAt) : undefined
    if (until !== undefined) answers.set(key, answer, until)
    return answer
  })
}

async function ask(token: string, query: URLSearchParams, exchange: Exchange, context: OidcContext): Promise<Userinfo> {
  const { config } = context
  const headers = extraHeaders(exchange, {
    names: config.userinfo_headers_names,
    values: config.userinfo_headers_values,
    client: config.userinfo_headers_client,
  })
  try {
    const answer = await context.provider.userinfo(token, query, { trace: exchange.trace, headers })
    if (answer.json) return { kind: 'claims', claims: answer.json }
    const { claims } = await verifySignedAnswer('userinfo', answer.jwt, exchange, context)
    return { kind: 'claims', claims, jwt: answer.jwt }
  } catch (cause) {
    const detail = (cause as Error).message
    context.services.log('error', `[openid-connect] userinfo failed: ${detail}`)
    return { kind: 'failed', detail, cause }
  }
}
