import { OidcgwError } from '../../errors.js'
import { createKeySet, type KeySet } from '../../jwt/key-set.js'
import type { Jwk } from '../../jwt/types.js'
import type { OpenIdConnectConfig } from '../../kong/openid-connect/config.js'
import type { TraceSink } from '../../trace/trace.js'
import type { PluginServices } from '../plugins/plugin.js'
import { travel, type HttpSettings } from './http-settings.js'
import { discoveryUrl, isRecord, issuerIdentifier, readMetadata, type ProviderMetadata } from './metadata.js'
import { pairs } from './pairs.js'
import type { ProviderPurpose } from './transport.js'

/** After a failed attempt the next one may follow sooner (Kong 3.8). */
const RETRY_SECONDS = 5

/** The fields that decide what discovery finds: configurations that agree in all of them share one entry. */
export type DiscoveryConfig = HttpSettings &
  Pick<
    OpenIdConnectConfig,
    | 'issuer'
    | 'using_pseudo_issuer'
    | 'jwks_endpoint'
    | 'extra_jwks_uris'
    | 'discovery_headers_names'
    | 'discovery_headers_values'
    | 'cache_ttl'
    | 'rediscovery_lifetime'
  >

export interface Discovered {
  readonly metadata: ProviderMetadata
  /** The keys as fetched, for a set that also holds a client secret (`enable_hs_signatures`). */
  readonly jwks: readonly Jwk[]
  readonly keys: KeySet
}

/** What is known about one provider: fetched on the first request, renewed on demand, kept when a renewal fails. */
export interface Discovery {
  /**
   * The cached entry at once, else one fetch for all who wait. An entry older than `cache_ttl` is renewed behind the answer.
   * @throws {OidcgwError} `ERR_PROVIDER_METADATA` when nothing usable is known.
   */
  load(trace?: TraceSink): Discovered | Promise<Discovered>
  /** The cached entry without asking anybody. */
  current(): Discovered | undefined
  /** Rediscovery on an unknown `kid`: at most once per `rediscovery_lifetime`, 5 s after a failure. @returns whether keys changed. */
  renew(trace?: TraceSink): Promise<boolean>
  /** Drops everything: the next {@link load} fetches. */
  forget(): void
}

export function createDiscovery(config: DiscoveryConfig, services: Pick<PluginServices, 'now' | 'log' | 'provider'>): Discovery {
  let known: Discovered | undefined
  let knownAt = 0
  let attemptedAt = -Infinity
  let failure: unknown
  let flight: Promise<boolean> | undefined

  const mayAttempt = (): boolean => {
    const wait = failure === undefined ? config.rediscovery_lifetime : Math.min(RETRY_SECONDS, config.rediscovery_lifetime)
    return services.now() - attemptedAt >= wait * 1000
  }

  const attempt = async (trace: TraceSink | undefined): Promise<boolean> => {
    attemptedAt = services.now()
    const shown = config.issuer
    services.log(
      'notice',
      `[openid-connect] loading configuration for ${shown} using ${config.using_pseudo_issuer ? 'its fields' : 'discovery'}`,
    )
    try {
      const metadata = await fetchMetadata(config, services, trace)
      if (known && metadata.issuer !== known.metadata.issuer) {
        throw new OidcgwError('ERR_PROVIDER_METADATA', `issuer changed: expected ${known.metadata.issuer}, got ${metadata.issuer}`)
      }
      const found = await fetchKeys(config, metadata, services, trace)
      failure = found.failure
      const fetched = createKeySet({ keys: found.keys })
      // a set without any usable key is a provider's accident: the last good one stays (F-08)
      const kept = known && (fetched.keys.length === 0 || fetched.generation === known.keys.generation)
      known = known && kept ? { ...known, metadata } : { metadata, jwks: found.keys, keys: fetched }
      for (const { kid, reason } of kept ? [] : fetched.skipped)
        services.log('info', `[openid-connect] a key is left out: kid ${kid ?? 'none'}: ${reason}`)
      knownAt = services.now()
      return !kept
    } catch (cause) {
      failure = cause
      services.log('error', `[openid-connect] loading configuration for ${shown} failed: ${(cause as Error).message}`)
      return false
    }
  }

  const single = (trace: TraceSink | undefined): Promise<boolean> => {
    flight ??= attempt(trace).finally(() => (flight = undefined))
    return flight
  }

  const fetchFirst = async (trace: TraceSink | undefined): Promise<Discovered> => {
    if (flight || mayAttempt()) await single(trace)
    if (known) return known
    throw new OidcgwError('ERR_PROVIDER_METADATA', `nothing is known about ${config.issuer}: ${(failure as Error).message}`, {
      cause: failure,
    })
  }

  return {
    current: () => known,
    load(trace) {
      if (!known) return fetchFirst(trace)
      if (services.now() - knownAt >= config.cache_ttl * 1000 && !flight && mayAttempt()) void single(undefined)
      return known
    },
    renew: async (trace) => (flight || mayAttempt() ? single(trace) : false),
    forget() {
      known = failure = undefined
      attemptedAt = -Infinity
    },
  }
}

async function fetchMetadata(
  config: DiscoveryConfig,
  services: Pick<PluginServices, 'log' | 'provider'>,
  trace: TraceSink | undefined,
): Promise<ProviderMetadata> {
  if (config.using_pseudo_issuer) return { issuer: config.issuer }
  const url = discoveryUrl(config.issuer)
  if (!url) throw new OidcgwError('ERR_PROVIDER_METADATA', `issuer is no URL: ${config.issuer}`)
  const metadata = readMetadata(await fetchJson('discovery', url, config, services, trace), (member) =>
    services.log('warn', `[openid-connect] the ${member} that ${url.href} names is left out: it has no TLS, and the issuer has`),
  )
  if (!metadata) throw new OidcgwError('ERR_PROVIDER_METADATA', `no discovery document at ${url.href}`)
  if (metadata.issuer.replace(/\/$/, '') !== issuerIdentifier(config.issuer).replace(/\/$/, '')) {
    services.log(
      'warn',
      `[openid-connect] the document at ${url.href} names another issuer: ${metadata.issuer}; tokens are compared with that`,
    )
  }
  return metadata
}

/** The discovered set (or `jwks_endpoint` in its place), then the extra ones. One that fails does not spoil the others. */
async function fetchKeys(
  config: DiscoveryConfig,
  metadata: ProviderMetadata,
  services: Pick<PluginServices, 'log' | 'provider'>,
  trace: TraceSink | undefined,
): Promise<{ readonly keys: readonly Jwk[]; readonly failure: unknown }> {
  const uris = [config.jwks_endpoint ?? metadata.jwks_uri, ...(config.extra_jwks_uris ?? [])].filter((uri) => uri !== undefined)
  const sets = await Promise.allSettled(
    uris.map(async (uri): Promise<readonly Jwk[]> => {
      if (!URL.canParse(uri)) throw new OidcgwError('ERR_PROVIDER_KEYS', `no URL of a key set: ${uri}`)
      const document = await fetchJson('jwks', new URL(uri), config, services, trace)
      if (!isRecord(document) || !Array.isArray(document['keys'])) throw new OidcgwError('ERR_PROVIDER_KEYS', `no key set at ${uri}`)
      return (document['keys'] as readonly unknown[]).filter(isRecord) as readonly Jwk[]
    }),
  )
  let failure: unknown
  const keys: Jwk[] = []
  for (const set of sets) {
    if (set.status === 'fulfilled') keys.push(...set.value)
    else {
      failure = set.reason
      services.log('warn', `[openid-connect] ${(set.reason as Error).message}`)
    }
  }
  return { keys, failure }
}

async function fetchJson(
  purpose: ProviderPurpose,
  url: URL,
  config: DiscoveryConfig,
  { provider }: Pick<PluginServices, 'provider'>,
  trace: TraceSink | undefined,
): Promise<unknown> {
  const extra = purpose === 'discovery' ? Object.fromEntries(pairs(config.discovery_headers_names, config.discovery_headers_values)) : {}
  const answer = await provider.send(
    purpose,
    { method: 'GET', url, headers: { accept: 'application/json', ...extra }, ...travel(config, url) },
    trace,
  )
  if (answer.status !== 200) throw new OidcgwError('ERR_PROVIDER_METADATA', `${url.href} answered ${answer.status}`)
  try {
    return JSON.parse(answer.body.toString('utf8')) as unknown
  } catch (cause) {
    throw new OidcgwError('ERR_PROVIDER_METADATA', `${url.href} answered something else than JSON`, { cause })
  }
}
