import type { OpenIdConnectConfig } from '../../kong/openid-connect/config.js'
import { OidcgwError } from '../../errors.js'
import type { HttpResponse } from '../../host.js'
import { createKeySet, type KeySet } from '../../jwt/key-set.js'
import type { JsonObject } from '../../jwt/types.js'
import type { Certificate } from '../../kong/entities.js'
import type { TraceSink } from '../../trace/trace.js'
import type { PluginServices } from '../plugins/plugin.js'
import { readClaimsAnswer, readTokenAnswer, type ClaimsAnswer, type TokenAnswer } from './answers.js'
import { authenticateClient, chooseClientAuth } from './client-auth.js'
import { signWithClientKey } from './client-assertion.js'
import { configuredClient, type ProviderClient } from './client.js'
import type { Discovered } from './discovery.js'
import { endpointAuth, endpointUrl, isTlsMethod, mtlsEndpointUrl, type EndpointName } from './endpoints.js'
import { travel } from './http-settings.js'
import { issuerIdentifier } from './metadata.js'
import { byPosition } from './pairs.js'
import { providerRegistry } from './registry.js'
import type { ProviderPurpose } from './transport.js'

/** Who calls, for whom, and what goes beside the form. */
export interface ProviderCall {
  readonly client: ProviderClient
  readonly trace?: TraceSink
  readonly headers?: Readonly<Record<string, string>>
  /** The document's certificates: `tls_client_auth_cert_id` names one. */
  readonly certificates?: readonly Certificate[]
}

/**
 * The gateway's own small client of one provider, as one plugin instance configures it. A refusal is a value; every method throws
 * {@link OidcgwError} when it could not find out (`ERR_NETWORK`, `ERR_NETWORK_TIMEOUT`, `ERR_TLS`, `ERR_PROVIDER_RESPONSE`,
 * `ERR_PROVIDER_METADATA` for an endpoint nobody knows).
 */
export interface Provider {
  /** The issuer as configured, without the well-known suffix; what tokens are compared with is {@link Discovered.metadata}'s. */
  readonly issuer: string
  /** Metadata and keys: cached and there at once, else fetched. @throws {OidcgwError} `ERR_PROVIDER_METADATA` when nothing usable is known. */
  discover(trace?: TraceSink): Discovered | Promise<Discovered>
  /** What is cached, without asking. */
  current(): Discovered | undefined
  /** Rediscovery after an unknown `kid`, throttled. @returns whether the keys changed. */
  renewKeys(trace?: TraceSink): Promise<boolean>
  /** Keys that verify tokens for that client: with `enable_hs_signatures`, its secret too. */
  keys(discovered: Discovered, clientIndex: number): KeySet
  /** The configured client of that position (`client_arg`). */
  client(index: number): ProviderClient | undefined
  endpoint(name: EndpointName): URL | undefined
  token(form: URLSearchParams, call: ProviderCall, purpose?: 'token' | 'token_exchange'): Promise<TokenAnswer>
  introspect(form: URLSearchParams, call: ProviderCall): Promise<ClaimsAnswer>
  userinfo(accessToken: string, query: URLSearchParams, call: Omit<ProviderCall, 'client'>): Promise<ClaimsAnswer>
  /** RFC 7009; any 2xx is done. */
  revoke(form: URLSearchParams, call: ProviderCall): Promise<boolean>
  /** RFC 9126. @returns the answer as it came (201 with `request_uri`). */
  pushAuthorizationRequest(form: URLSearchParams, call: ProviderCall): Promise<HttpResponse>
  /** A JWT signed by the client (JAR, RFC 9101): `client_jwk` and `client_alg`, else the gateway's own key. */
  sign(client: ProviderClient, claims: JsonObject, typ: string): string
}

const FORM = 'application/x-www-form-urlencoded'

export function createProvider(config: OpenIdConnectConfig, services: PluginServices): Provider {
  const registry = providerRegistry(services.provider)
  const discovery = registry.get(config, services)
  const metadata = () => discovery.current()?.metadata
  const hsKeys = new Map<number, { readonly of: KeySet; readonly keys: KeySet }>()

  const post = async (purpose: ProviderPurpose, name: EndpointName, form: URLSearchParams, call: ProviderCall): Promise<HttpResponse> => {
    const { method: own, announced } = endpointAuth(config, metadata(), name)
    const method = chooseClientAuth(call.client, own, announced)
    const tls = isTlsMethod(method)
    const url = (tls ? mtlsEndpointUrl : endpointUrl)(config, metadata(), name)
    if (!url) throw new OidcgwError('ERR_PROVIDER_METADATA', `nothing is known of a ${name} at ${config.issuer}`)
    const body = new URLSearchParams(form)
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers, 'content-type': FORM }
    const assertion = {
      audience: url.href,
      now: services.now(),
      jti: services.random(16).toString('base64url'),
      ownKey: registry.signingKey,
    }
    authenticateClient(method, call.client, body, headers, assertion)
    const request = { method: 'POST', url, headers, body: body.toString(), ...travel(config, url) }
    return services.provider.send(purpose, tls ? { ...request, tls: clientTls(config, call.certificates) } : request, call.trace)
  }

  return {
    issuer: config.using_pseudo_issuer ? config.issuer : issuerIdentifier(config.issuer),
    discover: (trace) => discovery.load(trace),
    current: () => discovery.current(),
    renewKeys: (trace) => discovery.renew(trace),
    keys(discovered, index) {
      const secret = config.enable_hs_signatures ? byPosition(config.client_secret, index) : undefined
      if (secret === undefined) return discovered.keys
      let made = hsKeys.get(index)
      if (made?.of !== discovered.keys) {
        made = { of: discovered.keys, keys: createKeySet({ keys: discovered.jwks }, { secret }) }
        hsKeys.set(index, made)
      }
      return made.keys
    },
    client: (index) => configuredClient(config, index),
    endpoint: (name) => endpointUrl(config, metadata(), name),
    token: async (form, call, purpose = 'token') => readTokenAnswer(await post(purpose, 'token_endpoint', form, call)),
    introspect: async (form, call) => readClaimsAnswer('introspection', await post('introspection', 'introspection_endpoint', form, call)),
    async userinfo(accessToken, query, { trace, headers }) {
      const endpoint = endpointUrl(config, metadata(), 'userinfo_endpoint')
      if (!endpoint) throw new OidcgwError('ERR_PROVIDER_METADATA', `nothing is known of a userinfo_endpoint at ${config.issuer}`)
      for (const [name, value] of query) endpoint.searchParams.append(name, value)
      const answer = await services.provider.send(
        'userinfo',
        {
          method: 'GET',
          url: endpoint,
          headers: { accept: config.userinfo_accept, ...headers, authorization: `Bearer ${accessToken}` },
          ...travel(config, endpoint),
        },
        trace,
      )
      return readClaimsAnswer('userinfo', answer)
    },
    async revoke(form, call) {
      const { status } = await post('revocation', 'revocation_endpoint', form, call)
      return status >= 200 && status < 300
    },
    pushAuthorizationRequest: (form, call) => post('pushed_authorization_request', 'pushed_authorization_request_endpoint', form, call),
    sign: (client, claims, typ) => signWithClientKey(client, claims, { typ, ownKey: registry.signingKey }),
  }
}

function clientTls(config: OpenIdConnectConfig, certificates: readonly Certificate[] | undefined) {
  const entity = certificates?.find(({ id }) => id === config.tls_client_auth_cert_id)
  if (!entity) throw new OidcgwError('ERR_CONFIG_INVALID', `no certificate has the id ${config.tls_client_auth_cert_id ?? '(none)'}`)
  return { cert: entity.cert, key: entity.key, ...(!config.tls_client_auth_ssl_verify && { allowInvalidCertificate: true }) }
}
