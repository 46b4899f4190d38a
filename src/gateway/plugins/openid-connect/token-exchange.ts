import { CHECKS } from '../../../jwt/checks/index.js'
import { readCompactJwt } from '../../../jwt/compact.js'
import { createKeySet } from '../../../jwt/key-set.js'
import { audiences } from '../../../jwt/checks/parties.js'
import type { DecodedJwt } from '../../../jwt/types.js'
import type { TokenExchange, TokenExchangeSubjectTokenIssuersEntry } from '../../../kong/openid-connect/records.js'
import { issuerIdentifier } from '../../provider/metadata.js'
import { providerRegistry } from '../../provider/registry.js'
import type { Exchange } from '../plugin.js'
import type { AccessTokenReading } from './access-token-source.js'
import { cacheKey, ExpiringCache, SingleFlight } from './cache/expiring-cache.js'
import { claimAt, claimStrings } from './claims.js'
import { clientIndexOf } from './client-choice.js'
import type { BearerToken } from './credentials.js'
import { refusedGrant, unreachable } from './grants.js'
import { perInstance } from './per-instance.js'
import { callFor } from './provider-call.js'
import { expiryOf } from './tokens.js'
import type { AuthOutcome, OidcContext } from './types.js'
import { firstFailureOf } from './verification/run-checks.js'

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

interface Exchanged {
  readonly kind: 'exchanged'
  readonly token: string
  readonly expires_at: number | undefined
}

type Stopped = Extract<AuthOutcome, { kind: 'rejected' | 'undetermined' }>

const cacheOf = perInstance(() => ({ tokens: new ExpiringCache<Exchanged>(), flights: new SingleFlight<Exchanged | Stopped>() }))

/**
 * Exchanges a token of a listed issuer for one of our own provider (RFC 8693): always when the issuer is foreign, under conditions when
 * it is not. Everything after this works on the new token. Other tokens pass as they are.
 */
export async function exchangeToken(found: BearerToken, exchange: Exchange, context: OidcContext): Promise<AccessTokenReading> {
  const settings = context.config.token_exchange
  const jwt = readCompactJwt(found.token).value
  const entry = settings?.subject_token_issuers?.find(({ issuer }) => issuer === jwt?.payload['iss'])
  if (!settings || !jwt || !entry || !isWanted(jwt, entry, context)) return found
  const problem = await checkSubjectToken(jwt, entry, exchange, context)
  if (problem) return { kind: 'rejected', reason: 'token_invalid', detail: `subject token: ${problem}`, fallthrough: false }
  const form = exchangeForm(found.token, settings, context)
  const { tokens, flights } = cacheOf(context)
  const key = cacheKey(form.toString(), clientIndexOf(exchange))
  const cached = settings.cache?.enabled === false ? undefined : tokens.get(key, exchange.now())
  const answer = cached ?? (await flights.run(key, () => call(form, exchange, context)))
  if (answer.kind !== 'exchanged') return answer
  const until = cachedUntil(settings, answer.expires_at, exchange.now())
  if (!cached && until !== undefined) tokens.set(key, answer, until)
  return { ...found, token: answer.token }
}

function isWanted({ payload }: DecodedJwt, { issuer, conditions }: TokenExchangeSubjectTokenIssuersEntry, context: OidcContext): boolean {
  const { config } = context
  const own = [context.provider.current()?.metadata.issuer, issuerIdentifier(config.issuer)].includes(issuer ?? '')
  if (!own) return true
  const held = {
    audience: audiences(payload['aud']) ?? [],
    scopes: claimStrings(claimAt(payload, config.scopes_claim)),
  }
  const given = (['audience', 'scopes'] as const).flatMap((name) => [
    ...(conditions?.[`has_${name}`] ?? []).map((value) => held[name].includes(value)),
    ...(conditions?.[`missing_${name}`] ?? []).map((value) => !held[name].includes(value)),
  ])
  // conditions whose members are all null count as absent, and without conditions an own token is left alone
  return given.length > 0 && given.every(Boolean)
}

/** `exp` and `nbf` always; the signature with `verify_signature`, by the keys of `jwks_uri` or of that issuer's discovery. */
async function checkSubjectToken(
  jwt: DecodedJwt,
  entry: TokenExchangeSubjectTokenIssuersEntry,
  exchange: Exchange,
  { config, services }: OidcContext,
): Promise<string | undefined> {
  const options = { now: exchange.now(), leewaySeconds: config.leeway, lenientTimes: true, keys: createKeySet({ keys: [] }) }
  const times = firstFailureOf(jwt, options, [CHECKS.exp, CHECKS.nbf])
  if (times) return `${times.check}: ${times.reason}`
  if (!entry.verify_signature) return undefined
  const discovery = providerRegistry(services.provider).get(
    {
      ...config,
      issuer: entry.issuer ?? '',
      using_pseudo_issuer: entry.jwks_uri !== null,
      jwks_endpoint: entry.jwks_uri,
      extra_jwks_uris: null,
    },
    services,
  )
  const verify = async () =>
    firstFailureOf(jwt, { ...options, keys: (await discovery.load(exchange.trace)).keys }, [
      CHECKS.alg,
      CHECKS.crit,
      CHECKS.key,
      CHECKS.signature,
    ])
  try {
    let failure = await verify()
    if (failure?.code === 'token_unknown_key' && (await discovery.renew(exchange.trace))) failure = await verify()
    return failure && `${failure.check}: ${failure.reason}`
  } catch (cause) {
    return (cause as Error).message
  }
}

function exchangeForm(token: string, { request }: TokenExchange, { config }: OidcContext): URLSearchParams {
  const form = new URLSearchParams({ grant_type: GRANT_TYPE, subject_token: token, subject_token_type: ACCESS_TOKEN })
  if (!request?.empty_audience) for (const audience of request?.audience ?? config.audience ?? []) form.append('audience', audience)
  const scope = request?.empty_scopes ? '' : (request?.scopes ?? config.scopes).join(' ')
  if (scope !== '') form.set('scope', scope)
  return form
}

async function call(form: URLSearchParams, exchange: Exchange, context: OidcContext): Promise<Exchanged | Stopped> {
  const client = context.provider.client(clientIndexOf(exchange))
  if (!client) return { kind: 'rejected', reason: 'grant_refused', detail: 'no client_id is configured', fallthrough: false }
  try {
    const answer = await context.provider.token(form, callFor(exchange, client), 'token_exchange')
    if (answer.kind === 'refused') return refusedGrant(answer, false)
    const token = answer.response.access_token
    if (token === undefined)
      return { kind: 'rejected', reason: 'grant_refused', detail: 'the exchange gave no access token', fallthrough: false }
    return { kind: 'exchanged', token, expires_at: expiryOf(token, answer.response.expires_in, exchange.now()) }
  } catch (cause) {
    return unreachable(cause, context)
  }
}

/** `ttl`, at most the token's own life; an exchanged token whose end nobody knows is kept only as long as `ttl` says. */
function cachedUntil({ cache }: TokenExchange, expiresAt: number | undefined, now: number): number | undefined {
  const life = Math.min(cache?.ttl ?? Infinity, expiresAt === undefined ? Infinity : expiresAt - now / 1000)
  return Number.isFinite(life) && life > 0 ? now + life * 1000 : undefined
}
