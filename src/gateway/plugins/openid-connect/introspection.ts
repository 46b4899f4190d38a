import type { JsonObject } from '../../../jwt/types.js'
import { numericDate } from '../../../jwt/checks/time.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import { pairs } from '../../provider/pairs.js'
import type { Exchange } from '../plugin.js'
import { cachedUntil } from './cache/cache-life.js'
import { cacheKey, ExpiringCache, SingleFlight } from './cache/expiring-cache.js'
import { clientIndexOf } from './client-choice.js'
import { after } from './eventually.js'
import { perInstance } from './per-instance.js'
import { callFor, extraArguments, extraHeaders } from './provider-call.js'
import { headerArgument } from './request-arguments.js'
import type { Eventually, OidcContext } from './types.js'
import { NEGATIVE_TTL_DEFAULT } from './unconfirmed.js'
import { verifySignedAnswer } from './verification/signed-answer.js'
import { tokenDigest } from './verification/verdict-cache.js'

/** What introspection says about a token (RFC 7662). `failed`: nobody could tell. */
export type Introspection =
  | { readonly kind: 'active'; readonly claims: JsonObject; readonly jwt?: string }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'failed'; readonly detail: string; readonly cause: unknown }

const cacheOf = perInstance(() => ({
  active: new ExpiringCache<Introspection>(),
  /** Apart from the others: unknown tokens must not push known ones out (G-91). */
  inactive: new ExpiringCache<Introspection>(1_000),
  flights: new SingleFlight<Introspection>(),
}))

/** Asks the provider about a token, or remembers: one call for all who ask at once; failures are never remembered (G-84). */
export function introspect(token: string, exchange: Exchange, context: OidcContext): Eventually<Introspection> {
  return after(callersArguments(exchange, context), (extra) => introspectWith(token, extra, exchange, context))
}

function introspectWith(token: string, extra: Pairs, exchange: Exchange, context: OidcContext): Eventually<Introspection> {
  const { config } = context
  if (!config.cache_introspection) return ask(introspectionForm(token, extra, config), exchange, context)
  const { active, inactive, flights } = cacheOf(context)
  // all else that makes up the question is the instance's own configuration
  const endpoint = config.introspection_endpoint ?? context.provider.current()?.metadata.introspection_endpoint
  const asked = `${tokenDigest(token)} ${clientIndexOf(exchange)} ${endpoint}`
  const key = extra.length === 0 ? asked : cacheKey(asked, extra)
  const now = exchange.now()
  const known = active.get(key, now) ?? inactive.get(key, now)
  if (known) return known
  return flights.run(key, async () => {
    const answer = await ask(introspectionForm(token, extra, config), exchange, context)
    if (answer.kind === 'active') {
      const until = cachedUntil(
        config,
        now,
        numericDate(answer.claims['exp'], true) ?? (answer.claims['exp'] === undefined ? undefined : 0),
      )
      if (until !== undefined) active.set(key, answer, until)
      else active.delete(key)
    } else if (answer.kind === 'inactive') {
      active.delete(key)
      const ttl = config.cache_ttl_neg ?? NEGATIVE_TTL_DEFAULT
      if (ttl > 0) inactive.set(key, answer, now + ttl * 1000)
    } else return revived(active.getStale(key, now, (config.cache_ttl_resurrect ?? 0) * 1000), now) ?? answer
    return answer
  })
}

/** A stale answer stands in for a failed one (`cache_ttl_resurrect`), but never beyond the token's own end. */
function revived(stale: Introspection | undefined, now: number): Introspection | undefined {
  if (stale?.kind !== 'active') return undefined
  const exp = numericDate(stale.claims['exp'], true)
  return exp === undefined || now < exp * 1000 ? stale : undefined
}

type Pairs = readonly (readonly [name: string, value: string])[]

const NONE: Pairs = []

/** What the request itself adds to the question. */
function callersArguments(exchange: Exchange, { config }: OidcContext): Eventually<Pairs> {
  const { introspection_post_args_client: args, introspection_post_args_client_headers: headers } = config
  return args?.length || headers?.length ? readCallersArguments(args, headers ?? [], exchange) : NONE
}

async function readCallersArguments(client: readonly string[] | null, headers: readonly string[], exchange: Exchange): Promise<Pairs> {
  const found = await extraArguments(exchange, { names: null, values: null, client })
  for (const name of headers) {
    const value = headerArgument(exchange.request, name)
    if (value !== undefined) found.push([name, value])
  }
  return found
}

function introspectionForm(token: string, extra: Pairs, config: OpenIdConnectConfig): URLSearchParams {
  const form = new URLSearchParams([[config.introspection_token_param_name, token]])
  if (config.introspection_hint) form.append('token_type_hint', config.introspection_hint)
  const fixed = pairs(config.introspection_post_args_names, config.introspection_post_args_values)
  for (const [name, value] of [...fixed, ...extra]) form.append(name, value)
  return form
}

async function ask(form: URLSearchParams, exchange: Exchange, context: OidcContext): Promise<Introspection> {
  const { config, provider } = context
  const client = provider.client(clientIndexOf(exchange)) ?? { client_id: '' }
  const headers = extraHeaders(exchange, {
    names: config.introspection_headers_names,
    values: config.introspection_headers_values,
    client: config.introspection_headers_client,
  })
  try {
    const answer = await provider.introspect(form, callFor(exchange, client, { ...headers, accept: config.introspection_accept }))
    const claims = answer.json ?? (await unwrap(answer.jwt, exchange, context))
    if (config.introspection_check_active && claims['active'] !== true) return { kind: 'inactive' }
    return { kind: 'active', claims, ...(answer.jwt !== undefined && { jwt: answer.jwt }) }
  } catch (cause) {
    const detail = (cause as Error).message
    context.services.log('error', `[openid-connect] introspection failed: ${detail}`)
    return { kind: 'failed', detail, cause }
  }
}

/**
 * The claims of a signed answer: the member `token_introspection` (RFC 9701 §5), or the JWT's own when the provider sends the token
 * itself in this form; such a token is active by being sent.
 */
async function unwrap(jwt: string, exchange: Exchange, context: OidcContext): Promise<JsonObject> {
  const { claims } = await verifySignedAnswer('introspection', jwt, exchange, context)
  const inner = claims['token_introspection']
  if (inner === undefined) return { active: true, ...claims }
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {}
}
